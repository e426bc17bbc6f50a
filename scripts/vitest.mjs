import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ROOT } from "../src/setup/enter.mjs"

const REPORTER = join(ROOT, "scripts", "reporter.mjs")
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs")

/**
 * Runs tests before everybody's eyes.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ readonly code: number, readonly report: import("./tally.mjs").Report | undefined }>} no report: it did not get so far
 */
export async function vitest(args, env) {
  const folder = await mkdtemp(join(tmpdir(), "stet-test-"))
  const report = join(folder, "report.json")
  try {
    const code = await run(["run", "--reporter=default", `--reporter=${REPORTER}`, ...args], { ...env, STET_TEST_REPORT: report })
    const text = await readFile(report, "utf8").catch(() => undefined)
    return { code, report: text === undefined ? undefined : JSON.parse(text) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
function run(args, env) {
  const child = spawn(process.execPath, [VITEST, ...args], { cwd: ROOT, env, stdio: "inherit" })
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, pass)
  return new Promise((resolve) =>
    child.on("close", (code) => {
      for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.off(signal, pass)
      resolve(code ?? 1)
    }),
  )
}
