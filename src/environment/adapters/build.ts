/**
 * A locked environment on disk: `environments/<digest>` is a link to the folder it was made in, because a virtual
 * environment holds its own path. It is made aside, proved, sealed, and only then linked: what was interrupted is never
 * linked, and is swept away by the next build of the same digest.
 */
import { randomUUID } from "node:crypto"
import { readdir, readlink, realpath, rename, rm, stat, symlink } from "node:fs/promises"
import { basename, join } from "node:path"
import { accepted, type Outcome } from "#base/outcome.ts"
import { onDisk, openFolder, readJson, timeOf, writeJson, writeText } from "#environment/adapters/disk.ts"
import { run } from "#environment/adapters/process.ts"
import { prove } from "#environment/adapters/proof.ts"
import { sealOf } from "#environment/adapters/seal.ts"
import { type Tool, type ToolWorld, toolFor } from "#environment/adapters/tools.ts"
import { cancelled, troubleOf } from "#environment/adapters/trouble.ts"
import type { BuildOptions, Manifest, Place } from "#environment/ports.ts"
import type { EnvironmentRefusal } from "#environment/refusal.ts"
import { lockText } from "#environment/requirements.ts"
import { withLock } from "#setup/door.mjs"

type Marker = {
  readonly sha256: string
  readonly seal: string
  readonly base: string
  readonly baseTime: number
  readonly by: string
  readonly madeAt: string
}
type Building = { readonly world: ToolWorld; readonly manifest: Manifest; readonly options: BuildOptions; readonly folder: string }

export const MARKER = "stet-environment.json"

export async function buildPlace(world: ToolWorld, manifest: Manifest, options: BuildOptions): Promise<Outcome<Place, EnvironmentRefusal>> {
  const { sha256 } = manifest
  const waiting = () => options.tell?.("Another process is making this environment; waiting for it.")
  return onDisk(world.home, () =>
    withLock(
      lockOf(world.home, sha256),
      async () => {
        const there = await placeOf(world.home, sha256)
        if (there) return accepted(there)
        const folder = join(world.home, "environments", `${sha256.slice(0, 12)}-${randomUUID().slice(0, 8)}`)
        await sweep(world.home, sha256)
        await openFolder(join(world.home, "environments"))
        return make({ world, manifest, options, folder })
      },
      { waiting },
    ),
  )
}

/** The place of a built environment; undefined when it is not there, was changed, or its interpreter was. */
export async function placeOf(home: string, sha256: string): Promise<Place | undefined> {
  const prefix = linkOf(home, sha256)
  const marker = (await readJson(join(prefix, MARKER))) as Marker | undefined
  if (marker?.sha256 !== sha256) return undefined
  const base = await realpath(join(prefix, "bin", "python")).catch(() => "")
  if (base !== marker.base || (await timeOf(base)) !== marker.baseTime) return undefined
  return (await sealOf(prefix)) === marker.seal ? { prefix, jupyterPath: join(prefix, "share", "jupyter") } : undefined
}

async function make(building: Building): Promise<Outcome<Place, EnvironmentRefusal>> {
  const { world, manifest, options, folder } = building
  let isMade = false
  try {
    const tool = await toolFor(world, options.interpreter, options)
    const refusal = await fill(building, tool)
    if (refusal) return refusal
    await finish(building, tool)
    isMade = true
    return accepted({ prefix: linkOf(world.home, manifest.sha256), jupyterPath: join(linkOf(world.home, manifest.sha256), "share", "jupyter") })
  } finally {
    if (!isMade) await rm(folder, { recursive: true, force: true })
  }
}

async function fill({ world, manifest, options, folder }: Building, tool: Tool): Promise<Outcome<never, EnvironmentRefusal> | undefined> {
  const { interpreter, tell = () => {}, mayCompile, cancellation } = options
  tell(`Installing ${manifest.what.packages.length} packages with ${tool.name}`)
  const made = await tool.venv(folder)
  if (made.code !== 0) return troubleOf(made, "install", folder)
  const lock = join(folder, "requirements.lock")
  await writeText(lock, lockText(manifest.what.packages))
  const installed = await tool.install(folder, lock, mayCompile)
  if (installed.code !== 0) return troubleOf(installed, "install", folder)
  // Here and now, because kernels run as users who cannot write the caches; by the base interpreter alone (-S), so that
  // nothing of the packages runs. Files that are no Python of this version are left as they are.
  await run(interpreter.python, ["-I", "-S", "-m", "compileall", "-q", join(folder, "lib")], { env: world.env, cancellation })
  await run("chmod", ["-R", "u=rwX,go=rX", folder], { env: world.env })
  if (cancellation?.aborted) return cancelled()
  return prove({ folder, what: manifest.what, env: world.env, mayRun: mayCompile })
}

async function finish({ world, manifest, options, folder }: Building, tool: Tool): Promise<void> {
  const { sha256 } = manifest
  const link = linkOf(world.home, sha256)
  await writeText(join(folder, "share", "jupyter", "kernels", "python3", "kernel.json"), kernelSpec(link, manifest))
  const base = await realpath(join(folder, "bin", "python"))
  const seal = (await sealOf(folder)) ?? ""
  const marker: Marker = { sha256, seal, base, baseTime: (await stat(base)).mtimeMs, by: tool.name, madeAt: new Date().toISOString() }
  await writeJson(join(folder, MARKER), marker)
  const aside = `${link}.${randomUUID().slice(0, 8)}`
  await symlink(basename(folder), aside)
  await rename(aside, link)
  options.tell?.(`Made environment ${sha256.slice(0, 12)}`)
}

/** What `!pip` and `!python` in a cell find is the environment's own. */
function kernelSpec(link: string, { what }: Manifest): string {
  const { argv, displayName, language } = what.kernel
  const spec = {
    argv: argv.map((part) => part.replaceAll("{prefix}", link)),
    display_name: displayName,
    language,
    env: { VIRTUAL_ENV: link, PATH: `${join(link, "bin")}:\${PATH}` },
    metadata: { debugger: true },
  }
  return `${JSON.stringify(spec, undefined, 1)}\n`
}

/** Held by whoever makes or removes it. */
export function lockOf(home: string, sha256: string): string {
  return join(home, "locks", `environment-${sha256.slice(0, 16)}`)
}

export function linkOf(home: string, sha256: string): string {
  return join(home, "environments", sha256)
}

/** Removes what was left of earlier builds of this digest, but the one that is linked: kernels may still run in it. */
async function sweep(home: string, sha256: string): Promise<void> {
  const folder = join(home, "environments")
  const linked = await readlink(linkOf(home, sha256)).catch(() => "")
  const left = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${sha256.slice(0, 12)}-`) && name !== linked)
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true })
}
