/** From what was typed to an order: read the notebook, bind its parameters, inject them, choose the cells. */

import { newId } from "#base/id.ts"
import { write as writeJson } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Edge } from "#cli/edge.ts"
import { type FilesFrom, localFiles } from "#cli/local-files.ts"
import { isMarker } from "#cli/papermill/dialect.ts"
import {
  bind,
  type Declared,
  declaredParameters,
  type Given,
  grammarsOf,
  inject,
  kernelNameOf,
  languageFor,
  languageOf,
  type Notebook,
  type ReadRefusal,
  type Repair,
  read,
  secretDocument,
} from "#notebook/index.ts"
import {
  type GivenParameter,
  type Limits,
  type Order,
  type Redactor,
  type RunId,
  redactor,
  type Selection,
  type Storage,
  selected,
  skipReason,
  withoutSecrets,
} from "#run/index.ts"

export type Wanted = {
  readonly input: string
  readonly output: string
  readonly given: Given
  /** From where the paths of parameters that are files are meant; default: the directory in which one is. */
  readonly files?: FilesFrom
  readonly allowUnknown: boolean
  readonly kernel: string | undefined
  readonly selection: Selection
  readonly limits: Limits
  readonly allowErrors: boolean
  readonly pipelining: boolean
}

/** Everything wrong with the request, as sentences for a person. */
export type Refusal = { readonly messages: readonly string[]; readonly remedy: string }

export type Prepared = {
  readonly order: Order
  /** Removes the file of secrets if the kernel did not take it. */
  readonly forget: () => void
  /** Blots the secrets out of what the kernel says. */
  readonly redact: Redactor | undefined
}

/** Reads and checks a notebook; what had to be mended is told to `teller`. @throws Fault storage_unreadable */
export async function readNotebook(storage: Storage, input: string, teller?: Edge): Promise<Outcome<Notebook, Refusal>> {
  return notebookIn(await storage.read(input), input, teller)
}

/** The same from its bytes. */
export function notebookIn(bytes: Uint8Array, input: string, teller?: Edge): Outcome<Notebook, Refusal> {
  const reading = read(bytes)
  const name = input === "-" ? "standard input" : withoutSecrets(input)
  if (!reading.ok) return refused(unreadable(name, reading.refusal))
  const { notebook, repairs } = reading.value
  if (teller && repairs.length > 0) teller.err.write(mended(name, repairs))
  // Cells that papermill added to point at an earlier failure are not the author's.
  return accepted(notebook.cells.some(isMarker) ? { ...notebook, cells: notebook.cells.filter((cell) => !isMarker(cell)) } : notebook)
}

function unreadable(name: string, refusal: ReadRefusal): Refusal {
  if (refusal.refused !== "bad_json") return { messages: [`${name}: ${refusal.message}.`], remedy: "Give a Jupyter notebook (nbformat 2, 3 or 4)." }
  return { messages: [`${name} is not valid JSON: ${refusal.message}.`], remedy: "Repair the file, or take an earlier version of it." }
}

const REPAIRS_SHOWN = 5

function mended(name: string, repairs: readonly Repair[]): string {
  const shown = repairs.slice(0, REPAIRS_SHOWN).map(({ path, what, now }) => `      ${path} was ${WHAT_WAS[what]}: ${writeJson(now)}`)
  const rest = repairs.length > REPAIRS_SHOWN ? [`      and ${repairs.length - REPAIRS_SHOWN} more; see: stet validate`] : []
  const places = repairs.length === 1 ? "one place" : `${repairs.length} places`
  return `stet: ${name} is not a valid notebook in ${places}; the result has what was mended, the file stays as it is.\n${[...shown, ...rest].join("\n")}\n`
}

const WHAT_WAS: { readonly [what in Repair["what"]]: string } = {
  missing: "missing and is now",
  invalid: "invalid and is now",
  duplicate: "there twice and is now",
}

export function kernelNameFor(notebook: Notebook, asked: string | undefined): string {
  return asked ?? (kernelNameOf(notebook) || "python3")
}

/** What the notebook declares, with the grammars its language needs. */
export async function declaredIn(edge: Edge, notebook: Notebook, kernel?: string): Promise<Declared> {
  // A kernel that is named instead of the notebook's own may speak another language.
  return declaredParameters(notebook, await grammarsOf(notebook, edge.loadGrammars, kernel), kernel === undefined ? {} : { kernelName: kernel })
}

export async function prepare(edge: Edge, notebook: Notebook, wanted: Wanted): Promise<Outcome<Prepared, Refusal>> {
  const selection = selected(notebook, wanted.selection)
  if (!selection.ok) return refused({ messages: [selection.refusal.message], remedy: "" })
  const declared = await declaredIn(edge, notebook, wanted.kernel)
  const given = localFiles(edge, declared, wanted.given, wanted.files ?? { folder: edge.cwd })
  if (!given.ok) return refused({ messages: given.refusal, remedy: "" })
  const bound = bind(declared, given.value, { allowUnknown: wanted.allowUnknown, allowedBy: "allow unknown parameters (--allow-unknown)" })
  if (!bound.ok)
    return refused({
      messages: bound.refusal.map((problem) => problem.message),
      remedy: `See what it declares with: stet inspect ${withoutSecrets(wanted.input)}`,
    })
  const id = newId<"Run">(edge.clock.now(), edge.random) as RunId
  const kernelName = kernelNameFor(notebook, wanted.kernel)
  const secretFile = bound.value.some((binding) => binding.secret) ? edge.secretFile(id) : undefined
  const language = languageFor(kernelName, languageOf(notebook))
  const injected = inject(notebook, bound.value, { kernelName, ...(secretFile ? { secretFile: secretFile.path } : {}) })
  if (!injected.ok) return refused({ messages: injected.refusal.map((problem) => problem.message), remedy: "" })
  if (secretFile && language) secretFile.write(secretDocument(bound.value, language))
  const order: Order = {
    id,
    notebook: injected.value,
    input: withoutSecrets(wanted.input),
    output: withoutSecrets(wanted.output),
    kernelName,
    parameters: bound.value.map(({ name, value, secret }): GivenParameter => (secret ? { name, secret: true } : { name, value })),
    plan: planOf(notebook, injected.value, selection.value),
    done: [],
    limits: wanted.limits,
    allowErrors: wanted.allowErrors,
    pipelining: wanted.pipelining,
  }
  const secrets = bound.value.flatMap(({ value, secret }) => (secret ? [typeof value === "string" ? value : writeJson(value)] : []))
  return accepted({ order, forget: () => secretFile?.remove(), redact: redactor(secrets, (await edge.records()).withContent) })
}

/** The selected cells that can run, and the injected one: it is not in the notebook that was given. */
function planOf(given: Notebook, injected: Notebook, chosen: ReadonlySet<string>): number[] {
  const known = new Set(given.cells.map((cell) => cell.id))
  return injected.cells.flatMap((cell, index) => (skipReason(cell) === undefined && (chosen.has(cell.id) || !known.has(cell.id)) ? [index] : []))
}
