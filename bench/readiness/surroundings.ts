/** What the interpreter that notebooks are rerun with has: asked of it. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { isAbsolute, join } from "node:path"
import type { Circumstances } from "#notebook/index.ts"

export type Interpreter = { readonly python: string; readonly version: string; readonly modules: ReadonlySet<string> }

const ASK = `import json, pkgutil, sys
names = {m.name for m in pkgutil.iter_modules()} | set(sys.stdlib_module_names) | set(sys.builtin_module_names)
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "modules": sorted(names)}))`

/** @throws when it cannot be asked */
export function interpreterOf(python: string): Interpreter {
  const asked = spawnSync(python, ["-c", ASK], { encoding: "utf8", cwd: "/" })
  if (asked.status !== 0) throw new Error(`${python} could not be asked what it has: ${asked.stderr}`)
  const { version, modules } = JSON.parse(asked.stdout) as { readonly version: string; readonly modules: readonly string[] }
  return { python, version, modules: new Set(modules) }
}

export type Place = { readonly folder: string; readonly hasNetwork: boolean }

export function circumstancesOf({ version, modules }: Interpreter, { folder, hasNetwork }: Place): Circumstances {
  return {
    hasNetwork,
    pythonVersion: version,
    modules,
    hasFile: (path) => existsSync(isAbsolute(path) ? path : join(folder, path.replace(/^~(?=\/)/, "/nowhere"))),
  }
}
