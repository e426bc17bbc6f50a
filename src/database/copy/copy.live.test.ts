import { randomBytes } from "node:crypto"
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import pg from "pg"
import { expect, test } from "vitest"
import { drain } from "#database/copy/bytes.ts"
import { copyIn, copyOut } from "#database/copy/stream.ts"
import { type Db, directorySink, directorySource, dumpDatabase, dumpSchema, migrate, restoreDatabase, verifyDump } from "#database/index.ts"
import { dropDatabase, emptyDatabase, freshDatabase, MIGRATIONS } from "#database/testing.ts"

const id = (n: number) => n.toString().padStart(26, "0")
const folder = () => mkdtemp(join(tmpdir(), "stet-dump-"))

// Text that COPY has to escape, and what tells one null from another.
const HARD = "tab\there, line\nbreak, return\r, back\\slash, \\N, \\., quote\", é, 𝄞, '"

async function fill(db: Db, workers: number): Promise<void> {
  await sql`INSERT INTO worker (id, host, pid, slots, started_at, seen_at, facts)
    SELECT lpad(n::text, 26, '0'), ${HARD}::text || n, n, 1, to_timestamp(n / 7.0), now(), jsonb_build_object('n', n, 'text', ${HARD}::text)
    FROM generate_series(1, ${workers}::int) AS n`.execute(db)
  const person = { kind: "person", created_at: new Date(1) } as const
  await db
    .insertInto("person")
    .values([
      { ...person, id: id(901), name: HARD, email: "" },
      { ...person, id: id(902), name: "" },
    ])
    .execute()
}

async function rowsOf(url: string, table: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(`SELECT t::text FROM ${table} t ORDER BY 1`)
  await client.end()
  return rows
}

test("what was dumped is restored to the last byte, triggers stand as before, and two dumps of the same rows are the same", async () => {
  const database = await freshDatabase()
  await fill(database.db, 20_000)
  await sql`SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), 41)`.execute(database.db)
  const place = await folder()
  const manifest = await dumpDatabase({ url: database.url, sink: directorySink(place), now: 0 })
  expect(manifest).toMatchObject({
    format: 1,
    madeAt: "1970-01-01T00:00:00.000Z",
    sequences: expect.arrayContaining([
      { name: "audit_entry_id_seq", value: 41, isUsed: true },
      { name: "notice_id_seq", value: 1, isUsed: false },
    ]),
  })
  expect(manifest.tables.find(({ name }) => name === "worker")).toMatchObject({ rows: 20_000 })
  expect(await verifyDump(directorySource(place))).toEqual(manifest)

  const url = await emptyDatabase("template0")
  await restoreDatabase({ url, source: directorySource(place), migrations: MIGRATIONS })
  for (const { name } of manifest.tables) expect([name, await rowsOf(url, name)]).toEqual([name, await rowsOf(database.url, name)])
  expect(await dumpSchema(url)).toEqual(await dumpSchema(database.url))
  const { rows } = await ask(url, "SELECT count(*)::int AS off FROM pg_trigger WHERE tgenabled <> 'O'")
  expect(rows).toEqual([{ off: 0 }])

  const again = await folder()
  const second = await dumpDatabase({ url, sink: directorySink(again), now: 0 })
  expect(second).toEqual(manifest)
  await Promise.all([place, again].map((each) => rm(each, { recursive: true })))
  await dropDatabase(url)
  await database.close()
})

async function ask(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(text)
  } finally {
    await client.end()
  }
}

test("a dump is of one moment, while others write", async () => {
  const database = await freshDatabase()
  let [isOver, written] = [false, 0]
  // Each transaction adds a person and a grantless identity of hers: a dump with one and without the other is torn.
  const writing = (async () => {
    for (let n = 1; !isOver; n++) {
      await database.db.transaction().execute(async (tx) => {
        await tx
          .insertInto("person")
          .values({ id: id(n), kind: "person", name: "p", created_at: new Date(0) })
          .execute()
        await tx
          .insertInto("identity")
          .values({ issuer: "i", subject: String(n), person_id: id(n), created_at: new Date(0) })
          .execute()
      })
      written = n
    }
  })()
  const place = await folder()
  const sink = directorySink(place)
  const slow = {
    async write(name: string, bytes: AsyncIterable<Uint8Array>) {
      await sink.write(name, bytes)
      await new Promise((resolve) => setTimeout(resolve, 15))
    },
  }
  while (written < 20) await new Promise((resolve) => setTimeout(resolve, 10))
  const { tables } = await dumpDatabase({ url: database.url, sink: slow, now: 0 })
  const during = written
  isOver = true
  await writing
  const rows = (table: string) => tables.find(({ name }) => name === table)?.rows ?? 0
  expect(rows("identity")).toBeGreaterThan(0)
  expect(rows("identity")).toBeLessThan(during)
  expect(rows("person") - rows("identity")).toBe(Number((await ask(await emptyDatabase("stet"), "SELECT count(*) AS n FROM person")).rows[0].n))
  await rm(place, { recursive: true })
  await database.close()
})

test("every one of 100 flipped bytes is found, and nothing of a damaged dump stays in the database", async () => {
  const database = await freshDatabase()
  await fill(database.db, 300)
  const place = await folder()
  await dumpDatabase({ url: database.url, sink: directorySink(place), now: 0 })
  const files = (await readdir(place, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
  const url = await emptyDatabase("template0")
  for (let n = 0; n < 100; n++) {
    const file = files[n % files.length] as string
    const bytes = await readFile(file)
    const at = randomBytes(4).readUInt32LE() % bytes.length
    bytes[at] = (bytes[at] as number) ^ (1 << (n % 8))
    await writeFile(file, bytes)
    await expect(verifyDump(directorySource(place)), `${file}, byte ${at}`).rejects.toMatchObject({ code: "backup_damaged" })
    if (n < 3)
      await expect(restoreDatabase({ url, source: directorySource(place), migrations: MIGRATIONS })).rejects.toMatchObject({ code: "backup_damaged" })
    bytes[at] = (bytes[at] as number) ^ (1 << (n % 8))
    await writeFile(file, bytes)
  }
  await restoreDatabase({ url, source: directorySource(place), migrations: MIGRATIONS })
  await rm(place, { recursive: true })
  await dropDatabase(url)
  await database.close()
})

test("a dump is refused: into a database that is not empty, without its last file, of newer code", async () => {
  const database = await freshDatabase()
  const place = await folder()
  await dumpDatabase({ url: database.url, sink: directorySink(place), now: 0 })
  const source = directorySource(place)
  await expect(restoreDatabase({ url: database.url, source, migrations: MIGRATIONS })).rejects.toMatchObject({
    code: "busy",
    message: expect.stringMatching(/^The database to restore into is not empty: it has \d+ tables, such as /),
  })
  const url = await emptyDatabase("template0")
  const older = await folder()
  await expect(restoreDatabase({ url, source, migrations: older })).rejects.toMatchObject({ code: "database_mismatch" })
  await rm(join(place, "manifest.json"))
  await expect(verifyDump(source)).rejects.toMatchObject({ code: "storage_unreadable", message: expect.stringContaining("the backup is not whole") })
  await Promise.all([place, older].map((each) => rm(each, { recursive: true })))
  await dropDatabase(url)
  await database.close()
})

test("a dump of the last schema is restored by code that has gone on", async () => {
  const database = await freshDatabase()
  await fill(database.db, 5)
  const place = await folder()
  await dumpDatabase({ url: database.url, sink: directorySink(place), now: 0 })
  const newer = await folder()
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}/.test(name))
  for (const name of names) await writeFile(join(newer, name), await readFile(join(MIGRATIONS, name)))
  await writeFile(join(newer, `${String(names.length + 1).padStart(4, "0")}.sql`), "ALTER TABLE worker ADD COLUMN colour text NOT NULL DEFAULT 'red'")
  const url = await emptyDatabase("template0")
  await restoreDatabase({ url, source: directorySource(place), migrations: newer })
  expect((await ask(url, "SELECT count(*)::int AS n FROM worker WHERE colour = 'red'")).rows).toEqual([{ n: 5 }])
  await expect(migrate(url, MIGRATIONS)).rejects.toMatchObject({ code: "database_mismatch" })
  await Promise.all([place, newer].map((each) => rm(each, { recursive: true })))
  await dropDatabase(url)
  await database.close()
})

test("a folder that cannot be written is told in a sentence", async () => {
  const database = await freshDatabase()
  const place = await folder()
  await writeFile(join(place, "tables"), "in the way")
  await expect(dumpDatabase({ url: database.url, sink: directorySink(place), now: 0 })).rejects.toMatchObject({
    code: "storage_unwritable",
    message: expect.stringContaining("cannot be written"),
  })
  await rm(place, { recursive: true })
  await database.close()
})

test("streams: a slow reader holds the server back, one who leaves early leaves the connection usable, errors are told", async () => {
  const url = await emptyDatabase("template0")
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const before = process.memoryUsage().rss
  let [sizeBytes, peak, pieces] = [0, 0, 0]
  for await (const piece of copyOut(client, "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 400000)) TO STDOUT")) {
    sizeBytes += piece.length
    if (pieces++ % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    peak = Math.max(peak, process.memoryUsage().rss - before)
  }
  expect(sizeBytes).toBe(400_000 * 1001)
  expect(peak).toBeLessThan(200_000_000)

  for await (const piece of copyOut(client, "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 50000)) TO STDOUT")) {
    expect(piece.length).toBeGreaterThan(0)
    break
  }
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }])

  await expect(drain(copyOut(client, "COPY (SELECT 1 / (5 - n) FROM generate_series(1, 9) n) TO STDOUT"))).rejects.toThrow("division by zero")
  await client.query("CREATE TABLE t (n integer)")
  const lines = async function* () {
    yield Buffer.from("1\n2\n")
    yield Buffer.from("three\n")
  }
  await expect(copyIn(client, "COPY t FROM STDIN", lines())).rejects.toThrow("invalid input syntax")
  const broken = async function* () {
    yield Buffer.from("1\n")
    throw new Error("the disk went away")
  }
  await expect(copyIn(client, "COPY t FROM STDIN", broken())).rejects.toThrow("the disk went away")
  expect((await client.query("SELECT count(*)::int AS n FROM t")).rows).toEqual([{ n: 0 }])
  await client.end()
  await dropDatabase(url)
})

test("a dump takes no more memory than a few pieces, however large the table", async () => {
  const database = await freshDatabase()
  await sql`CREATE TABLE large (id integer PRIMARY KEY, text text)`.execute(database.db)
  await sql`INSERT INTO large SELECT n, repeat(md5(n::text), 100) FROM generate_series(1, 40000) n`.execute(database.db)
  const place = await folder()
  const before = process.memoryUsage().rss
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss - before)
  }, 5)
  await dumpDatabase({ url: database.url, sink: directorySink(place), now: 0 })
  clearInterval(watch)
  // The table has 128 MB.
  expect(peak).toBeLessThan(200_000_000)
  expect((await stat(join(place, "tables", "large.copy.gz"))).size).toBeGreaterThan(1_000_000)
  await rm(place, { recursive: true })
  await database.close()
})
