import { readdirSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { basename, delimiter, dirname, join } from "node:path"
import { isProgram } from "#kernel/adapters/programs.ts"
import { type Environment, fillArgv, readSpec, specName } from "#kernel/kernelspec.ts"
import type { KernelSpec } from "#kernel/ports.ts"
import { type SpecFolder, specFolders } from "#kernel/search.ts"

/** A kernelspec that can be started: its placeholders but the connection file are filled in, and its program exists. */
export type FoundSpec = KernelSpec & { readonly prefix: string }

export type Found = {
  /** By name, Jupyter's order, first hit of a name wins. */
  readonly specs: ReadonlyMap<string, FoundSpec>
  /** One sentence for each kernelspec that was passed over. */
  readonly problems: readonly string[]
}

/** Looks for kernelspecs on disk; starts no process. `managedPython` is the interpreter of the environment that Stet manages. */
export function findSpecs(env: Environment, managedPython: string | undefined): Found {
  const python = findProgram("python3", env) ?? findProgram("python", env)
  const platform = process.platform === "darwin" || process.platform === "win32" ? process.platform : "linux"
  const managedPrefix = managedPython && prefixOfProgram(managedPython)
  const folders = specFolders({
    env,
    home: env["HOME"] || homedir(),
    platform,
    ...(python ? { prefix: prefixOfProgram(python) } : {}),
    ...(managedPrefix ? { managedPrefix } : {}),
  })
  const specs = new Map<string, FoundSpec>()
  const problems: string[] = []
  for (const folder of folders) for (const entry of entries(folder.folder)) addSpec({ folder, entry, env, specs, problems })
  const builtIn = [managedPython, python].find((found) => found !== undefined && hasIpykernel(found))
  if (!specs.has("python3") && builtIn) specs.set("python3", builtInPython(builtIn))
  return { specs, problems }
}

type Adding = {
  readonly folder: SpecFolder
  readonly entry: string
  readonly env: Environment
  readonly specs: Map<string, FoundSpec>
  readonly problems: string[]
}

function addSpec({ folder, entry, env, specs, problems }: Adding): void {
  const name = specName(entry)
  const resourceDir = join(folder.folder, entry)
  const text = readText(join(resourceDir, "kernel.json"))
  if (name === undefined || text === undefined || specs.has(name)) return
  const read = readSpec(name, resourceDir, text)
  if (!read.ok) return void problems.push(read.refusal.message)
  const argv = resolveProgram(read.value.argv, folder.prefix, env)
  if (!argv) return void problems.push(`${resourceDir}/kernel.json names a program that is not there: ${read.value.argv[0]}.`)
  specs.set(name, { ...read.value, argv, prefix: folder.prefix })
}

/**
 * The argv with its program as a path, or undefined when there is none. A bare `python` is the interpreter of the
 * environment that the kernelspec was found in (`<prefix>/share/jupyter/kernels/…` → `<prefix>/bin/python`), else the
 * first on the PATH; Jupyter's own launcher would take the interpreter it runs in, which we have not.
 */
function resolveProgram(argv: readonly string[], prefix: string, env: Environment): readonly string[] | undefined {
  const [first = "", ...rest] = fillArgv(argv, { connectionFile: "{connection_file}", resourceDir: "{resource_dir}", prefix })
  const isPython = /^python([23](\.\d+)?)?$/.test(first)
  const own = isPython && prefix ? [first, "python3", "python"].map((name) => join(prefix, "bin", name)).find(isProgram) : undefined
  const program = own ?? findProgram(first, env) ?? (isPython ? findProgram("python3", env) : undefined)
  return program === undefined ? undefined : [program, ...rest]
}

function builtInPython(python: string): FoundSpec {
  return {
    name: "python3",
    displayName: "Python 3",
    language: "python",
    argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    env: {},
    interruptMode: "signal",
    metadata: {},
    resourceDir: "",
    prefix: prefixOfProgram(python),
  }
}

// Asking the interpreter would cost a process; a package that is there has its folder in one of these places.
function hasIpykernel(python: string): boolean {
  const lib = join(prefixOfProgram(python), "lib")
  const versions = entries(lib).filter((name) => /^python3/.test(name))
  return versions.some((name) =>
    ["site-packages", "dist-packages"].some((packages) => readText(join(lib, name, packages, "ipykernel_launcher.py")) !== undefined),
  )
}

function prefixOfProgram(program: string): string {
  return dirname(dirname(program))
}

function findProgram(program: string, env: Environment): string | undefined {
  if (basename(program) !== program) return isProgram(program) ? program : undefined
  const folders = (env["PATH"] ?? "").split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, program)).find(isProgram)
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}
