/** `stet run --server`: the same words, but a version that the server keeps is run there. */
import type { Answered, Body } from "#api/contract.ts"
import { type Json, plain } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import { isOn, lastValueOf, type Parsed, valuesOf } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { foreign, tamed } from "#cli/foreign.ts"
import { givenParameters } from "#cli/given.ts"
import { milliseconds } from "#cli/limits.ts"
import { say } from "#cli/say.ts"
import { type Remote, sayingProblems } from "#cli/server/act.ts"
import { cellLines } from "#cli/server/cell-lines.ts"
import { connected } from "#cli/server/connection.ts"
import { followLog } from "#cli/server/follow.ts"
import { patienceOf, whenThereIsPlace } from "#cli/server/place.ts"
import { referenceOf } from "#cli/server/reference.ts"
import { filesSent } from "#cli/server/send-files.ts"
import type { Given } from "#notebook/index.ts"
import type { Storage } from "#run/index.ts"

type Run = Answered<"getRun">
type Launch = Body<"launchRun">

/** The exit codes of the launch contract: 0 succeeded, 1 failed, 2 refused, 3 infrastructure, 4 cancelled, 75 later. */
export async function runOnServer(parsed: Parsed, edge: Edge, storage: Storage): Promise<number> {
  const to = connected(parsed, edge)
  if (!to.ok) return say(edge, to.refusal)
  const patience = patienceOf(parsed)
  if (!patience.ok) return say(edge, patience.refusal)
  return sayingProblems(edge, async () => {
    const { client } = to.value
    const given = await givenParameters(parsed, storage)
    if (!given.ok) return say(edge, given.refusal)
    const what = { what: parsed.positionals[0] ?? "", isTemplate: isOn(parsed, "--template") ?? false }
    const sent = await filesSent(given.value, { client, ...what, folder: edge.cwd })
    if (!sent.ok) return say(edge, { messages: sent.refusal, remedy: "" })
    const launch = launchOf(parsed, sent.value)
    const key = lastValueOf(parsed, "--key")
    const run = await whenThereIsPlace(() => launched(client, launch, { parsed, key }), {
      edge,
      patienceMs: patience.value,
      isQuiet: isOn(parsed, "--quiet") ?? false,
    })
    return isOn(parsed, "--no-wait") ? told(run, { parsed, edge }) : attend(run, { parsed, edge, storage, ...to.value })
  })
}

type Named = { readonly parsed: Parsed; readonly key: string | undefined }

function launched(client: Remote["client"], { notebook, version, ...rest }: Launch, { parsed, key }: Named): Promise<Run> {
  const again = key === undefined ? {} : { idempotencyKey: key }
  if (isOn(parsed, "--template")) return client.call("runTemplate", { params: { template: parsed.positionals[0] ?? "" }, body: rest, ...again })
  return client.call("launchRun", { body: { notebook, version, ...rest }, ...again })
}

function launchOf(parsed: Parsed, given: Given): Launch {
  const values = given.flatMap((one) => ("value" in one ? [[one.name, plain(one.value as Json)] as const] : []))
  const texts = given.flatMap((one) => ("text" in one ? [[one.name, one.text] as const] : []))
  const labels = valuesOf(parsed, "--label").map(([pair = ""]) => splitOnce(pair, "="))
  const optional = { environment: lastValueOf(parsed, "--environment"), ...numbersOf(parsed), onExisting: lastValueOf(parsed, "--on-existing") }
  return {
    ...referenceOf(parsed.positionals[0] ?? ""),
    parameters: Object.fromEntries(values),
    parameterTexts: Object.fromEntries(texts),
    labels: Object.fromEntries(labels),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  } as Launch
}

function numbersOf(parsed: Parsed): Partial<Pick<Launch, "timeoutSeconds" | "cellTimeoutSeconds" | "priority" | "keepKernelSeconds">> {
  const number = (name: `--${string}`) => {
    const text = lastValueOf(parsed, name)
    return text === undefined ? undefined : Number(text)
  }
  const seconds = (name: `--${string}`) => {
    const text = lastValueOf(parsed, name)
    return text === undefined ? undefined : (milliseconds(text) ?? Number.NaN) / 1000
  }
  const found = {
    timeoutSeconds: seconds("--timeout"),
    cellTimeoutSeconds: seconds("--cell-timeout"),
    priority: number("--priority"),
    keepKernelSeconds: seconds("--keep-kernel"),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
}

function told(run: Run, { parsed, edge }: Pick<Remote, "parsed" | "edge">): number {
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(run)}\n`)
  else if (!isOn(parsed, "--quiet")) edge.out.write(`${run.id}\n`)
  return EXIT.succeeded
}

/** Watches to the end; Ctrl-C asks the run to stop, a second one leaves it alone. */
async function attend(run: Run, remote: Remote & { readonly storage: Storage }): Promise<number> {
  const { parsed, edge, client } = remote
  const quiet = isOn(parsed, "--quiet") ?? false
  let asked = 0
  const ignore = edge.onSignal(() => {
    if (asked++ === 0) void client.call("cancelRun", { params: { run: run.id }, body: { reason: "Ctrl-C" } }).catch(() => undefined)
    else edge.exit(EXIT.cancelled)
  })
  if (!quiet) edge.err.write(`Run ${run.id}: ${run.url}\n`)
  try {
    await showing(run, remote, quiet)
    const ended = await untilEnded(run, remote)
    const output = parsed.positionals[1]
    if (output !== undefined && ended.result) await remote.storage.write(output, await client.stream("getResult", { params: { run: run.id } }))
    return report(ended, { parsed, edge }, quiet)
  } finally {
    ignore()
  }
}

async function showing(run: Run, { parsed, edge, client }: Remote, quiet: boolean): Promise<void> {
  if (isOn(parsed, "--json")) for await (const event of client.events(run.id)) edge.out.write(`${JSON.stringify(event)}\n`)
  else if (isOn(parsed, "--log-output")) {
    const shown = foreign(edge.out)
    await followLog({
      client,
      run: run.id,
      write: (text) => edge.out.write(shown(text)),
      now: () => edge.clock.steady(),
      timers: edge.timers,
      isUnread: () => edge.out.isClosed === true,
    })
  } else if (!quiet) {
    const line = cellLines()
    for await (const event of client.events(run.id)) edge.err.write(line(event))
  }
}

async function untilEnded(run: Run, { client }: Remote): Promise<Run> {
  for (;;) {
    const now = await client.call("getRun", {
      params: { run: run.id },
      query: { waitSeconds: 60, ifNotState: ["queued", "running"] },
    })
    if (now.endedAt) return now
  }
}

const HOW: { readonly [state: string]: string } = { cancelled: "was cancelled", lost: "was lost" }

function report(run: Run, { parsed, edge }: Pick<Remote, "parsed" | "edge">, quiet: boolean): number {
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify({ event: "run_ended", ...run })}\n`)
  const took = run.startedAt && run.endedAt ? ` after ${toHuman(Date.parse(run.endedAt) - Date.parse(run.startedAt))}` : ""
  if (run.state !== "succeeded") {
    if (run.error) edge.err.write(`${tamed(run.error.traceback.join("\n"), edge.err.colours)}\n`)
    complain(edge, `The run ${HOW[run.state] ?? run.state}${took}: ${run.explanation || run.reason.replaceAll("_", " ")}`, run.url)
  } else if (!quiet) edge.err.write(`Succeeded${took}: ${run.url}\n`)
  return exitOf(run)
}

function exitOf({ state, reason }: Run): number {
  if (state === "succeeded") return EXIT.succeeded
  if (state === "cancelled") return EXIT.cancelled
  return ["cell_raised", "timed_out", "asked_for_input"].includes(reason) ? EXIT.failed : EXIT.infrastructure
}
