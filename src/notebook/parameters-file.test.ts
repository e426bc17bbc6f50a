import fc from "fast-check"
import { expect, test } from "vitest"
import { type Json, write } from "#base/json.ts"
import { loadGrammars } from "#notebook/adapters/grammars.ts"
import { bind } from "#notebook/bind.ts"
import type { Notebook } from "#notebook/document.ts"
import { inject } from "#notebook/inject.ts"
import { declaredParameters } from "#notebook/parameters.ts"
import { describeType } from "#notebook/parameters-check.ts"
import { fileMisfit, filePlaceOf, fileSize, safeFileName, uploadIn } from "#notebook/parameters-file.ts"

function notebookOf(source: string, kernel = "python3"): Notebook {
  const cell = { id: "p", cell_type: "code", metadata: { tags: ["parameters"] }, source, outputs: [], execution_count: null }
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language: kernel === "ir" ? "R" : kernel } }
  return { nbformat: 4, nbformat_minor: 5, metadata, cells: [cell] } as unknown as Notebook
}

const declared = (source: string, kernel?: string, grammars = {}) => declaredParameters(notebookOf(source, kernel), grammars)
const property = (schema: Json, name: string) => (JSON.parse(write(schema)) as { properties: Record<string, unknown> }).properties[name]
const UPLOAD = "upload:01J5ZC8Q4W3N2M1K0H9G8F7E6D"

test("a comment makes a text a file, in every language alike, with its endings and greatest size in the schema and in words", async () => {
  const grammars = await loadGrammars()
  const sources = {
    python3: 'data: Path = "orders.csv"  # [file: .csv, parquet | *.CSV.gz; max: 20 MB; title: Orders] What was sold',
    ir: 'data <- "orders.csv"  # [file: .csv, parquet | *.CSV.gz; max: 20 MB; title: Orders] What was sold',
    bash: 'data="orders.csv"  # [file: .csv, parquet | *.CSV.gz; max: 20 MB; title: Orders] What was sold',
    deno: 'let data = "orders.csv" // [file: .csv, parquet | *.CSV.gz; max: 20 MB; title: Orders] What was sold',
    "julia-1.11": 'data = "orders.csv"  # [file: .csv, parquet | *.CSV.gz; max: 20 MB; title: Orders] What was sold',
    scala212: 'val data = "orders.csv" // [file: .csv, parquet | *.CSV.gz; max: 20 MB; title: Orders] What was sold',
  }
  for (const [kernel, source] of Object.entries(sources)) {
    const { parameters, schema, problems } = declared(source, kernel, grammars)
    expect([kernel, problems, property(schema, "data")]).toEqual([
      kernel,
      [],
      {
        title: "Orders",
        description: "What was sold",
        type: "string",
        format: "x-stet-file",
        "x-stet-accept": [".csv", ".parquet", ".csv.gz"],
        "x-stet-max-bytes": 20 * 1024 ** 2,
        default: "orders.csv",
      },
    ])
    expect(parameters.map(({ type }) => describeType(type))).toEqual(["a file (.csv or .parquet or .csv.gz, at most 20 MB)"])
  }
})

test("any file, a file that is required, and a file or nothing", () => {
  const { parameters, schema } = declared(
    ["log = ...  # [file: any]", "data: Path  # [file: .csv]", "more = None  # [file: *; max: 500 kB]", 'name = "a.csv"  # [file] is help'].join(
      "\n",
    ),
  )
  expect(parameters.map(({ name, required, type }) => `${name} ${required} ${describeType(type)}`)).toEqual([
    "log true a file",
    "data true a file (.csv)",
    "more false a file (at most 500 KB) or null",
    "name false a text",
  ])
  expect(property(schema, "more")).toMatchObject({ type: ["string", "null"], format: "x-stet-file", "x-stet-max-bytes": 512_000, default: null })
})

test("a list of texts is a list of files, each of which fits; code gets their paths in the order in which they were given", () => {
  const { parameters, schema, problems } = declared(
    [
      'data = ["a.csv", "b.csv"]  # [file: .csv; max: 1 KB; title: Orders]',
      "more: list[Path]  # [file: any]",
      "none: Optional[list[str]] = None  # [file: .txt]",
    ].join("\n"),
  )
  expect([problems, parameters.map(({ name, required, type }) => `${name} ${required} ${describeType(type)}`)]).toEqual([
    [],
    [
      "data false a list (each item a file (.csv, at most 1 KB))",
      "more true a list (each item a file)",
      "none false a list (each item a file (.txt)) or null",
    ],
  ])
  const items = { type: "string", format: "x-stet-file", "x-stet-accept": [".csv"], "x-stet-max-bytes": 1024 }
  expect(property(schema, "data")).toEqual({ title: "Orders", type: "array", items, default: ["a.csv", "b.csv"] })
  expect(property(schema, "none")).toMatchObject({ type: ["array", "null"], items: { format: "x-stet-file" } })
  const notebook = notebookOf('data = ["a.csv"]  # [file: .csv]')
  const bound = bind(declaredParameters(notebook), [{ name: "data", value: ["z.csv", UPLOAD, "a.csv"] }])
  expect(bound.ok && inject(notebook, bound.value)).toMatchObject({
    value: { cells: [{}, { source: expect.stringContaining(`["z.csv", "${UPLOAD}", "a.csv"]`) }] },
  })
  const wrong = bind(declaredParameters(notebook), [{ name: "data", value: ["z.csv", "a.txt"] }])
  expect(wrong.ok || wrong.refusal.map(({ message }) => message)).toEqual(['The parameter data should be a file (.csv) as item 2, but got "a.txt".'])
})

test("what a comment says of a file and cannot be is told, and costs no more than itself", () => {
  const said = (source: string) => declared(source).problems.map(({ message }) => message)
  expect(said('key = "a"  # secret [file: .pem]')).toEqual([
    "The parameter key cannot be a file and a secret: take one of the two out of its comment.",
  ])
  expect(said("n: int = 3  # [file: .csv]")).toEqual([
    "The parameter n cannot be a file: its type is another. Declare it as a text, whose value is the file's path, or as a list of texts.",
  ])
  expect(said("many: list[int] = []  # [file: .csv]")[0]).toContain("many cannot be a file")
  expect(said('data = "a.csv"  # [file: .csv; max: twenty]')[0]).toContain("greatest size of the file data cannot be read")
  expect(said('data = "a.csv"  # [file: .csv, c/s/v]')[0]).toContain("c/s/v, which is no ending")
  expect(said('data = "a.txt"  # [file: .csv]')).toEqual(["The default of data does not conform its type: it should be a file (.csv)."])
  // What it is instead stays usable.
  expect(declared("n: int = 3  # [file: .csv]").parameters[0]?.type).toEqual({ kind: "integer" })
})

test("a later cell that only gives another default keeps the file; one that says a file of its own has that", () => {
  const cell = (id: string, source: string) => ({ ...notebookOf(source).cells[0], id }) as Notebook["cells"][number]
  const both = (first: string, second: string) =>
    declaredParameters({ ...notebookOf(""), cells: [cell("a", first), cell("b", second)] }).parameters.map(({ type }) => describeType(type))
  expect(both('data: Path = "a.csv"  # [file: .csv]', 'data = "b.csv"')).toEqual(["a file (.csv)"])
  expect(both('data = "a.csv"  # [file: .csv]', 'data = "b.tsv"  # [file: .tsv]')).toEqual(["a file (.tsv)"])
})

test("a value is what was sent before, or a path with one of the endings; a path stays in the kernel's language what it was", () => {
  const notebook = notebookOf("data: Path  # [file: .csv]\nmore = None  # [file: any]")
  const bound = (given: Json) => {
    const outcome = bind(declaredParameters(notebook), [{ name: "data", value: given }])
    return outcome.ok ? write(outcome.value[0]?.value ?? null) : outcome.refusal[0]?.message
  }
  expect(bound(UPLOAD)).toBe(`"${UPLOAD}"`)
  expect(bound("in/My Orders.CSV")).toBe('"in/My Orders.CSV"')
  expect(bound("orders.txt")).toBe('The parameter data should be a file (.csv), but got "orders.txt".')
  expect(bound(".csv")).toContain("but got")
  for (const wrong of ["", " ", "a\nb.csv", "a\0.csv", 3, null, ["a.csv"], `${UPLOAD}X`, UPLOAD.toLowerCase()] as Json[])
    expect(bound(wrong)).toContain("should be a file")
  const named = bind(declaredParameters(notebook), [
    { name: "data", text: 'a"; import os #.csv' },
    { name: "more", text: "None" },
  ])
  if (!named.ok) throw new Error("it should have been bound")
  const injected = inject(notebook, named.value)
  expect(injected.ok && injected.value.cells[1]?.source).toBe('# Parameters\ndata = "a\\"; import os #.csv"\nmore = None\n')
})

test("a file that does not fit is told by its ending, its emptiness or its size", () => {
  const { type } = filePlaceOf(declared("data: Path  # [file: .csv; max: 1 KB]").parameters[0]!.type)!
  const said = (name: string, sizeBytes: number) => fileMisfit("data", type, { name, sizeBytes })
  expect(said("a.csv", 1024)).toBeUndefined()
  expect(said("a.csv", 1025)).toBe('The file "a.csv" for data has 1.0 KB, and at most 1 KB are taken: give a smaller one.')
  expect(said("a.csv", 0)).toBe('The file "a.csv" for data is empty: give one with something in it.')
  expect(said("a.exe", 3)).toBe(
    'The parameter data takes a file (.csv, at most 1 KB), and "a.exe" has another ending: give a file that ends in .csv.',
  )
  expect([0, 1023, 1024, 1536, 20 * 1024 ** 2, 5 * 1024 ** 4].map(fileSize)).toEqual(["0 B", "1023 B", "1 KB", "1.5 KB", "20 MB", "5 TB"])
})

test("only the whole form of an upload is one", () => {
  expect(uploadIn(UPLOAD)).toBe("01J5ZC8Q4W3N2M1K0H9G8F7E6D")
  for (const text of [` ${UPLOAD}`, `${UPLOAD}/../x`, "upload:", "upload:01J5ZC8Q4W3N2M1K0H9G8F7E6I", 7, null, undefined] as Json[])
    expect(uploadIn(text)).toBeUndefined()
})

test("a name that is not to be trusted becomes one that is safe to lie under, and keeps its ending", () => {
  const names: readonly (readonly [string, string])[] = [
    ["orders.csv", "orders.csv"],
    ["Umsätze März.csv", "Umsätze_März.csv"],
    ["売上.csv.gz", "売上.csv.gz"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\boot.ini", "boot.ini"],
    ["/abs/o.csv", "o.csv"],
    ["..", "file"],
    [".", "file"],
    ["", "file"],
    ["///", "file"],
    [".bashrc", "bashrc"],
    ["-rf.csv", "rf.csv"],
    ["a\0b\n\u202ecsv.exe", "a_b_csv.exe"],
    ["$(touch x);`id`.csv", "touch_x_id_.csv"],
    ["CON.csv", "file-CON.csv"],
    ["a....csv", "a.csv"],
    [`${"x".repeat(300)}.csv`, `${"x".repeat(80)}.csv`],
    ["no ending", "no_ending"],
  ]
  for (const [given, safe] of names) expect([given, safeFileName(given)]).toEqual([given, safe])
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), (name) => {
      const safe = safeFileName(name)
      expect(safe).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u)
      expect(safe).not.toContain("..")
      expect(new TextEncoder().encode(safe).length).toBeLessThanOrEqual(255 + 100)
      expect(safeFileName(safe)).toBe(safe)
    }),
  )
})
