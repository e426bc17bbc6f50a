// npm start: sets everything up and brings up the whole platform.
import "../src/setup/floor.mjs"
import { spawn } from "node:child_process"
import { delimiter, join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { DATA_PACKAGES, usablePython } from "../src/setup/python.mjs"
import { ensureWeb } from "./web.mjs"

const STET = join(ROOT, "bin", "stet.js")

await enter({ development: false }, async ({ home, step }) => {
  const given = process.argv.slice(2)
  // Who asks what can be said waits for nothing.
  if (given.includes("--help") || given.includes("-h")) {
    process.exitCode = await stet(["start", "--help"], process.env)
    return
  }
  const python = await usablePython({ home, step, needs: DATA_PACKAGES })
  await ensureWeb({ home, step })
  const env = {
    ...process.env,
    ...(python.from === "kernelspec"
      ? {}
      : { JUPYTER_PATH: [join(python.prefix, "share", "jupyter"), process.env.JUPYTER_PATH].filter(Boolean).join(delimiter) }),
  }
  process.exitCode = await stet(["start", ...given], env)
})

/**
 * One stet command on this terminal. It hears a terminal's Ctrl-C itself; a signal sent to us alone is passed on.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} its exit code
 */
async function stet(args, env) {
  const child = spawn(process.execPath, [STET, ...args], { env: { ...env, STET_LAUNCHER: String(process.pid) }, stdio: "inherit" })
  const pass = (/** @type {NodeJS.Signals} */ signal) => void (process.stdin.isTTY && signal === "SIGINT" ? undefined : child.kill(signal))
  process.on("SIGINT", pass).on("SIGTERM", pass).on("SIGHUP", pass)
  return new Promise((resolve) => child.on("close", (ended) => resolve(ended ?? 4)))
}
