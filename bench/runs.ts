/**
 * `node bench/runs.ts [--records 500000] [--scripted 300] [--real 60] [--short]`
 *
 * Runs through the platform, with so many records of earlier runs in the database: how long an order takes to be accepted, how
 * long until its first cell runs on a warm and on a cold kernel, and how many runs a second one worker carries. The worker is a
 * process of its own, PostgreSQL is embedded and durable. JUPYTER_PATH must show a kernel named python3.
 * Exit 1 when a promise is not kept (not with --short, which only shows that it works).
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { sql } from "kysely"
import { migrate, startPostgres } from "../src/database/index.ts"
import { eventsAfter, listRuns } from "../src/work/index.ts"
import { type Platform, platformAt } from "../src/work/testing.ts"
import { describeMachine } from "./report.ts"

const { values: options } = parseArgs({
  options: {
    records: { type: "string", default: "500000" },
    scripted: { type: "string", default: "300" },
    real: { type: "string", default: "60" },
    short: { type: "boolean", default: false },
  },
})
const RECORDS = options.short ? 2_000 : Number(options.records)
const SCRIPTED = options.short ? 20 : Number(options.scripted)
const REAL = options.short ? 6 : Number(options.real)

const MIGRATIONS = fileURLToPath(new URL("../db", import.meta.url))
const PROCESS = fileURLToPath(new URL("../src/work/process.testing.ts", import.meta.url))

type Line = { readonly what: string; readonly value: number; readonly unit: string; readonly promise: string; readonly kept: boolean }
const lines: Line[] = []

function report(what: string, value: number, more: { readonly unit: string; readonly most?: number; readonly least?: number }): void {
  const { unit, most, least } = more
  const kept = (most === undefined || value <= most) && (least === undefined || value >= least)
  const promise = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : ""
  lines.push({ what, value, unit, promise, kept })
  process.stdout.write(
    `${what.padEnd(58)} ${value.toFixed(value < 10 ? 2 : 0).padStart(7)} ${unit.padEnd(8)} ${promise.padEnd(8)} ${kept ? "" : "NOT KEPT"}\n`,
  )
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}

async function times(count: number, act: () => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const since = performance.now()
    await act()
    took.push(performance.now() - since)
  }
  return took
}

async function inParallel(count: number, lanes: number, act: () => Promise<void>): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left-- > 0) await act()
    }),
  )
}

const AT_ONCE = 10_000

async function fill(at: Platform, notebook: string): Promise<void> {
  for (let from = 1; from <= RECORDS; from += AT_ONCE) {
    const ago = sql`now() - interval '1 year' + n * interval '1 second'`
    await sql`
      INSERT INTO run (id, space_id, notebook_id, version, version_sha256, trigger, ordered_by, created_at, queued_at, state, ended_at)
      SELECT lpad(n::text, 26, '0'), ${at.space}, ${notebook}, 1, repeat('a', 64), 'person', ${at.admin.id}, ${ago}, ${ago}, 'succeeded', ${ago}
      FROM generate_series(${from}::int, ${Math.min(from + AT_ONCE - 1, RECORDS)}::int) AS n`.execute(at.database.db)
  }
  await sql`ANALYZE run`.execute(at.database.db)
}

async function withWorker<Value>(
  at: Platform,
  spec: { readonly slots: number; readonly real: boolean; readonly warm: number },
  act: () => Promise<Value>,
): Promise<Value> {
  const child: ChildProcess = spawn(process.execPath, [PROCESS, JSON.stringify({ url: at.url, home: at.home, leaseMs: 20_000, ...spec })], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await new Promise((resolve) => child.stdout?.once("data", resolve))
  try {
    return await act()
  } finally {
    const gone = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGTERM")
    await gone
  }
}

/** Milliseconds from the order to the first cell, by the clocks of the records. */
async function firstCellMs(at: Platform, id: string): Promise<number> {
  const run = await at.until(id)
  const events = await eventsAfter(at.world, at.admin, { id, seq: 0 })
  if (!events.ok) throw new Error(events.refusal.message)
  const cell = events.value.events.find(({ type }) => type === "cell")
  if (!cell) throw new Error(`${id} ran no cell: ${run.explanation}`)
  return Date.parse((JSON.parse(cell.what) as { startedAt: string }).startedAt) - run.createdAt
}

async function sustained(at: Platform, notebook: string, count: number): Promise<number> {
  const ids: string[] = []
  const since = performance.now()
  await inParallel(count, 8, async () => {
    ids.push((await at.launch({ notebook })).id)
  })
  for (const id of ids) {
    const run = await at.until(id, undefined, 300_000)
    if (run.state !== "succeeded") throw new Error(`${id}: ${run.state} ${run.explanation}`)
  }
  return (count * 1000) / (performance.now() - since)
}

async function measure(at: Platform): Promise<void> {
  const scripted = await at.notebook("scripted.ipynb", "script", "a", "b")
  const real = await at.notebook("real.ipynb", "python3", "x = 1", "print(x)")
  await fill(at, scripted)
  const accepting = await times(SCRIPTED, async () => void (await at.launch({ notebook: scripted })))
  report("accepted, one after the other, p95", percentile(accepting, 0.95), { unit: "ms", most: 30 })
  const listing = await times(100, async () => void (await listRuns(at.world, at.admin, { limit: 50 })))
  report(`listed 50 of ${RECORDS.toLocaleString("en-US")}, p95`, percentile(listing, 0.95), { unit: "ms", most: 100 })
  await withWorker(at, { slots: 8, real: false, warm: 0 }, async () => {
    const since = performance.now()
    const { rows } = await sql<{ id: string }>`SELECT id FROM run WHERE state IN ('queued', 'running')`.execute(at.database.db)
    for (const { id } of rows) await at.until(id, undefined, 300_000)
    report(`a queue of ${rows.length} worked off, scripted kernel`, (rows.length * 1000) / (performance.now() - since), { unit: "runs/s", least: 5 })
    report("accepted and run at once, scripted kernel", await sustained(at, scripted, SCRIPTED), { unit: "runs/s", least: 5 })
  })
  for (const { warm, most } of [
    { warm: 0, most: 2_500 },
    { warm: 2, most: 400 },
  ]) {
    await withWorker(at, { slots: 4, real: true, warm }, async () => {
      const took: number[] = []
      await at.until((await at.launch({ notebook: real })).id)
      for (let turn = 0; turn < Math.max(5, REAL / 4); turn++) {
        // Time for a kernel to be made ready: what is measured is not the making.
        await new Promise((next) => setTimeout(next, warm > 0 ? 1_500 : 0))
        took.push(await firstCellMs(at, (await at.launch({ notebook: real })).id))
      }
      report(`ordered → first cell, ${warm > 0 ? "warm" : "cold"}, p95`, percentile(took, 0.95), { unit: "ms", most })
      if (warm > 0) report("accepted and run at once, Python kernels", await sustained(at, real, REAL), { unit: "runs/s", least: 3 })
    })
  }
}

const folder = mkdtempSync(join(tmpdir(), "stet-bench-runs-"))
const postgres = await startPostgres({ dataDir: join(folder, "data"), socketDir: join(folder, "run") })
try {
  process.stdout.write(`${JSON.stringify(describeMachine())}\n${RECORDS.toLocaleString("en-US")} earlier runs\n`)
  await migrate(postgres.url, MIGRATIONS)
  const at = await platformAt({ url: postgres.url, home: join(folder, "home") })
  await measure(at).finally(() => at.close())
} finally {
  await postgres.close()
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = !options.short && lines.some(({ kept }) => !kept) ? 1 : 0
