import { afterEach, beforeEach, expect, test } from "vitest"
import type { Actor } from "#people/actor.ts"
import { argon2Passwords, PARAMETERS } from "#people/adapters/argon2.ts"
import { DAY_MS } from "#people/policy.ts"
import { consoleToken } from "#people/sql/console-token.ts"
import { firstRunLink, signInLink, useSignInLink } from "#people/sql/first-run.ts"
import { acceptInvite, invite, joinByInvite, listInvites, previewInvite, withdrawInvite } from "#people/sql/invites.ts"
import { changePassword, resetLink, useResetLink } from "#people/sql/passwords.ts"
import { changePerson, disablePerson, enablePerson } from "#people/sql/people.ts"
import { endOtherSessions, endSession, listSessions, sessionActor, sessionById } from "#people/sql/sessions.ts"
import { signIn, signOut } from "#people/sql/sign-in.ts"
import { can, canPlatform } from "#people/sql/standing.ts"
import { sweepPeople } from "#people/sql/sweep.ts"
import { createToken, tokenActor } from "#people/sql/tokens.ts"
import {
  audited,
  byToken,
  GOOD_PASSWORD,
  give,
  HERE,
  refusal,
  sessionOf,
  somebody,
  space,
  type TestPeople,
  testPeople,
  value,
} from "#people/testing.ts"

let world: TestPeople
beforeEach(async () => {
  world = await testPeople()
})
afterEach(() => world.close())

const OTHER = "seven slow rivers turn"
const MINUTE = 60_000
const signing = (login: string, password: string, address = HERE.address) => signIn(world, { login, password }, { ...HERE, address })
const alive = async (cookie: string) => (await sessionActor(world, cookie)) !== undefined

async function ada() {
  await somebody(world, { name: "Ada", password: GOOD_PASSWORD })
  return value(await signing("ada", GOOD_PASSWORD))
}

test("the console's link signs in the first administrator once, and there is none when somebody can sign in otherwise", async () => {
  const early = await firstRunLink(world)
  const link = await firstRunLink(world)
  expect(refusal(await useSignInLink(world, early?.code ?? "", HERE))).toBe("bad_link")
  const began = value(await useSignInLink(world, link?.code ?? "", HERE))
  expect(began.actor).toMatchObject({ name: "Administrator", isAdmin: true })
  expect(refusal(await useSignInLink(world, link?.code ?? "", HERE))).toBe("bad_link")
  // Whoever has looked in without setting a password must still find a way back.
  expect(await firstRunLink(world)).toBeDefined()
  expect(refusal(await changePassword(world, began.actor, { next: "short" }, HERE))).toBe("weak_password")
  const renewed = value(await changePassword(world, began.actor, { next: GOOD_PASSWORD }, HERE))
  expect(await firstRunLink(world)).toBeUndefined()
  expect([await alive(began.value), await alive(renewed.value)]).toEqual([false, true])
  expect(value(await signing("admin", GOOD_PASSWORD)).actor.isAdmin).toBe(true)
  expect(await world.db.selectFrom("person").select("id").where("is_admin", "=", true).execute()).toHaveLength(1)
})

test("the command line of the machine acts as the first administrator, by a token that the next start ends", async () => {
  expect(await consoleToken(world)).toBeUndefined()
  await firstRunLink(world)
  const first = (await consoleToken(world)) ?? ""
  const actor = (await tokenActor(world, first)) as Actor
  expect([actor.name, await canPlatform(world.db, actor)]).toEqual(["Administrator", true])
  const second = (await consoleToken(world)) ?? ""
  expect(await tokenActor(world, first)).toBeUndefined()
  expect((await tokenActor(world, second))?.id).toBe(actor.id)
  expect(refusal(await createToken(world, actor, { name: "x", scopes: ["read"] }))).toBe("needs_session")
})

test("what has ended is swept away, and nothing that has not", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const one = await ada()
  await world.db
    .insertInto("oidc_flow")
    .values({ id: "a".repeat(64), issuer: "i", return_to: "/", created_at: new Date(0), expires_at: new Date(world.clock.now() + 600_000) })
    .execute()
  const link = value(await invite(world, boss, { days: 1 }))
  await signing("ada", OTHER)
  const count = async () => {
    const tables = ["web_session", "invite", "oidc_flow", "sign_in_attempt"] as const
    return Promise.all(
      tables.map(
        async (table) =>
          (
            await world.db
              .selectFrom(table)
              .select((eb) => eb.fn.countAll<number>().as("n"))
              .executeTakeFirstOrThrow()
          ).n,
      ),
    )
  }
  const before = await count()
  await sweepPeople(world)
  expect(await count()).toEqual(before)
  world.later(2 * 60 * MINUTE)
  await sweepPeople(world)
  expect([await count(), await alive(one.value)]).toEqual([[before[0], 1, 0, 0], true])
  world.later(32 * DAY_MS)
  await sweepPeople(world)
  expect(await count()).toEqual([0, 0, 0, 0])
  expect(refusal(await previewInvite(world, link.code))).toBe("bad_link")
})

test("two first starts at once make one administrator", async () => {
  await Promise.all([1, 2, 3].map(() => firstRunLink(world)))
  expect(await world.db.selectFrom("person").select("id").where("kind", "=", "person").execute()).toHaveLength(1)
})

test("a link that is late, mistyped, of another kind or for somebody disabled is of no use", async () => {
  const admin = await somebody(world, { isAdmin: true })
  const { actor } = await ada()
  const late = value(await signInLink(world, "ada"))
  world.later(DAY_MS + 1)
  expect(refusal(await useSignInLink(world, late.code, HERE))).toBe("bad_link")
  const link = value(await signInLink(world, "ada"))
  const wrong = [
    link.code.slice(0, -1),
    `${link.code}x`,
    link.code.replace("stetlink_", "stet_"),
    link.code.replace(/.$/, (last) => (last === "a" ? "b" : "a")),
    "",
    "\0",
  ]
  for (const code of wrong) expect(refusal(await useSignInLink(world, code, HERE))).toBe("bad_link")
  expect(refusal(await useResetLink(world, link.code, { password: OTHER }, HERE))).toBe("bad_link")
  const given = { login: "b", name: "B", password: OTHER }
  expect(refusal(await acceptInvite(world, link.code, given, HERE))).toBe("bad_link")
  value(await disablePerson(world, admin, actor.id))
  expect(refusal(await useSignInLink(world, link.code, HERE))).toBe("bad_link")
  expect(refusal(await signInLink(world, "ada"))).toBe("no_such_person")
  expect(refusal(await signInLink(world, "nobody"))).toBe("no_such_person")
})

test("of two who use one link at the same moment, one is signed in", async () => {
  await ada()
  const link = value(await signInLink(world, "ada"))
  const both = await Promise.all([1, 2, 3, 4].map(() => useSignInLink(world, link.code, HERE)))
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
})

test("whoever signs in gets a new session; a value brought along is worth nothing", async () => {
  const planted = "A".repeat(43)
  const first = await ada()
  const second = value(await signing(" ADA ", GOOD_PASSWORD))
  expect(new Set([planted, first.value, second.value]).size).toBe(3)
  expect([await alive(planted), await alive(first.value), await alive(second.value)]).toEqual([false, true, true])
  for (const value of ["", "x", "\0", `${first.value} `, first.value.toLowerCase(), world.sha256(first.value)]) expect(await alive(value)).toBe(false)
})

test("a wrong password, an unknown login, an account without password and a disabled one are answered alike, and take as long", async () => {
  const slow = await testPeople({ hash: "real" })
  await world.close()
  world = slow
  const admin = await somebody(world, { isAdmin: true })
  const { actor } = await ada()
  await somebody(world, { name: "gone", password: GOOD_PASSWORD })
  await somebody(world, { name: "federated" })
  const gone = await world.db.selectFrom("person").select("id").where("login", "=", "gone").executeTakeFirstOrThrow()
  value(await disablePerson(world, admin, gone.id as typeof actor.id))
  // What is done once for all is not the first one's.
  await signing("ada", OTHER, "198.51.100.200")
  const tries = [
    ["ada", OTHER],
    ["nobody", GOOD_PASSWORD],
    ["federated", GOOD_PASSWORD],
    ["gone", GOOD_PASSWORD],
    ["", ""],
    ["a\0da", GOOD_PASSWORD],
    ["\ud800", "\ud800"],
  ]
  const answers = new Set<string>()
  const cost: Record<string, number> = {}
  for (let round = 0; round < 3; round++)
    for (const [i, [login = "", password = ""]] of tries.entries()) {
      // What it costs, and not what the clock says: the processor may be somebody else's for a while. The least of three: what is
      // compiled or cleared away meanwhile is paid by whoever comes.
      const before = process.cpuUsage()
      const outcome = await signing(login, password, `198.51.100.${i}`)
      const { user, system } = process.cpuUsage(before)
      cost[login] = Math.min(user + system, cost[login] ?? Number.POSITIVE_INFINITY)
      answers.add(JSON.stringify(outcome))
    }
  expect([...answers]).toHaveLength(1)
  expect([...answers][0]).toMatch(/bad_sign_in/)
  // A hash takes some 20 ms; without one the answer would be there in a few.
  for (const login of ["nobody", "federated", "gone"]) expect(cost[login]).toBeGreaterThan((cost["ada"] ?? 0) / 4)
})

test("the fifth wrong password makes one wait, ever longer, and the right one must wait as well", async () => {
  await ada()
  const waits: number[] = []
  for (let i = 0; i < 14; i++) {
    let outcome = await signing("ada", OTHER)
    if (!outcome.ok && outcome.refusal.refused === "too_many_attempts") {
      waits.push(outcome.refusal.retryAfterSeconds ?? 0)
      expect(refusal(await signing("ada", GOOD_PASSWORD))).toBe("too_many_attempts")
      world.later(1000 * (outcome.refusal.retryAfterSeconds ?? 0))
      outcome = await signing("ada", OTHER)
    }
    expect(refusal(outcome)).toBe("bad_sign_in")
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256])
  // From elsewhere its owner is not kept out by this.
  expect(refusal(await signing("ada", GOOD_PASSWORD, "203.0.113.9"))).toBe("accepted")
  world.later(15 * MINUTE)
  expect(refusal(await signing("ada", GOOD_PASSWORD))).toBe("accepted")
  expect(refusal(await signing("ada", OTHER))).toBe("bad_sign_in")
  expect(refusal(await signing("ada", GOOD_PASSWORD))).toBe("accepted")
})

test("forty guesses at once are no more than five", async () => {
  await ada()
  const answers = (await Promise.all(Array.from({ length: 40 }, () => signing("ada", OTHER)))).map(refusal)
  expect(answers.filter((each) => each === "bad_sign_in")).toHaveLength(5)
})

test("one address that tries many logins is slowed down, and a login that is tried from many addresses by a minute at most", async () => {
  await ada()
  const spray = []
  for (let i = 0; i < 55; i++) spray.push(refusal(await signing(`user${i}`, OTHER)))
  expect(spray.indexOf("too_many_attempts")).toBe(50)
  for (let i = 0; i < 80; i++) {
    const outcome = await signing("ada", OTHER, `203.0.113.${i}`)
    if (!outcome.ok && outcome.refusal.retryAfterSeconds) {
      expect(outcome.refusal.retryAfterSeconds).toBeLessThanOrEqual(60)
      world.later(outcome.refusal.retryAfterSeconds * 1000)
    }
  }
  world.later(MINUTE)
  expect(refusal(await signing("ada", GOOD_PASSWORD, "203.0.113.200"))).toBe("accepted")
})

test("a password hashed with other parameters is hashed anew when it is right", async () => {
  const slow = await testPeople({ hash: "real" })
  await world.close()
  world = slow
  const old = argon2Passwords({ ...PARAMETERS, memoryCost: 8192, timeCost: 3 })
  const stored = await old.hash(GOOD_PASSWORD)
  await somebody(world, { name: "Ada" })
  await world.db.updateTable("person").set({ password: stored }).where("login", "=", "ada").execute()
  expect(refusal(await signing("ada", OTHER))).toBe("bad_sign_in")
  const now = async () => (await world.db.selectFrom("person").select("password").where("login", "=", "ada").executeTakeFirstOrThrow()).password
  expect(await now()).toBe(stored)
  value(await signing("ada", GOOD_PASSWORD))
  expect(await now()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  value(await signing("ada", GOOD_PASSWORD))
})

test("a session ends when nothing is asked in it, and in the end whatever is asked; its use is noted once a minute", async () => {
  const began = await ada()
  const seen = async () =>
    (await world.db.selectFrom("web_session").select("seen_at").where("id", "=", world.sha256(began.value)).executeTakeFirst())?.seen_at
  const start = world.clock.now()
  world.later(59_000)
  await alive(began.value)
  expect(await seen()).toBe(start)
  world.later(1000)
  await alive(began.value)
  expect(await seen()).toBe(start + MINUTE)
  for (let hours = 0; hours < 14 * 24 - 1; hours += 20) {
    world.later(20 * 60 * MINUTE)
    if (hours + 20 < 14 * 24) expect(await alive(began.value)).toBe(true)
  }
  expect(await alive(began.value)).toBe(false)
  const idle = value(await signing("ada", GOOD_PASSWORD))
  world.later(DAY_MS + 1)
  expect(await alive(idle.value)).toBe(false)
  await sweepPeople(world)
  expect(await world.db.selectFrom("web_session").selectAll().execute()).toEqual([])
  expect(await world.db.selectFrom("sign_in_attempt").selectAll().execute()).toEqual([])
})

test("one sees one's sessions, ends one, ends the others, ends all, and nobody else's", async () => {
  const [one, two, three] = [await ada(), value(await signing("ada", GOOD_PASSWORD)), value(await signing("ada", GOOD_PASSWORD))]
  const eve = await somebody(world)
  const views = await listSessions(world, one.actor)
  expect(views.map(({ isThis, userAgent, address }) => [isThis, userAgent, address])).toContainEqual([true, "Firefox", "192.0.2.7"])
  expect(views).toHaveLength(4)
  const id = world.sha256(two.value)
  expect(refusal(await endSession(world, eve, id))).toBe("no_such_session")
  expect(await alive(two.value)).toBe(true)
  value(await endSession(world, one.actor, id))
  expect(refusal(await endSession(world, one.actor, id))).toBe("no_such_session")
  expect([await alive(one.value), await alive(two.value), await alive(three.value)]).toEqual([true, false, true])
  await endOtherSessions(world, one.actor)
  expect([await alive(one.value), await alive(three.value)]).toEqual([true, false])
  await signOut(world, one.actor, true)
  expect(await alive(one.value)).toBe(false)
  const four = value(await signing("ada", GOOD_PASSWORD))
  await signOut(world, four.actor)
  expect(await alive(four.value)).toBe(false)
})

test("a user agent of any kind is stored and shown as one short line", async () => {
  await somebody(world, { name: "Ada", password: GOOD_PASSWORD })
  const odd = `x\0\r\n\u001b[31m\ud800${"y".repeat(5000)}`
  const { actor } = value(await signIn(world, { login: "ada", password: GOOD_PASSWORD }, { address: "::1", userAgent: odd }))
  expect((await listSessions(world, actor)).find(({ isThis }) => isThis)?.userAgent).toMatch(/^x {4}\[31m.y{1,200}$/u)
})

test("a change of password ends every other session and this one's value, and asks for the present one", async () => {
  const [one, two] = [await ada(), value(await signing("ada", GOOD_PASSWORD))]
  expect(refusal(await changePassword(world, one.actor, { next: OTHER }, HERE))).toBe("bad_sign_in")
  expect(refusal(await changePassword(world, one.actor, { current: OTHER, next: OTHER }, HERE))).toBe("bad_sign_in")
  expect(refusal(await changePassword(world, one.actor, { current: GOOD_PASSWORD, next: "ada ada ada ada" }, HERE))).toBe("weak_password")
  const token = value(await createToken(world, one.actor, { name: "ci", scopes: ["read"] }))
  const renewed = value(await changePassword(world, one.actor, { current: GOOD_PASSWORD, next: OTHER }, HERE))
  expect([await alive(one.value), await alive(two.value), await alive(renewed.value)]).toEqual([false, false, true])
  expect(await tokenActor(world, token.token)).toBeDefined()
  const again = value(await changePassword(world, renewed.actor, { current: OTHER, next: GOOD_PASSWORD, revokeTokens: true }, HERE))
  expect(await tokenActor(world, token.token)).toBeUndefined()
  expect(refusal(await signing("ada", OTHER))).toBe("bad_sign_in")
  for (let i = 0; i < 5; i++) await changePassword(world, again.actor, { current: "wrong wrong wrong", next: OTHER }, HERE)
  expect(refusal(await changePassword(world, again.actor, { current: GOOD_PASSWORD, next: OTHER }, HERE))).toBe("too_many_attempts")
})

test("a session of an hour ago cannot set a first password", async () => {
  const link = await firstRunLink(world)
  const began = value(await useSignInLink(world, link?.code ?? "", HERE))
  world.later(61 * MINUTE)
  expect(refusal(await changePassword(world, began.actor, { next: GOOD_PASSWORD }, HERE))).toBe("sign_in_again")
})

test("a reset ends sessions, tokens and the links before it; an administrator alone makes one", async () => {
  const admin = await somebody(world, { isAdmin: true })
  const one = await ada()
  const token = value(await createToken(world, one.actor, { name: "ci", scopes: ["read"] }))
  expect(refusal(await resetLink(world, one.actor, admin.id))).toBe("not_allowed")
  const early = value(await resetLink(world, admin, one.actor.id))
  const sign = value(await signInLink(world, "ada"))
  const link = value(await resetLink(world, admin, one.actor.id))
  expect(refusal(await useResetLink(world, early.code, { password: OTHER }, HERE))).toBe("bad_link")
  expect(refusal(await useResetLink(world, link.code, { password: "password1234" }, HERE))).toBe("weak_password")
  expect(await alive(one.value)).toBe(true)
  const renewed = value(await useResetLink(world, link.code, { password: OTHER }, HERE))
  expect([await alive(one.value), await alive(renewed.value)]).toEqual([false, true])
  expect(await tokenActor(world, token.token)).toBeUndefined()
  expect(refusal(await useResetLink(world, link.code, { password: OTHER }, HERE))).toBe("bad_link")
  expect(refusal(await useSignInLink(world, sign.code, HERE))).toBe("bad_link")
  expect([refusal(await signing("ada", GOOD_PASSWORD)), refusal(await signing("ada", OTHER))]).toEqual(["bad_sign_in", "accepted"])
  const kept = value(await createToken(world, renewed.actor, { name: "ci", scopes: ["read"] }))
  const third = value(await resetLink(world, admin, one.actor.id))
  value(await useResetLink(world, third.code, { password: GOOD_PASSWORD, revokeTokens: false }, HERE))
  expect(await tokenActor(world, kept.token)).toBeDefined()
})

test("every process hears within moments whose sessions ended: after a reset, a disabling, a role taken, a sign-out", async () => {
  const admin = await somebody(world, { isAdmin: true })
  const one = await ada()
  const heard: string[] = []
  const stop = await world.database.listen("stet_people", (payload) => void heard.push(payload ?? ""))
  const hears = async (work: () => Promise<unknown>) => {
    heard.length = 0
    await work()
    await expect.poll(() => heard, { timeout: 5000 }).toContain(one.actor.id)
  }
  const link = value(await resetLink(world, admin, one.actor.id))
  await hears(() => useResetLink(world, link.code, { password: OTHER }, HERE))
  await hears(() => changePerson(world, admin, one.actor.id, { isAdmin: true }))
  const began = value(await signing("ada", OTHER))
  await hears(() => signOut(world, began.actor))
  await hears(() => disablePerson(world, admin, one.actor.id))
  await stop()
})

test("a disabled person can do nothing, by any way, until enabled, and then must sign in again", async () => {
  const admin = await somebody(world, { isAdmin: true })
  const one = await ada()
  const inside = await space(world, one.actor)
  const token = value(await createToken(world, one.actor, { name: "ci", scopes: ["admin"] }))
  value(await disablePerson(world, admin, one.actor.id, { keepTokens: true }))
  const dead = async () => [
    await alive(one.value),
    await sessionById(world, world.sha256(one.value)),
    await tokenActor(world, token.token),
    await can(world.db, one.actor, "read", { space: inside }),
  ]
  expect(await dead()).toEqual([false, undefined, undefined, false])
  expect(refusal(await createToken(world, one.actor, { name: "ci", scopes: ["read"] }))).toBe("not_signed_in")
  expect(refusal(await invite(world, one.actor, { space: inside, role: "viewer" }))).toBe("no_such_space")
  value(await enablePerson(world, admin, one.actor.id))
  expect([await alive(one.value), (await tokenActor(world, token.token)) !== undefined]).toEqual([false, true])
})

test("an invitation makes one person with one role, once", async () => {
  const admin = await somebody(world, { name: "Grace" })
  const inside = await space(world, admin)
  const link = value(await invite(world, admin, { space: inside, role: "editor" }))
  expect(value(await previewInvite(world, link.code))).toMatchObject({ space: "A space", role: "editor", invitedBy: "Grace", isAdmin: false })
  const given = { login: "Ada", name: "Ada L.", password: GOOD_PASSWORD }
  expect(refusal(await acceptInvite(world, link.code, { ...given, login: "grace" }, HERE))).toBe("login_taken")
  expect(refusal(await acceptInvite(world, link.code, { ...given, login: "a b" }, HERE))).toBe("bad_field")
  expect(refusal(await acceptInvite(world, link.code, { ...given, password: "ada l.ada l." }, HERE))).toBe("weak_password")
  const began = value(await acceptInvite(world, link.code, given, HERE))
  expect(await can(world.db, began.actor, "edit", { space: inside })).toBe(true)
  expect(await can(world.db, began.actor, "administer", { space: inside })).toBe(false)
  expect(refusal(await acceptInvite(world, link.code, { ...given, login: "ada2" }, HERE))).toBe("bad_link")
  expect(refusal(await signing("ada", GOOD_PASSWORD))).toBe("accepted")
  expect(await audited(world)).toEqual(["invite.make done", "invite.use done", "session.begin done", "session.begin done"])
})

test("an invitation dies with its maker's right to make it, by withdrawal and by age", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const admin = await somebody(world)
  const inside = await space(world, admin)
  const given = { login: "ada", name: "Ada", password: GOOD_PASSWORD }
  const link = value(await invite(world, admin, { space: inside, role: "admin" }))
  await give(world, { space: inside, person: admin.id, role: "editor" })
  expect(refusal(await acceptInvite(world, link.code, given, HERE))).toBe("bad_link")
  await give(world, { space: inside, person: admin.id, role: "admin" })
  expect(refusal(await previewInvite(world, link.code))).toBe("accepted")
  expect(value(await listInvites(world, admin, inside))).toMatchObject([{ id: link.id, role: "admin" }])
  value(await withdrawInvite(world, admin, link.id))
  expect(refusal(await withdrawInvite(world, admin, link.id))).toBe("no_such_invite")
  expect(refusal(await acceptInvite(world, link.code, given, HERE))).toBe("bad_link")
  const second = value(await invite(world, admin, { space: inside, role: "viewer", days: 1 }))
  world.later(DAY_MS)
  expect(refusal(await acceptInvite(world, second.code, given, HERE))).toBe("bad_link")
  const third = value(await invite(world, admin, { space: inside, role: "viewer" }))
  value(await disablePerson(world, boss, admin.id))
  expect(refusal(await acceptInvite(world, third.code, given, HERE))).toBe("bad_link")
})

test("who may invite: admins into their space, administrators anywhere and administrators", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const editor = await somebody(world)
  const inside = await space(world)
  await give(world, { space: inside, person: editor.id, role: "editor" })
  expect(refusal(await invite(world, editor, { space: inside, role: "viewer" }))).toBe("not_allowed")
  expect(refusal(await invite(world, editor, {}))).toBe("not_allowed")
  await give(world, { space: inside, person: editor.id, role: "admin" })
  expect(refusal(await invite(world, editor, { space: inside, role: "viewer", isAdmin: true }))).toBe("not_allowed")
  expect(refusal(await invite(world, editor, { space: inside }))).toBe("bad_field")
  expect(refusal(await invite(world, editor, { space: inside, role: "viewer", days: 31 }))).toBe("bad_field")
  expect(refusal(await invite(world, editor, { space: inside, role: "viewer", days: Number.NaN }))).toBe("bad_field")
  const link = value(await invite(world, boss, { isAdmin: true }))
  const ada = value(await acceptInvite(world, link.code, { login: "ada", name: "Ada", password: GOOD_PASSWORD }, HERE))
  expect(ada.actor.isAdmin).toBe(true)
})

test("somebody who is here takes up an invitation and never loses by it", async () => {
  const admin = await somebody(world)
  const one = await somebody(world)
  const inside = await space(world, admin)
  const join = async (role: "viewer" | "editor") =>
    value(await joinByInvite(world, one, value(await invite(world, admin, { space: inside, role })).code))
  expect(await join("editor")).toEqual({ space: inside })
  await join("viewer")
  expect(await can(world.db, one, "edit", { space: inside })).toBe(true)
  const boss = await somebody(world, { isAdmin: true })
  const link = value(await invite(world, boss, { isAdmin: true }))
  expect(refusal(await joinByInvite(world, byToken(one, ["admin"]), link.code))).toBe("needs_session")
  const elsewhere = await sessionOf(world, one)
  value(await joinByInvite(world, one, link.code))
  expect(await canPlatform(world.db, one)).toBe(true)
  const left = (actor: Actor) => (actor.via.kind === "session" ? sessionById(world, actor.via.session) : undefined)
  expect([(await left(one)) !== undefined, await left(elsewhere)]).toEqual([true, undefined])
})
