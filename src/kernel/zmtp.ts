/**
 * ZMTP 3.0 with the NULL mechanism, the client's side of it: what libzmq speaks on a socket.
 * Source: ZeroMQ RFC 23 (framing, greeting, NULL handshake, subscriptions as messages that begin with 1).
 */

import { joined } from "#base/bytes.ts"

const MORE = 1
const LONG = 2
const COMMAND = 4
const GREETING_BYTES = 64
const SIGNATURE_END = 9

/** Frames at least this long are gathered in a buffer of their own while they arrive. */
const GATHERED_BYTES = 65_536
/** No peer may make us reserve more than this for one frame. */
const LARGEST_FRAME_BYTES = 2 ** 31

const encoder = new TextEncoder()

/** Subscribes to everything: a message of one byte, 1, and no topic. */
export const SUBSCRIBE_ALL: Uint8Array = new Uint8Array([0, 1, 1])

/** What both sides say first: signature, version 3.0, mechanism NULL. */
export function greeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_BYTES)
  bytes[0] = 0xff
  bytes[SIGNATURE_END - 1] = 1
  bytes[SIGNATURE_END] = 0x7f
  bytes[SIGNATURE_END + 1] = 3
  bytes.set(encoder.encode("NULL"), 12)
  return bytes
}

/** The READY command that ends the handshake. */
export function readyCommand(socketType: "DEALER" | "SUB", identity: string): Uint8Array {
  const properties = [property("Socket-Type", socketType), ...(identity === "" ? [] : [property("Identity", identity)])]
  const body = joined([new Uint8Array([5]), encoder.encode("READY"), ...properties])
  return joined([frameHead(COMMAND, body.length), body])
}

/** One message of several parts, as bytes. */
export function messageBytes(parts: readonly Uint8Array[]): Uint8Array {
  return joined(parts.flatMap((part, i) => [frameHead(i < parts.length - 1 ? MORE : 0, part.length), part]))
}

type Gathering = { readonly bytes: Uint8Array; filled: number; readonly flags: number }

/** What the decoder found. */
export type Heard = {
  /** The peer's handshake is over: we may send. */
  onReady(): void
  /** A whole message. Its parts are its own: nothing writes into them later. */
  onMessage(parts: Uint8Array[]): void
}

/** How to get memory, handed in because the fastest way differs by runtime. None of the three gives memory that is used elsewhere. */
export type Memory = {
  copy(bytes: Uint8Array): Uint8Array
  join(pieces: readonly Uint8Array[]): Uint8Array
  /** `size` bytes of any content. */
  reserve(size: number): Uint8Array
}

/**
 * Decodes what a peer sends, in whatever pieces it arrives. `feed` may be given a buffer that is reused afterwards.
 * @throws Error when the peer does not speak ZMTP 3 with NULL, or announces a frame of more than 2 GiB
 */
export class ZmtpDecoder {
  readonly #heard: Heard
  readonly #memory: Memory
  #hasGreeted = false
  #rest: Uint8Array | undefined
  #large: Gathering | undefined
  #parts: Uint8Array[] = []

  constructor(heard: Heard, memory: Memory) {
    this.#heard = heard
    this.#memory = memory
  }

  feed(piece: Uint8Array): void {
    const left = this.#large ? this.#fill(this.#large, piece) : piece
    if (left.length === 0) return
    const data = this.#rest ? this.#memory.join([this.#rest, left]) : this.#memory.copy(left)
    const end = this.#hasGreeted ? this.#frames(data, 0) : this.#greet(data)
    this.#rest = end < data.length ? data.subarray(end) : undefined
  }

  #fill(large: Gathering, piece: Uint8Array): Uint8Array {
    const count = Math.min(piece.length, large.bytes.length - large.filled)
    large.bytes.set(count === piece.length ? piece : piece.subarray(0, count), large.filled)
    large.filled += count
    if (large.filled === large.bytes.length) {
      this.#large = undefined
      this.#frame(large.flags, large.bytes)
    }
    return piece.subarray(count)
  }

  #greet(data: Uint8Array): number {
    if (data.length < GREETING_BYTES) return 0
    const mechanism = String.fromCharCode(...data.subarray(12, 16))
    if (data[0] !== 0xff || data[SIGNATURE_END] !== 0x7f || (data[SIGNATURE_END + 1] ?? 0) < 3 || mechanism !== "NULL") {
      throw new Error("The peer does not speak ZMTP 3 without encryption.")
    }
    this.#hasGreeted = true
    return this.#frames(data, GREETING_BYTES)
  }

  /** Takes every whole frame from `at` on; gives where the first incomplete one begins. */
  #frames(data: Uint8Array, from: number): number {
    let at = from
    for (;;) {
      const left = data.length - at
      if (left < 2) return at
      const flags = data[at]!
      const isLong = (flags & LONG) !== 0
      if (isLong && left < 9) return at
      const size = isLong ? longSize(data, at + 1) : data[at + 1]!
      const start = at + (isLong ? 9 : 2)
      if (start + size > data.length) return this.#startLarge(flags, size, data.subarray(start)) ? data.length : at
      at = start + size
      this.#frame(flags, data.subarray(start, at))
    }
  }

  #startLarge(flags: number, size: number, begun: Uint8Array): boolean {
    if (size < GATHERED_BYTES) return false
    const bytes = this.#memory.reserve(size)
    bytes.set(begun)
    this.#large = { bytes, filled: begun.length, flags }
    return true
  }

  #frame(flags: number, body: Uint8Array): void {
    // The only command that NULL knows is READY; the rest (ERROR, heartbeats of 3.1) asks for no answer from a 3.0 peer.
    if (flags & COMMAND) {
      if (String.fromCharCode(...body.subarray(1, 6)) === "READY") this.#heard.onReady()
      return
    }
    this.#parts.push(body)
    if (flags & MORE) return
    const parts = this.#parts
    this.#parts = []
    this.#heard.onMessage(parts)
  }
}

function longSize(data: Uint8Array, at: number): number {
  let size = 0
  for (let i = 0; i < 8; i++) size = size * 256 + data[at + i]!
  if (size > LARGEST_FRAME_BYTES) throw new Error(`The peer announced a frame of ${size} bytes.`)
  return size
}

function frameHead(flags: number, size: number): Uint8Array {
  if (size < 256) return new Uint8Array([flags, size])
  const head = new Uint8Array(9)
  head[0] = flags | LONG
  for (let i = 8, rest = size; i > 0; i--, rest = Math.floor(rest / 256)) head[i] = rest % 256
  return head
}

function property(name: string, value: string): Uint8Array {
  const text = encoder.encode(value)
  const size = new Uint8Array(4)
  size[3] = text.length
  return joined([new Uint8Array([name.length]), encoder.encode(name), size, text])
}
