/** Cells that are not the language, or not the version of it that is there. */
import { type Finding, type Fix, finding, type Rule, type Subject, type SubjectCell } from "#notebook/analysis/findings.ts"
import { titleOf } from "#notebook/languages.ts"

export const brokenSource: Rule = (subject) =>
  subject.cells.flatMap((cell): Finding[] => {
    const [at] = cell.names.brokenAt.toSorted((a, b) => a - b)
    if (at === undefined || cell.mayRaise) return []
    const span = lineAround(cell.cell.source, at)
    return [
      finding("broken_source", cell, {
        kind: "breaks",
        span,
        why: why(subject, cell.cell.source.slice(span.from, span.to)),
        fix: subject.language === "python" ? printed(cell) : undefined,
      }),
    ]
  })

/** The last line that has anything at or before the place where reading came to its end. */
function lineAround(source: string, at: number): { readonly from: number; readonly to: number } {
  const end = source.indexOf("\n", at)
  const to = source.slice(0, end < 0 ? source.length : end).trimEnd().length
  const from = source.lastIndexOf("\n", to - 1) + 1
  return { from: from + source.slice(from, to).length - source.slice(from, to).trimStart().length, to }
}

function why({ language }: Subject, line: string): string {
  const title = language ? titleOf(language) : "the language"
  if (language === "python" && isPython2(line)) return "This is Python 2; Python 3 does not read it, and the cell does not run."
  return `This is not ${title} that can be read, so nothing of the cell runs.`
}

function isPython2(line: string): boolean {
  return /^\s*(?:print\s+[^(\s=]|print\s*$|exec\s+["'\w]|raise\s+\w+\s*,|except\s+[\w.]+\s*,\s*\w+\s*:)|<>|\b0[0-7]+\b|`|\bur["']/.test(line)
}

const PRINT = /^(\s*(?:.*:\s+)?)print\s+(?![=(])(.*?)\s*$/
/** Comments, a second statement, a trailing comma (no line end) and a backslash are for somebody who reads them. */
const UNCLEAR = /[#;]|[\\,]$/
/** No statement of a person goes on for longer. */
const LINES_MAX = 30

/** `print x` is `print(x)`, over as many lines as its brackets are open. */
function printed({ id, cell }: SubjectCell): Fix | undefined {
  const lines = cell.source.split("\n")
  const written: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const [line, before, first = ""] = PRINT.exec(lines[at]!) ?? []
    let [text, end] = [first, at]
    while (line !== undefined && !isClosed(text) && end + 1 < lines.length && end - at < LINES_MAX) text += `\n${lines[++end]!.trimEnd()}`
    const isClear = line !== undefined && text !== "" && isClosed(text) && !UNCLEAR.test(text)
    written.push(isClear ? `${before}print(${text})` : lines[at]!)
    if (isClear) at = end
  }
  const source = written.join("\n")
  if (source === cell.source) return undefined
  return {
    title: "Write the prints as Python 3",
    isSafe: true,
    edits: [{ kind: "replace", cell: id, from: 0, to: cell.source.length, text: source }],
  }
}

/** As many brackets are closed as opened, those in texts left out. */
function isClosed(text: string): boolean {
  const bare = text.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, "")
  return (bare.match(/[([{]/g)?.length ?? 0) === (bare.match(/[)\]}]/g)?.length ?? 0)
}

export const newerPython: Rule = ({ cells, circumstances: { pythonVersion } }) => {
  if (pythonVersion === undefined) return []
  return cells.flatMap((cell): Finding[] => {
    const need = cell.names.needs.find(({ version }) => isNewer(version, pythonVersion))
    if (!need || cell.mayRaise) return []
    const said = `${need.what[0]?.toUpperCase()}${need.what.slice(1)} needs Python ${need.version}, and the environment has ${pythonVersion}.`
    return [finding("newer_python", cell, { kind: "breaks", span: need, why: said })]
  })
}

function isNewer(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const [itsMajor = 0, itsMinor = 0] = than.split(".").map(Number)
  return major > itsMajor || (major === itsMajor && minor > itsMinor)
}
