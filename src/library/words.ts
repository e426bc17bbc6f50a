/**
 * The words that a text is found by: the same function cuts what is indexed and what is asked for, so the two cannot differ.
 *
 * A word is a run of letters, digits and "_", in lower case. An identifier is found by its parts too (`loadSalesData`,
 * `read_csv`), which stand at the same place as the whole. Scripts that put no space between words give one word a
 * character; a run of them that is asked for is asked for as a phrase. PostgreSQL's own parser is not used: it takes
 * `pd.read_csv` for a host and `a/b` for a file.
 */

export type Word = {
  /** Lower case, at most 64 UTF-16 units. */
  readonly text: string
  /** What else stands at its place; empty for most. */
  readonly parts: readonly string[]
  /** In UTF-16 units of the text. */
  readonly start: number
  readonly end: number
}

export const LONGEST_WORD = 64

const RUN = /[\p{L}\p{N}\p{M}_]+/gu
const PLAIN = /^[\w\u00C0-\u0DFF\uAC00-\uD7A3]*$/
// Within a run: one character of the scripts that are written without spaces, with its marks, or what is between them.
const SPACELESS = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー"
const PIECE = new RegExp(`[${SPACELESS}]\\p{M}*|[^${SPACELESS}]+`, "gu")
const ASCII_PART = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}[\p{Ll}\p{M}]*|\p{N}+|[^\p{Lu}\p{Ll}\p{N}_]+/gu

export function* wordsIn(text: string): Generator<Word> {
  // Texts repeat their words: each is folded and taken apart once.
  const known = new Map<string, Folded>()
  for (const { 0: run, index } of text.matchAll(RUN)) {
    const pieces = PLAIN.test(run) ? [{ 0: run, index: 0 }] : run.matchAll(PIECE)
    for (const { 0: piece, index: at } of pieces) {
      const folded = known.get(piece) ?? foldedOf(piece)
      known.set(piece, folded)
      const start = index + at
      if (folded.text !== "") yield { ...folded, start, end: start + piece.length }
    }
  }
}

type Folded = Pick<Word, "text" | "parts">

function foldedOf(run: string): Folded {
  const text = fold(run)
  return { text, parts: partsOf(run, text) }
}

/** Lower case, composed, and without the "_" at either end that says nothing (`_private`, `__init__`). */
function fold(run: string): string {
  const bare = run.startsWith("_") || run.endsWith("_") ? run.replace(/^_+|_+$/g, "") : run
  return cut(bare.toLowerCase().normalize("NFC"))
}

function cut(text: string): string {
  if (text.length <= LONGEST_WORD) return text
  const last = text.charCodeAt(LONGEST_WORD - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_WORD - 1 : LONGEST_WORD)
}

// Digests and encoded data are runs of hundreds of letters and digits that nobody asks for by their pieces.
const LONGEST_IDENTIFIER = 128

function partsOf(run: string, folded: string): readonly string[] {
  if (run.length > LONGEST_IDENTIFIER || (run === folded && !run.includes("_") && !/\p{N}/u.test(run))) return []
  // What Unicode asks of a pattern takes ten times as long, and nearly all identifiers are ASCII.
  const pattern = /^\w*$/.test(run) ? ASCII_PART : PART
  const parts = new Set(Array.from(run.matchAll(pattern), ([part]) => fold(part)))
  parts.delete(folded)
  parts.delete("")
  return [...parts]
}
