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
    const piece = pieceAt(text, from, place + REACH)
    // Where what is meant stands in an address only, it is shown as it is written.
    const found = (where === "prose" ? pieceOf(where, { ...piece, text: proseOf(piece.text) }, terms) : undefined) ?? pieceOf(where, piece, terms)
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

/** A part of a text, and whether something stands before and behind it. */
type Piece = { readonly text: string; readonly isBegun: boolean; readonly goesOn: boolean }

function pieceAt(text: string, from: number, to: number): Piece {
  return { text: text.slice(from, to), isBegun: from > 0, goesOn: to < text.length }
}

function pieceOf(where: SearchField, { text, isBegun, goesOn }: Piece, terms: readonly Term[]): Snippet | undefined {
  const found = rangesIn(text, terms)
  const [first] = found
  if (!first) return undefined
  const [from, to] = windowAround(text, first)
  // Code and outputs begin and end at a line more often than not, and are shown as they are.
  const before = where === "prose" && (isBegun || from > 0) && !/[\n]\s*$/.test(text.slice(0, from)) ? "…" : ""
  const after = where === "prose" && (goesOn || text.slice(to).trim() !== "") ? "…" : ""
  const cut = toWellFormed(text.slice(from, to))
  const shift = before.length - from
  const ranges = found.filter(([start, end]) => start >= from && end <= to).map(([start, end]) => [start + shift, end + shift] as const)
  // One character for one, so that the ranges still hold.
  return { where, text: before + cut.replace(/[\s\p{Cc}]/gu, " ") + after, ranges }
}

/** Markdown as it reads: without its marks, addresses of links, and HTML. A piece may begin in the middle of anything. */
function proseOf(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*(?:\s+"[^"\n]*")?\)/g, "$1")
    .replace(/<\/?[A-Za-z][^<>\n]{0,200}>/g, " ")
    .replace(/^[^\S\n]*(?:#{1,6}|>+|[-*+]|\d{1,3}[.)])[^\S\n]+/gm, "")
    .replace(/^[^\S\n]*\|?(?:[^\S\n]*:?-{3,}:?[^\S\n]*\|?)+[^\S\n]*$/gm, "")
    .replace(/(\*{1,3}|_{2,3}|~~|`{1,3})(?=\S)([^\n]*?\S)\1/g, "$2")
    .replace(/[^\S\n]*\|[^\S\n]*/g, " ")
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
  const latest = Math.min(text.length, Math.max(end, from + SNIPPET_LENGTH))
  // Not in the middle of a word, unless that is all there is.
  const last = latest < text.length ? text.slice(end, latest).search(/\s\S*$/) : -1
  return [from, last < 0 ? latest : end + last]
}
