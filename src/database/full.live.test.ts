import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const ROOT = new URL("../..", import.meta.url).pathname
const run = promisify(execFile)

// Run below, on a disk of 220 MB of its own. It says what it saw as one line of JSON.
const SCRIPT = `
  import { rmSync, statfsSync, writeFileSync } from "node:fs"
  import { sql } from "kysely"
  import { openDatabase, startPostgres } from "#database/index.ts"
  const [disk] = process.argv.slice(1)
  const options = { dataDir: disk + "/postgres", socketDir: disk + "/run", marks: { lowBytes: 40e6, enoughBytes: 50e6, everyMs: 50 } }
  const failing = (work) => work().then(() => undefined, ({ code, retry, message }) => ({ code, retry, message }))
  let postgres = await startPostgres(options)
  const { db, close } = openDatabase({ url: postgres.url, applicationName: "full", patienceMs: 500 })
  await sql\`CREATE TABLE t (n serial PRIMARY KEY, x text)\`.execute(db)
  const add = () => sql\`INSERT INTO t (x) SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 30000)\`.execute(db)
  const count = async () => Number((await sql\`SELECT count(*) AS n FROM t\`.execute(db)).rows[0].n)
  const seen = { written: 0 }
  const leave = (bytes) => {
    rmSync(disk + "/filler", { force: true })
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(disk + "/filler", Buffer.alloc(bavail * bsize - bytes))
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20))
  const untilRefused = async () => {
    for (let refused; ; await pause(), seen.written++) if ((refused = await failing(add))) return refused
  }

  leave(20e6)
  seen.nearly = await untilRefused()
  seen.readable = (await count()) === seen.written
  await postgres.close("leave")
  postgres = await startPostgres(options)
  rmSync(disk + "/filler")
  while (await failing(add)) await pause()
  seen.written++

  leave(0)
  const log = () => sql\`SELECT pg_logical_emit_message(false, 'x', repeat('y', 3000000))\`.execute(db)
  while (!(seen.logRefused = await failing(log)));
  // Waiting for its end keeps nobody running.
  const awake = setInterval(() => {}, 1000)
  await postgres.gone()
  clearInterval(awake)
  await postgres.close("leave")
  seen.startRefused = await failing(() => startPostgres(options))
  rmSync(disk + "/filler")
  const again = await startPostgres(options)
  seen.kept = (await count()) === seen.written
  while (await failing(add)) await pause()
  await close()
  await again.close("immediate")
  console.log(JSON.stringify(seen))
`

// Mounting needs root, in a namespace of mounts that goes with its process.
test.runIf(process.getuid?.() === 0)(
  "on a disk nearly full writing is refused and reading goes on; full, the server says so; with room again, all is there and writing goes on",
  async () => {
    const disk = await mkdtemp(join(tmpdir(), "stet-test-disk-"))
    const script = `mount -t tmpfs -o size=220m tmpfs "$1" && cd "$2" && exec "$3" --input-type=module -e "$4" "$1"`
    const { stdout } = await run("unshare", ["--mount", "sh", "-c", script, "sh", disk, ROOT, process.execPath, SCRIPT])
    const seen = JSON.parse(stdout)
    const full = { code: "disk_full", retry: "later" }
    expect(seen).toMatchObject({
      nearly: {
        ...full,
        message: expect.stringMatching(/^The database (takes no changes, because its disk is nearly full or it is a standby|has no room left) \(/),
      },
      readable: true,
      kept: true,
    })
    // When not even the log of changes finds room the server itself gives up, and says so when it is to start.
    expect(["disk_full", "database_unreachable"]).toContain(seen.logRefused.code)
    expect(seen.startRefused).toMatchObject({
      ...full,
      message: expect.stringMatching(/^PostgreSQL did not start: could not write to file "pg_wal.*No space left on device\.$/),
    })
    await rm(disk, { recursive: true })
  },
)
