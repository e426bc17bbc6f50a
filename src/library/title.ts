/** What things in the library are called: titles of notebooks, names and titles of spaces, tags. */
import { isWellFormed, toWellFormed } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { nameOf } from "#library/path.ts"
import type { Notebook } from "#notebook/index.ts"

export type BadName = { readonly refused: "bad_name"; readonly message: string; readonly path: string }

const MOST_TITLE = 200
const UNSEEN = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu

/**
 * A notebook is called what its first heading says, else what its file is called: the notebook is the truth about its
 * title, so there is none to set beside it.
 */
export function titleOf(notebook: Notebook | undefined, path: string): string {
  return (notebook === undefined ? "" : firstHeading(notebook)) || titleFromPath(path)
}

export function titleFromPath(path: string): string {
  return tidy(nameOf(path).replace(/\.ipynb$/i, "")) || nameOf(path)
}

/** Only the first cells are looked at: a heading after pages of code is a chapter, not the title. */
function firstHeading(notebook: Notebook): string {
  for (const cell of notebook.cells.slice(0, 5)) {
    if (cell.cell_type !== "markdown") continue
    const heading = /^ {0,3}#[ \t]+(\S.*)$/m.exec(cell.source.slice(0, 4000))?.[1]
    if (heading !== undefined) return tidy(withoutMarks(heading))
  }
  return ""
}

// Enough of Markdown to make a heading readable as plain text; what is left over is shown as it stands.
function withoutMarks(heading: string): string {
  return heading
    .slice(0, 1000)
    .replace(/[ \t]#+[ \t]*$/, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*`]|(?<!\w)__?|__?(?!\w)/g, "")
    .replace(/<[^<>]*>/g, "")
}

function tidy(text: string): string {
  const line = toWellFormed(text).normalize("NFC").replace(UNSEEN, " ").replace(/\s+/g, " ").trim()
  return line.length <= MOST_TITLE ? line : `${toWellFormed(line.slice(0, MOST_TITLE - 1)).trimEnd()}…`
}

/** What people type: refused rather than mended. */
export function toTitle(text: string): Outcome<string, BadName> {
  const title = text.trim().normalize("NFC")
  if (title === "") return bad("title", "A title cannot be empty.")
  if (!isWellFormed(title)) return bad("title", "A title cannot hold half of a character (a lone surrogate).")
  if (title.search(UNSEEN) >= 0) return bad("title", "A title is one line without control characters.")
  if (title.length > MOST_TITLE) return bad("title", `A title has at most ${MOST_TITLE} characters.`)
  return accepted(title)
}

/** A space's name stands at the head of every address (`sales/report.ipynb`) and in file names, so it is plain. */
export function toSpaceName(text: string): Outcome<string, BadName> {
  if (/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(text) && !text.includes("..")) return accepted(text)
  const shown = JSON.stringify(toWellFormed(text.slice(0, 80)))
  return bad("name", `${shown} cannot name a space: use 1 to 64 of a-z, 0-9, "-", "_" and ".", beginning and ending with a letter or digit.`)
}

const MOST_TAGS = 32

/** Tags in lower case, each once, sorted: the same words give the same tags. */
export function toTags(texts: readonly string[]): Outcome<readonly string[], BadName> {
  const tags = [...new Set(texts.map((text) => toWellFormed(text.trim()).normalize("NFC").toLowerCase()))].sort()
  const wrong = tags.find((tag) => !/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._/+#-]{0,63}$/u.test(tag))
  if (wrong !== undefined) {
    const shown = JSON.stringify(wrong.slice(0, 80))
    return bad("tags", `${shown} cannot be a tag: a tag is 1 to 64 letters, digits and ". _ / + # -", beginning with a letter or digit.`)
  }
  return tags.length > MOST_TAGS ? bad("tags", `${tags.length} tags are more than the ${MOST_TAGS} a notebook may have.`) : accepted(tags)
}

function bad(path: string, message: string): { readonly ok: false; readonly refusal: BadName } {
  return refused({ refused: "bad_name", message, path })
}
