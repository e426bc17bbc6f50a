/** Everything that an attempt needs before its kernel is told anything; what is missing is named as the cause. */

import { sql } from "kysely"
import { isFault, toError } from "#base/fault.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { EnvironmentRefusal, Resolved } from "#environment/index.ts"
import type { Kernel, Kernels } from "#kernel/index.ts"
import { grammarsOf, languageFor, languageOf, type Notebook } from "#notebook/index.ts"
import { type Actor, can, type NotebookId, type PersonId, type SpaceId, type Thing, whyConsentEnded } from "#people/index.ts"
import type { Order } from "#run/index.ts"
import type { AttemptEnd } from "#work/after.ts"
import { notebookIn, orderOf, type Ready } from "#work/bound.ts"
import { chdir } from "#work/chdir.ts"
import { filesIn, withPaths } from "#work/given-files.ts"
import type { Placed } from "#work/kept-kernels.ts"
import type { Pool, Seat } from "#work/pool.ts"
import type { Scratch } from "#work/ports.ts"
import { type Source, sourceOf } from "#work/source.ts"
import type { Claimed } from "#work/sql/claim.ts"
import { cpuSecondsOf, within } from "#work/terms.ts"
import type { WorkWorld } from "#work/world.ts"

export type Preparing = {
  readonly world: WorkWorld
  readonly claimed: Claimed
  readonly pool: Pool
  /** The environment for a notebook; a missing one is built, or refused. */
  readonly resolve: (asking: Asking) => Promise<Outcome<Resolved, EnvironmentRefusal>>
  /** What starts kernels of that environment. */
  readonly kernels: (resolved: Resolved) => Kernels
  /** Processors that a kernel may use where no control group bounds them (Infinity: all); undefined where one does. */
  readonly uncountedCpus?: number
  /** Aborted when nobody wants the run any more: what is being built for it is given up. */
  readonly cancellation: AbortSignal
}

export type Asking = {
  readonly notebook: Notebook
  readonly asked: string | undefined
  readonly spaceDefault: string | undefined
  readonly cancellation?: AbortSignal
}

export type Prepared = {
  readonly order: Order
  readonly displayName: string
  readonly scratch: Scratch
  /** The notebook's, in its space. */
  readonly folder: string
  readonly secretValues: readonly string[]
  readonly start: () => Promise<Kernel>
  /** Where its kernel stands, should it outlive the run. */
  readonly place: Omit<Placed, "started">
  /** Code that takes its secrets out of the kernel: see Leaving. */
  readonly forgetting: string | undefined
  /** Removes what the run was lent. */
  readonly release: () => void
}

type Preparation = Outcome<Prepared, AttemptEnd>

export async function prepareAttempt(preparing: Preparing): Promise<Preparation> {
  try {
    return await prepare(preparing)
  } catch (error) {
    if (!isFault(error)) throw error
    return failed(REASONS[error.code] ?? "kernel_start_failed", sentence(error))
  }
}

const REASONS: { readonly [code: string]: AttemptEnd["reason"] } = {
  blob_missing: "version_missing",
  blob_damaged: "version_missing",
  version_damaged: "version_missing",
  disk_full: "storage_failed",
  index_unreachable: "index_unreachable",
}

async function prepare(preparing: Preparing): Promise<Preparation> {
  const { world, claimed } = preparing
  const source = await sourceFor(world, claimed)
  if (!source.ok) return source
  const notebook = notebookIn(await source.value.bytes(), claimed.rig)
  if (!notebook.ok) return failed("version_missing", notebook.refusal.message)
  const place = await placeOf(world, claimed)
  const resolved = await preparing.resolve({
    notebook: notebook.value,
    asked: claimed.environmentAsked ?? undefined,
    spaceDefault: place.spaceDefault,
    cancellation: preparing.cancellation,
  })
  if (!resolved.ok) return failed("environment_missing", `${resolved.refusal.message} ${resolved.refusal.remedy}`.trim())
  await nameEnvironment(world, claimed, resolved.value.sha256)
  const kernels = preparing.kernels(resolved.value)
  const { kernelName, sha256 } = resolved.value
  const { memoryBytes, cpus } = claimed.limits
  const perProcess = cpuSecondsOf(claimed.limits, preparing.uncountedCpus)
  const resources = within({}, { ...(memoryBytes ? { memoryBytes } : {}), ...(cpus ? { cpus } : {}), ...perProcess })
  // Kernels that may use as much as any are alike; what a template bounds is kept warm for itself.
  const key = [sha256, kernelName, ...Object.values(resources)].join(" ")
  const seat = preparing.pool.take({ key, kernelName, kernels, resources })
  const what = { preparing, source: source.value, notebook: notebook.value, resolved: resolved.value, place, kernels, seat }
  try {
    const prepared = await seated(what)
    if (!prepared.ok) leave(seat)
    return prepared
  } catch (error) {
    leave(seat)
    throw error
  }
}

/** Whoever ordered it must still be allowed to, and so must whoever it runs as: a retry may come hours later. */
async function sourceFor(world: WorkWorld, claimed: Claimed): Promise<Outcome<Source, AttemptEnd>> {
  const thing = { space: claimed.space as SpaceId, notebook: claimed.notebook as NotebookId }
  const actor = personOf(claimed.orderedBy)
  if (!(await can(world.db, actor, "run", thing))) return failed("not_permitted", "Whoever ordered this run may not run the notebook any more.")
  const why = await whyNotAs(world, claimed, thing)
  if (why !== undefined) return failed("not_permitted", why)
  const source = await sourceOf(world, actor, {
    notebook: claimed.notebook,
    version: claimed.version,
    evenTrashed: claimed.template !== null,
  })
  return source.ok ? accepted(source.value) : failed("version_missing", source.refusal.message)
}

async function whyNotAs(world: WorkWorld, { ranAs, consent }: Claimed, thing: Thing): Promise<string | undefined> {
  if (ranAs === null || consent === null) return undefined
  const ended = await whyConsentEnded(world.db, { person: ranAs, consent })
  if (ended !== undefined) return ended
  return (await can(world.db, personOf(ranAs), "run", thing))
    ? undefined
    : "The person or account in whose name it runs may not run the notebook any more."
}

function personOf(id: string): Actor {
  return { id: id as PersonId, name: "", isAdmin: false, via: { kind: "session", session: "" } }
}

type Place = { readonly path: string; readonly spaceName: string; readonly spaceDefault: string | undefined }

async function placeOf({ db }: WorkWorld, { notebook }: Claimed): Promise<Place> {
  const { rows } = await sql<{ path: string; name: string; environment: string | null }>`
    SELECT n.path, s.name, s.default_environment AS environment FROM notebook n JOIN space s ON s.id = n.space_id WHERE n.id = ${notebook}`.execute(
    db,
  )
  const row = rows[0]
  if (!row) throw new Error(`the notebook ${notebook} of a run is not there`)
  return { path: row.path, spaceName: row.name, spaceDefault: row.environment ?? undefined }
}

async function nameEnvironment({ db }: WorkWorld, { id, attempt, fence }: Claimed, sha256: string): Promise<void> {
  await sql`
    WITH mine AS (UPDATE run SET environment_sha256 = ${sha256} WHERE id = ${id} AND fence = ${fence} AND state = 'running' RETURNING id)
    UPDATE attempt SET environment_sha256 = ${sha256} FROM mine WHERE run_id = mine.id AND number = ${attempt}`.execute(db)
}

type Seated = {
  readonly preparing: Preparing
  readonly source: Source
  readonly notebook: Notebook
  readonly resolved: Resolved
  readonly place: Place
  readonly kernels: Kernels
  readonly seat: Seat
}

async function seated({ preparing, source, notebook, resolved, place, kernels, seat }: Seated): Promise<Preparation> {
  const { world, claimed } = preparing
  const ready = orderOf({
    run: claimed.id,
    notebook,
    input: `${place.spaceName}/${place.path}@${claimed.version}`,
    parameters: withPaths(claimed.parameters, claimed.files),
    secrets: claimed.secrets ? world.seal.open(claimed.secrets, claimed.id) : "",
    kernelName: resolved.kernelName,
    limits: claimed.limits,
    secretFile: seat.scratch.secretPath,
    grammars: await grammarsOf(notebook, world.library.loadGrammars, resolved.kernelName),
  })
  if (!ready.ok) return failed("version_missing", ready.refusal.message)
  const displayName = (await kernels.list()).find(({ name }) => name === resolved.kernelName)?.displayName ?? resolved.kernelName
  const folder = place.path.split("/").slice(0, -1).join("/")
  const put = filesIn(source.manifest, claimed.files, folder)
  return accepted({
    order: ready.value.order,
    displayName,
    scratch: seat.scratch,
    folder,
    secretValues: ready.value.secretValues,
    start: () => start({ world, claimed, put, seat, folder, notebook, ready: ready.value }),
    place: {
      seat,
      environment: { name: resolved.name, sha256: resolved.sha256 },
      language: languageOf(notebook),
      put,
      isPinned: true,
      restart: async (kernel) => {
        await kernel.restart()
        if (isMoved(folder, notebook)) await chdir(kernel, seat.scratch.folder(folder))
      },
    },
    forgetting: ready.value.forgetting,
    release: () => seat.scratch.remove(),
  })
}

type Starting = {
  readonly world: WorkWorld
  readonly claimed: Claimed
  /** Path → digest: the version's files, and those that were given. */
  readonly put: Source["manifest"]
  readonly seat: Seat
  readonly folder: string
  readonly notebook: Notebook
  readonly ready: Ready
}

/** The kernel, in the notebook's folder, with the version's files around it. */
async function start({ world, claimed, put, seat, folder, notebook, ready }: Starting): Promise<Kernel> {
  const { scratch } = seat
  const mayMove = folder === "" || isMoved(folder, notebook)
  // Only a Python kernel can be moved once it is there; another one is started where it belongs.
  const kernel = await seat.start(mayMove ? scratch.path : scratch.folder(folder))
  try {
    if (kernel.confined) scratch.ownedBy(kernel.confined.uid)
    const cwd = scratch.folder(folder)
    for (const [path, sha256] of Object.entries(put)) await scratch.put(path, world.library.blobs.stream(sha256))
    if (ready.secretText !== "") scratch.secret(ready.secretText)
    scratch.seal(`${claimed.id}.${claimed.attempt}`)
    if (isMoved(folder, notebook)) await chdir(kernel, cwd)
    return kernel
  } catch (error) {
    await kernel.close({ graceMs: 0 })
    throw error
  }
}

/** A Python kernel is started anywhere and brought to its folder. */
function isMoved(folder: string, notebook: Notebook): boolean {
  return folder !== "" && languageFor("", languageOf(notebook)) === "python"
}

/** The seat was not used: a kernel that was warm is not given to anybody else, because its directory may hold files. */
function leave(seat: Seat): void {
  if (!seat.isWarm) return seat.scratch.remove()
  void seat.start("").then(
    (kernel) => kernel.close({ graceMs: 0 }).finally(() => seat.scratch.remove()),
    () => seat.scratch.remove(),
  )
}

function failed(reason: AttemptEnd["reason"], explanation: string): { readonly ok: false; readonly refusal: AttemptEnd } {
  return refused({ state: "failed", reason, explanation })
}

function sentence(error: unknown): string {
  const { message } = toError(error)
  return isFault(error) && error.remedy !== "" ? `${message} ${error.remedy}` : message
}
