import { afterAll, beforeAll, expect, test } from "vitest"
import { type Actor, SYSTEM } from "#people/actor.ts"
import type { GroupId, NotebookId, PersonId, SpaceId } from "#people/ids.ts"
import { ACTIONS, type Action, ROLES, SCOPES, type Thing } from "#people/roles.ts"
import { mayList } from "#people/sql/listed.ts"
import { can, canPlatform, verdict } from "#people/sql/standing.ts"
import { byToken, type Given, give, group, notebook, somebody, space, type TestPeople, testPeople } from "#people/testing.ts"

let world: TestPeople
let seed = Number(process.env["STET_SEED"] ?? 20260105)

beforeAll(async () => {
  world = await testPeople()
})
afterAll(() => world.close())

/** A small generator whose seed is printed, so that a failure can be had again. */
function chance(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(chance() * items.length)] as Item

type Land = {
  readonly people: readonly Actor[]
  readonly disabled: ReadonlySet<PersonId>
  readonly admins: ReadonlySet<PersonId>
  readonly members: ReadonlyMap<GroupId, readonly PersonId[]>
  readonly spaces: readonly SpaceId[]
  readonly notebooks: ReadonlyMap<NotebookId, SpaceId>
  readonly grants: readonly Given[]
}

/** People, groups, spaces and grants at random; some grants name a space in which their notebook is not any more. */
async function land(): Promise<Land> {
  const people: Actor[] = []
  for (let i = 0; i < 16; i++) people.push(await somebody(world, { isAdmin: i === 0 || i === 1 }))
  const disabled = new Set([people[1]?.id, people[2]?.id, people[3]?.id] as PersonId[])
  for (const id of disabled)
    await world.db
      .updateTable("person")
      .set({ disabled_at: new Date(0) })
      .where("id", "=", id)
      .execute()
  const members = new Map<GroupId, readonly PersonId[]>()
  for (let i = 0; i < 5; i++) {
    const inside = people.filter(() => chance() < 0.3)
    members.set(
      await group(world, inside),
      inside.map(({ id }) => id),
    )
  }
  const spaces: SpaceId[] = []
  for (let i = 0; i < 7; i++) spaces.push(await space(world))
  const notebooks = new Map<NotebookId, SpaceId>()
  for (let i = 0; i < 50; i++) {
    const inside = pick(spaces)
    notebooks.set(await notebook(world, inside, pick(people)), inside)
  }
  const grants: Given[] = []
  for (let i = 0; i < 90; i++) {
    const whom = chance() < 0.7 ? { person: pick(people).id } : { group: pick([...members.keys()]) }
    const on = chance() < 0.5 ? pick([...notebooks.keys()]) : undefined
    const where = on && chance() < 0.85 ? (notebooks.get(on) as SpaceId) : pick(spaces)
    const given = { space: where, notebook: on, role: pick(ROLES), ...whom }
    const same = grants.findIndex(
      (each) => each.space === where && each.notebook === on && each.person === given.person && each.group === given.group,
    )
    if (same >= 0) grants.splice(same, 1)
    grants.push(given)
    await give(world, given)
  }
  const admins = new Set([people[0]?.id, people[1]?.id] as PersonId[])
  return { people, disabled, admins, members, spaces, notebooks, grants }
}

/** The rule once more, from the words alone and by a table, so that it shares nothing with what it judges. */
const MAY: Record<string, string> = {
  viewer: "read",
  commenter: "read comment",
  runner: "read comment run",
  editor: "read comment run edit read_hidden_code",
  admin: "read comment run edit administer read_hidden_code",
}
const TOKEN_MAY: Record<string, string> = {
  read: "read read_hidden_code",
  run: "read run read_hidden_code",
  edit: "read comment edit read_hidden_code",
  admin: "read comment run edit administer read_hidden_code",
}

function oracle(map: Land, actor: Actor, action: Action, where: SpaceId, on: NotebookId | undefined): boolean {
  if (map.disabled.has(actor.id)) return false
  if (actor.via.kind === "token") {
    if (actor.via.space !== undefined && actor.via.space !== where) return false
    const usable = actor.via.scopes.map((scope) => TOKEN_MAY[scope]?.split(" ")).some((allowed) => allowed?.includes(action))
    if (!usable) return false
  }
  if (map.admins.has(actor.id)) return true
  for (const grant of map.grants) {
    if (grant.space !== where) continue
    if (grant.notebook !== undefined && grant.notebook !== on) continue
    const mine = grant.person === actor.id || (grant.group !== undefined && map.members.get(grant.group)?.includes(actor.id))
    if (mine && MAY[grant.role]?.split(" ").includes(action)) return true
  }
  return false
}

function someActor(map: Land): Actor {
  const person = pick(map.people)
  if (chance() < 0.4) return person
  const scopes = SCOPES.filter(() => chance() < 0.4)
  return byToken(person, scopes, chance() < 0.5 ? pick(map.spaces) : undefined)
}

async function listed(actor: Actor, action: Action): Promise<ReadonlySet<string>> {
  const columns = { space: "n.space_id", notebook: "n.id" }
  const found = await world.db
    .selectFrom("notebook as n")
    .select("n.id")
    .where(mayList(actor, action, columns))
    .execute()
  const spaces = await world.db
    .selectFrom("space as s")
    .select("s.id")
    .where(mayList(actor, action, { space: "s.id" }))
    .execute()
  return new Set([...found, ...spaces].map(({ id }) => id))
}

test("for 10,000 random actors, actions and things: the list holds exactly what can allows, and both are what the issue says", async () => {
  const first = seed
  let tuples = 0
  let allowed = 0
  while (tuples < 10_000) {
    const map = await land()
    for (let round = 0; round < 60; round++) {
      const actor = someActor(map)
      const action = pick(ACTIONS)
      const list = await listed(actor, action)
      const things: Thing[] = [
        ...[...map.notebooks].map(([id, where]) => ({ space: where, notebook: id })),
        ...map.spaces.map((each) => ({ space: each })),
      ]
      const answers = await Promise.all(things.map((thing) => can(world.db, actor, action, thing)))
      for (const [i, thing] of things.entries()) {
        const on = thing.notebook
        const what = `seed ${first}: ${actor.name} ${JSON.stringify(actor.via)} ${action} ${JSON.stringify(thing)}`
        expect(answers[i], what).toBe(oracle(map, actor, action, thing.space, on))
        expect(list.has(on ?? thing.space), what).toBe(answers[i])
        allowed += answers[i] ? 1 : 0
      }
      tuples += things.length
    }
    for (const table of ["role_grant", "notebook", "space", "people_group"] as const) await world.db.deleteFrom(table).execute()
    await world.db.deleteFrom("person").where("kind", "<>", "system").execute()
  }
  // Were nearly all refused or allowed, little would have been compared.
  expect(allowed / tuples).toBeGreaterThan(0.1)
  expect(allowed / tuples).toBeLessThan(0.9)
}, 240_000)

test("the oracle would notice a rule that forgets who is disabled, that a token is confined, or that a grant is on another notebook", async () => {
  const map = await land()
  const kinds = { disabled: 0, confined: 0, elsewhere: 0 }
  for (let i = 0; i < 4000; i++) {
    const actor = someActor(map)
    const [on, where] = pick([...map.notebooks])
    const action = pick(ACTIONS)
    const truth = oracle(map, actor, action, where, on)
    if (truth !== oracle({ ...map, disabled: new Set() }, actor, action, where, on)) kinds.disabled++
    const free = actor.via.kind === "token" ? { ...actor, via: { ...actor.via, space: undefined } } : actor
    if (truth !== oracle(map, free, action, where, on)) kinds.confined++
    if (truth !== oracle({ ...map, grants: map.grants.map((each) => ({ ...each, notebook: undefined })) }, actor, action, where, on))
      kinds.elsewhere++
  }
  expect(Math.min(...Object.values(kinds))).toBeGreaterThan(10)
})

test("Stet itself may do everything, and is told apart by how it came, not by its id", async () => {
  const inside = await space(world)
  expect(await can(world.db, SYSTEM, "administer", { space: inside })).toBe(true)
  expect(await canPlatform(world.db, SYSTEM)).toBe(true)
  const forged: Actor = { ...SYSTEM, via: { kind: "session", session: "0".repeat(64) } }
  expect(await can(world.db, forged, "read", { space: inside })).toBe(false)
  expect(await canPlatform(world.db, forged)).toBe(false)
})

test("what is forbidden is told from what is hidden only to those who may read it", async () => {
  const owner = await somebody(world)
  const viewer = await somebody(world)
  const stranger = await somebody(world)
  const inside = await space(world, owner)
  await give(world, { space: inside, person: viewer.id, role: "viewer" })
  const asked = (actor: Actor) => verdict(world.db, actor, "edit", { space: inside })
  expect(await Promise.all([owner, viewer, stranger].map(asked))).toEqual(["allowed", "forbidden", "hidden"])
})

test("the platform is administered by its administrators in person, not by a token for less or for one space", async () => {
  const admin = await somebody(world, { isAdmin: true })
  const inside = await space(world)
  const ways = [admin, byToken(admin, ["admin"]), byToken(admin, ["edit"]), byToken(admin, ["admin"], inside), await somebody(world)]
  expect(await Promise.all(ways.map((each) => canPlatform(world.db, each)))).toEqual([true, true, false, false, false])
})
