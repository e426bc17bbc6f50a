/** What stands above the cells: what this is, how the run went, with which parameters, and, when it failed, what to look at first. */
import type { Json, JsonObject } from "#base/json.ts"
import { toHuman, toIso } from "#base/time.ts"
import type { Cell, Notebook } from "#notebook/index.ts"
import { terminal, uncoloured } from "#page/ansi.ts"
import { placeOf } from "#page/cells.ts"
import { type Failure, member, type RunFacts, text } from "#page/facts.ts"
import type { Heading } from "#page/markdown.ts"
import { html, type Markup } from "#page/markup.ts"
import { inlineJson } from "#page/tree.ts"
import { ago, clipped, counted, digits, instant, spoken } from "#page/words.ts"

export type Head = {
  readonly notebook: Notebook
  readonly title: string
  readonly run: RunFacts | undefined
  readonly failure: Failure | undefined
  readonly now: number | undefined
}

export function header({ notebook, title, run, failure, now }: Head): Markup {
  return html`<header class="head">
<h1 dir="auto">${title}</h1>
<p class="facts">${run && status(run)}${facts(notebook, run, now)}</p>
${run && explanation(run, failure)}${failure && alarm(notebook, failure)}${run && parameters(run.parameters)}</header>`
}

const ICONS: Record<string, string> = { succeeded: "✓", failed: "✕", cancelled: "⊘", lost: "?", running: "▸", queued: "…", unfinished: "…" }

function status(run: RunFacts): Markup {
  const known = Object.hasOwn(ICONS, run.status)
  const word = run.status === "" ? "unknown" : clipped(spoken(run.status), 40)
  return html`<strong class="status${known && ` status-${run.status}`}"><span class="icon" aria-hidden="true">${known ? ICONS[run.status] : "?"}</span>${capital(word)}</strong>`
}

function facts(notebook: Notebook, run: RunFacts | undefined, now: number | undefined): readonly Markup[] {
  const cells = notebook.cells.length
  const code = notebook.cells.filter((cell) => cell.cell_type === "code").length
  const done = run?.done !== undefined && run.total !== undefined && `${digits(run.done)} of ${counted(run.total, "cell")} run`
  const shown = [
    run && REASONS.get(run.reason),
    run?.startedAt !== undefined && when(run.startedAt, now),
    run?.durationMs !== undefined && html`<span title="${digits(run.durationMs)} ms">took ${toHuman(run.durationMs)}</span>`,
    done || (cells === 0 ? "no cells" : `${counted(cells, "cell")}, ${digits(code)} of them code`),
    kernelName(notebook, run),
  ]
  return shown.flatMap((fact) => (fact ? [html`<span class="fact">${fact}</span>`] : []))
}

/** Why a run ended, where the status alone does not say it. */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    stopped_early: "stopped itself early",
    cell_raised: "a cell raised an error",
    timed_out: "a cell ran out of time",
    kernel_died: "the kernel died",
    out_of_memory: "the kernel ran out of memory",
    disk_exceeded: "it wrote more to the disk than it may",
    kernel_start_failed: "the kernel did not start",
    kernel_restarted: "the kernel restarted itself",
    storage_failed: "the result could not be stored",
    owner_died: "the process that owned it died",
  }),
)

function when(at: number, now: number | undefined): Markup {
  const relative = now === undefined ? undefined : ago(at, now)
  return html`<time datetime="${toIso(at)}" title="${relative ? instant(at) : toIso(at)}">${relative ?? instant(at)}</time>`
}

function kernelName(notebook: Notebook, run: RunFacts | undefined): string {
  const shown = text(member(member(notebook.metadata, "kernelspec"), "display_name"))
  return clipped(shown || run?.kernel || "", 80)
}

function explanation(run: RunFacts, failure: Failure | undefined): Markup | undefined {
  if (run.explanation === "" || failure?.evalue === run.explanation) return undefined
  return html`<p class="explanation">${clipped(run.explanation, 600)}</p>`
}

/** The failed cell first: what was raised, where, and the way there. */
function alarm(notebook: Notebook, failure: Failure): Markup {
  const { cell } = failure
  const lines = failure.traceback.join("\n")
  const reached = uncoloured(lines)
  const line = /^-+> *(\d+) ?(.*)$/m.exec(reached)
  const said = failure.evalue.split("\n").slice(0, 8).join("\n")
  return html`<div class="alarm" role="group" aria-label="The error">
<p class="raised"><strong>${clipped(spoken(failure.ename) === "" ? "Error" : failure.ename, 200)}</strong>${said.trim() !== "" && html` <span dir="auto">${clipped(said, 1200)}</span>`}</p>
${line !== null && html`<p class="line"><span class="quiet">line ${line[1]}</span> <code>${clipped(line[2]!.trim(), 200)}</code></p>`}
${cell && html`<p><a class="jump" href="#${placeOf(cell, notebook.cells.indexOf(cell))}">Jump to the failed cell</a></p>`}
${lines !== "" && html`<details class="more"><summary>Traceback</summary><pre class="text" tabindex="0">${terminal(clipped(lines, 20_000))}</pre></details>`}
</div>`
}

function parameters(all: JsonObject): Markup | undefined {
  const entries = Object.entries(all)
  if (entries.length === 0) return undefined
  const rows = entries.map(([name, value]) => html`<tr><th scope="row"><code>${clipped(name, 200)}</code></th><td>${parameterValue(value)}</td></tr>`)
  const table = html`<table class="parameters"><caption>Parameters</caption><tbody>${rows}</tbody></table>`
  return entries.length > 12 ? html`<details class="more"><summary>${counted(entries.length, "parameter")}</summary>${table}</details>` : table
}

function parameterValue(value: Json): Markup {
  if (value === "(secret)") return html`<span class="quiet">secret, kept nowhere in this result</span>`
  return html`<code dir="auto">${inlineJson(value, 500)}</code>`
}

/** The way through the page: its headings, and the cell that failed. */
export function outline(headings: readonly Heading[], failed: Cell | undefined, place: string): Markup | undefined {
  const shown = headings.filter((heading) => heading.level <= 3 && heading.text !== "")
  if (shown.length < 2) return undefined
  const top = Math.min(...shown.map((heading) => heading.level))
  const items = shown.map(({ id, level, text }) => html`<li class="level-${level - top}"><a href="#${id}" dir="auto">${clipped(text, 120)}</a></li>`)
  const failure = failed && html`<li class="level-0"><a class="failed" href="#${place}"><span aria-hidden="true">✕ </span>Failed cell</a></li>`
  return html`<nav class="outline" aria-label="Contents"><details><summary>Contents</summary><ul>${items}${failure}</ul></details></nav>`
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
