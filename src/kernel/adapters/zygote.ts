import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import type { Readable, Writable } from "node:stream"
import { type Command, type Ended, type Running, running, watch } from "#kernel/adapters/process.ts"

const ZYGOTE = new URL("./python/zygote.py", import.meta.url).pathname

/** What a zygote says; see python/zygote.py. */
type Answer = {
  readonly ready?: true
  readonly unfit?: string
  readonly fork?: number
  readonly pid?: number
  readonly error?: string
  readonly ended?: number
  readonly code?: number | null
  readonly signal?: string | null
}

export type ZygoteOptions = {
  readonly interpreter: readonly string[]
  readonly launcher: string
  readonly imports: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly outputFile: string
}

/** A Python process that forks kernels. */
export type Zygote = {
  readonly pid: number | undefined
  /** Forks a kernel; `argv` is what comes after the launcher. Undefined when this zygote cannot: start it cold then. */
  fork(command: Command): Promise<Running | undefined>
  /** The zygote spares this kernel when it ends. */
  keep(pid: number): void
  close(): Promise<void>
}

export function openZygote(options: ZygoteOptions): Zygote {
  const output = openSync(options.outputFile, "a", 0o600)
  const [program = "", ...flags] = options.interpreter
  const child = spawn(program, [...flags, ZYGOTE, options.launcher, ...options.imports], {
    cwd: "/",
    env: options.env,
    detached: true,
    stdio: ["pipe", output, output, "pipe"],
  })
  closeSync(output)
  const nursery = new Nursery(child)
  return {
    pid: child.pid,
    fork: (command) => nursery.fork(command),
    keep: (pid) => nursery.tell({ keep: pid }),
    close: () => nursery.close(),
  }
}

/** Our side of a zygote: which forks are under way, which kernels live. */
class Nursery {
  readonly #input: Writable
  readonly #asked = new Map<number, (running: Running | undefined) => void>()
  readonly #living = new Map<number, (ended: Ended) => void>()
  readonly #gone: Promise<void>
  #isFit = true
  #count = 0

  constructor(child: ChildProcess) {
    this.#input = child.stdin!
    this.#input.on("error", () => undefined)
    this.#gone = new Promise((resolve) => {
      child.once("error", () => resolve())
      child.once("exit", () => resolve())
    })
    void this.#gone.then(() => this.#onGone())
    readLines(child.stdio[3] as Readable, (line) => this.#hear(JSON.parse(line) as Answer))
    // It must not keep us from exiting: when we do, its stdin ends and so does it.
    for (const handle of [child, child.stdin, child.stdio[3]] as { unref?: () => void }[]) handle.unref?.()
  }

  async fork({ argv, cwd, env, outputFile }: Command): Promise<Running | undefined> {
    if (!this.#isFit) return undefined
    const id = ++this.#count
    const forked = new Promise<Running | undefined>((resolve) => this.#asked.set(id, resolve))
    this.tell({ fork: id, argv, cwd, env, output: outputFile })
    return holdOpen(forked)
  }

  tell(request: object): void {
    this.#input.write(`${JSON.stringify(request)}\n`)
  }

  async close(): Promise<void> {
    this.#isFit = false
    this.#input.end()
    await holdOpen(this.#gone)
  }

  #hear(answer: Answer): void {
    if (answer.unfit !== undefined) this.#isFit = false
    else if (answer.fork !== undefined) this.#onForked(answer.fork, answer.pid)
    else if (answer.ended !== undefined) this.#onEnded(answer.ended, { code: answer.code ?? null, signal: answer.signal ?? null })
  }

  #onForked(id: number, pid: number | undefined): void {
    const resolve = this.#asked.get(id)
    this.#asked.delete(id)
    resolve?.(pid === undefined ? undefined : this.#running(pid))
  }

  #running(pid: number): Running {
    return running(pid, new Promise((resolve) => this.#living.set(pid, resolve)))
  }

  #onEnded(pid: number, how: Ended): void {
    this.#living.get(pid)?.(how)
    this.#living.delete(pid)
  }

  // Without the zygote nobody tells us how its kernels end, but that they end can still be seen.
  #onGone(): void {
    this.#isFit = false
    for (const id of [...this.#asked.keys()]) this.#onForked(id, undefined)
    for (const pid of [...this.#living.keys()]) void watch(pid).ended.then((how) => this.#onEnded(pid, how))
  }
}

/** Awaits something of a zygote, whose handles do not keep the process running on their own. */
async function holdOpen<Value>(awaited: Promise<Value>): Promise<Value> {
  const hold = setInterval(() => undefined, 60_000)
  try {
    return await awaited
  } finally {
    clearInterval(hold)
  }
}

function readLines(stream: Readable, take: (line: string) => void): void {
  let pending = ""
  stream.setEncoding("utf8")
  stream.on("error", () => undefined)
  stream.on("data", (text: string) => {
    const lines = (pending + text).split("\n")
    pending = lines.pop() ?? ""
    for (const line of lines) take(line)
  })
}
