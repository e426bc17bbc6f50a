/**
 * The environment of a run: exactly what the run or the notebook names, else the space's default, else the kernel that
 * the notebook's kernelspec means on this machine. What is missing is built, or named as the cause.
 */
import { slipsBetween } from "#base/nearest.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { buildEnvironment, rebuild, short } from "#environment/build.ts"
import { asDigest, type Choice, choose, kernelFor, speaks } from "#environment/choose.ts"
import { canonical } from "#environment/description.ts"
import { difference } from "#environment/difference.ts"
import type { Attention, InstalledKernel, Label, Manifest, Place } from "#environment/ports.ts"
import { type EnvironmentRefusal, type Refused, refuse } from "#environment/refusal.ts"
import { environmentLabels } from "#environment/sql/environment-labels.ts"
import { findEnvironment } from "#environment/sql/find-environment.ts"
import { recordUse } from "#environment/sql/record-use.ts"
import { type Stated, stated } from "#environment/stated.ts"
import type { EnvironmentWorld, Resolved, Resolving } from "#environment/world.ts"
import { kernelNameOf, languageOf, type Notebook } from "#notebook/index.ts"

type Found = { readonly name: string; readonly manifest: Manifest; readonly place: Place; readonly kernelName: string }
type Finding = Promise<Outcome<Found, EnvironmentRefusal>>

/** @throws Fault index_unreachable, disk_full, storage_unwritable, kernel_start_failed */
export async function resolveEnvironment(world: EnvironmentWorld, resolving: Resolving): Promise<Outcome<Resolved, EnvironmentRefusal>> {
  const said = stated(resolving.notebook)
  if (!said.ok) return said
  const found = await find(world, choose(resolving.asked ?? "", said.value, resolving.spaceDefault ?? ""), resolving)
  if (!found.ok) return found
  const { manifest, name, place, kernelName } = found.value
  if (world.db) await recordUse(world.db, { manifest, name, at: world.clock.now() })
  return accepted({ sha256: manifest.sha256, name, kind: manifest.what.kind, kernelName, launch: place })
}

async function find(world: EnvironmentWorld, choice: Choice, resolving: Resolving): Finding {
  const notebook = resolving.notebook as Notebook
  const language = languageOf(notebook)
  if (choice.want === "listed") return useListed(world, choice.stated, { language, attention: resolving })
  if (choice.want === "kernel") return useNotebookKernel(world, notebook)
  const found = await useNamed(world, choice.name, resolving)
  if (!found.ok || speaks(found.value.manifest.what.kernel.language, language)) return found
  // A space's default is for the notebooks that it fits.
  return choice.by === "space" ? useNotebookKernel(world, notebook) : wrongLanguage(found.value, language)
}

type Listing = { readonly language: string; readonly attention: Attention }

/** Under which it is remembered what a list was locked to. */
export function keyOfList({ machine }: EnvironmentWorld, { requirements, requiresPython }: Extract<Stated, { is: "listed" }>): string {
  return machine.sha256(JSON.stringify([[...requirements].sort(), requiresPython]))
}

/** What a list was once locked to is kept: the same notebook version runs in the same environment tomorrow. */
async function useListed(world: EnvironmentWorld, list: Extract<Stated, { is: "listed" }>, { language, attention }: Listing): Finding {
  if (!speaks("python", language))
    return refuse("bad_requirements", `The notebook lists Python packages, and its language is ${language}.`, "Remove the list from the notebook.")
  const key = keyOfList(world, list)
  const known = await world.machine.recall(key)
  const manifest = known === undefined ? undefined : await manifestOf(world, known)
  const kept = manifest && (await useManifest(world, manifest, { name: manifest.what.kernel.name, attention }))
  // Only an interpreter that is gone lets the list be locked anew.
  if (kept && (kept.ok || kept.refusal.refused !== "environment_unusable")) return kept
  const request = { requirements: list.requirements, specifier: list.specifier, requiresPython: list.requiresPython, mayCompile: world.mayCompile }
  const built = await buildEnvironment(world, request, attention)
  if (!built.ok) return built
  await world.machine.remember(key, built.value.manifest.sha256)
  const { kernel } = built.value.manifest.what
  return accepted({ ...built.value, name: kernel.name, kernelName: kernel.name })
}

export async function useNotebookKernel(world: EnvironmentWorld, notebook: Notebook): Finding {
  const kernels = await world.kernels()
  const [name, language] = [kernelNameOf(notebook), languageOf(notebook)]
  const kernel = kernelFor(name, language, kernels)
  if (kernel) return useKernel(world, kernel)
  const wanted = name !== "" ? `the kernel ${JSON.stringify(name)}` : `a kernel for ${language || "Python"}`
  return refuse(
    "no_such_environment",
    `The notebook asks for ${wanted}, and this machine has ${kernels.map((each) => each.name).join(", ") || "none"}.`,
    "Install that kernel, name an environment in the notebook, or give the space a default one.",
  )
}

export async function useKernel(world: EnvironmentWorld, kernel: InstalledKernel): Finding {
  const what = await world.machine.capture(kernel)
  const sha256 = world.machine.sha256(canonical(what))
  const known = await world.machine.read(sha256)
  const manifest: Manifest = known ?? { sha256, what, requirements: [], madeAt: world.clock.now() }
  if (!known) await world.machine.write(manifest)
  return accepted({ name: kernel.name, manifest, place: { jupyterPath: undefined, prefix: undefined }, kernelName: kernel.name })
}

async function useNamed(world: EnvironmentWorld, name: string, attention: Attention): Finding {
  const digest = asDigest(name)
  if (digest !== undefined) return useDigest(world, digest, { name: "", attention })
  const labels = await labelsOf(world)
  const label = newest(labels, name)
  if (label) return useDigest(world, label.sha256, { name, attention })
  const kernels = await world.kernels()
  const kernel = kernels.find((each) => each.name === name.toLowerCase())
  if (kernel) return useKernel(world, kernel)
  return unknownName(name, [...labels.map((each) => each.name), ...kernels.map((each) => each.name)])
}

type Using = { readonly name: string; readonly attention: Attention }

async function useDigest(world: EnvironmentWorld, sha256: string, using: Using): Finding {
  const manifest = await manifestOf(world, sha256)
  if (manifest) return useManifest(world, manifest, using)
  return refuse("no_such_environment", `There is no environment with the digest ${short(sha256)}…`, "See which there are: stet env list.")
}

async function useManifest(world: EnvironmentWorld, manifest: Manifest, { name, attention }: Using): Finding {
  const { kernel, kind } = manifest.what
  if (kind === "captured") return useCaptured(world, manifest, name)
  // Before it is looked for: what is being used is not taken away.
  await world.machine.used(manifest.sha256)
  const there = await world.machine.placeOf(manifest.sha256)
  const place: Outcome<Place, EnvironmentRefusal> = there ? accepted(there) : await rebuild(world, manifest, attention)
  return place.ok ? accepted({ name: name || kernel.name, manifest, place: place.value, kernelName: kernel.name }) : place
}

/** A captured environment is used only where it is still exactly that. */
async function useCaptured(world: EnvironmentWorld, manifest: Manifest, name: string): Finding {
  const { kernel } = manifest.what
  const installed = (await world.kernels()).find((each) => each.name === kernel.name)
  if (!installed) return gone(manifest, `its kernel ${JSON.stringify(kernel.name)} is not installed here`)
  const now = await useKernel(world, installed)
  if (!now.ok || now.value.manifest.sha256 === manifest.sha256) return now.ok ? accepted({ ...now.value, name: name || now.value.name }) : now
  return gone(
    manifest,
    `its kernel ${JSON.stringify(kernel.name)} has changed: ${difference(manifest.what, now.value.manifest.what) || "it is started in another way"}`,
  )
}

export async function manifestOf(world: EnvironmentWorld, sha256: string): Promise<Manifest | undefined> {
  const onDisk = await world.machine.read(sha256)
  if (onDisk || !world.db) return onDisk
  const found = await findEnvironment(world.db, sha256)
  // A row that does not have its own digest was changed by somebody: nothing is built from it.
  return found && world.machine.sha256(canonical(found.what)) === sha256 ? found : undefined
}

export async function labelsOf(world: EnvironmentWorld): Promise<readonly Label[]> {
  return [...(await world.machine.labels()), ...(world.db ? await environmentLabels(world.db) : [])]
}

/** What a name means: what it was given last, on this disk or in the platform's database. */
export function newest(labels: readonly Label[], name: string): Label | undefined {
  return labels
    .filter((label) => label.name === name)
    .reduce<Label | undefined>((best, label) => (best && best.at >= label.at ? best : label), undefined)
}

/** Where a built environment is, by its name or digest; undefined when it is none of this machine's, or none that was built. Builds nothing. */
export async function placeNamed(world: EnvironmentWorld, named: string): Promise<Place | undefined> {
  const sha256 = asDigest(named) ?? newest(await labelsOf(world), named)?.sha256
  return sha256 === undefined ? undefined : world.machine.placeOf(sha256)
}

function unknownName(name: string, known: readonly string[]): Refused {
  const names = [...new Set(known)].sort((a, b) => slipsBetween(name, a) - slipsBetween(name, b) || (a < b ? -1 : 1))
  const listed = names.length === 0 ? "there is none yet" : `there are ${names.slice(0, 5).join(", ")}${names.length > 5 ? " and others" : ""}`
  return refuse(
    "no_such_environment",
    `There is no environment ${JSON.stringify(name)}; ${listed}.`,
    "Make it with `stet env build`, or name one that there is.",
  )
}

function wrongLanguage({ name, manifest }: Found, language: string): Refused {
  const { kernel } = manifest.what
  return refuse(
    "environment_unusable",
    `The environment ${JSON.stringify(name)} runs ${kernel.language}, and the notebook is in ${language}.`,
    `Name an environment for ${language}.`,
  )
}

function gone(manifest: Manifest, why: string): Refused {
  return refuse(
    "environment_unusable",
    `The environment ${short(manifest.sha256)} was only captured, so that it cannot be built again, and ${why}.`,
    "Run without naming it, or put the kernel back as it was.",
  )
}
