/**
 * Parameters that name something of a database: `orders = "sales.orders"  # [table: sales.*]`, `source = "warehouse"  # [connection: any]`.
 * The value is a name and can be nothing else, so that a statement which it is put into stays the one that was written. Pure.
 */
import type { Json } from "#base/json.ts"
import type { Parameter, ParameterProblem } from "#notebook/parameters-declared.ts"
import type { Facts } from "#notebook/parameters-facts.ts"
import { eitherOf, isText, mayBeNull, type NamedType, NULL } from "#notebook/parameters-type.ts"

const PLAIN = "[A-Za-z_][A-Za-z0-9_$]*"
const QUOTED = '"(?:[^"\\x00-\\x1f]|"")+"'
const TICKED = "`(?:[^`\\x00-\\x1f]|``)+`"
const PART = `(?:${PLAIN}|${QUOTED}|${TICKED})`
const LONGEST = 500

/** As JSON Schema writes it: alike in JavaScript and in Python. A table has up to four parts, of which some systems write the first as a server. */
export const NAME_PATTERNS: { readonly [of in NamedType["of"]]: string } = {
  table: `^(?:${PART}\\.){0,3}${PART}$`,
  connection: "^[A-Za-z][A-Za-z0-9_.-]{0,62}$",
}

const [TABLE, CONNECTION] = [new RegExp(NAME_PATTERNS.table), new RegExp(NAME_PATTERNS.connection)]
const EACH_PART = new RegExp(PART, "g")

/** Whether it is such a name, and one of those that may be given. */
export function isName({ of, among }: NamedType, value: Json): boolean {
  if (typeof value !== "string" || value.length > LONGEST || !(of === "table" ? TABLE : CONNECTION).test(value)) return false
  const parts = of === "table" ? partsOf(value) : [value]
  return among.length === 0 || among.some((pattern) => fits(pattern, parts, of))
}

/** As a database compares them: what is not quoted has no case. */
function partsOf(name: string): readonly string[] {
  return (name.match(EACH_PART) ?? []).map((part) => {
    const quote = part[0] ?? ""
    return quote === '"' || quote === "`" ? part.slice(1, -1).replaceAll(quote + quote, quote) : part.toLowerCase()
  })
}

/** `sales.*`, `staging.orders_*`: a star stands for any letters of one part. */
function fits(pattern: string, parts: readonly string[], of: NamedType["of"]): boolean {
  const wanted = of === "table" ? pattern.toLowerCase().split(".") : [pattern]
  return wanted.length === parts.length && wanted.every((part, at) => matches(part, parts[at] ?? ""))
}

function matches(pattern: string, text: string): boolean {
  const [head = "", ...rest] = pattern.split("*")
  const last = rest.pop()
  if (last === undefined) return text === head
  if (!text.startsWith(head) || !text.endsWith(last) || text.length < head.length + last.length) return false
  let at = head.length
  for (const middle of rest) {
    const found = text.indexOf(middle, at)
    if (found < 0) return false
    at = found + middle.length
  }
  return at <= text.length - last.length
}

/** With the type that its comment gives it. What is no text, or a secret, cannot be one: `nameProblems` says so. */
export function asNamed(parameter: Parameter): Parameter {
  const { facts, type, secret } = parameter
  const of = whatIn(facts)
  if (!of || secret || !isText(type)) return parameter
  const named: NamedType = { kind: "named", of, among: patternsIn(facts[of] ?? []).filter(isPattern) }
  return { ...parameter, type: mayBeNull(type) || parameter.default === null ? eitherOf([named, NULL]) : named }
}

function whatIn({ table, connection }: Facts): NamedType["of"] | undefined {
  return table ? "table" : connection ? "connection" : undefined
}

/** "any" and "*" are no limit. */
function patternsIn(texts: readonly string[]): readonly string[] {
  return texts.some((text) => /^(?:any|\*)$/i.test(text)) ? [] : texts
}

function isPattern(text: string): boolean {
  return /^[A-Za-z0-9_$*-]+(?:\.[A-Za-z0-9_$*-]+){0,3}$/.test(text)
}

/** What its comment says of a name and cannot be. */
export function nameProblems({ name, type, secret, cellId, line }: Parameter, said: Facts): ParameterProblem[] {
  const of = whatIn(said)
  if (!of) return []
  const problem = (message: string): ParameterProblem[] => [{ cellId, line, message }]
  if (secret) return problem(`The parameter ${name} cannot name a ${of} and be a secret: take one of the two out of its comment.`)
  if (!isText(type)) return problem(`The parameter ${name} cannot name a ${of}: its type is another. Declare it as a text.`)
  if ([said.table, said.connection, said.file].filter(Boolean).length > 1)
    return problem(`The parameter ${name} is said to be several things: leave one of file, table and connection in its comment.`)
  const strange = patternsIn(said[of] ?? []).filter((text) => !isPattern(text))
  return strange.length === 0
    ? []
    : problem(
        `The ${of} ${name} may be ${strange.join(", ")}, which cannot be read: write it as ${of === "table" ? "sales.orders or sales.*" : "warehouse or finance_*"}.`,
      )
}

/** "the name of a table (sales.*)" */
export function describeName({ of, among }: NamedType): string {
  const example = of === "table" ? "such as sales.orders" : "such as warehouse"
  return `the name of a ${of}${among.length > 0 ? ` (${among.join(" or ")})` : `, ${example}`}`
}
