import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { desk, pythonNotebook } from "#cli/testing.ts"
import { write } from "#notebook/index.ts"
import { codeCell, notebookOf } from "#run/testing.ts"

const here = desk()
afterAll(() => here.clear())

const GLUE =
  "from IPython.display import display\ndef glue(name, data):\n    display({'application/scrapbook.scrap.json+json': {'name': name, 'data': data, 'encoder': 'json', 'version': 1}}, raw=True)"

/** What a month brought: reads a file beside it, asks a host for rates, gives its sum by name. */
const SALES = [
  codeCell("region: str = 'EU'\nfactor: int = 2", { tags: ["parameters"] }),
  codeCell("import urllib.request\nrates = eval(urllib.request.urlopen('http://127.0.0.1:9/rates').read())", { tags: ["download"], id: "download" }),
  codeCell(`${GLUE}\namounts = [int(line) for line in open('amounts.txt')]\nrevenue = sum(amounts) * factor * rates[region]`, { id: "sum" }),
  codeCell("if factor > 100:\n    print('never')", { id: "rare" }),
  codeCell("glue('revenue', revenue)\nprint('revenue of', region, 'is', revenue)", { tags: ["total"] }),
]
const MOCK = "    mocks: [{cell: download, source: \"rates = {'EU': 1, 'US': 3}\"}]\n"

function sales(folder: string, tests: string, cells = SALES): string {
  here.write(`${folder}/amounts.txt`, "1\n2\n3\n")
  here.write(`${folder}/sales.stet.yaml`, `tests:\n${tests}`)
  return here.notebook(`${folder}/sales.ipynb`, ...cells)
}

test("cases pass with their parameters, mocks, results, outputs and expressions; who looks is told what no case ran", async () => {
  const path = sales(
    "good",
    `  - name: europe
    parameters: {factor: 3}
${MOCK}    checks:
      - {check: result_equals, name: revenue, value: 18}
      - {check: output_equals, cell: total, text: revenue of EU is 18}
      - {check: expression, expression: "len(amounts)", shows: "3"}
      - {check: expression, expression: "{'sum': sum(amounts)}", equals: {sum: 6}}
  - name: america
    parameters: {region: US}
${MOCK}    checks:
      - {check: result_between, name: revenue, min: 36, max: 36}
      - {check: output_matches, cell: total, pattern: "^revenue of US is \\\\d+$"}
  - name: nowhere
    parameters: {region: XX}
${MOCK}    expects: {fails_with: KeyError, message: XX}
`,
  )
  const said = await here.stet("test", path)
  expect(said.out).toMatch(/✓ .*sales\.ipynb › europe \(.*, one cell mocked\)\n/)
  expect(said.out).toContain("4 of 5 cells run by its tests; never:\n  cell 2  never  mocked in 3  import urllib.request\n")
  expect(said.out).toMatch(/\n3 passed in .*\n$/)
  expect(said.code).toBe(0)
})

test("what is not as expected is said with its cell; the exit code, JUnit, TAP and JSON say it to machines", async () => {
  const path = sales(
    "bad",
    `  - name: wrong & <sum>
${MOCK}    checks: [{check: result_equals, name: revenue, value: 13}]
  - name: raises
    parameters: {region: XX}
${MOCK}    checks: [{check: result_exists, name: revenue}]
  - name: mocks what is not there
    mocks: [{cell: nothing, source: ""}]
    checks: [{check: result_exists, name: revenue}]
  - name: knows no such parameter
    parameters: {regoin: US}
    expects: fails
`,
  )
  const [plain, tap, json] = await Promise.all([
    here.stet("test", path, "--yes", "--junit", join(here.folder, "tests.xml")),
    here.stet("test", path, "--yes", "--tap", "-j", "1"),
    here.stet("test", path, "--yes", "--json"),
  ])
  expect([plain.code, tap.code, json.code]).toEqual([1, 1, 1])
  expect(plain.out).toContain("    revenue was to be 13, and is 12.\n")
  expect(plain.out).toMatch(/It was to succeed, and it failed: .*\n {4}Cell 4:\n(?:.*\n)*? {4}KeyError: 'XX'\n/)
  expect(plain.out).toContain('    There is no cell with the id or tag "nothing" to be replaced.\n')
  expect(plain.out).toContain("regoin")
  expect(plain.out).toContain("    weak: Any failure at all passes it: say with which error it must fail.\n")
  expect(plain.out).toMatch(/0 passed, 4 failed in/)
  const xml = readFileSync(join(here.folder, "tests.xml"), "utf8")
  expect(xml).toMatch(/<testsuites name="stet" tests="4" failures="4" errors="0" skipped="0" time="\d+\.\d{3}">/)
  expect(xml).toContain('name="wrong &amp; &lt;sum&gt;"')
  expect(xml).toContain('<failure message="revenue was to be 13, and is 12." type="failed">')
  expect(tap.out).toMatch(/^TAP version 14\n1\.\.4\nnot ok 1 - .*wrong & <sum>\n {2}---\n {2}message: "revenue was to be 13, and is 12\."\n/)
  const told = JSON.parse(json.out)
  expect(told.passed).toBe(false)
  expect(told.suites[0].cases.map(({ verdict }: { verdict: string }) => verdict)).toEqual(["failed", "failed", "failed", "failed"])
  expect(told.suites[0].cases[1].raised).toMatchObject({ cell: "sum", number: 4 })
})

test("no case sees what another one left, and none leaves anything in the folder", async () => {
  const cells = [
    codeCell(
      "import os\nassert not os.path.exists('left.txt'), 'somebody was here'\nopen('left.txt', 'w').write('x')\nprint(open('amounts.txt').read())",
      { tags: ["out"] },
    ),
  ]
  const check = "    checks: [{check: output_contains, cell: out, text: '2'}]\n"
  const path = sales("alone", `  - name: a\n${check}  - name: b\n${check}`, cells)
  expect((await here.stet("test", path)).code).toBe(0)
  expect(existsSync(join(here.folder, "alone", "left.txt"))).toBe(false)
  here.write("elsewhere/amounts.txt", "21\n")
  const elsewhere = join(here.folder, "elsewhere")
  expect((await here.stet("test", path, "--cwd", elsewhere)).code).toBe(0)
  expect(existsSync(join(elsewhere, "left.txt"))).toBe(false)
  for (const [where, ...folder] of [["alone"], ["elsewhere", "--cwd", elsewhere]]) {
    const inPlace = await here.stet("test", path, "--in-place", ...folder, "-j", "1", "--fail-fast")
    expect(inPlace.code).toBe(1)
    expect(inPlace.out).toContain("somebody was here")
    expect(existsSync(join(here.folder, where!, "left.txt"))).toBe(true)
  }
})

test("snapshots are kept when asked for, told apart afterwards, and begin with what the notebook shows itself", async () => {
  const shown = {
    ...codeCell("print('sum', sum(int(line) for line in open('amounts.txt')) + extra)", { id: "out" }),
    outputs: [{ output_type: "stream", name: "stdout", text: "sum 6\n" }],
  }
  const cells = [codeCell("extra = 0", { tags: ["parameters"] }), shown]
  const snapshot = "    checks: [{check: snapshot, cell: out}]\n"
  const path = sales("snap", `  - name: as it is\n${snapshot}  - name: with more\n    parameters: {extra: 1}\n${snapshot}`, cells)
  const first = await here.stet("test", path)
  expect(first.code).toBe(1)
  expect(first.out).toMatch(/✓ .*as it is/)
  expect(first.out).toMatch(/✗ .*with more/)
  expect((await here.stet("test", path, "--update-snapshots")).code).toBe(0)
  expect(existsSync(join(here.folder, "snap", "sales.snapshots", "with_more.ipynb"))).toBe(true)
  expect((await here.stet("test", path)).code).toBe(0)
  writeFileSync(join(here.folder, "snap", "amounts.txt"), "1\n2\n4\n")
  const changed = await here.stet("test", path)
  expect(changed.code).toBe(1)
  expect(changed.out).toMatch(/0 passed, 2 failed/)
})

test("a folder stands for all below it; one case can be named; the first failure can be the last", async () => {
  const check = (value: number) => `    checks: [{check: expression, expression: "1 + 1", equals: ${value}}]\n`
  sales("many/one", `  - name: holds\n${check(2)}  - name: breaks\n${check(3)}  - name: never begun\n${check(2)}`, [codeCell("x = 1")])
  here.notebook("many/two/bare.ipynb", "x = 1")
  const folder = join(here.folder, "many")
  const all = await here.stet("test", folder, "-j", "1", "--fail-fast")
  expect(all.code).toBe(1)
  expect(all.out).toMatch(/bare\.ipynb: no test cases\n1 passed, 1 failed, 1 not run in/)
  const one = await here.stet("test", folder, "--only", "hol", "--coverage")
  expect([one.code, one.out]).toEqual([0, expect.stringMatching(/1 of 1 cells run by its tests\n {2}cell 1 {2}1 case {4}x = 1\n1 passed/)])
})

test("what is wrong with a file is told before anything runs", async () => {
  const path = sales("wrong", "  - name: a\n    chekcs: []\n")
  const said = await here.stet("test", path)
  expect([said.code, said.out]).toEqual([2, ""])
  expect(said.err).toContain('sales.stet.yaml:3: there is no "chekcs" here: did you mean checks?')
  const bare = await here.stet("test", here.notebook("bare.ipynb", "x = 1"))
  expect(bare.code).toBe(2)
  expect(bare.err).toMatch(/has no test cases: there is no .*bare\.stet\.yaml\.\n {6}Write one/)
  expect((await here.stet("test", path, "--tap", "--json")).code).toBe(2)
  expect((await here.stet("test", path, "-j", "0")).code).toBe(2)
})

test("a kernel that cannot be had breaks a test; one that the notebook itself ends fails it", async () => {
  const check = "    checks: [{check: result_exists, name: x}]\n"
  const path = sales("kernel", `  - name: a\n${check}`, [codeCell("import os\nos._exit(9)")])
  const [none, dead] = [await here.stet("test", path, "--kernel", "no-such-kernel"), await here.stet("test", path)]
  expect([none.code, dead.code]).toEqual([3, 1])
  expect(none.out).toMatch(/! .*› a .*\n {4}.*no-such-kernel/)
  expect(dead.out).toMatch(/✗ .*› a .*\n {4}It was to succeed, and it failed: .*kernel/)
})

test.skipIf(!process.env["STET_TEST_KERNELS"]?.includes("ir"))("R is tested as Python is: named results, tables, mocks, expressions", async () => {
  const glue = `glue <- function(name, data) IRdisplay::publish_mimebundle(list("application/scrapbook.scrap.json+json" = list(name = name, data = data, encoder = "json", version = 1)))`
  const notebook = {
    ...notebookOf(
      codeCell("top <- 2", { tags: ["parameters"] }),
      codeCell("cars <- stop('no network')", { id: "load" }),
      codeCell("head(cars, top)", { tags: ["table"] }),
      codeCell(`${glue}\nglue("mean", mean(cars$mpg))`, { id: "mean" }),
    ),
    metadata: { kernelspec: { name: "ir", display_name: "R", language: "R" }, language_info: { name: "R" } },
  }
  here.write("r/cars.ipynb", write(notebook))
  const path = here.write(
    "r/cars.stet.yaml",
    `tests:
  - name: two cars
    mocks: [{cell: load, source: "cars <- data.frame(mpg = c(20, 30), name = c('a', NA))"}]
    checks:
      - {check: result_equals, name: mean, value: 25}
      - {check: table_rows, cell: table, equals: 2}
      - {check: table_value, cell: table, where: {name: a}, column: mpg, value: 20}
      - {check: expression, expression: nrow(cars), shows: "[1] 2"}
      - {check: expression, expression: "list(n = nrow(cars))", equals: {n: 2}}
`,
  )
  const said = await here.stet("test", path)
  expect([said.code, said.out]).toEqual([0, expect.stringMatching(/✓ .*two cars/)])
})

test("Python notebooks without a kernel of their own are tested on Python", async () => {
  here.write("plain/sum.ipynb", write({ ...pythonNotebook("print(1 + 1)"), metadata: {} }))
  const path = here.write("plain/sum.stet.yaml", "tests: [{name: a, checks: [{check: output_equals, cell: cell-1, text: '2'}]}]")
  expect((await here.stet("test", path)).code).toBe(0)
})

test("cells that change something outside are listed, and no case runs without a yes; one that gives way is none of them", async () => {
  const write = join(here.folder, "outside.txt")
  const cells = [
    codeCell(`with open(${JSON.stringify(write)}, 'a') as log:\n    log.write('once more\\n')`, { id: "log" }),
    codeCell("open('own.txt', 'w')"),
  ]
  const path = here.notebook("outside/log.ipynb", ...cells)
  here.write("outside/log.stet.yaml", "tests:\n  - name: plain\n  - name: mocked\n    mocks: [{cell: log, source: pass}]\n")
  const said = await here.stet("test", path)
  expect([said.code, said.out]).toEqual([2, ""])
  expect(said.err).toMatch(/log\.ipynb changes something outside when it runs:\n {2}cell 1 {2}open \(file\)\n/)
  expect(said.err).toContain("nobody said that it may do that again.\n      Say so with --yes.")
  expect((await here.stet("test", path, "--only", "mocked")).code).toBe(0)
  expect(existsSync(write)).toBe(false)
  expect((await here.stet("test", path, "--yes")).code).toBe(0)
  expect(readFileSync(write, "utf8")).toBe("once more\n")
})
