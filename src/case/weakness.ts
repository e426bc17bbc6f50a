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
    case "expression":
      return undefined
    default:
      return unreachable(check)
  }
}

function ownWhy(check: Check, mocked: ReadonlySet<string>): string | undefined {
  const cell = "cell" in check ? check.cell : undefined
  return cell !== undefined && mocked.has(cell) ? `A check looks at the cell ${cell}, which the test itself replaces.` : undefined
}
