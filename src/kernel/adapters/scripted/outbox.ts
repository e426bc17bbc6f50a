import type { JsonObject } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import { type Outgoing, toMessage } from "#kernel/adapters/scripted/wire.ts"
import type { Channel, Header, KernelEvent } from "#kernel/ports.ts"

export type Word = {
  readonly channel: Channel
  readonly type: string
  readonly content: JsonObject
  readonly metadata?: JsonObject
  readonly buffers?: readonly Uint8Array[]
}

export type Client = (event: KernelEvent) => void

/**
 * What was said and not yet delivered. Every channel keeps its own order; between channels there is none, as between
 * the sockets of a real kernel.
 */
export class Outbox {
  readonly #name: string
  #session = ""
  #said = 0
  #queues = new Map<Channel, { readonly order: number; readonly event: KernelEvent }[]>()
  #last: KernelEvent | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** A new process speaks: messages carry another session from now on. */
  beginSession(life: number): void {
    this.#session = `${this.#name}.${life}`
  }

  clear(): void {
    this.#queues = new Map()
    this.#last = undefined
  }

  say(word: Word, parent: Header | undefined, at: number): void {
    const { channel, type, content, metadata = {}, buffers = [] } = word
    const out: Outgoing = { channel, header: this.#header(type, at), parent, metadata, content, buffers }
    this.put(channel, { type: "said", message: toMessage(out) })
  }

  put(channel: Channel, event: KernelEvent): void {
    const queue = this.#queues.get(channel) ?? []
    this.#queues.set(channel, queue)
    this.#said += 1
    queue.push({ order: this.#said, event })
  }

  /** Delivered when nothing else is left. */
  putLast(event: KernelEvent): void {
    this.#last = event
  }

  /** One delivery for each channel that has something, longest waiting first. */
  deliveries(client: Client): (() => void)[] {
    const waiting = [...this.#queues.values()].filter((queue) => queue.length > 0).sort((a, b) => a[0]!.order - b[0]!.order)
    if (waiting.length > 0) return waiting.map((queue) => () => client(queue.shift()!.event))
    return this.#last ? [() => client(this.#takeLast())] : []
  }

  #takeLast(): KernelEvent {
    const last = this.#last!
    this.#last = undefined
    return last
  }

  #header(type: string, at: number): Header {
    this.#said += 1
    const msgId = `${this.#session}_${this.#said}`
    return { msg_id: msgId, msg_type: type, session: this.#session, username: "scripted", date: toIso(at), version: "5.4" }
  }
}
