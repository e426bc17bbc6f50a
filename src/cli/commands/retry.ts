/** `stet retry`: another attempt of a run that did not succeed. */
import type { Command } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet retry",
  summary: "Run a failed run once more",
  description: [
    "Opens the next attempt of a run that failed, was cancelled or lost: the same version, parameters and environment. What earlier attempts left is kept.",
  ],
  positionals: [{ name: "RUN", help: "The id of the run, or the address of its page." }],
  flags: [],
}

export const RETRY = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [run = ""] = parsed.positionals
  const now = await client.call("retryRun", { params: { run } })
  edge.out.write(`${run}: attempt ${now.attempt} is queued.\n`)
  return EXIT.succeeded
}
