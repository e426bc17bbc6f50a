/** Julia. Its quotes interpolate at `$`, which is escaped; its arrays and dictionaries would turn 1 beside 1.5 into 1.0 without `Any`. */
import { floatText } from "#notebook/literals/number.ts"
import { BACKSLASH_SHORT, hex, quoted } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import { isUniform, type Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "NaN", plus: "Inf", minus: "-Inf" }
const SHORT = { ...BACKSLASH_SHORT, $: "\\$" }

export const julia: Writer = {
  limits: { nul: true, depth: 90 },
  comment: (text) => `# ${text}`.trim(),
  literal: write,
  assign: ({ name, literal }) => `${name} = ${literal}`,
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return "nothing"
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return value.digits
    case "float":
      return floatText(value.value, UNREAL)
    case "text":
      return juliaText(value.value)
    case "list":
      return `${isUniform(value.items) ? "" : "Any"}[${value.items.map(write).join(", ")}]`
    case "map":
      return `Dict{String, Any}(${value.entries.map(([key, item]) => `${juliaText(key)} => ${write(item)}`).join(", ")})`
  }
}

export function juliaText(text: string): string {
  return quoted(text, SHORT, (point) => (point < 65536 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`))
}
