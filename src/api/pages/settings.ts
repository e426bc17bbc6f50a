/** My tokens, sessions and password; people, invitations and health for administrators. */
import type { FastifyInstance } from "fastify"
import { addressOf } from "#api/handlers/people.ts"
import { clientOf, sessionCookie } from "#api/handlers/sessions.ts"
import { choice, field, hrefOf, postForm } from "#api/pages/layout.ts"
import { page, type Shown, type Visit } from "#api/pages/render.ts"
import { alarm } from "#api/pages/sign-in.ts"
import { ago } from "#api/pages/words.ts"
import type { Api } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import { listSpaces } from "#library/index.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"
import {
  changePassword,
  createToken,
  disablePerson,
  enablePerson,
  endSession,
  type InviteId,
  invite,
  listInvites,
  listPeople,
  listSessions,
  listTokens,
  type PersonId,
  ROLES,
  type Role,
  resetLink,
  revokeToken,
  type SpaceId,
  type TokenId,
  withdrawInvite,
} from "#people/index.ts"

export function registerSettings(server: FastifyInstance, api: Api): void {
  page(server, api, { method: "GET", url: "/settings", auth: "person" }, (visit) => settingsPage(visit))
  page(server, api, { method: "POST", url: "/settings/tokens", auth: "person" }, makeToken)
  page(server, api, { method: "POST", url: "/settings/tokens/:token/revoke", auth: "person" }, async ({ actor, params }) =>
    then(await revokeToken(api.world.people, actor, params["token"] as TokenId), "/settings"),
  )
  page(server, api, { method: "POST", url: "/settings/sessions/:session/end", auth: "person" }, async ({ actor, params }) =>
    then(await endSession(api.world.people, actor, params["session"] ?? ""), "/settings"),
  )
  page(server, api, { method: "POST", url: "/settings/password", auth: "person" }, setPassword)
  page(server, api, { method: "GET", url: "/people", auth: "administrator" }, (visit) => peoplePage(visit))
  page(server, api, { method: "POST", url: "/people/invite", auth: "person" }, makeInvite)
  page(server, api, { method: "POST", url: "/people/invites/:invite/withdraw", auth: "person" }, async ({ actor, params }) =>
    then(await withdrawInvite(api.world.people, actor, params["invite"] as InviteId), "/people"),
  )
  page(server, api, { method: "POST", url: "/people/:person/reset", auth: "administrator" }, makeReset)
  page(server, api, { method: "POST", url: "/people/:person/disable", auth: "administrator" }, async ({ actor, params }) =>
    then(await disablePerson(api.world.people, actor, params["person"] as PersonId), "/people"),
  )
  page(server, api, { method: "POST", url: "/people/:person/enable", auth: "administrator" }, async ({ actor, params }) =>
    then(await enablePerson(api.world.people, actor, params["person"] as PersonId), "/people"),
  )
  page(server, api, { method: "GET", url: "/health", auth: "administrator" }, healthPage)
}

function then(
  done:
    | { readonly ok: boolean; readonly refusal?: never }
    | { readonly ok: false; readonly refusal: Extract<Shown, { readonly refusal: unknown }>["refusal"] },
  goTo: string,
): Shown {
  return done.ok || done.refusal === undefined ? { goTo } : { refusal: done.refusal }
}

type Note = { readonly made?: Markup; readonly wrong?: { readonly message: string } }

async function settingsPage({ api, actor, formToken }: Visit, { made, wrong }: Note = {}): Promise<Shown> {
  const { people } = api.world
  const [tokens, sessions] = await Promise.all([listTokens(people, actor), actor.via.kind === "session" ? listSessions(people, actor) : []])
  const now = api.world.clock.now()
  const tokenRows = tokens
    .filter(({ revokedAt }) => revokedAt === undefined)
    .map(
      (one) =>
        html`<tr><td>${one.name}</td><td>${one.scopes.join(", ")}</td><td>until ${ago(one.expiresAt, now)}</td><td>used ${one.lastUsedAt === undefined ? "never" : ago(one.lastUsedAt, now)}</td><td>${postForm(hrefOf("settings", "tokens", one.id, "revoke"), formToken, html`<button class="plain">Revoke</button>`)}</td></tr>`,
    )
  const sessionRows = sessions.map(
    (one) =>
      html`<tr><td>${one.userAgent.slice(0, 100)}${one.isThis && html` <span class="tag">this one</span>`}</td><td>${one.address}</td><td>${ago(one.seenAt, now)}</td><td>${!one.isThis && postForm(hrefOf("settings", "sessions", one.id, "end"), formToken, html`<button class="plain">End</button>`)}</td></tr>`,
  )
  const newToken = html`${field({ name: "name", label: "What it is for", required: true, placeholder: "nightly job" })}
<fieldset><legend>What it may do</legend>${["read", "run", "edit", "admin"].map((scope) => html`<label class="check"><input type="checkbox" name="scope-${scope}" value="yes">${scope}</label>`)}</fieldset>
${field({ name: "days", label: "Days until it ends", value: "90" })}<div><button class="primary">Make a token</button></div>`
  const password = html`${field({ name: "current", label: "Password of today", type: "password", autocomplete: "current-password", help: "Leave it empty if you have none yet." })}${field({ name: "next", label: "New password", type: "password", required: true, autocomplete: "new-password" })}<label class="check"><input type="checkbox" name="revokeTokens" value="yes">End my API tokens as well</label><div><button>Set password</button></div>`
  const body = html`<h1>Settings</h1>${alarm(wrong)}${made ?? NOTHING}
<h2>API tokens</h2><p class="quiet">A program that shows a token may do what you may, within its scopes. Send it as <code>Authorization: Bearer …</code>.</p>${tokenRows.length > 0 ? html`<div class="scroll"><table><tbody>${tokenRows}</tbody></table></div>` : html`<div class="empty"><p>No tokens. Make one for the command line, a scheduler or a script.</p></div>`}
<h3>New token</h3>${postForm("/settings/tokens", formToken, newToken, "fields")}
<h2>Where you are signed in</h2><div class="scroll"><table><tbody>${sessionRows}</tbody></table></div>
<h2>Password</h2>${postForm("/settings/password", formToken, password, "fields")}`
  return { title: "Settings", at: "/settings", body, ...(wrong ? { status: 422 } : {}) }
}

function shownOnce(what: string, secret: string): Markup {
  return html`<div class="note once" role="status"><p><strong>${what}</strong> It is shown only now.</p><pre tabindex="0">${secret}</pre></div>`
}

async function makeToken(visit: Visit): Promise<Shown> {
  const { api, actor, form } = visit
  const scopes = ["read", "run", "edit", "admin"].filter((scope) => form.get(`scope-${scope}`) === "yes")
  const made = await createToken(api.world.people, actor, { name: form.get("name") ?? "", scopes, days: Number(form.get("days") ?? 90) })
  return settingsPage(visit, made.ok ? { made: shownOnce("Your new token.", made.value.token) } : { wrong: made.refusal })
}

async function setPassword(visit: Visit): Promise<Shown> {
  const { api, actor, form, request } = visit
  const current = form.get("current") ?? ""
  const set = await changePassword(
    api.world.people,
    actor,
    { current: current === "" ? undefined : current, next: form.get("next") ?? "", revokeTokens: form.get("revokeTokens") === "yes" },
    clientOf(request),
  )
  return set.ok ? { goTo: "/settings", headers: { "set-cookie": sessionCookie(api, set.value) } } : settingsPage(visit, { wrong: set.refusal })
}

async function peoplePage({ api, actor, query, formToken }: Visit, { made, wrong }: Note = {}): Promise<Shown> {
  const { people, library } = api.world
  const found = await listPeople(people, actor, { limit: 100, after: query["cursor"] as PersonId | undefined })
  const [invites, spaces] = await Promise.all([listInvites(people, actor), listSpaces(library.db, actor)])
  const now = api.world.clock.now()
  const rows = found.map(
    (one) =>
      html`<tr><td dir="auto">${one.name}${one.isAdmin && html` <span class="tag">administrator</span>`}${one.kind === "service" && html` <span class="tag">service</span>`}${one.isDisabled && html` <span class="tag">disabled</span>`}</td><td data-label="Login">${one.login ?? ""}</td><td data-label="Since">${ago(one.createdAt, now)}</td><td>${personActions(one, formToken)}</td></tr>`,
  )
  const open = invites.ok
    ? invites.value.map(
        (one) =>
          html`<tr><td>${one.isAdmin ? "administrator" : (one.role ?? "to the platform")}</td><td>until ${ago(one.expiresAt, now)}</td><td>${postForm(hrefOf("people", "invites", one.id, "withdraw"), formToken, html`<button class="plain">Withdraw</button>`)}</td></tr>`,
      )
    : []
  const fields = html`${choice({ name: "space", label: "Space", options: [["", "none, to the platform alone"], ...spaces.map(({ id, name }) => [id, name] as const)] })}${choice({ name: "role", label: "Role in it", value: "editor", options: ROLES.map((role) => [role, role] as const) })}<button class="primary">Make an invitation</button>`
  const body = html`<h1>People</h1>${alarm(wrong)}${made ?? NOTHING}<div class="scroll"><table class="stack"><thead><tr><th>Name</th><th>Login</th><th>Since</th><th></th></tr></thead><tbody>${rows}</tbody></table></div>
${found.length === 100 && html`<p class="actions"><a class="button" href="/people?cursor=${found.at(-1)?.id}">More</a></p>`}
<h2>Invite</h2><p class="quiet">An invitation is a link that works once. Give it to one person, in any way you trust.</p>${postForm("/people/invite", formToken, fields, "line")}
${open.length > 0 && html`<h3>Open invitations</h3><div class="scroll"><table><tbody>${open}</tbody></table></div>`}`
  return { title: "People", at: "/people", body, ...(wrong ? { status: 422 } : {}) }
}

function personActions(
  { id, kind, isDisabled }: { readonly id: PersonId; readonly kind: string; readonly isDisabled: boolean },
  formToken: string,
): Markup {
  const reset =
    kind === "person" && !isDisabled && postForm(hrefOf("people", id, "reset"), formToken, html`<button class="plain">New password…</button>`)
  return html`<div class="actions">${reset}${postForm(hrefOf("people", id, isDisabled ? "enable" : "disable"), formToken, html`<button class="plain">${isDisabled ? "Enable" : "Disable"}</button>`)}</div>`
}

async function makeInvite(visit: Visit): Promise<Shown> {
  const { api, actor, form } = visit
  const space = form.get("space") ?? ""
  const role = ROLES.find((one): one is Role => one === form.get("role"))
  const made = await invite(api.world.people, actor, space === "" ? {} : { space: space as SpaceId, role })
  const note = made.ok
    ? { made: shownOnce(`The invitation, good until ${toIso(made.value.expiresAt)}.`, addressOf(api, "/join", made.value.code)) }
    : { wrong: made.refusal }
  return peoplePage(visit, note)
}

async function makeReset(visit: Visit): Promise<Shown> {
  const made = await resetLink(visit.api.world.people, visit.actor, visit.params["person"] as PersonId)
  return peoplePage(
    visit,
    made.ok
      ? {
          made: shownOnce(`The link for a new password, good until ${toIso(made.value.expiresAt)}.`, addressOf(visit.api, "/reset", made.value.code)),
        }
      : { wrong: made.refusal },
  )
}

async function healthPage({ api }: Visit): Promise<Shown> {
  const health = await api.world.health()
  const words = { ok: "✓ fine", warning: "! look at it", failed: "✕ failed" } as const
  const rows = health.checks.map(
    (one) =>
      html`<tr><td>${one.name}</td><td class="${one.state === "ok" ? "state-succeeded" : one.state === "failed" ? "state-failed" : "state-queued"}">${words[one.state]}</td><td>${one.message}${one.remedy !== "" && html`<div class="sub">${one.remedy}</div>`}</td></tr>`,
  )
  return {
    title: "Health",
    at: "/health",
    body: html`<h1>Health</h1><p class="facts"><span>Stet ${health.version}</span></p><div class="scroll"><table><tbody>${rows}</tbody></table></div><p class="quiet">The same as <code>stet doctor</code>.</p>`,
  }
}
