/** What is known of one request while it is answered. */
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Actor } from "#people/index.ts"

export type Known = {
  readonly actor: Actor | undefined
  readonly by: "cookie" | "token" | "nothing"
  /** The session cookie's value: forms are tied to it. */
  readonly cookie: string | undefined
}

const KNOWN = new WeakMap<FastifyRequest, Known>()
const NOBODY: Known = { actor: undefined, by: "nothing", cookie: undefined }

export function remember(request: FastifyRequest, known: Known): void {
  KNOWN.set(request, known)
}

export function knownOf(request: FastifyRequest): Known {
  return KNOWN.get(request) ?? NOBODY
}

/** Why nobody is known: no credential came, or none that is good. Which of its faults a token has is told to nobody. */
export function strangersRefusal(request: FastifyRequest) {
  const message =
    request.headers.authorization === undefined
      ? "This needs somebody who is signed in."
      : "The token is no good here: it was revoked, it has expired, or it is for another server."
  return { refused: "not_signed_in", message } as const
}

/** Aborted when the asker has gone. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  if (reply.raw.destroyed) controller.abort()
  else reply.raw.once("close", () => controller.abort())
  return controller.signal
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(", ") : value
}
