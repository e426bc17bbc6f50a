import { expect, test } from "vitest"
import type { StreamedEvent } from "#api/client.ts"
import { read } from "#notebook/index.ts"
import { environmentFacts, environmentsDiffer, valuesDiffer } from "#web/run/comparison.ts"
import { heard, NOTHING_YET, outputsOf } from "#web/run/live.ts"
import { nextStep, orchestratorOf, triggerWords } from "#web/run/next-step.ts"
import { changesOf, outlineOf } from "#web/run/reading/outline.ts"
import { type TimedCell, waterfall } from "#web/run/waterfall.ts"

/** Events numbered from 1 of the first attempt, each "type" and what it says. */
function events(...told: readonly (readonly [type: string, what: object])[]): readonly StreamedEvent[] {
  return told.map(([type, what], at) => ({ seq: at + 1, attempt: 1, at: "2026-01-31T00:00:00Z", type, what }))
}
const text = (cell: number, said: string, name = "stdout") => ["stream", { cell, name, text: said }] as const
const output = (cell: number, data: object, displayId?: string) =>
  ["output", { cell, output: { output_type: "display_data", data, metadata: {} }, ...(displayId ? { displayId } : {}) }] as const

test("text of one stream is one output, of two streams two", () => {
  const live = heard(NOTHING_YET, events(text(0, "a"), text(0, "b\n"), text(0, "c", "stderr"), text(0, "d")))
  expect(outputsOf(live, 0).map((one) => `${one["name"]} ${one["text"]}`)).toEqual(["stdout ab\n", "stderr c", "stdout d"])
})

test("a display is changed wherever it was shown, and cleared when it is asked", () => {
  const told = events(output(0, { "text/plain": "0 %" }, "bar"), output(1, { "text/plain": "0 %" }, "bar"), [
    "update",
    { cell: 1, output: { output_type: "display_data", data: { "text/plain": "50 %" }, metadata: {} }, displayId: "bar" },
  ])
  const live = heard(NOTHING_YET, told)
  expect([0, 1].map((cell) => outputsOf(live, cell)[0]?.["data"])).toEqual([{ "text/plain": "50 %" }, { "text/plain": "50 %" }])
  const waiting = heard(NOTHING_YET, events(text(0, "a"), ["clear", { cell: 0, wait: true }]))
  expect(outputsOf(waiting, 0)).toHaveLength(1)
  expect(outputsOf(heard(waiting, [{ ...events(text(0, "b"))[0]!, seq: 3 }]), 0).map((one) => one["text"])).toEqual(["b"])
  expect(outputsOf(heard(NOTHING_YET, events(text(0, "a"), ["clear", { cell: 0, wait: false }])), 0)).toEqual([])
})

test("what was heard before is not heard again, and another attempt begins anew", () => {
  const told = events(
    text(0, "a"),
    ["progress", { done: 1, total: 3, current: 1 }],
    ["cell", { index: 0, state: "running", startedAt: null, endedAt: null }],
  )
  const once = heard(NOTHING_YET, told)
  expect(heard(once, told)).toEqual(once)
  const again = heard(once, [{ seq: 9, attempt: 2, at: "", type: "state", what: { state: "running", attempt: 2 } }])
  expect([again.attempt, again.state, again.outputs.size, again.cells.size, again.progress.total]).toEqual([2, "running", 0, 0, 0])
})

test("a cell that prints without end keeps its end", () => {
  const line = `${"x".repeat(999)}\n`
  let live = NOTHING_YET
  for (let seq = 1; seq <= 2000; seq++)
    live = heard(live, [{ seq, attempt: 1, at: "", type: "stream", what: { cell: 0, name: "stdout", text: line } }])
  const kept = String(outputsOf(live, 0)[0]?.["text"])
  expect(kept.length).toBeLessThan(900_000)
  expect(kept.startsWith("… (the beginning is in the log)\nxxx")).toBe(true)
})

test("what the server keeps aside while a run is under way is said, not shown as what it is not", () => {
  const live = heard(NOTHING_YET, events(output(0, { "image/png": { blob: "0".repeat(64), sizeBytes: 5 } })))
  expect(outputsOf(live, 0)[0]?.["data"]).toEqual({ "text/plain": "(image/png: shown when the run has ended)" })
})

const cell = (index: number, from: number, to: number | null, state = "succeeded"): TimedCell => ({
  index,
  id: String(index),
  state,
  startedAt: new Date(from).toISOString(),
  endedAt: to === null ? null : new Date(to).toISOString(),
})

test("bars share one scale that begins with the first cell", () => {
  const course = { createdAt: new Date(0).toISOString(), endedAt: null, now: 5000, most: 10 }
  const drawn = waterfall({ ...course, cells: [cell(0, 1000, 2000), cell(2, 2000, null, "running")] })
  expect(drawn).toEqual({
    totalMs: 4000,
    waitedMs: 1000,
    leftOut: 0,
    bars: [
      { index: 0, state: "succeeded", ms: 1000, from: 0, width: 0.25 },
      { index: 2, state: "running", ms: 3000, from: 0.25, width: 0.75 },
    ],
  })
  expect(waterfall({ ...course, cells: [] }).bars).toEqual([])
})

test("of many bars the longest and the failed ones stay, in their order", () => {
  const cells = [cell(0, 0, 10), cell(1, 10, 1000), cell(2, 1000, 1001, "failed"), cell(3, 1001, 1005)]
  const drawn = waterfall({ cells, createdAt: new Date(0).toISOString(), endedAt: new Date(1005).toISOString(), now: 0, most: 2 })
  expect([drawn.bars.map(({ index }) => index), drawn.leftOut]).toEqual([[1, 2], 2])
})

test("values and packages that differ, and only those", () => {
  expect(valuesDiffer({ a: 1, b: "x", c: [1] }, { a: 1, b: "y", d: null })).toEqual([
    { name: "b", before: "x", after: "y" },
    { name: "c", before: "[1]", after: undefined },
    { name: "d", before: undefined, after: "null" },
  ])
  const facts = (version: string) =>
    environmentFacts({ interpreter: { name: "CPython", version: "3.12.1" }, packages: [{ name: "pandas", version }], kernel: 5 })
  expect(environmentsDiffer(facts("2.1"), facts("2.2"))).toEqual([{ name: "pandas", before: "2.1", after: "2.2" }])
  expect(environmentFacts(null)).toEqual({ interpreter: "", platform: "", kernel: "", packages: [] })
})

test("who triggered it, with a link only to the web", () => {
  expect(triggerWords({ trigger: "person", orchestrator: null })).toBe("by hand")
  expect(triggerWords({ trigger: "orchestrator", orchestrator: { kind: "airflow" } })).toBe("by Airflow")
  expect(orchestratorOf({ kind: "airflow", definitionId: "dag", taskId: "t", attemptUri: "javascript:alert(1)", uri: "https://a.example" })).toEqual({
    kind: "airflow",
    name: "dag · t",
    href: "https://a.example",
  })
  expect(nextStep({ state: "failed", reason: "cell_raised", cancelAsked: false })).toMatch(/traceback/)
})

function notebook(...cells: readonly object[]) {
  const reading = read(new TextEncoder().encode(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { stet: { run: {} } }, cells })))
  if (!reading.ok) throw new Error(reading.refusal.message)
  return reading.value.notebook
}
const code = (id: string, source: string, metadata: object = {}, outputs: readonly object[] = []) => ({
  id,
  cell_type: "code",
  source,
  metadata,
  outputs,
  execution_count: 1,
})

test("an outline has no outputs but says how many and how large", () => {
  const { cells, title } = outlineOf(
    notebook(
      { id: "t", cell_type: "markdown", source: "# Sales\ntext", metadata: {} },
      code("a", "1/0", { tags: ["x"], stet: { state: "failed", duration_ms: 12 } }, [
        { output_type: "error", ename: "E", evalue: "v", traceback: ["abc"] },
      ]),
    ),
  )
  expect([title, cells[1]?.outputSize, cells[1]?.isError, cells[1]?.state, cells[1]?.durationMs, cells[1]?.tags]).toEqual([
    "Sales",
    10,
    true,
    "failed",
    12,
    ["x"],
  ])
  expect(JSON.stringify(cells)).not.toContain("abc")
})

test("between two results their parameters and records are no difference; between two versions they are", () => {
  const injected = (value: string) => code("p", `region = "${value}"`, { tags: ["injected-parameters"] })
  const [before, after] = [
    notebook(injected("EU"), code("a", "x", { stet: { duration_ms: 1 } })),
    notebook(injected("US"), code("a", "x", { stet: { duration_ms: 2 } })),
  ]
  expect(changesOf(before, after, "results").summary).toMatchObject({ same: 1, changed: 0, added: 0, removed: 0 })
  expect(changesOf(before, after, "versions").summary.changed).toBe(2)
})
