/** MATLAB and Octave. Text stands in single quotes, in which only the quote itself is special; control characters are given by number. */
import { floatText } from "#notebook/literals/number.ts"
import { runs } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import type { Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "NaN", plus: "Inf", minus: "-Inf" }

export const matlab = dialect((text) => text.split("").map((unit) => unit.charCodeAt(0)))
/** Octave's characters are the bytes of UTF-8. */
export const octave = dialect((text) => [...new TextEncoder().encode(text)])

function dialect(codesOf: (text: string) => readonly number[]): Writer {
  return {
    limits: { nul: true, wholeDoubles: true, depth: 90 },
    comment: (text) => `% ${text}`.trim(),
    literal: (value) => write(value, codesOf),
    assign: ({ name, literal }) => `${name} = ${literal};`,
  }
}

function write(value: Value, codesOf: (text: string) => readonly number[]): string {
  switch (value.is) {
    case "null":
      return "[]"
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return value.digits
    case "float":
      return floatText(value.value, UNREAL)
    case "text":
      return text(value.value, codesOf)
    case "list":
      return `{${value.items.map((item) => write(item, codesOf)).join(", ")}}`
    case "map":
      return map(value.entries, codesOf)
  }
}

function map(entries: readonly (readonly [string, Value])[], codesOf: (text: string) => readonly number[]): string {
  if (entries.length === 0) return "containers.Map('KeyType', 'char', 'ValueType', 'any')"
  const keys = entries.map(([key]) => text(key, codesOf)).join(", ")
  const items = entries.map(([, item]) => write(item, codesOf)).join(", ")
  return `containers.Map({${keys}}, {${items}}, 'UniformValues', false)`
}

function text(value: string, codesOf: (text: string) => readonly number[]): string {
  const parts = runs(value, (character) => /^[ -~\p{L}\p{N}]$/u.test(character)).map((run) =>
    run.plain ? `'${run.text.replaceAll("'", "''")}'` : `char([${codesOf(run.text).join(" ")}])`,
  )
  return parts.length <= 1 ? (parts[0] ?? "''") : `[${parts.join(", ")}]`
}
