/** Bytes that are sent with their length told before: as many as that, or a fault while it can still be told. Pure. */
import { joined } from "#base/bytes.ts"
import { Fault } from "#base/fault.ts"

export type Promised = { readonly sha256: string; readonly sizeBytes: number }

const LOOK_AHEAD = 1024 * 1024

/**
 * Up to a megabyte is read before anything is sent, so that what is missing or damaged is an answer and not a connection that breaks.
 * What is larger breaks off where it stops being what was promised; whoever was promised more would wait for it.
 *
 * @throws Fault blob_damaged when there are other bytes than `sizeBytes`, and what reading throws
 */
export async function ahead(pieces: AsyncIterable<Uint8Array>, promised: Promised): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const rest = counted(pieces, promised)[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  for (let size = 0; size <= LOOK_AHEAD; ) {
    const { done, value } = await rest.next()
    if (done) return joined(head)
    head.push(value)
    size += value.length
  }
  return (async function* () {
    yield* head
    yield* { [Symbol.asyncIterator]: () => rest }
  })()
}

async function* counted(pieces: AsyncIterable<Uint8Array>, promised: Promised): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > promised.sizeBytes) throw otherwise(promised, "more")
    yield piece
  }
  if (size < promised.sizeBytes) throw otherwise(promised, `${size}`)
}

function otherwise({ sha256, sizeBytes }: Promised, found: string): Fault {
  return new Fault("blob_damaged", `The blob ${sha256} should have ${sizeBytes} bytes, as the database says, and has ${found}.`, {
    remedy: "Restore the database and the blobs from the same backup; `stet doctor` tells what else does not agree.",
  })
}
