/** Ways in: password, one-use link, single sign-on; and the way out. */
import type { FastifyInstance } from "fastify"
import { cookieValue, setCookie } from "#api/guard/cookie.ts"
import { safeNext } from "#api/guard/next.ts"
import { clientOf, noCookie, sessionCookie, type UsedLink, useLink } from "#api/handlers/sessions.ts"
import { field, postForm, withQuery } from "#api/pages/layout.ts"
import { page, type Shown, type Visit } from "#api/pages/render.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { headerOf, knownOf } from "#api/serve/context.ts"
import type { Api } from "#api/serve/handler.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"
import { type Began, beginSingleSignOn, finishSingleSignOn, joinByInvite, previewInvite, signIn, signOut } from "#people/index.ts"

export function registerSignIn(server: FastifyInstance, api: Api): void {
  page(server, api, { method: "GET", url: "/sign-in", auth: "public" }, async (visit) => signInPage(visit))
  page(server, api, { method: "POST", url: "/sign-in", auth: "public" }, takeSignIn)
  page(server, api, { method: "GET", url: "/join", auth: "public" }, async (visit) => joinPage(visit))
  page(server, api, { method: "POST", url: "/join", auth: "public" }, takeJoin)
  page(server, api, { method: "GET", url: "/reset", auth: "public" }, async ({ query }) => resetPage(query["link"] ?? ""))
  page(server, api, { method: "POST", url: "/reset", auth: "public" }, takeReset)
  page(server, api, { method: "POST", url: "/sign-out", auth: "person" }, async ({ actor }) => {
    await signOut(api.world.people, actor)
    return { goTo: "/sign-in", headers: { "set-cookie": noCookie(api) } }
  })
  page(server, api, { method: "POST", url: "/sign-in/sso", auth: "public" }, startSso)
  page(server, api, { method: "GET", url: "/sign-in/callback", auth: "public" }, finishSso)
}

function signInPage({ api, query, request }: Visit, wrong?: AnyRefusal, login = ""): Shown {
  const next = safeNext(query["next"])
  if (query["link"] !== undefined && !wrong) return confirmPage(query["link"], next)
  if (knownOf(request).actor && !wrong) return { goTo: next }
  const sso = api.world.people.provider
    ? html`${postForm(withQuery("/sign-in/sso", { next }), "", html`<button>Sign in with your organisation</button>`)}<p class="quiet">or with an account of this server</p>`
    : NOTHING
  const body = html`<h1>Sign in</h1>${alarm(wrong)}${sso}
${postForm(withQuery("/sign-in", { next }), "", html`${field({ name: "login", label: "Login", value: login, required: true, autocomplete: "username", isFirst: login === "" })}${field({ name: "password", label: "Password", type: "password", required: true, autocomplete: "current-password", isFirst: login !== "" })}<div><button class="primary">Sign in</button></div>`, "fields")}
<p class="help">No account yet? Whoever runs this server sends you an invitation, or a sign-in link from its console.</p>`
  return { title: "Sign in", body, narrow: true, ...statusOf(wrong) }
}

/** A link is only looked at by GET, because mail programs look at links before people do. */
function confirmPage(link: string, next: string): Shown {
  const body = html`<h1>Sign in</h1><p>This link signs you in. It works once.</p>
${postForm(withQuery("/sign-in", { next }), "", html`<input type="hidden" name="link" value="${link}"><button class="primary">Sign in</button>`)}`
  return { title: "Sign in", body, narrow: true }
}

async function takeSignIn(visit: Visit): Promise<Shown> {
  const { api, form, query, request } = visit
  const link = form.get("link")
  if (link !== undefined) return entered(visit, { kind: "sign_in", link }, (refusal) => signInPage(visit, refusal))
  const login = form.get("login") ?? ""
  const began = await signIn(api.world.people, { login, password: form.get("password") ?? "" }, clientOf(request))
  return began.ok ? welcome(api, began.value, safeNext(query["next"])) : signInPage(visit, began.refusal, login)
}

async function entered(visit: Visit, used: UsedLink, again: (refusal: AnyRefusal) => Shown | Promise<Shown>): Promise<Shown> {
  const began = await useLink(visit.api, used, clientOf(visit.request))
  return began.ok ? welcome(visit.api, began.value, safeNext(visit.query["next"])) : again(began.refusal)
}

/** A new session every time: what the browser brought along is never taken on. */
function welcome(api: Api, began: Began, goTo: string): Shown {
  return { goTo, headers: { "set-cookie": sessionCookie(api, began) } }
}

async function joinPage(
  { api, query, request, formToken }: Visit,
  wrong?: AnyRefusal,
  given: ReadonlyMap<string, string> = new Map(),
): Promise<Shown> {
  const link = query["link"] ?? given.get("link") ?? ""
  const preview = await previewInvite(api.world.people, link)
  if (!preview.ok) return { refusal: preview.refusal }
  const { invitedBy, space, role } = preview.value
  const into = space === undefined ? html`to Stet` : html`to <strong>${space}</strong> as ${role}`
  const { actor } = knownOf(request)
  const known = actor
    ? html`<p>You are signed in as ${actor.name}.</p>${postForm("/join", formToken, html`<input type="hidden" name="link" value="${link}"><input type="hidden" name="as" value="me"><button class="primary">Take it up as ${actor.name}</button>`)}<h2>Or make another account</h2>`
    : NOTHING
  const fields = html`<input type="hidden" name="link" value="${link}">
${field({ name: "name", label: "Your name", value: given.get("name") ?? "", required: true, autocomplete: "name", isFirst: true })}
${field({ name: "login", label: "Login", value: given.get("login") ?? "", required: true, autocomplete: "username", help: "What you sign in with." })}
${field({ name: "password", label: "Password", type: "password", required: true, autocomplete: "new-password" })}<div><button class="primary">Join</button></div>`
  const body = html`<h1>You are invited</h1><p>${invitedBy} invites you ${into}.</p>${alarm(wrong)}${known}${postForm("/join", formToken, fields, "fields")}`
  return { title: "Invitation", body, narrow: true, ...statusOf(wrong) }
}

async function takeJoin(visit: Visit): Promise<Shown> {
  const { api, form } = visit
  const link = form.get("link") ?? ""
  if (form.get("as") === "me") {
    const { actor } = knownOf(visit.request)
    if (!actor) return { refusal: { refused: "not_signed_in", message: "You have been signed out meanwhile." } }
    const joined = await joinByInvite(api.world.people, actor, link)
    return joined.ok ? { goTo: "/" } : { refusal: joined.refusal }
  }
  const used = { kind: "invite", link, name: form.get("name") ?? "", login: form.get("login") ?? "", password: form.get("password") ?? "" } as const
  return entered(visit, used, (refusal) => joinPage(visit, refusal, form))
}

function resetPage(link: string, wrong?: AnyRefusal): Shown {
  const fields = html`<input type="hidden" name="link" value="${link}">${field({ name: "password", label: "New password", type: "password", required: true, autocomplete: "new-password", isFirst: true })}<div><button class="primary">Set it and sign in</button></div>`
  return {
    title: "New password",
    body: html`<h1>A new password</h1><p>You are signed out everywhere else, and your API tokens end.</p>${alarm(wrong)}${postForm("/reset", "", fields, "fields")}`,
    narrow: true,
    ...statusOf(wrong),
  }
}

async function takeReset(visit: Visit): Promise<Shown> {
  const link = visit.form.get("link") ?? ""
  return entered(visit, { kind: "reset", link, password: visit.form.get("password") ?? "" }, (refusal) => resetPage(link, refusal))
}

// Narrow path and short life; Lax, because the identity provider sends the browser back by a link.
function flowCookie(api: Api, value: string, maxAgeSeconds: number): string {
  return setCookie({ name: api.https ? "__Secure-stet-flow" : `${api.cookie}-flow`, value, secure: api.https, maxAgeSeconds, path: "/sign-in" })
}

/** Browsers hold `form-action` against a redirect that follows a form as well, so that the way to the provider is a page that goes on by itself. */
async function startSso({ api, query }: Visit): Promise<Shown> {
  const begun = await beginSingleSignOn(api.world.people, { returnTo: safeNext(query["next"]) })
  if (!begun.ok) return { refusal: begun.refusal }
  const { address, flow, expiresAt } = begun.value
  const headers = { "set-cookie": flowCookie(api, flow, (expiresAt - api.world.clock.now()) / 1000), refresh: `0;url=${address}` }
  return { title: "Sign in", body: html`<h1>Sign in</h1><p><a href="${address}">Go on to your organisation</a></p>`, narrow: true, headers }
}

async function finishSso({ api, request }: Visit): Promise<Shown> {
  const flow = cookieValue(headerOf(request, "cookie"), api.https ? "__Secure-stet-flow" : `${api.cookie}-flow`) ?? ""
  const query = request.url.split("?").slice(1).join("?")
  const done = await finishSingleSignOn(api.world.people, { flow, query }, clientOf(request))
  if (!done.ok) return { refusal: { ...done.refusal, remedy: "Begin again at /sign-in." } }
  return { goTo: safeNext(done.value.returnTo), headers: { "set-cookie": [sessionCookie(api, done.value), flowCookie(api, "", 0)] } }
}

function alarm(wrong: { readonly message: string } | undefined): Markup {
  return wrong ? html`<div class="alarm" role="alert"><p>${wrong.message}</p></div>` : NOTHING
}

function statusOf(wrong: AnyRefusal | undefined): { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } {
  if (!wrong) return {}
  return wrong.retryAfterSeconds === undefined ? { status: 422 } : { status: 429, headers: { "retry-after": String(wrong.retryAfterSeconds) } }
}
