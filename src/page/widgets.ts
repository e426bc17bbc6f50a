/**
 * Widgets as they stood when the notebook was saved: captured outputs in full, boxes as boxes, controls as the value they
 * were set to. They cannot be moved here: moving one means asking a kernel.
 */
import { isList, isObject, type Json, type JsonObject, own } from "#base/json.ts"
import type { Output } from "#notebook/index.ts"
import { clean } from "#page/clean.ts"
import { member, number, text } from "#page/facts.ts"
import { markdown } from "#page/markdown.ts"
import { html, type Markup } from "#page/markup.ts"
import type { Macros } from "#page/math.ts"
import { picture, raster } from "#page/raster.ts"
import { clipped } from "#page/words.ts"

export type WidgetContext = {
  readonly state: JsonObject
  readonly outputs: (all: readonly Output[]) => readonly Markup[]
  readonly macros: Macros
}

/** Undefined when nothing was saved of this model. */
export function widget(id: string, context: WidgetContext): Markup | undefined {
  return isObject(own(context.state, id)) ? html`<div class="widgets">${model(id, context, [])}</div>` : undefined
}

type Model = {
  readonly name: string
  readonly state: JsonObject
  readonly saved: JsonObject
  readonly context: WidgetContext
  readonly above: readonly string[]
}

/** `above`: the boxes it stands in; a box that contains itself is drawn once. */
function model(id: string, context: WidgetContext, above: readonly string[]): Markup | undefined {
  const saved = own(context.state, id)
  if (!isObject(saved) || above.includes(id) || above.length > 20) return undefined
  const state = own(saved, "state")
  const name = text(own(saved, "model_name")).replace(/Model$/, "")
  return drawn({ name, state: isObject(state) ? state : {}, saved, context, above: [...above, id] })
}

function drawn(one: Model): Markup | undefined {
  const { name, state, context } = one
  if (/Style$|Layout$/.test(name)) return undefined
  if (name === "Output") return html`<div class="captured">${context.outputs(outputsOf(state))}</div>`
  if (isList(own(state, "children"))) return box(one)
  if (name === "HTML" || name === "Label" || name === "HTMLMath") return words(one)
  if (/Progress$/.test(name)) return progress(state)
  if (name === "Image") return imageOf(one)
  return control(one)
}

function outputsOf(state: JsonObject): readonly Output[] {
  const all = own(state, "outputs")
  return isList(all) ? (all.filter(isObject) as unknown as readonly Output[]) : []
}

function box(one: Model): Markup {
  const ids = (own(one.state, "children") as readonly Json[]).map(text).filter((child) => child.startsWith("IPY_MODEL_"))
  const children = ids.map((child) => model(child.slice("IPY_MODEL_".length), one.context, one.above))
  const titles = own(one.state, "titles") ?? own(one.state, "_titles")
  const title = (index: number): string => text(isList(titles) ? titles[index] : member(titles, String(index)))
  const row = one.name === "HBox" ? " row" : ""
  return html`<div class="box${row}">${children.map((child, index) => child && html`<div>${title(index) !== "" && html`<p class="label">${title(index)}</p>`}${child}</div>`)}</div>`
}

function words({ name, state, context }: Model): Markup {
  const value = text(own(state, "value"))
  const shown = name === "Label" ? html`${value}` : name === "HTML" ? clean(value) : markdown(value, { macros: context.macros }).markup
  return html`<div class="control">${described(state)}<div class="prose">${shown}</div></div>`
}

function progress(state: JsonObject): Markup {
  const low = number(own(state, "min")) ?? 0
  const high = number(own(state, "max")) ?? 100
  const share = high > low ? Math.min(Math.max(((number(own(state, "value")) ?? 0) - low) / (high - low), 0), 1) : 0
  return html`<div class="control">${described(state)}<progress max="100" value="${Math.round(share * 100)}"></progress> <span class="quiet">${Math.round(share * 100)} %</span></div>`
}

function imageOf(one: Model): Markup | undefined {
  const buffers = own(one.saved, "buffers")
  const value = isList(buffers)
    ? buffers.find((buffer) => isObject(buffer) && isList(own(buffer, "path")) && (own(buffer, "path") as readonly Json[])[0] === "value")
    : undefined
  const found = raster(text(member(value, "data")))
  return found && html`<figure class="picture">${picture(found, { alt: "picture" })}</figure>`
}

/** Sliders, fields, menus, buttons: their label and what they were set to. */
function control({ name, state }: Model): Markup {
  const options = own(state, "_options_labels")
  const index = number(own(state, "index"))
  const value = isList(options) && index !== undefined ? options[index] : own(state, "value")
  const spoken = value === undefined ? "" : Array.isArray(value) ? value.map((item: Json) => said(item)).join(" – ") : said(value)
  const kind = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()
  return html`<div class="control" title="${kind}">${described(state)}<span class="setting">${spoken === "" ? html`<span class="quiet">${kind}</span>` : clipped(spoken, 300)}</span></div>`
}

function said(value: Json | undefined): string {
  if (value === true) return "yes"
  if (value === false) return "no"
  return isObject(value) || isList(value) ? "…" : text(value)
}

function described(state: JsonObject): Markup | undefined {
  const description = text(own(state, "description"))
  return description === "" ? undefined : html`<span class="label">${clipped(description, 200)}</span>`
}
