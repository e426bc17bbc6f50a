/** Tables of notebooks and of runs, as several pages show them. Pure. */
import { hrefOf } from "#api/pages/layout.ts"
import { ago, counted, digits, sizeWords, stateMark, took } from "#api/pages/words.ts"
import { jsonText } from "#api/wire/json-text.ts"
import type { FileRow, Item, NotebookRow } from "#library/index.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"
import type { RunRow } from "#work/index.ts"

export function notebookHref({ id }: Pick<NotebookRow, "id">): string {
  return hrefOf("notebooks", id)
}

export function folderHref(space: string, folder: string): string {
  return hrefOf("spaces", space, ...(folder === "" ? [] : folder.split("/")))
}

export function crumbs(space: string, path: string): Markup {
  const parts = path === "" ? [] : path.split("/")
  return html`<nav class="crumbs" aria-label="Where"><a href="/">Notebooks</a> / <a href="${folderHref(space, "")}">${space}</a>${parts.map((part, i) => html` / ${i === parts.length - 1 ? html`<span dir="auto">${part}</span>` : html`<a href="${folderHref(space, parts.slice(0, i + 1).join("/"))}">${part}</a>`}`)}</nav>`
}

export function notebookTable(rows: readonly NotebookRow[], now: number, withPlace = true): Markup {
  return html`<div class="scroll"><table class="stack"><thead><tr><th>Notebook</th><th>Owner</th><th>Last run</th><th class="num">Runs a week</th><th>Edited</th></tr></thead><tbody>${rows.map((row) => notebookLine(row, now, withPlace))}</tbody></table></div>`
}

function notebookLine(row: NotebookRow, now: number, withPlace: boolean): Markup {
  const { lastRunAt, lastRunState, runsWeek, failuresWeek } = row.usage
  const place = withPlace ? `${row.space.name}/${row.path}` : (row.path.split("/").at(-1) ?? "")
  return html`<tr><td><a href="${notebookHref(row)}" dir="auto">${row.title}</a><div class="sub" dir="auto">${place}</div>${row.tags.length > 0 && html`<div>${row.tags.map((tag) => html`<span class="tag">${tag}</span> `)}</div>`}</td>
<td data-label="Owner">${row.owner.name}${row.owner.hasLeft && html` <span class="quiet">(has left)</span>`}</td>
<td data-label="Last run">${lastRunState === null ? html`<span class="quiet">never</span>` : html`${stateMark(lastRunState)} <span class="sub">${ago(lastRunAt, now)}</span>`}</td>
<td class="num" data-label="Runs a week">${digits(runsWeek)}${failuresWeek > 0 && html` <span class="state-failed">(${counted(failuresWeek, "failure")})</span>`}</td>
<td data-label="Edited">${ago(row.updatedAt, now)}</td></tr>`
}

export function itemTable(space: string, items: readonly Item[], now: number): Markup {
  const folders = items.flatMap((item) => (item.kind === "folder" ? [item.path] : []))
  const notebooks = items.flatMap((item) => (item.kind === "notebook" ? [item.notebook] : []))
  const files = items.flatMap((item) => (item.kind === "file" ? [item.file] : []))
  return html`${folders.length > 0 && html`<table><tbody>${folders.map((path) => html`<tr><td><a href="${folderHref(space, path)}" dir="auto">${path.split("/").at(-1)}/</a></td></tr>`)}</tbody></table>`}
${notebooks.length > 0 ? notebookTable(notebooks, now, false) : NOTHING}
${files.length > 0 ? fileTable(space, files, now) : NOTHING}`
}

function fileTable(space: string, files: readonly FileRow[], now: number): Markup {
  return html`<h2>Files</h2><div class="scroll"><table><thead><tr><th>File</th><th class="num">Size</th><th>Changed</th></tr></thead><tbody>${files.map((file) => html`<tr><td><a href="/api/v1/files/content?${new URLSearchParams({ space, path: file.path }).toString()}" dir="auto">${file.path.split("/").at(-1)}</a></td><td class="num">${sizeWords(file.sizeBytes)}</td><td>${ago(file.updatedAt, now)}</td></tr>`)}</tbody></table></div>`
}

export function runTable(rows: readonly RunRow[], now: number, withNotebook = true): Markup {
  return html`<div class="scroll"><table class="stack"><thead><tr><th>Run</th>${withNotebook && html`<th>Notebook</th>`}<th>Parameters</th><th>By</th><th>Began</th><th class="num">Took</th></tr></thead><tbody>${rows.map((run) => runLine(run, now, withNotebook))}</tbody></table></div>`
}

function runLine(run: RunRow, now: number, withNotebook: boolean): Markup {
  const progress = run.state === "running" && run.cellsTotal > 0 && html` <span class="sub">${run.cellsDone} of ${run.cellsTotal}</span>`
  return html`<tr><td><a href="${hrefOf("runs", run.id)}">${stateMark(run.state)}</a>${progress}${run.reason !== "" && html`<div class="sub">${run.reason.replaceAll("_", " ")}</div>`}</td>
${withNotebook && html`<td data-label="Notebook"><a href="${hrefOf("notebooks", run.notebook)}" dir="auto">${run.notebookPath}</a> <span class="sub">version ${run.version}</span></td>`}
<td data-label="Parameters">${parametersInLine(run)}</td><td data-label="By">${run.orderedByName} <span class="sub">${run.trigger}</span></td>
<td data-label="Began">${ago(run.startedAt ?? run.createdAt, now)}</td><td class="num" data-label="Took">${took(run.startedAt, run.endedAt, now)}</td></tr>`
}

function parametersInLine({ parameters, secretNames }: RunRow): Markup {
  const shown = Object.entries(parameters).slice(0, 4)
  const text = [...shown.map(([name, value]) => `${name} = ${shortJson(value)}`), ...secretNames.map((name) => `${name} = …`)].join(", ")
  return html`<span dir="auto">${text}${Object.keys(parameters).length > 4 && ", …"}</span>`
}

export function shortJson(value: unknown): string {
  const text = typeof value === "string" ? value : jsonText(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

export function more(next: string | undefined | null, query: Readonly<Record<string, string>>, path: string): Markup {
  if (next === undefined || next === null) return NOTHING
  return html`<p class="actions"><a class="button" href="${path}?${new URLSearchParams({ ...query, cursor: next }).toString()}">More</a></p>`
}
