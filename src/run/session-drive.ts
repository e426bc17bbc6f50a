/** The loop of one live session: hears the kernel, journals, folds, does what the fold wants. Nothing here decides. */
import { toError } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import type { Kernel, KernelEvent, Message } from "#kernel/index.ts"
import { Overlap } from "#run/overlap.ts"
import type { Redactor } from "#run/redact.ts"
import { type Asked, isSessionOver, type Session, type SessionEffect, type SessionEvent, type SessionOrder, type Someone } from "#run/session.ts"
import { whole } from "#run/session-comm.ts"
import { type SessionAbsorbed, SessionFold } from "#run/session-fold.ts"
import { type Question, Questions } from "#run/session-questions.ts"
import { SessionTelling, type TellingWorld } from "#run/session-telling.ts"

export type SessionWorld = TellingWorld & {
  /** Moves the spans of a message from its frame to its place in the journal. */
  readonly placed: (message: Message, content: number) => Message
  /** Blots secrets out of what the kernel says. */
  readonly redact?: Redactor | undefined
  readonly start: () => Promise<Started>
  /** In the same place, anew. */
  readonly restart: (kernel: Kernel) => Promise<void>
}

/** A kernel, and what its kernelspec calls it. */
export type Started = { readonly kernel: Kernel; readonly name: string; readonly displayName: string }

const OUTPUT = new Set(["stream", "display_data", "execute_result", "update_display_data"])
const COMM = new Set(["comm_open", "comm_msg", "comm_close"])
/** What belongs to no execution and shows nothing. */
const CHATTER = new Set(["status", "execute_input", "execute_reply", "shutdown_reply", "interrupt_reply"])
const CLOSE_GRACE_MS = 2_000
const TOUCH_MS = 30_000

export class SessionDrive {
  readonly fold: SessionFold
  readonly telling: SessionTelling
  readonly #world: SessionWorld
  readonly #questions: Questions
  readonly #overlap: Overlap | undefined
  #kernel: Kernel | undefined
  #started: Omit<Started, "kernel"> = { name: "", displayName: "" }
  readonly #timers = new Map<string, () => void>()
  readonly #dropped = new Map<string, { messages: number; bytes: number }>()
  #touchedAt = 0
  #isWidgetBusy = false
  #end!: () => void
  /** Resolves when it is over, its kernel gone and its journal safe. */
  readonly ended: Promise<void> = new Promise((resolve) => {
    this.#end = resolve
  })

  constructor(order: SessionOrder, world: SessionWorld) {
    this.#world = world
    const at = world.clock.now()
    this.fold = new SessionFold(order, at)
    this.telling = new SessionTelling(this.fold, world)
    this.#questions = new Questions(world.timers)
    this.#overlap = world.redact && new Overlap(world.redact)
    world.journal.onDurable((fault) => (fault ? this.#storageFailed(fault) : this.telling.show()))
    world.journal.append({ type: "session_begun", at, order })
    this.#bring(world.start())
  }

  get session(): Session {
    return this.fold.session
  }

  // ── what people do ─────────────────────────────────────────────────────────────────────────────────

  /** Those that are known were asked for before, and the answer was lost on its way: what is asked twice is done once. */
  ask(executions: readonly Asked[]): void {
    const fresh = executions.filter(({ id }) => !this.fold.executions.has(id))
    if (fresh.length > 0) this.#happens({ type: "asked", at: this.#now(), executions: fresh })
  }

  unqueue(executions: readonly string[], by: Someone): void {
    this.#happens({ type: "unqueued", at: this.#now(), executions, by })
  }

  interrupt(by: Someone): void {
    this.#happens({ type: "interrupt_asked", at: this.#now(), by })
  }

  restart(by: Someone): void {
    this.#happens({ type: "restart_asked", at: this.#now(), by })
  }

  stop(explanation: string): void {
    this.#happens({ type: "stop_asked", at: this.#now(), explanation })
  }

  /** False when it does not ask for anything. */
  answer(execution: string, { value, by }: { readonly value: string; readonly by: Someone }): boolean {
    const question = this.fold.executions.get(execution)?.question
    if (!question || !this.#kernel) return false
    this.#happens({ type: "answered", at: this.#now(), execution, by })
    this.#kernel.send("stdin", "input_reply", { value, status: "ok" }, { parentId: question.request })
    return true
  }

  /** A widget was moved. */
  comm(commId: string, data: JsonObject, buffers: readonly Uint8Array[]): void {
    this.touch()
    this.#kernel?.send("shell", "comm_msg", { comm_id: commId, data }, { buffers })
  }

  /** Somebody is there. */
  touch(): void {
    const now = this.#now()
    if (now - this.#touchedAt < TOUCH_MS) return
    this.#touchedAt = now
    this.#happens({ type: "touched", at: now })
  }

  /** Asks the kernel something that is no execution; undefined when it does not answer in time, or cannot at all. */
  async question(question: Question): Promise<{ readonly content: JsonObject; readonly text: string } | undefined> {
    this.touch()
    const kernel = this.#kernel
    if (!kernel || this.session.status === "restarting") return undefined
    return this.#questions.ask(kernel, { ...question, isBusy: this.session.status === "busy" })
  }

  canBranch(): boolean {
    return this.#kernel?.info.features.has("kernel subshells") ?? false
  }

  /** Those forgotten are not told of again. */
  forget(execution: string): void {
    this.fold.forget(execution)
    this.telling.forget(execution)
  }

  // ── the kernel ─────────────────────────────────────────────────────────────────────────────────────

  #bring(starting: Promise<Started>): void {
    starting.then(
      (started) => this.#ready(started),
      (error: unknown) => this.#happens({ type: "kernel_failed", at: this.#now(), message: toError(error).message }),
    )
  }

  #ready({ kernel, ...names }: Started): void {
    // Ended while the kernel was starting: nobody waits for it any more.
    if (isSessionOver(this.session)) return void kernel.close({ graceMs: 0 })
    this.#kernel = kernel
    this.#started = names
    this.#happens({ type: "kernel_ready", at: this.#now(), kernel: factsOf(kernel, names) })
    // After it: one that was ready long ago may have died since, which is told at once.
    kernel.listen((event) => this.#hear(event))
  }

  #hear(event: KernelEvent): void {
    if (event.type === "said") {
      for (const message of this.#overlap?.hear(event.message) ?? [event.message]) this.#heard(message)
      return
    }
    for (const message of this.#overlap?.end() ?? []) this.#heard(message)
    this.#questions.giveUp()
    if (event.type === "died") this.#happens({ type: "kernel_died", at: this.#now(), exit: event.exit })
    else this.#happens({ type: "kernel_restarted", at: this.#now() })
  }

  #heard(message: Message): void {
    if (this.#questions.hear(message)) return
    const type = message.header.msg_type
    // Widgets speak as often as somebody moves them; their state is what is kept.
    if (COMM.has(type)) return this.#heardComm(message)
    const isOurs = this.fold.outputs.cellOf(message) !== undefined
    if (!isOurs && CHATTER.has(type)) return this.#heardChatter(message)
    if (isOurs && OUTPUT.has(type) && this.#isFull()) return this.#drop(message)
    this.#happens({ type: "said", at: this.#now(), message })
  }

  #heardComm(said: Message): void {
    const message = whole(said)
    this.fold.outputs.hear(message, -1)
    this.#world.tell({ tell: "comm", type: message.header.msg_type, content: message.content, buffers: message.buffers })
  }

  /** What a widget does keeps the kernel busy as well. */
  #heardChatter({ header, content }: Message): void {
    if (header.msg_type === "status") this.#isWidgetBusy = content["execution_state"] === "busy"
  }

  #isFull(): boolean {
    return this.#world.journal.sizeBytes > this.session.order.limits.keptBytes
  }

  #drop(message: Message): void {
    const execution = this.fold.executionAt(this.fold.outputs.cellOf(message) ?? -1)
    if (!execution) return
    const before = this.#dropped.get(execution.id) ?? { messages: 0, bytes: 0 }
    const bytes = message.frames[3].length
    this.#dropped.set(execution.id, { messages: before.messages + 1, bytes: before.bytes + bytes })
    this.fold.outputs.drop(this.fold.placeOf(execution.id), 1, bytes)
  }

  // ── the loop ───────────────────────────────────────────────────────────────────────────────────────

  #happens(event: Exclude<SessionEvent, { type: "session_begun" }>): void {
    if (isSessionOver(this.session)) return
    const { record, content } = this.#world.journal.append(event)
    const kept = event.type === "said" ? { ...event, message: this.#world.placed(event.message, content) } : event
    this.#obey(this.fold.absorb(kept, record))
    this.telling.outputsSoon()
  }

  #obey({ effects, tell }: SessionAbsorbed): void {
    if (tell) this.#tellWidget(tell.commId, tell.data)
    for (const effect of effects) this.#do(effect)
  }

  /** An Output widget shows something: its model in the kernel must know, and those in the browsers. */
  #tellWidget(commId: string, data: JsonObject): void {
    this.#kernel?.send("shell", "comm_msg", { comm_id: commId, data })
    this.#world.tell({ tell: "comm", type: "comm_msg", content: { comm_id: commId, data }, buffers: [] })
  }

  #do(effect: SessionEffect): void {
    switch (effect.do) {
      case "execute":
        return this.#execute(effect)
      case "interrupt":
        return void this.#kernel?.interrupt().catch(() => {})
      case "restart":
        return this.#restart()
      case "close":
        return void this.#close()
      case "start_timer":
        return this.#startTimer(effect)
      case "stop_timer":
        return this.#stopTimer(effect.timer)
      case "tell_execution":
        return this.telling.execution(effect.execution)
      case "tell_session":
        return this.telling.session()
    }
  }

  #execute({ execution, source }: Extract<SessionEffect, { do: "execute" }>): void {
    const request = this.#kernel!.execute({ code: source, allowStdin: true, storeHistory: true, stopOnError: false })
    this.#happens({ type: "execution_sent", at: this.#now(), execution, request })
  }

  #restart(): void {
    this.#questions.giveUp()
    const { start, restart } = this.#world
    const kernel = this.#kernel
    this.#bring(kernel ? restart(kernel).then(() => ({ ...this.#started, kernel })) : start())
  }

  async #close(): Promise<void> {
    this.#questions.giveUp()
    this.telling.outputs()
    await this.#kernel?.close({ graceMs: CLOSE_GRACE_MS })
    await this.#world.journal.settled().catch(() => {})
    this.telling.showAll()
    this.#end()
  }

  #startTimer({ timer, execution, ms }: Extract<SessionEffect, { do: "start_timer" }>): void {
    this.#stopTimer(timer)
    const fire = () => {
      // A widget that works is not idle.
      if (timer === "idle" && this.#isWidgetBusy) return this.#startTimer({ do: "start_timer", timer, execution, ms })
      this.#happens({ type: "session_timer", at: this.#now(), timer, execution })
    }
    this.#timers.set(timer, this.#world.timers.after(ms, fire))
  }

  #stopTimer(timer: string): void {
    this.#timers.get(timer)?.()
    this.#timers.delete(timer)
  }

  #storageFailed(fault: Error): void {
    this.#happens({ type: "storage_failed", at: this.#now(), message: fault.message })
    this.telling.showAll()
  }

  #now(): number {
    return this.#world.clock.now()
  }
}

function factsOf({ info, started }: Kernel, { name, displayName }: Omit<Started, "kernel">) {
  return {
    name,
    displayName,
    protocol: info.protocol,
    implementation: info.implementation,
    languageInfo: info.languageInfo,
    conditional: info.features.has("conditional execute"),
    features: [...info.features],
    startMs: Math.round(started.tookMs),
    startedFrom: started.from,
  }
}
