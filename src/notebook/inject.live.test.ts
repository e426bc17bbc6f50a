import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, expect, test } from "vitest"
import { isList, isObject, type Json, NumberLexeme, parse } from "#base/json.ts"
import { type Bindings, bind } from "#notebook/bind.ts"
import type { Notebook } from "#notebook/document.ts"
import { inject } from "#notebook/inject.ts"
import { secretDocument } from "#notebook/inject-secrets.ts"
import type { Language } from "#notebook/languages.ts"
import { floatText } from "#notebook/literals/number.ts"
import { declaredParameters } from "#notebook/parameters.ts"

const folder = mkdtempSync(join(tmpdir(), "stet-inject-"))
const canary = join(folder, "canary")
const seed = Number(process.env["STET_SEED"] ?? Date.now() % 1_000_000)
const VALUES = 800

afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Runtime = {
  readonly language: Language
  readonly command: readonly string[]
  readonly file: string
  /** Values it can hold at all; the others are refused, which inject.test.ts shows. */
  readonly holds: (value: Json) => boolean
  /** Code that prints every v0, v1, … so that `read` understands it. */
  readonly print: (count: number, values: readonly Json[]) => string
  readonly read: (printed: string, values: readonly Json[]) => readonly string[]
  readonly expected: (value: Json) => string
}

/** One spelling for each value and type: what went in and what came back are compared as text. */
function canonical(value: Json, number: (value: number | NumberLexeme) => string): string {
  if (typeof value === "number" || value instanceof NumberLexeme) return number(value)
  if (isList(value)) return `[${value.map((item) => canonical(item, number)).join(",")}]`
  if (!isObject(value)) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, number)}`)
  return `{${entries.sort().join(",")}}`
}

const UNREAL = { nan: "NaN", plus: "Infinity", minus: "-Infinity" }

/** Integers by their digits, floats as doubles. */
function typedNumber(value: number | NumberLexeme): string {
  const text = value instanceof NumberLexeme ? value.text : Object.is(value, -0) ? "-0.0" : String(value)
  if (/^-?\d+$/.test(text)) return String(BigInt(text))
  return Number.isSafeInteger(value) ? text : floatText(Number(value), UNREAL)
}

function asDouble(value: number | NumberLexeme): string {
  return floatText(Number(value), UNREAL)
}

const python: Runtime = {
  language: "python",
  command: ["python3", "-X", "utf8"],
  file: "cell.py",
  holds: () => true,
  print: (count) => `import json, sys\njson.dump([${names(count).join(", ")}], sys.stdout)\n`,
  read: (printed) => listIn(printed).map((value) => canonical(value, typedNumber)),
  expected: (value) => canonical(value, typedNumber),
}

const R_PRINT = `
spell = function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    items = vapply(seq_along(x), function(i) spell(x[[i]]), "")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ","), "]"))
    return(paste0("{", paste(paste0(vapply(names(x), spell, ""), ":", items), collapse = ","), "}"))
  }
  stopifnot(length(x) == 1)
  if (is.logical(x)) return(if (x) "true" else "false")
  if (is.character(x)) return(paste0('"', paste(sprintf("\\\\U%08x", utf8ToInt(enc2utf8(x))), collapse = ""), '"'))
  if (is.nan(x)) "NaN" else if (is.infinite(x)) (if (x > 0) "Infinity" else "-Infinity") else sub("^(-?[0-9]+)$", "\\\\1.0", sprintf("%.17g", x))
}
`

const r: Runtime = {
  language: "r",
  // As the R kernel reads a cell. Rscript's own reader of files breaks at an escape over its 8,192nd byte.
  command: ["Rscript", "--vanilla", "-e", 'source(commandArgs(TRUE)[1], encoding = "UTF-8")'],
  file: "cell.R",
  holds: (value) => !some(value, (one) => isText(one, (text) => text.includes("\0")) || isUnsafeInteger(one)),
  print: (count) =>
    `${R_PRINT}${names(count)
      .map((name) => `cat(spell(${name}), "\\n", sep = "")\n`)
      .join("")}`,
  read: (printed) =>
    printed
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/"((?:\\U[0-9a-f]{8})*)"/g, (_, points: string) => JSON.stringify(textOfPoints(points))))
      .map((line) => canonical(valueIn(line), asDouble)),
  // A list without elements has no names either.
  expected: (value) => canonical(withoutEmptyMaps(value), asDouble),
}

const bash: Runtime = {
  language: "bash",
  command: ["bash", "--noprofile", "--norc"],
  file: "cell.sh",
  holds: (value) => {
    const items = isList(value) ? value : isObject(value) ? Object.values(value) : []
    const keys = isObject(value) ? Object.keys(value) : []
    const isFlat = !items.some((item) => isList(item) || isObject(item)) && !keys.includes("")
    return isFlat && ![value, ...items, ...keys].some((one) => isText(one, (text) => text.includes("\0")))
  },
  print: (_, values) => values.map((value, at) => bashPrint(`v${at}`, value)).join(""),
  read: (printed, values) => bashRead(printed.split("\0"), values),
  expected: (value) => {
    if (isList(value)) return JSON.stringify(value.map(bashText))
    if (!isObject(value)) return JSON.stringify(bashText(value))
    const entries = Object.entries(value).map(([key, item]) => JSON.stringify([key, bashText(item)]))
    return `{${entries.sort().join(",")}}`
  },
}

const deno: Runtime = {
  language: "typescript",
  command: [new URL("../../node_modules/.bin/deno", import.meta.url).pathname, "run", "--quiet", "--allow-all", "--no-config", "--no-lock"],
  file: "cell.ts",
  holds: () => true,
  print: (count) => `
const spell = (x) => {
  if (typeof x === "bigint") return String(x)
  if (typeof x === "number") return Number.isSafeInteger(x) && !Object.is(x, -0) ? String(x) : "float:" + (Object.is(x, -0) ? "-0" : String(x))
  if (Array.isArray(x)) return x.map(spell)
  if (x === null || typeof x !== "object") return JSON.stringify(x)
  return { map: Object.entries(x).map(([key, value]) => [key, spell(value)]) }
}
console.log(JSON.stringify([${names(count).join(", ")}].map(spell)))
`,
  read: (printed) => (JSON.parse(printed) as unknown[]).map((value) => scriptSpelling(value)),
  expected: (value) => scriptSpelling(scriptForm(value)),
}

/** What `spell` in the script makes of a value; JavaScript has one type for 1 and 1.0. */
function scriptForm(value: Json): unknown {
  if (isList(value)) return value.map(scriptForm)
  if (isObject(value)) return { map: Object.entries(value).map(([key, item]) => [key, scriptForm(item)]) }
  if (typeof value !== "number" && !(value instanceof NumberLexeme)) return JSON.stringify(value)
  const typed = typedNumber(value)
  if (/^-?\d+$/.test(typed)) return typed
  const double = Number(value)
  return Number.isSafeInteger(double) && !Object.is(double, -0) ? String(double) : `float:${Object.is(double, -0) ? "-0" : String(double)}`
}

function scriptSpelling(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(scriptSpelling).join(",")}]`
  if (typeof value !== "object" || value === null) return String(value)
  const entries = (value as { map: [string, unknown][] }).map
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${scriptSpelling(item)}`)
    .sort()
    .join(",")}}`
}

function bashText(value: Json): string {
  if (value === null) return ""
  if (value instanceof NumberLexeme) return value.text.replace("NaN", "nan").replace("Infinity", "inf")
  return Object.is(value, -0) ? "-0.0" : String(value)
}

function bashPrint(name: string, value: Json): string {
  if (isList(value)) return `printf '%s\\0' "\${#${name}[@]}"; for x in "\${${name}[@]}"; do printf '%s\\0' "$x"; done\n`
  if (!isObject(value)) return `printf '%s\\0' "$${name}"\n`
  return `printf '%s\\0' "\${#${name}[@]}"; for x in "\${!${name}[@]}"; do printf '%s\\0%s\\0' "$x" "\${${name}[$x]}"; done\n`
}

function bashRead(printed: string[], values: readonly Json[]): string[] {
  const parts = printed.values()
  const next = () => String(parts.next().value)
  return values.map((value) => {
    if (isList(value)) return JSON.stringify(Array.from({ length: Number(next()) }, next))
    if (!isObject(value)) return JSON.stringify(next())
    const entries = Array.from({ length: Number(next()) }, () => JSON.stringify([next(), next()]))
    return `{${entries.sort().join(",")}}`
  })
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `v${at}`)
}

function valueIn(text: string): Json {
  const read = parse(text)
  if (!read.ok) throw new Error(`${read.refusal.message}: ${text.slice(0, 200)}`)
  return read.value
}

function listIn(text: string): readonly Json[] {
  const value = valueIn(text)
  return isList(value) ? value : []
}

function textOfPoints(escapes: string): string {
  return [...escapes.matchAll(/\\U([0-9a-f]{8})/g)].map(([, hex]) => String.fromCodePoint(Number.parseInt(hex ?? "", 16))).join("")
}

function some(value: Json, test: (value: Json) => boolean): boolean {
  if (test(value)) return true
  if (isList(value)) return value.some((item) => some(item, test))
  return isObject(value) && Object.entries(value).some(([key, item]) => test(key) || some(item, test))
}

function isText(value: Json, test: (text: string) => boolean): boolean {
  return typeof value === "string" && test(value)
}

function isUnsafeInteger(value: Json): boolean {
  return value instanceof NumberLexeme && /^-?\d+$/.test(value.text) && BigInt(Number(value.text)) !== BigInt(value.text)
}

function withoutEmptyMaps(value: Json): Json {
  if (isList(value)) return value.map(withoutEmptyMaps)
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  return entries.length === 0 ? [] : Object.fromEntries(entries.map(([key, item]) => [key, withoutEmptyMaps(item)]))
}

const PLOTS = [
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `'; touch ${canary}; '`,
  `"; touch ${canary}; "`,
  `'"'"'; touch ${canary} #`,
  `"\nimport os; os.system("touch ${canary}")\n"`,
  `"); system("touch ${canary}"); c("`,
  `"; Deno.writeTextFileSync("${canary}", ""); "`,
  `\${Deno.writeTextFileSync("${canary}", "")}`,
  `\\"; import os; os.system("touch ${canary}") #`,
  `\\\`$(touch ${canary})\\\``,
  `x[$(touch ${canary})]`,
  `{__import__("os").system("touch ${canary}")}`,
  `!touch ${canary}`,
  `%sx touch ${canary}`,
  `*/ Deno.writeTextFileSync("${canary}", "") /*`,
]
const NAUGHTY: readonly string[] = [
  ...PLOTS,
  "",
  " ",
  "'",
  '"',
  "\\",
  "\\\\",
  "\\n",
  "'''",
  '"""',
  "a\nb",
  "a\r\nb",
  "\r",
  "\n",
  "trailing\n\n",
  "\t",
  "\v\f\b\x07\x1b[31m\x7f",
  "\0",
  "a\0b",
  "\u0085\u2028\u2029\ufeff",
  "é",
  "ÿ\x01é",
  "☃",
  "😍",
  "👨‍👩‍👧‍👦",
  "\u{10ffff}",
  "%s %d %n %%",
  "\u0024{HOME}",
  "$HOME",
  "~",
  "~/x",
  "*",
  "!!",
  "#x",
  "-n",
  "--help",
  "a=b",
  "[0]=x",
  "(a b)",
  "NaN",
  "NULL",
  "TRUE",
  "None",
  "__proto__",
  "constructor",
  "1e999",
  "\u0041\u030a",
  "‘curly’ “quotes”",
  "\x1b]0;title\x07",
  "{{}}",
  "<script>alert(1)</script>",
  "long ".repeat(40_000),
  "\\".repeat(5_001),
  `"'\``.repeat(3_000),
]

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }).filter((one) => one.isWellFormed()),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`!{}()%#\n\r\t\0\x7f\x85ÿ\u2028 ax1nu") }),
  fc.constantFrom(...NAUGHTY.filter((one) => one.length < 100)),
)
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map((one) => new NumberLexeme(String(one))),
  fc.bigInt({ min: 1n, max: 2n ** 53n }).map((one) => new NumberLexeme(String(one * 2n ** 40n))),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((one) => new NumberLexeme(floatText(one, UNREAL))),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((one) => new NumberLexeme(floatText(Math.round(one * 1e4) / 1e4, UNREAL))),
  fc
    .constantFrom("NaN", "Infinity", "-Infinity", "-0.0", "0.0", "1.0", "1e-07", "5e-324", "1.7976931348623157e+308")
    .map((one) => new NumberLexeme(one)),
)
const scalar: fc.Arbitrary<Json> = fc.oneof(text, text, number, fc.boolean(), fc.constant(null))
const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}))
const flatValue: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 5 }),
  fc.dictionary(text, scalar, { maxKeys: 4, noNullPrototype: true }),
)

const HOSTILE_COMMENT = `Parameters\nimport os; os.system("touch ${canary}")\r\ntouch ${canary}\u2028Deno.writeTextFileSync("${canary}", "")`

/** Lists and maps inside one another, as deep as every language but Bash takes them. */
const DEEP = Array.from({ length: 20 }).reduce<Json>((inner) => [{ k: inner }], 1)
let proven = 0

for (const runtime of [python, r, bash, deno]) {
  test(`${named(runtime)} reads back every value that was injected, and runs none of them`, { skip: isSkipped(runtime) }, () => {
    const sampled = fc.sample(runtime.language === "bash" ? flatValue : anyValue, { numRuns: VALUES, seed })
    const values = [DEEP, ...NAUGHTY, ...NAUGHTY.filter((one) => one.length < 100).map((one): Json => ({ [one]: [one] })), ...sampled].filter(
      runtime.holds,
    )
    const source = injected(runtime.language, boundTo(runtime.language, values), HOSTILE_COMMENT)
    const printed = run(runtime, `${source}${runtime.print(values.length, values)}`)
    const got = runtime.read(printed, values)
    const wrong = values.flatMap((value, at) =>
      runtime.expected(value) === got[at] ? [] : [{ seed, expected: runtime.expected(value), got: got[at] }],
    )
    expect(wrong.slice(0, 3)).toEqual([])
    expect(existsSync(canary)).toBe(false)
    proven += values.length
  })

  test(`${named(runtime)} reads secrets once from a file that is gone afterwards`, { skip: isSkipped(runtime) }, () => {
    const secrets = ["hunter2", 'it\'s "quoted" $(id) `id` \\ é☃😍\n', "  spaces\tand tabs  \n\n", ""]
    const bindings = boundTo(runtime.language, secrets).map((binding) => ({ ...binding, secret: true }))
    const file = join(folder, `secrets '${runtime.language}`)
    writeFileSync(file, secretDocument(bindings, runtime.language), { mode: 0o600 })
    chmodSync(file, 0o600)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const source = injected(runtime.language, bindings, "Parameters", file)
    expect(secrets.filter((secret) => secret !== "" && source.includes(secret.trim()))).toEqual([])
    const printed = run(runtime, `${source}${runtime.print(secrets.length, secrets)}`)
    expect(runtime.read(printed, secrets)).toEqual(secrets.map(runtime.expected))
    expect(existsSync(file)).toBe(false)
  })
}

test("2,000 values and more were read back", { skip: [python, r, bash, deno].some(isSkipped) }, () => {
  expect(proven).toBeGreaterThanOrEqual(2000)
})

/** Locally a language that is not installed is skipped, in sight; where everything must be proven it fails. */
function isSkipped(runtime: Runtime): boolean {
  return !isThere(runtime) && !process.env["CI"]
}

function named(runtime: Runtime): string {
  return isThere(runtime) ? runtime.language : `${runtime.language} (${runtime.command[0]} is not installed)`
}

function isThere(runtime: Runtime): boolean {
  return spawnSync(runtime.command[0] ?? "", ["--version"]).status === 0
}

function boundTo(language: Language, values: readonly Json[]): Bindings {
  const given = values.map((value, at) => ({ name: `v${at}`, value }))
  const bound = bind(declaredParameters(notebookIn(language)), given, { allowUnknown: true })
  if (!bound.ok) throw new Error(bound.refusal.map((problem) => problem.message).join("\n"))
  return bound.value
}

function injected(language: Language, bindings: Bindings, comment: string, secretFile = ""): string {
  const outcome = inject(notebookIn(language), bindings, { comment, secretFile })
  if (!outcome.ok) throw new Error(outcome.refusal.map((problem) => problem.message).join("\n"))
  return outcome.value.cells[0]?.source ?? ""
}

function notebookIn(language: Language): Notebook {
  return { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: language } }, cells: [] }
}

function run(runtime: Runtime, source: string): string {
  const [command = "", ...options] = runtime.command
  const file = join(folder, runtime.file)
  const out = join(folder, "printed")
  writeFileSync(file, source)
  const ended = spawnSync("bash", ["-c", 'out=$1; shift; exec "$@" > "$out"', "bash", out, command, ...options, file], {
    encoding: "utf8",
    timeout: 100_000,
    // R spells names in lists by the locale.
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  })
  expect({ status: ended.status, said: ended.stderr.slice(-2000) }).toEqual({ status: 0, said: expect.any(String) })
  return readFileSync(out, "utf8")
}
