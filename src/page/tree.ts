/** JSON as something to read: objects and lists that fold, numbers as they were spelled. */
import { isList, isObject, type Json, NumberLexeme, StringSpan } from "#base/json.ts"
import { html, type Markup } from "#page/markup.ts"
import { clipped, counted } from "#page/words.ts"

/** How much of a value is drawn before the rest is only counted. */
type Budget = { left: number }

const MOST_ITEMS = 2000
const DEEPEST = 24
const LONGEST_LINE = 72

export function tree(value: Json): Markup {
  return html`<div class="tree" tabindex="0">${node(value, { left: MOST_ITEMS }, 0)}</div>`
}

/** One line of JSON, cut where it gets long. */
export function inlineJson(value: Json, limit: number): string {
  return clipped(compact(value, limit), limit)
}

function node(value: Json, budget: Budget, depth: number): Markup {
  budget.left--
  if (!isList(value) && !isObject(value)) return leaf(value)
  const line = compact(value, LONGEST_LINE)
  if (line.length <= LONGEST_LINE) return html`<code>${line}</code>`
  if (depth >= DEEPEST) return html`<code>${clipped(line, LONGEST_LINE)}</code>`
  return branch(value, budget, depth)
}

function branch(value: readonly Json[] | { readonly [key: string]: Json }, budget: Budget, depth: number): Markup {
  const entries: readonly (readonly [string, Json])[] = isList(value)
    ? value.map((item, index) => [String(index), item] as const)
    : Object.entries(value)
  const items: Markup[] = []
  for (const [key, item] of entries) {
    if (budget.left <= 0) break
    items.push(html`<li><span class="key">${clipped(key, 200)}</span> ${node(item, budget, depth + 1)}</li>`)
  }
  const rest = entries.length - items.length
  const size = counted(entries.length, isList(value) ? "item" : "key")
  return html`<details${depth < 2 && html` open`}><summary>${isList(value) ? "list" : "object"} <span class="quiet">${size}</span></summary><ul>${items}${rest > 0 && html`<li class="quiet">and ${counted(rest, "more item")}</li>`}</ul></details>`
}

function leaf(value: Json): Markup {
  if (value instanceof StringSpan) return html`<span class="quiet">a text of ${counted(value.length, "byte")}, not loaded</span>`
  if (typeof value === "string") return html`<code class="s">${clipped(JSON.stringify(value), 4000)}</code>`
  return html`<code class="n">${value instanceof NumberLexeme ? value.text : String(value)}</code>`
}

/** JSON on one line; once it is longer than `limit` it may end anywhere. */
function compact(value: Json, limit: number, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value.length > limit ? value.slice(0, limit + 1) : value)
  if (value instanceof NumberLexeme) return value.text
  if (value instanceof StringSpan) return '"…"'
  if (!isList(value) && !isObject(value)) return String(value)
  if (depth > DEEPEST) return "…"
  const parts: string[] = []
  let length = 0
  for (const [key, item] of Object.entries(value)) {
    const said = (isList(value) ? "" : `${JSON.stringify(key)}: `) + compact(item, limit, depth + 1)
    parts.push(said)
    length += said.length
    if (length > limit) break
  }
  return isList(value) ? `[${parts.join(", ")}]` : `{${parts.join(", ")}}`
}
