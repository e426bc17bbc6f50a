/** Scala 2 and 3. */
import { fits, floatText } from "#notebook/literals/number.ts"
import { BACKSLASH_SHORT, quoted, utf16Escape } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import { isUniform, type Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "Double.NaN", plus: "Double.PositiveInfinity", minus: "Double.NegativeInfinity" }
// A constant in a class file holds 65,535 bytes; a character takes at most three, a pair six.
const LONGEST_CONSTANT = 10_000

export const scala: Writer = {
  limits: { nul: true, depth: 90 },
  comment: (text) => `// ${text}`.trim(),
  literal: write,
  assign: ({ name, literal }) => `val ${name} = ${literal}`,
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return "None"
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return integer(value.digits)
    case "float":
      return floatText(value.value, UNREAL)
    case "text":
      return text(value.value)
    case "list":
      return `Seq${isUniform(value.items) ? "" : "[Any]"}(${value.items.map(write).join(", ")})`
    case "map":
      return `Map[String, Any](${value.entries.map(([key, item]) => `${text(key)} -> ${write(item)}`).join(", ")})`
  }
}

function integer(digits: string): string {
  if (fits(digits, 32)) return digits
  return fits(digits, 64) ? `${digits}L` : `BigInt("${digits}")`
}

function text(value: string): string {
  if (value.length <= LONGEST_CONSTANT) return quoted(value, BACKSLASH_SHORT, utf16Escape)
  return `Seq(${pieces(value)
    .map((piece) => quoted(piece, BACKSLASH_SHORT, utf16Escape))
    .join(", ")}).mkString`
}

function pieces(value: string): string[] {
  const characters = Array.from(value)
  const count = Math.ceil(characters.length / LONGEST_CONSTANT)
  return Array.from({ length: count }, (_, at) => characters.slice(at * LONGEST_CONSTANT, (at + 1) * LONGEST_CONSTANT).join(""))
}
