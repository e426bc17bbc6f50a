/**
 * Places in an order that anybody may insert into at any time: texts over 62 digits, compared by code unit, read as fractions.
 * Four digits count, so that appending does not make them longer; what follows lies between two of them.
 */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const BASE = DIGITS.length
const HEAD = 4
const MIDDLE = 7 * BASE ** 3

export type Gap = { readonly after: string | undefined; readonly before: string | undefined }

export function isOrder(text: unknown): text is string {
  return typeof text === "string" && /^[0-9A-Za-z]{1,256}$/.test(text)
}

/** Places for cells that are there before anybody edits. */
export function firstOrders(count: number): string[] {
  return Array.from({ length: count }, (_, i) => head(MIDDLE + i * BASE))
}

/**
 * Ascending places in the gap. `mark` is the writer's number: two who insert at one place at once get different ones.
 * Undefined when nothing lies between, which takes a writer who does not keep to the rules.
 */
export function ordersIn(gap: Gap, count: number, mark: number): string[] | undefined {
  const suffix = DIGITS.charAt(1 + (mark % (BASE - 1))) + DIGITS.charAt(1 + (Math.floor(mark / BASE) % (BASE - 1)))
  const found: string[] = []
  return fill(gap, count, { suffix, found }) ? found : undefined
}

type Filling = { readonly suffix: string; readonly found: string[] }

function fill(gap: Gap, count: number, filling: Filling): boolean {
  if (count === 0) return true
  if (gap.before === undefined || gap.after === undefined) return extend(gap, count, filling)
  const middle = between(gap.after, gap.before)
  if (middle === undefined) return false
  const place = middle + filling.suffix
  const left = Math.floor((count - 1) / 2)
  if (!fill({ after: gap.after, before: place }, left, filling)) return false
  filling.found.push(place)
  return fill({ after: place, before: gap.before }, count - 1 - left, filling)
}

/** At an end: counted on, as long as the head has room. */
function extend({ after, before }: Gap, count: number, { suffix, found }: Filling): boolean {
  if (after === undefined && before === undefined) {
    found.push(...firstOrders(count).map((place) => place + suffix))
    return true
  }
  const from = after === undefined ? headOf(before ?? "") - count : headOf(after) + 1
  if (from > 0 && from + count < BASE ** HEAD) {
    for (let i = 0; i < count; i++) found.push(head(from + i) + suffix)
    return true
  }
  return fill({ after: after ?? "0", before: before ?? "zzzzzzzz" }, count, { suffix, found })
}

function head(number: number): string {
  let [text, rest] = ["", number]
  for (let i = 0; i < HEAD; i++) {
    text = DIGITS.charAt(rest % BASE) + text
    rest = Math.floor(rest / BASE)
  }
  return text
}

function headOf(place: string): number {
  let number = 0
  for (let i = 0; i < HEAD; i++) number = number * BASE + digitAt(place, i)
  return number
}

function digitAt(place: string, i: number): number {
  return i < place.length ? DIGITS.indexOf(place.charAt(i)) : 0
}

/** A text between the two that is the beginning of neither, so that any suffix stays between. */
function between(after: string, before: string): string | undefined {
  let prefix = ""
  let isBounded = true
  for (let i = 0; i <= after.length + before.length + 1; i++) {
    const low = digitAt(after, i)
    const high = isBounded ? digitAt(before, i) : BASE
    if (low > high) return undefined
    if (high - low > 1) return prefix + DIGITS.charAt((low + high) >> 1)
    prefix += DIGITS.charAt(low)
    if (high > low) isBounded = false
  }
  return undefined
}
