/** Answers with a plain page: every one of them goes out here, under one policy. */
import { timingSafeEqual } from "node:crypto"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Sheet, sheet } from "#api/pages/layout.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { problemOfRefusal, type Told } from "#api/problem.ts"
import { secure } from "#api/serve/answer.ts"
import { type Known, knownOf } from "#api/serve/context.ts"
import type { Api } from "#api/serve/handler.ts"
import { html } from "#page/index.ts"
import { type Actor, canPlatform, countUnread } from "#people/index.ts"

export type Visit = {
  readonly api: Api
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly actor: Actor
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** What the form held; empty for a GET. */
  readonly form: ReadonlyMap<string, string>
  readonly formToken: string
}

export type Drawn = Pick<Sheet, "title" | "body"> &
  Partial<Pick<Sheet, "at" | "narrow">> & { readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
/** A page, another address to go to, or why not. */
export type Shown =
  | Drawn
  | { readonly goTo: string; readonly headers?: Readonly<Record<string, string | string[]>> }
  | { readonly refusal: AnyRefusal }
  | { readonly drawn: string }

type Kind = { readonly method: "GET" | "POST"; readonly url: string; readonly auth: "public" | "person" | "administrator" }

export function page(server: FastifyInstance, api: Api, kind: Kind, handler: (visit: Visit) => Promise<Shown>): void {
  server.route({
    method: kind.method,
    url: kind.url,
    config: { name: `page ${kind.url}`, auth: kind.auth },
    handler: async (request, reply) => {
      const known = knownOf(request)
      const barred = await barredFrom(api, kind, request)
      if (barred) return show(api, request, reply, barred)
      const form = kind.method === "POST" ? await readForm(request) : new Map<string, string>()
      const refusal = kind.method === "POST" ? formProblem(api, known, form) : undefined
      if (refusal || !form) return show(api, request, reply, { refusal: refusal ?? { refused: "too_large", message: "The form is too large." } })
      const visit = {
        api,
        request,
        reply,
        actor: known.actor as Actor,
        params: textsOf(request.params),
        query: textsOf(request.query),
        form,
        formToken: formTokenFor(api, known),
      }
      const shown = await handler(visit)
      if (kind.method === "POST") api.doorkeeper.forget()
      return show(api, request, reply, shown)
    },
  })
}

async function barredFrom(api: Api, { auth, method }: Kind, request: FastifyRequest): Promise<Shown | undefined> {
  const { actor } = knownOf(request)
  if (auth === "public") return undefined
  if (!actor && method === "GET") return { goTo: `/sign-in?next=${encodeURIComponent(request.url.slice(0, 1500))}` }
  if (!actor) return { refusal: { refused: "not_signed_in", message: "You have been signed out meanwhile.", remedy: "Sign in and do it again." } }
  if (auth === "administrator" && !(await canPlatform(api.world.people.db, actor)))
    return { refusal: { refused: "not_allowed", message: "This page is for administrators of the platform." } }
  return undefined
}

/** Ties a form to the session it was made for: it cannot be known without the cookie. */
function formTokenFor({ world }: Api, { cookie }: Known): string {
  return cookie === undefined ? "" : world.sha256(`form ${cookie}`)
}

function formProblem(api: Api, known: Known, form: ReadonlyMap<string, string> | undefined): AnyRefusal | undefined {
  if (known.by !== "cookie" || !known.actor) return undefined
  const [given, right] = [api.world.sha256(form?.get("_form") ?? ""), api.world.sha256(formTokenFor(api, known))]
  return timingSafeEqual(Buffer.from(given), Buffer.from(right))
    ? undefined
    : { refused: "foreign_origin", message: "The form is not from this session.", remedy: "Load the page again and send it from there." }
}

const FORM_BYTES = 1_000_000

async function readForm(request: FastifyRequest): Promise<ReadonlyMap<string, string> | undefined> {
  if (!/^application\/x-www-form-urlencoded\b/iu.test(request.headers["content-type"] ?? "")) return new Map()
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    size += piece.length
    if (size > FORM_BYTES) return undefined
    pieces.push(piece)
  }
  return new Map([...new URLSearchParams(Buffer.concat(pieces).toString("utf8"))].map(([key, value]) => [key, value.replaceAll("\r\n", "\n")]))
}

function textsOf(values: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries((values ?? {}) as object).map(([key, value]) => [key, String(Array.isArray(value) ? value.at(-1) : value)]),
  )
}

async function show(api: Api, request: FastifyRequest, reply: FastifyReply, shown: Shown): Promise<FastifyReply> {
  if ("goTo" in shown)
    return reply
      .headers(shown.headers ?? {})
      .code(303)
      .header("location", shown.goTo)
      .send()
  if ("refusal" in shown) return showTold(api, request, reply, problemOfRefusal(shown.refusal, request.id))
  if ("drawn" in shown) {
    secure(reply, "drawn", api)
    return reply.header("content-type", "text/html; charset=utf-8").send(shown.drawn)
  }
  const nonce = Buffer.from(api.world.random.bytes(18)).toString("base64url")
  const known = knownOf(request)
  secure(reply, "page", { https: api.https, nonce })
  const { status = 200, headers = {}, ...drawn } = shown
  // What tells of a broken world asks nothing more of it.
  const unread = known.actor && status < 500 ? await countUnread(api.world.people.db, known.actor) : 0
  const person = known.actor && { name: known.actor.name, unread }
  return reply
    .code(status)
    .headers(headers)
    .header("content-type", "text/html; charset=utf-8")
    .send(sheet({ ...drawn, nonce, person, fonts: await api.app.fonts(), formToken: formTokenFor(api, known) }))
}

/** What was refused or failed, as a page for people. */
export function showTold(api: Api, request: FastifyRequest, reply: FastifyReply, { problem, headers }: Told): Promise<FastifyReply> {
  const body = html`<h1>${problem.title}</h1><p>${problem.detail}</p>${problem.remedy !== "" && html`<p>${problem.remedy}</p>`}
${problem.errors.length > 0 && html`<ul>${problem.errors.map((one) => html`<li>${one.path !== "" && html`<code>${one.path}</code>: `}${one.message}</li>`)}</ul>`}
<p class="quiet">${String(problem.status)} · ${problem.instance}</p><p><a href="/">Home</a></p>`
  if (!request.raw.complete) reply.header("connection", "close")
  return show(api, request, reply, { title: problem.title, body, status: problem.status, headers, narrow: true })
}

/** A person with a browser, not a program. */
export function wantsPage(request: FastifyRequest): boolean {
  return !request.url.startsWith("/api/") && (request.headers.accept ?? "").includes("text/html")
}
