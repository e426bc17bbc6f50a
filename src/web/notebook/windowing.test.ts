import fc from "fast-check"
import { expect, test } from "vitest"
import { areApart, expectedHeight, offsetOf, type Piece, piecesIn, spanOf } from "#web/notebook/windowing.ts"

const tall = (height: number) => () => height
const sum = (pieces: readonly Piece[], heightAt: (index: number) => number) =>
  pieces.reduce((total, piece) => total + (piece.is === "space" ? piece.height : heightAt(piece.index)), 0)

test("what is drawn covers the screen and its margin, and no more than a cell beyond", () => {
  expect(spanOf(1000, tall(100), { top: 5000, height: 900, margin: 500 })).toEqual({ from: 45, to: 64, before: 4500, after: 93_600 })
})

test("at the ends there is nothing before, and nothing after", () => {
  expect(spanOf(10, tall(100), { top: 0, height: 900, margin: 500 })).toEqual({ from: 0, to: 10, before: 0, after: 0 })
  expect(spanOf(0, tall(100), { top: 0, height: 900, margin: 500 })).toEqual({ from: 0, to: 0, before: 0, after: 0 })
})

test("space and rows together are always as high as all cells, wherever one is, and each row is drawn once, in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 200 }),
      fc.integer({ min: 0, max: 90_000 }),
      fc.integer({ min: -1, max: 220 }),
      (heights, top, pinned) => {
        const heightAt = (index: number) => heights[index] ?? 0
        const span = spanOf(heights.length, heightAt, { top, height: 700, margin: 300 })
        const pieces = piecesIn({ span, count: heights.length, pinned, heightAt })
        const rows = pieces.flatMap((piece) => (piece.is === "row" ? [piece.index] : []))
        expect(sum(pieces, heightAt)).toBe(heights.reduce((total, height) => total + height, 0))
        expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b))
        if (pinned >= 0 && pinned < heights.length) expect(rows).toContain(pinned)
      },
    ),
  )
})

test("code that was never drawn is expected at 21 pixels a line", () => {
  const cell = { type: "code", text: "a\nb\nc", hasOutputs: false, hidesCode: false, hidesOutput: false }
  expect(expectedHeight({ ...cell, text: "a\nb\nc\nd" }) - expectedHeight(cell)).toBe(21)
  expect(expectedHeight({ ...cell, hidesCode: true })).toBeLessThan(expectedHeight(cell))
})

test("pixels above a cell are those of the cells before it", () => {
  expect(offsetOf(3, (index) => (index + 1) * 10)).toBe(60)
})

test("two windows are apart when no row is in both", () => {
  const span = (from: number, to: number) => ({ from, to, before: 0, after: 0 })
  expect(areApart(span(0, 12), span(12, 24))).toBe(true)
  expect(areApart(span(12, 24), span(0, 12))).toBe(true)
  expect(areApart(span(0, 12), span(11, 24))).toBe(false)
})
