/** The test vocabulary of notebooks. */
import fc from "fast-check"
import { type Json, type JsonObject, NumberLexeme, parse } from "#base/json.ts"
import type { Notebook } from "#notebook/document.ts"
import { type Reading, type ReadRefusal, read } from "#notebook/read.ts"

export function json(text: string): Json {
  const outcome = parse(text)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

export function reading(source: string | Uint8Array): Reading {
  const outcome = read(source)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

export function refusal(source: string | Uint8Array): ReadRefusal {
  const outcome = read(source)
  if (outcome.ok) throw new Error("this was read, and should have been refused")
  return outcome.refusal
}

/** A notebook of code cells with these sources; "# text" is a markdown cell. Ids are c0, c1, … unless given as "id: source". */
export function notebookOf(...sources: readonly string[]): Notebook {
  const cells = sources.map((given, i) => {
    const [, id = `c${i}`, source = given] = /^(\w+): (.*)$/s.exec(given) ?? []
    const common = { id, metadata: {}, source }
    return source.startsWith("# ") ? { ...common, cell_type: "markdown" } : { ...common, cell_type: "code", outputs: [], execution_count: null }
  })
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells } as Notebook
}

const lineEnds = fc.constantFrom("\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\n\n", "")

/** Texts with every line end that Python knows, and without any. */
export const arbitraryText = fc.oneof(
  fc.array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 8 }), lineEnds), { maxLength: 5 }).map((parts) => parts.flat().join("")),
  fc.string({ unit: "binary", maxLength: 30 }),
)

const arbitraryNumber = fc.oneof(
  fc.integer(),
  fc.constantFrom("1.0", "1e-7", "-0", "NaN", "-Infinity", "1180591620717411303424").map((text) => new NumberLexeme(text)),
)
const arbitraryKey = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.constantFrom("__proto__", "10", "9", "\uFB01", "\u{1F600}", "collapsed"),
)

/** What may stand in open metadata. */
export const arbitraryObject: fc.Arbitrary<JsonObject> = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    arbitraryNumber,
    arbitraryText,
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.array(fc.tuple(arbitraryKey, tie("value")), { maxLength: 3 }).map((entries) => Object.fromEntries(entries) as JsonObject),
})).object

const arbitraryBundle = fc.record(
  {
    "text/plain": arbitraryText,
    "text/html": arbitraryText,
    "image/svg+xml": arbitraryText,
    "image/png": fc.base64String(),
    "application/javascript": arbitraryText,
    "application/json": fc.oneof(arbitraryObject, fc.constant(["a\n", "b"]), arbitraryText),
    "application/vnd.x+json": arbitraryObject,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>

const arbitraryCount = fc.oneof(fc.nat(), fc.constant(null))

export const arbitraryOutput: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ output_type: fc.constant("stream"), name: fc.constantFrom("stdout", "stderr"), text: arbitraryText }),
  fc.record({ output_type: fc.constant("display_data"), data: arbitraryBundle, metadata: arbitraryObject }),
  fc.record({ output_type: fc.constant("execute_result"), data: arbitraryBundle, metadata: arbitraryObject, execution_count: arbitraryCount }),
  fc.record({ output_type: fc.constant("error"), ename: arbitraryText, evalue: arbitraryText, traceback: fc.array(arbitraryText, { maxLength: 3 }) }),
)

const arbitraryCell = fc.oneof(
  fc.record({
    cell_type: fc.constant("code"),
    metadata: arbitraryObject,
    source: arbitraryText,
    outputs: fc.array(arbitraryOutput, { maxLength: 3 }),
    execution_count: arbitraryCount,
  }),
  fc.record({ cell_type: fc.constantFrom("markdown", "raw"), metadata: arbitraryObject, source: arbitraryText }),
  fc.record({
    cell_type: fc.constant("markdown"),
    metadata: arbitraryObject,
    source: arbitraryText,
    attachments: fc.dictionary(arbitraryKey, arbitraryBundle, { maxKeys: 2 }),
  }),
)

/** Any notebook 4.5 as it is in memory. */
export const arbitraryNotebook: fc.Arbitrary<Notebook> = fc
  .record({ metadata: arbitraryObject, cells: fc.array(arbitraryCell, { maxLength: 5 }) })
  .map(
    ({ metadata, cells }) =>
      ({ nbformat: 4, nbformat_minor: 5, metadata, cells: cells.map((cell, i) => ({ ...cell, id: `cell-${i}` })) }) as unknown as Notebook,
  )
