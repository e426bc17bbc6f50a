/**
 * Serves a kernel's five sockets at ipc addresses in a folder of this user alone, with a key of their own: TCP on loopback could be
 * reached by every user of the machine.
 */
import { randomUUID } from "node:crypto"
import { Publisher, Reply, Router } from "zeromq"
import { isObject, type JsonObject, parse, write } from "#base/json.ts"
import { address, makeConnection, makeKernelFolder, removeKernelFolder } from "#kernel/adapters/connection.ts"
import { sealWith } from "#kernel/adapters/seal.ts"
import { closeEnvelope, type Frames, openEnvelope } from "#kernel/frames.ts"
import type { ClientAsked, ServedKernel } from "#kernel/served.ts"

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()
const EMPTY = ENCODER.encode("{}")
const OPTIONS = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 } as const
const CHANNELS = ["shell", "control", "stdin"] as const

export async function serveKernel(kernelName: string, hear: (asked: ClientAsked) => void): Promise<ServedKernel> {
  const connection = await makeConnection(makeKernelFolder(undefined, process.env), "ipc", kernelName)
  const seal = sealWith(connection.key)
  const session = randomUUID()
  const routers = { shell: new Router(OPTIONS), control: new Router(OPTIONS), stdin: new Router(OPTIONS) }
  const iopub = new Publisher({ sendHighWaterMark: 0, linger: 0 })
  const heart = new Reply({ linger: 0 })
  for (const channel of CHANNELS) await routers[channel].bind(address(connection, channel))
  await iopub.bind(address(connection, "iopub"))
  await heart.bind(address(connection, "hb"))
  for (const channel of CHANNELS)
    void pump(routers[channel], (parts) => {
      const asked = askedIn(channel, parts, seal)
      if (asked) hear(asked)
    })
  void pump(heart, (parts) => void heart.send([...parts]).catch(() => undefined))
  const message = (of: ClientAsked | undefined, type: string, content: JsonObject) => {
    const header = { msg_id: randomUUID(), msg_type: type, session, username: "stet", date: new Date().toISOString(), version: "5.3" }
    const frames: Frames = [ENCODER.encode(write(header)), of?.header ?? EMPTY, EMPTY, ENCODER.encode(write(content))]
    return closeEnvelope({ signature: seal.sign(frames), frames, buffers: [] })
  }
  // One after the other: a socket takes no message while it still sends one.
  let turn: Promise<unknown> = Promise.resolve()
  const send = (socket: Router | Publisher, parts: readonly Uint8Array[]) => {
    turn = turn.then(async () => socket.closed || (await socket.send(parts as Uint8Array[]))).catch(() => undefined)
  }
  return {
    connectionFile: connection.file,
    reply: (to, type, content, channel = to.channel) => send(routers[channel], [...to.identities, ...message(to, type, content)]),
    publish: (of, type, content) => send(iopub, [ENCODER.encode(type), ...message(of, type, content)]),
    async close() {
      await turn
      for (const socket of [...Object.values(routers), iopub, heart]) socket.close()
      removeKernelFolder(connection.file)
    },
  }
}

async function pump(socket: Router | Reply, take: (parts: readonly Uint8Array[]) => void): Promise<void> {
  while (!socket.closed) {
    const parts = await socket.receive().catch(() => undefined)
    if (!parts) return
    take(parts)
  }
}

/** Undefined for what is not signed with our key, or is no message. */
function askedIn(channel: ClientAsked["channel"], parts: readonly Uint8Array[], seal: ReturnType<typeof sealWith>): ClientAsked | undefined {
  const envelope = openEnvelope(parts)
  if (!envelope || seal.judge(envelope.signature, envelope.frames) !== "good") return undefined
  const [header, , , body] = envelope.frames
  const [head, content] = [jsonIn(header), jsonIn(body)]
  const type = head?.["msg_type"]
  if (typeof type !== "string" || !content) return undefined
  const identities = parts.slice(0, parts.indexOf(envelope.signature) - 1)
  return { channel, type, content, header, identities }
}

function jsonIn(bytes: Uint8Array): JsonObject | undefined {
  const read = parse(DECODER.decode(bytes))
  return read.ok && isObject(read.value) ? read.value : undefined
}
