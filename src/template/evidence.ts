/**
 * The record of why something might be promoted, signed so that it can be checked without this server: one line of canonical JSON
 * (keys sorted by code point), and an Ed25519 signature over "stet evidence", a line end, and that line.
 *
 * It says that nothing of it was changed since the key's holder signed it. It does not say that the holder told the truth.
 */
import { isObject, type Json, type JsonObject, own, parse, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { leadsTo, type Rotation } from "#template/rotation.ts"

export { rotationsIn } from "#template/rotation.ts"

export type Evidence = {
  readonly stet: 1
  readonly template: string
  readonly number: number
  readonly notebook: { readonly id: string; readonly space: string; readonly path: string }
  readonly version: { readonly number: number; readonly sha256: string; readonly manifestSha256: string }
  /** JSON Schema. */
  readonly parameters: Json
  readonly proposal: { readonly id: string; readonly author: PersonFact; readonly message: string; readonly createdAt: string }
  readonly checks: readonly CheckFact[]
  readonly findings: readonly FindingFact[]
  readonly reviews: readonly { readonly person: PersonFact; readonly verdict: string; readonly said: string; readonly at: string }[]
  readonly isReviewed: boolean
  /** In whose name it runs; evidence from before there was a choice says nothing, and means whoever asks. */
  readonly runAs?: RunAsFact
  /** What was asked for then; of older evidence nothing is known. */
  readonly policy?: PolicyFact
  readonly promotedBy: PersonFact
  readonly promotedAt: string
  /** SHA-256 of the evidence before; "" for the first. */
  readonly before: string
}

export type RunAsFact = {
  readonly kind: string
  readonly person?: PersonFact
  readonly consent?: PersonFact & { readonly at: string }
}
export type PolicyFact = {
  readonly approvals: number
  /** One while somebody else may edit it, else none: nobody had asked for another number. */
  readonly isDefault: boolean
  readonly otherEditors: number
  readonly codeOwners: readonly (PersonFact & { readonly kind: string; readonly of: string })[]
}
type PersonFact = { readonly id: string; readonly name: string }
type CheckFact = {
  readonly kind: string
  readonly name: string
  readonly parameters: Json
  /** What parameters that name an upload were given. */
  readonly files?: readonly { readonly parameter: string; readonly name: string; readonly sha256: string }[]
  readonly expects: Json
  /** [{cell, source}]: what ran in place of cells. Left out before there were any. */
  readonly mocks?: Json
  /** A sentence for each part of the test case that cannot fail; left out where there is none, and before that was asked. */
  readonly weaknesses?: readonly string[]
  readonly run: string
  readonly environment: string
  readonly resultSha256: string
  /** Whether the fresh rerun showed what the version holds: {is, said, compared, cells}. Left out before that was asked. */
  readonly shown?: Json
}
type FindingFact = {
  readonly rule: string
  readonly kind: string
  readonly cell: string
  readonly line: number
  readonly why: string
  /** Why it was let stand; without `by` it is the notebook itself that says so. */
  readonly letStand?: { readonly said: string; readonly by?: PersonFact; readonly at?: string }
}

export function evidenceText(evidence: Evidence): string {
  return write(evidence as unknown as JsonObject)
}

/** What is signed. */
export function signedBytes(text: string): Uint8Array {
  return new TextEncoder().encode(`stet evidence\n${text}`)
}

/** As it is given out: `evidence` is the very text that was signed. `rotations`: how keys followed one another. */
export type Signed = {
  readonly evidence: string
  readonly signature: string
  readonly publicKey: string
  readonly keyId: string
  readonly rotations?: readonly Rotation[]
}

export type BadEvidence = { readonly refused: "bad_evidence"; readonly message: string }

export type Verifying = {
  readonly sha256: (bytes: Uint8Array) => string
  /** The key as SPKI in base64, the signature in base64. False also for what is no key or signature. */
  readonly verify: (signed: { readonly bytes: Uint8Array; readonly signature: string; readonly publicKey: string }) => boolean
}

/**
 * Checks an export against a fingerprint that came another way, and the bytes of the notebook when they are given. The fingerprint may be
 * that of another key of the same organisation, where rotations that both signed lead from one to the other.
 * The fingerprint is the SHA-256, in hex, of the public key as SPKI.
 */
export function verifyEvidence(
  signed: Signed,
  given: { readonly fingerprint: string; readonly notebook?: Uint8Array | undefined },
  { sha256, verify }: Verifying,
): Outcome<Evidence, BadEvidence> {
  const { evidence: text, signature, publicKey } = signed
  const fingerprint = given.fingerprint.toLowerCase().replaceAll(/[:\s]/gu, "")
  const fingerprintOf = (spki: string) => sha256(bytesOf(spki))
  if (!leadsTo(fingerprint, publicKey, { rotations: signed.rotations ?? [], fingerprintOf, verify }))
    return bad("It was signed with another key than the one whose fingerprint was given, and neither vouches for the other.")
  if (!verify({ bytes: signedBytes(text), signature, publicKey })) return bad("The signature is not that of this evidence: something was changed.")
  const evidence = evidenceIn(text)
  if (!evidence) return bad("What was signed is no evidence that this version of Stet reads.")
  if (given.notebook !== undefined && sha256(given.notebook) !== evidence.version.sha256)
    return bad(`The notebook is not the one that was promoted: its digest is ${sha256(given.notebook)}, and ${evidence.version.sha256} was.`)
  return accepted(evidence)
}

/** Nothing of what is no base64. */
function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

function evidenceIn(text: string): Evidence | undefined {
  const parsed = parse(text)
  if (!parsed.ok || !isObject(parsed.value) || own(parsed.value, "stet") !== 1) return undefined
  const version = own(parsed.value, "version")
  return isObject(version) && typeof own(version, "sha256") === "string" ? (parsed.value as unknown as Evidence) : undefined
}

function bad(message: string): { readonly ok: false; readonly refusal: BadEvidence } {
  return refused({ refused: "bad_evidence", message })
}
