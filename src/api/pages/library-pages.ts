/** Pages of what is kept: home, spaces, search. */
import type { FastifyInstance } from "fastify"
import { hrefOf, withQuery } from "#api/pages/layout.ts"
import { crumbs, folderHref, itemTable, more, notebookHref, notebookTable } from "#api/pages/lists.ts"
import { page, type Shown, type Visit } from "#api/pages/render.ts"
import type { Api } from "#api/serve/handler.ts"
import { listFolder, listNotebooks, listSpaces, searchNotebooks } from "#library/index.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"

export function registerLibraryPages(server: FastifyInstance, api: Api): void {
  page(server, api, { method: "GET", url: "/", auth: "person" }, home)
  page(server, api, { method: "GET", url: "/search", auth: "person" }, searchPage)
  page(server, api, { method: "GET", url: "/spaces/:space", auth: "person" }, async (visit) => folderPage(visit, ""))
  page(server, api, { method: "GET", url: "/spaces/:space/*", auth: "person" }, async (visit) => folderPage(visit, visit.params["*"] ?? ""))
}

async function home({ api, actor, query }: Visit): Promise<Shown> {
  const { db } = api.world.library
  const order = query["order"] === "lastRun" || query["order"] === "runsWeek" || query["order"] === "path" ? query["order"] : "updated"
  const found = await listNotebooks(db, actor, { order, limit: 50, ...(query["cursor"] === undefined ? {} : { cursor: query["cursor"] }) })
  if (!found.ok) return { refusal: found.refusal }
  const spaces = await listSpaces(db, actor)
  const now = api.world.clock.now()
  const { items, next } = found.value
  const orders = (["updated", "lastRun", "runsWeek", "path"] as const).map((one) =>
    one === order ? html`<strong>${ORDERS[one]}</strong> ` : html`<a href="${withQuery("/", { order: one })}">${ORDERS[one]}</a> `,
  )
  const body = html`<h1>Notebooks</h1>${searchForm("")}
<p class="facts">${spaces.map(({ name, title }) => html`<span><a href="${folderHref(name, "")}" dir="auto">${title}</a></span>`)}</p>
${items.length === 0 ? nothingHere(api, spaces[0]?.name) : html`<p class="quiet">By ${orders}</p>${notebookTable(items, now)}${more(next, { order }, "/")}`}`
  return { title: "Notebooks", at: "/", body }
}

const ORDERS = { updated: "last edit", lastRun: "last run", runsWeek: "runs a week", path: "path" } as const

function searchForm(value: string): Markup {
  return html`<form class="line" action="/search" role="search"><div><label for="q">Search</label><input id="q" name="q" type="search" value="${value}" placeholder="words, &quot;a phrase&quot;, in:space, tag:weekly" size="40"></div><button>Search</button></form>`
}

function nothingHere({ url }: Api, space = "my-space"): Markup {
  return html`<div class="empty"><p>No notebooks here yet. Put the first one in:</p><pre>stet sign-in --server ${url.origin}
stet put Report.ipynb ${space}/reports/Report.ipynb</pre><p>or with any program:</p><pre>curl -X POST '${url.origin}/api/v1/notebooks?space=${space}&amp;path=reports/Report.ipynb' \\
  -H "Authorization: Bearer $STET_TOKEN" -H "Content-Type: application/x-ipynb+json" \\
  --data-binary @Report.ipynb</pre><p>A token is made under <a href="/settings">Settings</a>.</p></div>`
}

async function folderPage({ api, actor, params, query }: Visit, folder: string): Promise<Shown> {
  const space = params["space"] ?? ""
  const found = await listFolder(api.world.library.db, actor, {
    space,
    folder,
    ...(query["cursor"] === undefined ? {} : { cursor: query["cursor"] }),
  })
  if (!found.ok) return { refusal: found.refusal }
  const { items, next } = found.value
  const title = folder === "" ? space : (folder.split("/").at(-1) ?? space)
  const list =
    items.length === 0 ? nothingHere(api, space) : html`${itemTable(space, items, api.world.clock.now())}${more(next, {}, folderHref(space, folder))}`
  return { title, at: "/", body: html`${crumbs(space, folder)}<h1 dir="auto">${title}</h1>${list}` }
}

async function searchPage({ api, actor, query }: Visit): Promise<Shown> {
  const asked = query["q"] ?? ""
  if (asked.trim() === "")
    return {
      title: "Search",
      at: "/search",
      body: html`<h1>Search</h1>${searchForm("")}<p class="quiet">Titles, text, code and outputs of the notebooks you may read. Words, "phrases", -without; in:space/folder, owner:me, tag:weekly, lang:python.</p>`,
    }
  const found = await searchNotebooks(api.world.library.db, actor, {
    query: asked,
    ...(query["cursor"] === undefined ? {} : { cursor: query["cursor"] }),
  })
  if (!found.ok)
    return {
      title: "Search",
      at: "/search",
      status: 400,
      body: html`<h1>Search</h1>${searchForm(asked)}<div class="alarm" role="alert"><p>${found.refusal.message}</p></div>`,
    }
  const { items, next, isPartial } = found.value
  const hits = items.map(
    ({ notebook, snippets }) =>
      html`<h3><a href="${notebookHref(notebook)}" dir="auto">${notebook.title}</a></h3><p class="quiet" dir="auto">${notebook.space.name}/${notebook.path}</p>${snippets.map(({ where, text, ranges }) => html`<p><span class="tag">${where}</span> <span dir="auto">${marked(text, ranges)}</span></p>`)}`,
  )
  const none = html`<div class="empty"><p>Nothing that you may read holds all of this. Try fewer words, or the beginning of one.</p></div>`
  const partial = isPartial
    ? html`<p class="quiet">These words are common: only notebooks edited recently were searched. Add a word, or in:space.</p>`
    : NOTHING
  return {
    title: `Search: ${asked.slice(0, 60)}`,
    at: "/search",
    body: html`<h1>Search</h1>${searchForm(asked)}${items.length === 0 ? none : html`${partial}${hits}${more(next, { q: asked }, hrefOf("search"))}`}`,
  }
}

function marked(text: string, ranges: readonly (readonly [number, number])[]): Markup {
  const pieces = ranges.map(([from, to], i) => html`${text.slice(ranges[i - 1]?.[1] ?? 0, from)}<mark>${text.slice(from, to)}</mark>`)
  return html`${pieces}${text.slice(ranges.at(-1)?.[1] ?? 0)}`
}
