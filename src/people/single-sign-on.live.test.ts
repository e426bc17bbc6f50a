import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Provider } from "oidc-provider"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { openIdProvider } from "#people/adapters/oidc.ts"
import { DEFAULT_POLICY, type SingleSignOnPolicy } from "#people/policy.ts"
import { disablePerson } from "#people/sql/people.ts"
import { sessionActor } from "#people/sql/sessions.ts"
import { beginSingleSignOn, finishSingleSignOn } from "#people/sql/single-sign-on.ts"
import { audited, group, HERE, refusal, somebody, type TestPeople, testPeople, value } from "#people/testing.ts"

/** What the provider knows of each account. */
const accounts = new Map<string, object>()
let issuer = ""
let server: Server
let world: TestPeople

const REDIRECT = "https://stet.example/api/v1/sign-in/oidc/callback"
const CLIENT = { client_id: "stet", client_secret: "canary-client-secret-0123456789", redirect_uris: [REDIRECT] }
const PUBLIC = { client_id: "stet-public", token_endpoint_auth_method: "none", redirect_uris: [REDIRECT] }

/** The real oidc-provider on loopback; whoever comes is signed in as `signedInAs` without being asked. */
let signedInAs = "ada"
beforeAll(async () => {
  server = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: Provider = new Provider(issuer, {
    clients: [CLIENT, PUBLIC],
    scopes: ["openid", "profile", "email", "groups"],
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
    cookies: { keys: ["a test key"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { Interaction: 60, Grant: 60, Session: 60, AccessToken: 60, IdToken: 60 },
    findAccount: async (_, id) => (accounts.has(id) ? { accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) } : undefined),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope("openid profile email groups")
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  server.on("request", (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return answer(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: signedInAs } })
  })
})
afterAll(() => void server.close())

async function stet(policy: Partial<SingleSignOnPolicy> = {}): Promise<TestPeople> {
  const options = { issuer, clientId: CLIENT.client_id, clientSecret: CLIENT.client_secret, redirectUri: REDIRECT }
  const provider = openIdProvider({ ...options, groupsClaim: "groups", scopes: ["profile", "email", "groups"] })
  world = await testPeople({ provider, policy: { singleSignOn: { ...DEFAULT_POLICY.singleSignOn, ...policy } } })
  return world
}
beforeEach(() => {
  accounts.clear()
  accounts.set("ada", { name: "Ada Lovelace", email: "Ada@Stet.Example", email_verified: true, groups: ["team", "unknown"] })
  accounts.set("eve", { name: "Eve", email: "ada@stet.example", email_verified: false, groups: [] })
  signedInAs = "ada"
})
afterEach(() => world?.close())

/** What a browser does between leaving Stet and coming back: follows redirects, keeps cookies. Gives the callback's query. */
async function browse(address: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let at = address, hops = 0; hops < 10; hops++) {
    if (at.startsWith(REDIRECT)) return new URL(at).search.slice(1)
    const answer = await fetch(at, { redirect: "manual", headers: { cookie: [...cookies].map((each) => each.join("=")).join("; ") } })
    for (const each of answer.headers.getSetCookie()) {
      const [, name = "", content = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? []
      cookies.set(name, content)
    }
    const next = answer.headers.get("location")
    if (next === null) throw new Error(`stopped at ${at}: ${answer.status} ${await answer.text()}`)
    at = new URL(next, at).href
  }
  throw new Error("too many redirects")
}

async function signInAs(account: string) {
  signedInAs = account
  const began = value(await beginSingleSignOn(world, { returnTo: "/notebooks/x" }))
  return finishSingleSignOn(world, { flow: began.flow, query: await browse(began.address) }, HERE)
}

test("somebody new comes in by the real provider, with name, verified address and groups, and is the same person the next time", async () => {
  await stet()
  const team = await group(world, [], "team")
  const local = await group(world, [], undefined)
  const began = value(await signInAs("ada"))
  expect(began).toMatchObject({ actor: { name: "Ada Lovelace", isAdmin: false }, returnTo: "/notebooks/x" })
  expect((await sessionActor(world, began.value))?.id).toBe(began.actor.id)
  const person = await world.db
    .selectFrom("person")
    .select(["email", "email_verified", "login", "password"])
    .where("id", "=", began.actor.id)
    .executeTakeFirst()
  expect(person).toEqual({ email: "ada@stet.example", email_verified: true, login: null, password: null })
  const groups = () => world.db.selectFrom("group_member").select(["group_id", "source"]).where("person_id", "=", began.actor.id).execute()
  expect(await groups()).toEqual([{ group_id: team, source: "claim" }])
  await world.db.insertInto("group_member").values({ group_id: local, person_id: began.actor.id, source: "local" }).execute()
  accounts.set("ada", { name: "Other", email: "new@stet.example", email_verified: true })
  const again = value(await signInAs("ada"))
  expect(again.actor).toMatchObject({ id: began.actor.id, name: "Ada Lovelace" })
  expect(await groups()).toEqual([{ group_id: local, source: "local" }])
  expect(await audited(world)).toEqual(["person.create done", "session.begin done", "session.begin done"])
})

test("the provider is asked with PKCE, state, nonce and exactly the redirect address that is registered", async () => {
  await stet()
  const one = value(await beginSingleSignOn(world))
  const two = value(await beginSingleSignOn(world))
  const asked = new URL(one.address).searchParams
  expect(asked.get("redirect_uri")).toBe(REDIRECT)
  expect([asked.get("response_type"), asked.get("code_challenge_method"), asked.get("scope")]).toEqual([
    "code",
    "S256",
    "openid profile email groups",
  ])
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(asked.get(name)?.length).toBeGreaterThanOrEqual(43)
    expect(asked.get(name)).not.toBe(new URL(two.address).searchParams.get(name))
    expect(one.address).not.toContain(one.flow)
  }
})

test("a callback in another browser, a second time, too late or with another state is refused", async () => {
  await stet()
  const [one, two] = [value(await beginSingleSignOn(world)), value(await beginSingleSignOn(world))]
  const query = await browse(one.address)
  const finish = async (flow: string, what = query) => refusal(await finishSingleSignOn(world, { flow, query: what }, HERE))
  expect(await finish("x".repeat(43))).toBe("single_sign_on_refused")
  expect(await finish(two.flow)).toBe("single_sign_on_refused")
  expect(await finish(one.flow)).toBe("accepted")
  expect(await finish(one.flow)).toBe("single_sign_on_refused")
  // A code that was used is refused by the provider itself, even in a flow that is fresh.
  const three = value(await beginSingleSignOn(world))
  const state = new URL(three.address).searchParams.get("state") ?? ""
  expect(await finish(three.flow, query.replace(/state=[^&]*/, `state=${state}`))).toBe("single_sign_on_refused")
  const late = value(await beginSingleSignOn(world))
  const back = await browse(late.address)
  world.later(10 * 60_000)
  expect(await finish(late.flow, back)).toBe("single_sign_on_refused")
  expect(await world.db.selectFrom("web_session").selectAll().execute()).toHaveLength(1)
})

test("an e-mail address joins nobody unless it is verified on both sides and that is configured", async () => {
  await stet()
  const local = await somebody(world, { name: "Local", email: "ada@stet.example" })
  expect(value(await signInAs("ada")).actor.id).not.toBe(local.id)
  await world.close()
  await stet({ linkVerifiedEmail: true })
  const known = await somebody(world, { name: "Known", email: "ada@stet.example" })
  expect(value(await signInAs("eve")).actor.id).not.toBe(known.id)
  expect(value(await signInAs("ada")).actor.id).toBe(known.id)
  expect(await audited(world)).toContain("identity.link done")
  await world.close()
  await stet({ linkVerifiedEmail: true })
  const unsure = await somebody(world, { name: "Unsure", email: "ada@stet.example" })
  await world.db.updateTable("person").set({ email_verified: false }).where("id", "=", unsure.id).execute()
  expect(value(await signInAs("ada")).actor.id).not.toBe(unsure.id)
})

test("without sign-up only those come in who are known here, and the disabled do not", async () => {
  await stet({ signUp: false, linkVerifiedEmail: true })
  expect(refusal(await signInAs("ada"))).toBe("single_sign_on_refused")
  const boss = await somebody(world, { isAdmin: true })
  await somebody(world, { name: "Known", email: "ada@stet.example" })
  const began = value(await signInAs("ada"))
  value(await disablePerson(world, boss, began.actor.id))
  expect(refusal(await signInAs("ada"))).toBe("single_sign_on_refused")
  expect(await sessionActor(world, began.value)).toBeUndefined()
  expect((await audited(world)).filter((each) => each === "session.begin denied").length).toBe(1)
})

test("allowed groups and domains are asked of the real claims", async () => {
  const cases: readonly (readonly [Partial<SingleSignOnPolicy>, string, string])[] = [
    [{ allowedGroups: ["team"] }, "ada", "accepted"],
    [{ allowedGroups: ["tea"] }, "ada", "single_sign_on_refused"],
    [{ allowedGroups: ["team"] }, "eve", "single_sign_on_refused"],
    [{ allowedDomains: ["stet.example"] }, "ada", "accepted"],
    [{ allowedDomains: ["stet.example"] }, "eve", "single_sign_on_refused"],
    [{ allowedDomains: ["t.example"] }, "ada", "single_sign_on_refused"],
  ]
  for (const [policy, account, expected] of cases) {
    await stet(policy)
    expect([policy, refusal(await signInAs(account))]).toEqual([policy, expected])
    if (policy !== cases.at(-1)?.[0]) await world.close()
  }
})

test("a public client, which has no secret, is let in by PKCE alone", async () => {
  const provider = openIdProvider({ issuer, clientId: PUBLIC.client_id, redirectUri: REDIRECT })
  world = await testPeople({ provider })
  expect(value(await signInAs("ada")).actor.name).toBe("Ada Lovelace")
})

test("without a provider single sign-on is said to be off", async () => {
  world = await testPeople()
  expect(refusal(await beginSingleSignOn(world))).toBe("single_sign_on_off")
  expect(refusal(await finishSingleSignOn(world, { flow: "x", query: "" }, HERE))).toBe("single_sign_on_off")
})
