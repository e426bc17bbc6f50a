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
  const read = parse(bytes)
  if (!read.ok) return refused({ path: "", message: `This is not JSON: ${read.refusal.message}.` })
  const problem = tooMuch(read.value)
  if (problem) return refused(problem)
  const value = plain(read.value) as object
  if (!isObject(read.value) || exact.length === 0) return accepted(value)
  const kept = exact.flatMap((name) => {
    const member = own(read.value as never, name)
    return member === undefined ? [] : [[name, member] as const]
  })
  return accepted({ ...value, ...Object.fromEntries(kept) })
}

/** Walks without recursion, so that no nesting can exhaust the stack before it is counted. */
function tooMuch(value: Json): BodyProblem | undefined {
  const waiting: { readonly value: Json; readonly depth: number; readonly path: string }[] = [{ value, depth: 1, path: "" }]
  let count = 0
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (++count > JSON_LIMITS.values) return { path: "", message: `There are more than ${JSON_LIMITS.values} values.` }
    if (next.depth > JSON_LIMITS.depth) return { path: next.path, message: `The nesting is deeper than ${JSON_LIMITS.depth} levels.` }
    if (next.value instanceof NumberLexeme && !/[0-9]/u.test(next.value.text))
      return { path: next.path, message: `${next.value.text} is not JSON: give it as text, or leave it out.` }
    if (isList(next.value))
      for (const [index, item] of next.value.entries()) waiting.push({ value: item, depth: next.depth + 1, path: short(next.path, String(index)) })
    else if (isObject(next.value)) {
      for (const [key, item] of Object.entries(next.value)) {
        if (key.length > JSON_LIMITS.keyLength) return { path: next.path, message: `A name is longer than ${JSON_LIMITS.keyLength} characters.` }
        waiting.push({ value: item, depth: next.depth + 1, path: short(next.path, key) })
      }
    }
  }
  return undefined
}

function short(path: string, key: string): string {
  return path.length > 200 ? path : path === "" ? key : `${path}.${key}`
}
