import { expect, test } from "vitest"
import { NumberLexeme } from "#base/json.ts"
import { mergeParameters, type ParameterSources, typed } from "#cli/papermill/parameters.ts"

const NONE: ParameterSources = { paths: [], base64: [], files: [], yaml: [], typed: [], raw: [] }
const FILES: { readonly [path: string]: string } = {
  "p1.yaml": "a: from p1\nc: 12:30\nz: yes\n",
  "p2.yaml": "b: [1, 2.0, 1e3, 012]\na: from p2\n",
  "empty.yaml": "",
  "bom.yaml": "\uFEFFa: 1",
  "list.yaml": "- a",
  "bad.yaml": "a: [1",
}
const read = async (path: string) => new TextEncoder().encode(FILES[path])
const merge = (sources: Partial<ParameterSources>) => mergeParameters({ ...NONE, ...sources }, read)
const base64 = (text: string) => Buffer.from(text).toString("base64")

async function merged(sources: Partial<ParameterSources>) {
  const outcome = await merge(sources)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value.map(({ name, value }) => [name, value])
}

test("the kind decides before the place: paths, -b, -f, -y, -p, -r", async () => {
  const everything: ParameterSources = {
    paths: [["PAPERMILL_INPUT_PATH", "in.ipynb"]],
    base64: [base64("{a: b64, PAPERMILL_INPUT_PATH: mine, q: 1}")],
    files: ["p1.yaml"],
    yaml: ["{c: y}"],
    typed: [["z", "1"]],
    raw: [["q", "2"]],
  }
  expect(await merged(everything)).toEqual([
    ["PAPERMILL_INPUT_PATH", "mine"],
    ["a", "from p1"],
    ["q", "2"],
    ["c", "y"],
    ["z", 1],
  ])
})

test("of one kind the later word counts, and a name keeps its first place", async () => {
  expect(await merged({ files: ["p1.yaml", "p2.yaml"] })).toEqual([
    ["a", "from p2"],
    ["c", 750],
    ["z", true],
    ["b", [1, new NumberLexeme("2.0"), "1e3", 10]],
  ])
  expect(await merged({ files: ["p2.yaml", "p1.yaml"] })).toEqual([
    ["b", [1, new NumberLexeme("2.0"), "1e3", 10]],
    ["a", "from p1"],
    ["c", 750],
    ["z", true],
  ])
  expect(
    await merged({
      typed: [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ],
    }),
  ).toEqual([
    ["a", 3],
    ["b", 2],
  ])
})

test("nothing, null, false, zero and an empty list are no parameters", async () => {
  expect(await merged({ files: ["empty.yaml"], yaml: ["", "~", "no", "0", "''", "[]", "{}"], base64: [""] })).toEqual([])
  expect(await merged({ files: ["bom.yaml"] })).toEqual([["a", 1]])
})

test("base 64 is read as Python reads it: strangers are passed over, the padding must be right", async () => {
  expect(await merged({ base64: ["YTog\nM Q=="] })).toEqual([["a", 1]])
  expect(await merge({ base64: ["YTogMQ"] })).toMatchObject({ ok: false, refusal: { message: "The value of -b is not base 64." } })
  expect(await merge({ base64: ["/w=="] })).toMatchObject({ ok: false, refusal: { message: expect.stringMatching(/not UTF-8/) } })
})

test.each([
  [{ files: ["list.yaml"] }, /^The parameter file list\.yaml must hold names and values/],
  [{ files: ["bad.yaml"] }, /^The parameter file bad\.yaml is not valid: line 1, column 6: /],
  [{ yaml: ["5"] }, /^The YAML of -y must hold names and values/],
  [{ yaml: ["a: !!binary aGk="] }, /^The YAML of -y is not valid: line 1, column 13: the type !!binary/],
])("%j is refused in one sentence", async (sources, message) => {
  expect(await merge(sources)).toMatchObject({ ok: false, refusal: { refused: "bad_parameters", message: expect.stringMatching(message) } })
})

test("files are read one after the other, so that standard input is found used up", async () => {
  const order: string[] = []
  const slow = async (path: string) => {
    order.push(`open ${path}`)
    await new Promise((done) => setTimeout(done, path === "1" ? 10 : 0))
    order.push(`close ${path}`)
    return new Uint8Array()
  }
  await mergeParameters({ ...NONE, files: ["1", "2"] }, slow)
  expect(order).toEqual(["open 1", "close 1", "open 2", "close 2"])
})

test.each([
  ["True", true],
  ["true", "true"],
  ["None", null],
  ["null", "null"],
  ["1_000", 1000],
  [" 5 ", 5],
  ["1e3", new NumberLexeme("1000.0")],
  ["nan", new NumberLexeme("NaN")],
  ["0x10", "0x10"],
  ["2024-01-02", "2024-01-02"],
  ["", ""],
  ["é☃", "é☃"],
])("-p takes %j for %j", (text, value) => {
  expect(typed(text)).toEqual(value)
})
