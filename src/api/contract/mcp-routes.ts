/** The one address that agents speak to: the Model Context Protocol over streamable HTTP. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { PlainJson } from "#api/contract/shapes.ts"

const Id = z.union([z.string().max(1000), z.number()])

/** A request, a notification, or an answer to what we asked (which is nothing). */
const Message = z
  .strictObject({
    jsonrpc: z.literal("2.0"),
    id: Id.optional(),
    method: z.string().max(200).optional(),
    params: PlainJson.optional(),
    result: PlainJson.optional(),
    error: PlainJson.optional(),
  })
  .meta({ id: "McpMessage", description: "JSON-RPC 2.0" })

export const MCP_ROUTES = {
  askMcp: route({
    method: "POST",
    path: "/mcp",
    tag: "Agents",
    summary: "Model Context Protocol (streamable HTTP, without sessions): templates as tools, permitted and recorded as for every client",
    auth: "person",
    headers: z.object({ "mcp-protocol-version": z.string().max(40).optional() }),
    body: json(Message),
    answers: {
      200: { what: "The answer", content: json(z.object({ jsonrpc: z.literal("2.0"), id: Id.nullable() }).loose()) },
      202: { what: "Taken: there is nothing to answer", content: EMPTY },
    },
  }),
} as const
