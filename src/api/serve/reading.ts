/** Takes in the body of a request, as its route wants it. */
import type { Readable } from "node:stream"
import type { FastifyRequest } from "fastify"
import type { Content } from "#api/contract.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { JSON_LIMITS, jsonBody } from "#api/wire/json-body.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type Reading = {
  /** Members that stay lossless. */
  readonly exact: readonly string[]
  readonly stream: boolean
  readonly room: Room
}

/** How many bytes of bodies may be in memory at once, over all requests: a limit for each alone would leave their number unbounded. */
export type Room = { take(bytes: number): boolean }

/** What one request took is given back when it is answered. */
export function roomOf(most: number): (answered: (then: () => void) => void) => Room {
  let held = 0
  return (answered) => {
    let own = 0
    answered(() => {
      held -= own
      own = 0
    })
    return {
      take(bytes) {
        if (held + bytes > most) return false
        held += bytes
        own += bytes
        return true
      },
    }
  }
}

export type BodyStream = AsyncIterable<Uint8Array>

/** The parsed body, the bytes, or nothing. `stream` leaves bytes where they are: the handler reads them. */
export async function readBody(request: FastifyRequest, content: Content | undefined, how: Reading): Promise<Outcome<unknown, AnyRefusal>> {
  if (content === undefined || content.kind === "empty" || content.kind === "events") return nothingExpected(request)
  const wrong = contentTypeProblem(request, content)
  if (wrong) return refused(wrong)
  const limit = content.kind === "bytes" ? (content.limitBytes ?? JSON_LIMITS.bytes) : JSON_LIMITS.bytes
  if (Number(request.headers["content-length"] ?? 0) > limit) return refused(tooLarge(limit))
  if (content.kind === "bytes" && how.stream) return accepted(limited(request.raw, limit))
  const bytes = await collect(request.raw, limit, how.room)
  if (bytes === "too large") return refused(tooLarge(limit))
  if (bytes === "no room") return refused({ refused: "too_busy", message: "Too many large bodies come in at once.", retryAfterSeconds: 2 })
  if (content.kind === "bytes") return accepted(bytes)
  if (bytes.length === 0) return accepted(undefined)
  const read = jsonBody(bytes, how.exact)
  return read.ok ? read : refused({ refused: "bad_body", message: "The body cannot be used as it is.", errors: [{ in: "body", ...read.refusal }] })
}

function nothingExpected(request: FastifyRequest): Outcome<undefined, AnyRefusal> {
  const has = Number(request.headers["content-length"] ?? 0) > 0 || request.headers["transfer-encoding"] !== undefined
  return has
    ? refused({ refused: "bad_body", message: "This takes no body.", errors: [{ in: "body", path: "", message: "Leave the body out." }] })
    : accepted(undefined)
}

function contentTypeProblem(request: FastifyRequest, content: Content): AnyRefusal | undefined {
  // Nothing is unpacked here: a small body would become a large one.
  const encoding = request.headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity")
    return { refused: "wrong_content_type", message: `The body is packed (${encoding.slice(0, 40)}).`, remedy: "Send it unpacked." }
  const [type = ""] = (request.headers["content-type"] ?? "").split(";")
  const isEmpty =
    request.headers["content-length"] === "0" ||
    (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined)
  const wanted = content.kind === "json" ? ["application/json"] : content.kind === "bytes" ? content.mediaTypes : []
  if (wanted.includes("*/*") || wanted.includes(type.trim().toLowerCase()) || (isEmpty && type === "")) return undefined
  return {
    refused: "wrong_content_type",
    message: `The body is ${type.trim() === "" ? "of no stated type" : type.trim().slice(0, 100)}, and this takes ${wanted.join(" or ")}.`,
    remedy: `Send it with Content-Type: ${wanted[0]}.`,
  }
}

function tooLarge(limit: number): AnyRefusal {
  return { refused: "too_large", message: `The body is larger than ${limit} bytes.`, remedy: "Send less at once." }
}

async function collect(stream: Readable, limit: number, room: Room): Promise<Uint8Array | "too large" | "no room"> {
  const pieces: Uint8Array[] = []
  let size = 0
  // To stop reading must not close the connection: the answer is still to come.
  for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    size += piece.length
    if (size > limit) return "too large"
    // Twice: the pieces and the whole are there together.
    if (!room.take(piece.length * 2)) return "no room"
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Ends with an error one byte past the limit, whatever Content-Length said. */
async function* limited(stream: Readable, limit: number): BodyStream {
  let size = 0
  for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    size += piece.length
    if (size > limit) throw new BodyTooLarge(limit)
    yield piece
  }
}

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge"
  readonly limit: number
  constructor(limit: number) {
    super(`the body is larger than ${limit} bytes`)
    this.limit = limit
  }
}
