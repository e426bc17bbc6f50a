/**
 * What the comments at a declaration say: `x = 3  # type: int  How many`, `# secret`, help on the lines above.
 * papermill's conventions, plus the word "secret" and JSDoc's `@type {T}`.
 */

import { type Facts, factsIn } from "#notebook/parameters-facts.ts"
import type { Declaration, Syntax } from "#notebook/parameters-syntax.ts"
import { ANY, type Annotation, readType, type TypeDialect } from "#notebook/parameters-type.ts"

export type Note = {
  /** As written after "type:"; "" when there is none. */
  readonly typeText: string
  readonly annotation: Annotation | undefined
  readonly secret: boolean
  /** "" when there is none. */
  readonly help: string
  readonly facts: Facts
}

const NOTHING: Note = { typeText: "", annotation: undefined, secret: false, help: "", facts: {} }

/** Headings and instructions to tools, which say nothing about one parameter. */
const NOT_HELP =
  /^(?:(?:papermill|notebook|default|input|run)?\s*param(?:eter)?s?(?: cell)?:?|%%.*|[-=*#~_+\s]*|(?:noqa|pylint|pyright|mypy|fmt|ruff|isort|flake8|biome|eslint|deno|prettier|shellcheck|nolint|cspell|ts|region|endregion|todo|fixme)\b[-:].*|noqa|@ts-.*|#\s*sourceMappingURL.*|!.*)$/i

/** `comments` in the order of the source. What stands on the declaration's last line counts before what stands directly above. */
export function noteOn(source: string, comments: readonly Syntax[], declaration: Declaration, dialect: TypeDialect): Note {
  const next = comments[firstFrom(comments, declaration.to)]
  const isBeside = next && /^[^\S\r\n]*[;,)]*[^\S\r\n]*$/.test(source.slice(declaration.to, Math.min(next.from, declaration.to + LONGEST_GAP)))
  const below = isBeside ? readNote(textLines(source, next), dialect) : NOTHING
  const above = readNote(
    commentsAbove(source, comments, declaration.from).flatMap((comment) => textLines(source, comment)),
    dialect,
  )
  return {
    typeText: below.typeText || above.typeText,
    annotation: below.annotation ?? above.annotation,
    secret: below.secret || above.secret,
    help: below.help || above.help,
    facts: { ...above.facts, ...below.facts },
  }
}

const LONGEST_GAP = 200
const MOST_LINES = 50

/** Index of the first comment that begins at `offset` or later. */
function firstFrom(comments: readonly Syntax[], offset: number): number {
  let low = 0
  let high = comments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((comments[middle]?.from ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Comments alone on their lines, each ending on the line before the next. */
function commentsAbove(source: string, comments: readonly Syntax[], from: number): Syntax[] {
  const out: Syntax[] = []
  let lineStart = lineStartOf(source, from)
  if (source.slice(lineStart, from).trim() !== "") return out
  for (let at = firstFrom(comments, from) - 1; at >= 0 && out.length < MOST_LINES; at--) {
    const comment = comments[at] as Syntax
    const start = lineStartOf(source, comment.from)
    const isNext = /^[^\S\n]*\n?$/.test(source.slice(comment.to, Math.min(lineStart, comment.to + LONGEST_GAP))) && source[lineStart - 1] === "\n"
    if (!isNext || comment.to + LONGEST_GAP < lineStart || source.slice(start, comment.from).trim() !== "") break
    out.unshift(comment)
    lineStart = start
  }
  return out
}

function lineStartOf(source: string, offset: number): number {
  return offset === 0 ? 0 : source.lastIndexOf("\n", offset - 1) + 1
}

function textLines(source: string, comment: Syntax): string[] {
  const text = source.slice(comment.from, comment.to)
  const block = /^(?:\/\*+|#=)([\s\S]*?)(?:\*\/|=#)?$/.exec(text)
  if (block) return (block[1] ?? "").split("\n").map((line) => line.replace(/^\s*\*+\s?/, "").trim())
  return [text.replace(/^(?:#+'?|\/\/+|%+)\s*/, "").trim()]
}

function readNote(lines: readonly string[], dialect: TypeDialect): Note {
  const notes = lines.filter((line) => !NOT_HELP.test(line)).map((line) => readLine(line, dialect))
  return {
    typeText: notes.find((note) => note.typeText !== "")?.typeText ?? "",
    annotation: notes.find((note) => note.annotation)?.annotation,
    secret: notes.some((note) => note.secret),
    help: notes.flatMap((note) => (note.help === "" ? [] : [note.help])).join(" "),
    facts: Object.assign({}, ...notes.map(({ facts }) => facts)),
  }
}

/** "secret", "type: T" and help, in this order or with the first two changed about. */
function readLine(line: string, dialect: TypeDialect): Note {
  const told = factsIn(line)
  let rest = told.rest
  let note: Note = { ...NOTHING, facts: told.facts }
  for (;;) {
    const secret = /^@?secret\b(?!\s*=)[\s:,;.—–-]*/i.exec(rest)
    const type = /^(?:type:\s*|@type\s*)/i.exec(rest)
    if (secret && !note.secret) {
      note = { ...note, secret: true }
      rest = rest.slice(secret[0].length)
    } else if (type && !note.annotation && !/^type:\s*ignore\b/i.test(rest)) {
      const typed = typeIn(rest.slice(type[0].length), dialect)
      note = { ...note, ...typed.note }
      rest = typed.rest
    } else return { ...note, help: /^type:\s*ignore\b/i.test(rest) ? "" : rest.trim() }
  }
}

function typeIn(text: string, dialect: TypeDialect): { readonly note: Pick<Note, "typeText" | "annotation">; readonly rest: string } {
  const braced = /^\{([^{}]*)\}/.exec(text)
  const annotation = readType(braced?.[1] ?? text, dialect)
  const end = braced?.[0].length ?? annotation.end
  const typeText = (braced?.[1] ?? text.slice(0, end)).trim()
  return {
    note: { typeText, annotation: annotation.end === 0 ? { ...annotation, type: ANY } : annotation },
    rest: text.slice(end).replace(/^[\s:,;.—–-]+/, ""),
  }
}
