/** The secrets that keep something from being promoted: those of its notebook, and those that its test cases would take into the evidence. Pure. */
import { isObject, type Json, type JsonObject } from "#base/json.ts"
import type { Expects, Mock } from "#case/index.ts"
import { type Finding, knownSecrets } from "#notebook/index.ts"

export type CaseTexts = { readonly name: string; readonly parameters: JsonObject; readonly expects: Expects; readonly mocks: readonly Mock[] }

/** A sentence for each that certainly is one. */
export function secretsIn(findings: readonly Finding[], cases: readonly CaseTexts[]): readonly string[] {
  const inNotebook = findings.filter(({ rule, certainty }) => rule === "secret" && certainty === "verified").map(({ why }) => why)
  return [...inNotebook, ...cases.flatMap(secretsInCase)]
}

function secretsInCase({ name, parameters, expects, mocks }: CaseTexts): readonly string[] {
  const stands = (where: string, texts: readonly string[]) => {
    const kinds = new Set(texts.flatMap(knownSecrets).flatMap(({ what, isProven }) => (isProven ? [what] : [])))
    return Array.from(
      kinds,
      (what) => `${what[0]?.toUpperCase()}${what.slice(1)} stands in the test case ${name}, ${where}; it would be in the evidence.`,
    )
  }
  return [
    ...mocks.flatMap(({ cell, source }) => stands(`in what replaces the cell ${cell}`, [source])),
    ...stands("in its parameters", textsIn(parameters)),
    ...stands("in what it expects", textsIn(expects as unknown as JsonObject)),
  ]
}

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isObject(value) ? Object.entries(value).flatMap(([key, one]) => [key, ...textsIn(one)]) : []
}
