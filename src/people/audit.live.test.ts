import { sql } from "kysely"
import { afterEach, beforeEach, expect, test } from "vitest"
import { isRetryable } from "#database/index.ts"
import { SYSTEM } from "#people/actor.ts"
import { GENESIS } from "#people/audit.ts"
import { audit, DENIED_WINDOW_MS, settleDenied } from "#people/sql/audit.ts"
import { auditHead, listAudit, verifyAudit } from "#people/sql/audit-read.ts"
import { byToken, give, mint, refusal, somebody, space, type TestPeople, testPeople, value } from "#people/testing.ts"

let world: TestPeople
beforeEach(async () => {
  world = await testPeople()
})
afterEach(() => world.close())

async function write(count: number, detail: Record<string, unknown> = {}): Promise<void> {
  for (let i = 0; i < count; i++)
    await audit(world.db, {
      actor: SYSTEM,
      action: "notebook.move",
      thing: `notebook/${i}`,
      outcome: "done",
      detail: { i, ...detail },
      at: world.clock.now() + i,
    })
}

/** A change by somebody who has the whole database in hand. */
async function tamper(statement: ReturnType<typeof sql>): Promise<void> {
  await world.db.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx)
    await statement.execute(tx)
  })
}

const badSeq = async (heads: Parameters<typeof verifyAudit>[1] = {}) => {
  const verdict = await verifyAudit(world, heads)
  return verdict.ok ? undefined : verdict.badSeq
}

test("what was written verifies, whatever its text", async () => {
  const awkward = ["", 'é\u0001\u2028"\\/\u007f', "\0NUL", "\ud800 lone", "__proto__", "😀".repeat(300), "'); DROP TABLE person; --", "</script>"]
  for (const text of awkward)
    await audit(world.db, {
      actor: undefined,
      action: text,
      thing: text,
      outcome: "failed",
      detail: { [text]: text, n: 1e21, f: 0.1, z: -0, deep: [[{ text }]] },
      at: 1,
    })
  expect(await verifyAudit(world)).toMatchObject({ ok: true, checked: awkward.length })
  expect((await auditHead(world.db)).seq).toBe(awkward.length)
})

test("an empty chain verifies, and a head that it never had does not", async () => {
  expect(await verifyAudit(world)).toEqual({ ok: true, head: { seq: 0, hash: GENESIS }, checked: 0 })
  expect(await badSeq({ heads: [{ seq: 3, hash: "0".repeat(64) }] })).toBe(1)
})

test("200 mutations: flipped, deleted, swapped, inserted, cut off and written anew, each is located", async () => {
  await write(60)
  const heads = [await auditHead(world.db)]
  await world.db.executeQuery(sql`CREATE TABLE kept AS SELECT * FROM audit_event`.compile(world.db))
  let seed = 7
  const upTo = (count: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return 1 + Math.floor((seed / 2 ** 32) * count)
  }
  const columns = [
    "at = at + interval '1 microsecond'",
    "actor_id = NULL",
    "via = 'session'",
    "action = 'notebook.Move'",
    "thing = thing || ' '",
    "outcome = 'failed'",
  ]
  const more = [`space_id = '${mint()}'`, `detail = detail || '{"i": -1}'`, `previous = '${"a".repeat(64)}'`, `hash = '${"b".repeat(64)}'`]
  const kinds: readonly ((n: number) => { run: string; bad: number })[] = [
    ...[...columns, ...more].map((set) => (n: number) => ({ run: `UPDATE audit_event SET ${set} WHERE seq = ${n}`, bad: n })),
    // The last one deleted is a cut.
    (n) => ({ run: `DELETE FROM audit_event WHERE seq = ${n}`, bad: n }),
    (n) => ({ run: `DELETE FROM audit_event WHERE seq >= ${n}`, bad: n }),
    (n) => ({ run: `DELETE FROM audit_event WHERE seq = ${n}; UPDATE audit_event SET seq = seq - 1 WHERE seq > ${n}`, bad: n }),
    (n) => {
      const one = Math.min(n, 59)
      return {
        run: `UPDATE audit_event SET seq = -1 WHERE seq = ${one}; UPDATE audit_event SET seq = ${one} WHERE seq = ${one + 1}; UPDATE audit_event SET seq = ${one + 1} WHERE seq = -1`,
        bad: one,
      }
    },
    (n) => ({
      run: `UPDATE audit_event SET seq = -seq WHERE seq >= ${n}; UPDATE audit_event SET seq = 1 - seq WHERE seq < 0;
        INSERT INTO audit_event SELECT ${n}, at, actor_id, via, 'slipped.in', thing, outcome, space_id, detail, previous, hash FROM kept WHERE seq = ${n}`,
      bad: n,
    }),
    // From there on all is hashed again, as somebody would who knows how: only what was kept elsewhere tells.
    (n) => ({
      run: `DO $$ DECLARE r record; p text; h text; BEGIN
        UPDATE audit_event SET action = 'forged' WHERE seq = ${n};
        SELECT previous INTO p FROM audit_event WHERE seq = ${n};
        FOR r IN SELECT * FROM audit_event WHERE seq >= ${n} ORDER BY seq LOOP
          h := encode(sha256(convert_to(p || E'\\n' || array_to_json(ARRAY[r.seq::text, (extract(epoch FROM r.at) * 1000000)::bigint::text, r.actor_id::text,
            r.via, r.action, r.thing, r.outcome, r.space_id::text, r.detail::text])::text, 'UTF8')), 'hex');
          UPDATE audit_event SET previous = p, hash = h WHERE seq = r.seq;
          p := h;
        END LOOP; END $$`,
      bad: 60,
    }),
  ]
  const wrong: string[] = []
  for (let i = 0; i < 200; i++) {
    const kind = kinds[i % kinds.length] as (typeof kinds)[number]
    const { run, bad } = kind(upTo(60))
    await tamper(sql.raw(run))
    const found = await badSeq({ heads })
    if (found !== bad) wrong.push(`${run}: ${found} instead of ${bad}`)
    await tamper(sql`DELETE FROM audit_event`)
    await tamper(sql`INSERT INTO audit_event SELECT * FROM kept`)
  }
  expect(wrong).toEqual([])
  expect(await badSeq({ heads })).toBeUndefined()
}, 120_000)

test("a cut at the end is seen with a head from outside, and cannot be without one", async () => {
  await write(5)
  const head = await auditHead(world.db)
  await tamper(sql`DELETE FROM audit_event WHERE seq > 3`)
  expect(await badSeq()).toBeUndefined()
  expect(await badSeq({ heads: [head] })).toBe(4)
})

test("the table refuses to be changed by mistake", async () => {
  await write(1)
  await expect(sql`UPDATE audit_event SET action = 'x'`.execute(world.db)).rejects.toThrow(/never changed/)
  await expect(sql`DELETE FROM audit_event`.execute(world.db)).rejects.toThrow(/never changed/)
})

test("a transaction that is rolled back leaves no record, and no gap", async () => {
  await expect(
    world.db.transaction().execute(async (tx) => {
      await audit(tx, { actor: SYSTEM, action: "a.b", thing: "x/1", outcome: "done", at: 1 })
      throw new Error("no")
    }),
  ).rejects.toThrow("no")
  await write(2)
  expect(await verifyAudit(world)).toMatchObject({ ok: true, checked: 2 })
})

test("a hundred transactions at once make one chain, in whatever order they lock", async () => {
  const [one = "", two = ""] = [await space(world), await space(world)]
  const touch = (id: string) => sql`UPDATE space SET title = 'x' WHERE id = ${id}`
  const entry = { actor: SYSTEM, action: "a.b", thing: "x/1", outcome: "done", at: 1 } as const
  // Half record first and lock then, half the other way round: with a lock taken at once these would wait for each other in a circle.
  const work = (i: number) =>
    world.db.transaction().execute(async (tx) => {
      if (i % 2) await audit(tx, entry)
      await touch(i % 4 < 2 ? one : two).execute(tx)
      await audit(tx, entry)
    })
  await Promise.all(Array.from({ length: 100 }, (_, i) => work(i)))
  expect(await verifyAudit(world)).toMatchObject({ ok: true, checked: 150 })
})

test("a transaction with an old snapshot is told to try again rather than break the chain", async () => {
  const failed = await world.db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (tx) => {
      await sql`SELECT 1 FROM person`.execute(tx)
      await write(1)
      await audit(tx, { actor: SYSTEM, action: "a.b", thing: "x/1", outcome: "done", at: 1 })
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  expect(isRetryable(failed)).toBe(true)
  expect(await verifyAudit(world)).toMatchObject({ ok: true, checked: 1 })
})

test("the same denied attempt is written once and then counted, and its count is written when the time is over", async () => {
  const actor = await somebody(world)
  const attempt = () => audit(world.db, { actor, action: "notebook.read", thing: "notebook/1", outcome: "denied", at: world.clock.now() })
  for (let i = 0; i < 1000; i++) await attempt()
  expect((await auditHead(world.db)).seq).toBe(1)
  world.later(DENIED_WINDOW_MS + 1)
  await attempt()
  expect(await details()).toEqual([{}, { repeatedBefore: 999 }])
  await attempt()
  world.later(DENIED_WINDOW_MS + 1)
  await settleDenied(world.db, world.clock.now())
  await settleDenied(world.db, world.clock.now())
  expect(await details()).toEqual([{}, { repeatedBefore: 999 }, { repeated: 1 }])
  expect(await world.db.selectFrom("denied_attempt").selectAll().execute()).toEqual([])
  expect(await verifyAudit(world)).toMatchObject({ ok: true })
})

const details = async () => (await world.db.selectFrom("audit_event").select("detail").orderBy("seq").execute()).map((row) => row.detail)

test("one who tries a thousand things gets a hundred records and one for all the rest", async () => {
  const actor = await somebody(world)
  for (let i = 0; i < 1000; i++)
    await audit(world.db, { actor, action: "notebook.read", thing: `notebook/${i}`, outcome: "denied", at: world.clock.now() })
  const rows = await world.db.selectFrom("audit_event").select("thing").orderBy("seq", "desc").limit(1).execute()
  expect([(await auditHead(world.db)).seq, rows[0]?.thing]).toEqual([101, "many"])
  expect((await world.db.selectFrom("denied_attempt").select("repeats").where("thing", "=", "many").executeTakeFirst())?.repeats).toBe(899)
})

test("records hold ids and ways, never names; a list names people as they are called today", async () => {
  const admin = await somebody(world, { name: "Ada Lovelace", isAdmin: true })
  const token = byToken(admin, ["admin"])
  await audit(world.db, { actor: admin, action: "space.create", thing: "space/1", outcome: "done", at: 5 })
  await audit(world.db, { actor: token, action: "space.create", thing: "space/2", outcome: "done", at: 6 })
  const stored = await sql<{ row: string }>`SELECT audit_event::text AS row FROM audit_event`.execute(world.db)
  expect(stored.rows.map(({ row }) => row).join()).not.toMatch(/Ada|Lovelace/)
  const [last, first] = value(await listAudit(world, admin, {}))
  expect([first?.actorName, first?.via]).toEqual(["Ada Lovelace", "session"])
  expect(last?.via).toBe(`token/${token.via.kind === "token" && token.via.token}`)
})

test("an admin of a space reads its records and no others, page by page and by what one looks for", async () => {
  const admin = await somebody(world)
  const viewer = await somebody(world)
  const here = await space(world, admin)
  const there = await space(world)
  await give(world, { space: here, person: viewer.id, role: "viewer" })
  for (let i = 0; i < 25; i++)
    await audit(world.db, {
      actor: SYSTEM,
      action: i % 5 ? "notebook.move" : "space.change",
      thing: `x/${i}`,
      space: i % 2 ? here : there,
      outcome: "done",
      at: 1000 + i,
    })
  const page = value(await listAudit(world, admin, { space: here, limit: 5 }))
  const next = value(await listAudit(world, admin, { space: here, limit: 200, before: page.at(-1)?.seq }))
  expect([page.length, next.length]).toEqual([5, 7])
  expect([...page, ...next].every((each) => each.space === here)).toBe(true)
  const found = async (query: object) => value(await listAudit(world, admin, { space: here, ...query })).length
  expect(
    await Promise.all(
      [{ action: "space.change" }, { action: "notebook" }, { thing: "x/7" }, { sinceMs: 1020 }, { untilMs: 1004 }, { outcome: "denied" }].map(found),
    ),
  ).toEqual([2, 10, 1, 2, 2, 0])
  expect(refusal(await listAudit(world, admin, { space: there }))).toBe("no_such_space")
  expect(refusal(await listAudit(world, admin, {}))).toBe("not_allowed")
  expect(refusal(await listAudit(world, viewer, { space: here }))).toBe("not_allowed")
})
