/** Markdown cells: CommonMark with tables, formulas and the HTML that survives cleaning. */
import MarkdownItParser, { type MarkdownIt, type StateCore, type Token } from "markdown-it"
import { anchor, clean, part } from "#page/clean.ts"
import { code } from "#page/code.ts"
import { html, type Markup } from "#page/markup.ts"
import { type Macros, withMath } from "#page/math.ts"
import { math } from "#page/math-set.ts"
import type { Raster } from "#page/raster.ts"

export type Heading = { readonly id: string; readonly level: number; readonly text: string }

export type MarkdownOptions = {
  readonly macros: Macros
  /** Finds the picture behind `attachment:x.png`. */
  readonly find?: (source: string) => Raster | undefined
  /** Begins the ids of this text's headings; none get one without it. */
  readonly id?: string
  /** A heading with this text that begins the text is left out, because it already stands above the page. */
  readonly title?: string
}

export type Rendered = { readonly markup: Markup; readonly headings: readonly Heading[] }

/** What the rules below are given to write to; one for each text. */
type Sheet = { readonly options: MarkdownOptions; readonly parts: Markup[]; readonly headings: Heading[] }

const PARSER: MarkdownIt = build()

export function markdown(source: string, options: MarkdownOptions): Rendered {
  const sheet: Sheet = { options, parts: [], headings: [] }
  const dirty = PARSER.render(source, { sheet })
  const { find } = options
  return { markup: clean(dirty, { parts: sheet.parts, ...(find ? { find } : {}) }), headings: sheet.headings }
}

/** The first heading of a text when the text begins with it. */
export function titleOf(source: string): string {
  const [open, inline] = PARSER.parse(source.slice(0, 2000), { sheet: { options: { macros: {} }, parts: [], headings: [] } })
  return open?.type === "heading_open" && open.tag === "h1" && inline ? plainText(inline) : ""
}

function build(): MarkdownIt {
  const parser = withMath(MarkdownItParser({ html: true, linkify: true, xhtmlOut: true }))
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  parser.core.ruler.push("headings", (state) => headings(state, sheetOf(state.env)))
  parser.core.ruler.push("reading_direction", eachWay)
  parser.core.ruler.push("tasks", tasks)
  parser.renderer.rules["math"] = (tokens, index, _options, env) => {
    const token = tokens[index]!
    const { parts, options } = sheetOf(env)
    return part(parts, math(token.content, token.meta?.["display"] === true, options.macros)) + (token.block ? "\n" : "")
  }
  parser.renderer.rules["fence"] = fence
  parser.renderer.rules["code_block"] = fence
  return parser
}

function sheetOf(env: unknown): Sheet {
  return (env as { sheet: Sheet }).sheet
}

function fence(tokens: Token[], index: number, _options: unknown, env: unknown): string {
  const { content, info } = tokens[index]!
  const language = /^\{?\.?([\w+#-]*)/.exec(info.trim())?.[1] ?? ""
  return part(sheetOf(env).parts, html`<pre class="code" tabindex="0"><code>${code(content.replace(/\n$/, ""), language)}</code></pre>`)
}

/** Numbers the headings for the outline, and gives each a place that links of the author's own find. */
function headings(state: StateCore, sheet: Sheet): void {
  const { tokens } = state
  const [first, inline] = tokens
  if (sheet.options.title && first?.type === "heading_open" && inline && plainText(inline) === sheet.options.title) tokens.splice(0, 3)
  if (sheet.options.id === undefined) return
  tokens.forEach((token, index) => {
    const content = tokens[index + 1]
    if (token.type !== "heading_open" || !content) return
    const text = plainText(content)
    const id = `${sheet.options.id}-${sheet.headings.length + 1}`
    sheet.headings.push({ id, level: Number(token.tag.slice(1)), text })
    // The id is our own; cleaning would move it to the authors' corner.
    const places = html`<span class="place" id="${id}"></span><span class="place" id="${anchor(text)}"></span>`
    const opening = new state.Token("html_inline", "", 0)
    opening.content = part(sheet.parts, places)
    content.children?.unshift(opening)
  })
}

/** Each block reads in the direction of its own first letter. Blocks within it follow it, or its own direction would be lost. */
function eachWay(state: StateCore): void {
  for (const token of state.tokens)
    if (token.nesting === 1 && (token.level === 0 || /^t[dh]$/.test(token.tag)) && token.tag !== "table") token.attrSet("dir", "auto")
}

/** `- [x] done` as a ticked box. */
function tasks(state: StateCore): void {
  state.tokens.forEach((token, index) => {
    const first = token.children?.[0]
    if (token.type !== "inline" || state.tokens[index - 2]?.type !== "list_item_open" || first?.type !== "text") return
    first.content = first.content.replace(/^\[ \] /, "☐ ").replace(/^\[[xX]\] /, "☑ ")
  })
}

function plainText(inline: Token): string {
  const said = (inline.children ?? []).map((child) =>
    ["text", "code_inline", "math"].includes(child.type) ? child.content : child.type === "softbreak" ? " " : "",
  )
  return said.join("").trim()
}
