import { expect, test } from "vitest"
import { type JsonObject, parse } from "#base/json.ts"
import { declaredParameters, type Notebook } from "#notebook/index.ts"
import { brokenOf } from "#template/breaks.ts"

function declared(source: string) {
  const cell = { id: "p", cell_type: "code", metadata: { tags: ["parameters"] }, source, outputs: [], execution_count: null }
  return declaredParameters({ nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: "python" } }, cells: [cell] } as unknown as Notebook)
}

type Given = { readonly parameter: string; readonly name: string; readonly sizeBytes: number }

function called(id: string, parameters: string, more: Partial<{ by: "person" | "token"; secretNames: string[]; run: string; files: Given[] }> = {}) {
  const read = parse(parameters)
  if (!read.ok) throw new Error(read.refusal.message)
  return {
    id,
    name: id,
    by: "person",
    scheduler: "",
    run: "R",
    at: 1,
    runs: 2,
    secretNames: [],
    files: [],
    ...more,
    parameters: read.value as JsonObject,
  } as const
}

const NEW = declared('region: Literal["EU", "US"] = "EU"\ndays: int\ntoken = ""  # secret\n')

test("who gave what still fits is not broken; who did not is named once, with every reason", () => {
  const broken = brokenOf(NEW, [
    called("fits", '{"region": "US", "days": 3}'),
    called("renamed", '{"regoin": "EU", "days": 1}', { run: "R2" }),
    called("renamed", '{"days": "many"}', { run: "R1" }),
    called("renamed", '{"days": 1, "gone": 2}', { by: "token" }),
    called("misses", '{"region": "EU"}'),
  ])
  expect(broken.map(({ id, by, run, runs, problems }) => [id, by, run, runs, problems.length])).toEqual([
    ["renamed", "person", "R2", 4, 2],
    ["renamed", "token", "R", 2, 1],
    ["misses", "person", "R", 2, 1],
  ])
  expect(broken[0]?.problems).toEqual([
    expect.stringMatching(/regoin is unknown; did you mean region/),
    expect.stringMatching(/days should be an integer/),
  ])
})

test("a secret that was given counts as given, and one that is asked for no more breaks its givers", () => {
  expect(brokenOf(declared("days: int\ntoken: Secret[str]"), [called("a", '{"days": 1}', { secretNames: ["token"] })])).toEqual([])
  expect(brokenOf(declared("days: int"), [called("a", '{"days": 1}', { secretNames: ["token"] })])).toMatchObject([
    { id: "a", problems: ["The parameter token, a secret, is unknown."] },
  ])
})

test("a file that is taken no more, or is no file any more, breaks its givers; so does a text where a file is wanted now", () => {
  const upload = '{"data": "upload:01J5ZC8Q4W3N2M1K0H9G8F7E6D"}'
  const given = (name: string, sizeBytes: number) => ({ files: [{ parameter: "data", name, sizeBytes }] })
  const said = (source: string, one: ReturnType<typeof called>, beside: string[] = []) => brokenOf(declared(source), [one], beside)[0]?.problems ?? []
  const csv = called("a", upload, given("may.csv", 2000))
  expect(said("data: Path  # [file: .csv; max: 2 KB]", csv)).toEqual([])
  expect(said("data: Path  # [file: .parquet]", csv)).toEqual([
    expect.stringMatching(/takes a file \(\.parquet\), and "may\.csv" has another ending/),
  ])
  expect(said("data: Path  # [file: .csv; max: 1 KB]", csv)).toEqual([expect.stringMatching(/"may\.csv" for data has 2\.0 KB, and at most 1 KB/)])
  expect(said('data = "EU"', csv)).toEqual(["The parameter data is no file any more, and was given one."])
  expect(said("data: int", csv)[0]).toContain("should be an integer")
  const FILE = 'data = "a.csv"  # [file: any]'
  expect(said(FILE, called("a", '{"data": "EU"}'), ["in/a.csv"])).toEqual(['The parameter data is a file now, and "EU" is none.'])
  expect(said(FILE, called("a", '{"data": "./b.csv"}'), ["in/b.csv"])).toEqual([])
  expect(said(FILE, called("a", '{"data": "a.csv"}'))).toEqual([])
  expect(said(FILE, called("a", "{}"))).toEqual([])
})
