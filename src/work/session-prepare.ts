/** The kernel of a live session: the environment and the files of the notebook as it was saved last, as for a run. */
import { sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import type { Kernel, Kernels } from "#kernel/index.ts"
import { languageFor, languageOf, type Notebook } from "#notebook/index.ts"
import type { Actor, PersonId } from "#people/index.ts"
import type { Started } from "#run/index.ts"
import { notebookIn } from "#work/bound.ts"
import { chdir } from "#work/chdir.ts"
import type { Pool, Seat } from "#work/pool.ts"
import type { Preparing } from "#work/prepare.ts"
import { type Source, sourceOf } from "#work/source.ts"
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
}

export type PreparedSession = {
  readonly seat: Seat
  readonly environment: { readonly name: string; readonly sha256: string }
  readonly started: Started
  readonly language: string
  /** The files that are in its directory: path → digest. */
  readonly put: Readonly<Record<string, string>>
  /** In the same place, anew. */
  readonly restart: (kernel: Kernel) => Promise<void>
}

/** What a person must mend before a kernel can start. */
class CannotStart extends Error {
  override readonly name = "CannotStart"
}

/** @throws CannotStart, Fault */
export async function prepareSession(asked: SessionPreparing): Promise<PreparedSession> {
  const { world, pool, preparing } = asked
  const source = await savedOf(asked)
  const notebook = await notebookOf(asked, source)
  const place = await placeOf(world, asked.notebook)
  const resolved = await preparing.resolve({ notebook, asked: asked.environment, spaceDefault: place.spaceDefault })
  if (!resolved.ok) throw new CannotStart(`${resolved.refusal.message} ${resolved.refusal.remedy}`.trim())
  const { sha256, name, kernelName } = resolved.value
  const kernels = preparing.kernels(resolved.value)
  const seat = pool.take({ key: `${sha256} ${kernelName}`, kernelName, kernels })
  try {
    const { kernel, restart } = await started(world, { seat, source, notebook, folder: place.folder })
    const displayName = await displayNameOf(kernels, kernelName)
    return {
      seat,
      environment: { name, sha256 },
      started: { kernel, name: kernelName, displayName },
      language: languageOf(notebook),
      put: source?.manifest ?? {},
      restart,
    }
  } catch (error) {
    seat.scratch.remove()
    throw error
  }
}

/** Undefined for a notebook that was never saved: then there is nothing beside it. */
async function savedOf({ world, notebook, startedBy }: SessionPreparing): Promise<Source | undefined> {
  const actor: Actor = { id: startedBy as PersonId, name: "", isAdmin: false, via: { kind: "session", session: "" } }
  const source = await sourceOf(world, actor, { notebook, version: "latest" })
  if (source.ok) return source.value
  if (source.refusal.refused === "no_such_version") return undefined
  throw new CannotStart(source.refusal.message)
}

async function notebookOf({ metadata }: SessionPreparing, source: Source | undefined): Promise<Notebook> {
  const empty: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: metadata ?? {}, cells: [] }
  if (!source) return empty
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

type Starting = { readonly seat: Seat; readonly source: Source | undefined; readonly notebook: Notebook; readonly folder: string }

async function started(
  world: WorkWorld,
  { seat, source, notebook, folder }: Starting,
): Promise<{ readonly kernel: Kernel; readonly restart: PreparedSession["restart"] }> {
  const { scratch } = seat
  const mayMove = folder === "" || languageFor("", languageOf(notebook)) === "python"
  const kernel = await seat.start(mayMove ? scratch.path : scratch.folder(folder))
  const goThere = async (there: Kernel) => {
    if (folder !== "" && mayMove) await chdir(there, scratch.folder(folder))
  }
  try {
    if (kernel.confined) scratch.ownedBy(kernel.confined.uid)
    for (const [path, sha256] of Object.entries(source?.manifest ?? {})) await scratch.put(path, world.library.blobs.stream(sha256))
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
