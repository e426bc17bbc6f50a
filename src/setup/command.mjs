import { spawn } from "node:child_process"
import { accessSync, constants, statSync } from "node:fs"
import { delimiter, isAbsolute, join } from "node:path"

/** @typedef {{ code: number, output: string, stdout: string }} Ended output: stdout and stderr as they came */

/**
 * Runs a program to its end and keeps what it said. Never throws: a program that cannot be started ended with 127.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeoutMs?: number }} [options] default time-out: 15 minutes
 * @returns {Promise<Ended>}
 */
export function run(program, args, { env, cwd, timeoutMs = 900_000 } = {}) {
  return new Promise((resolve) => {
    let output = ""
    let stdout = ""
    const child = spawn(program, args, {
      env: env ?? process.env,
      ...(cwd ? { cwd } : {}),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    })
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text
    })
    child.on("error", (error) => resolve({ code: 127, output: String(error), stdout: "" }))
    child.on("close", (code, signal) => resolve({ code: code ?? 128, output: signal ? `${output}\nended by ${signal}` : output, stdout }))
  })
}

/**
 * Where the shell would find a program.
 *
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function onPath(name, env = process.env) {
  if (isAbsolute(name)) return isProgram(name) ? name : undefined
  return (env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isProgram)
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
