/**
 * The live connection of one notebook: edits and presence as y-protocols frames, everything else as asks and tells.
 *
 * What is edited while the server is away stays in the document (and in `kept`, should the page go too) and is merged when it is
 * back. The server handles what arrives in order, and answers a question for its edits only when it has put away the ones before:
 * that answer is how one learns that edits are safe, and, being asked for regularly, that the server is still there.
 */
import * as decoding from "lib0/decoding"
import * as encoding from "lib0/encoding"
import { type Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness"
import * as sync from "y-protocols/sync"
import * as Y from "yjs"
import type { Answers, Asked, Tell } from "#api/live.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { CLOSED_WITH as CLOSED } from "#web/notebook/closed-with.ts"
import type { Begun } from "#web/notebook/early.ts"
import type { KeptEdits } from "#web/notebook/kept-edits.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"

/** `away`: it was there, or was tried for, and is not; it is tried again. `over`: it says that there is no point. */
type Line = {
  readonly state: "connecting" | "open" | "away" | "over"
  /** Edits that the server has not confirmed. */
  readonly unconfirmed: boolean
  /** The whole draft has arrived. */
  readonly isSynced: boolean
  /** Why it is over. */
  readonly code: number
}

/** An ask as one writes it: the connection numbers it. */
type Question = Asked extends infer Each ? (Each extends Asked ? Omit<Each, "id"> : never) : never
type Answer<Q extends Question> = Q["do"] extends keyof Answers ? Answers[Q["do"]] : undefined
export type Refused = { readonly code: string; readonly message: string; readonly remedy: string }

export type Live = {
  readonly line: Store<Line>
  readonly ask: <Q extends Question>(question: Q) => Promise<Outcome<Answer<Q>, Refused>>
  /** Tries at once instead of at the next turn. */
  readonly retry: () => void
  readonly close: () => void
}

export type LiveWorld = {
  readonly openSocket: () => WebSocket
  /** A connection that was begun before this page's parts were here, if there is one. */
  readonly takeBegun?: () => Begun | undefined
  readonly after: (ms: number, act: () => void) => () => void
  /** Between 0 and 1. */
  readonly chance: () => number
}

export type LiveOptions = {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly world: LiveWorld
  readonly kept: KeptEdits | null
  readonly hear: (tell: Tell) => void
}

const SYNC = 0
const AWARENESS = 1
/** Together below the ten seconds after which one has to be told. */
const PING_MS = 4_000
const SILENCE_MS = 4_000
const BATCH_MS = 25
const CONFIRM_MS = 400
const FOR_GOOD = new Set<number>([CLOSED.notSignedIn, CLOSED.mayNot, CLOSED.gone])
/** Of what was sent: nobody knows whether it came there. */
const CUT: Refused = {
  code: "away",
  message: "The connection broke before the server had answered.",
  remedy: "What was asked for may be done all the same: look when it is back.",
}
const AWAY: Refused = { code: "away", message: "The server cannot be reached.", remedy: "It is tried again by itself; your edits are kept." }

/** The origin of edits that came over the wire, or were kept from an earlier visit: sent by other means, and nobody's to undo. */
const FROM_SERVER = Symbol("from the server")

export function connectLive(options: LiveOptions): Live {
  const connection = new Connection(options)
  return {
    line: connection.line,
    ask: (question) => connection.ask(question),
    retry: () => connection.retry(),
    close: () => connection.close(),
  }
}

type Unsure = { readonly update: Uint8Array; readonly key: Promise<number | undefined> | undefined }
type Waiting = (answer: Outcome<unknown, Refused>) => void
const NOTHING = () => {}

class Connection {
  readonly line = storeOf<Line>({ state: "connecting", unconfirmed: false, isSynced: false, code: 0 })
  readonly #options: LiveOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #timers = { retry: NOTHING, ping: NOTHING, silence: NOTHING, batch: NOTHING }
  #socket: WebSocket | null = null
  #tries = 0
  #asked = 0
  #isClosed = false
  #batch: Uint8Array[] = []
  /** Edits that the server has not confirmed, and those of them that were sent before the question that is on its way. */
  #unsure: Unsure[] = []
  #questioned: Unsure[] | null = null
  /** There are edits that no question has followed yet. */
  #isDirty = false

  constructor(options: LiveOptions) {
    this.#options = options
    options.doc.on("update", this.#onUpdate)
    options.awareness.on("update", this.#onPresence)
    this.#begin().catch(() => this.#open())
  }

  async #begin(): Promise<void> {
    const entries = (await this.#options.kept?.all()) ?? []
    this.#unsure.push(...entries.map((entry) => ({ update: entry.update, key: Promise.resolve(entry.key) })))
    if (entries.length > 0) Y.applyUpdate(this.#options.doc, Y.mergeUpdates(entries.map((entry) => entry.update)), FROM_SERVER)
    this.#open()
  }

  ask<Q extends Question>(question: Q): Promise<Outcome<Answer<Q>, Refused>> {
    if (!this.#isOpen()) return Promise.resolve(refused(AWAY))
    this.#flush()
    const id = ++this.#asked
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as Waiting)
      this.#socket?.send(JSON.stringify({ id, ...question }))
    })
  }

  retry(): void {
    this.#tries = 0
    const { state, code } = this.line.get()
    // Who was signed out may be signed in again; the other ends are for good.
    if (state === "over" && code === CLOSED.notSignedIn) this.#note({ state: "away" })
    if (this.line.get().state === "away") this.#open()
  }

  close(): void {
    this.#flush()
    removeAwarenessStates(this.#options.awareness, [this.#options.doc.clientID], "closed")
    this.#isClosed = true
    this.#options.doc.off("update", this.#onUpdate)
    this.#options.awareness.off("update", this.#onPresence)
    this.#timers.retry()
    this.#lose(0)
  }

  #isOpen(): boolean {
    return this.#socket !== null && this.#socket.readyState === 1
  }

  #note(part: Partial<Line>): void {
    this.line.change((was) => ({ ...was, ...part }))
  }

  #timed(name: "retry" | "ping" | "silence" | "batch", ms: number, act: () => void): void {
    this.#timers[name]()
    this.#timers[name] = this.#options.world.after(ms, act)
  }

  #send(frame: Uint8Array): void {
    if (this.#isOpen()) this.#socket?.send(frame as Uint8Array<ArrayBuffer>)
  }

  /** One frame for what was edited within some milliseconds: a fast typist is not a flood. */
  #flush(): void {
    this.#timers.batch()
    if (this.#batch.length === 0) return
    const update = this.#batch.length === 1 ? this.#batch[0]! : Y.mergeUpdates(this.#batch)
    this.#batch = []
    this.#unsure.push({ update, key: this.#options.kept?.keep(update).catch(() => undefined) })
    this.#send(framed(SYNC, (encoder) => sync.writeUpdate(encoder, update)))
    if (this.#questioned === null) this.#timed("ping", CONFIRM_MS, this.#question)
  }

  /** Asks for the server's edits: answered, it is there, and has what was sent before. */
  #question = (): void => {
    if (!this.#isOpen() || this.#questioned !== null) return
    this.#flush()
    this.#timers.ping()
    this.#questioned = this.#unsure
    this.#unsure = []
    this.#isDirty = false
    this.#send(framed(SYNC, (encoder) => sync.writeSyncStep1(encoder, this.#options.doc)))
    this.#timed("silence", SILENCE_MS, () => this.#lose(0))
  }

  #confirmed(): void {
    if (this.#questioned && this.#questioned.length > 0) forget(this.#options.kept, this.#questioned)
    this.#questioned = null
    this.#note({ isSynced: true, unconfirmed: this.#isDirty })
    this.#timed("ping", this.#isDirty ? CONFIRM_MS : PING_MS, this.#question)
  }

  #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === FROM_SERVER) return
    this.#isDirty = true
    if (!this.line.get().unconfirmed) this.#note({ unconfirmed: true })
    this.#batch.push(update)
    if (this.#batch.length === 1) this.#timed("batch", BATCH_MS, () => this.#flush())
  }

  #onPresence = (changed: { added: number[]; updated: number[]; removed: number[] }, origin: unknown): void => {
    if (origin === FROM_SERVER) return
    this.#send(presence(this.#options.awareness, [...changed.added, ...changed.updated, ...changed.removed]))
  }

  #onBinary(bytes: Uint8Array): void {
    const { doc, awareness } = this.#options
    const decoder = decoding.createDecoder(bytes)
    const kind = decoding.readVarUint(decoder)
    if (kind === AWARENESS) return applyAwarenessUpdate(awareness, decoding.readVarUint8Array(decoder), FROM_SERVER)
    if (kind !== SYNC) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, SYNC)
    // The whole draft comes in one piece, which nobody needs packed up again as an edit.
    const isWhole = !this.line.get().isSynced
    if (isWhole) doc.off("update", this.#onUpdate)
    const said = sync.readSyncMessage(decoder, encoder, doc, FROM_SERVER)
    if (isWhole) doc.on("update", this.#onUpdate)
    if (encoding.length(encoder) > 1) this.#send(encoding.toUint8Array(encoder))
    if (said === sync.messageYjsSyncStep2) this.#confirmed()
  }

  #onText(text: string): void {
    const tell = JSON.parse(text) as Tell
    if (tell.tell !== "answer") return this.#options.hear(tell)
    const resolve = this.#waiting.get(tell.id)
    this.#waiting.delete(tell.id)
    resolve?.(tell.ok ? accepted(tell.value) : refused({ code: tell.code, message: tell.message, remedy: tell.remedy }))
  }

  #open = (): void => {
    this.#timers.retry()
    if (this.#isClosed || this.#socket) return
    const begun = this.#options.world.takeBegun?.()
    const socket = begun?.socket ?? this.#options.world.openSocket()
    socket.binaryType = "arraybuffer"
    this.#socket = socket
    // A server that takes the connection and says nothing is as good as none.
    this.#timed("silence", SILENCE_MS * 2, () => this.#lose(0))
    socket.onopen = () => this.#socket === socket && this.#onOpen()
    socket.onmessage = (event: MessageEvent) => {
      if (this.#socket === socket) this.#onMessage(event.data)
    }
    socket.onclose = (event: CloseEvent) => this.#socket === socket && this.#lose(event.code)
    if (begun) this.#goOn(begun)
  }

  /** The question that is under way asked for the draft, and confirms no edit of this page's. */
  #goOn({ socket, heard }: Begun): void {
    this.#questioned = []
    this.#isDirty ||= this.#unsure.length > 0
    if (socket.readyState === 1) this.#onOpen()
    for (const data of heard) this.#onMessage(data)
  }

  #onOpen(): void {
    const { awareness, doc } = this.#options
    // It may have got some of these before it went: what it has already changes nothing.
    if (this.#unsure.length > 0)
      this.#send(framed(SYNC, (encoder) => sync.writeUpdate(encoder, Y.mergeUpdates(this.#unsure.map((each) => each.update)))))
    this.#question()
    if (awareness.getLocalState() !== null) this.#send(presence(awareness, [doc.clientID]))
  }

  #onMessage(data: unknown): void {
    this.#tries = 0
    // Taking a connection is not yet answering on it.
    if (this.line.get().state !== "open") this.#note({ state: "open" })
    if (this.#questioned === null) this.#timers.silence()
    else this.#timed("silence", SILENCE_MS, () => this.#lose(0))
    if (typeof data === "string") this.#onText(data)
    else this.#onBinary(new Uint8Array(data as ArrayBuffer))
    if (this.#questioned === null) this.#timers.silence()
  }

  #lose(code: number): void {
    const socket = this.#socket
    this.#socket = null
    this.#unsure = [...(this.#questioned ?? []), ...this.#unsure]
    this.#questioned = null
    this.#timers.ping()
    this.#timers.silence()
    // One that is closed before it stands is complained of in the browser's console.
    if (socket?.readyState === 0) socket.onopen = () => socket.close()
    else if (socket?.readyState === 1) socket.close()
    for (const resolve of this.#waiting.values()) resolve(refused(CUT))
    this.#waiting.clear()
    this.#forgetOthers()
    if (this.#isClosed) return
    if (FOR_GOOD.has(code)) return this.#note({ state: "over", code })
    this.#note({ state: "away", code })
    this.#timed("retry", waitMs(this.#tries++, this.#options.world.chance(), code), this.#open)
  }

  #forgetOthers(): void {
    const { awareness, doc } = this.#options
    const others = [...awareness.getStates().keys()].filter((id) => id !== doc.clientID)
    removeAwarenessStates(awareness, others, FROM_SERVER)
  }
}

async function forget(kept: KeptEdits | null, edits: readonly Unsure[]): Promise<void> {
  const keys = await Promise.all(edits.map((each) => each.key))
  await kept?.forget(keys.filter((key) => key !== undefined)).catch(NOTHING)
}

/** From half a second to eight, each with a share of chance, so that a server that comes back is not run over by everybody at once. */
function waitMs(tries: number, chance: number, code: number): number {
  const base = code === CLOSED.tooFast ? 5_000 : Math.min(8_000, 500 * 2 ** Math.min(tries, 4))
  return base * (0.5 + chance / 2)
}

function framed(kind: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, kind)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

function presence(awareness: Awareness, clients: readonly number[]): Uint8Array {
  return framed(AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [...clients])))
}
