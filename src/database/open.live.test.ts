import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parse } from "#base/json.ts"
import { at, type Db, openDatabase, type Postgres, retrying, startPostgres, toJsonb } from "#database/index.ts"
import { freshDatabase, type OwnHome, ownHome } from "#database/testing.ts"

const ID = "01HZZZZZZZZZZZZZZZZZZZZZZZ"
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let home: OwnHome
let postgres: Postgres

beforeAll(async () => {
  home = await ownHome()
  postgres = await startPostgres(home)
})
afterAll(async () => {
  await postgres.close("immediate")
  await home.remove()
})

async function restart(mode: "fast" | "immediate", awayMs = 0): Promise<void> {
  await postgres.close(mode)
  await wait(awayMs)
  postgres = await startPostgres(home)
}

test("a row comes back as it was written: instants in milliseconds, counts as numbers, JSON to the last digit", async () => {
  const { db, close } = await freshDatabase()
  const facts = parse('{"a": 1.0, "b": [1, "x"], "big": 9007199254740993}')
  if (!facts.ok) throw new Error("unreadable")
  await db
    .insertInto("worker")
    .values({ id: ID, host: "h", pid: 1, slots: 2, started_at: new Date(1_700_000_000_123), seen_at: new Date(5), facts: toJsonb(facts.value) })
    .execute()
  const row = await db.selectFrom("worker").selectAll().where("seen_at", "<", at(6)).executeTakeFirstOrThrow()
  expect(row).toMatchObject({ started_at: 1_700_000_000_123, seen_at: 5, facts: facts.value, draining: false })
  expect(await db.selectFrom("worker").selectAll().where("seen_at", "<", at(5)).execute()).toEqual([])
  const { rows } = await sql`SELECT 7::bigint AS n, DATE '2026-03-29' AS day, '\\x00ff'::bytea AS bytes, ARRAY['a', 'b'] AS words`.execute(db)
  expect(rows).toEqual([{ n: 7, day: "2026-03-29", bytes: Buffer.from([0, 255]), words: ["a", "b"] }])
  await close()
})

test("the server restarts ten times under load: no acknowledged row is lost or doubled, and nobody who retries fails", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 4, applicationName: "load" })
  await sql`CREATE TABLE load (writer integer, n integer, PRIMARY KEY (writer, n))`.execute(db)
  let isOver = false
  const acknowledged = [0, 0, 0, 0]
  const writers = acknowledged.map(async (_, writer) => {
    for (let n = 1; !isOver; n++) {
      // The commit's answer may be lost: done twice it comes to the same.
      await retrying(() => sql`INSERT INTO load VALUES (${writer}, ${n}) ON CONFLICT DO NOTHING`.execute(db), { tries: 50 })
      acknowledged[writer] = n
    }
  })
  const goneOn = async () => {
    const from = [...acknowledged]
    while (acknowledged.some((n, writer) => n < (from[writer] ?? 0) + 5)) await wait(5)
  }
  for (let round = 0; round < 10; round++) {
    await goneOn()
    await restart(round % 2 === 0 ? "fast" : "immediate")
  }
  await goneOn()
  isOver = true
  await Promise.all(writers)
  const { rows } = await sql<{ n: number }>`SELECT max(n) AS n, count(*) AS count FROM load GROUP BY writer ORDER BY writer`.execute(db)
  expect(rows).toEqual(acknowledged.map((n) => ({ n, count: n })))
  await close()
})

test("a query waits for a server that is coming back, and says so when it does not come", async () => {
  const { db, close } = openDatabase({ url: postgres.url, applicationName: "patient", patienceMs: 10_000 })
  await sql`SELECT 1`.execute(db)
  await postgres.close()
  const waiting = sql<{ one: number }>`SELECT 1 AS one`.execute(db)
  await wait(300)
  postgres = await startPostgres(home)
  expect((await waiting).rows).toEqual([{ one: 1 }])
  await close()

  const impatient = openDatabase({ url: postgres.url, applicationName: "impatient", patienceMs: 100 })
  await postgres.close()
  await expect(sql`SELECT 1`.execute(impatient.db)).rejects.toMatchObject({
    name: "Fault",
    code: "database_unreachable",
    retry: "later",
    message: expect.stringMatching(/^The database cannot be reached \(connect E/),
  })
  postgres = await startPostgres(home)
  expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(impatient.db)).rows).toEqual([{ one: 1 }])
  await impatient.close()
})

test("messages reach every listener of their channel; after a gap each is told to look for itself", async () => {
  const database = openDatabase({ url: postgres.url, applicationName: "listener" })
  const heard: [string, string | undefined][] = []
  const stop = await database.listen("stet_run", (payload) => heard.push(["a", payload]))
  await database.listen("stet_run", (payload) => heard.push(["b", payload]))
  await database.listen('odd "name', (payload) => heard.push(["c", payload]))
  const say = (channel: string, payload: string) => sql`SELECT pg_notify(${channel}, ${payload})`.execute(database.db)
  const until = async (count: number) => {
    for (const end = performance.now() + 10_000; heard.length < count && performance.now() < end; ) await wait(5)
    return heard.splice(0).sort()
  }
  await say("stet_run", "1")
  await say('odd "name', "2")
  await say("nobody's", "3")
  expect(await until(3)).toEqual([
    ["a", "1"],
    ["b", "1"],
    ["c", "2"],
  ])
  await restart("immediate", 100)
  expect(await until(3)).toEqual([
    ["a", undefined],
    ["b", undefined],
    ["c", undefined],
  ])
  await say("stet_run", "4")
  expect(await until(2)).toEqual([
    ["a", "4"],
    ["b", "4"],
  ])
  await stop()
  await say("stet_run", "5")
  expect(await until(1)).toEqual([["b", "5"]])
  await database.close()
})

test("closing while the server is away comes to an end", async () => {
  const database = openDatabase({ url: postgres.url, applicationName: "closing" })
  await database.listen("x", () => undefined)
  await postgres.close()
  await wait(100)
  await database.close()
  postgres = await startPostgres(home)
})

test("a statement that takes too long is ended, and its connection serves the next", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 1, applicationName: "slow", statementTimeoutMs: 150 })
  await expect(sql`SELECT pg_sleep(20)`.execute(db)).rejects.toMatchObject({ code: "57014" })
  expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(db)).rows).toEqual([{ one: 1 }])
  await close()
})

test("a transaction in which we stood still is given up by the server, and goes well when it is begun anew", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 1, applicationName: "still" })
  let tries = 0
  const answered = await retrying(
    () =>
      db.transaction().execute(async (tx) => {
        await sql`SET LOCAL idle_in_transaction_session_timeout = 50`.execute(tx)
        if (++tries === 1) await wait(300)
        return (await sql<{ n: number }>`SELECT 7 AS n`.execute(tx)).rows
      }),
    { pauseMs: 1 },
  )
  expect([answered, tries]).toEqual([[{ n: 7 }], 2])
  await close()
})

test("more at once than there are connections wait their turn", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 2, applicationName: "many" })
  const all = await Promise.all(Array.from({ length: 40 }, (_, n) => sql<{ n: number }>`SELECT ${n}::int AS n, pg_sleep(0.01)`.execute(db)))
  expect(all.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 40 }, (_, n) => n))
  await close()
})

test("two who stand in each other's way both get through when they retry", async () => {
  const { db, close } = openDatabase({ url: postgres.url, applicationName: "conflict" })
  await sql`CREATE TABLE counter AS SELECT 0 AS n`.execute(db)
  const add = () =>
    retrying(
      () =>
        db
          .transaction()
          .setIsolationLevel("serializable")
          .execute(async (tx) => {
            const { rows } = await sql<{ n: number }>`SELECT n FROM counter`.execute(tx)
            await sql`UPDATE counter SET n = ${(rows[0]?.n ?? 0) + 1}`.execute(tx)
          }),
      { tries: 100, pauseMs: 5 },
    )
  await Promise.all(Array.from({ length: 20 }, add))
  expect((await sql`SELECT n FROM counter`.execute(db)).rows).toEqual([{ n: 20 }])
  await close()
})

const prepared = async (db: Db) => (await sql<{ name: string }>`SELECT name FROM pg_prepared_statements ORDER BY name`.execute(db)).rows.length

test("a statement that is asked again is prepared, and goes on after a restart, a migration and a pooler that forgets it", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 1, applicationName: "prepared" })
  await sql`CREATE TABLE thing AS SELECT 1 AS n`.execute(db)
  const ask = async () => (await sql`SELECT * FROM thing WHERE n = ${1}`.execute(db)).rows
  for (let turn = 0; turn < 8; turn++) expect(await ask()).toEqual([{ n: 1 }])
  expect(await prepared(db)).toBe(1)

  await restart("immediate")
  expect(await retrying(ask)).toEqual([{ n: 1 }])
  expect(await prepared(db)).toBe(1)

  await sql`ALTER TABLE thing ADD COLUMN also text DEFAULT 'x'`.execute(db)
  expect(await ask()).toEqual([{ n: 1, also: "x" }])
  await sql`ALTER TABLE thing DROP COLUMN also`.execute(db)
  await ask()
  await sql`ALTER TABLE thing ADD COLUMN more text DEFAULT 'y'`.execute(db)
  const inTransaction = () => db.transaction().execute(async (tx) => (await sql`SELECT * FROM thing WHERE n = ${1}`.execute(tx)).rows)
  expect(await retrying(inTransaction)).toEqual([{ n: 1, more: "y" }])
  await ask()
  await sql`ALTER TABLE thing DROP COLUMN more, ALTER COLUMN n TYPE text`.execute(db)
  // The parameter was a number when it was prepared.
  expect(await ask()).toEqual([{ n: "1" }])

  expect(await ask()).toEqual([{ n: "1" }])
  await sql`DEALLOCATE ALL`.execute(db)
  expect(await ask()).toEqual([{ n: "1" }])
  for (let turn = 0; turn < 8; turn++) expect(await ask()).toEqual([{ n: "1" }])
  expect(await prepared(db)).toBe(0)
  await close()
})

test("a prepared statement gives what it gives, whatever went wrong before: an error, a value that cannot be read, one that cannot be written", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 1, applicationName: "mishaps" })
  await sql`CREATE TABLE once (n integer PRIMARY KEY, big bigint)`.execute(db)
  const add = (n: unknown) => sql`INSERT INTO once VALUES (${n}, 1) RETURNING n, big, NULL AS nothing, 'x' AS text`.execute(db)
  const circle: { self?: unknown } = {}
  circle.self = circle
  await sql`INSERT INTO once VALUES (1, 1)`.execute(db)
  // Prepared by questions that fail, before any was answered.
  for (let turn = 0; turn < 5; turn++) await expect(add(1)).rejects.toMatchObject({ code: "23505" })
  await expect(add(circle)).rejects.toThrow("circular")
  for (const n of [2, 3]) {
    expect(await add(n)).toEqual({ rows: [{ n, big: 1, nothing: null, text: "x" }], numAffectedRows: 1n })
    await expect(add(1)).rejects.toMatchObject({ code: "23505" })
  }
  expect(await prepared(db)).toBe(1)

  const change = (big: string) => sql`UPDATE once SET big = ${big}::bigint`.execute(db)
  for (let turn = 0; turn < 5; turn++) expect(await change("5")).toMatchObject({ rows: [], numAffectedRows: 3n })
  await change("9007199254740993")
  const big = (least: number) => sql`SELECT big FROM once WHERE n >= ${least} ORDER BY n`.execute(db)
  for (let turn = 0; turn < 5; turn++) await expect(big(1)).rejects.toThrow("beyond what a JavaScript number can count")
  expect((await big(9)).rows).toEqual([])
  await change("7")
  expect((await big(2)).rows).toEqual([{ big: 7 }, { big: 7 }])
  await close()
})

test("what a prepared statement gives under another name or as another type is given so, though it was described before", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 1, applicationName: "described" })
  await sql`CREATE TABLE told AS SELECT 1 AS n, '2'::text AS word`.execute(db)
  const ask = async () => (await sql`SELECT * FROM told WHERE n = ${1}`.execute(db)).rows
  for (let turn = 0; turn < 5; turn++) expect(await ask()).toEqual([{ n: 1, word: "2" }])
  expect(await prepared(db)).toBe(1)
  await sql`ALTER TABLE told RENAME COLUMN word TO saying`.execute(db)
  for (let turn = 0; turn < 5; turn++) expect(await ask()).toEqual([{ n: 1, saying: "2" }])
  await sql`ALTER TABLE told ALTER COLUMN saying TYPE bigint USING saying::bigint`.execute(db)
  for (let turn = 0; turn < 5; turn++) expect(await ask()).toEqual([{ n: 1, saying: 2 }])
  expect(await prepared(db)).toBe(1)
  await close()
})

test("a connection holds so many statements and no more", async () => {
  const { db, close } = openDatabase({ url: postgres.url, poolSize: 1, applicationName: "flood" })
  let most = 0
  for (let n = 0; n < 700; n++) {
    for (let turn = 0; turn < 3; turn++) await sql`SELECT ${1}::int + ${sql.raw(String(n))} AS n`.execute(db)
    if (n % 50 === 0) most = Math.max(most, await prepared(db))
  }
  expect(most).toBeGreaterThan(300)
  expect(most).toBeLessThanOrEqual(512)
  await close()
})

test("an address that leads to no database of ours is told with what to check", async () => {
  const { db, close } = openDatabase({ url: postgres.url.replace("/stet?", "/nothing?"), applicationName: "lost" })
  await expect(sql`SELECT 1`.execute(db)).rejects.toMatchObject({
    code: "database_unreachable",
    retry: "never",
    message: 'The database does not let us in (database "nothing" does not exist).',
    remedy: "Check the user, the password, the name of the database and the sslmode in DATABASE_URL.",
  })
  await close()
})
