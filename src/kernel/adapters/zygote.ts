import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, writeFileSync } from "node:fs"
import type { Readable, Writable } from "node:stream"
import { type Command, type Ended, type Running, running, watch } from "#kernel/adapters/process.ts"
import type { Family } from "#kernel/adapters/uids.ts"

const ZYGOTE = new URL("./python/zygote.py", import.meta.url).pathname

/** What a zygote says; see python/zygote.py. */
type Answer = {
  readonly ready?: true
  readonly unfit?: string
  readonly in_namespace?: true
  readonly fork?: number
  readonly went?: number
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
  /** For kernels with users of their own: how the zygote is started, and the users that it can become. */
  readonly confine?: { readonly wrap: (argv: readonly string[]) => readonly string[]; readonly family: Family }
}

/** A Python process that forks kernels. */
export type Zygote = {
  readonly pid: number | undefined
  /** Forks a kernel; `argv` is what comes after the launcher. Undefined when this zygote cannot: start it cold then. */
  fork(command: Command): Promise<Running | undefined>
  /** Whether none of its kernels is alive or on its way. */
  isIdle(): boolean
  /** Whether it was ready once and has ended by itself since: another one may do. */
  isLost(): boolean
  /** The zygote spares this kernel when it ends. */
  keep(pid: number): void
  close(): Promise<void>
}

export function openZygote(options: ZygoteOptions): Zygote {
  const output = openSync(options.outputFile, "a", 0o600)
  const plain = [...options.interpreter, ZYGOTE, options.launcher, ...options.imports]
  const [program = "", ...rest] = options.confine ? options.confine.wrap(plain) : plain
  const child = spawn(program, rest, {
    cwd: "/",
    env: options.env,
    detached: true,
    stdio: ["pipe", output, output, "pipe"],
  })
  closeSync(output)
  const nursery = new Nursery(child, options.confine?.family)
  return {
    pid: child.pid,
    fork: (command) => nursery.fork(command),
    isIdle: () => nursery.isIdle(),
    isLost: () => nursery.isLost(),
    keep: (pid) => nursery.tell({ keep: pid }),
    close: () => nursery.close(),
  }
}

/** Our side of a zygote: which forks are under way, which kernels live. */
class Nursery {
  readonly #input: Writable
  readonly #asked = new Map<number, (running: Running | undefined) => void>()
  /** Confined forks that were asked for, by number of the request; and those that wait at their gate, by process. */
  readonly #confined = new Map<number, (pid: number) => void>()
  readonly #gated = new Map<number, number>()
  readonly #living = new Map<number, (ended: Ended) => void>()
  readonly #gone: Promise<void>
  readonly #enterNamespace: () => void
  /** What is said before it has its namespace: the first line it reads lets it go on. */
  #held: object[] | undefined
  #isFit = true
  #wasReady = false
  #hasEnded = false
  #count = 0

  constructor(child: ChildProcess, family: Family | undefined) {
    this.#enterNamespace = () => admit(child.pid ?? 0, family)
    this.#held = family && []
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

  async fork({ argv, cwd, env, outputFile, confine }: Command): Promise<Running | undefined> {
    if (!this.#isFit) return undefined
    const id = ++this.#count
    const forked = new Promise<Running | undefined>((resolve) => this.#asked.set(id, resolve))
    if (confine) this.#confined.set(id, confine.enter)
    this.tell({ fork: id, argv, cwd, env, output: outputFile, ...(confine ? { confine: confine.order } : {}) })
    return holdOpen(forked)
  }

  isLost(): boolean {
    return this.#wasReady && this.#hasEnded
  }

  isIdle(): boolean {
    return this.#asked.size === 0 && this.#living.size === 0
  }

  tell(request: object): void {
    if (this.#held) this.#held.push(request)
    else this.#write(request)
  }

  #write(request: object): void {
    this.#input.write(`${JSON.stringify(request)}\n`)
  }

  async close(): Promise<void> {
    this.#isFit = false
    this.#input.end()
    await holdOpen(this.#gone)
  }

  #hear(answer: Answer): void {
    if (answer.ready) this.#wasReady = true
    else if (answer.unfit !== undefined) this.#isFit = false
    else if (answer.in_namespace) this.#onNamespace()
    else if (answer.fork !== undefined) this.#onForked(answer.fork, answer.pid)
    else if (answer.went !== undefined) this.#onWent(answer.went, answer.pid)
    else if (answer.ended !== undefined) this.#onEnded(answer.ended, { code: answer.code ?? null, signal: answer.signal ?? null })
  }

  #onNamespace(): void {
    try {
      this.#enterNamespace()
    } catch {
      this.#isFit = false
      this.#input.end()
      return
    }
    this.#input.write("go\n")
    for (const request of this.#held?.splice(0) ?? []) this.#write(request)
    this.#held = undefined
  }

  /** A confined fork waits until it was put where its memory is counted. */
  #onForked(id: number, pid: number | undefined): void {
    const enter = this.#confined.get(id)
    this.#confined.delete(id)
    if (!enter || pid === undefined) return this.#settle(id, pid, pid)
    try {
      enter(pid)
    } catch {
      // Uncounted it must not run; a cold start says what is wrong.
      signalProcess(pid)
      return this.#settle(id, undefined, undefined)
    }
    this.#gated.set(pid, id)
    this.tell({ go: pid })
  }

  #onWent(fork: number, leader: number | undefined): void {
    const id = this.#gated.get(fork)
    this.#gated.delete(fork)
    if (id !== undefined) this.#settle(id, fork, leader)
  }

  #settle(id: number, fork: number | undefined, leader: number | undefined): void {
    const resolve = this.#asked.get(id)
    this.#asked.delete(id)
    resolve?.(fork === undefined || leader === undefined ? undefined : this.#running(fork, leader))
  }

  /** Of a fork in a sandbox the zygote tells how its keeper ended, which is how the kernel did; signals go to the leader inside. */
  #running(fork: number, leader: number): Running {
    return running(leader, new Promise((resolve) => this.#living.set(fork, resolve)))
  }

  #onEnded(pid: number, how: Ended): void {
    this.#living.get(pid)?.(how)
    this.#living.delete(pid)
  }

  // Without the zygote nobody tells us how its kernels end, but that they end can still be seen.
  #onGone(): void {
    this.#isFit = false
    this.#hasEnded = true
    this.#confined.clear()
    this.#gated.clear()
    for (const id of [...this.#asked.keys()]) this.#settle(id, undefined, undefined)
    for (const pid of [...this.#living.keys()]) void watch(pid).ended.then((how) => this.#onEnded(pid, how))
  }
}

function signalProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It is gone.
  }
}

/** Gives a zygote its user namespace: root inside is the family's first user, and the others are themselves. */
function admit(pid: number, family: Family | undefined): void {
  if (!family) return
  const { first, count } = family
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${pid}/${map}`, `0 ${first} 1\n${first + 1} ${first + 1} ${count - 1}\n`)
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
