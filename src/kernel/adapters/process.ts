import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { Fault } from "#base/fault.ts"

/** How a process ended; both null when it was not ours to wait for. */
export type Ended = { readonly code: number | null; readonly signal: string | null }

/** A process that leads its own group. */
export type Running = {
  readonly pid: number
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<Ended>
  /** Undefined while it runs. */
  end(): Ended | undefined
}

export type Command = {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** File that takes what the process itself writes to stdout and stderr. */
  readonly outputFile: string
}

/** Starts a command at the head of a new session and group. @throws Fault kernel_start_failed when there is no such program or folder */
export async function launch({ argv, env, cwd, outputFile }: Command): Promise<Running> {
  const [program = "", ...rest] = argv
  // A file, not a pipe: a kernel that outlives us must be able to go on writing. Appending, so that it can be cut short meanwhile.
  const output = openSync(outputFile, "a", 0o600)
  const child = spawn(program, rest, { cwd, env, detached: true, stdio: ["ignore", output, output] })
  closeSync(output)
  let end: Ended | undefined
  const ended = new Promise<Ended>((resolve) => child.once("exit", (code, signal) => resolve((end = { code, signal }))))
  const { pid } = child
  if (pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once("error", resolve))
    throw new Fault("kernel_start_failed", `The kernel could not be started: ${program} cannot be run in ${cwd} (${cause.message}).`, {
      cause,
      remedy: "Check that the program of the kernelspec is installed and that the working folder exists.",
    })
  }
  child.on("error", () => undefined)
  return { pid, ended, end: () => end }
}

/** Watches a process that is not our child, by asking every half second. */
export function watch(pid: number): Running {
  let end: Ended | undefined
  const ended = new Promise<Ended>((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(pid)) return
      clearInterval(timer)
      resolve((end = { code: null, signal: null }))
    }, 500)
    timer.unref()
  })
  return { pid, ended, end: () => end }
}

/** Signals a process group; false when nobody is left in it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
