/** Each promise is broken by hand, in the rows, blobs and folders of a real platform: the question must notice every time. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type RawBuilder, sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { blobPath, type Facts, leftIn, readFacts } from "./facts.ts"
import { counted, counting } from "./notebooks.ts"
import { Stand } from "./stand.ts"
import { ended, launched, putCells, settled } from "./trial.ts"
import { type Seen, violations } from "./violations.ts"
import { watch } from "./watch.ts"

const SHAPE = { cells: 2, lines: 10, pauseMs: 1 }

let stand: Stand
let notebook: string
let runs: readonly string[]
let digest: string
let seen: readonly Seen[]

beforeAll(async () => {
  stand = await Stand.start({ scripted: true })
  notebook = await putCells(stand, "checked.ipynb", "script", ["cell 0", "cell 1"])
  const client = stand.client()
  runs = await launched(client, 2, { notebook })
  const watches = runs.map((id) => watch(client, id))
  await ended(stand, runs, 60_000)
  seen = await Promise.all(watches.map(({ done }) => done))
  await settled(stand, [notebook])
  const { db } = stand.database
  await sql`ALTER TABLE version DISABLE TRIGGER USER`.execute(db)
  digest = (await db.selectFrom("version").select("sha256").where("notebook_id", "=", notebook).executeTakeFirstOrThrow()).sha256
}, 120_000)
afterAll(() => stand.remove())

async function question(change: (facts: Facts) => Facts = (facts) => facts): Promise<readonly string[]> {
  const facts = change(await readFacts({ stand, client: stand.client({ patienceMs: 600 }), notebooks: [notebook] }))
  const keys = facts.runs.flatMap(({ key, id }) => (runs.includes(id) && key !== null ? [key] : []))
  return violations(facts, { seen, keys: keys.length > 0 ? keys : ["one", "two"] })
}

/** What is found to be left of what `put` leaves, before the worker clears it away, as it should: it is held for that moment. */
async function leftOf(put: () => Promise<unknown> | void): Promise<readonly string[]> {
  const worker = await stand.pidOf("worker")
  process.kill(worker, "SIGSTOP")
  try {
    await put()
    return await leftIn(stand)
  } finally {
    process.kill(worker, "SIGCONT")
  }
}

test("a platform that nobody touched keeps every promise", async () => {
  expect(await question()).toEqual([])
  expect(seen.map(({ text }) => text.split("\n").length)).toEqual([11, 11])
})

/** What is done, how it is undone, and what must be said of it. Triggers that guard the rows are off meanwhile. */
const ROWS: readonly (readonly [string, RegExp, () => RawBuilder<unknown>, () => RawBuilder<unknown>])[] = [
  [
    "a run that never ends",
    /I1 run .* has not ended: running/,
    // With a lease that holds: else the platform finds it first, and ends it.
    () => sql`UPDATE run SET state = 'running', ended_at = NULL, lease_until = now() + interval '1 hour' WHERE id = ${runs[0]}`,
    () => sql`UPDATE run SET state = 'succeeded', ended_at = now(), lease_until = NULL WHERE id = ${runs[0]}`,
  ],
  [
    "a run that ends twice",
    /I1 run .* was told to have ended 2 times/,
    () => sql`INSERT INTO run_event (run_id, seq, attempt, at, type, what) VALUES (${runs[0]}, 1000, 1, now(), 'state', '{"state":"lost"}')`,
    () => sql`DELETE FROM run_event WHERE run_id = ${runs[0]} AND seq = 1000`,
  ],
  [
    "an event that was seen and is gone",
    /I2 events of .* that were seen are gone/,
    () => sql`UPDATE run_event SET run_id = repeat('0', 26) WHERE run_id = ${runs[0]} AND seq = 4`,
    () => sql`UPDATE run_event SET run_id = ${runs[0]} WHERE run_id = repeat('0', 26)`,
  ],
  [
    "output that changed after it was seen",
    /I2 what a client of .* had seen has changed/,
    () => sql`UPDATE run_event SET what = replace(what::text, 'cell 0 1', 'cell 0 7')::json WHERE run_id = ${runs[0]}`,
    () => sql`UPDATE run_event SET what = replace(what::text, 'cell 0 7', 'cell 0 1')::json WHERE run_id = ${runs[0]}`,
  ],
  [
    "output that the result does not have",
    /I2 the result of attempt 1 of .* lacks what was told/,
    () => sql`UPDATE run_event SET what = replace(what::text, 'cell 1 4', 'cell 1 4\\ncell 1 4')::json WHERE run_id = ${runs[1]}`,
    () => sql`UPDATE run_event SET what = replace(what::text, 'cell 1 4\\ncell 1 4', 'cell 1 4')::json WHERE run_id = ${runs[1]}`,
  ],
  [
    "fences that do not rise",
    /I3 the fences of .* do not rise/,
    () => sql`INSERT INTO attempt (run_id, number, state, fence) VALUES (${runs[0]}, 0, 'lost', 5)`,
    () => sql`DELETE FROM attempt WHERE run_id = ${runs[0]} AND number = 0`,
  ],
  [
    "a second run of one key",
    /I3 there are 3 runs of 2 keys/,
    () =>
      sql`INSERT INTO run SELECT (jsonb_populate_record(r, jsonb_build_object('id', repeat('1', 26), 'idempotency_key', NULL))).* FROM run r WHERE id = ${runs[0]}`,
    () => sql`DELETE FROM run WHERE id = repeat('1', 26)`,
  ],
  [
    "a version whose bytes are not those of its digest",
    /I4 version 1 of .* (is not what its digest says|cannot be had)/,
    () => sql`UPDATE version SET sha256 = repeat('a', 64) WHERE notebook_id = ${notebook}`,
    () => sql`UPDATE version SET sha256 = ${digest} WHERE notebook_id = ${notebook}`,
  ],
]

test.each(ROWS)("%s is noticed", async (_, said, harm, undo) => {
  const { db } = stand.database
  await harm().execute(db)
  try {
    expect((await question()).join("\n")).toMatch(said)
  } finally {
    await undo().execute(db)
  }
  expect(await question()).toEqual([])
})

test("a blob with one byte changed, and one that is gone, are noticed", async () => {
  const found = await stand.database.db
    .selectFrom("run")
    .select("result_sha256")
    .where("id", "=", runs[0] ?? "")
    .executeTakeFirstOrThrow()
  const path = blobPath(stand, found.result_sha256 ?? "")
  const bytes = readFileSync(path)
  rmSync(path)
  expect((await question()).join("\n")).toMatch(
    /I4 the result of attempt 1 of .* cannot be had: What is stored of this is missing[\s\S]*I4 blob .* cannot be had/,
  )
  writeFileSync(path, Buffer.concat([bytes, Buffer.from("!")]))
  expect((await question()).join("\n")).toMatch(/I4 blob .* is not what its digest says/)
  writeFileSync(path, bytes)
  expect(await question()).toEqual([])
})

test("a spool, a working directory, half a blob and a process that are left are noticed", async () => {
  const spool = join(stand.home, "spool", `${"5".repeat(26)}.1.journal`)
  const scratch = join(stand.home, "scratch", "9-9")
  const half = join(stand.home, "store", "incoming", "half")
  let child: ChildProcess | undefined
  const said = await leftOf(() => {
    for (const path of [spool, half]) writeFileSync(path, "")
    mkdirSync(scratch)
    writeFileSync(join(scratch, "sealed.json"), "{}")
    child = spawn("sleep", ["60"], { cwd: scratch, stdio: "ignore" })
  })
  const gone = new Promise((resolve) => child?.once("exit", resolve))
  child?.kill("SIGKILL")
  await gone
  for (const path of [spool, half, scratch]) rmSync(path, { recursive: true, force: true })
  expect(said).toEqual([`spool/${"5".repeat(26)}.1.journal`, "scratch/9-9", "store/incoming/half", `process ${child?.pid}: sleep 60`])
  expect(await question()).toEqual([])
  expect(await question((facts) => ({ ...facts, left: said }))).toEqual(said.map((what) => `left over: ${what}`))
})

test("what sessions leave is noticed: journals, the word that they are open, sockets and working directories of workers that are gone", async () => {
  const { db } = stand.database
  const sessions = join(stand.home, "spool", "sessions")
  const { pid: gone = 0 } = spawnSync("true")
  const { id: worker } = await db.selectFrom("worker").select("id").executeTakeFirstOrThrow()
  const [living, damaged, ended] = ["2", "3", "4"].map((digit) => digit.repeat(26)) as [string, string, string]
  mkdirSync(sessions)
  expect(await question()).toEqual([])
  const journal = join(sessions, `${living}.session`)
  expect(await leftOf(() => writeFileSync(journal, ""))).toEqual([`spool/sessions/${living}.session`])
  await sql`INSERT INTO session (id, space_id, notebook_id, worker_id, state, started_by, started_at, lease_until)
    SELECT ${living}, n.space_id, n.id, ${worker}, 'idle', p.id, now(), now() + interval '1 hour' FROM notebook n, person p
    WHERE n.id = ${notebook} LIMIT 1`.execute(db)
  expect(await leftOf(() => writeFileSync(journal, ""))).toEqual([])

  const socket = join(stand.home, "run", `worker-${gone}.sock`)
  const scratch = join(stand.home, "scratch", `${gone}-${ended}`)
  const said = await leftOf(async () => {
    writeFileSync(join(sessions, `${damaged}.session.damaged`), "")
    mkdirSync(join(sessions, ended))
    writeFileSync(socket, "")
    mkdirSync(scratch)
    await sql`UPDATE session SET worker_id = repeat('9', 26) WHERE id = ${living}`.execute(db)
  })
  for (const path of [sessions, scratch, socket]) rmSync(path, { recursive: true, force: true })
  await sql`DELETE FROM session`.execute(db)
  expect(said).toEqual([
    `spool/sessions/${living}.session`,
    `spool/sessions/${damaged}.session.damaged`,
    `spool/sessions/${ended}`,
    `session ${living} of worker ${"9".repeat(26)}, which is gone`,
    `run/worker-${gone}.sock`,
    `scratch/${gone}-${ended}`,
  ])
  expect(await question()).toEqual([])
})

test("a gap, a double and a swap in what was printed are noticed", async () => {
  const printed = counted(SHAPE)
  expect(counting(SHAPE)).toHaveLength(2)
  const facts = await readFacts({ stand, client: stand.client(), notebooks: [notebook] })
  const lines = printed.split(/(?<=\n)/)
  const said = (log: string) => {
    const told = facts.runs.map((run) => ({
      ...run,
      log,
      events: [{ seq: 1, attempt: 1, type: "stream", text: log }],
      attempts: run.attempts.map((each) => ({ ...each, shown: log })),
    }))
    return violations({ ...facts, runs: told }, { printed }).filter(
      (line) => line.includes("printed something else") || line.includes("lacks output"),
    )
  }
  expect(said(printed)).toEqual([])
  expect(said(lines.toSpliced(3, 1).join(""))).toHaveLength(2)
  expect(said(lines.toSpliced(3, 0, lines[3] ?? "").join(""))).toHaveLength(2)
  expect(
    said(
      lines
        .with(3, lines[4] ?? "")
        .with(4, lines[3] ?? "")
        .join(""),
    ),
  ).toHaveLength(2)
  expect(said(lines.slice(0, -1).join(""))).toHaveLength(2)
})
