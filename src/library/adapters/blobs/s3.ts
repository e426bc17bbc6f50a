/**
 * Blobs as objects of an S3 bucket: `<prefix>ab/<sha256>`.
 *
 * Objects are only ever created (`If-None-Match: *`): 412 means that the blob is there already, 409 that another put of it is
 * under way. A put whose answer was lost is simply put again. What is sent carries its checksum, what is got is digested.
 * The SDK's own retries are off: it cannot know that a body which arrived whole is the wrong one.
 *
 * The name of a blob is known when all of it was seen, so a stream of more than one part waits in a local file meanwhile.
 */
import { createHash, randomBytes } from "node:crypto"
import { type FileHandle, mkdir, open, unlink } from "node:fs/promises"
import { join } from "node:path"
import type { GetObjectCommandOutput, S3ClientConfig } from "@aws-sdk/client-s3"
import { directoryFault } from "#library/adapters/blobs/file-fault.ts"
import { type PatienceOptions, patience } from "#library/adapters/blobs/patience.ts"
import { answerOf, type Place, s3Fault } from "#library/adapters/blobs/s3-fault.ts"
import type { Session } from "#library/adapters/blobs/s3-session.ts"
import { type Body, uploadIn } from "#library/adapters/blobs/s3-upload.ts"
import { blobDamaged, blobMissing, checkedName, digestOf, NotOurs, piecesOf, theirs, verifiedPieces } from "#library/adapters/blobs/verified.ts"
import type { Blob, BlobContent, Blobs, StoredBlob } from "#library/ports.ts"

export type S3BlobsOptions = {
  readonly bucket: string
  /** "" or something that ends with "/". */
  readonly prefix: string
  readonly config: S3ClientConfig
  /** A local directory for streams that wait until their name is known; made when first needed. */
  readonly spool: string
  /** Default 16 MiB; S3 takes no smaller parts than 5 MiB. */
  readonly partBytes?: number
  readonly patience?: PatienceOptions
}

/** Wrong bytes are asked for again this often before the blob itself is held to be damaged, not the way to it. */
const LOOKS = 3

/** The SDK takes 0.2 s to load and is loaded at first use. */
export function s3Blobs(options: S3BlobsOptions): Blobs & { close(): Promise<void> } {
  const patiently = patience(options.patience)
  const place = (sha256: string) => ({ bucket: options.bucket, key: `${options.prefix}${sha256.slice(0, 2)}/${sha256}` })
  let loading: Promise<Session> | undefined
  const session = () => {
    loading ??= import("@aws-sdk/client-s3").then((sdk) => {
      const client = new sdk.S3Client({ ...options.config, maxAttempts: 1 })
      return { sdk, client, patiently, place, partBytes: options.partBytes ?? 16 * 1024 * 1024 }
    })
    return loading
  }
  const whole = { bucket: options.bucket, key: options.prefix }
  return {
    put: (content, claim) => guarded("write", whole, async () => put(await session(), options.spool, { content, ...(claim ? { claim } : {}) })),
    get: (sha256) => guarded("read", place(checkedName(sha256)), async () => get(await session(), sha256)),
    stream: (sha256) => verifiedPieces(checkedName(sha256), `s3://${options.bucket}`, guardedPieces(session, sha256)),
    has: (sha256) => guarded("read", place(checkedName(sha256)), async () => (await sizeOf(await session(), sha256)) !== undefined),
    remove: (sha256) => guarded("write", place(checkedName(sha256)), async () => remove(await session(), sha256)),
    list: () => list(session, whole),
    close: async () => (await loading)?.client.destroy(),
  }
}

async function guarded<Value>(doing: "read" | "write", place: Place, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof NotOurs ? error.cause : s3Fault(error, doing, place)
  }
}

type Put = { readonly content: BlobContent; readonly claim?: (blob: Blob) => Promise<void> }

async function put(session: Session, spool: string, { content, claim }: Put): Promise<Blob> {
  const start = content instanceof Uint8Array ? { bytes: content } : await firstPart(content, session.partBytes)
  if ("bytes" in start) {
    const { bytes } = start
    const blob = { sha256: digestOf(bytes), sizeBytes: bytes.length }
    await theirs(claim?.(blob))
    await uploadOnce(session, blob, { part: async (from, to) => bytes.subarray(from, to) })
    return blob
  }
  return throughFile(spool, start.pieces, async (blob, body) => {
    await theirs(claim?.(blob))
    await uploadOnce(session, blob, body)
  })
}

/** All of it when it fits into one part; else pieces that begin with what was read. */
async function firstPart(
  content: AsyncIterable<Uint8Array>,
  partBytes: number,
): Promise<{ bytes: Uint8Array } | { pieces: AsyncIterable<Uint8Array> }> {
  const read: Uint8Array[] = []
  let size = 0
  const rest = piecesOf(content)
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    // Whoever writes may use the same buffer again.
    read.push(next.value.slice())
    size += next.value.length
    if (size > partBytes) return { pieces: chained(read, rest) }
  }
  return { bytes: new Uint8Array(Buffer.concat(read)) }
}

async function* chained(read: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* read
  yield* rest
}

async function throughFile(spool: string, pieces: AsyncIterable<Uint8Array>, use: (blob: Blob, body: Body) => Promise<void>): Promise<Blob> {
  const path = join(spool, `${randomBytes(12).toString("hex")}.part`)
  const spooling = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work()
    } catch (error) {
      throw error instanceof NotOurs ? error : directoryFault(error, "write", spool)
    }
  }
  const handle = await spooling(async () => {
    await mkdir(spool, { recursive: true, mode: 0o700 })
    const opened = await open(path, "wx+", 0o600)
    // Without a name nobody finds it, and it is gone when this process is.
    await unlink(path)
    return opened
  })
  try {
    const hash = createHash("sha256")
    let sizeBytes = 0
    await spooling(async () => {
      for await (const piece of pieces) {
        hash.update(piece)
        sizeBytes += piece.length
        await handle.writeFile(piece)
      }
    })
    const blob = { sha256: hash.digest("hex"), sizeBytes }
    await use(blob, {
      part: async (from, to) => {
        const bytes = new Uint8Array(to - from)
        await spooling(() => readFully(handle, bytes, from))
        return bytes
      },
    })
    return blob
  } finally {
    await handle.close()
  }
}

async function readFully(handle: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done)
    if (bytesRead === 0) throw Object.assign(new Error("the waiting file has become shorter"), { code: "EIO" })
    done += bytesRead
  }
}

/** What is there already is not sent again; an object of the wrong size is no blob, and is replaced. */
async function uploadOnce(session: Session, blob: Blob, body: Body): Promise<void> {
  const worthAsking = blob.sizeBytes > 64 * 1024
  if (worthAsking && (await sizeOf(session, blob.sha256)) === blob.sizeBytes) return
  let replace = false
  for (let tries = 0; tries < 3; tries++) {
    if (await uploadIn(session, blob, { body, replace })) return
    const there = await sizeOf(session, blob.sha256)
    if (there === blob.sizeBytes) return
    replace = there !== undefined
  }
  const { key } = session.place(blob.sha256)
  throw Object.assign(new Error(`the server says that ${key} is there and that it is not`), { code: "EINCONSISTENT" })
}

/** Undefined when it is not there. */
async function sizeOf({ sdk, client, patiently, place }: Session, sha256: string): Promise<number | undefined> {
  const { bucket, key } = place(sha256)
  try {
    const { ContentLength } = await patiently(() => client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })))
    return ContentLength ?? 0
  } catch (error) {
    if (answerOf(error) !== "absent") throw error
    return undefined
  }
}

async function get(session: Session, sha256: string): Promise<Uint8Array> {
  const { bucket } = session.place(sha256)
  for (let looks = 1; ; looks++) {
    const bytes = await session.patiently(async () => wholeBody(await request(session, sha256, 0)))
    if (digestOf(bytes) === sha256) return bytes
    if (looks === LOOKS) throw blobDamaged(sha256, `s3://${bucket}`)
  }
}

/** @throws Fault blob_missing */
async function request({ sdk, client, place }: Session, sha256: string, from: number): Promise<GetObjectCommandOutput> {
  const { bucket, key } = place(sha256)
  try {
    return await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...(from > 0 ? { Range: `bytes=${from}-` } : {}) }))
  } catch (error) {
    throw answerOf(error) === "absent" ? blobMissing(sha256, `s3://${bucket}`) : error
  }
}

async function wholeBody({ Body, ContentLength }: GetObjectCommandOutput): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of Body as AsyncIterable<Uint8Array>) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  if (ContentLength !== undefined && bytes.length !== ContentLength) throw cutShort(bytes.length, ContentLength)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function cutShort(arrived: number, expected: number): Error {
  return Object.assign(new Error(`${arrived} of ${expected} bytes arrived`), { name: "CutShort", code: "CutShort" })
}

async function* guardedPieces(session: () => Promise<Session>, sha256: string): AsyncGenerator<Uint8Array> {
  const opened = await session()
  try {
    yield* resumed(opened, sha256)
  } catch (error) {
    throw s3Fault(error, "read", opened.place(sha256))
  }
}

/** The pieces of a blob; where the connection breaks they go on from that byte. */
async function* resumed(session: Session, sha256: string): AsyncGenerator<Uint8Array> {
  const at = { from: 0, size: -1 }
  let piecesOfNow: AsyncIterator<Uint8Array> | undefined
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      piecesOfNow ??= await bodyFrom(session, sha256, at)
      const result = await piecesOfNow.next()
      if (result.done && at.size >= 0 && at.from < at.size) throw cutShort(at.from, at.size)
      return result
    } catch (error) {
      piecesOfNow = undefined
      throw error
    }
  }
  try {
    for (let result = await session.patiently(next); !result.done; result = await session.patiently(next)) {
      at.from += result.value.length
      yield result.value
    }
  } finally {
    await piecesOfNow?.return?.()
  }
}

async function bodyFrom(session: Session, sha256: string, at: { from: number; size: number }): Promise<AsyncIterator<Uint8Array>> {
  const { Body, ContentLength, ContentRange } = await request(session, sha256, at.from)
  // A server that does not know ranges begins from the start.
  const skip = at.from > 0 && ContentRange === undefined ? at.from : 0
  if (at.size < 0) at.size = ContentLength ?? -1
  return skipping(Body as AsyncIterable<Uint8Array>, skip)
}

async function* skipping(pieces: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const piece of pieces) {
    if (left < piece.length) yield left > 0 ? piece.subarray(left) : piece
    left = Math.max(0, left - piece.length)
  }
}

async function remove({ sdk, client, patiently, place }: Session, sha256: string): Promise<void> {
  const { bucket, key } = place(sha256)
  await patiently(() => client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }))).catch((error) => {
    if (answerOf(error) !== "absent") throw error
  })
}

async function* list(session: () => Promise<Session>, { bucket, key: prefix }: Place): AsyncGenerator<StoredBlob> {
  let after: string | undefined
  do {
    const page = await guarded("read", { bucket, key: prefix }, async () => {
      const { sdk, client, patiently } = await session()
      const command = { Bucket: bucket, Prefix: prefix, ...(after === undefined ? {} : { ContinuationToken: after }) }
      return patiently(() => client.send(new sdk.ListObjectsV2Command(command)))
    })
    for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
      const [, folder, sha256] = /^([0-9a-f]{2})\/([0-9a-f]{64})$/.exec(Key.slice(prefix.length)) ?? []
      if (sha256?.startsWith(folder ?? "-")) yield { sha256, sizeBytes: Size, at: LastModified?.getTime() ?? 0 }
    }
    after = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (after !== undefined)
}
