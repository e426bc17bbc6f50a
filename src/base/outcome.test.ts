import { expect, test } from "vitest"
import { accepted, type Outcome, refused, unreachable } from "#base/outcome.ts"

function half(n: number): Outcome<number, { readonly refused: "odd"; readonly n: number }> {
  return n % 2 === 0 ? accepted(n / 2) : refused({ refused: "odd", n })
}

test("an outcome is the value or the reason, and the compiler knows which", () => {
  const [good, bad] = [half(4), half(3)]
  expect(good.ok && good.value).toBe(2)
  expect(!bad.ok && bad.refusal.refused).toBe("odd")
})

test("reaching the unreachable names what came", () => {
  expect(() => unreachable({ type: "surprise" } as never)).toThrow(/unreachable: \{"type":"surprise"\}/)
})
