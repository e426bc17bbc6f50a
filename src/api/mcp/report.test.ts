import { expect, test } from "vitest"
import { reportFor } from "#api/mcp/report.ts"
import type { Notebook } from "#notebook/index.ts"

const shown = (data: object) => ({ output_type: "display_data", data, metadata: {} })
const code = (source: string, ...outputs: object[]) => ({ id: source, cell_type: "code", metadata: {}, source, execution_count: 1, outputs })
const notebook = (...cells: object[]) => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }) as unknown as Notebook

test("an agent reads prose and what was shown, and no code, no print, no error", () => {
  const report = reportFor(
    notebook(
      { id: "m", cell_type: "markdown", metadata: {}, source: "# Revenue" },
      code(
        "secret = 1",
        { output_type: "stream", name: "stdout", text: "printed" },
        shown({ "text/markdown": "**42**", "text/plain": "<Markdown>" }),
        { output_type: "error", ename: "E", evalue: "told", traceback: [] },
      ),
      code("plot()", shown({ "image/png": "aGk=\n", "text/plain": "<Figure>" })),
      code("table", shown({ "text/html": "<table></table>", "text/plain": "a  b" })),
    ),
  )
  expect(report).toEqual([
    { type: "text", text: "# Revenue\n\n**42**\n\na  b" },
    { type: "image", data: "aGk=", mimeType: "image/png" },
  ])
})

test("a long report and many pictures are cut, and it says so", () => {
  const pictures = Array.from({ length: 9 }, (_, i) => code(`p${i}`, shown({ "image/png": "aGk=" })))
  const [text, ...images] = reportFor(notebook(code("x", shown({ "text/plain": "x".repeat(50_000) })), ...pictures))
  expect([(text as { text: string }).text.length < 41_000, (text as { text: string }).text.endsWith("(the rest is in the result itself)")]).toEqual([
    true,
    true,
  ])
  expect(images.length).toBe(4)
})
