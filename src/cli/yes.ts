/** The yes to what would change something outside once more. */
import { ApiProblem } from "#api/client.ts"
import { isOn, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge } from "#cli/edge.ts"
import { table } from "#cli/table.ts"
import type { ToldWriting } from "#notebook/index.ts"

export const YES = { name: "--yes", short: "-y", takes: [], help: "Run cells that change something outside without asking." } as const

type Asking = { readonly parsed: Parsed; readonly edge: Edge; readonly isForMachines: boolean }

/** Lists the cells, and asks at a terminal; true with --yes. */
export async function saysYes(path: string, cells: readonly ToldWriting[], { parsed, edge, isForMachines }: Asking): Promise<boolean> {
  if (cells.length === 0 || isOn(parsed, "--yes")) return true
  const rows = cells.map(({ number, what }) => [`cell ${number}`, what.map(words).join(", ")])
  edge.err.write(`${path} changes something outside when it runs:\n${table(rows, "  ")}\n`)
  const said = isForMachines ? undefined : await edge.confirm("Run it all the same?")
  if (said === undefined) complain(edge, `${path} was not run: nobody said that it may do that again.`, "Say so with --yes.")
  return said === true
}

/** "file df.to_csv" → "df.to_csv (file)" */
function words(what: string): string {
  const [kind = "", ...rest] = what.split(" ")
  return `${rest.join(" ")} (${kind === "unknown" ? "may change anything" : kind})`
}

/** What a server asks a yes for is asked for again with one; undefined when nobody says it. */
export async function withYes<Answer>(path: string, ask: (mayWrite: boolean) => Promise<Answer>, asking: Asking): Promise<Answer | undefined> {
  try {
    return await ask(isOn(asking.parsed, "--yes") ?? false)
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== "writes_again") throw error
    const cells = (error.problem.facts?.["cells"] ?? []) as unknown as readonly ToldWriting[]
    return (await saysYes(path, cells, asking)) ? ask(true) : undefined
  }
}
