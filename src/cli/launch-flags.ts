import type { Flag } from "#cli/arguments.ts"
import { SERVER_FLAGS } from "#cli/server/flags.ts"

/** Flags of a run on a server. */
export const LAUNCH_FLAGS: readonly Flag[] = [
  ...SERVER_FLAGS,
  { name: "--template", takes: [], help: "NOTEBOOK is the name of a template: name, name@channel or name@version.", group: "Server" },
  { name: "--key", takes: ["KEY"], help: "There is one run for a key, however often this is called.", group: "Server" },
  {
    name: "--on-existing",
    takes: ["HOW"],
    choices: ["attach", "new-attempt", "reject"],
    help: "What to do when the key has a run already; default attach.",
    group: "Server",
  },
  { name: "--environment", takes: ["NAME"], help: "The environment to run in, by name or digest.", group: "Server" },
  { name: "--label", takes: ["KEY=VALUE"], repeat: true, help: "A label kept with the run.", group: "Server" },
  { name: "--priority", takes: ["NUMBER"], help: "Higher runs sooner; -100 to 100, default 0.", group: "Server" },
  {
    name: "--wait-for-place",
    takes: ["DURATION"],
    help: "How long to go on asking while the server takes no run more, because too many wait already; default 2m, 0 asks once. Then the exit code is 75.",
    group: "Server",
  },
  { name: "--no-wait", takes: [], help: "Print the run's id and do not wait for its end.", group: "Server" },
]
