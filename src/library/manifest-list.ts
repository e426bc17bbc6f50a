/** A manifest: the files that a version needs, by path. */
import type { Digest } from "#library/ports.ts"

/** Paths within the space, each with the SHA-256 of its bytes. */
export type Manifest = { readonly [path: string]: string }

const ENCODER = new TextEncoder()

/** SHA-256 of the list as sha256sum prints it: a line `<sha256>  <path>` for each file, ordered by the bytes of their paths. */
export function manifestDigest(manifest: Manifest, digest: Digest): string {
  const paths = Object.keys(manifest).sort(byBytes)
  return digest(ENCODER.encode(paths.map((path) => `${manifest[path]}  ${path}\n`).join("")))
}

/** UTF-8 orders as code points do, UTF-16 does not: U+FF01 comes before U+1F600. */
export function byBytes(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)]
  const at = left.findIndex((point, i) => point !== right[i])
  if (at < 0) return left.length - right.length
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1)
}
