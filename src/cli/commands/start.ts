/** `stet start`, and the parts it consists of: `stet server`, `stet worker`. */
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import type { Edge } from "#cli/edge.ts"

const START_COMMAND: Command = {
  name: "stet start",
  summary: "Bring up the whole platform on this machine",
  description: [
    "Starts a server, a worker and, unless DATABASE_URL names another, a PostgreSQL of its own, and prints the one address. Everything is kept below STET_HOME. The first time it makes a sample space and a one-time link to sign in with.",
    "Ctrl-C lets the runs that are under way end and says which they are; once more stops at once. A second start on the same home says so and opens the first. docs/configuration.md lists the variables.",
  ],
  positionals: [],
  flags: [{ name: "--no-open", takes: [], help: "Do not open a browser." }],
}

const SERVER_COMMAND: Command = {
  name: "stet server",
  summary: "Only the server, for a platform of several machines",
  description: ["Serves the API and the pages. Needs DATABASE_URL and, unless it shares a disk with the workers, STET_BLOBS=s3://…"],
  positionals: [],
  flags: [],
}

const WORKER_COMMAND: Command = {
  name: "stet worker",
  summary: "Only a worker, for a platform of several machines",
  description: ["Takes runs from the queue and executes them. Any number of workers may share one DATABASE_URL. SIGTERM lets its runs end first."],
  positionals: [],
  flags: [],
}

export const START: Action = { command: START_COMMAND, act: start }
export const SERVER: Action = { command: SERVER_COMMAND, act: async (_, edge) => (await edge.platform()).server() }
export const WORKER: Action = { command: WORKER_COMMAND, act: async (_, edge) => (await edge.platform()).worker() }

async function start(parsed: Parsed, edge: Edge): Promise<number> {
  const platform = await edge.platform()
  return platform.start({ open: !isOn(parsed, "--no-open") })
}
