/** The sources that a notebook brings from beside it, read from where they lie. */
import type { Edge } from "#cli/edge.ts"
import { type Analyst, analystFor, type Notebook, type Sources, sourcesFrom } from "#notebook/index.ts"
import { locate } from "#run/index.ts"

/** They may bring others; more than so many are not read. */
const MOST_READ = 2000

/** None for a notebook that is no file of this machine. */
export async function sourcesBeside(path: string, notebook: Notebook, edge: Pick<Edge, "readBeside">): Promise<Sources> {
  return sourcesFor(path, notebook, { edge, analyst: await analystFor(notebook) })
}

export function sourcesFor(
  path: string,
  notebook: Notebook,
  { edge, analyst }: { readonly edge: Pick<Edge, "readBeside">; readonly analyst: Analyst },
): Sources {
  const texts = new Map<string, string>()
  const location = locate(path)
  if (location.kind !== "file") return { home: "", texts }
  const looked = new Set<string>()
  for (let isNew = true; isNew && texts.size < MOST_READ; ) {
    isNew = false
    for (const wanted of analyst.wanted(notebook, { home: "", texts })) {
      if (looked.has(wanted)) continue
      looked.add(wanted)
      const text = edge.readBeside(location.path, wanted)
      if (text === undefined) continue
      texts.set(wanted, text)
      isNew = true
    }
  }
  return sourcesFrom("", [...texts])
}
