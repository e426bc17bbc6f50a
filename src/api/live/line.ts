/** One socket of one person in one notebook, from its opening to its end. */
import type { FastifyRequest } from "fastify"
import { WebSocket } from "ws"
import * as Y from "yjs"
import { limiter } from "#api/guard/rate.ts"
import { type Asker, answerAsk } from "#api/live/asks.ts"
import { type Frame, haveFrame, presenceFrame, readFrame, updateFrame } from "#api/live/frames.ts"
import { type Rights, type Standing, watchRights } from "#api/live/rights.ts"
import type { Room, Rooms, Seat } from "#api/live/room.ts"
import { type Allowed, CLOSED, type Tell } from "#api/live.ts"
import { knownOf } from "#api/serve/context.ts"
import type { Api } from "#api/serve/handler.ts"
import { jsonText } from "#api/wire/json-text.ts"
import { isFault } from "#base/fault.ts"
import { turns } from "#base/turns.ts"
import { DRAFT_RULES } from "#draft/index.ts"
import { getNotebook, type NotebookRights, type NotebookRow } from "#library/index.ts"
import type { Actor } from "#people/index.ts"
import { findOrigin, type SessionLine } from "#work/index.ts"

export type Opening = { readonly api: Api; readonly rooms: Rooms; readonly socket: WebSocket; readonly request: FastifyRequest }

/** Waiting to be sent to somebody who takes nothing: they come back and get the whole. */
const MOST_WAITING_BYTES = 32 * 1024 * 1024
/** What one socket may send: frames, and kilobytes in them. */
const FRAMES = { burst: 600, perSecond: 120 }
const KILOBYTES = { burst: 64 * 1024, perSecond: 1024 }

/** Frames that come before everything is ready wait their turn. */
export function openLine(opening: Opening): void {
  const { socket, api } = opening
  const ready = begin(opening)
  const frames = limiter(FRAMES, () => api.world.clock.steady())
  const kilobytes = limiter(KILOBYTES, () => api.world.clock.steady())
  let turn: Promise<unknown> = ready
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (frames.ask("") > 0 || kilobytes.ask("", Math.ceil(data.length / 1024)) > 0) return socket.close(CLOSED.tooFast, "too much at once")
    turn = turn
      .then(() => ready)
      .then((line) => line?.hear(data, isBinary))
      .catch((error: unknown) => broke(opening, error))
  })
  socket.on("error", () => socket.terminate())
  socket.on(
    "close",
    // What was said before it closed is heard: whoever runs a cell and reloads at once has run it.
    () =>
      void turn
        .then(() => ready)
        .then(
          (line) => line?.end(),
          () => undefined,
        ),
  )
  ready.catch((error: unknown) => broke(opening, error))
}

function broke({ api, socket, request }: Opening, error: unknown): void {
  const isPassing = isFault(error) && error.retry === "later"
  if (!isPassing) api.world.log({ level: "warn", message: "a notebook's socket broke", requestId: request.id, error })
  socket.close(CLOSED.serverEnds, isPassing ? "not possible at the moment" : "something failed here")
}

type Hearing = { hear(data: Buffer, isBinary: boolean): Promise<void>; end(): void }

/** Undefined when the socket was closed because they may not. */
async function begin(opening: Opening): Promise<Hearing | undefined> {
  const { api, socket, request } = opening
  const { actor } = knownOf(request)
  if (!actor) return shut(socket, CLOSED.notSignedIn, "sign in first")
  const found = await getNotebook(api.world.library.db, actor, (request.params as { readonly notebook: string }).notebook)
  if (!found.ok || found.value.trashedAt !== null) return shut(socket, CLOSED.gone, "no such notebook")
  const line = new Connection(opening, actor, found.value)
  const standing = await line.rights.now()
  if (typeof standing === "string" || !standing.mayRead) {
    line.end()
    return shut(socket, CLOSED.mayNot, "you may not read this notebook")
  }
  try {
    await line.enter(standing)
  } catch (error) {
    line.end()
    throw error
  }
  return line
}

function shut(socket: WebSocket, code: number, why: string): undefined {
  socket.close(code, why)
}

class Connection implements Hearing, Seat {
  readonly actor: Actor
  readonly rules: number
  readonly rights: Rights
  readonly #opening: Opening
  readonly #notebook: NotebookRow
  readonly #session: SessionLine | undefined
  readonly #inTurn = turns()
  /** What was asked and is not answered yet. */
  readonly #asked = new Set<Promise<void>>()
  #room: Room | undefined
  #stopSession: () => void = () => {}
  #told: string | undefined
  #isOver = false
  /** An edit was refused: what follows builds on it, until the document is asked for anew. */
  #isAstray = false

  constructor(opening: Opening, actor: Actor, notebook: NotebookRow) {
    this.actor = actor
    // Pages of before there were numbers say none.
    this.rules = Number((opening.request.query as { readonly rules?: string }).rules ?? 0)
    this.#opening = opening
    this.#notebook = notebook
    this.#session = opening.api.world.link?.session(notebook.id)
    this.rights = watchRights(opening.api, { actor, notebook: notebook.id, request: opening.request, changed: (standing) => this.#judge(standing) })
  }

  async enter(rights: NotebookRights): Promise<void> {
    const room = await this.#opening.rooms.enter(this.#notebook.id, this)
    this.#room = room
    if (this.#isOver) return room.leave(this)
    const [saved, origin] = await Promise.all([room.saved(), findOrigin(this.#opening.api.world.library.db, this.#notebook.id)])
    // Last, and listened to in the same breath: what is told in between would be told to everybody but this one.
    const { session, executions } = (await this.#session?.current()) ?? { session: null, executions: [] }
    const { id, name } = this.actor
    this.#told = rightsKey(rights)
    const more = { ...(origin ? { isOpenedLive: true } : {}), ...(this.rules === DRAFT_RULES ? {} : { isPageOld: true }) }
    this.tell({ tell: "welcome", you: { id, name, ...allowedBy(rights) }, session, executions, saved, ...more })
    this.#stopSession = this.#session?.listen((told) => this.tell(told)) ?? this.#stopSession
    for (const widget of (await this.#session?.widgets()) ?? []) this.tell(widget)
    await room.draft.kept()
    this.send(haveFrame(Y.encodeStateVector(room.draft.doc)))
    const there = room.presence.all()
    if (there.length > 0) this.send(presenceFrame(there))
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.rights.stop()
    this.#stopSession()
    this.#room?.leave(this)
    // What was asked for is done, though nobody waits for the answer any more.
    void Promise.allSettled(this.#asked).then(() => this.#session?.close())
  }

  lost(): void {
    this.#opening.socket.close(CLOSED.serverEnds, "the draft is handed over")
  }

  tell(what: Tell): void {
    this.#put(textOf(what))
  }

  send(frame: Uint8Array): void {
    this.#put(frame)
  }

  #put(data: string | Uint8Array): void {
    const { socket } = this.#opening
    if (socket.readyState !== WebSocket.OPEN) return
    socket.send(data)
    if (socket.bufferedAmount > MOST_WAITING_BYTES) socket.terminate()
  }

  async hear(data: Buffer, isBinary: boolean): Promise<void> {
    const room = this.#room
    if (!room || this.#isOver) return
    const standing = await this.rights.now()
    if (typeof standing === "string" || !standing.mayRead) return
    if (!isBinary) return this.#ask(room, data)
    const frame = readFrame(data)
    if (!frame) return this.#astray("bad_frame", "This was no message that the server knows.")
    await this.#frame(room, frame, standing)
  }

  async #frame(room: Room, frame: Frame, standing: NotebookRights): Promise<void> {
    if (frame.kind === "have") {
      this.#isAstray = false
      await room.draft.kept()
      return this.send(updateFrame(Y.encodeStateAsUpdate(room.draft.doc, frame.vector), true))
    }
    if (frame.kind === "awareness") {
      const told = room.presence.say(
        this,
        this.actor,
        frame.states.filter(({ client }) => room.draft.claim(client, this)),
      )
      if (told.length > 0) room.tellOthers(this, presenceFrame(told))
      return
    }
    if (this.#isAstray || saysNothing(frame.update)) return
    if (!standing.mayEdit)
      return this.#astray("not_allowed", "You may not change this notebook: ask an administrator of its space for the role that may.")
    const taken = room.draft.take(this, frame.update)
    if (!taken.ok) return this.#astray(taken.refusal.refused, taken.refusal.message)
    room.draft.edited(this.actor)
    taken.value.then(
      () => this.tell({ tell: "kept" }),
      // They are sent to open the draft again, and bring with them what was not kept.
      () => undefined,
    )
  }

  #astray(reason: string, message: string): void {
    this.#isAstray = true
    this.tell({ tell: "resync", reason, message })
  }

  /** Answers come when they come: a kernel that is slow holds no edit up. */
  #ask(room: Room, data: Buffer): void {
    const { api } = this.#opening
    const asker: Asker = {
      api,
      actor: this.actor,
      notebook: this.#notebook,
      room,
      session: this.#session,
      inTurn: this.#inTurn,
      tell: (what) => this.tell(what),
    }
    const answered: Promise<void> = answerAsk(asker, data.toString("utf8"))
      .catch((error: unknown) => broke(this.#opening, error))
      .finally(() => this.#asked.delete(answered))
    this.#asked.add(answered)
  }

  #judge(standing: Standing): void {
    const { socket } = this.#opening
    if (standing === "not_signed_in") return socket.close(CLOSED.notSignedIn, "signed out")
    if (standing === "gone") return socket.close(CLOSED.gone, "no such notebook")
    if (!standing.mayRead) {
      this.tell({ tell: "rights", mayComment: false, mayRun: false, mayEdit: false })
      return socket.close(CLOSED.mayNot, "you may not read this notebook")
    }
    if (this.#told === undefined || this.#told === rightsKey(standing)) return
    this.#told = rightsKey(standing)
    this.tell({ tell: "rights", ...allowedBy(standing) })
  }
}

/** What a document answers that has nothing the other lacks. */
function saysNothing(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}

function allowedBy({ mayComment, mayRun, mayEdit }: NotebookRights): Allowed {
  return { mayComment, mayRun, mayEdit }
}

function rightsKey({ mayComment, mayRun, mayEdit }: NotebookRights): string {
  return `${mayComment} ${mayRun} ${mayEdit}`
}

// What is told to fifty people is written as text once.
const TEXTS = new WeakMap<Tell, string>()

function textOf(what: Tell): string {
  const known = TEXTS.get(what)
  if (known !== undefined) return known
  const text = jsonText(what)
  TEXTS.set(what, text)
  return text
}
