/**
 * What the tests run against: a Python environment with pinned versions, and a kernelspec for each of the four languages
 * whose kernels the tests must see, in a directory of their own so that no other kernel of this machine is in the way.
 */
import { existsSync } from "node:fs"
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onPath, run } from "../src/setup/command.mjs"
import { ROOT } from "../src/setup/enter.mjs"
import { reasonOf, SetupFailed } from "../src/setup/failure.mjs"
import { withLock } from "../src/setup/lock.mjs"
import { digestOf } from "../src/setup/node.mjs"
import { ensureEnvironment } from "../src/setup/python.mjs"

/** @typedef {import("../src/setup/step.mjs").Step} Step */
/** @typedef {{ name: string, spec: object }} Found a kernel and its kernel.json */
/** @typedef {{ name: string, missing: string }} Missing a kernel, and in one sentence why it is not there and what to do */
/** @typedef {{ env: NodeJS.ProcessEnv, missing: readonly Missing[] }} TestWorld */

const NEEDS = ["ipykernel", "ipywidgets", "numpy", "pandas", "matplotlib", "bash_kernel", "papermill", "nbclient", "nbformat", "jupyter_server"]

/**
 * @param {{ home: string, step: Step }} options
 * @returns {Promise<TestWorld>} the environment variables that tests read, and the kernels that could not be had
 * @throws SetupFailed when there is no Python to be had
 */
export async function prepareTestWorld({ home, step }) {
  const requirements = fileURLToPath(new URL("../src/setup/requirements-test-python.txt", import.meta.url))
  const { python } = await ensureEnvironment({
    home,
    name: "test-python",
    what: "the Python environment of the tests",
    requirements,
    needs: NEEDS,
    step,
  })
  // Apart from the other, because nothing that a notebook imports should be there for the sake of it.
  const clients = await ensureEnvironment({
    home,
    name: "test-clients",
    what: "what makes clients of the API",
    requirements: fileURLToPath(new URL("../src/setup/requirements-test-clients.txt", import.meta.url)),
    needs: ["mypy", "openapi_python_client"],
    step,
  })
  // Apart from both: Parquet and pytest, which no other test should find.
  const templates = await ensureEnvironment({
    home,
    name: "test-templates",
    what: "what the example templates run in",
    requirements: fileURLToPath(new URL("../src/setup/requirements-test-templates.txt", import.meta.url)),
    needs: ["ipykernel", "numpy", "pandas", "matplotlib", "pyarrow", "pytest"],
    step,
  })
  const kernels = [pythonKernel(python), await rKernel(home, step), bashKernel(python), denoKernel(home)]
  const found = kernels.filter((kernel) => "spec" in kernel)
  const chromium = await browser(home, step)
  const lacking = [
    ...kernels.filter((kernel) => "missing" in kernel),
    ...(await bubblewrap(home, step)),
    ...(await faketime(home, step)),
    ...(typeof chromium === "string" ? [] : [chromium]),
  ]
  // One for each checkout: the kernelspec of Deno names this checkout's own.
  const jupyterPath = join(home, "test-kernels", digestOf(ROOT).slice(0, 12))
  await writeSpecs(join(jupyterPath, "kernels"), found)
  return {
    missing: lacking,
    env: {
      ...process.env,
      JUPYTER_PATH: [jupyterPath, process.env.JUPYTER_PATH].filter(Boolean).join(delimiter),
      STET_TEST_PYTHON: python,
      STET_TEST_CLIENTS: clients.python,
      STET_TEST_TEMPLATES: templates.python,
      ...(typeof chromium === "string" ? { STET_TEST_CHROMIUM: chromium } : {}),
      STET_TEST_KERNELS: found.map(({ name }) => name).join(","),
    },
  }
}

/**
 * Writes each file in one move, because another run of the tests may be reading it.
 *
 * @param {string} folder
 * @param {readonly Found[]} found
 */
async function writeSpecs(folder, found) {
  const names = found.map(({ name }) => name)
  for (const old of await readdir(folder).catch(() => [])) if (!names.includes(old)) await rm(join(folder, old), { recursive: true, force: true })
  for (const { name, spec } of found) {
    const file = join(folder, name, "kernel.json")
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.${process.pid}`, `${JSON.stringify(spec, undefined, 1)}\n`)
    await rename(`${file}.${process.pid}`, file)
  }
}

/**
 * @param {string} python
 * @returns {Found}
 */
function pythonKernel(python) {
  const argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
  return { name: "python3", spec: { argv, display_name: "Python 3 (ipykernel)", language: "python", metadata: { debugger: true } } }
}

/**
 * @param {string} python
 * @returns {Found | Missing}
 */
function bashKernel(python) {
  if (!onPath("bash")) return { name: "bash", missing: "There is no Bash on the PATH: install it." }
  const argv = [python, "-m", "bash_kernel", "-f", "{connection_file}"]
  return { name: "bash", spec: { argv, display_name: "Bash", language: "bash", env: { PS1: "$" } } }
}

/**
 * Deno's npm package carries the binary in a package of its own for each platform; its install script, which links it, is not run here.
 *
 * @param {string} home
 * @returns {Found | Missing}
 */
function denoKernel(home) {
  const names = { linux: `linux-${process.arch}-glibc`, darwin: `darwin-${process.arch}` }
  const folder = names[/** @type {"linux" | "darwin"} */ (process.platform)] ?? process.platform
  const deno = onPath(join(ROOT, "node_modules", "@deno", folder, "deno"))
  if (!deno) return { name: "deno", missing: `The npm package @deno/${folder} is not installed: there is no Deno for this machine in the registry.` }
  const env = { DENO_DIR: join(home, "cache", "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" }
  return {
    name: "deno",
    spec: { argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"], display_name: "Deno", language: "typescript", env },
  }
}

/**
 * @param {string} home
 * @param {Step} step
 * @returns {Promise<Found | Missing>}
 */
async function rKernel(home, step) {
  const r = (await workingR()) ?? (mayInstall() ? await installR(home, step) : undefined)
  if (typeof r === "string") {
    const argv = [r, "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    return { name: "ir", spec: { argv, display_name: "R", language: "R" } }
  }
  return { name: "ir", missing: r?.message ?? "There is no R with IRkernel: install it (Debian, Ubuntu: apt install r-cran-irkernel)." }
}

/** R, when it can find IRkernel. */
async function workingR() {
  const r = onPath("R")
  if (!r) return undefined
  const ended = await run(r, ["--slave", "-e", "quit(status = if (nzchar(system.file(package = 'IRkernel'))) 0 else 9)"], { timeoutMs: 60_000 })
  return ended.code === 0 ? r : undefined
}

/** Only where this is plainly the machine's owner on a Debian-like system. */
function mayInstall() {
  return process.getuid?.() === 0 && onPath("apt-get") !== undefined
}

/**
 * What isolation of level L2 is made with.
 *
 * @param {string} home
 * @param {Step} step
 * @returns {Promise<readonly Missing[]>}
 */
async function bubblewrap(home, step) {
  if (process.platform !== "linux" || onPath("bwrap")) return []
  const why = mayInstall() ? await installed(home, step, "bubblewrap", "Installing bubblewrap with apt-get") : undefined
  if (onPath("bwrap")) return []
  return [{ name: "bubblewrap", missing: why?.message ?? "There is no bubblewrap: install it (Debian, Ubuntu: apt install bubblewrap)." }]
}

const FAKETIME = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"]

/**
 * What lends processes another clock, for the fault cases in which a clock is set.
 *
 * @param {string} home
 * @param {Step} step
 * @returns {Promise<readonly Missing[]>}
 */
async function faketime(home, step) {
  const isThere = () => FAKETIME.some((folder) => existsSync(folder))
  if (process.platform !== "linux" || isThere()) return []
  const why = mayInstall() ? await installed(home, step, "faketime", "Installing libfaketime with apt-get") : undefined
  if (isThere()) return []
  return [{ name: "faketime", missing: why?.message ?? "There is no libfaketime: install it (Debian, Ubuntu: apt install faketime)." }]
}

const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
const IN_APPLICATIONS = ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]

/**
 * The browser that journeys are walked in: the one of STET_TEST_CHROMIUM, of this machine, or of its packages.
 *
 * @param {string} home
 * @param {Step} step
 * @returns {Promise<string | Missing>}
 */
async function browser(home, step) {
  const found = () =>
    [process.env.STET_TEST_CHROMIUM ?? "", ...CHROMIUMS, ...IN_APPLICATIONS]
      .filter(Boolean)
      .map((name) => onPath(name))
      .find(Boolean)
  const there = found()
  if (there) return there
  const why = mayInstall() ? await installed(home, step, "chromium", "Installing Chromium with apt-get") : undefined
  const missing = why?.message ?? "There is no Chromium: install it (Debian: apt install chromium), or name one by STET_TEST_CHROMIUM."
  return found() ?? { name: "chromium", missing }
}

/**
 * @param {string} home
 * @param {Step} step
 * @returns {Promise<string | SetupFailed>}
 */
async function installR(home, step) {
  const failed = await installed(home, step, "r-cran-irkernel", "Installing R's kernel with apt-get (r-cran-irkernel)")
  if (failed) return failed
  return (await workingR()) ?? new SetupFailed("R was installed but does not find IRkernel.", "Install r-cran-irkernel by hand.")
}

/**
 * @param {string} home
 * @param {Step} step
 * @param {string} name of the package
 * @param {string} what
 * @returns {Promise<SetupFailed | undefined>}
 */
function installed(home, step, name, what) {
  return withLock(join(home, "locks", "apt"), async () => {
    try {
      await step(what, async () => {
        const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
        const patient = ["-o", "DPkg::Lock::Timeout=300", "-q"]
        await run("apt-get", [...patient, "update"], { env })
        const ended = await run("apt-get", [...patient, "install", "-y", "--no-install-recommends", name], { env })
        if (ended.code !== 0) throw new SetupFailed(`${name} could not be installed: ${reasonOf(ended.output).why}.`, `Install ${name} by hand.`)
      })
      return undefined
    } catch (error) {
      if (error instanceof SetupFailed) return error
      throw error
    }
  })
}
