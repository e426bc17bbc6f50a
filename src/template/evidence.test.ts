import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { expect, test } from "vitest"
import { verifyEd25519 } from "#template/adapters/signer.ts"
import { type Evidence, evidenceText, type Signed, signedBytes, verifyEvidence } from "#template/evidence.ts"

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const NOTEBOOK = new TextEncoder().encode("{}")
const EVIDENCE = {
  stet: 1,
  template: "finance/weekly",
  number: 2,
  version: { number: 7, sha256: sha256(NOTEBOOK), manifestSha256: "" },
} as unknown as Evidence

function signedBy(evidence: Evidence): Signed & { readonly fingerprint: string } {
  const pair = generateKeyPairSync("ed25519")
  const spki = pair.publicKey.export({ type: "spki", format: "der" })
  const text = evidenceText(evidence)
  const signature = sign(null, signedBytes(text), pair.privateKey).toString("base64")
  return { evidence: text, signature, publicKey: spki.toString("base64"), keyId: "k", fingerprint: sha256(spki) }
}

test("what was signed is believed against the fingerprint that came another way, in any spelling of it", () => {
  const signed = signedBy(EVIDENCE)
  const spelled = signed.fingerprint.toUpperCase().replace(/(..)(?!$)/gu, "$1:")
  const verified = verifyEvidence(signed, { fingerprint: spelled, notebook: NOTEBOOK }, { sha256, verify: verifyEd25519 })
  expect(verified.ok && [verified.value.template, verified.value.number]).toEqual(["finance/weekly", 2])
})

test("one byte of the evidence, the signature, the key or the notebook changed, and it is not", () => {
  const signed = signedBy(EVIDENCE)
  const other = signedBy(EVIDENCE)
  const why = (change: Partial<Signed>, notebook = NOTEBOOK) => {
    const said = verifyEvidence({ ...signed, ...change }, { fingerprint: signed.fingerprint, notebook }, { sha256, verify: verifyEd25519 })
    return said.ok ? "believed" : said.refusal.message
  }
  expect(why({})).toBe("believed")
  expect(why({ evidence: signed.evidence.replace("weekly", "weekIy") })).toMatch(/something was changed/)
  expect(why({ signature: `${signed.signature.startsWith("A") ? "B" : "A"}${signed.signature.slice(1)}` })).toMatch(/something was changed/)
  expect(why({ signature: "nonsense" })).toMatch(/something was changed/)
  expect(why({ publicKey: other.publicKey, signature: other.signature })).toMatch(/another key/)
  expect(why({}, new TextEncoder().encode("{ }"))).toMatch(/not the one that was promoted/)
})
