import { describe, expect, test } from "vitest"
import { fixed, openAnalyst } from "#notebook/analysis/analysis.ts"
import { findings, type Given, python, rules } from "#notebook/analysis/testing.ts"

const KEY = `AKIA${"Q7M2XW4K5ZP3LT6N"}`
const OTHER_KEY = `AKIA${"T3L6WQ5XK2M7ZP4V"}`
const EXAMPLE = "AKIAIOSFODNN7EXAMPLE"
const long = (length: number) => Array.from({ length }, (_, at) => letters[(at * 7 + (at % 5)) % letters.length]).join("")
const letters = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8cF0"

describe("secrets in the source", () => {
  test.each<readonly [what: string, expected: string, source: string]>([
    ["a form that nothing else has", "secret c1:1 verified", `key = "${KEY}"\nprint(key)`],
    ["documentation's example", "", `key = "${EXAMPLE}"\nprint(key)`],
    ["check digits that fit", "secret c1:1 verified", 'print("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")'],
    ["and that do not", "secret c1:1 guess", 'print("ghp_aB3dE5gH7jK9mN1pQ2sT4vW6yZ8cF0000000")'],
    ["a name that says so", "secret c1:1 guess", `db_password = "${long(14)}"\nprint(db_password)`],
    ["a keyword that says so", "secret c1:1 guess", `print(dict(api_key="${long(24)}"))`],
    ["a place for one", "", 'api_key = "YOUR-API-KEY"\nprint(api_key)'],
    ["a word", "", 'token = "sentence"\nprint(token)'],
    ["an address with a password", "secret c1:1 guess", 'print("postgresql://ann:s3cr3tPw9@db.example.org/x")'],
    ["in the shell", "secret c1:1 verified", `!curl -H "x: ${KEY}" http://x`],
    ["in a comment, beside a guess", "secret c1:1 guess, secret c1:2 verified", `password = "${long(14)}"  # old\n# ${KEY}\nprint(password)`],
    ["behind an example, in a text", "secret c1:1 verified", `print("not ${EXAMPLE} but ${KEY}")`],
    ["behind an example, elsewhere", "secret c1:2 verified", `# ${EXAMPLE}\n# ${KEY}`],
    ["two of one kind", "secret c1:1 verified, secret c1:2 verified", `# ${KEY}\n# ${OTHER_KEY}`],
    ["one in a text and the same in a comment", "secret c1:1 verified, secret c1:2 verified", `print("${KEY}")\n# ${KEY}`],
    ["the example of jwt.io", "", `# ${"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"}.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.${long(43)}`],
  ])("%s", async (_, expected, source) => expect(await rules(python(source))).toBe(expected))

  test("the sentence does not repeat it", async () => {
    const secret = long(24)
    const [found] = (await findings(python(`api_key = "${secret}"\nprint(api_key)`))).filter(({ rule }) => rule === "secret")
    expect(JSON.stringify(found)).not.toContain(secret)
    expect(fixed(python(`api_key = "${secret}"\nprint(api_key)`), found?.fix?.edits ?? []).cells[0]?.source).toBe(
      'import os\napi_key = os.environ["API_KEY"]\nprint(api_key)',
    )
  })
})

describe("secrets elsewhere", () => {
  const said = (text: string) => ({ output_type: "stream", name: "stdout", text })
  const shown = (type: string, value: unknown) => ({ output_type: "display_data", metadata: {}, data: { [type]: value } })
  const alone = async (...cells: readonly Given[]) => {
    const found = await findings(python(...cells))
    return found.flatMap(({ rule, cell, certainty }) => (rule === "secret" ? [`${cell} ${certainty}`] : [])).join(", ")
  }

  test.each<readonly [what: string, expected: string, cell: Given]>([
    ["Markdown", "c2 verified", { type: "markdown", source: `Use ${EXAMPLE}, or ${KEY}.` }],
    ["Markdown that explains", "", { type: "markdown", source: `\`password = "${long(14)}"\`, ${EXAMPLE}` }],
    ["raw", "c2 verified", { type: "raw", source: KEY }],
    ["code that is skipped", "c2 verified", { source: `x = "${KEY}"`, tags: ["skip-execution"] }],
    ["code that is skipped, by its name", "c2 guess", { source: `password = "${long(14)}"`, tags: ["skip-execution"] }],
    ["what was printed", "c2 verified", { source: "show()", outputs: [said(`${EXAMPLE}\n${KEY}\n${KEY}`)] }],
    ["what was shown", "c2 verified", { source: "show()", outputs: [shown("text/html", `<b>${KEY}</b>`)] }],
    ["JSON", "c2 verified", { source: "show()", outputs: [shown("application/json", { keys: [{ id: KEY }] })] }],
    ["a picture is not read", "", { source: "show()", outputs: [shown("image/png", ` ${KEY} `)] }],
    [
      "an error",
      "c2 verified",
      { source: "f()", tags: ["raises-exception"], outputs: [{ output_type: "error", ename: "E", evalue: KEY, traceback: [] }] },
    ],
    ["a traceback", "c2 verified", { source: "f()", outputs: [{ output_type: "error", ename: "E", evalue: "", traceback: ["at", KEY] }] }],
    ["only so far", "", { source: "show()", outputs: [said(`${" ".repeat(50_000)}${KEY}`)] }],
  ])("%s", async (_, expected, cell) => expect(await alone("x = 1", cell)).toBe(expected))

  test("an output that shows one can be cleared, and neither sentence nor place repeats it", async () => {
    const notebook = python({ source: "show()", outputs: [said(KEY)] })
    const found = (await findings(notebook)).filter(({ rule }) => rule === "secret")
    expect(found.map(({ fix, span }) => [fix?.edits, span])).toEqual([[[{ kind: "clear_outputs", cell: "c1" }], undefined]])
    expect(JSON.stringify(found)).not.toContain(KEY)
  })
})

describe("secrets in R", () => {
  const inR = async (source: string) => {
    const { findings: found } = (await openAnalyst("r")).readiness(python(source))
    return found.filter(({ rule }) => rule === "secret")
  }

  test.each<readonly [what: string, source: string]>([
    ["assigned", `password <- "${long(14)}"`],
    ["assigned to the right", `"${long(14)}" -> db.password`],
    ["a member", `keys$token <- "${long(14)}"`],
    ["an element", `keys[["api_key"]] <- "${long(14)}"`],
    ["in the environment", `Sys.setenv(TOKEN = "${long(14)}")`],
    ["in a list", `list(a = 1, "secret" = "${long(14)}")`],
    ["a default", `f <- function(password = "${long(14)}") password`],
  ])("%s", async (_, source) => expect((await inR(source)).map(({ certainty }) => certainty)).toEqual(["guess"]))

  test.each<readonly [what: string, source: string]>([
    ["what a call gives", `password <- readline("${long(14)}")`],
    ["read from elsewhere", `token <- Sys.getenv("${long(14)}")`],
    ["a place for one", 'password <- "YOUR-PASSWORD"'],
    ["another name", `title <- "${long(14)}"`],
  ])("%s is none", async (_, source) => expect(await inR(source)).toEqual([]))

  test("it is read from the environment as R does it", async () => {
    const source = `db.password <- "${long(14)}"`
    const [found] = await inR(source)
    expect(fixed(python(source), found?.fix?.edits ?? []).cells[0]?.source).toBe('db.password <- Sys.getenv("DB_PASSWORD")')
  })
})
