/**
 * Live sessions on a worker, beside its runs: each with a kernel of the pool, a journal of its own and a lease. They end with the
 * worker; what they showed is brought to the database by whoever comes next.
 */
import { toError } from "#base/fault.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { Message } from "#kernel/index.ts"
import { PEOPLE_CHANNEL } from "#people/index.ts"
import { isSessionOver, type Journal, type SessionEvent, type Timers } from "#run/index.ts"
import type { KeptKernels, Placed } from "#work/kept-kernels.ts"
import type { Pool } from "#work/pool.ts"
import type { Host, SessionSpools } from "#work/ports.ts"
import type { Preparing } from "#work/prepare.ts"
import type { Listening, SessionAsk } from "#work/session-asks.ts"
import { completionsAt, type Explorers, inspectionAt, queried, variableOf, variablesOf } from "#work/session-explore.ts"
import { LiveSession } from "#work/session-live.ts"
import { recoverSessions } from "#work/session-recover.ts"
import { noSuchFile, refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import { endRightless } from "#work/session-rights.ts"
import type { Told } from "#work/session-view.ts"
import { loseSessions, prolongSessions } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

export type SessionHostOptions = {
  readonly worker: string
  readonly pool: Pool
  readonly kept: KeptKernels
  readonly preparing: Pick<Preparing, "resolve" | "kernels">
  readonly spools: SessionSpools
  readonly explorers: Explorers
  readonly host: Host
  readonly slots: number
  readonly idleMs: number
  readonly inputMs: number
  readonly mostDiskBytes: number
  readonly leaseMs: number
  /** A connection of its own for heartbeats. */
  readonly heartbeatDb: Db
  readonly timers: Timers
  readonly placed: (message: Message, content: number) => Message
  readonly withContent: (message: Message, content: Uint8Array) => Message
  readonly tell: (line: string) => void
}

type Opening = { readonly journal: Journal<SessionEvent>; readonly adopted: Placed | undefined }
type Answer = Promise<Outcome<unknown, SessionRefusal>>
type Asking<Do extends SessionAsk["do"]> = Extract<SessionAsk, { do: Do }>

export class SessionHost {
  readonly #world: WorkWorld
  readonly #options: SessionHostOptions
  readonly #living = new Map<string, LiveSession>()
  readonly #ending = new Set<Promise<void>>()
  #stopTimers: (() => void)[] = []
  #stopListening: Promise<() => Promise<void>> | undefined
  #isDraining = false
  #isOver = false

  constructor(world: WorkWorld, options: SessionHostOptions) {
    this.#world = world
    this.#options = options
  }

  start(): void {
    const { leaseMs } = this.#options
    void this.#recover()
    this.#every(leaseMs / 4, () => this.#beat())
    this.#every(leaseMs / 3, () => this.#reconcile())
    this.#stopListening = this.#world.listen(PEOPLE_CHANNEL, (person) => this.#judge(person))
    this.#stopListening.catch((error: unknown) => this.#options.tell(`sessions: ${toError(error).message}`))
  }

  get worker(): string {
    return this.#options.worker
  }

  living(): readonly string[] {
    return [...this.#living.keys()]
  }

  /** What is told of a session from now on; undefined when it is not here. */
  listen(id: string, listener: (told: Told) => void): { readonly now: Listening; readonly stop: () => void } | undefined {
    const live = this.#living.get(id)
    if (!live) return undefined
    const stop = live.listen(listener)
    return { now: { session: live.view(), executions: live.executions(), next: [...live.drive.telling.numbers()] }, stop }
  }

  /** Where an execution's changes stand. */
  numberOf(id: string, execution: string): number {
    return this.#living.get(id)?.drive.telling.numbers().get(execution) ?? 0
  }

  async ask(id: string, ask: Exclude<SessionAsk, { do: "listen" | "unlisten" }>): Answer {
    if (ask.do === "start") return this.#begin(id, ask)
    if (ask.do === "let_go") return accepted(this.#options.kept.letGo(ask.run))
    const live = this.#living.get(id)
    if (!live) return refuseSession("no_session", "The session is not there any more.", "Start one.")
    return this.#of(live, ask)
  }

  /** Ends all sessions and takes no new one. */
  async drain(explanation = "The worker that held this session was stopped. Start it again and run the cells that you need."): Promise<void> {
    this.#isDraining = true
    for (const live of this.#living.values()) live.drive.stop(explanation)
    await Promise.all(this.#ending)
    this.#isOver = true
    await this.#stopListening?.then((stop) => stop()).catch(() => undefined)
    for (const stop of this.#stopTimers.splice(0)) stop()
  }

  // ── one session ────────────────────────────────────────────────────────────────────────────────────

  async #begin(id: string, ask: Asking<"start">): Answer {
    const known = this.#living.get(id)
    if (known) return accepted(known.view())
    const { slots, spools, kept } = this.#options
    if (this.#isDraining || this.#living.size >= slots)
      return refuseSession("no_room", "Every place for live sessions is taken on this machine.", "End a session that nobody needs.")
    const adopted = ask.adopts === undefined ? undefined : kept.take(ask.adopts)
    if (ask.adopts !== undefined && !adopted)
      return refuseSession("kernel_gone", "The kernel that the run left is not there any more.", "Replay the run up to its failing cell.")
    const live = this.#open(id, ask, { journal: spools.open(id), adopted })
    this.#living.set(id, live)
    const ending: Promise<void> = this.#untilFinished(live).finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
    // By this worker's own measure from here on.
    void this.#beat().catch((error: unknown) => this.#options.tell(`sessions: ${toError(error).message}`))
    return accepted(live.view())
  }

  #open(id: string, { notebook, by, environment, metadata, lists, secrets }: Asking<"start">, { journal, adopted }: Opening): LiveSession {
    const { pool, preparing, worker, idleMs, inputMs, mostDiskBytes, timers, placed, withContent, tell } = this.#options
    const world = this.#world
    return new LiveSession({
      world,
      pool,
      preparing,
      notebook,
      environment,
      metadata,
      lists,
      adopted,
      secrets,
      id,
      worker,
      startedBy: by,
      idleMs,
      mostDiskBytes,
      inputMs,
      journal,
      timers,
      placed,
      withContent,
      tell,
    })
  }

  async #untilFinished(live: LiveSession): Promise<void> {
    const { spools, tell } = this.#options
    try {
      const isOurs = await live.finished()
      await live.closeJournal()
      if (isOurs) spools.remove(live.id)
    } catch (error) {
      tell(`session ${live.id}: ${toError(error).stack ?? String(error)}`)
    } finally {
      this.#living.delete(live.id)
    }
  }

  async #of(live: LiveSession, ask: Exclude<SessionAsk, { do: "start" | "let_go" | "listen" | "unlisten" }>): Answer {
    const { drive } = live
    if (isSessionOver(drive.session) && ask.do !== "outputs" && ask.do !== "widgets")
      return refuseSession("no_session", drive.session.explanation || "The session has ended.", "Start one.")
    const looking = { drive, language: live.language, explorers: this.#options.explorers }
    switch (ask.do) {
      case "run":
        return run(live, ask)
      case "interrupt":
        return done(() => drive.interrupt(ask.by))
      case "restart":
        return done(() => drive.restart(ask.by))
      case "stop":
        return done(() => drive.stop(`${ask.by.name} ended it.`))
      case "unqueue":
        return done(() => drive.unqueue(ask.executions, ask.by))
      case "input":
        return answer(live, ask)
      case "complete":
        return completionsAt(drive, ask)
      case "inspect":
        return inspectionAt(drive, ask)
      case "query":
        return queried(drive, ask)
      case "variables":
        return variablesOf(looking)
      case "variable":
        return variableOf(looking, ask.name)
      case "comm":
        return done(() => live.comm(ask.commId, ask.data, ask.buffers))
      case "outputs":
        return snapshot(live, ask)
      case "widgets":
        return accepted(live.widgets())
      case "files":
        await live.files.refresh()
        return accepted(live.files.list())
      case "takeFile":
        return takeFile(live, ask.path)
    }
  }

  // ── living ─────────────────────────────────────────────────────────────────────────────────────────

  async #beat(): Promise<void> {
    const { heartbeatDb, worker, leaseMs } = this.#options
    const mine = this.#mine()
    const kept = await prolongSessions(heartbeatDb, worker, { sessions: mine.map(({ id }) => id), leaseMs })
    for (const live of mine) if (!kept.has(live.id) && !isSessionOver(live.drive.session)) live.abandon()
  }

  #mine(): readonly LiveSession[] {
    return [...this.#living.values()].filter(({ drive }) => !isSessionOver(drive.session))
  }

  /** Something about that person has changed; "*": about everybody; undefined: about somebody, but it was missed of whom. */
  #judge(person: string | undefined): void {
    const one = person === "*" ? undefined : person
    endRightless(this.#world, this.#mine(), one).catch((error: unknown) => this.#options.tell(`sessions: ${toError(error).message}`))
  }

  async #reconcile(): Promise<void> {
    await loseSessions(this.#world.db, this.#options.leaseMs)
    await this.#recover()
    // A notebook that is moved or thrown away is told to nobody.
    await endRightless(this.#world, this.#mine())
  }

  async #recover(): Promise<void> {
    const { spools, host, worker, tell } = this.#options
    await recoverSessions({ world: this.#world, spools, host, worker, own: (id) => this.#living.has(id), tell }).catch((error: unknown) =>
      tell(`looking after the sessions of earlier workers failed: ${toError(error).message}`),
    )
  }

  #every(ms: number, act: () => Promise<void>): void {
    const slot = this.#stopTimers.length
    const next = () => {
      if (this.#isOver) return
      this.#stopTimers[slot] = this.#options.timers.after(ms, () => {
        act()
          .catch((error: unknown) => this.#options.tell(`sessions: ${toError(error).message}`))
          .finally(next)
      })
    }
    this.#stopTimers[slot] = () => {}
    next()
  }
}

async function done(act: () => void): Answer {
  act()
  return accepted(null)
}

async function run(live: LiveSession, { executions }: Asking<"run">): Answer {
  const { status, explanation } = live.drive.session
  if (status === "dead") return refuseSession("session_dead", explanation, "Start the kernel again, then run the cells.")
  // What somebody put beside the notebook a moment ago is there for the cell that reads it.
  await live.files.refresh()
  return accepted(live.run(executions))
}

async function takeFile(live: LiveSession, path: string): Answer {
  const file = await live.files.take(path)
  return file ? accepted(file) : noSuchFile(path)
}

async function answer(live: LiveSession, { execution, value, by }: Asking<"input">): Answer {
  if (live.drive.answer(execution, { value, by })) return accepted(null)
  return refuseSession("wrong_state", "That cell does not ask for anything any more.")
}

async function snapshot(live: LiveSession, { execution }: Asking<"outputs">): Answer {
  const now = await live.snapshot(execution)
  return now ? accepted(now) : refuseSession("no_such_execution", "That execution is not there any more.")
}
