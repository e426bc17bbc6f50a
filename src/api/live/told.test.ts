import { expect, expectTypeOf, test } from "vitest"
import { type Frame, haveFrame, presenceFrame, readFrame, updateFrame } from "#api/live/frames.ts"
import { presence } from "#api/live/presence.ts"
import type * as Live from "#api/live.ts"
import { chanceOf } from "#draft/testing.ts"
import type { CommTold, ExecutionView, OutputsSnapshot, SessionView, Told, VariableDetail } from "#work/index.ts"

test("what a worker tells is what a browser understands", () => {
  expectTypeOf<Told>().toExtend<Live.Tell>()
  expectTypeOf<CommTold>().toExtend<Live.Tell>()
  expectTypeOf<SessionView>().toExtend<Live.SessionView>()
  expectTypeOf<ExecutionView>().toExtend<Live.ExecutionView>()
  expectTypeOf<OutputsSnapshot>().toExtend<Live.OutputsSnapshot>()
  expectTypeOf<VariableDetail>().toExtend<Live.VariableDetail>()
})

test("a frame is read as it was written", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
  expect(readFrame(haveFrame(bytes))).toEqual({ kind: "have", vector: bytes } satisfies Frame)
  expect(readFrame(updateFrame(bytes))).toEqual({ kind: "update", update: bytes } satisfies Frame)
  expect(readFrame(updateFrame(bytes, true))).toEqual({ kind: "update", update: bytes } satisfies Frame)
  const states = [
    { client: 4_294_967_295, clock: 7, state: { user: { name: "Ä" } } },
    { client: 1, clock: 200, state: null },
  ]
  expect(readFrame(presenceFrame(states))).toEqual({ kind: "awareness", states } satisfies Frame)
})

test("whatever bytes come, they are a frame or none", () => {
  const chance = chanceOf(3)
  const genuine = [haveFrame(Uint8Array.of(1, 2, 3)), updateFrame(Uint8Array.of(4, 5)), presenceFrame([{ client: 300, clock: 1, state: { a: 1 } }])]
  for (let i = 0; i < 20_000; i++) {
    const bytes = (chance(2) === 0 ? (genuine[chance(3)] as Uint8Array) : Uint8Array.from({ length: chance(40) }, () => chance(256))).slice()
    if (bytes.length > 0) bytes[chance(bytes.length)] = chance(256)
    expect(() => readFrame(bytes.subarray(0, chance(bytes.length + 1)))).not.toThrow()
  }
})

test("nobody speaks under another name or for another client, and a colour is a colour", () => {
  const there = presence<string>()
  const ada = { id: "1", name: "Ada" }
  const told = there.say("a", ada, [
    { client: 5, clock: 1, state: { user: { name: "Bob", color: "red;background:url(//x)", colorLight: "#AABBCC" }, at: 3 } },
  ])
  expect(told).toEqual([{ client: 5, clock: 1, state: { user: { id: "1", name: "Ada", colorLight: "#AABBCC" }, at: 3 } }])
  expect(there.say("b", { id: "2", name: "Bob" }, [{ client: 5, clock: 2, state: null }])).toEqual([])
  expect(there.say("a", ada, [{ client: 6, clock: 1, state: { text: "x".repeat(20_000) } }])).toEqual([])
  expect(there.leave("a")).toEqual([{ client: 5, clock: 2, state: null }])
  expect(there.all()).toEqual([])
})
