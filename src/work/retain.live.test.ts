import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { error, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { logFrom, resultOf } from "#work/reads.ts"
import { retain, workFacts } from "#work/retain.ts"
import { type Platform, platform } from "#work/testing.ts"

const kernels = scriptedKernels({ hello: stdout("hello\n"), bad: error("ValueError", "no") })
const NEVER = { eventDays: 0, artifactDays: 0, journalDays: 0, resultDays: 0, journalBytes: 0, resultBytes: 0 }

let at: Platform
beforeAll(async () => {
  at = await platform()
})
afterAll(() => at.close())

/** As if it had all happened so many days earlier. */
async function age(id: string, days: number): Promise<void> {
  const earlier = sql`interval '1 day' * ${days}`
  await sql`UPDATE run SET ended_at = ended_at - ${earlier} WHERE id = ${id}`.execute(at.database.db)
  await sql`UPDATE attempt SET ended_at = ended_at - ${earlier} WHERE run_id = ${id}`.execute(at.database.db)
}

test("events, journals and results go when they are old; never the last good result of a notebook, nor its newest run's", async () => {
  const worker = await at.worker({ kernels })
  const run = async (...cells: string[]) => {
    await at.notebook("kept.ipynb", "script", ...cells)
    return (await at.until((await at.launch({ notebook: "team/kept.ipynb" })).id)).id
  }
  const [first, good, newest] = [await run("hello"), await run("hello", "hello"), await run("bad")]
  for (const [id, days] of [
    [first, 100],
    [good, 90],
    [newest, 80],
  ] as const)
    await age(id, days)
  expect(await retain(at.world, NEVER)).toEqual({ events: 0, artifacts: 0, journals: 0, results: 0 })
  expect(await retain(at.world, { ...NEVER, eventDays: 85 })).toMatchObject({ events: expect.any(Number), results: 0 })
  expect(await logFrom(at.world, at.admin, { id: good, offset: 0 })).toMatchObject({ value: { text: "", eof: true } })
  expect(await logFrom(at.world, at.admin, { id: newest, offset: 0 })).toMatchObject({ value: { text: expect.stringContaining("ValueError") } })
  expect(await retain(at.world, { ...NEVER, journalDays: 95 })).toMatchObject({ journals: 1 })
  expect(await retain(at.world, { ...NEVER, resultDays: 10 })).toMatchObject({ results: 1 })
  expect(await resultOf(at.world, at.admin, { id: first })).toMatchObject({ ok: false, refusal: { refused: "no_result" } })
  expect(await resultOf(at.world, at.admin, { id: good })).toMatchObject({ ok: true })
  expect(await resultOf(at.world, at.admin, { id: newest })).toMatchObject({ ok: true })
  expect(await retain(at.world, { ...NEVER, resultDays: 10 })).toMatchObject({ results: 0 })
  // What went has its record, and only that.
  const recorded = await sql<{ action: string; count: number }>`
    SELECT action, (detail->>'count')::int AS count FROM audit_event WHERE action LIKE '%.forget' ORDER BY seq`.execute(at.database.db)
  expect(recorded.rows).toEqual([
    { action: "events.forget", count: expect.any(Number) },
    { action: "journals.forget", count: 1 },
    { action: "results.forget", count: 1 },
  ])
  await worker.stop()
  expect(await workFacts(at.world)).toMatchObject({ queued: 0, running: 0, longestWaitMs: 0 })
})

test("files that runs wrote go when they are old, with a record of it; those of the last good run and of the newest stay", async () => {
  const worker = await at.worker({ kernels })
  const run = async () => (await at.until((await at.launch({ notebook: await at.notebook("writes.ipynb", "script", "hello") })).id)).id
  const [first, second, newest] = [await run(), await run(), await run()]
  await worker.stop()
  const blob = await at.library.blobs.put(new TextEncoder().encode("1,2\n"))
  for (const [id, days] of [
    [first, 95],
    [second, 40],
    [newest, 20],
  ] as const) {
    await sql`INSERT INTO blob (sha256, size_bytes, created_at) VALUES (${blob.sha256}, 4, now()) ON CONFLICT DO NOTHING`.execute(at.database.db)
    await sql`INSERT INTO artifact (run_id, attempt, path, sha256, size_bytes, media_type) VALUES (${id}, 1, 'out.csv', ${blob.sha256}, 4, 'text/csv')`.execute(
      at.database.db,
    )
    await age(id, days)
  }
  const left = async () => {
    const { rows } = await sql<{ run_id: string }>`SELECT run_id FROM artifact ORDER BY run_id`.execute(at.database.db)
    return rows.map(({ run_id }) => run_id)
  }
  expect((await workFacts(at.world)).keptArtifactBytes).toBe(12)
  expect(await retain(at.world, { ...NEVER, artifactDays: 90 })).toMatchObject({ artifacts: 1 })
  expect(await left()).toEqual([second, newest])
  expect(await retain(at.world, { ...NEVER, artifactDays: 30 })).toMatchObject({ artifacts: 1 })
  expect(await left()).toEqual([newest])
  expect(await retain(at.world, { ...NEVER, artifactDays: 1 })).toMatchObject({ artifacts: 0 })
  expect((await workFacts(at.world)).keptArtifactBytes).toBe(4)
  const recorded = await sql<{ detail: unknown }>`SELECT detail FROM audit_event WHERE action = 'artifacts.forget' ORDER BY seq`.execute(
    at.database.db,
  )
  expect(recorded.rows.map(({ detail }) => detail)).toEqual([
    { count: 1, days: 90 },
    { count: 1, days: 30 },
  ])
})

test("what takes more than it may goes oldest first; never what proves a template, what a public link shows, the last good result, the newest", async () => {
  const worker = await at.worker({ kernels })
  const { db } = at.database
  await sql`UPDATE attempt SET result_sha256 = NULL, journal_sha256 = NULL`.execute(db)
  const run = async (name: string) => {
    await at.notebook(name, "script", "hello")
    return (await at.until((await at.launch({ notebook: `team/${name}` })).id)).id
  }
  const [oldest, shown, second, third, newest] = [
    await run("b.ipynb"),
    await run("b.ipynb"),
    await run("b.ipynb"),
    await run("b.ipynb"),
    await run("b.ipynb"),
  ]
  for (const [index, id] of [oldest, shown, second, third, newest].entries()) await age(id, 50 - index)
  await sql`INSERT INTO public_result (id, secret_digest, run_id, attempt, with_code, made_by, made_at)
    VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', ${"0".repeat(64)}, ${shown}, 1, true, ${at.admin.id}, now())`.execute(db)
  const has = async (what: "result" | "journal") => {
    const column = sql.ref(`${what}_sha256`)
    const found = await sql<{ id: string }>`SELECT run_id AS id FROM attempt WHERE ${column} IS NOT NULL ORDER BY run_id`.execute(db)
    return found.rows.map(({ id }) => id)
  }
  const size = async (...runs: string[]) => {
    const found = await sql<{ bytes: number }>`
      SELECT sum(b.size_bytes)::int AS bytes FROM attempt a JOIN blob b ON b.sha256 = a.result_sha256 WHERE a.run_id = ANY(${runs}::text[])`.execute(
      db,
    )
    return found.rows[0]!.bytes
  }
  const all = [oldest, shown, second, third, newest]
  expect(await has("result")).toEqual(all)
  expect((await workFacts(at.world)).keptResultBytes).toBe(await size(...all))
  expect(await retain(at.world, { ...NEVER, resultBytes: await size(...all) })).toMatchObject({ results: 0 })
  // The newest run is the last good one, too; with the one that is shown they leave room for one more, and not for the next older one.
  expect(await retain(at.world, { ...NEVER, resultBytes: await size(shown, third, newest) })).toMatchObject({ results: 2 })
  expect(await has("result")).toEqual([shown, third, newest])
  expect(await retain(at.world, { ...NEVER, resultBytes: 1, journalBytes: 1 })).toMatchObject({ results: 1, journals: 4 })
  expect([await has("result"), await has("journal")]).toEqual([[shown, newest], [shown]])
  expect((await workFacts(at.world)).keptJournalBytes).toBeGreaterThan(0)
  await worker.stop()
})
