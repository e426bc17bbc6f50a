import fc from "fast-check"
import { afterEach, expect, test } from "vitest"
import {
  askExit,
  clear,
  commClose,
  commMsg,
  commOpen,
  dies,
  display,
  error,
  errorOutput,
  hangs,
  idleFirst,
  later,
  result,
  type Say,
  scriptedKernels,
  stderr,
  stdout,
  update,
} from "#kernel/adapters/scripted.ts"
import type { KernelFeature } from "#kernel/index.ts"
import type { Cell, Notebook } from "#notebook/index.ts"
import { Drive } from "#run/drive.ts"
import { refold } from "#run/fold.ts"
import type { Order } from "#run/order.ts"
import { INTO_CODE_MS } from "#run/patience.ts"
import { codeCell, handTime, memoryJournal, notebookOf, orderOf } from "#run/testing.ts"

const WORDS: { readonly [code: string]: Say | readonly Say[] } = {
  print: stdout("hello\n"),
  twice: [stdout("a"), stdout("b\n"), stderr("c")],
  bar: [stdout("10%"), stdout("\r20%"), stdout("\r30%\n")],
  show: display("first", "d1"),
  again: [update("d1", "second"), result("42")],
  wipe: [stdout("gone"), clear(true), stdout("stays")],
  raise: [stdout("before"), error("ValueError", "no")],
  quiet: [errorOutput("Warning", "handled"), stdout("on")],
  early: idleFirst(),
  thread: [later([stdout("late\n")], 6), stdout("now\n")],
  exit: askExit(),
  widget: [
    commOpen("w", "jupyter.widget", { state: { _model_name: "IntSliderModel", value: 1 } }),
    commMsg("w", { method: "update", state: { value: 2 } }),
    commClose("w"),
  ],
  nothing: [],
}

let closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing) await close()
  closing = []
})

type Played = {
  readonly drive: Drive
  readonly journal: ReturnType<typeof memoryJournal>
  readonly kernels: ReturnType<typeof scriptedKernels>
  readonly time: ReturnType<typeof handTime>
}

function stage(
  order: Order,
  options: { seed?: number; features?: readonly KernelFeature[]; pace?: "manual" } = {},
  words: typeof WORDS = WORDS,
): Played & { start: () => ReturnType<Drive["run"]> } {
  const kernels = scriptedKernels(words, { features: ["conditional execute"], ...options })
  closing.push(() => kernels.close())
  const journal = memoryJournal()
  const time = handTime()
  const drive = new Drive(order, { journal, clock: time, timers: time, placed: (message) => message })
  return { drive, journal, kernels, time, start: () => drive.run(kernels.start("script"), "Script") }
}

/** Until the kernel waits for us. */
async function underWay({ drive, kernels }: Played): Promise<void> {
  while (drive.fold.run.status === "queued") await new Promise((next) => setImmediate(next))
  await kernels.settle()
}

async function play(order: Order, options: { seed?: number } = {}): Promise<Played> {
  const played = stage(order, options)
  await played.start()
  await played.kernels.settle()
  return played
}

/** What a reader of the result would see: states, reason and outputs, without times. */
function seen({ drive }: Played): unknown {
  const { run, outputs } = drive.fold
  return {
    status: run.status,
    reason: run.reason,
    cells: run.cells.map((cell, index) => ({ state: cell.state, count: cell.executionCount, outputs: outputs.of(index) })),
  }
}

const anyCell = fc.record({ source: fc.constantFrom(...Object.keys(WORDS)), raises: fc.boolean() })
const notebookFrom = (cells: readonly { source: string; raises: boolean }[]): Notebook =>
  notebookOf(...cells.map(({ source, raises }): Cell => codeCell(source, raises ? { tags: ["raises-exception"] } : {})))

test("sending ahead never changes the result, whatever order the sockets deliver in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCell, { minLength: 1, maxLength: 8 }), fc.nat(), async (cells, seed) => {
      const notebook = notebookFrom(cells.filter(({ source }) => source !== "thread"))
      const oneByOne = await play(orderOf(notebook))
      const ahead = await play(orderOf(notebook, { pipelining: true }), { seed })
      expect(seen(ahead)).toEqual(seen(oneByOne))
      expect(ahead.kernels.whats("executes")).toEqual(oneByOne.kernels.whats("executes"))
    }),
    { numRuns: 200 },
  )
})

test("folding the journal again gives the same run and the same outputs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCell, { minLength: 1, maxLength: 6 }), fc.nat(), async (cells, seed) => {
      const played = await play(orderOf(notebookFrom(cells), { pipelining: true }), { seed })
      const again = refold(played.journal.events.map((event, record) => ({ event, record, end: record + 1 })))!
      expect(again.run).toEqual(played.drive.fold.run)
      expect(again.run.cells.map((_, index) => again.outputs.of(index))).toEqual(
        again.run.cells.map((_, index) => played.drive.fold.outputs.of(index)),
      )
    }),
    { numRuns: 200 },
  )
})

test("output of a thread goes to the cell that started it, even after that cell ended", async () => {
  const played = await play(orderOf(notebookOf("thread", "print", "print", "print")))
  expect(played.drive.fold.outputs.of(0)).toEqual([{ output_type: "stream", name: "stdout", text: "now\nlate\n" }])
})

test("a widget that was closed is saved as it was last", async () => {
  const { drive } = await play(orderOf(notebookOf("widget")))
  expect(drive.fold.outputs.widgets.saved()).toMatchObject({
    "application/vnd.jupyter.widget-state+json": { state: { w: { model_name: "IntSliderModel", state: { value: 2 } } } },
  })
})

test("a kernel that dies mid-cell leaves what was said and the truth", async () => {
  const played = stage(
    orderOf(notebookOf("print", "crash", "print")),
    {},
    { ...WORDS, crash: [stdout("last words"), dies({ signal: "SIGKILL", outOfMemory: true })] },
  )
  const { run } = await played.start()
  expect([run.status, run.reason, run.cells.map((cell) => cell.state)]).toEqual(["failed", "out_of_memory", ["succeeded", "kernel_died", "not_run"]])
  expect(played.drive.fold.outputs.of(1)).toEqual([{ output_type: "stream", name: "stdout", text: "last words" }])
})

test("cancel interrupts the cell; the run is cancelled, and so is the cell", async () => {
  const played = stage(orderOf(notebookOf("print", "loop", "print"), { pipelining: true }), {}, { ...WORDS, loop: hangs() })
  const ended = played.start()
  await underWay(played)
  played.drive.cancel("SIGINT")
  played.time.pass(INTO_CODE_MS)
  const { run } = await ended
  expect([run.status, run.cells.map((cell) => cell.state)]).toEqual(["cancelled", ["succeeded", "cancelled", "not_run"]])
  expect(played.kernels.whats("executes")).toEqual(["print", "loop"])
})

test("a cell that ignores the interrupt is killed after the grace", async () => {
  const played = stage(orderOf(notebookOf("loop"), { limits: { cellTimeoutMs: 1000 } }), {}, { loop: hangs("ignored") })
  const ended = played.start()
  await underWay(played)
  played.time.pass(1000)
  await played.kernels.settle()
  played.time.pass(5000)
  const { run } = await ended
  expect([run.status, run.reason, run.cells[0]!.state]).toEqual(["failed", "timed_out", "timed_out"])
})

test.each([
  ["longer", 20_000],
  ["shorter", 100],
])("a cancel gives a cell that ignores it a grace of its own, %s than the order's", async (_, graceMs) => {
  const played = stage(orderOf(notebookOf("loop")), {}, { loop: hangs("ignored") })
  const ended = played.start()
  await underWay(played)
  played.drive.cancel("enough", graceMs)
  await played.kernels.settle()
  played.time.pass(graceMs - 1)
  await played.kernels.settle()
  expect(played.drive.fold.run.status).toBe("running")
  played.time.pass(1)
  const { run } = await ended
  expect([run.status, run.cells[0]!.state]).toEqual(["cancelled", "cancelled"])
})

test("a watcher is told only what is safe on disk, in order", async () => {
  const kernels = scriptedKernels(WORDS)
  closing.push(() => kernels.close())
  const journal = memoryJournal()
  const time = handTime()
  const told: string[] = []
  const drive = new Drive(orderOf(notebookOf("print")), {
    journal,
    clock: time,
    timers: time,
    placed: (message) => message,
    watch: (event) => told.push(event.type),
  })
  await drive.run(kernels.start("script"), "Script")
  expect(told).toEqual([])
  journal.sync()
  expect(told).toEqual(journal.events.map((event) => event.type))
  expect(told.slice(0, 3)).toEqual(["begun", "kernel_ready", "sent"])
})

test("beyond what a run may keep, output is counted and not kept, and the result says so", async () => {
  const played = await play(orderOf(notebookOf("print", "twice"), { limits: { keptBytes: -1 } }))
  expect(played.drive.fold.outputs.overflow(1)).toMatchObject({ messages: 3, bytes: 0 })
  expect(played.drive.fold.outputs.overflow(1)!.dropped).toBeGreaterThan(0)
  expect(played.drive.fold.run.status).toBe("succeeded")
})
