/** The server as this page knows it. */
import { watchServer } from "#web/app/server-watch.ts"

export const server = watchServer({
  ask: async (withinMs) => {
    const answer = await fetch("/livez", { signal: AbortSignal.timeout(withinMs), cache: "no-store", credentials: "omit" })
    // What stands in front of it may answer for it.
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
  },
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
  isHidden: () => document.hidden,
})

/** Answers of what stands in front of a server that is not there. */
const GATEWAY = new Set([502, 503, 504])

/** `fetch`, noting what it says about the server. */
export async function fetchNoting(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, init)
    const isStet = response.headers.get("content-type")?.startsWith("application/problem+json") === true
    if (GATEWAY.has(response.status) && !isStet) server.missed()
    else server.heard()
    return response
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) server.missed()
    throw error
  }
}
