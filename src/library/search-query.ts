/**
 * What people type into the search field, as a value: words, "phrases", -not, and filters in:space or in:space/folder,
 * owner:login (or owner:me), tag:name, lang:name. Everything else is words, so that `pd.read_csv` or `s3://bucket` can be
 * pasted as it is.
 */
import { toWellFormed } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { wordsIn } from "#library/words.ts"

export type Term = {
  /** Words that follow each other; at least one. */
  readonly words: readonly string[]
  /** Whether the last word may go on: not in quotes, and long enough that this does not match everything. */
  readonly open: boolean
  /** As typed, for looking it up in names. */
  readonly text: string
}

export type FilterName = "in" | "owner" | "tag" | "lang"
export type Filter = { readonly name: FilterName; readonly value: string; readonly not: boolean }

export type SearchQuery = { readonly all: readonly Term[]; readonly none: readonly Term[]; readonly filters: readonly Filter[] }

export type BadQuery = { readonly refused: "bad_query"; readonly message: string; readonly path: string }

export const LONGEST_QUERY = 500
const MOST_TERMS = 20
// Shorter beginnings match a large part of all words there are.
const SHORTEST_OPEN = 3

const TERM = /(-?)(?:(in|owner|tag|lang):(?:"([^"]*)"?|(\S+))|"([^"]*)"?|(\S+))/giu

export function toSearchQuery(typed: string): Outcome<SearchQuery, BadQuery> {
  if (typed.length > LONGEST_QUERY) return bad(`What is searched for has at most ${LONGEST_QUERY} characters.`)
  const all: Term[] = []
  const none: Term[] = []
  const filters: Filter[] = []
  for (const [, minus, name, quotedValue, value, quoted, word] of toWellFormed(typed.replaceAll("\0", " ")).matchAll(TERM)) {
    const not = minus === "-"
    if (name !== undefined) filters.push({ name: name.toLowerCase() as FilterName, value: (quotedValue ?? value ?? "").trim(), not })
    else for (const term of termsOf(quoted ?? word ?? "", quoted !== undefined)) (not ? none : all).push(term)
  }
  if (all.length + none.length + filters.length > MOST_TERMS)
    return bad(`At most ${MOST_TERMS} words, phrases and filters can be searched for at once.`)
  const empty = filters.find(({ value }) => value === "")
  if (empty) return bad(`${empty.name}: says nothing; write ${EXAMPLES[empty.name]}.`)
  if (all.length + none.length + filters.length === 0) return bad("There is no word in what is searched for: give a letter or a digit.")
  return accepted({ all, none, filters })
}

const EXAMPLES: Record<FilterName, string> = {
  in: "in:sales or in:sales/reports",
  owner: "owner:login or owner:me",
  tag: "tag:weekly",
  lang: "lang:python",
}

function bad(message: string): { readonly ok: false; readonly refusal: BadQuery } {
  return refused({ refused: "bad_query", message, path: "q" })
}

function termsOf(text: string, quoted: boolean): readonly Term[] {
  const words = Array.from(wordsIn(text), (word) => word.text)
  if (words.length === 0) return []
  return [{ words, open: !quoted && (words.at(-1) ?? "").length >= SHORTEST_OPEN, text }]
}

/**
 * The query as PostgreSQL's `tsquery` in its text form; "" when nothing is asked of the words.
 * `loose` takes phrases for their words alone, which the index answers without looking at the rows.
 */
export function toTsquery({ all, none }: Pick<SearchQuery, "all" | "none">, how: "exact" | "loose"): string {
  const join = how === "exact" ? " <-> " : " & "
  const wanted = all.map((term) => `(${lexemes(term).join(join)})`)
  const unwanted = how === "exact" ? none.map((term) => `!(${lexemes(term).join(join)})`) : []
  return [...wanted, ...unwanted].join(" & ")
}

/** Narrows a query to some words that no text holds: at least one of them. */
export function toTsqueryWithin(tsquery: string, words: readonly string[]): string {
  return `(${tsquery}) & (${words.map((word) => `'${word}'`).join(" | ")})`
}

// Words hold letters, marks, digits and "_" only, so there is nothing in them to escape.
function lexemes({ words, open }: Term): readonly string[] {
  return words.map((word, i) => (open && i === words.length - 1 ? `'${word}':*` : `'${word}'`))
}

/** Whether a text is the query's: what the database answers, said once more for the pieces that are shown. */
export function isWanted(word: { readonly text: string; readonly parts: readonly string[] }, terms: readonly Term[]): boolean {
  return terms.some(({ words, open }) =>
    words.some((wanted, i) => [word.text, ...word.parts].some((one) => (open && i === words.length - 1 ? one.startsWith(wanted) : one === wanted))),
  )
}
