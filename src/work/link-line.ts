/** One notebook's session as this server follows it: who holds it, what was told, and the asks of people passed on. */
import { toError } from "#base/fault.ts"
import { newId } from "#base/id.ts"
import { fromPlain, type JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { type Actor, audit, can, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import type { Timers } from "#run/index.ts"
import { gone, type WorkerLine, type WorkerPlace } from "#work/link-worker.ts"
import type { Listening, SessionAsk } from "#work/session-asks.ts"
import { fileLeft, filesLeft, lastExecutions, snapshotKept } from "#work/session-kept.ts"
import type { SessionAnswer, SessionLine, StartOptions } from "#work/session-line.ts"
import {
  type CommTold,
  type ExecutionView,
  isOverState,
  refuseSession,
  type SessionRefusal,
  type SessionView,
  type Someone,
  type Told,
} from "#work/session-view.ts"
import { findNotebookSpace } from "#work/sql/session-place.ts"
import { insertSession, latestSession, loseSession, type SessionRow, tellSession, viewOfRow, workersForSessions } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

/** What a line needs of the link that holds it. */
export type LineWorld = {
  readonly options: {
    readonly world: Pick<WorkWorld, "db" | "library" | "clock" | "random">
    readonly timers: Timers
    readonly leaseMs: number
    readonly tell: (line: string) => void
  }
  to(place: WorkerPlace): WorkerLine
}

type Passed = Exclude<SessionAsk, { do: "start" | "let_go" | "listen" | "unlisten" }>
/** One that lives, and the connection to where it does. */
type Followed = { readonly id: string; readonly worker: WorkerLine }

const TRIES = 20
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
/** Within that its worker must have taken it over. */
const BEGIN_MS = 10_000
/** A session that ended longer ago is none. */
const SHOWN_MS = 86_400_000

export class OneLine {
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

  get #db() {
    return this.#link.options.world.db
  }

  end(): void {
    this.#isOver = true
    this.#unfollow()
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
      await this.#pause(pauseMs)
    }
  }

  /** True when it is known how things are. */
  async #lookOnce(): Promise<boolean> {
    const row = await latestSession(this.#db, this.#notebook)
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
      const answer = await worker.ask(row.id, { do: "listen" })
      // It is over, and its row will say so; or it was not begun yet.
      if (!answer.ok) throw gone("does not know the session")
      this.#begin(followed, answer.value as Listening)
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

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#link.options.timers.after(ms, resolve))
  }

  // ── asking ─────────────────────────────────────────────────────────────────────────────────────────

  handle(release: () => void): SessionLine {
    const by = someone
    const mine = new Set<() => void>()
    let isClosed = false
    const pass = <Value>(actor: Actor, ask: Passed) => this.#asPerson<Value>(actor, () => this.#pass(ask))
    return {
      start: (actor, options = {}) => this.#asPerson(actor, (space) => this.#start(actor, space, options)),
      run: (actor, cells, options) =>
        this.#asPerson(actor, async (space) => {
          const { world } = this.#link.options
          const executions = cells.map((cell) => ({
            ...cell,
            id: newId(world.clock.now(), world.random),
            by: by(actor),
            stopOnError: options.stopOnError,
          }))
          const there = await this.#living()
          if (!there) {
            const started = await this.#start(actor, space, options)
            if (!started.ok) return started
          }
          return this.#pass({ do: "run", executions })
        }),
      interrupt: (actor) => pass(actor, { do: "interrupt", by: by(actor) }),
      restart: (actor) => pass(actor, { do: "restart", by: by(actor) }),
      stop: (actor) => pass(actor, { do: "stop", by: by(actor) }),
      unqueue: (actor, executions = []) => pass(actor, { do: "unqueue", executions, by: by(actor) }),
      input: (actor, answer) => pass(actor, { do: "input", ...answer, by: by(actor) }),
      complete: (actor, at) => pass(actor, { do: "complete", ...at }),
      inspect: (actor, at) => pass(actor, { do: "inspect", ...at }),
      query: (actor, { type, content }) => pass(actor, { do: "query", type, content: fromPlain(content) as JsonObject }),
      variables: (actor) => pass(actor, { do: "variables" }),
      variable: (actor, name) => pass(actor, { do: "variable", name }),
      comm: (actor, { commId, data, buffers }) => pass(actor, { do: "comm", commId, data: fromPlain(data) as JsonObject, buffers }),
      files: (actor) => this.#asWriter(actor, { do: "files" }, () => filesLeft(this.#db, this.#notebook)),
      takeFile: (actor, path) => this.#asWriter(actor, { do: "takeFile", path }, () => fileLeft(this.#db, this.#notebook, path)),
      outputs: (execution) => this.#outputs(execution),
      widgets: () => this.#widgets(),
      current: () => this.#current(),
      listen: (listener) => {
        const one = (told: Told) => listener(told)
        this.#listeners.add(one)
        const stop = () => {
          this.#listeners.delete(one)
          mine.delete(stop)
        }
        mine.add(stop)
        return stop
      },
      close: () => {
        if (isClosed) return
        isClosed = true
        for (const stop of [...mine]) stop()
        release()
      },
    }
  }

  /** Whoever may run the notebook at this moment. */
  async #asPerson<Value>(actor: Actor, act: (space: SpaceId) => Promise<Outcome<unknown, SessionRefusal>>): SessionAnswer<Value> {
    const space = (await findNotebookSpace(this.#db, this.#notebook))?.space
    const said = space === undefined ? "hidden" : await verdict(this.#db, actor, "run", { space, notebook: this.#notebook })
    if (space !== undefined && said === "allowed") return (await act(space)) as Outcome<Value, SessionRefusal>
    if (said === "hidden" || space === undefined) return refuseSession("no_such_notebook", "There is no such notebook, or you may not see it.")
    const at = this.#link.options.world.clock.now()
    await audit(this.#db, { actor, action: "session.use", thing: `notebook/${this.#notebook}`, space, outcome: "denied", at })
    return refuseSession("not_allowed", "You may see this notebook, but not run it: that needs the role of a runner.", "Ask for that role.")
  }

  /** Known now, or after a look. */
  async #living(): Promise<Followed | undefined> {
    await this.#looking
    if (!this.#isAlive()) {
      this.look()
      await this.#looking
    }
    return this.#isAlive() ? this.#followed : undefined
  }

  #isAlive(): boolean {
    return this.#followed !== undefined && this.#view !== null && !isOverState(this.#view.state)
  }

  /** Again over a new connection when the one before breaks: every ask says which executions it means, so that twice is once. */
  async #pass(ask: Passed): Promise<Outcome<unknown, SessionRefusal>> {
    for (let tries = 2; ; tries--) {
      const followed = await this.#living()
      if (!followed) return refuseSession("no_session", "There is no live session.", "Start one.")
      try {
        return await followed.worker.ask(followed.id, ask)
      } catch (error) {
        if (tries === 1 || ask.do === "comm" || ask.do === "interrupt") throw error
        this.look()
      }
    }
  }

  /** To the session that lives; without one, what the last one left. Files may hold what code that is hidden says. */
  #asWriter<Value>(actor: Actor, ask: Passed, left: () => Promise<Outcome<unknown, SessionRefusal>>): SessionAnswer<Value> {
    return this.#asPerson(actor, async (space) => {
      const isHidden = (await findNotebookSpace(this.#db, this.#notebook))?.codeHidden ?? true
      if (isHidden && !(await can(this.#db, actor, "read_hidden_code", { space, notebook: this.#notebook })))
        return refuseSession("not_allowed", "The code of this notebook is hidden, and so is what it writes.", "Ask its owner for the file.")
      const answer = await this.#pass(ask)
      return answer.ok || answer.refusal.refused !== "no_session" ? answer : left()
    })
  }

  async #start(actor: Actor, space: SpaceId, options: StartOptions): Promise<Outcome<SessionView, SessionRefusal>> {
    for (let tries = TRIES; tries > 0; tries--) {
      const row = await latestSession(this.#db, this.#notebook)
      if (row && !isOverState(row.state)) {
        const there = await this.#startAgain(actor)
        if (there) return there
        await this.#pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * (TRIES - tries + 1)))
      } else {
        const begun = await this.#startNew(actor, space, options)
        if (begun) return begun
      }
    }
    throw gone("could not be reached")
  }

  /** The one that lives; one whose kernel died gets a new one. Undefined when it cannot be reached just now. */
  async #startAgain(actor: Actor): Promise<Outcome<SessionView, SessionRefusal> | undefined> {
    const followed = await this.#living()
    if (!followed || !this.#view) return undefined
    if (this.#view.state === "dead") await followed.worker.ask(followed.id, { do: "restart", by: someone(actor) })
    return accepted(this.#view)
  }

  /** Undefined when somebody else was faster. */
  async #startNew(actor: Actor, space: SpaceId, options: StartOptions): Promise<Outcome<SessionView, SessionRefusal> | undefined> {
    const { world, leaseMs } = this.#link.options
    const { adopts } = options
    // A kernel that stands already is where it is.
    const workers = adopts ? [{ id: adopts.worker, host: adopts.host, address: adopts.address }] : await workersForSessions(this.#db, leaseMs)
    for (const worker of workers) {
      const id = newId(world.clock.now(), world.random)
      const row = {
        id,
        space,
        notebook: this.#notebook,
        worker: worker.id,
        host: worker.host,
        startedBy: actor.id,
        environmentAsked: options.environment,
        leaseMs: Math.max(leaseMs, BEGIN_MS),
      }
      if (!(await insertSession(this.#db, row))) return undefined
      const answer = await this.#begun(actor, { id, worker: worker.id, address: worker.address }, options)
      if (answer?.ok) {
        await audit(this.#db, { actor, action: "session.start", thing: `session/${id}`, space, outcome: "done", at: world.clock.now() })
        await tellSession(this.#db, this.#notebook)
        this.look()
        await this.#looking
        return answer
      }
      await loseSession(this.#db, id)
      if (adopts)
        return (
          answer ?? refuseSession("kernel_gone", "The worker that kept the run's kernel cannot be reached.", "Replay the run up to its failing cell.")
        )
    }
    return refuseSession(
      "no_room",
      workers.length === 0 ? "No worker takes live sessions at the moment." : "No worker could begin the session.",
      "Try again in a moment; if it stays so, tell whoever runs this server.",
    )
  }

  async #begun(
    actor: Actor,
    { id, worker, address }: { readonly id: string; readonly worker: string; readonly address: string },
    { environment, metadata, adopts, secrets }: StartOptions,
  ): Promise<Outcome<SessionView, SessionRefusal> | undefined> {
    const ask: SessionAsk = {
      do: "start",
      notebook: this.#notebook,
      by: someone(actor),
      environment,
      metadata: metadata && (fromPlain(metadata) as JsonObject),
      adopts: adopts?.run,
      secrets,
    }
    try {
      return (await this.#link.to({ worker, address }).ask(id, ask)) as Outcome<SessionView, SessionRefusal>
    } catch (error) {
      this.#link.options.tell(`session ${id}: ${toError(error).message}`)
      return undefined
    }
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────

  async #outputs(execution: string): SessionAnswer<never> {
    const live = this.#executions.has(execution) && (await this.#living())
    if (live) {
      const answer = await this.#pass({ do: "outputs", execution })
      if (answer.ok || !["no_such_execution", "no_session"].includes(answer.refusal.refused)) return answer as Awaited<SessionAnswer<never>>
    }
    const kept = await snapshotKept(this.#link.options.world, this.#notebook, execution)
    // Its worker will say more of it.
    if (kept?.execution.state === "running" || kept?.execution.state === "queued") throw gone("cannot be reached just now")
    return (kept ? accepted(kept) : refuseSession("no_such_execution", "That execution is not kept any more.")) as Awaited<SessionAnswer<never>>
  }

  async #widgets(): Promise<readonly CommTold[]> {
    if (!(await this.#living())) return []
    const answer = await this.#pass({ do: "widgets" }).catch(() => undefined)
    return answer?.ok ? (answer.value as readonly CommTold[]) : []
  }

  async #current(): ReturnType<SessionLine["current"]> {
    await this.#living()
    const last = new Map((await lastExecutions({ db: this.#db }, this.#notebook)).map((one) => [one.id, one]))
    // What its worker says is newer.
    for (const one of this.#executions.values()) last.set(one.id, one)
    return { session: this.#view, executions: [...last.values()] }
  }
}

function someone({ id, name }: Actor): Someone {
  return { id, name }
}
