/** What each tool does. Every one goes through the same doors as the routes: who asks may do here what they may do there, and it is recorded alike. */

import { runOf } from "#api/handlers/run-views.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import { waitForRun } from "#api/handlers/waiting.ts"
import type { Calling } from "#api/mcp/calling.ts"
import { filesWithin } from "#api/mcp/files.ts"
import { objectIn, said, type ToolResult, textIn, wrong } from "#api/mcp/protocol.ts"
import { reportFor } from "#api/mcp/report.ts"
import { isOfTemplate, RUN_ANY, templateNameIn, toolNameOf } from "#api/mcp/tool-name.ts"
import { MOST_WAIT_SECONDS, USUAL_WAIT_SECONDS } from "#api/mcp/tools.ts"
import { type AnyRefusal, problemOfRefusal } from "#api/problem.ts"
import type { Api } from "#api/serve/handler.ts"
import { jsonText } from "#api/wire/json-text.ts"
import { type JsonObject, own } from "#base/json.ts"
import { read } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import { describe, getPromoted, launchTemplate, listTemplates, type TemplateRow } from "#template/index.ts"
import { cancel, isTerminal, outputsOf, type RunRow, resultOf } from "#work/index.ts"

/** Undefined when there is no such tool for the asker. */
export async function callTool(calling: Calling, name: string, given: JsonObject): Promise<ToolResult | undefined> {
  switch (name) {
    case "list_templates":
      return list(calling, given)
    case "describe_template":
      return described(calling, textIn(given, "template") ?? "")
    case "get_run":
      return lookedAt(calling, textIn(given, "run") ?? "", secondsIn(given, 0))
    case "cancel_run":
      return stopped(calling, given)
    case RUN_ANY: {
      const wait = secondsIn(given, USUAL_WAIT_SECONDS)
      return started(calling, {
        template: textIn(given, "template") ?? "",
        parameters: objectIn(own(given, "parameters")),
        wait,
        key: textIn(given, "key"),
      })
    }
    default: {
      const template = isOfTemplate(name) ? await templateBehind(calling, name) : undefined
      return template === undefined ? undefined : started(calling, { template, parameters: given, wait: USUAL_WAIT_SECONDS })
    }
  }
}

const PAGE = 100

async function list({ api, actor }: Calling, given: JsonObject): Promise<ToolResult> {
  const asked = { q: textIn(given, "query"), after: textIn(given, "after"), limit: PAGE }
  if (asked.after?.includes("\0")) return wrong("There is no template of that name to go on after.")
  const found = await listTemplates(worldOf(api), actor, asked)
  const templates = found
    .filter(({ latest }) => latest > 0)
    .map(({ name, title, description, deprecatedAt, deprecation, successor }) => ({
      name,
      title,
      about: (description ?? "").slice(0, 300).toWellFormed(),
      ...(deprecatedAt === null ? {} : { deprecated: deprecation, successor }),
    }))
  return structured({ templates, ...(found.length === PAGE ? { next: found.at(-1)?.name } : {}) })
}

async function described({ api, actor }: Calling, template: string): Promise<ToolResult> {
  const found = await getPromoted(worldOf(api), actor, template)
  if (!found.ok) return refusedWith(found.refusal)
  const { row, promotion } = found.value
  const description = await describe(worldOf(api), { notebook: row.notebook, ...promotion })
  return structured({
    name: row.name,
    title: row.title,
    description,
    version: promotion.version,
    owner: row.owner.name,
    parameters: promotion.parameters,
    ...(row.deprecatedAt === null ? {} : { deprecated: row.deprecation, successor: row.successor }),
  })
}

type Start = { readonly template: string; readonly parameters: JsonObject; readonly wait: number; readonly key?: string | undefined }

async function started(calling: Calling, { template, parameters, wait, key }: Start): Promise<ToolResult> {
  const { api, actor } = calling
  if (key !== undefined && (key === "" || key.length > 255)) return wrong("A key has 1 to 255 characters.")
  const given = await filesWithin(calling, template, parameters)
  if (!given.ok) return refusedWith(given.refusal)
  const launched = await launchTemplate(worldOf(api), actor, { template, parameters: given.value, labels: { "stet/client": "mcp" } }, key)
  return launched.ok ? lookedAt(calling, launched.value.run.id, wait) : refusedWith(launched.refusal)
}

async function stopped(calling: Calling, given: JsonObject): Promise<ToolResult> {
  const { api, actor } = calling
  const id = textIn(given, "run") ?? ""
  const asked = await cancel(api.world.work, actor, { id, reason: (textIn(given, "reason") ?? "").slice(0, 1000).replaceAll("\0", "") })
  return asked.ok ? lookedAt(calling, id, 0) : refusedWith(asked.refusal)
}

async function lookedAt({ api, actor, gone }: Calling, run: string, seconds: number): Promise<ToolResult> {
  const found = await waitForRun(api, actor, { run, waitMs: seconds * 1000, ifNotState: ["queued", "running"], gone })
  if (!found.ok) return refusedWith(found.refusal)
  const row = found.value
  const facts = { ...factsOf(api, row), ...(isTerminal(row.state) ? await leftBy(api, actor, row) : {}) }
  const report = isTerminal(row.state) ? await reportOn(api, actor, row) : []
  const shown = structured(facts)
  return { ...shown, content: [...shown.content, ...report], ...(["failed", "lost"].includes(row.state) ? { isError: true } : {}) }
}

function factsOf(api: Api, row: RunRow) {
  const { id, url, state, explanation, message, parameters, files, progress, error, startedAt, endedAt } = runOf(api, row)
  return {
    run: id,
    url,
    state,
    ...(explanation === "" ? {} : { explanation }),
    parameters,
    ...(files.length > 0 ? { given: files.map(({ url: _, ...file }) => file) } : {}),
    ...(isTerminal(row.state) ? {} : { progress, next: "It is not over: ask get_run with this id." }),
    ...(message === "" ? {} : { message }),
    ...(error === null ? {} : { error: `${error.ename}: ${error.evalue}` }),
    startedAt,
    endedAt,
  }
}

async function leftBy(api: Api, actor: Actor, { id }: RunRow) {
  const left = await outputsOf(api.world.work, actor, { id })
  if (!left.ok) return {}
  return { outputs: left.value.outputs, files: left.value.artifacts.map(({ path, sizeBytes, mediaType }) => ({ path, sizeBytes, mediaType })) }
}

async function reportOn(api: Api, actor: Actor, { id }: RunRow) {
  const found = await resultOf(api.world.work, actor, { id })
  const reading = found.ok ? read(await api.world.library.blobs.get(found.value.sha256)) : undefined
  return reading?.ok ? reportFor(reading.value.notebook) : []
}

function structured(value: Readonly<Record<string, unknown>>): ToolResult {
  return { ...said(jsonText(value)), structuredContent: value }
}

/** In words, because an agent reads it: every field at fault, and the one thing to do next. */
function refusedWith(refusal: AnyRefusal): ToolResult {
  const { detail, errors, remedy, code } = problemOfRefusal(refusal, "").problem
  const fields = errors.map(({ path, message }) => `${path}: ${message}`)
  return wrong([`${code}: ${detail}`, ...fields, remedy].filter((line) => line !== "").join("\n"))
}

function secondsIn(given: JsonObject, usual: number): number {
  const value = Number(own(given, "wait_seconds") ?? usual)
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), MOST_WAIT_SECONDS) : usual
}

/** The template whose tool this is, among those that the asker may run. */
async function templateBehind(calling: Calling, tool: string): Promise<string | undefined> {
  const { sha256 } = calling.api.world
  const guess = templateNameIn(tool, sha256)
  if (guess !== undefined) return guess
  for await (const { name } of runnable(calling)) if (toolNameOf(name, sha256) === tool) return name
  return undefined
}

async function* runnable({ api, actor }: Pick<Calling, "api" | "actor">): AsyncGenerator<TemplateRow> {
  for (let after = ""; ; ) {
    const page = await listTemplates(worldOf(api), actor, { may: "run", after, limit: 500 })
    yield* page
    const last = page.at(-1)
    if (page.length < 500 || !last) return
    after = last.name
  }
}
