import { type JsonObject, write } from "#base/json.ts"
import { decodeContent, holdsLexeme } from "#kernel/content.ts"
import type { Envelope, Frames } from "#kernel/frames.ts"
import type { Channel, Header, Message } from "#kernel/ports.ts"

/** Turns UTF-8 bytes into a string; handed in because the fastest way differs by runtime. */
export type ToText = (bytes: Uint8Array) => string

/**
 * Reads what a kernel sends. The reader it gives remembers the last parent header: during one execution
 * thousands of messages carry the same bytes there, and comparing texts is six times cheaper than parsing.
 * It gives undefined for what is not a message (a broken header, content that is no object).
 */
export function messageReader(text: ToText): (channel: Channel, envelope: Envelope) => Message | undefined {
  let lastParent = "{}"
  let lastParentId = ""
  return (channel, { frames, buffers }) => {
    const header = readHeader(text(frames[0]))
    if (!header) return undefined
    const parent = text(frames[1])
    if (parent !== lastParent) {
      lastParentId = readObject(parent)?.["msg_id"]?.toString() ?? ""
      lastParent = parent
    }
    const metadata = isEmptyObject(frames[2]) ? {} : decodeContent("", frames[2], text)
    const content = decodeContent(header.msg_type, frames[3], text)
    return metadata && content && { channel, header, parentId: lastParentId, metadata, content, buffers, frames }
  }
}

/** What a message says, before it is signed. */
export type Draft = {
  readonly header: Header
  readonly parent?: JsonObject
  readonly metadata?: JsonObject
  readonly content: JsonObject
}

/** The four frames of a message that we send. */
export function writeFrames(draft: Draft, toBytes: (text: string) => Uint8Array): Frames {
  return [
    toBytes(JSON.stringify(draft.header)),
    toBytes(draft.parent ? toJson(draft.parent) : "{}"),
    toBytes(draft.metadata ? toJson(draft.metadata) : "{}"),
    toBytes(toJson(draft.content)),
  ]
}

function isEmptyObject(bytes: Uint8Array): boolean {
  return bytes.length === 2 && bytes[0] === 0x7b && bytes[1] === 0x7d
}

function toJson(value: JsonObject): string {
  return holdsLexeme(value) ? write(value) : JSON.stringify(value)
}

function readHeader(text: string): Header | undefined {
  const header = readObject(text)
  if (typeof header?.["msg_id"] !== "string" || typeof header["msg_type"] !== "string") return undefined
  // A kernel that leaves out the rest is still understood: only these two are needed to route a message.
  const isWhole = header["session"] !== undefined && header["date"] !== undefined && header["version"] !== undefined
  return (isWhole ? header : { session: "", username: "", date: "", version: "", ...header }) as Header
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
