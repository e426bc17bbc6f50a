/** The version that is run: which one a launch means, its bytes, the files it needs. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { refreshVersion, resolveVersion, type VersionRefusal, type VersionRow, versionBytes } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import type { Launch } from "#work/launch.ts"
import type { WorkWorld } from "#work/world.ts"

export type Source = {
  readonly space: string
  readonly notebook: string
  readonly version: number
  readonly sha256: string
  /** @throws Fault version_damaged, blob_missing, storage_unreadable */
  readonly bytes: () => Promise<Uint8Array>
  /** Path in the space → SHA-256. */
  readonly manifest: { readonly [path: string]: string }
}

type Meant = Pick<Launch, "notebook" | "version"> & {
  /** By the name of a template: it runs though its notebook is in the trash. */
  readonly evenTrashed?: boolean
}

/** The one that the actor may run and means. "latest" is the notebook with its files as they are now. */
export async function sourceOf(
  world: WorkWorld,
  actor: Actor,
  { notebook, version = "latest", evenTrashed }: Meant,
): Promise<Outcome<Source, VersionRefusal>> {
  if (version === "latest") {
    const fresh = await refreshVersion(world.library, actor, notebook)
    return fresh.ok ? accepted(asSource(world, fresh.value.version)) : fresh
  }
  const found = await resolveVersion(world.library, actor, "run", { notebook, version, evenTrashed })
  return found.ok ? accepted(asSource(world, found.value)) : found
}

function asSource(world: WorkWorld, row: VersionRow): Source {
  return {
    space: row.space,
    notebook: row.notebook,
    version: row.number,
    sha256: row.sha256,
    bytes: () => versionBytes(world.library, row),
    manifest: row.manifest,
  }
}
