import type { Connection } from "#kernel/adapters/connection.ts"
import type { Channel } from "#kernel/ports.ts"

/** The sockets to one kernel: parts out, parts in. */
export type Wire = {
  send(channel: Exclude<Channel, "iopub">, parts: readonly Uint8Array[]): void
  /** Whether the kernel has hung up, so that nothing more can come; undefined when the wire cannot know. */
  hasEnded(): boolean | undefined
  close(): void
}

export type Take = (channel: Channel, parts: readonly Uint8Array[]) => void

/** Connects to a kernel that may not be listening yet. `take` is called for every message, in the order in which each channel said it. */
export type OpenWire = (connection: Connection, identity: string, take: Take) => Wire
