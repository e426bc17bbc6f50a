import fc from "fast-check"
import { expect, test } from "vitest"
import type { JsonObject } from "#base/json.ts"
import type { Order } from "#run/order.ts"
import { type Effect, isOver, type Run, type RunEvent, type TimerName } from "#run/run.ts"
import { begin, step } from "#run/step.ts"
import { codeCell, messageOf, notebookOf, orderOf } from "#run/testing.ts"

type Happening = Exclude<RunEvent, { type: "begun" }>

const said = (channel: "iopub" | "shell", type: string, cell: number, content: JsonObject): Happening => ({
  type: "said",
  at: 5,
  message: messageOf(channel, type, { parent: `r${cell}`, content }),
})
const busy = (cell: number) => said("iopub", "status", cell, { execution_state: "busy" })
const input = (cell: number) => said("iopub", "execute_input", cell, { execution_count: cell + 1 })
const idle = (cell: number) => said("iopub", "status", cell, { execution_state: "idle" })
const RAISED: JsonObject = { status: "error", ename: "KeyboardInterrupt", evalue: "", traceback: [] }
const reply = (cell: number, content: JsonObject = { status: "ok", execution_count: 1 }) => said("shell", "execute_reply", cell, content)
const raise = (cell: number, ename = "ValueError", evalue = "no") => said("iopub", "error", cell, { ename, evalue, traceback: [] })
const failed = (cell: number, ename = "ValueError", evalue = "no") => reply(cell, { status: "error", ename, evalue, traceback: [] })
const kernel = {
  name: "script",
  displayName: "Script",
  protocol: "5.3",
  implementation: "s",
  languageInfo: {},
  conditional: true,
  startMs: 1,
  startedFrom: "scripted",
}
const ready: Happening = { type: "kernel_ready", at: 1, kernel }
const timer = (name: TimerName, cell = 0, at = 9): Happening => ({ type: "timer", at, timer: name, cell })
const cancel: Happening = { type: "cancel_asked", at: 9, by: "a test" }
const died = (signal: string | null, outOfMemory = false, lastRequest?: string): Happening => ({
  type: "kernel_died",
  at: 9,
  exit: { code: null, signal, outOfMemory, stderrTail: "", ...(lastRequest === undefined ? {} : { lastRequest }) },
})

const WORDS: Record<Effect["do"], (effect: never) => string> = {
  execute: (effect: { cell: number; after: number }) => `execute ${effect.cell}${effect.after >= 0 ? ` after ${effect.after}` : ""}`,
  interrupt: () => "interrupt",
  kill: () => "kill",
  start_timer: (effect: { timer: string }) => (effect.timer === "quiet" ? "" : `time ${effect.timer}`),
  stop_timer: () => "",
  finish: () => "finish",
}

/** Plays events; each execute is at once given the request id `r<cell>`. */
function play(order: Order, ...events: readonly Happening[]): { run: Run; did: string[] } {
  let run = begin(order, 0)
  const did: string[] = []
  for (const event of events) {
    const stepped = step(run, event)
    run = stepped.run
    for (const effect of stepped.effects) {
      const word = WORDS[effect.do](effect as never)
      if (word) did.push(word)
      if (effect.do === "execute") run = step(run, { type: "sent", at: 2, cell: effect.cell, request: `r${effect.cell}` }).run
    }
  }
  return { run, did }
}

const states = (run: Run) => run.cells.map((cell) => cell.state).join(" ")
const ok = (cell: number) => [busy(cell), reply(cell), idle(cell)]

test("cells run one after the other and the run succeeds when the last is over", () => {
  const { run, did } = play(orderOf(notebookOf("a", "b")), ready, ...ok(0), ...ok(1))
  expect(did).toEqual(["execute 0", "execute 1", "finish"])
  expect([run.status, states(run)]).toEqual(["succeeded", "succeeded succeeded"])
})

test("reply and idle are both awaited, in either order", () => {
  const order = orderOf(notebookOf("a"))
  expect(isOver(play(order, ready, busy(0), idle(0)).run)).toBe(false)
  expect(isOver(play(order, ready, busy(0), reply(0)).run)).toBe(false)
  expect(play(order, ready, busy(0), idle(0), reply(0)).run.status).toBe("succeeded")
})

test("pipelining keeps one request ahead, each depending on the one before", () => {
  const { did } = play(orderOf(notebookOf("a", "b", "c"), { pipelining: true }), ready, ...ok(0), ...ok(1), ...ok(2))
  expect(did).toEqual(["execute 0", "execute 1 after 0", "execute 2 after 1", "finish"])
})

test("a kernel that cannot skip by itself is never sent more than one", () => {
  const { did } = play(orderOf(notebookOf("a", "b"), { pipelining: true }), { ...ready, kernel: { ...kernel, conditional: false } } as Happening)
  expect(did).toEqual(["execute 0"])
})

test("a cell that raises ends the run; what was sent ahead counts as not run", () => {
  const { run } = play(orderOf(notebookOf("a", "b", "c"), { pipelining: true }), ready, busy(0), raise(0), failed(0), idle(0))
  expect([run.status, run.reason, states(run)]).toEqual(["failed", "cell_raised", "failed not_run not_run"])
  expect(run.explanation).toBe("Cell 1 raised ValueError.")
})

test("an error output with an ok reply is an error too", () => {
  expect(play(orderOf(notebookOf("a", "b")), ready, busy(0), raise(0), reply(0), idle(0)).run.status).toBe("failed")
})

test("a cell tagged raises-exception may raise", () => {
  const { run } = play(
    orderOf(notebookOf(codeCell("a", { tags: ["raises-exception"] }), "b")),
    ready,
    busy(0),
    raise(0),
    failed(0),
    idle(0),
    ...ok(1),
  )
  expect([run.status, states(run)]).toEqual(["succeeded", "failed_allowed succeeded"])
})

test("sys.exit(0) stops early and is a success, sys.exit(1) is a failure", () => {
  const stop = (evalue: string) =>
    play(orderOf(notebookOf("a", "b")), ready, busy(0), raise(0, "SystemExit", evalue), failed(0, "SystemExit", evalue), idle(0)).run
  expect([stop("0").status, stop("0").reason, states(stop("0"))]).toEqual(["succeeded", "stopped_early", "stopped_early not_run"])
  expect([stop("1").status, stop("1").reason]).toEqual(["failed", "cell_raised"])
})

test("exit() asks by payload", () => {
  const { run } = play(
    orderOf(notebookOf("exit()", "b")),
    ready,
    busy(0),
    reply(0, { status: "ok", payload: [{ source: "ask_exit", keepkernel: false }] }),
    idle(0),
  )
  expect([run.status, run.reason, states(run)]).toEqual(["succeeded", "stopped_early", "stopped_early not_run"])
})

test("a time-out interrupts, and tells the truth about the cell and the run", () => {
  const order = orderOf(notebookOf("a", "b"), { limits: { cellTimeoutMs: 2000 } })
  const { run, did } = play(
    order,
    ready,
    busy(0),
    input(0),
    timer("cell", 0, 2000),
    raise(0, "KeyboardInterrupt"),
    failed(0, "KeyboardInterrupt"),
    idle(0),
  )
  expect(did).toEqual(["execute 0", "time cell", "interrupt", "time grace", "finish"])
  expect([run.status, run.reason, states(run)]).toEqual(["failed", "timed_out", "timed_out not_run"])
  expect(run.explanation).toBe("Cell 1 took longer than its time-out of 2.0 s.")
})

test("a time-out that the cell does not hear ends in a kill", () => {
  const { run, did } = play(orderOf(notebookOf("a"), { limits: { cellTimeoutMs: 2000 } }), ready, busy(0), timer("cell"), timer("grace"))
  expect(did.slice(-2)).toEqual(["kill", "finish"])
  expect([run.status, run.reason, states(run)]).toEqual(["failed", "timed_out", "timed_out"])
})

test("a cell's own time-out overrides the run's", () => {
  const order = orderOf(notebookOf(codeCell("a", { metadata: { stet: { timeout: 1 } } })))
  expect(play(order, ready, busy(0)).did).toContain("time cell")
})

test("the run's time-out names the run", () => {
  const { run } = play(
    orderOf(notebookOf("a"), { limits: { runTimeoutMs: 60_000 } }),
    ready,
    busy(0),
    timer("run", -1),
    failed(0, "KeyboardInterrupt"),
    idle(0),
  )
  expect(run.explanation).toBe("The run took longer than its time-out of 1 m 0 s.")
})

test("cancelling interrupts; a second time it ends at once", () => {
  const once = play(orderOf(notebookOf("a", "b")), ready, busy(0), cancel, raise(0, "KeyboardInterrupt"), failed(0, "KeyboardInterrupt"), idle(0))
  expect([once.run.status, states(once.run)]).toEqual(["cancelled", "cancelled not_run"])
  const twice = play(orderOf(notebookOf("a", "b")), ready, busy(0), cancel, cancel)
  expect([twice.run.status, twice.did.slice(-2)]).toEqual(["cancelled", ["kill", "finish"]])
})

test("a cancel that comes before the kernel is in the cell's code interrupts it when it is", () => {
  const long = { ...cancel, at: 5 + 1000 }
  const did = (...events: Happening[]) => play(orderOf(notebookOf("a", "b")), ready, ...events).did.slice(1)
  expect(did(cancel)).toEqual(["time grace"])
  expect(did(busy(0), cancel)).toEqual(["time grace"])
  expect(did(busy(0), cancel, input(0), input(0))).toEqual(["time grace", "time interrupt"])
  expect(did(cancel, busy(0), input(0))).toEqual(["time grace", "time interrupt"])
  expect(did(busy(0), input(0), cancel)).toEqual(["time interrupt", "time grace"])
  expect(did(busy(0), input(0), long), "it is in the code").toEqual(["interrupt", "time grace"])
  expect(did(busy(0), long), "a kernel that never says so").toEqual(["interrupt", "time grace"])
  expect(did(busy(0), reply(0), cancel), "nothing to wait for").toEqual(["interrupt", "time grace"])
})

test("a cell that was interrupted as it began is interrupted once more, and never again", () => {
  const began = play(orderOf(notebookOf("a", "b")), ready, busy(0), input(0), cancel, timer("interrupt", 0, 105), timer("interrupt", 0, 1105))
  expect(began.did.slice(1)).toEqual(["time interrupt", "time grace", "interrupt", "time interrupt", "interrupt"])
  const left = play(orderOf(notebookOf("a", "b")), ready, busy(0), input(0), cancel, reply(0, RAISED), idle(0), timer("interrupt", 0, 105))
  expect(left.did.slice(1)).toEqual(["time interrupt", "time grace", "finish"])
})

test("what a kernel gave up or never answered when it was cancelled did not succeed, and what it refused did not run", () => {
  const after = (...events: Happening[]) => states(play(orderOf(notebookOf("a", "b")), ready, busy(0), ...events).run)
  const aborted = reply(0, { status: "abort" })
  expect(after(input(0), cancel, aborted, idle(0))).toBe("cancelled not_run")
  expect(after(input(0), cancel, idle(0), timer("quiet"))).toBe("cancelled not_run")
  expect(after(cancel, aborted, idle(0))).toBe("not_run not_run")
})

test("cancelling before the kernel is ready runs nothing", () => {
  const { run, did } = play(orderOf(notebookOf("a")), cancel, ready)
  expect([run.status, did]).toEqual(["cancelled", ["finish"]])
})

test("a run that outgrows its disk is interrupted, fails, and says so whether the interrupt was heard or not", () => {
  const outgrown: Happening = { type: "outgrown", at: 2000, message: "It wrote too much." }
  const heard = play(orderOf(notebookOf("a", "b")), ready, busy(0), outgrown, reply(0, RAISED), idle(0))
  const fact = ({ run }: typeof heard) => [run.status, run.reason, run.explanation, states(run)]
  expect(fact(heard)).toEqual(["failed", "disk_exceeded", "It wrote too much.", "failed not_run"])
  const deaf = play(orderOf(notebookOf("a", "b")), ready, busy(0), input(0), outgrown, outgrown, timer("grace"))
  expect(fact(deaf)).toEqual(fact(heard))
  expect(deaf.did.filter((word) => word === "interrupt")).toHaveLength(1)
  const over = play(orderOf(notebookOf("a", "b")), ready, busy(0), cancel, outgrown, reply(0, RAISED), idle(0))
  expect([over.run.status, over.run.reason]).toEqual(["cancelled", ""])
})

test("a kernel that dies is said to have died, or to have run out of memory when that is known", () => {
  const dead = play(orderOf(notebookOf("a", "b")), ready, busy(0), died("SIGKILL")).run
  expect([dead.status, dead.reason, states(dead), dead.explanation]).toEqual([
    "failed",
    "kernel_died",
    "kernel_died not_run",
    "The kernel was killed by SIGKILL while cell 1 ran.",
  ])
  expect(play(orderOf(notebookOf("a")), ready, busy(0), died("SIGKILL", true)).run.reason).toBe("out_of_memory")
})

test("a kernel that noted which cell it was in is believed, when of the cells before it nothing came", () => {
  const told = (lastRequest: string, ...events: Happening[]) => {
    const { run } = play(orderOf(notebookOf("a", "b", "c"), { pipelining: true }), ready, ...events, died("SIGKILL", false, lastRequest))
    return [run.cells.map((cell) => cell.state).join(" "), run.explanation]
  }
  const inSecond = ["succeeded kernel_died not_run", "The kernel was killed by SIGKILL while cell 2 ran."]
  expect(told("r1")).toEqual(inSecond)
  expect(told("r1", busy(0))).toEqual(inSecond)
  expect(told("r0", busy(0))).toEqual(["kernel_died not_run not_run", "The kernel was killed by SIGKILL while cell 1 ran."])
  expect(told("somebody else's", busy(0))[1]).toMatch(/cell 1 ran/)
  expect(told("r2", busy(0), idle(0), reply(0))).toEqual(["succeeded succeeded kernel_died", "The kernel was killed by SIGKILL while cell 3 ran."])
})

test("a kernel that dies takes its last words with it: of what it did say, it is clear which cell it was in", () => {
  const told = (...events: Happening[]) => {
    const { run, did } = play(orderOf(notebookOf("a", "b", "c"), { pipelining: true }), ready, ...events, died("SIGSEGV"))
    return [run.cells.map((cell) => cell.state).join(" "), run.explanation, did.at(-1)]
  }
  const inSecond = ["succeeded kernel_died not_run", "The kernel was killed by SIGSEGV while cell 2 ran.", "finish"]
  expect(told(busy(0), reply(0))).toEqual(inSecond)
  expect(told(reply(0))).toEqual(inSecond)
  expect(told(busy(0), idle(0))).toEqual(inSecond)
  expect(told(busy(0), idle(0), busy(1))).toEqual(inSecond)
  expect(told(busy(0))).toEqual(["kernel_died not_run not_run", "The kernel was killed by SIGSEGV while cell 1 ran.", "finish"])
  expect(told(busy(0), raise(0), failed(0))).toEqual(["failed not_run not_run", "Cell 1 raised ValueError.", "finish"])
  expect(told(busy(0), idle(0), reply(0), idle(1), reply(2))).toEqual([
    "succeeded succeeded succeeded",
    "The kernel was killed by SIGSEGV when the last cell had run.",
    "finish",
  ])
})

test("cancelled: the cell behind is refused when the interrupted one raised, and has begun when that one had ended", () => {
  const { run } = play(orderOf(notebookOf("a", "b"), { pipelining: true }), ready, busy(0), cancel, raise(0), failed(0), idle(0))
  const refused = play(orderOf(notebookOf("a", "b"), { pipelining: true }), ready, busy(0), cancel, raise(0), failed(0), busy(1), idle(0)).run
  const begun = play(orderOf(notebookOf("a", "b"), { pipelining: true }), ready, busy(0), reply(0), busy(1), cancel, idle(0)).run
  const states = [run, refused, begun].map(({ cells }) => cells.map((cell) => cell.state).join(" "))
  expect(states).toEqual(["cancelled not_run", "cancelled not_run", "succeeded cancelled"])
})

test("a cell that was sent ahead and refused did not run: it has no times", () => {
  const { run } = play(orderOf(notebookOf("a", "b")), ready, busy(0), raise(0), busy(1), reply(1, { status: "aborted" }), idle(1), idle(0), failed(0))
  expect(run.cells[1]).toMatchObject({ state: "not_run", busyAt: 0, replyAt: 0, idleAt: 0, executionCount: null })
})

test("a kernel that asks for input although nobody answers is interrupted, and the cell has failed", () => {
  const question: Happening = {
    type: "said",
    at: 5,
    message: messageOf("stdin", "input_request", { parent: "r0", content: { prompt: "?", password: false } }),
  }
  const { run, did } = play(orderOf(notebookOf("a", "b")), ready, busy(0), input(0), question, reply(0), idle(0))
  expect([run.status, run.reason, states(run), did]).toEqual([
    "failed",
    "asked_for_input",
    "failed not_run",
    ["execute 0", "interrupt", "time grace", "finish"],
  ])
})

test("a kernel that forgets its idle is believed after a quiet time", () => {
  expect(play(orderOf(notebookOf("a")), ready, busy(0), reply(0), timer("quiet")).run.status).toBe("succeeded")
})

test("a run without an end is lost, and so is the cell that ran", () => {
  const { run } = play(orderOf(notebookOf("a", "b", "c")), ready, ...ok(0), busy(1), { type: "owner_died", at: 9 })
  expect([run.status, states(run)]).toEqual(["lost", "succeeded lost not_run"])
})

test("skipped, empty and foreign cells are not sent", () => {
  const notebook = notebookOf(codeCell("a", { tags: ["skip-execution"] }), "  \n", { ...codeCell("# title"), cell_type: "markdown" }, "b")
  const { run, did } = play(orderOf(notebook), ready, ...ok(3))
  expect([did, states(run)]).toEqual([["execute 3", "finish"], "skipped skipped skipped succeeded"])
})

test("whatever is heard, an ended run asks for nothing and ends exactly once", () => {
  const anyCell = fc.integer({ min: 0, max: 2 })
  const anyEvent = fc.oneof(
    fc.constant(ready),
    anyCell.map(busy),
    anyCell.map(idle),
    anyCell.map((cell) => reply(cell)),
    anyCell.map((cell) => failed(cell)),
    anyCell.map((cell) => raise(cell)),
    anyCell.map((cell) => reply(cell, { status: "aborted" })),
    fc.constantFrom(cancel, died("SIGSEGV"), timer("cell"), timer("grace"), timer("quiet"), timer("run", -1)),
  )
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.boolean(), (events, pipelining) => {
      const { run, did } = play(orderOf(notebookOf("a", "b", "c"), { pipelining, limits: { cellTimeoutMs: 1 } }), ...events)
      expect(did.filter((word) => word === "finish").length).toBe(isOver(run) ? 1 : 0)
      if (isOver(run)) {
        expect(did.at(-1)).toBe("finish")
        expect(states(run)).not.toMatch(/waiting|running/)
      }
    }),
    { numRuns: 2000 },
  )
})
