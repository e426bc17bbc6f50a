import { rename } from "node:fs/promises"
import { join } from "node:path"
import { sql } from "kysely"
import { expect, test } from "vitest"
import { findPostmaster, processFacts } from "#database/embedded/postmaster.ts"
import { tendPostgres } from "#database/embedded/tend.ts"
import { openDatabase } from "#database/index.ts"
import { ownHome } from "#database/testing.ts"

test("a server that was killed comes back at the same address, also when it could not at first, until it is closed", async () => {
  const home = await ownHome()
  const told: string[] = []
  const long = { ...home, socketDir: join(home.folder, "x".repeat(90)) }
  const postgres = await tendPostgres(long, (line) => told.push(line))
  const { db, close } = openDatabase({ url: postgres.url, applicationName: "tended" })
  await sql`CREATE TABLE kept AS SELECT 42 AS n`.execute(db)

  process.kill(postgres.pid, "SIGKILL")
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(told).toEqual(["PostgreSQL had ended and was started again."])
  expect((await sql`SELECT n FROM kept`.execute(db)).rows).toEqual([{ n: 42 }])

  const [control, aside] = [join(home.dataDir, "global", "pg_control"), join(home.dataDir, "pg_control.aside")]
  await rename(control, aside)
  process.kill(findPostmaster(home.dataDir)?.pid ?? 0, "SIGKILL")
  while (told.length === 1) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(told[1]).toMatch(/^PostgreSQL had ended and could not be started again yet: PostgreSQL did not start: .*pg_control/)
  await rename(aside, control)
  expect((await sql`SELECT n FROM kept`.execute(db)).rows).toEqual([{ n: 42 }])

  await close()
  const last = findPostmaster(home.dataDir)?.pid ?? 0
  await postgres.close()
  await postgres.gone()
  expect(processFacts(last)).toBeUndefined()
  await home.remove()
})
