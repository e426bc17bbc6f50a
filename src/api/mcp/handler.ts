/** One message of an agent, and its answer. */
import type { MCP_ROUTES } from "#api/contract/mcp-routes.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import { callTool } from "#api/mcp/call.ts"
import type { Calling } from "#api/mcp/calling.ts"
import { toolSchema } from "#api/mcp/files.ts"
import { type Answer, CODE, failure, type Id, initialized, isKnownRevision, objectIn, result, textIn } from "#api/mcp/protocol.ts"
import { toolNameOf } from "#api/mcp/tool-name.ts"
import { ACTS, READING, RUNNING, type Tool } from "#api/mcp/tools.ts"
import { headerOf } from "#api/serve/context.ts"
import { type Api, type Handlers, sendValue } from "#api/serve/handler.ts"
import type { JsonObject } from "#base/json.ts"
import { accepted, refused } from "#base/outcome.ts"
import type { Actor } from "#people/index.ts"
import { listTemplates, type TemplateRow } from "#template/index.ts"

export const MCP: Handlers<keyof typeof MCP_ROUTES> = {
  askMcp: async ({ api, actor, request, body, gone }) => {
    const revision = headerOf(request, "mcp-protocol-version")
    if (!isKnownRevision(revision)) return refused({ refused: "bad_request", message: "This revision of the protocol is not spoken here." })
    const { id, method } = body
    // A notification, or an answer to a question that was never asked.
    if (id === undefined || method === undefined) return accepted({ kind: "empty", status: 202 })
    return sendValue<"askMcp">(200, await answer({ api, actor, gone }, { id, method, params: objectIn(body.params) }))
  },
}

type Asked = { readonly id: Id; readonly method: string; readonly params: JsonObject }

async function answer(calling: Calling, { id, method, params }: Asked): Promise<Answer> {
  switch (method) {
    case "initialize":
      return initialized(id, params, calling.api.options.version)
    case "ping":
      return result(id, {})
    case "tools/list":
      return toolsFrom(calling, id, textIn(params, "cursor") ?? "")
    case "tools/call": {
      const name = textIn(params, "name") ?? ""
      const came = await callTool(calling, name, objectIn(params["arguments"]))
      return came ? result(id, came) : failure(id, CODE.invalidParams, `There is no tool ${JSON.stringify(name.slice(0, 100))} for you.`)
    }
    default:
      return failure(id, CODE.methodNotFound, `${JSON.stringify(method.slice(0, 100))} is nothing that can be asked here.`)
  }
}

const PAGE = 100

/** The fixed ones first; then the templates that the asker may run, by name, page by page. */
async function toolsFrom({ api, actor }: Pick<Calling, "api" | "actor">, id: Id, cursor: string): Promise<Answer> {
  if (cursor.includes("\0")) return failure(id, CODE.invalidParams, "This cursor is not one of this list.")
  const found = await listTemplates(worldOf(api), actor, { may: "run", after: cursor, limit: PAGE })
  const templates = found.filter(({ latest }) => latest > 0).map((row) => toolFor(api, row))
  const fixed = cursor === "" ? [...READING, ...(mayRun(actor) ? RUNNING : [])] : []
  return result(id, { tools: [...fixed, ...templates], ...(found.length === PAGE ? { nextCursor: found.at(-1)?.name } : {}) })
}

/** What a token is not for is not offered; what its person may not do is said when they try. */
function mayRun({ via }: Actor): boolean {
  return via.kind !== "token" || via.scopes.includes("run") || via.scopes.includes("admin")
}

const MOST_ABOUT = 1500

function toolFor({ world }: Api, { name, title, description, parameters, version, deprecatedAt, deprecation, successor }: TemplateRow): Tool {
  const old = deprecatedAt === null ? "" : `Deprecated: ${deprecation} ${successor === null ? "" : `Use ${successor}.`}\n\n`
  const about = (description ?? "").slice(0, MOST_ABOUT).toWellFormed()
  return {
    name: toolNameOf(name, world.sha256),
    title,
    description: `${old}Runs the template ${name} (version ${version}): ${title}.\n\n${about}`.trim(),
    inputSchema: toolSchema(parameters),
    annotations: ACTS,
  }
}
