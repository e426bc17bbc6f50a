/**
 * What a Python interpreter is and holds, asked once and remembered for as long as the interpreter and the directories
 * it imports from keep their modification times.
 */
import { randomUUID } from "node:crypto"
import { mkdir, open, readFile, realpath, rename, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { run } from "./command.mjs"
import { digestOf } from "./node.mjs"

/**
 * @typedef {object} Interpreter
 * @property {string} python the path it was asked under
 * @property {readonly [number, number]} version
 * @property {string} prefix `sys.prefix`
 * @property {readonly string[]} modules those of KNOWN_MODULES that can be imported
 */
/** @typedef {{ interpreter: Interpreter, seen: Record<string, number> }} Remembered seen: path → modification time in ms */

const KNOWN_MODULES = ["ipykernel", "ipywidgets", "numpy", "pandas", "matplotlib", "pip", "ensurepip", "venv"]

const QUESTION = `
import importlib.util, json, os, sys
names = json.loads(sys.argv[1])
def there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
print(json.dumps({
    "version": sys.version_info[:2],
    "prefix": sys.prefix,
    "modules": [name for name in names if there(name)],
    "path": [entry for entry in sys.path if os.path.isdir(entry)],
}))
`

/**
 * @param {string} python absolute path
 * @param {{ home: string, env: NodeJS.ProcessEnv }} world
 * @returns {Promise<Interpreter | undefined>} undefined when it does not run
 */
export async function probe(python, { home, env }) {
  const memory = join(home, "cache", "pythons", `${digestOf(python).slice(0, 16)}.json`)
  const remembered = await recall(memory)
  if (remembered && (await unchanged(remembered.seen))) return remembered.interpreter
  const answer = await ask(python, env)
  if (!answer) return undefined
  // A shim chooses its interpreter anew at every start, by directory or setting: what it said may not hold next time.
  if (!(await isScript(python))) await remember(memory, { interpreter: answer.interpreter, seen: await timesOf([python, ...answer.path]) })
  return answer.interpreter
}

/**
 * @param {string} python
 * @param {NodeJS.ProcessEnv} env
 */
async function ask(python, env) {
  // Beside the interpreter, because Python imports from the working directory first, and a json.py there is not the standard one.
  const ended = await run(python, ["-c", QUESTION, JSON.stringify(KNOWN_MODULES)], { env, timeoutMs: 20_000, cwd: dirname(python) })
  if (ended.code !== 0) return undefined
  try {
    const { version, prefix, modules, path } = JSON.parse(ended.stdout)
    return { interpreter: { python, version, prefix, modules }, path }
  } catch {
    return undefined
  }
}

/** @param {string} python */
async function isScript(python) {
  const file = await open(await realpath(python))
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.toString("latin1") === "#!"
  } finally {
    await file.close()
  }
}

/** @param {readonly string[]} paths */
async function timesOf(paths) {
  const times = await Promise.all(paths.map(async (path) => [path, await timeOf(path)]))
  return Object.fromEntries(times)
}

/**
 * @param {string} path
 * @returns {Promise<number>} -1 when it is not there
 */
function timeOf(path) {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => -1,
  )
}

/** @param {Record<string, number>} seen */
async function unchanged(seen) {
  const now = await timesOf(Object.keys(seen))
  return Object.entries(seen).every(([path, time]) => now[path] === time)
}

/**
 * @param {string} memory
 * @returns {Promise<Remembered | undefined>}
 */
async function recall(memory) {
  try {
    return JSON.parse(await readFile(memory, "utf8"))
  } catch {
    return undefined
  }
}

/**
 * @param {string} memory
 * @param {Remembered} known
 */
async function remember(memory, known) {
  await mkdir(dirname(memory), { recursive: true })
  const aside = `${memory}.${randomUUID()}`
  await writeFile(aside, JSON.stringify(known))
  await rename(aside, memory)
}
