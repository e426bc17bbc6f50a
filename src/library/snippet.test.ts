import fc from "fast-check"
import { expect, test } from "vitest"
import { toSearchQuery } from "#library/search-query.ts"
import { snippetOf } from "#library/snippet.ts"

function termsOf(typed: string) {
  const query = toSearchQuery(typed)
  return query.ok ? query.value.all : []
}

/** The snippet with what was found in brackets. */
function shown(text: string, query: string, where: "prose" | "code" = "prose"): string | undefined {
  const found = snippetOf(where, text, termsOf(query))
  if (!found) return undefined
  return found.ranges.reduceRight((line, [from, to]) => `${line.slice(0, from)}[${line.slice(from, to)}]${line.slice(to)}`, found.text)
}

test("prose is shown as it reads, without Markdown's marks", () => {
  expect(shown("# Weekly **revenue**\n\nSee [the list](https://x.test/a_b) of `branches`.", "list")).toBe("See the [list] of branches.")
  expect(shown("## Weekly **revenue** by __branch__", "revenue")).toBe("Weekly [revenue] by branch")
  expect(shown("- first\n- second <b>thing</b>\n> third", "second")).toBe("[second]  thing  third")
  expect(shown("| name | sum |\n|---|---:|\n| north | 12 |", "north")).toContain("[north] 12")
  expect(shown("snake_case_name stays, and 2 * 3 * 4", "stays")).toBe("snake_case_name [stays], and 2 * 3 * 4")
  // What stands in an address only is shown there.
  expect(shown("See [this](https://example.test/quarterly).", "quarterly")).toBe("See [this](https://example.test/[quarterly]).")
})

test("it ends between two words, and says that there is more", () => {
  const text = `revenue ${"abcdefghij ".repeat(40)}`
  expect(shown(text, "revenue")).toMatch(/^\[revenue\](?: abcdefghij)+…$/)
  expect(shown(`${"one two three four five six seven eight nine ten ".repeat(20)}revenue here`, "revenue")).toMatch(/^…\w+ .* \[revenue\] here$/)
  // Code stays as it is.
  expect(shown("# a *b* c", "b", "code")).toBe("# a *[b]* c")
})

test("whatever the text, what is marked is what was looked for", () => {
  const part = fc.constantFrom("revenue", "**", "[a](b)", "|", "\n", "# ", "<b>", " ", "x", "`", "___", "-", "😍", "é")
  fc.assert(
    fc.property(fc.array(part, { maxLength: 300 }), (parts) => {
      const found = snippetOf("prose", parts.join(""), termsOf("revenue"))
      for (const [from, to] of found?.ranges ?? []) expect(found?.text.slice(from, to)).toContain("revenue")
    }),
  )
})
