/** Whether files are there, asked of a list of those that lie in the notebook's space. */
import type { Circumstances } from "#notebook/analysis/findings.ts"
import { pathBeside } from "#notebook/parameters-beside.ts"

/**
 * `files`: paths in the space. `folder`: the notebook's in it. `below`: the folder of which they are all ("" is the space). What lies
 * outside of that, and other notebooks, are not judged.
 */
export function hasFileAmong(files: Iterable<string>, folder: string, below = ""): NonNullable<Circumstances["hasFile"]> {
  const there = new Set<string>([""])
  for (const path of [...files, `${folder}/`]) {
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) there.add(path.slice(0, end))
    there.add(path)
  }
  return (path) => {
    const at = pathBeside(folder, path)
    if (at === undefined || at.endsWith(".ipynb")) return undefined
    if (there.has(at)) return true
    return below === "" || at.startsWith(`${below}/`) ? false : undefined
  }
}
