/**
 * A cell as IPython takes it, made into text that the grammar of Python can read: of the same length, so that offsets stay,
 * with a private letter where a magic, a shell command or a question stood. What the grammar lacks (`1.`, a `yield` alone,
 * names in parentheses after `with`) is put into words that it knows.
 */
import type { Magic } from "#notebook/analysis/names.ts"

/** Stands for a magic in the text; by its offset `magics` tells which. */
export const MAGIC_LETTER = "\uE000"
/** Begins what stands for a `yield` without a value. */
export const YIELD_LETTER = "\uE001"
/** Begins what stands for `print` where the grammar would take it for Python 2's statement. */
export const PRINT_LETTER = "\uE002"

export type PythonCell = {
  readonly text: string
  readonly magics: ReadonlyMap<number, Magic>
  /** The `%%magics` at the cell's beginning, outermost first. */
  readonly cellMagics: readonly Magic[]
  /** Offsets of tuples that a `with` assigns to. */
  readonly targets: ReadonlySet<number>
  /** Offsets of names in a pattern that name a class. */
  readonly classes: ReadonlySet<number>
}

type Work = {
  readonly source: string
  readonly out: string[]
  readonly magics: Map<number, Magic>
  readonly targets: Set<number>
  readonly classes: Set<number>
}

const CELL_MAGIC = /^\s*%%([A-Za-z_!][\w.]*)?[^\S\n]*([^\n]*)(?:\n|$)/

/** `hasPythonBody` tells of a cell magic whether what stands below it is Python of this notebook. */
export function pythonCell(source: string, hasPythonBody: (name: string) => boolean): PythonCell {
  const cellMagics: Magic[] = []
  let at = 0
  for (let match = CELL_MAGIC.exec(source); match; match = CELL_MAGIC.exec(source.slice(at))) {
    const magic = cellMagic(match, at)
    cellMagics.push(magic)
    at += match[0].length
    if (!hasPythonBody(magic.name.slice(1))) {
      return { text: " ".repeat(source.length), magics: new Map(), cellMagics, targets: new Set(), classes: new Set() }
    }
  }
  const work: Work = { source: unprompted(source), out: [blank(source.slice(0, at))], magics: new Map(), targets: new Set(), classes: new Set() }
  while (at < source.length) at = logicalLine(work, at)
  return { text: work.out.join(""), magics: work.magics, cellMagics, targets: work.targets, classes: work.classes }
}

function cellMagic(match: RegExpExecArray, at: number): Magic {
  const [whole, name = "!", line = ""] = match
  const from = at + whole.indexOf("%%")
  return { name: `%${name}`, line, lineFrom: at + whole.trimEnd().length - line.trimEnd().length, from, to: at + whole.trimEnd().length }
}

/** Examples are pasted with their prompts, which IPython takes off. */
function unprompted(source: string): string {
  if (!/^\s*(?:>>> |In \[\d+\]: )/.test(source)) return source
  return source.replace(
    /^([^\S\n]*)(>>> |\.\.\. |In \[\d+\]: |[^\S\n]*\.\.\.: )/gm,
    (_, indent: string, prompt: string) => " ".repeat(prompt.length) + indent,
  )
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ")
}

const ESCAPED = /[^\S\n]*([%!?])/y

/** One logical line from its first character on; gives where the next one begins. */
function logicalLine(work: Work, at: number): number {
  ESCAPED.lastIndex = at
  const escaped = ESCAPED.exec(work.source)
  if (escaped) return escapedLine(work, at, ESCAPED.lastIndex - 1)
  const scan = scanLine(work.source, at)
  const line = work.source.slice(at, scan.end)
  if (scan.question >= 0) helpLine(work, at, scan)
  else if (scan.assigned >= 0) assignedMagic(work, at, scan)
  else work.out.push(readable(work, line, at, scan))
  return scan.end
}

/** `%magic …`, `!command …`, `?thing`, with the lines that a backslash adds. */
function escapedLine(work: Work, at: number, mark: number): number {
  const to = shellEnd(work.source, mark)
  place(work, at, { mark, to })
  return to
}

function shellEnd(source: string, at: number): number {
  for (let end = source.indexOf("\n", at); end >= 0; end = source.indexOf("\n", end + 1)) {
    if (!source.slice(at, end).trimEnd().endsWith("\\")) return end + 1
  }
  return source.length
}

/** The text from `at` with the private letter at `mark` and blanks for the rest of the magic; notes the magic. */
function place(work: Work, at: number, { mark, to }: { readonly mark: number; readonly to: number }): void {
  const written = work.source.slice(mark, to).trimEnd()
  work.magics.set(mark, magicFrom(written, mark))
  const rest = work.source.slice(mark, to)
  const end = rest.endsWith("\n") ? "\n" : ""
  work.out.push(`${work.source.slice(at, mark)}${MAGIC_LETTER}${" ".repeat(rest.length - end.length - 1)}${end}`)
}

function magicFrom(written: string, from: number): Magic {
  const span = { from, to: from + written.length }
  const [, mark = ""] = /^(!!?|\?{1,2}|%{1,2})/.exec(written) ?? []
  if (mark.startsWith("%")) {
    const [head = "", name = ""] = /^%{1,2}\s*([A-Za-z_][\w.]*)?\s*/.exec(written) ?? []
    return { name, line: written.slice(head.length), lineFrom: from + head.length, ...span }
  }
  if (mark !== "") return { name: mark.slice(0, 1), line: written.slice(mark.length), lineFrom: from + mark.length, ...span }
  return { name: "?", line: written, lineFrom: from, ...span }
}

type Scan = {
  end: number
  /** Where the magic after an `=` begins; -1 when there is none. */
  assigned: number
  /** Where a question mark stands outside texts; -1 when there is none. */
  question: number
  /** Offsets of `1.`'s dot and of the word `yield` without a value. */
  readonly dots: number[]
  readonly yields: number[]
  readonly comments: { readonly from: number; readonly to: number }[]
  /** The outermost brackets. */
  readonly brackets: { readonly from: number; to: number }[]
}

const BARE_YIELD = /[^\S\n]*(?:[\n)\]},;#=]|$)/y
// A line is done with by this in most cells: nothing in it needs a closer look than its quotes, brackets and end.
const PLAIN = /[^\n#"'()[\]{}\\=?.y]+/y
// The grammar takes everything from U+00A1 on for a letter.
const DOTTED = /(?<![\w\u{a1}-\u{10ffff}.])[0-9][0-9_]*$/u
const WORD = /[\w\u{a1}-\u{10ffff}]/u
const MAGIC_AFTER = /=[^\S\n]*(?=%[A-Za-z]|!)/y

function scanLine(source: string, from: number): Scan {
  const scan: Scan = { end: source.length, assigned: -1, question: -1, dots: [], yields: [], comments: [], brackets: [] }
  let depth = 0
  for (let at = from; at < source.length; ) {
    PLAIN.lastIndex = at
    if (PLAIN.test(source)) at = PLAIN.lastIndex
    const letter = source[at]
    if (letter === undefined) break
    if (letter === "\n" && depth === 0) {
      scan.end = at + 1
      break
    }
    if (letter === '"' || letter === "'") {
      at = textEnd(source, at)
      continue
    }
    if ("([{".includes(letter)) {
      if (depth === 0) scan.brackets.push({ from: at, to: -1 })
      depth++
    } else if (")]}".includes(letter)) {
      depth = Math.max(0, depth - 1)
      const last = scan.brackets.at(-1)
      if (depth === 0 && last && last.to < 0) last.to = at
    } else if (letter === "=" && depth === 0 && assignsMagic(source, at)) {
      scan.assigned = MAGIC_AFTER.lastIndex
      scan.end = shellEnd(source, scan.assigned)
      break
    }
    at = note(scan, letter, { source, at })
  }
  return scan
}

function assignsMagic(source: string, at: number): boolean {
  MAGIC_AFTER.lastIndex = at
  return !/[=!<>:+\-*/%&|^@]/.test(source[at - 1] ?? "") && MAGIC_AFTER.test(source)
}

/** What stands at an offset and needs no more than a note; gives where to go on. */
function note(scan: Scan, letter: string, { source, at }: { readonly source: string; readonly at: number }): number {
  switch (letter) {
    case "#": {
      const end = source.indexOf("\n", at)
      const to = end < 0 ? source.length : end
      scan.comments.push({ from: at, to })
      return to
    }
    case "\\":
      return at + (source.startsWith("\r\n", at + 1) ? 3 : 2)
    case "?":
      if (scan.question < 0) scan.question = at
      return at + 1
    case ".":
      if (
        /[0-9_]/.test(source[at - 1] ?? "") &&
        DOTTED.test(source.slice(Math.max(0, at - 30), at)) &&
        /^(?:[eEjJ][-+0-9]|[^\w.]|$)/.test(source.slice(at + 1, at + 3))
      )
        scan.dots.push(at)
      return at + 1
    case "y":
      if (source.startsWith("yield", at) && !WORD.test(source[at - 1] ?? "")) {
        BARE_YIELD.lastIndex = at + 5
        if (BARE_YIELD.test(source)) scan.yields.push(at)
      }
      return at + 1
    default:
      return at + 1
  }
}

/** After the closing quote of the text that begins at `from`. */
function textEnd(source: string, from: number): number {
  const mark = source[from] ?? ""
  const quote = source.startsWith(mark.repeat(3), from) ? mark.repeat(3) : mark
  for (let at = from + quote.length; at < source.length; at++) {
    const letter = source[at]
    if (letter === "\\") at++
    else if (letter === mark && (quote.length === 1 || source.startsWith(quote, at))) return at + quote.length
    else if (quote.length === 1 && letter === "\n") return at
  }
  return source.length
}

function helpLine(work: Work, at: number, scan: Scan): void {
  const line = work.source.slice(at, scan.end)
  // In the middle of a line it is a mistake, which the grammar is to find.
  if (!/^[^\S\n]*[^\n#"']*\?{1,2}[^\S\n]*\n?$/.test(line)) work.out.push(line)
  else place(work, at, { mark: at + line.search(/\S/), to: scan.end })
}

function assignedMagic(work: Work, at: number, scan: Scan): void {
  place(work, at, { mark: scan.assigned, to: scan.end })
}

/** The line in words that the grammar knows. */
function readable(work: Work, line: string, at: number, scan: Scan): string {
  const isWith = /^\s*(?:async\s+)?with\b/.test(line)
  const isCase = /^\s*case\b/.test(line)
  const print = /^\s*print(?=\s*(?:[=;,]|$))/.exec(line)
  const hasStar = line.includes("*") && line.search(STAR_TARGET) >= 0
  if (!isWith && !isCase && !print && !hasStar && scan.dots.length === 0 && scan.yields.length === 0 && !line.includes("\f")) return line
  const letters = Array.from({ length: line.length }, (_, i) => line[i] ?? "")
  for (const dot of scan.dots) letters[dot - at] = "0"
  for (const word of scan.yields) for (const i of [0, 1, 2, 3, 4]) letters[word - at + i] = i === 0 ? YIELD_LETTER : "y"
  for (const [i, letter] of letters.entries()) if (letter === "\f") letters[i] = " "
  if (print) letters[print[0].length - 5] = PRINT_LETTER
  if (isWith) withoutParentheses(work, letters, { at, scan })
  if (isWith) otherTargets(work, letters, at)
  const text = letters.join("")
  if (isCase) return plainCase(work, text, at)
  return hasStar ? text.replace(STAR_TARGET, (whole) => whole.replaceAll("*", " ")) : text
}

/** `for a, *b in …` inside brackets; whether the star is there makes no difference to the names. */
const STAR_TARGET = /\bfor\s+(?:(?!\bin\b)[\w\s,()[\].]){0,200}\*(?:(?!\bin\b)[\w\s,()[\].*]){0,200}\bin\b/g

/** `with a as b.c:` and `with a as b[0]:`. */
function otherTargets(work: Work, letters: string[], at: number): void {
  for (const match of letters.join("").matchAll(/\bas(\s+)(?=[\p{L}_][\p{L}\p{N}_]*\s*[.[])/gu)) {
    letters[match.index] = ","
    letters[match.index + 1] = " "
    work.targets.add(at + match.index + match[0].length)
  }
}

/** `with (a as b, c as d):` and `with a as (b, c):`. */
function withoutParentheses(work: Work, letters: string[], { at, scan }: { readonly at: number; readonly scan: Scan }): void {
  for (const { from, to } of scan.brackets) {
    if (to < 0) continue
    const before = letters.slice(0, from - at).join("")
    const after = letters.slice(to - at + 1).join("")
    const inside = letters.slice(from - at, to - at).join("")
    const tuple = /\bas\s*$/.exec(before)
    if (tuple) {
      letters[tuple.index] = ","
      letters[tuple.index + 1] = " "
      work.targets.add(from)
    } else if (/^\s*(?:async\s+)?with\s*$/.test(before) && /^\s*:/.test(after) && /\bas\b/.test(inside)) {
      const comments = new Set(scan.comments.flatMap((comment) => Array.from({ length: comment.to - comment.from }, (_, i) => comment.from + i)))
      for (let i = from; i <= to; i++) if (i === from || i === to || letters[i - at] === "\n" || comments.has(i)) letters[i - at] = " "
      const comma = letters
        .slice(0, to - at)
        .join("")
        .trimEnd()
      if (comma.endsWith(",")) letters[comma.length - 1] = " "
    }
  }
}

/** `case a.B(…)` and `case B()`. */
function plainCase(work: Work, text: string, at: number): string {
  const undotted = text.replace(
    /\b([\p{L}_][\p{L}\p{N}_]*)((?:\.[\p{L}_][\p{L}\p{N}_]*)+)(?=\s*\()/gu,
    (_, first: string, rest: string) => first + " ".repeat(rest.length),
  )
  return undotted.replace(/\b([\p{L}_][\p{L}\p{N}_]*)([^\S\n]*\([^\S\n]*\))/gu, (_, name: string, rest: string, offset: number) => {
    work.classes.add(at + offset)
    return name + " ".repeat(rest.length)
  })
}
