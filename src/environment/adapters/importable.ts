/** What a Python can import, by the names that source uses: asked in a short process of its own, which imports none of it. */
import { run } from "#environment/adapters/process.ts"

export type Importable = {
  /** "3.12" */
  readonly version: string
  /** Top-level modules, those of the standard library included. */
  readonly modules: ReadonlySet<string>
}

const ASK = `
import json, os, pkgutil, sys
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
names = {found.name for found in pkgutil.iter_modules()} | set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)
# Parts of a namespace have no file of their own.
for entry in sys.path:
    if os.path.isdir(entry):
        names |= {name for name in os.listdir(entry) if name.isidentifier() and os.path.isdir(os.path.join(entry, name))}
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "modules": sorted(names)}))
`
const PATIENCE_MS = 20_000

/** undefined when it cannot be asked. */
export async function importableBy(python: string, env: NodeJS.ProcessEnv): Promise<Importable | undefined> {
  const { code, stdout } = await run(python, ["-c", ASK], { env, timeoutMs: PATIENCE_MS })
  if (code !== 0) return undefined
  const { version, modules } = JSON.parse(stdout) as { readonly version: string; readonly modules: readonly string[] }
  return { version, modules: new Set(modules) }
}
