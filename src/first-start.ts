/** What a platform needs before anybody can use it: an administrator's way in, and something to look at. */
import { fileURLToPath } from "node:url"
import { isFault } from "#base/fault.ts"
import type { Configuration } from "#configuration.ts"
import type { Database } from "#database/index.ts"
import { readFolder } from "#library/adapters/folder-reader.ts"
import { createSpace, importPieces, type LibraryWorld } from "#library/index.ts"
import { type Actor, consoleToken, firstRunLink, type PersonId } from "#people/index.ts"
import { clock, libraryWorld, openBlobs, peopleWorld } from "#worlds.ts"

export type FirstStart = {
  /** For the address of the first administrator's one-use link; undefined once there is one who can sign in. */
  readonly linkCode: string | undefined
  readonly localToken: string
}

const EXAMPLES = fileURLToPath(new URL("../examples", import.meta.url))
const SAMPLES = "samples"

export async function prepareFirstStart(
  configuration: Configuration,
  { database, tell }: { readonly database: Database; readonly tell: (line: string) => void },
): Promise<FirstStart> {
  const people = peopleWorld(database, undefined, "http://localhost")
  const link = await firstRunLink(people)
  const localToken = await consoleToken(people)
  if (localToken === undefined) throw new Error("there is no administrator, although one was made")
  await seedSamples(libraryWorld(database, await openBlobs(configuration.blobs, configuration.home)), tell)
  return { linkCode: link?.code, localToken }
}

/** The repository's examples as a space, once: whoever removes it does not get it again. */
async function seedSamples(world: LibraryWorld, tell: (line: string) => void): Promise<void> {
  const spaces = await world.db.selectFrom("space").select("id").limit(1).execute()
  if (spaces.length > 0) return
  const actor = await administrator(world)
  const made = await createSpace(world, actor, { name: SAMPLES, title: "Samples" })
  if (!made.ok) throw new Error(made.refusal.message)
  const began = clock.steady()
  const offering = await readFolder(EXAMPLES).catch((error: unknown) => {
    if (isFault(error)) return undefined
    throw error
  })
  if (!offering) return
  const pieces = offering.pieces.filter(({ path }) => !path.endsWith(".result.ipynb") && path !== "README.md")
  const imported = await importPieces(world, actor, { space: SAMPLES, message: "A sample that comes with Stet", pieces })
  if (!imported.ok) throw new Error(imported.refusal.message)
  const notebooks = imported.value.entries.filter(({ kind, outcome }) => kind === "notebook" && outcome === "imported").length
  tell(`A space of ${notebooks} sample notebooks is made (${Math.round(clock.steady() - began)} ms).`)
}

/** The samples belong to the first administrator. */
async function administrator({ db }: LibraryWorld): Promise<Actor> {
  const row = await db
    .selectFrom("person")
    .select(["id", "name"])
    .where("is_admin", "=", true)
    .where("kind", "=", "person")
    .orderBy("id")
    .executeTakeFirstOrThrow()
  return { id: row.id as PersonId, name: row.name, isAdmin: true, via: { kind: "system" } }
}
