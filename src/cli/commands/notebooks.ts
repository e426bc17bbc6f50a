/** `stet notebooks`: what is in the library. */
import type { Answered } from "#api/contract.ts"
import type { Command } from "#cli/arguments.ts"
import { isOn, lastValueOf } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { since } from "#cli/server/words.ts"
import { tableOn } from "#cli/table.ts"

const COMMAND: Command = {
  name: "stet notebooks",
  summary: "List or search the notebooks on a server",
  positionals: [{ name: "WORDS", optional: true, repeat: true, help: "Search titles, text, code and outputs for these." }],
  flags: [
    { name: "--space", takes: ["NAME"], help: "Only in this space." },
    { name: "--limit", takes: ["NUMBER"], help: "How many at most; default 50." },
    { name: "--json", takes: [], help: "As JSON lines." },
  ],
}

export const NOTEBOOKS = onServer(COMMAND, act)

type Notebook = Answered<"getNotebook">

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const space = lastValueOf(parsed, "--space")
  const limit = Number(lastValueOf(parsed, "--limit") ?? 50)
  const where = { ...(space === undefined ? {} : { space }), limit }
  const words = parsed.positionals.join(" ")
  const found: readonly Notebook[] =
    words === ""
      ? (await client.call("listNotebooks", { query: { ...where, order: "path" } })).items
      : (await client.call("search", { query: { ...where, q: words } })).items.map((hit) => hit.notebook)
  if (isOn(parsed, "--json")) edge.out.write(found.map((one) => `${JSON.stringify(one)}\n`).join(""))
  else if (found.length === 0)
    edge.out.write(words === "" ? "There is no notebook yet. Put one in: stet put FILE SPACE/NAME.ipynb\n" : `Nothing holds ${words}.\n`)
  else
    edge.out.write(
      `${tableOn(edge.out, [["NOTEBOOK", "VERSION", "OWNER", "EDITED", "LAST RUN", "RUNS A WEEK"], ...found.map((one) => row(one, edge.clock.now()))])}\n`,
    )
  return EXIT.succeeded
}

function row({ space, path, latest, owner, updatedAt, usage }: Notebook, now: number): string[] {
  const ran = usage.lastRunAt ? `${usage.lastRunState ?? ""}, ${since(usage.lastRunAt, now)}` : "never"
  return [`${space.name}/${path}`, String(latest), owner.name, since(updatedAt, now), ran, String(usage.runsWeek)]
}
