import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Channel } from "#kernel/ports.ts"
import { closeLegacy, closeV1, openLegacy, openV1, type Parcel } from "#kernel/websocket.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => bytes(JSON.stringify({ value })))
const parcels: fc.Arbitrary<Parcel> = fc.record({
  channel: fc.constantFrom<Channel>("shell", "iopub", "stdin", "control"),
  frames: fc.tuple(json, json, json, json),
  buffers: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 }),
})

describe("both forms", () => {
  test("give back exactly the bytes that went in", () => {
    fc.assert(
      fc.property(parcels, (parcel) => {
        expect(plain(openV1(closeV1(parcel)))).toEqual(plain(parcel))
        expect(plain(openLegacy(closeLegacy(parcel)))).toEqual(plain(parcel))
      }),
    )
  })

  test("take anything without breaking", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (garbage, text) => {
        expect(openV1(garbage)).toBeUndefined()
        openLegacy(garbage)
        expect(openLegacy(text)).toBeUndefined()
      }),
    )
  })

  test("refuse a message that was cut short or damaged", () => {
    fc.assert(
      fc.property(parcels, fc.nat(), fc.integer({ min: 1, max: 255 }), (parcel, place, change) => {
        const whole = closeV1(parcel)
        expect(openV1(whole.subarray(0, place % whole.length))).toBeUndefined()
        whole[place % whole.length]! ^= change
        openV1(whole)
      }),
    )
  })
})

describe("v1", () => {
  test("has the documented layout", () => {
    const message = closeV1({ channel: "shell", frames: [bytes("{}"), bytes("[1]"), bytes("{}"), bytes("{}")], buffers: [bytes("AB")] })
    const view = new DataView(message.buffer)
    const numbers = Array.from({ length: 8 }, (_, index) => Number(view.getBigUint64(8 * index, true)))
    expect(numbers).toEqual([7, 64, 69, 71, 74, 76, 78, 80])
    expect(new TextDecoder().decode(message.subarray(64))).toBe("shell{}[1]{}{}AB")
  })

  test("copies nothing", () => {
    const message = closeV1({ channel: "iopub", frames: [bytes("{}"), bytes("{}"), bytes("{}"), bytes("{}")], buffers: [] })
    expect(openV1(message)?.frames[3].buffer).toBe(message.buffer)
  })

  test("refuses channels that there are not", () => {
    expect(
      openV1(closeV1({ channel: "admin" as Channel, frames: [bytes("{}"), bytes("{}"), bytes("{}"), bytes("{}")], buffers: [] })),
    ).toBeUndefined()
  })
})

describe("the older form", () => {
  const message = (content: string) =>
    `{"buffers": [], "header" : {"msg_id":"a", "x":"}\\"{"} , "msg_id":"a","parent_header":{},"metadata":{},"content": ${content},"channel":"iopub"}`

  test("finds the parts wherever they stand, numbers and blanks as they were", () => {
    const parcel = openLegacy(message(String.raw`{"n": 1.0, "s": "\\", "t": "\"}", "l": [1, {"content": 2}]}`))
    expect(parcel?.channel).toBe("iopub")
    expect(parcel?.frames.map((frame) => new TextDecoder().decode(frame))).toEqual([
      String.raw`{"msg_id":"a", "x":"}\"{"}`,
      "{}",
      "{}",
      String.raw`{"n": 1.0, "s": "\\", "t": "\"}", "l": [1, {"content": 2}]}`,
    ])
  })

  test("refuses what lacks a part or does not end", () => {
    expect(openLegacy(message("{}").replace('"channel":"iopub"', '"x":1'))).toBeUndefined()
    expect(openLegacy(message("{}").replace('"metadata"', '"meta"'))).toBeUndefined()
    expect(openLegacy(message("{}").slice(0, -1))).toBeUndefined()
  })

  test("carries buffers behind big-endian offsets", () => {
    const packed = closeLegacy({ channel: "shell", frames: [bytes("{}"), bytes("{}"), bytes("{}"), bytes("{}")], buffers: [bytes("AB"), bytes("")] })
    const view = new DataView((packed as Uint8Array<ArrayBuffer>).buffer)
    expect([0, 4, 8, 12].map((at) => view.getUint32(at))).toEqual([3, 16, view.byteLength - 2, view.byteLength])
  })
})

function plain(parcel: Parcel | undefined): unknown {
  return parcel && { channel: parcel.channel, frames: parcel.frames.map((frame) => [...frame]), buffers: parcel.buffers.map((buffer) => [...buffer]) }
}
