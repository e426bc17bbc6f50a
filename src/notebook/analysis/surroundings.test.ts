/** The rules that ask where a notebook is to run: what modules have, what libraries import late, files behind functions, the network. */
import { describe, expect, test } from "vitest"
import { type MemberQuestion, openAnalyst } from "#notebook/analysis/analysis.ts"
import { findings, type Given, python, rules } from "#notebook/analysis/testing.ts"

/** What there is, as "module" or "module:what.of.it"; everything else of a module is not there. */
const HAS = new Set(["numpy", "numpy:array", "numpy:random", "numpy:random.seed", "numpy:ndarray", "collections", "collections:Counter", "a.b"])
const hasMember = ({ module, path }: MemberQuestion) => {
  if (path.length === 0) return HAS.has(module)
  return module === "unknown" ? undefined : HAS.has(`${module}:${path.join(".")}`)
}
const MODULES = new Set(["numpy", "collections", "a", "unknown", "sys", "beside"])

async function breaking(notebook: Parameters<typeof findings>[0], circumstances: Parameters<typeof findings>[1]) {
  return (await findings(notebook, circumstances)).filter(({ kind }) => kind === "breaks")
}

/** As `rules`, but only of what breaks. */
async function breaks(...given: Parameters<typeof rules>): Promise<string> {
  const all = await rules(...given)
  return all
    .split(", ")
    .filter((one) => one.endsWith("!"))
    .join(", ")
}

describe("what modules do not have", () => {
  test.each<readonly [what: string, expected: string, ...cells: Given[]]>([
    ["all is there", "", "import numpy as np\nprint(np.array([1]))"],
    ["an attribute that is gone", "missing_member c2:1!", "import numpy as np", "print(np.float(1))"],
    ["a name that is gone", "missing_member c1:1!", "from collections import Counter, Mapping\nprint(Counter, Mapping)"],
    ["a module in a package", "missing_member c1:1!", "import a.gone\nprint(a)"],
    ["one that is there", "", "import a.b\nprint(a)"],
    ["of what was imported from a module", "missing_member c1:2!", "from numpy import random as r\nprint(r.gone())"],
    ["in a function that a cell calls", "missing_member c2:1!", "import numpy as np", "def f(): return np.float(1)", "f()"],
    ["in one that nobody calls", "", "import numpy as np", "def f(): return np.float(1)", "print(f)"],
    ["in one that may have returned before", "", "import numpy as np", "def f(x):\n  if x: return 1\n  return np.float(1)", "f(1)"],
    ["in one that is defined on a condition", "", "import numpy as np", "if np:\n  def f(): return np.float(1)\nelse:\n  def f(): return 1", "f()"],
    ["its absence is provided for", "", "import numpy as np\ntry:\n  x = np.float\nexcept AttributeError:\n  x = float\nprint(x)"],
    ["it is asked for", "", "import numpy as np\nif hasattr(np, 'float'): print(np.float)"],
    ["the version is asked for", "", "import numpy as np\nprint(np.float if np.array < '1.20' else float)"],
    ["an import that may fail", "", "try:\n  from collections import Mapping\nexcept ImportError:\n  from a.b import Mapping\nprint(Mapping)"],
    ["the notebook gives it", "", "import numpy as np\nnp.float = float", "print(np.float(1))"],
    ["the notebook gives it, elsewhere", "", "import numpy as np\ndef patch(): np.float = float\npatch()\nprint(np.float(1))"],
    ["the notebook gives it by a call", "", "import numpy as np\nsetattr(np, 'float', float)", "print(np.float(1))"],
    ["a call that gives nothing", "missing_member c1:3!", "import numpy as np\nnp.random.seed(1)\nprint(np.float(1))"],
    ["another thing of that name", "", "import numpy as np", "np = {}.copy()\nprint(np.float)"],
    ["a parameter of that name", "", "import numpy as np", "def f(np): return np.float", "f(1)"],
    ["one of a comprehension", "", "import numpy as np\nprint([np.float for np in [1]])"],
    ["what nobody knows", "", "import unknown\nprint(unknown.thing)"],
    ["what the kernel has otherwise", "", "import sys\nprint(sys.ps1)"],
    ["a module beside the notebook", "", "import beside\nprint(beside.thing)"],
    ["it may raise", "", { source: "import numpy as np\nprint(np.float)", tags: ["raises-exception"] }],
  ])("%s", async (_, expected, ...cells) => {
    const hasFile = (path: string) => path === "beside.py"
    expect(await breaks(python(...cells), { modules: MODULES, hasMember, hasFile })).toBe(expected)
  })

  test("what is asked is known before, each once, and of modules that are there", async () => {
    const analyst = await openAnalyst("python")
    const notebook = python("import numpy as np, gone, sys\nfrom a import b", "np.float(1), np.float(2)\nnp.random.seed\ngone.x\nsys.y\nb.c.d()")
    const asked = analyst.questions(notebook, { modules: MODULES, hasFile: () => false })
    expect(asked.map(({ module, path, called }) => `${module}:${path.join(".")}${called ? "()" : ""}`)).toEqual([
      "a:b",
      "numpy:float()",
      "numpy:random.seed",
      "a:b.c.d()",
    ])
    expect((await openAnalyst("r")).questions(notebook)).toEqual([])
  })

  test("it says of what, and how one gets there", async () => {
    const found = await findings(python("import numpy as np", "def f(): return np.random.gone(1)", "f()"), { hasMember })
    expect(found.filter(({ rule }) => rule === "missing_member").map(({ why, stopsAt }) => [why, stopsAt])).toEqual([
      ["The environment's `numpy.random` has no `gone`; the call of `f` in cell 3 gets there.", "c3"],
    ])
  })
})

describe("modules that pandas imports when it is asked for something", () => {
  const pandas = "import pandas as pd"
  test.each<readonly [what: string, expected: string, source: string, ...modules: string[]]>([
    ["an address of a store", "missing_import c1:2!", `${pandas}\nprint(pd.read_csv('s3://bucket/x.csv'))`],
    ["that can be reached", "", `${pandas}\nprint(pd.read_csv('s3://bucket/x.csv'))`, "fsspec", "s3fs"],
    ["the half of what it needs", "missing_import c1:2!", `${pandas}\nprint(pd.read_csv('s3://bucket/x.csv'))`, "fsspec"],
    ["an address that is put together", "missing_import c1:3!", `${pandas}\nb = 'x'\nprint(pd.read_json(f's3://{b}/x.json'))`],
    ["of the web", "", `${pandas}\nprint(pd.read_csv('https://x.test/x.csv'))`],
    ["Parquet", "missing_import c1:3!", `${pandas}\nx = pd.DataFrame()\nx.to_parquet('x.parquet')`],
    ["Parquet with one of the two", "", `${pandas}\nx = pd.DataFrame()\nx.to_parquet('x.parquet')`, "fastparquet"],
    ["a table of somebody else's", "", `${pandas}\nimport polars\nx = polars.DataFrame()\nx.to_parquet('x.parquet')`, "polars"],
    ["Excel", "missing_import c1:2!", `${pandas}\nprint(pd.read_excel(io='x', sheet_name=1), pd.read_excel('x.xlsx'))`],
    ["Excel by an engine of one's own", "", `${pandas}\nprint(pd.read_excel('x.xlsx', engine='calamine'))`],
    ["by its own name", "missing_import c1:2!", "from pandas import read_parquet as rp\nprint(rp('x'))"],
    ["its absence is provided for", "", `${pandas}\ntry:\n  x = pd.read_parquet('x')\nexcept ImportError:\n  x = 1\nprint(x)`],
    ["the notebook installs something", "", `!pip install pyarrow\n${pandas}\nprint(pd.read_parquet('x'))`],
  ])("%s", async (_, expected, source, ...modules) =>
    expect(await breaks(python(source), { modules: new Set(["pandas", ...modules]) })).toBe(expected),
  )
})

describe("files behind functions, and in folders that are not there", () => {
  test.each<readonly [what: string, expected: string, ...cells: Given[]]>([
    ["a path that is put together", "missing_file c1:2!", "day = 1\nprint(open(f'gone/in{day}.txt').read())"],
    ["in another way", "missing_file c1:2!", "day = '1'\nprint(open('gone/' + day).read(), 'x')"],
    ["by a format", "missing_file c1:2!", "day = '1'\nprint(open('gone/in{}.txt'.format(day)).read())"],
    ["in Python 2's way", "missing_file c1:2!", "day = '1'\nprint(open('gone/in%s.txt' % day).read())"],
    ["in a folder that is there", "", "day = 1\nprint(open(f'here/in{day}.txt').read())"],
    ["nothing is known of its beginning", "", "day = 1\nprint(open(f'{day}/gone.txt').read())"],
    ["the folder is made", "", "import os\nos.mkdir('gone')\nday = 1\nprint(open(f'gone/in{day}.txt').read())"],
    ["in a function that a cell calls", "missing_file c1:1!", "def data(day): return open(f'gone/in{day}.txt').read()", "data(1)"],
    ["a whole path in a function", "missing_file c1:1!", "def data(): return open('gone.txt').read()", "data()"],
    ["the function is not called", "", "def data(): return open('gone.txt').read()", "print(data)"],
    ["it is called on a condition", "", "def data(): return open('gone.txt').read()", "if data: data()"],
    ["its failure is provided for", "", "def data(): return open('gone.txt').read()", "try: data()\nexcept OSError: pass"],
    ["inside", "", "def data():\n  try: return open('gone.txt').read()\n  except OSError: return 1", "data()"],
    ["it asks before", "", "import os\ndef data():\n  if os.path.exists('gone.txt'): return 1\n  return open('gone.txt').read()", "data()"],
    ["a name of its own", "", "path = 'gone.txt'", "def data(path): return open(path).read()", "data('here.txt')"],
    ["a cell that asks before", "", "import os\nif os.path.exists('gone.txt'): print(open('gone.txt').read())"],
    ["a cell that provides for it", "", "try: print(open('gone.txt').read())\nexcept FileNotFoundError: pass"],
    ["a cell that does so for something else", "missing_file c1:2!", "for _ in [1]:\n  print(open('gone.txt').read())"],
  ])("%s", async (_, expected, ...cells) => {
    const hasFile = (path: string) => path.startsWith("here")
    expect(await breaks(python(...cells), { hasFile })).toBe(expected)
  })

  test("the cell that calls is where it stops", async () => {
    const [found] = await breaking(python("def data(): return open('gone.txt').read()", "data()"), { hasFile: () => false })
    expect([found?.why, found?.cell, found?.stopsAt]).toEqual([
      "There is no file `gone.txt` where the notebook runs; the call of `data` in cell 2 gets there.",
      "c1",
      "c2",
    ])
  })
})

describe("without a network", () => {
  test.each<readonly [what: string, expected: string, ...cells: Given[]]>([
    ["an address is asked", "needs_network c1:2!", "import requests\nprint(requests.get('https://x.test/a'))"],
    ["one with a secret", "needs_network c1:2!", "import pandas as pd\nprint(pd.read_csv(f'https://me:pw@x.test/{1}.csv'))"],
    ["the machine itself", "", "import requests\nprint(requests.get('http://localhost:80/a'), requests.get('http://127.0.0.1/'))"],
    ["a name of this network", "", "import requests\nprint(requests.get('http://service/a'))"],
    ["its failure is provided for", "", "import requests\ntry: requests.get('https://x.test/a')\nexcept Exception: pass"],
    ["what would be installed is missing", "missing_import c2:1!", "!pip install nowhere", "import nowhere\nprint(nowhere)"],
  ])("%s", async (_, expected, ...cells) => {
    const modules = new Set(["requests", "pandas"])
    expect(await breaks(python(...cells), { modules, hasNetwork: false })).toBe(expected)
    // With one, nothing of it breaks anything.
    expect(await breaks(python(...cells), { modules })).toBe("")
  })

  test("only the host is said", async () => {
    const [found] = await breaking(python("import requests\nrequests.get('https://me:pw@x.test/a?key=1')"), { hasNetwork: false })
    expect(found?.why).toBe("`requests.get` asks x.test, and there is no network.")
  })
})
