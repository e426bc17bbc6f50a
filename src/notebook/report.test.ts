import { expect, test } from "vitest"
import { read } from "#notebook/read.ts"
import { reportOf } from "#notebook/report.ts"
import { write } from "#notebook/write.ts"

const SECRET = "s3cr3t-source"

/** Every place of a result that says something of its code holds the word. */
const RESULT = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    title: "Revenue",
    kernelspec: { name: SECRET, display_name: SECRET },
    custom: SECRET,
    papermill: { exception: SECRET },
    stet: {
      note: SECRET,
      run: { id: "R", status: "failed", explanation: SECRET, error: { evalue: SECRET }, input: SECRET, parameters: { region: "EU" } },
    },
    widgets: {
      "application/vnd.jupyter.widget-state+json": {
        state: {
          a: {
            model_name: "OutputModel",
            state: {
              outputs: [
                { output_type: "stream", name: "stdout", text: SECRET },
                { output_type: "error", evalue: SECRET },
              ],
            },
          },
          b: { model_name: "IntSliderModel", state: { value: 3 } },
        },
      },
    },
  },
  cells: [
    { id: "m", cell_type: "markdown", metadata: { x: SECRET }, source: "# Revenue" },
    { id: "r", cell_type: "raw", metadata: {}, source: SECRET },
    { id: "n", cell_type: "future", metadata: {}, source: SECRET },
    {
      id: "c",
      cell_type: "code",
      metadata: { tags: [SECRET], execution: { x: SECRET } },
      source: SECRET,
      execution_count: 7,
      outputs: [
        { output_type: "stream", name: "stderr", text: SECRET },
        { output_type: "display_data", data: { "text/plain": "a chart" }, metadata: {} },
        { output_type: "execute_result", execution_count: 7, data: { "text/plain": "42" }, metadata: {} },
        { output_type: "error", ename: "E", evalue: SECRET, traceback: [SECRET] },
        { output_type: "future", data: SECRET },
      ],
    },
    {
      id: "e",
      cell_type: "code",
      metadata: {},
      source: SECRET,
      execution_count: null,
      outputs: [{ output_type: "error", ename: "E", evalue: SECRET, traceback: [] }],
    },
  ],
}

test("a report shows prose and what was shown on purpose, and not a word of the code", () => {
  const reading = read(new TextEncoder().encode(JSON.stringify(RESULT)))
  if (!reading.ok) throw new Error(reading.refusal.message)
  const report = reportOf(reading.value.notebook)
  const text = write(report)
  expect(text).not.toContain(SECRET)
  expect(report.cells.map(({ id, source, outputs }) => [id, source, outputs?.length])).toEqual([
    ["m", "# Revenue", undefined],
    ["c", "", 2],
  ])
  expect(report.metadata).toMatchObject({ title: "Revenue", stet: { run: { id: "R", status: "failed", parameters: { region: "EU" } } } })
  expect(text).toContain("IntSliderModel")
  const again = read(new TextEncoder().encode(text))
  expect(again.ok && again.value.repairs).toEqual([])
})
