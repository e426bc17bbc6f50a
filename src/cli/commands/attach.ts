/** `stet attach`: a run opened live, from a terminal, for any Jupyter console on this machine. */
import type { Answered } from "#api/contract.ts"
import { CLOSED } from "#api/live.ts"
import { type Command, isOn, lastValueOf, valuesOf } from "#cli/arguments.ts"
import { Console } from "#cli/attach/console.ts"
import { Line, type Told } from "#cli/attach/line.ts"
import { complain, EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import type { ServedKernel } from "#kernel/index.ts"

type Plan = Answered<"planLiveRun">
type Opened = Answered<"openLiveRun">
type Origin = Answered<"getLiveOrigin">

const COMMAND: Command = {
  name: "stet attach",
  summary: "Open a run live, for a Jupyter console",
  description: [
    "Opens the run as *Open live* does: a notebook beside it, with its source and parameters, and a kernel in which everything before the failing cell is run again; or the kernel that the run left, where it may be taken over.",
    "Then a connection file is written, and any Jupyter console of this user reaches the kernel by it through this command, until Ctrl-C. The kernel stays in the notebook, where what was run can be seen; quitting the console leaves it there as well.",
  ],
  positionals: [{ name: "RUN", help: "The id of the run, or the address of its page." }],
  flags: [
    { name: "--cell", takes: ["CELL"], help: "Stop before this one: its id, or its place from 1. Default: the failing cell, else the end." },
    { name: "--yes", takes: [], help: "Run cells that write again, and take another environment where the run's is gone, without asking." },
    { name: "--replay", takes: [], help: "Start a fresh kernel although the run left one." },
    {
      name: "--secret",
      takes: ["NAME", "VARIABLE"],
      repeat: true,
      help: "A secret parameter, from an environment variable: they were deleted when the run ended.",
    },
    { name: "--json", takes: [], help: "Print one JSON object with the notebook and the connection file." },
  ],
}

export const ATTACH = onServer(COMMAND, act)

async function act(remote: Remote): Promise<number> {
  const { parsed, edge, client } = remote
  const [run = ""] = parsed.positionals
  const cell = lastValueOf(parsed, "--cell")
  const at = cell === undefined ? {} : { cell }
  const missing = valuesOf(parsed, "--secret").find(([, variable = ""]) => edge.env[variable] === undefined)
  if (missing) return complained(remote, `There is no environment variable ${missing[1]}.`, "Set it, or name another one.")
  const plan = await client.call("planLiveRun", { params: { run }, query: at })
  const takes = !isOn(parsed, "--replay") && cell === undefined && plan.kernel?.is === "kept" && plan.kernel.mayAttach
  const isAgreed = takes || isOn(parsed, "--yes") || (await agrees(remote, plan))
  if (!isAgreed) return complained(remote, "Nothing was opened: this needs a yes.", "Give --yes when you have looked at what is listed.")
  const secrets = Object.fromEntries(valuesOf(parsed, "--secret").map(([name = "", variable = ""]) => [name, edge.env[variable] ?? ""]))
  const yes = { writes: isAgreed, otherEnvironment: isAgreed }
  const body = { ...at, ...yes, secrets, ...(isOn(parsed, "--replay") ? { attach: false } : {}) }
  const opened = await client.call("openLiveRun", { params: { run }, body })
  const origin = opened.isAttached ? undefined : await replayed(remote, opened)
  if (origin?.replay.is === "stopped")
    edge.err.write(`The replay stopped at the cell ${origin.replay.at}: ${origin.replay.why || "it did not run."}\n`)
  return serve(remote, opened)
}

/** Lists what would be done beside computing; true when there is nothing to ask, or somebody says yes. */
async function agrees({ edge }: Remote, { writes, environment }: Plan): Promise<boolean> {
  if (writes.length === 0 && environment.is !== "gone") return true
  for (const { index, kind, what } of writes) edge.err.write(`Cell ${index + 1} is run again, and writes (${kind}): ${what}\n`)
  if (environment.is === "gone") {
    edge.err.write(`The environment ${environment.name} cannot be had any more. ${environment.why}\n`)
    for (const difference of environment.instead?.differences ?? []) edge.err.write(`  ${difference}\n`)
  }
  return (await edge.confirm("Go on?")) ?? false
}

const LOOK_MS = 300

async function replayed({ edge, client }: Remote, { notebook }: Opened): Promise<Origin> {
  for (let told = ""; ; ) {
    const origin = await client.call("getLiveOrigin", { params: { notebook: notebook.id } })
    const { done, total, is } = origin.replay
    const now = `${done} of ${total} cells are run again\n`
    if (now !== told) edge.err.write(now)
    told = now
    if (is !== "running") return origin
    await new Promise<void>((next) => edge.timers.after(LOOK_MS, next))
  }
}

async function serve(remote: Remote, { notebook }: Opened): Promise<number> {
  const { edge, url, token, parsed } = remote
  const address = new URL(`/api/v1/notebooks/${notebook.id}/live`, url)
  address.protocol = address.protocol.replace("http", "ws")
  let tell: (told: Told) => void = () => undefined
  const ended = Promise.withResolvers<{ readonly why: string; readonly isWell: boolean }>()
  const line = new Line(await edge.socket(address.href, token), (told) => tell(told))
  let served: ServedKernel | undefined
  const desk = new Console(line, () => served as ServedKernel)
  tell = (told) => {
    if (told.tell === "session" && told.session && ["ended", "lost", "dead"].includes(told.session.state))
      ended.resolve({ why: told.session.explanation, isWell: told.session.state === "ended" })
    else desk.told(told)
  }
  const kernel = await edge.serveKernel(notebook.language || "kernel", (asked) => void desk.hear(asked))
  served = kernel
  const stop = edge.onSignal(() => ended.resolve({ why: "", isWell: true }))
  void line.closed.then((code) => ended.resolve({ why: CLOSED_WORDS[code] ?? "The server went away.", isWell: false }))
  const { connectionFile } = kernel
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify({ notebook: notebook.id, url: notebook.url, connectionFile })}\n`)
  else
    edge.out.write(`${notebook.url}\njupyter console --existing ${connectionFile}\nCtrl-C ends the connection; the kernel stays in the notebook.\n`)
  const { why, isWell } = await ended.promise
  stop()
  line.close()
  await kernel.close()
  if (why !== "") edge.err.write(`${why}\n`)
  return isWell ? EXIT.succeeded : EXIT.infrastructure
}

const CLOSED_WORDS: Readonly<Record<number, string>> = {
  [CLOSED.notSignedIn]: "You are signed out, or your token is no good any more.",
  [CLOSED.mayNot]: "You may not read this notebook any more.",
  [CLOSED.gone]: "The notebook is not there any more.",
}

function complained({ edge }: Remote, message: string, remedy: string): number {
  complain(edge, message, remedy)
  return EXIT.bad
}
