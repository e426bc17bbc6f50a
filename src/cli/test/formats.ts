/** Test results for machines: JUnit's XML (as Ant's schema has it, and CI servers read it), TAP version 14, and JSON. */
import { shareOf } from "#case/index.ts"
import type { SuiteTried } from "#cli/test/all.ts"
import { coverage } from "#cli/test/report.ts"
import type { Tried } from "#cli/test/try.ts"

export function junit(tried: readonly SuiteTried[]): string {
  const all = tried.flatMap(({ cases }) => cases)
  const suites = tried.map(({ suite, cases }) => {
    const lines = cases.map((one) => junitCase(suite.path, one))
    return `  <testsuite name="${xml(suite.path)}" ${counts(cases)}>\n${lines.join("")}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="stet" ${counts(all)}>\n${suites.join("")}</testsuites>\n`
}

function counts(cases: readonly Tried[]): string {
  const count = (...verdicts: readonly Tried["verdict"][]) => cases.filter(({ verdict }) => verdicts.includes(verdict)).length
  return `tests="${cases.length}" failures="${count("failed")}" errors="${count("broken", "cancelled")}" skipped="0" time="${seconds(cases.reduce((sum, { durationMs }) => sum + durationMs, 0))}"`
}

function junitCase(path: string, { name, verdict, said, durationMs, raised, mocked, weak }: Tried): string {
  const notes = [...mocked.map((id) => `mocked: ${id}`), ...weak.map((sentence) => `weak: ${sentence}`)]
  const out = notes.length > 0 ? `      <system-out>${xml(notes.join("\n"))}</system-out>\n` : ""
  const kind = verdict === "failed" ? "failure" : "error"
  const detail = [...said, ...(raised ? [`Cell ${raised.number}:`, raised.cell.source, plain(raised.traceback)] : [])].join("\n")
  const wrong = verdict === "passed" ? "" : `      <${kind} message="${xml(said[0] ?? "")}" type="${verdict}">${xml(detail)}</${kind}>\n`
  return `    <testcase classname="${xml(path)}" name="${xml(name)}" time="${seconds(durationMs)}">\n${wrong}${out}    </testcase>\n`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

const ENTITIES: { readonly [char: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" }

/** What XML has no form for is left out. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll(/[&<>"\n]/gu, (char) => ENTITIES[char] ?? char)
}

function plain(text: string): string {
  return text.replaceAll(/\x1b\[[0-9;]*m/g, "")
}

export function tap(tried: readonly SuiteTried[]): string {
  const all = tried.flatMap(({ suite, cases }) => cases.map((one) => ({ path: suite.path, one })))
  const lines = all.flatMap(({ path, one }, at) => {
    const point = `${one.verdict === "passed" ? "ok" : "not ok"} ${at + 1} - ${tapText(`${path} › ${one.name}`)}`
    if (one.verdict === "passed") return [point]
    const facts = [
      `message: ${JSON.stringify(one.said.join(" "))}`,
      `severity: ${one.verdict === "failed" ? "fail" : "error"}`,
      `duration_ms: ${Math.round(one.durationMs)}`,
    ]
    return [point, "  ---", ...facts.map((fact) => `  ${fact}`), "  ..."]
  })
  return `${["TAP version 14", `1..${all.length}`, ...lines].join("\n")}\n`
}

/** "#" begins a directive, and a backslash escapes it. */
function tapText(text: string): string {
  return text.replaceAll(/[\\#]/gu, (char) => `\\${char}`)
}

export function json(tried: readonly SuiteTried[], untested: readonly string[]): string {
  const suites = tried.map((one) => ({
    notebook: one.suite.path,
    file: one.suite.file,
    cases: one.cases.map(({ name, verdict, said, weak, mocked, durationMs, raised }) => ({
      name,
      verdict,
      said,
      weak,
      mocked,
      durationMs: Math.round(durationMs),
      raised: raised ? { cell: raised.cell.id, number: raised.number, traceback: plain(raised.traceback) } : null,
    })),
    coverage: { ...shareOf(coverage(one)), cells: coverage(one) },
  }))
  const all = tried.flatMap(({ cases }) => cases)
  return `${JSON.stringify({ passed: all.every(({ verdict }) => verdict === "passed"), suites, untested })}\n`
}
