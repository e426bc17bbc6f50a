import { type Edge, EXIT } from "#cli/edge.ts"
import { sayFault } from "#cli/say.ts"

/** Looks at one after the other, and gives the worst exit code: what is wrong with one notebook is no reason not to look at the next. */
export async function eachNotebook(edge: Edge, paths: readonly string[], look: (path: string) => Promise<number>): Promise<number> {
  let worst: number = EXIT.succeeded
  for (const path of paths) worst = Math.max(worst, await look(path).catch((error: unknown) => sayFault(edge, error)))
  return worst
}
