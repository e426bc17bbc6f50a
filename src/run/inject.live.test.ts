/**
 * Values through real kernels: given, bound, injected, executed, and read back as they went in. The languages' own
 * interpreters see more values in notebook/inject.live.test.ts; here the way is the whole one, Jupyter's wire included.
 */
import fc from "fast-check"
import { afterAll, expect, test } from "vitest"
import { equal, type Json, parse, plain } from "#base/json.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { bind, declaredParameters, inject, type Notebook } from "#notebook/index.ts"
import { systemClock, systemTimers } from "#run/adapters/system.ts"
import { Drive } from "#run/drive.ts"
import { memoryJournal, notebookOf, orderOf } from "#run/testing.ts"

const kernels = localKernels()
afterAll(() => kernels.close())
const installed = new Set((await kernels.list()).map((spec) => spec.name))

type Speech = {
  readonly language: string
  readonly values: fc.Arbitrary<Json>
  readonly count: number
  /** Code that prints v0, v1, … */
  readonly print: (names: readonly string[]) => string
  readonly read: (printed: string) => readonly Json[]
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom('"', "'", "\\", "\n", "\r\n", "${HOME}", "$(touch canary)", "`id`", "#{x}", "%s", "é\u2028😀", "'''", '"""', "\\N{BULLET}", "$x"),
)
const withoutNul = text.map((value) => value.replaceAll("\0", ""))
const scalar = fc.oneof(
  text,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
)
const nested = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.array(scalar, { maxLength: 4 }),
  fc.dictionary(text, scalar, { maxKeys: 4, noNullPrototype: true }),
) as fc.Arbitrary<Json>

/** By our own reader: V8's mistakes one escaped key for another (nodejs/node#63785). */
function listIn(printed: string): readonly Json[] {
  const read = parse(printed)
  if (!read.ok || !Array.isArray(read.value)) throw new Error(`not a list: ${printed.slice(0, 200)}`)
  return plain(read.value) as readonly Json[]
}

const SPEECH: { readonly [kernel: string]: Speech } = {
  python3: {
    language: "python",
    values: nested,
    count: 1200,
    print: (names) => `import json\nprint(json.dumps([${names.join(", ")}]))`,
    read: listIn,
  },
  deno: {
    language: "typescript",
    values: nested,
    count: 500,
    print: (names) => `console.log(JSON.stringify([${names.join(", ")}]))`,
    read: listIn,
  },
  ir: {
    language: "R",
    values: fc.oneof(withoutNul, fc.boolean(), fc.integer()),
    count: 250,
    print: (names) => `cat(jsonlite::base64_enc(charToRaw(enc2utf8(as.character(jsonlite::toJSON(list(${names.join(", ")}), auto_unbox = TRUE))))))`,
    read: (printed) => JSON.parse(Buffer.from(printed.replace(/\s/g, ""), "base64").toString()) as Json[],
  },
  bash: {
    language: "bash",
    values: withoutNul,
    count: 120,
    print: (names) => names.map((name) => `printf '%s' "$${name}" | base64 -w 0; echo`).join("\n"),
    read: (printed) => printed.split(/\r?\n/).map((line) => Buffer.from(line, "base64").toString()),
  },
}

/** What a notebook of two cells prints: the injected values, and the code that shows them. */
async function printed(kernel: string, speech: Speech, values: readonly Json[]): Promise<string> {
  const names = values.map((_, at) => `v${at}`)
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language: speech.language }, language_info: { name: speech.language } }
  const notebook: Notebook = { ...notebookOf(speech.print(names)), metadata }
  const bound = bind(
    declaredParameters(notebook),
    values.map((value, at) => ({ name: `v${at}`, value })),
    { allowUnknown: true },
  )
  const injected = bound.ok ? inject(notebook, bound.value) : bound
  if (!injected.ok) throw new Error(injected.refusal.map((problem) => problem.message).join("\n"))
  const drive = new Drive(orderOf(injected.value, { kernelName: kernel }), {
    journal: memoryJournal(),
    clock: systemClock,
    timers: systemTimers,
    placed: (message) => message,
  })
  const ended = await drive.run(kernels.start(kernel, { historyOff: true }), kernel)
  await ended.kernel?.close()
  expect([ended.run.explanation, ended.run.status]).toEqual(["", "succeeded"])
  return drive.fold.outputs
    .of(1)
    .map((output) => output["text"] ?? "")
    .join("")
}

for (const [kernel, speech] of Object.entries(SPEECH)) {
  // Where a kernel is not installed this is skipped in sight; in CI it is a failure.
  test.skipIf(!installed.has(kernel) && !process.env["CI"])(`${speech.count} values come back from ${kernel} as they went in`, async () => {
    const seed = Number(process.env["STET_SEED"] ?? Date.now() % 1_000_000)
    const values = fc.sample(speech.values, { numRuns: speech.count, seed })
    const back = speech.read(await printed(kernel, speech, values))
    const different = values.flatMap((value, at) => (equal(value, back[at] ?? null) ? [] : [{ went: value, came: back[at] }]))
    expect({ seed, different: different.slice(0, 3) }).toEqual({ seed, different: [] })
  })
}
