/** Every kind of storage behind the one port, chosen by the URI. */
import { createReadStream } from "node:fs"
import { unlink } from "node:fs/promises"
import { Fault, type FaultCode } from "#base/fault.ts"
import { unreachable } from "#base/outcome.ts"
import { checkLocal, existsLocal, moveLocal, openWriteLocal, readLocal, standsLocal } from "#run/adapters/storage/file.ts"
import { fileFault } from "#run/adapters/storage/file-fault.ts"
import type { HttpOptions } from "#run/adapters/storage/http.ts"
import { objectStorage } from "#run/adapters/storage/s3.ts"
import { type StandardStreams, standardStreams } from "#run/adapters/storage/standard-streams.ts"
import { type BytesSource, locate, pour, type Sink, type Storage, withoutSecrets } from "#run/storage.ts"

export type StorageOptions = {
  /** Let http(s) addresses lead into private networks and to this machine. Default false. */
  readonly allowPrivateAddresses?: boolean
  /** Where AWS_… and GITHUB_ACCESS_TOKEN are looked up. Default: the process's. */
  readonly env?: { readonly [name: string]: string | undefined }
  /** Default: the process's. */
  readonly streams?: StandardStreams
  readonly http?: Omit<HttpOptions, "env" | "allowPrivateAddresses">
}

export function openStorage(options: StorageOptions = {}): Storage {
  const env = options.env ?? process.env
  const http: HttpOptions = { ...options.http, env, allowPrivateAddresses: options.allowPrivateAddresses ?? false }
  const streams = standardStreams(options.streams ?? { input: process.stdin, output: process.stdout })
  const objects = objectStorage(env)

  const openWrite = async (uri: string): Promise<Sink> => {
    const at = locate(uri)
    switch (at.kind) {
      case "file":
        return openWriteLocal(at.path)
      case "standard stream":
        return streams.openWrite()
      case "s3":
        return objects.openWrite(at)
      case "http":
        throw readOnly(uri)
      case "unusable":
        throw unusable("storage_unwritable", uri, at.why)
      default:
        return unreachable(at)
    }
  }

  return {
    async read(uri) {
      const at = locate(uri)
      switch (at.kind) {
        case "file":
          return readLocal(at.path)
        case "standard stream":
          return streams.read()
        case "s3":
          return objects.read(at)
        case "http":
          // Loaded when needed: TLS is a third of the time in which a command starts.
          return (await import("#run/adapters/storage/http.ts")).readHttp(at.address, http)
        case "unusable":
          throw unusable("storage_unreadable", uri, at.why)
        default:
          return unreachable(at)
      }
    },
    openWrite,
    write: (uri, source) => writeSource(uri, source, openWrite),
    async check(uri) {
      const at = locate(uri)
      if (at.kind === "file") await checkLocal(at.path)
      else if (at.kind === "s3") await objects.check(at)
      else if (at.kind === "http") throw readOnly(uri)
      else if (at.kind === "unusable") throw unusable("storage_unwritable", uri, at.why)
    },
    async exists(uri) {
      const at = locate(uri)
      if (at.kind === "file") return existsLocal(at.path)
      return at.kind === "s3" ? objects.exists(at) : false
    },
    async mayRepeat(uri) {
      const at = locate(uri)
      return at.kind === "file" && (await standsLocal(at.path)) !== "stream"
    },
  }
}

async function writeSource(uri: string, source: BytesSource, openWrite: (uri: string) => Promise<Sink>): Promise<void> {
  if (!isLocalFile(source)) return pour(source, await openWrite(uri))
  const at = locate(uri)
  if (at.kind === "file" && (await moveLocal(source.file, at.path))) return
  await pour(piecesOf(source.file), await openWrite(uri))
  await unlink(source.file).catch(() => undefined)
}

function isLocalFile(source: BytesSource): source is { readonly file: string } {
  return !(source instanceof Uint8Array) && "file" in source
}

async function* piecesOf(file: string): AsyncIterable<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: 1024 * 1024 })
  try {
    for await (const piece of stream) yield piece
  } catch (error) {
    throw fileFault(error, "read", file)
  }
}

function unusable(code: FaultCode, uri: string, why: string): Fault {
  return new Fault(code, `"${withoutSecrets(uri)}" cannot be used: ${why}.`, {
    remedy: "Name a path, -, an http(s) address to read, or s3://bucket/key.",
  })
}

function readOnly(uri: string): Fault {
  return new Fault("storage_unwritable", `${withoutSecrets(uri)} cannot be written: Stet only reads web addresses.`, {
    remedy: "Name a path, - or s3://bucket/key as output.",
  })
}
