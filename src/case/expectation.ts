/** What must come of a run of a notebook, and whether it came: every way in which it did not, a sentence each. Pure. */
import { own } from "#base/json.ts"
import { unreachable } from "#base/outcome.ts"
import type { Check, Expects, TableCheck } from "#case/case.ts"
import type { Named } from "#case/named.ts"
import { cellsNamed, plainTextOf, textOf } from "#case/output.ts"
import { matcher } from "#case/pattern.ts"
import { expressionProblem } from "#case/rig.ts"
import { snapshotProblem } from "#case/snapshot.ts"
import { tableProblem } from "#case/table-check.ts"
import { isSame, numberIn, quoted, short } from "#case/value.ts"
import type { Notebook } from "#notebook/index.ts"

export type Came = {
  readonly state: string
  readonly explanation: string
  readonly error: { readonly ename: string; readonly evalue: string } | null
  /** Undefined when the run left none. */
  readonly result: Notebook | undefined
  readonly named: Named
  /** What snapshots are compared with; undefined when there is nothing yet. */
  readonly before?: Notebook | undefined
}

/** None when it is what was expected. How it ended is looked at first: what it shows matters only when that is right. */
export function shortcomings(expects: Expects, came: Came): string[] {
  const outcome = outcomeProblem(expects, came)
  return outcome === undefined ? expects.checks.flatMap((check) => problemOf(check, came) ?? []) : [outcome]
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
  switch (check.check) {
    case "output_contains":
    case "output_equals":
    case "output_matches":
      return outputProblem(check, came.result)
    case "result_exists":
    case "result_equals":
    case "result_between":
      return resultProblem(check, came.named)
    case "table_rows":
    case "table_columns":
    case "table_value":
    case "table_no_nulls":
      return tableOfCell(check, came.result)
    case "snapshot":
      return snapshotProblem(check, came)
    case "expression":
      return expressionProblem(check, came)
    default:
      return unreachable(check)
  }
}

type OutputCheck = Extract<Check, { readonly check: "output_contains" | "output_equals" | "output_matches" }>

function outputProblem(check: OutputCheck, result: Notebook | undefined): string | undefined {
  const cells = cellsNamed(result, check.cell)
  if (cells.length === 0) return noCell(check.cell)
  if (check.check === "output_contains")
    return cells.some((one) => textOf(one).includes(check.text))
      ? undefined
      : `The output of the cell ${check.cell} does not hold ${quoted(check.text)}.`
  if (check.check === "output_equals") {
    const texts = cells.map(plainTextOf)
    const isIt = texts.includes(check.text.trimEnd())
    return isIt ? undefined : `The output of the cell ${check.cell} was to be ${quoted(check.text.trimEnd())}, and is ${quoted(texts[0] ?? "")}.`
  }
  const found = matcher(check.pattern)
  if (!found.ok) return `The pattern ${quoted(check.pattern)} cannot be used: ${found.refusal}.`
  return cells.some((one) => found.value(textOf(one).slice(0, MOST_MATCHED)))
    ? undefined
    : `The output of the cell ${check.cell} has nothing that matches ${quoted(check.pattern)}.`
}

const MOST_MATCHED = 1_000_000

function noCell(ref: string): string {
  return `There is no cell with the id or tag ${quoted(ref)}.`
}

type ResultCheck = Extract<Check, { readonly check: "result_exists" | "result_equals" | "result_between" }>

function resultProblem(check: ResultCheck, named: Named): string | undefined {
  const value = own(named, check.name)
  if (value === undefined) return `There is no result named ${quoted(check.name)}.`
  if (check.check === "result_exists") return undefined
  if (check.check === "result_equals")
    return isSame(value, check.value) ? undefined : `${check.name} was to be ${short(check.value)}, and is ${short(value)}.`
  const number = numberIn(value) ?? Number.NaN
  const isWithin = number >= (check.min ?? Number.NEGATIVE_INFINITY) && number <= (check.max ?? Number.POSITIVE_INFINITY)
  return isWithin ? undefined : `${check.name} was to be ${range(check.min, check.max)}, and is ${short(value)}.`
}

function range(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return max === undefined ? "a number" : `at most ${max}`
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`
}

function tableOfCell(check: TableCheck, result: Notebook | undefined): string | undefined {
  const cells = cellsNamed(result, check.cell)
  return cells.length === 0 ? noCell(check.cell) : tableProblem(check, cells)
}
