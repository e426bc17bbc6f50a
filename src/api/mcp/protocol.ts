/**
 * What is spoken with agents: JSON-RPC 2.0 as the Model Context Protocol uses it over streamable HTTP (revision 2025-11-25), without
 * sessions: each message is answered by itself, as JSON. Pure.
 */
import { isObject, type Json, type JsonObject, own } from "#base/json.ts"

/** The newest first. Older revisions want batches, which this does not take. */
const REVISIONS = ["2025-11-25", "2025-06-18"] as const

export type Id = string | number
export type Message = { readonly id?: Id | undefined; readonly method?: string | undefined; readonly params?: unknown }

export type Answer = { readonly jsonrpc: "2.0"; readonly id: Id | null } & (
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: number; readonly message: string } }
)

export const CODE = { invalidRequest: -32_600, methodNotFound: -32_601, invalidParams: -32_602 } as const

export function result(id: Id, value: Readonly<Record<string, unknown>>): Answer {
  return { jsonrpc: "2.0", id, result: value }
}

export function failure(id: Id | null, code: number, message: string): Answer {
  return { jsonrpc: "2.0", id, error: { code, message } }
}

/** Whether a later message may name this revision: also one that the client went on with because it knows it. */
export function isKnownRevision(text: string | undefined): boolean {
  return text === undefined || text === "2025-03-26" || REVISIONS.some((one) => one === text)
}

export function initialized(id: Id, params: JsonObject, version: string): Answer {
  const asked = own(params, "protocolVersion")
  return result(id, {
    protocolVersion: REVISIONS.find((one) => one === asked) ?? REVISIONS[0],
    capabilities: { tools: { listChanged: false } },
    serverInfo: { name: "stet", title: "Stet", version },
    instructions: INSTRUCTIONS,
  })
}

const INSTRUCTIONS = [
  "Stet runs templates: programs that people proved and approved, each with typed parameters and a name.",
  "list_templates finds one, describe_template says what it takes and does, run_template (or the tool of that very template) runs it.",
  "A run that is not over when the answer comes goes on: ask get_run with its id.",
  "Give only parameters that the schema names. Each run is recorded as ordered by the owner of the token.",
].join(" ")

/** What a tool gave: structure for programs, and the same as text, as the protocol advises. */
export type ToolResult = {
  readonly content: readonly Content[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly isError?: boolean
}
export type Content = { readonly type: "text"; readonly text: string } | { readonly type: "image"; readonly data: string; readonly mimeType: string }

export function said(text: string, more: readonly Content[] = []): ToolResult {
  return { content: [{ type: "text", text }, ...more] }
}

export function wrong(text: string): ToolResult {
  return { ...said(text), isError: true }
}

export function objectIn(value: unknown): JsonObject {
  return isObject(value as Json) ? (value as JsonObject) : {}
}

export function textIn(object: JsonObject, name: string): string | undefined {
  const value = own(object, name)
  return typeof value === "string" ? value : undefined
}
