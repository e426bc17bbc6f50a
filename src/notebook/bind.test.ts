import fc from "fast-check"
import { expect, test } from "vitest"
import { type Json, write } from "#base/json.ts"
import { type BindProblem, bind, type Given, type GivenValue } from "#notebook/bind.ts"
import { nearest } from "#notebook/bind-nearest.ts"
import type { Notebook } from "#notebook/document.ts"
import { declaredParameters } from "#notebook/parameters.ts"
import type { Declared } from "#notebook/parameters-declared.ts"
import { json } from "#notebook/testing.ts"

function declare(source: string, language = "python"): Declared {
  const cell = { id: "c0", cell_type: "code", metadata: { tags: ["parameters"] }, source, outputs: [], execution_count: null }
  const notebook: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: language } }, cells: source === "" ? [] : [cell] }
  return declaredParameters(notebook)
}

function bound(source: string, given: Given, allowUnknown = false): string {
  const outcome = bind(declare(source), given, { allowUnknown })
  if (!outcome.ok) throw new Error(outcome.refusal.map((problem) => problem.message).join("\n"))
  return outcome.value.map(({ name, value }) => `${name}=${write(value)}`).join(" ")
}

function problems(source: string, given: Given, allowUnknown = false): readonly BindProblem[] {
  const outcome = bind(declare(source), given, { allowUnknown })
  if (outcome.ok) throw new Error("this was bound, and should have been refused")
  return outcome.refusal
}

const text = (name: string, value: string, raw = false): GivenValue => ({ name, text: value, raw })
const value = (name: string, typed: Json): GivenValue => ({ name, value: typed })

test("text takes the type of its parameter", () => {
  const source = `
a: int = 0
b: float = 0.0
c: bool = False
d: str = ""
e: list[int] = []
f: dict[str, int] = {}
g: Optional[int] = None
h: Literal["1", 2] = 2
i: Optional[str] = None
j: date = "2026-01-01"
k: int | str = 0
`
  expect(
    bound(source, [
      text("a", " 1_000 "),
      text("b", "+.5"),
      text("c", "yes"),
      text("d", "True"),
      text("e", "[1, 12345678901234567890]"),
      text("f", '{"x": 1}'),
      text("g", "None"),
      text("h", "2"),
      text("i", "7"),
      text("j", "2026-02-28"),
      text("k", "seven"),
    ]),
  ).toBe('a=1000 b=0.5 c=true d="True" e=[1,12345678901234567890] f={"x":1} g=null h=2 i="7" j="2026-02-28" k="seven"')
})

test("text for a parameter of any type is guessed as papermill guesses, and raw text stays text", () => {
  expect(
    bound(
      "x = None",
      [text("a", "True"), text("b", "None"), text("c", "007"), text("d", "1.10"), text("e", "inf"), text("f", "7", true), text("x", "-5")],
      true,
    ),
  ).toBe('a=true b=null c=7 d=1.10 e=Infinity f="7" x=-5')
  const guesses: readonly (readonly [string, string])[] = [
    ["1_000", "1000"],
    ["1__0", '"1__0"'],
    ["_1", '"_1"'],
    ["+5", "5"],
    ["-0", "0"],
    [" 5\n", "5"],
    ["٣", "3"],
    ["𝟡", "9"],
    ["0x10", '"0x10"'],
    ["1e3", "1e3"],
    [".5", "0.5"],
    ["5.", "5.0"],
    ["1_0.0_1", "10.01"],
    ["1e400", "1e400"],
    ["NaN", "NaN"],
    ["-Infinity", "-Infinity"],
    ["infinit", '"infinit"'],
    ["nan ", "NaN"],
    ["", '""'],
    ["true", '"true"'],
    ["1 2", '"1 2"'],
    ["12345678901234567890123", "12345678901234567890123"],
  ]
  for (const [given, expected] of guesses) expect(bound("", [text("x", given)], true)).toBe(`x=${expected}`)
})

test("typed values are checked, kept to the last digit, and 3.0 is an integer", () => {
  expect(
    bound("a: int\nb: float\nc: Any", [value("a", json("3.0")), value("b", json("1180591620717411303424")), value("c", json('{"x":1.0}'))]),
  ).toBe('a=3 b=1180591620717411303424 c={"x":1.0}')
  expect(problems("a: int", [value("a", json("3.5"))])[0]?.message).toBe("The parameter a should be an integer, but got 3.5.")
  expect(problems("a: int", [value("a", true)])[0]?.message).toContain("got true")
  expect(problems("a: list[int]", [value("a", [1, "x"])])[0]?.message).toBe('The parameter a should be an integer as item 2, but got "x".')
  expect(problems("a: date", [value("a", "2026-02-30")])[0]?.message).toContain("a date such as")
  expect(problems("a: datetime", [value("a", "2026-02-01 25:00")])).toHaveLength(1)
  expect(bound("a: datetime", [value("a", "2026-02-01T08:30:00.5+02:00")])).toBe('a="2026-02-01T08:30:00.5+02:00"')
  expect(bound("a = 1", [text("a", "3.0")])).toBe("a=3")
  expect(problems("a = 1", [text("a", "0.5")])[0]?.message).toContain("got 0.5.")
  expect(problems("a = 1", [text("a", "0.5")])[0]?.message).toContain("annotate the parameter as a float")
})

test("raw text for a number is refused as the text that it is", () => {
  expect(problems("a: int", [text("a", "5", true)])[0]?.message).toBe('The parameter a should be an integer, but got "5".')
})

test("every problem is told at once", () => {
  const found = problems('region: Literal["EU", "US"] = "EU"\ncount: int\nwhen: date', [
    text("regoin", "EU"),
    text("region", "MARS"),
    text("count", "many"),
  ])
  expect(found.map(({ problem, name, suggestion }) => ({ problem, name, suggestion }))).toEqual([
    { problem: "unknown", name: "regoin", suggestion: "region" },
    { problem: "not_a_choice", name: "region", suggestion: undefined },
    { problem: "wrong_type", name: "count", suggestion: undefined },
    { problem: "missing", name: "when", suggestion: undefined },
  ])
  expect(found.map((problem) => problem.message)).toEqual([
    "The parameter regoin is unknown; did you mean region?",
    'The parameter region should be one of "EU", "US", but got "MARS".',
    'The parameter count should be an integer, but got "many".',
    "The parameter when is required and was not given. Give it a value, or a default in the notebook.",
  ])
})

test("unknown names are refused unless they are allowed, and a notebook that declares none says how to", () => {
  expect(problems("", [text("a", "1")])[0]?.message).toMatch(/declares none\. Tag the cell .*"parameters"/)
  expect(bound("", [text("a", "1")], true)).toBe("a=1")
  expect(problems("alpha = 1", [text("zzz", "1")])[0]?.message).toContain("declares alpha")
  expect(bind(declare("a=1", "bash"), [text("a", "1")])).toMatchObject({
    ok: false,
    refusal: [{ message: expect.stringContaining("cannot be checked") }],
  })
})

test("a name that is no variable is refused even when unknown names are allowed", () => {
  for (const name of ["a b", "a=7;import os;a", "1a", "class", "", "a\nb", "__import__", "ﬁ", "a".repeat(300)]) {
    expect(problems("", [text(name, "1")], true)[0]?.problem, name).toBe("bad_name")
  }
  expect(bound("größe = 1", [text("größe", "2")])).toBe("größe=2")
})

test("names that objects inherit are names like others", () => {
  expect(problems("a = 1", [text("constructor", "1"), text("__proto__", "1")]).map((problem) => problem.problem)).toEqual(["unknown", "unknown"])
  expect(bound("c: bool = True\nd: bool = True", [text("c", "0"), text("d", "ON")])).toBe("c=false d=true")
  expect(problems("c: bool = True", [text("c", "constructor")])[0]?.problem).toBe("wrong_type")
})

test("bindings come in the order given; of a name given twice the later value counts where the first stood", () => {
  expect(bound("a = 1\nb = 2", [text("b", "1"), text("a", "2"), text("b", "3")])).toBe("b=3 a=2")
})

test("a secret is bound as one, and no message tells its value", () => {
  const outcome = bind(declare("token: Secret[str]"), [text("token", "hunter2")])
  expect(outcome).toEqual({ ok: true, value: [{ name: "token", value: "hunter2", secret: true }] })
  const [problem] = problems("pin = 1  # secret", [text("pin", "hunter2")])
  expect(problem?.message).toContain("an integer")
  expect(problem?.message).not.toContain("hunter2")
  const marked = bind(declare("a = ''"), [{ name: "a", text: "hunter2", secret: true }])
  expect(marked).toMatchObject({ ok: true, value: [{ secret: true }] })
})

test("the nearest name is the one fewest slips away, and far ones are none", () => {
  expect(nearest("regoin", ["origin", "region"])).toBe("region")
  expect(nearest("Region", ["region"])).toBe("region")
  expect(nearest("n_rows", ["nrows", "ncols"])).toBe("nrows")
  expect(nearest("x", ["alpha", "beta"])).toBeUndefined()
  expect(nearest("a".repeat(10_000), ["aaa"])).toBeUndefined()
})

test("whatever is bound without types comes back as it was given", () => {
  const anything = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()))
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,8}_$/), anything), { selector: ([name]) => name }), (pairs) => {
      const outcome = bind(
        declare(""),
        pairs.map(([name, one]) => value(name, one)),
        { allowUnknown: true },
      )
      expect(outcome).toEqual({ ok: true, value: pairs.map(([name, one]) => ({ name, value: one, secret: false })) })
    }),
    { numRuns: 200 },
  )
})
