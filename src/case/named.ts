/** Named results, read from the outputs of all cells. The last word for a name counts. */
import { isObject, type Json, own } from "#base/json.ts"
import { type Notebook, namedIn } from "#notebook/index.ts"

export type Named = { readonly [name: string]: Json }

export function namedResults({ cells }: Notebook): Named {
  const bundles = cells.flatMap(({ outputs = [] }) => outputs.flatMap((output) => own(output, "data") ?? []))
  return Object.fromEntries(bundles.flatMap((data) => (isObject(data) ? namedIn(data) : [])))
}
