/** Making an environment from a list of requirements: find an interpreter, fix versions and hashes, name it by digest, build it. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { canonical, type Description, type Package } from "#environment/description.ts"
import type { Attention, Interpreter, Manifest, Place } from "#environment/ports.ts"
import { allows, type Specifier } from "#environment/python-version.ts"
import { type EnvironmentRefusal, type Refused, refuse } from "#environment/refusal.ts"
import { isLock, lockedPackages, withKernel } from "#environment/requirements.ts"
import type { EnvironmentWorld } from "#environment/world.ts"

export type Request = {
  readonly requirements: readonly string[]
  /** What the interpreter must be, as in PEP 440; [] for any. */
  readonly specifier: Specifier
  /** The text of it, for sentences. */
  readonly requiresPython: string
  readonly mayCompile: boolean
  /** The directory that relative paths in the list start from. */
  readonly folder?: string
}

export type Locked = { readonly manifest: Manifest; readonly interpreter: Interpreter }
export type Built = { readonly manifest: Manifest; readonly place: Place }

/** The kernel of every environment that is built: ipykernel, as it writes its own kernelspec. */
const BUILT_KERNEL: Description["kernel"] = {
  name: "python3",
  displayName: "Python 3 (ipykernel)",
  language: "python",
  argv: ["{prefix}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
  interruptMode: "signal",
}

/** @throws Fault index_unreachable, disk_full, storage_unwritable */
export async function buildEnvironment(
  world: EnvironmentWorld,
  request: Request,
  attention: Attention = {},
): Promise<Outcome<Built, EnvironmentRefusal>> {
  const locked = await lockRequirements(world, request, attention)
  if (!locked.ok) return locked
  const { manifest, interpreter } = locked.value
  const place = await world.machine.build(manifest, { ...attention, interpreter, mayCompile: request.mayCompile })
  if (!place.ok) return place
  await world.machine.write(manifest)
  return accepted({ manifest, place: place.value })
}

/**
 * The environment that a list means today on this machine, not built yet. A list that fixes every version and hash is
 * taken as it stands.
 *
 * @throws Fault index_unreachable, disk_full, storage_unwritable
 */
export async function lockRequirements(
  world: EnvironmentWorld,
  request: Request,
  attention: Attention = {},
): Promise<Outcome<Locked, EnvironmentRefusal>> {
  const interpreter = await interpreterFor(world, request)
  if (!interpreter.ok) return interpreter
  const requirements = withKernel(request.requirements)
  const packages: Outcome<readonly Package[], EnvironmentRefusal> = isLock(requirements)
    ? accepted(requirements.flatMap(lockedPackages))
    : await world.machine.lock({ interpreter: interpreter.value, requirements, mayCompile: request.mayCompile, folder: request.folder }, attention)
  if (!packages.ok) return packages
  const loose = packages.value.find(({ hashes = [] }) => hashes.length === 0)
  if (loose)
    return refuse(
      "build_failed",
      `${loose.name} has no hash: ${loose.url ?? "where it comes from"} is a directory or a repository, whose content may change.`,
      "Publish it to a package index, or give the address of its wheel.",
    )
  const what = describe(interpreter.value, packages.value)
  const sha256 = world.machine.sha256(canonical(what))
  return accepted({ interpreter: interpreter.value, manifest: { sha256, what, requirements: request.requirements, madeAt: world.clock.now() } })
}

/** The environment that stands on disk as its manifest says, built again if it is not there. */
export async function rebuild(world: EnvironmentWorld, manifest: Manifest, attention: Attention): Promise<Outcome<Place, EnvironmentRefusal>> {
  const { interpreter: wanted, platform } = manifest.what
  const found = await world.machine.interpreters()
  const interpreter = interpreterOf(found, manifest)
  if (!interpreter)
    return refuse(
      "environment_unusable",
      `The environment ${short(manifest.sha256)} needs ${wanted.name} ${wanted.version} on ${platform.os} ${platform.machine}, and this machine has ${listOf(found)}.`,
      "Install that Python, or make the environment anew from its requirements: stet env build.",
    )
  const place = await world.machine.build(manifest, { ...attention, interpreter, mayCompile: world.mayCompile })
  if (place.ok) await world.machine.write(manifest)
  return place
}

/** Whether there is the Python that it was built on; its packages may still not be had. */
export async function canRebuild(world: EnvironmentWorld, manifest: Manifest): Promise<boolean> {
  return interpreterOf(await world.machine.interpreters(), manifest) !== undefined
}

function interpreterOf(found: readonly Interpreter[], { what: { interpreter, platform } }: Manifest): Interpreter | undefined {
  return found.find(
    ({ name, version, platform: here }) => name === interpreter.name && version === interpreter.version && samePlatform(here, platform),
  )
}

async function interpreterFor(world: EnvironmentWorld, { specifier, requiresPython }: Request): Promise<Outcome<Interpreter, EnvironmentRefusal>> {
  const found = await world.machine.interpreters()
  const fitting = found.find(({ version }) => allows(specifier, version))
  return fitting ? accepted(fitting) : noInterpreter(found, requiresPython)
}

function noInterpreter(found: readonly Interpreter[], requiresPython: string): Refused {
  if (found.length === 0)
    return refuse(
      "environment_unusable",
      "There is no Python 3.9 or newer on this machine.",
      "Install one (Debian, Ubuntu: apt install python3 python3-venv).",
    )
  return refuse(
    "environment_unusable",
    `What is asked for needs Python ${requiresPython}, and this machine has ${listOf(found)}.`,
    "Install a Python that fits, or ask for another version.",
  )
}

function listOf(found: readonly Interpreter[]): string {
  const versions = [...new Set(found.map(({ name, version }) => `${name} ${version}`))]
  return versions.length === 0 ? "none" : versions.join(", ")
}

function samePlatform(a: Description["platform"], b: Description["platform"]): boolean {
  return a.os === b.os && a.machine === b.machine && a.libc.split(" ")[0] === b.libc.split(" ")[0]
}

/** The platform as far as wheels tell it apart: the libc's own version may be newer tomorrow, and the packages are the same. */
function describe(interpreter: Interpreter, packages: readonly Package[]): Description {
  const { name, version, platform } = interpreter
  return {
    format: 1,
    kind: "locked",
    kernel: BUILT_KERNEL,
    interpreter: { name, version },
    platform: { ...platform, libc: platform.libc.split(" ")[0] ?? "" },
    packages,
  }
}

/** The start of a digest, as people see it. */
export function short(sha256: string): string {
  return sha256.slice(0, 12)
}
