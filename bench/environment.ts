/**
 * The Python that all contenders share. The test environment may hold more than the peers need, and some of it makes them slow
 * (with jupyter_server installed, jsonschema finds rfc3987_syntax and builds a grammar at import: 2 s per start of papermill
 * or nbclient). So a full run uses an environment of its own with exactly the peers, at the test environment's versions.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export type Versions = { readonly [name: string]: string }

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const PEERS = ["papermill", "nbclient", "nbformat", "jupyter_client", "ipykernel", "pyzmq"]

/** The interpreter of the environment that holds the peers and nothing else; made once, remade when versions change. @throws when it cannot be made */
export function peersPython(testPython: string): string {
  const venv = here("../node_modules/.cache/stet-bench")
  const python = join(venv, "bin/python")
  const wanted = pythonVersions(testPython)
  if (existsSync(python) && same(pythonVersions(python), wanted)) return python
  rmSync(venv, { recursive: true, force: true })
  const pinned = PEERS.map((name) => `${name}==${wanted[name]}`)
  run([testPython, "-m", "venv", venv])
  run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...pinned])
  return python
}

function run([command, ...rest]: readonly string[]): void {
  const done = spawnSync(command!, rest, { encoding: "utf8" })
  if (done.status !== 0) throw new Error(`An environment for the peers could not be made: ${rest.slice(0, 3).join(" ")} failed.\n${done.stderr}`)
}

function same(a: Versions, b: Versions): boolean {
  return Object.keys(b).every((name) => a[name] === b[name])
}

/** @throws when the environment lacks a peer */
function pythonVersions(python: string): Versions {
  const script = `import importlib.metadata as m, json, platform
print(json.dumps({"python": platform.python_version(), **{n: m.version(n) for n in ${JSON.stringify(PEERS)}}}))`
  const asked = spawnSync(python, ["-c", script], { encoding: "utf8" })
  if (asked.status === 0) return JSON.parse(asked.stdout) as Versions
  throw new Error(
    `${python} lacks one of ${PEERS.join(", ")}: install them there, or name another interpreter in STET_TEST_PYTHON.\n${asked.stderr ?? ""}`,
  )
}

/** Exact versions of everything that takes part. */
export function versions(python: string): Versions {
  const own = JSON.parse(readFileSync(here("../package.json"), "utf8")) as { readonly version: string }
  const zeromq = JSON.parse(readFileSync(here("../node_modules/zeromq/package.json"), "utf8")) as { readonly version: string }
  return { stet: own.version, node: process.versions.node, zeromq: zeromq.version, ...pythonVersions(python) }
}

/**
 * What every contender finds around it: the same kernel command with the interpreter by absolute path, history switched off by
 * configuration so that nobody is faster or slower for it, and nothing of the user's own settings.
 */
export function surroundings(python: string, home: string): { readonly [name: string]: string } {
  const argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
  put(join(home, "jupyter/kernels/python3/kernel.json"), JSON.stringify({ argv, display_name: "Python 3 (ipykernel)", language: "python" }))
  put(join(home, "ipython/profile_default/ipython_kernel_config.py"), "c.HistoryManager.enabled = False\n")
  const kept = Object.entries(process.env).filter(([name]) => !/^(JUPYTER|IPYTHON|PYTHON|STET|NODE_|npm_)/.test(name))
  return {
    ...(Object.fromEntries(kept) as { [name: string]: string }),
    JUPYTER_PATH: join(home, "jupyter"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    JUPYTER_CONFIG_DIR: join(home, "config"),
    IPYTHONDIR: join(home, "ipython"),
    STET_HOME: join(home, "stet"),
    TMPDIR: home,
  }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Seconds that the kernel needs just to import itself: the part of a cold start that no runner can save. Median of five. */
export function kernelImportSeconds(python: string): number {
  const once = () => {
    const began = performance.now()
    spawnSync(python, ["-c", "import ipykernel.kernelapp, ipykernel.ipkernel"])
    return (performance.now() - began) / 1000
  }
  return Array.from({ length: 5 }, once).sort((a, b) => a - b)[2]!
}
