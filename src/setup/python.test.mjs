import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { onPath } from "#setup/command.mjs"
import { ensureEnvironment, usablePython } from "#setup/python.mjs"
import { probe } from "#setup/python-probe.mjs"

const PYTHON = process.env["STET_TEST_PYTHON"] ?? onPath("python3") ?? ""

/** @type {string} */
let folder
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "stet-python-")))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/**
 * A machine with one Python on its PATH, which cannot find some modules and finds some that are empty.
 *
 * @param {{ hidden?: readonly string[], empty?: readonly string[], env?: NodeJS.ProcessEnv }} options
 */
async function machine({ hidden = [], empty = [], env = {} }) {
  const site = join(folder, "site")
  for (const name of empty) {
    await mkdir(join(site, name), { recursive: true })
    await writeFile(join(site, name, "__init__.py"), "")
  }
  await mkdir(join(folder, "bin"), { recursive: true })
  await mkdir(site, { recursive: true })
  await symlink(PYTHON, join(folder, "bin", "python3"))
  await writeFile(join(site, "sitecustomize.py"), hiding(hidden))
  await writeFile(join(folder, "requirements.txt"), "# nothing\n")
  /** @type {string[]} */
  const told = []
  return {
    told,
    wanted: {
      home: join(folder, "home"),
      name: "python",
      what: "an environment",
      requirements: join(folder, "requirements.txt"),
      needs: ["ipykernel"],
      step: /** @type {import("./step.mjs").Step} */ (
        (what, work) => {
          told.push(what)
          return work()
        }
      ),
      tell: (/** @type {string} */ line) => void told.push(line),
      places: [],
      env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, HOME: folder, PYTHONPATH: site, ...env },
    },
  }
}

/** @param {readonly string[]} names */
function hiding(names) {
  return `
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ${JSON.stringify(names)}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Hide())
`
}

/** @type {import("./step.mjs").Step} */
const untold = (_, work) => work()

test("an interpreter is asked once, and again when it or its packages changed", async () => {
  const site = join(folder, "site")
  const world = { home: join(folder, "home"), env: { PYTHONPATH: site } }
  await mkdir(site)
  await writeFile(join(site, "sitecustomize.py"), hiding(["venv"]))
  expect((await probe(PYTHON, world))?.modules).not.toContain("venv")
  // Without a trace in a directory's time the first answer holds: nobody was asked again.
  await writeFile(join(site, "sitecustomize.py"), "")
  expect((await probe(PYTHON, world))?.modules).not.toContain("venv")
  await rm(join(site, "sitecustomize.py"))
  expect((await probe(PYTHON, world))?.modules).toContain("venv")
})

test("a program that is no Python is none", async () => {
  const world = { home: join(folder, "home"), env: process.env }
  expect(await probe("/bin/ls", world)).toBeUndefined()
  expect(await probe(join(folder, "absent"), world)).toBeUndefined()
})

test("an installed kernelspec whose interpreter has what is needed is used as it is", async () => {
  const spec = join(folder, "jupyter", "kernels", "mine")
  await mkdir(spec, { recursive: true })
  await writeFile(
    join(spec, "kernel.json"),
    JSON.stringify({ argv: [PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language: "python" }),
  )
  const env = { JUPYTER_PATH: join(folder, "jupyter"), PATH: "" }
  const found = await usablePython({ home: join(folder, "home"), step: untold, env, needs: ["venv"] })
  expect(found).toMatchObject({ from: "kernelspec", python: PYTHON })
})

test("where uv cannot be had, venv and pip make the environment", async () => {
  const { told, wanted } = await machine({ env: { PIP_NO_INDEX: "1" } })
  const { python, prefix } = await ensureEnvironment({ ...wanted, needs: ["pip"] })
  expect(python).toBe(join(folder, "home", "python", "bin", "python"))
  expect(told.at(-1)).toBe("Making an environment with venv and pip")
  const spec = JSON.parse(await readFile(join(prefix, "share", "jupyter", "kernels", "python3", "kernel.json"), "utf8"))
  expect(spec.argv[0]).toBe(python)
}, 120_000)

test("without pip and ensurepip, a Python that has ipykernel is built upon, and what it lacks is told", async () => {
  const { told, wanted } = await machine({ hidden: ["pip", "ensurepip", "pandas"], empty: ["ipykernel", "numpy"] })
  await ensureEnvironment({ ...wanted, needs: ["ipykernel", "numpy", "pandas"] })
  expect(told.at(-2)).toBe(`Making an environment over the packages of ${join(folder, "bin", "python3")}`)
  expect(told.at(-1)).toMatch(/^It lacks pandas: .*apt install python3-pandas/)
})

test("without pip, ensurepip and ipykernel one sentence says what to install", async () => {
  const { wanted } = await machine({ hidden: ["pip", "ensurepip", "ipykernel"] })
  await expect(ensureEnvironment(wanted)).rejects.toMatchObject({
    name: "SetupFailed",
    message: "No Python environment for notebooks could be made: Python's venv module is incomplete.",
    remedy: "Please install it (Debian, Ubuntu: apt install python3-venv).",
  })
  expect(await readdir(join(folder, "home", "environments"))).toEqual([])
})

test("without a network one sentence says so, and it does not take long", async () => {
  const { wanted } = await machine({ hidden: ["ipykernel"], env: { PIP_INDEX_URL: "http://127.0.0.1:9/simple" } })
  await expect(ensureEnvironment(wanted)).rejects.toMatchObject({
    message: "No Python environment for notebooks could be made: the package index cannot be reached.",
    remedy: expect.stringMatching(/network.*HTTPS_PROXY.*PIP_INDEX_URL.*apt install python3-ipykernel/),
  })
}, 60_000)

test("without any Python the sentence says so", async () => {
  const { wanted } = await machine({})
  await expect(ensureEnvironment({ ...wanted, env: { PATH: "", HOME: folder } })).rejects.toMatchObject({
    message: "There is no Python 3.9 or newer on this machine.",
  })
})

test("two that need it at once make it once", async () => {
  const { told, wanted } = await machine({ hidden: ["pip", "ensurepip"], empty: ["ipykernel"] })
  const made = await Promise.all([ensureEnvironment(wanted), ensureEnvironment(wanted)])
  expect(made[0]).toEqual(made[1])
  expect(told.filter((line) => line.startsWith("Making"))).toHaveLength(1)
})

test("what was interrupted is made again, and its remains are swept away", async () => {
  const { told, wanted } = await machine({ hidden: ["pip", "ensurepip"], empty: ["ipykernel"] })
  const environments = join(folder, "home", "environments")
  const half = join(environments, "python-0123456789ab-01234567")
  await mkdir(join(half, "bin"), { recursive: true })
  await symlink(PYTHON, join(half, "bin", "python"))
  await ensureEnvironment(wanted)
  expect(told.filter((line) => line.startsWith("Making"))).toHaveLength(1)
  expect(await readdir(environments)).toHaveLength(1)
  expect(await readdir(environments)).not.toContain(basename(half))
})

test("changed requirements make a new environment; the old one stays for kernels that still run in it, until the next", async () => {
  const { wanted } = await machine({ hidden: ["pip", "ensurepip"], empty: ["ipykernel"] })
  const environments = join(folder, "home", "environments")
  const sizes = []
  for (const text of ["# one", "# two", "# three"]) {
    await writeFile(wanted.requirements, text)
    await ensureEnvironment(wanted)
    sizes.push((await readdir(environments)).length)
  }
  expect(sizes).toEqual([1, 2, 2])
})
