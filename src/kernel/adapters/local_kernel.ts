import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import { type Connection, removeKernelFolder } from "#kernel/adapters/connection.ts"
import { type IdleHolder, idleHolder } from "#kernel/adapters/hold_idle.ts"
import type { Launched } from "#kernel/adapters/launcher.ts"
import type { Line } from "#kernel/adapters/line.ts"
import { type Running, signalGroup, within } from "#kernel/adapters/process.ts"
import type { OpenWire } from "#kernel/adapters/wire.ts"
import { notedRequest, outputTail, type Witness, witness } from "#kernel/adapters/witness.ts"
import type { Confined, Execute, Exit, KeptKernel, Kernel, KernelEvent, KernelInfo, KernelSpec, Message, SendMore } from "#kernel/ports.ts"
import { learn, readyInfo, UNKNOWN } from "#kernel/ready.ts"
import { executeContent, executeMore } from "#kernel/request.ts"

/** How a local kernel comes to be, and who must know of it. */
export type Origin = {
  readonly interruptMode: KernelSpec["interruptMode"]
  readonly connection: Connection
  readonly outputFile: string
  /** Where a kernel in Python notes which request it is in. */
  readonly noteFile: string
  readonly startTimeoutMs: number
  /** The kernel keeps what it publishes until we have read it, however long that takes. */
  readonly isUnbounded: boolean
  /** The kernel says `idle` while its output is still on its way. */
  readonly isIdleEarly: boolean
  /** Starts the process, or finds it where it already runs; called again to restart. */
  launch(): Promise<Launched>
  /** How it is confined, and what its control group adds to how it ended. */
  readonly confined?: Confined
  readonly account?: (exit: Exit) => Exit
  readonly counters?: readonly string[]
  /** Does away with what is left of it beside its group; called when that is empty. */
  clear(): Promise<void>
  /** Told when its group is empty: the number may belong to somebody else from now on. */
  onGone(process: Running): void
  /** Told when it is closed for good. */
  onClosed(kernel: LocalKernel): void
  /** Hands it to a keeper. */
  keep(process: Running, forMs: number): KeptKernel
}

const TERM_MS = 500
const REAP_MS = 5000
const GRACE_MS = 2000
const FIRST_RETRY_MS = 20

/**
 * A kernel in a process of its own on this machine.
 *
 * There is no heartbeat: that the process ended is seen at once, and one that lives without answering cannot be told
 * from one that computes. Ending that is for the caller's time limits.
 */
export class LocalKernel implements Kernel {
  info: KernelInfo = { protocol: "", implementation: "", languageInfo: {}, banner: "", features: new Set() }
  started: Kernel["started"]
  readonly #origin: Origin
  #process: Running | undefined
  #line: Line | undefined
  #witness: Witness
  readonly #idle: IdleHolder
  #known = UNKNOWN
  #onReady: (() => void) | undefined
  #probes = new Set<string>()
  #session = ""
  #listener: ((event: KernelEvent) => void) | undefined
  #unheard: KernelEvent[] = []
  #death: KernelEvent | undefined
  #heardCount = 0
  #leaving = false
  #closed: Promise<void> | undefined

  constructor(origin: Origin) {
    this.#origin = origin
    this.#witness = witness(origin.outputFile, origin.counters)
    const pass = (message: Message) => this.#emit({ type: "said", message })
    this.#idle = origin.isIdleEarly ? idleHolder(pass) : { take: pass, flush: () => undefined }
    this.started = { tookMs: 0, from: "cold" }
  }

  /** Launches and waits until it is ready. @throws Fault kernel_start_failed; nothing is left behind then */
  async begin(): Promise<void> {
    try {
      await this.#begin()
    } catch (error) {
      await this.close({ graceMs: 0 })
      throw error
    }
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  get confined(): Confined | undefined {
    return this.#origin.confined
  }

  listen(listener: (event: KernelEvent) => void): void {
    this.#listener = listener
    const unheard = this.#unheard.splice(0)
    for (const event of unheard) listener(event)
    // It may have died while somebody else listened, and says nothing else to wait for.
    if (this.#death && !unheard.includes(this.#death)) listener(this.#death)
  }

  execute(request: Execute): string {
    if (request.after !== undefined && !this.info.features.has("conditional execute")) throw new Error("This kernel has no conditional execute.")
    return this.send("shell", "execute_request", executeContent(request), executeMore(request))
  }

  send(channel: "shell" | "control" | "stdin", type: string, content: JsonObject, more?: SendMore): string {
    if (!this.#line) throw new Fault("kernel_died", `The kernel ${this.#origin.connection.kernelName} was closed.`)
    return this.#line.say(channel, type, content, more)
  }

  async interrupt(): Promise<void> {
    if (!this.#line || this.#process?.end()) return
    if (this.#origin.interruptMode === "message") this.send("control", "interrupt_request", {})
    else if (this.#process) signalGroup(this.#process.pid, "SIGINT")
  }

  async restart(): Promise<void> {
    if (this.#closed) throw new Fault("kernel_start_failed", "The kernel cannot be restarted: it was closed.")
    this.#leaving = true
    await this.#end({ restart: true, graceMs: GRACE_MS })
    await this.begin()
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.graceMs ?? GRACE_MS)
    return this.#closed
  }

  async detach(forMs: number): Promise<KeptKernel | undefined> {
    // A user and control groups of its own are given back when we end.
    if (this.#origin.confined || this.#closed || !this.#process || this.#process.end()) return undefined
    this.#leaving = true
    this.#closed = Promise.resolve()
    const kept = this.#origin.keep(this.#process, forMs)
    this.#process.release?.()
    this.#hangUp()
    this.#origin.onClosed(this)
    return kept
  }

  async #close(graceMs: number): Promise<void> {
    this.#leaving = true
    // One that is not ready yet has nothing to put in order, and would not hear the request.
    await this.#end({ restart: false, graceMs: this.#onReady ? 0 : graceMs })
    this.#hangUp()
    await this.#origin.clear()
    removeKernelFolder(this.#origin.connection.file)
    this.#origin.onClosed(this)
  }

  #hangUp(): void {
    this.#witness.stop()
    this.#line?.close()
    this.#line = undefined
  }

  async #begin(): Promise<void> {
    const startedAt = performance.now()
    this.#known = UNKNOWN
    this.#death = undefined
    this.#session = ""
    this.#probes.clear()
    // The process starts first; our own sockets are loaded and wired while it loads itself.
    const launching = this.#launch()
    const [{ openLine }, openWire, { process, from }] = await Promise.all([
      import("#kernel/adapters/line.ts"),
      loadWire(this.#origin.isUnbounded),
      launching,
    ])
    this.#process = process
    this.#witness.follow(process.pid)
    this.#leaving = false
    void process.ended.then(() => this.#onEnd(process))
    this.#line = openLine(this.#origin.connection, openWire, (message) => this.#hear(message))
    await this.#untilReady(process)
    this.started = { tookMs: performance.now() - startedAt, from }
  }

  async #launch(): Promise<Launched> {
    const launching = this.#origin.launch()
    const launched = await within(this.#origin.startTimeoutMs, launching)
    if (launched && !this.#closed) return launched
    // What comes up too late must not stay.
    launching.then(({ process }) => signalGroup(process.pid, "SIGKILL")).catch(() => undefined)
    throw this.#startFault(this.#closed ? "it was closed meanwhile" : this.#lateness())
  }

  /** Asks for kernel_info until it is answered *and* something was heard on iopub. */
  async #untilReady(process: Running): Promise<void> {
    const deadline = performance.now() + this.#origin.startTimeoutMs
    const ready = new Promise<"ready">((resolve) => {
      this.#onReady = () => resolve("ready")
    })
    const outcome = Promise.race([ready, process.ended.then(() => "ended" as const)])
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, 1000)) {
      // Asking again helps only when the answer came and its echo on iopub did not: our subscription was late.
      if (this.#probes.size === 0 || this.#known.info) this.#probe()
      const leftMs = deadline - performance.now()
      const came = await within(Math.max(0, Math.min(waitMs, leftMs)), outcome)
      if (came === "ready") return
      if (came === "ended") throw this.#startFault(howItEnded(process))
      if (leftMs <= 0) throw this.#startFault(this.#lateness())
    }
  }

  #probe(): void {
    this.#probes.add(this.send("shell", "kernel_info_request", {}))
  }

  #hear(message: Message): void {
    const isProbe = this.#probes.has(message.parentId) || message.header.msg_type === "iopub_welcome"
    if (isProbe || this.#onReady) this.#onProbed(message)
    if (isProbe) return
    this.#heardCount++
    this.#idle.take(message)
    if (this.#session !== "" && isNewSession(message, this.#session)) {
      this.#session = message.header.session
      this.#emit({ type: "restarted" })
    }
  }

  #onProbed(message: Message): void {
    this.#known = learn(this.#known, message)
    if (message.channel === "shell") this.#session = message.header.session
    const info = readyInfo(this.#known)
    if (!info || !this.#onReady) return
    this.info = info
    this.#onReady()
    this.#onReady = undefined
  }

  #emit(event: KernelEvent): void {
    if (event.type === "died") this.#death = event
    if (this.#listener) this.#listener(event)
    else this.#unheard.push(event)
  }

  async #onEnd(process: Running): Promise<void> {
    if (this.#leaving || this.#onReady || process !== this.#process) return
    this.#leaving = true
    signalGroup(process.pid, "SIGKILL")
    this.#origin.onGone(process)
    const seen = this.#witness.exit(process.end() ?? { code: null, signal: null })
    const noted = notedRequest(this.#origin.noteFile)
    const told = noted === undefined ? seen : { ...seen, lastRequest: noted }
    const exit = this.#origin.account?.(told) ?? told
    this.#witness.stop()
    await this.#untilQuiet()
    this.#idle.flush()
    this.#emit({ type: "died", exit })
  }

  /** What a dead kernel said last is still on its way; it comes before the news of its death. */
  async #untilQuiet(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      if (this.#line?.hasEnded()) return
      const before = this.#heardCount
      await sleep(25)
      if (this.#heardCount === before) return
    }
  }

  /** Ends the process: asked on control, then SIGTERM, then SIGKILL; whatever remains of its group is killed. */
  async #end({ restart, graceMs }: { readonly restart: boolean; readonly graceMs: number }): Promise<void> {
    const process = this.#process
    // Of a process that was reaped before, the number may be somebody else's by now.
    if (process && !process.end()) {
      const hasEnded = async (ms: number) => (await within(ms, process.ended)) !== undefined
      if (graceMs > 0) this.#line?.say("control", "shutdown_request", { restart })
      if (graceMs === 0 || !(await hasEnded(graceMs))) {
        signalGroup(process.pid, "SIGTERM")
        if (graceMs === 0 || !(await hasEnded(TERM_MS))) signalGroup(process.pid, "SIGKILL")
        await hasEnded(REAP_MS)
      }
      signalGroup(process.pid, "SIGKILL")
      this.#origin.onGone(process)
    }
    this.#line?.close()
    this.#line = undefined
  }

  #lateness(): string {
    return `it was not ready after ${toHuman(this.#origin.startTimeoutMs)}`
  }

  #startFault(why: string): Fault {
    const tail = outputTail(this.#origin.outputFile).trimEnd()
    const said = tail === "" ? "It wrote nothing." : `It wrote last:\n${tail}`
    return new Fault("kernel_start_failed", `The kernel ${this.#origin.connection.kernelName} did not start: ${why}. ${said}`, {
      remedy: "Check the kernel's environment; `stet kernels` tells what it runs.",
    })
  }
}

async function loadWire(isUnbounded: boolean): Promise<OpenWire> {
  return isUnbounded ? (await import("#kernel/adapters/zmtp.ts")).openZmtpWire : (await import("#kernel/adapters/zmq.ts")).openZmqWire
}

// A supervisor inside the kernel's process may restart it behind our back; some kernels give every message a session
// of its own, so only the word "starting" from a new session counts.
function isNewSession({ channel, header, content }: Message, known: string): boolean {
  return (
    channel === "iopub" &&
    header.msg_type === "status" &&
    content["execution_state"] === "starting" &&
    header.session !== "" &&
    known !== "" &&
    header.session !== known
  )
}

function howItEnded(process: Running): string {
  const { code, signal } = process.end() ?? { code: null, signal: null }
  return signal ? `it was ended by ${signal}` : `it ended with exit code ${code ?? "unknown"}`
}
