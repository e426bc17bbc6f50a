/**
 * The Python that runs notebooks: one that is there and can, else one that Stet makes for itself below its home.
 *
 * A managed environment is built in a directory of its own, proved by importing what it is for, and only then linked as
 * `$STET_HOME/<name>`: what was interrupted is never linked, and its directory is swept away by the next build.
 */
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, readlink, realpath, rename, rm, stat, symlink, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { SetupFailed } from "./failure.mjs"
import { withLock } from "./lock.mjs"
import { digestOf } from "./node.mjs"
import { makeEnvironment } from "./python-build.mjs"
import { probe } from "./python-probe.mjs"
import { holds, installedKernel, interpreters } from "./python-search.mjs"

/** @typedef {{ key: string, by: string, base: string, baseTime: number, madeAt: string }} Marker */
/**
 * @typedef {object} Wanted
 * @property {string} home
 * @property {string} name of the link below home
 * @property {string} what what it is, for the steps
 * @property {string} requirements path of a requirements file
 * @property {readonly string[]} needs modules that must import in it
 * @property {import("./step.mjs").Step} step
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [tell]
 * @property {readonly string[]} [places] where to look for a Python beside the PATH
 */

const MARKER = "stet-environment.json"

/** What the common notebook imports. */
export const DATA_PACKAGES = /** @type {readonly string[]} */ (["ipykernel", "numpy", "pandas", "matplotlib", "ipywidgets"])

/** @type {typeof import("./python.d.mts").usablePython} */
export async function usablePython({ home, step, env = process.env, needs = ["ipykernel"], tell = toStderr }) {
  const installed = await installedKernel({ home, env, needs })
  if (installed) return { from: "kernelspec", python: installed.python, prefix: installed.prefix }
  const managed = await finished({ home, name: "python", requirements: requirementsFor("python"), needs, env })
  if (managed) return { from: "managed", ...managed }
  const bare = (await interpreters({ home, env })).find((found) => holds(found, needs) && existsSync(specIn(found.prefix)))
  if (bare) return { from: "interpreter", python: bare.python, prefix: bare.prefix }
  const made = await ensureEnvironment({
    home,
    name: "python",
    what: "a private Python environment for notebooks",
    requirements: requirementsFor("python"),
    needs: DATA_PACKAGES,
    step,
    env,
    tell,
  })
  return { from: "managed", ...made }
}

/**
 * The managed environment of that name, made now unless it is there.
 *
 * @param {Wanted} wanted
 * @returns {Promise<{ python: string, prefix: string }>}
 * @throws SetupFailed
 */
export async function ensureEnvironment(wanted) {
  const { home, name, env = process.env, tell = toStderr } = wanted
  const there = await finished(wanted)
  if (there) return there
  const waiting = () => tell("Another Stet is setting this up; waiting for it.")
  await withLock(join(home, "locks", name), async () => (await finished(wanted)) ?? (await build({ ...wanted, env, tell })), { waiting })
  const made = await finished(wanted)
  if (!made) throw new SetupFailed(`${wanted.what} was made but cannot be used.`, `Remove ${join(home, name)} and try again.`)
  return made
}

/** @param {Wanted & { env: NodeJS.ProcessEnv, tell: (line: string) => void }} wanted */
async function build(wanted) {
  const { home, name } = wanted
  const key = await keyOf(wanted.requirements)
  const folder = join(home, "environments", `${name}-${key}-${randomUUID().slice(0, 8)}`)
  await mkdir(join(home, "environments"), { recursive: true })
  try {
    const { by } = await makeEnvironment({ ...wanted, folder })
    const base = await realpath(join(folder, "bin", "python"))
    await writeKernelSpec(folder, join(home, name, "bin", "python"))
    await writeFile(
      join(folder, MARKER),
      JSON.stringify(/** @type {Marker} */ ({ key, by, base, baseTime: (await stat(base)).mtimeMs, madeAt: new Date().toISOString() })),
    )
    await pointAt(join(home, name), folder)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * A finished environment that fits, or undefined. An upgraded base interpreter is asked again; a removed one does not fit.
 *
 * @param {Pick<Wanted, "home" | "name" | "requirements" | "needs" | "env">} wanted
 */
async function finished({ home, name, requirements, needs, env = process.env }) {
  const prefix = join(home, name)
  const python = join(prefix, "bin", "python")
  try {
    const marker = /** @type {Marker} */ (JSON.parse(await readFile(join(prefix, MARKER), "utf8")))
    if (marker.key !== (await keyOf(requirements))) return undefined
    const base = await realpath(python)
    if (base === marker.base && (await stat(base)).mtimeMs === marker.baseTime) return { python, prefix }
    const asked = await probe(python, { home, env })
    return asked && holds(asked, marker.by === "distribution" ? ["ipykernel"] : needs) ? { python, prefix } : undefined
  } catch {
    return undefined
  }
}

/**
 * Points the link at the new environment in one move, and sweeps away what nobody uses: everything of this name but the
 * new one and the one that was current until now, whose kernels may still be running.
 *
 * @param {string} link
 * @param {string} folder
 */
async function pointAt(link, folder) {
  const before = await readlink(link).catch(() => "")
  const aside = `${link}.${randomUUID()}`
  await symlink(folder, aside)
  await rename(aside, link)
  const environments = join(folder, "..")
  for (const entry of await readdir(environments)) {
    const isOurs = entry.replace(/-[0-9a-f]+-[0-9a-f]+$/, "") === basename(link)
    if (isOurs && entry !== basename(folder) && entry !== basename(before)) await rm(join(environments, entry), { recursive: true, force: true })
  }
}

/**
 * @param {string} prefix
 * @param {string} python
 */
async function writeKernelSpec(prefix, python) {
  const file = specIn(prefix)
  const spec = {
    argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    display_name: "Python 3 (ipykernel)",
    language: "python",
    metadata: { debugger: true },
  }
  await mkdir(dirname(file), { recursive: true })
  const aside = `${file}.${randomUUID()}`
  await writeFile(aside, `${JSON.stringify(spec, undefined, 1)}\n`)
  await rename(aside, file)
}

/** @param {string} prefix */
function specIn(prefix) {
  return join(prefix, "share", "jupyter", "kernels", "python3", "kernel.json")
}

/** @param {string} requirements */
async function keyOf(requirements) {
  return digestOf(await readFile(requirements, "utf8")).slice(0, 12)
}

/** @param {string} name */
function requirementsFor(name) {
  return fileURLToPath(new URL(`requirements-${name}.txt`, import.meta.url))
}

/** @param {string} line */
function toStderr(line) {
  process.stderr.write(`${line}\n`)
}
