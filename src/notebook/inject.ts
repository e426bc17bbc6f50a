/**
 * Parameters written into a notebook: one code cell, placed and tagged as papermill does, of one literal per value in the
 * kernel's language. Values are data: no quote in use interpolates, no name is written that is not a plain variable name.
 */
import type { Json } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Binding, Bindings } from "#notebook/bind.ts"
import { type Cell, kernelNameOf, languageOf, type Notebook, tagsOf } from "#notebook/document.ts"
import { secretProblem, secretReader } from "#notebook/inject-secrets.ts"
import { type Language, languageFor, nameProblem, titleOf, titles } from "#notebook/languages.ts"
import { beyond, toValue } from "#notebook/literals/value.ts"
import type { Declaration, Writer } from "#notebook/literals/writer.ts"
import { WRITERS } from "#notebook/literals/writers.ts"
import { declaredParameters } from "#notebook/parameters.ts"

export type InjectOptions = {
  /** The cell's first line; default "Parameters". */
  readonly comment?: string
  /** Hide the cell's source in Jupyter, for reports. */
  readonly reportMode?: boolean
  /** Absolute path of the file from which the cell reads secrets; needed when a binding is a secret. */
  readonly secretFile?: string
  /** In place of what the notebook says. */
  readonly kernelName?: string
  readonly language?: string
}

export type InjectProblem = {
  readonly problem: "no_writer" | "bad_name" | "no_literal" | "secret"
  /** "" when it is not about one parameter. */
  readonly name: string
  readonly message: string
}

/**
 * The notebook with the bindings as its cell tagged `injected-parameters`: in place of the first one there is, else after
 * the first cell tagged `parameters`, else on top. Without bindings the notebook itself. All problems at once.
 */
export function inject(notebook: Notebook, bindings: Bindings, options: InjectOptions = {}): Outcome<Notebook, readonly InjectProblem[]> {
  if (bindings.length === 0) return accepted(notebook)
  const found = writerFor(options.kernelName ?? kernelNameOf(notebook), options.language ?? languageOf(notebook))
  if (!found.ok) return refused([found.refusal])
  const { language, writer } = found.value
  const problems = bindings.flatMap((binding) => problemsOf(binding, found.value, options))
  if (problems.length > 0) return refused(problems)
  const source = writer.whole
    ? writer.whole(bindings.map(({ name, value }) => [name, value] as const))
    : sourceOf(bindings, { writer, language, options, declaredAs: declarations(notebook, language) })
  return accepted(placed(notebook, source, options.reportMode ?? false))
}

export type LanguageWriter = { readonly language: Language; readonly writer: Writer }

/** The writer for a kernel: by the kernel's name first, then by the language's, as papermill looks it up. */
function writerFor(kernelName: string, language: string): Outcome<LanguageWriter, InjectProblem> {
  const found = languageFor(kernelName, language)
  if (found) return accepted({ language: found, writer: WRITERS[found] })
  const named = language || kernelName
  const what =
    named === "" ? "The notebook does not say which language it is in" : `Stet cannot write parameters in ${JSON.stringify(named.slice(0, 60))}`
  return refused({ problem: "no_writer", name: "", message: `${what}. It can write them in ${titles()}: choose a kernel of one of these.` })
}

function problemsOf({ name, value, secret }: Binding, { language, writer }: LanguageWriter, options: InjectOptions): InjectProblem[] {
  const badName = nameProblem(language, nameIn(language, name))
  if (badName) return [{ problem: "bad_name", name, message: badName }]
  const limit = beyond(writer.limits, toValue(value))
  if (secret) return secretProblems({ name, value, secret }, language, options)
  if (!limit) return []
  return [{ problem: "no_literal", name, message: `The parameter ${name} cannot be written: ${titleOf(language)} ${limit}. Give it another value.` }]
}

function secretProblems({ name, value }: Binding, language: Language, options: InjectOptions): InjectProblem[] {
  const message = secretProblem(language, name, value)
  if (message) return [{ problem: "secret", name, message }]
  if (options.secretFile) return []
  return [{ problem: "secret", name, message: `The parameter ${name} is a secret, and no private file to hand it over was named.` }]
}

/** R has no names that begin with an underscore: papermill drops it, and so does Stet. */
function nameIn(language: Language, name: string): string {
  return language === "r" ? name.replace(/^_+/, "") : name
}

type Composition = {
  readonly writer: Writer
  readonly language: Language
  readonly options: InjectOptions
  readonly declaredAs: (name: string) => Declaration
}

function sourceOf(bindings: Bindings, { writer, language, options, declaredAs }: Composition): string {
  const secrets = bindings.filter((binding) => binding.secret).map((binding) => nameIn(language, binding.name))
  const reader = secrets.length > 0 ? secretReader(language) : undefined
  const lines = bindings.flatMap(({ name: given, value, secret }) => {
    const name = nameIn(language, given)
    const literal = secret ? (reader?.take(name) ?? "") : writer.literal(toValue(value))
    if (secret && literal === "") return []
    return [writer.assign({ name, literal, value: secret ? { is: "text", value: "" } : toValue(value), declaredAs: declaredAs(name) })]
  })
  const opening = reader ? [writer.comment(SECRET_COMMENT), ...reader.open(options.secretFile ?? "", secrets)] : []
  return [...commentLine(writer, options.comment ?? "Parameters"), ...opening, ...lines, ...(reader?.close ?? [])].map((line) => `${line}\n`).join("")
}

const SECRET_COMMENT = "Secrets are read once, from a private file that is deleted"

/** One line, whatever the text: no control character, no line separator of any language, no backslash (Scala reads \\u000a in comments). */
function commentLine(writer: Writer, text: string): string[] {
  return [writer.comment(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]+/gu, " ").trim())]
}

/** In JavaScript a constant is declared anew and a variable assigned: see literals/script.ts. */
function declarations(notebook: Notebook, language: Language): (name: string) => Declaration {
  if (language !== "javascript" && language !== "typescript") return () => "nothing"
  const declared = declaredParameters(notebook, {}, { kernelName: "", language })
  const known = new Map(declared.parameters.map((parameter) => [parameter.name, parameter.constant]))
  return (name) => {
    const constant = known.get(name)
    return constant === undefined ? "nothing" : constant ? "constant" : "variable"
  }
}

function placed(notebook: Notebook, source: string, hidden: boolean): Notebook {
  const { cells } = notebook
  const old = cells.findIndex((cell) => tagsOf(cell).includes("injected-parameters"))
  const after = cells.findIndex((cell) => tagsOf(cell).includes("parameters"))
  const at = old >= 0 ? old : after + 1
  const cell = newCell(cells[old]?.id ?? freeId(cells), source, hidden)
  return { ...notebook, cells: cells.toSpliced(at, old >= 0 ? 1 : 0, cell) }
}

function newCell(id: string, source: string, hidden: boolean): Cell {
  const metadata: { readonly [key: string]: Json } = {
    tags: ["injected-parameters"],
    ...(hidden ? { jupyter: { source_hidden: true } } : {}),
  }
  return { id, cell_type: "code", metadata, source, outputs: [], execution_count: null }
}

/** The same notebook always gets the same id. */
function freeId(cells: readonly Cell[]): string {
  const taken = new Set(cells.map((cell) => cell.id))
  let id = "injected-parameters"
  for (let attempt = 2; taken.has(id); attempt++) id = `injected-parameters-${attempt}`
  return id
}
