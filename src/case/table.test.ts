import { expect, test } from "vitest"
import type { Json } from "#base/json.ts"
import type { TableCheck } from "#case/case.ts"
import { tableIn } from "#case/table.ts"
import { tableProblem } from "#case/table-check.ts"
import type { Cell } from "#notebook/index.ts"

function cell(data: { readonly [mime: string]: Json }): Cell {
  const outputs = [{ output_type: "execute_result", data, metadata: {}, execution_count: 1 }]
  return { id: "t", cell_type: "code", metadata: {}, source: "", outputs, execution_count: 1 }
}

// As pandas 2 writes a frame of 70 rows, cut down to two at either end.
const PANDAS = cell({
  "text/html": `<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe">
  <thead><tr style="text-align: right;"><th></th><th>region</th><th>net &amp; tax</th></tr></thead>
  <tbody>
    <tr><th>0</th><td>EU</td><td>1,200.5</td></tr>
    <tr><th>1</th><td>US</td><td>NaN</td></tr>
    <tr><th>...</th><td>...</td><td>...</td></tr>
    <tr><th>69</th><td>UK</td><td>7</td></tr>
  </tbody>
</table><p>70 rows × 2 columns</p></div>`,
})
// As IRkernel writes a data.frame with row names.
const R = cell({
  "text/html": `<table class="dataframe"><caption>A data.frame: 2 × 2</caption><thead>
	<tr><th></th><th scope=col>mpg</th><th scope=col>cyl</th></tr>
	<tr><th></th><th scope=col>&lt;dbl&gt;</th><th scope=col>&lt;dbl&gt;</th></tr>
</thead><tbody>
	<tr><th scope=row>Mazda RX4</th><td>21.0</td><td>6</td></tr>
	<tr><th scope=row>Datsun 710</th><td>22.8</td><td>4</td></tr>
</tbody></table>`,
})
const RESOURCE = cell({
  "application/vnd.dataresource+json": {
    schema: { fields: [{ name: "index" }, { name: "region" }, { name: "sum" }] },
    data: [
      { index: 0, region: "EU", sum: 1 },
      { index: 1, region: null, sum: 2 },
    ],
  },
  "text/html": "<table><tr><th>other</th></tr></table>",
})
const OBJECTS = cell({ "application/json": [{ a: 1 }, { a: 2, b: "x" }] })

const told = (of: Cell, check: { readonly check: TableCheck["check"]; readonly [key: string]: unknown }) =>
  tableProblem({ cell: "t", ...check } as TableCheck, [of])

test("tables are read as pandas, IRkernel, frictionless data and JSON have them", () => {
  expect([PANDAS, R, RESOURCE, OBJECTS].map((one) => tableIn(one)?.columns)).toEqual([
    ["region", "net & tax"],
    ["mpg", "cyl"],
    ["region", "sum"],
    ["a", "b"],
  ])
  expect([PANDAS, R, RESOURCE, OBJECTS].map((one) => tableIn(one)?.count)).toEqual([70, 2, 2, 2])
  expect(tableIn(cell({ "text/html": "<b>no table</b>" }))).toBeUndefined()
})

test("rows and columns", () => {
  expect(told(PANDAS, { check: "table_rows", equals: 70 })).toBeUndefined()
  expect(told(PANDAS, { check: "table_rows", min: 1, max: 70 })).toBeUndefined()
  expect(told(PANDAS, { check: "table_rows", equals: 1 })).toBe("The table of the cell t was to have one row, and has 70.")
  expect(told(R, { check: "table_rows", min: 3 })).toBe("The table of the cell t was to have at least 3 rows, and has 2.")
  expect(told(R, { check: "table_rows", max: 1 })).toBe("The table of the cell t was to have at most one row, and has 2.")
  expect(told(R, { check: "table_columns", columns: ["mpg", "cyl"] })).toBeUndefined()
  expect(told(R, { check: "table_columns", columns: ["cyl", "mpg"] })).toBe(
    "The table of the cell t was to have the columns cyl, mpg, and has mpg, cyl.",
  )
  expect(told(cell({}), { check: "table_rows", equals: 0 })).toBe("The cell t shows no table.")
})

test("a value is found by its row, from either end, or by what else stands in it", () => {
  expect(told(PANDAS, { check: "table_value", row: 1, column: "net & tax", value: 1200.5 })).toBeUndefined()
  expect(told(PANDAS, { check: "table_value", row: 2, column: "net & tax", value: null })).toBeUndefined()
  expect(told(PANDAS, { check: "table_value", row: -1, column: "region", value: "UK" })).toBeUndefined()
  expect(told(PANDAS, { check: "table_value", row: 70, column: "region", value: "UK" })).toBeUndefined()
  expect(told(PANDAS, { check: "table_value", row: 3, column: "region", value: "UK" })).toBe(
    "Row 3 is left out, because only 3 of 70 rows are shown, in the table of the cell t.",
  )
  expect(told(PANDAS, { check: "table_value", row: 71, column: "region", value: "UK" })).toBe("There is no row 71 in the table of the cell t.")
  expect(told(R, { check: "table_value", where: { cyl: 4 }, column: "mpg", value: 22.8 })).toBeUndefined()
  expect(told(R, { check: "table_value", where: { cyl: 4 }, column: "mpg", value: 23 })).toBe(
    'mpg was to be 23 in the table of the cell t, and is "22.8".',
  )
  expect(told(R, { check: "table_value", where: { cyl: 9 }, column: "mpg", value: 23 })).toBe('No row has {"cyl":9} in the table of the cell t.')
  expect(told(R, { check: "table_value", where: { gear: 9 }, column: "mpg", value: 23 })).toBe(
    'There is no column "gear" in the table of the cell t.',
  )
  expect(told(RESOURCE, { check: "table_value", row: 2, column: "sum", value: 2 })).toBeUndefined()
  expect(told(R, { check: "table_value", row: 1, column: "gear", value: 2 })).toBe('The table of the cell t has no column "gear": it has mpg, cyl.')
})

test("whether a column is always there is not said of rows that nobody sees", () => {
  expect(told(R, { check: "table_no_nulls", column: "mpg" })).toBeUndefined()
  expect(told(RESOURCE, { check: "table_no_nulls", column: "region" })).toBe("region was to be there in every row of the cell t, and is not in 1.")
  expect(told(PANDAS, { check: "table_no_nulls", column: "region" })).toMatch(/Only 3 of 70 rows of the cell t are shown/)
})
