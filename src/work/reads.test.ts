import fc from "fast-check"
import { expect, test } from "vitest"
import { write } from "#base/json.ts"
import { latestOfCells, logPart, waitsFor } from "#work/reads.ts"

function events(texts: readonly string[]) {
  let logEnd = 0
  return texts.map((text) => {
    logEnd += Buffer.byteLength(text)
    return { type: "stream", what: write({ cell: 0, name: "stdout", text }), logEnd }
  })
}

test("read from offset to offset, a log is whole, whatever its pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })), (texts) => {
      const all = events(texts)
      const logBytes = all.at(-1)?.logEnd ?? 0
      let [read, offset] = ["", 0]
      for (let turn = 0; turn < texts.length + 2; turn++) {
        const rest = all.filter(({ logEnd }) => logEnd > offset).slice(0, 2)
        const part = logPart(rest, { offset, run: { state: "succeeded", logBytes } })
        read += part.text
        offset = part.nextOffset
        if (part.eof) break
      }
      expect(read).toBe(texts.join(""))
      expect(offset).toBe(logBytes)
    }),
  )
})

test("an offset in the middle of an event gives the rest of it; a run that goes on is not at its end", () => {
  const [event] = events(["hello"])
  expect(logPart([event!], { offset: 2, run: { state: "running", logBytes: 5 } })).toEqual({ text: "llo", offset: 2, nextOffset: 5, eof: false })
  expect(logPart([], { offset: 5, run: { state: "running", logBytes: 5 } })).toEqual({ text: "", offset: 5, nextOffset: 5, eof: false })
})

test("a log whose events were removed by age comes to its end", () => {
  expect(logPart([], { offset: 0, run: { state: "succeeded", logBytes: 100 } })).toEqual({ text: "", offset: 0, nextOffset: 100, eof: true })
})

test("of each cell the last word counts", () => {
  const cell = (index: number, state: string, endedAt: string | null) =>
    write({ index, id: `c${index}`, state, startedAt: "2026-01-01T00:00:00.000Z", endedAt, executionCount: null })
  const times = latestOfCells([cell(1, "running", null), cell(0, "running", null), cell(0, "succeeded", "2026-01-01T00:00:01.000Z")])
  expect(times.map(({ index, state, endedAt }) => [index, state, endedAt])).toEqual([
    [0, "succeeded", Date.UTC(2026, 0, 1, 0, 0, 1)],
    [1, "running", null],
  ])
})

test("a run that waits says for what", () => {
  const now = Date.UTC(2026, 0, 1)
  expect(waitsFor({ notBefore: now + 1000, attempt: 2 }, { before: 3, now })).toBe("Attempt 2 begins at 2026-01-01T00:00:01.000Z.")
  expect(waitsFor({ notBefore: null, attempt: 1 }, { before: 0, now })).toBe("It is the next in line.")
  expect(waitsFor({ notBefore: now - 1, attempt: 2 }, { before: 1200, now })).toBe("It waits in line: 1,200 runs go before it, by priority and age.")
})
