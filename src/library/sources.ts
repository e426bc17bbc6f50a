/** The sources that come with a version, for whoever asks what it does: Python's modules, and what R brings with `source`. */
import type { LibraryWorld } from "#library/ports.ts"
import type { VersionRow } from "#library/sql/version-row.ts"
import { type Sources, sourcesFrom } from "#notebook/index.ts"

/** @throws Fault where a blob of them is damaged */
export async function sourcesOf({ db, blobs }: LibraryWorld, { notebook, manifest }: Pick<VersionRow, "notebook" | "manifest">): Promise<Sources> {
  const found = await db.selectFrom("notebook").select("path").where("id", "=", notebook).executeTakeFirst()
  const texts: [path: string, text: string][] = []
  for (const path of Object.keys(manifest).toSorted())
    if (/\.(?:py|r)$/i.test(path)) texts.push([path, new TextDecoder().decode(await blobs.get(manifest[path] ?? ""))])
  return sourcesFrom(found?.path.split("/").slice(0, -1).join("/") ?? "", texts)
}
