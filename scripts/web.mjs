// Builds the web app into build/web, once for the same sources. `node scripts/web.mjs` does it by hand.
import { createHash } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { extname, join, relative } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import { run } from "../src/setup/command.mjs"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { SetupFailed } from "../src/setup/failure.mjs"
import { withLock } from "../src/setup/lock.mjs"
import { digestOf } from "../src/setup/node.mjs"

/** Where the app stands when it is built. */
export const BUILT = join(ROOT, "build", "web")

// What the app is made of: its own room, and those that it may import.
const SOURCES = [
  "src/web",
  "src/base",
  "src/notebook",
  "src/draft",
  "src/page",
  "src/api/contract",
  "src/api/contract.ts",
  "src/api/client.ts",
  "src/api/event-stream.ts",
  "src/api/live.ts",
  "src/api/frames",
  "vite.config.ts",
  "package-lock.json",
]
const STAMP = "built.json"

/**
 * Builds the app unless it was built from these very sources.
 *
 * @param {{ home: string, step: import("../src/setup/step.mjs").Step }} world
 * @returns {Promise<string>} the folder
 * @throws SetupFailed
 */
export async function ensureWeb({ home, step }) {
  const digest = await digestOfSources()
  if (await isBuiltFrom(digest)) return BUILT
  await withLock(join(home, "locks", `web-${digestOf(ROOT).slice(0, 16)}`), async () => {
    if (await isBuiltFrom(digest)) return
    const firstLoad = await step("Building the web app", () => build(digest))
    process.stderr.write(`What a browser loads first of it: ${Math.round(firstLoad / 1000)} KB, packed.\n`)
  })
  return BUILT
}

/** @param {string} digest */
async function isBuiltFrom(digest) {
  const stamp = await readFile(join(BUILT, STAMP), "utf8").catch(() => "{}")
  return JSON.parse(stamp).digest === digest
}

async function digestOfSources() {
  const hash = createHash("sha256")
  for (const source of SOURCES)
    for (const file of await filesOf(join(ROOT, source))) {
      if (/\.test\.tsx?$/.test(file)) continue
      hash
        .update(`${relative(ROOT, file)}\0`)
        .update(await readFile(file))
        .update("\0")
    }
  return hash.digest("hex")
}

/**
 * @param {string} place
 * @returns {Promise<string[]>}
 */
async function filesOf(place) {
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (!entries) return (await readFile(place).catch(() => undefined)) ? [place] : []
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/**
 * Built aside and then put in place, so that a server never serves half of one.
 *
 * @param {string} digest
 * @returns {Promise<number>} bytes of the first load
 */
async function build(digest) {
  const aside = `${BUILT}.${process.pid}`
  await rm(aside, { recursive: true, force: true })
  await mkdir(join(ROOT, "build"), { recursive: true })
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js")
  const options = ["build", "--configLoader", "native", "--outDir", aside, "--logLevel", "error", "--emptyOutDir"]
  const env = { ...process.env, NODE_ENV: "production" }
  const ended = await run(process.execPath, [vite, ...options], { cwd: ROOT, env })
  if (ended.code !== 0) {
    await rm(aside, { recursive: true, force: true })
    throw new SetupFailed(`The web app could not be built: ${lastWords(ended.output)}`, "Look at src/web, or check out a state that builds.")
  }
  const sizes = await pack(join(aside, "assets"))
  const firstLoad = await firstLoadOf(aside, sizes)
  await writeFile(join(aside, STAMP), `${JSON.stringify({ digest, firstLoad })}\n`)
  await rm(`${BUILT}.old`, { recursive: true, force: true })
  await rename(BUILT, `${BUILT}.old`).catch(() => undefined)
  await rename(aside, BUILT)
  await rm(`${BUILT}.old`, { recursive: true, force: true })
  return firstLoad
}

/** @param {string} output */
function lastWords(output) {
  return output
    .replace(/\x1b\[[0-9;]*m/g, "")
    .trim()
    .split("\n")
    .slice(0, 12)
    .join("\n")
}

const packGzip = promisify(gzip)
const packBrotli = promisify(brotliCompress)

/**
 * Packs once what is sent often.
 *
 * @param {string} folder
 * @returns {Promise<Map<string, number>>} bytes of each file as it goes over the line to a browser that takes gzip
 */
async function pack(folder) {
  /** @type {Map<string, number>} */
  const sizes = new Map()
  await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const bytes = await readFile(join(folder, name))
      sizes.set(name, bytes.length)
      if (!/^\.(js|css|svg|json|wasm|ttf)$/.test(extname(name)) || bytes.length < 1000) return
      const zipped = await packGzip(bytes, { level: 9 })
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
      await writeFile(join(folder, `${name}.gz`), zipped)
      await writeFile(join(folder, `${name}.br`), await packBrotli(bytes, { params }))
      sizes.set(name, zipped.length)
    }),
  )
  return sizes
}

/**
 * What is fetched before the first screen shows: the entry with all it imports at once, the home screen, their styles, and the
 * fonts of latin letters that they are set in.
 *
 * @param {string} folder
 * @param {Map<string, number>} sizes
 */
async function firstLoadOf(folder, sizes) {
  /** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[], css?: string[] }>} */
  const manifest = JSON.parse(await readFile(join(folder, ".vite", "manifest.json"), "utf8"))
  /** @type {Set<string>} */
  const seen = new Set()
  const files = new Set()
  const take = (/** @type {string} */ key) => {
    const chunk = manifest[key]
    if (!chunk || seen.has(key)) return
    seen.add(key)
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file.replace(/^assets\//, ""))
    for (const other of chunk.imports ?? []) take(other)
  }
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry || key.endsWith("home/home-page.tsx")) take(key)
  for (const name of sizes.keys()) if (/^(inter|source-serif-4)-latin-wght-normal.*\.woff2$/.test(name)) files.add(name)
  return [...files].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await enter({ development: false }, async (world) => void (await ensureWeb(world)))
}
