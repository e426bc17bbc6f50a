import { describe, expect, test } from "vitest"
import { openAnalyst, toldWriting, writingCells } from "#notebook/analysis/analysis.ts"
import { python } from "#notebook/analysis/testing.ts"
import type { Language } from "#notebook/languages.ts"

type Files = { readonly [path: string]: string }

/** "2 network requests.post in helpers.publish", by cell, of a notebook in the folder `work`. */
async function writing(files: Files, cells: readonly string[], language: Language = "python"): Promise<string> {
  const analyst = await openAnalyst(language)
  const notebook = python(...cells)
  const sources = { home: "work", texts: new Map(Object.entries(files)) }
  return writingCells(notebook, analyst.readiness(notebook, { sources }).effects)
    .map(toldWriting)
    .map(({ number, what }) => `${number} ${what.join(" and ")}`)
    .join(", ")
}

const PUBLISH = "import requests\n\ndef publish(rows):\n    requests.post(u, json=rows)\n\ndef shape(rows):\n    return rows\n"
const HELPERS = { "work/helpers.py": PUBLISH }
const POSTS = "network requests.post in helpers.publish"

describe("what a cell runs that a module beside the notebook defines", () => {
  test.each<readonly [what: string, expected: string, files: Files, ...cells: string[]]>([
    ["a function", `2 ${POSTS}`, HELPERS, "import helpers", "helpers.publish(x)", "helpers.shape(x)"],
    [
      "nothing where it only computes, whatever it is called",
      "",
      { "work/helpers.py": "def publish(x):\n    return x" },
      "import helpers\nhelpers.publish(1)",
    ],
    ["by its name", `2 ${POSTS}`, HELPERS, "from helpers import publish, shape", "publish(shape(x))"],
    ["by another name", `1 ${POSTS}, 2 ${POSTS}`, HELPERS, "from helpers import publish as p\np(x)", "import helpers as h\nh.publish(x)"],
    ["by a star", `2 ${POSTS}`, HELPERS, "from helpers import *", "publish(x)"],
    ["held by a name", `3 ${POSTS}`, HELPERS, "import helpers", "p = helpers.publish\nh = helpers", "p(x)"],
    ["of the module by another name", `3 ${POSTS}`, HELPERS, "import helpers", "h = helpers", "h.publish(x)"],
    ["brought by its name as a text", `2 ${POSTS}`, HELPERS, "import importlib\nh = importlib.import_module('helpers')", "h.publish(x)"],
    ["that is handed on", `2 ${POSTS}`, HELPERS, "import helpers", "list(map(helpers.publish, rows))"],
    ["asked for by a text", `2 ${POSTS}`, HELPERS, "import helpers", "getattr(helpers, name)(x)", "print(helpers)"],
    ["by a function of the notebook", `2 ${POSTS}`, HELPERS, "import helpers\ndef go():\n    helpers.publish(x)", "go()"],
    ["imported in the function", `2 ${POSTS}`, HELPERS, "def go():\n    from helpers import publish as p\n    p(x)", "go()"],
    ["handed on in the function that imports it", `2 ${POSTS}`, HELPERS, "def go():\n    import helpers\n    list(map(helpers.publish, x))", "go()"],
    ["nothing that no cell calls", "", HELPERS, "import helpers\nhelpers.shape(x)"],
    [
      "what its functions call",
      "2 file open in helpers._keep",
      { "work/helpers.py": "def keep(x):\n    _keep(x)\n\ndef _keep(x):\n    open(P, 'w').write(x)" },
      "import helpers",
      "helpers.keep(x)",
    ],
    [
      "a method",
      "3 file open in helpers.Store",
      { "work/helpers.py": "class Store:\n    def keep(self):\n        open('x', 'w')\n    def look(self):\n        pass" },
      "from helpers import Store",
      "s = Store()\ns.look()",
      "s.keep()",
    ],
    [
      "a method that a class of the notebook has from it",
      "3 file open in helpers.Base",
      { "work/helpers.py": "class Base:\n    def keep(self):\n        open('x', 'w')" },
      "import helpers",
      "class Store(helpers.Base):\n    pass\ns = Store()",
      "s.keep()",
    ],
    [
      "an object that it makes",
      "2 file open in helpers.Store",
      { "work/helpers.py": "class Store:\n    def keep(self):\n        open('x', 'w')\n\ndef make():\n    return Store()" },
      "import helpers\ns = helpers.make()",
      "s.keep()",
    ],
    [
      "an object that it has",
      "2 file open in helpers.Store",
      { "work/helpers.py": "class Store:\n    def keep(self):\n        open('x', 'w')\n\nstore = Store()" },
      "import helpers",
      "helpers.store.keep()",
    ],
    [
      "an object that one of its functions has to itself",
      "1 file open in helpers.Store",
      { "work/helpers.py": "class Store:\n    def keep(self):\n        open('x', 'w')\n\ndef go():\n    s = Store()\n    s.keep()" },
      "import helpers\nhelpers.go()",
    ],
    [
      "what it does when it is imported",
      "1 process os.system in helpers",
      { "work/helpers.py": "import os\nos.system('make')" },
      "import helpers",
      "import helpers",
    ],
    [
      "a session that it has",
      "2 network helpers.api.post",
      { "work/helpers.py": "import requests\napi = requests.Session()" },
      "import helpers",
      "helpers.api.get(u)\nhelpers.api.post(u)",
    ],
    [
      "another name for what writes",
      "2 network send",
      { "work/helpers.py": "import requests\nsend = requests.post" },
      "from helpers import send",
      "send(u)",
    ],
    [
      "a connection by another name",
      "2 sql warehouse.commit",
      { "work/helpers.py": "import sqlite3\nwarehouse = sqlite3.connect('x')" },
      "from helpers import warehouse",
      "warehouse.commit()",
    ],
  ])("%s", async (_, expected, files, ...cells) => expect(await writing(files as Files, cells as string[])).toBe(expected))

  test.each<readonly [what: string, expected: string, files: Files, ...cells: string[]]>([
    [
      "of a package",
      "2 network requests.post in pkg.sub.publish",
      { "work/pkg/__init__.py": "", "work/pkg/sub.py": PUBLISH },
      "import pkg.sub",
      "pkg.sub.publish(x)",
    ],
    [
      "of a package, by its own name",
      "1 network requests.post in pkg.sub.publish",
      { "work/pkg/sub.py": PUBLISH },
      "from pkg import sub\nsub.publish(x)",
    ],
    [
      "handed through a package",
      "2 network requests.post in pkg.sub.publish",
      { "work/pkg/__init__.py": "from .sub import publish", "work/pkg/sub.py": PUBLISH },
      "import pkg",
      "pkg.publish(x)",
    ],
    [
      "from the folder above in a package",
      "1 network requests.post in pkg.base.publish",
      { "work/pkg/base.py": PUBLISH, "work/pkg/deep/one.py": "from ..base import publish\n\ndef go():\n    publish(1)" },
      "from pkg.deep.one import go\ngo()",
    ],
    [
      "what a package does when one of its modules is imported",
      "1 process os.system in pkg",
      { "work/pkg/__init__.py": "import os\nos.system('make')", "work/pkg/sub.py": "" },
      "import pkg.sub",
    ],
    [
      "in a folder that is added",
      "1 network requests.post in lib.helpers.publish",
      { "lib/helpers.py": PUBLISH },
      "import sys\nsys.path.append('../lib')\nfrom helpers import publish\npublish(x)",
    ],
    [
      "that import one another",
      "1 network requests.post in a.publish",
      { "work/a.py": `import b\n${PUBLISH}`, "work/b.py": "import a\n\ndef go():\n    a.publish(1)" },
      "import b\nb.go()",
    ],
    ["that cannot be read", "1 unknown work/helpers.py in helpers", { "work/helpers.py": "print 'x'" }, "import helpers"],
    ["beside one that is installed", "", { "work/other.py": PUBLISH }, "import pandas\npandas.shape(x)"],
  ])("modules %s", async (_, expected, files, ...cells) => expect(await writing(files as Files, cells as string[])).toBe(expected))

  test.each<readonly [what: string, expected: string, files: Files, ...cells: string[]]>([
    ["what it defines", "2 file saveRDS in keep", { "work/helpers.R": "keep <- function(d) saveRDS(d, 'x')" }, "source('helpers.R')", "keep(d)"],
    ["what it does", "1 file saveRDS in helpers.R", { "work/helpers.R": "saveRDS(1, 'x')" }, "source('helpers.R')"],
    ["nothing", "", { "work/R/helpers.R": "shape <- function(d) d" }, "source('R/helpers.R', local = TRUE)\nshape(1)"],
    ["what nobody can tell", "1 unknown source", {}, "source('helpers.R')"],
  ])("R's source: %s", async (_, expected, files, ...cells) => expect(await writing(files as Files, cells as string[], "r")).toBe(expected))
})

test("a source that is read as it grows is read to its end, however deep its modules import one another", async () => {
  const files: { [path: string]: string } = {}
  for (let at = 0; at < 300; at++) files[`work/m${at}.py`] = `import m${(at + 1) % 300}\ndef go():\n    m${(at + 1) % 300}.go()\n`
  files["work/m299.py"] = "import os\ndef go():\n    os.system('make')\n"
  expect(await writing(files, ["import m0", "m0.go()"])).toBe("2 process os.system in m299.go")
})
