/** The routes that the server really has: the router's own table, not ours. */
import type { FastifyInstance } from "fastify"
import { buildServer } from "#api/server.ts"
import type { ApiWorld } from "#api/world.ts"

export type Registered = { readonly method: string; readonly url: string }

export function registeredOn(server: Pick<FastifyInstance, "printRoutes">): readonly Registered[] {
  const found: Registered[] = []
  const stack: string[] = []
  // With prefixes in common, so that every letter is there: without, what stands before a `*` is left out.
  for (const line of server.printRoutes({ commonPrefix: true }).split("\n")) {
    const match = /^([│ ]*)[├└]── (\S*) ?(?:\(([^)]+)\))?/.exec(line)
    if (!match) continue
    const depth = (match[1] ?? "").length / 4
    stack.length = depth
    stack[depth] = match[2] ?? ""
    const url = stack.join("")
    for (const method of (match[3] ?? "").split(", ").filter((word) => /^[A-Z]+$/.test(word))) found.push({ method, url })
  }
  return found
}

/** Those of a server that answers nobody: its router is filled as every server's is, without a database. */
export async function registeredRoutes(): Promise<readonly Registered[]> {
  const silent: Pick<ApiWorld, "listen"> = { listen: async () => async () => undefined }
  const server = await buildServer(silent as ApiWorld, { url: "http://localhost:1", version: "attack" })
  try {
    await server.ready()
    return registeredOn(server)
  } finally {
    await server.close()
  }
}

/** The only routes that answer somebody unknown. Adding one here is a decision. */
const PUBLIC: ReadonlySet<string> = new Set([
  "POST /api/v1/sign-in",
  "POST /api/v1/sign-in/link",
  "GET /sign-in",
  "POST /sign-in",
  "GET /join",
  "POST /join",
  "GET /reset",
  "POST /reset",
  "POST /sign-in/sso",
  "GET /sign-in/callback",
  "GET /api/docs",
  "GET /api/openapi.json",
  "GET /livez",
  "GET /readyz",
  "GET /metrics",
  "GET /robots.txt",
  "GET /assets/:name",
  "GET /frames/output",
  "GET /public/:link",
])

export function isPublic({ method, url }: Registered): boolean {
  return PUBLIC.has(`${method.replace("HEAD", "GET")} ${url}`)
}
