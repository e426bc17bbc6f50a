import { fileURLToPath } from "node:url"
import { SetupFailed } from "./failure.mjs"
import { stetHome } from "./home.mjs"
import { becomeProgram, endWithLauncher } from "./launch.mjs"
import { ensureNode, withNodeFirst } from "./node.mjs"
import { ensurePackages } from "./packages.mjs"
import { stepsOn } from "./step.mjs"

/** Where the checkout is. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

/**
 * The first thing every script does: brings the packages and a Node that runs TypeScript, and goes on under it. What
 * cannot be set up, here or in `work`, is told in its two sentences, and the process ends with code 3.
 *
 * @param {{ development: boolean }} needs
 * @param {(world: { home: string, step: import("./step.mjs").Step }) => Promise<void>} work
 * @returns {Promise<boolean>} whether `work` was begun
 */
export async function enter({ development }, work) {
  endWithLauncher()
  const home = stetHome()
  const step = stepsOn(process.stderr)
  const begun = await orSay(async () => {
    await ensurePackages({ root: ROOT, home, development, step })
    const node = await ensureNode({ home, step })
    process.env.STET_HOME = home
    if (node !== process.execPath) await becomeProgram(node, process.argv.slice(1), withNodeFirst(node))
  })
  if (begun) await orSay(() => work({ home, step }))
  return begun
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<boolean>} whether it could be done
 */
async function orSay(work) {
  try {
    await work()
    return true
  } catch (error) {
    if (!(error instanceof SetupFailed)) throw error
    process.stderr.write(`${error.message}\n${error.remedy}\n`)
    process.exitCode = 3
    return false
  }
}
