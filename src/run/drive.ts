/**
 * The loop of one run: hears the kernel, journals, folds, and does what the fold wants. All that happens to a run goes
 * through `#happens`; nothing here decides.
 */

import { toError } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import type { Clock } from "#base/time.ts"
import type { Kernel, KernelEvent, Message } from "#kernel/index.ts"
import { type Absorbed, Fold, type Watch } from "#run/fold.ts"
import type { Order } from "#run/order.ts"
import { Overlap } from "#run/overlap.ts"
import type { Journal, Timers } from "#run/ports.ts"
import type { Redactor } from "#run/redact.ts"
import { type Effect, isOver, type Run, type RunEvent } from "#run/run.ts"

export type World = {
  readonly journal: Journal
  readonly clock: Clock
  readonly timers: Timers
  /** Moves the spans of a message from its frame to its place in the journal. */
  readonly placed: (message: Message, content: number) => Message
  /** Blots secrets out of what the kernel says, before anything keeps it. */
  readonly redact?: Redactor | undefined
  /** Told of every event once it is safe on disk, in order; `upTo` is where its record ends in the journal. */
  readonly watch?: Watch
}

export type Ended = { readonly run: Run; readonly kernel: Kernel | undefined }

/** Message types whose content is output: what counts against the run's limit. */
const OUTPUT = new Set(["stream", "display_data", "execute_result", "update_display_data"])

type Seen = { readonly upTo: number; readonly event: RunEvent; readonly run: Run }

export class Drive {
  readonly fold: Fold
  readonly #world: World
  readonly #overlap: Overlap | undefined
  #kernel: Kernel | undefined
  readonly #timers = new Map<string, () => void>()
  readonly #dropped = new Map<number, { messages: number; bytes: number }>()
  readonly #unseen: Seen[] = []
  #unseenStart = 0
  #end!: (ended: Ended) => void
  readonly #ended = new Promise<Ended>((resolve) => {
    this.#end = resolve
  })

  constructor(order: Order, world: World) {
    this.#world = world
    this.#overlap = world.redact && new Overlap(world.redact)
    const at = world.clock.now()
    this.fold = new Fold(order, at)
    world.journal.onDurable((fault) => (fault ? this.#storageFailed(fault) : this.#show()))
    world.journal.append({ type: "begun", at, order })
    this.#showLater({ type: "begun", at, order })
  }

  /**
   * Runs to the end. The kernel is still alive when this resolves (unless it died): the caller closes or keeps it,
   * and what it says until then is still recorded.
   */
  run(starting: Promise<Kernel>, displayName: string): Promise<Ended> {
    starting.then(
      (kernel) => this.#ready(kernel, displayName),
      (error: unknown) => this.#happens({ type: "kernel_failed", at: this.#now(), message: toError(error).message }),
    )
    return this.#ended
  }

  /** Asks the run to end: the first time by interrupt, the second time at once. */
  cancel(by: string, graceMs?: number): void {
    this.#happens({ type: "cancel_asked", at: this.#now(), by, ...(graceMs === undefined ? {} : { graceMs }) })
  }

  /** It takes more of the disk than it may: it is ended as a run that failed. */
  outgrow(message: string): void {
    this.#happens({ type: "outgrown", at: this.#now(), message })
  }

  /** The kernel is closed: what was held back, and what was counted but not kept, goes into the journal. */
  settle(): void {
    for (const message of this.#overlap?.end() ?? []) this.#record(message)
    for (const [cell, { messages, bytes }] of this.#dropped) this.#world.journal.append({ type: "dropped", at: this.#now(), cell, messages, bytes })
    this.#dropped.clear()
  }

  #ready(kernel: Kernel, displayName: string): void {
    // Cancelled while the kernel was starting: nobody waits for it any more.
    if (isOver(this.fold.run)) return void kernel.close({ graceMs: 0 })
    this.#kernel = kernel
    kernel.listen((event) => this.#hear(event))
    this.#happens({ type: "kernel_ready", at: this.#now(), kernel: factsOf(kernel, this.fold.run.order.kernelName, displayName) })
  }

  #hear(event: KernelEvent): void {
    const { redact } = this.#world
    if (event.type !== "said") for (const message of this.#overlap?.end() ?? []) this.#record(message)
    if (event.type === "died") {
      const { exit } = event
      return this.#happens({ type: "kernel_died", at: this.#now(), exit: { ...exit, stderrTail: redact?.text(exit.stderrTail) ?? exit.stderrTail } })
    }
    if (event.type === "restarted") return this.#happens({ type: "kernel_restarted", at: this.#now() })
    for (const message of this.#overlap?.hear(event.message) ?? [event.message]) this.#record(message)
  }

  #record(message: Message): void {
    if (OUTPUT.has(message.header.msg_type) && this.#isFull()) return this.#drop(message)
    this.#happens({ type: "said", at: this.#now(), message })
  }

  #isFull(): boolean {
    return this.#world.journal.sizeBytes > this.fold.run.order.limits.keptBytes
  }

  #drop(message: Message): void {
    const cell = this.fold.outputs.cellOf(message)
    if (cell === undefined) return
    const bytes = message.frames[3].length
    const before = this.#dropped.get(cell) ?? { messages: 0, bytes: 0 }
    this.#dropped.set(cell, { messages: before.messages + 1, bytes: before.bytes + bytes })
    this.fold.outputs.drop(cell, 1, bytes)
  }

  #happens(event: Exclude<RunEvent, { type: "begun" }>): void {
    const { record, content } = this.#world.journal.append(event)
    const kept = event.type === "said" ? { ...event, message: this.#world.placed(event.message, content) } : event
    const absorbed = this.fold.absorb(kept, record)
    this.#showLater(event)
    this.#obey(absorbed)
  }

  #showLater(event: RunEvent): void {
    if (this.#world.watch) this.#unseen.push({ upTo: this.#world.journal.sizeBytes, event, run: this.fold.run })
  }

  #obey({ effects, tell }: Absorbed): void {
    if (tell) this.#kernel?.send("shell", "comm_msg", { comm_id: tell.commId, data: tell.data } as JsonObject)
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.do) {
      case "execute":
        return this.#execute(effect)
      case "interrupt":
        return void this.#kernel?.interrupt().catch(() => {})
      case "kill":
        return void this.#kernel?.close({ graceMs: 0 })
      case "start_timer":
        return this.#startTimer(effect)
      case "stop_timer":
        return this.#stopTimer(`${effect.timer} ${effect.cell}`)
      case "finish":
        return this.#finish()
    }
  }

  #execute(effect: Extract<Effect, { do: "execute" }>): void {
    const { order, cells } = this.fold.run
    const after = effect.after >= 0 ? { after: cells[effect.after]!.request } : {}
    const request = this.#kernel!.execute({
      code: order.notebook.cells[effect.cell]!.source,
      allowStdin: false,
      storeHistory: true,
      stopOnError: effect.stopOnError,
      ...after,
    })
    this.#happens({ type: "sent", at: this.#now(), cell: effect.cell, request })
  }

  #startTimer(effect: Extract<Effect, { do: "start_timer" }>): void {
    const key = `${effect.timer} ${effect.cell}`
    this.#stopTimer(key)
    const fire = () => this.#happens({ type: "timer", at: this.#now(), timer: effect.timer, cell: effect.cell })
    this.#timers.set(key, this.#world.timers.after(effect.ms, fire))
  }

  #stopTimer(key: string): void {
    this.#timers.get(key)?.()
    this.#timers.delete(key)
  }

  #finish(): void {
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
    this.#end({ run: this.fold.run, kernel: this.#kernel })
  }

  #storageFailed(fault: Error): void {
    const event = { type: "storage_failed", at: this.#now(), message: fault.message } as const
    // A run that is over here is not over in its record, which ends before that.
    if (isOver(this.fold.run)) this.#world.journal.append(event)
    else this.#happens(event)
  }

  #show(): void {
    const { watch, journal } = this.#world
    while (this.#unseenStart < this.#unseen.length && this.#unseen[this.#unseenStart]!.upTo <= journal.durableBytes) {
      const { event, run, upTo } = this.#unseen[this.#unseenStart++]!
      watch?.(event, run, upTo)
    }
    if (this.#unseenStart === this.#unseen.length) {
      this.#unseen.length = 0
      this.#unseenStart = 0
    }
  }

  #now(): number {
    return this.#world.clock.now()
  }
}

function factsOf(kernel: Kernel, name: string, displayName: string) {
  const { info, started } = kernel
  return {
    name,
    displayName,
    protocol: info.protocol,
    implementation: info.implementation,
    languageInfo: info.languageInfo,
    conditional: info.features.has("conditional execute"),
    startMs: Math.round(started.tookMs),
    startedFrom: started.from,
  }
}
