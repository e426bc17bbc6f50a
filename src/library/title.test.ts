import fc from "fast-check"
import { expect, test } from "vitest"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { titleFromPath, titleOf, toSpaceName, toTags, toTitle } from "#library/title.ts"
import type { Notebook } from "#notebook/index.ts"

function notebook(...markdown: string[]): Notebook {
  const cells = markdown.map((source, i) => ({ id: `c${i}`, cell_type: "markdown", metadata: {}, source }))
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells } as unknown as Notebook
}

test.each([
  ["# Sales report", "Sales report"],
  ["intro\n\n#   **Monthly** `KPIs` of [Acme](https://acme.example) ##", "Monthly KPIs of Acme"],
  ["## Not a title", "q3-sales"],
  ["#no-space", "q3-sales"],
  ["# <img src=x onerror=alert(1)>Hi", "Hi"],
  ["# snake_case_name stays", "snake_case_name stays"],
  ["# a\u202eb\u0007c", "a b c"],
  ["# ", "q3-sales"],
])("the title of %j is %s", (markdown, title) => {
  expect(titleOf(notebook(markdown), "reports/q3-sales.ipynb")).toBe(title)
})

test("a notebook that is not there is called by its file", () => {
  expect(titleOf(undefined, "a/b.ipynb")).toBe("b")
  expect(titleFromPath("\u3000.ipynb")).not.toBe("")
})

test("titles, names and tags: any text gives a good one or one sentence", () => {
  const text = fc.oneof(fc.constantFrom(...NAUGHTY_TEXTS), fc.string({ unit: "binary", maxLength: 300 }))
  fc.assert(
    fc.property(text, (typed) => {
      const title = titleOf(notebook(`# ${typed}`), "x.ipynb")
      expect(title).not.toMatch(/[\p{Cc}\u2028\u2029]|^\s|\s$|^$/u)
      expect(title.length).toBeLessThanOrEqual(200)
      for (const outcome of [toTitle(typed), toSpaceName(typed), toTags([typed])]) {
        if (!outcome.ok) expect(outcome.refusal.message).toMatch(/^[^\0-\x1f]{1,300}\.$/)
      }
    }),
    { numRuns: 3000 },
  )
})

test("tags are in lower case, each once", () => {
  expect(toTags(["Weekly", " weekly", "bi/Finance", "c++", "été"])).toEqual({ ok: true, value: ["bi/finance", "c++", "weekly", "été"] })
  expect(toTags(["a b"]).ok).toBe(false)
  expect(toTags(["-x"]).ok).toBe(false)
  expect(toTags(Array.from({ length: 33 }, (_, i) => `t${i}`)).ok).toBe(false)
})

test("a space's name is plain", () => {
  expect(["sales", "a", "team-1.data_x"].map((name) => toSpaceName(name).ok)).toEqual([true, true, true])
  expect(["", "Sales", "a b", "../x", "a..b", "-a", "a/", "é", "a".repeat(65)].map((name) => toSpaceName(name).ok)).not.toContain(true)
})
