/** Find and replace over a whole notebook: what is drawn and what is not alike. Pure. */
import { digits } from "#web/app/words.ts"

export type FindQuery = {
  readonly text: string
  readonly isRegex: boolean
  readonly matchesCase: boolean
  readonly wholeWord: boolean
  readonly inOutputs: boolean
}

export const EMPTY_QUERY: FindQuery = { text: "", isRegex: false, matchesCase: false, wholeWord: false, inOutputs: false }

export type Searched = { readonly cell: string; readonly source: string; readonly outputs: string }
/** Offsets count UTF-16 code units of the source, or of the outputs' text. */
export type Match = { readonly cell: string; readonly place: "source" | "output"; readonly from: number; readonly to: number }
export type Found = { readonly matches: readonly Match[]; readonly problem: string; readonly isCut: boolean }

const MOST = 20_000
const NONE: Found = { matches: [], problem: "", isCut: false }

export function findAll(cells: readonly Searched[], query: FindQuery): Found {
  if (query.text === "") return NONE
  const pattern = patternOf(query)
  if (typeof pattern === "string") return { ...NONE, problem: pattern }
  const matches: Match[] = []
  for (const { cell, source, outputs } of cells) {
    for (const [from, to] of matchesIn(source, pattern)) matches.push({ cell, place: "source", from, to })
    if (query.inOutputs) for (const [from, to] of matchesIn(outputs, pattern)) matches.push({ cell, place: "output", from, to })
    if (matches.length >= MOST) return { matches: matches.slice(0, MOST), problem: "", isCut: true }
  }
  return { matches, problem: "", isCut: false }
}

/** The pattern that is meant, or a sentence that says why there is none. */
export function patternOf(query: FindQuery): RegExp | string {
  const body = query.isRegex ? query.text : query.text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
  const bounded = query.wholeWord ? `(?<![\\p{L}\\p{N}_])(?:${body})(?![\\p{L}\\p{N}_])` : body
  try {
    return new RegExp(bounded, query.matchesCase ? "gmu" : "gimu")
  } catch {
    return "This is not a regular expression yet: a bracket or a backslash is left open."
  }
}

function* matchesIn(text: string, pattern: RegExp): Generator<readonly [number, number]> {
  for (const match of text.matchAll(pattern)) {
    // One that is empty shows nothing and replaces nothing.
    if (match[0] !== "") yield [match.index, match.index + match[0].length]
  }
}

/** The source after every match in it was replaced, with `$1` and the like where the pattern is a regular expression. */
export function replaced(source: string, query: FindQuery, by: string): string {
  const pattern = patternOf(query)
  if (typeof pattern === "string" || query.text === "") return source
  const replacement = query.isRegex ? by : by.replaceAll("$", "$$$$")
  return source.replace(pattern, (match, ...rest) => (match === "" ? "" : expanded(replacement, match, rest)))
}

/** What one match becomes. */
export function replacedMatch(
  source: string,
  match: { readonly from: number; readonly to: number },
  how: { readonly query: FindQuery; readonly by: string },
): string {
  const pattern = patternOf(how.query)
  if (typeof pattern === "string" || !how.query.isRegex) return how.by
  pattern.lastIndex = match.from
  const found = pattern.exec(source)
  return found && found.index === match.from ? expanded(how.by, found[0], found.slice(1)) : how.by
}

function expanded(template: string, whole: string, rest: readonly unknown[]): string {
  return template.replace(/\$(\$|&|\d{1,2})/g, (said, which: string) => {
    if (which === "$") return "$"
    if (which === "&") return whole
    const group = rest[Number(which) - 1]
    return typeof group === "string" ? group : group === undefined && Number(which) <= rest.length ? "" : said
  })
}

/** The match after (or before) a place, and round again at the end. */
export function nextMatch(found: readonly Match[], current: number, by: 1 | -1): number {
  if (found.length === 0) return -1
  return (current + by + found.length) % found.length
}

/** "3 of 1,204". */
export function countWords(count: number, current: number, isCut: boolean): string {
  if (count === 0) return "Nothing found"
  return `${current < 0 ? "" : `${digits(current + 1)} of `}${digits(count)}${isCut ? " or more" : ""}`
}
