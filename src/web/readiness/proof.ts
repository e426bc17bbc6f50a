/** How a proof is told: what came of running a version from a fresh kernel. Pure. */
import type { Answered } from "#api/contract.ts"
import { shortValue } from "#web/launch/typed.ts"
import { givenOf } from "#web/runs/given.ts"

export type Proof = Answered<"listProofs">["items"][number]
export type ProvenCell = Proof["cells"][number]

/** The cells that did not show what the version holds. */
export function apartIn({ cells }: Proof): readonly ProvenCell[] {
  return cells.filter(({ is }) => is === "differs" || is === "varies" || is === "missing")
}

/** Name and value, as people read them. */
export function valuesIn(proof: Pick<Proof, "parameters" | "files" | "secretNames">): readonly (readonly [name: string, value: string])[] {
  const given = Object.entries(givenOf(proof)).map(([name, value]) => [name, shortValue(value, 200)] as const)
  return [...given, ...proof.secretNames.map((name) => [name, "a secret"] as const)]
}

/** "Version 3 ran twice from a fresh kernel and showed what it holds." */
export function proofWords(proof: Proof): string {
  const { state, version, runs, cells } = proof
  const ran = `Version ${version} ran ${runs.length > 1 ? "twice " : ""}from a fresh kernel`
  if (state === "running") return `Version ${version} runs from a fresh kernel${runs.length > 1 ? ", twice" : ""}.`
  if (state === "failed") return `Version ${version} does not rerun.`
  if (state === "unclear") return `${ran}, and nobody can tell what came of it.`
  if (state === "differs") return `${ran}. ${apartWords(proof)}`
  const compared = cells.filter(({ is }) => is !== "unknown").length
  if (cells.length === 0) return `${ran} to its end. It shows nothing.`
  return compared === 0 ? `${ran} to its end. It holds no outputs to compare with.` : `${ran} and showed what it holds.`
}

/** "2 cells show something else, 1 comes out otherwise each time." */
function apartWords({ cells }: Proof): string {
  const count = (...kinds: readonly ProvenCell["is"][]) => cells.filter(({ is }) => kinds.includes(is)).length
  const part = (number: number, one: string, many: string) => (number === 0 ? [] : [`${number} ${number === 1 ? one : many}`])
  const [first = "", ...rest] = [
    ...part(count("differs", "missing"), "cell shows something else", "cells show something else"),
    ...part(count("varies"), "cell comes out otherwise each time", "cells come out otherwise each time"),
  ]
  return `${[first, ...rest.map((text) => text.replace(/ cells?/, ""))].join(", ")}.`
}
