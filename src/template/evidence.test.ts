import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { expect, test } from "vitest"
import { verifyEd25519 } from "#template/adapters/signer.ts"
import { type Evidence, evidenceText, type Signed, signedBytes, verifyEvidence } from "#template/evidence.ts"
import { type Rotation, rotationBytes } from "#template/rotation.ts"

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

test("keys that vouch for each other are as good as one; a key that was given up leads nowhere, and nobody writes a rotation for others", () => {
  const keys = Array.from({ length: 4 }, () => generateKeyPairSync("ed25519"))
  const spki = (index: number) => keys[index]?.publicKey.export({ type: "spki", format: "der" }).toString("base64") ?? ""
  const print = (index: number) => sha256(Buffer.from(spki(index), "base64"))
  const rotation = (from: number, to: number, signers: readonly (number | undefined)[] = [from, to]): Rotation => {
    const told = { from: spki(from), to: spki(to), at: "2026-01-05T12:00:00.000Z" }
    const [before = "", after = ""] = signers.map((by) =>
      by === undefined ? "" : sign(null, rotationBytes(told), keys[by]?.privateKey as never).toString("base64"),
    )
    return { ...told, signatures: { from: before, to: after } }
  }
  const text = evidenceText(EVIDENCE)
  const signature = sign(null, signedBytes(text), keys[1]?.privateKey as never).toString("base64")
  const isBelieved = (fingerprint: string, rotations: readonly Rotation[]) =>
    verifyEvidence({ evidence: text, signature, publicKey: spki(1), keyId: "", rotations }, { fingerprint }, { sha256, verify: verifyEd25519 }).ok
  const chain = [rotation(0, 1), rotation(1, 2)]
  expect([0, 1, 2, 3].map((index) => isBelieved(print(index), chain))).toEqual([true, true, true, false])
  expect(isBelieved(print(0), [])).toBe(false)
  // The second key was given up: the third does not vouch for it.
  expect(isBelieved(print(2), [rotation(0, 1), rotation(1, 2, [undefined, undefined])])).toBe(false)
  // One of the two, or another one in its place, has signed.
  for (const signers of [
    [1, undefined],
    [undefined, 2],
    [1, 1],
    [2, 2],
    [3, 2],
  ] as const)
    expect(isBelieved(print(2), [rotation(1, 2, signers)])).toBe(false)
  const changed = { ...rotation(1, 2), at: "2026-01-06T12:00:00.000Z" }
  expect(isBelieved(print(2), [changed])).toBe(false)
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
