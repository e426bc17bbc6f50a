/** What can be read of runs: each of these asks whether the actor may, first. */
import { joined } from "#base/bytes.ts"
import { isObject, type Json, type JsonObject, own } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { namedIn } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import { logTextOf } from "#work/event-rows.ts"
import { permitted } from "#work/permit.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import { type ArtifactRow, type AttemptRow, type CellTime, isTerminal, type RunFile, type RunRow } from "#work/row.ts"
import { attemptWithoutCode, eventWithoutCode } from "#work/shown.ts"
import { selectArtifacts, selectCellEvents, selectNamed } from "#work/sql/details.ts"
import { type StoredEvent, selectEvents, selectLog } from "#work/sql/events.ts"
import { findAttempts, placeInLine } from "#work/sql/find-run.ts"
import type { WorkWorld } from "#work/world.ts"

type Reading = Pick<WorkWorld, "db" | "clock">

/** A run that waits says for what. */
export async function getRun(world: Reading, actor: Actor, id: string): Promise<Outcome<RunRow, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "read", as: "run.read" })
  if (!run.ok || run.value.state !== "queued") return run
  return accepted({ ...run.value, explanation: waitsFor(run.value, { before: await placeInLine(world.db, run.value), now: world.clock.now() }) })
}

export function waitsFor(
  { notBefore, attempt }: Pick<RunRow, "notBefore" | "attempt">,
  { before, now }: { readonly before: number; readonly now: number },
): string {
  if (notBefore !== null && notBefore > now) return `Attempt ${attempt} begins at ${toIso(notBefore)}.`
  if (before === 0) return "It is the next in line."
  return `It waits in line: ${before.toLocaleString("en-US")} ${before === 1 ? "run goes" : "runs go"} before it, by priority and age.`
}

export async function attemptsOf(world: Reading, actor: Actor, id: string): Promise<Outcome<readonly AttemptRow[], RunRefusal>> {
  const run = await getRun(world, actor, id)
  if (!run.ok) return run
  const attempts = await findAttempts(world.db, id)
  return accepted(run.value.codeHidden ? attempts.map(attemptWithoutCode) : attempts)
}

export type Events = { readonly run: RunRow; readonly events: readonly StoredEvent[] }

const EVENTS = 500

/** Events after `seq`, oldest first, at most `limit`; `codeHidden`: as those are told them who may not see the code. When there are none and the run is over, there will be none. */
export async function eventsAfter(
  world: Reading,
  actor: Actor,
  asked: { readonly id: string; readonly seq: number; readonly limit?: number; readonly codeHidden?: boolean },
): Promise<Outcome<Events, RunRefusal>> {
  const run = await getRun(world, actor, asked.id)
  if (!run.ok) return run
  const events = await selectEvents(world.db, asked.id, { after: asked.seq, limit: Math.min(asked.limit ?? EVENTS, EVENTS) })
  return accepted({ run: run.value, events: asked.codeHidden || run.value.codeHidden ? withoutCode(events) : events })
}

export type LogPart = { readonly text: string; readonly offset: number; readonly nextOffset: number; readonly eof: boolean }

/** What is left out leaves its number, so that a reader who comes back knows how far it was. */
function withoutCode(events: readonly StoredEvent[]): StoredEvent[] {
  return events.map((event) => {
    const told = JSON.parse(event.what) as JsonObject
    const what = eventWithoutCode(event.type, told)
    // What is told whole goes out as it is stored: its numbers keep their spelling.
    if (what === told) return event
    return what ? { ...event, what: JSON.stringify(what) } : { ...event, type: "withheld", what: "{}" }
  })
}

const LOG_EVENTS = 200
const LOG_BYTES = 1_000_000
const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()

/** What the run printed, from a byte on; about a megabyte at most. `eof`: the run is over and this is the last of it. */
export async function logFrom(
  world: Reading,
  actor: Actor,
  { id, offset }: { readonly id: string; readonly offset: number },
): Promise<Outcome<LogPart, RunRefusal>> {
  const run = await getRun(world, actor, id)
  if (!run.ok) return run
  if (run.value.codeHidden)
    return refuse("not_allowed", "This notebook shows its code only to those who edit it, and so its log: look at the result.")
  const events = await selectLog(world.db, id, { offset, limit: LOG_EVENTS })
  return accepted(logPart(events, { offset, run: run.value }))
}

/** Pure: cuts the text out of the events that hold it. */
export function logPart(
  events: readonly Pick<StoredEvent, "type" | "what" | "logEnd">[],
  asked: { readonly offset: number; readonly run: Pick<RunRow, "state" | "logBytes"> },
): LogPart {
  const { offset, run } = asked
  const pieces: Uint8Array[] = []
  let [at, size] = [offset, 0]
  for (const event of events) {
    if (size >= LOG_BYTES) break
    const bytes = ENCODER.encode(logTextOf(event.type, JSON.parse(event.what) as Json))
    const start = event.logEnd - bytes.length
    // Events that retention took leave a hole: what is after it is given at once.
    if (bytes.length === 0) continue
    const piece = bytes.subarray(Math.max(0, at - start))
    pieces.push(piece)
    size += piece.length
    at = event.logEnd
  }
  // Nothing is left to come when the run is over and its text is at an end, even if some of it was removed by age.
  const isOver = isTerminal(run.state)
  const nextOffset = pieces.length === 0 && isOver ? Math.max(offset, run.logBytes) : at
  return { text: DECODER.decode(joined(pieces)), offset, nextOffset, eof: isOver && nextOffset >= run.logBytes }
}

export type RunOutputs = { readonly outputs: { readonly [name: string]: Json }; readonly artifacts: readonly ArtifactRow[] }

/** What the notebook gave by name (scrapbook's and papermill's form), and the files it wrote; of the latest attempt unless another is named. */
export async function outputsOf(
  world: Reading,
  actor: Actor,
  { id, attempt }: { readonly id: string; readonly attempt?: number | undefined },
): Promise<Outcome<RunOutputs, RunRefusal>> {
  const run = await getRun(world, actor, id)
  if (!run.ok) return run
  const number = attempt ?? run.value.attempt
  const artifacts = await selectArtifacts(world.db, id, number)
  const known = (await findAttempts(world.db, id)).find((one) => one.number === number)
  if (known?.endedAt != null) return accepted({ outputs: known.outputs ?? {}, artifacts })
  return accepted({ outputs: namedSoFar(await selectNamed(world.db, id, number)), artifacts })
}

/** While it runs: from what it has shown so far. */
function namedSoFar(whats: readonly string[]): { readonly [name: string]: Json } {
  const outputs = whats.map((what) => own(JSON.parse(what), "output"))
  const bundles = outputs.map((output) => (isObject(output) ? own(output, "data") : undefined))
  return Object.fromEntries(bundles.flatMap((data) => (isObject(data) ? namedIn(data) : [])))
}

/** What a parameter that is a file was given: for whoever may see the run. */
export async function runFileOf(
  world: Reading,
  actor: Actor,
  { id, parameter, place }: { readonly id: string; readonly parameter: string; readonly place: number },
): Promise<Outcome<RunFile, RunRefusal>> {
  const run = await getRun(world, actor, id)
  if (!run.ok) return run
  const found = run.value.files.find((file) => file.parameter === parameter && file.place === place)
  return found
    ? accepted(found)
    : refuse("no_such_run_file", `The run ${id} was given no file for a parameter ${JSON.stringify(parameter.slice(0, 100))}.`)
}

export type ResultRef = { readonly run: RunRow; readonly attempt: number; readonly sha256: string; readonly sizeBytes: number }

/** The result's blob: of the latest attempt that has one, unless one is named. */
export async function resultOf(
  world: Reading,
  actor: Actor,
  { id, attempt }: { readonly id: string; readonly attempt?: number | undefined },
): Promise<Outcome<ResultRef, RunRefusal>> {
  const run = await getRun(world, actor, id)
  if (!run.ok) return run
  const attempts = await findAttempts(world.db, id)
  const found = attempt === undefined ? attempts.findLast((one) => one.resultSha256 !== null) : attempts.find((one) => one.number === attempt)
  if (attempt !== undefined && !found) return refuse("no_such_attempt", `The run ${id} has no attempt ${attempt}.`)
  if (!found?.resultSha256) return refuse("no_result", whyNoResult(run.value))
  return accepted({ run: run.value, attempt: found.number, sha256: found.resultSha256, sizeBytes: found.resultBytes ?? 0 })
}

function whyNoResult(run: RunRow): string {
  if (!isTerminal(run.state)) return `The run ${run.id} has no result yet: it is ${run.state}.`
  return `The run ${run.id} left no result: ${run.explanation || `it ended as ${run.state}.`}`
}

export async function artifactOf(
  world: Reading,
  actor: Actor,
  asked: { readonly id: string; readonly attempt?: number | undefined; readonly path: string },
): Promise<Outcome<ArtifactRow, RunRefusal>> {
  const outputs = await outputsOf(world, actor, asked)
  if (!outputs.ok) return outputs
  const found = outputs.value.artifacts.find(({ path }) => path === asked.path)
  return found ? accepted(found) : refuse("no_such_artifact", `The run ${asked.id} left no file ${JSON.stringify(asked.path.slice(0, 200))}.`)
}

/** When each cell ran, also while the run goes on. */
export async function cellTimes(
  world: Reading,
  actor: Actor,
  { id, attempt }: { readonly id: string; readonly attempt?: number | undefined },
): Promise<Outcome<readonly CellTime[], RunRefusal>> {
  const run = await getRun(world, actor, id)
  if (!run.ok) return run
  const number = attempt ?? run.value.attempt
  const known = (await findAttempts(world.db, id)).find((one) => one.number === number)
  if (known && known.cells.length > 0) return accepted(known.cells)
  return accepted(latestOfCells(await selectCellEvents(world.db, id, number)))
}

/** Pure: the last that was told of each cell. */
export function latestOfCells(whats: readonly string[]): CellTime[] {
  const cells = new Map<number, CellTime>()
  for (const what of whats) {
    const told = JSON.parse(what) as {
      index: number
      id: string
      state: CellTime["state"]
      startedAt: string | null
      endedAt: string | null
      executionCount: number | null
    }
    const at = (iso: string | null) => (iso === null ? null : Date.parse(iso))
    const { index, id, state, executionCount } = told
    cells.set(index, { index, id, state, startedAt: at(told.startedAt), endedAt: at(told.endedAt), executionCount })
  }
  return [...cells.values()].sort((a, b) => a.index - b.index)
}
