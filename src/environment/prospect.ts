/** What would become of a notebook that is run again in the environment it once had: said before anything is built or started. */
import { isFault } from "#base/fault.ts"
import { canRebuild } from "#environment/build.ts"
import { asDigest, choose, speaks } from "#environment/choose.ts"
import { canonical } from "#environment/description.ts"
import { differences } from "#environment/difference.ts"
import type { InstalledKernel, Manifest } from "#environment/ports.ts"
import { keyOfList, labelsOf, manifestOf, newest, useKernel, useNotebookKernel } from "#environment/resolve.ts"
import { stated } from "#environment/stated.ts"
import type { EnvironmentWorld } from "#environment/world.ts"
import { languageOf, type Notebook } from "#notebook/index.ts"

export type Prospect =
  /** `to_build`: it is not on this machine's disk, and is built again from its lock. */
  | { readonly is: "ready" | "to_build"; readonly name: string }
  /** It cannot be had any more; `instead` is what the notebook would get today, undefined when it would get nothing. */
  | { readonly is: "gone"; readonly name: string; readonly why: string; readonly instead: Instead | undefined }

/** One that could be taken instead, by its digest. */
export type Other = Instead & { readonly environment: string }

/** `differences` from the one it had, each in a few words; empty when it is not known what that one was. */
export type Instead = { readonly name: string; readonly differences: readonly string[] }

/** @throws Fault kernel_start_failed when an interpreter cannot be asked */
export async function prospectOf(world: EnvironmentWorld, sha256: string, notebook: Notebook): Promise<Prospect> {
  const manifest = await manifestOf(world, sha256)
  if (!manifest) return { is: "gone", name: "", why: "Nothing is known of it any more.", instead: await insteadOf(world, notebook, undefined) }
  const { kernel, kind } = manifest.what
  const { name } = kernel
  if (kind === "locked") {
    if (await world.machine.placeOf(sha256)) return { is: "ready", name }
    if (await canRebuild(world, manifest)) return { is: "to_build", name }
    const { interpreter } = manifest.what
    const why = `It needs ${interpreter.name} ${interpreter.version}, which this machine has not.`
    return { is: "gone", name, why, instead: await insteadOf(world, notebook, manifest) }
  }
  const installed = (await world.kernels()).find((each) => each.name === name)
  if (!installed)
    return { is: "gone", name, why: `Its kernel ${name} is not installed any more.`, instead: await insteadOf(world, notebook, manifest) }
  if (world.machine.sha256(canonical(await world.machine.capture(installed))) === sha256) return { is: "ready", name }
  const why = `It was only captured, so that it cannot be built again, and its kernel ${name} has changed.`
  return { is: "gone", name, why, instead: await insteadOf(world, notebook, manifest) }
}

/**
 * As `prospectOf` once somebody tried, and it could not be built though it looked as if it could. Nothing is built or started for this.
 */
export async function withoutIt(world: EnvironmentWorld, sha256: string, notebook: Notebook): Promise<Extract<Prospect, { is: "gone" }>> {
  const found = await prospectOf(world, sha256, notebook)
  if (found.is === "gone") return found
  const instead = (await isListAgain(world, sha256, notebook)) ? undefined : await insteadOf(world, notebook, await manifestOf(world, sha256))
  return { is: "gone", name: found.name, why: "It could not be built again here.", instead }
}

/** A list is locked once: as long as its Python is there, asking for it again is asking for the same environment. */
async function isListAgain(world: EnvironmentWorld, sha256: string, notebook: Notebook): Promise<boolean> {
  const said = stated(notebook)
  return said.ok && said.value.is === "listed" && (await world.machine.recall(keyOfList(world, said.value))) === sha256
}

const MOST_OTHERS = 12

/** Environments with a name, and installed kernels, in the notebook's language: what each differs in from the one it had. */
export async function othersThan(world: EnvironmentWorld, sha256: string, notebook: Notebook): Promise<readonly Other[]> {
  const [before, labels, kernels] = await Promise.all([manifestOf(world, sha256), labelsOf(world), world.kernels()])
  const language = languageOf(notebook)
  const named = [...new Set(labels.map(({ name }) => name))].flatMap((name) => newest(labels, name) ?? [])
  const found = await Promise.all(named.map(async ({ name, sha256: of }) => ({ name, manifest: await manifestOf(world, of) })))
  const installed = await Promise.all(
    kernels
      .filter((kernel) => speaks(kernel.language, language))
      .map(async (kernel) => ({ name: kernel.name, manifest: await captured(world, kernel) })),
  )
  const others = [...found, ...installed].flatMap(({ name, manifest }) => {
    if (!manifest || manifest.sha256 === sha256 || !speaks(manifest.what.kernel.language, language)) return []
    return [{ environment: manifest.sha256, name, differences: before ? differences(before.what, manifest.what) : [] }]
  })
  const seen = new Set<string>()
  return others.filter(({ environment }) => !seen.has(environment) && seen.add(environment)).slice(0, MOST_OTHERS)
}

/** A kernel whose interpreter cannot be asked is none to offer. */
async function captured(world: EnvironmentWorld, kernel: InstalledKernel): Promise<Manifest | undefined> {
  const found = await useKernel(world, kernel).catch((error: unknown) => {
    if (isFault(error)) return undefined
    throw error
  })
  return found?.ok ? found.value.manifest : undefined
}

/** What the notebook asks for itself; undefined where that is the one that it had. */
async function insteadOf(world: EnvironmentWorld, notebook: Notebook, before: Manifest | undefined): Promise<Instead | undefined> {
  const said = stated(notebook)
  if (!said.ok) return undefined
  const choice = choose("", said.value, "")
  if (choice.want === "listed") return { name: "the packages that the notebook lists, locked anew", differences: [] }
  if (choice.want === "named") {
    const means = asDigest(choice.name) ?? newest(await labelsOf(world), choice.name)?.sha256
    if (means === undefined) return { name: choice.name, differences: [] }
    if (means === before?.sha256) return undefined
    const now = await manifestOf(world, means)
    return { name: choice.name, differences: before && now ? differences(before.what, now.what) : [] }
  }
  const now = await useNotebookKernel(world, notebook)
  if (!now.ok || now.value.manifest.sha256 === before?.sha256) return undefined
  return { name: now.value.name, differences: before ? differences(before.what, now.value.manifest.what) : [] }
}
