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

// Letters, marks, digits, "_"; one character each of the scripts that are written without spaces.
const RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]\p{M}*|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー])[\p{L}\p{N}\p{M}_])+/gu
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}[\p{Ll}\p{M}]*|\p{N}+|[^\p{Lu}\p{Ll}\p{N}_]+/gu

export function* wordsIn(text: string): Generator<Word> {
  for (const match of text.matchAll(RUN)) {
    const [run] = match
    const folded = fold(run)
    if (folded !== "") yield { text: folded, parts: partsOf(run, folded), start: match.index, end: match.index + run.length }
  }
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
  if (run.length > LONGEST_IDENTIFIER || !/[_\p{N}]|\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u.test(run)) return []
  const parts = new Set(Array.from(run.matchAll(PART), ([part]) => fold(part)))
  parts.delete(folded)
  parts.delete("")
  return [...parts]
}
