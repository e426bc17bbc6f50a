import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { sql } from "kysely"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { error, hangs, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { codeCell } from "#run/testing.ts"
import { accept } from "#work/accept.ts"
import { cancel, keepalive } from "#work/cancel.ts"
import { listRuns, type RunFilter } from "#work/list-runs.ts"
import { attemptsOf, cellTimes, eventsAfter, getRun, logFrom } from "#work/reads.ts"
import { retry } from "#work/retry.ts"
import { tellingPart } from "#work/sql/mentions.ts"
import { eventually, type Platform, platform, resultIn } from "#work/testing.ts"
import type { Worker } from "#work/worker.ts"

const kernels = scriptedKernels({
  hello: stdout("hello\n"),
  "1 / 0": error("ZeroDivisionError", "division by zero"),
  slow: [stdout("working\n"), hangs()],
  deaf: [stdout("deaf\n"), hangs("ignored")],
})

let at: Platform
const workers: Worker[] = []

async function worker(spec: Partial<Parameters<Platform["worker"]>[0]> = {}): Promise<Worker> {
  const one = await at.worker({ kernels, tell: (line) => told.push(line), ...spec })
  workers.push(one)
  return one
}
const told: string[] = []

beforeAll(async () => {
  at = await platform()
})
afterEach(async () => {
  for (const one of workers.splice(0)) await one.stop()
})
afterAll(() => at.close())

describe("a run", () => {
  test("goes from accepted to its result, told on the way", async () => {
    const notebook = await at.notebook("reports/hello.ipynb", "script", "hello", "hello")
    await worker()
    const run = await at.launch({ notebook, labels: { team: "a" } })
    expect(run).toMatchObject({ state: "queued", version: 1, attempt: 1, trigger: "person", notebookPath: "reports/hello.ipynb", spaceName: "team" })
    const ended = await at.until(run.id)
    expect(ended).toMatchObject({ state: "succeeded", reason: "", cellsDone: 2, cellsTotal: 2, environment: "e".repeat(64) })
    const result = await resultIn(at, ended)
    expect(result.cells.map(({ outputs }) => outputs)).toEqual([
      [{ name: "stdout", output_type: "stream", text: ["hello\n"] }],
      [{ name: "stdout", output_type: "stream", text: ["hello\n"] }],
    ])
    const events = await eventsAfter(at.world, at.admin, { id: run.id, seq: 0 })
    if (!events.ok) throw new Error()
    expect(events.value.events.map(({ seq }) => seq)).toEqual(events.value.events.map((_, index) => index + 1))
    expect(events.value.events.map(({ type, what }) => `${type} ${JSON.parse(what).state ?? ""}`.trim())).toEqual([
      "state queued",
      "state running",
      "progress",
      "cell running",
      "stream",
      "cell succeeded",
      "progress",
      "cell running",
      "stream",
      "cell succeeded",
      "progress",
      "state succeeded",
    ])
    expect(await logFrom(at.world, at.admin, { id: run.id, offset: 0 })).toMatchObject({
      value: { text: "hello\nhello\n", nextOffset: 12, eof: true },
    })
    expect(await cellTimes(at.world, at.admin, { id: run.id })).toMatchObject({
      value: [
        { index: 0, state: "succeeded" },
        { index: 1, state: "succeeded" },
      ],
    })
    expect(
      await at.database.db.selectFrom("notebook").select(["last_run_state", "runs_week"]).where("id", "=", notebook).executeTakeFirst(),
    ).toMatchObject({ last_run_state: "succeeded", runs_week: 1 })
    const left = await at.database.db.selectFrom("run").select(["secrets", "lease_until"]).where("id", "=", run.id).executeTakeFirst()
    expect(left).toEqual({ secrets: null, lease_until: null })
  })

  test("that raises fails with its cell, its error and its result", async () => {
    const notebook = await at.notebook("fails.ipynb", "script", "hello", "1 / 0", "hello")
    await worker()
    const run = await at.until((await at.launch({ notebook })).id)
    expect(run).toMatchObject({ state: "failed", reason: "cell_raised", failedCell: 1, error: { ename: "ZeroDivisionError" } })
    const result = await resultIn(at, run)
    expect(result.cells[1]!.outputs[0]).toMatchObject({ output_type: "error", ename: "ZeroDivisionError" })
    expect(result.cells[2]!.outputs).toEqual([])
  })
})

describe("a key", () => {
  test("makes one run of however many deliveries; another body is told", async () => {
    const notebook = await at.notebook("keyed.ipynb", "script", "hello")
    const launches = Array.from({ length: 5 }, () => accept(at.world, at.admin, { notebook }, { key: "one" }))
    const outcomes = await Promise.all(launches)
    const ids = outcomes.map((outcome) => outcome.ok && outcome.value.run.id)
    expect(new Set(ids).size).toBe(1)
    expect(outcomes.filter((outcome) => outcome.ok && outcome.value.created)).toHaveLength(1)
    expect(await accept(at.world, at.admin, { notebook, priority: 3 }, { key: "one" })).toMatchObject({
      ok: false,
      refusal: { refused: "key_reused", run: ids[0] },
    })
    expect(await accept(at.world, at.admin, { notebook, onExisting: "reject" }, { key: "one" })).toMatchObject({
      ok: false,
      refusal: { refused: "run_exists" },
    })
    const other = await at.person("Other", "runner")
    expect((await at.launch({ notebook }, "one", other)).id).not.toBe(ids[0])
  })

  test("of a run that failed opens the next attempt for a later try, once", async () => {
    const notebook = await at.notebook("keyed-fails.ipynb", "script", "1 / 0")
    await worker()
    const launch = (attempt: number) => ({ notebook, orchestrator: { kind: "airflow", attempt } })
    const first = await at.until((await at.launch(launch(1), "task")).id)
    expect((await at.launch(launch(1), "task")).attempt).toBe(1)
    const again = await at.launch(launch(2), "task")
    expect(again).toMatchObject({ id: first.id, attempt: 2 })
    await at.until(first.id)
    expect((await at.launch(launch(2), "task")).attempt).toBe(2)
    const attempts = await attemptsOf(at.world, at.admin, first.id)
    expect(attempts).toMatchObject({
      value: [
        { number: 1, state: "failed" },
        { number: 2, state: "failed" },
      ],
    })
    if (attempts.ok) for (const { resultSha256 } of attempts.value) expect(resultSha256).not.toBeNull()
  })
})

describe("parameters", () => {
  test("that do not fit are told all at once, by name, and nothing is stored", async () => {
    const notebook = await at.notebook("parameters.ipynb", "python3", codeCell("days: int = 7\nregion = 'EU'", { tags: ["parameters"] }))
    const outcome = await accept(at.world, at.admin, { notebook, parameters: { days: "x", regoin: "US" } }, { key: "bad" })
    expect(outcome).toMatchObject({ ok: false, refusal: { refused: "bad_parameters", problems: [{ path: "days" }, { path: "regoin" }] } })
    expect(await at.launch({ notebook, parameters: { days: 3 } }, "bad")).toMatchObject({ parameters: { days: 3 } })
  })
})

describe("who may not", () => {
  test("see a notebook cannot tell that there is one; who may see it is told what is missing", async () => {
    const notebook = await at.notebook("private.ipynb", "script", "hello")
    const [stranger, viewer, runner] = [await at.person("Stranger"), await at.person("Viewer", "viewer"), await at.person("Runner", "runner")]
    expect(await accept(at.world, stranger, { notebook })).toMatchObject({ ok: false, refusal: { refused: "no_such_notebook" } })
    expect(await accept(at.world, viewer, { notebook })).toMatchObject({ ok: false, refusal: { refused: "not_allowed" } })
    const run = await at.launch({ notebook }, undefined, runner)
    expect(await getRun(at.world, stranger, run.id)).toMatchObject({ ok: false, refusal: { refused: "no_such_run" } })
    expect(await getRun(at.world, viewer, run.id)).toMatchObject({ ok: true })
    expect(await cancel(at.world, viewer, { id: run.id })).toMatchObject({ ok: false, refusal: { refused: "not_allowed" } })
    expect(await retry(at.world, stranger, run.id)).toMatchObject({ ok: false, refusal: { refused: "no_such_run" } })
    expect(await listRuns(at.world, stranger, {})).toMatchObject({ value: { items: [] } })
    const listed = await listRuns(at.world, viewer, { notebook })
    expect(listed).toMatchObject({ value: { items: [{ id: run.id }] } })
    await cancel(at.world, runner, { id: run.id })
  })

  test("what was ordered while one might is not run when one may not any more", async () => {
    const notebook = await at.notebook("revoked.ipynb", "script", "hello")
    const runner = await at.person("Leaver", "runner")
    const run = await at.launch({ notebook }, undefined, runner)
    await at.database.db.deleteFrom("role_grant").where("person_id", "=", runner.id).execute()
    await worker()
    expect(await at.until(run.id)).toMatchObject({ state: "failed", reason: "not_permitted", explanation: expect.stringContaining("may not run") })
  })
})

describe("a list", () => {
  test("says of runs that it said before how they stand now, and what all they belong to is called now", async () => {
    const notebook = await at.notebook("listed.ipynb", "script", "1 / 0")
    const other = await at.notebook("listed too.ipynb", "script", "hello")
    const runner = await at.person("Ordering", "runner")
    const [run, cancelled] = [await at.launch({ notebook }, undefined, runner), await at.launch({ notebook: other })]
    const listed = async (filter: RunFilter = {}) => {
      const page = await listRuns(at.world, at.admin, { ...filter, since: run.createdAt })
      if (!page.ok) throw new Error(page.refusal.message)
      return page.value.items.filter(({ id }) => id === run.id || id === cancelled.id)
    }
    const one = async (id: string) => (await listed()).find((each) => each.id === id)
    const whole = async (id: string) => {
      const row = await one(id)
      // Whose code is hidden from whom is the list's own affair.
      expect({ ...row, codeHidden: true }).toEqual({ ...(await at.run(id)), codeHidden: true })
      return row
    }
    for (let times = 0; times < 2; times++) expect(await whole(run.id)).toMatchObject({ state: "queued", orderedByName: "Ordering" })
    await cancel(at.world, at.admin, { id: cancelled.id })
    expect((await listed({ states: ["queued"] })).map(({ id }) => id)).toEqual([run.id])
    expect(await whole(cancelled.id)).toMatchObject({ state: "cancelled" })
    await worker()
    await at.until(run.id)
    for (let times = 0; times < 2; times++) expect(await whole(run.id)).toMatchObject({ state: "failed", error: { ename: "ZeroDivisionError" } })

    const { db } = at.database
    await db.updateTable("notebook").set({ path: "moved.ipynb", code_hidden: true }).where("id", "=", notebook).execute()
    await db.updateTable("person").set({ name: "Renamed" }).where("id", "=", runner.id).execute()
    expect(await whole(run.id)).toMatchObject({ notebookPath: "moved.ipynb", orderedByName: "Renamed", error: { ename: "ZeroDivisionError" } })
    const hidden = await listRuns(at.world, runner, { notebook })
    expect(hidden).toMatchObject({ value: { items: [{ id: run.id, codeHidden: true, error: null, failedCell: null }] } })
    expect(await whole(run.id)).toMatchObject({ codeHidden: false })
    await db.deleteFrom("run").where("id", "=", cancelled.id).execute()
    expect((await listed()).map(({ id }) => id)).toEqual([run.id])
  })
})

describe("a search", () => {
  test("finds runs by what is shown of them, however many newer ones there are, and no error that is hidden", async () => {
    const notebook = await at.notebook("sought/Quarterly figures.ipynb", "python3", codeCell("region = ''", { tags: ["parameters"] }))
    const plain = await at.notebook("plain.ipynb", "script", "hello")
    const seeker = await at.person("Seeker of Figures", "runner")
    const valued = await at.launch({ notebook, parameters: { region: "Zanzibar" }, labels: { team: "everywhere in tanganyika" } })
    const theirs = await at.launch({ notebook: plain }, undefined, seeker)
    const { db } = at.database
    for (const id of [valued.id, theirs.id]) await cancel(at.world, at.admin, { id })
    await sql`UPDATE run SET error = '{"ename": "KilimanjaroError", "evalue": "too high", "traceback": []}' WHERE id = ${valued.id}`.execute(db)
    await sql`INSERT INTO run (id, space_id, notebook_id, version, version_sha256, trigger, ordered_by, created_at, queued_at, state, ended_at, labels)
      SELECT 'Z' || lpad(i::text, 25, '0'), n.space_id, n.id, 1, repeat('a', 64), 'person', n.owner_id, now(), now(), 'succeeded', now(),
        '{"team": "everywhere else"}'
      FROM notebook n, generate_series(1, 41000) AS i WHERE n.id = ${plain}`.execute(db)
    await sql`ANALYZE run`.execute(db)
    // What every run has is not what one is looked up by.
    expect(await tellingPart(db, "everywhere in Tanganyika")).toBe("in Tanganyika")
    for (const text of ["everywhere", "in Tanganyika", "KilimanjaroError too"]) expect(await tellingPart(db, text)).toBe(text)
    const found = async (text: string, more: RunFilter = {}) => {
      const page = await listRuns(at.world, seeker, { ...more, text, limit: 3 })
      return page.ok ? page.value.items.map(({ id }) => id) : []
    }
    for (const text of ["zanzibar", "Tanganyika", "everywhere in Tanganyika", "sought/", "kilimanjaro", "too high", valued.id])
      expect([text, await found(text)]).toEqual([text, [valued.id]])
    expect(await found("seeker of")).toEqual([theirs.id])
    expect(await found("figures")).toEqual([theirs.id, valued.id])
    expect(await found("figures", { states: ["succeeded"] })).toEqual([])
    expect(await found("figures", { cursor: theirs.id })).toEqual([valued.id])
    const first = await listRuns(at.world, seeker, { text: "figures", limit: 1 })
    expect(first).toMatchObject({ ok: true, value: { items: [{ id: theirs.id }], next: theirs.id } })
    expect(await found("plain.ipynb")).toHaveLength(3)
    expect(await found("plain.ipynb", { states: ["cancelled"] })).toEqual([theirs.id])
    for (const text of ["100%", "a_b", "\\", "Z%b"]) expect(await found(text)).toEqual([])
    await db.updateTable("notebook").set({ code_hidden: true }).where("id", "=", notebook).execute()
    for (const text of ["kilimanjaro", "too high"]) expect(await found(text)).toEqual([])
    expect(await found("zanzibar")).toEqual([valued.id])
    await sql`DELETE FROM run WHERE id LIKE 'Z%'`.execute(db)
  })
})

describe("a cancel", () => {
  test("of a queued run ends it at once; again, or too late, it is harmless", async () => {
    const notebook = await at.notebook("cancel-queued.ipynb", "script", "hello")
    const run = await at.launch({ notebook })
    expect(await cancel(at.world, at.admin, { id: run.id, reason: "not needed" })).toMatchObject({
      value: { state: "cancelled", explanation: expect.stringContaining("not needed") },
    })
    expect(await cancel(at.world, at.admin, { id: run.id })).toMatchObject({
      value: { state: "cancelled", explanation: expect.stringContaining("not needed") },
    })
    await worker()
    await new Promise((next) => setTimeout(next, 300))
    expect(await at.run(run.id)).toMatchObject({ state: "cancelled", attempt: 1 })
  })

  test.each(["slow", "deaf"])("of a running one that is %s interrupts, then kills", async (source) => {
    const notebook = await at.notebook(`cancel-${source}.ipynb`, "script", source, "hello")
    await worker()
    const run = await at.launch({ notebook })
    await eventually("it prints", async () => (await at.run(run.id)).logBytes > 0)
    const since = performance.now()
    expect(await cancel(at.world, at.admin, { id: run.id, reason: "enough", graceSeconds: 0.3 })).toMatchObject({
      value: { state: "running", desired: "cancel" },
    })
    const ended = await at.until(run.id)
    expect(performance.now() - since).toBeLessThan(3_000)
    expect(ended).toMatchObject({ state: "cancelled", explanation: expect.stringContaining("enough") })
    expect((await resultIn(at, ended)).cells[1]!.outputs).toEqual([])
    expect(await cancel(at.world, at.admin, { id: run.id })).toMatchObject({ value: { state: "cancelled" } })
  })

  test("comes by itself when the caller that promised to be heard is not", async () => {
    const notebook = await at.notebook("orphan.ipynb", "script", "slow")
    await worker({ leaseMs: 1_000 })
    const run = await at.launch({ notebook, keepaliveSeconds: 5 })
    await at.until(run.id, "running")
    expect(await keepalive(at.world, at.admin, run.id)).toMatchObject({ ok: true })
    await at.database.db
      .updateTable("run")
      .set({ keepalive_at: new Date(Date.now() - 6_000) })
      .where("id", "=", run.id)
      .execute()
    expect(await at.until(run.id)).toMatchObject({ state: "cancelled", reason: "orphaned", explanation: expect.stringContaining("every 5 s") })
  })
})

describe("retries", () => {
  test("by policy come after their pause, each attempt with its own result", async () => {
    const notebook = await at.notebook("retries.ipynb", "script", "1 / 0")
    await worker()
    const run = await at.launch({ notebook, retry: { maxAttempts: 3, backoffSeconds: 0.2 } })
    const ended = await at.until(run.id)
    expect(ended).toMatchObject({ state: "failed", attempt: 3 })
    const attempts = await attemptsOf(at.world, at.admin, run.id)
    if (!attempts.ok) throw new Error()
    expect(attempts.value.map(({ number, state }) => `${number} ${state}`)).toEqual(["1 failed", "2 failed", "3 failed"])
    expect(attempts.value[1]!.startedAt! - attempts.value[0]!.endedAt!).toBeGreaterThanOrEqual(150)
  })

  test("that differ keep what each of them showed: result, log and error of its own", async () => {
    const notebook = await at.notebook("thrice.ipynb", "script", "try")
    let tries = 0
    const trying = scriptedKernels(() => (++tries < 3 ? [stdout(`try ${tries}\n`), error("ValueError", `no ${tries}`)].flat() : stdout("try 3\n")))
    await worker({ kernels: trying })
    const run = await at.launch({ notebook, retry: { maxAttempts: 5, backoffSeconds: 0.05 } })
    expect(await at.until(run.id)).toMatchObject({ state: "succeeded", attempt: 3, error: null })
    const attempts = await attemptsOf(at.world, at.admin, run.id)
    if (!attempts.ok) throw new Error()
    expect(attempts.value.map(({ state, error: raised }) => `${state} ${raised?.evalue ?? ""}`.trim())).toEqual([
      "failed no 1",
      "failed no 2",
      "succeeded",
    ])
    for (const [index, { resultSha256 }] of attempts.value.entries()) {
      const { cells } = await resultIn(at, { ...(await at.run(run.id)), resultSha256 })
      expect(cells[0]?.outputs[0]).toMatchObject({ text: [`try ${index + 1}\n`] })
    }
    expect(new Set(attempts.value.map(({ resultSha256 }) => resultSha256)).size).toBe(3)
    const log = await logFrom(at.world, at.admin, { id: run.id, offset: 0 })
    expect(log).toMatchObject({ ok: true, value: { text: expect.stringMatching(/^try 1\n[\s\S]*try 2\n[\s\S]*try 3\n$/) } })
  })

  test("by hand open one more attempt; what succeeded is never run again", async () => {
    const fails = await at.notebook("by-hand.ipynb", "script", "1 / 0")
    const works = await at.notebook("works.ipynb", "script", "hello")
    await worker()
    const failed = await at.until((await at.launch({ notebook: fails })).id)
    // A worker may have it before we look.
    expect(await retry(at.world, at.admin, failed.id)).toMatchObject({
      value: { state: expect.stringMatching(/^(queued|running)$/), attempt: 2 },
    })
    expect(await at.until(failed.id)).toMatchObject({ state: "failed", attempt: 2 })
    const succeeded = await at.until((await at.launch({ notebook: works })).id)
    expect(await retry(at.world, at.admin, succeeded.id)).toMatchObject({ ok: false, refusal: { refused: "wrong_state" } })
  })
})

describe("a worker whose spools are full", () => {
  test("takes nothing until there is room, says how much they take, and what waited is run", async () => {
    const notebook = await at.notebook("spooled.ipynb", "script", "hello")
    // Of a run that this database does not know: it stays for a month.
    const stuck = join(at.home, "spool", `${"S".repeat(26)}.1.journal`)
    mkdirSync(dirname(stuck), { recursive: true })
    writeFileSync(stuck, new Uint8Array(5_000))
    const one = await worker({ leaseMs: 400, options: { mostSpoolBytes: 4_000 } })
    const run = await at.launch({ notebook })
    const spooled = async () => (await at.database.db.selectFrom("worker").select("facts").where("id", "=", one.id).executeTakeFirst())?.facts
    await eventually("it says so", async () => JSON.stringify(await spooled())?.includes('"spoolBytes":5000'))
    // It has looked for work more than once by then.
    const beats = async () => (await at.database.db.selectFrom("worker").select("seen_at").where("id", "=", one.id).executeTakeFirst())?.seen_at
    const since = Number(await beats())
    await eventually("it has looked again", async () => Number(await beats()) > since + 2_500)
    expect(await at.run(run.id)).toMatchObject({ state: "queued" })
    rmSync(stuck)
    expect(await at.until(run.id)).toMatchObject({ state: "succeeded" })
  })
})

describe("time-outs", () => {
  test("of the run and of a cell end it as failed", async () => {
    const notebook = await at.notebook("timeouts.ipynb", "script", "slow")
    await worker()
    const [whole, cell] = [await at.launch({ notebook, timeoutSeconds: 0.3 }), await at.launch({ notebook, cellTimeoutSeconds: 0.3 })]
    expect(await at.until(whole.id)).toMatchObject({
      state: "failed",
      reason: "timed_out",
      explanation: expect.stringContaining("The run took longer"),
    })
    expect(await at.until(cell.id)).toMatchObject({ state: "failed", reason: "timed_out", explanation: expect.stringContaining("Cell 1") })
  })
})
