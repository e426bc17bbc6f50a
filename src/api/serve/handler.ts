/** What a route's handler is given and gives. */
import type { FastifyReply, FastifyRequest } from "fastify"
import type { AppBuild } from "#api/app/build.ts"
import type { Answered, GivenBody, GivenParams, GivenQuery, RouteName, RouteOf } from "#api/contract.ts"
import type { AnyRefusal } from "#api/problem.ts"
import type { ByteSource } from "#api/serve/answer.ts"
import type { Hub } from "#api/serve/hub.ts"
import type { roomOf } from "#api/serve/reading.ts"
import type { Heart, Page } from "#api/serve/stream.ts"
import type { Doorkeeper } from "#api/serve/who.ts"
import type { ApiOptions, ApiWorld } from "#api/world.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Drafts } from "#library/index.ts"
import type { Actor } from "#people/index.ts"

/** The server's own parts, beside the world it was handed. */
export type Api = {
  readonly world: ApiWorld
  readonly options: ApiOptions
  readonly hub: Hub
  readonly doorkeeper: Doorkeeper
  readonly heart: Heart
  /** Pages of events that are being fetched. */
  readonly pages: Map<string, Promise<Page>>
  /** Whether somebody may see a run, where that is being asked. */
  readonly looks: Map<string, Promise<boolean>>
  readonly bodies: ReturnType<typeof roomOf>
  /** The built web app. */
  readonly app: AppBuild
  /** The drafts that this process holds. */
  readonly drafts: Drafts
  /** Where people reach it. */
  readonly url: URL
  readonly cookie: string
  readonly https: boolean
}

export type Call<N extends RouteName> = {
  readonly api: Api
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly actor: RouteOf<N>["auth"] extends "public" ? Actor | undefined : Actor
  readonly params: GivenParams<N>
  readonly query: GivenQuery<N>
  readonly body: GivenBody<N>
  /** Costs something when it is looked at, so take it out of the call only where it is needed. */
  readonly gone: AbortSignal
}

export type Sent<N extends RouteName> =
  | {
      readonly kind: "json"
      readonly status: keyof RouteOf<N>["answers"] & number
      readonly value: Answered<N>
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Default: 204. */
  | { readonly kind: "empty"; readonly status?: 202 | 304; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: "bytes"; readonly source: ByteSource }
  | { readonly kind: "pieces"; readonly pieces: AsyncIterable<Uint8Array>; readonly mediaType: string; readonly fileName: string }
  | { readonly kind: "page"; readonly html: string }
  /** The handler answers by itself. */
  | { readonly kind: "taken" }

export type Handler<N extends RouteName> = (call: Call<N>) => Promise<Outcome<Sent<N>, AnyRefusal>>
export type Handlers<N extends RouteName = RouteName> = { readonly [Name in N]: Handler<Name> }

export function sendValue<N extends RouteName>(
  status: keyof RouteOf<N>["answers"] & number,
  value: Answered<N>,
  headers: Readonly<Record<string, string>> = {},
) {
  return accepted<Sent<N>>({ kind: "json", status, value, headers })
}

export function sendNothing(headers: Readonly<Record<string, string>> = {}) {
  return accepted({ kind: "empty", headers } as const)
}

/** The value of an Outcome as this route's answer, or its refusal as it was. */
export function passed<Value, Refusal extends AnyRefusal, S>(outcome: Outcome<Value, Refusal>, send: (value: Value) => S): Outcome<S, Refusal> {
  return outcome.ok ? accepted(send(outcome.value)) : outcome
}
