// npm test: every test and every check, each once, and one line at the end that says how many. `npm test -- <filter>` runs
// only the tests whose path holds the filter.
import "../src/setup/floor.mjs"
import { existsSync } from "node:fs"
import { onPath } from "../src/setup/command.mjs"
import { enter } from "../src/setup/enter.mjs"
import { CHECKS, runChecks } from "./checks.mjs"
import { s3Program, s3Server } from "./setup/s3.mjs"
import { afterSecondTry, stumbled, tally } from "./tally.mjs"
import { prepareTestWorld } from "./test-world.mjs"
import { vitest } from "./vitest.mjs"
import { ensureWeb } from "./web.mjs"

const filters = process.argv.slice(2)
const isCi = /^(1|true)$/i.test(process.env.CI ?? "")
const nothing = "0 passed, 1 failed\n"

const entered = await enter({ development: true }, async ({ home, step }) => {
  let lastLine = nothing
  try {
    const { env, missing } = await prepareTestWorld({ home, step })
    for (const { name, missing: why } of missing) process.stdout.write(`${isCi ? "MISSING" : "skipped"}: ${name}. ${why}\n`)

    if (filters.length === 0)
      process.stdout.write("not in this lane: examples/templates/spark-sql (a Java runtime, 450 MB of Spark). npm run test:spark runs it\n")

    // Its tests would build it themselves, but silently, and it takes minutes.
    if (filters.length === 0) await prepareS3(step)
    const checks = filters.length === 0 ? await runChecks(CHECKS) : { passed: 0, failed: 0 }
    if (env.STET_TEST_CHROMIUM) await ensureWeb({ home, step })
    const tests = await runTests(env)
    const failed = tests.failed + checks.failed + (isCi ? missing.length : 0)
    if (tests.skipped > 0) process.stdout.write(`${tests.skipped} tests were skipped\n`)
    lastLine = `${tests.passed + checks.passed} passed, ${failed} failed\n`
    process.exitCode = failed === 0 ? 0 : 1
  } finally {
    process.stdout.write(lastLine)
  }
})
if (!entered) process.stdout.write(nothing)

/** @param {import("../src/setup/step.mjs").Step} step */
async function prepareS3(step) {
  if (existsSync(s3Program()) || !onPath("go")) return
  await step("Building the S3 server that the storage tests run against", () => s3Server()).catch((error) =>
    process.stderr.write(`${error.message}\n`),
  )
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import("./tally.mjs").Tally>}
 */
async function runTests(env) {
  // Without a browser no journey can be walked; that it is missing was said before.
  const projects = env.STET_TEST_CHROMIUM ? [] : ["--project=core", "--project=live"]
  const first = await vitest([...projects, ...filters], env)
  const again = isCi ? stumbled(first.report) : []
  if (!first.report || again.length === 0) return tally(first.report, first.code)
  process.stdout.write(`\nA second try, on a platform of its own: ${again.join(", ")}\n`)
  const second = await vitest([...projects, ...again], env)
  if (!second.report) return tally(undefined, second.code)
  for (const { path, failed } of second.report.files) process.stdout.write(`${failed === 0 ? "passed" : "failed"} at the second try: ${path}\n`)
  return tally(afterSecondTry(first.report, second.report), second.code)
}
