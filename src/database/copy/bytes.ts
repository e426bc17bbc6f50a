/** Streams of bytes, weighed and pressed as they pass. */
import { createHash, type Hash } from "node:crypto"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip, createGzip, type Gunzip, type Gzip } from "node:zlib"

export type Scale = {
  sha256(): string
  sizeBytes(): number
  through<Result>(bytes: AsyncGenerator<Uint8Array, Result>): AsyncGenerator<Uint8Array, Result>
}

/** Measures what passes through it. */
export function scale(): Scale {
  const hash: Hash = createHash("sha256")
  let size = 0
  return {
    sha256: () => hash.copy().digest("hex"),
    sizeBytes: () => size,
    async *through(bytes) {
      for (;;) {
        const next = await bytes.next()
        if (next.done) return next.value
        hash.update(next.value)
        size += next.value.length
        yield next.value
      }
    },
  }
}

export function gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return piped(bytes, createGzip({ level: 1 }))
}

export function gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return piped(bytes, createGunzip())
}

async function* piped(bytes: AsyncIterable<Uint8Array>, through: Gzip | Gunzip): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(bytes, { objectMode: false }), through)
  // Told where the bytes are read, too.
  done.catch(() => undefined)
  for await (const piece of through) yield piece as Uint8Array
  await done
}

/** As a generator, whatever it is. */
export async function* generated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}

export async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** Reads to the end, for whoever only wants them weighed. */
export async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
