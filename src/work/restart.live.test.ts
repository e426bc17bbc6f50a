/** PostgreSQL goes and comes back while runs are under way: nothing is lost, nothing is told twice, nobody is declared dead. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import { expect, test } from "vitest"
import { migrate, type Postgres, startPostgres } from "#database/index.ts"
import { MIGRATIONS } from "#database/testing.ts"
import { scriptedKernels, stdout, waits } from "#kernel/adapters/scripted.ts"
import { logFrom } from "#work/reads.ts"
import { eventually, platformAt } from "#work/testing.ts"
import { openWatch } from "#work/watch.ts"

const MODES = ["fast", "immediate"] as const

test("PostgreSQL is restarted again and again under load: every run succeeds, whole and in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stet-restart-"))
  const options = { dataDir: join(folder, "data"), socketDir: join(folder, "run") }
  let postgres: Postgres = await startPostgres(options)
  await migrate(postgres.url, MIGRATIONS)
  const at = await platformAt({ url: postgres.url, home: join(folder, "home") })
  try {
    const kernels = scriptedKernels(({ code }) => Array.from({ length: 10 }, (_, line) => [stdout(`${code} ${line}\n`), waits(2)]).flat(), {
      tickMs: 20,
    })
    const notebook = await at.notebook("long.ipynb", "script", ...Array.from({ length: 12 }, (_, index) => `cell ${index}`))
    await at.worker({ kernels, slots: 4, leaseMs: 3_000 })
    const watch = await openWatch(at.database.listen)
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await at.launch({ notebook })).id))
    let wakes = 0
    for (const id of ids) watch.subscribe(id, () => wakes++)
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((next) => setTimeout(next, 1_000))
      await postgres.close(MODES[turn % 2]!)
      // Longer than a lease is good for, once.
      await new Promise((next) => setTimeout(next, turn === 1 ? 4_000 : 300))
      postgres = await startPostgres(options)
    }
    const expected = Array.from({ length: 120 }, (_, line) => `cell ${Math.floor(line / 10)} ${line % 10}\n`).join("")
    for (const id of ids) {
      const run = await at.until(id, undefined, 60_000)
      expect(run, run.explanation).toMatchObject({ state: "succeeded", attempt: 1 })
      expect(await logFrom(at.world, at.admin, { id, offset: 0 })).toMatchObject({ value: { text: expected } })
      const { rows } = await sql<{ gaps: number }>`SELECT max(seq) - count(*) AS gaps FROM run_event WHERE run_id = ${id}`.execute(at.database.db)
      expect(rows[0]!.gaps).toBe(0)
    }
    // Whoever listens is heard again after the last return.
    wakes = 0
    const late = await at.launch({ notebook })
    watch.subscribe(late.id, () => wakes++)
    await at.until(late.id)
    await eventually("it was heard", async () => wakes > 0, 5_000)
    await watch.close()
  } finally {
    await at.close()
    await postgres.close("immediate")
    rmSync(folder, { recursive: true, force: true })
  }
}, 180_000)
