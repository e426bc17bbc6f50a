/** Sends what a handler gave: JSON, bytes, or a problem. */
import { Readable } from "node:stream"
import type { FastifyReply, FastifyRequest } from "fastify"
import { type AnyRefusal, problemOfRefusal, type Told } from "#api/problem.ts"
import { headerOf } from "#api/serve/context.ts"
import { ahead } from "#api/wire/ahead.ts"
import { type HeaderKind, securityHeaders } from "#api/wire/headers.ts"
import { jsonText } from "#api/wire/json-text.ts"
import { cut, etagOf, wantedOf } from "#api/wire/ranges.ts"

/** Bytes that never change under this digest. `pieces` is called only when they are wanted. */
export type ByteSource = {
  readonly sha256: string
  readonly sizeBytes: number
  readonly pieces: () => AsyncIterable<Uint8Array> | Promise<Uint8Array>
  readonly mediaType: string
  readonly fileName: string
}

export type Answering = { readonly https: boolean }

export function secure(reply: FastifyReply, kind: HeaderKind, { https, nonce }: { readonly https: boolean; readonly nonce?: string }): void {
  reply.headers(securityHeaders({ kind, https, nonce }))
}

export function sendJson(reply: FastifyReply, status: number, value: unknown): FastifyReply {
  return reply.code(status).header("content-type", "application/json; charset=utf-8").send(jsonText(value))
}

export function sendProblem(reply: FastifyReply, { problem, headers }: Told): FastifyReply {
  // A body that was not read to its end would be taken for the next request.
  if (!reply.request.raw.complete) reply.header("connection", "close")
  return reply.code(problem.status).headers(headers).header("content-type", "application/problem+json; charset=utf-8").send(JSON.stringify(problem))
}

export function refuseWith(reply: FastifyReply, refusal: AnyRefusal): FastifyReply {
  return sendProblem(reply, problemOfRefusal(refusal, reply.request.id))
}

/** Whole, in part, or "unchanged". Always for saving, never for showing: what is in there belongs to those who wrote it. */
export async function sendBytes(request: FastifyRequest, reply: FastifyReply, source: ByteSource): Promise<FastifyReply> {
  const etag = etagOf(source.sha256)
  const conditions = { ifNoneMatch: headerOf(request, "if-none-match"), range: headerOf(request, "range"), ifRange: headerOf(request, "if-range") }
  const wanted = wantedOf(conditions, etag, source.sizeBytes)
  reply.headers({ etag, "accept-ranges": "bytes", "cache-control": "private, no-cache" })
  if (wanted.kind === "unchanged") return reply.code(304).send()
  if (wanted.kind === "unsatisfiable") {
    reply.header("content-range", `bytes */${source.sizeBytes}`)
    return refuseWith(reply, { refused: "bad_range", message: `There are ${source.sizeBytes} bytes.` })
  }
  const pieces = await source.pieces()
  const whole = pieces instanceof Uint8Array ? pieces : await ahead(pieces, source)
  reply.headers({ "content-type": source.mediaType, "content-disposition": dispositionOf(source.fileName) })
  const part = wanted.kind === "part" ? wanted.part : { start: 0, end: source.sizeBytes }
  reply.header("content-length", part.end - part.start)
  if (wanted.kind === "part") reply.code(206).header("content-range", `bytes ${part.start}-${part.end - 1}/${source.sizeBytes}`)
  if (whole instanceof Uint8Array) return reply.send(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).subarray(part.start, part.end))
  return reply.send(Readable.from(wanted.kind === "part" ? cut(whole, part) : whole, { objectMode: false }))
}

/** RFC 6266: a plain name for old programs, the true one for the others. */
export function dispositionOf(fileName: string): string {
  const name = (fileName.split("/").at(-1) ?? "").replace(/[\x00-\x1f\x7f-\x9f"\\/]/gu, "_").toWellFormed() || "download"
  const plain = name
    .replace(/[^\x20-\x7e]/gu, "_")
    .replace(/%/gu, "_")
    .slice(0, 150)
  const encoded = encodeURIComponent([...name].slice(0, 150).join("")).replace(
    /['()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
