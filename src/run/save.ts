/** A projection into a sink: small pieces joined, large ones copied from the journal a megabyte at a time. */
import { StringSpan } from "#base/json.ts"
import type { Piece, ReadSpan } from "#run/project.ts"
import { slices } from "#run/spill.ts"
import type { Sink } from "#run/storage.ts"

const JOIN_UNITS = 1_048_576
const ENCODER = new TextEncoder()

/** Writes all pieces and commits; on any fault the sink is aborted and what was there before still stands. */
export async function save(pieces: Iterable<Piece>, read: ReadSpan, sink: Sink): Promise<number> {
  let written = 0
  try {
    for (const bytes of chunks(pieces, read)) {
      await sink.write(bytes)
      written += bytes.length
    }
    await sink.commit()
    return written
  } catch (error) {
    await sink.abort()
    throw error
  }
}

export function* chunks(pieces: Iterable<Piece>, read: ReadSpan): Generator<Uint8Array> {
  let joined: string[] = []
  let units = 0
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      if (joined.length > 0) yield ENCODER.encode(joined.join(""))
      joined = []
      units = 0
      if (piece instanceof StringSpan) yield* slices(piece, read)
      else yield piece
      continue
    }
    joined.push(piece)
    units += piece.length
    if (units < JOIN_UNITS) continue
    yield ENCODER.encode(joined.join(""))
    joined = []
    units = 0
  }
  yield ENCODER.encode(joined.join(""))
}
