/**
 * Makes a private Python environment by the first way that works on this machine: uv, then venv and pip, then a venv
 * over a Python that already has ipykernel (a distribution's python3-ipykernel).
 */
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { onPath, run } from "./command.mjs"
import { reasonOf, SetupFailed } from "./failure.mjs"
import { sweep } from "./node.mjs"
import { interpreters } from "./python-search.mjs"

/** @typedef {import("./python-probe.mjs").Interpreter} Interpreter */
/** @typedef {import("./failure.mjs").Reason} Reason */
/**
 * @typedef {object} Build
 * @property {string} home
 * @property {NodeJS.ProcessEnv} env
 * @property {string} what what it is, for the steps
 * @property {string} folder where to make it
 * @property {string} requirements path of the requirements file
 * @property {readonly string[]} needs modules that must import in it
 * @property {import("./step.mjs").Step} step
 * @property {(line: string) => void} tell
 * @property {readonly string[]} [places] where to look for a Python beside the PATH
 */
/** @typedef {{ by: "uv" | "pip" | "distribution", python: string }} Built */
/** @typedef {{ ok: true, value: Built } | { ok: false, reason: Reason }} Attempt */

/**
 * @param {Build} build
 * @returns {Promise<Built>}
 * @throws SetupFailed
 */
export async function makeEnvironment(build) {
  const found = await interpreters(build)
  const [base] = found
  const uv = await findUv(build)
  if (!base && !uv)
    throw new SetupFailed(
      "There is no Python 3.9 or newer on this machine.",
      "Install Python 3 (Debian, Ubuntu: apt install python3 python3-venv), then try again.",
    )

  /** @type {Reason[]} */
  const reasons = []
  for (const attempt of [() => withUv(build, base, uv), () => withPip(build, base, reasons), () => overDistribution(build, found)]) {
    const outcome = await attempt()
    if (outcome?.ok) return outcome.value
    if (outcome) reasons.push(outcome.reason)
    await rm(build.folder, { recursive: true, force: true })
  }
  throw hopeless(reasons, base)
}

/**
 * @param {Build} build
 * @param {Interpreter | undefined} base
 * @param {string | undefined} found
 * @returns {Promise<Attempt | undefined>} undefined when this way is not open
 */
async function withUv(build, base, found) {
  const fetched = found || !base ? undefined : await fetchUv(build, base.python)
  if (fetched && !fetched.ok) return fetched
  const uv = found ?? fetched?.value
  if (!uv) return undefined
  return attempt(build, `Making ${build.what} with uv`, "uv", async () => {
    const env = await uvEnvironment(build, base)
    await must(uv, ["venv", "--quiet", ...(base ? ["--python", base.python] : []), build.folder], env)
    await must(uv, uvInstall(build), env)
  })
}

/**
 * @param {Build} build
 * @param {Interpreter | undefined} base
 * @param {readonly Reason[]} earlier
 * @returns {Promise<Attempt | undefined>}
 */
async function withPip(build, base, earlier) {
  if (!base) return undefined
  // A disk that was full for uv is full for pip; and where pip could not even fetch uv, it cannot fetch pandas.
  if (earlier.some(({ kind }) => kind === "disk") || (earlier.some(({ kind }) => kind === "network") && base.modules.includes("pip")))
    return undefined
  if (!base.modules.includes("ensurepip")) return { ok: false, reason: reasonOf("No module named ensurepip") }
  return attempt(build, `Making ${build.what} with venv and pip`, "pip", async () => {
    const env = patientPip(build.env)
    await must(base.python, ["-m", "venv", build.folder], env)
    const uv = base.modules.includes("pip") ? undefined : await fetchUv({ ...build, step: (_, work) => work() }, pythonOf(build))
    const quick = uv?.ok ? await run(uv.value, uvInstall(build), { env: await uvEnvironment(build, base) }) : undefined
    if (quick?.code === 0) return
    await must(pythonOf(build), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", build.requirements], env)
  })
}

/**
 * @param {Build} build
 * @param {readonly Interpreter[]} found
 * @returns {Promise<Attempt | undefined>}
 */
async function overDistribution(build, found) {
  const base = found.find(({ modules }) => modules.includes("ipykernel") && modules.includes("venv"))
  if (!base) return undefined
  const lacking = build.needs.filter((name) => !base.modules.includes(name))
  const outcome = await attempt({ ...build, needs: ["ipykernel"] }, `Making ${build.what} over the packages of ${base.python}`, "distribution", () =>
    must(base.python, ["-m", "venv", "--without-pip", "--system-site-packages", build.folder], build.env),
  )
  if (outcome.ok && lacking.length > 0)
    build.tell(
      `It lacks ${lacking.join(", ")}: notebooks that import them will fail (Debian, Ubuntu: apt install ${lacking.map((name) => `python3-${name}`).join(" ")}).`,
    )
  return outcome
}

/**
 * @param {Build} build
 * @param {string} what
 * @param {Built["by"]} by
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Attempt>}
 */
async function attempt(build, what, by, work) {
  try {
    await rm(build.folder, { recursive: true, force: true })
    await build.step(what, async () => {
      await work()
      // Importing is the proof: a wheel for another libc installs without complaint.
      await must(pythonOf(build), ["-c", `import ${build.needs.join(", ")}`], build.env)
    })
    return { ok: true, value: { by, python: pythonOf(build) } }
  } catch (error) {
    if (!(error instanceof Unwilling)) throw error
    build.tell(`  ${error.reason.why}`)
    return { ok: false, reason: error.reason }
  }
}

/** A command of one way failed; the next way is tried. */
class Unwilling extends Error {
  /** @param {Reason} reason */
  constructor(reason) {
    super(reason.why)
    this.reason = reason
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function must(program, args, env) {
  const ended = await run(program, args, { env })
  if (ended.code !== 0) throw new Unwilling(reasonOf(ended.output))
}

/** @param {Build} build */
function uvInstall(build) {
  return ["pip", "install", "--quiet", "--python", pythonOf(build), "-r", build.requirements]
}

/** @param {{ folder: string }} build */
function pythonOf({ folder }) {
  return join(folder, "bin", "python")
}

/**
 * @param {Pick<Build, "home" | "env">} build
 * @returns {Promise<string | undefined>}
 */
export async function findUv({ home, env }) {
  for (const path of [onPath("uv", env), join(env.HOME || homedir(), ".local", "bin", "uv"), ownUv(home)]) {
    if (path && existsSync(path) && (await run(path, ["--version"], { env, timeoutMs: 20_000 })).code === 0) return path
  }
  return undefined
}

/** @param {string} home */
function ownUv(home) {
  return join(home, "tools", "uv", "bin", "uv")
}

/**
 * uv from the package index, through the pip that is there: 4 s in all where pip alone takes 35.
 *
 * @param {Pick<Build, "home" | "env" | "step" | "tell">} build
 * @param {string} python one that has pip
 * @returns {Promise<{ ok: true, value: string } | { ok: false, reason: Reason } | undefined>} undefined when it has no pip
 */
export async function fetchUv({ home, env, step, tell }, python) {
  if ((await run(python, ["-m", "pip", "--version"], { env, timeoutMs: 60_000 })).code !== 0) return undefined
  const aside = join(home, "tools", `.uv-${randomUUID()}`)
  try {
    await mkdir(join(home, "tools"), { recursive: true })
    await sweep(join(home, "tools"), ".uv-")
    await step("Bringing uv, which makes Python environments quickly", () =>
      must(
        python,
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--target", aside, "uv>=0.5,<1"],
        patientPip(env),
      ),
    )
    await must(join(aside, "bin", "uv"), ["--version"], env)
    await rm(join(home, "tools", "uv"), { recursive: true, force: true })
    await rename(aside, join(home, "tools", "uv"))
    return { ok: true, value: ownUv(home) }
  } catch (error) {
    if (!(error instanceof Unwilling)) throw error
    tell(`  ${error.reason.why}`)
    return { ok: false, reason: error.reason }
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/**
 * pip with the user's settings, but no minute-long row of retries where nobody answers.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function patientPip(env) {
  return { PIP_RETRIES: "1", PIP_ROOT_USER_ACTION: "ignore", ...env }
}

/**
 * @param {Pick<Build, "env">} build
 * @param {Pick<Interpreter, "python" | "modules"> | undefined} base
 */
export async function uvEnvironment({ env }, base) {
  const listed = base?.modules.includes("pip") ? await run(base.python, ["-m", "pip", "config", "list"], { env, timeoutMs: 60_000 }) : undefined
  return { UV_HTTP_RETRIES: "1", ...(base ? { UV_PYTHON_DOWNLOADS: "never" } : {}), ...fromPip(listed?.code === 0 ? listed.stdout : "", env), ...env }
}

/**
 * pip's settings in uv's words: uv reads none of them, and a machine whose index is named only to pip must not reach
 * for another. What is already said to uv stays.
 *
 * @param {string} listed what `pip config list` prints: lines such as global.index-url='https://…'
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string>}
 */
export function fromPip(listed, env) {
  const files = Object.fromEntries(
    [...listed.matchAll(/^\s*(?:global|install|site|user)\.([a-z-]+)='(.*)'\s*$/gm)].map(([, name = "", value = ""]) => [name, value]),
  )
  /** @param {string} name */
  const said = (name) => (env[`PIP_${name.toUpperCase().replaceAll("-", "_")}`] ?? files[name] ?? "").replaceAll("\\n", " ").trim()
  const hasIndex = env.UV_DEFAULT_INDEX || env.UV_INDEX_URL || env.UV_INDEX
  const settings = {
    UV_DEFAULT_INDEX: hasIndex ? "" : said("index-url"),
    UV_INDEX: hasIndex ? "" : said("extra-index-url"),
    UV_FIND_LINKS: said("find-links").split(/\s+/).join(","),
    UV_NO_INDEX: /^(1|true|yes|on)$/i.test(said("no-index")) ? "1" : "",
    UV_INSECURE_HOST: said("trusted-host"),
    SSL_CERT_FILE: said("cert"),
    HTTPS_PROXY: said("proxy"),
    HTTP_PROXY: said("proxy"),
  }
  return Object.fromEntries(Object.entries(settings).filter(([name, value]) => value !== "" && !env[name]))
}

/**
 * @param {readonly Reason[]} reasons
 * @param {Interpreter | undefined} base
 */
function hopeless(reasons, base) {
  // What stopped the way that got furthest is what a person can put right: the network or the disk before a missing module.
  const main = reasons.find(({ kind }) => kind !== "other") ?? reasons.at(-1)
  const lacking =
    main?.kind === "network" && base && !base.modules.includes("ipykernel")
      ? "; without a network: apt install python3-ipykernel, or any Python with ipykernel on the PATH"
      : ""
  return new SetupFailed(
    `No Python environment for notebooks could be made: ${main?.why ?? "no way is open"}.`,
    `Please ${main?.remedy ?? "install python3-venv"}${lacking}.`,
  )
}
