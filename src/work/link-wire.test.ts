import { createHmac, randomBytes } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Frames, frame, greet, type Proving, type Talk, type Wire, welcome } from "#work/link-wire.ts"
import { WorkerLine } from "#work/link-worker.ts"

function proving(key: string): Proving {
  return {
    seal: { digest: (text) => createHmac("sha256", key).update(text).digest("hex") },
    random: { bytes: (count) => randomBytes(count) },
    after: (ms, then) => {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    },
  }
}

type End = Wire & { hear: (bytes: Uint8Array) => void; gone: () => void; readonly sent: Uint8Array[] }

/** Two ends of one connection; `alter` stands in the middle. */
function pair(alter: (bytes: Uint8Array, to: "server" | "worker") => Uint8Array = (bytes) => bytes): readonly [End, End] {
  const ends: End[] = []
  for (const side of ["server", "worker"] as const) {
    const other = () => ends[side === "server" ? 1 : 0]!
    const sent: Uint8Array[] = []
    const end: End = {
      sent,
      backlogBytes: 0,
      hear: () => undefined,
      gone: () => undefined,
      send: (bytes) => {
        sent.push(bytes)
        setImmediate(() => other().hear(alter(bytes, side === "server" ? "worker" : "server")))
      },
      onBytes: (listener) => {
        end.hear = listener
      },
      onDrain: () => undefined,
      onClose: (listener) => {
        end.gone = listener
      },
      close: () => {
        setImmediate(() => other().gone())
        setImmediate(() => end.gone())
      },
    }
    ends.push(end)
  }
  return [ends[0]!, ends[1]!]
}

test("frames come out whole and in order, however the bytes are cut", () => {
  const values = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 })
  fc.assert(
    fc.property(values, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (said, cuts) => {
      const frames = new Frames()
      frames.trust()
      const bytes = Buffer.concat(said.map(frame))
      const heard: unknown[] = []
      for (let at = 0, turn = 0; at < bytes.length; ) {
        const size = cuts[turn++ % cuts.length]!
        heard.push(...frames.feed(bytes.subarray(at, at + size)))
        at += size
      }
      expect(heard).toEqual(said.map((value) => JSON.parse(JSON.stringify(value))))
    }),
  )
})

test("nobody who is not known may make us hold much", () => {
  const frames = new Frames()
  expect(() => [...frames.feed(Uint8Array.from([0, 0, 16, 0]))]).toThrow("too long")
})

test("two that hold the key speak, and what is said at once after that is heard", async () => {
  const [server, worker] = pair()
  const meet: Promise<readonly [Talk, Talk]> = Promise.all([greet(server, "W1", proving("key")), welcome(worker, "W1", proving("key"))])
  const [asks, answers] = await meet
  asks.say({ id: 1 })
  await new Promise((next) => setTimeout(next, 20))
  expect(await new Promise((resolve) => answers.onFrame(resolve))).toEqual({ id: 1 })
})

test("how a session stands is taken in before what is told of it in the same breath", async () => {
  const [server, worker] = pair()
  const timers = { after: proving("key").after } as ConstructorParameters<typeof WorkerLine>[1]["timers"]
  const line = new WorkerLine({ worker: "W1", address: "" }, { dial: async () => server, proving: proving("key"), timers })
  const heard: string[] = []
  line.hear("S1", ({ tell }) => heard.push(tell))
  const asked = line.ask("S1", { do: "listen" }, () => heard.push("how it stands"))
  const answers = await welcome(worker, "W1", proving("key"))
  const { id } = (await new Promise<unknown>((resolve) => answers.onFrame(resolve))) as { readonly id: number }
  worker.send(Buffer.concat([frame({ id, outcome: { ok: true, value: null } }), frame({ session: "S1", told: { tell: "session", session: null } })]))
  await asked.then(() => heard.push("awaited"))
  expect(heard).toEqual(["how it stands", "session", "awaited"])
})

test("one that has another key, or is another worker, is not spoken to by either side", async () => {
  const [server, worker] = pair()
  const met = await Promise.allSettled([greet(server, "W1", proving("key")), welcome(worker, "W1", proving("other"))])
  expect(met.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  const [asks, other] = pair()
  const confused = await Promise.allSettled([greet(asks, "W1", proving("key")), welcome(other, "W2", proving("key"))])
  expect(confused.map(({ status }) => status)).toEqual(["rejected", "rejected"])
})

test("what was proved once proves nothing again, and no proof is the other side's", async () => {
  const [server, worker] = pair()
  await Promise.all([greet(server, "W1", proving("key")), welcome(worker, "W1", proving("key"))])
  const replayed = server.sent.map((bytes) => bytes)
  const [forger, again] = pair()
  const meeting = welcome(again, "W1", proving("key"))
  for (const bytes of replayed) forger.send(bytes)
  await expect(meeting).rejects.toThrow("does not hold the key")
  // A reflection: the worker is given back its own nonce.
  const [mirror, reflected] = pair()
  mirror.onBytes((bytes) => {
    const [said] = [...new Frames().feed(bytes)] as { nonce?: string; proof?: string }[]
    if (said?.nonce !== undefined) mirror.send(frame({ nonce: said.nonce, proof: "0".repeat(64) }))
  })
  await expect(welcome(reflected, "W1", proving("key"))).rejects.toThrow("does not hold the key")
})
