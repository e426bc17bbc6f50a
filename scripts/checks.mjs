/** The checks that read the code without running it. Each is told in one line; what it said is shown only when it failed. */
import { join } from "node:path"
import { run } from "../src/setup/command.mjs"
import { ROOT } from "../src/setup/enter.mjs"
import { seconds } from "../src/setup/step.mjs"

/** @typedef {{ name: string, args: readonly string[] }} Check run by this Node, from the root of the checkout */

const TSC = join(ROOT, "node_modules", "typescript", "bin", "tsc")
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs")

/** @type {readonly Check[]} */
export const CHECKS = [
  { name: "types, pure core", args: [TSC, "-p", "tsconfig.json"] },
  { name: "types, all of it", args: [TSC, "-p", "tsconfig.node.json"] },
  { name: "types, web", args: [TSC, "-p", "tsconfig.web.json"] },
  { name: "types, journeys", args: [TSC, "-p", "tsconfig.e2e.json"] },
  { name: "types, set-up", args: [TSC, "-p", "tsconfig.scripts.json"] },
  { name: "biome", args: [join(ROOT, "node_modules", "@biomejs", "biome", "bin", "biome"), "ci", "--colors=off", "--diagnostic-level=error"] },
  { name: "knip", args: [join(ROOT, "node_modules", "knip", "bin", "knip.js")] },
]

/** Part of the test suite, so `npm test` does not run it a second time. */
export const ARCHITECTURE = { name: "architecture", args: [VITEST, "run", "--project", "core", "src/architecture.test.ts"] }

/**
 * @param {readonly Check[]} checks
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks(checks) {
  let failed = 0
  for (const { name, args } of checks) {
    const began = performance.now()
    const ended = await run(process.execPath, args, { cwd: ROOT, env: { ...process.env, NO_COLOR: "1" } })
    const ok = ended.code === 0
    process.stdout.write(`${name.padEnd(18)} ${ok ? "ok    " : "failed"}  ${seconds(performance.now() - began)}\n`)
    if (!ok) {
      failed++
      process.stdout.write(`${ended.output.trimEnd()}\n`)
    }
  }
  return { passed: checks.length - failed, failed }
}
