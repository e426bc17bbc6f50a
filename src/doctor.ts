/** What `stet doctor` looks at, and the quick part of it that `/readyz` asks. Each finding says what to do. */
import { statSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { sql } from "kysely"
import type { ReadyCheck } from "#api/index.ts"
import { toError } from "#base/fault.ts"
import { type Clock, toHuman } from "#base/time.ts"
import type { Check, Health } from "#cli/platform.ts"
import type { Configuration } from "#configuration.ts"
import { type Database, readMigrations } from "#database/index.ts"
import { environmentShelf } from "#environment/index.ts"
import type { Places } from "#home.ts"
import { probeIsolation } from "#kernel/adapters/isolation.ts"
import type { Isolation, IsolationLevel, Kernels } from "#kernel/index.ts"
import { brokenVersions, type LibraryWorld } from "#library/index.ts"
import { MIGRATIONS } from "#migrated.ts"
import { workFacts } from "#work/index.ts"
import { environmentWorld } from "#worlds.ts"

export type Looked = {
  readonly configuration: Configuration
  readonly places: Places
  readonly database: Database
  readonly library: LibraryWorld
  readonly kernels: Kernels
  readonly version: string
  readonly clock: Clock
  /** Free bytes of a disk below which one is warned, and below which nothing can be recorded. Default 2 GB and 200 MB. */
  readonly room?: { readonly lowBytes: number; readonly outBytes: number }
}

type Finding = Omit<Check, "name">
type Look = readonly [name: string, look: (looked: Looked) => Promise<Finding>]

const LOOKS: readonly Look[] = [
  ["home", home],
  ["database", database],
  ["schema", schema],
  ["blobs", blobs],
  ["queue", queue],
  ["workers", workers],
  ["isolation", isolation],
  ["kernels", kernels],
  ["environments", environments],
  ["clocks", clocks],
  ["lost runs", lostRuns],
  ["records", records],
]

export async function doctor(looked: Looked, { deep }: { readonly deep: boolean }): Promise<Health> {
  const looks: readonly Look[] = deep ? [...LOOKS, ["versions", versions]] : LOOKS
  const checks = await Promise.all(looks.map(async ([name, look]) => ({ name, ...(await look(looked).catch(broken)) })))
  return { ok: checks.every(({ state }) => state !== "failed"), version: looked.version, checks }
}

/** Whether requests may be sent here. */
export async function ready(looked: Looked): Promise<readonly ReadyCheck[]> {
  const quick: readonly Look[] = [
    ["database", database],
    ["schema", schema],
    ["blobs", blobs],
    ["home", home],
  ]
  return Promise.all(
    quick.map(async ([name, look]) => {
      const { state, message } = await Promise.race([look(looked).catch(broken), late(name)])
      return { name, ok: state !== "failed", message }
    }),
  )
}

/** A query waits longer than a probe for a database that is away. Here its name is wanted. */
const LATE_MS = 3_000

async function late(name: string): Promise<Finding> {
  await new Promise<void>((resolve) => setTimeout(resolve, LATE_MS).unref())
  return { state: "failed", message: `The ${name} did not answer within ${toHuman(LATE_MS)}.`, remedy: "" }
}

function broken(error: unknown): Finding {
  const { message } = toError(error)
  return { state: "failed", message, remedy: (error as { readonly remedy?: string }).remedy ?? "" }
}

function ok(message: string): Finding {
  return { state: "ok", message, remedy: "" }
}

const USUAL_ROOM = { lowBytes: 2_000_000_000, outBytes: 200_000_000 }

async function home({ places, room }: Looked): Promise<Finding> {
  return disk(places.root, "Stet's home", room)
}

async function disk(path: string, what: string, { lowBytes, outBytes } = USUAL_ROOM): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(path)
  const free = bavail * bsize
  const message = `${what} (${path}) has ${gigabytes(free)} of ${gigabytes(blocks * bsize)} free.`
  if (free < outBytes) return { state: "failed", message, remedy: "Free some space: no run can be recorded on a full disk." }
  return free < lowBytes ? { state: "warning", message, remedy: "Free some space, or shorten what is kept (STET_KEEP_*)." } : ok(message)
}

function gigabytes(bytes: number): string {
  if (bytes < 100_000_000) return `${Math.ceil(bytes / 1_000_000)} MB`
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`
}

async function database({ database: { db }, clock }: Looked): Promise<Finding> {
  const began = clock.steady()
  const { rows } = await sql<{ version: string; size: number }>`SELECT current_setting('server_version') AS version,
    pg_database_size(current_database()) AS size`.execute(db)
  return ok(`PostgreSQL ${rows[0]?.version} answers in ${toHuman(clock.steady() - began)}; it holds ${gigabytes(rows[0]?.size ?? 0)}.`)
}

async function schema({ database: { db } }: Looked): Promise<Finding> {
  const known = (await readMigrations(MIGRATIONS)).length
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM migration`.execute(db)
  const applied = rows[0]?.count ?? 0
  if (applied === known) return ok(`The schema is at step ${applied}.`)
  const remedy = applied < known ? "Start the server once: it brings the schema up to date." : "Run a Stet that is at least as new as the database."
  return { state: "failed", message: `The schema is at step ${applied}, and this Stet knows ${known}.`, remedy }
}

const NO_BLOB = "0".repeat(64)

async function blobs({ library: { blobs: store }, configuration, room }: Looked): Promise<Finding> {
  await store.has(NO_BLOB)
  const place = configuration.blobs
  if (place.kind === "s3") return ok(`The bucket ${place.bucket} answers.`)
  return disk(place.path, "The blob store", room)
}

async function queue({ database: { db }, clock }: Looked): Promise<Finding> {
  const { rows } = await sql<{ queued: number; running: number; oldest: number | null }>`
    SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running,
      min(greatest(queued_at, not_before)) FILTER (WHERE state = 'queued' AND (not_before IS NULL OR not_before <= now())) AS oldest
    FROM run WHERE state IN ('queued', 'running')`.execute(db)
  const { queued = 0, running = 0, oldest = null } = rows[0] ?? {}
  const waited = oldest === null ? 0 : clock.now() - oldest
  const message = `${running} running, ${queued} queued${oldest === null ? "" : `, the first for ${toHuman(waited)}`}.`
  return waited > 10 * 60_000 ? { state: "warning", message, remedy: "Start more workers, or raise STET_SLOTS." } : ok(message)
}

async function workers({ database: { db }, configuration, clock }: Looked): Promise<Finding> {
  const all = await db.selectFrom("worker").select(["host", "pid", "slots", "isolation", "seen_at"]).orderBy("id").execute()
  const living = all.filter(({ seen_at }) => clock.now() - seen_at < 2 * configuration.leaseSeconds * 1000)
  if (living.length === 0) return { state: "failed", message: "No worker lives.", remedy: "Start one: stet start, or stet worker." }
  const named = living.map(({ host, slots, isolation: level }) => `${host} (${slots} kernels at once, ${level})`)
  return ok(`${living.length === 1 ? "One worker" : `${living.length} workers`}: ${named.join(", ")}.`)
}

// A number of which /etc/passwd knows nothing; at L2 a kernel has one of its own.
const NAMELESS = "Users of kernels have no name, without which Spark and Hadoop do not begin; at L2 they have one."

async function isolation({ configuration }: Looked): Promise<Finding> {
  const found = await probeIsolation()
  const used = configuration.isolation === "auto" ? found.best : configuration.isolation
  const lacks = lacking(used, found)
  const message = `${used} here; limits by ${found.limitsBy.who}${lacks ? `; ${lacks.what}` : ""}.${used === "L1" ? ` ${NAMELESS}` : ""}`
  const why = used === "L1" && found.best === "L2" ? "Take STET_ISOLATION away, or set it to L2." : Object.values(found.whyNot)[0]
  if (configuration.kernelCpus !== undefined && found.processorBy.who === "nobody")
    return {
      state: "warning",
      message: `${message} STET_KERNEL_CPUS only bounds the processor time of each process of a run that has a time-out: ${found.processorBy.why}.`,
      remedy: "Let the worker write a cpu control group (systemd: Delegate=yes; Docker: a writable /sys/fs/cgroup), or live with that.",
    }
  const unread = used === "L0" ? [] : configuration.dataFolders.filter((folder) => !isReadableByAll(folder))
  if (unread.length > 0)
    return {
      state: "warning",
      message: `${message} Kernels cannot read ${unread.join(", ")} of STET_DATA_FOLDERS.`,
      remedy: "Make them, let other users read them (chmod a+rX), or take them out of STET_DATA_FOLDERS.",
    }
  if (found.best !== "L0") return { state: "ok", message, remedy: why ?? lacks?.why ?? "" }
  return {
    state: "warning",
    message: `${message} Kernels run as the user of the worker: everybody who may run code can read what it can.`,
    remedy: why ?? "",
  }
}

/** What the level has on other machines and not on this one. */
function lacking(level: IsolationLevel, { systemCalls, files }: Isolation): { readonly what: string; readonly why: string } | undefined {
  if (level === "L2" && !systemCalls.filtered) return { what: "system calls are not filtered", why: systemCalls.why }
  if (level === "L1" && !files.restricted) return { what: "files are not restricted", why: files.why }
  return undefined
}

function isReadableByAll(folder: string): boolean {
  return ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o5) === 0o5
}

async function kernels({ kernels: installed }: Looked): Promise<Finding> {
  const specs = await installed.list()
  if (specs.length === 0)
    return { state: "failed", message: "No kernel is installed.", remedy: "stet start makes a Python environment; or install a Jupyter kernel." }
  return ok(`Kernels: ${specs.map(({ name }) => name).join(", ")}.`)
}

async function environments({ configuration, database: known, kernels: installed }: Looked): Promise<Finding> {
  const days = configuration.keep.environmentDays
  const { built, unused } = await environmentShelf(environmentWorld(configuration, { database: known, kernels: installed, env: process.env }), days)
  const stands = `${built.length === 1 ? "One environment is" : `${built.length} environments are`} built on this machine`
  if (days === 0) return ok(`${stands}; they are kept for ever.`)
  const due = unused.length === 0 ? "" : ` ${unused.length} of them ${unused.length === 1 ? "is" : "are"} removed within the hour.`
  return ok(
    `${stands}; one that nothing uses for ${days} days and that no name and no space means is removed, and built again when it is asked for.${due}`,
  )
}

const SKEW_MS = 5_000

async function clocks({ database: { db }, clock }: Looked): Promise<Finding> {
  const before = clock.now()
  const { rows } = await sql<{ now: number }>`SELECT clock_timestamp() AS now`.execute(db)
  const between = (before + clock.now()) / 2
  const skew = Math.abs((rows[0]?.now ?? between) - between)
  const message = `This clock and the database's differ by ${toHuman(skew)}.`
  return skew > SKEW_MS ? { state: "warning", message, remedy: "Let both machines ask a time server (NTP)." } : ok(message)
}

async function lostRuns({ database: { db }, clock }: Looked): Promise<Finding> {
  const since = new Date(clock.now() - 86_400_000)
  const { rows } = await sql<{ lost: number }>`SELECT count(*) AS lost FROM run WHERE state = 'lost' AND ended_at > ${since}`.execute(db)
  const lost = rows[0]?.lost ?? 0
  if (lost === 0) return ok("No run was lost in a day.")
  return {
    state: "warning",
    message: lost === 1 ? "One run was lost in a day." : `${lost} runs were lost in a day.`,
    remedy: "Their worker died: see logs/worker.log, and the memory of that machine.",
  }
}

/** Spools, results, journals and artifacts, how much they may take, and for how long they are kept. */
async function records({ database: { db }, configuration: { keep } }: Looked): Promise<Finding> {
  const { unstoredToday, keptResultBytes, keptJournalBytes, keptArtifactBytes, spoolBytes } = await workFacts({ db })
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString("en-US")} MB`
  const days = (count: number) => (count === 0 ? "for ever" : `for ${count} days`)
  const of = (bytes: number, most: number) => `${megabytes(bytes)}${most === 0 ? "" : ` of ${megabytes(most)}`}`
  const results = `results ${of(keptResultBytes, keep.resultBytes)}, kept ${days(keep.resultDays)}`
  const journals = `journals ${of(keptJournalBytes, keep.journalBytes)}, ${days(keep.journalDays)}`
  const kept = `${results}; ${journals}; artifacts ${megabytes(keptArtifactBytes)}, ${days(keep.artifactDays)}; events ${days(keep.eventDays)}`
  const message = `Spools ${megabytes(spoolBytes)} of ${megabytes(keep.spoolBytes)}; ${kept}.`
  if (unstoredToday > 0)
    return {
      state: "warning",
      message: `${unstoredToday} results could not be stored in a day. ${message}`,
      remedy: "Look at the blob store; the worker adds them by itself when it can.",
    }
  if (spoolBytes > keep.spoolBytes * 0.8)
    return {
      state: "warning",
      message,
      remedy: "Results do not leave the worker: look at the blob store and at logs/worker.log, or raise STET_SPOOL_BYTES.",
    }
  return ok(message)
}

async function versions({ library }: Looked): Promise<Finding> {
  const { looked, broken: damaged } = await brokenVersions(library)
  if (damaged.length === 0) return ok(`All ${looked} versions are what they were.`)
  return {
    state: "failed",
    message: `${damaged.length} of ${looked} versions are damaged: ${damaged
      .slice(0, 5)
      .map(({ notebook, number }) => `${notebook}@${number}`)
      .join(", ")}.`,
    remedy: "Take their blobs from a backup: stet restore.",
  }
}
