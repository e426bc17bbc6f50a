/** What environments are called where one is chosen. Pure. */
import type { Answered } from "#api/contract.ts"

type Known = Pick<Answered<"getEnvironment">, "sha256" | "name" | "requirements">
export type Choosable = { readonly value: string; readonly label: string }

const MOST_SAID = 3

/**
 * `environments` newest first, so of several with one name the first is the one that the name stands for. One that was built from the
 * list of a notebook has no name of its own but its kernel's, as many do: what was asked for says which it is, and its digest names it.
 */
export function choosable(environments: readonly Known[], kernels: readonly string[]): readonly Choosable[] {
  const taken = new Set<string>()
  return environments.flatMap(({ sha256, name, requirements }) => {
    if (name === "") return []
    if (kernels.includes(name)) return requirements.length === 0 ? [] : [{ value: sha256, label: `${packagesIn(requirements)} (${name})` }]
    if (taken.has(name)) return []
    taken.add(name)
    return [{ value: name, label: name }]
  })
}

/** "pandas, polars, altair and 4 more". */
export function packagesIn(requirements: readonly string[]): string {
  const said = requirements.slice(0, MOST_SAID).join(", ")
  return requirements.length > MOST_SAID ? `${said} and ${requirements.length - MOST_SAID} more` : said
}
