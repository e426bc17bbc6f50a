/** One run, as people see it: what failed first, then what it was asked, what it said and what it left. Pure. */
import { hrefOf, postForm } from "#api/pages/layout.ts"
import { shortJson } from "#api/pages/lists.ts"
import { ago, counted, sizeWords, stateMark, took } from "#api/pages/words.ts"
import { toHuman } from "#base/time.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"
import { type ArtifactRow, type AttemptRow, isTerminal, type RunRow } from "#work/index.ts"

export type RunSheet = {
  readonly run: RunRow
  readonly attempts: readonly AttemptRow[]
  readonly artifacts: readonly ArtifactRow[]
  readonly log: { readonly text: string; readonly from: number }
  readonly mayRun: boolean
  readonly now: number
  readonly formToken: string
}

export function runBody(shown: RunSheet): Markup {
  const { run, attempts, now } = shown
  const attempt = attempts.find(({ number }) => number === run.attempt)
  const notebook = html`<a href="${hrefOf("notebooks", run.notebook)}" dir="auto">${run.notebookPath}</a>`
  return html`<nav class="crumbs" aria-label="Where"><a href="/runs">Runs</a> / ${run.id}</nav>
<h1>${stateMark(run.state)} ${notebook}</h1>
<p class="facts"><span>version <a href="${hrefOf("notebooks", run.notebook, "versions", run.version, "page")}">${run.version}</a></span><span>by ${run.orderedByName} (${run.trigger})</span><span>${ago(run.createdAt, now)}</span>${run.startedAt !== null && html`<span>${run.endedAt === null ? "for" : "took"} ${took(run.startedAt, run.endedAt, now)}</span>`}${run.attempt > 1 && html`<span>attempt ${run.attempt}</span>`}</p>
${run.explanation !== "" && html`<p role="status">${run.explanation}</p>`}
${failure(run)}${live(run)}${actions(shown)}${asked(run)}${cells(attempt)}${logPart(shown)}${left(shown)}${attemptList(shown)}${facts(run)}`
}

function failure({ error, failedCell }: RunRow): Markup {
  if (!error) return NOTHING
  const traceback = error.traceback.join("\n").replaceAll(/\x1b\[[0-9;:]*[A-Za-z]/gu, "")
  return html`<section class="alarm" aria-label="What failed"><p><strong>${error.ename}</strong>${error.evalue !== "" && html`: <span dir="auto">${error.evalue}</span>`}${failedCell !== null && html` <span class="quiet">in cell ${failedCell + 1}</span>`}</p>${traceback !== "" && html`<details open><summary>Traceback</summary><pre>${traceback.slice(-20_000)}</pre></details>`}</section>`
}

/** Kept up to date by a script where there is one; else by loading the page again. */
function live(run: RunRow): Markup {
  if (isTerminal(run.state)) return NOTHING
  const total = Math.max(1, run.cellsTotal)
  return html`<div id="live" data-events="/api/v1/runs/${run.id}/events?after=${run.seq}" data-state="${run.state}"><p role="status" id="count">${run.state === "queued" ? "Waiting for a free worker." : `${run.cellsDone} of ${counted(run.cellsTotal, "cell")}`}</p><div class="bar"><progress id="bar" max="${total}" value="${run.cellsDone}" aria-label="Cells done"></progress></div></div>`
}

function actions({ run, mayRun, formToken }: RunSheet): Markup {
  const isOver = isTerminal(run.state)
  const result =
    run.resultSha256 !== null &&
    html`<a class="button" href="/api/v1/runs/${run.id}/result.html">Result</a><a class="button" href="/api/v1/runs/${run.id}/result">Download .ipynb</a>`
  const cancel =
    mayRun &&
    !isOver &&
    (run.desired === "cancel"
      ? html`<span class="quiet">It was asked to stop.</span>`
      : postForm(hrefOf("runs", run.id, "cancel"), formToken, html`<button>Cancel</button>`))
  const again =
    mayRun && isOver && html`<a class="button" href="${hrefOf("notebooks", run.notebook)}?version=${run.version}&amp;from=${run.id}">Run again…</a>`
  const retry =
    mayRun &&
    isOver &&
    run.state !== "succeeded" &&
    run.secretNames.length === 0 &&
    postForm(hrefOf("runs", run.id, "retry"), formToken, html`<button>Retry as it was</button>`)
  return html`<div class="actions">${result}${cancel}${again}${retry}</div>`
}

function asked(run: RunRow): Markup {
  const parameters = Object.entries(run.parameters)
  const rows = [...parameters.map(([name, value]) => pair(name, shortJson(value))), ...run.secretNames.map((name) => pair(name, "(secret)"))]
  return html`<h2>Parameters</h2>${rows.length === 0 ? html`<p class="quiet">As the notebook has them.</p>` : html`<dl class="pairs">${rows}</dl>`}`
}

function facts(run: RunRow): Markup {
  const labels = Object.entries(run.labels).map(([name, value]) => pair(name, value))
  return html`${labels.length > 0 && html`<h2>Labels</h2><dl class="pairs">${labels}</dl>`}
<h2>Facts</h2><dl class="pairs"><dt>Run</dt><dd><code>${run.id}</code></dd><dt>Digest</dt><dd><code>sha256:${run.versionSha256}</code></dd>${run.environment !== null && html`<dt>Environment</dt><dd><code>${run.environment}</code></dd>`}${run.priority !== 0 && html`<dt>Priority</dt><dd>${run.priority}</dd>`}${run.orchestrator !== null && scheduler(run)}</dl>`
}

function pair(name: string, value: string): Markup {
  return html`<dt><code>${name}</code></dt><dd dir="auto">${value}</dd>`
}

function scheduler({ orchestrator }: RunRow): Markup {
  if (!orchestrator) return NOTHING
  const link = orchestrator.attemptUri ?? orchestrator.instanceUri ?? orchestrator.uri ?? ""
  const name = [orchestrator.kind, orchestrator.definitionId ?? orchestrator.name, orchestrator.taskId]
    .filter((part) => part !== undefined)
    .join(" · ")
  // Anybody may have written it: only addresses of the web are followed.
  return html`<dt>Scheduler</dt><dd>${/^https?:\/\//iu.test(link) ? html`<a href="${link}" rel="noopener noreferrer">${name}</a>` : name}</dd>`
}

function cells(attempt: AttemptRow | undefined): Markup {
  const ran = attempt?.cells.filter(({ startedAt }) => startedAt !== null) ?? []
  if (ran.length === 0) return NOTHING
  const longest = Math.max(1, ...ran.map((cell) => (cell.endedAt ?? cell.startedAt ?? 0) - (cell.startedAt ?? 0)))
  return html`<h2>Cells</h2><details${ran.length <= 30 && html` open`}><summary>${counted(ran.length, "cell")} ran</summary><div class="scroll"><table><thead><tr><th>Cell</th><th>State</th><th class="num">Took</th><th></th></tr></thead><tbody>${ran
    .slice(0, 2000)
    .map((cell) => {
      const ms = cell.endedAt === null ? 0 : cell.endedAt - (cell.startedAt ?? 0)
      return html`<tr><td>${cell.index + 1}</td><td>${cell.state.replaceAll("_", " ")}</td><td class="num">${cell.endedAt === null ? "…" : toHuman(ms)}</td><td><meter min="0" max="${longest}" value="${ms}">${ms} ms</meter></td></tr>`
    })}</tbody></table></div></details>`
}

function logPart({ run, log }: RunSheet): Markup {
  if (log.text === "" && isTerminal(run.state)) return NOTHING
  return html`<h2>Log</h2>${log.from > 0 && html`<p class="quiet">The last ${sizeWords(run.logBytes - log.from)} of ${sizeWords(run.logBytes)}; the whole of it: <code>stet log ${run.id}</code>.</p>`}<pre class="log" id="log" tabindex="0" aria-label="Log of the run"${log.text === "" && html` hidden`}>${log.text.replaceAll(/\x1b\[[0-9;:]*[A-Za-z]/gu, "").replaceAll("\r", "\n")}</pre>`
}

function left({ run, artifacts }: RunSheet): Markup {
  if (artifacts.length === 0) return NOTHING
  return html`<h2>Artifacts</h2><div class="scroll"><table><tbody>${artifacts.map((one) => html`<tr><td><a href="/api/v1/runs/${run.id}/artifacts/content?${new URLSearchParams({ path: one.path, attempt: String(one.attempt) }).toString()}" dir="auto">${one.path}</a></td><td class="num">${sizeWords(one.sizeBytes)}</td></tr>`)}</tbody></table></div>`
}

function attemptList({ run, attempts, now }: RunSheet): Markup {
  if (attempts.length < 2) return NOTHING
  return html`<h2>Attempts</h2><div class="scroll"><table><tbody>${attempts.map((one) => html`<tr><td>${one.number}</td><td>${stateMark(one.state)}</td><td>${one.explanation}</td><td>${ago(one.startedAt, now)}</td><td class="num">${took(one.startedAt, one.endedAt, now)}</td><td>${one.resultSha256 !== null && html`<a href="/api/v1/runs/${run.id}/result.html?attempt=${one.number}">result</a>`}</td></tr>`)}</tbody></table></div>`
}
