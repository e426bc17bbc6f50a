/** What lies above that which was taken in, and is named by a notebook in it: it did not come along. */
import { namedAbove } from "#library/manifest.ts"
import { filesNamed, pathsOf, within } from "#library/manifest-resolve.ts"
import { folderOf, nameOf } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { neighboursIn } from "#library/sql/version-files.ts"
import { read } from "#notebook/index.ts"
import type { SpaceId } from "#people/index.ts"

/** More are not listed of one notebook. */
const MOST = 20

/** `from`: as its source names it. `at`: where it goes. */
export type TakenNotebook = { readonly from: string; readonly at: string; readonly bytes: Uint8Array }

/** By where it goes: what it names above its source, as it is written there, that is not in the space either. */
export async function lackedBy(
  { db }: LibraryWorld,
  space: SpaceId,
  notebooks: readonly { readonly at: string; readonly above: readonly string[] }[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (notebooks.length === 0) return new Map()
  const paths = pathsOf((await neighboursIn(db, space)).map(({ path }) => path))
  const isThere = (text: string, folder: string) => {
    const at = within(folder, text)
    // A folder above holds the notebook at least.
    return filesNamed(text, folder, paths).length > 0 || (at !== undefined && paths.inFolder(at).some((path) => !path.startsWith(`${folder}/`)))
  }
  const lacked = notebooks.map(({ at, above }) => [at, above.filter((text) => !isThere(text, folderOf(at))).slice(0, MOST)] as const)
  return new Map(lacked.filter(([, names]) => names.length > 0))
}

/** What a notebook that comes alone names above it, and the space does not have. */
export async function lackedAlone(world: LibraryWorld, space: SpaceId, { at, bytes }: Omit<TakenNotebook, "from">): Promise<readonly string[]> {
  const above = aboveSource({ from: nameOf(at), at, bytes })
  return above.length === 0 ? [] : ((await lackedBy(world, space, [{ at, above }])).get(at) ?? [])
}

/** What a notebook names above all of its source. */
export function aboveSource({ from, bytes }: TakenNotebook): readonly string[] {
  const reading = read(bytes)
  return reading.ok ? namedAbove(reading.value.notebook).filter((text) => within(folderOf(from), text) === undefined) : []
}
