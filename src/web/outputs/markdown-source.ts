/** Markdown as HTML that has still to be cleaned, with formulas and code left out for those who draw them. Pure. */
import MarkdownItParser, { type MarkdownIt, type Token } from "markdown-it"
import { withMath } from "#page/parts.ts"

export type Formula = { readonly tex: string; readonly display: boolean }
export type CodeBlock = { readonly text: string; readonly language: string }
export type Sheet = { readonly formulas: readonly Formula[]; readonly codes: readonly CodeBlock[]; readonly html: string; readonly mark: string }

type Taken = { readonly formulas: Formula[]; readonly codes: CodeBlock[]; readonly mark: string }

/**
 * Where something is drawn, the HTML has `<span id="…">` with the sheet's own mark and a number. The mark has to be one that the
 * author cannot know, or a text could ask for a formula twice: harmless, but not what was written.
 */
export function sheetOf(source: string, mark: string): Sheet {
  const taken: Taken = { formulas: [], codes: [], mark }
  const html = PARSER.render(source, { taken })
  return { ...taken, html }
}

const PARSER: MarkdownIt = build()

function build(): MarkdownIt {
  const parser = withMath(MarkdownItParser({ html: true, linkify: true, xhtmlOut: true }))
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  parser.core.ruler.push("headings", (state) => headings(state.tokens))
  parser.core.ruler.push("reading_direction", (state) => eachWay(state.tokens))
  parser.core.ruler.push("tasks", (state) => tasks(state.tokens))
  parser.renderer.rules["math"] = (tokens, index, _options, env) => {
    const token = tokens[index]!
    const { formulas, mark } = takenOf(env)
    formulas.push({ tex: token.content, display: token.meta?.["display"] === true })
    return `<span id="${mark}-f${formulas.length - 1}"></span>${token.block ? "\n" : ""}`
  }
  const fence = (tokens: Token[], index: number, _options: unknown, env: unknown): string => {
    const { content, info } = tokens[index]!
    const { codes, mark } = takenOf(env)
    codes.push({ text: content.replace(/\n$/, ""), language: /^\{?\.?([\w+#-]*)/.exec(info.trim())?.[1] ?? "" })
    return `<pre id="${mark}-c${codes.length - 1}"></pre>\n`
  }
  parser.renderer.rules["fence"] = fence
  parser.renderer.rules["code_block"] = fence
  return parser
}

function takenOf(env: unknown): Taken {
  return (env as { readonly taken: Taken }).taken
}

/** Each heading gets the id that links of the author's own find. */
function headings(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const content = tokens[index + 1]
    if (token.type === "heading_open" && content) token.attrSet("id", plainText(content))
  })
}

/** Each block reads in the direction of its own first letter. */
function eachWay(tokens: Token[]): void {
  for (const token of tokens)
    if (token.nesting === 1 && (token.level === 0 || /^t[dh]$/.test(token.tag)) && token.tag !== "table") token.attrSet("dir", "auto")
}

/** `- [x] done` as a ticked box. */
function tasks(tokens: Token[]): void {
  tokens.forEach((token, index) => {
    const first = token.children?.[0]
    if (token.type !== "inline" || tokens[index - 2]?.type !== "list_item_open" || first?.type !== "text") return
    first.content = first.content.replace(/^\[ \] /, "☐ ").replace(/^\[[xX]\] /, "☑ ")
  })
}

function plainText(inline: Token): string {
  const said = (inline.children ?? []).map((child) =>
    ["text", "code_inline", "math"].includes(child.type) ? child.content : child.type === "softbreak" ? " " : "",
  )
  return said.join("").trim()
}
