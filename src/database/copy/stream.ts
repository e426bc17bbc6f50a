/** COPY … TO STDOUT and COPY … FROM STDIN as streams of bytes, with what node-postgres has for it. */
import type pg from "pg"

/** The parts of node-postgres's connection that its types leave out (pg/lib/connection.js). */
type Wire = pg.Connection & { sendCopyFromChunk(bytes: Uint8Array): void; endCopyFrom(): void; sendCopyFail(why: string): void }

type Ended = { resolve(rows: number): void; reject(error: Error): void }

/** What node-postgres calls while a statement of ours is the one under way. */
function statement(sql: string, { resolve, reject }: Ended) {
  let rows = 0
  return {
    submit: (wire: pg.Connection) => wire.query(sql),
    handleCommandComplete({ text }: { text: string }) {
      rows = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0)
    },
    handleError: reject,
    handleReadyForQuery: () => resolve(rows),
    handleRowDescription: () => undefined,
    handleDataRow: () => undefined,
    handleEmptyQuery: () => undefined,
    handlePortalSuspended: () => undefined,
    handleCopyInResponse: (_: Wire): void => undefined,
    handleCopyData: (_: { chunk: Uint8Array }, __: Wire): void => undefined,
  }
}

const PIECE_BYTES = 256 * 1024
const AHEAD_PIECES = 4

/** The lines of a COPY … TO STDOUT in pieces of some 256 KB. The server waits when the reader is slow. @throws what the driver throws */
export async function* copyOut(client: pg.ClientBase, sql: string): AsyncGenerator<Uint8Array, number> {
  const lines: Uint8Array[] = []
  const pieces: Uint8Array[] = []
  let gathered = 0
  let wire: Wire | undefined
  let isLeft = false
  let end: { rows: number } | { error: Error } | undefined
  let wake = () => {}
  const gather = () => {
    if (gathered > 0) pieces.push(Buffer.concat(lines, gathered))
    lines.length = 0
    gathered = 0
    if (pieces.length >= AHEAD_PIECES) wire?.stream.pause()
    wake()
  }
  const finish = (how: NonNullable<typeof end>) => {
    gather()
    end = how
    wake()
  }
  const query = statement(sql, { resolve: (rows) => finish({ rows }), reject: (error) => finish({ error }) })
  client.query({
    ...query,
    handleCopyData({ chunk }: { chunk: Uint8Array }, connection: Wire) {
      if (isLeft) return
      wire = connection
      // Its bytes are overwritten by what comes next.
      lines.push(Uint8Array.from(chunk))
      gathered += chunk.length
      if (gathered >= PIECE_BYTES) gather()
    },
  })
  try {
    for (;;) {
      const piece = pieces.shift()
      if (piece) yield piece
      else if (end) break
      else {
        wire?.stream.resume()
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    // Whoever leaves early has the rest thrown away: the connection is of use again only after it.
    isLeft = true
    wire?.stream.resume()
  }
  if (end && "error" in end) throw end.error
  return end ? end.rows : 0
}

/** Sends what is read to a COPY … FROM STDIN, and gives the number of rows. When reading fails, nothing is copied. @throws what reading or the driver throws */
export function copyIn(client: pg.ClientBase, sql: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  return new Promise((resolve, reject) => {
    let readingFailed: unknown
    let isOver = false
    const query = statement(sql, {
      resolve,
      reject: (error) => {
        isOver = true
        reject(readingFailed ?? error)
      },
    })
    const send = async (wire: Wire) => {
      try {
        for await (const piece of bytes) {
          if (isOver) return
          wire.sendCopyFromChunk(piece)
          if (wire.stream.writableNeedDrain) await drained(wire)
        }
        wire.endCopyFrom()
      } catch (error) {
        readingFailed = error
        wire.sendCopyFail("the source could not be read")
      }
    }
    client.query({ ...query, handleCopyInResponse: (wire: Wire) => void send(wire) })
  })
}

function drained({ stream }: Wire): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      for (const event of ["drain", "close", "error"]) stream.off(event, go)
      resolve()
    }
    for (const event of ["drain", "close", "error"]) stream.once(event, go)
  })
}
