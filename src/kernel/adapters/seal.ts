import { createHash, createHmac, hash, timingSafeEqual } from "node:crypto"
import type { Frames } from "#kernel/frames.ts"

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const REMEMBERED = 32_768

/** Signs and checks with one key: HMAC-SHA256 over the four raw frames, as lower-case hex. */
export type Seal = {
  sign(frames: Frames): Buffer
  /** Whether the signature is true, and was not seen before among the last 32,768 to 65,536 (a replay). */
  judge(signature: Uint8Array, frames: Frames): "good" | "wrong" | "replayed"
}

/**
 * Signatures under `key`; with an empty key messages are neither signed nor checked (Stet never starts such a kernel).
 *
 * Small messages are hashed as `H(outer ‖ H(inner ‖ message))` with two one-shot calls: measured 1.6 µs against
 * 20 µs for a `createHmac` object per message. Large ones go through `createHmac`, which copies nothing.
 */
export function sealWith(key: string): Seal {
  if (key === "") return { sign: () => Buffer.alloc(0), judge: () => "good" }
  const digest = digester(Buffer.from(key))
  const seen = memory()
  return {
    sign: (frames) => Buffer.from(digest(frames), "latin1"),
    judge: (signature, frames) => {
      const expected = digest(frames)
      if (signature.length !== expected.length || !timingSafeEqual(signature, Buffer.from(expected, "latin1"))) return "wrong"
      return seen(expected) ? "replayed" : "good"
    },
  }
}

function digester(key: Buffer): (frames: Frames) => string {
  const block = Buffer.alloc(BLOCK_BYTES)
  const short = key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key
  short.copy(block)
  const scratch = Buffer.alloc(16_384)
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
  for (let i = 0; i < BLOCK_BYTES; i++) {
    scratch[i] = block[i]! ^ 0x36
    outer[i] = block[i]! ^ 0x5c
  }
  return (frames) => {
    const end = BLOCK_BYTES + frames[0].length + frames[1].length + frames[2].length + frames[3].length
    if (end > scratch.length) return largeDigest(key, frames)
    let at = BLOCK_BYTES
    for (const frame of frames) {
      scratch.set(frame, at)
      at += frame.length
    }
    outer.write(hash("sha256", scratch.subarray(0, end), "binary"), BLOCK_BYTES, "latin1")
    return hash("sha256", outer, "hex")
  }
}

function largeDigest(key: Buffer, frames: Frames): string {
  const hmac = createHmac("sha256", key)
  for (const frame of frames) hmac.update(frame)
  return hmac.digest("hex")
}

// Two generations, the older dropped whole: bounded, and no eviction work per message.
function memory(): (signature: string) => boolean {
  let young = new Set<string>()
  let old = new Set<string>()
  return (signature) => {
    if (young.has(signature) || old.has(signature)) return true
    young.add(signature)
    if (young.size >= REMEMBERED) {
      old = young
      young = new Set()
    }
    return false
  }
}
