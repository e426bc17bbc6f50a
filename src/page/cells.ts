/** One cell after another: prose as prose, code with its outputs under it like a figure under a paragraph. */
import { isObject, type Json, own } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import { type Cell, isCode, type Output, tagsOf } from "#notebook/index.ts"
import { decoded } from "#page/clean.ts"
import { code } from "#page/code.ts"
import { cellFacts, text } from "#page/facts.ts"
import { type Heading, markdown } from "#page/markdown.ts"
import { html, type Markup } from "#page/markup.ts"
import { outputs, type Surroundings } from "#page/outputs.ts"
import { type Raster, raster } from "#page/raster.ts"
import { tree } from "#page/tree.ts"
import { clipped, counted, spoken } from "#page/words.ts"

export type Sheet = Surroundings & {
  readonly language: string
  /** Stands above the page already, so a first heading that repeats it is left out. */
  readonly title: string
  /** The id of the cell that ended the run; "" when none did. */
  readonly failed: string
}

export type Drawn = { readonly markup: Markup; readonly headings: readonly Heading[] }

/** The place of a cell in the page, for links to it. */
export function placeOf(cell: Cell, index: number): string {
  return /^[a-zA-Z0-9_-]{1,64}$/.test(cell.id) ? `cell-${cell.id}` : `cell-${index + 1}`
}

export function drawCell(cell: Cell, index: number, sheet: Sheet): Drawn {
  const place = placeOf(cell, index)
  if (isCode(cell)) return { markup: codeCell(cell, place, sheet), headings: [] }
  if (cell.cell_type === "markdown") return proseCell(cell, { place, index, sheet })
  if (cell.cell_type === "raw")
    return { markup: html`<section class="cell" id="${place}"><pre class="raw" dir="auto" tabindex="0">${cell.source}</pre></section>`, headings: [] }
  return {
    markup: html`<section class="cell" id="${place}"><p class="aside">A cell of the kind “${clipped(cell.cell_type, 100)}”, as it is stored:</p>${tree(cell)}</section>`,
    headings: [],
  }
}

type Position = { readonly place: string; readonly index: number; readonly sheet: Sheet }

function proseCell(cell: Cell, { place, index, sheet }: Position): Drawn {
  const rendered = markdown(cell.source, {
    macros: sheet.macros,
    find: (source) => attachment(cell, source),
    id: `h-${index + 1}`,
    title: index === 0 ? sheet.title : "",
  })
  return { markup: html`<section class="cell prose" id="${place}">${rendered.markup}</section>`, headings: rendered.headings }
}

/** `attachment:name` → the picture that the cell carries under that name. */
function attachment(cell: Cell, source: string): Raster | undefined {
  const attachments = own(cell, "attachments")
  const name = /^attachment:/i.test(source) ? decoded(source.slice("attachment:".length)) : ""
  const bundle = isObject(attachments) && name ? own(attachments, name) : undefined
  if (!isObject(bundle)) return undefined
  return Object.values(bundle)
    .map((value: Json) => raster(text(value)))
    .find((found) => found !== undefined)
}

function codeCell(cell: Cell, place: string, sheet: Sheet): Markup {
  const { state, durationMs } = cellFacts(cell)
  const failed = cell.id === sheet.failed
  const count = typeof cell.execution_count === "number" ? String(cell.execution_count) : ""
  const word = stateWord(failed ? "failed" : state)
  const where = count ? `cell ${count}` : "a cell"
  const time = durationMs === undefined || durationMs < 100 ? undefined : html`<span class="time">${toHuman(durationMs)}</span>`
  const label = html`<span class="count">${count || html`<span class="never" title="not executed">–</span>`}</span>${time}${word && html`<span class="state">${word}</span>`}`
  return html`<section class="cell code-cell${stateClass(failed ? "failed" : state)}" id="${place}">
${source(cell, { label, language: sheet.language })}${figures(cell, { ...sheet, where })}</section>`
}

const QUIET_STATES = ["", "succeeded", "waiting"]

function stateWord(state: string): string {
  if (QUIET_STATES.includes(state)) return ""
  return state === "failed_allowed" ? "raised, as expected" : clipped(spoken(state), 40)
}

function stateClass(state: string): string {
  return /^[a-z_]{1,20}$/.test(state) ? ` is-${state.replaceAll("_", "-")}` : ""
}

/** The code, folded when the notebook hides it, when it only repeats the parameters above, or when it is very long. */
function source(cell: Cell, { label, language }: { readonly label: Markup; readonly language: string }): Markup {
  const lines = cell.source.split("\n").length
  const first = cell.source.split("\n").find((line) => line.trim() !== "") ?? "empty cell"
  const tags = tagsOf(cell)
    .filter((tag) => MARKING_TAGS.includes(tag))
    .map((tag) => html`<span class="tag">${spoken(tag)}</span>`)
  const peek = html`<span class="peek"><code>${clipped(first, 120)}</code>${lines > 1 && html` <span class="quiet">${counted(lines, "line")}</span>`}</span>`
  const body = html`<pre class="code" tabindex="0"><code>${code(cell.source.replace(/\n+$/, ""), language)}</code></pre>`
  return html`<details class="source"${!isFolded(cell, lines) && html` open`}><summary>${label}${tags}${peek}</summary>${body}</details>`
}

const MARKING_TAGS = ["parameters", "injected-parameters", "raises-exception", "skip-execution"]
const VERY_LONG = 400

function isFolded(cell: Cell, lines: number): boolean {
  const jupyter = own(cell.metadata, "jupyter")
  const tags = tagsOf(cell)
  return (
    (isObject(jupyter) && jupyter["source_hidden"] === true) ||
    tags.some((tag) => ["injected-parameters", "hide-input", "hide_input", "remove-input"].includes(tag)) ||
    lines > VERY_LONG
  )
}

function figures(cell: Cell, place: Parameters<typeof outputs>[1]): Markup | undefined {
  const all = Array.isArray(cell.outputs) ? (cell.outputs as readonly Output[]) : []
  const drawn = outputs(all, place).filter(({ markup }) => markup !== "")
  if (drawn.length === 0) return undefined
  const jupyter = own(cell.metadata, "jupyter")
  const hidden =
    (isObject(jupyter) && jupyter["outputs_hidden"] === true) || own(cell.metadata, "collapsed") === true || tagsOf(cell).includes("hide-output")
  return hidden
    ? html`<details class="outputs folded"><summary>${counted(drawn.length, "output")}</summary>${drawn}</details>`
    : html`<div class="outputs">${drawn}</div>`
}
