import { joined } from "#base/bytes.ts"
import type { Sink } from "#run/index.ts"

/** Where a result goes that is only looked at: `bytes` is what was written so far. */
export function memorySink(): Sink & { bytes(): Uint8Array } {
  const pieces: Uint8Array[] = []
  return {
    write: async (bytes) => void pieces.push(Uint8Array.from(bytes)),
    commit: async () => {},
    abort: async () => void pieces.splice(0),
    bytes: () => joined(pieces),
  }
}
