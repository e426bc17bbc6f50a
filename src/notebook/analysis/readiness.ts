/** Whether a notebook would run again from a fresh kernel, what else is amiss, and what mends it. */
import { withDismissals } from "#notebook/analysis/dismissal.ts"
import type { Effect } from "#notebook/analysis/effect.ts"
import { effectsOf } from "#notebook/analysis/effects.ts"
import type { Circumstances, Finding, MemberQuestion, Rule, Subject } from "#notebook/analysis/findings.ts"
import { fixed } from "#notebook/analysis/fix.ts"
import { flowOf } from "#notebook/analysis/flow.ts"
import type { NameLanguage } from "#notebook/analysis/names.ts"
import { packagesFor } from "#notebook/analysis/packages.ts"
import { KERNEL_NAMES } from "#notebook/analysis/python-builtins.ts"
import { absolutePaths, missingFiles } from "#notebook/analysis/rules/files.ts"
import { liesBeside, magicNotLoaded, missingImports } from "#notebook/analysis/rules/imports.ts"
import { lateImports } from "#notebook/analysis/rules/late-imports.ts"
import { deadCells, redefined } from "#notebook/analysis/rules/meaning.ts"
import { memberQuestions, missingMembers } from "#notebook/analysis/rules/members.ts"
import { missingNames } from "#notebook/analysis/rules/names.ts"
import { needsNetwork } from "#notebook/analysis/rules/network.ts"
import { executionOrder } from "#notebook/analysis/rules/order.ts"
import { foreignOutputs, largeOutputs, storedErrors } from "#notebook/analysis/rules/outputs.ts"
import { parametersCell } from "#notebook/analysis/rules/parameters.ts"
import { secrets } from "#notebook/analysis/rules/secrets.ts"
import { withoutSeed } from "#notebook/analysis/rules/seed.ts"
import { brokenSource, newerPython } from "#notebook/analysis/rules/source.ts"
import { type Cell, isCode, kernelNameOf, type Notebook, tagsOf } from "#notebook/document.ts"
import type { Language } from "#notebook/languages.ts"
import { declaredParameters } from "#notebook/parameters.ts"

export type Readiness = {
  /** In the order of the cells, and of their source. */
  readonly findings: readonly Finding[]
  readonly effects: readonly Effect[]
  /**
   * How straight the notebook runs from top to bottom: the share of its code cells that use nothing from below, were not run out of
   * order, and neither branch nor write at their top level; 0 to 1.
   */
  readonly linearity: number
  /** What a Python notebook imports that comes neither with Python nor from beside it, as it is installed. */
  readonly packages: readonly string[]
  /** Whether names were looked at: false in languages that are not known so well. */
  readonly isRead: boolean
}

/** How a notebook's cells are read: the language, and a reader that may remember. */
export type Readers = {
  readonly language: Language | undefined
  readonly names: NameLanguage
  readonly isRead: boolean
}

const RULES: readonly Rule[] = [
  brokenSource,
  newerPython,
  missingNames,
  missingImports,
  lateImports,
  missingMembers,
  magicNotLoaded,
  missingFiles,
  needsNetwork,
  storedErrors,
  executionOrder,
  foreignOutputs,
  redefined,
  deadCells,
  absolutePaths,
  secrets,
  parametersCell,
  withoutSeed,
  largeOutputs,
]

export function readinessOf(notebook: Notebook, circumstances: Circumstances, readers: Readers): Readiness {
  const subject = subjectOf(notebook, circumstances, readers)
  const place = new Map(notebook.cells.map(({ id }, at) => [id, at]))
  const found = RULES.flatMap((rule) => rule(subject)).toSorted(
    (a, b) => (place.get(a.cell) ?? -1) - (place.get(b.cell) ?? -1) || (a.span?.from ?? 0) - (b.span?.from ?? 0),
  )
  const effects = effectsOf(subject)
  return {
    findings: withDismissals(proven(found, { notebook, circumstances, readers }), notebook),
    effects,
    linearity: linearityOf(subject, { findings: found, effects }),
    packages: packagesOf(subject),
    isRead: readers.isRead,
  }
}

function packagesOf(subject: Subject): readonly string[] {
  if (subject.language !== "python") return []
  const imports = subject.cells.flatMap(({ names }) => names.imports)
  return packagesFor(imports.filter(({ module }) => !liesBeside(subject, module.split(".")[0] ?? "")))
}

/** What is to be asked of where the notebook is to run, before it is judged. */
export function questionsOf(notebook: Notebook, circumstances: Circumstances, readers: Readers): readonly MemberQuestion[] {
  return memberQuestions(subjectOf(notebook, circumstances, readers))
}

function subjectOf(notebook: Notebook, circumstances: Circumstances, { language, names: reading }: Readers): Subject {
  const code = notebook.cells.flatMap((cell, at) =>
    isCode(cell) && cell.source.trim() !== ""
      ? [{ id: cell.id, cell, number: at + 1, names: reading.read(cell.source), mayRaise: tagsOf(cell).includes("raises-exception") }]
      : [],
  )
  const [cells, skipped] = [code.filter(({ cell }) => !isSkipped(cell)), code.filter(({ cell }) => isSkipped(cell))]
  const brought = namesOfKernel(notebook)
  // A parameter without a value of its own is one that every run is given.
  const given = new Set(declaredParameters(notebook).parameters.flatMap(({ name, required }) => (required ? [name] : [])))
  const isBuiltin = (name: string) => reading.isBuiltin(name) || brought(name) || given.has(name)
  return { notebook, language, cells, skipped, flow: flowOf(cells, isBuiltin), circumstances, isBuiltin, read: reading.read }
}

function isSkipped(cell: Cell): boolean {
  return tagsOf(cell).includes("skip-execution")
}

function namesOfKernel(notebook: Notebook): (name: string) => boolean {
  const kernel = kernelNameOf(notebook)
  const names = KERNEL_NAMES.filter((one) => one.kernel.test(kernel)).flatMap((one) => one.names)
  return names.includes("*") ? () => true : (name) => names.includes(name)
}

type Around = { readonly notebook: Notebook; readonly circumstances: Circumstances; readonly readers: Readers }

// Each costs one more look at the notebook.
const MOST_PROVEN = 12

/** A fix is safe when, with its edits made, there is less that breaks a rerun and nothing new. */
function proven(findings: readonly Finding[], around: Around): readonly Finding[] {
  const before = new Set(findings.filter(isBreak).map(keyOf))
  let left = MOST_PROVEN
  return findings.map((finding) => {
    const { fix } = finding
    if (!fix?.isSafe) return finding
    const isSafe = left-- > 0 && mends(fixed(around.notebook, fix.edits), { before, finding, around })
    return isSafe ? finding : { ...finding, fix: { ...fix, isSafe: false } }
  })
}

function mends(notebook: Notebook, { before, finding, around }: { before: ReadonlySet<string>; finding: Finding; around: Around }): boolean {
  const subject = subjectOf(notebook, around.circumstances, around.readers)
  const after = [brokenSource, newerPython, missingNames, missingImports, magicNotLoaded].flatMap((rule) => rule(subject))
  const keys = new Set(after.filter(isBreak).map(keyOf))
  return !keys.has(keyOf(finding)) && [...keys].every((key) => before.has(key))
}

function isBreak({ kind }: Finding): boolean {
  return kind === "breaks"
}

/** Not the place, which edits shift, but what it is about. */
function keyOf({ rule, why, cell }: Finding): string {
  return `${rule} ${cell} ${why.replace(/cell \d+/g, "")}`
}

function linearityOf({ cells }: Subject, { findings, effects }: Pick<Readiness, "findings" | "effects">): number {
  if (cells.length === 0) return 1
  const bent = new Set<string>(effects.filter(({ writes, kind }) => writes && kind !== "unknown").map(({ cell }) => cell))
  for (const { rule, cell } of findings) if (["used_before_defined", "used_after_deleted", "out_of_order", "redefined"].includes(rule)) bent.add(cell)
  for (const { id, names } of cells) if (names.branches > 0) bent.add(id)
  return Math.round((1 - bent.size / cells.length) * 100) / 100
}
