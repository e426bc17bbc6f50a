import { expect, test } from "vitest"
import { type Json, parse, write } from "#base/json.ts"
import { loadGrammars } from "#notebook/adapters/grammars.ts"
import { bind } from "#notebook/bind.ts"
import type { Notebook } from "#notebook/document.ts"
import { declaredParameters } from "#notebook/parameters.ts"
import { factsIn } from "#notebook/parameters-facts.ts"

function declared(source: string, kernel = "python3", grammars = {}) {
  const cell = { id: "p", cell_type: "code", metadata: { tags: ["parameters"] }, source, outputs: [], execution_count: null }
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language: kernel === "ir" ? "R" : kernel } }
  return declaredParameters({ nbformat: 4, nbformat_minor: 5, metadata, cells: [cell] } as unknown as Notebook, grammars)
}

const json = (text: string): Json => {
  const read = parse(text)
  if (!read.ok) throw new Error(read.refusal.message)
  return read.value
}

/** What binding gives, or what it says is wrong. */
function bound(source: string, given: Readonly<Record<string, string>>) {
  const outcome = bind(
    declared(source),
    Object.entries(given).map(([name, text]) => ({ name, value: json(text) })),
  )
  return outcome.ok
    ? Object.fromEntries(outcome.value.map(({ name, value }) => [name, write(value)]))
    : outcome.refusal.map(({ problem, message }) => `${problem}: ${message}`)
}

const property = (schema: Json, name: string) => (JSON.parse(write(schema)) as { properties: Record<string, unknown> }).properties[name]

test("a comment tells title, bounds, place and choices in brackets, beside the help; other brackets are help", () => {
  expect(factsIn("[title: Days back; min: 1; max: 31] How far")).toEqual({ facts: { title: "Days back", min: 1, max: 31 }, rest: "How far" })
  expect(factsIn("How far [order: 2]")).toEqual({ facts: { order: 2 }, rest: "How far" })
  for (const line of ["as [a, b]", "see [1]", "[note] this", "[min] of all", ""]) expect(factsIn(line)).toEqual({ facts: {}, rest: line })
})

test("the schema says what is declared, with forms' order, in Python, R, Bash and TypeScript alike", async () => {
  const { schema } = declared(
    [
      "days: int = 7  # [title: Days back; min: 1; max: 31; order: 2] How far back",
      'start: date = "2026-01-01"  # [min: 2020-01-01; order: 1]',
      'regions = ["EU"]  # type: list[str] [choices: EU | US | APAC] Where',
      "rate = 0.5  # [max: 1]",
    ].join("\n"),
  )
  // Written, keys are sorted: the order of forms is said beside them.
  expect((JSON.parse(write(schema)) as { "x-stet-order": string[] })["x-stet-order"]).toEqual(["start", "days", "regions", "rate"])
  expect(property(schema, "days")).toEqual({
    title: "Days back",
    description: "How far back",
    type: "integer",
    minimum: 1,
    maximum: 31,
    default: 7,
  })
  expect(property(schema, "start")).toMatchObject({ format: "date", "x-stet-minimum": "2020-01-01" })
  expect(property(schema, "regions")).toMatchObject({ type: "array", items: { enum: ["EU", "US", "APAC"] }, description: "Where" })
  const grammars = await loadGrammars()
  for (const [kernel, source] of [
    ["ir", "days <- 7L # [title: Days back; max: 31] How far back"],
    ["bash", "days=7 # [title: Days back; max: 31] How far back"],
    ["deno", "let days = 7n // [title: Days back; max: 31] How far back"],
  ] as const)
    expect([kernel, property(declared(source, kernel, grammars).schema, "days")]).toMatchObject([
      kernel,
      { title: "Days back", maximum: 31, description: "How far back" },
    ])
})

test("what is out of bounds or no choice is refused, to the last digit, and its message is one sentence", () => {
  const source = [
    "days: int = 7  # [min: 1; max: 31]",
    'start: date = "2026-01-01"  # [min: 2020-01-01]',
    'regions = ["EU"]  # type: list[str] [choices: EU | US]',
    "shares = [0.5]  # type: list[float] [max: 1]",
    "big = 1  # [max: 9007199254740993]",
  ].join("\n")
  expect(bound(source, { days: "31", start: '"2020-01-01"', regions: '["US", "EU"]', shares: "[1, 0.25]", big: "9007199254740993" })).toEqual({
    days: "31",
    start: '"2020-01-01"',
    regions: '["US","EU"]',
    shares: "[1,0.25]",
    big: "9007199254740993",
  })
  expect(bound(source, { days: "32", start: '"2019-12-31"', regions: '["Mars"]', shares: "[0.5, 1.5]", big: "9007199254740994" })).toEqual([
    "out_of_bounds: The parameter days should be at most 31, but got 32.",
    'out_of_bounds: The parameter start should be at least 2020-01-01, but got "2019-12-31".',
    expect.stringMatching(/^not_a_choice: The parameter regions should be one of "EU", "US" as item 1/),
    "out_of_bounds: The parameter shares should be at most 1 as item 2, but got [0.5,1.5].",
    "out_of_bounds: The parameter big should be at most 9007199254740993, but got 9007199254740994.",
  ])
  expect(bound("pin = 5 # secret [max: 9]", { pin: "1234" })).toEqual(["out_of_bounds: The parameter pin should be at most 9."])
  expect(declared("days = 40 # [max: 31]").problems.map(({ message }) => message)).toEqual([
    "The default of days does not conform its type: it should be at most 31.",
  ])
})

test("who follows another takes its value, along a chain, unless it is given one itself; no secret is followed", () => {
  const source = [
    'start: date = "2026-01-01"',
    'end: date = "2026-01-01"  # [follows: start]',
    "due: date  # [follows: end]",
    'token = "t"  # secret',
    'shown = "s"  # [follows: token]',
  ].join("\n")
  expect(bound(source, { start: '"2026-03-01"' })).toEqual({ start: '"2026-03-01"', end: '"2026-03-01"', due: '"2026-03-01"' })
  expect(bound(source, { start: '"2026-03-01"', end: '"2026-04-01"' })).toMatchObject({ end: '"2026-04-01"', due: '"2026-04-01"' })
  expect(bound(source, {})).toEqual([expect.stringMatching(/^missing: The parameter due/)])
  expect(bound(source, { start: '"2026-03-01"', token: '"hush"' })).not.toHaveProperty("shown")
  // In a circle nobody is followed for ever.
  expect(bound("a = 1 # [follows: b]\nb = 2 # [follows: a]", { a: "5" })).toEqual({ a: "5", b: "5" })
})
