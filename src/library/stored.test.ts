import { createHash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Json, write } from "#base/json.ts"
import { stopwatch } from "#base/testing.ts"
import { baseOf, cutOutputs, fillHoles, LARGE_OUTPUT_BYTES, readSkeleton, writeSkeleton } from "#library/stored.ts"
import { largeOutputs } from "#library/stored-spans.ts"
import { arbitraryNotebook } from "#notebook/testing.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (of: Uint8Array) => new TextDecoder().decode(of)
const long = (length: number, of = "a") => of.repeat(length)
const spansIn = (source: string, over: number) => largeOutputs(bytes(source), over).map(({ from, to }) => text(bytes(source).subarray(from, to)))

describe("the large outputs of a notebook", () => {
  test("are the innermost values over the limit", () => {
    const png = long(40, "A")
    const source = JSON.stringify({
      cells: [
        {
          outputs: [
            { data: { "image/png": png, "text/plain": "<Figure>" }, execution_count: 3, metadata: {} },
            { text: ["line\n", "line\n", "line\n"] },
          ],
        },
      ],
    })
    expect(spansIn(source, 40)).toEqual([`"${png}"`])
    expect(spansIn(source, 20)).toEqual([`"${png}"`, '["line\\n","line\\n","line\\n"]'])
    const data = `{"image/png":"${png}","text/plain":"<Figure>"}`
    expect(spansIn(source, 60)).toEqual([data])
    expect(spansIn(source, data.length)).toEqual([`{"data":${data},"execution_count":3,"metadata":{}}`])
  })

  test("are found in every format, and in any order of keys", () => {
    const output = `{"text": "${long(50)}", "output_type": "stream"}`
    for (const source of [
      `{"cells": [{"outputs": [${output}]}], "nbformat": 4}`,
      `{"nbformat": 4, "metadata": {"cells": 1}, "cells":[{"source": ["outputs"], "outputs" : [ {}, ${output} ] , "cell_type":"code"},{}]}`,
      `\uFEFF{ "worksheets": [ {"metadata": {}, "cells": [{"outputs":[${output}]}]} ], "nbformat": 3}`,
    ]) {
      expect(spansIn(source, 40)).toEqual([`"${long(50)}"`])
    }
  })

  test("are not what only looks like one", () => {
    const big = `"${long(50)}"`
    for (const source of [
      `{"metadata": {"cells": [{"outputs": [${big}]}]}}`,
      `{"cells": [{"source": ${big}, "metadata": {"outputs": [${big}]}, "attachments": {"a.png": {"image/png": ${big}}}}]}`,
      `{"cells": {"outputs": [${big}]}}`,
      `{"cells": [{"outputs": ${big}}]}`,
      `{"cells": [[{"outputs": [${big}]}]]}`,
      `{"cells": [{"metadata": ["outputs", ${big}]}, "outputs", ${big}]}`,
      `{"ce\\u006cls": [{"outputs": [${big}]}]}`,
    ]) {
      expect(spansIn(source, 40)).toEqual([])
    }
  })

  test("are not confused by quotes, backslashes and brackets in texts", () => {
    const tricky = `"]}],\\"\\\\${long(50)}\\\\"`
    expect(spansIn(`{"x": "\\"", "cells": [{"source": "[{\\\\", "outputs": [${tricky}, "}"]}]}`, 40)).toEqual([tricky])
  })

  test("of anything at all are in order, apart and inside", () => {
    const soup = fc.array(fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", '"cells"', '"outputs"', "1", long(9), "\xff", "null"), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          soup.map((parts) => bytes(parts.join(""))),
          fc.uint8Array(),
        ),
        fc.nat({ max: 20 }),
        (source, over) => {
          let before = 0
          for (const { from, to } of largeOutputs(source, over)) {
            expect(from).toBeGreaterThanOrEqual(before)
            expect(to - from).toBeGreaterThan(over)
            before = to
          }
          expect(before).toBeLessThanOrEqual(source.length)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test("are each a value of its own, whatever the notebook", () => {
    fc.assert(
      fc.property(arbitraryNotebook, fc.nat({ max: 60 }), (notebook, over) => {
        const source = bytes(write(notebook as Json))
        for (const { from, to } of largeOutputs(source, over)) JSON.parse(text(source.subarray(from, to)).replace(/-?\bInfinity\b|\bNaN\b/g, "0"))
      }),
      { numRuns: 500 },
    )
  })
})

describe("the skeleton", () => {
  const sha256 = (of: Uint8Array) => createHash("sha256").update(of).digest("hex")
  const skeletonOf = (source: Uint8Array) => {
    const cut = cutOutputs(source)
    return {
      cut,
      skeleton: writeSkeleton(
        cut.text,
        cut.outputs.map(({ at, bytes: output }) => ({ at, sha256: sha256(output), length: output.length })),
      ),
    }
  }

  test("with its outputs is the notebook, byte for byte", () => {
    const lengths = fc.array(fc.constantFrom(3, LARGE_OUTPUT_BYTES - 2, LARGE_OUTPUT_BYTES - 1, LARGE_OUTPUT_BYTES + 5), { maxLength: 6 })
    fc.assert(
      fc.property(lengths, fc.constantFrom("", " ", "\n\t"), (given, blank) => {
        const outputs = given.map((length, i) => `{"text":${blank}"${long(length, String(i))}"}`).join(`${blank},`)
        const source = bytes(`{"cells":[{"outputs":[${outputs}]}]}${blank}`)
        const { cut, skeleton } = skeletonOf(source)
        expect(cut.outputs).toHaveLength(
          given.filter((length) => length + 2 > LARGE_OUTPUT_BYTES).length + given.filter((length) => length === LARGE_OUTPUT_BYTES - 2).length,
        )
        const read = readSkeleton(skeleton)!
        const back = fillHoles(
          read,
          cut.outputs.map(({ bytes: output }) => output),
        )
        expect(Buffer.compare(back!, source)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test("of a 1 MB notebook with images is small, and takes milliseconds", () => {
    const image = { output_type: "display_data", data: { "image/png": long(300_000, "iVBORw0K") }, metadata: {} }
    const source = bytes(JSON.stringify({ cells: [{ outputs: [image, image] }, { outputs: [image] }] }))
    const spentMs = stopwatch()
    const { cut } = skeletonOf(source)
    expect(spentMs()).toBeLessThan(500)
    expect(cut.outputs).toHaveLength(3)
    expect(cut.text.length).toBeLessThan(400)
  })

  test("that was damaged is refused or gives something of bounded size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        const read = readSkeleton(junk)
        if (read) expect(read.holes.length * 34).toBeLessThanOrEqual(junk.length)
      }),
      { numRuns: 2000 },
    )
  })

  test("is not filled with outputs of another length", () => {
    const skeleton = readSkeleton(writeSkeleton(bytes("ab"), [{ at: 1, sha256: "0".repeat(64), length: 3 }]))!
    expect(text(fillHoles(skeleton, [bytes("xyz")])!)).toBe("axyzb")
    expect(fillHoles(skeleton, [bytes("xy")])).toBeUndefined()
    expect(fillHoles(skeleton, [])).toBeUndefined()
  })
})

test("a version is made in at most log2(n) steps", () => {
  for (let number = 1; number <= 5000; number++) {
    let steps = 0
    for (let base = baseOf(number); base !== undefined; base = baseOf(base)) steps++
    expect(steps).toBeLessThanOrEqual(Math.log2(number) + 1e-9)
  }
  expect([1, 2, 3, 4, 5, 9, 1000].map(baseOf)).toEqual([undefined, 1, 1, 3, 1, 1, 999])
})
