import { expect, test } from "vitest"
import type { Cell } from "#notebook/index.ts"
import { page } from "#page/index.ts"
import { code, elementsOf, notebookOf, printed, prose, raised, textOf } from "#page/testing.ts"
import { ago, counted, instant } from "#page/words.ts"

const RUN = {
  id: "01JD",
  status: "failed",
  reason: "cell_raised",
  explanation: "",
  started_at: "2026-11-23T09:12:00.000Z",
  duration_ms: 72_345,
  parameters: { region: "EU", top: 5, api_token: "(secret)" },
  cells: { done: 1, total: 3 },
  error: { cell_id: "c2", ename: "ZeroDivisionError", evalue: "division by zero" },
}
const TRACEBACK = ["\x1b[31mZeroDivisionError\x1b[0m", "----> 1 1/0", "ZeroDivisionError: division by zero"]

test("a failed result tells what, where and with what, before anything else", () => {
  const made = page(
    notebookOf([code("a = 1"), code("1/0", raised("ZeroDivisionError", "division by zero", TRACEBACK)), code("b = 2")], { stet: { run: RUN } }),
    { now: Date.parse("2026-11-23T10:00:00Z") },
  )
  const text = textOf(made).replace(/\s+/g, " ")
  expect(text).toMatch(/Failed a cell raised an error 48 minutes ago took 1 m 12 s 1 of 3 cells run|Faileda cell raised an error/)
  expect(text).toMatch(/ZeroDivisionError division by zero line 1 1\/0 Jump to the failed cell/)
  expect(text).toMatch(/region"EU"top5api_tokensecret, kept nowhere/)
  expect(made).toContain('href="#cell-c2"')
  expect(made).toContain('class="cell code-cell is-failed" id="cell-c2"')
  expect(made.indexOf("Jump to the failed cell")).toBeLessThan(made.indexOf("a = 1"))
})

test.each(["succeeded", "cancelled", "lost", "running", "queued"])("a %s run says so in a word", (status) => {
  const made = page(notebookOf([code("1")], { stet: { run: { ...RUN, status, error: undefined as never } } }))
  expect(textOf(made)).toContain(status.charAt(0).toUpperCase() + status.slice(1))
  expect(made).toContain(`status-${status}`)
})

test("papermill's results are read as well, and its own notes are not repeated", () => {
  const marker = prose('<span id="papermill-error-cell">Exception</span>', { metadata: { tags: ["papermill-error-cell-tag"] } })
  const failed: Partial<Cell> = { ...code("boom()", raised("E", "x")), metadata: { papermill: { status: "failed", exception: true, duration: 1.5 } } }
  const made = page(
    notebookOf([marker, failed], {
      papermill: {
        start_time: "2026-11-23T09:12:00.123456+00:00",
        end_time: "2026-11-23T09:12:02Z",
        duration: 2.1,
        exception: true,
        parameters: { a: 1 },
      },
    }),
  )
  expect(textOf(made)).toMatch(/Failed/)
  expect(textOf(made)).toMatch(/23 Nov 2026, 09:12 UTC/)
  expect(textOf(made)).toMatch(/1\.5 s/)
  expect(textOf(made)).not.toContain("Exception")
  expect(textOf(page(notebookOf([code("1")], { papermill: { end_time: null } })))).toContain("Unfinished")
})

test("an error that was expected is no alarm", () => {
  const expected: Partial<Cell> = { ...code("1/0", raised("E", "x")), metadata: { tags: ["raises-exception"], stet: { state: "failed_allowed" } } }
  const made = page(notebookOf([expected], { stet: { run: { ...RUN, status: "succeeded", error: undefined as never } } }))
  expect(made).not.toContain('class="alarm"')
  expect(textOf(made)).toContain("raised, as expected")
  expect(page(notebookOf([expected]))).not.toContain('class="alarm"')
  expect(page(notebookOf([code("1/0", raised("E", "x"))]))).toContain('class="alarm"')
})

test("the title is what was said, else the first heading, else the name of the file", () => {
  const titleIn = (made: string) => /<title>(.*)<\/title>/.exec(made)?.[1]
  const notebook = notebookOf([prose("# Sales\n\nText"), prose("## Part")])
  expect(titleIn(page(notebook, { title: "Given" }))).toBe("Given")
  expect(titleIn(page(notebook))).toBe("Sales")
  expect(page(notebook).match(/Sales/g)).toHaveLength(2)
  expect(titleIn(page(notebookOf([]), { source: "s3://bucket/a/report.ipynb?x=1" }))).toBe("report")
  expect(titleIn(page(notebookOf([])))).toBe("Untitled notebook")
})

test("headings make an outline when there are several", () => {
  const links = elementsOf(page(notebookOf([prose("# A\n\n## B\n\n### C\n\n#### D")], { title: "T" }))).flatMap(({ tag, attributes }) =>
    tag === "a" && attributes["href"]?.startsWith("#h-") ? [attributes["href"]] : [],
  )
  expect(links).toEqual(["#h-1-1", "#h-1-2", "#h-1-3"])
  expect(page(notebookOf([prose("# A")]))).not.toContain('class="outline"')
})

test("what the notebook hides is folded, not lost", () => {
  const open = (metadata: Cell["metadata"]) => page(notebookOf([{ ...code("secret_sauce()", printed("out")), metadata }]))
  expect(open({})).toContain('<details class="source" open>')
  for (const metadata of [{ jupyter: { source_hidden: true } }, { tags: ["hide-input"] }, { tags: ["injected-parameters"] }]) {
    expect(open(metadata)).toContain('<details class="source"><summary>')
    expect(textOf(open(metadata))).toContain("secret_sauce()")
  }
  expect(open({ jupyter: { outputs_hidden: true } })).toContain('<details class="outputs folded">')
})

test("a page without frames runs no script at all", () => {
  const made = page(notebookOf([code("x", printed("y"))]))
  expect(made).toContain("script-src 'none'")
  expect(made).not.toContain("<script")
})

test("the same notebook gives the same page, whatever it was given before", () => {
  const notebook = notebookOf([prose("$\\gdef\\x{1}\\x$"), code("x", printed("y"))])
  const first = page(notebook)
  page(notebookOf([prose("$\\gdef\\x{2}\\x$")]))
  expect(page(notebook)).toBe(first)
})

test("an empty notebook is a page", () => {
  expect(textOf(page(notebookOf([])))).toContain("This notebook has no cells.")
})

test("numbers are said as people say them", () => {
  expect([counted(1, "line"), counted(12_345, "line")]).toEqual(["1 line", "12,345 lines"])
  expect(instant(0)).toBe("1 Jan 1970, 00:00 UTC")
  expect([ago(0, 30_000), ago(0, 90_000), ago(0, 7_200_000), ago(0, 86_400_000), ago(0, 86_400_000 * 40)]).toEqual([
    "just now",
    "1 minute ago",
    "2 hours ago",
    "1 day ago",
    undefined,
  ])
})
