/**
 * PowerShell. Text stands in single quotes, which interpolate nothing; PowerShell also takes curly quotes for quotes, so
 * whatever is not plainly a letter, a digit or printable ASCII is given by its number.
 */
import { fits, floatText } from "#notebook/literals/number.ts"
import { runs } from "#notebook/literals/text.ts"
import type { Value } from "#notebook/literals/value.ts"
import type { Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "[double]::NaN", plus: "[double]::PositiveInfinity", minus: "[double]::NegativeInfinity" }

export const powershell: Writer = {
  limits: { nul: true, depth: 90, caselessKeys: true },
  comment: (text) => `# ${text}`.trim(),
  literal: write,
  assign: ({ name, literal }) => `$${name} = ${literal}`,
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return "$Null"
    case "boolean":
      return value.value ? "$True" : "$False"
    case "integer":
      return fits(value.digits, 64) ? value.digits : `[bigint]::Parse('${value.digits}')`
    case "float":
      return floatText(value.value, UNREAL)
    case "text":
      return powershellText(value.value)
    case "list":
      return list(value.items)
    case "map":
      return value.entries.length === 0 ? "@{}" : `@{${value.entries.map(([key, item]) => `${powershellText(key)} = ${write(item)}`).join("; ")}}`
  }
}

/** A list whose only element is a list needs the comma, or PowerShell unrolls it. */
function list(items: readonly Value[]): string {
  const [only] = items
  return `@(${items.length === 1 && only?.is === "list" ? "," : ""}${items.map(write).join(", ")})`
}

export function powershellText(text: string): string {
  const parts = runs(text, (character) => /^[ -~\p{L}\p{N}]$/u.test(character)).map((run) =>
    run.plain ? `'${run.text.replaceAll("'", "''")}'` : units(run.text),
  )
  if (parts.length <= 1 && !parts[0]?.startsWith("[")) return parts[0] ?? "''"
  return `[string]::Join('', @(${parts.join(", ")}))`
}

function units(text: string): string {
  return text
    .split("")
    .map((unit) => `[char]${unit.charCodeAt(0)}`)
    .join(", ")
}
