/** Programs that are run to their end: package tools, interpreters that are asked a question. */
import { type ChildProcess, spawn } from "node:child_process"
import type { Cancellation } from "#environment/ports.ts"

export type Running = {
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly timeoutMs?: number
  readonly cancellation?: Cancellation | undefined
  /** Gets every line as it comes. */
  readonly tell?: ((line: string) => void) | undefined
  /** Becomes this user and group first; only root can. */
  readonly user?: number | undefined
}

/** `output` is stdout and stderr as they came, at most their last megabyte. */
export type Ended = { readonly code: number; readonly output: string; readonly stdout: string; readonly isCancelled: boolean }

const MOST_KEPT = 1_000_000

/** Never throws: a program that cannot be started ended with 127. Cancelled or out of time, it ends with all its children. */
export function run(program: string, args: readonly string[], running: Running): Promise<Ended> {
  const { env, cwd, timeoutMs = 900_000, cancellation, tell, user } = running
  if (cancellation?.aborted) return Promise.resolve({ code: 130, output: "", stdout: "", isCancelled: true })
  return new Promise((resolve) => {
    const said = { output: "", stdout: "" }
    // A group of its own, so that the compilers that a package tool starts end with it.
    const child = spawn(program, args, {
      env,
      ...(cwd === undefined ? {} : { cwd }),
      ...(user === undefined ? {} : { uid: user, gid: user }),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    })
    const cancel = () => killGroup(child)
    const timer = setTimeout(cancel, timeoutMs)
    cancellation?.addEventListener("abort", cancel)
    const end = (code: number, more = "") => {
      clearTimeout(timer)
      cancellation?.removeEventListener("abort", cancel)
      resolve({ code, output: said.output + more, stdout: said.stdout, isCancelled: cancellation?.aborted ?? false })
    }
    listen(child, said, tell)
    child.on("error", (error) => end(127, String(error)))
    child.on("close", (code, signal) => end(code ?? 128, signal ? `\nended by ${signal}` : ""))
  })
}

function listen(child: ChildProcess, said: { output: string; stdout: string }, tell: ((line: string) => void) | undefined): void {
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said.stdout = (said.stdout + text).slice(-MOST_KEPT)
    said.output = (said.output + text).slice(-MOST_KEPT)
  })
  let unfinished = ""
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said.output = (said.output + text).slice(-MOST_KEPT)
    const lines = (unfinished + text).split(/\r?\n|\r/)
    unfinished = (lines.pop() ?? "").slice(-MOST_KEPT)
    for (const line of lines) if (line.trim() !== "") tell?.(line)
  })
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}
