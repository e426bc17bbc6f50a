/** The kernel of a live session: the environment and the files of the notebook as it was saved last, as for a run. */
import { sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import type { Kernel, Kernels } from "#kernel/index.ts"
import { type Cell, languageFor, languageOf, type Notebook } from "#notebook/index.ts"
import type { Actor, PersonId } from "#people/index.ts"
import { notebookIn } from "#work/bound.ts"
import { chdir } from "#work/chdir.ts"
import { filesIn } from "#work/given-files.ts"
import type { Placed } from "#work/kept-kernels.ts"
import type { Pool, Seat } from "#work/pool.ts"
import type { Preparing } from "#work/prepare.ts"
import type { SessionSecrets } from "#work/session-asks.ts"
import { silently } from "#work/silently.ts"
import { type Source, sourceOf } from "#work/source.ts"
import { findOrigin, type LiveOrigin } from "#work/sql/live-origin.ts"
import { filesOf } from "#work/sql/uploads.ts"
import type { WorkWorld } from "#work/world.ts"

export type SessionPreparing = {
  readonly world: WorkWorld
  readonly pool: Pool
  readonly preparing: Pick<Preparing, "resolve" | "kernels">
  readonly notebook: string
  readonly startedBy: string
  readonly environment: string | undefined
  /** The draft's, which says which kernel is meant; undefined: the last version's. */
  readonly metadata: JsonObject | undefined
  /** The draft's cells that list packages, with `metadata`; undefined: those of the last version. */
  readonly lists?: readonly string[] | undefined
  /** What the file holds from which the injected cell reads secrets; "" for none. */
  readonly secretText: string
}

/** What a person must mend before a kernel can start. */
class CannotStart extends Error {
  override readonly name = "CannotStart"
}

/** @throws CannotStart, Fault */
export async function prepareSession(asked: SessionPreparing): Promise<Placed> {
  const { world, pool, preparing } = asked
  const origin = await findOrigin(world.db, asked.notebook)
  const source = await savedOf(asked, origin)
  const notebook = await notebookOf(asked, source)
  const place = await placeOf(world, asked.notebook)
  const put = filesIn(source?.manifest ?? {}, origin ? await filesOf(world.db, { notebook: asked.notebook }) : [], place.folder)
  const resolved = await preparing.resolve({
    notebook,
    asked: asked.environment ?? origin?.environment ?? undefined,
    spaceDefault: place.spaceDefault,
  })
  if (!resolved.ok) throw new CannotStart(`${resolved.refusal.message} ${resolved.refusal.remedy}`.trim())
  const { sha256, name, kernelName } = resolved.value
  const kernels = preparing.kernels(resolved.value)
  const seat = pool.take({ key: `${sha256} ${kernelName}`, kernelName, kernels })
  try {
    const { kernel, restart } = await started(world, { seat, put, notebook, folder: place.folder, secretText: asked.secretText })
    const displayName = await displayNameOf(kernels, kernelName)
    return {
      seat,
      environment: { name, sha256 },
      started: { kernel, name: kernelName, displayName },
      language: languageOf(notebook),
      put,
      isPinned: origin !== undefined,
      restart,
    }
  } catch (error) {
    seat.scratch.remove()
    throw error
  }
}

/** Undefined for a notebook that was never saved: then there is nothing beside it. */
/** What was opened from a run has the files of that run's version, whatever has become of them. */
async function savedOf({ world, notebook, startedBy }: SessionPreparing, origin: LiveOrigin | undefined): Promise<Source | undefined> {
  const actor: Actor = { id: startedBy as PersonId, name: "", isAdmin: false, via: { kind: "session", session: "" } }
  const source = await sourceOf(world, actor, origin ? { notebook: origin.ofNotebook, version: origin.version } : { notebook, version: "latest" })
  if (source.ok) return source.value
  if (!origin && source.refusal.refused === "no_such_version") return undefined
  throw new CannotStart(source.refusal.message)
}

/** As it is written now, where that was told: a list of packages counts before it is in any version. */
async function notebookOf({ metadata, lists }: SessionPreparing, source: Source | undefined): Promise<Notebook> {
  const cells = (lists ?? []).map(
    (text, at): Cell => ({ cell_type: "code", id: `list-${at}`, metadata: {}, source: text, outputs: [], execution_count: null }),
  )
  const empty: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: metadata ?? {}, cells }
  if (!source || lists !== undefined) return empty
  const saved = notebookIn(await source.bytes())
  if (!saved.ok) return empty
  return metadata === undefined ? saved.value : { ...saved.value, metadata }
}

async function placeOf({ db }: WorkWorld, notebook: string): Promise<{ readonly folder: string; readonly spaceDefault: string | undefined }> {
  const { rows } = await sql<{ path: string; environment: string | null }>`
    SELECT n.path, s.default_environment AS environment FROM notebook n JOIN space s ON s.id = n.space_id WHERE n.id = ${notebook}`.execute(db)
  const [row] = rows
  if (!row) throw new CannotStart("The notebook is not there any more.")
  return { folder: row.path.split("/").slice(0, -1).join("/"), spaceDefault: row.environment ?? undefined }
}

async function displayNameOf(kernels: Kernels, kernelName: string): Promise<string> {
  return (await kernels.list()).find(({ name }) => name === kernelName)?.displayName ?? kernelName
}

type Starting = {
  readonly seat: Seat
  readonly put: Source["manifest"]
  readonly notebook: Notebook
  readonly folder: string
  readonly secretText: string
}

async function started(
  world: WorkWorld,
  { seat, put, notebook, folder, secretText }: Starting,
): Promise<{ readonly kernel: Kernel; readonly restart: Placed["restart"] }> {
  const { scratch } = seat
  const mayMove = folder === "" || languageFor("", languageOf(notebook)) === "python"
  const kernel = await seat.start(mayMove ? scratch.path : scratch.folder(folder))
  const goThere = async (there: Kernel) => {
    if (folder !== "" && mayMove) await chdir(there, scratch.folder(folder))
  }
  try {
    if (kernel.confined) scratch.ownedBy(kernel.confined.uid)
    for (const [path, sha256] of Object.entries(put)) await scratch.put(path, world.library.blobs.stream(sha256))
    if (secretText !== "") scratch.secret(secretText)
    await goThere(kernel)
  } catch (error) {
    await kernel.close({ graceMs: 0 })
    throw error
  }
  return {
    kernel,
    restart: async (again) => {
      await again.restart()
      await goThere(again)
    },
  }
}

/** Goes on with a kernel that stands already; it gets the secrets that it had lost, if they are given. @throws CannotStart */
export async function adoptSession(placed: Placed, secrets: SessionSecrets | undefined): Promise<Placed> {
  if (!secrets || secrets.text === "") return placed
  const { kernel } = placed.started
  placed.seat.scratch.secret(secrets.text)
  const how = await silently(kernel, secrets.code)
  if (how === "ended") throw new CannotStart("The kernel that the run left ended when it was given its secrets.")
  return placed
}
