/** Tests that pass whatever the notebook computes: found by looking at the test alone. */
import { unreachable } from "#base/outcome.ts"
import type { Check, Expects, TestCase } from "#case/case.ts"
import { matcher } from "#case/pattern.ts"
import { quoted } from "#case/value.ts"

/** Any failure at all passes it. */
export function provesNothing({ outcome, checks, ename, message }: Expects): boolean {
  return outcome === "fails" && !ename && !message && checks.every((check) => voidWhy(check) !== undefined)
}

/** A sentence for each part of it that cannot fail. What only proves that the notebook runs is said, too. */
export function weaknesses({ expects, mocks }: Pick<TestCase, "expects" | "mocks">): string[] {
  const { outcome, checks } = expects
  if (provesNothing(expects)) return ["Any failure at all passes it: say with which error it must fail."]
  const mocked = new Set(mocks.map(({ cell }) => cell))
  const empty = checks.flatMap((check) => voidWhy(check) ?? ownWhy(check, mocked) ?? [])
  if (empty.length > 0 || checks.length > 0 || outcome === "fails") return empty
  return ["It has no checks: it proves only that the notebook runs."]
}

function voidWhy(check: Check): string | undefined {
  switch (check.check) {
    case "output_contains":
      return check.text === "" ? `Every output of the cell ${check.cell} holds an empty text.` : undefined
    case "output_matches": {
      const found = matcher(check.pattern)
      return found.ok && found.value("") ? `The pattern ${quoted(check.pattern)} matches whatever there is.` : undefined
    }
    case "result_between":
      return check.min === undefined && check.max === undefined
        ? `Every number is within the bounds of ${check.name}, because there are none.`
        : undefined
    case "table_rows":
      return [check.equals, check.min, check.max].every((bound) => bound === undefined || bound === 0) &&
        check.equals === undefined &&
        check.max === undefined
        ? `Every table of the cell ${check.cell} has as many rows as are asked for.`
        : undefined
    case "output_equals":
    case "result_exists":
    case "result_equals":
    case "table_columns":
    case "table_value":
    case "table_no_nulls":
    case "snapshot":
      return undefined
    case "expression":
      return namesSomething(check.expression)
        ? undefined
        : `The expression ${quoted(check.expression)} names nothing of the notebook: it is the same whatever that computes.`
    default:
      return unreachable(check)
  }
}

function ownWhy(check: Check, mocked: ReadonlySet<string>): string | undefined {
  const cell = "cell" in check ? check.cell : undefined
  return cell !== undefined && mocked.has(cell) ? `A check looks at the cell ${cell}, which the test itself replaces.` : undefined
}

// Texts that put values into themselves (`f"{x}"`, `$x`, `#{x}`) may name something: they stay.
const PLAIN_TEXT = /(?<![\p{L}\p{N}_])[rRbBuU]{0,2}(?:"(?:[^"\\$#]|\\.)*"|'(?:[^'\\$#]|\\.)*')/gsu
const NAME = /(?<![\p{L}\p{N}_]|[\p{L}\p{N}_)\]"']\.)[\p{L}_][\p{L}\p{N}_]*(\s*\()?/gu
const WORDS = new Set("True False None true false null nil TRUE FALSE NULL NA Inf NaN nothing and or not in is if else".split(" "))
/** Of languages themselves; only where they are called, because a notebook may give their names to something else. */
const FUNCTIONS = new Set("abs all any bool dict float int isinstance len length list max min range round set sorted str sum tuple type".split(" "))

/** Whether an expression, in whichever language, names anything that a notebook could have made. When in doubt, it does. */
function namesSomething(expression: string): boolean {
  const rest = expression.replace(PLAIN_TEXT, '""')
  return Array.from(rest.matchAll(NAME)).some(({ 0: whole, 1: opens }) => {
    const name = opens === undefined ? whole : whole.slice(0, -opens.length)
    return !WORDS.has(name) && !(opens !== undefined && FUNCTIONS.has(name))
  })
}
