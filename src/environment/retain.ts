/** Built environments are let go when nobody has used them for long: each takes as much disk as all its packages. */
import type { BuiltHere } from "#environment/ports.ts"
import { labelsOf, newest } from "#environment/resolve.ts"
import { spaceDefaults } from "#environment/sql/space-defaults.ts"
import type { EnvironmentWorld } from "#environment/world.ts"

const DAY_MS = 86_400_000

export type Shelf = { readonly built: readonly BuiltHere[] /** Would be let go now. */; readonly unused: readonly BuiltHere[] }

/** What is built on this machine. Kept, however long unused, is what a name or a space's default means now. 0 days: everything is kept. */
export async function environmentShelf(world: EnvironmentWorld, days: number): Promise<Shelf> {
  const built = await world.machine.built()
  if (days === 0) return { built, unused: [] }
  const meant = await meantNow(world)
  const since = world.clock.now() - days * DAY_MS
  return { built, unused: built.filter(({ sha256, usedAt }) => usedAt <= since && !meant.has(sha256)) }
}

/** Lets go of them; gives their digests. A run that names one later finds it built again. */
export async function retainEnvironments(world: EnvironmentWorld, days: number): Promise<readonly string[]> {
  const { unused } = await environmentShelf(world, days)
  const gone: string[] = []
  for (const { sha256, usedAt } of unused) if (await world.machine.remove(sha256, usedAt)) gone.push(sha256)
  return gone
}

async function meantNow(world: EnvironmentWorld): Promise<ReadonlySet<string>> {
  const labels = await labelsOf(world)
  const named = labels.flatMap(({ name }) => newest(labels, name)?.sha256 ?? [])
  return new Set([...named, ...(world.db ? await spaceDefaults(world.db) : [])])
}
