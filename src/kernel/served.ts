/** A kernel's side of the Jupyter protocol, served on this machine for other clients: what they ask, and what is said to them. */
import type { JsonObject } from "#base/json.ts"

export type ClientAsked = {
  readonly channel: "shell" | "control" | "stdin"
  readonly type: string
  readonly content: JsonObject
  /** Of the client that asks, and of the header to be named as the parent of what is answered. */
  readonly identities: readonly Uint8Array[]
  readonly header: Uint8Array
}

export type ServedKernel = {
  /** Readable by its owner alone. */
  readonly connectionFile: string
  /** To the one that asked, on the channel on which it did, or on another one. */
  reply(to: ClientAsked, type: string, content: JsonObject, channel?: ClientAsked["channel"]): void
  /** To everybody who listens; `of`: what caused it. */
  publish(of: ClientAsked | undefined, type: string, content: JsonObject): void
  /** Nothing of it is left on disk. */
  close(): Promise<void>
}
