/** What would become of a notebook that is run again in the environment it once had: said before anything is built or started. */
import { canRebuild } from "#environment/build.ts"
import { choose } from "#environment/choose.ts"
import { canonical } from "#environment/description.ts"
import { differences } from "#environment/difference.ts"
import type { Manifest } from "#environment/ports.ts"
import { manifestOf, useNotebookKernel } from "#environment/resolve.ts"
import { stated } from "#environment/stated.ts"
import type { EnvironmentWorld } from "#environment/world.ts"
import type { Notebook } from "#notebook/index.ts"

export type Prospect =
  /** `to_build`: it is not on this machine's disk, and is built again from its lock. */
  | { readonly is: "ready" | "to_build"; readonly name: string }
  /** It cannot be had any more; `instead` is what the notebook would get today, undefined when it would get nothing. */
  | { readonly is: "gone"; readonly name: string; readonly why: string; readonly instead: Instead | undefined }

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

async function insteadOf(world: EnvironmentWorld, notebook: Notebook, before: Manifest | undefined): Promise<Instead | undefined> {
  const said = stated(notebook)
  if (!said.ok) return undefined
  const choice = choose("", said.value, "")
  if (choice.want === "listed") return { name: "the packages that the notebook lists, locked anew", differences: [] }
  if (choice.want === "named") return { name: choice.name, differences: [] }
  const now = await useNotebookKernel(world, notebook)
  if (!now.ok) return undefined
  return { name: now.value.name, differences: before ? differences(before.what, now.value.manifest.what) : [] }
}
