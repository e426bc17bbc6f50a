/** `stet cancel`: asks a run to stop. */
import type { Command } from "#cli/arguments.ts"
import { lastValueOf } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet cancel",
  summary: "Stop a run on a server",
  description: ["Interrupts the cell that runs; what the run has done so far is kept as its result. A run that has ended stays as it is."],
  positionals: [{ name: "RUN", help: "The id of the run, or the address of its page." }],
  flags: [
    { name: "--reason", takes: ["TEXT"], help: "Why, kept with the run." },
    { name: "--grace", takes: ["SECONDS"], help: "How long the cell may take to end after the interrupt." },
  ],
}

export const CANCEL = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [run = ""] = parsed.positionals
  const grace = lastValueOf(parsed, "--grace")
  const body = { reason: lastValueOf(parsed, "--reason") ?? "", ...(grace === undefined ? {} : { graceSeconds: Number(grace) }) }
  const now = await client.call("cancelRun", { params: { run }, body })
  edge.out.write(now.endedAt ? `${run} has ended before: ${now.state}.\n` : `${run} is asked to stop.\n`)
  return EXIT.succeeded
}
