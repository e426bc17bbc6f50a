/** Which Pythons this machine has, and which of them can already run a Jupyter kernel. */
import { readdir, readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { onPath } from "./command.mjs"
import { probe } from "./python-probe.mjs"

/** @typedef {import("./python-probe.mjs").Interpreter} Interpreter */

const USUAL_PLACES = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"]

/**
 * The interpreters that a person may mean by "Python", the likeliest first.
 *
 * @param {{ home: string, env: NodeJS.ProcessEnv, places?: readonly string[] }} world `places`: where to look beside the PATH
 * @returns {Promise<readonly Interpreter[]>} those that run, 3.9 or newer
 */
export async function interpreters({ home, env, places = USUAL_PLACES }) {
  const named = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"].map((name) => onPath(name, env))
  const usual = places.map((path) => onPath(path, env))
  const paths = [...new Set([...named, ...usual])].filter((path) => path !== undefined)
  const asked = await Promise.all(paths.map((path) => probe(path, { home, env })))
  return asked.filter((found) => found !== undefined).filter(({ version: [major, minor] }) => major === 3 && minor >= 9)
}

/**
 * The first Python kernel among the installed kernelspecs whose interpreter has every module of `needs`.
 *
 * @param {{ home: string, env: NodeJS.ProcessEnv, needs: readonly string[] }} world
 * @returns {Promise<Interpreter | undefined>}
 */
export async function installedKernel({ home, env, needs }) {
  for (const folder of kernelFolders(env)) {
    for (const name of await readdir(folder).catch(() => /** @type {string[]} */ ([]))) {
      const python = await interpreterOf(join(folder, name, "kernel.json"), folder, env)
      const found = python ? await probe(python, { home, env }) : undefined
      if (found && holds(found, needs)) return found
    }
  }
  return undefined
}

/**
 * @param {Interpreter} interpreter
 * @param {readonly string[]} needs
 */
export function holds(interpreter, needs) {
  return needs.every((name) => interpreter.modules.includes(name))
}

/**
 * Jupyter's search path, as far as no interpreter needs to be asked for it.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function kernelFolders(env) {
  const given = (env.JUPYTER_PATH ?? "").split(delimiter).filter(Boolean)
  const own =
    env.JUPYTER_DATA_DIR ??
    (process.platform === "darwin" ? join(homedir(), "Library", "Jupyter") : join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter"))
  const prefixes = [env.VIRTUAL_ENV ?? "", env.CONDA_PREFIX ?? "", "/usr/local", "/usr"].filter((prefix) => prefix !== "")
  return [...given, own, ...prefixes.map((prefix) => join(prefix, "share", "jupyter"))].map((folder) => join(folder, "kernels"))
}

/**
 * The interpreter that a kernelspec of ipykernel starts; undefined when it starts something else.
 *
 * @param {string} file
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function interpreterOf(file, folder, env) {
  try {
    const { argv } = JSON.parse(await readFile(file, "utf8"))
    if (!Array.isArray(argv) || !argv.some((part) => /^ipykernel(_launcher)?$/.test(part))) return undefined
    // A bare name in <prefix>/share/jupyter/kernels means that prefix's own interpreter.
    return onPath(join(dirname(dirname(dirname(folder))), "bin", argv[0]), env) ?? onPath(argv[0], env)
  } catch {
    return undefined
  }
}
