/** Python, as papermill writes it. */
import { floatText } from "#notebook/literals/number.ts"
import { BACKSLASH_SHORT, hex, quoted } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import type { Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "float('nan')", plus: "float('inf')", minus: "float('-inf')" }
// Python 3.11 and later refuse longer decimal literals, but not hexadecimal ones.
const LONGEST_DECIMAL = 4300

export const python: Writer = {
  limits: { nul: true, depth: 90 },
  comment: (text) => `# ${text}`.trim(),
  literal: write,
  assign: ({ name, literal }) => `${name} = ${literal}`,
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return "None"
    case "boolean":
      return value.value ? "True" : "False"
    case "integer":
      return integer(value.digits)
    case "float":
      return floatText(value.value, UNREAL)
    case "text":
      return pythonText(value.value)
    case "list":
      return `[${value.items.map(write).join(", ")}]`
    case "map":
      return `{${value.entries.map(([key, item]) => `${pythonText(key)}: ${write(item)}`).join(", ")}}`
  }
}

export function pythonText(text: string): string {
  return quoted(text, BACKSLASH_SHORT, (point) =>
    point < 256 ? `\\x${hex(point, 2)}` : point < 65536 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`,
  )
}

function integer(digits: string): string {
  if (digits.length <= LONGEST_DECIMAL) return digits
  const value = BigInt(digits)
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`
}
