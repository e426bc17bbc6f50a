/** The connection between server and worker over real sockets: within one machine, and over TCP. */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { dialer, type Listening, listenAfar, listenLocally } from "#work/adapters/link-socket.ts"
import { sealKey } from "#work/adapters/seal-key.ts"
import { frame, greet, type Proving, type Wire, welcome } from "#work/link-wire.ts"
import { random } from "#work/testing.ts"

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "stet-link-"))
  closing.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function provingWith(keys: string): Proving {
  const after = (ms: number, then: () => void) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  }
  return { seal: sealKey(keys), random, after }
}

/** A worker that says everything back. */
async function echoing(listen: (onWire: (wire: Wire) => void) => Promise<Listening>, proving: Proving): Promise<Listening> {
  const listening = await listen((wire) => {
    welcome(wire, "W", proving).then(
      (talk) => talk.onFrame((value) => talk.say(value)),
      () => undefined,
    )
  })
  closing.push(() => listening.close())
  return listening
}

async function said(address: string, proving: Proving, value: unknown): Promise<unknown> {
  const wire = await dialer(proving.seal)(address)
  closing.push(() => wire.close())
  const talk = await greet(wire, "W", proving)
  talk.say(value)
  return new Promise((resolve, reject) => {
    talk.onFrame(resolve)
    talk.onClose(() => reject(new Error("closed")))
  })
}

test("a socket of this machine is its owner's alone, and carries what is long", async () => {
  const [keys, run] = [folder(), folder()]
  const { address } = await echoing((onWire) => listenLocally(run, onWire), provingWith(keys))
  expect(statSync(address.replace("unix:", "")).mode & 0o777).toBe(0o600)
  const long = { text: "é".repeat(3_000_000) }
  expect(await said(address, provingWith(keys), long)).toEqual(long)
})

test("a home that lies deep has its socket elsewhere", async () => {
  const run = join(folder(), "deep".repeat(30))
  const { mkdirSync } = await import("node:fs")
  mkdirSync(run)
  const keys = folder()
  const { address } = await echoing((onWire) => listenLocally(run, onWire), provingWith(keys))
  expect(Buffer.byteLength(address)).toBeLessThan(108)
  expect(await said(address, provingWith(keys), 1)).toBe(1)
})

test("over TCP it is encrypted under the platform's key: who has another one hears nothing, and plain text is not understood", async () => {
  const keys = folder()
  const proving = provingWith(keys)
  const { address } = await echoing((onWire) => listenAfar("127.0.0.1:0", proving.seal, onWire), proving)
  expect(address).toMatch(/^tcp:127\.0\.0\.1:\d+$/)
  expect(await said(address, provingWith(keys), { hello: "there" })).toEqual({ hello: "there" })
  await expect(said(address, provingWith(folder()), 1)).rejects.toThrow()
  const heard = await new Promise<string>((resolve) => {
    const socket = connect(Number(address.split(":")[2]), "127.0.0.1", () => socket.write(frame({ nonce: "x", proof: "y" })))
    let text = ""
    socket.on("data", (data) => {
      text += data.toString("latin1")
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(text))
  })
  expect(heard).not.toContain("nonce")
})
