import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fixed, openAnalyst } from "#notebook/analysis/analysis.ts"
import { findings, type Given, mended, python, rules } from "#notebook/analysis/testing.ts"
import { arbitraryNotebook } from "#notebook/testing.ts"

const result = (text: string, count: number) => ({
  output_type: "execute_result",
  data: { "text/plain": text },
  metadata: {},
  execution_count: count,
})
const error = (ename: string, traceback: readonly string[] = []) => ({ output_type: "error", ename, evalue: "why", traceback })
const MODULES = { modules: new Set(["numpy", "math", "os", "re", "collections"]) }

describe("what breaks a rerun", () => {
  test.each<readonly [what: string, expected: string, ...cells: Given[]]>([
    ["nothing does", "", "x = 1", "print(x)"],
    ["a name that no cell defines", "undefined_name c2:2!", "a = 1", "\nprint(b, a)"],
    ["a parameter that every run is given", "", { source: "region: str", tags: ["parameters"] }, "print(region)"],
    ["the same of no parameter", "undefined_name c2:1!", "region: str", "print(region)"],
    ["a name from below", "used_before_defined c1:1!", "print(b)", "b = a = 1\nprint(a)"],
    ["a deleted name", "used_after_deleted c3:1!", "b = 1", "del b", "print(b)"],
    ["a builtin that is a value now", "redefined c1:1, calls_a_value c2:1!", "sum = 0", "print(sum([1]))"],
    ["Python 2", "broken_source c1:1!", "print 'a'"],
    ["no language at all", "broken_source c1:2!", "x = 1\nthis is some prose\nprint(x)"],
    ["return at the top", "broken_source c1:1!", "return 1"],
    ["a module that is not there", "missing_import c1:2!", "import numpy\nimport nowhere.at.all\nprint(numpy, nowhere)"],
    ["one that may be missing", "", "try:\n  import nowhere\nexcept ImportError:\n  nowhere = None", "print(nowhere)"],
    ["one that the notebook installs", "missing_import c2:1", "!pip install nowhere", "import nowhere\nprint(nowhere)"],
    ["a file that is not there", "missing_file c1:1!", "print(open('gone.txt').read())"],
    ["one that is", "", "print(open('here.txt').read())"],
    ["one that is written first", "", "open('gone.txt', 'w').write('x')", "print(open('gone.txt').read())"],
    ["a folder to write to that is not there", "missing_file c1:2!", "plt = 1\nplt.savefig('gone/x.png')"],
    ["one that is made", "", "import os\nos.makedirs('gone')", "open('gone/x.txt', 'w').write('')"],
    ["one that may be downloaded", "", "!wget http://x.test/gone.txt", "print(open('gone.txt').read())"],
    ["one by a name", "missing_file c2:1!", "path = 'gone.txt'", "print(open(path).read())"],
    ["a script that is not there", "missing_file c1:1!", "%run gone.py"],
    ["an extension that is not loaded", "magic_not_loaded c1:1!", "%memit 1"],
    ["one that is", "", "%load_ext memory_profiler", "%memit 1"],
    ["a service's own magic", "magic_not_loaded c1:1!", "%tensorflow_version 2.x"],
    ["a question", "asks_for_input c1:1!", "print(input('name'))"],
    ["it raised", "stored_error c1:1!", { source: "print(1 / 0)", outputs: [error("ZeroDivisionError")] }],
    ["it was stopped", "", { source: "print(1 / 0)", outputs: [error("KeyboardInterrupt")] }],
    ["it may raise", "", { source: "print(y)", tags: ["raises-exception"], outputs: [error("NameError")] }],
    ["it does not run", "undefined_name c2:1!", { source: "y = 1", tags: ["skip-execution"] }, "print(y)"],
  ])("%s", async (_, expected, ...cells) =>
    expect(await rules(python(...cells), { ...MODULES, hasFile: (path) => path === "here.txt" })).toBe(expected),
  )

  test("the cell where it stops is told where the name stands in a function", async () => {
    const found = (await findings(python("def f(): return gone", "f()"))).find(({ kind }) => kind === "breaks")
    expect([found?.cell, found?.stopsAt, found?.why]).toEqual(["c1", "c2", "No cell defines `gone`; the call of `f` in cell 2 gets there."])
  })

  test("newer syntax than the environment's", async () => {
    expect(await rules(python("type X = int\nprint(X)"), { pythonVersion: "3.11" })).toBe("newer_python c1:1!")
    expect(await rules(python("type X = int\nprint(X)"), { pythonVersion: "3.12" })).toBe("")
  })
})

describe("advice", () => {
  test.each<readonly [what: string, expected: string, ...cells: Given[]]>([
    ["out of order", "out_of_order c2:1", { source: "x = 1", count: 7 }, { source: "print(x)", count: 3 }],
    ["not run", "not_run c2:1", { source: "x = 1", count: 1 }, "print(x)"],
    ["a value that nothing shows", "foreign_output c1:1", { source: "x = 1", count: 1, outputs: [result("1", 1)] }, { source: "print(x)", count: 2 }],
    ["an output of another execution", "foreign_output c1:1", { source: "x = 1\nx", count: 2, outputs: [result("1", 1)] }],
    [
      "an error of another source",
      "foreign_output c1:1",
      { source: "x = 1\nprint(x)", count: 2, outputs: [error("NameError", ["Cell In[1], line 1", "----> 1 other(x)"])] },
    ],
    [
      "the same source's",
      "stored_error c1:1!",
      { source: "print(1 / 0)", count: 2, outputs: [error("NameError", ["Cell In[1], line 1\n----> 1 print(1 / 0)"])] },
    ],
    ["a module becomes a value", "redefined c3:1", "import re", "print(re)", "re = 1", "print(re)"],
    ["a function becomes another", "redefined c3:1", "def f(): return 1", "f()", "def f(): return 2", "f()"],
    ["nobody uses it", "dead_cell c1:1", "unused = 1", "print(1)"],
    ["only comments", "dead_cell c1:1", "# x = 1", "print(1)"],
    ["somebody's own path", "absolute_path c1:1", "print('/home/ann/data.csv')"],
    ["chance", "no_seed c2:1", "import random", "print(random.random())"],
    ["a generator that is named as the module", "", "import numpy as np", "random = np.random.default_rng(7)\nprint(random.choice(3))"],
    ["chance with a seed", "", "import random", "random.seed(1)", "print(random.random())"],
    ["numpy's chance by its usual name", "no_seed c2:1", "import numpy as np", "print(np.random.rand(3))"],
    ["a split", "no_seed c1:2", "from sklearn.model_selection import train_test_split\nprint(train_test_split([1], test_size=.2))"],
    ["a split with a state", "", "from sklearn.model_selection import train_test_split\nprint(train_test_split([1], random_state=1))"],
    [
      "large outputs",
      "large_output c1:1",
      { source: "print('x')", outputs: [{ output_type: "stream", name: "stdout", text: "x".repeat(1_100_000) }] },
    ],
    [
      "one that was run again, and not those below it",
      "out_of_order c1:1",
      ...[9, 2, 3].map((count) => ({ source: `print(${count})`, count, outputs: [] })),
    ],
    ["a count of 0 is none", "not_run c2:1", { source: "print(1)", count: 1 }, { source: "print(2)", count: 0 }, { source: "print(3)", count: 2 }],
    ["names that are put together may be used", "", "def day1(): pass", "print(globals()['day' + '1'])", "print(1)"],
    ["of another thing they are not", "dead_cell c1:1", "def day1(): pass", "print(vars(3))", "print(1)"],
    ["a licence stands where it stands", "", "# Licensed under the Apache License", "print(1)"],
    [
      "a formatter is no other source",
      "stored_error c1:1!",
      {
        source: "int( 'x' )",
        count: 1,
        outputs: [{ output_type: "error", ename: "ValueError", evalue: "", traceback: ['<ipython-input-1-abc> in <module>\n----> 1 int("x")'] }],
      },
    ],
    ["what only uncalled functions lack", "perhaps_undefined c1:1", "def f(): return gone", "print(f)"],
  ])("%s", async (_, expected, ...cells) => expect(await rules(python(...cells))).toBe(expected))

  test("parameters", async () => {
    const of = async (...cells: Given[]) => (await findings(python(...cells))).map(({ rule, cell, fix }) => `${rule} ${cell} ${fix?.title ?? ""}`)
    expect(await of("region = 'EU'\nyear = 2024", "print(region, year)")).toEqual(["no_parameters c1 Make cell 1 the parameters cell"])
    for (const one of ["import math\nBUY = 12", "from math import *\nBUY = 12", "%run other.py\nBUY = 12"])
      expect(await of(one, "print(BUY)")).toEqual(["no_parameters c1 Make cell 1 the parameters cell"])
    // Values shown one after the other, what a command has brought, and a text that is an example are none.
    for (const other of ["x = 1\nx = 'a'", "!wget http://x/y.csv\npath = 'y.csv'", 'program = """\nprint(1)\n"""', "import math"])
      expect((await of(other, "print(1)")).filter((one) => one.startsWith("no_parameters"))).toEqual(["no_parameters  "])
    expect(await of({ source: "region = 'EU'", tags: ["parameters"] }, "print(region)")).toEqual([])
    expect(await of("print(1)", { source: "region = 'EU'", tags: ["parameters"] }, "print(region)")).toEqual([
      "late_parameters c2 Move cell 2 above cell 1",
    ])
  })
})

describe("fixes that a person decides about", () => {
  const mended = async (rule: string, ...cells: Given[]) => {
    const notebook = python(...cells)
    const fix = (await findings(notebook)).find((one) => one.rule === rule)?.fix
    return fix && fixed(notebook, fix.edits).cells.map(({ source, metadata }) => `${JSON.stringify(metadata["tags"] ?? [])} ${source}`)
  }

  test("a seed is set before the first draw, in the cell of its import below that", async () => {
    expect(await mended("no_seed", "import random", "print(random.random())")).toEqual([
      "[] import random",
      "[] random.seed(0)",
      "[] print(random.random())",
    ])
    expect(await mended("no_seed", "import os\nimport random  # chance\nprint(random.random())")).toEqual([
      "[] import os\nimport random  # chance\nrandom.seed(0)\nprint(random.random())",
    ])
    expect(await mended("no_seed", "import numpy as np\nprint(np.random.rand(3))")).toEqual([
      "[] import numpy as np\nnp.random.seed(0)\nprint(np.random.rand(3))",
    ])
    expect(await mended("no_seed", "try:\n    import random\nexcept ImportError:\n    pass\nprint(random.random())")).toBeUndefined()
  })

  test("a path of one machine becomes a parameter, in the parameters cell or a new one", async () => {
    const reads = "import pandas as pd\nprint(pd.read_csv('/data/2024-sales.csv'))"
    const given = "import pandas as pd\nprint(pd.read_csv(_2024_sales_path))"
    expect(await mended("absolute_path", { source: "year = 2024", tags: ["parameters"] }, reads)).toEqual([
      `["parameters"] year = 2024\n_2024_sales_path = '/data/2024-sales.csv'`,
      `[] ${given}`,
    ])
    expect(await mended("absolute_path", reads)).toEqual([`["parameters"] _2024_sales_path = '/data/2024-sales.csv'`, `[] ${given}`])
    expect(await mended("absolute_path", "where = '/data/x.csv'\nprint(where)")).toBeUndefined()
    expect(await mended("absolute_path", "x_path = 1\nprint(open('/data/x.csv'), x_path)")).toBeUndefined()
  })
})

describe("fixes that are safe", () => {
  test.each<readonly [what: string, expected: string, ...cells: string[]]>([
    ["a cell moves up", "x = 1\n---\nprint(x)", "print(x)", "x = 1"],
    ["but not over what it needs itself", "print(x)\n---\ny = 1\n---\nx = y", "print(x)", "y = 1", "x = y"],
    [
      "an import is added where imports are",
      "import os\nimport numpy as np\nimport re\n---\nprint(np, re, os)",
      "import os\nimport re",
      "print(np, re, os)",
    ].with(1, "import numpy as np\nimport os\nimport re\n---\nprint(np, re, os)") as [string, string, ...string[]],
    ["or before everything", "import math\n---\nprint(math.pi)", "print(math.pi)"],
    ["Python 2's names", "for i in range(3): print(i)", "for i in xrange(3): print(i)"],
    ["Python 2's prints", "print('a')\nif 1: print(2 + 2)", "print 'a'\nif 1: print 2 + 2"],
    ["a print of Python 2 over several lines", "print('a (', len([1,\n  2]))\nprint(3)", "print 'a (', len([1,\n  2])\nprint 3"],
    ["an extension is loaded", "%load_ext memory_profiler\n%memit 1", "%memit 1"],
  ])("%s", async (_, expected, ...cells) => expect(await mended(python(...cells), MODULES)).toBe(expected))

  test("each one mends what it is for, and makes nothing worse", async () => {
    const cell = fc.constantFrom(
      "a = 1",
      "b = a",
      "print(b)",
      "c = np.pi + b",
      "print(xrange(a))",
      "print c",
      "def f(): return c",
      "f()",
      "del a",
      "import math",
      "print(math.e)",
      "a = 2",
    )
    const count = (list: Awaited<ReturnType<typeof findings>>) => list.filter(({ kind, rule }) => kind === "breaks" && rule !== "stored_error").length
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 6 }), async (cells) => {
        const notebook = python(...cells)
        const before = await findings(notebook, MODULES)
        for (const { fix } of before) if (fix?.isSafe) expect(count(await findings(fixed(notebook, fix.edits), MODULES))).toBeLessThan(count(before))
      }),
      { numRuns: 300 },
    )
  })
})

test("what cells write is listed, and told from what they only ask", async () => {
  const { effects, linearity } = (await openAnalyst("python")).readiness(
    python(
      "df.to_csv('x.csv')",
      "open('a')",
      "open('a', 'w')",
      "requests.get('http://x')",
      "requests.post('http://x')",
      "cur.execute('select 1')",
      "cur.execute('drop table x')",
      "!rm x",
      "import os\nos.remove('x')",
    ),
  )
  expect(effects.map(({ cell, kind, writes }) => `${cell} ${kind}${writes ? "!" : ""}`).join(", ")).toBe(
    "c1 file!, c3 file!, c4 network, c5 network!, c6 sql, c7 sql!, c8 process!, c9 file!",
  )
  expect(linearity).toBe(0.33)
})

test("a language that is not read has no undefined names", async () => {
  const analyst = await openAnalyst("julia")
  const { findings: found, isRead } = analyst.readiness(python("x = y + 1"))
  expect([isRead, found.map(({ rule }) => rule)]).toEqual([false, ["no_parameters"]])
})

test("any notebook has a readiness, and its fixes can be made", async () => {
  const analysts = await Promise.all([openAnalyst("python"), openAnalyst("r"), openAnalyst(undefined)])
  fc.assert(
    fc.property(arbitraryNotebook, (notebook) => {
      for (const analyst of analysts) {
        const { findings: found, linearity } = analyst.readiness(notebook, { modules: new Set(), hasFile: () => false, pythonVersion: "3.9" })
        expect(linearity).toBeGreaterThanOrEqual(0)
        for (const { fix } of found) if (fix) expect(fixed(notebook, fix.edits).cells.length).toBeGreaterThanOrEqual(notebook.cells.length - 1)
      }
    }),
  )
})
