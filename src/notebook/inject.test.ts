import { expect, test } from "vitest"
import { type Json, NumberLexeme } from "#base/json.ts"
import type { Bindings } from "#notebook/bind.ts"
import type { Cell, Notebook } from "#notebook/document.ts"
import { type InjectOptions, inject } from "#notebook/inject.ts"
import { secretDocument } from "#notebook/inject-secrets.ts"
import { type Language, languageFor, nameProblem } from "#notebook/languages.ts"
import { json } from "#notebook/testing.ts"

const LANGUAGES: readonly Language[] = [
  "python",
  "r",
  "julia",
  "scala",
  "javascript",
  "typescript",
  "bash",
  "powershell",
  "csharp",
  "fsharp",
  "matlab",
  "octave",
  "sql",
]

function cell(id: string, source = "", ...tags: string[]): Cell {
  return { id, cell_type: "code", metadata: { tags }, source, outputs: [], execution_count: null }
}

function notebookIn(language: string, ...cells: readonly Cell[]): Notebook {
  return { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: language } }, cells }
}

function bindings(values: { readonly [name: string]: Json }): Bindings {
  return Object.entries(values).map(([name, value]) => ({ name, value, secret: false }))
}

function injected(notebook: Notebook, given: Bindings, options?: InjectOptions): Notebook {
  const outcome = inject(notebook, given, options)
  if (!outcome.ok) throw new Error(outcome.refusal.map((problem) => problem.message).join("\n"))
  return outcome.value
}

function source(language: string, values: { readonly [name: string]: Json }, options?: InjectOptions): string {
  return injected(notebookIn(language), bindings(values), options).cells[0]?.source ?? ""
}

function messages(language: string, given: Bindings, options?: InjectOptions): readonly string[] {
  const outcome = inject(notebookIn(language), given, options)
  return outcome.ok ? [] : outcome.refusal.map((problem) => problem.message)
}

const one = bindings({ x: 1 })
const ids = (notebook: Notebook) => notebook.cells.map((each) => each.id).join(" ")

test("the cell replaces the first injected one, else follows the first parameters cell, else comes first", () => {
  const old = cell("old", "x = 0", "injected-parameters")
  expect(ids(injected(notebookIn("python", cell("a"), cell("p", "", "parameters"), old, cell("b"), old), one))).toBe("a p old b old")
  expect(injected(notebookIn("python", old), one).cells[0]?.source).toBe("# Parameters\nx = 1\n")
  expect(ids(injected(notebookIn("python", cell("a"), cell("p", "", "parameters"), cell("q", "", "parameters")), one))).toBe(
    "a p injected-parameters q",
  )
  expect(ids(injected(notebookIn("python", cell("a"), cell("injected-parameters")), one))).toBe("injected-parameters-2 a injected-parameters")
})

test("the cell is an ordinary code cell with exactly one tag; the same input gives the same cell", () => {
  const result = injected(notebookIn("python"), one)
  expect(result.cells[0]).toEqual({
    id: "injected-parameters",
    cell_type: "code",
    metadata: { tags: ["injected-parameters"] },
    source: "# Parameters\nx = 1\n",
    outputs: [],
    execution_count: null,
  })
  expect(injected(notebookIn("python"), one)).toEqual(result)
  expect(injected(notebookIn("python"), one, { reportMode: true }).cells[0]?.metadata).toEqual({
    tags: ["injected-parameters"],
    jupyter: { source_hidden: true },
  })
})

test("without bindings the notebook is given back as it is, whatever its language", () => {
  const notebook = notebookIn("cobol", cell("a"))
  expect(inject(notebook, [])).toEqual({ ok: true, value: notebook })
})

test("the language comes from the kernel's name, then from the language's", () => {
  const kernels: readonly (readonly [string, string, Language | undefined])[] = [
    ["python3", "python", "python"],
    ["my-env", "python", "python"],
    ["pysparkkernel", "", "python"],
    ["ir", "R", "r"],
    ["sparkrkernel", "python", "r"],
    ["julia-1.11", "julia", "julia"],
    ["julia-1.11", "", "julia"],
    [".net-csharp", "C#", "csharp"],
    ["deno", "typescript", "typescript"],
    ["bash", "bash", "bash"],
    ["cobol", "cobol", undefined],
    ["", "", undefined],
    ["constructor", "toString", undefined],
  ]
  for (const [kernel, language, expected] of kernels) expect(languageFor(kernel, language), `${kernel} ${language}`).toBe(expected)
  expect(messages("cobol", one)).toEqual([expect.stringMatching(/cannot write parameters in "cobol".*Python, R, Julia/)])
  expect(messages("", one)).toEqual([expect.stringContaining("does not say which language")])
  expect(injected(notebookIn(""), one, { language: "R" }).cells[0]?.source).toBe("# Parameters\nx = 1\n")
})

const SAMPLE = json(
  '{"n": null, "b": true, "i": 7, "big": 12345678901234567890, "f": 1.0, "nan": NaN, "inf": -Infinity, "s": "it\'s $x \\"q\\" \\\\ é😍\\n", "l": [1, "a", [2.5]], "u": [1, 2], "d": {"k": 1, "__proto__": [true]}, "e": [], "m": {}}',
) as { readonly [name: string]: Json }

function literals(language: string): { readonly [name: string]: string } {
  const entries = Object.entries(SAMPLE).map(([name, value]) => {
    const outcome = inject(notebookIn(language), bindings({ v: value }))
    return [name, outcome.ok ? (outcome.value.cells[0]?.source ?? "").split("\n").slice(1, -1).join("\n") : "refused"] as const
  })
  return Object.fromEntries(entries)
}

test("Python is written as papermill writes it", () => {
  expect(literals("python")).toEqual({
    n: "v = None",
    b: "v = True",
    i: "v = 7",
    big: "v = 12345678901234567890",
    f: "v = 1.0",
    nan: "v = float('nan')",
    inf: "v = float('-inf')",
    s: 'v = "it\'s $x \\"q\\" \\\\ \\xe9\\U0001f60d\\n"',
    l: 'v = [1, "a", [2.5]]',
    u: "v = [1, 2]",
    d: 'v = {"k": 1, "__proto__": [True]}',
    e: "v = []",
    m: "v = {}",
  })
  expect(source("python", { a: json("1e16"), b: json("0.00001"), c: json("1.10"), d: 0.1, e: json("5e-324") })).toBe(
    "# Parameters\na = 1e+16\nb = 1e-05\nc = 1.1\nd = 0.1\ne = 5e-324\n",
  )
  // Python 3.11 refuses longer decimals.
  expect(source("python", { a: new NumberLexeme("9".repeat(4301)) })).toMatch(/^# Parameters\na = 0x[0-9a-f]+\n$/)
})

test("R is written as papermill writes it, but for what R would read otherwise", () => {
  expect(literals("R")).toEqual({
    n: "v = NULL",
    b: "v = TRUE",
    i: "v = 7",
    big: "refused",
    f: "v = 1.0",
    nan: "v = NaN",
    inf: "v = -Inf",
    s: 'v = "it\'s $x \\"q\\" \\\\ \\u00e9\\U0001f60d\\n"',
    l: 'v = list(1, "a", list(2.5))',
    u: "v = list(1, 2)",
    d: 'v = list("k" = 1, "__proto__" = list(TRUE))',
    e: "v = list()",
    m: "v = list()",
  })
  expect(source("R", { _a: "\x01", b: json("1180591620717411303424") })).toBe('# Parameters\na = "\\x01"\nb = 0x400000000000000000\n')
  expect(source("R", { a: { "": 1 } })).toBe('# Parameters\na = structure(list(1), names = c(""))\n')
  expect(messages("R", bindings({ a: "x\0y" }))).toEqual([
    "The parameter a cannot be written: R cannot hold the character U+0000. Give it another value.",
  ])
})

test("Bash is written as papermill writes it, but for what a terminal would not take as it is", () => {
  expect(literals("bash")).toEqual({
    n: "v=",
    b: "v=true",
    i: "v=7",
    big: "v=12345678901234567890",
    f: "v=1.0",
    nan: "v=nan",
    inf: "v=-inf",
    s: "v=$'it\\x27s $x \"q\" \\\\ \\xc3\\xa9\\xf0\\x9f\\x98\\x8d\\n'",
    l: "refused",
    u: "v=(1 2)",
    d: "refused",
    e: "v=()",
    m: "declare -A v=()",
  })
  expect(source("bash", { a: "it's", b: "two\nlines", c: "/a,b:c@d%e+f=g_h-i.j", d: "", e: ["a b", null], f: { "k]": "v" }, g: json("1.10") })).toBe(
    `# Parameters\na='it'"'"'s'\nb='two\nlines'\nc=/a,b:c@d%e+f=g_h-i.j\nd=''\ne=('a b' '')\ndeclare -A f=(['k]']=v)\ng=1.10\n`,
  )
})

// Checked as text only: no interpreter of these languages takes part in the tests.
test("Julia escapes what would interpolate, and keeps 1 from becoming 1.0", () => {
  expect(literals("julia")).toMatchObject({
    n: "v = nothing",
    big: "v = 12345678901234567890",
    nan: "v = NaN",
    inf: "v = -Inf",
    s: 'v = "it\'s \\$x \\"q\\" \\\\ \\u00e9\\U0001f60d\\n"',
    l: 'v = Any[1, "a", [2.5]]',
    u: "v = [1, 2]",
    d: 'v = Dict{String, Any}("k" => 1, "__proto__" => [true])',
    e: "v = Any[]",
    m: "v = Dict{String, Any}()",
  })
  expect(source("julia", { a: "$(run(`id`))", b: [1, json("1.5")] })).toBe('# Parameters\na = "\\$(run(`id`))"\nb = Any[1, 1.5]\n')
})

test("JavaScript and TypeScript assign a variable, redeclare a constant, and declare what is new", () => {
  expect(literals("typescript")).toMatchObject({
    n: "let v = null;",
    big: "let v = 12345678901234567890n;",
    f: "let v = 1.0;",
    s: 'let v = "it\'s $x \\"q\\" \\\\ \\u00e9\\ud83d\\ude0d\\n";',
    d: 'let v = {"k": 1, ["__proto__"]: [true]};',
  })
  const notebook = notebookIn("javascript", cell("p", "let a = 1; const b = 2\nvar c = 3\nd = 4", "parameters"))
  expect(injected(notebook, bindings({ a: 5, b: 6, c: 7, d: 8, e: 9 })).cells[1]?.source).toBe(
    "// Parameters\na = 5;\nconst b = 6;\nc = 7;\nd = 8;\nlet e = 9;\n",
  )
})

test("Scala", () => {
  expect(literals("scala")).toMatchObject({
    n: "val v = None",
    big: 'val v = BigInt("12345678901234567890")',
    nan: "val v = Double.NaN",
    s: 'val v = "it\'s $x \\"q\\" \\\\ \\u00e9\\ud83d\\ude0d\\n"',
    l: 'val v = Seq[Any](1, "a", Seq(2.5))',
    d: 'val v = Map[String, Any]("k" -> 1, "__proto__" -> Seq(true))',
  })
  expect(source("scala", { a: 2_147_483_648, b: -2_147_483_648 })).toBe("// Parameters\nval a = 2147483648L\nval b = -2147483648\n")
  const long = source("scala", { a: "x".repeat(25_000) })
  expect(long.match(/"x*"/g)?.map((piece) => piece.length - 2)).toEqual([10_000, 10_000, 5_000])
  // Scala 2.12 reads \u000a in a comment as a line's end.
  expect(source("scala", { a: 1 }, { comment: "x \\u000a sys.exit()" })).toBe("// x  u000a sys.exit()\nval a = 1\n")
})

test("PowerShell quotes so that nothing interpolates, curly quotes included", () => {
  expect(literals("powershell")).toMatchObject({
    n: "$v = $Null",
    b: "$v = $True",
    nan: "$v = [double]::NaN",
    big: "$v = [bigint]::Parse('12345678901234567890')",
    l: "$v = @(1, 'a', @(2.5))",
    d: "$v = @{'k' = 1; '__proto__' = @($True)}",
    m: "$v = @{}",
  })
  expect(source("powershell", { a: "$(whoami) it's `n", b: "x’; whoami; ‘", c: "\n", d: [[1]] })).toBe(
    "# Parameters\n$a = '$(whoami) it''s `n'\n$b = [string]::Join('', @('x', [char]8217, '; whoami; ', [char]8216))\n$c = [string]::Join('', @([char]10))\n$d = @(,@(1))\n",
  )
  expect(messages("powershell", bindings({ a: { k: 1, K: 2 } }))[0]).toContain("differ only by case")
})

test("C# and F#", () => {
  expect(literals("c#")).toMatchObject({
    n: "object v = null;",
    big: 'var v = System.Numerics.BigInteger.Parse("12345678901234567890");',
    l: 'var v = new object[] { 1, "a", new [] { 2.5 } };',
    u: "var v = new [] { 1, 2 };",
    d: 'var v = new System.Collections.Generic.Dictionary<string, object> { { "k", 1 }, { "__proto__", new [] { true } } };',
    e: "var v = new object[] { };",
  })
  expect(literals("f#")).toMatchObject({
    n: "let v = None",
    nan: "let v = System.Double.NaN",
    s: 'let v = "it\'s $x \\"q\\" \\\\ \\u00e9\\U0001f60d\\n"',
    l: 'let v = [ box (1); box ("a"); box ([ 2.5 ]) ]',
    u: "let v = [ 1; 2 ]",
    d: 'let v = Map.ofList ([ ("k", box (1)); ("__proto__", box ([ true ])) ] : (string * obj) list)',
  })
  expect(source("f#", { a: [1, 3_000_000_000] }, { comment: '*) "x' })).toBe('// *) "x\nlet a = [ box (1); box (3000000000L) ]\n')
})

test("MATLAB and Octave", () => {
  expect(literals("matlab")).toMatchObject({
    n: "v = [];",
    big: "refused",
    nan: "v = NaN;",
    s: "v = ['it''s $x \"q\" \\ é', char([55357 56845 10])];",
    l: "v = {1, 'a', {2.5}};",
    d: "v = containers.Map({'k', '__proto__'}, {1, {true}}, 'UniformValues', false);",
    m: "v = containers.Map('KeyType', 'char', 'ValueType', 'any');",
  })
  expect(literals("octave")["s"]).toBe("v = ['it''s $x \"q\" \\ é', char([240 159 152 141 10])];")
})

test("SQL gets a map for the query broker and no statement at all", () => {
  expect(source("sql", { region: "'; DROP TABLE x; --", n: json("1.0") })).toBe('{\n "n": 1.0,\n "region": "\'; DROP TABLE x; --"\n}\n')
})

const HOSTILE_NAMES = [
  "",
  " x",
  "x y",
  "x;y",
  "x=1;import os;x",
  "x\ny",
  "x'",
  'x"',
  "x`",
  "x$(id)",
  "x[0]",
  "x.y()",
  "1x",
  "x-y",
  "x#",
  "x//",
  "x\0",
  "x\u2028y",
  "ｘ",
]

test("no name is written that is not a plain variable name", () => {
  for (const language of LANGUAGES) {
    for (const name of HOSTILE_NAMES) {
      expect(messages(language, bindings({ [name]: 1 })).length, `${language} ${JSON.stringify(name)}`).toBe(1)
    }
    expect(messages(language, bindings({ region: 1, n_2: 2 })), language).toEqual([])
  }
  const reserved: readonly (readonly [Language, string])[] = [
    ["python", "class"],
    ["python", "None"],
    ["r", "TRUE"],
    ["r", "..1"],
    ["julia", "end"],
    ["scala", "val"],
    ["javascript", "__proto__"],
    ["typescript", "let"],
    ["bash", "PROMPT_COMMAND"],
    ["bash", "PS1"],
    ["bash", "BASH_ENV"],
    ["bash", "LD_PRELOAD"],
    ["bash", "IFS"],
    ["powershell", "ExecutionContext"],
    ["powershell", "null"],
    ["csharp", "string"],
    ["fsharp", "let"],
    ["matlab", "end"],
    ["octave", "endif"],
  ]
  for (const [language, name] of reserved) expect(nameProblem(language, name), `${language} ${name}`).toBeDefined()
})

test("half a surrogate pair is refused in every language, in text and in keys", () => {
  for (const language of LANGUAGES) {
    expect(messages(language, bindings({ x: "a\ud800" }))[0], language).toContain("surrogate")
    expect(messages(language, bindings({ x: { "\udc00": 1 } })).length, language).toBe(1)
  }
})

test("nesting that stops a language's parser is refused", () => {
  let deep: Json = 1
  for (let level = 0; level < 300; level++) deep = [deep]
  for (const language of LANGUAGES) expect(messages(language, bindings({ x: deep })).length, language).toBe(1)
})

test("all problems come at once", () => {
  expect(messages("bash", [...bindings({ "a b": 1, c: [[1]] }), { name: "d", value: "x", secret: true }])).toHaveLength(3)
})

test("the comment is one line, whatever it says", () => {
  for (const language of LANGUAGES) {
    const text = source(language, { x: 1 }, { comment: "a\nb\r\nc\u2028d\u0085e\\\0f" })
    if (language !== "sql") expect(text.split(/[\n\r\u2028\u2029\u0085]/).length, language).toBe(3)
  }
  expect(source("python", { x: 1 }, { comment: "" })).toBe("#\nx = 1\n")
})

test("a secret stands nowhere in the notebook, only the path of the file that holds it", () => {
  const secret: Bindings = [...bindings({ a: 1 }), { name: "token", value: "hunter2", secret: true }]
  for (const language of ["python", "r", "julia", "bash", "powershell", "javascript", "typescript"] as const) {
    const result = injected(notebookIn(language), secret, { secretFile: "/run/it's/secret" })
    expect(JSON.stringify(result), language).not.toContain("hunter2")
    expect(result.cells[0]?.source, language).toContain("secret")
    expect(secretDocument(secret, language), language).toBe(
      ["python", "powershell", "javascript", "typescript"].includes(language) ? '{"token":"hunter2"}' : "hunter2\0",
    )
    expect(messages(language, secret)[0], language).toContain("no private file")
  }
  expect(secretDocument(bindings({ a: 1 }), "python")).toBe("")
})

test("a language that cannot be handed a secret safely refuses it, without telling it", () => {
  const secret: Bindings = [{ name: "token", value: "hunter2", secret: true }]
  for (const language of ["scala", "csharp", "fsharp", "matlab", "octave", "sql"] as const) {
    const [message] = messages(language, secret, { secretFile: "/run/secret" })
    expect(message, language).toContain("no safe way")
    expect(message).not.toContain("hunter2")
  }
  expect(messages("bash", [{ name: "pin", value: 7, secret: true }], { secretFile: "/x" })[0]).toContain("must be a text")
})
