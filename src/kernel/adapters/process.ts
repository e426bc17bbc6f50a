import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, unlinkSync, writeFileSync } from "node:fs"
import { constants } from "node:os"
import { dirname, join } from "node:path"
import type { Readable } from "node:stream"
import { isAlive } from "#base/adapters/process.ts"
import { Fault } from "#base/fault.ts"
import type { ForkOrder } from "#kernel/confine.ts"

/** How a process ended; both null when it was not ours to wait for. */
export type Ended = { readonly code: number | null; readonly signal: string | null }

/** A process that leads its own group. */
export type Running = {
  readonly pid: number
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<Ended>
  /** Undefined while it runs. */
  end(): Ended | undefined
  /** From now on it keeps nobody waiting. */
  release?(): void
}

export type Command = {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** File that takes what the process itself writes to stdout and stderr. */
  readonly outputFile: string
  /** What a zygote does to its fork first, and who is told of it before it goes on. */
  readonly confine?: { readonly order: ForkOrder; readonly enter: (pid: number) => void }
}

/** Starts a command at the head of a new session and group. @throws Fault kernel_start_failed when there is no such program or folder */
export async function launch(command: Command): Promise<Running> {
  const child = await spawnOrFault(command)
  const ended = new Promise<Ended>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })))
  return { ...running(child.pid!, ended), release: () => child.unref() }
}

async function spawnOrFault({ argv, env, cwd, outputFile }: Command, beside: readonly ("pipe" | number | "ignore")[] = []): Promise<ChildProcess> {
  const [program = "", ...rest] = argv
  // A file, not a pipe: a kernel that outlives us must be able to go on writing. Appending, so that it can be cut short meanwhile.
  const output = openSync(outputFile, "a", 0o600)
  const child = spawn(program, rest, { cwd, env, detached: true, stdio: ["ignore", output, output, ...beside] })
  closeSync(output)
  if (child.pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once("error", resolve))
    throw new Fault("kernel_start_failed", `The kernel could not be started: ${program} cannot be run in ${cwd} (${cause.message}).`, {
      cause,
      remedy: "Check that the program of the kernelspec is installed and that the working folder exists.",
    })
  }
  child.on("error", () => undefined)
  return child
}

/**
 * Starts bubblewrap, which tells on descriptor 3 who leads the process group inside: that one is signalled, and when it is
 * killed all inside are. How the kernel ended is told by bubblewrap's own exit code, 128 + n for signal n. It reads the filter of
 * system calls from descriptor 4.
 *
 * @throws Fault kernel_start_failed when there is no such program or folder
 */
export async function launchSandbox(command: Command, filter: Uint8Array | undefined): Promise<Running> {
  const file = filter && passing(filter, dirname(command.outputFile))
  const child = await spawnOrFault(command, ["pipe", file ?? "ignore"]).finally(() => file !== undefined && closeSync(file))
  const ended = new Promise<Ended>((resolve) => child.once("exit", (code, signal) => resolve(asEnded(code, signal))))
  const told = await readAll(child.stdio[3] as Readable)
  const leader = /"child-pid": (\d+)/.exec(told)?.[1]
  return running(leader === undefined ? child.pid! : Number(leader), ended)
}

/** An open file with these bytes that has no name any more. */
function passing(bytes: Uint8Array, folder: string): number {
  const name = join(folder, "passing")
  writeFileSync(name, bytes, { mode: 0o600 })
  const file = openSync(name, "r")
  unlinkSync(name)
  return file
}

function asEnded(code: number | null, signal: string | null): Ended {
  const inside = code !== null && code > 128 ? Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] : undefined
  return inside ? { code: null, signal: inside } : { code, signal }
}

async function readAll(stream: Readable): Promise<string> {
  let text = ""
  stream.setEncoding("utf8")
  try {
    for await (const part of stream) {
      text += part
      // bubblewrap closes it at once; whoever holds it open beyond that keeps us from nothing.
      if (text.includes("}")) break
    }
  } catch {
    // Then it told nothing, and its exit will.
  }
  return text
}

/** A process of which somebody will tell how it ends. */
export function running(pid: number, ended: Promise<Ended>): Running {
  let end: Ended | undefined
  void ended.then((how) => {
    end = how
  })
  return { pid, ended, end: () => end }
}

/** Watches a process that is not our child, by asking every half second. */
export function watch(pid: number): Running {
  const ended = new Promise<Ended>((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(pid)) return
      clearInterval(timer)
      resolve({ code: null, signal: null })
    }, 500)
    timer.unref()
  })
  return running(pid, ended)
}

/** Signals a process group; false when nobody is left in it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** What a promise gives, or undefined when that takes longer. Unlike a race with a sleep, no timer is left behind that keeps us running. */
export async function within<Value>(ms: number, awaited: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([awaited, late])
  } finally {
    clearTimeout(timer)
  }
}
