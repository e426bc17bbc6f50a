import { expect, test } from "vitest"
import { type JsonObject, NumberLexeme, StringSpan } from "#base/json.ts"
import { type Notebook, read, write } from "#notebook/index.ts"
import { STET } from "#run/dialect.ts"
import { Fold } from "#run/fold.ts"
import { Projection } from "#run/project.ts"
import type { RunEvent } from "#run/run.ts"
import { chunks } from "#run/save.ts"
import { codeCell, messageOf, notebookOf, type OrderSpec, orderOf } from "#run/testing.ts"

const LONG = "A".repeat(3000)
/** The journal of these tests: one long base64 word at byte 100, one escaped text at 5000. */
const BYTES = new Uint8Array(9000)
const ESCAPED = 'line one\\nline \\u00e9 "quoted\\"\\n'.replace('"q', '\\"q')
BYTES.set(new TextEncoder().encode(LONG), 100)
BYTES.set(new TextEncoder().encode(ESCAPED), 5000)
const readSpan = (span: StringSpan) => BYTES.slice(span.start, span.start + span.length)

type Said = readonly [type: string, content: JsonObject, cell?: number]

function foldOf(notebook: Notebook, said: readonly Said[], spec: OrderSpec = {}): Fold {
  const fold = new Fold(orderOf(notebook, spec), 1_700_000_000_000)
  const kernel = {
    name: "python3",
    displayName: "Python 3",
    protocol: "5.4",
    implementation: "ipython",
    languageInfo: { name: "python", version: "3.12" },
    conditional: false,
    startMs: 1,
    startedFrom: "cold",
  }
  const happened: Exclude<RunEvent, { type: "begun" }>[] = [{ type: "kernel_ready", at: 1_700_000_000_100, kernel }]
  for (const cell of fold.run.order.plan) {
    const at = 1_700_000_000_200 + cell
    const hear = (channel: "iopub" | "shell", type: string, content: JsonObject): Exclude<RunEvent, { type: "begun" }> => ({
      type: "said",
      at,
      message: messageOf(channel, type, { parent: `r${cell}`, content }),
    })
    happened.push({ type: "sent", at, cell, request: `r${cell}` }, hear("iopub", "status", { execution_state: "busy" }))
    for (const [type, content, of = 0] of said) if (of === cell) happened.push(hear("iopub", type, content))
    happened.push(hear("shell", "execute_reply", { status: "ok", execution_count: cell + 1 }), hear("iopub", "status", { execution_state: "idle" }))
  }
  happened.forEach((event, record) => void fold.absorb(event, record))
  return fold
}

function textOf(projection: Projection): string {
  return Buffer.concat([...chunks(projection.pieces(), readSpan)]).toString()
}
const projectionOf = (fold: Fold) => new Projection(fold, { dialect: STET, read: readSpan, token: "span-" })

test("the projection is exactly what the notebook's own writer would write", () => {
  const fold = foldOf(notebookOf("a", { ...codeCell("# b"), cell_type: "markdown" }, "c"), [
    ["stream", { name: "stdout", text: "one\ntwo\n" }],
    ["execute_result", { data: { "text/plain": "1", "application/json": { n: new NumberLexeme("1.0") } }, metadata: {}, execution_count: 1 }, 2],
  ])
  const text = textOf(projectionOf(fold))
  const reading = read(text)
  expect(reading.ok && write(reading.value.notebook)).toBe(text)
  expect(reading.ok && reading.value.repairs).toEqual([])
  expect(text).toContain('"n": 1.0')
})

test("an empty notebook is still a notebook", () => {
  const text = textOf(projectionOf(foldOf(notebookOf(), [])))
  expect(JSON.parse(text).cells).toEqual([])
  expect(JSON.parse(text).metadata.stet.run.status).toBe("succeeded")
})

test("states, times, counts and the kernel that ran are told", () => {
  const { cells, metadata } = JSON.parse(textOf(projectionOf(foldOf(notebookOf("a"), []))))
  expect(cells[0]).toMatchObject({
    execution_count: 1,
    metadata: {
      stet: { state: "succeeded", started_at: "2023-11-14T22:13:20.200Z", duration_ms: 0 },
      execution: { "iopub.status.busy": "2023-11-14T22:13:20.200Z" },
    },
  })
  expect(metadata).toMatchObject({
    kernelspec: { name: "python3", display_name: "Python 3", language: "python" },
    language_info: { version: "3.12" },
    stet: { run: { status: "succeeded", cells: { done: 1, total: 1 } } },
  })
})

test("long strings are copied from the journal; escaped ones come out as the writer splits them", () => {
  const spans: Said[] = [
    [
      "display_data",
      { data: { "image/png": new StringSpan(100, LONG.length, true), "text/html": new StringSpan(100, LONG.length, true) }, metadata: {} },
    ],
    ["display_data", { data: { "text/html": new StringSpan(5000, ESCAPED.length, false) }, metadata: {} }],
  ]
  const projection = projectionOf(foldOf(notebookOf("a"), spans))
  expect([...projection.pieces()].filter((piece) => piece instanceof StringSpan)).toHaveLength(2)
  const { outputs } = JSON.parse(textOf(projection)).cells[0]
  expect(outputs[0].data).toEqual({ "image/png": LONG, "text/html": [LONG] })
  expect(outputs[1].data).toEqual({ "text/html": ["line one\n", 'line é "quoted"\n'] })
})

test("a cell that did not change is not written again", () => {
  const fold = foldOf(notebookOf("a", "b"), [])
  const projection = projectionOf(fold)
  const pieces = () => [...projection.pieces()]
  const [first, second] = [pieces(), pieces()]
  expect(second[1]).toBe(first[1])
  fold.absorb({ type: "said", at: 9, message: messageOf("iopub", "stream", { parent: "r1", content: { name: "stdout", text: "late" } }) }, 99)
  const third = pieces()
  expect(third[1]).toBe(first[1])
  expect(third[3]).not.toBe(first[3])
})

test("NaN, infinities and secrets among the parameters are written as words", () => {
  const fold = foldOf(notebookOf("a"), [], {
    parameters: [
      { name: "x", value: new NumberLexeme("NaN") },
      { name: "y", value: new NumberLexeme("1.0") },
      { name: "key", secret: true },
    ],
  })
  const text = textOf(projectionOf(fold))
  expect(JSON.parse(text).metadata.stet.run.parameters).toEqual({ x: "NaN", y: 1, key: "(secret)" })
  expect(text).toContain('"y": 1.0')
})

test("text that no file can hold is made well, not lost", () => {
  const { cells } = JSON.parse(textOf(projectionOf(foldOf(notebookOf("a"), [["stream", { name: "stdout", text: "a\ud800b" }]]))))
  expect(cells[0].outputs[0].text).toEqual(["a\ufffdb"])
})

test("where output was cut, the notebook says how much and where it is", () => {
  const fold = foldOf(
    notebookOf("a"),
    [
      ["stream", { name: "stdout", text: "x".repeat(80) }],
      ["stream", { name: "stdout", text: "y".repeat(80) }],
    ],
    { limits: { shownBytes: 120 } },
  )
  const projection = projectionOf(fold)
  projection.spilled(0, { sha256: "ab", sizeBytes: 80, path: "blobs/ab", mediaType: "text/plain" })
  const [shown, marker] = JSON.parse(textOf(projection)).cells[0].outputs
  expect(shown.text).toEqual(["x".repeat(80) + "y".repeat(40)])
  expect(marker.data["text/plain"].join("")).toMatch(/^Output cut here: \d+ bytes more in one message kept in blobs\/ab\.$/)
  expect(marker.data["application/vnd.stet.spill+json"]).toMatchObject({ messages: 1, sha256: "ab" })
})
