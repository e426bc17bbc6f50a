import fc from "fast-check"
import { expect, test } from "vitest"
import { type Json, write } from "#base/json.ts"
import { bind } from "#notebook/bind.ts"
import type { Notebook } from "#notebook/document.ts"
import { declaredParameters } from "#notebook/parameters.ts"
import { describeType } from "#notebook/parameters-check.ts"
import { isName, NAME_PATTERNS } from "#notebook/parameters-named.ts"

function declared(source: string, kernel = "python3") {
  const cell = { id: "p", cell_type: "code", metadata: { tags: ["parameters"] }, source, outputs: [], execution_count: null }
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language: kernel === "ir" ? "R" : kernel } }
  return declaredParameters({ nbformat: 4, nbformat_minor: 5, metadata, cells: [cell] } as unknown as Notebook)
}

const property = (schema: Json, name: string) => (JSON.parse(write(schema)) as { properties: Record<string, unknown> }).properties[name]
const table = (...among: string[]) => ({ kind: "named", of: "table", among }) as const

test("a comment makes a text the name of a table or of a connection, in words and in the schema", () => {
  for (const [kernel, source] of [
    [
      "python3",
      'orders = "sales.orders"  # [table: sales.*, staging.orders_*; title: Orders] Where they are\nsource: str = ...  # [connection: any]',
    ],
    ["ir", 'orders <- "sales.orders"  # [table: sales.*, staging.orders_*; title: Orders] Where they are\nsource <- "w"  # [connection: any]'],
    [
      "deno",
      'let orders = "sales.orders" // [table: sales.*, staging.orders_*; title: Orders] Where they are\nlet source = "w" // [connection: any]',
    ],
  ] as const) {
    const { parameters, schema, problems } = declared(source, kernel)
    expect([problems, parameters.map(({ type }) => describeType(type))]).toEqual([
      [],
      ["the name of a table (sales.* or staging.orders_*)", "the name of a connection, such as warehouse"],
    ])
    expect(property(schema, "orders")).toEqual({
      title: "Orders",
      description: "Where they are",
      type: "string",
      format: "x-stet-table",
      pattern: NAME_PATTERNS.table,
      "x-stet-among": ["sales.*", "staging.orders_*"],
      default: "sales.orders",
    })
    expect(property(schema, "source")).toMatchObject({ format: "x-stet-connection", pattern: NAME_PATTERNS.connection })
  }
})

test("what is given is such a name, one of those that may be given, and is delivered as it is", () => {
  const asked = declared('orders = "sales.orders"  # [table: sales.*]')
  const given = (value: Json) => bind(asked, [{ name: "orders", value }])
  expect(given('Sales."May 2026"')).toMatchObject({ ok: true })
  expect(given("hr.people")).toMatchObject({
    ok: false,
    refusal: [{ message: expect.stringMatching(/name of a table \(sales\.\*\).*"hr\.people"/) }],
  })
  expect(given("sales.orders; DROP TABLE x")).toMatchObject({ ok: false })
  expect(given(7)).toMatchObject({ ok: false })
})

test("names without quotes have no case, quoted ones do, and a star stays within its part", () => {
  for (const [pattern, name, fits] of [
    ["sales.*", "SALES.Orders", true],
    ["sales.*", '"Sales".orders', false],
    ["sales.*", '"sales"."a.b"', true],
    ["sales.*", "sales", false],
    ["sales.*", "sales.a.b", false],
    ["*.orders_*", "x.orders_2026", true],
    ["*.orders_*", "x.order", false],
    ["a*b*c.t", "aXXbYYc.t", true],
    ["a*b*c.t", "abc.t", true],
    ["a*bc*c.t", "abc.t", false],
    ["sales.`x`", "sales.x", false],
  ] as const)
    expect([pattern, name, isName(table(pattern), name)]).toEqual([pattern, name, fits])
  expect(isName({ kind: "named", of: "connection", among: ["finance_*"] }, "finance_eu")).toBe(true)
  expect(isName({ kind: "named", of: "connection", among: ["finance_*"] }, "hr")).toBe(false)
  expect(isName({ kind: "named", of: "connection", among: [] }, "postgres://me:secret@host/db")).toBe(false)
})

test("nothing but a name is one, whatever is tried", () => {
  const piece = fc.oneof(
    fc.constantFrom('"', '""', "`", ".", "'", ";", "--", "/*", " ", "\n", "\\", "$", "a", "t1", "sales", "\0", "é", "＂", "(", "1"),
    fc.string({ maxLength: 3 }),
  )
  let names = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("")
      if (!isName(table(), text)) return
      names++
      const bare = text.replaceAll(/"(?:[^"]|"")*"|`(?:[^`]|``)*`/g, "q")
      expect(bare).toMatch(/^[A-Za-z0-9_$.]+$/)
      expect(text).not.toMatch(/[\0\r\n]/)
    }),
    { numRuns: 20_000 },
  )
  expect(names).toBeGreaterThan(200)
  for (const naughty of [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "a b",
    "a;b",
    "a--b",
    'a"b',
    '"a',
    "1a",
    "a.b.c.d.e",
    "x".repeat(501),
    "t WHERE 1=1",
    "pg_read_file('/x')",
  ])
    expect([naughty, isName(table(), naughty)]).toEqual([naughty, false])
})

test("what cannot name anything is told: a secret, a number, two things at once, a pattern that is none, a default that is no name", () => {
  const said = (line: string) => declared(line).problems.map(({ message }) => message)
  expect(said('t = "a"  # secret: [table: any]')).toEqual([expect.stringContaining("be a secret")])
  expect(said("t = 4  # [table: any]")).toEqual([expect.stringContaining("its type is another")])
  expect(said('t = "a"  # [table: any; file: .csv]')).toContainEqual(expect.stringContaining("several things"))
  expect(said('t = "a"  # [table: a/b]')).toEqual([expect.stringContaining("write it as sales.orders or sales.*")])
  expect(said('t = "not a name"  # [table: any]')).toHaveLength(1)
  expect(said("t = None  # [table: any]")).toEqual([])
})
