/**
 * The server's way to live sessions. Which worker holds one stands in PostgreSQL; a direct connection does the rest. A server holds
 * nothing that matters: it may be killed at any moment, and several may follow one session.
 */
import { toError } from "#base/fault.ts"
import type { NotebookId } from "#people/index.ts"
import type { Timers } from "#run/index.ts"
import type { LineWorld } from "#work/link-follow.ts"
import { OneLine } from "#work/link-line.ts"
import type { Dial } from "#work/link-wire.ts"
import { WorkerLine, type WorkerPlace } from "#work/link-worker.ts"
import type { Adopted, Link, SessionLine } from "#work/session-line.ts"
import { loseSessions, SESSION_CHANNEL } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

export type LinkOptions = {
  readonly world: Pick<WorkWorld, "db" | "listen" | "library" | "seal" | "clock" | "random">
  readonly dial: Dial
  readonly timers: Timers
  readonly leaseMs: number
  readonly tell: (line: string) => void
}

/** Begins to listen; also says which sessions are lost, should no worker be left to do it. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const link = new OneLink(options)
  await link.begin()
  return link
}

class OneLink implements Link, LineWorld {
  readonly options: LinkOptions
  readonly #workers = new Map<string, WorkerLine>()
  readonly #lines = new Map<string, { readonly line: OneLine; count: number }>()
  #stopListening: () => Promise<void> = async () => {}
  #stopTimer = () => {}
  #isClosed = false

  constructor(options: LinkOptions) {
    this.options = options
  }

  async begin(): Promise<void> {
    const { world } = this.options
    this.#stopListening = await world.listen(SESSION_CHANNEL, (notebook) => this.#heard(notebook))
    this.#reconcileLater()
  }

  session(notebook: NotebookId): SessionLine {
    const held = this.#lines.get(notebook) ?? { line: new OneLine(this, notebook), count: 0 }
    this.#lines.set(notebook, held)
    held.count++
    return held.line.handle(() => this.#release(notebook))
  }

  async letGo({ run, worker, address }: Adopted): Promise<boolean> {
    const answer = await this.to({ worker, address }).ask("", { do: "let_go", run })
    return answer.ok && answer.value === true
  }

  /** The connection with that worker. */
  to({ worker, address }: WorkerPlace): WorkerLine {
    const known = this.#workers.get(worker)
    if (known) return known
    const { dial, timers, world } = this.options
    const proving = { seal: world.seal, random: world.random, after: (ms: number, then: () => void) => timers.after(ms, then) }
    const line = new WorkerLine({ worker, address }, { dial, proving, timers })
    this.#workers.set(worker, line)
    return line
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopTimer()
    await this.#stopListening().catch(() => {})
    for (const { line } of this.#lines.values()) line.end()
    for (const worker of this.#workers.values()) worker.close()
  }

  #release(notebook: string): void {
    const held = this.#lines.get(notebook)
    if (!held || --held.count > 0) return
    held.line.end()
    this.#lines.delete(notebook)
  }

  /** Without a notebook: messages may have been lost. */
  #heard(notebook: string | undefined): void {
    if (notebook === undefined) for (const { line } of this.#lines.values()) line.look()
    else this.#lines.get(notebook)?.line.look()
  }

  #reconcileLater(): void {
    if (this.#isClosed) return
    const { world, timers, leaseMs, tell } = this.options
    this.#stopTimer = timers.after(leaseMs / 3, () => {
      loseSessions(world.db, leaseMs)
        .catch((error: unknown) => tell(`looking for lost sessions failed: ${toError(error).message}`))
        .finally(() => this.#reconcileLater())
    })
  }
}
