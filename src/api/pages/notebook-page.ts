/** A notebook's page: what it is, a form to run it, its versions and its runs. Pure. */
import { hrefOf, postForm } from "#api/pages/layout.ts"
import { crumbs, runTable } from "#api/pages/lists.ts"
import { parameterFields, propertiesOf, type Wrong } from "#api/pages/parameter-form.ts"
import { alarm } from "#api/pages/sign-in.ts"
import { ago, counted, sizeWords } from "#api/pages/words.ts"
import type { NotebookRow, VersionRow } from "#library/index.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"
import type { RunRow } from "#work/index.ts"

export type NotebookSheet = {
  readonly notebook: NotebookRow
  /** The one that the form runs. */
  readonly version: VersionRow | undefined
  readonly versions: readonly VersionRow[]
  readonly runs: readonly RunRow[]
  readonly mayRun: boolean
  readonly now: number
  readonly formToken: string
  readonly typed: ReadonlyMap<string, string>
  readonly wrong: Wrong
  readonly refused?: { readonly message: string } | undefined
}

export function notebookBody(shown: NotebookSheet): Markup {
  const { notebook, versions, runs, now } = shown
  return html`${crumbs(notebook.space.name, notebook.path)}
<h1 dir="auto">${notebook.title}</h1>
<p class="facts"><span>owned by ${notebook.owner.name}${notebook.owner.hasLeft && " (has left)"}</span>${notebook.language !== "" && html`<span>${notebook.language}</span>`}<span>${counted(notebook.latest, "version")}</span><span>${counted(notebook.usage.runsWeek, "run")} this week</span>${notebook.tags.map((tag) => html`<span class="tag">${tag}</span>`)}</p>
${notebook.trashedAt !== null && html`<div class="note"><p>This notebook is in the trash. Its versions and results stay.</p></div>`}
${runPart(shown)}
<h2>Runs</h2>${runs.length === 0 ? html`<div class="empty"><p>It has not been run here yet. Its first run will stand here, with its result.</p></div>` : html`${runTable(runs, now, false)}<p class="actions"><a class="button" href="/runs?notebook=${notebook.id}">All runs</a></p>`}
<h2>Versions</h2>${versionTable(notebook, versions, now)}`
}

function runPart({ notebook, version, mayRun, formToken, typed, wrong, refused }: NotebookSheet): Markup {
  if (!version || notebook.trashedAt !== null) return NOTHING
  const open = html`<a class="button" href="${hrefOf("notebooks", notebook.id, "versions", version.number, "page")}">Look at version ${version.number}</a>`
  if (!mayRun) return html`<div class="actions">${open}</div><p class="quiet">To run it takes the role of a runner: ask ${notebook.owner.name}.</p>`
  const properties = propertiesOf(version.parameters)
  const fields = html`<input type="hidden" name="version" value="${version.number}">${parameterFields(version.parameters, typed, wrong)}<div class="actions"><button class="primary">Run version ${version.number}</button>${open}</div>`
  return html`<h2>Run</h2>${alarm(refused)}${properties.length === 0 && html`<p class="quiet">It declares no parameters. Tag a cell <code>parameters</code> and assign defaults in it: a form appears here.</p>`}${postForm(hrefOf("notebooks", notebook.id, "runs"), formToken, fields, "fields")}`
}

function versionTable(notebook: NotebookRow, versions: readonly VersionRow[], now: number): Markup {
  return html`<div class="scroll"><table class="stack"><thead><tr><th>Version</th><th>Message</th><th>By</th><th>Saved</th><th class="num">Size</th><th></th></tr></thead><tbody>${versions.map((one) => html`<tr><td><a href="${hrefOf("notebooks", notebook.id, "versions", one.number, "page")}">${one.number}</a>${one.label !== null && html` <span class="tag">${one.label}</span>`}</td><td data-label="Message" dir="auto">${one.message}</td><td data-label="By">${one.author?.name ?? ""} <span class="sub">${one.source}</span></td><td data-label="Saved">${ago(one.createdAt, now)}</td><td class="num" data-label="Size">${sizeWords(one.sizeBytes)}</td><td><a href="/api/v1/notebooks/${notebook.id}/versions/${one.number}/content">.ipynb</a>${one.number !== notebook.latest && html` · <a href="?version=${one.number}">run this one</a>`}</td></tr>`)}</tbody></table></div>`
}
