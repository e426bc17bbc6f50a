/**
 * What an installed kernel consists of: asked once of its interpreter in a short process of its own (importlib.metadata
 * lists 131 packages in 90 ms, where `pip freeze` takes 577), then remembered for as long as the interpreter and the
 * directories that it imports from keep their modification times. Installing anything touches those.
 */
import { createHash } from "node:crypto"
import { realpath } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Fault } from "#base/fault.ts"
import { readJson, timeOf, writeJson } from "#environment/adapters/disk.ts"
import { type Ended, run } from "#environment/adapters/process.ts"
import { describedKernel, type Program, programOf } from "#environment/argv.ts"
import type { Description, Package } from "#environment/description.ts"
import type { InstalledKernel } from "#environment/ports.ts"
import { normalName } from "#environment/requirements.ts"

type Answer = Pick<Description, "interpreter" | "platform" | "packages">
type Remembered = { readonly seen: { readonly [path: string]: number }; readonly answer: Answer }
type Asked = { readonly answer: Answer; readonly paths: readonly string[] }
export type CaptureWorld = { readonly home: string; readonly env: NodeJS.ProcessEnv }

const ASK_PYTHON = `
import importlib.metadata, json, os, platform, sys
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
packages = {}
for found in importlib.metadata.distributions():
    try:
        told = found.metadata
        name, version = told["Name"], told["Version"]
    except Exception:
        continue
    if name and str(name) not in packages:
        packages[str(name)] = str(version)
print(json.dumps({
    "interpreter": {"name": platform.python_implementation(), "version": platform.python_version()},
    "platform": {"os": sys.platform, "machine": platform.machine(), "libc": " ".join(platform.libc_ver()).strip()},
    "packages": list(packages.items()),
    "paths": [entry for entry in sys.path if os.path.isdir(entry)] + [os.path.join(sys.prefix, "pyvenv.cfg")],
}))
`
const ASK_R = String.raw`
found <- installed.packages(noCache = TRUE)[, c("Package", "Version"), drop = FALSE]
found <- found[!duplicated(found[, 1]), , drop = FALSE]
cat(paste0("version ", R.version$major, ".", R.version$minor, "\n"))
cat(paste0("platform ", R.version$os, " ", R.version$arch, "\n"))
cat(paste0("path ", .libPaths(), "\n"), sep = "")
cat(paste0("package ", found[, 1], " ", found[, 2], "\n"), sep = "")
`

export function captureOn(world: CaptureWorld): (kernel: InstalledKernel) => Promise<Description> {
  const inMemory = new Map<string, Remembered>()
  return async (kernel) => {
    const program = programOf(kernel)
    const env = { ...world.env, ...filled(kernel.env ?? {}, world.env) }
    const key = createHash("sha256")
      .update(JSON.stringify([program, Object.entries(env).filter(([name]) => /^(PYTHON|R_|HOME$|VIRTUAL_ENV$)/.test(name))]))
      .digest("hex")
      .slice(0, 24)
    const file = join(world.home, "cache", "captures", `${key}.json`)
    const known = inMemory.get(key) ?? ((await readJson(file)) as Remembered | undefined)
    const isGood = known !== undefined && (await isUnchanged(known.seen))
    const current = isGood ? known : await askAnew(program, env)
    if (current.seen) inMemory.set(key, current as Remembered)
    if (!isGood && current.seen) await writeJson(file, current)
    return { format: 1, kind: "captured", kernel: describedKernel(kernel), ...current.answer }
  }
}

/** Without `seen` when something was being installed meanwhile: then it is asked again the next time. */
async function askAnew(program: Program, env: NodeJS.ProcessEnv): Promise<Partial<Remembered> & Pick<Remembered, "answer">> {
  const startedAt = Date.now()
  const { answer, paths } = await ask(program, env)
  const seen = await timesOf([program.path, await realpath(program.path).catch(() => program.path), ...paths])
  return Object.values(seen).every((time) => time < startedAt) ? { seen, answer } : { answer }
}

async function ask(program: Program, env: NodeJS.ProcessEnv): Promise<Asked> {
  switch (program.kind) {
    case "python":
      return readPython(await must(program.path, ["-c", ASK_PYTHON], env))
    case "R":
      return readR(await must(program.path, ["--slave", "--no-save", "--no-restore", "-e", ASK_R], env))
    default:
      return { answer: await askVersion(program.path, env), paths: [] }
  }
}

async function must(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  // Beside the interpreter, because Python looks in the working directory first.
  const ended = await run(program, args, { env, cwd: dirname(program), timeoutMs: 60_000 })
  if (ended.code === 0) return ended
  const said = ended.output.trim().split("\n").at(-1) ?? ""
  throw new Fault("kernel_start_failed", `${program} cannot be asked for its packages: ${said || `it ended with ${ended.code}`}.`, {
    remedy: "Start it by hand to see what is wrong with it.",
  })
}

function readPython({ stdout }: Ended): Asked {
  const told = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Omit<Answer, "packages"> & { packages: [string, string][]; paths: string[] }
  const { interpreter, platform, paths } = told
  const packages = told.packages.map(([name, version]) => ({ name: normalName(name), version }))
  return { answer: { interpreter, platform, packages: sorted(packages) }, paths }
}

function readR({ stdout }: Ended): Asked {
  const lines = stdout.split("\n").map((line) => line.trim().split(" "))
  const of = (kind: string) => lines.filter(([first]) => first === kind).map(([, ...rest]) => rest)
  const [[version = ""] = []] = of("version")
  const [[os = "", machine = ""] = []] = of("platform")
  const packages = of("package").map(([name = "", number = ""]) => ({ name, version: number }))
  return {
    answer: { interpreter: { name: "R", version }, platform: { os: os.replace(/-gnu$/, ""), machine, libc: "" }, packages: sorted(packages) },
    paths: of("path").map((path) => path.join(" ")),
  }
}

async function askVersion(program: string, env: NodeJS.ProcessEnv): Promise<Answer> {
  const ended = await run(program, ["--version"], { env, cwd: dirname(program), timeoutMs: 10_000 })
  const version = ended.code === 0 ? (/\d+(?:\.\d+)+[A-Za-z0-9.+-]*/.exec(ended.output)?.[0] ?? "") : ""
  const name = program.slice(program.lastIndexOf("/") + 1)
  return { interpreter: { name, version }, platform: { os: process.platform, machine: process.arch, libc: "" }, packages: [] }
}

function sorted(packages: readonly Package[]): readonly Package[] {
  return [...packages].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A kernelspec's env with `$NAME` and `${NAME}` filled in. */
function filled(env: { readonly [name: string]: string }, from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const fill = (value: string) => value.replace(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (whole, bare, braced) => from[bare ?? braced] ?? whole)
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]))
}

async function timesOf(paths: readonly string[]): Promise<{ readonly [path: string]: number }> {
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await timeOf(path)] as const)))
}

async function isUnchanged(seen: Remembered["seen"]): Promise<boolean> {
  const now = await timesOf(Object.keys(seen))
  return Object.entries(seen).every(([path, time]) => now[path] === time)
}
