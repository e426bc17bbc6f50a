/**
 * The S3 server that the storage tests run against: versitygw, a single Go program. Built once into the Stet home
 * directory and found there afterwards. Only tests need it.
 *
 *   node scripts/setup/s3.mjs     prints the path of the program; progress goes to standard error;
 *                                 exits with 3 when it is not there and Go is missing
 */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { argv, env, exit, stderr, stdout } from "node:process"
import { fileURLToPath } from "node:url"

const VERSION = "v1.8.0"

/** Where it is, whether or not it is there yet. */
export function s3Program() {
  return join(env.STET_HOME || join(homedir(), ".stet"), "tools", "versitygw", VERSION, "versitygw")
}

/**
 * The program's path, or undefined when it is neither there nor can be built because Go is missing. Throws when a build fails.
 *
 * @param {(line: string) => void} [say]
 */
export async function s3Server(say = () => {}) {
  const program = s3Program()
  const tools = dirname(dirname(program))
  if (existsSync(program)) return program
  if (spawnSync("go", ["version"]).status !== 0) return undefined
  mkdirSync(tools, { recursive: true })
  const workplace = mkdtempSync(join(tools, "build-"))
  try {
    say(`building the test S3 server (versitygw ${VERSION}); this takes a few minutes, once`)
    await build(workplace)
    // Whoever is first puts the whole directory in place; a build that came second is dropped.
    if (!existsSync(program)) renameSync(workplace, join(tools, VERSION))
  } catch (error) {
    if (!existsSync(program)) throw error
  } finally {
    rmSync(workplace, { recursive: true, force: true })
  }
  return program
}

/**
 * @param {string} directory
 * @returns {Promise<void>}
 */
function build(directory) {
  const from = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`
  // GOFLAGS of a developer's own project (-mod=vendor and the like) would break the build of another one.
  const go = spawn("go", ["install", from], { env: { ...env, GOBIN: directory, CGO_ENABLED: "0", GOFLAGS: "" }, stdio: ["ignore", "ignore", "pipe"] })
  let said = ""
  go.stderr.on("data", (bytes) => {
    said = (said + bytes).slice(-4000)
  })
  return new Promise((done, fail) => {
    go.on("error", fail)
    go.on("close", (code) => (code === 0 ? done() : fail(new Error(`go install ${from} failed:\n${said}`))))
  })
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const program = await s3Server((line) => stderr.write(`${line}\n`)).catch((error) => {
    stderr.write(`${error.message}\n`)
    exit(1)
  })
  if (!program) {
    stderr.write("Go is not installed, so the test S3 server cannot be built. Install Go 1.25 or newer.\n")
    exit(3)
  }
  stdout.write(`${program}\n`)
}
