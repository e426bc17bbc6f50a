/** The package tools: uv where it can be had, else Python's own venv and pip. */
import { randomUUID } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writeText } from "#environment/adapters/disk.ts"
import { type Ended, run } from "#environment/adapters/process.ts"
import type { Attention, Interpreter, Wanted } from "#environment/ports.ts"
import { fetchUv, findUv, patientPip, uvEnvironment } from "#setup/door.mjs"

export type ToolWorld = {
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  /** false: never uv; for machines that must not have it, and for tests. */
  readonly mayUseUv?: boolean | undefined
}

export type Tool = {
  readonly name: "uv" | "pip"
  /** Makes an empty virtual environment in a folder that is not there yet. */
  venv(folder: string): Promise<Ended>
  /** Writes a lock with hashes for a requirements file to `into`: uv in the form of requirements.txt, pip as its report. */
  lock(requirements: string, into: string, wanted: Wanted): Promise<Ended>
  /** Installs exactly what a lock with hashes lists. */
  install(folder: string, lock: string, mayCompile: boolean): Promise<Ended>
}

/** @throws nothing: a tool that does not work says so when it is used */
export async function toolFor(world: ToolWorld, interpreter: Interpreter, attention: Attention): Promise<Tool> {
  const uv = world.mayUseUv === false ? undefined : await uvOn(world, interpreter, attention)
  return uv === undefined ? pipTool(world, interpreter, attention) : uvTool({ uv, world, interpreter, attention })
}

async function uvOn(world: ToolWorld, { python }: Interpreter, { tell = () => {} }: Attention): Promise<string | undefined> {
  const found = await findUv(world)
  if (found !== undefined) return found
  const step = <Value>(what: string, work: () => Promise<Value>) => {
    tell(what)
    return work()
  }
  const fetched = await fetchUv({ ...world, step, tell }, python)
  return fetched?.ok ? fetched.value : undefined
}

type UvWorld = { readonly uv: string; readonly world: ToolWorld; readonly interpreter: Interpreter; readonly attention: Attention }

async function uvTool({ uv, world, interpreter, attention }: UvWorld): Promise<Tool> {
  const { python } = interpreter
  const env = await uvVariables(world, python)
  const { tell } = attention
  // One line a step; that every single package was installed is in the manifest.
  const telling = {
    ...attention,
    tell:
      tell && ((line: string) => (/^(?:Resolved|Prepared|Installed|Built|Building|Downloading) /.test(line.trim()) ? tell(line.trim()) : undefined)),
  }
  const ask = (args: readonly string[], cwd?: string) => run(uv, args, { env, ...telling, ...(cwd === undefined ? {} : { cwd }) })
  const wheelsOnly = (mayCompile: boolean) => (mayCompile ? [] : ["--only-binary", ":all:"])
  return {
    name: "uv",
    venv: (folder) => ask(["venv", "--quiet", "--no-project", "--python", python, folder]),
    lock: (requirements, into, { mayCompile, folder }) =>
      ask(
        [
          "pip",
          "compile",
          "--quiet",
          "--generate-hashes",
          "--no-header",
          "--no-annotate",
          "--python",
          python,
          ...wheelsOnly(mayCompile),
          "-o",
          into,
          requirements,
        ],
        folder,
      ),
    install: (folder, lock, mayCompile) =>
      ask(["pip", "install", "--python", join(folder, "bin", "python"), "--no-deps", "--require-hashes", ...wheelsOnly(mayCompile), "-r", lock]),
  }
}

// Asking pip for its settings takes a second: once is enough for a process.
const variables = new WeakMap<ToolWorld, Map<string, Promise<NodeJS.ProcessEnv>>>()

function uvVariables(world: ToolWorld, python: string): Promise<NodeJS.ProcessEnv> {
  const known = variables.get(world) ?? new Map<string, Promise<NodeJS.ProcessEnv>>()
  variables.set(world, known)
  const asked = known.get(python) ?? askVariables(world, python)
  known.set(python, asked)
  return asked
}

async function askVariables(world: ToolWorld, python: string): Promise<NodeJS.ProcessEnv> {
  const asked = await uvEnvironment(world, { python, modules: (await hasPip(python, world.env)) ? ["pip"] : [] })
  return withoutOurs({ ...asked, UV_PYTHON_DOWNLOADS: "never", UV_NO_PROGRESS: "1", NO_COLOR: "1" })
}

async function pipTool(world: ToolWorld, { python }: Interpreter, attention: Attention): Promise<Tool> {
  const env = withoutOurs({ ...patientPip(world.env), PIP_DISABLE_PIP_VERSION_CHECK: "1", NO_COLOR: "1", PIP_NO_COLOR: "1" })
  const ask = (program: string, args: readonly string[], cwd?: string) =>
    run(program, args, { env, ...attention, ...(cwd === undefined ? {} : { cwd }) })
  const wheelsOnly = (mayCompile: boolean) => (mayCompile ? [] : ["--only-binary", ":all:"])
  // Since 22.3 pip installs into an environment that has none of its own, which spares putting one in and taking it out.
  const reaches = isAtLeast(await pipVersion(python, env), 22, 3)
  return {
    name: "pip",
    venv: (folder) => ask(python, ["-m", "venv", ...(reaches ? ["--without-pip"] : []), folder]),
    lock: (requirements, into, { mayCompile, folder }) =>
      withReportingPip({ python, env, attention }, (pip) =>
        ask(
          pip,
          ["-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", into, ...wheelsOnly(mayCompile), "-r", requirements],
          folder,
        ),
      ),
    install: async (folder, lock, mayCompile) => {
      const own = join(folder, "bin", "python")
      const what = ["install", "--no-deps", "--require-hashes", "--no-compile", ...wheelsOnly(mayCompile), "-r", lock]
      if (reaches) return ask(python, ["-m", "pip", "--python", own, ...what])
      const installed = await ask(own, ["-m", "pip", ...what])
      return installed.code === 0 ? removeTools(lock, (args) => ask(own, args)) : installed
    },
  }
}

function isAtLeast([major = 0, minor = 0]: readonly number[], wantedMajor: number, wantedMinor: number): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** What venv puts in to install with is no part of the environment, unless the lock lists it. */
async function removeTools(lock: string, ask: (args: readonly string[]) => Promise<Ended>): Promise<Ended> {
  const text = await readFile(lock, "utf8")
  const extra = ["setuptools", "pip"].filter((name) => !new RegExp(`^${name}==`, "m").test(text))
  if (extra.length === 0) return { code: 0, output: "", stdout: "", isCancelled: false }
  return ask(["-m", "pip", "uninstall", "--quiet", "--yes", ...extra])
}

type Pip = { readonly python: string; readonly env: NodeJS.ProcessEnv; readonly attention: Attention }

/** Reports came with pip 22.2: where the interpreter's own is older or not there, a newer one is fetched for the occasion. */
async function withReportingPip({ python, env, attention }: Pip, use: (python: string) => Promise<Ended>): Promise<Ended> {
  if (isAtLeast(await pipVersion(python, env), 22, 2)) return use(python)
  const folder = await mkdtemp(join(tmpdir(), "stet-pip-"))
  try {
    const made = await run(python, ["-m", "venv", folder], { env, ...attention })
    if (made.code !== 0) return made
    const own = join(folder, "bin", "python")
    const brought = await run(own, ["-m", "pip", "install", "--quiet", "pip>=22.2"], { env, ...attention })
    return brought.code === 0 ? await use(own) : brought
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function pipVersion(python: string, env: NodeJS.ProcessEnv): Promise<readonly number[]> {
  const ended = await run(python, ["-m", "pip", "--version"], { env, timeoutMs: 60_000 })
  const [, major, minor] = (ended.code === 0 && /^pip (\d+)\.(\d+)/.exec(ended.stdout)) || []
  return major === undefined ? [] : [Number(major), Number(minor)]
}

async function hasPip(python: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await pipVersion(python, env)).length > 0
}

/** Package tools may run what packages bring: what opens our database and our stores is none of their business. */
export function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:STET_|DATABASE_URL$|PG[A-Z]+$|AWS_|VIRTUAL_ENV$|PYTHONPATH$|PYTHONHOME$)/.test(name)),
  )
}

/** A file of requirements for a tool, and a place for its answer, gone when the work is done. */
export async function withFile<Value>(lines: readonly string[], work: (file: string, into: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), "stet-lock-"))
  try {
    const file = join(folder, "requirements.txt")
    await writeText(file, `${lines.join("\n")}\n`)
    return await work(file, join(folder, `lock-${randomUUID().slice(0, 8)}.txt`))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
