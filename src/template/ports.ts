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

/** The way out of the platform, to those who asked to hear of runs. */
export interface Outbound {
  /** Where people reach the platform, without a slash at the end. */
  readonly url: string
  /** HMAC-SHA-256 in lower-case hex. */
  hmac(secret: string, text: string): string
  /** @returns the status that was answered. @throws Error in words when nothing was, or when the address may not be asked */
  post(address: string, body: string, headers: Readonly<Record<string, string>>): Promise<number>
  /** `about` makes it one mail, however often it is sent. @throws Error in words */
  mail(letter: { readonly to: string; readonly subject: string; readonly text: string; readonly about: string }): Promise<void>
}
