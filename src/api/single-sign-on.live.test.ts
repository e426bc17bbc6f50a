/** Single sign-on through the pages, against the real oidc-provider. */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Provider } from "oidc-provider"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, COOKIE, ORIGIN } from "#api/testing.ts"
import { openIdProvider } from "#people/adapters/oidc.ts"

const CLIENT = { client_id: "stet", client_secret: "canary-client-secret-0123456789", redirect_uris: [`${ORIGIN}/sign-in/callback`] }
let idp: Server
let api: ApiTest

beforeAll(async () => {
  idp = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => idp.once("listening", resolve))
  const issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`
  const provider: Provider = new Provider(issuer, {
    clients: [CLIENT],
    scopes: ["openid", "profile", "email", "groups"],
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
    cookies: { keys: ["a test key"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { Interaction: 60, Grant: 60, Session: 60, AccessToken: 60, IdToken: 60 },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "Ada of elsewhere", email: "ada@example.com", email_verified: true, groups: [] }),
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope("openid profile email groups")
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  idp.on("request", (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return answer(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: "ada" } })
  })
  const options = { issuer, clientId: CLIENT.client_id, clientSecret: CLIENT.client_secret, redirectUri: `${ORIGIN}/sign-in/callback` }
  api = await apiTest({}, (world) => ({
    ...world,
    people: { ...world.people, provider: openIdProvider({ ...options, groupsClaim: "groups", scopes: ["profile", "email", "groups"] }) },
  }))
})
afterAll(async () => {
  await api.close()
  idp.close()
})

/** What the browser does at the provider: follows, with its cookies, until it is sent back. */
async function atProvider(address: string): Promise<string> {
  const jar = new Map<string, string>()
  for (let at = address, hops = 0; hops < 10; hops++) {
    const response = await fetch(at, { redirect: "manual", headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") } })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";")
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1))
    }
    at = new URL(response.headers.get("location") ?? "", at).href
    if (at.startsWith(ORIGIN)) return at.slice(ORIGIN.length)
  }
  throw new Error("the provider never sent the browser back")
}

async function begin(next = "/runs"): Promise<{ readonly back: string; readonly flow: string }> {
  const page = await api.ask("GET", `/sign-in?next=${encodeURIComponent(next)}`, {})
  expect(page.text).toContain("Sign in with your organisation")
  const action = /action="(\/sign-in\/sso[^"]*)"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&") ?? ""
  const sent = await api.ask("POST", action, { form: {} })
  // A redirect would be held against the page's form-action.
  expect(sent.status).toBe(200)
  const flow = String(sent.headers["set-cookie"])
  expect(flow).toMatch(/^stet-7838-flow=\S+; Path=\/sign-in; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  return { back: await atProvider((sent.headers["refresh"] ?? "").replace("0;url=", "")), flow: flow.split(";")[0] ?? "" }
}

test("somebody signs in at the provider and comes back where they wanted to go, with a session of their own", async () => {
  const { back, flow } = await begin()
  const said = await api.ask("GET", back, {
    headers: { cookie: flow, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  })
  expect([said.status, said.headers["location"]]).toEqual([303, "/runs"])
  const cookies = said.headers["set-cookie"] as unknown as string[]
  expect(cookies[1]).toMatch(/^stet-7838-flow=; .*Max-Age=0$/)
  const session = /=([^;]+)/.exec(cookies[0] ?? "")?.[1]
  const me = await api.ask("GET", "/api/v1/session", { headers: { cookie: `${COOKIE}=${session}` } })
  expect(me.json.person.name).toBe("Ada of elsewhere")
})

test("what comes back in another browser, twice, or changed, signs nobody in", async () => {
  const { back, flow } = await begin("//evil.example")
  const { flow: foreign } = await begin()
  for (const [path, cookie] of [
    [back, ""],
    [back, foreign],
    [back.replace(/state=[^&]+/, "state=x"), flow],
    [back, flow],
  ] as const) {
    const said = await api.ask("GET", path, { headers: { cookie } })
    expect(said.status).toBe(403)
    expect(said.headers["set-cookie"]).toBeUndefined()
  }
  expect(api.lines.join("")).not.toContain(CLIENT.client_secret)
  expect(api.lines.join("")).not.toMatch(/code=(?!\(hidden)/)
})
