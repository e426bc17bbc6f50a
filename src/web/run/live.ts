/** A run under way, as its events tell it: what each cell shows so far, how far it is, what was noted. Pure. */
import type { StreamedEvent } from "#api/client.ts"
import type { LiveOutput } from "#api/live.ts"

export type LiveCell = {
  readonly id: string
  readonly state: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly executionCount: number | null
}

export type LiveRun = {
  readonly seq: number
  readonly attempt: number
  readonly state: string
  readonly reason: string
  readonly explanation: string
  readonly cancelAsked: boolean
  readonly progress: { readonly done: number; readonly total: number; readonly current: number | null }
  readonly cells: ReadonlyMap<number, LiveCell>
  readonly outputs: ReadonlyMap<number, readonly Shown[]>
  readonly notes: readonly string[]
}

/** An output, and by which name later messages may change it. `isStale`: it goes when the next one comes. */
type Shown = { readonly output: LiveOutput; readonly displayId?: string; readonly isStale?: boolean }

export const NOTHING_YET: LiveRun = {
  seq: 0,
  attempt: 0,
  state: "",
  reason: "",
  explanation: "",
  cancelAsked: false,
  progress: { done: 0, total: 0, current: null },
  cells: new Map(),
  outputs: new Map(),
  notes: [],
}

/** Many events at once: a cell that prints a hundred thousand lines costs one new map for each batch, not one for each line. */
export function heard(live: LiveRun, events: readonly StreamedEvent[]): LiveRun {
  if (events.length === 0) return live
  const writable: Writable = { live, cells: new Map(live.cells), outputs: new Map(live.outputs) }
  for (const event of events) if (event.seq > writable.live.seq) hear(writable, event)
  return { ...writable.live, cells: writable.cells, outputs: writable.outputs }
}

type Writable = { live: LiveRun; cells: Map<number, LiveCell>; outputs: Map<number, readonly Shown[]> }

function hear(writable: Writable, event: StreamedEvent): void {
  // Another try begins with nothing of the one before.
  if (event.attempt > writable.live.attempt && writable.live.attempt > 0) {
    writable.cells = new Map()
    writable.outputs = new Map()
    writable.live = { ...writable.live, notes: [], progress: NOTHING_YET.progress }
  }
  writable.live = { ...writable.live, seq: event.seq, attempt: Math.max(event.attempt, writable.live.attempt) }
  take(writable, event.type, isRecord(event.what) ? event.what : {})
}

type Facts = Readonly<Record<string, unknown>>

function take(writable: Writable, type: string, what: Facts): void {
  const { live } = writable
  const cell = typeof what["cell"] === "number" ? what["cell"] : -1
  switch (type) {
    case "state":
      writable.live = {
        ...live,
        state: text(what["state"]),
        reason: text(what["reason"]),
        explanation: text(what["explanation"]),
        cancelAsked: what["desired"] === "cancel",
      }
      return
    case "progress":
      writable.live = { ...live, progress: { done: count(what["done"]), total: count(what["total"]), current: numberOr(what["current"]) } }
      return
    case "note":
      writable.live = { ...live, notes: [...live.notes.slice(-(MOST_NOTES - 1)), text(what["text"])] }
      return
    case "cell":
      writable.cells.set(count(what["index"]), cellOf(what))
      return
    case "stream":
      return show(writable, cell, (shown) => withText(shown, text(what["name"]), text(what["text"])))
    case "output":
      return show(writable, cell, (shown) => [...fresh(shown), { output: outputOf(what["output"]), ...idOf(what) }])
    case "update":
      return update(writable, what)
    case "clear":
      return show(writable, cell, (shown) => (what["wait"] === true ? shown.map((one) => ({ ...one, isStale: true })) : []))
  }
}

const MOST_NOTES = 50

function cellOf(what: Facts): LiveCell {
  return {
    id: text(what["id"]),
    state: text(what["state"]),
    startedAt: textOr(what["startedAt"]),
    endedAt: textOr(what["endedAt"]),
    executionCount: numberOr(what["executionCount"]),
  }
}

function show({ outputs }: Writable, cell: number, change: (shown: readonly Shown[]) => readonly Shown[]): void {
  if (cell >= 0) outputs.set(cell, change(outputs.get(cell) ?? []))
}

function fresh(shown: readonly Shown[]): readonly Shown[] {
  return shown.some(({ isStale }) => isStale) ? shown.filter(({ isStale }) => !isStale) : shown
}

/** What a cell prints beyond this is cut at its beginning while it runs: the log and the result have all of it. */
const MOST_TEXT = 400_000

function withText(before: readonly Shown[], name: string, added: string): readonly Shown[] {
  const shown = fresh(before)
  const last = shown.at(-1)
  if (last?.output.output_type !== "stream" || last.output["name"] !== name)
    return [...shown, { output: { output_type: "stream", name, text: added } }]
  const whole = text(last.output["text"]) + added
  const kept =
    whole.length > 2 * MOST_TEXT ? `… (the beginning is in the log)\n${whole.slice(whole.indexOf("\n", whole.length - MOST_TEXT) + 1)}` : whole
  return [...shown.slice(0, -1), { output: { ...last.output, text: kept } }]
}

function update({ outputs }: Writable, what: Facts): void {
  const id = what["displayId"]
  if (typeof id !== "string") return
  for (const [cell, shown] of outputs)
    if (shown.some(({ displayId }) => displayId === id)) {
      const { data, metadata } = outputOf(what["output"])
      outputs.set(
        cell,
        shown.map((one) => (one.displayId === id ? { ...one, output: { ...one.output, data, metadata } } : one)),
      )
    }
}

function idOf(what: Facts): { readonly displayId?: string } {
  return typeof what["displayId"] === "string" ? { displayId: what["displayId"] } : {}
}

/** Long strings stay with the server while a run is under way; in their place stands a mark, which is no text to be shown. */
function outputOf(what: unknown): LiveOutput {
  const output = isRecord(what) ? what : {}
  const type = text(output["output_type"]) || "display_data"
  const data = output["data"]
  if (!isRecord(data)) return { ...output, output_type: type }
  const kept = Object.entries(data).filter(([, value]) => !isPutAside(value))
  const aside = Object.entries(data).filter(([, value]) => isPutAside(value))
  const said =
    aside.length > 0 && kept.length === 0 ? [["text/plain", `(${aside.map(([mime]) => mime).join(", ")}: shown when the run has ended)`]] : []
  return { ...output, output_type: type, data: Object.fromEntries([...kept, ...said]) }
}

function isPutAside(value: unknown): boolean {
  return isRecord(value) && typeof value["blob"] === "string" && typeof value["sizeBytes"] === "number"
}

function isRecord(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === "string" ? value : ""
}

function textOr(value: unknown): string | null {
  return typeof value === "string" ? value : null
}

function count(value: unknown): number {
  return typeof value === "number" ? value : 0
}

function numberOr(value: unknown): number | null {
  return typeof value === "number" ? value : null
}

/** What a cell shows, without the names by which it may change. */
export function outputsOf(live: LiveRun, cell: number): readonly LiveOutput[] {
  return (live.outputs.get(cell) ?? []).map(({ output }) => output)
}

/** What a cell of a run under way shows and is, by the cell's id. */
export type LiveCellShown = { readonly state: string; readonly executionCount: number | null; readonly outputs: readonly LiveOutput[] }

/** By id: a run puts a cell of its own into the notebook, which moves the numbers of the others. */
export function liveCells(live: LiveRun): ReadonlyMap<string, LiveCellShown> {
  return new Map([...live.cells].map(([index, { id, state, executionCount }]) => [id, { state, executionCount, outputs: outputsOf(live, index) }]))
}
