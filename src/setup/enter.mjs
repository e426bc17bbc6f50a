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
 * `work` throws as SetupFailed ends the process with its two sentences and code 3.
 *
 * @param {{ development: boolean }} needs
 * @param {(world: { home: string, step: import("./step.mjs").Step }) => Promise<void>} work
 */
export async function enter({ development }, work) {
  endWithLauncher()
  const home = stetHome()
  const step = stepsOn(process.stderr)
  try {
    await ensurePackages({ root: ROOT, home, development, step })
    const node = await ensureNode({ home, step })
    process.env.STET_HOME = home
    if (node !== process.execPath) await becomeProgram(node, process.argv.slice(1), withNodeFirst(node))
    await work({ home, step })
  } catch (error) {
    if (!(error instanceof SetupFailed)) throw error
    process.stderr.write(`${error.message}\n${error.remedy}\n`)
    process.exitCode = 3
  }
}
