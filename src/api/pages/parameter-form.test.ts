import { expect, test } from "vitest"
import { parameterFields, typedParameters } from "#api/pages/parameter-form.ts"
import { type JsonObject, NumberLexeme } from "#base/json.ts"

const schema: JsonObject = {
  type: "object",
  properties: {
    region: { type: "string", default: "EU", description: "Where <b>sales</b> were made" },
    days: { type: "integer", default: 7 },
    rate: { type: "number", default: new NumberLexeme("1.0") },
    verbose: { type: "boolean", default: false },
    mode: { enum: ["fast", "slow", 3], default: "fast" },
    note: { type: ["string", "null"], default: null },
    items: { type: "array", items: { type: "integer" }, default: [1, 2] },
    key: { type: "string", writeOnly: true, "x-stet-secret": true },
    day: { type: "string", format: "date" },
  },
  required: ["day"],
}
const form = (values: Record<string, string>) => new Map(Object.entries(values).map(([name, value]) => [`p.${name}`, value]))
const untouched = { region: "EU", days: "7", rate: "1.0", verbose: "false", mode: '"fast"', note: "", items: "[1,2]", key: "" }

test("what nobody touched is left to the defaults", () => {
  expect(typedParameters(schema, form({ ...untouched, day: "2026-01-31" })).parameters).toEqual({ day: "2026-01-31" })
})

test("what was typed takes the type of its parameter, to the last digit", () => {
  const typed = typedParameters(
    schema,
    form({
      region: "",
      days: "12345678901234567890",
      rate: "2.50",
      verbose: "true",
      mode: "3",
      note: "x",
      items: "[3]",
      key: "s3cret",
      day: "2026-01-31",
    }),
  )
  expect(typed.parameters).toEqual({
    region: "",
    days: new NumberLexeme("12345678901234567890"),
    rate: new NumberLexeme("2.50"),
    verbose: true,
    mode: 3,
    note: "x",
    items: [3],
    key: "s3cret",
    day: "2026-01-31",
  })
})

test("what is no number goes on as text, to be refused by name; what is no JSON is told here", () => {
  const typed = typedParameters(schema, form({ days: "seven", items: "1, 2" }))
  expect(typed.parameters).toEqual({ days: "seven" })
  expect([...typed.wrong.keys()]).toEqual(["items"])
})

test("the form shows help, defaults and choices, never a secret, and nothing in it is markup of others", () => {
  const { markup } = parameterFields(schema, form({ key: "typed secret", region: '"><script>' }), new Map([["days", "This is <i>wrong</i>"]]))
  expect(markup).toContain("Where &lt;b&gt;sales&lt;/b&gt; were made")
  expect(markup).toContain('value="&quot;&gt;&lt;script&gt;"')
  expect(markup).toContain('<option value="&quot;fast&quot;" selected>fast</option>')
  expect(markup).toContain("This is &lt;i&gt;wrong&lt;/i&gt;")
  expect(markup).not.toContain("typed secret")
  for (const [, id] of markup.matchAll(/<label for="([^"]+)"/g)) expect(markup).toContain(`id="${id}"`)
})
