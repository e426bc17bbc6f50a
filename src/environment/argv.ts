/** Command lines of kernels, without what differs from machine to machine. */
import type { DescribedKernel } from "#environment/description.ts"
import type { InstalledKernel } from "#environment/ports.ts"

/** What runs a kernel, as far as its packages can be asked for. */
export type Program = { readonly kind: "python" | "R" | "other"; readonly path: string }

export function programOf({ argv }: Pick<InstalledKernel, "argv">): Program {
  const [path = ""] = argv
  const name = lastPart(path)
  if (/^(?:python|pypy)[0-9.]*$/.test(name)) return { kind: "python", path }
  return { kind: /^R(?:script)?$/.test(name) ? "R" : "other", path }
}

export function describedKernel(kernel: InstalledKernel): DescribedKernel {
  const { name, displayName, language, argv, resourceDir, interruptMode } = kernel
  const [program = "", ...rest] = argv
  const shape = rest.map((part) => (resourceDir === "" ? part : part.replaceAll(resourceDir, "{resource_dir}")))
  return { name, displayName, language, argv: [lastPart(program), ...shape], interruptMode }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1)
}
