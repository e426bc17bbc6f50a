/** What a person reads of a test: a line for each case, what went wrong where, and which cells nobody tested. */
import { toHuman } from "#base/time.ts"
import { type CellCoverage, coverageOf, shareOf } from "#case/index.ts"
import type { Terminal } from "#cli/edge.ts"
import { table } from "#cli/table.ts"
import type { SuiteTried } from "#cli/test/all.ts"
import type { Suite } from "#cli/test/suite.ts"
import type { Raised, Tried } from "#cli/test/try.ts"

const MARKS: { readonly [verdict in Tried["verdict"]]: readonly [string, string] } = {
  passed: ["✓", "32"],
  failed: ["✗", "31"],
  broken: ["!", "35"],
  cancelled: ["■", "33"],
}

const CONTEXT_LINES = 8
const TRACEBACK_LINES = 12

/** As soon as it is over. */
export function tellCase(out: Terminal, { path }: Suite, tried: Tried): void {
  const { verdict, name, durationMs, said, weak, mocked, raised } = tried
  const [mark, colour] = MARKS[verdict]
  const notes = mocked.length > 0 ? `, ${mocked.length === 1 ? "one cell" : `${mocked.length} cells`} mocked` : ""
  const lines = [
    `${painted(out, mark, colour)} ${path} › ${name} ${painted(out, `(${toHuman(durationMs)}${notes})`, "2")}`,
    ...said.map((sentence) => `    ${sentence}`),
    ...(verdict === "passed" || !raised ? [] : raisedLines(out, raised)),
    ...weak.map((sentence) => `    ${painted(out, "weak:", "33")} ${sentence}`),
  ]
  out.write(`${lines.join("\n")}\n`)
}

function painted(out: Terminal, text: string, code: string): string {
  return out.colours ? `\x1b[${code}m${text}\x1b[0m` : text
}

function raisedLines(out: Terminal, { cell, number, traceback }: Raised): string[] {
  const source = cell.source.split("\n")
  const plain = out.colours ? traceback : traceback.replaceAll(/\x1b\[[0-9;]*m/g, "")
  const trace = plain.trimEnd().split("\n")
  return [
    `    Cell ${number}:`,
    ...source.slice(0, CONTEXT_LINES).map((line, at) => `    ${String(at + 1).padStart(4)} │ ${line}`),
    ...(source.length > CONTEXT_LINES ? [`         │ … ${source.length - CONTEXT_LINES} more lines`] : []),
    ...(trace.length > TRACEBACK_LINES ? ["    …"] : []),
    ...trace.slice(-TRACEBACK_LINES).map((line) => `    ${line}`),
  ]
}

export type Summing = {
  readonly tried: readonly SuiteTried[]
  readonly untested: readonly string[]
  readonly skipped: number
  readonly durationMs: number
  /** Every cell, not only those that nobody tests. */
  readonly wholeCoverage: boolean
}

export function tellSummary(out: Terminal, { tried, untested, skipped, durationMs, wholeCoverage }: Summing): void {
  for (const one of tried) if (one.cases.length > 0 && one.suite.notebook.cells.length > 0) out.write(coverageText(one, wholeCoverage))
  for (const path of untested) out.write(`${path}: no test cases\n`)
  const all = tried.flatMap(({ cases }) => cases)
  const count = (verdict: Tried["verdict"]) => all.filter((one) => one.verdict === verdict).length
  const parts = [
    `${count("passed")} passed`,
    ...(["failed", "broken", "cancelled"] as const).flatMap((verdict) => (count(verdict) > 0 ? [`${count(verdict)} ${verdict}`] : [])),
    ...(skipped > 0 ? [`${skipped} not run`] : []),
  ]
  out.write(`${parts.join(", ")} in ${toHuman(durationMs)}\n`)
}

export function coverage({ suite, cases }: SuiteTried): readonly CellCoverage[] {
  return coverageOf(
    suite.notebook,
    cases.map(({ ran, mocked }) => ({ ran: new Set(ran), mocked: new Set(mocked) })),
  )
}

function coverageText(one: SuiteTried, isWhole: boolean): string {
  const cells = coverage(one)
  const { covered, total } = shareOf(cells)
  const shown = isWhole ? cells : cells.filter(({ cases }) => cases === 0)
  const rows = shown.map(({ number, cases, mocked, line }) => [
    `cell ${number}`,
    cases === 0 ? "never" : cases === 1 ? "1 case" : `${cases} cases`,
    mocked > 0 ? `mocked in ${mocked}` : "",
    line.length > 60 ? `${line.slice(0, 60)}…` : line,
  ])
  const head = `${one.suite.path}: ${covered} of ${total} cells run by its tests${covered < total ? "; never:" : ""}`
  return rows.length === 0 ? `${head}\n` : `${head}\n${table(rows, "  ")}\n`
}
