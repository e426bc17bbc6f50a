/** Which environment a run gets, as far as that can be said without looking at the disk. */
import type { InstalledKernel } from "#environment/ports.ts"
import type { Stated } from "#environment/stated.ts"

/** An environment by name, digest, or the name of a kernel that is installed; a list to make one from; or the notebook's kernel. */
export type Choice =
  | { readonly want: "named"; readonly by: "run" | "notebook"; readonly name: string }
  | { readonly want: "listed"; readonly by: "notebook"; readonly stated: Extract<Stated, { is: "listed" }> }
  | { readonly want: "named"; readonly by: "space"; readonly name: string }
  | { readonly want: "kernel"; readonly by: "kernelspec" }

/** The narrower wish wins: the run's own, the notebook's, its space's, and last what the notebook's kernelspec says. */
export function choose(asked: string, stated: Stated, spaceDefault: string): Choice {
  if (asked !== "") return { want: "named", by: "run", name: asked }
  if (stated.is === "named") return { want: "named", by: "notebook", name: stated.name }
  if (stated.is === "listed") return { want: "listed", by: "notebook", stated }
  return spaceDefault === "" ? { want: "kernel", by: "kernelspec" } : { want: "named", by: "space", name: spaceDefault }
}

/** The digest that a name is the spelling of; undefined when it is a name that people gave. */
export function asDigest(name: string): string | undefined {
  return /^(?:sha256:)?([0-9a-f]{64})$/.exec(name)?.[1]
}

/** Why an environment may not be named so; undefined when it may. */
export function nameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    return `"${name.slice(0, 80)}" cannot name an environment: up to 64 letters, digits, ".", "_" and "-", a letter or digit first.`
  return /^[0-9a-f]{8,}$/.test(name) ? `"${name}" cannot name an environment, because it looks like a digest.` : undefined
}

/** The installed kernel that a notebook means: by name (`python` is what old ones call `python3`), else the first of its language. */
export function kernelFor(name: string, language: string, kernels: readonly InstalledKernel[]): InstalledKernel | undefined {
  const asked = name.toLowerCase()
  const named =
    kernels.find((kernel) => kernel.name === asked) ?? (asked === "python" ? kernels.find((kernel) => kernel.name === "python3") : undefined)
  if (named) return named
  const spoken = language.toLowerCase() || (asked === "" ? "python" : "")
  const speakers = kernels.filter((kernel) => spoken !== "" && kernel.language.toLowerCase() === spoken)
  return speakers.find((kernel) => kernel.name === "python3") ?? speakers[0]
}

/** Whether a notebook in that language can run under a kernel of this one; a notebook that names none can. */
export function speaks(kernelLanguage: string, language: string): boolean {
  return language === "" || kernelLanguage.toLowerCase() === language.toLowerCase() || (isPython(kernelLanguage) && isPython(language))
}

function isPython(language: string): boolean {
  return /^i?python3?$/i.test(language)
}
