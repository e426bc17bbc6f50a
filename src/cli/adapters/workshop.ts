/** What `stet test` needs of this machine's disk: what there is to be tested, and a copy of it for each case. */
import { cp, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { basename, join, relative } from "node:path"
import { isCaseFile, notebookFor } from "#case/index.ts"
import type { Workshop } from "#cli/test/workshop.ts"

/** A larger folder is not copied for every case; what is tested then works where it stands. */
const MOST_BYTES = 200_000_000
const MOST_FILES = 5_000

// Made by tools, and never what a notebook reads.
const LITTER = new Set([".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache"])

export function workshop(): Workshop {
  return {
    cores: availableParallelism(),
    tests: testsBelow,
    copyOf,
    makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
  }
}

async function testsBelow(folder: string): ReturnType<Workshop["tests"]> {
  const caseFiles: string[] = []
  const notebooks: string[] = []
  for (const waiting = [folder]; waiting.length > 0; ) {
    const here = waiting.shift() ?? ""
    for (const entry of (await readdir(here, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(here, entry.name)
      if (entry.isDirectory() && !LITTER.has(entry.name) && !entry.name.endsWith(".snapshots")) waiting.push(path)
      else if (entry.isFile() && isCaseFile(path)) caseFiles.push(path)
      else if (entry.isFile() && path.endsWith(".ipynb") && !path.endsWith(".result.ipynb")) notebooks.push(path)
    }
  }
  const tested = new Set(caseFiles.map(notebookFor))
  return { caseFiles, untested: notebooks.filter((path) => !tested.has(path)) }
}

async function copyOf(folder: string): ReturnType<Workshop["copyOf"]> {
  // Its own copy would be in it.
  if (!relative(folder, tmpdir()).startsWith("..")) return undefined
  if (!(await isSmall(folder))) return undefined
  const path = await mkdtemp(join(tmpdir(), "stet-test-"))
  const filter = (source: string) => !LITTER.has(basename(source)) && !source.endsWith(".snapshots")
  await cp(folder, path, { recursive: true, filter, verbatimSymlinks: false, mode: 2 })
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

async function isSmall(root: string): Promise<boolean> {
  let [bytes, files] = [0, 0]
  for (const waiting = [root]; waiting.length > 0; ) {
    const here = waiting.pop() ?? ""
    for (const entry of await readdir(here, { withFileTypes: true })) {
      if (LITTER.has(entry.name)) continue
      if (entry.isDirectory()) waiting.push(join(here, entry.name))
      // A pipe or a socket cannot be copied.
      else if (!entry.isFile() && !entry.isSymbolicLink()) return false
      else bytes += (await stat(join(here, entry.name)).catch(() => undefined))?.size ?? 0
      if (bytes > MOST_BYTES || ++files > MOST_FILES) return false
    }
  }
  return true
}
