#!/usr/bin/env node
// Plain, old JavaScript on purpose: any Node that can load a module must be able to say that it is too old.
import fs from "fs"
import module from "module"
import os from "os"
import path from "path"
import { fileURLToPath } from "url"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const home = path.resolve(process.env.STET_HOME || path.join(os.homedir(), ".stet"))
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < 20) {
  fail(`Stet needs Node 20 or newer; this is Node ${process.versions.node}.`, "Install a newer Node and put it first on the PATH.")
} else if (major >= 24 || (major === 22 && minor >= 18)) {
  start()
} else {
  startUnderNewerNode()
}

function start() {
  // Compiled code is kept between starts: it saves a third of the time to the first line of output.
  if (module.enableCompileCache) module.enableCompileCache(path.join(home, "cache", "code"))
  const launched =
    Number(process.env.STET_LAUNCHER) === process.ppid
      ? import("../src/setup/launch.mjs").then((launch) => launch.endWithLauncher())
      : Promise.resolve()
  launched
    .then(() => import(new URL("../src/stet.ts", import.meta.url).href))
    .catch((error) => {
      if (isMissingPackage(error)) fail("Stet's packages are not installed.", `Run "npm start" once, or "npm ci", in ${root}.`)
      bug(error)
    })
}

function startUnderNewerNode() {
  Promise.all([import("../src/setup/node.mjs"), import("../src/setup/launch.mjs"), import("../src/setup/step.mjs")])
    .then(([setup, launch, steps]) =>
      setup.ensureNode({ home, step: steps.stepsOn(process.stderr) }).then((node) => launch.becomeProgram(node, process.argv.slice(1), process.env)),
    )
    .catch((error) => (error.name === "SetupFailed" ? fail(error.message, error.remedy) : bug(error)))
}

/** @param {NodeJS.ErrnoException} error */
function isMissingPackage(error) {
  return error.code === "ERR_MODULE_NOT_FOUND" && !fs.existsSync(path.join(root, "node_modules", ".package-lock.json"))
}

/**
 * Not Node's own way out for what nobody caught: its code 1 would say that a cell failed.
 *
 * @param {unknown} error
 */
function bug(error) {
  fail("this is a mistake in Stet itself; what was saved so far stays.", error instanceof Error ? String(error.stack) : String(error))
}

/**
 * @param {string} message
 * @param {string} remedy
 */
function fail(message, remedy) {
  console.error(`stet: ${message}`)
  console.error(remedy)
  process.exit(3)
}
