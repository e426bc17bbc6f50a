import { expect, test } from "vitest"
import { type JsonObject, StringSpan } from "#base/json.ts"
import type { Output } from "#notebook/index.ts"
import { Outputs } from "#run/outputs.ts"
import { codeCell, messageOf, notebookOf } from "#run/testing.ts"

/** Says each of `[type, content, cell?]` as output of a cell (the first by default) and gives the cells' outputs. */
function outputsOf(shownBytes: number, ...said: readonly (readonly [string, JsonObject, number?])[]): Outputs {
  const outputs = new Outputs(notebookOf("a", "b"), [0, 1], shownBytes)
  outputs.expect("r0", 0)
  outputs.expect("r1", 1)
  said.forEach(([type, content, cell = 0], record) => void outputs.hear(messageOf("iopub", type, { parent: `r${cell}`, content }), record))
  return outputs
}
const heard = (...said: readonly (readonly [string, JsonObject, number?])[]) => outputsOf(10_000_000, ...said)
const out = (text: string) => ["stream", { name: "stdout", text }] as const
const errOut = (text: string) => ["stream", { name: "stderr", text }] as const
const shows = (text: string, id?: string) =>
  ["display_data", { data: { "text/plain": text }, metadata: {}, ...(id ? { transient: { display_id: id } } : {}) }] as const
const updates = (text: string, id: string) =>
  ["update_display_data", { data: { "text/plain": text }, metadata: {}, transient: { display_id: id } }] as const
const texts = (outputs: Outputs, cell = 0) =>
  outputs.of(cell).map((output) => output["text"] ?? (output["data"] as JsonObject | undefined)?.["text/plain"])

test("adjacent text of the same stream is one output, other streams and displays part it", () => {
  expect(texts(heard(out("a"), out("b"), errOut("c"), out("d"), shows("e"), out("f")))).toEqual(["ab", "c", "d", "e", "f"])
})
test("clear_output empties at once, or waits for the next output", () => {
  expect(texts(heard(out("a"), ["clear_output", { wait: false }]))).toEqual([])
  expect(texts(heard(out("a"), ["clear_output", { wait: true }]))).toEqual(["a"])
  expect(texts(heard(out("a"), ["clear_output", { wait: true }], out("b")))).toEqual(["b"])
})
test("an update does not count as the next output", () => {
  expect(texts(heard(shows("a", "d"), ["clear_output", { wait: true }], updates("b", "d")))).toEqual(["b"])
})
test("a display id is rewritten wherever it stands, across cells; an unknown one creates nothing", () => {
  const outputs = heard(
    shows("a", "d"),
    ["display_data", { data: { "text/plain": "b" }, metadata: {}, transient: { display_id: "d" } }, 1],
    updates("c", "d"),
    updates("x", "unknown"),
  )
  expect([texts(outputs, 0), texts(outputs, 1)]).toEqual([["c"], ["c"]])
})
test("what was cleared is not found by its display id again", () => {
  expect(texts(heard(shows("a", "d"), ["clear_output", { wait: false }], out("b"), updates("c", "d")))).toEqual(["b"])
})
test("display_id may be null, and errors and results keep their parts", () => {
  const outputs = heard(
    ["display_data", { data: {}, metadata: {}, transient: null }],
    ["execute_result", { data: { "text/plain": "1" }, metadata: {}, execution_count: 3 }],
    ["error", { ename: "E", evalue: "v", traceback: ["t"] }],
  )
  expect(outputs.of(0)).toEqual([
    { output_type: "display_data", data: {}, metadata: {} },
    { output_type: "execute_result", data: { "text/plain": "1" }, metadata: {}, execution_count: 3 },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["t"] },
  ])
})
test("nobody's output goes nowhere", () => {
  const outputs = new Outputs(notebookOf("a"), [0], 100)
  outputs.hear(messageOf("iopub", "stream", { parent: "stranger", content: { name: "stdout", text: "x" } }), 0)
  expect(outputs.of(0)).toEqual([])
})
test("a cell that does not run keeps the outputs it had", () => {
  const stored = [{ output_type: "stream", name: "stdout", text: "old" }]
  const outputs = new Outputs(notebookOf({ ...codeCell("a"), outputs: stored }, "b"), [1], 100)
  expect(outputs.of(0)).toEqual(stored)
})
test("beyond the cap output is counted and stays in the journal; an error is always shown", () => {
  const outputs = outputsOf(100, out("a".repeat(50)), shows("b".repeat(50)), out("c"), ["error", { ename: "E", evalue: "v", traceback: [] }])
  expect(texts(outputs)[0]).toBe("a".repeat(50))
  expect(outputs.of(0).at(-1)).toMatchObject({ output_type: "error" })
  expect(outputs.overflow(0)).toMatchObject({ messages: 2, records: [1, 2] })
})
test("a bar that redraws its line twenty thousand times stays small and never meets the cap", () => {
  const outputs = outputsOf(1000, ...Array.from({ length: 20_000 }, (_, i) => out(`\r${i}`)))
  expect([texts(outputs), outputs.overflow(0)]).toEqual([["19999"], undefined])
})
test("50,000 displays and updates take time in proportion", () => {
  const said = Array.from({ length: 50_000 }, (_, i) => shows(String(i), `d${i}`))
  expect(heard(...said, updates("new", "d777")).of(0)[777]).toMatchObject({ data: { "text/plain": "new" } })
})

const open = (id: string, model: string, state: JsonObject = {}) =>
  [
    "comm_open",
    {
      comm_id: id,
      target_name: "jupyter.widget",
      data: {
        state: {
          _model_name: model,
          _model_module: model === "OutputModel" ? "@jupyter-widgets/output" : "@jupyter-widgets/controls",
          _model_module_version: "2.0.0",
          ...state,
        },
        buffer_paths: [],
      },
    },
  ] as const
const set = (id: string, state: JsonObject) => ["comm_msg", { comm_id: id, data: { method: "update", state, buffer_paths: [] } }] as const

test("widget state is saved under the standard MIME type, buffers as base64", () => {
  const outputs = heard(open("w1", "IntSliderModel", { value: 3 }), set("w1", { value: 7 }))
  outputs.hear(
    messageOf("iopub", "comm_msg", {
      parent: "r0",
      content: { comm_id: "w1", data: { method: "update", state: {}, buffer_paths: [["image"]] } },
      buffers: [new Uint8Array([1, 2, 255])],
    }),
    9,
  )
  expect(outputs.widgets.saved()).toEqual({
    "application/vnd.jupyter.widget-state+json": {
      version_major: 2,
      version_minor: 0,
      state: {
        w1: {
          model_name: "IntSliderModel",
          model_module: "@jupyter-widgets/controls",
          model_module_version: "2.0.0",
          state: { _model_name: "IntSliderModel", _model_module: "@jupyter-widgets/controls", _model_module_version: "2.0.0", value: 7 },
          buffers: [{ data: "AQL/", encoding: "base64", path: ["image"] }],
        },
      },
    },
  })
})
test("an Output widget takes what its request says, tells the kernel, and gives back when it lets go", () => {
  const outputs = heard(open("o1", "OutputModel", { outputs: [] }), set("o1", { msg_id: "r0" }))
  const tell = outputs.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text: "inside" } }), 1)
  expect(tell).toEqual({
    commId: "o1",
    data: { method: "update", state: { outputs: [{ output_type: "stream", name: "stdout", text: "inside" }] }, buffer_paths: [] },
  })
  outputs.hear(
    messageOf("iopub", "comm_msg", { parent: "r0", content: { comm_id: "o1", data: { method: "update", state: { msg_id: "" }, buffer_paths: [] } } }),
    2,
  )
  outputs.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text: "outside" } }), 3)
  expect(texts(outputs)).toEqual(["outside"])
})
test("Output widgets nest: the inner one takes, then the outer one again", () => {
  const outputs = heard(open("o1", "OutputModel"), open("o2", "OutputModel"), set("o1", { msg_id: "r0" }), set("o2", { msg_id: "r0" }))
  const say = (text: string) => outputs.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text } }), 1)?.commId
  expect(say("x")).toBe("o2")
  outputs.hear(messageOf("iopub", "comm_msg", { parent: "r0", content: { comm_id: "o2", data: { state: { msg_id: "" } } } }), 2)
  expect(say("y")).toBe("o1")
})

test("of a stream's message that goes beyond the cap its beginning is shown, and what is kept elsewhere is the rest", () => {
  const first = outputsOf(1000, out("a".repeat(990)), out(`${"b".repeat(9)}\u{1F600}${"c".repeat(50)}`), out("d"))
  expect(texts(first)).toEqual([`${"a".repeat(990)}${"b".repeat(9)}`])
  expect(first.overflow(0)).toMatchObject({ messages: 2, records: [1, 2], shownOfFirst: 9 })
  expect(first.overflow(0)!.bytes).toBeGreaterThan(50)

  const exact = outputsOf(1000, out("a".repeat(1000)), out("b"))
  expect(texts(exact)).toEqual(["a".repeat(1000)])
})

test("the text of a cell that is over is held once, and more of it can still come", () => {
  const long = "one line of text\n".repeat(2000)
  const said = [out(long), shows("x".repeat(20_000), "d"), out("bar 10 %\rbar 20")] as const
  const write = (output: Output) => [JSON.stringify({ ...output, text: String(output["text"] ?? "").split(/(?<=\n)/) })]
  const kept = outputsOf(10_000_000, ...said)
  const dropped = outputsOf(10_000_000, ...said)
  dropped.written(0, true, write)
  expect(() => dropped.of(0)).toThrow(/written form/)
  for (const outputs of [kept, dropped]) {
    outputs.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text: " %\nlate\n" } }), 9)
    outputs.hear(messageOf("iopub", "update_display_data", { parent: "r0", content: updates("new", "d")[1] }), 10)
  }
  expect(dropped.written(0, false, write)).toEqual(kept.written(0, false, write))
  const alone = outputsOf(10_000_000, out(`${long}unfinished`))
  alone.written(0, true, write)
  alone.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text: " line" } }), 9)
  expect(texts(alone)).toEqual([`${long}unfinished line`])
})

test("a message that was left as bytes shows its beginning too, and no escape or character is cut in half", () => {
  const text = "line \u00e9\n\u{1F600}".repeat(200)
  for (const ascii of [true, false]) {
    for (let cap = 20; cap < 90; cap++) {
      const outputs = new Outputs(notebookOf("a"), [0], cap)
      outputs.expect("r0", 0)
      const message = messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text } })
      const json = ascii
        ? JSON.stringify({ name: "stdout", text }).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        : ""
      const frame = ascii ? new TextEncoder().encode(json) : message.frames[3]
      const length = frame.length - new TextEncoder().encode(JSON.stringify({ name: "stdout", text: "" })).length
      const spanned = { ...message, content: { name: "stdout", text: new StringSpan(777, length, false) } }
      outputs.hear({ ...spanned, frames: [message.frames[0], message.frames[1], message.frames[2], frame] }, 3)
      const shown = String(texts(outputs)[0])
      expect(text.startsWith(shown) && shown.isWellFormed() && shown.length <= cap && shown.length > 0, `${cap} ${shown}`).toBe(true)
      expect(outputs.overflow(0)).toMatchObject({ records: [3], shownOfFirst: new TextEncoder().encode(shown).length })
    }
  }
})
