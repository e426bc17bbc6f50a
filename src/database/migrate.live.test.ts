import { spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { expect, test } from "vitest"
import { dumpSchema, migrate } from "#database/index.ts"
import { dropDatabase, emptyDatabase, MIGRATIONS } from "#database/testing.ts"

const ROOT = new URL("../..", import.meta.url).pathname

test("an empty database gets the schema once", async () => {
  const url = await emptyDatabase("template0")
  expect(await migrate(url, MIGRATIONS)).toMatchObject({ from: 0, applied: expect.arrayContaining(["0001.sql"]) })
  expect(await migrate(url, MIGRATIONS)).toMatchObject({ applied: [] })
  await dropDatabase(url)
})

test("of several who start at once one migrates, and all find it done", async () => {
  const url = await emptyDatabase("template0")
  const done = await Promise.all(Array.from({ length: 6 }, () => migrate(url, MIGRATIONS)))
  expect(done.filter(({ applied }) => applied.length > 0)).toHaveLength(1)
  await dropDatabase(url)
})

// Each makes a table, fills it and changes it: half of one would be seen.
const STEPS = [1, 2, 3].map(
  (n) => `CREATE TABLE t${n} (n integer); INSERT INTO t${n} VALUES (${n}); ALTER TABLE t${n} ADD COLUMN m integer NOT NULL DEFAULT ${n};`,
)

async function folderWith(steps: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stet-migrations-"))
  for (const [i, sql] of steps.entries()) await writeFile(join(folder, `000${i + 1}.sql`), sql)
  return folder
}

/** Stands between a client and the server; at its n-th message the client is cut off, before or after the server has got it. */
async function cutting(url: string, at: number, when: "before" | "after"): Promise<{ url: string; seen(): number; close(): void }> {
  const folder = await mkdtemp(join(tmpdir(), "stet-cut-"))
  const real = new URL(url).searchParams.get("host")
  let seen = 0
  const sockets: Socket[] = []
  const server = createServer((client) => {
    const upstream = connect(`${real}/.s.PGSQL.5432`)
    sockets.push(client, upstream)
    for (const socket of [client, upstream]) socket.on("error", () => undefined)
    client.on("data", (bytes) => {
      seen++
      if (seen === at && when === "before") return upstream.destroy()
      if (seen === at) return upstream.write(bytes, () => upstream.end())
      upstream.write(bytes)
    })
    upstream.on("data", (bytes) => client.write(bytes))
    upstream.on("close", () => client.destroy())
    client.on("close", () => upstream.end())
  })
  await new Promise<void>((resolve) => server.listen(`${folder}/.s.PGSQL.5432`, resolve))
  return {
    url: url.replace(/host=.*/, `host=${encodeURIComponent(folder)}`),
    seen: () => seen,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function contents(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(
    "SELECT t1.n + t2.n + t3.n + t1.m + t2.m + t3.m AS sum, (SELECT count(*) FROM migration) AS applied FROM t1, t2, t3",
  )
  await client.end()
  return rows
}

test.each(["before", "after"] as const)(
  "cut off at any of its messages (%s the server has it), the next one goes on where it stopped",
  async (when) => {
    const folder = await folderWith(STEPS)
    let cuts = 0
    for (let at = 2; ; at++) {
      const url = await emptyDatabase("template0")
      const between = await cutting(url, at, when)
      const first = await migrate(between.url, folder).catch((error: unknown) => error)
      const wasCut = between.seen() >= at
      between.close()
      await migrate(url, folder)
      expect(await contents(url)).toEqual([{ sum: 12, applied: "3" }])
      await dropDatabase(url)
      if (!wasCut) {
        expect(first).toMatchObject({ applied: ["0001.sql", "0002.sql", "0003.sql"] })
        break
      }
      cuts++
    }
    // Lock, version, table, rows, and four for each of three steps.
    expect(cuts).toBeGreaterThan(15)
    await rm(folder, { recursive: true })
  },
)

test("killed while a step is under way, the step is done again from its beginning", async () => {
  const folder = await folderWith([STEPS[0] ?? "", `${STEPS[1]} SELECT pg_sleep(0.6);`, STEPS[2] ?? ""])
  const url = await emptyDatabase("template0")
  const code = `import { migrate } from "#database/index.ts"; process.stdout.write("."); await migrate(process.argv[1], process.argv[2])`
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, url, folder], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] })
  await new Promise((resolve) => child.stdout.once("data", resolve))
  const asking = new pg.Client({ connectionString: url })
  await asking.connect()
  // Until it sleeps in its second step.
  for (let rows = 0; rows === 0; ) {
    const { rowCount } = await asking.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
    rows = rowCount ?? 0
  }
  child.kill("SIGKILL")
  expect(await migrate(url, folder)).toMatchObject({ from: 1, applied: ["0002.sql", "0003.sql"] })
  expect(await contents(url)).toEqual([{ sum: 12, applied: "3" }])
  await asking.end()
  await dropDatabase(url)
  await rm(folder, { recursive: true })
})

test("a migration that PostgreSQL refuses is named with its line, and leaves nothing", async () => {
  const folder = await folderWith([`CREATE TABLE t1 (n integer);\n\nCREATE TABLE t2 (n nothing);`])
  const url = await emptyDatabase("template0")
  await expect(migrate(url, folder)).rejects.toThrow('0001.sql, line 3: type "nothing" does not exist')
  expect((await dumpSchema(url)).schema).not.toContain("CREATE TABLE")
  await dropDatabase(url)
  await rm(folder, { recursive: true })
})
