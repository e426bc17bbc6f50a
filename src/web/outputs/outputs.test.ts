/** The parts of outputs that only decide. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { read } from "#notebook/index.ts"
import { bundleOf } from "#web/outputs/bundle.ts"
import { Amd, beside } from "#web/outputs/frame/amd.ts"
import { readSaid } from "#web/outputs/frame/messages.ts"
import { hostOf, importsOf } from "#web/outputs/frame/wanted.ts"
import { moved, sorted, tabbed } from "#web/outputs/grid-moves.ts"
import { joined } from "#web/outputs/joined.ts"
import { richest } from "#web/outputs/richest.ts"
import { activeOf, idsOf } from "#web/outputs/stage/active.ts"
import { givingWay } from "#web/outputs/stage/giving-way.ts"
import { groupOf, guessedHeight, hostsIn, mayNeedOthers } from "#web/outputs/stage/grouping.ts"
import { type Heard, hear, heardOf } from "#web/outputs/stage/heard.ts"
import { isStill } from "#web/outputs/still.ts"
import { emptyTerminal, linesOf, piecesOf, readOn } from "#web/outputs/terminal.ts"
import { folded, traceOf } from "#web/outputs/traceback.ts"
import { earlierIn } from "#web/run/earlier-outputs.ts"
import { markupOf, outputsOf } from "#web/run/reading/outline.ts"

function form(data: Readonly<Record<string, unknown>>, metadata: Readonly<Record<string, unknown>> = {}) {
  return richest(bundleOf({ output_type: "display_data", data, metadata }))
}

describe("the richest form that can be shown", () => {
  test.each([
    [
      { "text/plain": "x", "image/png": "x" },
      { as: "picture", mediaType: "image/png" },
    ],
    [
      { "image/png": "x", "image/svg+xml": "<svg/>" },
      { as: "drawing", mediaType: "image/svg+xml" },
    ],
    [
      { "image/png": "x", "text/latex": "$x$", "text/plain": "x" },
      { as: "latex", mediaType: "text/latex" },
    ],
    [
      { "text/html": "<b>x</b>", "image/png": "x" },
      { as: "html", mediaType: "text/html" },
    ],
    [
      { "application/vnd.vegalite.v5+json": {}, "text/plain": "x" },
      { as: "active", renderer: "vega", mediaType: "application/vnd.vegalite.v5+json" },
    ],
    [
      { "application/vnd.vegalite.v6.json": {}, "text/plain": "x" },
      { as: "active", renderer: "vega", mediaType: "application/vnd.vegalite.v6.json" },
    ],
    [
      { "application/vnd.plotly.v1+json": {}, "text/html": "x" },
      { as: "active", renderer: "plotly", mediaType: "application/vnd.plotly.v1+json" },
    ],
    [
      { "application/vnd.bokehjs_exec.v0+json": "", "text/html": "<div>", "application/javascript": "x" },
      { as: "active", renderer: "html", mediaType: "application/javascript" },
    ],
    [
      { "application/javascript": "x", "text/plain": "x" },
      { as: "active", renderer: "script", mediaType: "application/javascript" },
    ],
    [
      { "text/vnd.mermaid": "graph LR", "text/plain": "x", "image/png": "x" },
      { as: "active", renderer: "mermaid", mediaType: "text/vnd.mermaid" },
    ],
    [
      { "application/json": 1, "text/plain": "1" },
      { as: "json", mediaType: "application/json" },
    ],
    [{ "text/x-python": "1" }, { as: "code", mediaType: "text/x-python" }],
    [{}, { as: "nothing" }],
    [
      { "application/scrapbook.scrap.json+json": { name: "revenue", data: 126 } },
      { as: "named", mediaType: "application/scrapbook.scrap.json+json" },
    ],
    [{ "application/x-odd": 1 }, { as: "unknown", mediaTypes: ["application/x-odd"] }],
    [
      { "application/vnd.jupyter.widget-view+json": "not an object", "text/plain": "x" },
      { as: "text", mediaType: "text/plain" },
    ],
  ])("%j", (data, wanted) => expect(form(data)).toEqual(wanted))

  test("a text that was left out counts, and only an address of our API is believed", () => {
    expect(form({}, { stet: { external: { "image/png": "/api/v1/runs/x/cells/1/outputs/0" } } })).toEqual({ as: "picture", mediaType: "image/png" })
    for (const address of ["https://evil.example/x", "//evil.example", "/api/v1/../../x", "javascript:x", "/api/v1\\x"])
      expect(form({}, { stet: { external: { "image/png": address } } })).toEqual({ as: "nothing" })
  })
})

function lines(...pieces: readonly string[]): readonly string[] {
  let terminal = emptyTerminal()
  let text = ""
  for (const piece of pieces) {
    text += piece
    terminal = readOn(terminal, text)
  }
  const { count, at } = linesOf(terminal)
  return Array.from({ length: count }, (_, index) => at(index)?.text ?? "?")
}

describe("a text that grows", () => {
  test("lines, progress bars and the unfinished end", () => {
    expect(lines("a\nb")).toEqual(["a", "b"])
    expect(lines("a\n", "b", "c\n")).toEqual(["a", "bc"])
    expect(lines("10 %\r", "20 %\r", "done\n")).toEqual(["done"])
    expect(lines("100\r9")).toEqual(["900"])
    expect(lines("a\r\nb\r\n")).toEqual(["a", "b"])
  })

  test("however a text is cut into pieces, it reads the same", () => {
    const text = fc.array(fc.constantFrom("a", "bc", "\n", "\r", "\b", "\x1b[31m", "\x1b[0m", "\x1b[2K", "ü", "\r\n")).map((parts) => parts.join(""))
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 6 }), (whole, cuts) => {
        // A cut inside an escape sequence is read when the rest has come; at the very end it would show.
        const places = [...new Set(cuts.map((cut) => Math.min(cut, whole.length)))].sort((a, b) => a - b)
        const pieces = [...places, whole.length].map((end, index, all) => whole.slice(index === 0 ? 0 : all[index - 1], end))
        expect(lines(...pieces)).toEqual(lines(whole))
      }),
      { numRuns: 500 },
    )
  })

  test("a colour holds over the end of its line, until it is ended", () => {
    const terminal = readOn(emptyTerminal(), "\x1b[31mred\nstill\x1b[0m plain\nplain")
    const { at } = linesOf(terminal)
    expect(piecesOf(at(1)!)).toEqual([
      { text: "still", names: ["red"] },
      { text: " plain", names: [] },
    ])
    expect(piecesOf(at(2)!)).toEqual([{ text: "plain", names: [] }])
  })

  test("a hundred thousand lines in small pieces cost what they add", () => {
    let terminal = emptyTerminal()
    let text = ""
    const spentMs = stopwatch()
    for (let piece = 0; piece < 200; piece++) {
      text += Array.from({ length: 500 }, (_, index) => `line ${piece * 500 + index}\n`).join("")
      terminal = readOn(terminal, text)
    }
    expect(linesOf(terminal).count).toBe(100_000)
    expect(spentMs()).toBeLessThan(3000)
  })
})

test("streams of one name are one text", () => {
  const stream = (name: string, text: string | readonly string[]) => ({ output_type: "stream", name, text })
  expect(
    joined([stream("stdout", "a"), stream("stdout", ["b", "c"]), stream("stderr", "d"), stream("stdout", "e")]).map((one) => one["text"]),
  ).toEqual(["abc", "d", "e"])
})

describe("a traceback", () => {
  const ipython = {
    output_type: "error",
    ename: "ValueError",
    evalue: "no",
    traceback: [
      "\x1b[31m----------------\x1b[39m",
      "\x1b[31mValueError\x1b[39m  Traceback (most recent call last)",
      "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[7]\x1b[39m\x1b[32m, line 3\x1b[39m\n      1 x\n----> 3 y",
      "\x1b[36mFile \x1b[39m\x1b[32m/opt/lib/python3.12/site-packages/pandas/core/frame.py:10\x1b[39m, in f()",
      "File /opt/lib/python3.12/json/decoder.py:5, in g()",
      "File ~/mine/tool.py:5, in h()",
      "\x1b[31mValueError\x1b[39m: no",
    ],
  }
  test("tells cells, libraries and files of one's own apart, and folds the libraries", () => {
    const { raised, frames } = traceOf(ipython)
    expect(raised).toBe("ValueError: no")
    expect(frames.map(({ kind }) => kind)).toEqual(["other", "cell", "library", "library", "other", "other"])
    expect(frames[1]).toMatchObject({ executionCount: 7, line: 3 })
    expect(folded(frames).map(({ isFolded, frames: { length } }) => [isFolded, length])).toEqual([
      [false, 2],
      [true, 2],
      [false, 2],
    ])
  })
  test("of a function that called itself four hundred times its first frames and its last ones stand there", () => {
    const calls = Array.from({ length: 400 }, (_, at) => `Cell In[4], line ${at}, in f(n)`)
    const parts = folded(traceOf({ ...ipython, traceback: calls }).frames)
    expect(parts.map(({ of, isFolded, frames: { length } }) => [of, isFolded, length])).toEqual([
      ["own", false, 4],
      ["own", true, 388],
      ["own", false, 8],
    ])
    expect(parts.flatMap(({ frames }) => frames.map(({ line }) => line))).toEqual(calls.map((_, at) => at))
    expect(folded(traceOf({ ...ipython, traceback: calls.slice(0, 20) }).frames).length).toBe(1)
  })
  test("a plain one is cut into its frames", () => {
    const text =
      'Traceback (most recent call last):\n  File "/usr/lib/python3.11/site-packages/x.py", line 1, in f\n    f()\n  File "mine.py", line 2, in g\n    g()\nValueError: no'
    expect(traceOf({ output_type: "error", ename: "", evalue: "", traceback: [text] }).frames.map(({ kind }) => kind)).toEqual([
      "other",
      "library",
      "other",
    ])
  })
  test("anything at all is read", () => {
    fc.assert(fc.property(fc.anything(), fc.anything(), (traceback, ename) => void traceOf({ output_type: "error", traceback, ename })))
  })
})

describe("a grid", () => {
  const columns = [
    { name: "n", isIndex: false, isNumeric: true },
    { name: "t", isIndex: false, isNumeric: false },
  ]
  test("sorts numbers by size, keeps what has no value at the end", () => {
    const rows = [
      ["10", "b"],
      ["9", "a"],
      ["NaN", "c"],
      ["1,000", ""],
    ]
    expect(sorted(rows, columns, { column: 0, isDown: false }).map(([n]) => n)).toEqual(["9", "10", "1,000", "NaN"])
    expect(sorted(rows, columns, { column: 0, isDown: true }).map(([n]) => n)).toEqual(["1,000", "10", "9", "NaN"])
    expect(sorted(rows, columns, { column: 1, isDown: false }).map(([, t]) => t)).toEqual(["a", "b", "c", ""])
  })
  test("is walked through by keys, and copied as spreadsheets take it", () => {
    const size = { rows: 3, columns: 2, page: 2 }
    const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false })
    expect(moved(undefined, key("ArrowDown"), size)).toEqual({ row: 0, column: 0 })
    expect(moved({ row: 0, column: 0 }, key("ArrowDown"), size)).toEqual({ row: 1, column: 0 })
    expect(moved({ row: 0, column: 0 }, key("ArrowRight", true), size)).toEqual({ row: 0, column: 1 })
    expect(moved({ row: 0, column: 0 }, key("End", true), size)).toEqual({ row: 2, column: 1 })
    expect(moved({ row: 2, column: 1 }, key("ArrowDown"), size)).toEqual({ row: 2, column: 1 })
    expect(moved({ row: 0, column: 0 }, key("x"), size)).toBeUndefined()
    expect(
      tabbed(
        [
          ["a\tb", "c"],
          ["d", "e"],
        ],
        { top: 0, bottom: 1, left: 0, right: 1 },
      ),
    ).toBe("a b\tc\nd\te")
  })
})

describe("what a frame says", () => {
  test("is believed only in its exact form", () => {
    expect(readSaid({ say: "size", id: "a", height: 12.2 })).toEqual({ say: "size", id: "a", height: 13 })
    expect(readSaid({ say: "size", id: "a", height: 1e12 })).toEqual({ say: "size", id: "a", height: 20_000 })
    for (const bad of [
      null,
      1,
      {},
      { say: "size", id: "a", height: "1" },
      { say: "size", id: "a", height: Number.NaN },
      { say: "size", height: 1 },
      { say: "wants", id: "", host: "a b" },
    ])
      expect(readSaid(bad)).toBeUndefined()
    for (const address of ["javascript:x", "data:text/html,x", " javascript:x", "file:///x"])
      expect(readSaid({ say: "link", id: "", address })).toBeUndefined()
    expect(readSaid({ say: "comm", commId: "x", data: [], buffers: [] })).toBeUndefined()
    fc.assert(fc.property(fc.anything(), (said) => void readSaid(said)))
  })
})

describe("grouping", () => {
  const html = (text: string) => ({ renderer: "html", html: text, script: "" }) as const
  test("outputs with scripts or names stand together, others alone, widgets by themselves", () => {
    expect(groupOf(html("<table></table>"))).toBe("alone")
    expect(groupOf(html("<div id='x'></div>"))).toBe("together")
    expect(groupOf(html("<script>x</script>"))).toBe("together")
    expect(groupOf({ renderer: "script", script: "x" })).toBe("together")
    expect(groupOf({ renderer: "vega", spec: {}, isLite: true })).toBe("alone")
    expect(groupOf({ renderer: "widget", model: "x" })).toBe("widgets")
    expect(groupOf({ renderer: "mermaid", text: "graph LR" })).toBe("diagrams")
  })
  test("keeps a place of about the right height, and names the hosts", () => {
    expect(guessedHeight({ renderer: "plotly", figure: { layout: { height: 320 } } })).toBe(320)
    expect(guessedHeight(html("<script>x</script>"))).toBe(0)
    expect(hostsIn(html('<script src="https://cdn.example/x.js"></script><img src=//pictures.example/a>'))).toEqual([
      "cdn.example",
      "pictures.example",
    ])
  })
})

test("HTML that only arranges text needs no frame", () => {
  for (const still of ["<b>x</b>", "<table><tr><td>1</td></tr></table>", '<th style="text-align: right;">x</th>']) expect(isStill(still)).toBe(true)
  for (const moving of [
    "<script>",
    "<p onclick=x>",
    "<style>",
    "<img src=x>",
    "<svg>",
    "<p style=color:red>",
    "<p id=x>",
    "<iframe>",
    "<!doctype html>",
  ])
    expect(isStill(moving)).toBe(false)
})

test("addresses on the network", () => {
  expect(hostOf("https://a.example/x")).toBe("a.example")
  expect(hostOf("//a.example/x")).toBe("a.example")
  expect(hostOf("/x")).toBeUndefined()
  expect(hostOf("data:x")).toBeUndefined()
  expect(hostOf("https://frame.invalid/x")).toBeUndefined()
  expect(
    importsOf(
      'import "https://a.example/x"; import {y} from "https://b.example/y.js"; const z = await import("//c.example/z"); import q from "./q.js"',
    ),
  ).toEqual(["https://a.example/x", "https://b.example/y.js", "//c.example/z"])
})

describe("AMD", () => {
  function amdOf(texts: Readonly<Record<string, string>>, asked: string[] = []) {
    const amd: Amd = new Amd({
      fetchText: async (name, path) => {
        asked.push(path ? `${path}|${name}` : name)
        const text = texts[name]
        if (text === undefined) throw new Error(`no ${name}`)
        return text
      },
      run: (code) => new Function("define", "require", code)(amd.define, amd.require),
    })
    return amd
  }
  const loaded = (amd: Amd, ...names: readonly string[]) =>
    new Promise<readonly unknown[]>((done, failed) => void amd.require(names, (...given) => done(given), failed))

  test("modules of their own text, by name, by path, beside each other", async () => {
    const asked: string[] = []
    const amd = amdOf(
      { w: 'define(["base", "./w/part"], (base, part) => base.one + part)', "w/part": "define([], () => 2)", "./w/part": "define([], () => 2)" },
      asked,
    )
    amd.put("base", { one: 1 })
    amd.require.config({ paths: { w: "https://cdn.example/w" } })
    expect(await loaded(amd, "w")).toEqual([3])
    expect(asked[0]).toBe("https://cdn.example/w|w")
    expect(amd.require("w")).toBe(3)
  })
  test("a module is made once, however many ask for it while its text is coming", async () => {
    let made = 0
    Object.assign(globalThis, { countMade: () => made++ })
    const amd = amdOf({ w: "define([], () => { countMade(); return {} })" })
    const [first, second] = await Promise.all([amd.load("w"), amd.load("w")])
    expect(first).toBe(second)
    expect(await amd.load("w")).toBe(first)
    expect(made).toBe(1)
  })
  test("CommonJS in AMD's clothes, undef, and a module that is not there", async () => {
    const amd = amdOf({ c: "define(function (require, exports, module) { exports.x = 5 })" })
    expect(await loaded(amd, "c")).toEqual([{ x: 5 }])
    amd.require.undef("c")
    expect(amd.require.defined("c")).toBe(false)
    await expect(loaded(amd, "absent")).rejects.toThrow("no absent")
    expect(() => amd.require("absent")).toThrow(/not been loaded/)
  })
  test("paths beside a module", () => {
    expect(beside("a/b/c", "./d")).toBe("a/b/d")
    expect(beside("a/b/c", "../d")).toBe("a/d")
    expect(beside("a", "d")).toBe("d")
  })
})

describe("frames kept alive", () => {
  const frame = (key: string, seenAt: number, isNear = false) => ({ key, isNear, seenAt })

  test("no more than so many: those that were unseen the longest go, and none that is near", () => {
    expect(givingWay([frame("a", 3), frame("b", 1), frame("c", 2)], 3)).toEqual([])
    expect(givingWay([frame("a", 3), frame("b", 1), frame("c", 2)], 2)).toEqual(["b"])
    expect(givingWay([frame("a", 3), frame("b", 1, true), frame("c", 2)], 2)).toEqual(["c"])
    expect(givingWay([frame("a", 3), frame("b", 1, true), frame("c", 2)], 0)).toEqual(["c", "a"])
  })

  test("whatever there is, as few as may be go, and what stays was seen no earlier than what goes", () => {
    const frames = fc.uniqueArray(fc.record({ key: fc.string(), isNear: fc.boolean(), seenAt: fc.nat() }), { selector: ({ key }) => key })
    fc.assert(
      fc.property(frames, fc.nat(20), (all, most) => {
        const gone = new Set(givingWay(all, most))
        const [away, stayed] = [all.filter(({ key }) => gone.has(key)), all.filter(({ key, isNear }) => !gone.has(key) && !isNear)]
        expect(away.some(({ isNear }) => isNear)).toBe(false)
        expect(gone.size).toBe(Math.min(Math.max(0, all.length - most), away.length + stayed.length))
        expect(Math.max(...away.map(({ seenAt }) => seenAt))).toBeLessThanOrEqual(Math.min(...stayed.map(({ seenAt }) => seenAt)))
      }),
    )
  })
})

test("a place that comes anew hears what holds on of its output, and a hostile frame fills nothing", () => {
  const heard = new Map()
  const told: Heard[] = []
  const slot = { hear: (each: Heard) => void told.push(each) }
  hear({ heard, slot }, heardOf({ say: "size", id: "x", height: 10 }))
  hear({ heard, slot: undefined }, heardOf({ say: "size", id: "x", height: 20 }))
  hear({ heard, slot }, heardOf({ say: "link", id: "x", address: "https://example.org" }))
  for (let at = 0; at < 100; at++) hear({ heard, slot: undefined }, heardOf({ say: "wants", id: "x", host: `host-${at}.example` }))
  hear({ heard, slot: undefined }, heardOf({ say: "size", id: "x", height: 30 }))
  expect(told).toEqual([
    { heard: "height", height: 10 },
    { heard: "link", address: "https://example.org" },
  ])
  expect([...heard.values()].slice(0, 2)).toEqual([
    { heard: "height", height: 30 },
    { heard: "wants", host: "host-0.example" },
  ])
  expect(heard.size).toBe(12)
})

describe("outputs that others may need", () => {
  const shown = (...data: readonly object[]) => data.map((each) => ({ output_type: "display_data", data: each, metadata: {} }))
  const none = () => Promise.reject(new Error("nothing is fetched"))

  test("are markup that acts and scripts, by the names that they have where they are drawn", async () => {
    const outputs = shown(
      { "text/html": "<b>still</b>" },
      { "text/html": "<script>a = 1</script>" },
      { "application/javascript": "b = a" },
      { "image/png": "x" },
    )
    const found = await activeOf({ cell: "c", outputs }, none)
    expect(found.map(({ show }) => show)).toEqual([
      { renderer: "html", html: "<script>a = 1</script>", script: "" },
      { renderer: "script", script: "b = a" },
    ])
    expect(found.map(({ id }) => id)).toEqual(idsOf("c", outputs).slice(1))
  })

  test("also when they were too long to be sent along; what cannot be had is left out", async () => {
    const external = (address: string) => ({ output_type: "display_data", data: {}, metadata: { stet: { external: { "text/html": address } } } })
    const outputs = [external("/api/v1/blobs/a"), external("/api/v1/blobs/b")]
    const before = idsOf("c", outputs)
    const textAt = async (address: string) => (address.endsWith("a") ? "<script>whole</script>" : Promise.reject(new Error("it is gone")))
    const found = await activeOf({ cell: "c", outputs }, textAt)
    expect(found.map(({ id, show }) => [id, show])).toEqual([[before[0], { renderer: "html", html: "<script>whole</script>", script: "" }]])
    expect(new Set(before).size).toBe(2)
  })

  test.each([
    ["<div id='x'></div>", false],
    ["<button onclick='go()'>", true],
    ["<script>go()</script>", true],
  ])("%s may need others: %s", (markup, may) => {
    expect(mayNeedOthers({ renderer: "html", html: markup, script: "" })).toBe(may)
  })
})

describe("what stands before an output in a notebook that is looked at", () => {
  const text = (value: string) => [{ output_type: "stream", name: "stdout", text: value }]
  const cells = [{ id: "a" }, { id: "b" }, { id: "c" }]
  const kept = [
    { cell: "b", outputs: text("kept b") },
    { cell: "a", outputs: text("kept a") },
    { cell: "c", outputs: text("kept c") },
  ]

  test("is in the order of its cells, with the cell itself and nothing behind it", () => {
    expect(earlierIn({ cells }, kept, "b").map(({ cell }) => cell)).toEqual(["a", "b"])
    expect(earlierIn({ cells }, kept, "nowhere")).toEqual([])
  })

  test("is what a run under way has shown since, and no error where one reads a report", () => {
    const error = { output_type: "error", ename: "E", evalue: "", traceback: [] }
    const live = new Map([["a", { outputs: [error, ...text("now")] }]])
    expect(earlierIn({ cells, live }, kept, "a")).toEqual([{ cell: "a", outputs: [error, ...text("now")] }])
    expect(earlierIn({ cells, live, isReport: true }, kept, "a")).toEqual([{ cell: "a", outputs: text("now") }])
  })
})

test("the markup of a whole notebook stands at its places, and what else is shown only keeps a place", () => {
  const raw = (data: object) => ({ output_type: "display_data", data, metadata: {} })
  const document = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      { cell_type: "code", id: "plain", metadata: {}, source: "", execution_count: null, outputs: [raw({ "text/plain": "x" })] },
      {
        cell_type: "code",
        id: "acts",
        metadata: {},
        source: "",
        execution_count: null,
        outputs: [{ output_type: "stream", name: "stdout", text: "long" }, raw({ "image/png": "x" }), raw({ "text/html": "<script>a = 1</script>" })],
      },
    ],
  }
  const reading = read(new TextEncoder().encode(JSON.stringify(document)))
  if (!reading.ok) throw new Error(reading.refusal.message)
  const { notebook } = reading.value
  const [found, ...more] = markupOf(notebook)
  expect(more).toEqual([])
  expect(idsOf("acts", found?.outputs ?? [])).toEqual(idsOf("acts", outputsOf(notebook, 1)))
  expect(JSON.stringify(found)).not.toContain("long")
})
