/**
 * Test cases as a file, `sales.stet.yaml` beside `sales.ipynb`:
 *
 *     tests:
 *       - name: small sample
 *         parameters: {count: 3}
 *         expects: succeeds                 # or {fails_with: KeyError, message: EU}, or fails
 *         checks:
 *           - {check: result_equals, name: revenue, value: 126}
 *         mocks:
 *           - cell: download
 *             source: rows = [1, 2, 3]
 *
 * Whatever is wrong is told at once, each thing with its line.
 */
import { stringify } from "yaml"
import { equal, isList, isObject, type Json, type JsonObject, NumberLexeme, own, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Check, Expects, Mock, TestCase } from "#case/case.ts"
import { FIELDS, meant, togetherProblem, unlike } from "#case/shape.ts"
import { numberIn, quoted } from "#case/value.ts"
import { readPlaced } from "#case/yaml.ts"
import { YAML_1_2 } from "#case/yaml-1.2.ts"

const ENDING = ".stet.yaml"

/** `message` names the file and the line of each thing that is wrong, a line of its own each. */
export type BadCaseFile = { readonly refused: "bad_test_file"; readonly message: string; readonly problems: readonly CaseProblem[] }
export type CaseProblem = { readonly line: number; readonly message: string }

export function isCaseFile(path: string): boolean {
  return path.toLowerCase().endsWith(ENDING) && !/(?:^|\/)\.stet\.yaml$/iu.test(path)
}

export function caseFileFor(notebook: string): string {
  return `${notebook.replace(/\.ipynb$/iu, "")}${ENDING}`
}

export function notebookFor(caseFile: string): string {
  return `${caseFile.slice(0, -ENDING.length)}.ipynb`
}

type Path = readonly (string | number)[]
type Told = { readonly path: Path; readonly message: string }

const MOST_CASES = 200

/** @param name of the file, for what is said about it */
export function readCases(text: string, name: string): Outcome<readonly TestCase[], BadCaseFile> {
  const read = readPlaced(text, YAML_1_2)
  if (!read.ok) return bad(name, [{ line: read.refusal.line, message: `this is no YAML: ${read.refusal.message}.` }])
  const told: Told[] = []
  const reader = new Reader((path, message) => void told.push({ path, message }))
  const cases = reader.file(read.value.json)
  const problems = told.map(({ path, message }) => ({ line: read.value.lineOf(path), message })).toSorted((a, b) => a.line - b.line)
  return problems.length === 0 ? accepted(cases) : bad(name, problems)
}

function bad(name: string, problems: readonly CaseProblem[]): { readonly ok: false; readonly refusal: BadCaseFile } {
  const message = problems.map((one) => `${name}:${one.line}: ${one.message}`).join("\n")
  return refused({ refused: "bad_test_file", message, problems })
}

class Reader {
  readonly #tell: (path: Path, message: string) => void

  constructor(tell: (path: Path, message: string) => void) {
    this.#tell = tell
  }

  file(file: Json): readonly TestCase[] {
    if (!isObject(file)) return this.#say([], "it must begin with tests:, and a list of test cases.", [])
    this.#keys([], file, ["stet", "tests"])
    const [version, tests] = [own(file, "stet"), own(file, "tests")]
    if (version !== undefined && numberIn(version) !== 1) this.#tell(["stet"], "this is written for another version of Stet: this one reads 1.")
    if (tests === undefined || tests === null) return this.#say([], "there are no tests: begin with tests:, and a list of test cases.", [])
    if (!isList(tests)) return this.#say(["tests"], "tests must be a list: begin each test case with a dash.", [])
    if (tests.length > MOST_CASES) this.#tell(["tests"], `there are ${tests.length} test cases, and a notebook has at most ${MOST_CASES}.`)
    const cases: TestCase[] = []
    for (const [at, json] of tests.entries()) {
      const one = this.#case(["tests", at], json)
      if (one && cases.some(({ name }) => name === one.name))
        this.#tell(["tests", at, "name"], `there is a test case ${quoted(one.name)} already: give it another name.`)
      if (one) cases.push(one)
    }
    return cases
  }

  #case(path: Path, json: Json): TestCase | undefined {
    if (!isObject(json)) return this.#say(path, "a test case must have a name, and what it expects.", undefined)
    this.#keys(path, json, ["name", "parameters", "expects", "checks", "mocks"])
    const name = own(json, "name")
    // A name stands in addresses, reports and file names, so it has one line.
    if (typeof name !== "string" || name.trim() === "" || name.length > 100 || /\p{Cc}/u.test(name))
      return this.#say([...path, "name"], "a test case must have a name: a text of one line and at most 100 characters.", undefined)
    const parameters = own(json, "parameters") ?? {}
    if (!isObject(parameters)) return this.#say([...path, "parameters"], "parameters must be names with values, as {count: 3}.", undefined)
    const checks = this.#list([...path, "checks"], own(json, "checks")).flatMap((one, at) => this.#check([...path, "checks", at], one) ?? [])
    const mocks = this.#list([...path, "mocks"], own(json, "mocks")).flatMap((one, at) => this.#mock([...path, "mocks", at], one) ?? [])
    return { name: name.trim(), parameters, expects: { ...this.#outcome([...path, "expects"], own(json, "expects") ?? "succeeds"), checks }, mocks }
  }

  #outcome(path: Path, json: Json): Omit<Expects, "checks"> {
    if (json === "succeeds" || json === "fails") return { outcome: json }
    if (!isObject(json)) return this.#say(path, "expects must be succeeds, fails, or {fails_with: NameOfTheError}.", { outcome: "succeeds" })
    this.#keys(path, json, ["fails_with", "message"])
    const [ename, message] = [own(json, "fails_with"), own(json, "message")]
    for (const [key, value] of Object.entries({ fails_with: ename, message }))
      if (value !== undefined && (typeof value !== "string" || value === "" || value.length > 2000))
        this.#tell([...path, key], `${key} must be a text.`)
    return {
      outcome: "fails",
      ...(ename === undefined ? {} : { ename: String(ename) }),
      ...(message === undefined ? {} : { message: String(message) }),
    }
  }

  #check(path: Path, json: Json): Check | undefined {
    const kind = isObject(json) ? own(json, "check") : undefined
    if (!isObject(json) || typeof kind !== "string")
      return this.#say(
        path,
        `a check must say which one it is, as {check: output_contains, …}: there are ${Object.keys(FIELDS).join(", ")}.`,
        undefined,
      )
    if (!Object.hasOwn(FIELDS, kind))
      return this.#say([...path, "check"], `there is no check ${quoted(kind)}: ${meant(kind, Object.keys(FIELDS))}`, undefined)
    const fields: { readonly [key: string]: string } = FIELDS[kind as Check["check"]]
    this.#keys(path, json, ["check", ...Object.keys(fields)])
    const together = togetherProblem(kind, (key) => own(json, key) !== undefined)
    if (together !== undefined) this.#tell(path, `${kind}: ${together}.`)
    for (const [key, field] of Object.entries(fields)) {
      const value = own(json, key)
      if (value === undefined && !field.endsWith("?")) this.#tell(path, `${kind} takes ${key}, and there is none.`)
      const problem = value === undefined ? undefined : unlike(field, value)
      if (problem !== undefined) this.#tell([...path, key], `${key} must be ${problem}.`)
    }
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, asField(fields[key] ?? "", value)])) as Check
  }

  #mock(path: Path, json: Json): Mock | undefined {
    if (!isObject(json))
      return this.#say(path, "a mock must name a cell and give it another source, as {cell: download, source: 'rows = 1'}.", undefined)
    this.#keys(path, json, ["cell", "source"])
    const [cell, source] = [own(json, "cell") ?? null, own(json, "source") ?? null]
    const problem = unlike("cell", cell)
    if (problem !== undefined) return this.#say([...path, "cell"], `cell must be ${problem}.`, undefined)
    if (typeof source !== "string" || source.length > 100_000)
      return this.#say([...path, "source"], "source must be the text of the cell that takes its place.", undefined)
    return { cell: String(cell), source: source.replace(/\n$/u, "") }
  }

  #list(path: Path, json: Json | undefined): readonly Json[] {
    if (json === undefined || json === null) return []
    if (!isList(json)) return this.#say(path, `${String(path.at(-1))} must be a list: begin each one with a dash.`, [])
    if (json.length > 50) this.#tell(path, `there are ${json.length}, and a test case has at most 50.`)
    return json
  }

  #keys(path: Path, json: JsonObject, known: readonly string[]): void {
    for (const key of Object.keys(json)) if (!known.includes(key)) this.#tell([...path, key], `there is no ${quoted(key)} here: ${meant(key, known)}`)
  }

  #say<Value>(path: Path, message: string, value: Value): Value {
    this.#tell(path, message)
    return value
  }
}

/** Numbers that bound something are plain ones; values keep their spelling. */
function asField(field: string, value: Json): Json {
  return /^(?:number|count|row)/u.test(field) ? (numberIn(value) ?? value) : value
}

/** The file that says this. */
export function writeCases(cases: readonly TestCase[]): string {
  return stringify({ stet: 1, tests: cases.map(caseFacts) }, { lineWidth: 0, blockQuote: "literal" })
}

function caseFacts({ name, parameters, expects, mocks }: TestCase): Readonly<Record<string, unknown>> {
  const { outcome, ename, message, checks } = expects
  const fails = { ...(ename === undefined ? {} : { fails_with: ename }), ...(message === undefined ? {} : { message }) }
  return {
    name,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: asYaml(parameters) }),
    expects: outcome === "succeeds" || Object.keys(fails).length === 0 ? outcome : fails,
    ...(checks.length === 0 ? {} : { checks: checks.map((check) => asYaml(check as unknown as JsonObject)) }),
    ...(mocks.length === 0 ? {} : { mocks }),
  }
}

/** Numbers that JavaScript cannot hold are written as big integers where they are whole, else as near as can be. */
function asYaml(value: Json): unknown {
  if (value instanceof NumberLexeme) return /^-?\d+$/u.test(value.text) ? BigInt(value.text) : Number(value.text)
  if (isList(value)) return value.map(asYaml)
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).flatMap(([key, item]) => ((item as unknown) === undefined ? [] : [[key, asYaml(item)]])))
    : value
}

/** Whether two lists say the same, in whatever order. */
export function sameCases(a: readonly TestCase[], b: readonly TestCase[]): boolean {
  const sorted = (cases: readonly TestCase[]) => cases.toSorted((one, other) => (one.name < other.name ? -1 : 1)).map((one) => write(plainCase(one)))
  return equal(sorted(a), sorted(b))
}

function plainCase({ name, parameters, expects, mocks }: TestCase): Json {
  const value = JSON.parse(
    JSON.stringify({ name, parameters, expects, mocks }, (_, item: unknown) => (item instanceof NumberLexeme ? Number(item.text) : item)),
  )
  return value as Json
}
