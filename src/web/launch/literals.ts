/** Values as the languages of snippets write them. Pure. */
import { isList, isObject, type Json, NumberLexeme, write } from "#base/json.ts"

/** One word of a POSIX shell. */
export function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

export function python(value: Json): string {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "string") return pythonText(value)
  if (value instanceof NumberLexeme || typeof value === "number") return write(value)
  if (isList(value)) return `[${value.map(python).join(", ")}]`
  return isObject(value)
    ? `{${Object.entries(value)
        .map(([key, item]) => `${pythonText(key)}: ${python(item)}`)
        .join(", ")}}`
    : "None"
}

/** JSON's escapes are Python's, but for pairs of surrogates, which JSON.stringify leaves as characters. */
export function pythonText(text: string): string {
  return JSON.stringify(text)
}

/** The variable of the environment that a secret is taken from. */
export function environmentName(parameter: string): string {
  return parameter.toUpperCase().replaceAll(/\W/gu, "_")
}
