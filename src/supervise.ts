/**
 * Keeps one process of the platform up: starts it, hears when it is ready, and starts it again when it dies, sooner the
 * first time than the tenth.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, renameSync, statSync } from "node:fs"

export type PartName = "server" | "worker"

export type Part = {
  readonly name: PartName
  /** The program's file; it says `{ready: …}` to its parent when it serves. */
  readonly program: string
  /** Node's own options for it. */
  readonly flags: readonly string[]
  /** Asked at each start. */
  readonly env: () => NodeJS.ProcessEnv
  /** Where its log lines go. */
  readonly logFile: string
}

export type PartEvent =
  | { readonly type: "ready"; readonly facts: PartFacts }
  | { readonly type: "told"; readonly message: PartMessage }
  | { readonly type: "died"; readonly code: number | null; readonly signal: string | null; readonly againInMs: number }
  /** It ended with a complaint that starting again cannot mend. */
  | { readonly type: "refused"; readonly message: string }

/** `note`: a line that people should see. */
export type PartFacts = { readonly url?: string; readonly port?: number; readonly note?: string }

/** What a part says to its supervisor, one object a message. */
export type PartMessage =
  | { readonly ready: PartFacts }
  | { readonly refused: string }
  /** The runs that are still under way while it drains. */
  | { readonly draining: readonly string[] }

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 10_000
/** Up for so long, a part that dies counts as having been well. */
const WELL_MS = 30_000

/** Milliseconds to wait before the next start, given how often it died in a row. */
export function waitBefore(start: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(start, 20))
}

export class Supervised {
  readonly #part: Part
  readonly #tell: (event: PartEvent) => void
  #child: ChildProcess | undefined
  #deaths = 0
  #isStopping = false
  #timer: NodeJS.Timeout | undefined
  #ended: Promise<void> = Promise.resolve()

  constructor(part: Part, tell: (event: PartEvent) => void) {
    this.#part = part
    this.#tell = tell
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const { program, flags, env, logFile } = this.#part
    const log = openLog(logFile)
    // A group of its own: Ctrl-C on the terminal is for the supervisor, which then ends its parts in order.
    const child = spawn(process.execPath, [...flags, program], { env: env(), detached: true, stdio: ["ignore", log, log, "ipc"] })
    closeSync(log)
    this.#child = child
    const began = performance.now()
    let refusal: string | undefined
    child.on("message", (message) => {
      const said = message as PartMessage
      if ("refused" in said) refusal = said.refused
      this.#tell("ready" in said ? { type: "ready", facts: said.ready } : { type: "told", message: said })
    })
    this.#ended = new Promise((resolve) => {
      child.once("error", () => resolve())
      child.once("exit", (code, signal) => {
        resolve()
        this.#onExit({ code, signal, refusal, upMs: performance.now() - began })
      })
    })
  }

  /** Asks it to end, and resolves when it has. Safe to call again with a harder signal. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    this.#child?.kill(signal)
    await this.#ended
  }

  #onExit({ code, signal, refusal, upMs }: { code: number | null; signal: string | null; refusal: string | undefined; upMs: number }): void {
    if (this.#isStopping) return
    if (refusal !== undefined) return this.#tell({ type: "refused", message: refusal })
    this.#deaths = upMs > WELL_MS ? 0 : this.#deaths + 1
    const againInMs = waitBefore(this.#deaths)
    this.#tell({ type: "died", code, signal, againInMs })
    this.#timer = setTimeout(() => this.start(), againInMs)
  }
}

const LOG_BYTES = 10_000_000
const LOGS_KEPT = 3

/** Opens a log for appending; one that has grown large becomes `.1`, the one before `.2`, … */
function openLog(file: string): number {
  if (sizeOf(file) > LOG_BYTES) {
    for (let n = LOGS_KEPT - 1; n >= 1; n--) if (sizeOf(`${file}.${n}`) >= 0) renameSync(`${file}.${n}`, `${file}.${n + 1}`)
    renameSync(file, `${file}.1`)
  }
  return openSync(file, "a", 0o600)
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    return -1
  }
}
