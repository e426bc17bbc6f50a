/**
 * Secrets that a kernel's stream says in two messages: the end of a text that may be the beginning of a secret is held
 * back until the stream goes on, or something else comes that the same request caused. Nothing else is delayed, and
 * nothing changes its place.
 */
import { StringSpan } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import { unescaped } from "#run/escaped-text.ts"
import type { Redactor } from "#run/redact.ts"

type Held = { readonly message: Message; readonly name: string; readonly text: string }

const ENCODER = new TextEncoder()

export class Overlap {
  readonly #redactor: Redactor
  /** By request: one stream of it at most, because another one lets the first go. */
  readonly #held = new Map<string, Held>()

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** What is to be recorded now, in order. */
  hear(message: Message): readonly Message[] {
    if (message.channel !== "iopub") return [this.#redactor.message(message)]
    const stream = streamOf(message)
    const held = this.#held.get(message.parentId)
    if (!stream) return [...this.#release(message.parentId), this.#redactor.message(message)]
    const before = held && held.name !== stream.name ? this.#release(message.parentId) : []
    return [...before, ...this.#goOn(message, stream, held?.name === stream.name ? held.text : "")]
  }

  /** Everything that is held: nothing more will come. */
  end(): readonly Message[] {
    return [...this.#held.keys()].flatMap((request) => this.#release(request))
  }

  #goOn(message: Message, { name, text }: { readonly name: string; readonly text: string }, held: string): readonly Message[] {
    const whole = held + text
    const end = this.#redactor.safeEnd(whole)
    if (end < whole.length) this.#held.set(message.parentId, { message, name, text: whole.slice(end) })
    else this.#held.delete(message.parentId)
    const said = this.#redactor.text(whole.slice(0, end))
    if (said === text) return [message]
    return said === "" ? [] : [this.#retold(message, name, said)]
  }

  #release(request: string): readonly Message[] {
    const held = this.#held.get(request)
    if (!held) return []
    this.#held.delete(request)
    return [this.#retold(held.message, held.name, this.#redactor.text(held.text))]
  }

  #retold(message: Message, name: string, text: string): Message {
    return this.#redactor.again(message, ENCODER.encode(JSON.stringify({ name, text })))
  }
}

function streamOf({ header, content, frames }: Message): { readonly name: string; readonly text: string } | undefined {
  const { name, text } = content
  if (header.msg_type !== "stream" || typeof name !== "string") return undefined
  if (text instanceof StringSpan) return { name, text: unescaped(frames[3].subarray(text.start, text.start + text.length)) }
  return typeof text === "string" ? { name, text } : undefined
}
