import { describe, expect, test } from "vitest"
import { repeatedBy, repetitionsOf } from "#case/repeats.ts"
import type { Notebook } from "#notebook/index.ts"

function notebook(language: string, ...sources: readonly string[]): Notebook {
  const cells = sources.map((source, at) => ({ id: `c${at + 1}`, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null }))
  return { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: language } }, cells } as unknown as Notebook
}

/** "1 file df.to_csv, …" */
async function repeats(sources: readonly string[], mocks = {}, parameters = {}, language = "python"): Promise<string> {
  const run = { mocks: Object.entries(mocks).map(([cell, source]) => ({ cell, source: String(source) })), parameters }
  const cells = await repeatedBy(notebook(language, ...sources), [run])
  return cells.map(({ number, what }) => `${number} ${what.join(" and ")}`).join(", ")
}

describe("what a test would do once more outside of its own directory", () => {
  test.each<readonly [what: string, expected: string, ...sources: string[]]>([
    ["files beside the notebook are none", "", "df.to_csv('out/x.csv')\nopen('y', 'w')\nplt.savefig(f'{n}.png')", "path = 'z'\ndf.to_csv(path)"],
    ["by an absolute path", "1 file df.to_csv", "df.to_csv('/srv/x.csv')"],
    ["by a path that a name holds", "2 file open", "target = '~/x.txt'", "open(target, 'w')"],
    ["above", "1 file shutil.copy", "shutil.copy('x', '../y')"],
    ["at an address", "1 file df.to_parquet", "df.to_parquet('s3://bucket/x')"],
    ["put together from one", "1 file open", "open(f'/srv/{name}', 'w')"],
    ["a separator is no path", "", "df.to_csv('x.csv', sep='/')"],
    ["where it is put together and something leads elsewhere", "2 file df.to_csv", "base = os.path.expanduser('x')", "df.to_csv(base / name)"],
    ["and where nothing does", "", "df.to_csv(base / name)"],
    ["a path that a function is given", "2 file df.to_csv in keep", "def keep(path):\n    df.to_csv(path)", "keep('/srv/x.csv')"],
    [
      "a name that is given one path here and another there",
      "2 file df.to_csv",
      "path = 'x.csv'",
      "path = base / 'x'\ndf.to_csv(path)",
      "base = open('/srv/x').read()",
    ],
    ["a cell magic", "1 file %%writefile", "%%writefile /srv/x.py\npass"],
    [
      "databases, services and programs",
      "1 sql cur.execute, 2 network requests.post, 3 process !make",
      "cur.execute('drop table x')",
      "requests.post(u)",
      "!make",
    ],
    ["reading is none", "", "pd.read_csv('/data/x.csv')\nrequests.get(u)\ncur.execute('select 1')\n!ls /"],
    ["each once", "1 sql conn.commit and network requests.put", "conn.commit()\nconn.commit()\nrequests.put(u)"],
  ])("%s", async (_, expected, ...sources) => expect(await repeats(sources)).toBe(expected))

  test("R, and what nobody can read", async () => {
    expect(await repeats(["write.csv(d, 'x.csv')", "dbWriteTable(con, 'x', d)", "saveRDS(d, '/srv/x')"], {}, {}, "R")).toBe(
      "2 sql dbWriteTable, 3 file saveRDS",
    )
    expect(await repeats(["x = 1", "run(`make`)"], {}, {}, "julia")).toBe("2 unknown run(`make`)")
  })

  test("a cell that gives way writes nothing, unless its mock does", async () => {
    const sources = ["rows = 1", "requests.post(u)"]
    expect(await repeats(sources, { c2: "sent = True" })).toBe("")
    expect(await repeats(sources, { c2: "requests.put(u)" })).toBe("2 network requests.put")
    expect(await repeats(sources, { c9: "x" })).toBe("2 network requests.post")
    const through = ["def send():\n    requests.post(u)", "send()"]
    expect(await repeats(through)).toBe("2 network requests.post in send")
    expect(await repeats(through, { c1: "def send():\n    pass" })).toBe("")
    expect(await repeats(through, { c2: "" })).toBe("1 network requests.post")
  })

  test("of several runs, what any of them does", async () => {
    const send = notebook("python", "requests.post(u)", "conn.commit()")
    const mocked = (cell: string) => ({ parameters: {}, mocks: [{ cell, source: "" }] })
    expect((await repeatedBy(send, [mocked("c1")])).map(({ number }) => number)).toEqual([2])
    expect((await repeatedBy(send, [mocked("c2"), mocked("c1")])).map(({ number }) => number)).toEqual([1, 2])
    expect(await repeatedBy(send, [])).toEqual([])
  })

  test("a yes is about the cell, its values and the defaults, and about no cell that hands it nothing", async () => {
    const of = async (sources: readonly string[], parameters = {}, mocks = {}) => {
      const made = notebook("python", ...sources)
      const cells = made.cells.map((cell, at) => (at === 0 ? { ...cell, metadata: { tags: ["parameters"] } } : cell))
      const run = { parameters, mocks: Object.entries(mocks).map(([cell, source]) => ({ cell, source: String(source) })) }
      return (await repetitionsOf({ ...made, cells }, [run])).effects
    }
    const sources = ["table = 'a'", "rows = 1", "cur.execute('drop table ' + table)"]
    const before = await of(sources, { b: 1, a: 2 })
    expect(before).toHaveLength(1)
    expect(await of(["table = 'a'", "rows = 2", "x = 1", sources[2] ?? ""], { a: 2, b: 1 })).toEqual(before)
    for (const other of [
      await of(sources),
      await of(sources, { b: 1, a: 3 }),
      await of(["table = 'b'", ...sources.slice(1)], { b: 1, a: 2 }),
      await of([...sources.slice(0, 2), "cur.execute('drop table b' + table)"], { b: 1, a: 2 }),
      await of(sources, { b: 1, a: 2 }, { c3: "requests.post(u)" }),
    ])
      expect(other).not.toEqual(before)
    expect(await of(sources, {}, { c3: "" })).toEqual([])
  })

  describe("a yes is void when what it rests on is another", () => {
    const of = async (sources: readonly string[], language = "python") =>
      (await repetitionsOf(notebook(language, ...sources), [{ parameters: {}, mocks: [] }])).effects
    const send = [
      "import requests\nimport os",
      "URL = 'http://a'",
      "def send(rows):\n    requests.post(URL, json=rows)",
      "rows = [1]\nplot = 1",
      "print(plot)",
      "send(rows)",
    ]
    const changed = (at: number, source: string) => send.with(at, source)

    test.each<readonly [what: string, sources: readonly string[]]>([
      ["the function that it calls", changed(2, "def send(rows):\n    requests.put(URL, json=rows)")],
      ["a value that only the function uses", changed(1, "URL = 'http://b'")],
      ["what is given to it", changed(3, "rows = [1, 2]\nplot = 1")],
      ["what its name stands for", changed(0, "import other as requests\nimport os")],
      ["a cell between, that changes what is given", [...send.slice(0, 5), "rows.append(2)", "send(rows)"]],
      ["a cell between, that defines anew", [...send.slice(0, 5), "URL = 'http://b'", "send(rows)"]],
      ["a cell above of which nobody knows what it defines", ["exec(code)", ...send]],
      ["a cell above that cannot be read", ["x = (", ...send]],
    ])("%s", async (_, sources) => {
      const before = await of(send)
      expect(before).toHaveLength(1)
      // Whatever was said yes to is not among what would be done now.
      expect((await of(sources)).filter((effect) => before.includes(effect))).toEqual([])
    })

    test.each<readonly [what: string, sources: readonly string[]]>([
      ["a statement beside what it uses", changed(3, "rows = [1]\nplot = 2")],
      ["an import that it does not use", changed(0, "import requests\nimport sys")],
      ["a cell that only shows", changed(4, "print(plot, plot)")],
      ["a new cell", [...send, "plot"]],
    ])("and not by %s", async (_, sources) => expect(await of(sources)).toEqual(await of(send)))

    test("a connection that another cell opens", async () => {
      const write = "df.to_sql('t', con)"
      const before = await of(["con = connect('test')", "x = 1", write])
      expect(await of(["con = connect('live')", "x = 1", write])).not.toEqual(before)
      expect(await of(["con = connect('test')", "x = 2", write])).toEqual(before)
    })

    test("R, and any cell above in a language that nobody reads here", async () => {
      const r = ["con <- open('test')", "x <- 1", "dbWriteTable(con, 'x', d)"]
      expect(await of(r.with(0, "con <- open('live')"), "R")).not.toEqual(await of(r, "R"))
      expect(await of(r.with(1, "x <- 2"), "R")).toEqual(await of(r, "R"))
      expect(await of(["x = 1", "run(`make`)"], "julia")).not.toEqual(await of(["x = 2", "run(`make`)"], "julia"))
    })
  })

  test("what a module beside the notebook does", async () => {
    const texts = new Map([["work/out.py", "import requests\n\ndef send(rows):\n    requests.post(u, json=rows)\n"]])
    const run = { parameters: {}, mocks: [] }
    const of = async (cells: readonly string[], files = texts) =>
      (await repeatedBy(notebook("python", ...cells), [run], { home: "work", texts: files })).map(({ what }) => what)
    expect(await of(["import out", "out.send(1)"])).toEqual([["network requests.post in out.send"]])
    texts.set("work/out.py", "def send(rows):\n    open('beside.csv', 'w')\n")
    expect(await of(["import out", "out.send(1)"])).toEqual([])
    texts.set("work/out.py", "OUT = '/srv/out'\n\ndef send(rows):\n    open(OUT + '/x', 'w')\n")
    expect(await of(["import out", "out.send(1)"])).toEqual([["file open in out.send"]])
  })

  test("a yes is void when a module that it rests on is another, or one that this imports, and not by one that it does not use", async () => {
    const run = { parameters: {}, mocks: [] }
    const texts = new Map([
      ["out.py", "import config\nimport requests\n\ndef send(rows):\n    requests.post(config.URL, json=rows)\n"],
      ["config.py", "URL = 'http://a'\n"],
      ["shapes.py", "def shape(rows):\n    return rows\n"],
    ])
    const digests = Object.fromEntries([...texts.keys()].map((path) => [path, "1"]))
    const cells = notebook("python", "import out\nimport shapes", "plot = shapes.shape(1)", "out.send(1)")
    const of = async (changed = {}) =>
      (await repetitionsOf(cells, [run], { sources: { home: "", texts }, digests: { ...digests, ...changed } })).effects
    const before = await of()
    expect(before).toHaveLength(1)
    expect(await of({ "shapes.py": "2" })).toEqual(before)
    expect(await of({ "out.py": "2" })).not.toEqual(before)
    expect(await of({ "config.py": "2" })).not.toEqual(before)
  })

  test("a value may lead elsewhere", async () => {
    expect(await repeats(["df.to_csv(target)"], {}, { target: "x.csv", rate: 2 })).toBe("")
    expect(await repeats(["df.to_csv(target)"], {}, { target: "/srv/x.csv" })).toBe("1 file df.to_csv")
  })
})
