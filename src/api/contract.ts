/**
 * All that the outside may know: one row for each route. From it come the server's routes and their checks, OpenAPI, the page of
 * documentation, and the types of the client. It runs in a browser as well.
 */
import type { z } from "zod"
import { COPY_ROUTES } from "#api/contract/copy-routes.ts"
import { DRAFT_ROUTES } from "#api/contract/draft-routes.ts"
import { FRAME_ROUTES } from "#api/contract/frame-routes.ts"
import { INBOX_ROUTES } from "#api/contract/inbox-routes.ts"
import { LIVE_ROUTES } from "#api/contract/live-routes.ts"
import { MCP_ROUTES } from "#api/contract/mcp-routes.ts"
import { NOTEBOOK_ROUTES } from "#api/contract/notebook-routes.ts"
import { OPEN_LIVE_ROUTES } from "#api/contract/open-live-routes.ts"
import { CREDENTIAL_ROUTES, PEOPLE_ROUTES, SESSION_ROUTES } from "#api/contract/people-routes.ts"
import { PROOF_ROUTES } from "#api/contract/proof-routes.ts"
import { PROPOSAL_ROUTES } from "#api/contract/proposal-routes.ts"
import type { Route } from "#api/contract/route.ts"
import { PLATFORM_ROUTES, RUN_ROUTES } from "#api/contract/run-routes.ts"
import type { Problem as ProblemSchema } from "#api/contract/shapes.ts"
import { FILE_ROUTES, SPACE_ROUTES } from "#api/contract/space-routes.ts"
import { SUBSCRIPTION_ROUTES } from "#api/contract/subscription-routes.ts"
import { TEMPLATE_ROUTES } from "#api/contract/template-routes.ts"
import { TEST_ROUTES } from "#api/contract/test-routes.ts"
import { UPLOAD_ROUTES } from "#api/contract/upload-routes.ts"

export const CONTRACT = {
  ...SESSION_ROUTES,
  ...PEOPLE_ROUTES,
  ...CREDENTIAL_ROUTES,
  ...SPACE_ROUTES,
  ...NOTEBOOK_ROUTES,
  ...FILE_ROUTES,
  ...RUN_ROUTES,
  ...UPLOAD_ROUTES,
  ...PROOF_ROUTES,
  ...COPY_ROUTES,
  ...PLATFORM_ROUTES,
  ...FRAME_ROUTES,
  ...INBOX_ROUTES,
  ...PROPOSAL_ROUTES,
  ...TEMPLATE_ROUTES,
  ...TEST_ROUTES,
  ...LIVE_ROUTES,
  ...MCP_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...OPEN_LIVE_ROUTES,
  ...DRAFT_ROUTES,
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof CONTRACT
export type RouteOf<N extends RouteName> = (typeof CONTRACT)[N]

/** What a caller gives: as it goes over the wire, defaults left out. */
export type Params<N extends RouteName> = RouteOf<N> extends { params: infer S extends z.ZodType } ? z.input<S> : undefined
export type Query<N extends RouteName> = RouteOf<N> extends { query: infer S extends z.ZodType } ? z.input<S> : undefined
export type Body<N extends RouteName> =
  RouteOf<N> extends { body: { kind: "json"; schema: infer S extends z.ZodType } }
    ? z.input<S>
    : RouteOf<N> extends { body: { kind: "bytes" } }
      ? Uint8Array
      : undefined

/** What the server works with: checked, defaults filled in. */
export type GivenParams<N extends RouteName> = RouteOf<N> extends { params: infer S extends z.ZodType } ? z.output<S> : undefined
export type GivenQuery<N extends RouteName> = RouteOf<N> extends { query: infer S extends z.ZodType } ? z.output<S> : undefined
export type GivenBody<N extends RouteName> =
  RouteOf<N> extends { body: { kind: "json"; schema: infer S extends z.ZodType } }
    ? z.output<S>
    : RouteOf<N> extends { body: { kind: "bytes" } }
      ? Uint8Array
      : undefined

type ContentOf<A> = A extends { content: infer C } ? C : never
type ValueOf<C> = C extends { kind: "json"; schema: infer S extends z.ZodType }
  ? z.output<S>
  : C extends { kind: "bytes" }
    ? Uint8Array
    : C extends { kind: "empty" }
      ? undefined
      : never
type Answers<N extends RouteName> = RouteOf<N>["answers"]
type Values<N extends RouteName> = NonNullable<ValueOf<ContentOf<Answers<N>[keyof Answers<N>]>>>
/** What comes back when all is well; nothing where the answer is empty. (Bytes may be empty too, when it was asked whether they changed.) */
export type Answered<N extends RouteName> = [Values<N>] extends [never] ? undefined : Values<N>

export type Problem = z.output<typeof ProblemSchema>
export type { Auth, Content, Method, Route } from "#api/contract/route.ts"
