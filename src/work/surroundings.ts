/** What stands around a notebook while somebody writes it: what can be imported where it would run, and the files beside it. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { importableOf, knownEnvironment, meaningOf, meanings, type Stated, stated, wishOf } from "#environment/index.ts"
import { languageFor, languageOf, type Notebook } from "#notebook/index.ts"
import { findPlace, type Place, pathsAround } from "#work/sql/surroundings.ts"
import type { WorkWorld } from "#work/world.ts"

export type Surroundings = {
  /** null where that is not known. */
  readonly environment: {
    readonly sha256: string
    /** Of its kernel. */
    readonly language: string
    /** "3.12"; "" where it was not asked. */
    readonly version: string
    /** null before a worker has asked it. */
    readonly modules: readonly string[] | null
  } | null
  /** Paths in the space, the notebook's own folder among them. null where there are too many. */
  readonly files: {
    readonly folder: string
    /** All files in this folder and below it are among `paths`; "" is the space. */
    readonly below: string
    readonly paths: readonly string[]
  } | null
}

/** More paths than that are not looked through while somebody types. */
const MOST_PATHS = 2_000

/** `document`: the notebook as it is being written. Undefined when it is gone. */
export async function surroundingsOf(
  { db }: Pick<WorkWorld, "db">,
  notebook: string,
  document: Pick<Notebook, "metadata" | "cells">,
): Promise<Surroundings | undefined> {
  const place = await findPlace(db, notebook)
  if (!place) return undefined
  return { environment: await environmentOf(db, place, document), files: await filesOf(db, notebook, place) }
}

/** Where what the notebook shows would find what was installed for it: the environment, and the kernel that it is of. */
export async function whereItRuns(
  { db }: Pick<WorkWorld, "db">,
  notebook: string,
  document: Pick<Notebook, "metadata" | "cells">,
): Promise<{ readonly sha256: string; readonly kernel: string } | undefined> {
  const place = await findPlace(db, notebook)
  const known = place && (await environmentIn(db, place, document))
  return known && { sha256: known.sha256, kernel: known.manifest.what.kernel.name }
}

type Db = WorkWorld["db"]

async function environmentIn(db: Db, place: Place, document: Pick<Notebook, "metadata" | "cells">) {
  const sha256 = place.sessionEnvironment ?? (await wouldRunIn(db, place, document))
  const known = sha256 === undefined ? undefined : await knownEnvironment(db, sha256)
  return sha256 === undefined || !known ? undefined : { sha256, manifest: known.manifest }
}

/** That of the session which lives; else what a session or run would get, as far as it is known without asking a machine. */
async function environmentOf(db: Db, place: Place, document: Pick<Notebook, "metadata" | "cells">): Promise<Surroundings["environment"]> {
  const known = await environmentIn(db, place, document)
  if (!known) return null
  const { sha256 } = known
  const importable = await importableOf(db, sha256)
  return {
    sha256,
    language: known.manifest.what.kernel.language,
    version: importable?.version ?? "",
    modules: importable ? [...importable.modules].sort() : null,
  }
}

async function wouldRunIn(db: Db, { spaceDefault, asked }: Place, document: Pick<Notebook, "metadata" | "cells">) {
  const said: Outcome<Stated, unknown> = asked === null ? stated(document) : accepted({ is: "named", name: asked })
  if (!said.ok) return undefined
  const wish = wishOf(document, said.value)
  // A new notebook names no kernel yet, and gets the one for Python.
  const isNew = wish.want === "kernel" && wish.name === "" && languageFor("", languageOf(document as Notebook) || "python") === "python"
  return meaningOf(isNew ? { ...wish, name: "python3" } : wish, await meanings(db), spaceDefault)?.sha256
}

async function filesOf(db: Db, notebook: string, { path }: Place): Promise<Surroundings["files"]> {
  const folder = path.split("/").slice(0, -1).join("/")
  for (const below of new Set(["", folder])) {
    const paths = await pathsAround(db, notebook, { below, limit: MOST_PATHS + 1 })
    if (paths.length <= MOST_PATHS) return { folder, below, paths }
  }
  return null
}
