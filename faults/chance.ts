/** Every random choice of a case is made from one number, which is printed: the same number makes the same choices. */
export type Chance = {
  readonly seed: number
  /** From 0, below 1. */
  next(): number
  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number
  shuffled<Item>(items: readonly Item[]): Item[]
}

export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    seed,
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    shuffled: (items) =>
      items
        .map((item) => ({ item, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
  }
}
