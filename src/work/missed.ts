/**
 * Files that a run looked for and did not have, as its error says: they go with the notebook's next version. Their names
 * are made while the notebook runs, or they would have been found in its source.
 */
import type { Run } from "#run/index.ts"

/** Paths in the space; `folder` is the notebook's own. */
export function missedBy(run: Run, folder: string): readonly string[] {
  const failed = run.cells.find(({ state, error }) => state === "failed" && error !== undefined)
  if (!failed?.error) return []
  const { ename, evalue } = failed.error
  if (ename === "FileNotFoundError") return pathsIn(/No such file or directory: '([^']+)'|^([^' ]+) not found\.?$/.exec(evalue), folder)
  if (ename !== "ModuleNotFoundError") return []
  const module = /No module named '([\w.]+)'/.exec(evalue)?.[1]?.replaceAll(".", "/")
  return module === undefined
    ? []
    : [inFolder(folder, `${module}.py`), inFolder(folder, `${module}/__init__.py`)].filter((path) => path !== undefined)
}

function pathsIn(match: RegExpExecArray | null, folder: string): readonly string[] {
  const path = inFolder(folder, match?.[1] ?? match?.[2] ?? "")
  return path === undefined ? [] : [path]
}

/** Undefined for what lies outside of the space. */
function inFolder(folder: string, path: string): string | undefined {
  if (path === "" || path.startsWith("/") || /^[a-z]+:\/\//i.test(path)) return undefined
  const parts: string[] = []
  for (const part of [...folder.split("/"), ...path.split("/")]) {
    if (part === "" || part === ".") continue
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.length > 0 ? parts.join("/") : undefined
}
