/**
 * TeX between dollars, as notebooks write it: `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]` and bare `\begin{…}…\end{…}`.
 * A dollar is money unless what follows reads as math (pandoc's rule, loosened for `$ x^2 $`).
 */
import type { MarkdownIt } from "markdown-it"

/** Commands that a cell defines hold for the cells after it. */
export type Macros = Record<string, string>

// Longer formulas are left as they are written: looking for their ends from every dollar would take the square of their length.
export const LARGEST = 10_000
const LONGEST_INLINE = 2000

/** KaTeX does not know LaTeX's old three-column environment; an array says the same. */
export function withoutEqnarray(source: string): string {
  return source.replace(/\\begin\{eqnarray\*?\}/g, "\\begin{array}{rcl}").replace(/\\end\{eqnarray\*?\}/g, "\\end{array}")
}

export type Found = { readonly tex: string; readonly display: boolean; readonly end: number }

/** The formula that begins at this place of the text; undefined when none does. `end` is the place after it. */
export function mathAt(text: string, at: number): Found | undefined {
  if (text.startsWith("$$", at)) return between(text, at + 2, "$$", true)
  if (text[at] === "$") return inline(text, at)
  if (text.startsWith("\\\\(", at)) return between(text, at + 3, "\\\\)", false)
  if (text.startsWith("\\\\[", at)) return between(text, at + 3, "\\\\]", true)
  return text.startsWith("\\begin{", at) ? environment(text, at) : undefined
}

function between(text: string, start: number, closing: string, display: boolean): Found | undefined {
  const end = closingAt(text, { start, closing, limit: display ? LARGEST : LONGEST_INLINE })
  return end < 0 || text.slice(start, end).trim() === "" ? undefined : { tex: text.slice(start, end), display, end: end + closing.length }
}

type Search = { readonly start: number; readonly closing: string; readonly limit: number }

/** Where the closing mark stands; a backslash before it makes it part of the formula. */
function closingAt(text: string, { start, closing, limit }: Search): number {
  const near = text.slice(start, start + limit)
  for (let at = near.indexOf(closing); at >= 0; at = near.indexOf(closing, at + 1)) {
    if (closing.startsWith("\\") || near[at - 1] !== "\\" || near[at - 2] === "\\") return start + at
  }
  return -1
}

// "$5 million and …": a number and then a word, with nothing that only TeX would have.
const PRICE = /^\d[\d.,]*\s?[A-Za-z]{2,}\b[^\\^_]*$/

function inline(text: string, at: number): Found | undefined {
  const end = closingAt(text, { start: at + 1, closing: "$", limit: LONGEST_INLINE })
  if (end <= at + 1) return undefined
  const tex = text.slice(at + 1, end)
  if (/\n\s*\n|`/.test(tex) || /[0-9]/.test(text[end + 1] ?? "") || PRICE.test(tex)) return undefined
  if (/^\s|\s$/.test(tex) && !/[\\^_{=]|^\s*[A-Za-z]\s*$/.test(tex)) return undefined
  return { tex, display: false, end: end + 1 }
}

function environment(text: string, at: number): Found | undefined {
  const name = /^\\begin\{([a-zA-Z]{1,20}\*?)\}/.exec(text.slice(at, at + 40))?.[1]
  if (!name) return undefined
  const closing = `\\end{${name}}`
  const end = closingAt(text, { start: at, closing, limit: LARGEST })
  if (end < 0) return undefined
  return { tex: text.slice(at, end + closing.length), display: true, end: end + closing.length }
}

/** Teaches a markdown parser to see formulas before it looks for escapes, emphasis and tables of dashes. */
export function withMath(markdown: MarkdownIt): MarkdownIt {
  markdown.inline.ruler.before("escape", "math", (state, silent) => {
    const found = mathAt(state.src, state.pos)
    if (!found || found.end > state.posMax) return false
    if (!silent) Object.assign(state.push("math", "", 0), { content: found.tex, meta: { display: found.display } })
    state.pos = found.end
    return true
  })
  markdown.block.ruler.before("code", "math_block", blockRule, { alt: ["paragraph", "reference", "blockquote", "list"] })
  return markdown
}

type BlockRule = Parameters<MarkdownIt["block"]["ruler"]["before"]>[2]

/** A formula that has its lines to itself: markdown must not see its blank lines, lists and headings. */
const blockRule: BlockRule = (state, startLine, endLine, silent) => {
  const start = state.bMarks[startLine]! + state.tShift[startLine]!
  if (state.sCount[startLine]! - state.blkIndent >= 4) return false
  if (!state.src.startsWith("$$", start) && !state.src.startsWith("\\begin{", start) && !state.src.startsWith("\\\\[", start)) return false
  const found = mathAt(state.src, start)
  if (!found) return false
  let line = startLine
  while (line < endLine && state.eMarks[line]! < found.end) line++
  if (line >= endLine || state.src.slice(found.end, state.eMarks[line]).trim() !== "") return false
  if (silent) return true
  const token = state.push("math", "", 0)
  Object.assign(token, { content: found.tex.replace(/^[ >]+/gm, ""), block: true, map: [startLine, line + 1], meta: { display: true } })
  state.line = line + 1
  return true
}
