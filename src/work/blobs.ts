/** The library's blob store as the engine wants it: a sink for the result, a place for what was cut out of it. */
import { toError } from "#base/fault.ts"
import { type BlobContent, keepBlob, type LibraryWorld } from "#library/index.ts"
import type { Sink, Blobs as SpillBlobs } from "#run/index.ts"
import type { KeptBlob } from "#work/event-rows.ts"

/** Puts a blob that a run is going to point at. */
export type Keep = (content: BlobContent) => Promise<KeptBlob>

export function keepIn(library: LibraryWorld): Keep {
  return (content) => keepBlob(library, content)
}

export type BlobSink = Sink & { readonly stored: () => KeptBlob | undefined }

/** Bytes written become one blob; it is there when `commit` resolves. */
export function blobSink(keep: Keep): BlobSink {
  const pipe = new Pipe()
  let stored: KeptBlob | undefined
  const putting = keep(pipe)
  // Told by the next write or the commit.
  putting.catch((error: unknown) => pipe.fail(toError(error)))
  return {
    write: (bytes) => pipe.write(bytes),
    async commit() {
      pipe.end()
      stored = await putting
    },
    async abort() {
      pipe.fail(new Error("the result was given up"))
      await putting.catch(() => undefined)
    },
    stored: () => stored,
  }
}

/** What is cut out of a result is a blob, named in the result as `blob:<sha256>`. `spilled` collects them. */
export function spillTo(keep: Keep, spilled: KeptBlob[]): SpillBlobs {
  return {
    async put(bytes) {
      const blob = await keep(each(bytes))
      spilled.push(blob)
      return { ...blob, path: `blob:${blob.sha256}` }
    },
  }
}

async function* each(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}

/** One writer, one reader, one piece at a time: what is written waits until it is taken. */
class Pipe implements AsyncIterable<Uint8Array> {
  #piece: { readonly bytes: Uint8Array; readonly taken: () => void; readonly failed: (error: Error) => void } | undefined
  #isEnded = false
  #fault: Error | undefined
  #wake: () => void = () => {}

  write(bytes: Uint8Array): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault)
    if (bytes.length === 0) return Promise.resolve()
    return new Promise((taken, failed) => {
      this.#piece = { bytes, taken, failed }
      this.#wake()
    })
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  fail(error: Error): void {
    this.#fault ??= error
    this.#piece?.failed(error)
    this.#piece = undefined
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#fault) throw this.#fault
      const piece = this.#piece
      if (piece) {
        yield piece.bytes
        this.#piece = undefined
        piece.taken()
      } else if (this.#isEnded) return
      else
        await new Promise<void>((next) => {
          this.#wake = next
        })
    }
  }
}
