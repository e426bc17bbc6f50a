import fc from "fast-check"
import { expect, test } from "vitest"
import { closeEnvelope, openEnvelope } from "#kernel/frames.ts"
import { messageReader, writeFrames } from "#kernel/message.ts"

const toBytes = (text: string) => Buffer.from(text)
const header = { msg_id: "m1", msg_type: "stream", session: "s", username: "u", date: "2026-01-02T03:04:05Z", version: "5.3" }
const read = () => messageReader((bytes) => Buffer.from(bytes).toString())
const envelope = (parts: [string, string, string, string], buffers: Buffer[] = []) => {
  const frames = parts.map(toBytes) as [Buffer, Buffer, Buffer, Buffer]
  return { signature: Buffer.from("sig"), frames, buffers }
}

test("a message is laid out with identities before and buffers behind", () => {
  const sent = envelope(["h", "p", "m", "c"], [Buffer.from([1]), Buffer.from([2])])
  expect(openEnvelope([Buffer.from("id1"), Buffer.from("id2"), ...closeEnvelope(sent)])).toEqual(sent)
  expect(openEnvelope(closeEnvelope(sent).slice(1))).toBeUndefined()
  expect(openEnvelope(closeEnvelope(sent).slice(0, 5))).toBeUndefined()
  expect(openEnvelope([])).toBeUndefined()
})

test("what was written is read again, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (text, metadata) => {
      const frames = writeFrames({ header, parent: { msg_id: "p1" }, metadata: metadata as never, content: { name: "stdout", text } }, toBytes)
      const message = read()("iopub", { signature: Buffer.alloc(0), frames, buffers: [] })
      expect(message?.content).toEqual({ name: "stdout", text })
      expect([message?.channel, message?.header, message?.parentId, message?.metadata]).toEqual(["iopub", header, "p1", metadata])
    }),
    { numRuns: 100 },
  )
})

test("the parent is the one of each message, also when thousands before had another", () => {
  const reader = read()
  const of = (parent: string) => reader("iopub", envelope([JSON.stringify(header), parent, "{}", "{}"]))?.parentId
  expect([of('{"msg_id": "a"}'), of('{"msg_id": "a"}'), of("{}"), of('{"msg_id":"b"}'), of("{}"), of("nonsense"), of('{"msg_id": "a"}')]).toEqual([
    "a",
    "a",
    "",
    "b",
    "",
    "",
    "a",
  ])
})

test("a header that lacks all but id and type is still a message; anything less is none", () => {
  const of = (header: string, metadata = "{}", content = "{}") => read()("shell", envelope([header, "{}", metadata, content]))
  expect(of('{"msg_id":"x","msg_type":"status"}')?.header).toEqual({
    msg_id: "x",
    msg_type: "status",
    session: "",
    username: "",
    date: "",
    version: "",
  })
  for (const bad of ["", "null", "[]", "{}", '{"msg_id":1,"msg_type":"x"}', "{"]) expect(of(bad)).toBeUndefined()
  expect(of(JSON.stringify(header), "[]")).toBeUndefined()
  expect(of(JSON.stringify(header), "{}", "[1]")).toBeUndefined()
  expect(of(JSON.stringify(header), "{}", "{nonsense")).toBeUndefined()
})
