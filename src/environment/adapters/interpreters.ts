/** The Pythons of this machine, with what an environment must know of them. */
import { createHash } from "node:crypto"
import { realpath } from "node:fs/promises"
import { dirname, join } from "node:path"
import { readJson, timeOf, writeJson } from "#environment/adapters/disk.ts"
import { run } from "#environment/adapters/process.ts"
import { isReachableByAll, isRoot } from "#environment/adapters/reach.ts"
import type { Interpreter } from "#environment/ports.ts"
import { interpreters } from "#setup/door.mjs"

export type PythonWorld = { readonly home: string; readonly env: NodeJS.ProcessEnv; readonly places?: readonly string[] | undefined }

// sys.executable, because a name on the PATH may be a shim that chooses anew each time; the base, because an environment
// that is built on another one ends with it.
const QUESTION = `
import json, os, platform, sys
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([os.path.realpath(base) if sys.prefix != sys.base_prefix else sys.executable,
  platform.python_implementation(), platform.python_version(), sys.platform, platform.machine(), " ".join(platform.libc_ver()).strip()]))
`

/** The likeliest first; as root those first that the users of kernels can reach. */
export async function pythons({ home, env, places }: PythonWorld): Promise<readonly Interpreter[]> {
  const found = await interpreters({ home, env, ...(places ? { places } : {}) })
  const asked = await Promise.all(found.map(({ python }) => ask(home, python, env)))
  const known = asked.filter((one): one is Interpreter => one !== undefined)
  const files = await Promise.all(known.map(({ python }) => realpath(python).catch(() => python)))
  const distinct = known.filter((_, i) => files.indexOf(files[i] ?? "") === i)
  if (!isRoot()) return distinct
  const reach = await Promise.all(distinct.map(({ python }) => isReachableByAll(python)))
  return [...distinct.filter((_, i) => reach[i]), ...distinct.filter((_, i) => !reach[i])]
}

/** What an interpreter says of itself, remembered as long as its file stays the same. */
async function ask(home: string, python: string, env: NodeJS.ProcessEnv): Promise<Interpreter | undefined> {
  const file = await realpath(python).catch(() => python)
  const time = await timeOf(file)
  const memory = join(home, "cache", "interpreters", `${createHash("sha256").update(python).digest("hex").slice(0, 16)}.json`)
  const known = (await readJson(memory)) as { readonly file: string; readonly time: number; readonly answer: Interpreter } | undefined
  if (known?.file === file && known.time === time) return known.answer
  const ended = await run(python, ["-I", "-c", QUESTION], { env, cwd: dirname(python), timeoutMs: 20_000 })
  const answer = ended.code === 0 ? read(ended.stdout) : undefined
  // A shim is a script, the same one whatever it leads to: what it says is asked anew.
  if (answer && (await realpath(answer.python).catch(() => "")) === file) await writeJson(memory, { file, time, answer })
  return answer
}

function read(stdout: string): Interpreter | undefined {
  try {
    const [python, name, version, os, machine, libc] = JSON.parse(stdout) as string[]
    return { python: python!, name: name!, version: version!, platform: { os: os!, machine: machine!, libc: libc! } }
  } catch {
    return undefined
  }
}
