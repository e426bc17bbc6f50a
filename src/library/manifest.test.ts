import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { filesNeeded } from "#library/manifest.ts"
import { byBytes, manifestDigest } from "#library/manifest-list.ts"
import { filesNamed, pathsOf, within } from "#library/manifest-resolve.ts"
import type { Notebook } from "#notebook/index.ts"
import { notebookOf } from "#notebook/testing.ts"

type Files = { readonly [path: string]: string | Notebook }

/** The files that a notebook of these cells, standing at `at`, needs of those. */
async function needed(files: Files, cells: readonly string[], { at = "nb.ipynb", language = "python" } = {}): Promise<readonly string[]> {
  const notebook = { ...notebookOf(...cells), metadata: { language_info: { name: language } } }
  return filesNeeded(notebook, at, { paths: pathsOf(Object.keys(files)), read: async (path) => files[path] })
}
const empty = (...paths: readonly string[]): Files => Object.fromEntries(paths.map((path) => [path, ""]))

describe("what Python imports", () => {
  test("is found: modules, packages and what runs before what is in them", async () => {
    const files = empty(
      "helpers.py",
      "pkg/__init__.py",
      "pkg/mod.py",
      "pkg/sub/__init__.py",
      "pkg/sub/deep.py",
      "space/mod.py",
      "other.py",
      "numpy.txt",
    )
    expect(await needed(files, ["import helpers"])).toEqual(["helpers.py"])
    expect(await needed(files, ["import numpy, helpers as h"])).toEqual(["helpers.py"])
    expect(await needed(files, ["import pkg.mod"])).toEqual(["pkg/__init__.py", "pkg/mod.py"])
    expect(await needed(files, ["from pkg import mod"])).toEqual(["pkg/__init__.py", "pkg/mod.py"])
    expect(await needed(files, ["from pkg.sub import (deep, # why\n  nothing)"])).toEqual([
      "pkg/__init__.py",
      "pkg/sub/__init__.py",
      "pkg/sub/deep.py",
    ])
    expect(await needed(files, ["from pkg.mod import *"])).toEqual(["pkg/__init__.py", "pkg/mod.py"])
    expect(await needed(files, ["import space.mod"])).toEqual(["space/mod.py"])
    expect(await needed(files, ["def f():\n    if True:\n        from pkg . mod import x"])).toEqual(["pkg/__init__.py", "pkg/mod.py"])
    expect(await needed(files, ['import importlib\nimportlib.import_module("pkg.mod")\n__import__("other")'])).toEqual([
      "other.py",
      "pkg/__init__.py",
      "pkg/mod.py",
    ])
    expect(await needed(files, ["# import helpers\nx = 'import helpers'"])).toEqual([])
  })

  test("is followed through the files that it finds, round circles and by relative imports", async () => {
    const files = {
      "work/helpers.py": "import pkg.a\n",
      "work/pkg/__init__.py": "from . import b\n",
      "work/pkg/a.py": "from .b import x\nfrom ..top import y\nimport helpers\n",
      "work/pkg/b.py": "import json\nfrom .sub import c as d\n",
      "work/pkg/sub/__init__.py": "",
      "work/pkg/sub/c.py": "from ...nowhere import z\nfrom .... import out",
      "work/top.py": "open('table.csv')",
      "work/table.csv": "",
      "helpers.py": "",
      "table.csv": "",
    }
    const all = [
      "work/helpers.py",
      "work/pkg/__init__.py",
      "work/pkg/a.py",
      "work/pkg/b.py",
      "work/pkg/sub/__init__.py",
      "work/pkg/sub/c.py",
      "work/table.csv",
      "work/top.py",
    ]
    expect(await needed(files, ["import helpers"], { at: "work/nb.ipynb" })).toEqual(all)
  })

  test("is looked for where the notebook adds to the search path", async () => {
    const files = { "lib/tools.py": "import more", "lib/more.py": "", "src/inner/x.py": "", "tools.py": "" }
    expect(await needed(files, ["import sys", 'sys.path.insert(0, "../lib")', "import tools"], { at: "nb/a.ipynb" })).toEqual([
      "lib/more.py",
      "lib/tools.py",
    ])
    expect(await needed(files, ["import x", "import os, sys\nsys.path.append(os.path.join('..', 'src', 'inner'))"], { at: "nb/a.ipynb" })).toContain(
      "src/inner/x.py",
    )
    expect(await needed(files, ["import tools"], { at: "nb/a.ipynb" })).toEqual([])
  })

  test("is found though the cell is no Python from some line on", async () => {
    const files = empty("helpers.py", "late.py", "data.csv")
    expect(await needed(files, ["import helpers\nthis is ) no python (\nimport late\nopen('data.csv')"])).toEqual([
      "data.csv",
      "helpers.py",
      "late.py",
    ])
  })
})

describe("what is named", () => {
  const files = empty(
    "data.csv",
    "in/a.csv",
    "in/b.csv",
    "in/deep/c.csv",
    "in/notes.md",
    "it's.csv",
    "ü/größe.csv",
    "conf.yaml",
    "requirements.txt",
    "nb/local.csv",
    "r",
    "utf-8",
  )

  test.each<[string, readonly string[]]>([
    ['pd.read_csv("data.csv")', ["data.csv"]],
    ["open('./in/../data.csv', 'r')", ["data.csv", "r"]],
    ['open(r"in/a.csv")', ["in/a.csv"]],
    ["open('''data.csv''')", ["data.csv"]],
    ["open(\"it's.csv\"), open('it\\'s.csv')", ["it's.csv"]],
    ['open("\\u00fc/gro\\u0308\\xdfe.csv")', ["ü/größe.csv"]],
    ['open("ü/größe.csv")', ["ü/größe.csv"]],
    ['open("u\u0308/gro\u0308ße.csv")', ["ü/größe.csv"]],
    ['os.listdir("in")', ["in/a.csv", "in/b.csv", "in/deep/c.csv", "in/notes.md"]],
    ['glob("in/*.csv")', ["in/a.csv", "in/b.csv"]],
    ['glob("in/**/*.csv")', ["in/a.csv", "in/b.csv", "in/deep/c.csv"]],
    ['glob("in/[ab].csv") + glob("in/?.cs*")', ["in/a.csv", "in/b.csv"]],
    ['f"in/{name}.csv"', ["in/a.csv", "in/b.csv"]],
    ['"in/%s.csv" % name', ["in/a.csv", "in/b.csv"]],
    ['"in/{}.csv".format(name)', ["in/a.csv", "in/b.csv"]],
    ['Path("in") / "deep" / "c.csv"', ["in/a.csv", "in/b.csv", "in/deep/c.csv", "in/notes.md"]],
    ['os.path.join(here, "in", "deep", "c.csv")', ["in/a.csv", "in/b.csv", "in/deep/c.csv", "in/notes.md"]],
    ['f"{a}{b}", "*", "**", "*.*", ".", "", "/", "..", "in/../.."', []],
    ['open("/etc/passwd"), open("../../data.csv"), open("http://x/data.csv"), open("~/data.csv")', []],
    ["open(b'data.csv')", []],
    ["# data.csv\ndata.csv", []],
    ["%%writefile data.csv\nopen('conf.yaml')", []],
    ["%%time\nopen('data.csv')", ["data.csv"]],
    ["%%bash -e\ncat data.csv | head; python x.py --conf=conf.yaml  # in/a.csv", ["conf.yaml", "data.csv"]],
    ["%%R\nread.csv('data.csv')", ["data.csv"]],
    ["%%html\n<img src='in/notes.md'>", ["in/notes.md"]],
    ["!cat in/*.csv > out.txt", ["in/a.csv", "in/b.csv"]],
    ["files = !ls in/a.csv \\\n  data.csv\nopen('conf.yaml')", ["conf.yaml", "data.csv", "in/a.csv"]],
    ["%pip install -q -r requirements.txt", ["requirements.txt"]],
    ["%time df = pd.read_csv('data.csv')", ["data.csv"]],
    ["x = 5 %3\nopen('data.csv')", ["data.csv"]],
  ])("%s", async (cell, expected) => {
    expect(await needed(files, [cell])).toEqual([...expected].sort())
  })

  test("is taken from where the notebook stands", async () => {
    expect(await needed(files, ["open('local.csv'), open('data.csv'), open('../data.csv')"], { at: "nb/x.ipynb" })).toEqual([
      "data.csv",
      "nb/local.csv",
    ])
  })

  test("in Markdown is its images", async () => {
    const pictures = empty("img/a b.png", "img/c.png", "img/d.svg", "img/e(1).png", "data.csv")
    const markdown =
      "# Title ![one](img/a%20b.png 'title') ![two](<img/a b.png>) <img alt='x' src=\"img/c.png?raw=1\"> ![three][d] ![no](http://x/img/c.png) [link](data.csv)\n\n[d]: img/d.svg"
    expect(await needed(pictures, [markdown])).toEqual(["img/a b.png", "img/c.png", "img/d.svg"])
  })

  test("by other languages is what stands between their quotes", async () => {
    const sources = {
      "x.R": "read.csv('deep.csv')",
      "deep.csv": "",
      "data.csv": "",
      "mod.js": "import './deep.csv'",
      "s.jl": "",
      "run.sh": "cat data.csv",
    }
    expect(await needed(sources, ['source("x.R") # "data.csv"\nd <- read.csv(file = \'data.csv\')'], { language: "R" })).toEqual([
      "data.csv",
      "deep.csv",
      "x.R",
    ])
    expect(await needed(sources, ['A = B\' # "data.csv"\ninclude("s.jl"); C = D\''], { language: "julia" })).toEqual(["s.jl"])
    expect(await needed(sources, [`import x from "./mod.js" // "data.csv"\nconst t = \`da\${t}.csv\``], { language: "typescript" })).toEqual([
      "data.csv",
      "deep.csv",
      "mod.js",
    ])
    expect(await needed(sources, ["bash run.sh"], { language: "bash" })).toEqual(["data.csv", "run.sh"])
  })
})

test("what is run is read as well: scripts with their own folder, notebooks with their cells", async () => {
  const files: Files = {
    "tools/script.py": "import beside\nopen('table.csv')",
    "tools/beside.py": "",
    "tools/table.csv": "",
    "other.ipynb": notebookOf("import helpers", "# text ![x](pic.png)"),
    "helpers.py": "",
    "pic.png": "",
    "train.py": "open('table.csv')",
    "table.csv": "",
  }
  expect(await needed(files, ["%run tools/script --fast"])).toEqual(["table.csv", "tools/beside.py", "tools/script.py", "tools/table.csv"])
  expect(await needed(files, ["%run other.ipynb"])).toEqual(["helpers.py", "other.ipynb", "pic.png"])
  expect(await needed(files, ["%run other"])).toEqual(["helpers.py", "other.ipynb", "pic.png"])
  expect(await needed(files, ["!python -u train.py"])).toEqual(["table.csv", "train.py"])
  expect(await needed(files, ["%load helpers.py"])).toEqual(["helpers.py"])
  expect(await needed(files, ["%load_ext helpers"])).toEqual(["helpers.py"])
  expect(await needed(files, ["%run other"], { at: "other.ipynb" })).toEqual([])
})

test("a folder of hundreds of files is not taken for one word", async () => {
  const many = empty(...Array.from({ length: 500 }, (_, i) => `data/${i}.csv`))
  expect(await needed(many, ['df["data"], glob("data/*.csv")'])).toEqual([])
  expect(await needed(many, ['"data/7.csv"'])).toEqual(["data/7.csv"])
})

describe("a folder above that is named alone", () => {
  const files = empty(
    "home/data.csv",
    "home/other.csv",
    "home/sub/x.csv",
    "home/sub/y.csv",
    "home/helpers.py",
    "home/nb/local.csv",
    "top.csv",
    "wide/z.csv",
  )
  test.each<readonly [what: string, expected: readonly string[], cell: string]>([
    ["brings nothing of itself", [], "root = '..'"],
    ["with a slash, and further up", [], "a = '../'\nb = '../..'\nc = './..'\nd = 'x/../..'"],
    ["in a call", [], "os.listdir('..')\nPath('..').resolve()\nos.path.abspath(os.path.join('..', '..'))"],
    ["a file that is joined to it", ["home/data.csv"], "os.path.join('..', 'data.csv')"],
    ["one that is joined to its name", ["home/data.csv"], "root = '..'\nopen(os.path.join(root, 'data.csv'))"],
    ["by a slash", ["home/data.csv"], "root = Path('..')\nopen(root / 'data.csv')"],
    ["behind it", ["home/data.csv", "home/other.csv"], "root = '..'\nopen(root + '/data.csv')\nopen(f'{root}/other.csv')"],
    ["a folder below it", ["home/sub/x.csv", "home/sub/y.csv"], "root = Path('..') / 'sub'"],
    ["a pattern", ["home/sub/x.csv", "home/sub/y.csv"], "root = '..'\nglob(root + '/sub/*.csv')"],
    ["further up", ["top.csv"], "root = '../..'\nopen(root + '/top.csv')"],
    ["when it is gone to", ["home/data.csv"], "os.chdir('..')\nopen('data.csv')"],
    ["in a shell line", ["home/data.csv"], "!cd .. && cat data.csv"],
    ["modules that are found in it", ["home/helpers.py"], "import sys\nsys.path.append('..')\nimport helpers"],
    ["and a file that is named whole", ["home/data.csv"], "open('../data.csv')"],
  ])("%s", async (_, expected, cell) => expect(await needed(files, [cell], { at: "home/nb/a.ipynb" })).toEqual(expected))
})

test("no source takes long or breaks it, and only files of the space are found", async () => {
  const paths = ["a.py", "b/c.py", "d.csv"]
  const bits = fc.constantFrom(
    "import a",
    "from b import c",
    "'d.csv'",
    "%run a",
    "!cat d.csv",
    '"',
    "'",
    "(",
    "[",
    "{",
    "\\",
    "\n",
    "%%bash\n",
    "f'{x}",
    "*",
    "**/",
    "../",
    "`",
    "${",
    "=",
    "\0",
    "é",
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(bits, { maxLength: 60 }),
      fc.constantFrom("python", "r", "julia", "typescript", "bash", "cobol"),
      async (parts, language) => {
        for (const path of await needed(empty(...paths), [parts.join("")], { language })) expect(paths).toContain(path)
      },
    ),
    { numRuns: 500 },
  )
  const spentMs = stopwatch()
  for (const source of [
    "'".repeat(50_000),
    "((((".repeat(20_000),
    "import a,".repeat(20_000),
    '"a'.repeat(50_000),
    "![".repeat(50_000),
    "<img ".repeat(20_000),
    "f'{".repeat(20_000),
    "*".repeat(50_000),
    "!a b=".repeat(20_000),
  ]) {
    for (const language of ["python", "r", "typescript", "bash"]) await needed(empty(...paths), [source, `# ${source}`], { language })
  }
  expect(spentMs()).toBeLessThan(20_000)
})

test("patterns and paths of anybody's making stay inside, and take no time", () => {
  const paths = pathsOf(["a".repeat(200), `${"a/".repeat(100)}b`])
  const spentMs = stopwatch()
  for (const pattern of ["a*".repeat(100), "**/".repeat(50), "[a-".repeat(60), "*a".repeat(90), "[!a]*a?".repeat(20)]) filesNamed(pattern, "", paths)
  expect(spentMs()).toBeLessThan(2000)
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "..", ".", "", "b c", "ä"), { maxLength: 8 }),
      fc.array(fc.constantFrom("x", "y"), { maxLength: 3 }),
      (parts, folder) => {
        const path = within(folder.join("/"), parts.join("/"))
        if (path !== undefined) expect(path.split("/")).not.toContain("..")
      },
    ),
  )
})

test("the digest is that of the list as sha256sum prints it, whatever the order of the paths", () => {
  const said: string[] = []
  const digest = (bytes: Uint8Array) => String(said.push(new TextDecoder().decode(bytes)))
  manifestDigest({ "\u{1F600}.py": "c", "b.py": "b", "\uFF01.py": "d", "a.py": "a" }, digest)
  expect(said).toEqual(["a  a.py\nb  b.py\nd  \uFF01.py\nc  \u{1F600}.py\n"])
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(byBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})
