import { expect, test } from "vitest"
import { NumberLexeme, StringSpan } from "#base/json.ts"
import { stopwatch } from "#base/testing.ts"
import { terminal, uncoloured } from "#page/ansi.ts"
import { code as coloured } from "#page/code.ts"
import { wants } from "#page/frame.ts"
import { page } from "#page/index.ts"
import { raster } from "#page/raster.ts"
import { code, elementsOf, framesOf, notebookOf, printed, raised, shown, textOf } from "#page/testing.ts"

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
const pageOf = (...outputs: Parameters<typeof code>[1][]): string => page(notebookOf([code("x", ...outputs)]))
const tags = (made: string): readonly string[] => elementsOf(made).map(({ tag }) => tag)

test("a terminal's text is as the terminal left it", () => {
  const left = (text: string): string => terminal(text).markup
  expect(left("10%\r20%\r100%\n")).toBe("100%\n")
  expect(left("abcdef\rxy")).toBe("xycdef")
  expect(left("a\r\nb")).toBe("a\nb")
  expect(left("ab\b\bc")).toBe("c")
  expect(left("\x1b[2K\x1b[1Aa\x1b(B\x1b]0;title\x07b\x1b]8;;http://x.example\x1b\\c")).toBe("abc")
  expect(left("<b>")).toBe("&lt;b&gt;")
})

test("colours are classes, or numbers that were checked", () => {
  expect(terminal("\x1b[31;1mred\x1b[0m plain").markup).toBe('<span class="a-red-fg a-bold">red</span> plain')
  expect(terminal("\x1b[38;5;208mx").markup).toBe('<span style="--f:rgb(255, 135, 0)">x</span>')
  expect(terminal("\x1b[38:5:208mx").markup).toBe('<span style="--f:rgb(255, 135, 0)">x</span>')
  expect(terminal("\x1b[48;2;1;2;3mx").markup).toBe('<span style="background-color:rgb(1, 2, 3)">x</span>')
  expect(uncoloured("\x1b[31mred\x1b[0m")).toBe("red")
})

test.each([
  ["escapes", "\x1b".repeat(300_000)],
  ["unfinished commands", "\x1b]".repeat(200_000)],
  ["one endless colour", `\x1b[${"1;".repeat(200_000)}m`],
  ["carriage returns", "\r".repeat(300_000)],
  ["backspaces", "a\b".repeat(200_000)],
])("%s take no more than their length", (_, text) => {
  const spentMs = stopwatch()
  terminal(text)
  expect(spentMs()).toBeLessThan(2000)
})

test("streams of one name that follow each other are one text", () => {
  const made = pageOf(printed("a"), printed("b\n"), printed("c", "stderr"), printed("d"))
  expect(made).toContain(">ab</pre>")
  expect(made.match(/<pre class="text/g)).toHaveLength(3)
})

test("a long text gets a window and its length", () => {
  const made = pageOf(printed("line\n".repeat(1234)))
  expect(made).toContain('<div class="window"')
  expect(textOf(made)).toContain("1,234 lines")
  expect(pageOf(printed("line\n".repeat(999)))).not.toContain('<div class="window"')
})

test("an error shows what was raised, and its traceback once", () => {
  expect(pageOf(raised("ValueError", "no <b>", ["\x1b[31mValueError\x1b[0m: no <b>"]))).toContain(
    '<span class="a-red-fg">ValueError</span>: no &lt;b&gt;',
  )
  expect(textOf(pageOf(raised("ValueError", "alone")))).toContain("ValueError: alone")
})

test("the richest form that can be shown is", () => {
  expect(tags(pageOf(shown({ "text/html": "<b>x</b>", "text/plain": "y" })))).not.toContain("iframe")
  expect(textOf(pageOf(shown({ "text/html": "<b>rich</b>", "text/plain": "plain" })))).toMatch(/rich/)
  expect(textOf(pageOf(shown({ "text/html": "<b>rich</b>", "text/plain": "plain" })))).not.toMatch(/plain/)
  expect(framesOf(pageOf(shown({ "text/html": "<style>b{}</style><b>x</b>" })))[0]).toContain("<style>b{}</style><b>x</b>")
  expect(framesOf(pageOf(shown({ "image/svg+xml": '<svg width="10" height="30"></svg>', "text/plain": "svg" })))[0]).toContain("<svg ")
  expect(framesOf(pageOf(shown({ "application/javascript": "element.x = '</script>'" })))[0]).toContain("<\\/script>'")
  expect(pageOf(shown({ "text/latex": "$\\displaystyle x^2$", "text/plain": "x**2" }))).toContain("<msup>")
  expect(textOf(pageOf(shown({ "application/json": { a: [1, new NumberLexeme("1.0")] } })))).toContain('{"a": [1, 1.0]}')
  expect(textOf(pageOf(shown({ "text/plain": new StringSpan(0, 12, true) })))).toContain("text/plain")
  expect(textOf(pageOf({ output_type: "hologram", depth: 3 }))).toContain('{"output_type": "hologram", "depth": 3}')
})

test("a drawing keeps its height from the start, a picture its place", () => {
  const [frame] = elementsOf(pageOf(shown({ "image/svg+xml": '<?xml version="1.0"?><svg width="10" height="301.5pt"></svg>' }))).filter(
    ({ tag }) => tag === "iframe",
  )
  expect(frame?.attributes["height"]).toBe("418")
  const [picture] = elementsOf(pageOf(shown({ "image/png": PIXEL, "text/plain": "<Figure>" }, { "image/png": { width: 40 } }))).filter(
    ({ tag }) => tag === "img",
  )
  expect(picture?.attributes).toMatchObject({ width: "40", height: "40", alt: "<Figure>" })
})

test("pictures are told by their bytes, not by their name", () => {
  const of = (bytes: readonly number[]): string => btoa(String.fromCharCode(...bytes, ...new Array(40 - bytes.length).fill(0)))
  expect(raster(PIXEL)).toEqual({ uri: `data:image/png;base64,${PIXEL}`, width: 1, height: 1 })
  expect(raster(of([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 2, 1, 3, 0]))).toMatchObject({ width: 258, height: 3 })
  expect(raster(of([0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0, 5, 0, 7]))).toMatchObject({ width: 7, height: 5 })
  expect(raster(of([...new TextEncoder().encode("RIFF....WEBPVP8X"), 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 4, 0, 0]))).toMatchObject({
    width: 10,
    height: 5,
  })
  expect(raster(btoa("<svg onload=alert(1)>......"))).toBeUndefined()
  expect(raster("not base64 at all!!!!")).toBeUndefined()
})

test("a chart that cannot be drawn here shows the picture that was saved of it, else says so", () => {
  const chart = { mark: "bar", data: { values: [1, 2] } }
  expect(tags(pageOf(shown({ "application/vnd.vegalite.v5+json": chart, "image/png": PIXEL })))).toContain("img")
  const made = textOf(pageOf(shown({ "application/vnd.plotly.v1+json": chart, "text/plain": "Figure()" })))
  expect(made).toContain("application/vnd.plotly.v1+json, which this page cannot draw")
  expect(made).toContain("Figure()")
})

test("what a notebook gives by name stands with its name", () => {
  const scrap = { name: "revenue", data: 126, encoder: "json", version: 1 }
  const made = textOf(pageOf(shown({ "application/scrapbook.scrap.json+json": scrap })))
  expect(made).toContain("revenue")
  expect(made).toContain("126")
  expect(made).not.toContain("encoder")
})

test("an output that asks for files of others says whose, and does not ask", () => {
  expect(wants('<script src="https://cdn.example/x.js"></script><a href="https://other.example">x</a>')).toEqual(["cdn.example"])
  expect(wants("require.config({paths: {d3: 'https://d3.example/v7/d3.min.js'}})")).toEqual(["d3.example"])
  const made = pageOf(
    shown({
      "text/html":
        '<link href=//a.example rel=preconnect><script src="https://cdn.example/x.js">if (a<link) b()</script><img src=https://b.example/p.png>',
    }),
  )
  const [frame = ""] = framesOf(made)
  expect(frame).toContain("<not-loaded-link")
  expect(frame).toContain('<script data-not-loaded="https://cdn.example/x.js">if (a<link) b()</script>')
  expect(frame).toContain("<img data-not-loaded=https://b.example/p.png>")
  expect(textOf(made)).toContain("cdn.example")
})

test("many frames do not load at once", () => {
  const made = pageOf(...Array.from({ length: 20 }, () => shown({ "text/html": "<style></style>x" })))
  expect(made.match(/ srcdoc="/g)).toHaveLength(12)
  expect(made.match(/ data-later="/g)).toHaveLength(8)
})

test("widgets stand as they were saved", () => {
  const view = (id: string) => shown({ "application/vnd.jupyter.widget-view+json": { model_id: id }, "text/plain": "interactive(…)" })
  const state = {
    box: { model_name: "VBoxModel", state: { children: ["IPY_MODEL_slider", "IPY_MODEL_out", "IPY_MODEL_box", "IPY_MODEL_gone"] } },
    slider: { model_name: "IntSliderModel", state: { description: "n", value: 12 } },
    out: { model_name: "OutputModel", state: { outputs: [printed("captured"), shown({ "text/html": "<script>1</script>" })] } },
    menu: { model_name: "DropdownModel", state: { description: "region", _options_labels: ["EU", "US"], index: 1 } },
  }
  const made = page(
    notebookOf([code("x", view("box"), view("menu"), view("lost"))], { widgets: { "application/vnd.jupyter.widget-state+json": { state } } }),
  )
  expect(textOf(made).replace(/\s+/g, " ")).toMatch(/n ?12.*captured.*region ?US.*state was not saved.*interactive\(…\)/)
  expect(framesOf(made)).toHaveLength(1)
})

test("code shows the characters that would hide what it does", () => {
  expect(coloured("a\u202eb", "text").markup).toBe('a<span class="hidden-character">U+202E</span>b')
  expect(coloured("x = 1 # \u200b", "python").markup).toContain("U+200B")
  expect(coloured("if (a <- 1) 'b'", "R").markup).toContain("<span")
  expect(coloured("<b>", "brainfuck").markup).toBe("&lt;b&gt;")
})

test("outputs that may need each other share one frame, in their order; where none runs anything each has its own", () => {
  const sets = shown({ "text/html": "<script>window.word = 1</script>" })
  const fills = shown({ "text/html": "<p id=a></p>", "application/javascript": "a.textContent = word", "application/vnd.bokehjs_exec.v0+json": "" })
  const styled = shown({ "text/html": "<style>#b{}</style><b id=b>x</b>" })
  const frames = framesOf(pageOf(sets, fills, shown({ "text/html": "<style>b{}</style><b>alone</b>" })))
  expect(frames).toHaveLength(2)
  expect(frames[0]).toContain("<b>alone</b>")
  const [, text = ""] = /data-stet-together>(.*)<\/script>$/.exec(frames[1] ?? "") ?? []
  const sources = JSON.parse(text) as string[]
  expect(sources[0]).toBe("<script>window.word = 1</script>")
  expect(sources[1]).toMatch(/^<p id=a><\/p><div><\/div><script>.*a\.textContent = word/s)
  expect(framesOf(pageOf(styled, styled))).toHaveLength(2)
  expect(framesOf(pageOf(sets))[0]).toContain("<script>window.word = 1</script>")
})

test("a chart of Plotly's is drawn where an output before it brought the library, and told otherwise", () => {
  const brings = shown({ "text/html": "<script>/** plotly.js v3.0.0 */ window.Plotly = {}</script>" })
  const chart = shown({
    "application/vnd.plotly.v1+json": {},
    "text/html": "<div id=g></div><script>Plotly.newPlot('g')</script><script src='https://cdn.example/m.js'></script>",
  })
  expect(framesOf(pageOf(brings, chart))[0]).toContain("Plotly.newPlot")
  expect(textOf(pageOf(chart))).toContain("which this page cannot draw")
})
