/** What must come of a test run, and whether it came. Pure. */
import { isList, isObject, type Json, type JsonObject, own, write } from "#base/json.ts"
import { type Cell, type Notebook, type Output, tagsOf } from "#notebook/index.ts"

export type Expects = {
  readonly outcome: "succeeds" | "fails"
  /** Of the error, when it is to fail: its name, and a part of what it says. */
  readonly ename?: string | undefined
  readonly message?: string | undefined
  readonly checks: readonly Check[]
}

/** A cell is named by its id or one of its tags. Named results are those of scrapbook and papermill. */
export type Check =
  | { readonly check: "output_contains"; readonly cell: string; readonly text: string }
  | { readonly check: "result_equals"; readonly name: string; readonly value: Json }
  | { readonly check: "result_between"; readonly name: string; readonly min?: number | undefined; readonly max?: number | undefined }

export const SUCCEEDS: Expects = { outcome: "succeeds", checks: [] }

export type Came = {
  readonly state: string
  readonly explanation: string
  readonly error: { readonly ename: string; readonly evalue: string } | null
  /** Undefined when the run left none. */
  readonly result: Notebook | undefined
  readonly named: { readonly [name: string]: Json }
}

/** Every way in which it is not what was expected, a sentence each; none when it is. */
export function shortcomings(expects: Expects, came: Came): string[] {
  const outcome = outcomeProblem(expects, came)
  return outcome === undefined ? expects.checks.flatMap((check) => problemOf(check, came) ?? []) : [outcome]
}

/** A test that passes whatever the notebook computes proves only that it does not raise. */
export function provesNothing({ outcome, checks, ename, message }: Expects): boolean {
  return checks.length === 0 && outcome === "fails" && ename === undefined && message === undefined
}

function outcomeProblem({ outcome, ename, message }: Expects, { state, explanation, error }: Came): string | undefined {
  if (outcome === "succeeds")
    return state === "succeeded" ? undefined : `It was to succeed, and ${said(state)}: ${explanation || "nothing more is known."}`
  if (state !== "failed") return `It was to fail, and ${said(state)}.`
  if (ename !== undefined && error?.ename !== ename)
    return `It was to fail with ${ename}, and failed with ${error?.ename ?? "something that is no error of the notebook"}.`
  if (message !== undefined && !(error?.evalue ?? "").includes(message))
    return `Its error was to say ${quoted(message)}, and said ${quoted(error?.evalue ?? "")}.`
  return undefined
}

function said(state: string): string {
  return { succeeded: "it succeeded", failed: "it failed", cancelled: "it was cancelled", lost: "its worker was lost" }[state] ?? `it is ${state}`
}

function problemOf(check: Check, came: Came): string | undefined {
  if (check.check === "output_contains") return outputProblem(check, came.result)
  const value = own(came.named, check.name)
  if (value === undefined) return `There is no result named ${quoted(check.name)}.`
  if (check.check === "result_equals")
    return write(value) === write(check.value) ? undefined : `${check.name} was to be ${short(check.value)}, and is ${short(value)}.`
  const number = typeof value === "number" ? value : Number.NaN
  const isWithin = number >= (check.min ?? Number.NEGATIVE_INFINITY) && number <= (check.max ?? Number.POSITIVE_INFINITY)
  return isWithin ? undefined : `${check.name} was to be ${range(check.min, check.max)}, and is ${short(value)}.`
}

function outputProblem({ cell, text }: { readonly cell: string; readonly text: string }, result: Notebook | undefined): string | undefined {
  const cells = result?.cells.filter((one) => one.id === cell || tagsOf(one).includes(cell)) ?? []
  if (cells.length === 0) return `There is no cell with the id or tag ${quoted(cell)}.`
  return cells.some((one) => textOf(one).includes(text)) ? undefined : `The output of the cell ${cell} does not hold ${quoted(text)}.`
}

function textOf({ outputs = [] }: Cell): string {
  return outputs.flatMap(textsOf).join("\n")
}

function textsOf(output: Output): string[] {
  const data = own(output, "data")
  const bundle: JsonObject = isObject(data) ? data : {}
  return [own(output, "text"), ...Object.entries(bundle).flatMap(([mime, value]) => (mime.startsWith("text/") ? [value] : []))].flatMap((text) =>
    typeof text === "string" ? [text] : isList(text) ? [text.map(String).join("")] : [],
  )
}

function range(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}

function short(value: Json): string {
  const text = write(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
