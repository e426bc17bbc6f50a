/**
 * The far side of a scripted kernel: what a real one would do in its own process. It works in units so small that every
 * order which separate sockets allow can be played: one request arriving, one thing said, one message delivered.
 * Without a seed the order is the natural one; with a seed every unit is drawn from those possible, so the same seed
 * plays the same order again.
 */
import type { JsonObject } from "#base/json.ts"
import { type Client, Outbox, type Word } from "#kernel/adapters/scripted/outbox.ts"
import type { Say } from "#kernel/adapters/scripted/say.ts"
import type { Exit, Header } from "#kernel/ports.ts"

export type Request = {
  readonly channel: "shell" | "control" | "stdin"
  readonly header: Header
  readonly parentId: string
  readonly metadata: JsonObject
  readonly content: JsonObject
  readonly buffers: readonly Uint8Array[]
}

/** What a process is made of, whom it asks for its words and whom it tells what it does. */
export type Part = {
  readonly name: string
  readonly aborts: boolean
  readonly conditional: boolean
  /** Draws the next unit; undefined for the natural order. Gives a number from 0 up to 1. */
  readonly random: (() => number) | undefined
  answer(request: Request, memory: Map<string, unknown>): readonly Say[]
  tell(did: Did, request: Request | undefined, more?: string): void
}

export type Did = "executes" | "aborts" | "skips" | "hears" | "interrupted" | "died" | "restarted itself"

type Blocked = { readonly on: "time"; ticks: number } | { readonly on: "interrupt" | "answer"; readonly say: Say }

type Running = {
  readonly request: Request
  readonly says: Say[]
  readonly payload: JsonObject[]
  readonly count: number
  blocked: Blocked | undefined
  reply: JsonObject
  failed: JsonObject | undefined
  idleFirst: boolean
  saidError: boolean
}

/** Requests of one line run one after the other: the main shell, or one subshell. */
type Line = { readonly waiting: Request[]; running: Running | undefined; executions: number }

type Later = { readonly due: number; readonly says: readonly Say[]; readonly request: Request }

export class ScriptedProcess {
  readonly #part: Part
  readonly #out: Outbox
  #life = 0
  #ticks = 0
  #lines = new Map<string, Line>()
  #arriving: Request[] = []
  #control: Request[] = []
  #later: Later[] = []
  #succeeded = new Set<string>()
  #aborting = new Set<string>()
  #byCode = new Map<string, Request>()
  #memory = new Map<string, unknown>()
  #alive = true
  #leaving = false
  /** Where events go; "nowhere" while nobody is attached, undefined while they are held for a listener. */
  client: Client | "nowhere" | undefined

  constructor(part: Part) {
    this.#part = part
    this.#out = new Outbox(part.name)
    this.#reset()
  }

  get alive(): boolean {
    return this.#alive
  }

  #reset(): void {
    this.#life += 1
    this.#out.beginSession(this.#life)
    this.#lines = new Map()
    this.#arriving = []
    this.#control = []
    this.#later = []
    this.#succeeded = new Set()
    this.#aborting = new Set()
    this.#byCode = new Map()
    this.#memory = new Map()
    this.#leaving = false
  }

  restart(): void {
    this.#reset()
    this.#out.clear()
    this.#alive = true
  }

  end(): void {
    this.restart()
    this.#alive = false
  }

  die(exit: Exit): void {
    this.#reset()
    this.#alive = false
    this.#out.putLast({ type: "died", exit })
    this.#part.tell("died", undefined, exit.signal ?? `exit ${exit.code}`)
  }

  accept(request: Request): void {
    if (!this.#alive) return
    if (request.channel === "shell") this.#arriving.push(request)
    else this.#control.push(request)
  }

  /** A signal: it meets what runs at this moment, and nothing else. */
  interrupt(): void {
    for (const { running } of this.#lines.values()) if (running) this.#interruptOne(running)
  }

  #interruptOne(running: Running): void {
    const { blocked } = running
    const onInterrupt = blocked?.on === "interrupt" && blocked.say.say === "hangs" ? blocked.say.onInterrupt : KEYBOARD_INTERRUPT
    if (onInterrupt === "ignored") return
    this.#part.tell("interrupted", running.request)
    running.blocked = undefined
    running.says.splice(0, running.says.length, ...onInterrupt)
  }

  /** Does one unit of work; false when there is none until something comes from outside. */
  work(): boolean {
    const units = this.#units()
    units[this.#draw(units.length)]?.()
    return units.length > 0
  }

  /** True when all that is left to do is to let time pass. */
  get onlyWaiting(): boolean {
    const busy = [...this.#lines.values()].some((line) => (line.running ? line.running.blocked === undefined : line.waiting.length > 0))
    return !busy && this.#units().length === 1 && this.#canStep() && this.#arriving.length === 0 && this.#control.length === 0
  }

  #draw(count: number): number {
    return this.#part.random ? Math.floor(this.#part.random() * count) : 0
  }

  #units(): (() => void)[] {
    const { client } = this
    const units = client === undefined ? [] : this.#out.deliveries(client === "nowhere" ? () => {} : client)
    if (this.#control.length > 0) units.push(() => this.#hear(this.#control.shift()!))
    if (this.#arriving.length > 0) units.push(() => this.#arrive(this.#arriving.shift()!))
    if (this.#canStep()) units.push(() => this.#step())
    return units
  }

  #arrive(request: Request): void {
    const key = request.header.subshell_id ?? ""
    const line = this.#lines.get(key) ?? { waiting: [], running: undefined, executions: 0 }
    this.#lines.set(key, line)
    line.waiting.push(request)
  }

  #canStep(): boolean {
    return this.#later.length > 0 || [...this.#lines.values()].some(canGoOn)
  }

  #step(): void {
    this.#ticks += 1
    const due = this.#later.filter((one) => one.due <= this.#ticks)
    this.#later = this.#later.filter((one) => one.due > this.#ticks)
    for (const one of due) for (const say of one.says) this.#sayFor(one.request, say)
    const able = [...this.#lines.values()].filter(canGoOn)
    const line = able[this.#part.random ? this.#draw(able.length) : this.#ticks % able.length]
    if (line) this.#advance(line)
  }

  #advance(line: Line): void {
    const { running } = line
    if (!running) this.#begin(line, line.waiting.shift()!)
    else if (running.blocked?.on === "time") wait(running, running.blocked)
    else if (running.says.length > 0) this.#perform(line, running, running.says.shift()!)
    else this.#finish(line, running)
  }

  #begin(line: Line, request: Request): void {
    const { content } = request
    const execute = request.header.msg_type === "execute_request"
    this.#status(request, "busy")
    if (execute && this.#isOff(request)) {
      this.#turnAway(request)
      return
    }
    const silent = content["silent"] === true
    const code = String(content["code"] ?? "")
    if (execute && !silent && content["store_history"] !== false) line.executions += 1
    if (execute) this.#byCode.set(code, request)
    if (execute && !silent) this.#say(request, { channel: "iopub", type: "execute_input", content: { code, execution_count: line.executions } })
    this.#part.tell(execute ? "executes" : "hears", request)
    const says = [...this.#part.answer(request, this.#memory)]
    line.running = {
      request,
      says,
      payload: [],
      count: line.executions,
      blocked: undefined,
      reply: {},
      failed: undefined,
      idleFirst: false,
      saidError: false,
    }
  }

  #isOff(request: Request): boolean {
    const after = this.#conditionOf(request)
    // A request that names what it depends on is decided by that alone.
    return after === undefined ? this.#aborting.has(request.header.msg_id) : !this.#succeeded.has(after) || this.#leaving
  }

  #conditionOf(request: Request): string | undefined {
    return this.#part.conditional ? afterOf(request) : undefined
  }

  #turnAway(request: Request): void {
    this.#part.tell(this.#conditionOf(request) === undefined ? "aborts" : "skips", request)
    this.#say(request, { channel: "shell", type: "execute_reply", content: { status: "aborted" }, metadata: { status: "aborted" } })
    this.#status(request, "idle")
  }

  #perform(line: Line, running: Running, say: Say): void {
    switch (say.say) {
      case "result": {
        const content = { data: say.data, metadata: say.metadata, execution_count: running.count }
        this.#say(running.request, { channel: "iopub", type: "execute_result", content })
        return
      }
      case "raises":
        running.saidError ||= say.output
        if (say.output) this.#say(running.request, { channel: "iopub", type: "error", content: { ...say.error } })
        if (say.reply) this.#finish(line, { ...running, failed: { ...say.error } })
        return
      case "asks":
        this.#ask(running, say)
        return
      case "waits":
        running.blocked = { on: "time", ticks: say.ticks }
        return
      case "hangs":
        running.blocked = { on: "interrupt", say }
        return
      case "payload":
        running.payload.push(say.payload)
        this.#leaving ||= say.payload["source"] === "ask_exit" && say.payload["keepkernel"] !== true
        return
      case "replies":
        running.reply = say.content
        return
      case "idle first":
        running.idleFirst = true
        return
      default:
        this.#sayFor(running.request, say)
    }
  }

  /** What may be said at any time, whether its request still runs or not. */
  #sayFor(request: Request, say: Say): void {
    switch (say.say) {
      case "message":
        this.#say(request, { channel: say.channel, type: say.type, content: say.content, ...say.more }, say.more.parentId)
        return
      case "raises":
        if (say.reply) throw new Error("only errorOutput can be said outside a running request")
        this.#say(request, { channel: "iopub", type: "error", content: { ...say.error } })
        return
      case "later":
        this.#later.push({ due: this.#ticks + say.ticks, says: say.says, request })
        return
      case "as":
        for (const one of say.says) this.#sayFor(this.#byCode.get(say.code) ?? request, one)
        return
      case "dies":
        this.die(say.exit)
        return
      case "restarts itself":
        this.#reset()
        this.#part.tell("restarted itself", undefined)
        this.#out.put("iopub", { type: "restarted" })
        return
      default:
        throw new Error(`"${say.say}" can not be said outside a running request`)
    }
  }

  #ask(running: Running, say: Extract<Say, { say: "asks" }>): void {
    if (running.request.content["allow_stdin"] !== true) {
      running.says.unshift(NO_STDIN)
      return
    }
    running.blocked = { on: "answer", say }
    this.#say(running.request, { channel: "stdin", type: "input_request", content: { prompt: say.prompt, password: say.password } })
  }

  /** Control and stdin are heard while a cell runs. */
  #hear(request: Request): void {
    const type = request.header.msg_type
    this.#part.tell("hears", request)
    if (type === "input_reply") {
      this.#hearAnswer(String(request.content["value"] ?? ""))
      return
    }
    const reply = this.#part.answer(request, this.#memory).find((say) => say.say === "replies")
    this.#status(request, "busy")
    this.#say(request, { channel: request.channel, type: replyType(type), content: { status: "ok", ...reply?.content } })
    this.#status(request, "idle")
  }

  #hearAnswer(answer: string): void {
    for (const { running } of this.#lines.values()) {
      if (running?.blocked?.on !== "answer" || running.blocked.say.say !== "asks") continue
      running.says.unshift(...running.blocked.say.then(answer))
      running.blocked = undefined
      return
    }
  }

  #finish(line: Line, running: Running): void {
    const { request, failed, idleFirst } = running
    const stops = failed !== undefined && request.content["stop_on_error"] !== false
    line.running = undefined
    if (!stops && (!running.saidError || request.content["stop_on_error"] === false)) this.#succeeded.add(request.header.msg_id)
    if (idleFirst) this.#status(request, "idle")
    const type = request.header.msg_type
    if (type.endsWith("_request")) this.#say(request, { channel: "shell", type: replyType(type), content: replyOf(running) })
    if (stops && this.#part.aborts) for (const one of line.waiting) this.#aborting.add(one.header.msg_id)
    if (!idleFirst) this.#status(request, "idle")
  }

  #status(request: Request, state: "busy" | "idle"): void {
    this.#say(request, { channel: "iopub", type: "status", content: { execution_state: state } })
  }

  #say(request: Request, word: Word, parentId = request.header.msg_id): void {
    this.#out.say(word, parentId === "" ? undefined : { ...request.header, msg_id: parentId }, this.#ticks)
  }
}

const NO_STDIN: Say = {
  say: "raises",
  error: { ename: "StdinNotImplementedError", evalue: "this client does not answer", traceback: ["StdinNotImplementedError"] },
  output: true,
  reply: true,
}
const KEYBOARD_INTERRUPT: readonly Say[] = [
  { say: "raises", error: { ename: "KeyboardInterrupt", evalue: "", traceback: ["KeyboardInterrupt: "] }, output: true, reply: true },
]

function canGoOn(line: Line): boolean {
  if (!line.running) return line.waiting.length > 0
  return line.running.blocked === undefined || line.running.blocked.on === "time"
}

function wait(running: Running, blocked: { ticks: number }): void {
  blocked.ticks -= 1
  if (blocked.ticks <= 0) running.blocked = undefined
}

function afterOf(request: Request): string | undefined {
  const stet = request.metadata["stet"]
  const after = stet !== null && typeof stet === "object" ? (stet as JsonObject)["after"] : undefined
  return typeof after === "string" ? after : undefined
}

function replyType(type: string): string {
  return type.replace(/_request$/, "_reply")
}

function replyOf(running: Running): JsonObject {
  if (running.request.header.msg_type !== "execute_request") return { status: "ok", ...running.reply }
  const tail = { execution_count: running.count, payload: running.payload }
  if (running.failed) return { status: "error", ...running.failed, ...tail }
  return { status: "ok", user_expressions: {}, ...tail }
}
