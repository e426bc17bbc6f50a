/**
 * How server and worker speak: frames of a length (4 bytes, little-endian) and so many bytes of JSON, on a connection whose ends
 * have proved to each other that they hold the platform's key. Nothing is said before that but nonces, and little is listened to.
 *
 *     worker  { worker, nonce }
 *     server  { nonce, proof }    proof = digest("stet link server" · both nonces · worker)
 *     worker  { proof }           proof = digest("stet link worker" · both nonces · worker)
 */
import type { Random } from "#base/id.ts"
import type { Seal } from "#work/ports.ts"

/** One connection. What is sent is delivered in order or the connection closes. */
export interface Wire {
  send(bytes: Uint8Array): void
  /** Bytes that were sent and wait for the other side to take them. */
  readonly backlogBytes: number
  /** One listener each. */
  onBytes(listener: (bytes: Uint8Array) => void): void
  onDrain(listener: () => void): void
  onClose(listener: () => void): void
  close(): void
}

/** @throws Error when nobody is there */
export type Dial = (address: string) => Promise<Wire>

const PREFIX_BYTES = 4
const STRANGER_BYTES = 4096
const FRIEND_BYTES = 512 * 1024 * 1024
const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()

export function frame(value: unknown): Uint8Array {
  const body = ENCODER.encode(JSON.stringify(value))
  const bytes = new Uint8Array(PREFIX_BYTES + body.length)
  new DataView(bytes.buffer).setUint32(0, body.length, true)
  bytes.set(body, PREFIX_BYTES)
  return bytes
}

/** Takes bytes as they come and gives whole frames. @throws Error for a frame that is too long or no JSON */
export class Frames {
  #most = STRANGER_BYTES
  #pieces: Uint8Array[] = []
  #size = 0

  /** The other side is known: it may say more at once. */
  trust(): void {
    this.#most = FRIEND_BYTES
  }

  *feed(bytes: Uint8Array): Generator<unknown> {
    this.#pieces.push(bytes)
    this.#size += bytes.length
    for (;;) {
      if (this.#size < PREFIX_BYTES) return
      const length = lengthAt(this.#joined(PREFIX_BYTES))
      if (length > this.#most) throw new Error(`a frame of ${length} bytes is too long`)
      if (this.#size < PREFIX_BYTES + length) return
      const whole = this.#joined(PREFIX_BYTES + length)
      this.#pieces[0] = whole.subarray(PREFIX_BYTES + length)
      this.#size -= PREFIX_BYTES + length
      yield JSON.parse(DECODER.decode(whole.subarray(PREFIX_BYTES, PREFIX_BYTES + length)))
    }
  }

  /** The first piece, with at least so many bytes in it. */
  #joined(least: number): Uint8Array {
    const [first] = this.#pieces
    if (first && first.length >= least) return first
    const joined = new Uint8Array(this.#size)
    let at = 0
    for (const piece of this.#pieces) {
      joined.set(piece, at)
      at += piece.length
    }
    this.#pieces = [joined]
    return joined
  }
}

function lengthAt(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, PREFIX_BYTES).getUint32(0, true)
}

/** A connection whose other end is known. */
export type Talk = {
  readonly wire: Wire
  say(value: unknown): void
  /** Every frame since the other side was known. */
  onFrame(listener: (value: unknown) => void): void
  onClose(listener: () => void): void
}

export type Proving = { readonly seal: Pick<Seal, "digest">; readonly random: Random; readonly after: (ms: number, then: () => void) => () => void }

const PROVE_WITHIN_MS = 5_000

type Said = { readonly worker?: unknown; readonly nonce?: unknown; readonly proof?: unknown }

/** The worker's side. @throws Error when the other one cannot prove itself */
export function welcome(wire: Wire, worker: string, proving: Proving): Promise<Talk> {
  const nonce = nonceOf(proving)
  return proved(wire, proving, (talk) => {
    talk.say({ worker, nonce })
    return (said) => {
      const both = `${nonce} ${textOf(said.nonce)} ${worker}`
      if (!isSame(textOf(said.proof), proving.seal.digest(`stet link server ${both}`))) throw new Error("it does not hold the key")
      talk.say({ proof: proving.seal.digest(`stet link worker ${both}`) })
      return true
    }
  })
}

/** The server's side. @throws Error when the other one cannot prove itself, or is another worker */
export function greet(wire: Wire, worker: string, proving: Proving): Promise<Talk> {
  const nonce = nonceOf(proving)
  let both = ""
  return proved(wire, proving, (talk) => (said) => {
    if (both === "") {
      if (said.worker !== worker) throw new Error("another worker is there")
      both = `${textOf(said.nonce)} ${nonce} ${worker}`
      talk.say({ nonce, proof: proving.seal.digest(`stet link server ${both}`) })
      return false
    }
    if (!isSame(textOf(said.proof), proving.seal.digest(`stet link worker ${both}`))) throw new Error("it does not hold the key")
    return true
  })
}

/** Until `hear` says that the other side has proved itself. */
function proved(wire: Wire, { after }: Proving, begin: (talk: Talk) => (said: Said) => boolean): Promise<Talk> {
  return new Promise((resolve, reject) => {
    const frames = new Frames()
    let listener: ((value: unknown) => void) | undefined
    let isProved = false
    const early: unknown[] = []
    let closed: (() => void) | undefined
    let isOver = false
    const fail = (error: Error) => {
      if (isOver) return
      isOver = true
      stop()
      wire.close()
      reject(error)
    }
    const stop = after(PROVE_WITHIN_MS, () => fail(new Error("it did not prove in time that it holds the key")))
    const talk: Talk = {
      wire,
      say: (value) => wire.send(frame(value)),
      onFrame: (then) => {
        listener = then
        for (const value of early.splice(0)) then(value)
      },
      onClose: (then) => {
        closed = then
      },
    }
    wire.onClose(() => {
      fail(new Error("the connection was closed"))
      closed?.()
    })
    const hear = begin(talk)
    const take = (value: unknown) => {
      if (listener) return listener(value)
      if (isProved) return void early.push(value)
      if (typeof value !== "object" || value === null || !hear(value as Said)) return
      stop()
      frames.trust()
      isProved = true
      resolve(talk)
    }
    wire.onBytes((bytes) => {
      try {
        for (const value of frames.feed(bytes)) take(value)
      } catch (error) {
        fail(error as Error)
      }
    })
  })
}

function nonceOf({ random }: Proving): string {
  return [...random.bytes(32)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 256) : ""
}

/** Takes as long wherever they differ. */
function isSame(given: string, right: string): boolean {
  let difference = given.length ^ right.length
  for (let at = 0; at < right.length; at++) difference |= (given.charCodeAt(at) || 0) ^ right.charCodeAt(at)
  return difference === 0
}
