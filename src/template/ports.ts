/** What templates need of the world beside the rooms before them. */
import type { WorkWorld } from "#work/index.ts"

/** The organisation's own key; it is not in the database. */
export interface Signer {
  /** The first 16 digits of the fingerprint. */
  readonly keyId: string
  /** SHA-256 of the public key as SPKI, in hex. */
  readonly fingerprint: string
  /** SPKI, base64. */
  readonly publicKey: string
  /** Ed25519, base64. */
  sign(bytes: Uint8Array): string
}

export type TemplateWorld = WorkWorld & {
  readonly signer: Signer
  /** In lower-case hex. */
  readonly sha256: (bytes: Uint8Array) => string
}
