/** `stet result`: what a run left behind. */
import type { Command } from "#cli/arguments.ts"
import { isOn } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet result",
  summary: "Get the result of a run",
  positionals: [
    { name: "RUN", help: "The id of the run, or the address of its page." },
    { name: "OUTPUT", optional: true, help: "Where it goes; default: standard output." },
  ],
  flags: [{ name: "--html", takes: [], help: "As a self-contained page instead of a notebook." }],
}

export const RESULT = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [run = "", output = "-"] = parsed.positionals
  const stream = await client.stream(isOn(parsed, "--html") ? "getResultPage" : "getResult", { params: { run } })
  await (await edge.storage({ allowPrivateAddresses: false })).write(output, stream)
  return EXIT.succeeded
}
