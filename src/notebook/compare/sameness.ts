/** How what was shown twice relates, from the best to the worst, and how two such answers make one. */
export type Sameness = "same" | "same_but_volatile" | "unknown" | "missing" | "differs"

/** What is said of one comparison: the answer, and one sentence that says why; "" where it is the same. */
export type Said = { readonly is: Sameness; readonly why: string }

/**
 * How far apart two numbers or pixels may be and still pass. Numbers: by their share of the larger one, or absolutely near zero.
 * Pixels: by channel of 255, and how large a share of all pixels may be further apart.
 */
export type Tolerance = {
  readonly relative: number
  readonly absolute: number
  readonly channel: number
  readonly pixels: number
}

/** Rounding of another order of summation, and of another font renderer's edges: nothing that a person would call another result. */
export const TOLERANCE: Tolerance = { relative: 1e-9, absolute: 1e-12, channel: 16, pixels: 0 }

/** What is known of the two sides, and what is asked of them. */
export type Terms = {
  readonly tolerance: Tolerance
  /** When the later side ran, in milliseconds since 1970: a date in its text that is near is a date of now. */
  readonly ranAtMs: number | undefined
  /** Tables by every value in its place, or by columns, count of rows, and each column's statistics. */
  readonly tables: "values" | "statistics"
}

export const SAME: Said = { is: "same", why: "" }

export function differs(why: string): Said {
  return { is: "differs", why }
}

export function unknown(why: string): Said {
  return { is: "unknown", why }
}

export function isVolatile(why: string): Said {
  return { is: "same_but_volatile", why }
}

const FROM_BEST: readonly Sameness[] = ["same", "same_but_volatile", "unknown", "missing", "differs"]

/** The worst, with what it says; the first of equals. */
export function worst(all: readonly Said[]): Said {
  return all.reduce((found, next) => (FROM_BEST.indexOf(next.is) > FROM_BEST.indexOf(found.is) ? next : found), SAME)
}

/** Whether it is what was stored, as far as that can be asked. */
export function passes({ is }: { readonly is: Sameness }): boolean {
  return is === "same" || is === "same_but_volatile"
}

export function isNear(a: number, b: number, { relative, absolute }: Tolerance): boolean {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return true
  // Whole numbers are counted, not rounded: under the default they are exact, however large.
  if (relative < 1e-6 && Number.isInteger(a) && Number.isInteger(b)) return false
  const apart = Math.abs(a - b)
  return apart <= absolute || apart <= relative * Math.max(Math.abs(a), Math.abs(b))
}

/** Two texts as they are quoted side by side: from shortly before where they part, when that is far in. */
export function quotedApart(before: string, after: string, most = 60): readonly [before: string, after: string] {
  const [a, b] = [before.trim().replace(/\s+/g, " "), after.trim().replace(/\s+/g, " ")]
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const from = at < most - 10 ? 0 : at - 20
  const part = (text: string) => quoted(from === 0 ? text : `…${text.slice(from).replace(/^[\udc00-\udfff]/, "")}`, most)
  return [part(a), part(b)]
}

/** A text as it is quoted in a sentence: on one line, cut where it gets long. */
export function quoted(text: string, most = 60): string {
  const line = text.trim().replace(/\s+/g, " ")
  return `“${line.length > most ? `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…` : line}”`
}
