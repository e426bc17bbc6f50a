/** `stet runs`: what ran and what runs on a server. */
import type { Answered, Query } from "#api/contract.ts"
import { toHuman } from "#base/time.ts"
import type { Command } from "#cli/arguments.ts"
import { isOn, lastValueOf, type Parsed, valuesOf } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { since } from "#cli/server/words.ts"
import { tableOn } from "#cli/table.ts"

const COMMAND: Command = {
  name: "stet runs",
  summary: "List runs on a server, newest first",
  positionals: [],
  flags: [
    { name: "--notebook", takes: ["NOTEBOOK"], help: "Only of this notebook: space/path.ipynb." },
    { name: "--space", takes: ["NAME"], help: "Only in this space." },
    {
      name: "--state",
      takes: ["STATE"],
      choices: ["queued", "running", "succeeded", "failed", "cancelled", "lost"],
      help: "Only in this state.",
    },
    { name: "--label", takes: ["KEY=VALUE"], repeat: true, help: "Only with this label." },
    { name: "--limit", takes: ["NUMBER"], help: "How many at most; default 30." },
    { name: "--json", takes: [], help: "As JSON lines." },
  ],
}

export const RUNS = onServer(COMMAND, act)

type Run = Answered<"getRun">

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const { items } = await client.call("listRuns", { query: filters(parsed) })
  if (isOn(parsed, "--json")) edge.out.write(items.map((run) => `${JSON.stringify(run)}\n`).join(""))
  else if (items.length === 0)
    edge.out.write(isFiltered(parsed) ? "No run matches.\n" : "There is no run yet. Start one: stet run --server URL SPACE/NAME.ipynb\n")
  else
    edge.out.write(`${tableOn(edge.out, [["RUN", "STATE", "NOTEBOOK", "BY", "BEGAN", "TOOK"], ...items.map((run) => row(run, edge.clock.now()))])}\n`)
  return EXIT.succeeded
}

function isFiltered({ given }: Parsed): boolean {
  return given.some(({ flag }) => ["--notebook", "--space", "--state", "--label"].includes(flag.name))
}

function filters(parsed: Parsed): Query<"listRuns"> {
  const names = ["notebook", "space", "state"] as const
  const given = names.flatMap((name) => {
    const value = lastValueOf(parsed, `--${name}`)
    return value === undefined ? [] : [[name, value] as const]
  })
  const label = valuesOf(parsed, "--label").map(([pair = ""]) => pair)
  return { ...Object.fromEntries(given), ...(label.length > 0 ? { label } : {}), limit: Number(lastValueOf(parsed, "--limit") ?? 30) }
}

function row(run: Run, now: number): string[] {
  const state = run.reason === "" ? run.state : `${run.state} (${run.reason.replaceAll("_", " ")})`
  const took = run.startedAt ? toHuman((run.endedAt ? Date.parse(run.endedAt) : now) - Date.parse(run.startedAt)) : ""
  return [
    run.id,
    state,
    `${run.space.name}/${run.notebook.path}@${run.version}`,
    run.orderedBy.name,
    since(run.startedAt ?? run.createdAt, now),
    took,
  ]
}
