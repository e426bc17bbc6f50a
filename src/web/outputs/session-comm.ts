/** The line to the widgets of a session: what the kernel says, and what is said to it. Moving a widget executes code, so the server checks the right to run. */
import type { Tell } from "#api/live.ts"

export type CommTold = Extract<Tell, { readonly tell: "comm" }>

export type SessionComm = {
  /** Whether what the reader does is sent. */
  readonly mayRun: boolean
  /** There is a kernel, and the reader may not run: what is seen is the state, and nothing of it can be moved. */
  readonly isFixed: boolean
  /** Each widget that is known as the message that would open it as it is now, after those that it refers to. */
  opened(): readonly CommTold[]
  /** Resolves when the server has taken it; rejects with a sentence when it was refused. Buffers are base64. */
  send(message: { readonly commId: string; readonly data: Readonly<Record<string, unknown>>; readonly buffers: readonly string[] }): Promise<void>
  /** Gives back what ends the listening. */
  listen(listener: (told: CommTold) => void): () => void
}
