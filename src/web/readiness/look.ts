/** What was found in the draft as it stands, as the page shows it. Pure. */
import { type Effect, type Finding, type Notebook, type Readiness, writingCells } from "#notebook/index.ts"
import { digits } from "#web/app/words.ts"
import type { Around } from "#web/readiness/around-known.ts"

export type Look = Readiness & {
  /** What was looked at. */
  readonly notebook: Notebook
  readonly breaks: readonly Finding[]
  readonly advice: readonly Finding[]
  /** What somebody let stand, with a reason. */
  readonly dismissed: readonly Finding[]
  /** Of each cell in which something stands that breaks a rerun. */
  readonly marks: ReadonlyMap<string, readonly Finding[]>
  /** What was known of where it would run. */
  readonly knows: { readonly modules: boolean; readonly files: boolean }
}

export function lookOf(notebook: Notebook, readiness: Readiness, around: Around | null = null): Look {
  const open = readiness.findings.filter((finding) => finding.dismissed === undefined)
  const breaks = open.filter(({ kind }) => kind === "breaks")
  return {
    ...readiness,
    notebook,
    breaks,
    advice: open.filter(({ kind }) => kind !== "breaks"),
    dismissed: readiness.findings.filter((finding) => finding.dismissed !== undefined),
    marks: byCell(breaks),
    knows: { modules: Boolean(around?.environment?.modules), files: Boolean(around?.files) },
  }
}

function byCell(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const cells = new Map<string, Finding[]>()
  for (const finding of findings) cells.set(finding.cell, [...(cells.get(finding.cell) ?? []), finding])
  return cells
}

/** Among all cells, from 1; undefined when it is not there. */
export function numberOf({ cells }: Notebook, cell: string): number | undefined {
  const at = cells.findIndex(({ id }) => id === cell)
  return at < 0 ? undefined : at + 1
}

/** "Cell 3, line 2" */
export function placeWords(notebook: Notebook, { cell, line, span }: Finding): string {
  const number = numberOf(notebook, cell)
  if (number === undefined) return "The notebook"
  return span === undefined ? `Cell ${number}` : `Cell ${number}, line ${line}`
}

/** "2 findings break a rerun." */
export function verdictWords({ breaks, isRead }: Look): string {
  if (breaks.length === 1) return "1 finding breaks a rerun."
  if (breaks.length > 1) return `${digits(breaks.length)} findings break a rerun.`
  return isRead ? "Nothing was found that breaks a rerun." : "Nothing was found, but not everything was understood."
}

/** What was looked at and what nobody can know without running it: two sentences or three. */
export function limitWords({ notebook, isRead, knows }: Look): readonly string[] {
  const count = notebook.cells.filter((cell) => cell.cell_type === "code" && cell.source.trim() !== "").length
  const cells = count === 1 ? "1 code cell" : `${count} code cells`
  if (isRead)
    return [
      `Looked at in ${cells}: syntax, which names are defined before they are used, the order of execution, stored outputs, secrets, paths and chance${aroundWords(knows)}.`,
      `Not known before it runs: whether ${unknownWords(knows)} are there, and what the data says.`,
    ]
  return [
    `Looked at in ${cells}: the order of execution, stored outputs, secrets and paths.`,
    "The names of this language are not understood here: what is used before it is defined is not found.",
    "Running it afresh tells.",
  ]
}

function aroundWords({ modules, files }: Look["knows"]): string {
  const looked = [...(modules ? ["which modules its environment has"] : []), ...(files ? ["which files lie beside it"] : [])]
  return looked.length === 0 ? "" : `; ${looked.join(", and ")}`
}

function unknownWords({ modules, files }: Look["knows"]): string {
  const unknown = [...(modules ? [] : ["modules"]), ...(files ? [] : ["files"])]
  return unknown.length === 0 ? "services" : `${unknown.join(", ")} and services`
}

/** Cells that change something outside when they run: one line for each cell, in order. */
export type Writing = { readonly cell: string; readonly number: number; readonly what: readonly string[] }

export function writingsIn({ notebook, effects }: Look): readonly Writing[] {
  return writingCells(notebook, effects).map(({ cell, index, effects: own }) => ({
    cell,
    number: index + 1,
    what: [...new Set(own.map(effectWords))],
  }))
}

const PLACES: Readonly<Record<Effect["kind"], string>> = {
  file: "writes files",
  sql: "changes a database",
  network: "sends over the network",
  process: "runs a command",
  unknown: "may change anything",
}

function effectWords({ kind, what, through }: Effect): string {
  return `${PLACES[kind]} (\`${what}\`${through === "" ? "" : ` in \`${through}\``})`
}

/** A sentence with `code` in it, in pieces. */
export function piecesOf(sentence: string): readonly { readonly text: string; readonly isCode: boolean }[] {
  return sentence
    .split("`")
    .map((text, at) => ({ text, isCode: at % 2 === 1 }))
    .filter(({ text }) => text !== "")
}

export function plainWords(sentence: string): string {
  return sentence.replaceAll("`", "")
}
