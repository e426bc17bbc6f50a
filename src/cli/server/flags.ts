/** By themselves, because a run that needs no server must not load its contract before its kernel starts. */
import type { Flag } from "#cli/arguments.ts"

export const SERVER_FLAGS: readonly Flag[] = [
  { name: "--server", takes: ["URL"], help: "The server; default: STET_SERVER, else the one that runs on this home.", group: "Server" },
  {
    name: "--token-file",
    takes: ["PATH"],
    help: "A file that holds the API token; default: STET_TOKEN, else what `stet sign-in` kept.",
    group: "Server",
  },
]
