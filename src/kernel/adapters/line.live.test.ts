import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { Router, XPublisher } from "zeromq"
import { address, type Connection, makeConnection } from "#kernel/adapters/connection.ts"
import { type Line, openLine } from "#kernel/adapters/line.ts"
import { type Seal, sealWith } from "#kernel/adapters/seal.ts"
import { openZmqWire } from "#kernel/adapters/zmq.ts"
import { openZmtpWire } from "#kernel/adapters/zmtp.ts"
import { closeEnvelope, openEnvelope } from "#kernel/frames.ts"
import type { Message } from "#kernel/ports.ts"

/** The kernel's side, on libzmq: what it is asked, and a way to publish. */
type Peer = {
  readonly connection: Connection
  asked(channel: "shell" | "stdin" | "control"): Promise<{ readonly identity: string; readonly parts: Buffer[] }>
  publish(parts: readonly Uint8Array[]): Promise<void>
  close(): void
}

async function openPeer(folder: string, transport: "ipc" | "tcp"): Promise<Peer> {
  const connection = await makeConnection(folder, transport, "peer")
  const routers = { shell: new Router({ linger: 0 }), stdin: new Router({ linger: 0 }), control: new Router({ linger: 0 }) }
  const iopub = new XPublisher({ linger: 0, sendHighWaterMark: 0 })
  for (const channel of ["shell", "stdin", "control"] as const) await routers[channel].bind(address(connection, channel))
  await iopub.bind(address(connection, "iopub"))
  return {
    connection,
    asked: async (channel) => {
      const [identity, ...parts] = await routers[channel].receive()
      return { identity: String(identity), parts }
    },
    publish: async (parts) => {
      await iopub.send(["topic", ...(parts as Buffer[])])
    },
    close: () => {
      for (const socket of [...Object.values(routers), iopub]) socket.close()
    },
  }
}

function stream(seal: Seal, id: string, content: Buffer = Buffer.from('{"name":"stdout","text":"x"}')): Uint8Array[] {
  const frames = [Buffer.from(JSON.stringify({ msg_id: id, msg_type: "stream" })), Buffer.from("{}"), Buffer.from("{}"), content] as const
  return closeEnvelope({ signature: seal.sign(frames), frames, buffers: [Buffer.from([0, 255])] })
}

const wires = { zmtp: openZmtpWire, zmq: openZmqWire }
const cases = [
  ["zmtp", "ipc"],
  ["zmtp", "tcp"],
  ["zmq", "ipc"],
  ["zmq", "tcp"],
] as const

describe.each(cases)("over %s and %s", (wire, transport) => {
  let folder: string
  let peer: Peer
  let line: Line
  let heard: Message[]

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "stet-line-"))
    peer = await openPeer(folder, transport)
    heard = []
    line = openLine(peer.connection, wires[wire], (message) => heard.push(message))
  })
  afterEach(() => {
    line.close()
    peer.close()
    rmSync(folder, { recursive: true })
  })

  /** Publishes until the first one is heard: then the subscription has arrived. */
  async function subscribed(seal: Seal): Promise<void> {
    for (let i = 0; heard.length === 0; i++) {
      await peer.publish(stream(seal, `ready${i}`))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  test("what we send is signed and comes from one identity on shell and stdin", async () => {
    const id = line.say("shell", "execute_request", { code: "é" }, { metadata: { a: 1 }, buffers: [Buffer.from("raw")] })
    line.say("stdin", "input_reply", { value: "x" })
    line.say("control", "shutdown_request", {}, { parentId: "p", subshellId: "s" })
    const [shell, stdin, control] = await Promise.all([peer.asked("shell"), peer.asked("stdin"), peer.asked("control")])
    expect(stdin.identity).toBe(shell.identity)
    const envelope = openEnvelope(shell.parts)!
    expect(sealWith(peer.connection.key).judge(envelope.signature, envelope.frames)).toBe("good")
    expect(JSON.parse(String(envelope.frames[0]))).toMatchObject({
      msg_id: id,
      msg_type: "execute_request",
      date: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(JSON.parse(String(envelope.frames[3]))).toEqual({ code: "é" })
    expect(String(envelope.buffers[0])).toBe("raw")
    const asked = openEnvelope(control.parts)!
    expect([JSON.parse(String(asked.frames[0])), JSON.parse(String(asked.frames[1]))]).toMatchObject([{ subshell_id: "s" }, { msg_id: "p" }])
  })

  test("forged, replayed and broken messages are dropped and counted, the good ones before and behind them come", async () => {
    const seal = sealWith(peer.connection.key)
    await subscribed(seal)
    const before = heard.length
    const good = stream(seal, "good")
    const wrongKey = stream(sealWith("guess"), "forged")
    const noObject = stream(seal, "list", Buffer.from("[]"))
    for (const parts of [good, wrongKey, good, noObject, good.slice(0, 4), [Buffer.from("?")], stream(seal, "last")]) await peer.publish(parts)
    await expect.poll(() => heard.at(-1)?.header.msg_id).toBe("last")
    expect(
      heard
        .slice(before)
        .map(({ header }) => header.msg_id)
        .filter((id) => !id.startsWith("ready")),
    ).toEqual(["good", "last"])
    expect(line.dropped).toEqual({ wrong: 1, replayed: 1, unreadable: 3 })
    expect(Buffer.from(heard.at(-1)!.buffers[0]!)).toEqual(Buffer.from([0, 255]))
  })

  test("eight thousand messages and a few megabytes between them arrive whole and in order", async () => {
    const seal = sealWith(peer.connection.key)
    await subscribed(seal)
    const before = heard.length
    const large = Buffer.from(JSON.stringify({ text: "y".repeat(3_000_000) }))
    for (let i = 0; i < 8000; i++) await peer.publish(i % 2000 === 1999 ? stream(seal, `n${i}`, large) : stream(seal, `n${i}`))
    await expect.poll(() => heard.at(-1)?.header.msg_id, { timeout: 20_000 }).toBe("n7999")
    const ids = heard.slice(before).flatMap(({ header }) => (header.msg_id.startsWith("n") ? [header.msg_id] : []))
    expect(ids).toEqual(Array.from({ length: 8000 }, (_, i) => `n${i}`))
    expect(heard.filter(({ frames }) => frames[3].length === large.length)).toHaveLength(4)
    expect(large.equals(heard.at(-1)!.frames[3])).toBe(true)
  })
})
