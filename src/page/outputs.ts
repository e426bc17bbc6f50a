/** The outputs of a cell, each in the best form that a page can show without asking anyone for anything. */
import { isList, isObject, type Json, type JsonObject, own } from "#base/json.ts"
import { namedIn, type Output } from "#notebook/index.ts"
import { terminal, uncoloured } from "#page/ansi.ts"
import { still } from "#page/clean.ts"
import { code } from "#page/code.ts"
import { text } from "#page/facts.ts"
import { frame, scriptSource, type Together, togetherPlace, wants } from "#page/frame.ts"
import { markdown } from "#page/markdown.ts"
import { html, type Markup, NOTHING } from "#page/markup.ts"
import { type Macros, mathAt } from "#page/math.ts"
import { math } from "#page/math-set.ts"
import { isRaster, picture, raster } from "#page/raster.ts"
import { inlineJson, tree } from "#page/tree.ts"
import { widget } from "#page/widgets.ts"
import { clipped, counted, digits } from "#page/words.ts"

/** What the outputs of one page have in common. */
export type Surroundings = {
  readonly macros: Macros
  /** The saved state of every widget, by model id. */
  readonly widgets: JsonObject
  /** How many frames there are so far, and their characters: the first ones are filled at once. */
  readonly frames: { count: number; characters: number }
  /** What stands in the one frame of outputs that may need each other, in their order; undefined where each has a frame of its own. */
  readonly together: Together[] | undefined
}

/** Where an output stands, for those who hear the page: "cell 3". */
export type Place = Surroundings & { readonly where: string }

export function outputs(all: readonly Output[], place: Place): readonly Markup[] {
  return joined(all).map((output) => one(output, place))
}

/** Streams of one name that follow each other are one text. */
function joined(all: readonly Output[]): readonly Output[] {
  const merged: { output: Output; texts: string[] }[] = []
  for (const output of all) {
    const last = merged.at(-1)
    const texts = isObject(output) && output["output_type"] === "stream" ? [text(own(output, "text"))] : []
    if (last && texts.length > 0 && last.texts.length > 0 && last.output["name"] === output["name"]) last.texts.push(...texts)
    else merged.push({ output, texts })
  }
  return merged.map(({ output, texts }) => (texts.length > 1 ? { ...output, text: texts.join("") } : output))
}

function one(output: Output, place: Place): Markup {
  if (!isObject(output)) return unknown(output)
  switch (output["output_type"]) {
    case "stream":
      return stream(output)
    case "error":
      return error(output)
    case "display_data":
    case "execute_result":
    case "update_display_data":
      return bundle(output, place)
    default:
      return unknown(output)
  }
}

function unknown(output: Json): Markup {
  return html`<div class="output"><p class="aside">An output of a kind that Stet does not know, as it is stored:</p>${tree(output)}</div>`
}

function stream(output: Output): Markup {
  const isError = output["name"] === "stderr"
  const shown = long(text(own(output, "text")))
  return isError ? html`<div class="output stderr"><span class="label">stderr</span>${shown}</div>` : html`<div class="output">${shown}</div>`
}

/** The error of a cell: what was raised, then where. */
function error(output: Output): Markup {
  const said = `${text(own(output, "ename"))}: ${text(own(output, "evalue"))}`.replace(/^: |: $/g, "")
  const traceback = own(output, "traceback")
  const lines = isList(traceback) ? traceback.map(text).join("\n") : ""
  const repeats = uncoloured(lines).includes(said.trim())
  return html`<div class="output error"><span class="label">error</span>${!repeats && html`<p class="raised">${clipped(said, 2000)}</p>`}${lines !== "" && long(lines)}</div>`
}

// Longer texts get a window of their own to scroll in, with their length said.
const MANY_LINES = 1000
const MANY_CHARACTERS = 50_000
const WIDE = 180

function long(text: string): Markup {
  const trimmed = text.replace(/\n+$/, "")
  const lines = trimmed.split("\n")
  const wraps = lines.some((line) => line.length > WIDE) ? " wraps" : ""
  const shown = html`<pre class="text${wraps}" dir="auto" tabindex="0">${terminal(trimmed)}</pre>`
  if (lines.length <= MANY_LINES && trimmed.length <= MANY_CHARACTERS) return shown
  return html`<div class="window" tabindex="0" role="group" aria-label="${counted(lines.length, "line")} of text">${shown}</div><p class="aside">${counted(lines.length, "line")}, ${digits(trimmed.length)} characters; scroll to read them all</p>`
}

type Bundle = { readonly data: JsonObject; readonly metadata: JsonObject; readonly place: Place }

function bundle(output: Output, place: Place): Markup {
  const data = own(output, "data")
  const metadata = own(output, "metadata")
  if (!isObject(data) || Object.keys(data).length === 0) return NOTHING
  const chosen = best({ data, metadata: isObject(metadata) ? metadata : {}, place })
  return html`<div class="output">${chosen}</div>`
}

/** Richest first. A form that cannot be shown here gives way to the next. */
function best(of: Bundle): Markup {
  return (
    ofWidget(of) ??
    ofSpecification(of) ??
    ofHtml(of) ??
    ofRaster(of) ??
    ofSvg(of) ??
    ofMarkdown(of) ??
    ofLatex(of) ??
    ofScript(of) ??
    ofText(of) ??
    ofNamed(of) ??
    ofAnything(of)
  )
}

function said(of: Pick<Bundle, "data">, mediaType: string): string | undefined {
  const value = own(of.data, mediaType)
  if (isList(value)) return value.every((line) => typeof line === "string") ? value.join("") : undefined
  return typeof value === "string" ? value : undefined
}

function ofWidget(of: Bundle): Markup | undefined {
  const view = own(of.data, "application/vnd.jupyter.widget-view+json")
  if (!isObject(view)) return undefined
  const inner = (all: readonly Output[]): readonly Markup[] => outputs(all, of.place)
  return widget(text(own(view, "model_id")), { state: of.place.widgets, outputs: inner, macros: of.place.macros }) ?? widgetText(of)
}

function widgetText(of: Bundle): Markup {
  const plain = said(of, "text/plain")
  return html`<p class="aside">A widget whose state was not saved with the notebook${plain ? ":" : "."}</p>${plain && long(plain)}`
}

const SPECIFICATIONS = /^application\/(?:vnd\.(?:vega(?:lite)?\.v|plotly\.v|bokehjs_|holoviews_|dataresource|deephaven|geo)|geo\+json)/

/** Markup and the script that fills it, side by side: what sets a library up, and what is drawn with it. */
const EXECUTED = /^application\/vnd\.(?:bokehjs|holoviews)_(?:exec|load)\.v0\+json$/

/** Charts that need a library to be drawn: the picture of them that was saved, else what there is in words. */
function ofSpecification(of: Bundle): Markup | undefined {
  const mediaType = Object.keys(of.data).find((key) => SPECIFICATIONS.test(key))
  if (!mediaType) return undefined
  const drawn = ofRaster(of) ?? ofSvg(of)
  if (drawn) return drawn
  const page = said(of, "text/html")
  const script = scriptOf(of)
  if (EXECUTED.test(mediaType) && (page ?? script) !== undefined)
    return active(of, `${page ?? ""}${script === undefined ? "" : scriptSource(script)}`)
  if (page !== undefined && isSetUp(of.place, page)) return active(of, page)
  if (page !== undefined && wants(page).length === 0 && !/\brequire(?:js)?\s*[(.]/.test(page)) return ofHtml(of)
  const plain = said(of, "text/plain")
  const value = own(of.data, mediaType) ?? null
  return html`<p class="aside">A chart as ${mediaType}, which this page cannot draw; it was saved without a picture.</p>${plain && long(plain)}<details class="more"><summary>Its data</summary>${tree(value)}</details>`
}

/** A chart of Plotly's for which an output before it brought the library (`init_notebook_mode`). */
function isSetUp({ together }: Place, page: string): boolean {
  return /\bPlotly\.newPlot\b/.test(page) && together?.some(({ source }) => /\bplotly\.js v\d|\bdefine\(\s*["']plotly["']/.test(source)) === true
}

// Cleaning takes a second for every megabyte; a frame shows a larger table just as truly.
const LARGEST_STILL = 1_000_000

function ofHtml(of: Bundle): Markup | undefined {
  const source = said(of, "text/html")
  if (source === undefined || source.trim() === "") return undefined
  const quiet = source.length < LARGEST_STILL ? still(source) : undefined
  if (quiet) return table(quiet, source)
  return (wants(source).length > 0 ? ofRaster(of) : undefined) ?? active(of, source)
}

const MANY_ROWS = 100

function table(quiet: Markup, source: string): Markup {
  const rows = source.slice(source.search(/<\/thead>/i) + 1).match(/<tr\b/gi)?.length ?? 0
  if (rows <= MANY_ROWS) return html`<div class="wide html" tabindex="0">${quiet}</div>`
  return html`<div class="wide html window" tabindex="0" role="group" aria-label="${counted(rows, "row")}">${quiet}</div><p class="aside">${counted(rows, "row")}; scroll to read them all</p>`
}

function active(of: Bundle, source: string): Markup {
  const { frames, where, together } = of.place
  const hosts = wants(source)
  const note =
    hosts.length > 0 &&
    html`<p class="aside">This output asks for files of ${hosts.join(", ")}; opening this page loads nothing, so parts of it may be missing.</p>`
  if (together && mayNeedOthers(source)) {
    together.push({ source, where })
    return html`${togetherPlace(together.length - 1, source)}${note}`
  }
  frames.count++
  frames.characters += source.length
  const later = frames.count > 12 || frames.characters > 1_000_000
  return html`${frame({ source, label: `Active output of ${where}`, later })}${note}`
}

const RUNS = /<script\b|\son\w+\s*=/i

/** It runs something, or is something that what runs may look for by its name. */
function mayNeedOthers(source: string): boolean {
  return RUNS.test(source) || /\sid\s*=/i.test(source)
}

/** Whether several outputs of a page may need each other: one of them runs something, and there is another that it may be for. */
export function standTogether(all: readonly Output[]): boolean {
  const sources = all.flatMap((output) => {
    const data = own(output, "data")
    const of = isObject(data) ? { data } : undefined
    return of ? [`${said(of, "text/html") ?? ""}${scriptOf(of) === undefined ? "" : "<script>"}`] : []
  })
  return sources.some((source) => RUNS.test(source)) && sources.filter(mayNeedOthers).length > 1
}

function ofRaster(of: Bundle): Markup | undefined {
  for (const mediaType of Object.keys(of.data).filter(isRaster)) {
    const found = raster(said(of, mediaType) ?? "")
    const about = own(of.metadata, mediaType)
    const asked = (key: string): string => text(isObject(about) ? own(about, key) : undefined) || text(own(of.metadata, key))
    const alt = asked("alt") || said(of, "text/plain") || "picture"
    if (found) return html`<figure class="picture">${picture(found, { alt, width: asked("width") })}</figure>`
  }
  return undefined
}

function ofSvg(of: Bundle): Markup | undefined {
  const source = said(of, "image/svg+xml")
  if (source === undefined || source.trim() === "") return undefined
  return active({ ...of, place: { ...of.place, together: undefined } }, `<style>body{padding:0}</style>${source}`)
}

function ofMarkdown(of: Bundle): Markup | undefined {
  const source = said(of, "text/markdown")
  return source === undefined ? undefined : html`<div class="prose">${markdown(source, { macros: of.place.macros }).markup}</div>`
}

function ofLatex(of: Bundle): Markup | undefined {
  const source = said(of, "text/latex")?.trim()
  if (!source) return undefined
  const found = mathAt(source, 0)
  const whole = found && source.slice(found.end).trim() === ""
  // IPython's Math and sympy put display formulas between single dollars.
  if (whole) return html`<div class="prose">${math(found.tex, found.display || /^\\displaystyle/.test(found.tex.trim()), of.place.macros)}</div>`
  return found
    ? html`<div class="prose">${markdown(source, { macros: of.place.macros }).markup}</div>`
    : (ofText(of) ?? html`<pre class="text" tabindex="0">${source}</pre>`)
}

function scriptOf(of: Pick<Bundle, "data">): string | undefined {
  return said(of, "application/javascript") ?? said(of, "text/javascript")
}

function ofScript(of: Bundle): Markup | undefined {
  const source = scriptOf(of)
  return source === undefined ? undefined : active(of, scriptSource(source))
}

function ofText(of: Bundle): Markup | undefined {
  const json = own(of.data, "application/json")
  if (json !== undefined) return tree(json)
  const source = said(of, "text/plain")
  if (source !== undefined) return Object.hasOwn(of.data, "application/vnd.stet.spill+json") ? html`<p class="aside cut">${source}</p>` : long(source)
  const other = Object.keys(of.data).find((key) => /^text\//.test(key) && said(of, key) !== undefined)
  return other === undefined
    ? undefined
    : html`<pre class="text" tabindex="0"><code>${code(said(of, other) ?? "", other.slice("text/".length))}</code></pre>`
}

function ofNamed({ data }: Bundle): Markup | undefined {
  const named = namedIn(data)
  return named.length === 0 ? undefined : tree(Object.fromEntries(named))
}

/** Nothing that a page can draw: say what is there. */
function ofAnything(of: Bundle): Markup {
  const entries = Object.entries(of.data).map(
    ([mediaType, value]) => html`<li><span class="key">${mediaType}</span> <code>${inlineJson(value, 400)}</code></li>`,
  )
  return html`<div class="tree" tabindex="0"><ul>${entries}</ul></div>`
}
