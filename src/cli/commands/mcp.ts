/** `stet mcp`: for agents that start their tools as a program and speak with it over its standard input and output. Each line is passed on to the server. */
import { ApiProblem, Unreachable } from "#api/client.ts"
import type { Body } from "#api/contract.ts"
import type { Command } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet mcp",
  summary: "Offer the templates on a server to an agent, over standard input and output",
  description: [
    "The Model Context Protocol: one JSON message a line. An agent that speaks HTTP needs no program: its address is /mcp on the server, with the token as Authorization: Bearer.",
  ],
  positionals: [],
  flags: [],
  examples: [{ line: "stet mcp --server https://stet.example --token-file ~/.stet-token", means: "what an agent's settings name as the command" }],
}

export const MCP = onServer(COMMAND, act)

type Message = Body<"askMcp">

async function act({ edge, client }: Remote): Promise<number> {
  const under = new Set<Promise<void>>()
  let revision: string | undefined
  const pass = async (line: string) => {
    const message = messageIn(line)
    if (!message) return void edge.out.write(`${JSON.stringify(failure(null, PARSE_ERROR, "This line is not a JSON-RPC message."))}\n`)
    try {
      const headers = revision === undefined ? {} : { headers: { "mcp-protocol-version": revision } }
      const { status, value } = await client.reply("askMcp", { body: message, ...headers })
      const chosen = message.method === "initialize" ? (value as Initialized).result?.protocolVersion : undefined
      if (typeof chosen === "string") revision = chosen
      if (status === 200) edge.out.write(`${JSON.stringify(value)}\n`)
    } catch (error) {
      if (!(error instanceof ApiProblem || error instanceof Unreachable)) throw error
      if (message.id !== undefined) edge.out.write(`${JSON.stringify(failure(message.id, SERVER_ERROR, error.message))}\n`)
      else edge.err.write(`stet: ${error.message}\n`)
    }
  }
  for await (const line of edge.lines()) {
    if (line.trim() === "") continue
    // A run that is waited for must not keep what comes after it.
    const passing = pass(line)
    under.add(passing)
    void passing.finally(() => under.delete(passing))
    // What the two agree on at first is agreed before the next is said.
    if (revision === undefined) await passing
  }
  await Promise.all(under)
  return EXIT.succeeded
}

type Initialized = { readonly result?: { readonly protocolVersion?: unknown } }

const PARSE_ERROR = -32_700
const SERVER_ERROR = -32_000

function failure(id: Message["id"] | null, code: number, message: string) {
  return { jsonrpc: "2.0", id, error: { code, message } }
}

// In the language since V8 11.4 (Node 22), and not yet in the type library.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown

/** Numbers keep their spelling: 1.0 stays a float, a long integer keeps its digits. */
function messageIn(line: string): Message | undefined {
  try {
    const read = parseJson(line, (key, value, { source }) =>
      typeof value === "number" && source !== undefined && key !== "id" ? rawJson(source) : value,
    )
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Message) : undefined
  } catch {
    return undefined
  }
}
