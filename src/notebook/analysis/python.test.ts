import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { flowOf } from "#notebook/analysis/flow.ts"
import { PYTHON } from "#notebook/analysis/python.ts"
import { dependencies, wrong } from "#notebook/analysis/testing.ts"

describe("what a cell defines and uses", () => {
  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["assignment", "", "x = 1", "x"],
    ["a name that nobody defines", "y: 2 nowhere", "x = 1", "y"],
    ["a name from below", "x: 1 later", "x", "x = 1"],
    ["the value comes before the name", "x: 1 later", "x = x + 1"],
    ["several targets", "d: 1 nowhere, f: 1 nowhere", "a, (b, *c), d.e[f] = g = 1, 2, 3", "a, b, c, g"],
    ["augmented", "n: 1 later", "n += 1"],
    ["annotated with a value", "", "x: int = 1", "x"],
    ["annotated without one", "x: 2 nowhere", "x: int", "x"],
    ["deleted", "x: 3 deleted", "x = 1", "del x", "x"],
    ["deleted on a branch", "", "x = 1", "if x: del x", "x"],
    ["imports", "", "import os.path, numpy as np\nfrom a.b import c as d, e\nfrom . import f", "os, np, d, e, f"],
    ["only the first name of a path", "path: 2 nowhere", "import os.path", "path"],
    ["functions keep what is theirs", "y: 2 nowhere", "def f(a, *b, c=1, **d):\n  y = a, b, c, d\n  return y", "y"],
    ["defaults are looked at now", "z: 1 nowhere", "def f(a=z): return a"],
    ["decorators are looked at now", "cached: 1 nowhere", "@cached\ndef f(): pass"],
    ["a body runs when it is called", "", "def f(): return g()", "def g(): return 1", "f()"],
    ["and then finds what is missing", "g: 2 later", "def f(): return g()", "f()", "def g(): return 1"],
    ["also through others", "h: 3 nowhere", "def f(): return g()", "def g(): return h", "f()"],
    ["nobody calls it", "h: 1 nowhere?", "def f(): return h"],
    ["a generator's body does not run at its call", "", "def f():\n  yield g", "f()", "g = 1"],
    ["what is handed on runs at some time", "", "def f(): return g", "map(f, [])", "g = 1"],
    ["recursion", "", "def f(n): return f(n - 1)", "f(1)"],
    ["global", "", "def f():\n  global x\n  x = 1", "f()", "x"],
    ["nonlocal", "", "def f():\n  x = 1\n  def g():\n    nonlocal x\n    x = 2\n  return g", "f()"],
    ["after return nothing runs", "", "def f():\n  return 1\n  return nothing", "f()"],
    ["lambda", "", "f = lambda a, b=1: a + b + c", "c = 1", "f(1)"],
    ["lambda too early", "c: 2 later", "f = lambda: c", "f()", "c = 1"],
    ["comprehensions", "", "xs = [1]", "[x + y for x in xs for y in range(x) if y]\n{x: 1 for x in xs}\n(x for x in xs)\nsum(x for x in xs)"],
    ["a comprehension's name stays inside", "x: 2 nowhere", "[x for x in [1]]", "x"],
    ["its first iterable does not see it", "x: 1 nowhere", "[x for x in x]"],
    ["walrus", "", "if (n := 10) > 5: pass", "n"],
    ["walrus in a comprehension", "", "[y := x for x in [1]]", "y"],
    ["walrus in arguments", "", "print(z := 1, end='')", "z"],
    ["keyword arguments are no names", "", "print(1, sep='', end='')"],
    ["class bodies run now", "X: 1 nowhere", "class A(X): pass"],
    ["members are no names of the notebook", "b: 2 nowhere", "class A:\n  b = 1\n  c = b", "b"],
    ["methods do not see members", "b: 2 nowhere", "class A:\n  b = 1\n  def __init__(self): return b", "A()"],
    ["other methods run at another time", "", "class A:\n  def m(self): return later", "A()", "later = 1"],
    ["for", "", "for i, (a, b) in [(1, (2, 3))]: pass\nelse: pass", "i, a, b"],
    ["with", "", "with open('f') as f, open('g') as (g, h): pass", "f, g, h"],
    ["with into attributes", "a: 1 nowhere", "with open('f') as a.b, open('g') as c:\n  pass", "c"],
    ["a product in a comprehension", "", "m = 2", "[2 * i * m for i in range(m) if i * m in [1] for j in range(2 * i)]"],
    ["a starred target in a comprehension", "", "[a for a, *b in [(1, 2)]]"],
    ["with in parentheses", "", "with (open('f') as f, open('g') as g,):\n  pass", "f, g"],
    ["try", "e: 2 nowhere", "try:\n  1\nexcept ValueError: pass\nfinally: pass", "e"],
    ["a handler's name for the error", "e: 2 nowhere", "try:\n  1\nexcept ValueError as e:\n  print(e)", "e"],
    ["a handler of NameError", "", "try:\n  unicode\nexcept NameError:\n  unicode = str", "unicode"],
    ["a handler of everything", "", "try:\n  maybe\nexcept:\n  pass"],
    ["a handler of something else", "maybe: 1 nowhere", "try:\n  maybe\nexcept ValueError:\n  pass"],
    ["whoever asks whether it is there", "", "if 'df' not in globals():\n  df = 1\nelse:\n  df2"],
    ["if False", "x: 2 nowhere", "if False:\n  x = never", "x"],
    ["main", "go: 1 nowhere", "if __name__ == '__main__':\n  go()"],
    [
      "match",
      "",
      "p = 1",
      "match p:\n  case {'a': x, **rest}: x, rest\n  case str(): pass\n  case int.real(y) | [y, *_]: y\n  case complex() as s if s: s",
    ],
    ["type statements", "", "type X[T] = list[T]", "def f[T](x: T) -> X[T]: return x", "f(1)"],
    ["annotations are looked at when asked", "T: 1 nowhere?", "def f(x: T): pass"],
    ["f-strings", "a: 1 nowhere, w: 1 nowhere, c: 1 nowhere", "f'{a!r:>{w}} {f\"{c}\"}'"],
    ["builtins", "", "print(len([])), ValueError, __name__, exit"],
    ["IPython's names", "", "display(_, __, _1, _i2, In, Out), get_ipython()"],
    ["a notebook has no __file__", "__file__: 1 nowhere", "__file__"],
    ["a value that is called", "list: 2 value", "list = [1]", "list('a')"],
    ["input", "input: 1 asks", "name = input('?')"],
    ["input in a function that is called", "input: 2 asks", "def ask(): return input()", "ask()"],
    ["input of one's own", "", "def input(): return 1", "input()"],
    ["numbers and yields that the grammar lacks", "", "x = 1. + 2.e3", "def g():\n  x = yield\n  yield", "g(), x"],
    ["await at the top", "", "import asyncio", "await asyncio.sleep(0)"],
    ["an indented cell", "y: 1 nowhere", "  x = 1\n  y"],
    ["pasted prompts", "y: 1 nowhere", ">>> x = 1\n>>> x + y"],
  ])("%s", (_, expected, ...sources) => expect(wrong(...sources)).toBe(expected))
})

describe("what cannot be known is not called undefined", () => {
  test.each([
    ["star import", ["from somewhere import *", "sqrt(x)"]],
    ["exec", ["exec('x = 1')", "x"]],
    ["%run", ["%run other.py", "x"]],
    ["%pylab", ["%pylab inline", "plot(linspace(0, 1))"]],
    ["%store -r", ["%store -r", "x"]],
    ["an unknown magic", ["%fetch x", "x"]],
    ["an unknown cell magic", ["%%fetch x\nwhatever this is", "x"]],
    ["globals().update", ["globals().update(d={})", "x"]],
    ["globals()[…]", ["name = 'a'\nglobals()[name] = 1", "a"]],
    ["get_ipython().run_line_magic", ["get_ipython().run_line_magic('run', 'x.py')", "x"]],
    ["a cell that cannot be read may define what it mentions", ["x = = 1", "x"]],
  ])("%s", (_, sources) => expect(wrong(...sources)).toBe(""))

  test.each([
    ["harmless magics", ["%matplotlib inline\n%load_ext autoreload\n%autoreload 2", "x"]],
    ["get_ipython().run_line_magic", ["get_ipython().run_line_magic('matplotlib', 'inline')", "x"]],
    ["a star import further down", ["x", "from somewhere import *"]],
    ["a star import whose names are known", ["from math import *\nsqrt(pi)", "x"]],
  ])("but after %s it is", (_, sources) => expect(wrong(...sources)).toMatch(/^x: \d nowhere$/))
})

describe("IPython's syntax", () => {
  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["x = !cmd", "", "files = !ls *.csv", "files"],
    ["x = %magic", "", "where = %pwd", "where"],
    ["%time defines", "", "%time x = sum([1])", "x"],
    ["%time uses", "y: 1 nowhere", "%time f = y"],
    ["%timeit defines nothing", "x: 2 nowhere", "%timeit -n 1 -r1 x = 1", "x"],
    ["%%time", "y: 1 nowhere", "%%time\nx = y", "x"],
    ["%%timeit with a set-up", "z: 2 nowhere", "%%timeit -n1 y = 1\nz = y", "z"],
    ["%%capture out", "", "%%capture out\nx = 1", "out, x"],
    ["nested cell magics", "", "%%time\n%%capture\nx = 1", "x"],
    ["%%bash is no Python", "x: 2 nowhere", "%%bash --out text\nx=1; echo $y", "text, x"],
    ["%%writefile", "", "%%writefile a.py\nimport nothing\nundefined"],
    ["shell variables are no errors", "", "!echo $x {y}"],
    ["a backslash goes on", "", "!pip install \\\n  numpy\nx = 1", "x"],
    ["help", "", "len?\nstr.split??\n?print\nx = 1", "x"],
    ["a magic in a block", "", "for i in range(2):\n    %time i\n    !echo {i}\nx = 1", "x"],
    ["a magic's sign in a text", "", 's = """\n%run x\n!ls\n"""', "s"],
    ["modulo over lines", "b: 1 nowhere", "a = (1\n% b)"],
    ["automagic in a cell of one line", "", "ls -l", "cd ..", "pip install x"],
    ["%reset", "x: 3 later", "x = 1", "%reset -f", "x"],
    ["%xdel", "x: 3 deleted", "x = 1", "%xdel x", "x"],
    ["%prun with options", "f: 1 nowhere", "%prun -l 10 f(1)"],
  ])("%s", (_, expected, ...sources) => expect(wrong(...sources)).toBe(expected))
})

describe("who uses what of whom", () => {
  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["the last definition above", "3<2 x", "x = 1", "x = 2", "x"],
    ["both, where the later one may not be made", "2<1 c, 3<1 x, 3<2 x", "x = c = 1", "if c: x = 2", "x"],
    ["a change in place", "2<1 d, 3<1 d, 3<2 d", "d = {}", "d['a'] = 1", "d"],
    ["a method that changes", "2<1 l, 3<1 l, 3<2 l", "l = []", "l.append(1)", "l"],
    ["through a function", "3<1 f, 3<2 y", "def f(): return y", "y = 1", "f()"],
    ["in the shell", "2<1 name", "name = 'a'", "!echo $name"],
  ])("%s", async (_, expected, ...sources) => expect(await dependencies("python", ...sources)).toBe(expected))
})

describe("what Python does not take, though the grammar does", () => {
  test.each([
    "print 'a'",
    "x <> y",
    "x = 0777",
    "raise ValueError, 'x'",
    "try:\n  1\nexcept ValueError, e:\n  1",
    "return 1",
    "f() = 1",
    "1 = x",
    "f(a=1, 2)",
    "if x:\n  return 1",
  ])("%s", (source) => expect(PYTHON.read(source).brokenAt).not.toEqual([]))

  test.each([
    "print",
    "x = 1\nprint",
    "map(print, [1])",
    "p = print",
    "print = 1",
    "print(1)",
    "x = 00",
    "x = 0.07",
    "f(*a, b)",
    "f(a=1, *b, **c)",
    "f(a, b=1)",
    "raise ValueError('x')",
  ])("but it does take %s", (source) => expect(PYTHON.read(source).brokenAt).toEqual([]))
})

const pieces = fc.constantFrom(
  ...'x y f def class lambda : ( ) [ ] { } , . = := += \n \n\n    # " \' """ % ! ? %% \\ if else for in import from as with try except del global yield await match case 1. 0x \f \0 \uE000 \uE001 𝛼 \r\n %%time !ls * ** -> @ ~'.split(
    " ",
  ),
  " ",
  "\n",
)
const anySource = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(" ")),
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
)

test("whatever stands in a cell, it is read, and what is found lies in it", () => {
  fc.assert(
    fc.property(fc.array(anySource, { maxLength: 4 }), (sources) => {
      const cells = sources.map((source, at) => ({ id: String(at), names: PYTHON.read(source) }))
      for (const { use, cell } of flowOf(cells, PYTHON.isBuiltin).undefined) {
        const written = sources[Number(cell)]?.slice(use.from, use.to) ?? ""
        expect(written).toContain(use.name)
      }
    }),
    { numRuns: 2000 },
  )
})

const line = fc.constantFrom(
  "a = 1",
  "b = a",
  "c = b + a",
  "del a",
  "def f(): return c",
  "f()",
  "import a",
  "for a in b: c = a",
  "print(d)",
  "d = [a for a in b]",
)

test("two cells do to names what their sources do as one", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.array(line, { minLength: 1, maxLength: 5 }), (first, second) => {
      const namesOf = (sources: readonly string[]) =>
        new Set(
          wrong(...sources)
            .split(", ")
            .map((text) => text.replace(/ \d.*/, "")),
        )
      expect(namesOf([[...first, ...second].join("\n")])).toEqual(namesOf([first.join("\n"), second.join("\n")]))
    }),
  )
})

test("depth and length are no danger", () => {
  const deep = [
    "* for ".repeat(30_000),
    "with as ".repeat(20_000),
    "case a.b(".repeat(20_000),
    "x = %".repeat(30_000),
    "\n%%time".repeat(20_000),
    "print a.".repeat(20_000),
    "(".repeat(5000),
    `x = ${"a + ".repeat(20_000)}1`,
    `${"not ".repeat(10_000)}x`,
    `a${".b".repeat(20_000)}`,
    "x = 1\n".repeat(60_000),
    `"""${"\\".repeat(100_000)}`,
  ]
  for (const source of deep) expect(() => PYTHON.read(source)).not.toThrow()
  const nested = Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}if x:`).join("\n")
  expect(() => PYTHON.read(`${nested}\n${" ".repeat(300)}pass`)).not.toThrow()
})
