/** Which environments there are, and what one of them is. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { asDigest } from "#environment/choose.ts"
import type { Description } from "#environment/description.ts"
import type { Label, Machine, Manifest } from "#environment/ports.ts"
import { type EnvironmentRefusal, refuse } from "#environment/refusal.ts"
import { newest } from "#environment/resolve.ts"

export type Listed = {
  readonly sha256: string
  readonly kind: Description["kind"]
  /** The names that mean it now. */
  readonly names: readonly string[]
  readonly manifest: Manifest
  /** On this machine's disk, whole and unchanged; a captured one is never there. */
  readonly isBuilt: boolean
}

/** Newest first. */
export async function listEnvironments(machine: Machine): Promise<readonly Listed[]> {
  const [manifests, labels] = await Promise.all([machine.manifests(), machine.labels()])
  const listed = await Promise.all(manifests.map((manifest) => listedOf(machine, manifest, labels)))
  return listed.sort((a, b) => b.manifest.madeAt - a.manifest.madeAt)
}

/** By name, digest, or the first eight or more digits of one. */
export async function showEnvironment(machine: Machine, named: string): Promise<Outcome<Listed, EnvironmentRefusal>> {
  const labels = await machine.labels()
  const start = asDigest(named) ?? newest(labels, named)?.sha256 ?? (/^(?:sha256:)?([0-9a-f]{8,63})$/.exec(named)?.[1] || undefined)
  const manifests = start === undefined ? [] : (await machine.manifests()).filter(({ sha256 }) => sha256.startsWith(start))
  const [manifest] = manifests
  if (manifests.length === 1 && manifest) return accepted(await listedOf(machine, manifest, labels))
  return manifests.length > 1
    ? refuse("no_such_environment", `More than one environment has a digest that starts with ${named}.`, "Give more of its digits.")
    : refuse("no_such_environment", `There is no environment ${JSON.stringify(named)}.`, "See which there are: stet env list.")
}

async function listedOf(machine: Machine, manifest: Manifest, labels: readonly Label[]): Promise<Listed> {
  const names = [...new Set(labels.map(({ name }) => name))].filter((name) => newest(labels, name)?.sha256 === manifest.sha256).sort()
  const isBuilt = manifest.what.kind === "locked" && (await machine.placeOf(manifest.sha256)) !== undefined
  return { sha256: manifest.sha256, kind: manifest.what.kind, names, manifest, isBuilt }
}
