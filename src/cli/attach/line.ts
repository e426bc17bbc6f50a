/** What is asked over a notebook's socket, each answered once, and what is told there. */
import type { Answers, Asked, ExecutionView, OutputChange, Tell } from "#api/live.ts"
import type { Socket } from "#cli/edge.ts"

export type Refused = { readonly code: string; readonly message: string; readonly remedy: string }
export type Answer<Value> = { readonly ok: true; readonly value: Value } | ({ readonly ok: false } & Refused)
type Ask = Asked extends infer One ? (One extends { readonly id: number } ? Omit<One, "id"> : never) : never

export type Told =
  | { readonly tell: "execution"; readonly execution: ExecutionView }
  | { readonly tell: "outputs"; readonly execution: string; readonly changes: readonly OutputChange[] }
  | Extract<Tell, { readonly tell: "session" | "rights" }>

export class Line {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (answer: Answer<never>) => void>()
  #next = 1
  /** Resolves with the code of its closing. */
  readonly closed: Promise<number>

  constructor(socket: Socket, hear: (told: Told) => void) {
    this.#socket = socket
    socket.onText((text) => this.#heard(JSON.parse(text) as Tell, hear))
    this.closed = new Promise((resolve) =>
      socket.onClose((code) => {
        for (const settle of this.#waiting.values()) settle({ ok: false, code: "gone", message: "The server went away.", remedy: "Attach again." })
        resolve(code)
      }),
    )
  }

  ask<Do extends Ask["do"]>(ask: Extract<Ask, { readonly do: Do }>): Promise<Answer<Do extends keyof Answers ? Answers[Do] : undefined>> {
    const id = this.#next++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as (answer: Answer<never>) => void)
      this.#socket.send(JSON.stringify({ id, ...ask }))
    })
  }

  close(): void {
    this.#socket.close()
  }

  #heard(tell: Tell, hear: (told: Told) => void): void {
    if (tell.tell === "answer") {
      const settle = this.#waiting.get(tell.id)
      this.#waiting.delete(tell.id)
      settle?.((tell.ok ? { ok: true, value: tell.value } : tell) as Answer<never>)
    } else if (tell.tell === "execution" || tell.tell === "outputs" || tell.tell === "session" || tell.tell === "rights") hear(tell)
  }
}
