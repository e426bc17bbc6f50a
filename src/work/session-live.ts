/** One live session on its worker: the engine, what it tells, and the copies of it in the database. */

import { type JsonObject, write } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import type { Message } from "#kernel/index.ts"
import {
  type Asked,
  type Execution,
  isExecutionOver,
  isSessionOver,
  type Journal,
  type OutputsNow,
  redactor,
  SESSION_LIMITS,
  SessionDrive,
  type SessionEvent,
  type SessionTold,
  type Started,
  type Timers,
} from "#run/index.ts"
import { keepIn } from "#work/blobs.ts"
import { tooMuchWritten, watchDisk } from "#work/disk-watch.ts"
import type { Placed } from "#work/kept-kernels.ts"
import { patiently } from "#work/patience.ts"
import type { Scratch } from "#work/ports.ts"
import type { SessionSecrets } from "#work/session-asks.ts"
import { fromBase64, toBase64 } from "#work/session-bytes.ts"
import { SessionFiles } from "#work/session-files.ts"
import { keptOf, SessionKeeper } from "#work/session-keep.ts"
import { OutputStore, shown } from "#work/session-outputs.ts"
import { adoptSession, prepareSession, type SessionPreparing } from "#work/session-prepare.ts"
import type { CommTold, ExecutionView, OutputsSnapshot, SessionView, Someone, Told } from "#work/session-view.ts"
import { WaitingInputs } from "#work/session-waiting.ts"
import { keepExecution, nameExecutionBlob } from "#work/sql/session-executions.ts"
import { nameWidgets, tellSession, updateSession } from "#work/sql/session-row.ts"

export type LiveOptions = Omit<SessionPreparing, "startedBy" | "secretText"> & {
  readonly id: string
  readonly worker: string
  readonly startedBy: Someone
  readonly idleMs: number
  readonly inputMs: number
  /** That it may take of the disk. */
  readonly mostDiskBytes: number
  readonly journal: Journal<SessionEvent>
  readonly timers: Timers
  readonly placed: (message: Message, content: number) => Message
  readonly withContent: (message: Message, content: Uint8Array) => Message
  /** The kernel of a run that it goes on with. */
  readonly adopted: Placed | undefined
  readonly secrets: SessionSecrets | undefined
  readonly tell: (line: string) => void
}

/** An execution that is over is told of when it is in the database, or after so long. */
const KEEP_WITHIN_MS = 400
const KEEP_EVERY_MS = 1_000
const WIDGETS_EVERY_MS = 2_000
const WIDGETS_BYTES = 20_000_000

export class LiveSession {
  readonly drive: SessionDrive
  readonly files: SessionFiles
  readonly #options: LiveOptions
  readonly #startedAt: number
  readonly #store: OutputStore
  readonly #keeper: SessionKeeper
  readonly #inputs: WaitingInputs
  readonly #listeners = new Set<(told: Told) => void>()
  readonly #named = new Map<string, Promise<void>>()
  readonly #released: Promise<void>
  #prepared: Placed | undefined
  /** Handed to its first kernel, and kept no longer. */
  #adopted: Placed | undefined
  #secrets: SessionSecrets | undefined
  #telling: Promise<void> = Promise.resolve()
  #stopKeeping: (() => void) | undefined
  #stopWidgets: (() => void) | undefined
  #stopWatching: (() => void) | undefined
  #widgets = ""
  #isAbandoned = false

  constructor(options: LiveOptions) {
    this.#options = options
    const { world, id, notebook, timers, journal, tell } = options
    const keep = keepIn(world.library)
    this.#startedAt = world.clock.now()
    this.files = new SessionFiles({ world, notebook, session: id, tell })
    this.#store = new OutputStore({ keep, name: (execution, blob) => this.#name(execution, blob), read: (span) => journal.read(span) })
    const executionOf = (execution: string) => this.drive.fold.executions.get(execution)
    const outputsOf = (execution: string) => this.drive.telling.outputsOf(execution)
    this.#keeper = new SessionKeeper({ db: world.db, keep, timers, session: id, notebook, store: this.#store, executionOf, outputsOf, tell })
    this.#inputs = new WaitingInputs({ db: world.db, clock: world.clock, timers, notebook, isWatched: () => this.#listeners.size > 0, tell })
    const { startedBy, idleMs, inputMs, placed, withContent, adopted, secrets } = options
    this.#adopted = adopted
    this.#secrets = secrets
    this.drive = new SessionDrive(
      { id, startedBy, limits: { ...SESSION_LIMITS, idleMs, inputMs } },
      {
        journal,
        clock: world.clock,
        timers,
        placed,
        redact: redactor(secrets?.values ?? [], withContent),
        start: () => this.#start(),
        restart: async (kernel) => this.#prepared?.restart(kernel),
        tell: (told) => this.#hear(told),
      },
    )
    this.#released = this.drive.ended.then(() => this.#release())
  }

  get id(): string {
    return this.#options.id
  }

  get notebook(): string {
    return this.#options.notebook
  }

  /** Whose rights it runs with. */
  get startedBy(): Someone {
    return this.#options.startedBy
  }

  /** The language, as the kernel says it. */
  get language(): string {
    const name = this.drive.session.kernel?.languageInfo["name"]
    return typeof name === "string" ? name : (this.#prepared?.language ?? "")
  }

  view(): SessionView {
    const { session } = this.drive
    return {
      id: this.id,
      state: session.status,
      explanation: session.explanation,
      kernelName: session.kernel?.name ?? this.#prepared?.started.name ?? "",
      displayName: session.kernel?.displayName ?? this.#prepared?.started.displayName ?? "",
      language: this.language,
      environment: this.#prepared?.environment.name ?? "",
      startedBy: this.#options.startedBy,
      startedAt: toIso(this.#startedAt),
      features: featuresOf(session.kernel?.features ?? [], this.language),
      ...(session.idleUntil > 0 ? { endsAt: toIso(session.idleUntil) } : {}),
    }
  }

  executions(): readonly ExecutionView[] {
    return [...this.drive.fold.executions.values()].map((one) => this.viewOf(one))
  }

  viewOf(execution: Execution): ExecutionView {
    const over = isExecutionOver(execution) ? this.drive.fold.overflowOf(execution.id) : undefined
    const cut = over ? `${sizeOf(over.bytes + over.dropped)} more that it said are not shown.` : ""
    const { id, cell, sourceSha256, state, executionCount, by, question } = execution
    return {
      id,
      session: this.id,
      cell,
      sourceSha256,
      state,
      explanation: [execution.explanation, cut].filter((part) => part !== "").join(" "),
      executionCount,
      queuedAt: toIso(execution.queuedAt),
      startedAt: execution.busyAt > 0 ? toIso(execution.busyAt) : null,
      endedAt: execution.endedAt > 0 ? toIso(execution.endedAt) : null,
      by,
      input: question ? { prompt: question.prompt, password: question.password } : null,
    }
  }

  run(asked: readonly Asked[]): readonly ExecutionView[] {
    this.drive.ask(asked)
    for (const id of this.drive.fold.superseded()) this.#forget(id)
    return asked.flatMap(({ id }) => this.#viewOf(id) ?? [])
  }

  async snapshot(id: string): Promise<OutputsSnapshot | undefined> {
    if (!this.drive.fold.executions.has(id)) return undefined
    const now: OutputsNow = await this.drive.telling.outputsOf(id)
    const outputs = []
    for (const output of now.outputs) outputs.push(shown(await this.#store.store(id, output), { notebook: this.notebook, execution: id }))
    const execution = this.#viewOf(id)
    return execution && { execution, next: now.next, outputs, overflowBytes: now.overflowBytes }
  }

  comm(commId: string, data: JsonObject, buffers: readonly string[]): void {
    this.drive.comm(commId, data, buffers.map(fromBase64))
  }

  /** Each widget as the message that would open it as it is now. */
  widgets(): readonly CommTold[] {
    return this.drive.fold.outputs.widgets.opened().map(({ commId, target, state, bufferPaths, buffers }) => ({
      tell: "comm",
      type: "comm_open",
      content: { comm_id: commId, target_name: target, data: { state, buffer_paths: bufferPaths } },
      buffers: buffers.map(toBase64),
    }))
  }

  listen(listener: (told: Told) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Somebody else says that it is over: nothing more is written of it. */
  abandon(): void {
    this.#isAbandoned = true
    this.#keeper.giveUp()
    this.drive.stop("It was declared lost, because its worker could not be heard.")
  }

  /** Resolves when it is over and everything of it is where it belongs; false when it is not ours to finish. */
  async finished(): Promise<boolean> {
    await this.#released
    await this.#telling
    if (this.#isAbandoned) return false
    this.#stopKeeping?.()
    await this.#keepWidgets()
    await this.#keeper.close()
    await this.#keepSession()
    return true
  }

  closeJournal(): Promise<void> {
    return this.#options.journal.close()
  }

  // ── the kernel ─────────────────────────────────────────────────────────────────────────────────────

  async #start(): Promise<Started> {
    const before = this.#prepared
    const { startedBy, ...rest } = this.#options
    const [adopted, secrets] = [this.#adopted, this.#secrets]
    this.#adopted = undefined
    this.#secrets = undefined
    const prepared = adopted
      ? await adoptSession(adopted, secrets)
      : await this.#patiently(() => prepareSession({ ...rest, startedBy: startedBy.id, secretText: secrets?.text ?? "" }))
    this.#prepared = prepared
    await this.files.settle(prepared.seat.scratch, prepared)
    before?.seat.scratch.remove()
    this.#watchDisk(prepared.seat.scratch)
    return prepared.started
  }

  /** A database that is away for a moment ends no session before it has begun; what else fails once has failed. */
  #patiently<Value>(act: () => Promise<Value>): Promise<Value> {
    return patiently(act, { timers: this.#options.timers, tries: 1, isPassing: () => !isSessionOver(this.drive.session) })
  }

  #watchDisk(scratch: Scratch): void {
    const { mostDiskBytes: mostBytes, timers } = this.#options
    this.#stopWatching?.()
    this.#stopWatching = watchDisk({ scratch, mostBytes, timers }, () =>
      this.drive.stop(`${tooMuchWritten("session", mostBytes)} Start it again, and write less.`),
    )
  }

  async #release(): Promise<void> {
    this.#stopWatching?.()
    const isOurs = !this.#isAbandoned
    if (isOurs) await this.files.keepAll().catch((error: unknown) => this.#options.tell(`session ${this.id}: ${String(error)}`))
    this.#prepared?.seat.scratch.remove()
  }

  // ── telling ────────────────────────────────────────────────────────────────────────────────────────

  /** In order, though some of it has to be put into the blob store first. */
  #hear(told: SessionTold): void {
    if (told.tell === "comm") return this.#say(commTold(told))
    const act = async () => {
      if (told.tell === "session") return this.#tellSession()
      if (told.tell === "execution") return this.#tellExecution(told.execution)
      const where = { notebook: this.notebook, execution: told.execution }
      const changes = []
      for (const change of told.changes) changes.push(await this.#store.change(where, change))
      this.#keeper.note(told.execution, true)
      this.#say({ tell: "outputs", execution: told.execution, from: told.from, changes })
    }
    this.#telling = this.#telling.then(act).catch((error: unknown) => this.#options.tell(`session ${this.id}: ${String(error)}`))
  }

  #tellSession(): void {
    this.#say({ tell: "session", session: this.view() })
    // Before its kernel is gone: somebody may want the next one.
    if (isSessionOver(this.drive.session)) return void this.#keepSession()
    this.#stopKeeping ??= this.#options.timers.after(KEEP_EVERY_MS, () => {
      this.#stopKeeping = undefined
      void this.#keepSession()
    })
  }

  async #tellExecution(execution: Execution): Promise<void> {
    const isOver = isExecutionOver(execution)
    this.#inputs.hear(execution)
    this.#keeper.note(execution.id, isOver)
    // Should the worker die, it is known what it was doing.
    if (execution.state === "running") void this.#keeper.flush()
    if (isOver) this.#stopWidgets ??= this.#options.timers.after(WIDGETS_EVERY_MS, () => void this.#keepWidgets())
    // Whoever saves a version when a cell is over finds what it showed.
    if (isOver) await this.#within(KEEP_WITHIN_MS, this.#keeper.flush())
    this.#say({ tell: "execution", execution: this.viewOf(execution) })
  }

  #within(ms: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#options.timers.after(ms, resolve)
      void work.finally(() => {
        stop()
        resolve()
      })
    })
  }

  #say(told: Told): void {
    for (const listener of this.#listeners) listener(told)
  }

  /** As they are now, for whoever shows the notebook without a kernel. */
  async #keepWidgets(): Promise<void> {
    this.#stopWidgets?.()
    this.#stopWidgets = undefined
    const saved = this.drive.fold.outputs.widgets.saved()
    const text = saved && write(saved)
    if (text === undefined || text === this.#widgets || text.length > WIDGETS_BYTES) return
    const { world, worker, timers } = this.#options
    const isPassing = () => !this.#isAbandoned
    const act = async () => {
      const { sha256 } = await keepIn(world.library)(new TextEncoder().encode(text))
      await nameWidgets(world.db, { session: this.id, worker, sha256 })
      this.#widgets = text
    }
    await patiently(act, { timers, isPassing }).catch((error: unknown) => this.#options.tell(`session ${this.id}: ${String(error)}`))
  }

  async #keepSession(): Promise<void> {
    const { world, worker, timers } = this.#options
    const { session } = this.drive
    const said = { view: this.view(), environmentSha256: this.#prepared?.environment.sha256, idleUntil: session.idleUntil, endedAt: session.endedAt }
    const act = async () => {
      const isOurs = await updateSession(world.db, worker, said)
      if (isOurs && said.endedAt > 0) await tellSession(world.db, this.notebook)
    }
    const isPassing = () => !this.#isAbandoned && (said.endedAt > 0 || !isSessionOver(this.drive.session))
    await patiently(act, { timers, isPassing }).catch((error: unknown) => this.#options.tell(`session ${this.id}: ${String(error)}`))
  }

  #viewOf(id: string): ExecutionView | undefined {
    const execution = this.drive.fold.executions.get(id)
    return execution && this.viewOf(execution)
  }

  /** The row of an execution is there before what it names. */
  async #name(id: string, blob: { readonly sha256: string; readonly mediaType: string }): Promise<void> {
    const { world, timers } = this.#options
    const execution = this.drive.fold.executions.get(id)
    if (!execution) return
    const none = { outputs: undefined, outputsSha256: undefined, overflowBytes: 0 }
    const isPassing = () => !this.#isAbandoned
    const first =
      this.#named.get(id) ??
      patiently(() => keepExecution(world.db, { ...keptOf(execution, { session: this.id, notebook: this.notebook }), ...none }), {
        timers,
        isPassing,
      })
    this.#named.set(id, first)
    await first
    await patiently(() => nameExecutionBlob(world.db, id, blob), { timers, isPassing })
  }

  #forget(id: string): void {
    void this.#keeper.flush().then(() => {
      this.drive.forget(id)
      this.#named.delete(id)
    })
  }
}

function commTold({ type, content, buffers }: Extract<SessionTold, { tell: "comm" }>): CommTold {
  return { tell: "comm", type: type as CommTold["type"], content, buffers: buffers.map(toBase64) }
}

const EXPLORED = new Set(["python", "r"])

function featuresOf(features: readonly string[], language: string): SessionView["features"] {
  const can: SessionView["features"][number][] = []
  if (features.includes("kernel subshells")) can.push("subshells")
  if (EXPLORED.has(language.toLowerCase())) can.push("variables")
  if (features.includes("debugger")) can.push("debugger")
  return can
}

function sizeOf(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} KB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
