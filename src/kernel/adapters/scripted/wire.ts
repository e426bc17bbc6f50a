import type { JsonObject } from "#base/json.ts"
import { messageReader, writeFrames } from "#kernel/message.ts"
import type { Channel, Header, Message } from "#kernel/ports.ts"

export type Outgoing = {
  readonly channel: Channel
  readonly header: Header
  readonly parent: Header | undefined
  readonly metadata: JsonObject
  readonly content: JsonObject
  readonly buffers: readonly Uint8Array[]
}

const toBytes = (text: string) => Buffer.from(text)
const read = messageReader((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"))
const UNSIGNED = new Uint8Array()

/** The message as a client of a real kernel gets it: written to bytes and read back. */
export function toMessage({ channel, header, parent, metadata, content, buffers }: Outgoing): Message {
  const frames = writeFrames({ header, ...(parent ? { parent } : {}), metadata, content }, toBytes)
  const message = read(channel, { signature: UNSIGNED, frames, buffers })
  if (!message) throw new Error(`the script's ${header.msg_type} can not be read back: ${frames[3]}`)
  return message
}
