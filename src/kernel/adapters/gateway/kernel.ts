import { setTimeout as sleep } from "node:timers/promises"
import { Fault, isFault, toError } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import { asMessage, type Form, type Line, openLine, Pen } from "#kernel/adapters/gateway/line.ts"
import type { GatewayOptions, Server } from "#kernel/adapters/gateway/server.ts"
import type { Execute, KeptKernel, Kernel, KernelEvent, KernelInfo, Message, SendMore } from "#kernel/ports.ts"
import { learn, readyInfo, UNKNOWN } from "#kernel/ready.ts"
import { executeContent, executeMore } from "#kernel/request.ts"
import type { Parcel } from "#kernel/websocket.ts"

export type RemoteKernel = {
  readonly server: Server
  readonly id: string
  readonly startTimeoutMs: number
  /** When it was asked for, in `performance.now()`. */
  readonly askedAt: number
  readonly options: Pick<GatewayOptions, "reconnectForMs" | "checkMs">
}

const CLOSE_MS = 15_000
const OPEN_MS = 15_000
const FIRST_RETRY_MS = 100
const LONGEST_WAIT_MS = 5000

/** A kernel on a Jupyter server. */
export class GatewayKernel implements Kernel {
  info: KernelInfo = { protocol: "", implementation: "", languageInfo: {}, banner: "", features: new Set() }
  started: Kernel["started"]
  readonly pid = undefined
  readonly #remote: RemoteKernel
  #pen = new Pen()
  #line: Line | undefined
  #form: Form = "unknown"
  #known = UNKNOWN
  #probes = new Set<string>()
  #onProbed: (() => void) | undefined
  /** Executes under way: whether their reply has come. */
  #underWay = new Map<string, { replied: boolean; idle: boolean }>()
  #unsent = new Map<string, Parcel>()
  #listener: ((event: KernelEvent) => void) | undefined
  #unheard: KernelEvent[] = []
  #state: "live" | "restarting" | "over" = "live"
  #watch: NodeJS.Timeout | undefined

  constructor(remote: RemoteKernel) {
    this.#remote = remote
    this.started = { tookMs: 0, from: "remote" }
  }

  /** Connects to a kernel that was asked for and waits until it is ready. @throws Fault kernel_start_failed; it is deleted again */
  static async connect(remote: RemoteKernel): Promise<GatewayKernel> {
    const kernel = new GatewayKernel(remote)
    try {
      await kernel.#begin()
      kernel.started = { tookMs: performance.now() - remote.askedAt, from: "remote" }
      return kernel
    } catch (error) {
      await kernel.close()
      throw startFault(error)
    }
  }

  listen(listener: (event: KernelEvent) => void): void {
    this.#listener = listener
    for (const event of this.#unheard.splice(0)) listener(event)
  }

  execute(request: Execute): string {
    if (request.after !== undefined && !this.info.features.has("conditional execute")) throw new Error("This kernel has no conditional execute.")
    return this.send("shell", "execute_request", executeContent(request), executeMore(request))
  }

  send(channel: "shell" | "control" | "stdin", type: string, content: JsonObject, more?: SendMore): string {
    if (this.#state === "over" && !this.#listener) throw new Error("This kernel is closed.")
    const { id, parcel } = this.#pen.write(channel, type, content, more)
    if (type === "execute_request") this.#underWay.set(id, { replied: false, idle: false })
    if (this.#line) this.#line.send(parcel)
    else this.#unsent.set(id, parcel)
    this.#watchWhileBusy()
    return id
  }

  async interrupt(): Promise<void> {
    await this.#ask("POST", "/interrupt")
  }

  async restart(): Promise<void> {
    if (this.#state === "over") throw new Fault("kernel_start_failed", "The kernel cannot be restarted: it is gone.")
    this.#state = "restarting"
    this.#hangUp()
    try {
      await this.#remote.server.ask("POST", `kernels/${this.#remote.id}/restart`, {
        timeoutMs: this.#remote.startTimeoutMs,
        fault: "kernel_start_failed",
      })
      await this.#begin()
    } catch (error) {
      throw startFault(error)
    } finally {
      this.#state = "live"
    }
  }

  async close(): Promise<void> {
    const wasOver = this.#state === "over"
    this.#state = "over"
    this.#listener = undefined
    this.#hangUp()
    if (!wasOver) await this.#delete()
  }

  /** A server keeps a kernel for as long as it likes, which is not what was asked. */
  async detach(): Promise<KeptKernel | undefined> {
    return undefined
  }

  async #delete(): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await this.#remote.server.ask("DELETE", `kernels/${this.#remote.id}`, { timeoutMs: CLOSE_MS })
        return
      } catch (error) {
        if (!isFault(error) || error.retry === "never") return
        await sleep(500)
      }
    }
  }

  /** Under a new session: nothing of the process before, still buffered on the server, can come back. */
  async #begin(): Promise<void> {
    this.#pen = new Pen()
    this.#known = UNKNOWN
    this.#line = await this.#dial(this.#remote.startTimeoutMs)
    await this.#untilReady()
  }

  async #dial(timeoutMs: number): Promise<Line> {
    const { server, id } = this.#remote
    const pen = this.#pen
    const isCurrent = () => this.#pen === pen
    const line = await openLine(
      server,
      { kernelId: id, session: pen.session, form: this.#form, timeoutMs },
      {
        hear: (message) => (isCurrent() ? this.#hear(message) : undefined),
        dropped: () => (isCurrent() ? void this.#reconnect() : undefined),
      },
    )
    this.#form = line.form
    return line
  }

  #hangUp(): void {
    clearInterval(this.#watch)
    this.#watch = undefined
    this.#line?.close()
    this.#line = undefined
    this.#underWay.clear()
    this.#unsent.clear()
    this.#probes.clear()
    // Whatever an old socket still brings is for a session that is no longer ours.
    this.#pen = new Pen()
  }

  /** Asks for kernel_info until it is answered *and* something was heard on iopub. */
  async #untilReady(): Promise<void> {
    const { startTimeoutMs, server } = this.#remote
    const deadline = performance.now() + startTimeoutMs
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, 2000)) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0)
        throw new Fault("kernel_start_failed", `The kernel at ${server.name} was not ready after ${toHuman(startTimeoutMs)}.`, { retry: "later" })
      const probed = new Promise<void>((resolve) => {
        this.#onProbed = resolve
      })
      this.#probe()
      await Promise.race([probed, sleep(Math.min(waitMs, leftMs), undefined, { ref: false })])
      const info = readyInfo(this.#known)
      if (info) {
        this.info = info
        return
      }
    }
  }

  #probe(): string {
    const { id, parcel } = this.#pen.write("shell", "kernel_info_request", {})
    this.#probes.add(id)
    this.#line?.send(parcel)
    return id
  }

  #hear(message: Message): void {
    if (this.#probes.has(message.parentId) || message.header.msg_type === "iopub_welcome") this.#learn(message)
    else if (isOfServer(message)) this.#hearServer(String(message.content["execution_state"]))
    else {
      this.#note(message)
      this.#emit({ type: "said", message })
    }
  }

  #learn(message: Message): void {
    this.#known = learn(this.#known, message)
    if (readyInfo(this.#known)) this.#onProbed?.()
  }

  /** Jupyter servers look after their kernels themselves and tell it in status messages that answer nothing. */
  #hearServer(state: string): void {
    if (this.#state !== "live") return
    if (state === "dead") this.#die("The Jupyter server found the kernel dead and could not start it again.")
    else {
      this.#underWay.clear()
      this.#emit({ type: "restarted" })
    }
  }

  #note({ channel, header, content, parentId }: Message): void {
    const one = this.#underWay.get(parentId)
    if (!one) return
    one.replied ||= channel === "shell" && header.msg_type === "execute_reply"
    one.idle ||= header.msg_type === "status" && content["execution_state"] === "idle"
    if (one.replied && one.idle) this.#underWay.delete(parentId)
  }

  #emit(event: KernelEvent): void {
    if (this.#state === "over" && event.type !== "died") return
    if (this.#listener) this.#listener(event)
    else this.#unheard.push(event)
  }

  /** Tells that the kernel is gone, or as good as gone. */
  #die(why: string): void {
    if (this.#state !== "live") return
    this.#state = "over"
    this.#hangUp()
    this.#emit({ type: "died", exit: { code: null, signal: null, outOfMemory: false, stderrTail: why } })
    void this.#delete()
  }

  async #ask(method: "GET" | "POST", verb: string): Promise<unknown> {
    const { server, id } = this.#remote
    const { status, body } = await server.ask(method, `kernels/${id}${verb}`)
    if (status === 404) this.#die(`The Jupyter server at ${server.name} no longer has this kernel.`)
    return body
  }

  // ── lost connections ───────────────────────────────────────────────────────────────────────────────

  /** The same session again: Jupyter Server then replays what it kept meanwhile. */
  async #reconnect(): Promise<void> {
    this.#line = undefined
    if (this.#state !== "live") return
    const pen = this.#pen
    const lostAt = performance.now()
    const limitMs = this.#remote.options.reconnectForMs ?? 60_000
    for (let waitMs = 0; ; waitMs = Math.min(2 * waitMs + 100, LONGEST_WAIT_MS)) {
      await sleep(waitMs)
      if (this.#pen !== pen || this.#state !== "live") return
      const outcome = await this.#tryAgain()
      if (this.#pen !== pen || this.#state !== "live") return
      if (outcome === "connected") return this.#goOn(performance.now() - lostAt)
      if (outcome === "refused")
        return this.#die(`The connection to the Jupyter server at ${this.#remote.server.name} was lost, and it refused a new one.`)
      if (performance.now() - lostAt > limitMs) {
        return this.#die(`The connection to the Jupyter server at ${this.#remote.server.name} was lost and did not come back in ${toHuman(limitMs)}.`)
      }
    }
  }

  async #tryAgain(): Promise<"connected" | "refused" | "later"> {
    try {
      await this.#ask("GET", "")
      if (this.#state === "live") this.#line = await this.#dial(OPEN_MS)
      return "connected"
    } catch (error) {
      return isFault(error) && error.retry === "never" ? "refused" : "later"
    }
  }

  /**
   * What runs may have spoken unheard, also where the server replays: it swallows what the kernel says while it
   * re-opens its own sockets. So that is told where it is read, in the output.
   */
  #goOn(lostMs: number): void {
    const text = `The connection to the kernel was lost for ${toHuman(lostMs)} while this ran: output may be missing here.\n`
    for (const parentId of this.#underWay.keys()) {
      if (this.#unsent.has(parentId)) continue
      const { parcel } = this.#pen.write("iopub", "stream", { name: "stderr", text }, { parentId })
      this.#emit({ type: "said", message: asMessage(parcel) })
    }
    for (const parcel of this.#unsent.values()) this.#line?.send(parcel)
    this.#unsent.clear()
    void this.#seekLost(new Map(this.#underWay))
  }

  /** The shell answers in order: a request without a reply, once a later one has its own, will never be answered. */
  async #seekLost(asked: ReadonlyMap<string, { readonly replied: boolean }>): Promise<void> {
    if (asked.size === 0) return
    const pen = this.#pen
    this.#known = UNKNOWN
    const answered = new Promise<void>((resolve) => {
      this.#onProbed = resolve
    })
    this.#probe()
    await answered
    if (this.#pen !== pen) return
    const isLost = [...asked].some(([id, { replied }]) => this.#underWay.has(id) && !replied)
    if (isLost) this.#die("The connection to the Jupyter server was lost, and with it a request or the answer to it.")
  }

  // ── watching ───────────────────────────────────────────────────────────────────────────────────────

  #watchWhileBusy(): void {
    if (this.#underWay.size === 0 || this.#watch) return
    this.#watch = setInterval(() => void this.#check(), this.#remote.options.checkMs ?? 2000)
    this.#watch.unref()
  }

  /** A connection may be dead without a word: the server's own view of the kernel tells. */
  async #check(): Promise<void> {
    if (this.#underWay.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      return
    }
    if (!this.#line || this.#state !== "live") return
    const line = this.#line
    const kernel = (await this.#ask("GET", "").catch((error) => toError(error))) as
      | { execution_state?: string; connections?: number }
      | Error
      | undefined
    if (kernel instanceof Error || !kernel || this.#line !== line || this.#state !== "live") return
    if (kernel.execution_state === "dead") this.#die("The Jupyter server says that the kernel is dead.")
    if (kernel.connections !== 0) return
    line.close()
    await this.#reconnect()
  }
}

/** True for what the server says in the kernel's place. */
function isOfServer({ channel, header, content, parentId }: Message): boolean {
  const states = ["restarting", "autorestarting", "dead"]
  return channel === "iopub" && header.msg_type === "status" && parentId === "" && states.includes(String(content["execution_state"]))
}

function startFault(error: unknown): Error {
  const { message, cause } = toError(error)
  if (!isFault(error)) return toError(error)
  return error.code === "kernel_start_failed" ? error : new Fault("kernel_start_failed", message, { cause, retry: error.retry, remedy: error.remedy })
}
