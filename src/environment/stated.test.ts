import fc from "fast-check"
import { expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { scriptBlocks, stated } from "#environment/stated.ts"
import { notebookOf } from "#environment/testing.ts"
import { readToml, type Toml } from "#environment/toml.ts"

const said = (sources: readonly string[], stet?: object) => {
  const outcome = stated(notebookOf(sources, stet === undefined ? {} : { stet }))
  return outcome.ok ? outcome.value : outcome.refusal.message
}
const BLOCK = `# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "pandas>=2",  # frames
#   'polars',
# ]
# [tool.other]
# x = 1
# ///
import pandas`

test("a notebook that says nothing needs nothing", () => {
  expect(said(["x = 1"])).toEqual({ is: "nothing" })
  expect(said([], { environment: "" })).toEqual({ is: "nothing" })
  expect(said([], { title: "x" })).toEqual({ is: "nothing" })
})

test("an inline script block lists packages and the Python they need", () => {
  expect(said(["print(1)", BLOCK])).toMatchObject({ is: "listed", requirements: ["pandas>=2", "polars"], requiresPython: ">=3.11" })
  expect(said([BLOCK.replaceAll("\n", "\r\n")])).toMatchObject({ requirements: ["pandas>=2", "polars"] })
})

test("a block without dependencies asks for the kernel alone", () => {
  expect(said(['# /// script\n# requires-python = ">=3.9"\n# ///'])).toMatchObject({ is: "listed", requirements: [] })
})

test("metadata lists packages as a list or as the text of a file", () => {
  expect(said([], { requirements: ["six", " idna "], requiresPython: "~=3.11" })).toMatchObject({
    requirements: ["six", "idna"],
    requiresPython: "~=3.11",
  })
  expect(said([], { requirements: "six # comment\nidna\n" })).toMatchObject({ requirements: ["six", "idna"] })
})

test("a name wins over a list: it is what the list was once locked to", () => {
  expect(said([BLOCK], { environment: "data" })).toEqual({ is: "named", name: "data" })
})

test.each([
  [[BLOCK, BLOCK], undefined, "more than one `# /// script` block"],
  [[BLOCK], { requirements: ["six"] }, "lists its requirements twice"],
  [[], { environment: 7 }, "metadata.stet.environment is not a text"],
  [[], { requirements: { six: 1 } }, "neither a list of texts nor a text"],
  [[], { requirements: ["six", 7] }, "neither a list of texts nor a text"],
  [[], { requirements: ["six"], requiresPython: 3.11 }, "requiresPython is not a text"],
  [[], { requirements: ["six"], requiresPython: "three" }, 'requires-python cannot be read: "three"'],
  [[], { requirements: ["--index-url https://example.org"] }, "option of pip"],
  [[], { requirements: Array.from({ length: 501 }, () => "six") }, "more than 500 requirements"],
  [["# /// script\n# dependencies = [\n#   'six'\n# ///"], undefined, "is no TOML: in its line 2"],
  [["# /// script\n# dependencies = 'six'\n# ///"], undefined, "`dependencies` in the `# /// script` block is not a list"],
  [["# /// script\n# dependencies = [1]\n# ///"], undefined, "`dependencies` in the `# /// script` block is not a list"],
  [["# /// script\n# requires-python = 3.11\n# ///"], undefined, "`requires-python` in the `# /// script` block is not a text"],
  [["# /// script\n# dependencies = ['a']\n# dependencies = ['b']\n# ///"], undefined, '"dependencies" is defined twice'],
])("%j with %j is refused", (sources, stet, why) => {
  expect(said(sources, stet)).toContain(why)
})

// PEP 723: what is not closed is none; only the type `script` counts; the last closing line of a run of comments ends it.
test.each([
  ["# /// script\n# dependencies = []\nx = 1", []],
  ["# /// script\n# x\n", []],
  ["# /// other\n# x = 1\n# ///", []],
  ["  # /// script\n# ///", []],
  ["# /// script\n#no space\n# ///", []],
  ["# /// script\n# a = 1\n#\n# ///", ["a = 1\n"]],
  ["# /// script\n# a = '''\n# ///\n# '''\n# ///\n", ["a = '''\n///\n'''"]],
])("in %j the blocks are %j", (source, blocks) => {
  expect(scriptBlocks(notebookOf([source]).cells)).toEqual(blocks)
})

test("a script block in prose is no block", () => {
  expect(scriptBlocks([{ cell_type: "markdown", source: BLOCK }])).toEqual([])
})

test("a cell made to keep the reader busy is read at once", () => {
  const spentMs = stopwatch()
  expect(scriptBlocks(notebookOf(["# /// script\n".repeat(100_000)]).cells)).toEqual([])
  expect(spentMs()).toBeLessThan(1000)
})

function shown(value: Toml): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, shown(item)]))
  if (Array.isArray(value)) return value.map(shown)
  return typeof value === "object" && "text" in value ? value.text : value
}

test.each([
  ['a = "x\\ty\\u00e9\\U0001F600"', { a: "x\ty\u00e9\u{1F600}" }],
  ["a = 'C:\\x'", { a: "C:\\x" }],
  ['a = """\nx \\\n   y"""', { a: "x y" }],
  ["a = '''x'y'''''", { a: "x'y''" }],
  ["a = [1, 2.5, -0x1F, ]".replace("-0x1F", "0x1F"), { a: ["1", "2.5", "0x1F"] }],
  ["a.b.'c d' = true\na.e = false", { a: { b: { "c d": true }, e: false } }],
  ["[a.b]\nc = 1979-05-27T07:32:00Z\n[a]\nd = 07:32:00", { a: { b: { c: "1979-05-27T07:32:00Z" }, d: "07:32:00" } }],
  ["[[a]]\nx = 1\n[[a]]\n[a.b]\ny = 2", { a: [{ x: "1" }, { b: { y: "2" } }] }],
  ["a = { b = 1, c.d = 'x' } # end", { a: { b: "1", c: { d: "x" } } }],
  ["__proto__ = 1\nconstructor = 2", { ["__proto__"]: "1", constructor: "2" }],
  ["", {}],
])("TOML %j", (text, value) => {
  const read = readToml(text)
  expect(read.ok && JSON.stringify(shown(read.value))).toBe(JSON.stringify(value))
})

test.each([
  ["a = ", 1],
  ["a", 1],
  ["= 1", 1],
  ["\na = 'x", 2],
  ["a = 'x\ny'", 1],
  ["a = 1 b = 2", 1],
  ["a = [1 2]", 1],
  ["a = {b = 1", 1],
  ['a = "\\q"', 1],
  ['a = "\\ud800"', 1],
  ["a = 01", 1],
  ["a = 1__0", 1],
  ["a = yes", 1],
  ["a = 1\na = 2", 2],
  ["[a]\n[a]", 2],
  ["[a]\nb = 1\n[a.b]", 3],
  ["a = {}\n[a]", 2],
  ["a = {}\na.b = 1", 2],
  ["a = []\n[[a]]", 2],
  ["[a.b]\n[a]\nb.c = 1", 3],
  ["[[a]", 1],
  ["a = \u0001", 1],
  [`a = ${"[".repeat(200)}`, 1],
])("%j is no TOML, and the line is named", (text, line) => {
  const read = readToml(text)
  expect(read.ok ? "read" : read.refusal.line).toBe(line)
})

test("whatever text comes, reading ends with a value or a line", () => {
  const pieces = fc.constantFrom("a", "=", "[", "]", "{", "}", '"', "'", '"""', "'''", "\n", ".", ",", "#", "1", "\\", " ", "true", "-")
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (words) => {
      const read = readToml(words.join(""))
      expect(read.ok || (read.refusal.line >= 1 && read.refusal.message !== "")).toBe(true)
    }),
    { numRuns: 3000 },
  )
})
