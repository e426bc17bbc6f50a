/** What is asked over a notebook's socket, each answered once. */

import { clearOutputs, unclearOutputs } from "#api/live/clear.ts"
import type { Room } from "#api/live/room.ts"
import { type Answers, Ask, CONSOLE, type ExecutionView, type Tell } from "#api/live.ts"
import type { Api } from "#api/serve/handler.ts"
import { isFault, toError } from "#base/fault.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { InTurn } from "#base/turns.ts"
import { sourceDigest } from "#draft/index.ts"
import { type NotebookRow, notebookRights, showIn } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import type { SessionLine, SessionView, StartOptions } from "#work/index.ts"

export type Asker = {
  readonly api: Api
  readonly actor: Actor
  readonly notebook: NotebookRow
  readonly room: Room
  readonly session: SessionLine | undefined
  /** Cells run in the order in which they were asked for, also where one waits for its source, or for a kernel. */
  readonly inTurn: InTurn
  tell(what: Tell): void
}

type Refusal = { readonly refused: string; readonly message: string; readonly remedy?: string }
type Answer = Outcome<Answers[keyof Answers] | null | undefined, Refusal>
type RunAsk = Extract<Ask, { readonly do: "run" }>
type SessionAsk = Exclude<Ask, { readonly do: "save" | "restore" | "run" | "clear" | "unclear" | "execute" | "query" }>
type ConsoleAsk = Extract<Ask, { readonly do: "execute" | "query" }>

export async function answerAsk(line: Asker, text: string): Promise<void> {
  const given = jsonOf(text)
  const parsed = Ask.safeParse(given)
  if (!parsed.success) {
    const id = typeof given === "object" && given !== null && "id" in given && Number.isSafeInteger(given.id) ? (given.id as number) : -1
    const problem = parsed.error.issues[0]
    return line.tell(failed(id, "bad_request", `This cannot be asked: ${problem?.path.join(".") || "it"} is not as it should be.`))
  }
  const ask = parsed.data
  try {
    const answer = await answered(line, ask)
    if (!answer.ok) return line.tell(failed(ask.id, answer.refusal.refused, answer.refusal.message, answer.refusal.remedy))
    const { value } = answer
    line.tell({ tell: "answer", id: ask.id, ok: true, ...(value === null || value === undefined ? {} : { value }) })
  } catch (error) {
    line.tell(brokenAnswer(line, ask, error))
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function failed(id: number, code: string, message: string, remedy = ""): Tell {
  return { tell: "answer", id, ok: false, code, message, remedy }
}

function brokenAnswer({ api, notebook }: Asker, ask: Ask, error: unknown): Tell {
  if (isFault(error) && error.retry === "later") return failed(ask.id, error.code, error.message, error.remedy || "Try again in a moment.")
  api.world.log({ level: "error", message: `an ask failed: ${ask.do}`, notebook: notebook.id, error: toError(error) })
  return failed(ask.id, "failed", "The server met something it was not made for.", "Try again; if it stays so, tell whoever runs this server.")
}

async function answered(line: Asker, ask: Ask): Promise<Answer> {
  const { room, actor } = line
  if (ask.do === "save") {
    const { message, label } = ask
    const saved = await room.draft.save(actor, { ...(message === undefined ? {} : { message }), ...(label === undefined ? {} : { label }) })
    if (!saved.ok) return saved
    await room.look()
    return accepted({ version: saved.value.version.number, created: saved.value.created })
  }
  if (ask.do === "restore") {
    const restored = await room.draft.restore(actor, ask.version)
    if (!restored.ok) return restored
    room.draft.edited(actor)
    const told = { version: restored.value.version.number, before: restored.value.before.number }
    // Whoever types in it sees all of it change at once.
    for (const seat of room.seats) if (seat.actor.id !== actor.id) seat.tell({ tell: "restored", ...told, by: actor.name })
    return accepted(told)
  }
  if (ask.do === "clear" || ask.do === "unclear") return cleared(line, ask)
  if (!line.session)
    return refused({ refused: "not_supported", message: "No worker is connected to this server, so that nothing can be run.", remedy: "Start one." })
  if (ask.do === "execute" || ask.do === "query") return atConsole(line, line.session, ask)
  const { session } = line
  return ask.do === "run" ? line.inTurn(() => run(line, session, ask)) : asked(line, session, ask)
}

async function cleared({ api, room, actor, notebook }: Asker, ask: Extract<Ask, { readonly do: "clear" | "unclear" }>): Promise<Answer> {
  const rights = await notebookRights(api.world.library.db, actor, notebook.id)
  if (!rights?.mayEdit)
    return refused({ refused: "not_allowed", message: "You may not change what this notebook shows.", remedy: "Ask for the role of an editor." })
  if (ask.do === "clear") return accepted({ cleared: await clearOutputs(room, ask.cells, api.world) })
  await unclearOutputs(room, ask.cleared)
  return accepted(undefined)
}

async function asked({ actor, api, notebook, room }: Asker, session: SessionLine, ask: SessionAsk): Promise<Answer> {
  switch (ask.do) {
    case "start":
      return told(await session.start(actor, { environment: ask.environment, ...asWritten(room) }))
    case "interrupt":
      return session.interrupt(actor)
    case "restart":
      return session.restart(actor)
    case "stop":
      return session.stop(actor)
    case "unqueue":
      return session.unqueue(actor, ask.executions)
    case "input":
      return session.input(actor, { execution: ask.execution, value: ask.value })
    case "complete":
      return session.complete(actor, { code: ask.code, cursor: ask.cursor })
    case "inspect":
      return session.inspect(actor, { code: ask.code, cursor: ask.cursor, detail: ask.detail })
    case "variables":
      return session.variables(actor)
    case "variable":
      return session.variable(actor, ask.name)
    case "comm":
      return session.comm(actor, { commId: ask.commId, data: ask.data, buffers: ask.buffers })
    case "outputs":
      return session.outputs(ask.execution)
    default:
      throw new Error(`an ask of ${notebook.id} that nobody answers at ${api.url.host}: ${JSON.stringify(ask satisfies never)}`)
  }
}

/** Of the draft as it stands, saved or not: which kernel it is for, and which packages its cells ask for. */
function asWritten({ draft: { draft } }: Asker["room"]): Pick<StartOptions, "metadata" | "lists"> {
  const lists = draft.cells().flatMap(({ type, text }) => (type === "code" && text.includes("# /// script") ? [text] : []))
  return { metadata: draft.metadata(), lists }
}

function told(outcome: Outcome<SessionView, Refusal>): Answer {
  return outcome
}

const MEANT_MS = 2000

/** The source that is meant is run or nothing: an edit that is on the way is waited for. */
async function run(line: Asker, session: SessionLine, { cells, stopOnError, isAll }: RunAsk): Promise<Answer> {
  const { actor, api, room } = line
  const meant: { readonly cell: string; readonly source: string; readonly sourceSha256: string }[] = []
  const until = performance.now() + (api.options.meantMs ?? MEANT_MS)
  for (const { cell, sourceSha256 } of cells) {
    const source = await sourceMeant(room.draft, { cell, sourceSha256, until })
    if (source === undefined) return otherSource(cell)
    meant.push({ cell, source, sourceSha256 })
  }
  if (isAll) void saveWhatRuns(line)
  const queued = await session.run(actor, meant, { stopOnError, ...asWritten(room) })
  if (!queued.ok) return queued
  await show(line, queued.value)
  return queued
}

const SHOWN_WITHIN_MS = 10_000
const SHOW_AGAIN_MS = 200

/** They run by now: when the draft is lost in this moment it is opened anew for it, or nobody would ever see what they show. */
async function show({ api, room, notebook }: Asker, executions: readonly ExecutionView[]): Promise<void> {
  const put = ({ draft, change }: Room["draft"]) =>
    change((doc) => {
      for (const { id, cell } of executions) if (!isLater(draft.cell(cell)?.shows, id)) showIn(doc, cell, `execution:${id}`)
    })
  const until = performance.now() + SHOWN_WITHIN_MS
  for (let held: Room["draft"] | undefined = room.draft; ; held = undefined) {
    try {
      if (held) return await put(held)
      const draft = await api.drafts.open(notebook.id)
      return await put(draft).finally(() => draft.close())
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, SHOW_AGAIN_MS))
    }
  }
}

/** Ids are in the order of time. */
function isLater(shows: string | undefined, id: string): boolean {
  return shows !== undefined && shows.startsWith("execution:") && shows > `execution:${id}`
}

/** Beside the run, which waits for no version; who may run and not edit makes none. */
async function saveWhatRuns({ api, actor, notebook, room }: Asker): Promise<void> {
  try {
    const saved = await room.draft.save(actor, {})
    if (saved.ok) await room.look()
  } catch (error) {
    api.world.log({ level: "warn", message: "running all made no version", notebook: notebook.id, error: toError(error) })
  }
}

/** Any code at all: it takes the right to edit, at this moment. */
async function atConsole({ api, actor, notebook, room, inTurn }: Asker, session: SessionLine, ask: ConsoleAsk): Promise<Answer> {
  const rights = await notebookRights(api.world.library.db, actor, notebook.id)
  if (!rights?.mayEdit)
    return refused({
      refused: "not_allowed",
      message: "A console runs any code, which takes the right to edit this notebook.",
      remedy: "Ask for the role of an editor.",
    })
  if (ask.do === "query") return session.query(actor, { type: ask.type, content: ask.content })
  const cells = [{ cell: CONSOLE, source: ask.code, sourceSha256: sourceDigest(ask.code) }]
  const queued = await inTurn(() => session.run(actor, cells, { stopOnError: false, ...asWritten(room) }))
  if (!queued.ok) return queued
  const [one] = queued.value
  return one ? accepted(one) : refused({ refused: "wrong_state", message: "The session took nothing.", remedy: "Try again." })
}

function otherSource(cell: string): Answer {
  const message = `The cell ${cell} says something else at the server than where it was run from: your last edit has not come here, or somebody else has changed it.`
  return refused({ refused: "source_differs", message, remedy: "Look at the cell, then run it again." })
}

type Meant = { readonly cell: string; readonly sourceSha256: string; readonly until: number }

async function sourceMeant({ draft }: Room["draft"], { cell, sourceSha256, until }: Meant): Promise<string | undefined> {
  const now = () => {
    const text = draft.cell(cell)?.text
    return text !== undefined && sourceDigest(text) === sourceSha256 ? text : undefined
  }
  const found = now()
  if (found !== undefined) return found
  return new Promise((resolve) => {
    const finish = (source: string | undefined) => {
      clearTimeout(timer)
      stop()
      resolve(source)
    }
    const stop = draft.observe(({ cells }) => {
      const source = cells.has(cell) ? now() : undefined
      if (source !== undefined) finish(source)
    })
    const timer = setTimeout(() => finish(undefined), Math.max(0, until - performance.now()))
  })
}
