import { expect, test } from "vitest"
import { type JsonObject, parse, write } from "#base/json.ts"
import { NAME_PATTERNS } from "#notebook/parameters-named.ts"
import { asCommand, asCurl, asPython, type LaunchCode } from "#web/launch/as-code.ts"
import { type Field, fieldsOf } from "#web/launch/field.ts"
import { fileProblem } from "#web/launch/given-file.ts"
import { onTheWire, serverProblems, valuesOf } from "#web/launch/typed.ts"

function schema(properties: string, ...required: readonly string[]): JsonObject {
  const read = parse(`{"type": "object", "properties": {${properties}}, "required": ${JSON.stringify(required)}}`)
  if (!read.ok) throw new Error(read.refusal.message)
  return read.value as JsonObject
}

/** "name=text" → the values as JSON, or every problem as "name: message". */
function typed(fields: readonly Field[], ...texts: readonly string[]): string {
  const values = valuesOf(fields, new Map(texts.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)] as const)))
  return values.ok ? write(values.value) : [...values.refusal].map(([name, message]) => `${name}: ${message}`).join("\n")
}

const SALES = schema(
  `"region": {"type": "string", "default": "EU", "description": "Where"},
   "year": {"type": "integer", "default": 2026},
   "rate": {"type": "number", "default": 1.0},
   "dry": {"type": "boolean", "default": false},
   "size": {"enum": ["small", "large", 3], "default": "small"},
   "day": {"type": "string", "format": "date"},
   "names": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]},
   "options": {"type": "object", "additionalProperties": true, "default": {"x": 1.0}},
   "limit": {"type": ["integer", "null"], "default": null},
   "key": {"type": "string", "x-stet-secret": true, "writeOnly": true}`,
  "day",
)

test("each type has its field, with the default as it would be typed", () => {
  const { fields } = fieldsOf(SALES)
  expect(fields.map(({ name, kind, initial, required }) => `${name} ${kind}${required ? " required" : ""} ${JSON.stringify(initial)}`)).toEqual([
    'region text "EU"',
    'year integer "2026"',
    'rate number "1.0"',
    'dry flag "false"',
    'size choice "\\"small\\""',
    'day date required ""',
    'names list "a\\nb"',
    'options json "{\\"x\\":1.0}"',
    'limit integer ""',
    'key secret ""',
  ])
})

test("what was left as it was is not sent; what was typed is sent as the type has it", () => {
  const { fields } = fieldsOf(SALES)
  expect(typed(fields, "day=2026-02-01")).toBe('{"day":"2026-02-01"}')
  expect(typed(fields, "day=2026-02-01", "rate=1.10", "year=2 027", "names=x y\n\n z ", "limit=12", "dry=true", "size=3", "key=s3cret")).toBe(
    '{"day":"2026-02-01","dry":true,"key":"s3cret","limit":12,"names":["x y","z"],"rate":1.10,"size":3,"year":2027}',
  )
})

test("everything that is wrong is said at once, each at its field", () => {
  const { fields } = fieldsOf(SALES)
  expect(typed(fields, "year=20.5", "rate=much", "dry=perhaps", "size=huge", "options=[1]")).toBe(
    [
      'year: "20.5" is not a whole number, such as 42.',
      'rate: "much" is not a number, such as 0.25.',
      "dry: Choose yes or no.",
      "size: Choose one of these.",
      "day: Give a value: the notebook has none of its own for day.",
      'options: This is JSON, but no object. Write it as {"name": value}.',
    ].join("\n"),
  )
  expect(typed(fields, "day=2026-02-01", "options={x: 1}")).toMatch(/^options: This is not JSON \(line 1, column 2: /)
})

test("a run that is run again sends exactly the values it had, until somebody types", () => {
  const given = { region: "US", rate: (SALES["properties"] as { rate: { default: JsonObject } }).rate.default, gone: 1, day: "2026-01-01" }
  const again = fieldsOf(SALES, given)
  expect(again.dropped).toEqual(["gone"])
  expect(again.secretsToGive).toEqual(["key"])
  expect(typed(again.fields)).toBe('{"day":"2026-01-01","rate":1.0,"region":"US"}')
  expect(typed(again.fields, "region=EU", "rate=2")).toBe('{"day":"2026-01-01","rate":2}')
})

test("a list that lines cannot show is edited as JSON", () => {
  const one = (value: string) => fieldsOf(schema(`"l": {"type": "array", "items": {"type": "string"}, "default": ${value}}`)).fields[0]
  expect(one('["a", "b c"]')?.kind).toBe("list")
  expect(one('["a", ""]')?.kind).toBe("json")
  expect(one('[" a"]')?.kind).toBe("json")
  expect(one('["a\\nb"]')?.kind).toBe("json")
  const numbers = fieldsOf(schema('"l": {"type": "array", "items": {"type": "integer"}, "default": [1]}')).fields
  expect(typed(numbers, "l=1\nx\n3\n\ny")).toBe("l: Line 2, 5 is not a whole number, such as 42.")
  expect(typed(numbers, "l=")).toBe('{"l":[]}')
})

test("an empty field is nothing where nothing is allowed, and asked for where it is not", () => {
  const fields = fieldsOf(
    schema('"a": {"type": ["string", "null"], "default": "x"}, "b": {"type": "integer", "default": 1}, "c": {"type": "string"}', "c"),
  ).fields
  expect(typed(fields, "a=", "b=", "c=")).toBe(
    ["b: Give a whole number, such as 42, or reset it to the default.", "c: Give a value: the notebook has none of its own for c."].join("\n"),
  )
  expect(typed(fields, "a=", "c=t")).toBe('{"a":null,"c":"t"}')
  expect(typed(fields, "a=None", "c=0012")).toBe('{"a":"None","c":"0012"}')
})

test("what the server finds is shown at the field, and what belongs to none beside them", () => {
  const { fields } = fieldsOf(SALES)
  const found = serverProblems(
    [
      { path: "parameters.year", message: "year must be…" },
      { path: "priority", message: "too high" },
    ],
    fields,
  )
  expect([[...found.problems], found.others]).toEqual([[["year", "year must be…"]], ["too high"]])
})

test("on the wire numbers keep their spelling where the browser can", () => {
  const values = parse('{"rate": 1.0, "ids": [12345678901234567890]}')
  if (!values.ok) throw new Error()
  const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
  expect(JSON.stringify(onTheWire(values.value as JsonObject, rawJson))).toBe('{"rate":1.0,"ids":[12345678901234567890]}')
  expect(onTheWire(values.value as JsonObject, undefined)["rate"]).toBe(1)
})

const LAUNCH: LaunchCode = {
  origin: "https://stet.example",
  notebook: "sales/Q3 report.ipynb",
  version: 12,
  values: { region: "it's", deep: { a: [1, true, null] } },
  files: {},
  secretNames: ["api_key"],
  environment: "science",
  priority: 5,
}

test("as a command, every word is one word of a shell, and a secret is not written", () => {
  expect(asCommand(LAUNCH)).toBe(
    [
      "stet run --server https://stet.example 'sales/Q3 report.ipynb@12'",
      "-p region 'it'\\''s'",
      `-p deep '{"a":[1,true,null]}'`,
      '-p api_key "$API_KEY"',
      "--environment science",
      "--priority 5",
    ].join(" \\\n  "),
  )
})

test("as Python and as curl", () => {
  expect(asPython(LAUNCH)).toContain('        "deep": {"a": [1, True, None]},\n        "api_key": os.environ["API_KEY"],')
  expect(asPython({ ...LAUNCH, values: {}, secretNames: [], version: "latest", environment: "", priority: 0 })).toBe(
    `from stet_client import Stet

stet = Stet("https://stet.example")  # the token comes from STET_TOKEN
run = stet.runs.launch(
    notebook="sales/Q3 report.ipynb",
)
run = stet.runs.wait(run, check=True)
print(run.state)`,
  )
  expect(asCurl(LAUNCH)).toContain('-d \'{\n  "environment": "science"')
  expect(asCurl(LAUNCH)).toContain('"region": "it\'\\\'\'s"')
})

const FILES = schema(
  `"data": {"type": "string", "format": "x-stet-file", "x-stet-accept": [".csv", ".tsv"], "x-stet-max-bytes": 2048},
   "more": {"type": ["string", "null"], "format": "x-stet-file", "default": "extra.csv"}`,
  "data",
)

test("the name of a table is looked at as the server will, and the field says which ones may be given", () => {
  const { fields } = fieldsOf(
    schema(
      `"orders": {"type": "string", "format": "x-stet-table", "pattern": ${JSON.stringify(NAME_PATTERNS.table)}, "x-stet-among": ["sales.*", "hr.people"], "default": "sales.orders"}`,
    ),
  )
  expect(fields.map(({ kind, words }) => [kind, words])).toEqual([["table", "table, sales.* or hr.people"]])
  expect(typed(fields, "orders= sales.orders_2026 ")).toBe('{"orders":"sales.orders_2026"}')
  expect(typed(fields, "orders=x; DROP TABLE y")).toBe('orders: "x; DROP TABLE y" is not the name of a table, such as sales.orders.')
})

test("a file has its field: what it may be stands in words, the default is the one that comes with the notebook, an upload is its value", () => {
  const UPLOAD = "upload:01J5ZC8Q4W3N2M1K0H9G8F7E6D"
  const { fields } = fieldsOf(FILES)
  expect(fields.map(({ name, kind, words, initial, accept, maxBytes }) => [name, kind, words, initial, accept, maxBytes])).toEqual([
    ["data", "file", "file, .csv or .tsv, up to 2.0 KB", "", [".csv", ".tsv"], 2048],
    ["more", "file", "file, may be left empty", "extra.csv", [], undefined],
  ])
  expect(typed(fields)).toBe("data: Choose a file, or drop one here: it needs one.")
  expect(typed(fields, `data=${UPLOAD}`)).toBe(`{"data":"${UPLOAD}"}`)
  expect(typed(fields, `data=${UPLOAD}`, "more=")).toBe(`{"data":"${UPLOAD}","more":null}`)
  expect(typed(fieldsOf(FILES, { data: UPLOAD }).fields)).toBe(`{"data":"${UPLOAD}"}`)
})

test("a file that cannot be taken is told before a byte of it is sent", () => {
  const [data] = fieldsOf(FILES).fields as [Field]
  const said = (name: string, size: number) => fileProblem(data, { name, size })
  expect([said("a.csv", 1), said("A.TSV", 2048)]).toEqual([undefined, undefined])
  expect([said("a.txt", 1), said(".csv", 1)]).toEqual([
    "a.txt has another ending: choose a file that ends in .csv or .tsv.",
    ".csv has another ending: choose a file that ends in .csv or .tsv.",
  ])
  expect(said("a.csv", 0)).toContain("is empty")
  expect(said("a.csv", 2049)).toContain("at most 2.0 KB are taken")
})

test("code sends the file itself, whatever it is called", () => {
  const launch = { ...LAUNCH, values: {}, secretNames: [], files: { data: "it's $HOME.csv" } }
  expect(asCommand(launch)).toContain("-p data 'it'\\''s $HOME.csv'")
  expect(asPython(launch)).toContain("from pathlib import Path\n\nfrom stet_client")
  expect(asPython(launch)).toContain('        "data": Path("it\'s $HOME.csv"),')
  const curl = asCurl(launch)
  expect(curl).toMatch(/^upload_data=\$\(curl -sS --fail-with-body --data-binary '@it'\\''s \$HOME\.csv'/)
  expect(curl).toContain("/api/v1/notebooks/sales%2FQ3%20report.ipynb/uploads?name=it%27s+%24HOME.csv")
  expect(curl).toContain('"data": "\'"$upload_data"\'"')
})

const MANY = schema(
  `"data": {"type": "array", "items": {"type": "string", "format": "x-stet-file", "x-stet-accept": [".csv"], "x-stet-max-bytes": 2048}},
   "more": {"type": "array", "items": {"type": "string", "format": "x-stet-file"}, "default": ["a.csv", "b.csv"]},
   "none": {"type": ["array", "null"], "items": {"type": "string", "format": "x-stet-file"}, "default": null}`,
  "data",
)

test("a list of files has its field: a line for each, in their order", () => {
  const [one, two] = ["upload:01J5ZC8Q4W3N2M1K0H9G8F7E6D", "upload:01J5ZC8Q4W3N2M1K0H9G8F7E6E"]
  const { fields } = fieldsOf(MANY)
  expect(fields.map(({ name, kind, words, initial, accept, maxBytes }) => [name, kind, words, initial, accept, maxBytes])).toEqual([
    ["data", "files", "files, .csv, up to 2.0 KB each", "", [".csv"], 2048],
    ["more", "files", "files", "a.csv\nb.csv", [], undefined],
    ["none", "files", "files, may be left empty", "", [], undefined],
  ])
  expect(typed(fields)).toBe("data: Choose files, or drop them here: it needs one or more.")
  expect(typed(fields, `data=${two}\n${one}`)).toBe(`{"data":["${two}","${one}"]}`)
  expect(typed(fields, `data=${one}`, `more=${two}`)).toBe(`{"data":["${one}"],"more":["${two}"]}`)
  expect(typed(fieldsOf(MANY, { data: [one, two] }).fields)).toBe(`{"data":["${one}","${two}"]}`)
})

test("code sends each file of a list, in their order", () => {
  const launch = { ...LAUNCH, values: {}, secretNames: [], files: { data: ["b c.csv", "a.csv"], more: "x.csv" } }
  expect(asCommand(launch)).toContain("-p data 'b c.csv' \\\n  -p data a.csv \\\n  -p more x.csv")
  expect(asPython(launch)).toContain('        "data": [Path("b c.csv"), Path("a.csv")],\n        "more": Path("x.csv"),')
  const curl = asCurl(launch)
  expect(curl).toContain("upload_data_1=$(curl -sS --fail-with-body --data-binary '@b c.csv'")
  expect(curl).toMatch(/"data": \[\s*"'"\$upload_data_1"'",\s*"'"\$upload_data_2"'"\s*\]/)
  const eleven = asCurl({ ...launch, files: { data: Array.from({ length: 11 }, (_, at) => `${at}.csv`) } })
  expect(eleven).toMatch(/"'"\$upload_data_10"'",\s*"'"\$upload_data_11"'"\s*\]/)
})
