import { expect, test } from "vitest"
import { clean, still } from "#page/clean.ts"
import { markdown, titleOf } from "#page/markdown.ts"
import { mathAt } from "#page/math.ts"

const rendered = (source: string): string => markdown(source, { macros: {} }).markup.markup.trim()
const formulas = (source: string): readonly string[] =>
  [...rendered(source).matchAll(/<annotation encoding="application\/x-tex">([\s\S]*?)<\/annotation>/g)].map((match) => match[1] ?? "")

test.each([
  ["it costs $5", []],
  ["it costs $5 or $10, not more", []],
  ["$5 million and growth of $7 million", []],
  ["from $5/$10 up", []],
  ["an escaped \\$x\\$ stays", []],
  ["`$x$` is code", []],
  ["one $ alone", []],
  ["$ not math $", []],
  ["$x$", ["x"]],
  ["$x$ and $y$", ["x", "y"]],
  ["$ x^2 $", ["x^2"]],
  ["$a_1$ and $b_1$ keep their _dashes_", ["a_1", "b_1"]],
  ["pays $\\$5$ in TeX", ["\\$5"]],
  ["$$\\frac12$$", ["\\frac12"]],
  ["before $$a + b$$ after", ["a + b"]],
  ["\\\\(x\\\\) and \\\\[y\\\\]", ["x", "y"]],
  ["$$\n\nx\n\n$$", ["x"]],
  ["text\n$$\nx\n$$\ntext", ["x"]],
  ["\\begin{align}\na &= b\n\\end{align}", ["\\begin{align}\na &amp;= b\n\\end{align}"]],
  ["> $$\n> x\n> $$", ["x"]],
] as const)("dollars are formulas only where they read as one: %j", (source, expected) => {
  expect(formulas(source)).toEqual(expected)
})

test("what TeX does not know stands as it was written, with the reason", () => {
  expect(rendered("$\\nosuch{x}$")).toMatch(/<code class="tex" title="[^"]*Undefined control sequence[^"]*">\\nosuch\{x\}<\/code>/)
})

test("a command that one cell defines holds for the next", () => {
  const macros = {}
  markdown("$\\gdef\\half{\\tfrac12}$", { macros })
  expect(markdown("$\\half$", { macros }).markup.markup).toContain("<mfrac>")
})

test("a formula ends where TeX ends it", () => {
  expect(mathAt("$a$ b$", 0)).toEqual({ tex: "a", display: false, end: 3 })
  expect(mathAt("$a\n\nb$", 0)).toBeUndefined()
  expect(mathAt("\\begin{x}", 0)).toBeUndefined()
})

test("headings are numbered for the outline, and the author's own links find them", () => {
  const { markup, headings } = markdown("# One $x$\n\n## Two words\n\n[go](#Two-words)", { macros: {}, id: "h-3" })
  expect(headings).toEqual([
    { id: "h-3-1", level: 1, text: "One x" },
    { id: "h-3-2", level: 2, text: "Two words" },
  ])
  expect(markup.markup).toContain('id="user-two-words"')
  expect(markup.markup).toContain('href="#user-two-words"')
})

test("a first heading that stands above the page is not repeated", () => {
  expect(titleOf("# Sales *report*\n\ntext")).toBe("Sales report")
  expect(titleOf("text\n\n# Late")).toBe("")
  expect(markdown("# Title\n\ntext", { macros: {}, id: "h-1", title: "Title" }).headings).toEqual([])
})

test("HTML of others keeps what arranges text and loses what acts", () => {
  expect(clean('<div class="alert alert-warning big" style="position:fixed" onclick="x()">a<script>b</script></div>').markup).toBe(
    '<div class="notice notice-warning">a</div>',
  )
  expect(clean('<a href="javascript:x">a</a><a href="https://b.example">b</a>').markup).toBe(
    '<a>a</a><a href="https://b.example" target="_blank" rel="noopener noreferrer nofollow">b</a>',
  )
  expect(clean('<td style="text-align:right">1</td>').markup).toBe('<td align="right">1</td>')
  expect(clean("<b>never closed").markup).toBe("<b>never closed</b>")
})

test("of an author's style its colours stay, moved to where they can be read, its alignment and what text flows around", () => {
  expect(clean('<span style="color: Red !important; position: fixed; background:#ff0">a</span>').markup).toBe(
    '<span class="ground" style="--f:red;--g:#ff0">a</span>',
  )
  expect(clean('<font color="#00F" size="7">a</font>').markup).toBe('<span style="--f:#00f">a</span>')
  expect(clean('<p style="text-align: center; color: rgb(200, 0, 0)">a</p>').markup).toBe('<p align="center" style="--f:rgb(200, 0, 0)">a</p>')
  expect(clean('<div style="float:right">a</div><div style="clear: both"></div>').markup).toBe(
    '<div class="float-right">a</div><div class="cleared"></div>',
  )
  expect(clean('<img align="right" src="x.png" alt="x">').markup).toMatch(/^<span class="float-right"><span class="missing-picture"/)
  for (const none of [
    "url(//x.example/y)",
    "red;}*{display:none",
    'red" onclick="x',
    "var(--paper)",
    "transparent",
    "expression(alert(1))",
    "--f:red",
  ])
    expect(clean(`<b style="color:${none.replaceAll('"', "&quot;")}">a</b>`).markup, none).toMatch(/^<b(?: style="--f:red")?>a<\/b>$/)
})

test("each block reads in its own direction", () => {
  expect(rendered("שלום\n\n> ציטוט\n\n- פריט")).toMatch(/<p dir="auto">[\s\S]*<blockquote dir="auto">\s*<p>[\s\S]*<ul dir="auto">/)
})

test("tasks are ticked, fences are coloured by their language, tables keep their sides", () => {
  expect(rendered("- [x] a\n- [ ] b")).toMatch(/☑ a[\s\S]*☐ b/)
  expect(rendered("```python\ndef f(): pass\n```")).toContain('<span class="k">def</span>')
  expect(rendered("```{r}\nx <- 1\n```")).toContain('<span class="n">1</span>')
  expect(rendered("|a|\n|-:|\n|1|")).toContain('align="right"')
})

const FRAME =
  '<div>\n<style scoped>\n    .dataframe tbody tr th {\n        vertical-align: top;\n    }\n</style>\n<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>&lt;b&gt;</td></tr></tbody></table>\n<p>1 rows × 1 columns</p>\n</div>'

test.each([
  ["a pandas table", FRAME],
  [
    "an R table",
    '<table class="dataframe">\n<caption>A data.frame</caption>\n<thead><tr><th scope=col>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>',
  ],
  [
    "R's list",
    "<style>\n.list-inline {list-style: none; margin:0; padding: 0}\n.list-inline>li {display: inline-block}\n</style>\n<ol class=list-inline><li>1</li></ol>",
  ],
  ["bold text", "<b>x</b>"],
])("%s can stand in the page itself", (_, source) => {
  expect(still(source)?.markup).toBeDefined()
})

test("nothing of a table is lost", () => {
  expect(still(FRAME)?.markup.replace(/\s+/g, " ")).toBe(
    '<div> <table><thead><tr align="right"><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>&lt;b&gt;</td></tr></tbody></table> <p>1 rows × 1 columns</p> </div>',
  )
})

test.each([
  "<style>#T_1 td { color: red }</style><table id=T_1></table>",
  "<style>.dataframe td { background: url(x) }</style><table class=dataframe></table>",
  "<style>.dataframe td { color: red } body { margin: 0 }</style><table class=dataframe></table>",
  '<p style="color: red">x</p>',
  '<p id="x">x</p>',
  '<p onclick="x()">x</p>',
  "<script>x()</script>",
  "<custom-element>x</custom-element>",
  '<a href="javascript:x">x</a>',
  '<svg width="10"></svg>',
])("what would lose something goes to a frame: %s", (source) => {
  expect(still(source)).toBeUndefined()
})
