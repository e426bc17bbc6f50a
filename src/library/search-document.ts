/**
 * What a notebook is found by: its texts, and their words as PostgreSQL's `tsvector` in its text form.
 *
 * Title, prose, code and outputs weigh A to D. Everything is bounded, because one `tsvector` holds at most 1 MB, one word
 * at most 2 KB and 255 places, and no place above 16,383: a phrase is found where both of its words stand before that,
 * a word wherever it stands.
 */
import { isObject, type JsonObject, own, toWellFormed } from "#base/json.ts"
import { wordsIn } from "#library/words.ts"
import { type Cell, isCode, type Notebook, type Output } from "#notebook/index.ts"

export type SearchDocument = {
  readonly prose: string
  readonly code: string
  readonly outputs: string
  /** A `tsvector` as text. */
  readonly words: string
}

export type Named = { readonly title: string; readonly path: string; readonly space: string }

// In UTF-16 units; together about 1 MB a notebook.
const MOST = { prose: 256 * 1024, code: 512 * 1024, outputs: 256 * 1024 } as const
// A single output is a table or a log: what it is about stands at its beginning.
const MOST_OF_AN_OUTPUT = 16 * 1024

/** `codeHidden`: it is found by its name and its prose alone, so that nobody can ask for its code word by word. */
export function searchDocument(named: Named, notebook: Notebook, codeHidden = false): SearchDocument {
  const texts = codeHidden ? { prose: proseOf(notebook), code: "", outputs: "" } : textsOf(notebook)
  return { ...texts, words: vectorOf(named.space, [...names(named), [texts.prose, "B"], [texts.code, "C"], [texts.outputs, "D"]]) }
}

/** The part of a document's words that follows its title, its path and its space: what a move replaces. */
export function nameWords(named: Named): string {
  return vectorOf(named.space, names(named))
}

type Weighed = readonly [text: string, weight: "A" | "B" | "C" | "D"]

/**
 * The word by which the index knows a space: with it a query that is confined to some spaces is answered by the index alone.
 * No text holds such a word, because none has a "/" in it.
 */
export function spaceWord(space: string): string {
  return `/${space}`
}

function names({ title, path }: Named): readonly Weighed[] {
  return [
    [clean(title), "A"],
    [path, "A"],
  ]
}

function textsOf({ cells }: Notebook): Omit<SearchDocument, "words"> {
  return {
    prose: joined(
      sources(cells, (cell) => !isCode(cell)),
      MOST.prose,
    ),
    code: joined(sources(cells, isCode), MOST.code),
    outputs: joined(outputTexts(cells), MOST.outputs),
  }
}

function proseOf({ cells }: Notebook): string {
  return joined(
    sources(cells, ({ cell_type: type }) => type === "markdown"),
    MOST.prose,
  )
}

function* sources(cells: readonly Cell[], chosen: (cell: Cell) => boolean): Generator<string> {
  for (const cell of cells) if (chosen(cell)) yield cell.source
}

function* outputTexts(cells: readonly Cell[]): Generator<string> {
  for (const cell of cells) for (const output of Array.isArray(cell.outputs) ? cell.outputs : []) yield* textsOfOutput(output)
}

/** Plain text only: a picture has no words, and HTML says the same as the text beside it. */
function* textsOfOutput(output: Output): Generator<string> {
  const data = own(output, "data")
  const bundle: JsonObject = isObject(data) ? data : {}
  const texts = [own(output, "text"), own(bundle, "text/plain"), own(bundle, "text/markdown"), own(output, "ename"), own(output, "evalue")]
  for (const text of texts) if (typeof text === "string") yield withoutColours(text.slice(0, MOST_OF_AN_OUTPUT))
}

function withoutColours(text: string): string {
  return text.replace(/\x1b\[[0-9;]*m/g, "")
}

/** One text of several, a line apart, cut where it is long enough. */
function joined(texts: Iterable<string>, most: number): string {
  const kept: string[] = []
  let length = 0
  for (const text of texts) {
    if (text === "") continue
    kept.push(text.slice(0, most - length))
    length += text.length + 1
    if (length >= most) break
  }
  return clean(kept.join("\n"))
}

/** PostgreSQL keeps no NUL, and UTF-8 no lone surrogate. */
function clean(text: string): string {
  return toWellFormed(text.replaceAll("\0", " "))
}

const MOST_VECTOR_BYTES = 900_000
const LAST_PLACE = 16_383
const MOST_PLACES = 255
// No phrase may reach from one text into the next.
const GAP = 10

type Places = Map<string, string[]>

function vectorOf(space: string, texts: readonly Weighed[]): string {
  const places: Places = new Map([[spaceWord(space), ["1A"]]])
  const budget = { bytes: MOST_VECTOR_BYTES }
  let place = 1
  for (const [text, weight] of texts) {
    for (const word of wordsIn(text)) {
      for (const one of [word.text, ...word.parts]) add(places, { word: one, at: `${Math.min(place, LAST_PLACE)}${weight}` }, budget)
      place++
    }
    place += GAP
  }
  return Array.from(places, ([word, at]) => `'${word}':${at.join(",")}`).join(" ")
}

function add(places: Places, { word, at }: { word: string; at: string }, budget: { bytes: number }): void {
  const known = places.get(word)
  if (known === undefined) {
    if (budget.bytes < 0) return
    places.set(word, [at])
    // As PostgreSQL keeps it: at most four bytes a UTF-16 unit, aligned, a count, a place.
    budget.bytes -= word.length * 3 + 6
  } else if (known.length < MOST_PLACES && known.at(-1) !== at && budget.bytes >= 0) {
    known.push(at)
    budget.bytes -= 2
  }
}
