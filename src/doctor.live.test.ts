/** What those who run Stet are told: probes, meters, and by `stet doctor` what is wrong and what to do. Each situation is made, not described. */
import { readdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { parseArguments } from "#cli/arguments.ts"
import { DOCTOR } from "#cli/commands/doctor.ts"
import type { Edge } from "#cli/edge.ts"
import { type Environment, readConfiguration } from "#configuration.ts"
import { openDatabase, type Postgres, startPostgres } from "#database/index.ts"
import { ownHome } from "#database/testing.ts"
import { doctor, type Looked, ready } from "#doctor.ts"
import { openHome } from "#home.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { scriptedKernels, stdout, waits } from "#kernel/adapters/scripted.ts"
import { saveVersion } from "#library/index.ts"
import { systemClock } from "#run/adapters/system.ts"
import { reconcile } from "#work/reconcile.ts"
import { eventually } from "#work/testing.ts"

let api: ApiTest
let admin: Someone
let looked: Looked
/** What is otherwise at the moment. */
let now: Partial<Looked> = {}
function be(change: Partial<Looked>): void {
  now = change
}

beforeAll(async () => {
  api = await apiTest({ metricsToken: undefined }, (world) => ({ ...world, ready: () => ready({ ...looked, ...now }) }))
  admin = await api.someone("Admin", "administrator")
  looked = {
    configuration: configured({}),
    places: openHome(api.platform.home),
    database: api.platform.database,
    library: api.platform.library,
    kernels: scriptedKernels(() => []),
    version: "test",
    clock: systemClock,
  }
})
afterAll(() => api.close())

function configured(env: Environment): Looked["configuration"] {
  const blobs = join(api.platform.home, "blobs")
  const at = { STET_HOME: api.platform.home, DATABASE_URL: api.platform.url, STET_BLOBS: blobs, STET_ISOLATION: "L0", ...env }
  const read = readConfiguration(at, { userHome: tmpdir(), cores: 2, cwd: tmpdir() })
  if (!read.ok) throw new Error(read.refusal.join("\n"))
  return read.value
}

/** Every sample of the exposition by its name and labels, as Prometheus would read it. */
async function scraped(of: ApiTest = api): Promise<ReadonlyMap<string, number>> {
  const said = await of.ask("GET", "/metrics")
  expect([said.status, said.headers["content-type"]]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)])
  const samples = said.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]))
}

describe("/metrics", () => {
  test("counts answers by route, method and status, what was denied, and never the probes of nobody's routes by their address", async () => {
    const counted = 'stet_request_seconds_count{route="/api/v1/notebooks",method="GET",status="200"}'
    const before = await scraped()
    for (let turn = 0; turn < 3; turn++) await api.ask("GET", "/api/v1/notebooks", { as: admin })
    await api.ask("GET", "/api/v1/notebooks")
    await api.ask("GET", "/nowhere/at/all/secret-name", { as: admin })
    const after = await scraped()
    const gained = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    expect(gained(counted)).toBe(3)
    expect(gained('stet_request_seconds_bucket{le="30",route="/api/v1/notebooks",method="GET",status="200"}')).toBe(3)
    expect(gained('stet_denied_total{status="401"}')).toBe(1)
    expect([...after.keys()].join("\n")).not.toContain("secret-name")
    expect(after.get("stet_memory_bytes")).toBeGreaterThan(10_000_000)
    expect([after.get("stet_streams"), after.get("stet_limited_total"), after.get("stet_database_up")]).toEqual([0, 0, 1])
  })

  test("says how many runs wait and run, how many were lost, and how long the first has waited since it may begin", async () => {
    const notebook = await api.platform.notebook("metered.ipynb", "script", "slow")
    const empty = await scraped()
    expect([empty.get('stet_runs{state="queued"}'), empty.get('stet_runs{state="running"}'), empty.get("stet_queue_age_seconds")]).toEqual([0, 0, 0])
    const [first, second, later] = await Promise.all([1, 2, 3].map(() => api.platform.launch({ notebook })))
    const { db } = api.platform.database
    // One that was ordered days ago for a moment of today has waited since that moment.
    await sql`UPDATE run SET queued_at = now() - interval '3 days', not_before = now() - interval '90 seconds' WHERE id = ${first!.id}`.execute(db)
    await sql`UPDATE run SET queued_at = now() - interval '9 days', not_before = now() + interval '1 hour' WHERE id = ${later!.id}`.execute(db)
    const waiting = await scraped()
    expect(waiting.get('stet_runs{state="queued"}')).toBe(3)
    expect(waiting.get("stet_queue_age_seconds")).toBeGreaterThanOrEqual(90)
    expect(waiting.get("stet_queue_age_seconds")).toBeLessThan(3600)
    const kernels = scriptedKernels(() => [stdout("begun\n"), waits(1e6)], { tickMs: 1000 })
    const worker = await api.platform.worker({ kernels, slots: 1 })
    const running = await eventually("one of them runs", async () => {
      const samples = await scraped()
      return samples.get('stet_runs{state="running"}') === 1 && samples
    })
    expect(running.get('stet_runs{state="queued"}')).toBe(2)
    expect(running.get("stet_runs_lost_day")).toBe(0)
    for (const run of [first, second, later]) await api.ask("POST", `/api/v1/runs/${run!.id}/cancel`, { as: admin, json: {} })
    for (const run of [first, second, later]) expect((await api.platform.until(run!.id)).state).toBe("cancelled")
    await worker.stop()
  })

  test("is read from this machine itself or with its token, and by nobody else", async () => {
    expect((await api.ask("GET", "/metrics", { address: "10.0.0.7" })).status).toBe(403)
    expect((await api.ask("GET", "/metrics", { headers: { "x-forwarded-for": "10.0.0.7" } })).status).toBe(403)
  })
})

describe("/readyz and /livez", () => {
  test("an empty platform is ready, and says what it looked at", async () => {
    const said = await api.ask("GET", "/readyz")
    expect([said.status, said.json.ready]).toEqual([200, true])
    expect(said.json.checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
      ["database", true],
      ["schema", true],
      ["blobs", true],
      ["home", true],
    ])
  })

  test.each<[string, string, () => unknown, RegExp, () => unknown]>([
    ["the disk is full", "home", () => be({ room: { lowBytes: 1e18, outBytes: 1e18 } }), /free\.$/, () => be({})],
    ["the schema is behind", "schema", () => step(-1), /The schema is at step \d+, and this Stet knows \d+/, () => step(1)],
    [
      "the blob store fails",
      "blobs",
      () =>
        be({
          library: { ...looked.library, blobs: { ...looked.library.blobs, has: () => Promise.reject(new Error("The store is away.")) } },
        }),
      /^The store is away\.$/,
      () => be({}),
    ],
  ])("503 with the cause while %s, alive all the time, and 200 when it is over", async (_, name, begin, why, end) => {
    await begin()
    try {
      const said = await api.ask("GET", "/readyz")
      expect([said.status, said.json.ready]).toEqual([503, false])
      expect(said.json.checks.find((check: { name: string }) => check.name === name)).toEqual({
        name,
        ok: false,
        message: expect.stringMatching(why),
      })
      expect((await api.ask("GET", "/livez")).status).toBe(200)
    } finally {
      await end()
    }
    expect((await api.ask("GET", "/readyz")).status).toBe(200)
  })

  test("while PostgreSQL is away: 503 that names it, meters that leave out what they do not know; and all is back when it is", async () => {
    const home = await ownHome()
    let postgres: Postgres = await startPostgres(home)
    const database = openDatabase({ url: postgres.url, applicationName: "test" })
    const there = await apiTest({}, (world) => ({
      ...world,
      people: { ...world.people, db: database.db },
      ready: () => ready({ ...looked, database }),
    }))
    try {
      expect((await there.ask("GET", "/readyz")).status).toBe(200)
      await postgres.close("immediate")
      const [probe, alive, meters] = await Promise.all([there.ask("GET", "/readyz"), there.ask("GET", "/livez"), scraped(there)])
      expect([probe.status, alive.status]).toEqual([503, 200])
      const names = probe.json.checks.flatMap(({ name, ok }: { name: string; ok: boolean }) => (ok ? [] : [name]))
      expect(names).toEqual(["database", "schema"])
      expect(probe.json.checks[0].message).toMatch(/did not answer within 3|cannot be reached/)
      expect([meters.get("stet_database_up"), meters.get("stet_memory_bytes")]).toEqual([0, expect.any(Number)])
      for (const unknown of ['stet_runs{state="queued"}', "stet_runs_lost_day", "stet_queue_age_seconds"]) expect(meters.has(unknown)).toBe(false)
      postgres = await startPostgres(home)
      expect((await there.ask("GET", "/readyz")).status).toBe(200)
      expect((await scraped(there)).get('stet_runs{state="queued"}')).toBe(0)
    } finally {
      await there.close()
      await database.close()
      await postgres.close("immediate")
      await home.remove()
    }
  })
})

const asideSteps: unknown[] = []

/** The newest step of the schema is taken out of the record, or put back. */
async function step(by: -1 | 1): Promise<void> {
  const { db } = api.platform.database
  if (by === -1) {
    const { rows } = await sql<{
      row: unknown
    }>`DELETE FROM migration WHERE number = (SELECT max(number) FROM migration) RETURNING to_jsonb(migration) AS row`.execute(db)
    asideSteps.push(rows[0]!.row)
  } else await sql`INSERT INTO migration SELECT * FROM jsonb_populate_record(NULL::migration, ${JSON.stringify(asideSteps.pop())}::jsonb)`.execute(db)
}

type Situation = {
  readonly what: string
  readonly check: string
  /** Makes it, and gives what undoes it. */
  readonly make: () => Promise<(() => Promise<unknown>) | undefined>
  readonly state: "warning" | "failed"
  readonly says: RegExp
  readonly remedy: RegExp
  readonly deep?: true
}

const given = async (change: Partial<Looked>): Promise<() => Promise<void>> => {
  now = change
  return async () => be({})
}

const SITUATIONS: readonly Situation[] = [
  {
    what: "no worker was ever started",
    check: "workers",
    make: async () => {
      await sql`DELETE FROM worker`.execute(api.platform.database.db)
      return undefined
    },
    state: "failed",
    says: /^No worker lives\.$/,
    remedy: /^Start one: stet start, or stet worker\.$/,
  },
  {
    what: "the queue stands still",
    check: "queue",
    make: async () => {
      const { db } = api.platform.database
      const run = await api.platform.launch({ notebook: await api.platform.notebook("waits.ipynb", "script", "hello") })
      await sql`UPDATE run SET queued_at = now() - interval '11 minutes' WHERE id = ${run.id}`.execute(db)
      return () => api.ask("POST", `/api/v1/runs/${run.id}/cancel`, { as: admin, json: {} })
    },
    state: "warning",
    says: /^0 running, 1 queued, the first for 11 m \d+ s\.$/,
    remedy: /^Start more workers, or raise STET_SLOTS\.$/,
  },
  {
    what: "a worker died with a run",
    check: "lost runs",
    make: async () => {
      const run = await api.platform.launch({ notebook: await api.platform.notebook("lost.ipynb", "script", "hello") })
      const { db } = api.platform.database
      await sql`UPDATE run SET state = 'running', fence = 1, started_at = now(), lease_until = now() - interval '1 minute', worker_id = ${"0".repeat(26)}
        WHERE id = ${run.id}`.execute(db)
      await reconcile(api.platform.world, { leaseMs: 300 })
      expect((await scraped()).get("stet_runs_lost_day")).toBe(1)
      return undefined
    },
    state: "warning",
    says: /^One run was lost in a day\.$/,
    remedy: /logs\/worker\.log/,
  },
  {
    what: "this machine's clock is a minute before the database's",
    check: "clocks",
    make: () => given({ clock: { ...systemClock, now: () => systemClock.now() - 60_000, steady: () => systemClock.steady() } }),
    state: "warning",
    says: /differ by (59(\.\d)? s|1 m \d s)\.$/,
    remedy: /time server \(NTP\)/,
  },
  {
    what: "a disk is getting full",
    check: "home",
    make: () => given({ room: { lowBytes: 1e18, outBytes: 1 } }),
    state: "warning",
    says: /^Stet's home \(.*\) has .* of .* free\.$/,
    remedy: /STET_KEEP_\*/,
  },
  {
    what: "the disk of the blobs is full",
    check: "blobs",
    make: () => given({ room: { lowBytes: 1e18, outBytes: 1e18 } }),
    state: "failed",
    says: /^The blob store \(.*blobs\) has .* free\.$/,
    remedy: /no run can be recorded/,
  },
  {
    what: "no kernel is installed",
    check: "kernels",
    // A machine without any: nothing on its path, nothing where kernelspecs lie.
    make: () => given({ kernels: localKernels({ env: { HOME: api.platform.home, PATH: join(api.platform.home, "nothing") } }) }),
    state: "failed",
    says: /^No kernel is installed\.$/,
    remedy: /install a Jupyter kernel/,
  },
  {
    what: "the database is older than this Stet",
    check: "schema",
    make: async () => {
      await step(-1)
      return () => step(1)
    },
    state: "failed",
    says: /^The schema is at step \d+, and this Stet knows \d+\.$/,
    remedy: /^Start the server once/,
  },
  {
    what: "the database is newer than this Stet",
    check: "schema",
    make: async () => {
      const { db } = api.platform.database
      await sql`INSERT INTO migration SELECT (jsonb_populate_record(m, '{"number": 9999, "name": "9999-of-tomorrow"}')).* FROM migration m WHERE number = 1`.execute(
        db,
      )
      return () => sql`DELETE FROM migration WHERE number = 9999`.execute(db)
    },
    state: "failed",
    says: /^The schema is at step \d+, and this Stet knows \d+\.$/,
    remedy: /^Run a Stet that is at least as new as the database\.$/,
  },
  {
    what: "spools take nearly all that they may",
    check: "records",
    make: async () => {
      const { db } = api.platform.database
      await sql`INSERT INTO worker (id, host, pid, slots, started_at, seen_at, facts)
        VALUES (${"0".repeat(26)}, 'here', 1, 4, now(), now(), '{"spoolBytes": 81000000}')`.execute(db)
      const keep = { EVENT_DAYS: "3", ARTIFACT_DAYS: "7", JOURNAL_DAYS: "5", RESULT_DAYS: "10", RESULT_MB: "50", JOURNAL_MB: "20" }
      const kept = Object.entries(keep).map(([name, value]) => [`STET_KEEP_${name}`, value])
      now = { configuration: configured({ STET_SPOOL_BYTES: "100000000", ...Object.fromEntries(kept) }) }
      return async () => {
        now = {}
        await sql`DELETE FROM worker`.execute(db)
      }
    },
    state: "warning",
    // Each bound, with what there is of it.
    says: /^Spools 81 MB of 100 MB; results \d+ MB of 50 MB, kept for 10 days; journals \d+ MB of 20 MB, for 5 days; artifacts \d+ MB, for 7 days; events for 3 days\.$/,
    remedy: /raise STET_SPOOL_BYTES/,
  },
  {
    what: "a byte of a blob has turned",
    check: "versions",
    deep: true,
    make: async () => {
      const saved = await saveVersion(api.platform.library, api.platform.admin, {
        space: "team",
        path: "rots.ipynb",
        // Above what a version keeps in its own row.
        bytes: withOutput(ipynb("print('x')"), "y".repeat(200_000)),
        source: "api",
      })
      if (!saved.ok) throw new Error(saved.refusal.message)
      const folder = join(api.platform.home, "blobs")
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /[0-9a-f]{64}$/.test(name))
      expect(files.length).toBeGreaterThan(0)
      for (const file of files) writeFileSync(join(folder, file), "rotten")
      return undefined
    },
    state: "failed",
    says: /^1 of \d+ versions are damaged: [0-9A-Z]{26}@1\.$/,
    remedy: /stet restore/,
  },
]

function withOutput(bytes: Uint8Array, text: string): Uint8Array {
  const notebook = JSON.parse(new TextDecoder().decode(bytes))
  notebook.cells[0].outputs = [{ output_type: "stream", name: "stdout", text }]
  return new TextEncoder().encode(JSON.stringify(notebook))
}

/** `stet doctor` as its command runs, on what was made. */
async function asked(...words: string[]): Promise<{ readonly code: number; readonly out: string }> {
  const parsed = parseArguments(DOCTOR.command.flags, words)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal))
  let out = ""
  const write = (text: string) => {
    out += text
  }
  const platform = async () => ({ doctor: (options: { readonly deep: boolean }) => doctor({ ...looked, ...now }, options) })
  const edge = { platform, out: { write } } as unknown as Edge
  return { code: await DOCTOR.act(parsed.value, edge, { commands: async () => [] }), out }
}

describe("stet doctor", () => {
  test.each(SITUATIONS)("when $what: says so, says what to do, and ends with the code that it deserves", async (situation) => {
    const { check, make, state, says, remedy, deep } = situation
    const undo = await make()
    try {
      const words = deep ? ["--deep"] : []
      const { code, out } = await asked(...words, "--json")
      const health = JSON.parse(out)
      const said = health.checks.find(({ name }: { name: string }) => name === check)
      expect(said).toEqual({ name: check, state, message: expect.stringMatching(says), remedy: expect.stringMatching(remedy) })
      const hasFailed = health.checks.some((one: { state: string }) => one.state === "failed")
      expect([health.ok, code]).toEqual([!hasFailed, hasFailed ? 3 : 0])
      if (state === "failed") expect(code).toBe(3)
      const text = (await asked(...words)).out
      const lines = text.split("\n")
      const at = lines.findIndex((line) => line.startsWith(`${state === "failed" ? "FAILED  " : "warning "}${check.padEnd(12)} `))
      expect(lines[at]?.slice(21)).toMatch(says)
      expect(lines[at + 1]?.trim()).toMatch(remedy)
    } finally {
      await undo?.()
    }
  })

  test("of users without a name it says what does not begin", async () => {
    try {
      now = { configuration: configured({ STET_ISOLATION: "L1" }) }
      const isolationSaid = async () => JSON.parse((await asked("--json")).out).checks.find(({ name }: { name: string }) => name === "isolation")
      expect(await isolationSaid()).toMatchObject({ message: expect.stringMatching(/^L1 here; .* without which Spark and Hadoop do not begin/) })
      now = {}
      expect((await isolationSaid()).message).not.toContain("Spark")
    } finally {
      now = {}
    }
  })

  test("a warning alone is no failure, and neither is a platform on which all is well", async () => {
    const worker = await api.platform.worker({ kernels: scriptedKernels(() => []) })
    try {
      now = { room: { lowBytes: 1e18, outBytes: 1 } }
      const warned = await asked("--json")
      expect([warned.code, JSON.parse(warned.out).ok]).toEqual([0, true])
      now = {}
      const well = JSON.parse((await asked("--json")).out)
      expect(
        well.checks.flatMap(({ name, state }: { name: string; state: string }) => (state === "ok" || name === "isolation" ? [] : [name])),
      ).toEqual(["lost runs"])
    } finally {
      now = {}
      await worker.stop()
    }
  })
})
