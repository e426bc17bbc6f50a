/** A string that only its owner mints: `Id<"Run">` cannot be passed where `Id<"Version">` is meant. */
export type Id<Noun extends string> = string & { readonly __noun: Noun }

/** Randomness as an argument. `bytes(n)` gives n unpredictable bytes. */
export type Random = { bytes(count: number): Uint8Array }

/**
 * A new id: 48 bits of time, then 80 random bits, in 26 characters of Crockford's base 32 (the ULID form),
 * so that ids sort by when they were made.
 */
export function newId<Noun extends string>(atMs: number, random: Random): Id<Noun> {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  let time = ""
  let rest = atMs
  for (let i = 0; i < 10; i++) {
    time = digits[rest % 32] + time
    rest = Math.floor(rest / 32)
  }
  const noise = Array.from(random.bytes(16), (byte) => digits[byte % 32]).join("")
  return (time + noise) as Id<Noun>
}
