/** Conditional and partial requests for bytes that never change (RFC 9110, 13 and 14). Pure. */

export type Part = { readonly start: number /** Not included. */; readonly end: number }

export type Wanted =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly part: Part }
  | { readonly kind: "unchanged" }
  | { readonly kind: "unsatisfiable" }

export type Conditions = { readonly ifNoneMatch: string | undefined; readonly range: string | undefined; readonly ifRange: string | undefined }

export function etagOf(sha256: string): string {
  return `"${sha256}"`
}

/** By `If-None-Match`. */
export function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && matches(ifNoneMatch, etag)
}

export function wantedOf({ ifNoneMatch, range, ifRange }: Conditions, etag: string, sizeBytes: number): Wanted {
  if (isUnchanged(ifNoneMatch, etag)) return { kind: "unchanged" }
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return { kind: "whole" }
  // Of nothing there is no part, and whoever asks for the beginning of an empty file asks for nothing wrong.
  if (sizeBytes === 0) return { kind: "whole" }
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(range.trim())
  // Several ranges, other units and nonsense may be ignored, and then the whole is sent.
  if (!found || (found[1] === "" && found[2] === "")) return { kind: "whole" }
  const [first, last] = [found[1] ?? "", found[2] ?? ""]
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first)
  const end = first === "" || last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1)
  if (first !== "" && last !== "" && Number(last) < Number(first)) return { kind: "whole" }
  return start < end ? { kind: "part", part: { start, end } } : { kind: "unsatisfiable" }
}

/** Weak comparison, `*` for anything. */
function matches(header: string, etag: string): boolean {
  return header.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//u, "") === etag)
}

/** Cuts a part out of bytes that come in pieces. */
export async function* cut(pieces: AsyncIterable<Uint8Array>, { start, end }: Part): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const piece of pieces) {
    const from = Math.max(0, start - at)
    const to = Math.min(piece.length, end - at)
    at += piece.length
    if (from < to) yield piece.subarray(from, to)
    if (at >= end) return
  }
}
