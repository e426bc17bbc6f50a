import { expect, test } from "vitest"
import type { Json } from "#base/json.ts"
import { type Command, parseArguments } from "#cli/arguments.ts"
import { DIFF } from "#cli/commands/diff.ts"
import type { Edge } from "#cli/edge.ts"

type Given = { readonly metadata?: Json; readonly cells: readonly { readonly source: string; readonly outputs?: readonly Json[] }[] }

/** What is printed for two notebooks, and the exit code. */
async function told(before: Given, after: Given, options: { readonly words?: readonly string[]; readonly colours?: boolean } = {}) {
  const files: { readonly [name: string]: Given } = { "a.ipynb": before, "b.ipynb": after }
  const bytes = (name: string) => {
    const cells = files[name]!.cells.map(({ source, outputs = [] }, i) => ({
      cell_type: "code",
      id: `c${i}`,
      metadata: {},
      execution_count: null,
      source,
      outputs,
    }))
    return new TextEncoder().encode(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: files[name]!.metadata ?? {}, cells }))
  }
  let out = ""
  const edge = {
    storage: async () => ({ read: async (name: string) => bytes(name) }),
    out: { colours: options.colours ?? false, write: (text: string) => (out += text) },
  } as unknown as Edge
  const parsed = parseArguments((DIFF.command as Command).flags, ["a.ipynb", "b.ipynb", ...(options.words ?? [])])
  if (!parsed.ok) throw new Error(parsed.refusal.message)
  const code = await DIFF.act!(parsed.value, edge, { commands: async () => [] })
  return { code, out }
}

const stream = (text: string) => ({ output_type: "stream", name: "stdout", text })
const shown = (data: { readonly [type: string]: Json }) => ({ output_type: "display_data", metadata: {}, data })

test("an output that changed is told by its lines, and one that has none by its kind", async () => {
  const cell = (...outputs: Json[]) => ({ cells: [{ source: "f()", outputs }] })
  const error = { output_type: "error", ename: "ValueError", evalue: "no", traceback: [] }
  const { out, code } = await told(
    cell(stream("a\nb\nc\n"), shown({ "image/png": "AA==" })),
    cell(stream("a\nB\nc\n"), shown({ "image/png": "AB==" }), error),
  )
  expect([code, out]).toEqual([
    1,
    `changed cell 1
  output 1: changed, stdout
  - b
  + B
  output 2: changed, image/png
  output 3: added, error
  + ValueError: no

1 changed; 0 lines added, 0 removed; outputs changed in 1.
`,
  ])
})

test("of a long output the beginning is shown, and how much more there is", async () => {
  const lines = (word: string) => ({ cells: [{ source: "f()", outputs: [stream(`${word}\n`.repeat(100))] }] })
  const { out } = await told({ cells: [{ source: "f()" }] }, lines("x"))
  expect(out.match(/ {2}\+ x/g)?.length).toBe(20)
  expect(out).toContain("… 80 more lines")
})

test("of metadata that is an object the members that changed are told", async () => {
  const given = (version: string) => ({
    metadata: { language_info: { name: "python", mimetype: "text/x-python", version } },
    cells: [{ source: "1" }],
  })
  expect((await told(given("3.8"), given("3.11"))).out).toMatch(/^notebook metadata\.language_info\.version: "3\.8" → "3\.11"\n\n/)
})

test("nothing is said of equal ones, and nothing of outputs when only sources are asked for", async () => {
  const notebook = (text: string) => ({ cells: [{ source: "f()", outputs: [stream(text)] }] })
  expect(await told(notebook("a"), notebook("a"))).toEqual({ code: 0, out: "" })
  expect(await told(notebook("a"), notebook("b"), { words: ["--sources-only"] })).toEqual({ code: 0, out: "" })
})

test("what stands in a notebook moves no cursor", async () => {
  const { out } = await told(
    { cells: [{ source: "1" }] },
    { cells: [{ source: "1 # \x1b]0;title\x07\x1b[2J", outputs: [stream("\x1b[2Jx")] }] },
    { colours: true },
  )
  expect(out.replaceAll(/\x1b\[\d+m/g, "")).not.toContain("\x1b")
})
