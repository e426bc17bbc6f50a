// npm run attack: every attack in its full size: the tests that attack one room with larger numbers, then all of them on a platform
// that runs. `npm run attack -- --only text` runs those of the latter whose name holds the text.
import "../src/setup/floor.mjs"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { tally } from "./tally.mjs"
import { prepareTestWorld } from "./test-world.mjs"
import { usageOf, wantsUsage } from "./usage.mjs"
import { vitest } from "./vitest.mjs"

/** Tests of what somebody hostile does, by the part of their path. */
const TESTS = [
  "src/api/guard",
  "src/api/wire",
  "src/api/single-sign-on",
  "src/people",
  "src/library/path",
  "src/library/exchange",
  "src/library/adapters/zip-reader",
  "src/library/adapters/packing",
  "src/library/search",
  "src/page/page.attack",
  "src/web/outputs/attack",
  "e2e/hostile",
  "src/notebook/inject",
  "src/run/redact",
  "src/run/adapters/storage/http",
  "src/run/inject",
  "src/kernel/adapters/confine.live",
  "src/kernel/zmtp",
  "src/base/json",
  "src/api/misuse",
  "src/api/examples-abused",
  "src/cli/examples",
]

const args = process.argv.slice(2)

if (wantsUsage()) {
  process.stdout.write(usageOf(join(ROOT, "attack", "main.ts")))
  process.exit(0)
}

await enter({ development: true }, async ({ home, step }) => {
  const world = await prepareTestWorld({ home, step })
  const env = { ...world.env, STET_TEST_ATTACK: "full" }
  const tests = args.length === 0 ? await attackRooms(env) : { passed: 0, failed: 0, skipped: 0 }
  if (tests.skipped > 0) process.stdout.write(`${tests.skipped} tests were skipped\n`)
  const { code, last } = await told([join(ROOT, "attack", "main.ts"), ...args], env)
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(last) ?? [undefined, "0", "1"]
  const allFailed = tests.failed + Number(failed)
  process.stdout.write(`\nwith the tests: ${tests.passed + Number(passed)} passed, ${allFailed} failed\n`)
  process.exitCode = allFailed === 0 && code === 0 ? 0 : 1
})

/** @param {NodeJS.ProcessEnv} env */
async function attackRooms(env) {
  const { report, code } = await vitest(["--testTimeout=600000", ...TESTS], env)
  return tally(report, code)
}

/**
 * @param {readonly string[]} nodeArgs
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, last: string }>} its exit code and its last line
 */
function told(nodeArgs, env) {
  const child = spawn(process.execPath, nodeArgs, { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] })
  let tail = ""
  child.stdout.on("data", (bytes) => {
    process.stdout.write(bytes)
    tail = (tail + bytes.toString()).slice(-1000)
  })
  return new Promise((resolve) => child.once("close", (code) => resolve({ code: code ?? 1, last: tail.trimEnd().split("\n").at(-1) ?? "" })))
}
