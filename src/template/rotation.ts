/**
 * How one signing key followed another, so that evidence of any of them can be checked against the fingerprint of any other:
 * both keys sign "stet key rotation", the key that was, the key that is, and the time, each followed by a line end. Where a key
 * fell into wrong hands, neither vouches for the other, and nothing leads from one to the other. Pure.
 */
import { isObject, type Json, own } from "#base/json.ts"

/** Keys are SPKI in base64, signatures Ed25519 in base64; "" where a key was given up as not to be trusted any more. */
export type Rotation = {
  readonly from: string
  readonly to: string
  /** ISO 8601. */
  readonly at: string
  readonly signatures: { readonly from: string; readonly to: string }
}

export function rotationBytes({ from, to, at }: Pick<Rotation, "from" | "to" | "at">): Uint8Array {
  return new TextEncoder().encode(`stet key rotation\n${from}\n${to}\n${at}\n`)
}

type Checking = {
  /** Of a public key, in hex. */
  readonly fingerprintOf: (publicKey: string) => string
  readonly verify: (signed: { readonly bytes: Uint8Array; readonly signature: string; readonly publicKey: string }) => boolean
}

/** Whether rotations that both keys signed lead from the key of this fingerprint to that one, in either direction; one key leads to itself. */
export function leadsTo(
  fingerprint: string,
  publicKey: string,
  { rotations, fingerprintOf, verify }: Checking & { readonly rotations: readonly Rotation[] },
): boolean {
  const sound = rotations.filter((rotation) => {
    const bytes = rotationBytes(rotation)
    return (["from", "to"] as const).every((end) => verify({ bytes, signature: rotation.signatures[end], publicKey: rotation[end] }))
  })
  const known = new Set([fingerprint])
  for (let before = -1; before !== known.size; ) {
    before = known.size
    for (const { from, to } of sound) {
      const ends = [fingerprintOf(from), fingerprintOf(to)]
      if (ends.some((end) => known.has(end))) for (const end of ends) known.add(end)
    }
  }
  return known.has(fingerprintOf(publicKey))
}

export function rotationsIn(value: Json | undefined): readonly Rotation[] {
  return Array.isArray(value) ? value.flatMap((one) => rotationIn(one) ?? []) : []
}

function rotationIn(value: Json): Rotation | undefined {
  if (!isObject(value)) return undefined
  const signatures = own(value, "signatures")
  const texts = [
    own(value, "from"),
    own(value, "to"),
    own(value, "at"),
    ...(isObject(signatures) ? [own(signatures, "from"), own(signatures, "to")] : []),
  ]
  const [from, to, at, before, after] = texts.map((text) => (typeof text === "string" ? text : undefined))
  if (from === undefined || to === undefined || at === undefined || before === undefined || after === undefined) return undefined
  return { from, to, at, signatures: { from: before, to: after } }
}
