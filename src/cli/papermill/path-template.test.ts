import { expect, test } from "vitest"
import type { Json } from "#base/json.ts"
import { momentAt } from "#cli/papermill/moment.ts"
import { type BuiltIns, fillPath } from "#cli/papermill/path-template.ts"

const at = Date.UTC(2026, 2, 9, 7, 5, 3, 123)
const builtIns: BuiltIns = { runUuid: "0b2c-11", utc: momentAt(at), local: momentAt(at, 60) }
const values: { readonly [name: string]: Json } = {
  x: 5,
  w: 8,
  region: "EU",
  rate: 1.005,
  none: null,
  flag: true,
  list: [1, "b", [2]],
  map: { k: "v", "a b": 1, n: { m: 2 } },
  braces: "a{b}c",
  é: "e",
}
const parameters = Object.entries(values).map(([name, value]) => ({ name, value }))
const fill = (path: string) => fillPath(path, parameters, builtIns)

// Recorded from Python 3.11's str.format with the same values.
test.each([
  ["plain.ipynb", "plain.ipynb"],
  ["s3://b/{region}/{x:02d}.ipynb", "s3://b/EU/05.ipynb"],
  ["{{x}} {{{x}}} a}}b{{", "{x} {5} a}b{"],
  ["{region!r} {region!s:>4} {é!a}", "'EU'   EU 'e'"],
  ["{x:} {x!s:}", "5 5"],
  ["{x:{w}d}|{rate:{w}.{x}f}|{region:>{w}}", "       5| 1.00500|      EU"],
  ["{braces}", "a{b}c"],
  ["{map[k]} {map[a b]} {map[n][m]} {list[0]:03d} {list[2][0]} {region[0]}", "v 1 2 001 2 E"],
  ["{list} {none} {flag} {flag:d}", "[1, 'b', [2]] None True 1"],
  ["{pm[run_uuid]}", "0b2c-11"],
  ["{pm[current_datetime_utc]}", "2026-03-09 07:05:03.123000+00:00"],
  ["{pm[current_datetime_local]:%Y-%m-%d_%H%M}", "2026-03-09_0805"],
  ["{pm[current_datetime_utc].year:06d}", "002026"],
  ["{pm[current_datetime_utc]!s:.10}", "2026-03-09"],
])("%j becomes %j", (path, filled) => {
  expect(fill(path)).toEqual({ ok: true, value: filled })
})

test.each([
  ["{nope}", /there is no parameter 'nope'/],
  ["{ x}", /there is no parameter ' x'/],
  ["{map[zz]}", /there is no 'map\[zz\]'/],
  ["{map[constructor]}", /there is no 'map\[constructor\]'/],
  ["{pm[nope]}", /there is no 'pm\[nope\]'/],
  ["{list[9]}", /there is no 'list\[9\]'/],
  ["{list[-1]}", /there is no/],
  ["{x.real}", /there is no 'x.real'/],
  ["{x.__class__.__init__.__globals__}", /there is no 'x.__class__'/],
  ["{list[0]x}", /there is no/],
  ["{x[}", /not closed/],
  ["{", /written \{\{/],
  ["{x", /written \{\{/],
  ["a}b", /written \}\}/],
  ["{x:}}", /written \}\}/],
  ["{}", /no parameter's name/],
  ["{0}", /no parameter's name/],
  ["{:d}", /no parameter's name/],
  ["{x!q}", /unknown conversion/],
  ["{x!}", /unknown conversion/],
  ["{x:{w:{x}}}", /nested too deep/],
  ["{x:{nope}}", /no parameter 'nope'/],
  ["{region:d}", /"d" is for numbers/],
  ["{none:5}", /None takes no format/],
  ["{pm}", /take a part of it/],
  ["{pm[current_datetime_utc]:%Q}", /does not know/],
])("%j is refused, and the path is named", (path, why) => {
  const refused = fill(path)
  expect(refused).toEqual({ ok: false, refusal: { refused: "bad_path_template", message: expect.stringMatching(why) } })
  expect(!refused.ok && refused.refusal.message).toContain(`The path "${path}" cannot be filled in`)
})

test("a parameter named pm takes the built-in's place, as in papermill", () => {
  expect(fillPath("{pm}", [{ name: "pm", value: "mine" }], builtIns)).toEqual({ ok: true, value: "mine" })
})
