/** What is on this machine's disk, told to the platform: environments and names that `stet env` made while nobody looked. */
import { environmentLabels } from "#environment/sql/environment-labels.ts"
import { recordLabels } from "#environment/sql/record-labels.ts"
import { recordMade } from "#environment/sql/record-use.ts"
import type { EnvironmentWorld } from "#environment/world.ts"

type Mirroring = Pick<EnvironmentWorld, "machine" | "db">

/** Adds what the database does not know; nothing is removed from it, since other machines may have made that. */
export async function mirrorEnvironments({ machine, db }: Mirroring): Promise<void> {
  if (!db) return
  const [manifests, labels] = await Promise.all([machine.manifests(), machine.labels()])
  const names = new Map(labels.map(({ name, sha256 }) => [sha256, name]))
  for (const manifest of manifests) await recordMade(db, { manifest, name: names.get(manifest.sha256) ?? manifest.what.kernel.name })
  const known = new Set(manifests.map(({ sha256 }) => sha256))
  await recordLabels(
    db,
    labels.filter(({ sha256 }) => known.has(sha256)),
  )
}

/** The same where a name has got another meaning on the disk, as `stet env build` gives one beside a platform that runs; else next to nothing. */
export async function mirrorNewNames(world: Mirroring): Promise<void> {
  if (!world.db) return
  const [onDisk, known] = await Promise.all([world.machine.labels(), environmentLabels(world.db)])
  const since = new Map(known.map(({ name, at }) => [name, Number(at)]))
  if (onDisk.some(({ name, at }) => at > (since.get(name) ?? 0))) await mirrorEnvironments(world)
}
