import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import { isOfTemplate, RUN_ANY, templateNameIn, toolNameOf } from "#api/mcp/tool-name.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const tool = (name: string) => toolNameOf(name, sha256)

test("a plain name can be read off its tool's, and one that could be meant by two carries a digest", () => {
  expect([tool("finance/weekly-revenue"), templateNameIn("run_finance__weekly-revenue", sha256)]).toEqual([
    "run_finance__weekly-revenue",
    "finance/weekly-revenue",
  ])
  expect(tool("a_b")).toMatch(/^run_a_b_[0-9a-f]{8}$/)
  expect(templateNameIn(tool("a_b"), sha256)).toBeUndefined()
  expect([tool("template") === RUN_ANY, isOfTemplate(RUN_ANY), isOfTemplate("get_run")]).toEqual([false, false, false])
})

test("no two templates have one tool, and every tool's name is one that agents take", () => {
  const word = fc.stringMatching(/^[a-z0-9](?:[a-z0-9._-]{0,12}[a-z0-9])?$/)
  const name = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join("/"))
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(tool(a)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
      if (a !== b) expect(tool(a)).not.toBe(tool(b))
      expect([undefined, a]).toContain(templateNameIn(tool(a), sha256))
    }),
    { numRuns: 2000 },
  )
  // What differs only in how its parts are told apart.
  const close = ["a/b", "a_b", "a__b", "a.b", "a-b", "a..b", "a/b/c", "a_b/c", "a/b_c"]
  expect(new Set(close.map(tool)).size).toBe(close.length)
})
