import fc from "fast-check"
import { expect, test } from "vitest"
import type { Exit } from "#kernel/index.ts"
import { INTO_CODE_MS } from "#run/patience.ts"
import { type Asked, isSessionOver, SESSION_LIMITS, type Session, type SessionEffect, type SessionEvent } from "#run/session.ts"
import { beginSession, stepSession } from "#run/session-step.ts"
import { messageOf } from "#run/testing.ts"

type Happening = Exclude<SessionEvent, { type: "session_begun" }>

const ann = { id: "ann", name: "Ann" }
const bob = { id: "bob", name: "Bob" }
const kernel = {
  name: "k",
  displayName: "K",
  protocol: "5.3",
  implementation: "k",
  languageInfo: {},
  conditional: false,
  startMs: 1,
  startedFrom: "scripted",
}
const killed: Exit = { code: null, signal: "SIGKILL", outOfMemory: false, stderrTail: "" }

/** A session that is told events one after another, and what it wanted. */
function play(limits = SESSION_LIMITS) {
  let session = beginSession({ id: "s", startedBy: ann, limits }, 0)
  let at = 0
  const wanted: SessionEffect[] = []
  const tell = (event: Happening extends infer E ? (E extends Happening ? Omit<E, "at"> : never) : never): void => {
    const step = stepSession(session, { ...event, at: ++at } as Happening)
    session = step.session
    wanted.push(...step.effects)
    for (const effect of step.effects)
      if (effect.do === "execute") tell({ type: "execution_sent", execution: effect.execution, request: `r-${effect.execution}` })
  }
  const says = (id: string, type: string, content: { [key: string]: string | number | boolean }, channel: "shell" | "iopub" | "stdin" = "iopub") =>
    tell({ type: "said", message: messageOf(channel, type, { parent: `r-${id}`, content }) })
  return {
    tell,
    says,
    get session(): Session {
      return session
    },
    get executed() {
      return wanted.flatMap((effect) => (effect.do === "execute" ? effect.execution : []))
    },
    /** What became of each execution, in the order of their ends. */
    get ended() {
      return wanted.flatMap((effect) =>
        effect.do === "tell_execution" && effect.execution.endedAt > 0 ? `${effect.execution.id} ${effect.execution.state}` : [],
      )
    },
    wanted,
    ends: (id: string, status: "ok" | "error" = "ok") => {
      says(id, "status", { execution_state: "busy" })
      if (status === "error") says(id, "error", { ename: "E", evalue: "" })
      says(id, "execute_reply", { status, execution_count: 1 }, "shell")
      says(id, "status", { execution_state: "idle" })
    },
  }
}

const cell = (id: string, more: Partial<Asked> = {}): Asked => ({
  id,
  cell: `c-${id}`,
  source: id,
  sourceSha256: "",
  by: ann,
  stopOnError: true,
  ...more,
})

test("cells wait for the kernel, then run in the order in which they were asked, one at a time", () => {
  const it = play()
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  expect([it.session.status, it.executed]).toEqual(["starting", []])
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("c", { by: bob })] })
  expect([it.session.status, it.executed]).toEqual(["busy", ["a"]])
  it.ends("a")
  it.ends("b")
  it.ends("c")
  expect([it.session.status, it.executed, it.ended]).toEqual(["idle", ["a", "b", "c"], ["a succeeded", "b succeeded", "c succeeded"]])
})

test("what is asked twice runs once", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.ends("a")
  it.ends("b")
  expect(it.executed).toEqual(["a", "b"])
})

test("a cell that raises stops what its person has waiting, if they asked for that", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b"), cell("c", { by: bob }), cell("d")] })
  it.ends("a", "error")
  it.ends("c")
  expect(it.ended).toEqual(["a failed", "b not_run", "d not_run", "c succeeded"])
  it.tell({ type: "asked", executions: [cell("e", { stopOnError: false }), cell("f", { stopOnError: false })] })
  it.ends("e", "error")
  it.ends("f")
  expect(it.ended.slice(4)).toEqual(["e failed", "f succeeded"])
})

test("an interrupt ends the cell that runs as cancelled only if it raised, and empties the queue", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.tell({ type: "interrupt_asked", by: bob })
  expect(it.wanted).toContainEqual({ do: "interrupt" })
  it.ends("a", "error")
  expect(it.ended).toEqual(["b not_run", "a cancelled"])
  it.tell({ type: "asked", executions: [cell("c")] })
  it.tell({ type: "interrupt_asked", by: bob })
  it.ends("c")
  expect(it.ended.at(-1)).toBe("c succeeded")
})

test("an interrupt that comes before the kernel has the source is for the cell all the same, once", () => {
  const it = play()
  const interrupts = () => it.wanted.filter((effect) => effect.do === "interrupt").length
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.says("a", "status", { execution_state: "busy" })
  it.tell({ type: "interrupt_asked", by: bob })
  expect(interrupts()).toBe(0)
  it.says("a", "execute_input", { execution_count: 1 })
  expect(interrupts(), "the code has not begun").toBe(0)
  expect(it.wanted).toContainEqual({ do: "start_timer", timer: "interrupt", execution: "a", ms: INTO_CODE_MS })
  it.tell({ type: "session_timer", timer: "interrupt", execution: "a" })
  expect(interrupts()).toBe(1)
  it.says("a", "execute_input", { execution_count: 1 })
  it.says("a", "execute_reply", { status: "abort" }, "shell")
  it.says("a", "status", { execution_state: "idle" })
  expect([interrupts(), it.ended.at(-1)]).toEqual([1, "a cancelled"])
  // What the kernel does for a widget meanwhile is stopped at once, and what it then begins.
  it.tell({ type: "asked", executions: [cell("c")] })
  it.tell({ type: "interrupt_asked", by: bob })
  expect(interrupts()).toBe(2)
  it.says("c", "status", { execution_state: "busy" })
  it.tell({ type: "interrupt_asked", by: bob })
  expect(interrupts()).toBe(3)
  it.says("c", "execute_input", { execution_count: 2 })
  it.tell({ type: "interrupt_asked", by: bob })
  expect(interrupts(), "who asks again means now").toBe(4)
  expect(it.wanted).toContainEqual({ do: "stop_timer", timer: "interrupt" })
  it.says("c", "execute_reply", { status: "abort" }, "shell")
  it.says("c", "status", { execution_state: "idle" })
  it.tell({ type: "session_timer", timer: "interrupt", execution: "c" })
  expect(interrupts(), "it is over").toBe(4)
})

test("what was interrupted and never answered did not succeed", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a")] })
  it.says("a", "status", { execution_state: "busy" })
  it.says("a", "execute_input", { execution_count: 1 })
  it.tell({ type: "interrupt_asked", by: bob })
  it.says("a", "status", { execution_state: "idle" })
  it.tell({ type: "session_timer", timer: "quiet", execution: "a" })
  expect(it.ended).toEqual(["a cancelled"])
})

test("a restart ends everything and takes what is asked meanwhile", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.tell({ type: "restart_asked", by: ann })
  it.tell({ type: "restart_asked", by: bob })
  it.tell({ type: "kernel_died", exit: killed })
  it.tell({ type: "asked", executions: [cell("c")] })
  expect([it.session.status, it.ended]).toEqual(["restarting", ["a cancelled", "b not_run"]])
  expect(it.wanted.filter((effect) => effect.do === "restart")).toHaveLength(1)
  // What the kernel before still says is nobody's.
  it.says("a", "execute_reply", { status: "ok" }, "shell")
  it.tell({ type: "kernel_ready", kernel })
  expect(it.executed).toEqual(["a", "c"])
})

test("a kernel that dies leaves a session that says so and can be started again", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.tell({ type: "kernel_died", exit: { ...killed, outOfMemory: true, memory: { peakBytes: 1, limitBytes: 4e9 } } })
  expect(it.session).toMatchObject({
    status: "dead",
    explanation:
      "The kernel ran out of memory (it may take 4.0 GB) and was killed; what it had computed is gone. Start it again and let it hold less at once.",
  })
  expect(it.ended).toEqual(["a failed", "b not_run"])
  it.tell({ type: "restart_asked", by: ann })
  it.tell({ type: "kernel_ready", kernel })
  expect(it.session).toMatchObject({ status: "idle", explanation: "" })
})

test("a question is told, answered once, and ends by an interrupt when nobody answers", () => {
  const it = play({ ...SESSION_LIMITS, inputMs: 5_000 })
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a")] })
  it.says("a", "input_request", { prompt: "Who? ", password: true }, "stdin")
  expect(it.session.open[0]?.question).toMatchObject({ prompt: "Who? ", password: true })
  expect(it.wanted.at(-1)).toEqual({ do: "start_timer", timer: "input", execution: "a", ms: 5_000 })
  it.tell({ type: "answered", execution: "a", by: bob })
  expect(it.session.open[0]?.question).toBeUndefined()
  it.says("a", "input_request", { prompt: "Again? ", password: false }, "stdin")
  it.tell({ type: "session_timer", timer: "input", execution: "a" })
  it.ends("a", "error")
  expect(it.wanted.flatMap((effect) => (effect.do === "tell_execution" ? effect.execution.explanation : [])).at(-1)).toBe(
    "It asked for input, and nobody answered for 5.0 s.",
  )
})

test("only a session in which nothing happens is ended for that", () => {
  const it = play({ ...SESSION_LIMITS, idleMs: 60_000 })
  it.tell({ type: "kernel_ready", kernel })
  expect(it.session.idleUntil).toBe(60_001)
  it.tell({ type: "asked", executions: [cell("a")] })
  expect(it.session.idleUntil).toBe(0)
  it.tell({ type: "session_timer", timer: "idle", execution: "" })
  expect(it.session.status).toBe("busy")
  it.ends("a")
  it.tell({ type: "session_timer", timer: "idle", execution: "" })
  expect(it.session).toMatchObject({ status: "ended", idleUntil: 0 })
  expect(it.wanted).toContainEqual({ do: "close" })
})

test("a kernel that forgets its idle or its reply does not hold up the others for ever", () => {
  const it = play()
  it.tell({ type: "kernel_ready", kernel })
  it.tell({ type: "asked", executions: [cell("a"), cell("b")] })
  it.says("a", "execute_reply", { status: "ok", execution_count: 1 }, "shell")
  it.tell({ type: "session_timer", timer: "quiet", execution: "a" })
  expect([it.ended, it.executed]).toEqual([["a succeeded"], ["a", "b"]])
})

const anything = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), by: fc.constantFrom(ann, bob), count: fc.integer({ min: 1, max: 4 }), stopOnError: fc.boolean() }),
  fc.record({ kind: fc.constant("end" as const), status: fc.constantFrom("ok" as const, "error" as const) }),
  fc.constantFrom(
    { kind: "interrupt_asked" as const },
    { kind: "restart_asked" as const },
    { kind: "ready" as const },
    { kind: "died" as const },
    { kind: "unqueue" as const },
    { kind: "stop" as const },
    { kind: "lost" as const },
  ),
)

test("whatever happens, every execution ends exactly once, at most one is with the kernel, and none is left when it is over", () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 40 }), (happenings) => {
      const it = play()
      let count = 0
      for (const one of happenings) {
        if (one.kind === "ask") it.tell({ type: "asked", executions: Array.from({ length: one.count }, () => cell(`e${count++}`, one)) })
        else if (one.kind === "end") {
          const running = it.session.open.find(({ state }) => state === "running")
          if (running && !isSessionOver(it.session)) it.ends(running.id, one.status)
        } else if (one.kind === "ready") {
          if (["starting", "restarting"].includes(it.session.status)) it.tell({ type: "kernel_ready", kernel })
        } else if (one.kind === "died") {
          if (["idle", "busy"].includes(it.session.status)) it.tell({ type: "kernel_died", exit: killed })
        } else if (one.kind === "unqueue") it.tell({ type: "unqueued", executions: [], by: ann })
        else if (one.kind === "stop") it.tell({ type: "stop_asked", explanation: "" })
        else if (one.kind === "lost") it.tell({ type: "owner_died" })
        else it.tell({ type: one.kind, by: ann })
        expect(it.session.open.filter(({ state }) => state === "running").length).toBeLessThan(2)
        if (it.session.open[0]?.state === "queued") expect(["starting", "restarting", "dead"]).toContain(it.session.status)
      }
      it.tell({ type: "stop_asked", explanation: "" })
      const ids = it.ended.map((line) => line.split(" ")[0])
      expect(new Set(ids).size).toBe(ids.length)
      expect(it.session.open).toEqual([])
    }),
    { numRuns: 1000 },
  )
})
