/** JavaScript and TypeScript, for Deno's kernel and those on Node. */
import { floatText } from "#notebook/literals/number.ts"
import { BACKSLASH_SHORT, quoted, utf16Escape } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import type { Assignment, Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "NaN", plus: "Infinity", minus: "-Infinity" }

export const script: Writer = {
  limits: { nul: true, depth: 90 },
  comment: (text) => `// ${text}`.trim(),
  literal: write,
  assign,
}

/** A constant can only be declared anew (Deno allows it from cell to cell), a variable only assigned (Node's kernels allow nothing else). */
function assign({ name, literal, declaredAs }: Assignment): string {
  if (declaredAs === "variable") return `${name} = ${literal};`
  return `${declaredAs === "constant" ? "const" : "let"} ${name} = ${literal};`
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return "null"
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return Number.isSafeInteger(Number(value.digits)) ? value.digits : `${value.digits}n`
    case "float":
      return floatText(value.value, UNREAL)
    case "text":
      return scriptText(value.value)
    case "list":
      return `[${value.items.map(write).join(", ")}]`
    case "map":
      return `{${value.entries.map(([key, item]) => `${property(key)}: ${write(item)}`).join(", ")}}`
  }
}

/** "__proto__": … would set the prototype; the computed form makes a property. */
function property(key: string): string {
  return key === "__proto__" ? '["__proto__"]' : scriptText(key)
}

export function scriptText(text: string): string {
  return quoted(text, BACKSLASH_SHORT, utf16Escape)
}
