import { createHash, createHmac, createSign, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { isFault } from "#base/fault.ts"
import { openIdProvider } from "#people/adapters/oidc.ts"
import { DEFAULT_POLICY } from "#people/policy.ts"
import { beginSingleSignOn, finishSingleSignOn } from "#people/sql/single-sign-on.ts"
import { HERE, type TestPeople, testPeople } from "#people/testing.ts"

const REDIRECT = "https://stet.example/api/v1/sign-in/oidc/callback"
const CLIENT = "stet"
const SECRET = "canary-client-secret-0123456789"
const ours = generateKeyPairSync("rsa", { modulusLength: 2048 })
const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 })

type Flow = { readonly state: string; readonly nonce: string; readonly challenge: string }
type Claims = Record<string, unknown>

/** How one sign-in goes wrong. Whatever is left out is right. */
type Quirk = {
  readonly claims?: (good: Claims, flow: Flow) => Claims
  readonly header?: Claims
  readonly sign?: (input: string) => string
  readonly query?: (good: URLSearchParams) => URLSearchParams | string
  readonly discovery?: (good: Claims) => Claims
  readonly token?: { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }
  readonly tokens?: (good: Claims) => Claims
  readonly userInfo?: Claims
  readonly keys?: Claims
}

let quirk: Quirk = {}
let flow: Flow
let issuer = ""
let server: Server
let foreign: Server
let world: TestPeople
const askedElsewhere: string[] = []

const b64 = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")
const rs256 = (key: KeyObject) => (input: string) => createSign("RSA-SHA256").update(input).sign(key, "base64url")
const hs256 = (key: string | Buffer) => (input: string) => createHmac("sha256", key).update(input).digest("base64url")
const now = () => Math.floor(Date.now() / 1000)
const address = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`

function idToken(): string {
  const good = {
    iss: issuer,
    aud: CLIENT,
    sub: "ada",
    nonce: flow.nonce,
    iat: now(),
    exp: now() + 300,
    email: "ada@stet.example",
    email_verified: true,
    groups: ["team"],
  }
  const input = `${b64({ alg: "RS256", kid: "ours", typ: "JWT", ...quirk.header })}.${b64(quirk.claims?.(good, flow) ?? good)}`
  return `${input}.${(quirk.sign ?? rs256(ours.privateKey))(input)}`
}

function answerTo(path: string, body: string): { status?: number; headers?: Record<string, string>; body: unknown } {
  switch (path) {
    case "/.well-known/openid-configuration": {
      const good = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/me`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        // It says that everything goes.
        id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
        authorization_response_iss_parameter_supported: true,
      }
      return { body: quirk.discovery?.(good) ?? good }
    }
    case "/jwks":
      return { body: { keys: [{ ...ours.publicKey.export({ format: "jwk" }), kid: "ours", use: "sig", alg: "RS256", ...quirk.keys }] } }
    case "/token": {
      if (quirk.token) return quirk.token
      const verifier = new URLSearchParams(body).get("code_verifier") ?? ""
      const proven = createHash("sha256").update(verifier).digest("base64url") === flow.challenge
      if (!proven) return { status: 400, body: { error: "invalid_grant" } }
      const good = { access_token: "canary-access-token", token_type: "bearer", expires_in: 300, id_token: idToken() }
      return { body: quirk.tokens?.(good) ?? good }
    }
    default:
      return { body: quirk.userInfo ?? { sub: "ada" } }
  }
}

beforeAll(async () => {
  const listen = async (of: Server) => {
    of.listen(0, "127.0.0.1")
    await new Promise((resolve) => of.once("listening", resolve))
    return address(of)
  }
  server = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    const answer = answerTo(new URL(request.url ?? "", issuer).pathname, body)
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers })
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body))
  })
  issuer = await listen(server)
  foreign = createServer((request, response) => {
    askedElsewhere.push(`${request.url} ${request.headers.authorization}`)
    response.end("{}")
  })
  await listen(foreign)
  world = await testPeople()
})
afterAll(async () => {
  server.close()
  foreign.close()
  await world.close()
})
beforeEach(() => {
  quirk = {}
  askedElsewhere.length = 0
})

/** Signs in with that quirk: "accepted", the refusal's code, or the Fault's. Nothing secret may be in what is said. */
async function trial(with_: Quirk, policy = {}): Promise<string> {
  quirk = with_
  const provider = openIdProvider({ issuer, clientId: CLIENT, clientSecret: SECRET, redirectUri: REDIRECT, groupsClaim: "groups" })
  const here = { ...world, provider, policy: { ...DEFAULT_POLICY, singleSignOn: { ...DEFAULT_POLICY.singleSignOn, ...policy } } }
  const before = await world.db.selectFrom("web_session").select("id").execute()
  const said = await attempt(here)
  const after = await world.db.selectFrom("web_session").select("id").execute()
  expect(after.length - before.length).toBe(said.code === "accepted" ? 1 : 0)
  expect(said.text).not.toMatch(/canary|eyJ/)
  return said.code
}

async function attempt(here: typeof world): Promise<{ code: string; text: string }> {
  try {
    const began = await beginSingleSignOn(here)
    if (!began.ok) return { code: began.refusal.refused, text: began.refusal.message }
    const asked = new URL(began.value.address).searchParams
    flow = { state: asked.get("state") ?? "", nonce: asked.get("nonce") ?? "", challenge: asked.get("code_challenge") ?? "" }
    const good = new URLSearchParams({ code: randomUUID(), state: flow.state, iss: issuer })
    const query = (quirk.query?.(good) ?? good).toString()
    const outcome = await finishSingleSignOn(here, { flow: began.value.flow, query }, HERE)
    return outcome.ok ? { code: "accepted", text: "" } : { code: outcome.refusal.refused, text: outcome.refusal.message }
  } catch (error) {
    if (!isFault(error)) throw error
    return { code: error.code, text: `${error.message} ${error.remedy}` }
  }
}

const claims = (change: Claims): Quirk => ({ claims: (good) => ({ ...good, ...change }) })
const without = (name: string): Quirk => ({ claims: (good) => Object.fromEntries(Object.entries(good).filter(([each]) => each !== name)) })
const query = (change: (good: URLSearchParams) => void): Quirk => ({
  query(good) {
    change(good)
    return good
  },
})
const pem = ours.publicKey.export({ type: "spki", format: "pem" }).toString()

test("one that behaves is believed, and clocks may differ by half a minute", async () => {
  expect(await trial({})).toBe("accepted")
  expect(await trial({ claims: (good) => ({ ...good, iat: now() + 30, exp: now() + 330 }) })).toBe("accepted")
  expect(await trial({ claims: (good) => ({ ...good, iat: now() - 330, exp: now() - 30 }) })).toBe("accepted")
  expect(await trial({ claims: (good) => ({ ...good, aud: [CLIENT, "other"], azp: CLIENT }) })).toBe("accepted")
  expect(await trial({ header: { kid: "ours" }, userInfo: { sub: "ada", email: "ada@stet.example" } })).toBe("accepted")
})

const LIES: Readonly<Record<string, () => Quirk>> = {
  "another issuer": () => claims({ iss: "https://evil.example" }),
  "an issuer that only begins alike": () => claims({ iss: `${issuer}.evil.example` }),
  "no issuer": () => without("iss"),
  "another audience": () => claims({ aud: "other" }),
  "no audience": () => without("aud"),
  "several audiences and no authorised party": () => claims({ aud: [CLIENT, "other"] }),
  "another authorised party": () => claims({ azp: "other" }),
  "another authorised party of several audiences": () => claims({ aud: [CLIENT, "other"], azp: "other" }),
  "no signature: alg none": () => ({ header: { alg: "none" }, sign: () => "" }),
  "no signature: alg NoNe": () => ({ header: { alg: "NoNe" }, sign: () => "" }),
  "an HS256 signature with the public key": () => ({ header: { alg: "HS256" }, sign: hs256(pem) }),
  "an HS256 signature with the key's modulus": () => ({
    header: { alg: "HS256" },
    sign: hs256(Buffer.from(ours.publicKey.export({ format: "jwk" }).n ?? "", "base64url")),
  }),
  "an HS256 signature with the client's own secret": () => ({ header: { alg: "HS256" }, sign: hs256(SECRET) }),
  "a signature of another key under the name of ours": () => ({ sign: rs256(theirs.privateKey) }),
  "a signature of another key that the token brings along": () => ({
    header: { kid: undefined, jwk: theirs.publicKey.export({ format: "jwk" }) },
    sign: rs256(theirs.privateKey),
  }),
  "a key that is not in its set": () => ({ header: { kid: "unknown" } }),
  "a key that is not for signing": () => ({ keys: { use: "enc" } }),
  "a signature with its last characters changed": () => ({ sign: (input) => rs256(ours.privateKey)(input).replace(/.{4}$/, "AAAA") }),
  "an empty signature": () => ({ sign: () => "" }),
  "a critical header that nobody knows": () => ({ header: { crit: ["x"], x: 1 } }),
  "the nonce of another sign-in": () => claims({ nonce: "a".repeat(64) }),
  "no nonce": () => without("nonce"),
  "another state": () => query((good) => good.set("state", "a".repeat(64))),
  "no state": () => query((good) => good.delete("state")),
  "two states": () => query((good) => good.append("state", good.get("state") ?? "")),
  "two codes": () => query((good) => good.append("code", "x")),
  "no code": () => query((good) => good.delete("code")),
  "another issuer in the callback (mix-up)": () => query((good) => good.set("iss", "https://evil.example")),
  "no issuer in the callback although it says it sends one": () => query((good) => good.delete("iss")),
  "a token that has expired": () => claims({ exp: now() - 120 }),
  "no expiry": () => without("exp"),
  "a clock ten minutes behind": () => claims({ iat: now() - 600, exp: now() - 300 }),
  "a clock ten minutes ahead": () => claims({ iat: now() + 600, exp: now() + 900 }),
  "a token from yesterday that is still good": () => claims({ iat: now() - 86_400, exp: now() + 86_400 }),
  "a token not good before tomorrow": () => claims({ nbf: now() + 86_400 }),
  "no subject": () => without("sub"),
  "an empty subject": () => claims({ sub: "" }),
  "a subject that is no text": () => claims({ sub: 7 }),
  "a subject that cannot be kept": () => claims({ sub: "a\0b" }),
  "a subject without end": () => claims({ sub: "a".repeat(256) }),
  "somebody else's user info": () => ({ ...without("email"), userInfo: { sub: "eve", email: "ada@stet.example", email_verified: true } }),
  "no ID token": () => ({ tokens: ({ id_token: _, ...rest }) => rest }),
  "an ID token that is none": () => ({ tokens: (good) => ({ ...good, id_token: "a.b.c" }) }),
  "a code that was used": () => ({ token: { status: 400, body: { error: "invalid_grant", error_description: "canary <script>" } } }),
  "access denied": () => ({
    query: (good) =>
      new URLSearchParams({ error: "access_denied", error_description: "canary <script>", state: good.get("state") ?? "", iss: issuer }),
  }),
  "an error of its own making": () => ({
    query: (good) => new URLSearchParams({ error: "<script>canary</script>", state: good.get("state") ?? "", iss: issuer }),
  }),
  "a query of rubbish": () => ({ query: () => `${"&".repeat(5000)}%00%ff=\0` }),
}

for (const [lie, quirkOf] of Object.entries(LIES))
  test(`refused: ${lie}`, async () => {
    expect(await trial(quirkOf())).toBe("single_sign_on_refused")
  })

test("an e-mail address that is not verified, or verified only in word, is no way into a domain", async () => {
  const policy = { allowedDomains: ["stet.example"] }
  for (const email_verified of [false, "true", 1, null]) expect(await trial(claims({ email_verified }), policy)).toBe("single_sign_on_refused")
  expect(await trial({}, policy)).toBe("accepted")
})

test("groups of any shape let nobody in who is not in one", async () => {
  const policy = { allowedGroups: ["admins"] }
  for (const groups of [{ admins: true }, [["admins"]], "team,admins", 7, null, [null, 1], "admins\0"])
    expect([groups, await trial(claims({ groups }), policy)]).toEqual([groups, "single_sign_on_refused"])
  expect(await trial(claims({ groups: "admins" }), policy)).toBe("accepted")
  expect(await trial(claims({ groups: ["x", "admins"] }), policy)).toBe("accepted")
})

test("the client's secret follows no redirect to another place", async () => {
  const to = (status: number): Quirk => ({ token: { status, body: "", headers: { location: `${address(foreign)}/token` } } })
  for (const status of [301, 302, 307, 308]) expect(await trial(to(status))).toMatch(/single_sign_on_refused|identity_provider/)
  expect(askedElsewhere).toEqual([])
})

test("one that is down, or is not who it says, is a fault that a person can do something about", async () => {
  expect(await trial({ token: { status: 503, body: "<html>canary" } })).toBe("identity_provider")
  expect(await trial({ discovery: (good) => ({ ...good, issuer: "https://evil.example" }) })).toBe("identity_provider")
  expect(await trial({ discovery: () => ({ issuer }) })).toBe("identity_provider")
  const closed = openIdProvider({ issuer: "http://127.0.0.1:1", clientId: CLIENT, clientSecret: SECRET, redirectUri: REDIRECT })
  await expect(closed.address({ state: "s", nonce: "n", verifier: "v" })).rejects.toMatchObject({ code: "identity_provider", retry: "later" })
  expect(() => openIdProvider({ issuer: "http://idp.example", clientId: CLIENT, clientSecret: SECRET, redirectUri: REDIRECT })).toThrow(/https/)
})

test("names from outside come in only as names", async () => {
  for (const [sub, name] of [
    ["n1", "\u202eevil"],
    ["n2", "x".repeat(5000)],
    ["n3", { a: 1 }],
    ["n4", "a\0b"],
    ["n5", ""],
  ] as const)
    expect(await trial({ ...claims({ sub, name, email: undefined }), userInfo: { sub } })).toBe("accepted")
  const names = await world.db
    .selectFrom("person as p")
    .innerJoin("identity as i", "i.person_id", "p.id")
    .select("p.name")
    .where("i.subject", "like", "n%")
    .execute()
  expect(new Set(names.map((row) => row.name))).toEqual(new Set(["Somebody new"]))
})
