import { expect, test } from "vitest"
import { cut, wantedOf } from "#api/wire/ranges.ts"

const etag = '"abc"'
const wanted = (range?: string, more: { ifNoneMatch?: string; ifRange?: string } = {}) =>
  wantedOf({ range, ifNoneMatch: more.ifNoneMatch, ifRange: more.ifRange }, etag, 10)

test("parts as RFC 9110 has them", () => {
  expect(wanted()).toEqual({ kind: "whole" })
  expect(wanted("bytes=0-3")).toEqual({ kind: "part", part: { start: 0, end: 4 } })
  expect(wanted("bytes=8-")).toEqual({ kind: "part", part: { start: 8, end: 10 } })
  expect(wanted("bytes=-3")).toEqual({ kind: "part", part: { start: 7, end: 10 } })
  expect(wanted("bytes=-99")).toEqual({ kind: "part", part: { start: 0, end: 10 } })
  expect(wanted("bytes=5-99999")).toEqual({ kind: "part", part: { start: 5, end: 10 } })
  expect(wanted("bytes=10-")).toEqual({ kind: "unsatisfiable" })
  expect(wanted("bytes=-0")).toEqual({ kind: "unsatisfiable" })
})

test("whoever asks for the beginning of an empty file gets all of it", () => {
  expect(wantedOf({ range: "bytes=0-1999", ifNoneMatch: undefined, ifRange: undefined }, etag, 0)).toEqual({ kind: "whole" })
})

test.each(["bytes=3-1", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=-", "bytes=", "bytes=99999999999999999999-", "bytes=1 -2"])(
  "%s is ignored",
  (range) => {
    expect(wanted(range)).toEqual({ kind: "whole" })
  },
)

test("what the asker has is not sent again, and a part of another state is not mixed in", () => {
  expect(wanted("bytes=0-3", { ifNoneMatch: '"x", W/"abc"' })).toEqual({ kind: "unchanged" })
  expect(wanted(undefined, { ifNoneMatch: "*" })).toEqual({ kind: "unchanged" })
  expect(wanted("bytes=0-3", { ifRange: '"other"' })).toEqual({ kind: "whole" })
  expect(wanted("bytes=0-3", { ifRange: etag })).toEqual({ kind: "part", part: { start: 0, end: 4 } })
})

test("a part is cut out of pieces of any size", async () => {
  const bytes = Uint8Array.from({ length: 50 }, (_, i) => i)
  async function* pieces(size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  for (const size of [1, 3, 7, 50])
    for (const [start, end] of [
      [0, 50],
      [0, 1],
      [49, 50],
      [13, 29],
    ] as const) {
      const got: number[] = []
      for await (const piece of cut(pieces(size), { start, end })) got.push(...piece)
      expect(got).toEqual([...bytes.subarray(start, end)])
    }
})
