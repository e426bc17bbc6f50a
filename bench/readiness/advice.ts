/**
 * Advice against labels that people gave: `advice-labels.csv` says of cells of public notebooks whether a rule holds there, and why in a
 * word. A cell is known by its notebook's name and place and by its source, so that labels of a notebook that has changed are not used.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Finding, Notebook } from "#notebook/index.ts"

/** `rule`: "*" where the whole cell was read and no advice is due. `source`: the first 12 digits of its SHA-256. */
export type Label = {
  readonly notebook: string
  readonly cell: number
  readonly source: string
  readonly rule: string
  readonly holds: boolean
  readonly why: string
}

export type Looked = { readonly name: string; readonly notebook: Notebook; readonly findings: readonly Finding[] }

type AdviceRow = {
  readonly rule: string
  /** Labelled cells of which the rule holds, and of which it does not. */
  readonly holds: number
  readonly holdsNot: number
  /** Of those, where it was found. */
  readonly right: number
  readonly wrong: number
  readonly precision: number | null
  readonly recall: number | null
}

/** What is planted, and whether it was found. */
export type PlantedVerdict = { readonly rule: string; readonly holds: boolean; readonly isFound: boolean; readonly what: string }

export type Advice = {
  readonly labels: number
  readonly used: number
  readonly rows: readonly AdviceRow[]
  readonly planted: readonly AdviceRow[]
  readonly apart: readonly string[]
}

const LABELS = fileURLToPath(new URL("advice-labels.csv", import.meta.url))

export function readLabels(file = LABELS): readonly Label[] {
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n")
  return lines.map((line) => {
    // Names of notebooks may have commas, and are put in quotes then.
    const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "")
    const [notebook = "", cell = "", source = "", rule = "", holds = "", why = ""] = fields
    if (!/^(?:yes|no)$/.test(holds)) throw new Error(`a label says neither yes nor no: ${line}`)
    return { notebook, cell: Number(cell), source, rule, holds: holds === "yes", why }
  })
}

export function adviceOf(labels: readonly Label[], looked: readonly Looked[], planted: readonly PlantedVerdict[] = []): Advice {
  const judged = labels.flatMap((label) => {
    const found = foundAt(label, looked)
    return found === undefined ? [] : [{ label, found }]
  })
  const rules = [...new Set(judged.map(({ label }) => label.rule))].filter((rule) => rule !== "*").toSorted()
  const rowOf = (rule: string) =>
    row(
      rule,
      judged.flatMap(({ label, found }) => verdictOn(label, found, rule)),
    )
  const apart = judged.flatMap(({ label, found }) =>
    rules.flatMap((rule) =>
      verdictOn(label, found, rule)
        .filter(({ holds, isFound }) => holds !== isFound)
        .map(({ isFound }) => `${isFound ? "wrongly found" : "not found"}: ${rule} in cell ${label.cell} of ${label.notebook} (${label.why})`),
    ),
  )
  const all = row(
    "all",
    rules.flatMap((rule) => judged.flatMap(({ label, found }) => verdictOn(label, found, rule))),
  )
  const rows = [...new Set(planted.map(({ rule }) => rule))].toSorted().map((rule) =>
    row(
      rule,
      planted.filter((one) => one.rule === rule),
    ),
  )
  const missed = planted
    .filter(({ holds, isFound }) => holds !== isFound)
    .map(({ isFound, what, rule }) => `${isFound ? "wrongly found" : "not found"}: ${rule}, planted: ${what}`)
  return { labels: labels.length, used: judged.length, rows: [...rules.map(rowOf), all], planted: rows, apart: [...apart, ...missed] }
}

/** The rules that were found in the cell; undefined when it is not there, or another one by now. */
function foundAt({ notebook: name, cell: number, source }: Label, looked: readonly Looked[]): ReadonlySet<string> | undefined {
  for (const one of looked) {
    const cell = one.name.endsWith(`/${name}`) ? one.notebook.cells[number - 1] : undefined
    if (!cell || createHash("sha256").update(cell.source).digest("hex").slice(0, 12) !== source) continue
    return new Set(one.findings.filter((finding) => finding.cell === cell.id).map(({ rule }) => rule))
  }
  return undefined
}

type OneVerdict = { readonly holds: boolean; readonly isFound: boolean }

function verdictOn(label: Label, found: ReadonlySet<string>, rule: string): readonly OneVerdict[] {
  return label.rule === rule || label.rule === "*" ? [{ holds: label.holds, isFound: found.has(rule) }] : []
}

function row(rule: string, verdicts: readonly OneVerdict[]): AdviceRow {
  const count = (holds: boolean, isFound?: boolean) =>
    verdicts.filter((one) => one.holds === holds && (isFound === undefined || one.isFound === isFound)).length
  const [right, wrong, holds] = [count(true, true), count(false, true), count(true)]
  const share = (part: number, whole: number) => (whole === 0 ? null : Math.round((part / whole) * 1000) / 1000)
  return { rule, holds, holdsNot: count(false), right, wrong, precision: share(right, right + wrong), recall: share(right, holds) }
}

export function adviceText({ labels, used, rows, planted }: Advice): string {
  const percent = (value: number | null) => (value === null ? "–" : `${(value * 100).toFixed(1)} %`).padStart(11)
  const lines = [...rows, ...planted.map((one) => ({ ...one, rule: `${one.rule}*` }))].map(
    ({ rule, holds, holdsNot, right, wrong, precision, recall }) =>
      `  ${rule.padEnd(22)}${[holds, holdsNot, right, wrong].map((n) => String(n).padStart(8)).join("")}${percent(precision)}${percent(recall)}`,
  )
  const head = `  ${"rule".padEnd(22)}   holds     not   right   wrong  precision     recall`
  return `Advice against ${used} of ${labels} labels (the others are of notebooks that are not here, or have changed)\n${head}\n${lines.join("\n")}\n  * planted: notebooks with outputs and parameters put into them\n`
}
