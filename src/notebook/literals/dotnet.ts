/** C# and F#. */
import { fits, floatText } from "#notebook/literals/number.ts"
import { BACKSLASH_SHORT, hex, quoted, utf16Escape } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import { isUniform, type Writer } from "#notebook/literals/writer.ts"

const CSHARP_UNREAL = { nan: "double.NaN", plus: "double.PositiveInfinity", minus: "double.NegativeInfinity" }
const FSHARP_UNREAL = { nan: "System.Double.NaN", plus: "System.Double.PositiveInfinity", minus: "System.Double.NegativeInfinity" }

export const csharp: Writer = {
  limits: { nul: true, depth: 90 },
  comment: (text) => `// ${text}`.trim(),
  literal: writeCsharp,
  // null has no type of its own for `var` to take.
  assign: ({ name, literal, value }) => `${value.is === "null" ? "object" : "var"} ${name} = ${literal};`,
}

export const fsharp: Writer = {
  limits: { nul: true, depth: 90 },
  comment: (text) => `// ${text}`.trim(),
  literal: writeFsharp,
  assign: ({ name, literal }) => `let ${name} = ${literal}`,
}

function writeCsharp(value: Value): string {
  switch (value.is) {
    case "null":
      return "null"
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return integer(value.digits, "System.Numerics.BigInteger.Parse")
    case "float":
      return floatText(value.value, CSHARP_UNREAL)
    case "text":
      return csharpText(value.value)
    case "list":
      return value.items.length === 0
        ? "new object[] { }"
        : `new ${isUniform(value.items) ? "" : "object"}[] { ${value.items.map(writeCsharp).join(", ")} }`
    case "map": {
      const entries = value.entries.map(([key, item]) => `{ ${csharpText(key)}, ${writeCsharp(item)} }`)
      return `new System.Collections.Generic.Dictionary<string, object> { ${entries.join(", ")} }`
    }
  }
}

function writeFsharp(value: Value): string {
  switch (value.is) {
    case "null":
      return "None"
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return integer(value.digits, "System.Numerics.BigInteger.Parse")
    case "float":
      return floatText(value.value, FSHARP_UNREAL)
    case "text":
      return fsharpText(value.value)
    case "list":
      return `[ ${value.items.map(isSameWidth(value.items) ? writeFsharp : boxed).join("; ")} ]`
    case "map":
      return `Map.ofList ([ ${value.entries.map(([key, item]) => `(${fsharpText(key)}, ${boxed(item)})`).join("; ")} ] : (string * obj) list)`
  }
}

/** F# widens nothing: a list of int and int64 is not a list. */
function isSameWidth(items: readonly Value[]): boolean {
  const widths = new Set(items.map((item) => (item.is === "integer" ? integer(item.digits, "b").replace(/[-0-9]/g, "") : "")))
  return items.length === 0 || (isUniform(items) && widths.size === 1)
}

function boxed(value: Value): string {
  return value.is === "null" ? "null" : `box (${writeFsharp(value)})`
}

function integer(digits: string, big: string): string {
  if (fits(digits, 32)) return digits
  return fits(digits, 64) ? `${digits}L` : `${big}("${digits}")`
}

function csharpText(text: string): string {
  return quoted(text, BACKSLASH_SHORT, utf16Escape)
}

function fsharpText(text: string): string {
  return quoted(text, BACKSLASH_SHORT, (point) => (point < 65536 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`))
}
