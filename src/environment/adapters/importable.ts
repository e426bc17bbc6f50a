/** What a Python can import, or an R load, by the names that source uses: asked in a short process of its own, which imports none of it. */
import { join } from "node:path"
import { run } from "#environment/adapters/process.ts"
import { programOf } from "#environment/argv.ts"
import type { Importable, InstalledKernel } from "#environment/ports.ts"

const ASK = `
import json, os, pkgutil, sys
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
if len(sys.argv) > 1:
    # A built environment, whose own start-up files are not run: the paths that they name are read.
    site = os.path.join(sys.argv[1], "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
    sys.path.append(site)
    for file in sorted(name for name in os.listdir(site) if name.endswith(".pth")):
        with open(os.path.join(site, file), encoding="utf-8", errors="replace") as lines:
            sys.path += [os.path.join(site, line.strip()) for line in lines if line.strip() and not line.startswith(("#", "import ", "import\\t"))]
names = {found.name for found in pkgutil.iter_modules()} | set(getattr(sys, "stdlib_module_names", ())) | set(sys.builtin_module_names)
for entry in sys.path:
    if not os.path.isdir(entry):
        continue
    for name in os.listdir(entry):
        # Parts of a namespace have no file of their own.
        if name.isidentifier() and os.path.isdir(os.path.join(entry, name)):
            names.add(name)
        # What is installed to be edited may lie elsewhere, and says by which names it is imported.
        told = os.path.join(entry, name, "top_level.txt")
        if name.endswith((".dist-info", ".egg-info")) and os.path.isfile(told):
            with open(told, encoding="utf-8", errors="replace") as lines:
                names |= {line.strip() for line in lines if line.strip().isidentifier()}
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "modules": sorted(names)}))
`
const PATIENCE_MS = 20_000

/** undefined when it cannot be asked. */
export async function importableBy(python: string, env: NodeJS.ProcessEnv): Promise<Importable | undefined> {
  return ask(python, ["-c", ASK], env)
}

/**
 * Of a kernel, or of the built environment at `prefix`. What packages let an interpreter run when it starts is not run for the latter: that
 * is for kernels, in their isolation. undefined for what is neither Python nor R, or cannot be asked.
 */
export async function importableIn(kernel: InstalledKernel, prefix: string | undefined, env: NodeJS.ProcessEnv): Promise<Importable | undefined> {
  if (prefix !== undefined) return ask(join(prefix, "bin", "python"), ["-I", "-S", "-c", ASK, prefix], { PATH: env["PATH"] })
  const { kind, path } = programOf(kernel)
  if (kind === "R") return packagesBy(path, { ...env, ...kernel.env })
  return kind === "python" ? importableBy(path, { ...env, ...kernel.env }) : undefined
}

const ASK_R = 'cat(unique(.packages(all.available = TRUE)), sep = "\\n")'

async function packagesBy(program: string, env: NodeJS.ProcessEnv): Promise<Importable | undefined> {
  const { code, stdout } = await run(program, ["--no-save", "--no-restore", "--no-echo", "-e", ASK_R], { env, timeoutMs: PATIENCE_MS })
  const modules = stdout.split("\n").filter((name) => /^[A-Za-z][A-Za-z0-9.]*$/.test(name))
  return code === 0 && modules.includes("base") ? { version: "", modules: new Set(modules) } : undefined
}

async function ask(python: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Importable | undefined> {
  const { code, stdout } = await run(python, args, { env, timeoutMs: PATIENCE_MS })
  if (code !== 0) return undefined
  const { version, modules } = JSON.parse(stdout) as { readonly version: string; readonly modules: readonly string[] }
  return { version, modules: new Set(modules) }
}
