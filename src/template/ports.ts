/** What templates need of the world beside the rooms before them. */
import type { Rotation } from "#template/rotation.ts"
import type { WorkWorld } from "#work/index.ts"

/** `keyId`: the first 16 digits of the fingerprint, which is the SHA-256 of the public key as SPKI, in hex. `publicKey`: SPKI, base64. */
export type KeyFacts = { readonly keyId: string; readonly fingerprint: string; readonly publicKey: string }

/** The organisation's own keys; they are not in the database. */
export interface Signer {
  /** The one of now. */
  current(): Promise<KeyFacts>
  /** How it followed others, the oldest first. @throws Fault storage_unreadable */
  rotations(): Promise<readonly Rotation[]>
  /** Ed25519, base64; with the key of now. */
  sign(bytes: Uint8Array): Promise<{ readonly signature: string; readonly key: KeyFacts }>
}

export type TemplateWorld = WorkWorld & {
  readonly signer: Signer
  /** In lower-case hex. */
  readonly sha256: (bytes: Uint8Array) => string
}
