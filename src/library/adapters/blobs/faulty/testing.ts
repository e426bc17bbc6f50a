/**
 * An S3 server that fails by a seed: what it answers is right by the rules of S3 (create-only puts, checksums, parts), and
 * then something happens to the request before, to the answer after, or to the bytes under way. It keeps count of it all.
 */
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export type Mischief =
  | "error"
  | "slow_down"
  | "conflict"
  | "reset"
  | "silence"
  | "lost_answer"
  | "corrupt_upload"
  | "truncated"
  | "corrupt_body"
  | "shorter_body"

export type FaultyServer = {
  readonly url: string
  readonly objects: Map<string, Uint8Array>
  readonly uploads: Map<string, Map<number, Uint8Array>>
  readonly counts: Map<Mischief, number>
  /** Requests of which this share go wrong, chosen anew from the seed. */
  misbehave(seed: number, share: number): void
  close(): Promise<void>
}

export function randomFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type State = {
  readonly objects: Map<string, Uint8Array>
  readonly uploads: Map<string, Map<number, Uint8Array>>
  readonly counts: Map<Mischief, number>
  chance: () => number
  share: number
}

const ON_WRITE: readonly Mischief[] = ["error", "slow_down", "conflict", "reset", "silence", "lost_answer", "lost_answer", "corrupt_upload"]
const ON_READ: readonly Mischief[] = ["error", "slow_down", "reset", "silence", "truncated", "corrupt_body", "shorter_body"]

/** Silences last as long as the client's patience with a socket and a little more. */
export async function faultyServer(silenceMs: number): Promise<FaultyServer> {
  const state: State = { objects: new Map(), uploads: new Map(), counts: new Map(), chance: Math.random, share: 0 }
  const server = createServer((request, response) => {
    answer(state, { request, response, silenceMs }).catch((error) => {
      if (!response.headersSent) response.writeHead(400).end()
      else response.destroy(error)
    })
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: state.objects,
    uploads: state.uploads,
    counts: state.counts,
    misbehave(seed, share) {
      state.chance = randomFrom(seed)
      state.share = share
    },
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly silenceMs: number }
type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: Uint8Array | string }

async function answer(state: State, { request, response, silenceMs }: Exchange): Promise<void> {
  const body = await bodyOf(request)
  const isRead = request.method === "GET" || request.method === "HEAD"
  const mischief = choose(state, isRead ? ON_READ : ON_WRITE)
  switch (mischief) {
    case "error":
      return send(response, xmlError(500, "InternalError"))
    case "slow_down":
      return send(response, xmlError(503, "SlowDown"))
    case "conflict":
      return send(response, xmlError(409, "ConditionalRequestConflict"))
    case "reset":
      return void request.socket.destroy()
    case "silence":
      return silently(request, silenceMs)
    case "lost_answer":
      serve(state, request, body)
      return state.chance() < 0.5 ? send(response, xmlError(500, "InternalError")) : void request.socket.destroy()
    case "corrupt_upload":
      return send(response, serve(state, request, flipped(state, body)))
    default:
      return sendBody(state, response, { reply: serve(state, request, body), mischief, isHead: request.method === "HEAD" })
  }
}

function choose(state: State, kinds: readonly Mischief[]): Mischief | undefined {
  if (state.chance() >= state.share) return undefined
  // A silence costs the test as long as it lasts, so it is rare.
  const kind = kinds[Math.floor(state.chance() * kinds.length)] as Mischief
  const chosen = kind === "silence" && state.chance() < 0.8 ? "reset" : kind
  state.counts.set(chosen, (state.counts.get(chosen) ?? 0) + 1)
  return chosen
}

async function silently(request: IncomingMessage, ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms))
  request.socket.destroy()
}

function sendBody(
  state: State,
  response: ServerResponse,
  { reply, mischief, isHead }: { reply: Reply; mischief: Mischief | undefined; isHead: boolean },
): void {
  const body = reply.body
  if (!(body instanceof Uint8Array) || body.length < 2 || isHead || mischief === undefined) return send(response, reply, isHead)
  if (mischief === "corrupt_body") return send(response, { ...reply, body: flipped(state, body) })
  if (mischief === "shorter_body") return send(response, { ...reply, body: body.subarray(0, Math.floor(body.length * state.chance())) })
  response.writeHead(reply.status, { ...reply.headers, "content-length": String(body.length) })
  response.write(body.subarray(0, Math.floor(body.length * state.chance())), () => response.destroy())
}

function send(response: ServerResponse, { status, headers, body = "" }: Reply, isHead = false): void {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body
  response.writeHead(status, { ...headers, "content-length": String(bytes.length) })
  response.end(isHead ? undefined : bytes)
}

function xmlError(status: number, code: string): Reply {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  }
}

function flipped(state: State, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes
  const at = Math.floor(state.chance() * bytes.length)
  return Uint8Array.from(bytes).with(at, (bytes[at] as number) ^ (1 << Math.floor(state.chance() * 8)))
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of request) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

function checksumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64")
}

function serve(state: State, request: IncomingMessage, body: Uint8Array): Reply {
  const url = new URL(request.url ?? "/", "http://any")
  const key = decodeURIComponent(url.pathname)
  const sent = request.headers["x-amz-checksum-sha256"]
  if (sent !== undefined && sent !== checksumOf(body)) return xmlError(400, "BadDigest")
  const upload = url.searchParams.get("uploadId")
  if (request.method === "POST" && url.searchParams.has("uploads")) return begin(state, key)
  if (upload !== null) return withParts(state, request, { key, upload, part: Number(url.searchParams.get("partNumber")), body })
  if (request.method === "PUT") return create(state, request, { key, body })
  if (request.method === "DELETE") {
    state.objects.delete(key)
    return { status: 204 }
  }
  return fetched(state.objects.get(key), request.headers.range)
}

function fetched(found: Uint8Array | undefined, range: string | undefined): Reply {
  if (!found) return xmlError(404, "NoSuchKey")
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0)
  if (from === 0) return { status: 200, body: found }
  return { status: 206, headers: { "content-range": `bytes ${from}-${found.length - 1}/${found.length}` }, body: found.subarray(from) }
}

function create(state: State, request: IncomingMessage, { key, body }: { key: string; body: Uint8Array }): Reply {
  if (request.headers["if-none-match"] === "*" && state.objects.has(key)) return xmlError(412, "PreconditionFailed")
  state.objects.set(key, body)
  return { status: 200, headers: { etag: '"x"' } }
}

function begin(state: State, key: string): Reply {
  const id = `upload-${state.uploads.size}-${Math.floor(state.chance() * 1e9)}`
  state.uploads.set(id, new Map())
  const body = `<?xml version="1.0"?><InitiateMultipartUploadResult><Bucket>b</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`
  return { status: 200, headers: { "content-type": "application/xml" }, body }
}

type PartRequest = { readonly key: string; readonly upload: string; readonly part: number; readonly body: Uint8Array }

function withParts(state: State, request: IncomingMessage, { key, upload, part, body }: PartRequest): Reply {
  const parts = state.uploads.get(upload)
  if (!parts) return xmlError(404, "NoSuchUpload")
  if (request.method === "DELETE") {
    state.uploads.delete(upload)
    return { status: 204 }
  }
  if (request.method === "PUT") {
    parts.set(part, body)
    return { status: 200, headers: { etag: `"${part}"`, "x-amz-checksum-sha256": checksumOf(body) } }
  }
  // The list of parts has no checksum of its own; one that was spoilt on the way does not parse or names parts that are not there.
  const named = [...new TextDecoder().decode(body).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((match) => Number(match[1]))
  const sums = [...new TextDecoder().decode(body).matchAll(/<ChecksumSHA256>([^<]*)<\/ChecksumSHA256>/g)].map((match) => match[1])
  const isWhole =
    named.length === parts.size && named.every((number, i) => number === i + 1 && checksumOf(parts.get(number) as Uint8Array) === sums[i])
  if (!isWhole) return xmlError(400, "InvalidPart")
  const joined = new Uint8Array(Buffer.concat(named.map((number) => parts.get(number) as Uint8Array)))
  const reply = create(state, request, { key, body: joined })
  if (reply.status === 200) state.uploads.delete(upload)
  return reply.status === 200
    ? {
        status: 200,
        headers: { "content-type": "application/xml" },
        body: `<?xml version="1.0"?><CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>`,
      }
    : reply
}
