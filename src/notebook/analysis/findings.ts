/** What a look at a notebook finds, and the edits that would mend it. */

import type { Flow } from "#notebook/analysis/flow.ts"
import type { CellNames, Span } from "#notebook/analysis/names.ts"
import type { Sources } from "#notebook/analysis/sources.ts"
import type { Cell, Notebook } from "#notebook/document.ts"
import type { Language } from "#notebook/languages.ts"

/** `breaks`: a rerun from a fresh kernel stops there. `advice`: it goes on, and something is amiss all the same. */
export type FindingKind = "breaks" | "advice"

/** Every rule with what it is about. */
export const RULES = {
  broken_source: "The source is not the language, so the cell does not run at all",
  newer_python: "Syntax that the environment's Python does not know",
  undefined_name: "A name that no cell defines",
  used_before_defined: "A name that is defined only further down",
  used_after_deleted: "A name that a cell above has deleted",
  calls_a_value: "A number, text or list that is called like a function",
  missing_import: "A module that the environment does not have",
  missing_member: "Something that an installed module does not have",
  missing_file: "A file that is read and is not there",
  needs_network: "An address that is asked, without a network",
  magic_not_loaded: "A magic whose extension is not loaded",
  asks_for_input: "A question, when nobody is there to answer",
  stored_error: "The cell raised when it was last run",
  perhaps_undefined: "A name that no cell defines, in code that may never run",
  out_of_order: "Cells were run in another order than they stand in",
  not_run: "Cells were not run, while others were",
  foreign_output: "An output that the cell's source did not make",
  redefined: "A name that means something else further down",
  dead_cell: "A cell that nothing depends on",
  absolute_path: "A path of one machine",
  secret: "A secret in what it says or shows",
  no_parameters: "No cell is tagged parameters",
  late_parameters: "The parameters come after code that runs",
  no_seed: "Chance without a seed",
  large_output: "More output than a notebook carries well",
} as const

export type RuleName = keyof typeof RULES

export type Finding = {
  readonly rule: RuleName
  readonly kind: FindingKind
  /** The id of the cell in which it stands; "" when it is about the notebook. */
  readonly cell: string
  /** In the cell's source; undefined when the whole cell is meant. */
  readonly span: Span | undefined
  /** Of the span in its cell, from 1. */
  readonly line: number
  /** One sentence. */
  readonly why: string
  /** The cell at which a rerun stops; "" for advice. Another than `cell` where a function is called elsewhere. */
  readonly stopsAt: string
  /** `verified`: by its own check digits or by a form that nothing else has; a guess may be wrong. Secrets only. */
  readonly certainty?: "verified" | "guess"
  readonly fix?: Fix
  /** Why somebody let it stand: see dismissal.ts. */
  readonly dismissed?: string
}

export type Fix = {
  /** As on a button: "Move cell 7 above cell 3". */
  readonly title: string
  /** Looked at again with the edits made, it is mended and nothing else is worse: may be done without asking. */
  readonly isSafe: boolean
  readonly edits: readonly FixEdit[]
}

/** Edits are made one after the other. Places are ids; "" before the first cell or after the last one. */
export type FixEdit =
  | { readonly kind: "move_cell"; readonly cell: string; readonly before: string }
  | { readonly kind: "delete_cell"; readonly cell: string }
  | { readonly kind: "insert_cell"; readonly id: string; readonly before: string; readonly source: string; readonly tags: readonly string[] }
  | { readonly kind: "replace"; readonly cell: string; readonly from: number; readonly to: number; readonly text: string }
  | { readonly kind: "tag_cell"; readonly cell: string; readonly tag: string }
  | { readonly kind: "clear_outputs"; readonly cell: string }

/** What is known of where the notebook is to run; what is left out is not judged. */
export type Circumstances = {
  /** The top-level modules that can be imported there. */
  readonly modules?: ReadonlySet<string>
  /** Whether a path, as the source has it, leads to a file; undefined when that cannot be known. */
  readonly hasFile?: (path: string) => boolean | undefined
  /** Whether a module there has what is read of it; undefined when that cannot be known. */
  readonly hasMember?: (question: MemberQuestion) => boolean | undefined
  /** false: whatever is not there cannot be fetched while it runs. */
  readonly hasNetwork?: boolean
  /** "3.11" */
  readonly pythonVersion?: string
  /** What lies beside it and may be imported: what it changes is told of the cells that run it. */
  readonly sources?: Sources
  /** Outputs of a cell beyond this many characters are large; default a million. */
  readonly largeOutput?: number
}

/**
 * Can `module` be imported, and is there what `path` reads of it, one after the other? `called`: the last one is called, so that an object
 * has to have it from the beginning.
 */
export type MemberQuestion = { readonly module: string; readonly path: readonly string[]; readonly called: boolean }

export type SubjectCell = {
  readonly id: string
  readonly cell: Cell
  /** Among all cells of the notebook, from 1. */
  readonly number: number
  readonly names: CellNames
  /** An error of it is provided for (`raises-exception`). */
  readonly mayRaise: boolean
}

/** What the rules look at: the code cells that a run executes, and what their names do. */
export type Subject = {
  readonly notebook: Notebook
  readonly language: Language | undefined
  readonly cells: readonly SubjectCell[]
  /** Code that no run executes (`skip-execution`), and everybody can read. */
  readonly skipped: readonly SubjectCell[]
  readonly flow: Flow
  readonly circumstances: Circumstances
  readonly isBuiltin: (name: string) => boolean
  readonly read: (source: string) => CellNames
}

export type Rule = (subject: Subject) => readonly Finding[]

/** A finding before its line is counted and its place looked up. */
export function finding(
  rule: RuleName,
  { id, cell }: Pick<SubjectCell, "id" | "cell">,
  said: {
    readonly kind?: FindingKind
    readonly span?: Span | undefined
    readonly why: string
    readonly stopsAt?: string
    readonly fix?: Fix | undefined
    readonly certainty?: "verified" | "guess"
  },
): Finding {
  const kind = said.kind ?? "advice"
  return {
    rule,
    kind,
    cell: id,
    // Nothing else that the span's owner holds: a secret's text is not to travel with its finding.
    span: said.span && { from: said.span.from, to: said.span.to },
    line: lineOf(cell.source, said.span?.from ?? 0),
    why: said.why,
    stopsAt: kind === "breaks" ? (said.stopsAt ?? id) : "",
    ...(said.certainty ? { certainty: said.certainty } : {}),
    ...(said.fix ? { fix: said.fix } : {}),
  }
}

function lineOf(source: string, at: number): number {
  let line = 1
  for (let end = source.indexOf("\n"); end >= 0 && end < at; end = source.indexOf("\n", end + 1)) line++
  return line
}

export function cellOf({ cells }: Subject, id: string): SubjectCell | undefined {
  return cells.find((each) => each.id === id)
}

/** "cell 7" */
export function called(subject: Subject, id: string): string {
  return `cell ${cellOf(subject, id)?.number ?? "?"}`
}
