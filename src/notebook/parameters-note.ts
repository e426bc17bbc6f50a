/**
 * What the comments at a declaration say: `x = 3  # type: int  How many`, `# secret`, help on the lines above.
 * papermill's conventions, plus the word "secret" and JSDoc's `@type {T}`.
 */

import type { Declaration, Syntax } from "#notebook/parameters-syntax.ts"
import { ANY, type Annotation, readType, type TypeDialect } from "#notebook/parameters-type.ts"

export type Note = {
  /** As written after "type:"; "" when there is none. */
  readonly typeText: string
  readonly annotation: Annotation | undefined
  readonly secret: boolean
  /** "" when there is none. */
  readonly help: string
}

const NOTHING: Note = { typeText: "", annotation: undefined, secret: false, help: "" }

/** Headings and instructions to tools, which say nothing about one parameter. */
const NOT_HELP =
  /^(?:(?:papermill|notebook|default|input|run)?\s*param(?:eter)?s?(?: cell)?:?|%%.*|[-=*#~_+\s]*|(?:noqa|pylint|pyright|mypy|fmt|ruff|isort|flake8|biome|eslint|deno|prettier|shellcheck|nolint|cspell|ts|region|endregion|todo|fixme)\b[-:].*|noqa|@ts-.*|#\s*sourceMappingURL.*|!.*)$/i

/** The comment on the declaration's last line and those directly above it; what stands beside counts before what stands above. */
export function noteOn(source: string, comments: readonly Syntax[], declaration: Declaration, dialect: TypeDialect): Note {
  const beside = comments.find(
    (comment) => comment.from >= declaration.to && /^[^\S\r\n]*[;,)]*[^\S\r\n]*$/.test(source.slice(declaration.to, comment.from)),
  )
  const below = beside ? readNote(textLines(source, beside), dialect) : NOTHING
  const above = readNote(
    commentsAbove(source, comments, declaration.from).flatMap((comment) => textLines(source, comment)),
    dialect,
  )
  return {
    typeText: below.typeText || above.typeText,
    annotation: below.annotation ?? above.annotation,
    secret: below.secret || above.secret,
    help: below.help || above.help,
  }
}

/** Comments alone on their lines, each ending on the line before the next. */
function commentsAbove(source: string, comments: readonly Syntax[], from: number): Syntax[] {
  const out: Syntax[] = []
  let lineStart = source.lastIndexOf("\n", from - 1) + 1
  if (source.slice(lineStart, from).trim() !== "") return out
  for (const comment of comments.filter((one) => one.to <= from).toSorted((a, b) => b.from - a.from)) {
    const between = source.slice(comment.to, lineStart)
    const before = source.slice(source.lastIndexOf("\n", comment.from - 1) + 1, comment.from)
    if (between.trim() !== "" || between.split("\n").length > 2 || before.trim() !== "") break
    out.unshift(comment)
    lineStart = source.lastIndexOf("\n", comment.from - 1) + 1
  }
  return out
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
  }
}

/** "secret", "type: T" and help, in this order or with the first two changed about. */
function readLine(line: string, dialect: TypeDialect): Note {
  let rest = line
  let note = NOTHING
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
