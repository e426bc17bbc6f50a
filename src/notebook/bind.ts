/** Values for parameters: what was given, checked against what is declared. All of it fits, or every problem is told at once. */
import type { Json } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { nearest } from "#notebook/bind-nearest.ts"
import { valueOfText } from "#notebook/bind-text.ts"
import { nameProblem } from "#notebook/languages.ts"
import { conform, type Misfit, show } from "#notebook/parameters-check.ts"
import type { Declared, Parameter } from "#notebook/parameters-declared.ts"
import { outOfBounds } from "#notebook/parameters-facts.ts"
import { ANY } from "#notebook/parameters-type.ts"

/** One value as it came: typed (from JSON or YAML), or text (from a command line) that takes the type of its parameter. */
export type GivenValue = {
  readonly name: string
  /** Kept from every document, journal and log, whether or not the notebook declares it a secret. */
  readonly secret?: boolean
} & ({ readonly value: Json } | { readonly text: string; readonly raw?: boolean })
export type Given = readonly GivenValue[]

export type Binding = { readonly name: string; readonly value: Json; readonly secret: boolean }
/** In the order given, one of each name. */
export type Bindings = readonly Binding[]

export type BindProblem = {
  readonly problem: "unknown" | "missing" | "bad_name" | "out_of_bounds" | Misfit["problem"]
  readonly name: string
  /** One sentence for a person; never the value of a secret. */
  readonly message: string
  /** The declared name that was probably meant. */
  readonly suggestion?: string
}

export type BindOptions = {
  readonly allowUnknown?: boolean
  /** How whoever gives the values may have unknown ones taken, as the end of "Correct the name, or …"; empty where there is no way. */
  readonly allowedBy?: string
}

/** Of a name given twice, the later value counts, in the place of the first. */
export function bind(declared: Declared, given: Given, options: BindOptions = {}): Outcome<Bindings, readonly BindProblem[]> {
  const once = following(declared, [...new Map(given.map((one) => [one.name, one])).values()])
  const results = once.map((one) => bindOne(declared, one, options))
  const problems = [...results.flatMap((result) => (result.ok ? [] : [result.refusal])), ...missing(declared, once)]
  return problems.length > 0 ? refused(problems) : accepted(results.flatMap((result) => (result.ok ? [result.value] : [])))
}

/** Who is given nothing and follows somebody who is, is given the same. Secrets are followed by nobody. */
function following({ parameters }: Declared, given: Given): Given {
  const all = new Map(given.map((one) => [one.name, one]))
  for (const { name, secret, facts } of parameters) {
    const followed = facts.follows === undefined || all.has(name) || secret ? undefined : all.get(facts.follows)
    if (followed && !followed.secret && !parameters.some((one) => one.name === followed.name && one.secret)) all.set(name, { ...followed, name })
  }
  return [...all.values()]
}

function bindOne(declared: Declared, given: GivenValue, { allowUnknown = false, allowedBy = "" }: BindOptions): Outcome<Binding, BindProblem> {
  const { name } = given
  const parameter = declared.parameters.find((one) => one.name === name)
  if (!parameter && !allowUnknown) return refused(unknown(declared, name, allowedBy))
  const badName = declared.language && nameProblem(declared.language, name)
  if (badName) return refused({ problem: "bad_name", name, message: `${badName} Rename it in the notebook or in what was given.` })
  const secret = given.secret === true || parameter?.secret === true
  const type = parameter?.type ?? ANY
  const value = "value" in given ? given.value : given.raw ? given.text : valueOfText(type, given.text)
  const fitted = conform(type, value)
  const beyond = fitted.ok && parameter ? outOfBounds(parameter.facts, fitted.value) : undefined
  if (fitted.ok && beyond !== undefined)
    return refused({
      problem: "out_of_bounds",
      name,
      message: `The parameter ${name} should be ${beyond}${secret ? "" : `, but got ${show(fitted.value)}`}.`,
    })
  return fitted.ok
    ? accepted({ name, value: fitted.value, secret })
    : refused(misfit(name, fitted.refusal, secret ? "hidden" : remedyFor(parameter, value)))
}

/** `remedy` "hidden" keeps the value of a secret out of the message. */
function misfit(name: string, { problem, expected, got }: Misfit, remedy: string): BindProblem {
  const shown = remedy === "hidden" ? "something else" : got
  return { problem, name, message: `The parameter ${name} should be ${expected}, but got ${shown}.${remedy === "hidden" ? "" : remedy}` }
}

/** A default of 1 makes a parameter an integer, which its author may not have meant. */
function remedyFor(parameter: Parameter | undefined, value: Json): string {
  if (parameter?.typeText !== "" || parameter.type.kind !== "integer" || conform({ kind: "number" }, value).ok === false) return ""
  return ` The type was taken from the default ${parameter.defaultText}; annotate the parameter as a float if fractions are meant.`
}

function missing(declared: Declared, given: Given): BindProblem[] {
  const names = new Set(given.map((one) => one.name))
  return declared.parameters
    .filter((parameter) => parameter.required && !names.has(parameter.name))
    .map(({ name, help }) => ({
      problem: "missing",
      name,
      message: `The parameter ${name} is required and was not given${help === "" ? "." : ` (${help}).`} Give it a value, or a default in the notebook.`,
    }))
}

function unknown(declared: Declared, name: string, allowedBy: string): BindProblem {
  const suggestion = nearest(
    name,
    declared.parameters.map((parameter) => parameter.name),
  )
  const shown = /^[\p{L}_.$][\p{L}\p{N}_.$]{0,99}$/u.test(name) ? name : JSON.stringify(name.slice(0, 100))
  if (suggestion && declared.unread === "" && declared.cells > 0)
    return { problem: "unknown", name, message: `The parameter ${shown} is unknown; did you mean ${suggestion}?`, suggestion }
  const { why, remedy } = whyUnknown(declared)
  const ways = [remedy, allowedBy].filter((way) => way !== "").join(", or ")
  const message = `The parameter ${shown} ${why}${ways === "" ? "" : ` ${ways[0]?.toUpperCase()}${ways.slice(1)}.`}`
  return { problem: "unknown", name, message, ...(suggestion ? { suggestion } : {}) }
}

function whyUnknown(declared: Declared): { readonly why: string; readonly remedy: string } {
  if (declared.unread !== "") return { why: `cannot be checked: ${declared.unread}`, remedy: "" }
  if (declared.cells === 0)
    return { why: "is unknown: the notebook declares none.", remedy: 'tag the cell that assigns the defaults with "parameters"' }
  const names = declared.parameters.map((parameter) => parameter.name)
  const known = names.length === 0 ? "no parameters" : names.length > 20 ? `${names.slice(0, 20).join(", ")}, …` : names.join(", ")
  return { why: `is unknown: the notebook declares ${known}.`, remedy: "correct the name" }
}
