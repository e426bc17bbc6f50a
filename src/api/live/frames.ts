/**
 * The binary frames of a notebook's socket, as y-protocols writes them: whole numbers as base-128 varints, bytes with their length
 * before them. 0: sync, then 0 what I have, 1 what you lack, 2 an update. 1: awareness. Pure.
 */

export type Frame =
  /** `vector`: what the sender has already. */
  | { readonly kind: "have"; readonly vector: Uint8Array }
  | { readonly kind: "update"; readonly update: Uint8Array }
  | { readonly kind: "awareness"; readonly states: readonly PresenceState[] }

/** One client's presence; `state` null: gone. */
export type PresenceState = { readonly client: number; readonly clock: number; readonly state: { readonly [key: string]: unknown } | null }

/** Undefined for what is no such frame. */
export function readFrame(bytes: Uint8Array): Frame | undefined {
  const at: Cursor = { bytes, at: 0 }
  const kind = readNumber(at)
  if (kind === 1) {
    const states = readBytes(at)
    return states && at.at === bytes.length ? readPresence(states) : undefined
  }
  const step = kind === 0 ? readNumber(at) : undefined
  const content = step === undefined ? undefined : readBytes(at)
  if (!content || at.at !== bytes.length) return undefined
  if (step === 0) return { kind: "have", vector: content }
  return step === 1 || step === 2 ? { kind: "update", update: content } : undefined
}

export function haveFrame(vector: Uint8Array): Uint8Array {
  return Uint8Array.from([0, 0, ...varint(vector.length), ...vector])
}

/** `isAnswer`: it answers to what the other side said it has. */
export function updateFrame(update: Uint8Array, isAnswer = false): Uint8Array {
  const head = [0, isAnswer ? 1 : 2, ...varint(update.length)]
  const frame = new Uint8Array(head.length + update.length)
  frame.set(head)
  frame.set(update, head.length)
  return frame
}

export function presenceFrame(states: readonly PresenceState[]): Uint8Array {
  const parts = states.map(({ client, clock, state }) => {
    const text = new TextEncoder().encode(JSON.stringify(state))
    return Uint8Array.from([...varint(client), ...varint(clock), ...varint(text.length), ...text])
  })
  const body = Uint8Array.from([...varint(states.length), ...parts.flatMap((part) => [...part])])
  return Uint8Array.from([1, ...varint(body.length), ...body])
}

const MOST_STATES = 200

function readPresence(bytes: Uint8Array): Frame | undefined {
  const at: Cursor = { bytes, at: 0 }
  const count = readNumber(at) ?? -1
  if (count < 0 || count > MOST_STATES) return undefined
  const states: PresenceState[] = []
  for (let i = 0; i < count; i++) {
    const [client, clock, text] = [readNumber(at), readNumber(at), readBytes(at)]
    const state = text && readState(text)
    if (client === undefined || clock === undefined || state === undefined) return undefined
    states.push({ client, clock, state })
  }
  return { kind: "awareness", states }
}

function readState(bytes: Uint8Array): PresenceState["state"] | undefined {
  try {
    const state: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
    return state === null || (typeof state === "object" && !Array.isArray(state)) ? (state as PresenceState["state"]) : undefined
  } catch {
    return undefined
  }
}

type Cursor = { readonly bytes: Uint8Array; at: number }

function readNumber(cursor: Cursor): number | undefined {
  let [number, factor] = [0, 1]
  for (;;) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined || factor > Number.MAX_SAFE_INTEGER) return undefined
    number += (byte & 127) * factor
    if (!Number.isSafeInteger(number)) return undefined
    if (byte < 128) return number
    factor *= 128
  }
}

function readBytes(cursor: Cursor): Uint8Array | undefined {
  const length = readNumber(cursor)
  if (length === undefined || cursor.at + length > cursor.bytes.length) return undefined
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

function varint(number: number): number[] {
  const bytes: number[] = []
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}
