import type { KyselyPlugin } from "kysely"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Db } from "#database/index.ts"
import { firstRunLink, useSignInLink } from "#people/sql/first-run.ts"
import { acceptInvite, invite, previewInvite } from "#people/sql/invites.ts"
import { changePassword, resetLink, useResetLink } from "#people/sql/passwords.ts"
import { sessionActor } from "#people/sql/sessions.ts"
import { signIn } from "#people/sql/sign-in.ts"
import { beginSingleSignOn, finishSingleSignOn } from "#people/sql/single-sign-on.ts"
import { createToken, tokenActor } from "#people/sql/tokens.ts"
import { HERE, space, type TestPeople, testPeople, value } from "#people/testing.ts"

/** Everything that was sent to the database, as text: what its log, its statistics and a failing statement could show. */
const sent: string[] = []
const listening: KyselyPlugin = {
  transformQuery({ node }) {
    sent.push(JSON.stringify(node))
    return node
  },
  transformResult: async ({ result }) => result,
}

let world: TestPeople
const secrets: string[] = []
const said: string[] = []

beforeAll(async () => {
  const issuer = "https://idp.example"
  const address = async ({ state, nonce, verifier }: { state: string; nonce: string; verifier: string }) => {
    secrets.push(verifier)
    return `${issuer}/?state=${state}&nonce=${nonce}`
  }
  const claims = async () =>
    ({ ok: true, value: { issuer, subject: "ada", name: "Ada", email: undefined, emailVerified: false, groups: [] } }) as const
  const real = await testPeople({ provider: { issuer, address, claims } })
  const db: Db = real.db.withPlugin(listening)
  world = { ...real, db }
  await live()
})
afterAll(() => world.close())

/** A life with every kind of secret in it; each is remembered, and what was refused on the way. */
async function live(): Promise<void> {
  const passwords = [
    "canary one quiet lamp",
    "canary two slow rivers",
    "canary three old maps",
    "canary wrong password",
    "canarylogin with a password in it",
  ]
  secrets.push(...passwords)
  const [first = "", second = "", third = "", wrong = "", typo = ""] = passwords
  const link = await firstRunLink(world)
  const admin = value(await useSignInLink(world, link?.code ?? "", HERE))
  const boss = value(await changePassword(world, admin.actor, { next: first }, HERE))
  const into = await space(world, boss.actor)
  const invitation = value(await invite(world, boss.actor, { space: into, role: "editor" }))
  await previewInvite(world, invitation.code)
  const ada = value(await acceptInvite(world, invitation.code, { login: "ada", name: "Ada", password: second }, HERE))
  const token = value(await createToken(world, ada.actor, { name: "ci", scopes: ["run"] }))
  const dead = value(await createToken(world, ada.actor, { name: "old", scopes: ["run"] }))
  const reset = value(await resetLink(world, boss.actor, ada.actor.id))
  const again = value(await useResetLink(world, reset.code, { password: third, revokeTokens: false }, HERE))
  const flow = value(await beginSingleSignOn(world))
  const sso = value(await finishSingleSignOn(world, { flow: flow.flow, query: "code=canary-code" }, HERE))
  const pending = value(await beginSingleSignOn(world))
  const open = value(await invite(world, boss.actor, {}))
  await tokenActor(world, token.token)
  await sessionActor(world, boss.value)
  const refused = [
    await signIn(world, { login: "ada", password: wrong }, HERE),
    await signIn(world, { login: typo, password: wrong }, HERE),
    await changePassword(world, again.actor, { current: wrong, next: first }, HERE),
    await changePassword(world, again.actor, { current: third, next: "canary" }, HERE),
    await useSignInLink(world, link?.code ?? "", HERE),
    await useResetLink(world, reset.code, { password: third }, HERE),
    await finishSingleSignOn(world, { flow: flow.flow, query: "code=canary-code" }, HERE),
  ]
  said.push(...refused.map((each) => JSON.stringify(each)))
  expect(refused.every(({ ok }) => !ok)).toBe(true)
  const keys = [link?.code ?? "", invitation.code, token.token, dead.token, reset.code, open.code]
  // Of a key the secret part: its id is no secret.
  secrets.push(...keys.map((each) => each.split("_")[2]?.slice(0, 43) ?? ""))
  secrets.push(admin.value, boss.value, ada.value, again.value, sso.value, flow.flow, pending.flow)
}

/** Each secret as it is, and as it would stand in base 64, in hex, and in an address. */
const forms = (secret: string) => [
  secret,
  Buffer.from(secret).toString("base64").replaceAll("=", ""),
  Buffer.from(secret).toString("hex"),
  encodeURIComponent(secret),
]
const found = (text: string) => secrets.filter((secret) => forms(secret).some((form) => text.includes(form)))

async function dump(): Promise<string> {
  const tables = await sql<{ name: string }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`.execute(world.db)
  let text = ""
  for (const { name } of tables.rows)
    text += (await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.table(name)} t`.execute(world.db)).rows.map(({ row }) => row).join("\n")
  return text
}

test("a dump of every table holds no secret, and nothing in it opens anything", async () => {
  const text = await dump()
  expect(secrets).toHaveLength(5 + 2 + 6 + 7)
  expect(text.length).toBeGreaterThan(3000)
  expect(found(text)).toEqual([])
  const words = new Set(text.split(/[^0-9A-Za-z$+/=_-]+/).filter((each) => each.length >= 20))
  expect(words.size).toBeGreaterThan(30)
  for (const word of words) {
    expect(await sessionActor(world, word)).toBeUndefined()
    expect(await tokenActor(world, word)).toBeUndefined()
  }
  for (const digest of [...words].filter((each) => /^[0-9a-f]{64}$/.test(each))) {
    expect((await finishSingleSignOn(world, { flow: digest, query: "" }, HERE)).ok).toBe(false)
    expect(await sessionActor(world, digest.slice(0, 43))).toBeUndefined()
  }
})

test("no secret is sent to the database, so that none can be in its log", () => {
  expect(sent.length).toBeGreaterThan(80)
  expect(found(sent.join("\n"))).toEqual([])
  expect(sent.join("\n")).toContain("$argon2id$")
})

test("what is refused repeats no secret", () => {
  expect(found(said.join("\n"))).toEqual([])
})

test("the search would notice", () => {
  const [secret = ""] = secrets
  for (const form of forms(secret)) expect(found(`x${form}y`)).toEqual([secret])
})
