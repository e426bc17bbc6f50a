/** A declared parameter's default, edited in the source by its form. Pure. */
import type { Parameter } from "#notebook/index.ts"

/** What the form can edit: one plain value. `none` is left to the code. */
export type FieldKind = "text" | "number" | "flag" | "choice" | "none"

export function fieldKind({ type, default: value, secret, choices }: Parameter): FieldKind {
  if (secret) return "none"
  if (choices) return choices.every((choice) => typeof choice === "string") ? "choice" : "none"
  if (typeof value === "boolean" && (type.kind === "boolean" || type.kind === "any")) return "flag"
  if (type.kind === "integer" || type.kind === "number") return "number"
  return typeof value === "string" ? "text" : "none"
}

/** The value as the language writes it; undefined when what was typed is no such value. */
export function literalOf(typed: string | boolean, kind: FieldKind, language: string): string | undefined {
  if (kind === "flag") return FLAGS[language]?.[typed ? 1 : 0] ?? (typed ? "true" : "false")
  if (typeof typed !== "string") return undefined
  if (kind === "number") return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(typed.trim()) ? typed.trim() : undefined
  const quoted = JSON.stringify(typed.toWellFormed())
  return language === "julia" ? quoted.replaceAll("$", "\\$") : quoted
}

const FLAGS: Readonly<Record<string, readonly [string, string]>> = { python: ["False", "True"], r: ["FALSE", "TRUE"] }

/** The source with another default; undefined when the default is not found where it was declared. */
export function withDefault(source: string, parameter: Pick<Parameter, "line" | "defaultText" | "name">, literal: string): string | undefined {
  if (parameter.defaultText === "") return undefined
  const start = lineStart(source, parameter.line)
  const name = source.indexOf(parameter.name, start)
  const place = name < 0 ? -1 : source.indexOf(parameter.defaultText, name + parameter.name.length)
  if (place < 0) return undefined
  return source.slice(0, place) + literal + source.slice(place + parameter.defaultText.length)
}

function lineStart(source: string, line: number): number {
  let start = 0
  for (let number = 1; number < line; number++) {
    const end = source.indexOf("\n", start)
    if (end < 0) return source.length
    start = end + 1
  }
  return start
}
