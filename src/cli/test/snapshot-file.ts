/** Where the outputs stand that a case is compared with: `sales.snapshots/small_sample.ipynb` beside `sales.ipynb`. */
import { isAdded } from "#case/index.ts"
import type { Suite } from "#cli/test/suite.ts"
import { type Cell, isCode, type Notebook, read, write } from "#notebook/index.ts"
import type { Storage } from "#run/index.ts"

export function snapshotPath({ path }: Pick<Suite, "path">, name: string): string {
  return `${path.replace(/\.ipynb$/iu, "")}.snapshots/${fileName(name)}.ipynb`
}

/** No two names give the same one. */
function fileName(name: string): string {
  return encodeURIComponent(name.replaceAll(/[_ ]/gu, (char) => (char === " " ? "_" : "%5F"))).replaceAll("%255F", "%5F")
}

/** What was kept; without it, what the notebook itself shows. */
export async function snapshotOf(storage: Storage, suite: Suite, name: string): Promise<Notebook> {
  const path = snapshotPath(suite, name)
  if (!(await storage.exists(path))) return suite.notebook
  const reading = read(await storage.read(path))
  return reading.ok ? reading.value.notebook : suite.notebook
}

/** Only what is compared is kept: sources for whoever reads it, and outputs. */
export async function keepSnapshot(storage: Storage, path: string, result: Notebook): Promise<void> {
  const { kernelspec } = result.metadata
  const cells = result.cells
    .filter((one) => isCode(one) && !isAdded(one))
    .map((cell): Cell => ({ ...cell, metadata: "tags" in cell.metadata ? { tags: cell.metadata["tags"]! } : {} }))
  await storage.write(path, new TextEncoder().encode(write({ ...result, metadata: kernelspec === undefined ? {} : { kernelspec }, cells })))
}
