/** What tests say to a kernel and hear from it, and which processes it is. */
import { existsSync, readdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { processStat } from "#base/adapters/process.ts"
import { type JsonObject, StringSpan } from "#base/json.ts"
import type { Execute, Kernel, KernelEvent, Message } from "#kernel/ports.ts"

/** A kernel with an ear on it. */
export type Talk = {
  readonly kernel: Kernel
  readonly events: KernelEvent[]
  /** Executes and waits until the request is over. */
  run(request: Execute | string): Promise<Told>
  /** Waits until the reply came, and idle unless `unseen`. */
  over(id: string, unseen?: "unseen"): Promise<Told>
  until(what: string, holds: () => boolean, ms?: number): Promise<void>
  messages(id: string, type?: string): readonly Message[]
}

/** What was said about one request. */
export type Told = {
  readonly id: string
  readonly reply: JsonObject
  readonly types: readonly string[]
  text(stream?: string): string
  contents(type: string): readonly JsonObject[]
}

/** `trailsMs`: how long after its end a request is still listened to. */
export function talkTo(kernel: Kernel, trailsMs = 0): Talk {
  const events: KernelEvent[] = []
  const heard = new Map<string, Message[]>()
  const waiting = new Set<() => void>()
  kernel.listen((event) => {
    events.push(event)
    if (event.type === "said") heard.set(event.message.parentId, [...(heard.get(event.message.parentId) ?? []), event.message])
    for (const wake of waiting) wake()
  })
  const messages = (id: string, type?: string) => (heard.get(id) ?? []).filter((message) => type === undefined || message.header.msg_type === type)

  function until(what: string, holds: () => boolean, ms = 30_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (then: () => void) => {
        waiting.delete(look)
        clearTimeout(timer)
        then()
      }
      const look = () => (holds() ? leave(resolve) : undefined)
      const late = () => new Error(`${what} did not come in ${ms} ms; heard last: ${events.slice(-6).map(brief).join(", ")}`)
      const timer = setTimeout(() => leave(() => reject(late())), ms)
      waiting.add(look)
      look()
    })
  }

  async function over(id: string, unseen?: "unseen"): Promise<Told> {
    const isIdle = () => messages(id, "status").some((message) => message.content["execution_state"] === "idle")
    await until("the end of the request", () => messages(id, "execute_reply").length > 0 && (unseen !== undefined || isIdle()))
    if (trailsMs > 0) await sleep(trailsMs)
    return told(id, messages(id))
  }

  return { kernel, events, messages, until, over, run: (request) => over(kernel.execute(typeof request === "string" ? { code: request } : request)) }
}

function told(id: string, messages: readonly Message[]): Told {
  const contents = (type: string) => messages.filter((message) => message.header.msg_type === type).map((message) => message.content)
  return {
    id,
    reply: contents("execute_reply")[0] ?? {},
    types: messages.map((message) => message.header.msg_type),
    text: (stream) => textOf(messages, stream),
    contents,
  }
}

export function textOf(messages: readonly Message[], stream?: string): string {
  return messages
    .filter((message) => message.header.msg_type === "stream" && (stream === undefined || message.content["name"] === stream))
    .map(({ content, frames }) => {
      const { text } = content
      return text instanceof StringSpan ? new TextDecoder().decode(frames[3].subarray(text.start, text.start + text.length)) : String(text)
    })
    .join("")
}

function brief(event: KernelEvent): string {
  return event.type === "said" ? `${event.message.header.msg_type} ${JSON.stringify(event.message.content).slice(0, 120)}` : event.type
}

/** A process and all that descend from it. Where there is no /proc, the process alone. */
export function family(pid: number): readonly number[] {
  if (!existsSync("/proc/self/stat")) return [pid]
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(processStat(Number(name))[1] ?? 0)]),
  )
  const found = [pid]
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child)
  return found
}
