/** Precision and recall of each rule, and of the verdict as a whole. */
import type { RuleName } from "#notebook/index.ts"
import { BREAKING, type Verdict } from "./judge.ts"

export type Case = {
  readonly name: string
  readonly isPlanted: boolean
  readonly status: string
  readonly verdict: Verdict
  /** The static analysis, for the first time with this notebook. */
  readonly ms: number
}

type RuleRow = {
  readonly rule: RuleName
  readonly right: number
  readonly wrong: number
  readonly masked: number
  /** right / (right + wrong); null without either. */
  readonly precision: number | null
  /** Notebooks whose rerun stops with what this rule is there to foretell, and how many of those stops it or another rule did. */
  readonly stops: number
  readonly foretold: number
  readonly recall: number | null
}

/** Errors that stopped a rerun, by their name, and how many of them a finding foretold at that cell. */
type StopRow = { readonly error: string; readonly stops: number; readonly foretold: number; readonly recall: number }

type VerdictRow = {
  readonly notebooks: number
  readonly agreeClean: number
  readonly agreeBroken: number
  /** Said to break, and reran clean. */
  readonly falseAlarms: number
  /** Said to rerun, and stopped. */
  readonly missed: number
  readonly accuracy: number | null
  /** Each notebook once: of those that were said to break, those that stop; of those that stop, those that were said to. */
  readonly precision: number | null
  readonly recall: number | null
  /** Of those that stop, those whose very cell was named, with its error. */
  readonly named: number | null
}

export type Part = {
  /** Not judged: ran out of time, kernel died, nothing ran. */
  readonly unjudged: number
  readonly verdict: VerdictRow
  /** The same without the notebooks that stop for want of a package. */
  readonly verdictOfSources: VerdictRow
  readonly rules: readonly RuleRow[]
  readonly stops: readonly StopRow[]
}

export type Summary = { readonly asTheyAre: Part; readonly planted: Part; readonly analysisMs: { readonly median: number; readonly max: number } }

export function summaryOf(cases: readonly Case[]): Summary {
  const times = cases.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return {
    asTheyAre: partOf(cases.filter(({ isPlanted }) => !isPlanted)),
    planted: partOf(cases.filter(({ isPlanted }) => isPlanted)),
    analysisMs: { median: rounded(times[times.length >> 1] ?? 0), max: rounded(times.at(-1) ?? 0) },
  }
}

function partOf(all: readonly Case[]): Part {
  const cases = all.filter(({ status, verdict }) => status === "ran" || verdict.stop !== undefined)
  const ran = cases.filter(({ status }) => status === "ran")
  return {
    unjudged: all.length - ran.length,
    verdict: verdictOf(ran),
    verdictOfSources: verdictOf(ran.filter(({ verdict }) => !verdict.isEnvironment)),
    rules: BREAKING.map((rule) => ruleOf(rule, ran)),
    stops: stopsOf(ran),
  }
}

function verdictOf(cases: readonly Case[]): VerdictRow {
  const count = (says: boolean, stops: boolean) =>
    cases.filter(({ verdict }) => verdict.judged.length > 0 === says && (verdict.stop !== undefined) === stops).length
  const [agreeClean, agreeBroken, falseAlarms, missed] = [count(false, false), count(true, true), count(true, false), count(false, true)]
  const stops = cases.filter(({ verdict }) => verdict.stop !== undefined)
  return {
    notebooks: cases.length,
    agreeClean,
    agreeBroken,
    falseAlarms,
    missed,
    accuracy: share(agreeClean + agreeBroken, cases.length),
    precision: share(agreeBroken, agreeBroken + falseAlarms),
    recall: share(agreeBroken, agreeBroken + missed),
    named: share(stops.filter(({ verdict }) => verdict.isForetold).length, stops.length),
  }
}

function ruleOf(rule: RuleName, cases: readonly Case[]): RuleRow {
  const its = cases.flatMap(({ verdict }) => verdict.judged.filter(({ finding }) => finding.rule === rule))
  const [right, wrong, masked] = (["right", "wrong", "masked"] as const).map((as) => its.filter(({ judgement }) => judgement === as).length) as [
    number,
    number,
    number,
  ]
  // What no other rule could know may still stand in the stored outputs.
  const isIts = ({ stop, owed, foretoldBy }: Verdict) =>
    owed === rule || foretoldBy.has(rule) || (rule === "stored_error" && stop !== undefined && !owed)
  const stops = cases.filter(({ verdict }) => isIts(verdict))
  const foretold = stops.filter(({ verdict }) => verdict.isForetold).length
  return { rule, right, wrong, masked, precision: share(right, right + wrong), stops: stops.length, foretold, recall: share(foretold, stops.length) }
}

function stopsOf(cases: readonly Case[]): readonly StopRow[] {
  const byError = Map.groupBy(
    cases.filter(({ verdict }) => verdict.stop !== undefined),
    ({ verdict }) => verdict.stop?.ename ?? "",
  )
  return [...byError]
    .map(([error, its]) => {
      const foretold = its.filter(({ verdict }) => verdict.isForetold).length
      return { error, stops: its.length, foretold, recall: share(foretold, its.length) ?? 0 }
    })
    .toSorted((a, b) => b.stops - a.stops)
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 1000) / 1000
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}

export function toText(summary: Summary): string {
  const parts = [
    ["As they are", summary.asTheyAre],
    ["Broken on purpose", summary.planted],
  ] as const
  const shown = parts.filter(([, part]) => part.verdict.notebooks > 0).map(([title, part]) => partText(title, part))
  return `${shown.join("\n")}\nAnalysis of one notebook: median ${summary.analysisMs.median} ms, longest ${summary.analysisMs.max} ms\n`
}

function partText(title: string, part: Part): string {
  const verdict = (name: string, row: VerdictRow) =>
    `  ${name}: ${row.notebooks} notebooks, ${row.agreeClean} rightly clean, ${row.agreeBroken} rightly broken, ${row.falseAlarms} false alarms, ${row.missed} missed; agreement ${percent(row.accuracy)}
    each notebook once: precision ${percent(row.precision)}, recall ${percent(row.recall)}; the very cell and error named: ${percent(row.named)}`
  const rules = part.rules
    .filter(({ right, wrong, masked, stops }) => right + wrong + masked + stops > 0)
    .map(
      ({ rule, right, wrong, masked, precision, stops, foretold, recall }) =>
        `  ${rule.padEnd(22)}${cell(right)}${cell(wrong)}${cell(masked)}  ${percent(precision).padStart(9)}${cell(stops)}${cell(foretold)}  ${percent(recall).padStart(7)}`,
    )
  const stops = part.stops.map(({ error, stops: n, foretold, recall }) => `  ${error.padEnd(22)}${cell(n)}${cell(foretold)}  ${percent(recall)}`)
  return [
    `${title} (${part.unjudged} not judged: out of time, or the kernel died)`,
    verdict("all", part.verdict),
    verdict("without missing packages", part.verdictOfSources),
    "",
    `  ${"rule".padEnd(22)}   right   wrong  masked  precision   stops foretold   recall`,
    ...rules,
    "",
    `  ${"a rerun stops with".padEnd(22)}   stops foretold  recall`,
    ...stops,
    "",
  ].join("\n")
}

function cell(value: number): string {
  return String(value).padStart(8)
}

function percent(value: number | null): string {
  return value === null ? "–" : `${(value * 100).toFixed(1)} %`
}
