/** One notebook's session as this server offers it to people: what they may, and what they ask passed on. */
import { newId } from "#base/id.ts"
import { fromPlain, type JsonObject } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Actor, audit, can, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import { pause } from "#run/index.ts"
import { Following, type LineWorld, type Passed } from "#work/link-follow.ts"
import { someone, startSession } from "#work/link-start.ts"
import { gone } from "#work/link-worker.ts"
import { fileLeft, filesLeft, lastExecutions, snapshotKept, widgetsKept } from "#work/session-kept.ts"
import type { SessionAnswer, SessionLine, StartOptions } from "#work/session-line.ts"
import { refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import { type CellAsked, type CommTold, type ExecutionView, isOverState, type OutputsSnapshot } from "#work/session-view.ts"
import { findNotebookSpace } from "#work/sql/session-place.ts"

const TRIES = 20
const PAUSE_MS = 50

export class OneLine {
  readonly #link: LineWorld
  readonly #notebook: NotebookId
  readonly #following: Following

  constructor(link: LineWorld, notebook: NotebookId) {
    this.#link = link
    this.#notebook = notebook
    this.#following = new Following(link, notebook)
  }

  get #db() {
    return this.#link.options.world.db
  }

  /** Looks which session there is now. */
  look(): void {
    this.#following.look()
  }

  end(): void {
    this.#following.end()
  }

  handle(release: () => void): SessionLine {
    const by = someone
    const mine = new Set<() => void>()
    let isClosed = false
    const pass = <Value>(actor: Actor, ask: Passed) => this.#asPerson<Value>(actor, () => this.#following.pass(ask))
    return {
      start: (actor, options = {}) => this.#asPerson(actor, (space) => this.#start(actor, space, options)),
      run: (actor, cells, options) => this.#asPerson(actor, (space) => this.#run(actor, cells, { ...options, space })),
      interrupt: (actor) => pass(actor, { do: "interrupt", by: by(actor) }),
      restart: (actor) => this.#recorded(actor, "session.restart", { do: "restart", by: by(actor) }),
      stop: (actor) => this.#recorded(actor, "session.stop", { do: "stop", by: by(actor) }),
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
        const leave = this.#following.listen(listener)
        const stop = () => {
          leave()
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

  /** What takes a kernel's memory away from everybody who looks at it. */
  #recorded<Value>(actor: Actor, action: string, ask: Passed): SessionAnswer<Value> {
    return this.#asPerson<Value>(actor, async (space) => {
      const answer = await this.#following.pass(ask)
      const at = this.#link.options.world.clock.now()
      if (answer.ok) await audit(this.#db, { actor, action, thing: `notebook/${this.#notebook}`, space, outcome: "done", at })
      return answer
    })
  }

  #start(actor: Actor, space: SpaceId, options: StartOptions) {
    return startSession({ link: this.#link, notebook: this.#notebook, following: this.#following, space, actor, options })
  }

  /** Starts a session if there is none. */
  async #run(
    actor: Actor,
    cells: readonly CellAsked[],
    { space, stopOnError, ...options }: StartOptions & { readonly space: SpaceId; readonly stopOnError: boolean },
  ): Promise<Outcome<unknown, SessionRefusal>> {
    const { clock, random } = this.#link.options.world
    const executions = cells.map((cell) => ({ ...cell, id: newId(clock.now(), random), by: someone(actor), stopOnError }))
    for (let tries = 1; ; tries++) {
      if (!(await this.#following.living())) {
        const started = await this.#start(actor, space, options)
        if (!started.ok) return started
      }
      const ran = await this.#following.pass({ do: "run", executions })
      if (ran.ok || ran.refusal.refused !== "no_session" || tries === TRIES) return ran
      // One that is just ending takes nothing, and that it ends is told in a moment: the next one takes it.
      await pause(this.#link.options.timers, PAUSE_MS * tries)
    }
  }

  /** To the session that lives; without one, what the last one left. Files may hold what code that is hidden says. */
  #asWriter<Value>(actor: Actor, ask: Passed, left: () => Promise<Outcome<unknown, SessionRefusal>>): SessionAnswer<Value> {
    return this.#asPerson(actor, async (space) => {
      const isHidden = (await findNotebookSpace(this.#db, this.#notebook))?.codeHidden ?? true
      if (isHidden && !(await can(this.#db, actor, "read_hidden_code", { space, notebook: this.#notebook })))
        return refuseSession("not_allowed", "The code of this notebook is hidden, and so is what it writes.", "Ask its owner for the file.")
      const answer = await this.#following.pass(ask)
      return answer.ok || answer.refusal.refused !== "no_session" ? answer : left()
    })
  }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────

  async #outputs(execution: string): SessionAnswer<never> {
    const kept = this.#following.executions.has(execution) ? undefined : await this.#kept(execution)
    if (kept && !this.#isOfLiving(kept.execution)) return this.#fromKept(kept)
    // Its worker knows more: also of one that it has not told of yet, or is just writing down.
    if (await this.#following.living()) {
      const answer = await this.#following.pass({ do: "outputs", execution })
      if (answer.ok || !["no_such_execution", "no_session"].includes(answer.refusal.refused)) return answer as Awaited<SessionAnswer<never>>
    }
    return this.#fromKept(await this.#kept(execution))
  }

  #isOfLiving({ session }: ExecutionView): boolean {
    const { view } = this.#following
    return view !== null && view.id === session && !isOverState(view.state)
  }

  #kept(execution: string): Promise<OutputsSnapshot | undefined> {
    return snapshotKept(this.#link.options.world, this.#notebook, execution)
  }

  #fromKept(kept: OutputsSnapshot | undefined): Awaited<SessionAnswer<never>> {
    // Its worker will say more of it.
    if (kept?.execution.state === "running" || kept?.execution.state === "queued") throw gone("cannot be reached just now")
    return (kept ? accepted(kept) : refuseSession("no_such_execution", "That execution is not kept any more.")) as Awaited<SessionAnswer<never>>
  }

  async #widgets(): Promise<readonly CommTold[]> {
    if (!(await this.#following.living())) return widgetsKept(this.#link.options.world, this.#notebook)
    const answer = await this.#following.pass({ do: "widgets" }).catch(() => undefined)
    return answer?.ok ? (answer.value as readonly CommTold[]) : []
  }

  async #current(): ReturnType<SessionLine["current"]> {
    await this.#following.living()
    const last = new Map((await lastExecutions({ db: this.#db }, this.#notebook)).map((one) => [one.id, one]))
    // What its worker says is newer.
    for (const one of this.#following.executions.values()) last.set(one.id, one)
    return { session: this.#following.view, executions: [...last.values()] }
  }
}
