/**
 * With which values the fresh rerun of a proposal runs. It takes what the notebook itself says; only for what it has no value of its own
 * are others taken: those that were given with the proposal, else those of the first test case that gives them. So nobody gets a notebook
 * that fails with its own values past the gate by giving others.
 */
import type { JsonObject } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { TestCase } from "#library/index.ts"
import { absentFile, type Beside, type Binding, bind, type Declared, declaredBeside } from "#notebook/index.ts"
import type { LaunchRefusal } from "#work/index.ts"

export type RerunValues = {
  /** What is stored with the proposal, and stands in its evidence. */
  readonly plain: JsonObject
  /** Given to the run, and kept by nobody. */
  readonly secret: JsonObject
}

type Case = Pick<TestCase, "parameters" | "expects">

/** As JSON, and as a person typed them: text that takes the type of its parameter. */
export type GivenValues = { readonly parameters?: JsonObject | undefined; readonly parameterTexts?: { readonly [name: string]: string } | undefined }

/** What it takes, and what comes with it: a default that is a file and does not is no value of its own. */
export type Proven = { readonly declared: Declared; readonly beside: Beside }

/** Pure. Everything that is wrong is told at once. */
export function rerunValues(proven: Proven, cases: readonly Case[], given: GivenValues = {}): Outcome<RerunValues, LaunchRefusal> {
  const declared = declaredBeside(proven.declared, proven.beside)
  const { parameters = {}, parameterTexts = {} } = given
  const names = [...new Set([...Object.keys(parameters), ...Object.keys(parameterTexts)])]
  const lacks = declared.parameters.filter(({ required }) => required).map(({ name }) => name)
  const beyond = names.filter((name) => !lacks.includes(name))
  if (beyond.length > 0)
    return wrong(
      beyond,
      (name) => `The fresh rerun takes the notebook's own values: give one only where it has none, which is not so for ${name}. Leave ${name} out.`,
    )
  const ofCase = lacks.every((name) => names.includes(name)) ? {} : caseValues(cases, lacks)
  const bound = bind(declared, [
    ...Object.entries({ ...ofCase, ...parameters }).map(([name, value]) => ({ name, value })),
    ...Object.entries(parameterTexts).map(([name, text]) => ({ name, text })),
  ])
  if (bound.ok) return accepted({ plain: valuesOf(bound.value, false), secret: valuesOf(bound.value, true) })
  const missing = bound.refusal.filter(({ problem }) => problem === "missing").map(({ name }) => name)
  if (missing.length > 0)
    return wrong(
      missing,
      (name) => `${whyNone(proven, name)} give one with the proposal, for its fresh rerun, or write a test case that succeeds with one.`,
    )
  // What a test case alone says wrongly is its own affair: its run tells.
  if (names.length === 0) return accepted({ plain: ofCase, secret: {} })
  return badParameters(bound.refusal.map(({ name, message }) => ({ path: name, message })))
}

function whyNone({ declared, beside }: Proven, name: string): string {
  const parameter = declared.parameters.find((one) => one.name === name)
  const absent = parameter && absentFile(parameter, beside)
  if (absent === undefined || absent === "") return `The notebook has no value of its own for ${name}:`
  return `The file ${JSON.stringify(absent)}, which the notebook takes for ${name}, does not come with this version. Put it there and save a new one, or`
}

function caseValues(cases: readonly Case[], lacks: readonly string[]): JsonObject {
  const gives = ({ expects, parameters }: Case) => expects.outcome === "succeeds" && lacks.every((name) => Object.hasOwn(parameters, name))
  return (lacks.length > 0 ? cases.find(gives)?.parameters : undefined) ?? {}
}

function valuesOf(bindings: readonly Binding[], isSecret: boolean): JsonObject {
  return Object.fromEntries(bindings.flatMap(({ name, value, secret }) => (secret === isSecret ? [[name, value]] : [])))
}

function wrong(names: readonly string[], words: (name: string) => string): Outcome<never, LaunchRefusal> {
  return badParameters(names.map((path) => ({ path, message: words(path) })))
}

function badParameters(problems: readonly { readonly path: string; readonly message: string }[]): Outcome<never, LaunchRefusal> {
  return refused({ refused: "bad_parameters", message: problems.map(({ message }) => message).join(" "), problems })
}
