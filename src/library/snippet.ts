/** The piece of a text in which something was found: text and ranges, never markup, because the text is anybody's. */
import { toWellFormed } from "#base/json.ts"
import { isWanted, type Term } from "#library/search-query.ts"
import { wordsIn } from "#library/words.ts"

export type SearchField = "title" | "path" | "prose" | "code" | "outputs"

export type Snippet = {
  readonly where: SearchField
  /** One line. */
  readonly text: string
  /** What was found: from and to in UTF-16 units of `text`, in order, not overlapping. */
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

const SNIPPET_LENGTH = 160

/** Undefined when nothing of it was found there. */
export function snippetOf(where: SearchField, text: string, terms: readonly Term[]): Snippet | undefined {
  const tried = new Set<number>()
  for (const place of placesOf(text, terms)) {
    // Looked at in pieces, so that a long text is not cut into words as a whole.
    const from = Math.max(0, place - REACH)
    if (tried.has(from)) continue
    if (tried.size === MOST_TRIED) return undefined
    tried.add(from)
    const found = pieceOf(where, text.slice(from, place + REACH), terms)
    if (found) return found
  }
  return undefined
}

const REACH = 400
const MOST_TRIED = 20

/** Where the words stand in the text, perhaps inside of others ("art" in "start"), in no order. */
function* placesOf(text: string, terms: readonly Term[]): Generator<number> {
  const folded = text.toLowerCase()
  for (const word of terms.flatMap(({ words }) => words)) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + REACH)) yield at
  }
}

function pieceOf(where: SearchField, text: string, terms: readonly Term[]): Snippet | undefined {
  const found = rangesIn(text, terms)
  const [first] = found
  if (!first) return undefined
  const [from, to] = windowAround(text, first)
  const cut = toWellFormed(text.slice(from, to))
  const ranges = found.filter(([start, end]) => start >= from && end <= to).map(([start, end]) => [start - from, end - from] as const)
  // One character for one, so that the ranges still hold.
  return { where, text: cut.replace(/[\s\p{Cc}]/gu, " "), ranges }
}

function rangesIn(text: string, terms: readonly Term[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const word of wordsIn(text)) {
    if (!isWanted(word, terms)) continue
    const last = ranges.at(-1)
    // Characters of one word in a script without spaces are one range.
    if (last && last[1] === word.start) last[1] = word.end
    else ranges.push([word.start, word.end])
  }
  return ranges
}

/** Begins a little before the match, at a line or a word where there is one. */
function windowAround(text: string, [start, end]: readonly [number, number]): readonly [number, number] {
  const earliest = Math.max(0, start - 40)
  const line = text.lastIndexOf("\n", start - 1) + 1
  const space = text.indexOf(" ", earliest) + 1
  const from = line >= earliest ? line : earliest > 0 && space > 0 && space <= start ? space : earliest
  return [from, Math.min(text.length, Math.max(end, from + SNIPPET_LENGTH))]
}
