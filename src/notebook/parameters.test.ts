import fc from "fast-check"
import { beforeAll, expect, test } from "vitest"
import { write } from "#base/json.ts"
import { loadGrammars } from "#notebook/adapters/grammars.ts"
import type { Notebook } from "#notebook/document.ts"
import type { Grammars } from "#notebook/grammars.ts"
import { declaredParameters, grammarsOf } from "#notebook/parameters.ts"
import { describeType } from "#notebook/parameters-check.ts"
import type { Declared, Parameter } from "#notebook/parameters-declared.ts"

let grammars: Grammars

beforeAll(async () => {
  grammars = await loadGrammars()
})

function notebook(language: string, ...sources: readonly string[]): Notebook {
  const cells = sources.map((source, at) => ({
    id: `c${at}`,
    cell_type: "code",
    metadata: { tags: ["parameters"] },
    source,
    outputs: [],
    execution_count: null,
  }))
  return { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: language } }, cells }
}

function declared(language: string, ...sources: readonly string[]): Declared {
  return declaredParameters(notebook(language, ...sources), grammars)
}

/** One line for each parameter: name, type, default and help, as far as there are any. */
function told(language: string, ...sources: readonly string[]): string {
  return declared(language, ...sources)
    .parameters.map(line)
    .join("\n")
}

function line(parameter: Parameter): string {
  const value = parameter.required ? "required" : parameter.default === undefined ? `code ${parameter.defaultText}` : write(parameter.default)
  return [`${parameter.name}: ${describeType(parameter.type)}${parameter.secret ? ", secret" : ""} = ${value}`, parameter.help]
    .filter(Boolean)
    .join(" -- ")
}

function lines(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((one) => one.trim())
    .join("\n")
}

test("Python: annotations, type comments and help comments are read as papermill's users write them", () => {
  expect(
    told(
      "python",
      `
# Parameters
a = 1
b: float = 0.5  # How steep
c = "x"  # type: str  The name
d: int = 3  # type: str  The annotation counts
# Help on the line
# above
e = None
f: "int" = 2
g = [1, 2]  # type: list[int] Some numbers
h = 1  # type: ignore
`,
    ),
  ).toBe(
    lines(`
      a: an integer = 1
      b: a number = 0.5 -- How steep
      c: a text = "x" -- The name
      d: an integer = 3 -- The annotation counts
      e: any value = null -- Help on the line above
      f: an integer = 2
      g: a list (each item an integer) = [1,2] -- Some numbers
      h: an integer = 1
    `),
  )
})

test("Python: generic types, choices, optional and required parameters", () => {
  expect(
    told(
      "python",
      `
from typing import *
import datetime
a: Literal["low", 'high'] = "low"
b: Optional[int] = None
c: int | None = 4
d: list[str] = []
e: dict[str, float] = {"x": 1.0}
f: tuple[int, str] = (1, "a")
g: tuple[int, ...] = (1, 2)
h: str
i: int = ...
j: datetime.date = "2026-01-31"
k: Union[int, str] = 1
l: Annotated[int, "Between 1 and 9"] = 5
m: int = None
n: pandas.DataFrame = None
class Color(Enum):
    RED = "red"
    GREEN = "green"
o: Color = Color.RED
p: Optional[Literal[1, 2]] = 2
`,
    ),
  ).toBe(
    lines(`
      a: one of "low", "high" = "low"
      b: an integer or null = null
      c: an integer or null = 4
      d: a list (each item a text) = []
      e: an object (each value a number) = {"x":1.0}
      f: a list of 2 items (an integer, a text) = [1,"a"]
      g: a list (each item an integer) = [1,2]
      h: a text = required
      i: an integer = required
      j: a date such as 2026-01-31 = "2026-01-31"
      k: an integer or a text = 1
      l: an integer = 5 -- Between 1 and 9
      m: an integer or null = null
      n: any value = null
      o: one of "red", "green" = "red"
      p: one of 1, 2 or null = 2
    `),
  )
  expect(declared("python", 'a: Literal["low", "high"] = "low"').parameters[0]?.choices).toEqual(["low", "high"])
})

test("Python: literals over several lines, of every kind, to the last digit", () => {
  expect(
    told(
      "python",
      `
a = {
    "k": [1, -2.50, None],  # inside
    'l': {"m": True},
}
b = """one
two"""
c = ("im" 'plicit'
     "ly")
d = -12345678901234567890
e = 1_000; f = 0xFF; g = 1e5; h = .5
e1 = [1., 2.e3, -0.]
i = r"\\d"
j = "\\u00e9\\x41\\101\\N{BULLET}"
k = "k=v"
l = float("-inf")
m = n = 7
o, p = 1, "two"
q = 1, 2
r = "a" \\
    "b"
`,
    ),
  ).toBe(
    lines(`
      a: an object = {"k":[1,-2.50,null],"l":{"m":true}}
      b: a text = "one\\ntwo"
      c: a text = "implicitly"
      d: an integer = -12345678901234567890
      e: an integer = 1000
      f: an integer = 255
      g: a number = 1e5
      h: a number = 0.5
      e1: a list (each item a number) = [1.0,2000.0,-0.0]
      i: a text = "\\\\d"
      j: any value = code "\\u00e9\\x41\\101\\N{BULLET}"
      k: a text = "k=v"
      l: a number = -Infinity
      m: an integer = 7
      n: an integer = 7
      o: an integer = 1
      p: a text = "two"
      q: a list (each item an integer) = [1,2]
      r: a text = "ab"
    `),
  )
})

test("Python: what is computed keeps its text and any type; what is no assignment at the top level is passed over", () => {
  expect(
    told(
      "python",
      `
%matplotlib inline
!pip install x \\
  --upgrade
import os
a = os.getcwd()
b = 2 * 3
c = f"{b}"
files = !ls
if a:
    hidden = 1
def f():
    inner = 2
class D:
    field = 3
for i in range(3):
    x = i
a.b = 4
a[0] = 5
b += 1
text = """
%not_magic = 1
"""
def g():
    return 1
%time g()
`,
    ),
  ).toBe(
    lines(`
      a: any value = code os.getcwd()
      b: any value = code 2 * 3
      c: any value = code f"{b}"
      text: a text = "\\n%not_magic = 1\\n"
    `),
  )
})

test("secrets are marked by their annotation or by the word in a comment, and their default stays out of the schema", () => {
  const python = declared(
    "python",
    "a: Secret[str]\nb: SecretStr = 'x'\nc = ''  # secret: Token of the API\n# secret\nd = 1\ne = 2  # the secret sauce",
  )
  expect(python.parameters.map((parameter) => [parameter.name, parameter.secret, parameter.help])).toEqual([
    ["a", true, ""],
    ["b", true, ""],
    ["c", true, "Token of the API"],
    ["d", true, ""],
    ["e", false, "the secret sauce"],
  ])
  expect(JSON.stringify(python.schema)).not.toContain('"default":"x"')
  expect(python.schema["properties"]).toMatchObject({ b: { type: "string", "x-stet-secret": true, writeOnly: true } })
  for (const [language, source] of [
    ["r", 'token <- "" # secret'],
    ["julia", 'token = "" # secret'],
    ["typescript", 'let token = "" // secret'],
    ["bash", 'token="" # secret'],
    ["scala", 'val token = "" // secret'],
  ] as const) {
    expect(
      declared(language, source).parameters.map((parameter) => parameter.secret),
      language,
    ).toEqual([true])
  }
})

test("R", () => {
  expect(
    told(
      "R",
      `
library(ggplot2)
a <- 1L
b = 2.5 # How much
c <- c("x", 'y')
d <- NULL; e <- TRUE
f = -3
g <- list(n = -1, s = "q", l = list(1, 2))
h <- "two
lines"
i <- r"(raw "text" \\n)"
j <- function(x) {
  inner <- 1
}
k = Sys.time()
if (TRUE) l <- 4
m <- 1 +
2
n <- NA # type: integer  A gap
names(g) <- "z"
o$p <- 3
q <<- "é\\u00e9"
r.s_t <- 0x10L
`,
    ),
  ).toBe(
    lines(`
      a: an integer = 1
      b: a number = 2.5 -- How much
      c: a list (each item a text) = ["x","y"]
      d: any value = null
      e: true or false = true
      f: a number = -3
      g: an object = {"l":[1,2],"n":-1,"s":"q"}
      h: a text = "two\\nlines"
      i: a text = "raw \\"text\\" \\\\n"
      k: any value = code Sys.time()
      m: any value = code 1 +
      2
      n: an integer or null = null -- A gap
      q: a text = "éé"
      r.s_t: an integer = 16
    `),
  )
})

test("Julia", () => {
  expect(
    told(
      "julia",
      `
using Dates
a::Int = 3
const b = "text" # Fixed
c::Union{Int, Nothing} = nothing
d = [1, 2.5, -3]
e = Dict("k" => 1, :l => [true])
f::String
g = "\\$x \\u00e9"
h = "a $(b)"
i = """
  one
    two
  """
global j = 1_000
k, l = 1, 'c'
m(x) = x
n::Vector{Float64} = [1.0]
if true
  o = 1
end
p = -Inf
`,
    ),
  ).toBe(
    lines(`
      a: an integer = 3
      b: a text = "text" -- Fixed
      c: an integer or null = null
      d: a list (each item a number) = [1,2.5,-3]
      e: an object = {"k":1,"l":[true]}
      f: a text = required
      g: a text = "$x é"
      h: any value = code "a $(b)"
      i: a text = "one\\n  two\\n"
      j: an integer = 1000
      k: an integer = 1
      l: a text = "c"
      n: a list (each item a number) = [1.0]
      p: a number = -Infinity
    `),
  )
})

test("JavaScript and TypeScript", () => {
  expect(
    told(
      "typescript",
      `
import x from "x"
let a: number = 3, b = -4 // Both numbers
const c: "low" | "high" = "low"
/** @type {string} Where to */
var d = null
e = true
let f: number[] | null = [-1, 2]
let g: Array<string> = []
let h: Record<string, number> = {k: 1, "l": 2}
let i: string
let j = 12n
const k = \`tick \\u{e9}\`
const l = \`\${a}\`
let m = () => 1
const [n, o] = [1, 2]
function p() { let q = 1 }
if (a) { let r = 2 }
let s: [number, string] = [1, "x"]
`,
    ),
  ).toBe(
    lines(`
      a: a number = 3
      b: a number = -4 -- Both numbers
      c: one of "low", "high" = "low"
      d: a text or null = null -- Where to
      e: true or false = true
      f: a list (each item a number) or null = [-1,2]
      g: a list (each item a text) = []
      h: an object (each value a number) = {"k":1,"l":2}
      i: a text = required
      j: an integer = 12
      k: a text = "tick é"
      l: any value = code \`\${a}\`
      s: a list of 2 items (a number, a text) = [1,"x"]
    `),
  )
})

test("Bash", () => {
  expect(
    told(
      "bash",
      `
a=3 # How many
export b="\${b:-4}"
c="text with \\$x"
d=(x "y z" 'w')
declare -i e=5
readonly f=6
g=$(date)
h=
i=$'tab\\t'
j="\${j:?must be given}"
: "\${k:?}" "\${l:=word}"
m=true
n=02134
o="a $c"
p=1.5 q=*.csv
if true; then r=1; fi
FOO=bar command
s=one # type: "one" | "two"  Which
`,
    ),
  ).toBe(
    lines(`
      a: an integer = 3 -- How many
      b: an integer = 4
      c: a text = "text with $x"
      d: a list (each item a text) = ["x","y z","w"]
      e: an integer = 5
      g: any value = code $(date)
      h: a text = ""
      i: a text = "tab\\t"
      j: any value = required
      k: any value = required
      l: a text = "word"
      m: true or false = true
      n: a text = "02134"
      o: any value = code "a $c"
      p: a number = 1.5
      q: any value = code *.csv
      s: one of "one", "two" = "one" -- Which
    `),
  )
})

test("Scala", () => {
  expect(
    told(
      "scala",
      `
import a.b
val a: Int = 3 // How many
var b = "é\\u00e9"
val c: Option[String] = None
val d = Seq(1, -2)
lazy val e = Map("k" -> 1, "l" -> 2L)
def f(x: Int) = 3
val (g, h) = (1, 2)
val i = s"a$b"
val j = """raw \\n"""
val k: List[Int]
/** Documented */
val l = 1.5
val m = 12345678901L
val n = x + 1
`,
    ),
  ).toBe(
    lines(`
      a: an integer = 3 -- How many
      b: a text = "éé"
      c: a text or null = null
      d: a list (each item an integer) = [1,-2]
      e: an object = {"k":1,"l":2}
      i: any value = code s"a$b"
      j: a text = "raw \\\\n"
      k: a list (each item an integer) = required
      l: a number = 1.5 -- Documented
      m: an integer = 12345678901
      n: any value = code x + 1
    `),
  )
})

test("all cells tagged parameters count, and a later declaration overrides an earlier one where it stood", () => {
  expect(told("python", "a: int = 1  # First\nb = 2", "a = 5\nc = 3")).toBe("a: an integer = 5 -- First\nb: an integer = 2\nc: an integer = 3")
  expect(declared("python", "a: int = 1", "a = 5").parameters[0]).toMatchObject({ cellId: "c1", line: 1 })
})

test("the schema is draft 2020-12 and says all that is known", () => {
  const { schema } = declared(
    "python",
    'a: Literal["x"] | None = "x"  # Which\nb: list[int]\nc: Optional[date] = None\nd = float("nan")\ne: dict[str, int] = {}',
  )
  expect(schema).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Parameters",
    type: "object",
    properties: {
      a: { title: "a", description: "Which", enum: ["x", null], default: "x" },
      b: { title: "b", type: "array", items: { type: "integer" } },
      c: { title: "c", type: ["string", "null"], format: "date", default: null },
      d: { title: "d", type: "number" },
      e: { title: "e", type: "object", additionalProperties: { type: "integer" }, default: {} },
    },
    required: ["b"],
    additionalProperties: false,
  })
  expect(Object.keys(declared("python", "__proto__ = 1").schema["properties"] as object)).toEqual(["__proto__"])
})

test("what IPython adds to Python is no broken line", () => {
  expect(declared("python", "%%time\na = 1\n!ls -l \\\n  /tmp\nx = !ls\na?\ndef g():\n    return 1\n%time g()").problems).toEqual([])
})

test("broken lines are told with their number and cost no more than themselves", () => {
  const broken = declared("python", "a = 1\nb = = 2\nc = 3")
  expect(broken.parameters.map(line)).toEqual(["a: an integer = 1", "c: an integer = 3"])
  expect(broken.problems).toEqual([{ cellId: "c0", line: 2, message: expect.stringContaining("Line 2") }])
  // Without the broken line the rest would be another dictionary.
  expect(declared("python", 'a = {\n  "x": 1,\n  "y" 2,\n}').parameters[0]?.default).toBeUndefined()
})

test("a default that its annotation refuses is a problem", () => {
  expect(declared("python", 'a: int = "x"').problems).toEqual([{ cellId: "c0", line: 1, message: expect.stringContaining("an integer") }])
})

test("a language without a grammar, or whose grammar was not loaded, is a clear problem and not an empty answer", () => {
  expect(declaredParameters(notebook("bash", "a=1"))).toMatchObject({
    parameters: [],
    unread: expect.stringContaining("grammar for Bash was not loaded"),
  })
  expect(declaredParameters(notebook("c#", "var a = 1;")).problems[0]?.message).toContain("no grammar for C#")
  expect(declaredParameters(notebook("brainfuck", "+")).unread).toContain("does not know it")
  expect(declaredParameters(notebook("c#"))).toMatchObject({ cells: 0, unread: "" })
  expect(declaredParameters(notebook("", "a = 1"), {}, { language: "python" }).parameters).toHaveLength(1)
  expect(declared("python", `a = "${"x".repeat(60_000)}"`).problems[0]?.message).toContain("longer than")
})

const LANGUAGES = ["python", "r", "julia", "typescript", "bash", "scala"]

test("no source is too broken to be looked at", () => {
  const pieces =
    'x = 1\n|\'|"|"""|(|[|{|}|]|)|# type: |,|:|=|-|\\|\n|\0|\ud800|é|😍|if |def f():\n |${|$(|`|<<E\n|%|!|;|::Int|<-|let |val |/*|*/|@|...|r"(|None'.split(
      "|",
    )
  fc.assert(
    fc.property(fc.constantFrom(...LANGUAGES), fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (language, parts) => {
      const { parameters, problems } = declared(language, parts.join(""))
      expect(Array.isArray(parameters) && Array.isArray(problems)).toBe(true)
    }),
    { numRuns: 600 },
  )
})

test("what is something else altogether is given up in time", { timeout: 60_000 }, () => {
  for (const language of LANGUAGES) {
    for (const piece of ["[", "(", 'x = "', "\0", "x = [\n", "'"]) declared(language, piece.repeat(Math.floor(6_000 / piece.length)))
  }
})

test("grammars are loaded only for a notebook whose parameters they read", async () => {
  const hadToLoad = async (document: Notebook, kernelName?: string) => {
    let loaded = 0
    await grammarsOf(document, async () => ({ ...grammars, loaded: ++loaded }), kernelName)
    return loaded === 1
  }
  const plain = (language: string) => ({ ...notebook(language), cells: notebook(language, "x=1").cells.map((cell) => ({ ...cell, metadata: {} })) })
  expect(await hadToLoad(notebook("python", "x = 1"))).toBe(false)
  expect(await hadToLoad(plain("bash"))).toBe(false)
  expect(await hadToLoad(notebook("bash", "x=1"))).toBe(true)
  expect(await hadToLoad(notebook("scala", "val x = 1"))).toBe(true)
  // Another kernel than its own may speak another language.
  expect(await hadToLoad(notebook("python", "x=1"), "bash")).toBe(true)
  expect(await grammarsOf(notebook("bash", "x=1"), undefined)).toEqual({})
})
