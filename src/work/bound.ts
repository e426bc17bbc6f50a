/**
 * A launch's parameters against what the version declares: bound or refused when it is accepted, and bound again in the
 * same way when it is run.
 */
import { isObject, type JsonObject, loneSurrogateIn, own, parse, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Rig, rigged } from "#case/index.ts"
import {
  type Binding,
  bind,
  type Declared,
  declaredParameters,
  type FileType,
  filePlaceOf,
  forgetting,
  type Given,
  type Grammars,
  inject,
  kernelNameOf,
  languageFor,
  languageOf,
  type Notebook,
  pathsIn,
  read,
  secretDocument,
} from "#notebook/index.ts"
import { DEFAULT_LIMITS, type GivenParameter, type Limits, type Order, type RunId, skipReason } from "#run/index.ts"
import type { LaunchProblem, RunLimits } from "#work/launch.ts"
import type { RunRefusal } from "#work/refusal.ts"
import type { SessionSecrets } from "#work/session-asks.ts"

export type Bound = {
  /** What may be stored. */
  readonly plain: JsonObject
  /** Name to value. */
  readonly secret: JsonObject
  /** Of the parameters that are files: what each is given, or takes. */
  readonly files: readonly BoundFile[]
}

export type BoundFile = {
  readonly parameter: string
  /** Which of a list it is, from 0; 0 where it is no list. */
  readonly place: number
  readonly type: FileType
  readonly value: string
  /** It is what the notebook itself says. */
  readonly isDefault: boolean
  /** Somebody said so, be it the same. */
  readonly isGiven: boolean
}

/** Values as JSON, and as a person typed them: text that takes the type of its parameter. A name that is in both is the typed one. */
export type Values = { readonly parameters?: JsonObject | undefined; readonly parameterTexts?: { readonly [name: string]: string } | undefined }

/** Reads and checks; all problems at once, each under its parameter's name. */
export function bindLaunch(notebook: Notebook, values: Values, grammars: Grammars | undefined): Outcome<Bound, RunRefusal> {
  const { parameters = {}, parameterTexts = {} } = values
  const surrogate = loneSurrogateIn(parameters) ?? loneSurrogateIn(parameterTexts)
  if (surrogate !== undefined) return badParameters([{ path: surrogate, message: "The value holds half of a surrogate pair, which is no text." }])
  const declared = declaredParameters(notebook, grammars)
  const bound = bind(declared, [...givenOf(parameters), ...Object.entries(parameterTexts).map(([name, text]) => ({ name, text }))])
  if (!bound.ok) return badParameters(bound.refusal.map(({ name, message }) => ({ path: name, message })))
  const injected = inject(notebook, bound.value, { secretFile: "/secrets" })
  if (!injected.ok) return badParameters(injected.refusal.map(({ name, message }) => ({ path: name, message })))
  const plain = valuesOf(bound.value, false)
  return accepted({ plain, secret: valuesOf(bound.value, true), files: filesIn(declared, plain) })
}

function filesIn({ parameters }: Declared, values: JsonObject): BoundFile[] {
  return parameters.flatMap(({ name, type: declared, default: fallback }) => {
    const found = filePlaceOf(declared)
    const given = own(values, name)
    if (!found) return []
    const defaults = pathsIn(fallback)
    const about = { parameter: name, type: found.type, isGiven: given !== undefined }
    return pathsIn(given === undefined ? fallback : given).map((value, place) => ({ ...about, place, value, isDefault: defaults.includes(value) }))
  })
}

function valuesOf(bindings: readonly Binding[], secret: boolean): JsonObject {
  return Object.fromEntries(bindings.flatMap((binding) => (binding.secret === secret ? [[binding.name, binding.value]] : [])))
}

function givenOf(parameters: JsonObject, secretNames: ReadonlySet<string> = new Set()): Given {
  return Object.entries(parameters).map(([name, value]) => ({ name, value, ...(secretNames.has(name) ? { secret: true } : {}) }))
}

function badParameters(problems: readonly LaunchProblem[]): { readonly ok: false; readonly refusal: RunRefusal } {
  return refused({ refused: "bad_parameters", message: problems.map(({ message }) => message).join(" "), problems })
}

/** As it runs: with what is done to it for a test. */
export function notebookIn(bytes: Uint8Array, rig?: Rig | null): Outcome<Notebook, RunRefusal> {
  const reading = read(bytes)
  if (!reading.ok) return refused({ refused: "unreadable_notebook", message: `This version cannot be run: ${reading.refusal.message}.` })
  if (!rig) return accepted(reading.value.notebook)
  const done = rigged(reading.value.notebook, rig)
  return done.ok ? accepted(done.value.notebook) : done
}

export type Asked = {
  readonly run: string
  readonly notebook: Notebook
  /** "space/path@12" */
  readonly input: string
  /** With the paths of files in place of what names their bytes. */
  readonly parameters: JsonObject
  /** The opened secrets as JSON text; "" for none. */
  readonly secrets: string
  readonly kernelName: string
  readonly limits: RunLimits
  /** Where the kernel will read its secrets. */
  readonly secretFile: string
  readonly grammars: Grammars | undefined
}

export type Ready = {
  readonly order: Order
  /** What the file of secrets must hold; "" when there are none. */
  readonly secretText: string
  /** To be blotted out of what the kernel says. */
  readonly secretValues: readonly string[]
  /** Code that takes the secrets out of the kernel again; "" when there are none, undefined where nothing does. */
  readonly forgetting: string | undefined
}

/** The order of one attempt. What was accepted binds again; a refusal here means that the stored run was damaged. */
export function orderOf(asked: Asked): Outcome<Ready, RunRefusal> {
  const { notebook, kernelName, limits } = asked
  const secrets = secretsIn(asked.secrets)
  const declared = declaredParameters(notebook, asked.grammars, kernelNameOf(notebook) === kernelName ? {} : { kernelName })
  const bound = bind(declared, givenOf({ ...asked.parameters, ...secrets }, new Set(Object.keys(secrets))))
  if (!bound.ok) return badParameters(bound.refusal.map(({ name, message }) => ({ path: name, message })))
  const injected = inject(notebook, bound.value, { kernelName, secretFile: asked.secretFile })
  if (!injected.ok) return badParameters(injected.refusal.map(({ name, message }) => ({ path: name, message })))
  const language = languageFor(kernelName, languageOf(notebook))
  const order: Order = {
    id: asked.run as RunId,
    notebook: injected.value,
    input: asked.input,
    output: "",
    kernelName,
    parameters: bound.value.map(givenParameter),
    plan: injected.value.cells.flatMap((cell, index) => (skipReason(cell) === undefined ? [index] : [])),
    done: [],
    limits: engineLimits(limits),
    allowErrors: false,
    pipelining: true,
  }
  const names = Object.keys(secrets)
  return accepted({
    order,
    secretText: language ? secretDocument(bound.value, language) : "",
    secretValues: bound.value.flatMap(secretValue),
    forgetting: language ? forgetting(language, names) : names.length === 0 ? "" : undefined,
  })
}

export type SecretsAsked = {
  readonly notebook: Notebook
  readonly secrets: JsonObject
  readonly kernelName: string
  readonly secretFile: string
  readonly grammars: Grammars | undefined
}

/** Secrets alone, for a kernel in which everything else stands already: what their file holds, and the code that reads it. */
export function secretsOf({ notebook, secrets, kernelName, secretFile, grammars }: SecretsAsked): Outcome<SessionSecrets, RunRefusal> {
  const bound = bind(declaredParameters(notebook, grammars), givenOf(secrets, new Set(Object.keys(secrets))))
  if (!bound.ok) return badParameters(bound.refusal.map(({ name, message }) => ({ path: name, message })))
  const given = bound.value.filter(({ name }) => Object.hasOwn(secrets, name))
  const injected = inject({ ...notebook, cells: [] }, given, { kernelName, secretFile })
  if (!injected.ok) return badParameters(injected.refusal.map(({ name, message }) => ({ path: name, message })))
  const language = languageFor(kernelName, languageOf(notebook))
  return accepted({
    text: language ? secretDocument(given, language) : "",
    values: given.flatMap(secretValue),
    code: injected.value.cells[0]?.source ?? "",
  })
}

function secretsIn(text: string): JsonObject {
  const parsed = text === "" ? accepted({}) : parse(text)
  return parsed.ok && isObject(parsed.value) ? parsed.value : {}
}

function givenParameter({ name, value, secret }: Binding): GivenParameter {
  return secret ? { name, secret: true } : { name, value }
}

function secretValue({ value, secret }: Binding): string[] {
  return secret ? [typeof value === "string" ? value : write(value)] : []
}

function engineLimits({ timeoutMs, cellTimeoutMs, graceMs }: RunLimits): Limits {
  return { ...DEFAULT_LIMITS, runTimeoutMs: timeoutMs, cellTimeoutMs, interruptGraceMs: graceMs }
}
