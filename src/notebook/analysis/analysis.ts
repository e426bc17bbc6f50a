/**
 * The static analysis of notebooks: what each cell does with names, which cells depend on which, which are stale, and what stands in
 * the way of running it again. Nothing is run. The grammar of a language is loaded when an analyst for it is opened.
 */
import type { Circumstances, MemberQuestion } from "#notebook/analysis/findings.ts"
import { type Dependency, flowOf } from "#notebook/analysis/flow.ts"
import { type Handed, handedTo, type SourceCell } from "#notebook/analysis/handed.ts"
import { type CellNames, type NameLanguage, NOTHING } from "#notebook/analysis/names.ts"
import type { Readers, Readiness } from "#notebook/analysis/readiness.ts"
import { type Sources, wantedBy } from "#notebook/analysis/sources.ts"
import { type Executed, type Stale, staleCells } from "#notebook/analysis/stale.ts"
import { isCode, kernelNameOf, languageOf, type Notebook } from "#notebook/document.ts"
import { type Language, languageFor } from "#notebook/languages.ts"

export { dismissing, findingId, mayDismiss } from "#notebook/analysis/dismissal.ts"
export { type Effect, type ToldWriting, toldWriting, type WritingCell, writingCells } from "#notebook/analysis/effect.ts"
export { isBeyond } from "#notebook/analysis/effects-place.ts"
export type { Circumstances, Finding, Fix, FixEdit, MemberQuestion } from "#notebook/analysis/findings.ts"
export { fixed } from "#notebook/analysis/fix.ts"
export type { Dependency } from "#notebook/analysis/flow.ts"
export type { CellNames } from "#notebook/analysis/names.ts"
export type { Readiness } from "#notebook/analysis/readiness.ts"
export { type Sources, sourcesFrom } from "#notebook/analysis/sources.ts"
export type { Executed, Stale } from "#notebook/analysis/stale.ts"

/** Remembers what it has read by its text: a keystroke costs one cell. */
export type Analyst = {
  readonly language: Language | undefined
  /** Whether the language is one whose names are understood; if not, everything is unknown, and nothing undefined. */
  readonly isRead: boolean
  /** What a source does with names. */
  names(source: string): CellNames
  /** Of the code cells, in this order: who uses what of whom. Give them in the order of their last execution for what they really used. */
  dependencies(cells: readonly SourceCell[]): readonly Dependency[]
  /** For each name that a cell uses: is it there, when the cells before it have run? */
  answers(cells: readonly SourceCell[], id: string): ReadonlyMap<string, Answer>
  /** `cells` are the code cells in the order of the document. */
  stale(cells: readonly (SourceCell & { readonly sourceSha256: string })[], executed: ReadonlyMap<string, Executed>): ReadonlyMap<string, Stale>
  /** Of each that is asked for, by its id, what of the other code cells and of what lies beside the notebook its result rests on. */
  handed(cells: readonly SourceCell[], asked: readonly string[], sources?: Sources): ReadonlyMap<string, Handed>
  /** The paths, as they may be, of what the notebook or one of the sources brings from beside it: they are looked for there. */
  wanted(notebook: Notebook, sources: Sources): readonly string[]
  readiness(notebook: Notebook, circumstances?: Circumstances): Readiness
  /** What `circumstances.hasMember` will be asked. */
  questions(notebook: Notebook, circumstances?: Circumstances): readonly MemberQuestion[]
}

/** "unknown" where something that no source shows may have brought it: a star import, `exec`, `%run`, a cell that cannot be read. */
export type Answer = "defined" | "undefined" | "unknown"

export function analystFor(notebook: Notebook): Promise<Analyst> {
  return openAnalyst(languageFor(kernelNameOf(notebook), languageOf(notebook)) ?? (languageOf(notebook) === "" ? "python" : undefined))
}

/** The language's grammar is loaded now; everything after that answers at once. */
export async function openAnalyst(language: Language | undefined): Promise<Analyst> {
  const [{ readinessOf, questionsOf }, known] = await Promise.all([import("#notebook/analysis/readiness.ts"), languageNames(language)])
  const names = remembering(known ?? UNREAD)
  const readers: Readers = { language, names, isRead: known !== undefined }
  const read = ({ id, source }: SourceCell) => ({ id, names: names.read(source) })
  return {
    language,
    isRead: known !== undefined,
    names: names.read,
    dependencies: (cells) => flowOf(cells.map(read), names.isBuiltin).dependencies,
    answers: (cells, id) => answersFor(cells.map(read), id, names.isBuiltin),
    stale: (cells, executed) =>
      staleCells(
        cells.map((cell) => ({ ...read(cell), sourceSha256: cell.sourceSha256 })),
        executed,
        names.isBuiltin,
      ),
    handed: (cells, asked, sources) => handedTo(cells, asked, { names, sources }),
    wanted: (notebook, sources) =>
      wantedBy(
        sources,
        notebook.cells.filter(isCode).map(({ source }) => names.read(source)),
        names.read,
      ),
    readiness: (notebook, circumstances = {}) => readinessOf(notebook, circumstances, readers),
    questions: (notebook, circumstances = {}) => questionsOf(notebook, circumstances, readers),
  }
}

async function languageNames(language: Language | undefined): Promise<NameLanguage | undefined> {
  if (language === "python") return (await import("#notebook/analysis/python.ts")).PYTHON
  if (language === "r") return (await import("#notebook/analysis/r.ts")).R
  return undefined
}

/** Any name may come from anywhere. */
const UNREAD: NameLanguage = {
  read: (source) => ({
    ...NOTHING,
    isEmpty: source.trim() === "",
    isPlain: false,
    showsValue: true,
    events: [{ do: "open", why: "", from: 0, to: source.length, chance: "sure" }],
  }),
  isBuiltin: () => false,
}

const MOST_REMEMBERED = 20_000

function remembering({ read, isBuiltin }: NameLanguage): NameLanguage {
  const known = new Map<string, CellNames>()
  return {
    isBuiltin,
    read: (source) => {
      const before = known.get(source)
      if (before) return before
      if (known.size >= MOST_REMEMBERED) known.clear()
      const names = read(source)
      known.set(source, names)
      return names
    },
  }
}

function answersFor(
  cells: readonly { readonly id: string; readonly names: CellNames }[],
  id: string,
  isBuiltin: (name: string) => boolean,
): ReadonlyMap<string, Answer> {
  const at = cells.findIndex((cell) => cell.id === id)
  const before = cells.slice(0, at + 1)
  const flow = flowOf(before, isBuiltin)
  const missing = new Set(
    flow.undefined.flatMap(({ cell, use, missing: why }) => (cell === id && why !== "value" && why !== "asks" ? [use.name] : [])),
  )
  const provided = new Set(flow.dependencies.flatMap(({ cell, name }) => (cell === id ? [name] : [])))
  const own = new Set(cells[at]?.names.events.flatMap((event) => (event.do === "define" ? [event.name] : [])) ?? [])
  const uses = cells[at]?.names.events.flatMap((event) => (event.do === "use" ? [event.name] : [])) ?? []
  return new Map(
    uses.map((name) => {
      if (missing.has(name)) return [name, "undefined"] as const
      return [name, isBuiltin(name) || provided.has(name) || own.has(name) ? "defined" : "unknown"] as const
    }),
  )
}
