/** JSON on one line, without loss. Pure. */
import { NumberLexeme } from "#base/json.ts"

/** Numbers that were kept as they were spelled go out that way. What JSON has no word for goes out as text. */
export function jsonText(value: unknown): string {
  // Most answers hold none, and without a function to call for each member this is several times as fast.
  if (!holdsSpelled(value)) return JSON.stringify(value)
  return JSON.stringify(value, (_, member: unknown) => (member instanceof NumberLexeme ? spelled(member) : member))
}

function holdsSpelled(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  if (value instanceof NumberLexeme) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) if (holdsSpelled(member)) return true
  return false
}

// In the language since V8 11.4 (Node 22), and not yet in the type library.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

function spelled({ text }: NumberLexeme): unknown {
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/u.test(text) ? rawJson(text) : text
}
