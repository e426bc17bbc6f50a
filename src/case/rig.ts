/**
 * What is done to a notebook so that it can be tested: cells give way to others, and expressions are evaluated behind its last cell.
 * Everything else of it runs as it is; what was done stands in the metadata of each cell that it was done to.
 */
import { isObject, type Json, type JsonObject, own, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { ExpressionCheck, Mock, TestCase } from "#case/case.ts"
import type { Named } from "#case/named.ts"
import { plainTextOf } from "#case/output.ts"
import { isSame, quoted, short } from "#case/value.ts"
import { type Cell, isCode, kernelNameOf, languageFor, languageOf, type Notebook, tagsOf } from "#notebook/index.ts"

export type Rig = { readonly mocks: readonly Mock[]; readonly expressions: readonly ExpressionCheck[] }

/** `mocked`: ids of the cells that gave way. */
export type Rigged = { readonly notebook: Notebook; readonly mocked: readonly string[] }

/** A sentence for each thing that cannot be done. */
export type BadRig = { readonly refused: "bad_test"; readonly message: string }

/** Undefined when the notebook runs as it is. */
export function rigOf({ mocks, expects }: Pick<TestCase, "mocks" | "expects">): Rig | undefined {
  const expressions = expects.checks.flatMap((check) => (check.check === "expression" ? [check] : []))
  return mocks.length > 0 || expressions.length > 0 ? { mocks, expressions } : undefined
}

/** @param kernelName in place of the notebook's own */
export function rigged(notebook: Notebook, rig: Rig | undefined, kernelName = kernelNameOf(notebook)): Outcome<Rigged, BadRig> {
  if (!rig) return accepted({ notebook, mocked: [] })
  const places = rig.mocks.map((mock) => placeOf(notebook, mock))
  const sources = rig.expressions.map((check) => sourceOf(check, languageFor(kernelName, languageOf(notebook))))
  const problems = [...places, ...sources].flatMap((one) => (one.ok ? [] : [one.refusal]))
  if (problems.length > 0) return refused({ refused: "bad_test", message: problems.join(" ") })
  const mocks = new Map(places.flatMap((place, at) => (place.ok ? [[place.value, rig.mocks[at]?.source ?? ""] as const] : [])))
  const cells = notebook.cells.map((cell, at) => (mocks.has(at) ? marked({ ...cell, source: mocks.get(at) ?? "" }, { mocked: true }) : cell))
  const added = sources.flatMap((source, at) => (source.ok ? [expressionCell(source.value, at, cells)] : []))
  return accepted({ notebook: { ...notebook, cells: [...cells, ...added] }, mocked: [...mocks.keys()].map((at) => cells[at]?.id ?? "") })
}

function placeOf({ cells }: Notebook, { cell }: Mock): Outcome<number, string> {
  const found = cells.flatMap((one, at) => (one.id === cell || tagsOf(one).includes(cell) ? [at] : []))
  const [place] = found
  if (place === undefined) return refused(`There is no cell with the id or tag ${quoted(cell)} to be replaced.`)
  if (found.length > 1) return refused(`${found.length} cells have the tag ${quoted(cell)}: name the one to be replaced by its id.`)
  const one = cells[place]
  if (!one || !isCode(one)) return refused(`The cell ${quoted(cell)} is no code, so it cannot be replaced.`)
  if (tagsOf(one).some((tag) => tag === "parameters" || tag === "injected-parameters"))
    return refused(`The cell ${quoted(cell)} declares the parameters: give the test case other values instead of replacing it.`)
  return accepted(place)
}

function marked(cell: Cell, facts: JsonObject): Cell {
  const before = own(cell.metadata, "stet")
  return { ...cell, metadata: { ...cell.metadata, stet: { ...(isObject(before) ? before : {}), ...facts } } }
}

const ADDED = "stet-expression"

function expressionCell(source: string, at: number, cells: readonly Cell[]): Cell {
  const taken = new Set(cells.map(({ id }) => id))
  let id = idOf(at)
  while (taken.has(id)) id += "-"
  return { id, cell_type: "code", metadata: { tags: [idOf(at)], stet: { added: "test" } }, source, outputs: [], execution_count: null }
}

function idOf(at: number): string {
  return `${ADDED}-${at + 1}`
}

/** The name under which the value of an expression is given. */
function nameOf(expression: string): string {
  return `stet:${expression}`
}

/** Writers of the cell that gives a value as JSON, by the notebook's language. */
const AS_JSON: { readonly [language: string]: (expression: string, name: string) => string } = {
  // What json does not know of is asked for its plain values (numpy, pandas), else for its text.
  python: (expression, name) =>
    [
      'def _stet(value, _json=__import__("json"), _display=__import__("IPython.display").display.display):',
      '    data = _json.loads(_json.dumps(value, default=lambda one: one.tolist() if hasattr(one, "tolist") else str(one)))',
      `    _display({"application/scrapbook.scrap.json+json": {"name": ${write(name)}, "data": data, "encoder": "json", "version": 1}}, raw=True)`,
      "_stet((",
      expression,
      "))",
    ].join("\n"),
  r: (expression, name) =>
    [
      "local({",
      "value <- (",
      expression,
      ")",
      `IRdisplay::publish_mimebundle(list("application/scrapbook.scrap.json+json" = list(name = ${write(name)}, data = value, encoder = "json", version = 1)))`,
      "})",
    ].join("\n"),
}

function sourceOf({ expression, equals }: ExpressionCheck, language: string | undefined): Outcome<string, string> {
  if (equals === undefined) return accepted(expression)
  const writer = AS_JSON[language ?? ""]
  return writer
    ? accepted(writer(expression, nameOf(expression)))
    : refused(`The value of ${quoted(expression)} can be had as JSON only in Python and R: give what the kernel shows for it, as shows.`)
}

type Evaluated = { readonly result: Notebook | undefined; readonly named: Named }

/** Whether an expression came to what was expected. */
export function expressionProblem(check: ExpressionCheck, { result, named }: Evaluated): string | undefined {
  const { expression, equals, shows } = check
  if (equals !== undefined) {
    const value = own(named, nameOf(expression))
    if (value === undefined) return notEvaluated(expression)
    return isSame(value, equals) ? undefined : `${expression} was to be ${short(equals)}, and is ${short(value)}.`
  }
  const cell = result?.cells.find((one) => isAdded(one) && one.source === expression)
  if (!cell?.outputs || cell.execution_count === null) return notEvaluated(expression)
  const text = plainTextOf(cell).trim()
  return text === (shows ?? "").trim() ? undefined : `${expression} was to show ${quoted(shows ?? "")}, and shows ${quoted(text)}.`
}

function notEvaluated(expression: string): string {
  return `${expression} was not evaluated, because the run ended before it.`
}

/** Whether a cell of a result is none of the notebook's own. */
export function isAdded(cell: Cell): boolean {
  return tagsOf(cell).some((tag) => tag.startsWith(`${ADDED}-`))
}

export function isMocked({ metadata }: Cell): boolean {
  const stet: Json | undefined = own(metadata, "stet")
  return isObject(stet) && own(stet, "mocked") === true
}
