/**
 * Where notebooks and parameter files are read from and results are written to, named by one string: a local path or
 * `file://` address, `-` for the standard streams, `http://` and `https://` (reading only), `s3://bucket/key`.
 */

/** What to write: bytes in memory, bytes as they come, or a local file that is moved (it is gone afterwards). */
export type BytesSource = Uint8Array | AsyncIterable<Uint8Array> | { readonly file: string }

export interface Storage {
  /** @throws Fault storage_unreadable (not there, not reachable, too large), storage_forbidden */
  read(uri: string): Promise<Uint8Array>
  /**
   * Replaces what is at `uri` in one step: whoever reads it sees the old bytes or the new ones, never a mixture, and the
   * old ones stay if anything fails. Standard output, pipes and devices cannot take bytes back and get them as they come.
   *
   * @throws Fault storage_unwritable, storage_forbidden, disk_full
   */
  write(uri: string, source: BytesSource): Promise<void>
  /** As `write`, piece by piece, in bounded memory. What `check` refuses is refused here too; by S3 only when the first bytes are sent. */
  openWrite(uri: string): Promise<Sink>
  /** Tries whether `uri` can be written, leaving nothing behind, so that a run is refused before it starts. @throws as `write` */
  check(uri: string): Promise<void>
  /** Whether a write to `uri` would replace something. @throws as `read`, when that cannot be told */
  exists(uri: string): Promise<boolean>
  /** Whether it can be written again and again at little cost, each time replacing the last: a local file, no pipe or device. */
  mayRepeat(uri: string): Promise<boolean>
}

/** A write under way. One call at a time; after `commit` or `abort` it is over. */
export interface Sink {
  /** The bytes may be reused by the caller when this resolves. @throws Fault; the sink must then be aborted */
  write(bytes: Uint8Array): Promise<void>
  /** Makes the bytes durable and puts them in place. @throws Fault; nothing was replaced and nothing is left behind */
  commit(): Promise<void>
  /** Gives up and leaves nothing behind. Never throws; harmless after `commit`. */
  abort(): Promise<void>
}

/** What a URI names, told from its text alone. */
export type Location =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "standard stream" }
  | { readonly kind: "http"; readonly address: string }
  | { readonly kind: "s3"; readonly bucket: string; readonly key: string }
  /** `why` completes the sentence "… cannot be used:". */
  | { readonly kind: "unusable"; readonly why: string }

export function locate(uri: string): Location {
  if (uri === "") return unusable("it is empty")
  if (uri.includes("\0")) return unusable("it contains a NUL character")
  if (uri === "-") return { kind: "standard stream" }
  // One letter before the colon is a Windows drive, and "a:b" without slashes is an ordinary file name.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      return { kind: "file", path: uri }
    case "file":
      return locateFileAddress(uri)
    case "http":
    case "https":
      return { kind: "http", address: uri }
    case "s3":
      return locateObject(uri)
    default:
      return unusable(`Stet cannot reach ${scheme}:// yet (it knows paths, -, http://, https:// and s3://)`)
  }
}

function unusable(why: string): Location {
  return { kind: "unusable", why }
}

function locateFileAddress(uri: string): Location {
  const [, host = "", path = ""] = /^file:\/\/([^/]*)(\/[^?#]*)?/i.exec(uri) ?? []
  if (host !== "" && host.toLowerCase() !== "localhost") return unusable(`it names a file on another machine, ${host}`)
  if (path === "") return unusable("it names no path (a file address has three slashes: file:///tmp/a.ipynb)")
  try {
    const decoded = decodeURIComponent(path)
    return decoded.includes("\0") ? unusable("it contains a NUL character") : { kind: "file", path: decoded }
  } catch {
    return unusable("its % escapes are not valid UTF-8")
  }
}

function locateObject(uri: string): Location {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(uri) ?? []
  if (bucket === "") return unusable("it names no bucket (s3://bucket/key)")
  if (key === "" || key.endsWith("/")) return unusable("it names no object in the bucket (s3://bucket/key)")
  return { kind: "s3", bucket, key }
}

/** A URI as it may be shown and recorded: without a password in it and without a query, where signatures and tokens travel. */
export function withoutSecrets(uri: string): string {
  if (locate(uri).kind !== "http") return uri
  return uri.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1").replace(/[?#].*$/s, "")
}

/** Everything from the source into the sink, and commits. Aborts on any failure and throws it. */
export async function pour(source: Uint8Array | AsyncIterable<Uint8Array>, sink: Sink): Promise<void> {
  try {
    if (source instanceof Uint8Array) await sink.write(source)
    else for await (const bytes of source) await sink.write(bytes)
    await sink.commit()
  } catch (error) {
    await sink.abort()
    throw error
  }
}
