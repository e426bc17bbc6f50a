/**
 * The parameters that a notebook declares: the assignments at the top level of its cells tagged `parameters`, read from
 * their syntax trees. Nothing is run, and no source is too broken to be looked at.
 */
import { type Cell, isCode, kernelNameOf, languageOf, type Notebook, tagsOf } from "#notebook/document.ts"
import type { Grammars, LoadGrammars } from "#notebook/grammars.ts"
import { type Language, languageFor, titleOf } from "#notebook/languages.ts"
import { toValue } from "#notebook/literals/value.ts"
import { readBash } from "#notebook/parameters-bash.ts"
import { conform, describeType, typeOfValue } from "#notebook/parameters-check.ts"
import type { Declared, Parameter, ParameterProblem } from "#notebook/parameters-declared.ts"
import { chosenFrom, outOfBounds } from "#notebook/parameters-facts.ts"
import { asFile, fileProblems } from "#notebook/parameters-file.ts"
import { readJulia } from "#notebook/parameters-julia.ts"
import { asNamed, nameProblems } from "#notebook/parameters-named.ts"
import { type Note, noteOn } from "#notebook/parameters-note.ts"
import { readPython } from "#notebook/parameters-python.ts"
import { readR } from "#notebook/parameters-r.ts"
import { readScala } from "#notebook/parameters-scala.ts"
import { schemaOf } from "#notebook/parameters-schema.ts"
import { readScript } from "#notebook/parameters-script.ts"
import { type Declaration, LONGEST_SOURCE, type Reading } from "#notebook/parameters-syntax.ts"
import { ANY, type Annotation, choicesOf, eitherOf, NULL, type ParameterType, readType, type TypeDialect } from "#notebook/parameters-type.ts"

/** What the notebook does not say of itself, or is to be taken differently from what it says. */
export type DeclaredOptions = { readonly kernelName?: string; readonly language?: string }

/**
 * The parameters of all cells tagged `parameters`, in order; a later declaration of a name overrides an earlier one.
 * Bash and Scala are read with `grammars`; without them, and in languages that Stet has no grammar of, `unread` says why.
 */
export function declaredParameters(notebook: Notebook, grammars: Grammars = {}, options: DeclaredOptions = {}): Declared {
  const language = languageFor(options.kernelName ?? kernelNameOf(notebook), options.language ?? languageOf(notebook))
  const cells = notebook.cells.filter(declares)
  const read = readerFor(language, grammars)
  const unread = typeof read === "string" && cells.length > 0 ? read : ""
  const found = typeof read === "string" ? [] : cells.map((cell) => readCell(cell, read, language))
  const said = merged(found.flatMap((one) => one.parameters))
  const parameters = said.map((one) => asNamed(asFile(one)))
  const ofComments = parameters.flatMap((one, at) => {
    const { facts } = said[at] ?? one
    return [...fileProblems(one, facts), ...nameProblems(one, facts)]
  })
  const problems = found.flatMap((one) => one.problems).concat(ofComments, parameters.flatMap(defaultProblem))
  const unreadProblems = unread === "" ? [] : cells.map((cell) => ({ cellId: cell.id, line: 1, message: unread }))
  return { language, parameters, schema: schemaOf(parameters), problems: [...unreadProblems, ...problems], cells: cells.length, unread }
}

/** What it takes to read this notebook's parameters; nothing is loaded for a notebook that has none, or whose language needs none. */
export async function grammarsOf(notebook: Notebook, load: LoadGrammars | undefined, kernelName = kernelNameOf(notebook)): Promise<Grammars> {
  const language = languageFor(kernelName, languageOf(notebook))
  const isNeeded = (language === "bash" || language === "scala") && notebook.cells.some(declares)
  return isNeeded && load ? load() : {}
}

const declares = (cell: Cell) => isCode(cell) && tagsOf(cell).includes("parameters")

type Reader = (source: string) => Reading

/** Or why there is none. */
function readerFor(language: Language | undefined, grammars: Grammars): Reader | string {
  switch (language) {
    case "python":
      return readPython
    case "r":
      return readR
    case "julia":
      return readJulia
    case "javascript":
    case "typescript":
      return readScript
    case "bash":
    case "scala": {
      const grammar = grammars[language]
      const reader = language === "bash" ? readBash : readScala
      return grammar ? (source) => reader(source, grammar) : `The grammar for ${titleOf(language)} was not loaded, so the parameters were not read.`
    }
    case undefined:
      return "The notebook does not say which language it is in, or Stet does not know it, so the parameters were not read."
    default:
      return `Stet has no grammar for ${titleOf(language)}, so the parameters were not read.`
  }
}

type CellReading = { readonly parameters: readonly Parameter[]; readonly problems: readonly ParameterProblem[] }

function readCell(cell: Cell, read: Reader, language: Language | undefined): CellReading {
  const source = cell.source
  if (source.length > LONGEST_SOURCE) return { parameters: [], problems: [tooLong(cell)] }
  const reading = read(source)
  const dialect: TypeDialect = { quotedIsType: language === "python", known: reading.classes ?? new Map() }
  const lineAt = lineCounter(source)
  // A default with a broken line inside is not the default that was meant.
  const isWhole = ({ from, to }: Declaration) => !reading.brokenAt.some((at) => from <= at && at <= to)
  const declarations = reading.declarations.map((one) => (isWhole(one) ? one : { ...one, value: undefined }))
  const parameters = declarations.map((declaration) =>
    parameterFrom(declaration, {
      note: noteOn(source, reading.comments, declaration, dialect),
      dialect,
      language,
      cellId: cell.id,
      line: lineAt(declaration.from),
    }),
  )
  return { parameters, problems: brokenLines(reading.brokenAt.map(lineAt), cell.id, language) }
}

function tooLong(cell: Cell): ParameterProblem {
  return { cellId: cell.id, line: 1, message: `The parameters cell is longer than ${LONGEST_SOURCE} characters and was not read.` }
}

function brokenLines(lines: readonly number[], cellId: string, language: Language | undefined): ParameterProblem[] {
  const [line] = lines.toSorted((a, b) => a - b)
  if (line === undefined) return []
  const title = language ? titleOf(language) : "this language"
  return [{ cellId, line, message: `Line ${line} of the parameters cell is not ${title} that can be read; parameters near it may be missing.` }]
}

/** From an offset to its line, the first being 1. */
function lineCounter(source: string): (offset: number) => number {
  const starts = [0, ...Array.from(source.matchAll(/\n/g), (match) => match.index + 1)]
  return (offset) => {
    let low = 0
    let high = starts.length
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

type Circumstances = {
  readonly note: Note
  readonly dialect: TypeDialect
  readonly language: Language | undefined
  readonly cellId: string
  readonly line: number
}

function parameterFrom(declaration: Declaration, at: Circumstances): Parameter {
  const { note } = at
  const annotation = declaration.typeText === "" ? note.annotation : readType(declaration.typeText, at.dialect)
  const declared = typeFor(declaration, annotation, at.language)
  const type = note.facts.choices ? chosenFrom(declared, note.facts.choices) : declared
  const choices = choicesOf(type)
  return {
    name: declaration.name,
    type,
    typeText: declaration.typeText || note.typeText,
    required: declaration.required,
    ...(declaration.value === undefined ? {} : { default: declaration.value }),
    defaultText: declaration.required ? "" : declaration.valueText,
    help: note.help || (annotation?.help ?? ""),
    ...(choices ? { choices } : {}),
    secret: note.secret || (annotation?.secret ?? false),
    facts: note.facts,
    cellId: at.cellId,
    line: at.line,
    constant: declaration.constant ?? false,
  }
}

/** What is annotated counts; a default of None makes any type optional; without annotation the default tells. */
function typeFor(declaration: Declaration, annotation: Annotation | undefined, language: Language | undefined): ParameterType {
  const { value } = declaration
  if (declaration.type) return declaration.type
  if (annotation) return value === null ? eitherOf([annotation.type, NULL]) : annotation.type
  if (value === undefined) return ANY
  const own = typeOfValue(toValue(value))
  return numbersOf(own, declaration.valueText, language)
}

/** R's 10 and JavaScript's 10 are doubles; only 10L and 10n are integers. */
function numbersOf(type: ParameterType, written: string, language: Language | undefined): ParameterType {
  const oneNumber = language === "javascript" || language === "typescript" || language === "r"
  if (!oneNumber || /[0-9](?:L|n)\b/.test(written)) return type
  if (type.kind === "integer") return { kind: "number" }
  return type.kind === "list" && type.items.kind === "integer" ? { kind: "list", items: { kind: "number" } } : type
}

/** One of each name, where it first stood; what a later declaration leaves unsaid is taken from the earlier. */
function merged(parameters: readonly Parameter[]): Parameter[] {
  const byName = new Map<string, Parameter>()
  for (const later of parameters) {
    const earlier = byName.get(later.name)
    byName.set(later.name, earlier ? override(earlier, later) : later)
  }
  return [...byName.values()]
}

function override(earlier: Parameter, later: Parameter): Parameter {
  const keepsType = later.typeText === "" && earlier.typeText !== ""
  const typing = keepsType
    ? { type: earlier.type, typeText: earlier.typeText, ...(earlier.choices ? { choices: earlier.choices } : {}) }
    : { type: later.type, typeText: later.typeText }
  return {
    ...later,
    ...typing,
    help: later.help || earlier.help,
    facts: { ...earlier.facts, ...later.facts },
    secret: later.secret || earlier.secret,
  }
}

/** A default that its own type refuses. */
function defaultProblem(parameter: Parameter): ParameterProblem[] {
  if (parameter.default === undefined) return []
  const outcome = conform(parameter.type, parameter.default)
  const beyond = outcome.ok ? outOfBounds(parameter.facts, outcome.value) : undefined
  if (outcome.ok && beyond === undefined) return []
  const message = `The default of ${parameter.name} does not conform its type: it should be ${beyond ?? describeType(parameter.type)}.`
  return [{ cellId: parameter.cellId, line: parameter.line, message }]
}
