/** The vocabulary of the tests of runs: a platform without its server, notebooks in it, workers that are started and killed. */
import { randomBytes } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { newId } from "#base/id.ts"
import type { JsonObject } from "#base/json.ts"
import { accepted } from "#base/outcome.ts"
import { type Database, openDatabase } from "#database/index.ts"
import { freshDatabase } from "#database/testing.ts"
import type { Kernels } from "#kernel/index.ts"
import { directoryBlobs } from "#library/adapters/blobs/directory.ts"
import { brotliPacking, sha256Digest } from "#library/adapters/packing.ts"
import { type LibraryWorld, saveVersion } from "#library/index.ts"
import { type Notebook, write as writeNotebook } from "#notebook/index.ts"
import type { Actor, NotebookId, PersonId, Role, SpaceId } from "#people/index.ts"
import { openJournal, readJournal } from "#run/adapters/journal-file.ts"
import { placed, withContent } from "#run/adapters/journal-format.ts"
import { systemClock, systemTimers } from "#run/adapters/system.ts"
import { type CellSpec, notebookOf } from "#run/testing.ts"
import { accept } from "#work/accept.ts"
import { threadComparing } from "#work/adapters/comparing.ts"
import { thisHost } from "#work/adapters/host.ts"
import { openQueue } from "#work/adapters/pg-boss-queue.ts"
import { scratchDirectory } from "#work/adapters/scratch-directory.ts"
import { sealKey } from "#work/adapters/seal-key.ts"
import { spoolDirectory } from "#work/adapters/spool-directory.ts"
import type { Launch } from "#work/launch.ts"
import { isTerminal, type RunRow, type RunState } from "#work/row.ts"
import { findRun } from "#work/sql/find-run.ts"
import { startWorker, type Worker, type WorkerOptions } from "#work/worker.ts"
import type { WorkWorld } from "#work/world.ts"

export const random = { bytes: (count: number): Uint8Array => randomBytes(count) }

/** Where everything of one platform lies; a worker in a process of its own opens the same. */
export type Site = { readonly url: string; readonly home: string }

export type WorkerSpec = {
  readonly kernels: Kernels
  readonly kernelName?: string
  readonly slots?: number
  readonly leaseMs?: number
  readonly warm?: number
  readonly tell?: (line: string) => void
  readonly options?: Partial<WorkerOptions>
}

export type Platform = Site & {
  readonly database: Database
  readonly world: WorkWorld
  readonly library: LibraryWorld
  /** May do everything. */
  readonly admin: Actor
  readonly space: SpaceId
  person(name: string, role?: Role): Promise<Actor>
  /** Saves a notebook of these cells for that kernel and gives its id. */
  notebook(path: string, kernel: string, ...cells: readonly CellSpec[]): Promise<NotebookId>
  launch(launch: Launch, key?: string, actor?: Actor): Promise<RunRow>
  worker(spec: WorkerSpec): Promise<Worker>
  run(id: string): Promise<RunRow>
  /** The run once it is over, or in that state; fails after `ms`. */
  until(id: string, state?: RunState, ms?: number): Promise<RunRow>
  close(): Promise<void>
}

export async function openSite(site: Site): Promise<{ readonly database: Database; readonly world: WorkWorld; close(): Promise<void> }> {
  const database = openDatabase({ url: site.url, poolSize: 15, applicationName: "test" })
  const blobs = await directoryBlobs(join(site.home, "blobs"))
  const library = { db: database.db, blobs, packing: brotliPacking, digest: sha256Digest, clock: systemClock, random }
  const queue = await openQueue(database.db, { supervise: false })
  const world: WorkWorld = {
    db: database.db,
    listen: database.listen,
    library,
    queue,
    seal: sealKey(join(site.home, "keys")),
    comparing: threadComparing(),
    clock: systemClock,
    random,
  }
  return {
    database,
    world,
    async close() {
      await queue.close()
      await database.close()
    },
  }
}

export function workerOptions(site: Site, database: Database, spec: WorkerSpec): WorkerOptions {
  const { kernels, kernelName } = spec
  const scratches = scratchDirectory(join(site.home, "scratch"))
  return {
    spools: spoolDirectory(join(site.home, "spool"), { open: openJournal, read: readJournal }),
    scratches,
    host: thisHost(),
    timers: systemTimers,
    placed,
    withContent,
    keepsJournals: true,
    heartbeatDb: database.db,
    slots: spec.slots ?? 4,
    leaseMs: spec.leaseMs ?? 20_000,
    isolation: "L0",
    keptKernels: { most: 4, mostMs: 3_600_000 },
    mostSpoolBytes: 10_000_000_000,
    mostDiskBytes: 10_000_000_000,
    pool: { warm: spec.warm ?? 0 },
    preparing: {
      resolve: async () =>
        accepted({
          sha256: "e".repeat(64),
          name: "test",
          kind: "captured",
          kernelName: kernelName ?? "script",
          launch: { jupyterPath: undefined, prefix: undefined },
        }),
      kernels: () => kernels,
    },
    ...(spec.tell ? { tell: spec.tell } : {}),
    ...spec.options,
  }
}

/** On a new database of the tests' server. */
export async function platform(): Promise<Platform> {
  const fresh = await freshDatabase()
  const home = mkdtempSync(join(tmpdir(), "stet-work-"))
  // So that kernels of other users reach their directories in it: see adapters/scratch-directory.ts.
  chmodSync(home, 0o711)
  const at = await platformAt({ url: fresh.url, home })
  return {
    ...at,
    async close() {
      await at.close()
      await fresh.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** On a database that is migrated and empty. */
export async function platformAt(site: Site): Promise<Platform> {
  mkdirSync(join(site.home, "keys"), { mode: 0o700, recursive: true })
  const { database, world, close } = await openSite(site)
  const workers: Worker[] = []
  const person = (name: string, role?: Role, isAdmin = false) => newPerson(database, { name, isAdmin, role: role && { space, role } })
  const space = newId<"Space">(Date.now(), random) as SpaceId
  await database.db.insertInto("space").values({ id: space, name: "team", title: "Team", created_at: new Date() }).execute()
  const admin = await person("Admin", undefined, true)
  const run = async (id: string) => {
    const found = await findRun(database.db, id)
    if (!found) throw new Error(`there is no run ${id}`)
    return found
  }
  return {
    ...site,
    database,
    world,
    library: world.library,
    admin,
    space,
    person,
    run,
    async notebook(path, kernel, ...cells) {
      const metadata = { kernelspec: { name: kernel, display_name: kernel, language: kernel === "python3" ? "python" : "script" } }
      const notebook: Notebook = { ...notebookOf(...cells), metadata }
      const saved = await saveVersion(world.library, admin, {
        space: "team",
        path,
        bytes: new TextEncoder().encode(writeNotebook(notebook)),
        source: "api",
      })
      if (!saved.ok) throw new Error(saved.refusal.message)
      return saved.value.version.notebook
    },
    async launch(launch, key, actor = admin) {
      const outcome = await accept(world, actor, launch, key === undefined ? {} : { key })
      if (!outcome.ok) throw new Error(`${outcome.refusal.refused}: ${outcome.refusal.message}`)
      return outcome.value.run
    },
    async worker(spec) {
      const worker = await startWorker(world, workerOptions(site, database, spec))
      workers.push(worker)
      return worker
    },
    until: (id, state, ms = 30_000) =>
      eventually(
        `${id} is ${state ?? "over"}`,
        async () => {
          const found = await run(id)
          return (state === undefined ? isTerminal(found.state) : found.state === state) && found
        },
        ms,
      ),
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()))
      await close()
    },
  }
}

type NewPerson = { readonly name: string; readonly isAdmin: boolean; readonly role: { readonly space: SpaceId; readonly role: Role } | undefined }

async function newPerson({ db }: Database, { name, isAdmin, role }: NewPerson): Promise<Actor> {
  const id = newId<"Person">(Date.now(), random) as PersonId
  await db.insertInto("person").values({ id, kind: "person", name, is_admin: isAdmin, created_at: new Date() }).execute()
  if (role) {
    const grant = newId<"Grant">(Date.now(), random)
    await db
      .insertInto("role_grant")
      .values({ id: grant, space_id: role.space, notebook_id: null, person_id: id, role: role.role, granted_at: new Date() })
      .execute()
  }
  return { id, name, isAdmin, via: { kind: "session", session: "0".repeat(64) } }
}

/** Asks again and again until there is an answer. */
export async function eventually<Found>(what: string, probe: () => Promise<Found | undefined | false>, ms = 30_000): Promise<Found> {
  for (const end = Date.now() + ms; ; await new Promise((next) => setTimeout(next, 20))) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`in ${ms} ms it did not happen that ${what}`)
  }
}

/** The result as its bytes say. */
export async function resultIn(
  { library }: Pick<Platform, "library">,
  run: RunRow,
): Promise<{ cells: { source: string; outputs: JsonObject[]; metadata: JsonObject }[]; metadata: JsonObject }> {
  if (run.resultSha256 === null) throw new Error(`the run ${run.id} has no result: ${run.state} ${run.explanation}`)
  return JSON.parse(new TextDecoder().decode(await library.blobs.get(run.resultSha256)))
}
