import fc from "fast-check"
import { expect, test } from "vitest"
import { StringSpan } from "#base/json.ts"
import { stopwatch } from "#base/testing.ts"
import { compareNotebooks } from "#notebook/compare/compare.ts"
import { type Compared, type CompareOptions, compareOutputs } from "#notebook/compare/outputs.ts"
import { frame, pngOf, printed, raised, shown } from "#notebook/compare/testing.ts"
import type { Notebook, Output } from "#notebook/document.ts"
import { arbitraryNotebook, arbitraryOutput, notebookOf } from "#notebook/testing.ts"

/** When the later side ran. */
const NOW = Date.UTC(2026, 10, 26, 9, 30)

/** "differs: Line 2 of …" */
function told({ is, why }: Pick<Compared, "is" | "why">): string {
  return why === "" ? is : `${is}: ${why}`
}

function texts(before: string, after: string, options: CompareOptions = { ranAtMs: NOW }): string {
  return told(compareOutputs([printed(before)], [printed(after)], options))
}

function data(type: string, before: unknown, after: unknown, options: CompareOptions = {}): string {
  return told(compareOutputs([shown({ [type]: before })], [shown({ [type]: after })], options))
}

test("what is compared with itself is the same, and the other way round it is no less the same", () => {
  fc.assert(
    fc.property(fc.array(arbitraryOutput, { maxLength: 4 }), fc.array(arbitraryOutput, { maxLength: 4 }), (one, other) => {
      const [before, after] = [one, other] as [Output[], Output[]]
      expect(compareOutputs(before, before)).toMatchObject({ is: "same", why: "" })
      const passes = ({ is }: Compared) => is.startsWith("same")
      expect(passes(compareOutputs(before, after))).toBe(passes(compareOutputs(after, before)))
    }),
  )
})

test("a notebook compared with itself has nothing that differs, whatever its ids", () => {
  fc.assert(
    fc.property(arbitraryNotebook, (notebook) => {
      const renamed = { ...notebook, cells: notebook.cells.map((cell, at) => ({ ...cell, id: `x${at}` })) } as Notebook
      for (const { is, counts } of [compareNotebooks(notebook, notebook), compareNotebooks(notebook, renamed)]) {
        expect([is, counts.differs, counts.missing]).toEqual([is === "unknown" ? "unknown" : "same", 0, 0])
      }
    }),
  )
})

test.each([
  ["<Frame object at 0x7f3a1c2b4d60>", "<Frame object at 0x7fa00c2b1110>", "memory addresses"],
  ["<environment: 0x55d5c8a3f0e8>", "<environment: 0x562ac8a3f0e8>", "memory addresses"],
  ["run 6fa459ea-ee8a-3ca4-894e-db77e160355e", "run 16fd2706-8baf-433b-82eb-8c7fada847da", "generated ids"],
  ["it is 2025-03-01 12:00:01.123456", "it is 2026-11-26 09:30:00.654321", "times of the run"],
  ["Sat Mar  1 12:00:01 2025", "Thu Nov 26 09:30:00 2026", "times of the run"],
  ["Sat, 01 Mar 2025 12:00:01 GMT", "Thu, 26 Nov 2026 09:30:00 GMT", "times of the run"],
  ["datetime.datetime(2025, 3, 1, 12, 0, 1, 77)", "datetime.datetime(2026, 11, 26, 9, 30, 2, 8)", "times of the run"],
  ["as of 2025-03-01", "as of 2026-11-25", "times of the run"],
  ["started at 1740830400.12", "started at 1795685400.5", "times of the run"],
  ["[I 12:00:01.123 Main] ready", "[I 09:30:00.001 Main] ready", "times of the run"],
  ["12:00:01 - INFO - ready", "09:30:02 - INFO - ready", "times of the run"],
  [
    "CPU times: user 4.2 ms, sys: 0 ns, total: 4.2 ms\nWall time: 5 ms",
    "CPU times: user 3 ms, sys: 1 ms, total: 4 ms\nWall time: 6.1 ms",
    "durations",
  ],
  [
    "12.3 µs ± 41 ns per loop (mean ± std. dev. of 7 runs, 100,000 loops each)",
    "9 µs ± 5.2 ns per loop (mean ± std. dev. of 7 runs, 10,000 loops each)",
    "durations",
  ],
  ["took 3.21 s", "took 12 s", "durations"],
  ["elapsed: 0.031", "elapsed: 0.19", "durations"],
  ["total 0:00:12.345678", "total 0:00:09.100001", "durations"],
  ["peak memory: 61.20 MiB, increment: 0.05 MiB", "peak memory: 70.01 MiB, increment: 1.2 MiB", "memory sizes"],
  ["worker pid=4711", "worker pid=815", "process ids"],
  ["/tmp/tmpa1b2c3d4/x.csv", "/tmp/tmpzz_9k3l0/x.csv", "temporary paths"],
  ["/tmp/ipykernel_12/345678.py:3: UserWarning: old", "/tmp/ipykernel_99/120.py:3: UserWarning: old", "temporary paths"],
  ["served at http://127.0.0.1:43211/", "served at http://127.0.0.1:50000/", "ports"],
  ["100%|██████████| 50/50 [00:03<00:00, 16.1it/s]", "100%|██████████| 50/50 [00:05<00:00, 9.7it/s]", "durations and rates"],
  ["mean 0.30000000000000004", "mean 0.3", "rounding"],
])("of the moment: %s", (before, after, what) => {
  expect(texts(before, after)).toBe(`same_but_volatile: It differs only in ${what}.`)
})

test.each([
  ["mean 3.21", "mean 3.22"],
  ["3.2", "3.3"],
  ["12 rows", "13 rows"],
  ["growth 12%", "growth 13%"],
  ["sold 2019-03-01", "sold 2019-03-02"],
  ["at 2019-03-01 12:00:01", "at 2019-03-01 12:00:02"],
  ["order 10000000001", "order 10000000002"],
  [
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
  ],
  ["0xdeadbeef", "0xdeadbeee"],
  ["the train leaves 12:30", "the train leaves 12:31"],
  ["the film lasts 2 hours", "the film lasts 3 hours"],
  ["file of 512 bytes", "file of 513 bytes"],
  ["loss 0.5 took 3 s", "loss 0.4 took 3 s"],
  ["epoch 50/50 [00:03<00:00]", "epoch 49/50 [00:03<00:00]"],
])("a result: %s", (before, after) => {
  expect(texts(before, after)).toMatch(/^differs: Line 1 of the standard output was “/)
})

test("a date is of now only near the time of the run; where that is not known, only with its seconds", () => {
  expect(texts("2019-03-01 12:00:01", "2020-03-01 12:00:01")).toMatch(/^differs/)
  expect(texts("2019-03-01 12:00:01", "2020-03-01 12:00:01", {})).toMatch(/^same_but_volatile/)
  expect(texts("2019-03-01", "2020-03-01", {})).toMatch(/^differs/)
  expect(texts("2019-03-01 00:00:00", "2020-03-01 00:00:00", {})).toMatch(/^differs/)
})

test("an id that was generated anew is one name for another, wherever it stands", () => {
  const [a, b, c, d] = ["1", "2", "3", "4"].map((digit) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`)
  expect(texts(`${a} of ${a}`, `${b} of ${b}`)).toMatch(/^same_but_volatile/)
  expect(texts(`${a} of ${a}`, `${c} of ${d}`)).toMatch(/^differs/)
})

test("streams are compared whole, however they came, as a terminal leaves them and without colours", () => {
  const pieces = [printed("a\n"), printed("warn\n", "stderr"), printed("b\n")]
  expect(told(compareOutputs(pieces, [printed("a\nb\n"), printed("warn", "stderr")]))).toBe("same")
  expect(texts("10%\r50%\rdone \n", "done\n")).toBe("same")
  expect(texts("\x1b[31mred\x1b[0m", "red")).toBe("same")
  expect(texts("one\b\b\btwo", "two")).toBe("same")
  expect(texts("", "new\n")).toBe("differs: New in standard output is “new”.")
  expect(texts("old\n", "")).toBe("missing: Nothing was written to standard output, where “old” is stored.")
})

test("a bar that was drawn on several lines is one, however often", () => {
  const bar = (at: number) => `${at}%|${"█".repeat(at / 10)}| ${at}/100 [00:0${at % 7}<00:01, ${at}.5it/s]\n`
  expect(texts(`${bar(100)}`, `${bar(100)}${bar(100)}${bar(100)}`)).toMatch(/^same_but_volatile|^same$/)
})

test("of texts of different lengths the first line that matters is named", () => {
  expect(texts("took 3 s\na\nb", "took 4 s\na\nx\nb")).toBe("differs: The standard output had 3 lines and has 4; new is “x”.")
  expect(texts("took 3 s\na\nb", "took 4 s\nb")).toBe("differs: The standard output had 3 lines and has 2; “a” is no longer there.")
})

test("tables are compared by their columns, rows and values", () => {
  const rows = [
    ["EU", 1.5],
    ["US", 2],
  ] as const
  const html = (columns: readonly string[], given: readonly (readonly (string | number)[])[], after = "") => frame(columns, given, after)
  const table = (one: string, other: string, options: CompareOptions = {}) => data("text/html", one, other, options)
  const before = html(["region", "mean"], rows)
  expect(table(before, before.replace("<div>", '<div class="x">'))).toBe("same")
  expect(
    table(
      before,
      html(
        ["region", "mean"],
        [
          ["EU", 1.5000000000001],
          ["US", 2],
        ],
      ),
    ),
  ).toMatch(/^same_but_volatile/)
  expect(
    table(
      before,
      html(
        ["region", "mean"],
        [
          ["EU", 1.6],
          ["US", 3],
        ],
      ),
    ),
  ).toBe("differs: Row 1 of “mean” was “1.5” and is “1.6”; 2 of 6 values differ.")
  expect(table(before, html(["region", "total"], rows))).toBe("differs: Column “mean” is no longer there, “total” is new.")
  expect(
    table(
      before,
      html(
        ["region", "mean", "n"],
        rows.map((row) => [...row, 1]),
      ),
    ),
  ).toBe("differs: Column “n” is new.")
  expect(
    table(
      before,
      html(
        ["mean", "region"],
        rows.map(([a, b]) => [b, a]),
      ),
    ),
  ).toBe("differs: The columns are the same in another order.")
  expect(table(before, html(["region", "mean"], rows.slice(1)))).toBe("differs: The table had 2 rows and has 1.")
  expect(table(before, html(["region", "mean"], rows.toReversed()))).toBe("differs: The rows are the same in another order.")
  const size = (count: number) => `<p>${count} rows × 2 columns</p>`
  expect(table(html(["a", "b"], rows, size(900)), html(["a", "b"], rows, size(901)))).toBe("differs: The table had 900 rows and has 901.")
  const within = { tolerance: { relative: 0.1 } }
  expect(
    table(
      before,
      html(
        ["region", "mean"],
        [
          ["EU", 1.6],
          ["US", 2],
        ],
      ),
      within,
    ),
  ).toMatch(/^same_but_volatile/)
})

test("tables of chance are compared by their statistics, when that is asked", () => {
  const drawn = (shift: number) =>
    frame(
      ["x", "who"],
      [
        [1 + shift, "a"],
        [2, "b"],
        [3 - shift, "a"],
      ],
    )
  expect(data("text/html", drawn(0), drawn(0.01))).toMatch(/^differs/)
  const statistics = { tables: "statistics", tolerance: { relative: 0.05 } } as const
  expect(data("text/html", drawn(0), drawn(0.01), statistics)).toBe("same_but_volatile: The values differ, their statistics do not.")
  expect(data("text/html", drawn(0), drawn(0.5), statistics)).toBe("differs: In “x”, the standard deviation was 1 and is 0.5.")
})

test("a data frame's own text is a table", () => {
  const before = "  region  mean\n0     EU   1.5\n1     US   2.0"
  expect(data("text/plain", before, "  region  mean\n0     EU   1.5\n1     US   2.5")).toBe("differs: Row 2 of “mean” was “2.0” and is “2.5”.")
  expect(data("text/plain", before, "  region      mean\n0     EU   1.5\n1     US   2.0")).toBe("same")
  expect(data("text/plain", "[1, 2]", "[1, 3]")).toBe("differs: Line 1 of the text was “[1, 2]” and is “[1, 3]”.")
})

const grey = (value: number, width = 10) => ({ width, height: 8, rgba: new Uint8Array(width * 32).map((_, at) => (at % 4 === 3 ? 255 : value)) })

test("pictures are compared by their pixels", () => {
  const png = (before: string, after: string, options: CompareOptions = {}) => data("image/png", before, after, options)
  const plain = pngOf(grey(100))
  expect(png(plain, pngOf(grey(100), { filters: [1, 2, 3, 4], note: "another program" }))).toBe("same")
  expect(png(plain, `${plain.slice(0, 40)}\n${plain.slice(40)}`)).toBe("same")
  expect(png(plain, pngOf(grey(103)))).toBe("same_but_volatile: The picture's colours differ by at most 3 of 255.")
  expect(png(plain, pngOf(grey(100, 11)))).toBe("differs: The picture was 10 × 8 pixels and is 11 × 8.")
  const dotted = grey(100)
  dotted.rgba.set([0, 0, 0], 40)
  expect(png(plain, pngOf(dotted))).toBe("differs: 1 % of the picture's pixels differ.")
  expect(png(plain, pngOf(dotted), { tolerance: { pixels: 0.02 } })).toBe("same_but_volatile: Only 1 % of the picture's pixels differ.")
  const unseen = (value: number) => pngOf({ width: 1, height: 1, rgba: Uint8Array.from([value, 0, 0, 0]) })
  expect(png(unseen(0), unseen(255))).toBe("same")
  expect(png(plain, "AAAA")).toMatch(/^unknown/)
  expect(data("image/webp", "AAAA", "BBBB")).toBe(
    "unknown: The pictures were compared by their bytes, which differ: pixels of image/webp are not looked at.",
  )
  expect(data("image/svg+xml", '<use id="p5cb1a5a5b0" x="1"/>', '<use id="m0c9a5a5b77" x="1"/>')).toMatch(/^same_but_volatile/)
  expect(data("image/svg+xml", '<use x="1"/>', '<use x="2"/>')).toMatch(/^differs/)
})

test("JSON and charts are compared deep, without what is made up anew", () => {
  const json = (before: unknown, after: unknown) => data("application/json", before, after)
  expect(json({ a: [1, { b: 2 }], c: null }, { c: null, a: [1, { b: 2 }] })).toBe("same")
  expect(json({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe("differs: In the JSON, a[1].b was 2 and is 3.")
  expect(json({ a: 1 }, { a: 1, b: 2 })).toBe("differs: In the JSON, b is new.")
  expect(json({ a: 1, b: 2 }, { a: 1 })).toBe("differs: In the JSON, b is no longer there.")
  expect(json([1, 2], [1])).toBe("differs: In the JSON, the list had 2 items and has 1.")
  expect(json({ x: 0.1 + 0.2 }, { x: 0.3 })).toBe("same_but_volatile: It differs only in rounding.")
  expect(json({ name: "view_1" }, { name: "view_2" })).toMatch(/^differs/)
  const plotly = (uid: string, y: number) => ({ data: [{ uid, y: [1, y] }], layout: {} })
  expect(data("application/vnd.plotly.v1+json", plotly("a1", 2), plotly("b2", 2))).toBe("same_but_volatile: It differs only in generated ids.")
  expect(data("application/vnd.plotly.v1+json", plotly("a1", 2), plotly("b2", 3))).toBe("differs: In the chart, data[0].y[1] was 2 and is 3.")
  expect(data("application/vnd.vegalite.v5+json", { name: "view_1", mark: "bar" }, { name: "view_2", mark: "bar" })).toMatch(/^same_but_volatile/)
})

test("errors are compared by what was raised and what it said", () => {
  const errors = (before: Output, after: Output) => told(compareOutputs([before], [after]))
  expect(errors(raised("KeyError", "'a'"), { ...raised("KeyError", "'a'"), traceback: ["other lines"] })).toBe("same")
  expect(errors(raised("OSError", "<x at 0x7f3a1c2b4d60>"), raised("OSError", "<x at 0x7f3a1c2b4d99>"))).toMatch(/^same_but_volatile/)
  expect(errors(raised("KeyError", "'a'"), raised("KeyError", "'b'"))).toMatch(/^differs/)
  expect(errors(shown({ "text/plain": "1" }), raised("KeyError", "'b'"))).toBe("differs: It raised “KeyError: 'b'”, where a text is stored.")
})

test("what is shown is compared in its order, by the richest form that both sides have", () => {
  const figure = { "image/png": pngOf(grey(1)), "text/plain": "<Figure at 0x1>" }
  expect(told(compareOutputs([shown(figure)], [shown({ ...figure, "text/plain": "<Figure at 0x2>" })]))).toBe("same")
  expect(told(compareOutputs([shown({ "text/plain": "1" })], [shown({ "text/plain": "1", "text/html": "<b>1</b>" })]))).toBe("same")
  expect(told(compareOutputs([shown({ "image/png": "" })], [shown({ "text/plain": "1" })]))).toBe(
    "differs: It showed a text, where a picture is stored.",
  )
  expect(told(compareOutputs([shown(figure), shown(figure)], [shown(figure)]))).toBe("missing: A picture is stored that was not shown.")
  expect(told(compareOutputs([], [shown(figure)]))).toBe("differs: A picture was shown that is not stored.")
  const widget = (id: string) => shown({ "application/vnd.jupyter.widget-view+json": { model_id: id }, "text/plain": "IntSlider()" })
  expect(told(compareOutputs([widget("a")], [widget("b")]))).toBe("same")
})

test("what is too long to be read is unknown, and never the same", () => {
  const long = { output_type: "stream", name: "stdout", text: new StringSpan(0, 99, true) } as Output
  expect(told(compareOutputs([long], [printed("x")]))).toBe("unknown: The standard output is too long to be looked into.")
  expect(data("application/json", { a: new StringSpan(0, 9, true) }, { a: "x" })).toBe("unknown: The JSON is too long to be looked into.")
})

/** Cells that were executed, each with what it showed; undefined where it was not. */
function executed(...outputs: readonly (readonly Output[] | undefined)[]): Notebook {
  const notebook = notebookOf(...outputs.map((_, at) => `x${at} = ${at}`))
  const cells = notebook.cells.map((cell, at) => ({ ...cell, outputs: outputs[at] ?? [], execution_count: outputs[at] ? at + 1 : null }))
  return { ...notebook, cells } as Notebook
}

test("where two long lines part is what is quoted of them", () => {
  const line = "a".repeat(200)
  expect(texts(`${line}1${line}`, `${line}2${line}`)).toMatch(/was “…a{20}1a{37}…” and is “…a{20}2a{37}…”\.$/)
  expect(data("application/json", [`${line}1`], [`${line}2`])).toMatch(/\[0\] was “…a{20}1” and is “…a{20}2”\.$/)
  expect(texts(`${"😀".repeat(40)}1`, `${"😀".repeat(40)}2`)).toMatch(
    /^differs: Line 1 of the standard output was “…(?:😀)+1” and is “…(?:😀)+2”\.$/u,
  )
})

test("a notebook says of each cell that shows something how it relates, and names the worst", () => {
  const before = executed([printed("a")], [printed("took 3 s")], [], [printed("b")], [printed("c")])
  const after = executed([printed("a")], [printed("took 4 s")], [], [printed("x")], undefined)
  const { is, why, cells, counts } = compareNotebooks(before, after)
  expect(cells.map((cell) => `${cell.number} ${cell.is}`)).toEqual(["1 same", "2 same_but_volatile", "4 differs", "5 missing"])
  expect(cells[3]?.why).toBe("The cell was not run.")
  expect([is, why]).toEqual(["differs", "Line 1 of the standard output was “b” and is “x”."])
  expect(counts).toEqual({ same: 1, same_but_volatile: 1, unknown: 0, missing: 1, differs: 1 })
})

test("where nothing is stored there is nothing to say, and where nothing was shown, something is new", () => {
  expect(compareNotebooks(executed(undefined, undefined), executed([printed("a")], []))).toMatchObject({
    is: "unknown",
    why: "No output is stored to compare with.",
  })
  expect(compareNotebooks(executed([]), executed([printed("a")]))).toMatchObject({ is: "differs", why: "New in standard output is “a”." })
})

test("the result of a run says itself when it ran", () => {
  const [before, after] = [executed([printed("2025-03-01")]), executed([printed("2026-11-26")])]
  expect(compareNotebooks(before, after).is).toBe("differs")
  const result = { ...after, metadata: { stet: { run: { started_at: "2026-11-26T09:30:00Z" } } } } as Notebook
  expect(compareNotebooks(before, result).is).toBe("same_but_volatile")
})

test("a hostile text costs no more than its length", () => {
  for (const piece of ["1", "[=", "<tr", "/a", "2026-11-26 ", "0x7f", "█", "Thu ", "a.b/", "\x1b["]) {
    const long = piece.repeat(100_000 / piece.length)
    const spentMs = stopwatch()
    compareOutputs(
      [printed(`${long}a`), shown({ "text/html": `<table>${long}</table>` })],
      [printed(`${long}b`), shown({ "text/html": `<table>${long} </table>` })],
    )
    expect(spentMs(), piece).toBeLessThan(20_000)
  }
})
