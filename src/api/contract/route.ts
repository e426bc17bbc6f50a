/** What one row of the contract is made of. */
import type { z } from "zod"

/**
 * Who may ask. `public`: anybody. `person`: whoever is signed in, by session or token. `session`: only a browser's session.
 * `administrator`: of the whole platform. The others are what one must be allowed to do with the thing that the request names.
 */
export type Auth = "public" | "person" | "session" | "administrator" | "read" | "comment" | "run" | "edit" | "administer"

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/** JSON of a shape; bytes of one of these media types; a stream of events; nothing at all. */
export type Content =
  | { readonly kind: "json"; readonly schema: z.ZodType }
  | { readonly kind: "bytes"; readonly mediaTypes: readonly string[]; readonly limitBytes?: number }
  | { readonly kind: "events" }
  | { readonly kind: "empty" }

export type Answer = { readonly what: string; readonly content: Content }

/** What a route is about. */
export type Tag =
  | "Agents"
  | "Comments"
  | "Environments"
  | "Inbox"
  | "Library"
  | "Live sessions"
  | "Operation"
  | "People"
  | "Runs"
  | "Subscriptions"
  | "Templates"
  | "Tests"

export type Route = {
  readonly method: Method
  /** As OpenAPI writes it: `/api/v1/runs/{run}`. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly auth: Auth
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly headers?: z.ZodObject
  readonly body?: Content
  readonly answers: Readonly<Record<number, Answer>>
  /** Statuses of the problems that this route tells beside 400, 401, 403, 404, 429 and 500. */
  readonly problems?: readonly number[]
  /** The same request sent twice does what it does once, so that a client may try again when no answer came. */
  readonly repeatable?: boolean
}

export function json<S extends z.ZodType>(schema: S): { readonly kind: "json"; readonly schema: S } {
  return { kind: "json", schema }
}

export const EMPTY = { kind: "empty" } as const
export const EVENTS = { kind: "events" } as const

export function bytes(mediaTypes: readonly string[], limitBytes?: number) {
  return { kind: "bytes", mediaTypes, ...(limitBytes === undefined ? {} : { limitBytes }) } as const
}

/** Keeps the row's own type, so that a client knows what each route takes and gives. */
export function route<const R extends Route>(row: R): R {
  return row
}
