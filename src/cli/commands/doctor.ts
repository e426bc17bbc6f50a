/** `stet doctor`: is everything well, and what to do if not. */
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import type { Check } from "#cli/platform.ts"

const COMMAND: Command = {
  name: "stet doctor",
  summary: "Check the platform and say what to do",
  description: [
    "Looks at the database, versions, blobs, disks, kernels, isolation, queue, workers and clocks. Exit code 0 when nothing failed, 3 when something did.",
  ],
  positionals: [],
  flags: [
    { name: "--deep", takes: [], help: "Read every version and its blobs, too." },
    { name: "--json", takes: [], help: "As JSON." },
  ],
}

export const DOCTOR: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const health = await (await edge.platform()).doctor({ deep: isOn(parsed, "--deep") ?? false })
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(health, undefined, 1)}\n`)
  else edge.out.write(health.checks.map(lines).join(""))
  return health.ok ? EXIT.succeeded : EXIT.infrastructure
}

const SIGNS: { readonly [state in Check["state"]]: string } = { ok: "ok      ", warning: "warning ", failed: "FAILED  " }

function lines({ name, state, message, remedy }: Check): string {
  return `${SIGNS[state]}${name.padEnd(12)} ${message}\n${remedy ? `${" ".repeat(21)}${remedy}\n` : ""}`
}
