import { randomUUID } from "node:crypto"
import { userInfo } from "node:os"
import type { JsonObject } from "#base/json.ts"
import type { Connection } from "#kernel/adapters/connection.ts"
import { sealWith } from "#kernel/adapters/seal.ts"
import type { OpenWire } from "#kernel/adapters/wire.ts"
import { closeEnvelope, openEnvelope } from "#kernel/frames.ts"
import { messageReader, writeFrames } from "#kernel/message.ts"
import type { Message, SendMore } from "#kernel/ports.ts"

/** A conversation with one kernel: everything signed, checked and decoded. */
export type Line = {
  /** Sends a message; gives its msg_id. */
  say(channel: "shell" | "control" | "stdin", type: string, content: JsonObject, more?: SendMore): string
  /** How many messages were dropped, by reason: wrong or replayed signature, or not a message at all. */
  readonly dropped: { wrong: number; replayed: number; unreadable: number }
  /** Whether the kernel has hung up on iopub, so that nothing more can come; undefined when that cannot be known. */
  hasEnded(): boolean | undefined
  close(): void
}

const PROTOCOL = "5.4"
const toBytes = (text: string) => Buffer.from(text)
const toText = (bytes: Uint8Array) => (bytes as Buffer).toString()

/** Opens a conversation; `hear` is called for every good message, in order of arrival. */
export function openLine(connection: Connection, openWire: OpenWire, hear: (message: Message) => void): Line {
  const session = randomUUID()
  const seal = sealWith(connection.key)
  const read = messageReader(toText)
  const dropped = { wrong: 0, replayed: 0, unreadable: 0 }
  const wire = openWire(connection, session, (channel, parts) => {
    const envelope = openEnvelope(parts)
    const verdict = envelope ? seal.judge(envelope.signature, envelope.frames) : "unreadable"
    const message = envelope && verdict === "good" ? read(channel, envelope) : undefined
    if (message) hear(message)
    else dropped[verdict === "good" ? "unreadable" : verdict]++
  })
  const username = nameOfUser()
  let count = 0
  return {
    dropped,
    hasEnded: () => wire.hasEnded(),
    close: () => wire.close(),
    say: (channel, type, content, more = {}) => {
      const msg_id = `${session}_${++count}`
      const header = { msg_id, msg_type: type, session, username, date: new Date().toISOString(), version: PROTOCOL, ...subshell(more.subshellId) }
      const parent =
        more.parentId === undefined ? {} : { msg_id: more.parentId, msg_type: "", session, username, date: header.date, version: PROTOCOL }
      const frames = writeFrames({ header, parent, metadata: more.metadata ?? {}, content }, toBytes)
      wire.send(channel, closeEnvelope({ signature: seal.sign(frames), frames, buffers: more.buffers ?? [] }))
      return msg_id
    },
  }
}

function subshell(id: string | undefined): { readonly subshell_id?: string } {
  return id === undefined ? {} : { subshell_id: id }
}

function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    // A uid without an entry in the password file, as containers have.
    return "stet"
  }
}
