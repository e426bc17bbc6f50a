import { fileURLToPath } from "node:url"
import { reasonOf, SetupFailed } from "./failure.mjs"
import { HOME_REMEDY, refusedHome, stetHome } from "./home.mjs"
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
    const refused = refusedHome(home)
    if (refused) throw new SetupFailed(refused, HOME_REMEDY)
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
    const failure = asFailure(error)
    if (!failure) throw error
    process.stderr.write(`${failure.message}\n${failure.remedy}\n`)
    process.exitCode = 3
    return false
  }
}

/**
 * @param {unknown} error
 * @returns {SetupFailed | undefined} undefined when it is nobody's fault but ours
 */
function asFailure(error) {
  if (error instanceof SetupFailed) return error
  const { code, path } = /** @type {NodeJS.ErrnoException} */ (error)
  if (!["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS"].includes(code ?? "")) return undefined
  const { why, remedy } = reasonOf(String(error))
  return new SetupFailed(`Stet cannot set itself up: ${why}${path ? ` (${path})` : ""}.`, `Please ${remedy}.`)
}
