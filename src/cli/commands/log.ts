/** `stet log`: what a run printed. */
import type { Command } from "#cli/arguments.ts"
import { isOn } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { foreign } from "#cli/foreign.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { followLog, readLog } from "#cli/server/follow.ts"

const COMMAND: Command = {
  name: "stet log",
  summary: "Show what a run printed",
  positionals: [{ name: "RUN", help: "The id of the run, or the address of its page." }],
  flags: [{ name: "--follow", takes: [], help: "Go on until the run ends." }],
}

export const LOG = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const shown = foreign(edge.out)
  const following = {
    client,
    run: parsed.positionals[0] ?? "",
    write: (text: string) => edge.out.write(shown(text)),
    now: () => edge.clock.steady(),
    timers: edge.timers,
    isUnread: () => edge.out.isClosed === true,
  }
  await (isOn(parsed, "--follow") ? followLog(following) : readLog(following))
  return EXIT.succeeded
}
