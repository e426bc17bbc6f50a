/** The session that one notebook has, as this server follows it from worker to worker: what is told of it, and the way to it. */
import { toError } from "#base/fault.ts"
import type { Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import type { NotebookId } from "#people/index.ts"
import { pause, type Timers } from "#run/index.ts"
import { gone, type WorkerLine, type WorkerPlace } from "#work/link-worker.ts"
import type { Listening, SessionAsk } from "#work/session-asks.ts"
import { refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import { type ExecutionView, isOverState, type SessionView, type Told } from "#work/session-view.ts"
import { latestSession, type SessionRow, viewOfRow } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

/** What is needed of the link that holds it. */
export type LineWorld = {
  readonly options: {
    readonly world: Pick<WorkWorld, "db" | "library" | "clock" | "random">
    readonly timers: Timers
    readonly leaseMs: number
    readonly tell: (line: string) => void
  }
  to(place: WorkerPlace): WorkerLine
}

/** What may be asked of a session that lives. */
export type Passed = Exclude<SessionAsk, { do: "start" | "let_go" | "listen" | "unlisten" }>
/** One that lives, and the connection to where it does. */
export type Followed = { readonly id: string; readonly worker: WorkerLine }

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
/** A session that ended longer ago is none. */
const SHOWN_MS = 86_400_000

export class Following {
  readonly #link: LineWorld
  readonly #notebook: NotebookId
  readonly #listeners = new Set<(told: Told) => void>()
  #followed: Followed | undefined
  #view: SessionView | null = null
  readonly #executions = new Map<string, ExecutionView>()
  #looking: Promise<void> | undefined
  #wantsLook = false
  #takeBack = () => {}
  #isOver = false

  constructor(link: LineWorld, notebook: NotebookId) {
    this.#link = link
    this.#notebook = notebook
    this.look()
  }

  /** The one that lives, or that ended not long ago. */
  get view(): SessionView | null {
    return this.#view
  }

  /** What its worker has told of, by id. */
  get executions(): ReadonlyMap<string, ExecutionView> {
    return this.#executions
  }

  listen(listener: (told: Told) => void): () => void {
    // Whoever listens twice is told twice.
    const one = (told: Told) => listener(told)
    this.#listeners.add(one)
    return () => void this.#listeners.delete(one)
  }

  end(): void {
    this.#isOver = true
    this.#unfollow()
  }

  // ── the way to it ──────────────────────────────────────────────────────────────────────────────────

  /** Known now, or after a look. */
  async living(): Promise<Followed | undefined> {
    await this.#looking
    if (!this.#isAlive()) await this.lookNow()
    return this.#isAlive() ? this.#followed : undefined
  }

  #isAlive(): boolean {
    return this.#followed !== undefined && this.#view !== null && !isOverState(this.#view.state)
  }

  /** Again over a new connection when the one before breaks: every ask says which executions it means, so that twice is once. */
  async pass(ask: Passed): Promise<Outcome<unknown, SessionRefusal>> {
    for (let tries = 2; ; tries--) {
      const followed = await this.living()
      if (!followed) return refuseSession("no_session", "There is no live session.", "Start one.")
      try {
        return await followed.worker.ask(followed.id, ask)
      } catch (error) {
        if (tries === 1 || ask.do === "comm" || ask.do === "interrupt") throw error
        this.look()
      }
    }
  }

  /** Looks, and waits until it is known how things are. */
  async lookNow(): Promise<void> {
    this.look()
    await this.#looking
  }

  // ── following ──────────────────────────────────────────────────────────────────────────────────────

  /** Looks which session there is now, and follows it. */
  look(): void {
    if (this.#isOver) return
    this.#wantsLook = true
    this.#looking ??= this.#lookUntilSure().finally(() => {
      this.#looking = undefined
      if (this.#wantsLook) this.look()
    })
  }

  async #lookUntilSure(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.#isOver; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      this.#wantsLook = false
      try {
        if (await this.#lookOnce()) return
      } catch (error) {
        this.#link.options.tell(`the session of ${this.#notebook}: ${toError(error).message}`)
      }
      await pause(this.#link.options.timers, pauseMs)
    }
  }

  /** True when it is known how things are. */
  async #lookOnce(): Promise<boolean> {
    const row = await latestSession(this.#link.options.world.db, this.#notebook)
    // Another line of this notebook may be followed by now: it is not to lose what it is told.
    if (this.#isOver) return true
    if (!row || isOverState(row.state)) {
      this.#unfollow()
      this.#tellRow(row)
      return true
    }
    if (this.#followed?.id === row.id) return true
    this.#unfollow()
    return this.#follow(row)
  }

  async #follow(row: SessionRow): Promise<boolean> {
    if (!row.address) return false
    const worker = this.#link.to({ worker: row.worker, address: row.address })
    const followed = { id: row.id, worker }
    worker.hear(row.id, (told) => this.#hear(followed, told))
    this.#followed = followed
    try {
      // How it stands is taken in before what is told after it, which may come in the same breath.
      const answer = await worker.ask(row.id, { do: "listen" }, (now) => {
        if (now.ok && this.#followed === followed) this.#begin(followed, now.value as Listening)
      })
      // It is over, and its row will say so; or it was not begun yet.
      if (!answer.ok) throw gone("does not know the session")
      return true
    } catch {
      if (this.#followed === followed) this.#unfollow()
      return false
    }
  }

  #begin(followed: Followed, { session, executions, next }: Listening): void {
    this.#takeBack = followed.worker.onBroken(() => {
      if (this.#followed !== followed) return
      this.#unfollow()
      this.look()
    })
    this.#executions.clear()
    this.#hear(followed, { tell: "session", session })
    for (const execution of executions) this.#hear(followed, { tell: "execution", execution })
    for (const [execution, from] of next) this.#hear(followed, { tell: "outputs", execution, from, changes: [] })
  }

  #unfollow(): void {
    this.#takeBack()
    this.#takeBack = () => {}
    const followed = this.#followed
    this.#followed = undefined
    if (!followed) return
    followed.worker.hear(followed.id, undefined)
    if (this.#isOver) followed.worker.ask(followed.id, { do: "unlisten" }).catch(() => undefined)
  }

  #hear(followed: Followed, told: Told): void {
    if (this.#followed !== followed) return
    if (told.tell === "session") this.#view = told.session
    if (told.tell === "execution") this.#executions.set(told.execution.id, told.execution)
    this.#say(told)
    if (told.tell === "session" && told.session && isOverState(told.session.state)) this.look()
  }

  #tellRow(row: SessionRow | undefined): void {
    const isShown = row !== undefined && (row.endedAt ?? 0) > this.#link.options.world.clock.now() - SHOWN_MS
    const view = isShown ? viewOfRow(row) : null
    const isNews = view?.id !== this.#view?.id || view?.state !== this.#view?.state
    this.#view = view
    if (!isNews) return
    this.#say({ tell: "session", session: view })
    // What it ran is over with it, though nobody was left to say so.
    for (const execution of [...this.#executions.values()]) this.#tellEnd(execution)
  }

  #tellEnd(execution: ExecutionView): void {
    if (execution.state !== "queued" && execution.state !== "running") return
    const state = execution.state === "running" ? "lost" : "not_run"
    const endedAt = toIso(this.#link.options.world.clock.now())
    const ended: ExecutionView = { ...execution, state, explanation: "The worker that ran it died.", endedAt, input: null }
    this.#executions.set(execution.id, ended)
    this.#say({ tell: "execution", execution: ended })
  }

  #say(told: Told): void {
    for (const listener of this.#listeners) listener(told)
  }
}
