import { sql } from "kysely"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Actor } from "#people/actor.ts"
import { DAY_MS } from "#people/policy.ts"
import { grant, hasAdmin, listGrants, raiseRole, revokeGrant } from "#people/sql/grants.ts"
import { addMember, changeGroup, createGroup, listGroups, listMembers, removeGroup, removeMember } from "#people/sql/groups.ts"
import { handOverAll, holdings } from "#people/sql/holdings.ts"
import { fewPlaces } from "#people/sql/listed.ts"
import { changePerson, createService, disablePerson, getPerson, listPeople } from "#people/sql/people.ts"
import { sessionActor } from "#people/sql/sessions.ts"
import { signIn } from "#people/sql/sign-in.ts"
import { can } from "#people/sql/standing.ts"
import { createToken, listTokens, revokeToken, tokenActor } from "#people/sql/tokens.ts"
import {
  byToken,
  GOOD_PASSWORD,
  give,
  group,
  HERE,
  mint,
  notebook,
  refusal,
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

const outcomes = async () =>
  (await world.db.selectFrom("audit_event").select(["action", "outcome"]).orderBy("seq").execute()).map((row) => `${row.action} ${row.outcome}`)

// ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────────────

test("an admin gives, raises, lowers and takes a role; what others may do follows at once", async () => {
  const admin = await somebody(world)
  const one = await somebody(world, { name: "Ada" })
  const inside = await space(world, admin)
  const set = (role: "viewer" | "editor") => grant(world, admin, { thing: { space: inside }, to: { person: one.id }, role })
  const { id } = value(await set("viewer"))
  expect([await can(world.db, one, "read", { space: inside }), await can(world.db, one, "edit", { space: inside })]).toEqual([true, false])
  expect(value(await set("editor")).id).toBe(id)
  expect(await can(world.db, one, "edit", { space: inside })).toBe(true)
  expect(value(await listGrants(world, one, { space: inside }))).toContainEqual(
    expect.objectContaining({ id, name: "Ada", role: "editor", to: { person: one.id }, grantedBy: admin.id }),
  )
  value(await revokeGrant(world, admin, id))
  expect(refusal(await revokeGrant(world, admin, id))).toBe("no_such_grant")
  expect(await can(world.db, one, "read", { space: inside })).toBe(false)
  expect(refusal(await listGrants(world, one, { space: inside }))).toBe("no_such_space")
  expect(await outcomes()).toEqual(["grant.set done", "grant.set done", "grant.revoke done"])
})

test("only admins give roles; others are told no more than they may see, and are recorded", async () => {
  const admin = await somebody(world)
  const editor = await somebody(world)
  const stranger = await somebody(world)
  const inside = await space(world, admin)
  await give(world, { space: inside, person: editor.id, role: "editor" })
  const asAdmin = (actor: Actor) => grant(world, actor, { thing: { space: inside }, to: { person: actor.id }, role: "admin" })
  expect(refusal(await asAdmin(editor))).toBe("not_allowed")
  expect(refusal(await asAdmin(stranger))).toBe("no_such_space")
  expect(refusal(await asAdmin(byToken(admin, ["edit"])))).toBe("not_allowed")
  expect(refusal(await asAdmin(byToken(admin, ["admin"], await space(world))))).toBe("no_such_space")
  const mine = value(await listGrants(world, admin, { space: inside })).find((each) => each.role === "admin")
  expect(refusal(await revokeGrant(world, stranger, mine?.id ?? mint()))).toBe("no_such_grant")
  expect(refusal(await revokeGrant(world, editor, mine?.id ?? mint()))).toBe("not_allowed")
  expect(new Set(await outcomes())).toEqual(new Set(["grant.set denied", "grant.revoke denied"]))
})

test("a grant on a notebook only adds, is for that one alone, and its admin may share it", async () => {
  const admin = await somebody(world)
  const one = await somebody(world)
  const two = await somebody(world)
  const inside = await space(world, admin)
  const book = { space: inside, notebook: await notebook(world, inside, admin) }
  const other = { space: inside, notebook: await notebook(world, inside, admin) }
  await give(world, { space: inside, person: one.id, role: "editor" })
  value(await grant(world, admin, { thing: book, to: { person: one.id }, role: "viewer" }))
  expect(await can(world.db, one, "edit", book)).toBe(true)
  value(await grant(world, admin, { thing: book, to: { person: two.id }, role: "admin" }))
  expect([
    await can(world.db, two, "edit", book),
    await can(world.db, two, "read", other),
    await can(world.db, two, "read", { space: inside }),
  ]).toEqual([true, false, false])
  value(await grant(world, two, { thing: book, to: { person: one.id }, role: "runner" }))
  expect(refusal(await grant(world, two, { thing: { space: inside }, to: { person: two.id }, role: "viewer" }))).toBe("no_such_space")
  expect(refusal(await grant(world, admin, { thing: { ...book, space: await space(world, admin) }, to: { person: one.id }, role: "viewer" }))).toBe(
    "no_such_notebook",
  )
})

test("a space keeps an admin: the last is neither lowered nor removed, not even by two at once who remove each other", async () => {
  const one = await somebody(world)
  const two = await somebody(world)
  const gone = await somebody(world)
  const inside = await space(world, one)
  await give(world, { space: inside, person: gone.id, role: "admin" })
  await world.db
    .updateTable("person")
    .set({ disabled_at: new Date(0) })
    .where("id", "=", gone.id)
    .execute()
  const idOf = async (person: Actor) =>
    value(await listGrants(world, one, { space: inside })).find((each) => "person" in each.to && each.to.person === person.id)?.id ?? mint<"Grant">()
  expect(refusal(await revokeGrant(world, one, await idOf(one)))).toBe("last_admin")
  expect(refusal(await grant(world, one, { thing: { space: inside }, to: { person: one.id }, role: "editor" }))).toBe("last_admin")
  for (let round = 0; round < 5; round++) {
    await give(world, { space: inside, person: one.id, role: "admin" })
    await give(world, { space: inside, person: two.id, role: "admin" })
    const [first, second] = [await idOf(one), await idOf(two)]
    const answers = await Promise.all([revokeGrant(world, two, first), revokeGrant(world, one, second)])
    // The slower one is the last by now, or no admin any more: then there is no such grant to it.
    expect(answers.map(refusal).sort()).toEqual(["accepted", expect.stringMatching(/^(last_admin|no_such_grant|not_allowed)$/)])
    expect(await hasAdmin(world.db, inside)).toBe(true)
  }
})

test("a group may hold the admins, counts only while somebody active is in it, and is not removed from under a space", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const one = await somebody(world)
  const inside = await space(world)
  const team = await group(world, [one])
  const { id } = value(await grant(world, boss, { thing: { space: inside }, to: { group: team }, role: "admin" }))
  expect(await can(world.db, one, "administer", { space: inside })).toBe(true)
  expect(refusal(await removeGroup(world, boss, team))).toBe("last_admin")
  expect(refusal(await revokeGrant(world, boss, id))).toBe("last_admin")
  value(await grant(world, one, { thing: { space: inside }, to: { person: boss.id }, role: "admin" }))
  value(await removeGroup(world, boss, team))
  expect(await can(world.db, one, "read", { space: inside })).toBe(false)
})

test("one may give up a role of one's own, and roles go only to whom is there", async () => {
  const admin = await somebody(world)
  const one = await somebody(world)
  const inside = await space(world, admin)
  const { id } = value(await grant(world, admin, { thing: { space: inside }, to: { person: one.id }, role: "viewer" }))
  expect(refusal(await revokeGrant(world, byToken(one, ["admin"]), id))).toBe("not_allowed")
  value(await revokeGrant(world, one, id))
  const to = (whom: { person: Actor["id"] } | { group: ReturnType<typeof mint<"Group">> }) =>
    grant(world, admin, { thing: { space: inside }, to: whom, role: "viewer" })
  expect(refusal(await to({ person: mint() }))).toBe("no_such_person")
  expect(refusal(await to({ person: "00000000000000000000000000" as Actor["id"] }))).toBe("no_such_person")
  expect(refusal(await to({ group: mint() }))).toBe("no_such_group")
  await world.db.transaction().execute((tx) => raiseRole(world, tx, { space: inside, person: one.id, role: "runner", by: admin.id }))
  expect(await can(world.db, one, "run", { space: inside })).toBe(true)
})

// ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────

test("a token is shown once, acts as its maker within its scopes and space, and its use is noted once a minute", async () => {
  const one = await somebody(world)
  const [inside, elsewhere] = [await space(world, one), await space(world, one)]
  const made = value(await createToken(world, one, { name: "nightly", scopes: ["run", "run"], space: inside }))
  expect(made.scopes).toEqual(["run"])
  expect(made.expiresAt).toBe(world.clock.now() + 90 * DAY_MS)
  const actor = await tokenActor(world, made.token)
  expect(actor).toMatchObject({ id: one.id, via: { kind: "token", token: made.id, scopes: ["run"], space: inside } })
  const may = (action: "read" | "run" | "edit", where = inside) => can(world.db, actor as Actor, action, { space: where })
  expect([await may("read"), await may("run"), await may("edit"), await may("read", elsewhere)]).toEqual([true, true, false, false])
  const used = async () => (await listTokens(world, one))[0]?.lastUsedAt
  const start = world.clock.now()
  expect(await used()).toBe(start)
  world.later(59_000)
  await tokenActor(world, made.token)
  expect(await used()).toBe(start)
  world.later(1000)
  await tokenActor(world, made.token)
  expect(await used()).toBe(start + 60_000)
  expect(JSON.stringify(await listTokens(world, one))).not.toContain(made.token.slice(40))
})

test("a token that is wrong, expired, revoked or another's secret is nobody", async () => {
  const one = await somebody(world)
  const made = value(await createToken(world, one, { name: "a", scopes: ["read"], days: 1 }))
  const second = value(await createToken(world, one, { name: "b", scopes: ["read"] }))
  const crossed = second.token.replace(second.id, made.id)
  for (const wrong of ["", "stet_", made.token.toUpperCase(), `${made.token} `, made.token.slice(5), crossed, made.id])
    expect(await tokenActor(world, wrong)).toBeUndefined()
  world.later(DAY_MS)
  expect([await tokenActor(world, made.token), (await tokenActor(world, second.token)) !== undefined]).toEqual([undefined, true])
  value(await revokeToken(world, one, second.id))
  expect(await tokenActor(world, second.token)).toBeUndefined()
  expect(refusal(await revokeToken(world, one, second.id))).toBe("accepted")
})

test("a token holds no more than its maker may do, where it will be used, and is made in person", async () => {
  const one = await somebody(world)
  const [runs, edits] = [await space(world), await space(world)]
  await give(world, { space: runs, person: one.id, role: "runner" })
  await give(world, { space: edits, person: one.id, role: "editor" })
  const make = async (scopes: readonly string[], more: object = {}, actor = one) =>
    refusal(await createToken(world, actor, { name: "x", scopes, ...more }))
  expect(await make(["read", "run", "edit"])).toBe("accepted")
  expect(await make(["edit"], { space: runs })).toBe("scope_beyond_rights")
  expect(await make(["admin"])).toBe("scope_beyond_rights")
  expect(await make(["admin"], {}, await somebody(world, { isAdmin: true }))).toBe("accepted")
  expect(await make(["read"], {}, await somebody(world))).toBe("accepted")
  expect(await make(["run"], {}, await somebody(world))).toBe("scope_beyond_rights")
  expect(await make(["read"], { space: await space(world) })).toBe("no_such_space")
  expect(await make([])).toBe("bad_field")
  expect(await make(["write"])).toBe("bad_field")
  expect(await make(["read"], { days: 0 })).toBe("bad_field")
  expect(await make(["read"], { days: 367 })).toBe("bad_field")
  expect(await make(["read"], { days: Number.NaN })).toBe("bad_field")
  expect(await make(["read"], { name: " \u202e" })).toBe("bad_field")
  expect(await make(["read"], {}, byToken(one, ["admin"]))).toBe("needs_session")
})

test("when its maker loses a role, the token loses it too", async () => {
  const one = await somebody(world)
  const inside = await space(world)
  await give(world, { space: inside, person: one.id, role: "editor" })
  const made = value(await createToken(world, one, { name: "x", scopes: ["edit"] }))
  await give(world, { space: inside, person: one.id, role: "viewer" })
  const actor = (await tokenActor(world, made.token)) as Actor
  expect([await can(world.db, actor, "edit", { space: inside }), await can(world.db, actor, "read", { space: inside })]).toEqual([false, true])
})

test("tokens are revoked by their person, an owner, an administrator, or by themselves, and by nobody else", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const one = await somebody(world)
  const eve = await somebody(world)
  const make = async () => value(await createToken(world, one, { name: "x", scopes: ["read"] }))
  const [a, b, c] = [await make(), await make(), await make()]
  expect(refusal(await revokeToken(world, eve, a.id))).toBe("no_such_token")
  const self = (await tokenActor(world, a.token)) as Actor
  expect(refusal(await revokeToken(world, self, b.id))).toBe("no_such_token")
  expect(refusal(await revokeToken(world, self, a.id))).toBe("accepted")
  expect(refusal(await revokeToken(world, boss, b.id))).toBe("accepted")
  expect([await tokenActor(world, a.token), await tokenActor(world, b.token)]).toEqual([undefined, undefined])
  expect(await tokenActor(world, c.token)).toBeDefined()
})

test("a service account is made by an administrator, has tokens by its owner and no other way in", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const owner = await somebody(world)
  const eve = await somebody(world)
  const inside = await space(world, owner)
  expect(refusal(await createService(world, owner, { name: "ci" }))).toBe("not_allowed")
  const { id } = value(await createService(world, boss, { name: "ci", owner: owner.id }))
  value(await grant(world, owner, { thing: { space: inside }, to: { person: id }, role: "runner" }))
  const made = value(await createToken(world, owner, { name: "airflow", scopes: ["run"], for: id }))
  const actor = (await tokenActor(world, made.token)) as Actor
  expect([actor.id, await can(world.db, actor, "run", { space: inside })]).toEqual([id, true])
  expect(refusal(await createToken(world, eve, { name: "x", scopes: ["read"], for: id }))).toBe("no_such_person")
  expect(refusal(await createToken(world, boss, { name: "x", scopes: ["read"], for: owner.id }))).toBe("no_such_person")
  expect((await listTokens(world, owner)).map((each) => each.personName)).toEqual(["ci"])
  expect(await listTokens(world, eve, id)).toEqual([])
  expect(refusal(await changePerson(world, boss, id, { isAdmin: true }))).toBe("bad_field")
  expect(refusal(await createService(world, boss, { name: "x", owner: id }))).toBe("no_such_person")
  value(await disablePerson(world, boss, id))
  expect(await tokenActor(world, made.token)).toBeUndefined()
})

// ── people and groups ───────────────────────────────────────────────────────────────────────────────────────────────

test("people are listed page by page and found by name; only administrators see addresses and the disabled", async () => {
  const boss = await somebody(world, { name: "Boss", isAdmin: true })
  const one = await somebody(world, { name: "Ada 100%_x", email: "ada@stet.example" })
  const gone = await somebody(world, { name: "Gone" })
  value(await disablePerson(world, boss, gone.id))
  const names = async (actor: Actor, query = {}) => (await listPeople(world, actor, query)).map((each) => each.name)
  expect(await names(boss)).toEqual(["Ada 100%_x", "Boss", "Gone"])
  expect((await names(one)).sort()).toEqual(["Ada 100%_x", "Boss"])
  expect([
    await names(one, { search: "0%_" }),
    await names(one, { search: "%o" }),
    await names(one, { search: "ADA" }),
    await names(one, { search: "\0\\" }),
  ]).toEqual([["Ada 100%_x"], [], ["Ada 100%_x"], []])
  expect([await names(boss, { search: "stet.example" }), await names(one, { search: "stet.example" })]).toEqual([["Ada 100%_x"], []])
  const [first] = await listPeople(world, boss, { limit: 1 })
  expect(await names(boss, { after: first?.id })).toEqual(["Boss", "Gone"])
  expect(value(await getPerson(world, one, boss.id))).not.toHaveProperty("email")
  expect(value(await getPerson(world, boss, one.id))).toMatchObject({ email: "ada@stet.example", hasPassword: false, hasSingleSignOn: false })
  expect(value(await getPerson(world, one, one.id)).email).toBe("ada@stet.example")
  expect(refusal(await getPerson(world, boss, "00000000000000000000000000" as Actor["id"]))).toBe("no_such_person")
  expect(await names(gone)).toEqual([])
})

test("one changes one's own name; the rest takes an administrator, and a change of privilege ends sessions", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const one = await somebody(world, { name: "Ada", password: GOOD_PASSWORD })
  value(await changePerson(world, one, one.id, { name: "Ada L." }))
  expect(refusal(await changePerson(world, one, one.id, { name: "x", isAdmin: true }))).toBe("not_allowed")
  expect(refusal(await changePerson(world, one, boss.id, { name: "x" }))).toBe("not_allowed")
  expect(refusal(await changePerson(world, boss, one.id, { login: "P1 !" }))).toBe("bad_field")
  expect(refusal(await changePerson(world, boss, one.id, { email: "x" }))).toBe("bad_field")
  expect(refusal(await changePerson(world, boss, mint(), { name: "x" }))).toBe("no_such_person")
  const taken = await somebody(world, { name: "taken" })
  expect(refusal(await changePerson(world, boss, one.id, { login: "TAKEN" }))).toBe("login_taken")
  expect(taken.name).toBe("taken")
  const began = value(await signIn(world, { login: "ada", password: GOOD_PASSWORD }, HERE))
  value(await changePerson(world, boss, one.id, { isAdmin: true }))
  expect(await sessionActor(world, began.value)).toBeUndefined()
  expect(value(await signIn(world, { login: "ada", password: GOOD_PASSWORD }, HERE)).actor).toMatchObject({ name: "Ada L.", isAdmin: true })
})

test("the platform keeps an administrator, even when two take it from each other at once", async () => {
  const one = await somebody(world, { isAdmin: true })
  expect(refusal(await changePerson(world, one, one.id, { isAdmin: false }))).toBe("last_admin")
  expect(refusal(await disablePerson(world, one, one.id))).toBe("last_admin")
  for (let round = 0; round < 5; round++) {
    const two = await somebody(world, { isAdmin: true })
    const answers = await Promise.all([disablePerson(world, one, two.id), changePerson(world, two, one.id, { isAdmin: false })])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    await world.db.updateTable("person").set({ is_admin: false }).where("id", "=", two.id).execute()
    await world.db.updateTable("person").set({ is_admin: true, disabled_at: null }).where("id", "=", one.id).execute()
  }
})

test("groups are made, renamed, filled by hand and removed by administrators; names and claims are nobody else's", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const one = await somebody(world, { name: "Ada" })
  const { id } = value(await createGroup(world, boss, { name: "Analysts", claim: "/analysts" }))
  expect(refusal(await createGroup(world, boss, { name: "Analysts" }))).toBe("name_taken")
  expect(refusal(await createGroup(world, boss, { name: "Others", claim: "/analysts" }))).toBe("claim_taken")
  expect(refusal(await createGroup(world, one, { name: "Mine" }))).toBe("not_allowed")
  expect(refusal(await addMember(world, one, { group: id, person: one.id }))).toBe("not_allowed")
  value(await addMember(world, boss, { group: id, person: one.id }))
  value(await addMember(world, boss, { group: id, person: one.id }))
  await world.db.insertInto("group_member").values({ group_id: id, person_id: one.id, source: "claim" }).execute()
  expect(await listMembers(world, one, id)).toEqual([{ person: one.id, name: "Ada", byHand: true, byClaim: true }])
  expect(await listGroups(world, one)).toEqual([{ id, name: "Analysts", claim: "/analysts", members: 1 }])
  value(await removeMember(world, boss, { group: id, person: one.id }))
  expect(await listMembers(world, one, id)).toMatchObject([{ byHand: false, byClaim: true }])
  value(await changeGroup(world, boss, id, { name: "Analysis" }))
  expect(await listMembers(world, one, id)).toEqual([])
  expect(refusal(await addMember(world, boss, { group: mint(), person: one.id }))).toBe("no_such_group")
  expect(refusal(await addMember(world, boss, { group: id, person: mint() }))).toBe("no_such_person")
  expect(refusal(await changeGroup(world, boss, mint(), { name: "x" }))).toBe("no_such_group")
  value(await removeGroup(world, boss, id))
  expect(refusal(await removeGroup(world, boss, id))).toBe("no_such_group")
})

test("what somebody leaves behind is listed, and handed over whole to one who can then work with it", async () => {
  const boss = await somebody(world, { isAdmin: true })
  const from = await somebody(world)
  const to = await somebody(world)
  const [sole, shared, foreign] = [await space(world, from), await space(world, from), await space(world)]
  await give(world, { space: shared, person: boss.id, role: "admin" })
  const books = [await notebook(world, sole, from), await notebook(world, foreign, from)]
  const { id: service } = value(await createService(world, boss, { name: "ci", owner: from.id }))
  const sha256 = "f".repeat(64)
  await world.db.insertInto("blob").values({ sha256, size_bytes: 1, created_at: new Date() }).execute()
  const file = { id: mint(), space_id: sole, path: "a.csv", sha256, size_bytes: 1, owner_id: from.id, created_at: new Date(), updated_at: new Date() }
  await world.db.insertInto("file").values(file).execute()
  expect(value(await holdings(world, from, from.id))).toMatchObject({
    notebookCount: 2,
    fileCount: 1,
    services: [{ id: service }],
    administers: [sole, shared].sort(),
  })
  expect(refusal(await holdings(world, to, from.id))).toBe("not_allowed")
  expect(refusal(await handOverAll(world, from, { from: from.id, to: to.id }))).toBe("not_allowed")
  expect(refusal(await handOverAll(world, boss, { from: from.id, to: service }))).toBe("no_such_person")
  expect(refusal(await handOverAll(world, boss, { from: from.id, to: from.id }))).toBe("bad_field")
  expect(value(await handOverAll(world, boss, { from: from.id, to: to.id }))).toEqual({
    notebooks: 2,
    files: 1,
    services: 1,
    templates: 0,
    spaces: 1,
  })
  expect(value(await holdings(world, boss, from.id))).toMatchObject({ notebookCount: 0, fileCount: 0, services: [] })
  expect(value(await holdings(world, to, to.id))).toMatchObject({ notebookCount: 2, fileCount: 1, administers: [sole] })
  const may = await Promise.all([
    can(world.db, to, "edit", { space: foreign, notebook: books[1] ?? mint() }),
    can(world.db, to, "read", { space: foreign }),
    can(world.db, to, "administer", { space: sole, notebook: books[0] ?? mint() }),
    can(world.db, to, "read", { space: shared }),
  ])
  expect(may).toEqual([true, false, true, false])
  value(await disablePerson(world, boss, from.id))
})

test("the few places of somebody are all of them, or nobody relies on them: twelve hundred groups that give one space hide no other", async () => {
  const me = await somebody(world)
  const [crowded, other] = [await space(world), await space(world)]
  await sql`INSERT INTO people_group (id, name, created_at) SELECT upper(lpad(to_hex(i), 26, '0')), 'crowd ' || i, now() FROM generate_series(1, 1200) i`.execute(
    world.db,
  )
  await sql`INSERT INTO group_member (group_id, person_id, source) SELECT id, ${me.id}, 'local' FROM people_group WHERE name LIKE 'crowd %'`.execute(
    world.db,
  )
  await sql`INSERT INTO role_grant (id, space_id, group_id, role, granted_at) SELECT id, ${crowded}, id, 'viewer', now() FROM people_group
    WHERE name LIKE 'crowd %'`.execute(world.db)
  await give(world, { space: other, person: me.id, role: "viewer" })
  expect(await fewPlaces(world.db, me, "read")).toBeUndefined()
  await sql`DELETE FROM people_group WHERE name > 'crowd 3'`.execute(world.db)
  const places = await fewPlaces(world.db, me, "read")
  expect([places?.spaces.toSorted(), places?.notebooks]).toEqual([[crowded, other].sort(), []])
})
