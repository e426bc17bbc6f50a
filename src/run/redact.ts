/**
 * Keeps a run's secrets out of its record: what the kernel says is searched for each secret, in the forms in which it
 * is printed by accident (secret-forms.ts), before it is journalled.
 *
 * This is for accidents. Code that holds a secret can always send it out in another form.
 */
import { joined } from "#base/bytes.ts"
import type { Message } from "#kernel/index.ts"
import { formsOf } from "#run/secret-forms.ts"

/** Shorter ones would blot out ordinary words. */
const SHORTEST = 4
const BLOT = "•••"

const ENCODER = new TextEncoder()

export type Redactor = {
  /** The message without the secrets; the same object when there was none in it. */
  readonly message: (message: Message) => Message
  readonly text: (text: string) => string
  /** How far a text can be told before more of it is known: behind that is what may be the beginning of a secret. */
  readonly safeEnd: (text: string) => number
  /** The message with another content. */
  readonly again: (message: Message, content: Uint8Array) => Message
}

/** @param again reads a message from frames that were changed */
export function redactor(secrets: readonly string[], again: (message: Message, content: Uint8Array) => Message): Redactor | undefined {
  const texts = [...new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))].sort((a, b) => b.length - a.length)
  if (texts.length === 0) return undefined
  const needles = texts.map((text) => ENCODER.encode(text))
  const foundIn = finder(needles)
  const blot = ENCODER.encode(BLOT)
  return {
    text: (text) => texts.reduce((left, secret) => left.replaceAll(secret, BLOT), text),
    safeEnd: (text) => safeEnd(text, texts),
    again,
    message: (message) => {
      const content = foundIn(message.frames[3]).reduce<Uint8Array>((bytes, needle) => replaced(bytes, needle, blot), message.frames[3])
      return content === message.frames[3] ? message : again(message, content)
    },
  }
}

function safeEnd(text: string, secrets: readonly string[]): number {
  let end = text.length - Math.max(...secrets.map((secret) => begunAtEnd(text, secret)))
  // What is told must not stop within a secret that is there as a whole: the rest of it would stand alone.
  for (let before = -1; before !== end && end < text.length; ) {
    before = end
    for (const secret of secrets) {
      const at = text.lastIndexOf(secret, end - 1)
      if (at >= 0 && at + secret.length > end) end = at
    }
  }
  return end
}

/** Length of the longest end of the text that is the beginning of the secret, and not all of it. */
function begunAtEnd(text: string, secret: string): number {
  const last = text.charCodeAt(text.length - 1)
  for (let length = Math.min(secret.length - 1, text.length); length > 0; length--) {
    if (secret.charCodeAt(length - 1) === last && text.endsWith(secret.slice(0, length))) return length
  }
  return 0
}

/** Which of the needles are there, in their order: one pass over the bytes, since mostly there are none. */
function finder(needles: readonly Uint8Array[]): (bytes: Uint8Array) => readonly Uint8Array[] {
  const byStart = Map.groupBy(needles, (needle) => (needle[0]! << 8) | needle[1]!)
  const isStart = new Uint8Array(65_536)
  for (const start of byStart.keys()) isStart[start] = 1
  return (bytes) => {
    const found = new Set<Uint8Array>()
    for (let at = 1; at < bytes.length; at++) {
      const start = (bytes[at - 1]! << 8) | bytes[at]!
      if (isStart[start] === 1) for (const needle of byStart.get(start)!) if (isAt(bytes, needle, at - 1)) found.add(needle)
    }
    return found.size === 0 ? [] : needles.filter((needle) => found.has(needle))
  }
}

function isAt(bytes: Uint8Array, needle: Uint8Array, at: number): boolean {
  let same = 2
  while (same < needle.length && bytes[at + same] === needle[same]) same++
  return same === needle.length
}

function replaced(bytes: Uint8Array, needle: Uint8Array, by: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = indexOf(bytes, needle, 0); at >= 0; at = indexOf(bytes, needle, from)) {
    parts.push(bytes.subarray(from, at), by)
    from = at + needle.length
  }
  if (parts.length === 0) return bytes
  return joined([...parts, bytes.subarray(from)])
}

function indexOf(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(needle[0]!, from); at >= 0; at = bytes.indexOf(needle[0]!, at + 1)) {
    let same = 1
    while (same < needle.length && bytes[at + same] === needle[same]) same++
    if (same === needle.length) return at
  }
  return -1
}
