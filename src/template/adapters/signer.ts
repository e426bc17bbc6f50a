/** Signing evidence with the organisation's key: Ed25519. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import type { Verifying } from "#template/evidence.ts"
import type { Signer } from "#template/ports.ts"

export function signerWith(key: KeyObject): Signer {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" })
  const fingerprint = createHash("sha256").update(spki).digest("hex")
  return {
    keyId: fingerprint.slice(0, 16),
    fingerprint,
    publicKey: spki.toString("base64"),
    sign: (bytes) => sign(null, bytes, key).toString("base64"),
  }
}

export const verifyEd25519: Verifying["verify"] = ({ bytes, signature, publicKey }) => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" })
    return verify(null, bytes, key, Buffer.from(signature, "base64"))
  } catch {
    return false
  }
}
