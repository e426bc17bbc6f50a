/**
 * `s3://bucket/key` on Amazon's S3 or any server that speaks it, configured by the same environment as Amazon's own
 * tools: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (then with the bucket in the path, as most other servers want it),
 * AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; credentials in files, roles and so on are
 * left to the SDK, and so are retries.
 *
 * An object appears only when its upload is complete. The SDK takes 0.2 s to load and is loaded at first use.
 */
import type { CompletedPart, S3Client, S3ClientConfig } from "@aws-sdk/client-s3"
import { type ObjectName, s3Fault } from "#run/adapters/storage/s3-fault.ts"
import type { Sink } from "#run/storage.ts"

type Environment = { readonly [name: string]: string | undefined }

export type ObjectStorage = {
  read(name: ObjectName): Promise<Uint8Array>
  openWrite(name: ObjectName): Promise<Sink>
  check(name: ObjectName): Promise<void>
  exists(name: ObjectName): Promise<boolean>
}

/** Up to one part goes up in one request; what is larger in parts of this size, of which S3 takes 10,000 (160 GB). */
export const PART_BYTES = 16 * 1024 * 1024

export function objectStorage(env: Environment): ObjectStorage {
  let loading: Promise<Session> | undefined
  const session = () => {
    loading ??= connect(env)
    return loading
  }
  return {
    read: async (name) => guarded("read", name, readObject(await session(), name)),
    openWrite: async (name) => new Upload(await session(), name),
    check: async (name) => guarded("write", name, tryUpload(await session(), name)),
    exists: async (name) => guarded("read", name, objectExists(await session(), name)),
  }
}

type Sdk = typeof import("@aws-sdk/client-s3")
type Session = { readonly sdk: Sdk; readonly client: S3Client }

async function connect(env: Environment): Promise<Session> {
  const sdk = await import("@aws-sdk/client-s3")
  return { sdk, client: new sdk.S3Client(clientConfig(env)) }
}

/** What the environment says, as the SDK wants it. Where it says nothing the SDK looks further. */
export function clientConfig(env: Environment): S3ClientConfig {
  const endpoint = env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"]
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || (endpoint ? "us-east-1" : undefined)
  const accessKeyId = env["AWS_ACCESS_KEY_ID"]
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"]
  const sessionToken = env["AWS_SESSION_TOKEN"]
  return {
    // Checksum trailers are newer than many servers that speak S3; on Amazon's own the SDK's default stands.
    ...(endpoint ? { endpoint, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" } : {}),
    ...(region ? { region } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } } : {}),
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  }
}

async function guarded<Value>(doing: "read" | "write", name: ObjectName, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    throw s3Fault(error, doing, name)
  }
}

async function readObject({ sdk, client }: Session, { bucket, key }: ObjectName): Promise<Uint8Array> {
  const { Body, ContentLength } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }))
  const bytes = Buffer.alloc(ContentLength ?? 0)
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of Body as AsyncIterable<Uint8Array>) {
    if (ContentLength === undefined) pieces.push(piece)
    else bytes.set(piece.subarray(0, ContentLength - size), size)
    size += piece.length
  }
  if (ContentLength === undefined) return Buffer.concat(pieces)
  if (size === ContentLength) return bytes
  throw Object.assign(new Error(`${size} of ${ContentLength} bytes arrived`), { code: "ECONNRESET" })
}

async function objectExists({ sdk, client }: Session, { bucket, key }: ObjectName): Promise<boolean> {
  try {
    await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }))
    return true
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
    if (name === "NotFound" || name === "NoSuchKey" || $metadata?.httpStatusCode === 404) return false
    throw error
  }
}

/** Begins an upload and drops it: needs exactly the permission that the write will need, and leaves no object. */
async function tryUpload({ sdk, client }: Session, { bucket, key }: ObjectName): Promise<void> {
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
  await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId })).catch(() => undefined)
}

/** One object being written. Holds at most one part of the bytes and what the caller handed in last. */
class Upload implements Sink {
  readonly #session: Session
  readonly #name: ObjectName
  readonly #at: { readonly Bucket: string; readonly Key: string }
  readonly #buffer = new Uint8Array(PART_BYTES)
  readonly #parts: CompletedPart[] = []
  #filled = 0
  #uploadId: string | undefined
  #over = false

  constructor(session: Session, name: ObjectName) {
    this.#session = session
    this.#name = name
    this.#at = { Bucket: name.bucket, Key: name.key }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over) throw new Error("written to after its end")
    for (let from = 0; from < bytes.length; ) {
      // A full buffer waits for the next byte: an object of exactly one part still goes up in one request.
      if (this.#filled === PART_BYTES) await guarded("write", this.#name, this.#sendPart())
      const count = Math.min(bytes.length - from, PART_BYTES - this.#filled)
      this.#buffer.set(bytes.subarray(from, from + count), this.#filled)
      this.#filled += count
      from += count
    }
  }

  async commit(): Promise<void> {
    if (this.#over) throw new Error("committed after its end")
    try {
      await guarded("write", this.#name, this.#uploadId === undefined ? this.#putWhole() : this.#complete())
      this.#over = true
    } catch (error) {
      await this.abort()
      throw error
    }
  }

  async abort(): Promise<void> {
    if (this.#over) return
    this.#over = true
    if (this.#uploadId === undefined) return
    const { sdk, client } = this.#session
    await client.send(new sdk.AbortMultipartUploadCommand({ ...this.#at, UploadId: this.#uploadId })).catch(() => undefined)
  }

  async #putWhole(): Promise<void> {
    const { sdk, client } = this.#session
    const Body = this.#buffer.subarray(0, this.#filled)
    await client.send(new sdk.PutObjectCommand({ ...this.#at, Body, ContentLength: Body.length, ContentType: contentType(this.#name.key) }))
  }

  async #sendPart(): Promise<void> {
    const { sdk, client } = this.#session
    this.#uploadId ??= (await client.send(new sdk.CreateMultipartUploadCommand({ ...this.#at, ContentType: contentType(this.#name.key) }))).UploadId
    const PartNumber = this.#parts.length + 1
    const Body = this.#buffer.subarray(0, this.#filled)
    const { ETag } = await client.send(
      new sdk.UploadPartCommand({ ...this.#at, UploadId: this.#uploadId, PartNumber, Body, ContentLength: Body.length }),
    )
    this.#parts.push({ ETag, PartNumber })
    this.#filled = 0
  }

  async #complete(): Promise<void> {
    if (this.#filled > 0) await this.#sendPart()
    const { sdk, client } = this.#session
    await client.send(new sdk.CompleteMultipartUploadCommand({ ...this.#at, UploadId: this.#uploadId, MultipartUpload: { Parts: this.#parts } }))
  }
}

function contentType(key: string): string {
  return key.endsWith(".ipynb") ? "application/x-ipynb+json" : "application/octet-stream"
}
