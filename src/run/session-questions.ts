/**
 * What a kernel is asked beside executions: completions, inspections, its variables. Neither journalled nor shown. It goes
 * through a subshell where the kernel has them, so that no cell waits for it and it waits for no cell.
 */
import type { JsonObject } from "#base/json.ts"
import type { Kernel, Message } from "#kernel/index.ts"
import type { Timers } from "#run/ports.ts"

export type Question = {
  readonly type:
    | "complete_request"
    | "inspect_request"
    | "execute_request"
    | "comm_info_request"
    | "is_complete_request"
    | "history_request"
    | "kernel_info_request"
  readonly content: JsonObject
  readonly withinMs: number
}

/** `text`: what it wrote to its standard output meanwhile. */
export type Reply = { readonly content: JsonObject; readonly text: string }

type Waiting = {
  content: JsonObject | undefined
  text: string
  isIdle: boolean
  readonly needsIdle: boolean
  readonly settle: (reply: Reply | undefined) => void
}

export class Questions {
  readonly #timers: Timers
  readonly #waiting = new Map<string, Waiting>()
  /** Requests whose answer comes too late: nobody else shall take it for something. */
  readonly #late = new Set<string>()
  #subshell: Promise<string | undefined> | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  async ask(kernel: Kernel, { type, content, withinMs, isBusy }: Question & { readonly isBusy: boolean }): Promise<Reply | undefined> {
    const subshellId = await this.#subshellOf(kernel)
    if (isBusy && subshellId === undefined) return undefined
    return this.#send(() => kernel.send("shell", type, content, subshellId === undefined ? {} : { subshellId }), {
      withinMs,
      needsIdle: type === "execute_request",
    })
  }

  /** True when it is of one of ours. */
  hear(message: Message): boolean {
    const waiting = this.#waiting.get(message.parentId)
    if (!waiting) return this.#late.has(message.parentId)
    const { header, content } = message
    if (message.channel === "iopub") hearOnIopub(waiting, header.msg_type, content)
    else waiting.content = content
    if (waiting.content && (waiting.isIdle || !waiting.needsIdle)) this.#settle(message.parentId, { content: waiting.content, text: waiting.text })
    return true
  }

  /** The kernel is another one, or none. */
  giveUp(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined)
    this.#late.clear()
    this.#subshell = undefined
  }

  #subshellOf(kernel: Kernel): Promise<string | undefined> {
    if (!kernel.info.features.has("kernel subshells")) return Promise.resolve(undefined)
    this.#subshell ??= this.#send(() => kernel.send("control", "create_subshell_request", {}), { withinMs: 2_000, needsIdle: false }).then(
      (reply) => {
        const id = reply?.content["subshell_id"]
        if (typeof id === "string") return id
        this.#subshell = undefined
        return undefined
      },
    )
    return this.#subshell
  }

  #send(send: () => string, { withinMs, needsIdle }: { readonly withinMs: number; readonly needsIdle: boolean }): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      const id = send()
      const stop = this.#timers.after(withinMs, () => this.#settle(id, undefined))
      const settle = (reply: Reply | undefined) => {
        stop()
        resolve(reply)
      }
      this.#waiting.set(id, { content: undefined, text: "", isIdle: false, needsIdle, settle })
    })
  }

  #settle(id: string, reply: Reply | undefined): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    this.#late.add(id)
    // Nothing comes that late.
    if (this.#late.size > 1000) this.#late.delete(this.#late.values().next().value!)
    waiting?.settle(reply)
  }
}

function hearOnIopub(waiting: Waiting, type: string, content: JsonObject): void {
  if (type === "status" && content["execution_state"] === "idle") waiting.isIdle = true
  if (type === "stream" && content["name"] === "stdout" && typeof content["text"] === "string") waiting.text += content["text"]
}
