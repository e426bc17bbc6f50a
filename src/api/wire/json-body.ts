/** A JSON body: read without loss, with bounds on everything that could be made too much of. Pure. */
import { isList, isObject, type Json, NumberLexeme, own, parse, plain } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type BodyProblem = { readonly path: string; readonly message: string }

export const JSON_LIMITS = { bytes: 8 * 1024 * 1024, depth: 200, values: 200_000, keyLength: 10_000 } as const

/**
 * The body as a plain value. Members named in `exact` stay lossless (numbers as they were spelled), because they are handed on to a
 * notebook. What JSON does not have (NaN, Infinity) is refused although Python writes it.
 */
export function jsonBody(bytes: Uint8Array, exact: readonly string[] = []): Outcome<unknown, BodyProblem> {
  // Refused while it is read: what is made of it takes a hundred times as long and as much.
  const read = parse(bytes, { most: { values: JSON_LIMITS.values, depth: JSON_LIMITS.depth } })
  if (!read.ok)
    return refused({ path: "", message: read.refusal.tooMuch ? TOO_MUCH[read.refusal.tooMuch] : `This is not JSON: ${read.refusal.message}.` })
  const problem = problemIn(read.value) ?? unnamed(read.value)
  if (problem) return refused(problem)
  const value = plain(read.value) as object
  if (!isObject(read.value) || exact.length === 0) return accepted(value)
  const kept = exact.flatMap((name) => {
    const member = own(read.value as never, name)
    return member === undefined ? [] : [[name, member] as const]
  })
  return accepted({ ...value, ...Object.fromEntries(kept) })
}

const TOO_MUCH = {
  values: `There are more than ${JSON_LIMITS.values} values.`,
  depth: `The nesting is deeper than ${JSON_LIMITS.depth} levels.`,
  containers: "There are too many lists and objects.",
} as const

/** What may be read and may not be used: names without end, and what Python writes and JSON does not have. */
function problemIn(value: Json): BodyProblem | undefined {
  const waiting: { readonly value: Json; readonly path: string }[] = [{ value, path: "" }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.value instanceof NumberLexeme && !/[0-9]/u.test(next.value.text))
      return { path: next.path, message: `${next.value.text} is not JSON: give it as text, or leave it out.` }
    if (isList(next.value)) for (const [index, item] of next.value.entries()) waiting.push({ value: item, path: short(next.path, String(index)) })
    else if (isObject(next.value)) {
      for (const [key, item] of Object.entries(next.value)) {
        if (key.length > JSON_LIMITS.keyLength) return { path: next.path, message: `A name is longer than ${JSON_LIMITS.keyLength} characters.` }
        waiting.push({ value: item, path: short(next.path, key) })
      }
    }
  }
  return undefined
}

/** Names that people give are one level down: parameters, labels. zod would drop this one without a word, as if it had not been given. */
function unnamed(body: Json): BodyProblem | undefined {
  if (!isObject(body)) return undefined
  const found = Object.entries(body).find(([, member]) => isObject(member) && Object.hasOwn(member, "__proto__"))
  return found && { path: `${found[0]}.__proto__`, message: "__proto__ is no name that can be given here." }
}

function short(path: string, key: string): string {
  return path.length > 200 ? path : path === "" ? key : `${path}.${key}`
}
