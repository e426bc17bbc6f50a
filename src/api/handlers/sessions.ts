/** Signing in and out. */
import type { FastifyRequest } from "fastify"
import type { SESSION_ROUTES } from "#api/contract/people-routes.ts"
import { setCookie } from "#api/guard/cookie.ts"
import { browserSessionOf, sessionOf } from "#api/handlers/people-views.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { headerOf } from "#api/serve/context.ts"
import { type Api, type Handlers, passed, type Sent, sendNothing, sendValue } from "#api/serve/handler.ts"
import { type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import {
  acceptInvite,
  allowedHosts,
  allowHost,
  type Began,
  type Client,
  changePassword,
  disallowHost,
  endOtherSessions,
  endSession,
  listSessions,
  signIn,
  signOut,
  useResetLink,
  useSignInLink,
} from "#people/index.ts"

export const SESSIONS: Handlers<keyof typeof SESSION_ROUTES> = {
  getSession: async ({ api, actor }) => sendValue<"getSession">(200, sessionOf(actor, api.options)),
  signOut: async ({ api, actor }) => {
    await signOut(api.world.people, actor)
    return sendNothing({ "set-cookie": noCookie(api) })
  },
  signIn: async ({ api, request, body }) =>
    passed(await signIn(api.world.people, body, clientOf(request)), (began) => signedIn<"signIn">(api, began)),
  useLink: async ({ api, request, body }) => passed(await useLink(api, body, clientOf(request)), (began) => signedIn<"useLink">(api, began)),
  setPassword: async ({ api, request, actor, body }) =>
    passed(await changePassword(api.world.people, actor, body, clientOf(request)), (began) => signedIn<"setPassword">(api, began)),
  listSessions: async ({ api, actor }) =>
    sendValue<"listSessions">(200, { items: (await listSessions(api.world.people, actor)).map(browserSessionOf), next: null }),
  endOtherSessions: async ({ api, actor }) => sendValue<"endOtherSessions">(200, { ended: await endOtherSessions(api.world.people, actor) }),
  endSession: async ({ api, actor, params }) => {
    const ended = await endSession(api.world.people, actor, params.session)
    return ended.ok ? sendNothing() : ended
  },
  listAllowedHosts: async ({ api, actor }) => {
    const found = await allowedHosts(api.world.people, actor)
    return sendValue<"listAllowedHosts">(200, { items: found.map(({ host, allowedAt }) => ({ host, allowedAt: toIso(allowedAt) })), next: null })
  },
  allowHost: async ({ api, actor, params }) => {
    const allowed = await allowHost(api.world.people, actor, params.host)
    return allowed.ok ? sendNothing() : allowed
  },
  disallowHost: async ({ api, actor, params }) => {
    await disallowHost(api.world.people, actor, params.host)
    return sendNothing()
  },
}

export type UsedLink = {
  readonly kind: "sign_in" | "invite" | "reset"
  readonly link: string
  readonly name?: string | undefined
  readonly login?: string | undefined
  readonly password?: string | undefined
}

/** The code alone, or the whole address that it stands in. */
export async function useLink({ world }: Api, { kind, link, name, login, password }: UsedLink, client: Client): Promise<Outcome<Began, AnyRefusal>> {
  const code = codeIn(link)
  if (kind === "sign_in") return useSignInLink(world.people, code, client)
  const missing = [...(kind === "invite" ? Object.entries({ name, login }) : []), ["password", password] as const].filter(
    ([, value]) => value === undefined,
  )
  if (missing.length > 0)
    return refused({
      refused: "bad_body",
      message: "This link needs more.",
      errors: missing.map(([path]) => ({ in: "body", path, message: "This is needed." })),
    })
  if (kind === "reset") return useResetLink(world.people, code, { password: password ?? "" }, client)
  return acceptInvite(world.people, code, { name: name ?? "", login: login ?? "", password: password ?? "" }, client)
}

function codeIn(link: string): string {
  return /[?&]link=([^&#\s]+)/u.exec(link)?.[1] ?? link
}

export function clientOf(request: FastifyRequest): Client {
  return { address: request.ip, userAgent: headerOf(request, "user-agent") ?? "" }
}

type SignedIn = "signIn" | "useLink" | "setPassword"

function signedIn<N extends SignedIn>(api: Api, began: Began): Sent<N> {
  return {
    kind: "json",
    status: 200,
    value: sessionOf(began.actor, api.options),
    headers: { "set-cookie": sessionCookie(api, began) },
  } as Sent<SignedIn> as Sent<N>
}

export function sessionCookie(api: Api, { value, expiresAt }: Began): string {
  return setCookie({ name: api.cookie, value, secure: api.https, maxAgeSeconds: (expiresAt - api.world.clock.now()) / 1000 })
}

export function noCookie(api: Api): string {
  return setCookie({ name: api.cookie, value: "", secure: api.https, maxAgeSeconds: 0 })
}
