// npm start: sets everything up, runs the sample notebook with parameters, and shows its result in the browser.
import "../src/setup/floor.mjs"
import { spawn } from "node:child_process"
import { delimiter, join, relative } from "node:path"
import { run } from "../src/setup/command.mjs"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { SetupFailed } from "../src/setup/failure.mjs"
import { DATA_PACKAGES, usablePython } from "../src/setup/python.mjs"
import { servePage } from "./serve-page.mjs"

const SAMPLE = join(ROOT, "examples", "sales-report.ipynb")
const RESULT = join(ROOT, "examples", "sales-report.result.ipynb")
const PARAMETERS = ["-p", "region", "EU", "-p", "since", "2026-01-01"]
const STET = join(ROOT, "bin", "stet.js")
const DEFAULT_PORT = 7838

await enter({ development: false }, async ({ home, step }) => {
  const port = askedPort()
  const python = await usablePython({ home, step, needs: DATA_PACKAGES })
  const env = {
    ...process.env,
    ...(python.from === "kernelspec"
      ? {}
      : { JUPYTER_PATH: [join(python.prefix, "share", "jupyter"), process.env.JUPYTER_PATH].filter(Boolean).join(delimiter) }),
  }

  process.stdout.write(`\nstet run ${[relative(process.cwd(), SAMPLE), ...PARAMETERS].join(" ")}\n`)
  const code = await stet(["run", SAMPLE, ...PARAMETERS], env)
  if (code !== 0) {
    process.exitCode = code
    return
  }
  const { address, close } = await servePage(await pageOf(RESULT, env), port)
  process.stdout.write(`\nThe result, read-only, until you press Ctrl-C: ${address}\n`)
  await asked()
  await close()
})

/**
 * @param {string} notebook
 * @param {NodeJS.ProcessEnv} env
 */
async function pageOf(notebook, env) {
  const ended = await run(process.execPath, [STET, "html", notebook, "-o", "-"], { env })
  if (ended.code === 0) return ended.stdout
  throw new SetupFailed(`The result's page could not be written: ${ended.output.trim()}`, "Please report this with the lines above.")
}

function askedPort() {
  const said = process.env.STET_PORT
  if (!said) return DEFAULT_PORT
  const port = Number(said)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new SetupFailed(`STET_PORT is ${JSON.stringify(said)}, which is not a port.`, "Set it to a number from 0 (any free port) to 65535.")
}

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
  process.on("SIGINT", pass).on("SIGTERM", pass)
  const code = await new Promise((resolve) => child.on("close", (ended) => resolve(ended ?? 4)))
  process.off("SIGINT", pass).off("SIGTERM", pass)
  return code
}

/** Resolves when a person or the system asks us to end; asked once more while ending, we just go on ending. */
function asked() {
  return new Promise((resolve) => {
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, resolve)
  })
}
