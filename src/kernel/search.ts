/**
 * Where Jupyter looks for kernelspecs, in its order. Pure: home, platform and environment are arguments.
 * Source: "Common directories and file locations" of the Jupyter documentation.
 */
import type { Environment } from "#kernel/kernelspec.ts"

export type SearchWorld = {
  readonly env: Environment
  readonly home: string
  readonly platform: "linux" | "darwin" | "win32"
  /** Prefix of the environment in use (its `bin/python` is the one people mean), if there is one. */
  readonly prefix?: string
  /** Prefix of the environment that Stet manages, if there is one. */
  readonly managedPrefix?: string
}

/** A folder whose subfolders are kernelspecs, and the prefix of the environment it belongs to ("" when to none). */
export type SpecFolder = { readonly folder: string; readonly prefix: string }

/** Every folder to look in, first hit of a name wins. */
export function specFolders(world: SearchWorld): readonly SpecFolder[] {
  const given = split(world.env["JUPYTER_PATH"], world.platform).map(dataDir)
  const user = [dataDir(userDataDir(world))]
  const own = [...prefixes(world).map(ofPrefix)]
  const system =
    world.platform === "win32" ? [dataDir(`${world.env["PROGRAMDATA"] ?? "C:\\ProgramData"}/jupyter`)] : ["/usr/local", "/usr"].map(ofPrefix)
  const old = [{ folder: `${ipythonDir(world)}/kernels`, prefix: "" }]
  const managed = world.managedPrefix ? [ofPrefix(world.managedPrefix)] : []
  const personal = prefersEnv(world) ? [...own, ...user] : [...user, ...own]
  return distinct([...given, ...personal, ...system, ...old, ...managed])
}

/** The prefix of the environment a data directory `<prefix>/share/jupyter` belongs to, or "". */
function prefixOf(folder: string): string {
  return /^(.*)\/share\/jupyter\/kernels$/.exec(folder)?.[1] ?? ""
}

function prefixes({ env, prefix }: SearchWorld): string[] {
  return [env["VIRTUAL_ENV"], env["CONDA_PREFIX"], prefix].filter((found): found is string => Boolean(found))
}

function prefersEnv({ env }: SearchWorld): boolean {
  const said = env["JUPYTER_PREFER_ENV_PATH"]
  if (said !== undefined && said !== "") return !["no", "n", "false", "off", "0", "0.0"].includes(said.toLowerCase())
  return Boolean(env["VIRTUAL_ENV"] || (env["CONDA_PREFIX"] && env["CONDA_DEFAULT_ENV"] !== "base"))
}

function userDataDir({ env, home, platform }: SearchWorld): string {
  if (env["JUPYTER_DATA_DIR"]) return env["JUPYTER_DATA_DIR"]
  if (platform === "darwin") return `${home}/Library/Jupyter`
  if (platform === "win32") return `${env["APPDATA"] ?? `${home}/AppData/Roaming`}/jupyter`
  return `${env["XDG_DATA_HOME"] || `${home}/.local/share`}/jupyter`
}

function ipythonDir({ env, home }: SearchWorld): string {
  return env["IPYTHONDIR"] || `${home}/.ipython`
}

function ofPrefix(prefix: string): SpecFolder {
  return { folder: `${prefix.replace(/\/+$/, "")}/share/jupyter/kernels`, prefix }
}

function dataDir(path: string): SpecFolder {
  const folder = `${path.replace(/\/+$/, "")}/kernels`
  return { folder, prefix: prefixOf(folder) }
}

function split(path: string | undefined, platform: SearchWorld["platform"]): string[] {
  return (path ?? "").split(platform === "win32" ? ";" : ":").filter(Boolean)
}

function distinct(folders: readonly SpecFolder[]): readonly SpecFolder[] {
  return folders.filter(({ folder }, i) => folders.findIndex((other) => other.folder === folder) === i)
}
