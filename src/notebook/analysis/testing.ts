/** The test vocabulary of the analysis: notebooks as lists of sources, and what is found in them as lines. */
import { type Circumstances, type Finding, fixed, openAnalyst } from "#notebook/analysis/analysis.ts"
import { flowOf } from "#notebook/analysis/flow.ts"
import { PYTHON } from "#notebook/analysis/python.ts"
import { R } from "#notebook/analysis/r.ts"
import type { Cell, Notebook } from "#notebook/document.ts"

/** A source, or a cell of another type, or one with tags, an execution count and outputs. */
export type Given =
  | string
  | {
      readonly source: string
      readonly type?: "markdown" | "raw"
      readonly tags?: readonly string[]
      readonly count?: number | null
      readonly outputs?: readonly object[]
    }

/** A Python notebook with the cells c1, c2, … */
export function python(...given: readonly Given[]): Notebook {
  return { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: "python" } }, cells: given.map(cellOf) } as unknown as Notebook
}

function cellOf(given: Given, at: number): Cell {
  const { source, type, tags, count = null, outputs = [] } = typeof given === "string" ? { source: given } : given
  if (type) return { id: `c${at + 1}`, cell_type: type, metadata: {}, source } as unknown as Cell
  return { id: `c${at + 1}`, cell_type: "code", metadata: tags ? { tags } : {}, source, outputs, execution_count: count } as unknown as Cell
}

/** "name: cell nowhere|later|deleted|value|asks", with a "?" where the code hardly ever runs; the cell is the one that runs into it. */
export function wrong(...sources: readonly string[]): string {
  return wrongIn(PYTHON, sources)
}

export function wrongInR(...sources: readonly string[]): string {
  return wrongIn(R, sources)
}

function wrongIn(language: typeof PYTHON, sources: readonly string[]): string {
  const cells = sources.map((source, at) => ({ id: String(at + 1), names: language.read(source) }))
  const lines = flowOf(cells, language.isBuiltin).undefined.map(
    ({ use, missing, raisesIn, chance }) => `${use.name}: ${raisesIn} ${missing}${chance === "unlikely" ? "?" : ""}`,
  )
  return [...new Set(lines)].join(", ")
}

/** "3<1 x, …": cell 3 uses x of cell 1. */
export async function dependencies(language: "python" | "r", ...sources: readonly string[]): Promise<string> {
  const analyst = await openAnalyst(language)
  const found = analyst.dependencies(sources.map((source, at) => ({ id: String(at + 1), source })))
  return found.map(({ cell, on, name }) => `${cell}<${on} ${name}`).join(", ")
}

export async function findings(notebook: Notebook, circumstances: Circumstances = {}): Promise<readonly Finding[]> {
  return (await openAnalyst("python")).readiness(notebook, circumstances).findings
}

/** "rule cell:line", without the one that every notebook without parameters has. */
export async function rules(notebook: Notebook, circumstances: Circumstances = {}): Promise<string> {
  const found = await findings(notebook, circumstances)
  return found
    .filter(({ rule }) => rule !== "no_parameters")
    .map(({ rule, cell, line, kind, certainty }) => `${rule} ${cell}:${line}${kind === "breaks" ? "!" : ""}${certainty ? ` ${certainty}` : ""}`)
    .join(", ")
}

/** The sources after the fixes that are safe, with a line of dashes between cells. */
export async function mended(notebook: Notebook, circumstances: Circumstances = {}): Promise<string> {
  const [first] = (await findings(notebook, circumstances)).filter(({ fix }) => fix?.isSafe)
  const after = first?.fix ? fixed(notebook, first.fix.edits) : notebook
  return after.cells.map(({ source }) => source).join("\n---\n")
}
