/**
 * A notebook or result as one self-contained page that only shows: no server, no font, no picture is asked for anything, and
 * nothing in it can act outside a frame (frame.ts). The same notebook with the same options gives the same text.
 */
import { isObject, type JsonObject, own } from "#base/json.ts"
import { type Cell, languageOf, type Notebook, type Output, tagsOf } from "#notebook/index.ts"
import { drawCell, placeOf } from "#page/cells.ts"
import { failureOf, member, type RunFacts, runFacts, text } from "#page/facts.ts"
import { KEEPER_SCRIPT, pagePolicy, type Together, togetherFrame } from "#page/frame.ts"
import { header, outline } from "#page/header.ts"
import { titleOf } from "#page/markdown.ts"
import { html, type Markup, trusted } from "#page/markup.ts"
import { standTogether } from "#page/outputs.ts"
import { STYLE } from "#page/styles.ts"
import { clipped } from "#page/words.ts"

export type PageOptions = {
  /** Stands above the page. Default: the notebook's own title, its first heading, or the name of its file. */
  readonly title?: string
  /** Where the notebook came from: a path or address, shown at the foot. */
  readonly source?: string
  /** Milliseconds since 1970: makes "3 hours ago" of when the run began. Without it the date is shown. */
  readonly now?: number
}

export function page(notebook: Notebook, options: PageOptions = {}): string {
  const run = runFacts(notebook)
  const failure = failureOf(notebook, run)
  const title = titleFor(notebook, options)
  const together: Together[] | undefined = standTogether(notebook.cells.flatMap(outputsOf)) ? [] : undefined
  const sheet = {
    macros: {},
    widgets: widgetState(notebook),
    frames: { count: 0, characters: 0 },
    together,
    language: languageOf(notebook),
    title,
    failed: failure?.cell?.id ?? "",
  }
  const cells = failure ? notebook.cells.filter((cell) => !isMarker(cell)) : notebook.cells
  const drawn = cells.map((cell, index) => drawCell(cell, index, sheet))
  const failedAt = failure?.cell ? placeOf(failure.cell, notebook.cells.indexOf(failure.cell)) : ""
  const contents = outline(
    drawn.flatMap(({ headings }) => headings),
    failure?.cell,
    failedAt,
  )
  const body = html`<div class="desk">${contents}<main>
${header({ notebook, title, run, failure, now: options.now })}
${drawn.map(({ markup }) => markup)}
${cells.length === 0 && html`<p class="empty">This notebook has no cells.</p>`}
${foot(options, run)}${together && together.length > 0 && togetherFrame(together)}</main></div>`
  return whole(title, body, sheet.frames.count + (together?.length ?? 0) > 0).markup
}

function outputsOf(cell: Cell): readonly Output[] {
  return Array.isArray(cell.outputs) ? (cell.outputs as readonly Output[]).filter(isObject) : []
}

/** The notes that papermill puts into a failed notebook; what they say stands above the page already. */
function isMarker(cell: Cell): boolean {
  return cell.cell_type === "markdown" && tagsOf(cell).includes("papermill-error-cell-tag")
}

function titleFor(notebook: Notebook, options: PageOptions): string {
  const first = notebook.cells.find((cell) => !isMarker(cell))
  const given = options.title ?? text(own(notebook.metadata, "title"))
  const heading = given === "" && first?.cell_type === "markdown" ? titleOf(first.source) : ""
  const name =
    (options.source ?? "")
      .split(/[?#]/)[0]
      ?.split(/[/\\]/)
      .at(-1)
      ?.replace(/\.ipynb$/, "") ?? ""
  return clipped([given, heading, name, "Untitled notebook"].map((candidate) => candidate.trim()).find((candidate) => candidate !== "") ?? "", 300)
}

function widgetState(notebook: Notebook): JsonObject {
  const saved = member(member(notebook.metadata, "widgets"), "application/vnd.jupyter.widget-state+json")
  const state = member(saved, "state") ?? saved
  return isObject(state) ? state : {}
}

function foot(options: PageOptions, run: RunFacts | undefined): Markup {
  const source = options.source ?? run?.input ?? ""
  return html`<footer class="foot"><span class="mark">stet</span>${source !== "" && html` <span>${clipped(source, 300)}</span>`}${run && run.id !== "" && html` <span>run ${clipped(run.id, 64)}</span>`}</footer>`
}

// The dots under a word are the proof-reader's mark. An icon in the page keeps browsers from asking a server for one.
const ICON =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgBAMAAACBVGfHAAAAMFBMVEUAAADGNyt4dGxtaGjwDQx4dGyCfXWwKSbENSvFNiq9MymkWlqqVQB/PwC+NCrsSDZHv5I0AAAAEHRSTlMA+vcJBnr+CZtfUgMDBLIObkk1aQAAAMRJREFUeNq9zrFKw1AUxvH/vfeUWFshd1MHdepWuGuhQ4SAS4c8hSAuurn6Jn0EwRdwE6FDxa1d+gihiykk0qEkOcW19Bt+cD7OgQOHSNCDw4BTVRWbwFpvLK3L9YnJjLvWhSxkOIhVUZ7KT2eetcXf/N8XBhdOCmDHZgbyxIcCkijvKZCz1/Np2pCQvnh/EdVcRrbsQvFQ8zuSz28gPNdktgJYNeT2DSDW3Hp/JS22/wX37w0YktHN45gWBDTA3WSPo2QLAQI1yDy2xFAAAAAASUVORK5CYII="

function whole(title: string, body: Markup, hasFrames: boolean): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(pagePolicy(hasFrames))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Stet">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<style>${trusted(STYLE)}</style>
</head>
<body>
${switches()}
${body}
${hasFrames && KEEPER_SCRIPT}
</body>
</html>
`
}

/** Plain inputs that the style sheet looks at: they need no script. */
function switches(): Markup {
  return html`<div class="switches"><span class="mark" aria-hidden="true">stet</span><span class="controls"><label><input type="checkbox" id="stet-code" checked autocomplete="off">Code</label>
<span role="radiogroup" aria-label="Colours"><label><input type="radio" name="stet-mode" id="stet-auto" checked autocomplete="off">Auto</label><label><input type="radio" name="stet-mode" id="stet-light" autocomplete="off">Light</label><label><input type="radio" name="stet-mode" id="stet-dark" autocomplete="off">Dark</label></span></span></div>`
}
