/** Pages of notebooks and their runs. */
import type { FastifyInstance } from "fastify"
import { given } from "#api/handlers/spaces.ts"
import { versionPage } from "#api/handlers/versions.ts"
import { choice, hrefOf } from "#api/pages/layout.ts"
import { more, runTable } from "#api/pages/lists.ts"
import { LIVE_SCRIPT } from "#api/pages/live-script.ts"
import { notebookBody } from "#api/pages/notebook-page.ts"
import { typedFrom, typedParameters, type Wrong } from "#api/pages/parameter-form.ts"
import { page, type Shown, type Visit } from "#api/pages/render.ts"
import { runBody } from "#api/pages/run-page.ts"
import type { AnyRefusal } from "#api/problem.ts"
import type { Api } from "#api/serve/handler.ts"
import { getNotebook, listVersions, recordView, resolveVersion } from "#library/index.ts"
import { html } from "#page/index.ts"
import { type Actor, can } from "#people/index.ts"
import {
  accept,
  attemptsOf,
  cancel,
  cellTimes,
  getRun,
  isTerminal,
  listRuns,
  logFrom,
  outputsOf,
  type RunRow,
  type RunState,
  retry,
} from "#work/index.ts"

export function registerRunPages(server: FastifyInstance, api: Api): void {
  page(server, api, { method: "GET", url: "/notebooks/:notebook", auth: "person" }, (visit) => notebookPage(visit))
  page(server, api, { method: "POST", url: "/notebooks/:notebook/runs", auth: "person" }, launch)
  page(server, api, { method: "GET", url: "/notebooks/:notebook/versions/:version/page", auth: "person" }, versionPage)
  page(server, api, { method: "GET", url: "/runs", auth: "person" }, runsPage)
  page(server, api, { method: "GET", url: "/runs/:run", auth: "person" }, runPage)
  page(server, api, { method: "POST", url: "/runs/:run/cancel", auth: "person" }, async ({ actor, params }) =>
    after(await cancel(api.world.work, actor, { id: params["run"] ?? "" })),
  )
  page(server, api, { method: "POST", url: "/runs/:run/retry", auth: "person" }, async ({ actor, params }) =>
    after(await retry(api.world.work, actor, params["run"] ?? "")),
  )
}

function after(done: { readonly ok: true; readonly value: RunRow } | { readonly ok: false; readonly refusal: AnyRefusal }): Shown {
  return done.ok ? { goTo: hrefOf("runs", done.value.id) } : { refusal: done.refusal }
}

type Again = { readonly typed: ReadonlyMap<string, string>; readonly wrong: Wrong; readonly refused?: { readonly message: string } }

async function notebookPage({ api, actor, params, query, formToken }: Visit, again?: Again): Promise<Shown> {
  const { library, work } = api.world
  const found = await getNotebook(library.db, actor, params["notebook"] ?? "")
  if (!found.ok) return { refusal: found.refusal }
  const notebook = found.value
  const asked = /^[1-9]\d{0,8}$/u.test(query["version"] ?? "") ? Number(query["version"]) : "latest"
  const [version, versions, runs, mayRun] = await Promise.all([
    resolveVersion(library, actor, "read", { notebook: notebook.id, version: asked }),
    listVersions(library, actor, { notebook: notebook.id, limit: 30 }),
    listRuns(work, actor, { notebook: notebook.id, limit: 15 }),
    can(library.db, actor, "run", { space: notebook.space.id, notebook: notebook.id }),
  ])
  if (!version.ok && asked !== "latest") return { refusal: version.refusal }
  const now = api.world.clock.now()
  await recordView(library.db, { notebook: notebook.id, person: actor.id, at: now })
  const typed = again ?? { typed: await typedBefore(api, actor, query["from"]), wrong: new Map() }
  const body = notebookBody({
    notebook,
    version: version.ok ? version.value : undefined,
    versions: versions.ok ? versions.value.items : [],
    runs: runs.ok ? runs.value.items : [],
    mayRun,
    now,
    formToken,
    ...typed,
  })
  return { title: notebook.title, at: "/", body, ...(again ? { status: 422 } : {}) }
}

/** The values of the run that is to be run again. */
async function typedBefore(api: Api, actor: Actor, run: string | undefined): Promise<ReadonlyMap<string, string>> {
  const found = run === undefined ? undefined : await getRun(api.world.work, actor, run)
  return found?.ok ? typedFrom(found.value.parameters) : new Map()
}

async function launch(visit: Visit): Promise<Shown> {
  const { api, actor, params, form } = visit
  const notebook = params["notebook"] ?? ""
  const version = Number(form.get("version"))
  if (!Number.isSafeInteger(version) || version < 1)
    return { refusal: { refused: "bad_body", message: "The form names no version.", remedy: "Load the page again." } }
  const found = await resolveVersion(api.world.library, actor, "run", { notebook, version })
  if (!found.ok) return { refusal: found.refusal }
  const { parameters, wrong } = typedParameters(found.value.parameters, form)
  if (wrong.size > 0) return notebookPage(visit, { typed: form, wrong })
  const launched = await accept(api.world.work, actor, { notebook, version, parameters })
  if (launched.ok) return { goTo: hrefOf("runs", launched.value.run.id) }
  const { refusal } = launched
  if (refusal.refused !== "bad_parameters") return { refusal }
  return notebookPage(visit, {
    typed: form,
    wrong: new Map(refusal.problems.map(({ path, message }) => [path, message])),
    refused: { message: "Some values do not fit." },
  })
}

const STATES = ["queued", "running", "succeeded", "failed", "cancelled", "lost"] as const

async function runsPage({ api, actor, query }: Visit): Promise<Shown> {
  const state = STATES.find((one) => one === query["state"])
  const mine = query["by"] === "me"
  const notebook = query["notebook"] === undefined ? undefined : await getNotebook(api.world.library.db, actor, query["notebook"])
  if (notebook && !notebook.ok) return { refusal: notebook.refusal }
  const states: readonly RunState[] | undefined = state === undefined ? undefined : [state]
  const filter = given({ notebook: notebook?.value.id, cursor: query["cursor"], states, orderedBy: mine ? actor.id : undefined })
  const found = await listRuns(api.world.work, actor, filter)
  if (!found.ok) return { refusal: found.refusal }
  const { items, next } = found.value
  const kept = given({ state, by: mine ? "me" : undefined, notebook: query["notebook"] })
  const filters = html`<form class="line" action="/runs">${query["notebook"] !== undefined && html`<input type="hidden" name="notebook" value="${query["notebook"]}">`}${choice({ name: "state", label: "State", value: state ?? "", options: [["", "any"], ...STATES.map((one) => [one, one] as const)] })}${choice(
    {
      name: "by",
      label: "Ordered by",
      value: mine ? "me" : "",
      options: [
        ["", "anybody"],
        ["me", "me"],
      ],
    },
  )}<button>Show</button></form>`
  const none = html`<div class="empty"><p>No runs ${state === undefined && !mine ? "yet. Open a notebook and run it, or launch one:" : "like this."}</p><pre>stet run --server ${api.url.origin} space/path.ipynb -p name value</pre></div>`
  return {
    title: "Runs",
    at: "/runs",
    body: html`<h1>Runs</h1>${filters}${items.length === 0 ? none : html`${runTable(items, api.world.clock.now())}${more(next, kept as Readonly<Record<string, string>>, "/runs")}`}`,
  }
}

const SHOWN_LOG = 64 * 1024

async function runPage({ api, actor, params, formToken }: Visit): Promise<Shown> {
  const { work } = api.world
  const id = params["run"] ?? ""
  const found = await getRun(work, actor, id)
  if (!found.ok) return { refusal: found.refusal }
  const run = found.value
  const from = Math.max(0, run.logBytes - SHOWN_LOG)
  const [attempts, outputs, log, cells, mayRun] = await Promise.all([
    attemptsOf(work, actor, id),
    outputsOf(work, actor, { id }),
    logFrom(work, actor, { id, offset: from }),
    cellTimes(work, actor, { id }),
    can(work.db, actor, "run", { space: run.space, notebook: run.notebook }),
  ])
  const known = attempts.ok ? attempts.value.map((one) => (one.number === run.attempt && cells.ok ? { ...one, cells: cells.value } : one)) : []
  const body = runBody({
    run,
    attempts: known,
    artifacts: outputs.ok ? outputs.value.artifacts : [],
    log: { text: log.ok ? log.value.text : "", from },
    mayRun,
    now: api.world.clock.now(),
    formToken,
  })
  return { title: `Run of ${run.notebookPath}`, at: "/runs", body, ...(isTerminal(run.state) ? {} : { script: LIVE_SCRIPT }) }
}
