import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { type Json, NumberLexeme, parse, StringSpan } from "#base/json.ts"
import { openJournal, readJournal } from "#run/adapters/journal-file.ts"
import { encode, placed } from "#run/adapters/journal-format.ts"
import { refold } from "#run/fold.ts"
import type { RunEvent } from "#run/run.ts"
import { messageOf, notebookOf, orderOf } from "#run/testing.ts"

const folder = mkdtempSync(join(tmpdir(), "stet-journal-"))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const fresh = () => join(folder, `${count++}.journal`)

const order = orderOf(notebookOf("a", "b"), {
  parameters: [
    { name: "n", value: new NumberLexeme("1.0") },
    { name: "password", secret: true },
  ],
})
const begun: RunEvent = { type: "begun", at: 1_700_000_000_123, order }
const hello: RunEvent = {
  type: "said",
  at: 1_700_000_000_456.5,
  message: messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text: "hé\u2028llo" }, buffers: [new Uint8Array([1, 2, 3])] }),
}
const died: RunEvent = { type: "kernel_died", at: 3, exit: { code: null, signal: "SIGKILL", outOfMemory: false, stderrTail: "bye" } }

async function written(...events: RunEvent[]): Promise<string> {
  const path = fresh()
  const journal = openJournal(path)
  for (const event of events) journal.append(event)
  await journal.close()
  return path
}

function eventsIn(path: string): RunEvent[] {
  const reading = readJournal(path)
  const events = [...reading.records()].map(({ event }) => event)
  reading.close()
  return events
}

test("what was appended is read back, numbers to the last digit, secrets as names only", async () => {
  const path = await written(begun, hello, died)
  const [first, second, third] = eventsIn(path)
  expect(first).toEqual(begun)
  expect(second).toMatchObject({
    type: "said",
    at: 1_700_000_000_456.5,
    message: { channel: "iopub", parentId: "r0", content: { name: "stdout", text: "hé\u2028llo" } },
  })
  expect((second as typeof hello & { type: "said" }).message.buffers.map((bytes) => [...bytes])).toEqual([[1, 2, 3]])
  expect(third).toEqual(died)
})

test("a journal cut at any byte gives every record before the cut", async () => {
  const path = await written(begun, hello, died)
  const whole = readFileSync(path)
  const starts = [15, 15 + encode(begun).sizeBytes, 15 + encode(begun).sizeBytes + encode(hello).sizeBytes]
  for (let size = 15; size < whole.length; size += 7) {
    const cut = fresh()
    writeFileSync(cut, whole.subarray(0, size))
    const ends = [...starts.slice(1), whole.length]
    expect(eventsIn(cut).length).toBe(ends.filter((end) => end <= size).length)
  }
})

test("a flipped bit ends the reading there, and says how much was cut", async () => {
  const path = await written(begun, hello, died)
  const bytes = readFileSync(path)
  bytes[bytes.length - 5]! ^= 1
  writeFileSync(path, bytes)
  const reading = readJournal(path)
  expect([...reading.records()].length).toBe(2)
  expect(reading.cutBytes()).toBe(encode(died).sizeBytes)
  reading.close()
})

test("what is no journal is refused by name", () => {
  const path = fresh()
  writeFileSync(path, "{}")
  expect(() => readJournal(path)).toThrow(`${path} is not a journal of Stet.`)
  expect(() => readJournal(join(folder, "absent"))).toThrow(/cannot be read/)
})

test("a journal whose writer died before it wrote anything holds nothing", () => {
  for (const begun of ["", "stet-jour"]) {
    const path = fresh()
    writeFileSync(path, begun)
    const reading = readJournal(path)
    expect([...reading.records()]).toEqual([])
    expect(reading.cutBytes()).toBe(0)
    reading.close()
  }
})

test("a journal is never opened over another one", async () => {
  const path = await written(begun)
  expect(() => openJournal(path)).toThrow(/cannot be written/)
})

test("becoming durable is told, and only what was written before counts", async () => {
  const journal = openJournal(fresh())
  const told: number[] = []
  journal.onDurable(() => told.push(journal.durableBytes))
  journal.append(begun)
  expect(journal.durableBytes).toBe(0)
  await journal.settled()
  expect(told.at(-1)).toBe(journal.sizeBytes)
  await journal.close({ discard: true })
})

test("a long string is found again by its place, without decoding", async () => {
  const long = "x".repeat(2_000_000)
  const path = fresh()
  const journal = openJournal(path)
  journal.append(begun)
  const message = messageOf("iopub", "display_data", { parent: "r0", content: { data: { "image/png": long }, metadata: {} } })
  const parsed = parse(message.frames[3], { spansOver: 65_536 })
  const { content, record } = journal.append({ type: "said", at: 1, message })
  await journal.settled()
  const moved = placed({ ...message, content: (parsed.ok ? parsed.value : {}) as typeof message.content }, content)
  const span = (moved.content["data"] as { [mime: string]: Json })["image/png"]
  expect(span).toBeInstanceOf(StringSpan)
  expect(Buffer.from(journal.read(span as StringSpan)).toString()).toBe(long)
  const again = journal.record(record)
  expect(again.type === "said" && again.message.content).toEqual(moved.content)
  await journal.close()
})

test("garbage after the last record is cut off, not taken for one", async () => {
  const path = await written(begun, hello)
  appendFileSync(path, Buffer.from([9, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]))
  expect(eventsIn(path).length).toBe(2)
  truncateSync(path, 15)
  expect(refold(readJournal(path).records())).toBeUndefined()
})
