/** The vocabulary of the page's tests: notebooks in a line, and a reader of pages that accepts only their one strict form. */
import type { Json, JsonObject } from "#base/json.ts"
import type { Cell, Notebook, Output } from "#notebook/index.ts"
import { KEEPER } from "#page/scripts.ts"
import { STYLE } from "#page/styles.ts"

export function notebookOf(cells: readonly Partial<Cell>[], metadata: JsonObject = {}): Notebook {
  const whole = cells.map((cell, index) => ({ id: `c${index + 1}`, cell_type: "code", metadata: {}, source: "", ...cell }) as Cell)
  return { nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: "python" }, ...metadata }, cells: whole }
}

export function prose(source: string, more: JsonObject = {}): Partial<Cell> {
  return { cell_type: "markdown", source, ...more } as Partial<Cell>
}

export function shown(data: JsonObject, metadata: JsonObject = {}): Output {
  return { output_type: "display_data", data, metadata }
}

export function code(source: string, ...outputs: readonly Json[]): Partial<Cell> {
  return { source, execution_count: 1, outputs: outputs as readonly Output[] }
}

export function printed(text: string, name = "stdout"): Output {
  return { output_type: "stream", name, text }
}

export function raised(ename: string, evalue: string, traceback: readonly string[] = []): Output {
  return { output_type: "error", ename, evalue, traceback }
}

export type Element = { readonly tag: string; readonly attributes: Readonly<Record<string, string>> }

const TAG = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[a-z][a-z-]*(?:="[^"<>]*")?)*)\s*\/?>/y
const VOID = new Set(["area", "br", "col", "hr", "img", "input", "link", "meta", "wbr", "mspace", "mprescripts", "none"])

/**
 * Every element of a page. Anything that two HTML parsers could read differently is an error: an attribute without quotes, a `<` that
 * begins no tag, an element closed in the wrong order, a comment.
 */
export function elementsOf(page: string): readonly Element[] {
  const prefix = "<!doctype html>\n"
  if (!page.startsWith(prefix)) throw new Error("no doctype")
  const found: Element[] = []
  const open: string[] = []
  let at = prefix.length
  for (let next = page.indexOf("<", at); next >= 0; next = page.indexOf("<", at)) {
    TAG.lastIndex = next
    const match = TAG.exec(page)
    if (!match) throw new Error(`not in the strict form: ${page.slice(next, next + 120)}`)
    at = TAG.lastIndex
    const [text, closing, tag = "", attributes = ""] = match
    if (closing) {
      const top = open.pop()
      if (top !== tag) throw new Error(`</${tag}> closes <${top}>: ${page.slice(next - 80, next + 40)}`)
      continue
    }
    found.push({ tag, attributes: attributesOf(attributes) })
    if (tag === "style" || tag === "script") at = afterRawText(page, at, tag)
    else if (!VOID.has(tag) && !text.endsWith("/>")) open.push(tag)
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(" ")}`)
  return found
}

/** The only two raw texts of a page are our own, letter by letter. */
function afterRawText(page: string, at: number, tag: string): number {
  const own = tag === "style" ? STYLE : KEEPER
  if (!page.startsWith(`${own}</${tag}>`, at)) throw new Error(`a <${tag}> that is not ours: ${page.slice(at, at + 120)}`)
  return at + own.length + tag.length + 3
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([a-z][a-z-]*)(?:="([^"]*)")?/g)].map(([, name = "", value = ""]) => [name, unescaped(value)]))
}

export function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&#13;", "\r")
    .replaceAll("&amp;", "&")
}

/** What the frames of a page hold. */
export function framesOf(page: string): readonly string[] {
  return elementsOf(page).flatMap(({ tag, attributes }) => (tag === "iframe" ? [attributes["srcdoc"] ?? attributes["data-later"] ?? ""] : []))
}

/** The text of a page without its tags, frames and head. */
export function textOf(page: string): string {
  return unescaped(
    page
      .slice(page.indexOf("<main>"))
      .replace(/<script>[\s\S]*?<\/script>/g, "")
      .replace(/<[^>]*>/g, ""),
  )
}
