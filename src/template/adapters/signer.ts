/**
 * The organisation's signing keys, in files that their owner alone reads: `evidence.key` is the one of now, `evidence.rotations.jsonl`
 * tells how keys followed one another, a line each. Read anew whenever something is signed, so that a server that runs follows a rotation.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { readFile, rename } from "node:fs/promises"
import { join } from "node:path"
import { writeDurably } from "#base/adapters/durable.ts"
import { Fault } from "#base/fault.ts"
import { type JsonObject, parse } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import type { Verifying } from "#template/evidence.ts"
import type { KeyFacts, Signer } from "#template/ports.ts"
import { type Rotation, rotationBytes, rotationsIn } from "#template/rotation.ts"

/** Makes a key where there is none. */
type KeyMaker = (keyFile: string) => Promise<KeyObject>

export function signerIn(directory: string, keyAt: KeyMaker): Signer {
  const key = () => keyAt(join(directory, "evidence.key"))
  return {
    current: async () => factsOf(publicKeyOf(await key())),
    rotations: () => readRotations(directory),
    sign: async (bytes) => {
      const own = await key()
      return { signature: sign(null, bytes, own).toString("base64"), key: factsOf(publicKeyOf(own)) }
    },
  }
}

export function factsOf(publicKey: string): KeyFacts {
  const fingerprint = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex")
  return { keyId: fingerprint.slice(0, 16), fingerprint, publicKey }
}

/**
 * A new key in place of the one of now, whose private half is gone afterwards. `isTrusted` false: the old one fell into wrong hands,
 * and neither vouches for the other. Broken off anywhere, it goes on where it was when it is asked for again.
 */
export async function rotateKey(
  directory: string,
  keyAt: KeyMaker,
  { isTrusted, at }: { readonly isTrusted: boolean; readonly at: number },
): Promise<{ readonly from: KeyFacts; readonly to: KeyFacts }> {
  const [file, nextFile] = [join(directory, "evidence.key"), join(directory, "evidence.key.next")]
  const [before, after] = [await keyAt(file), await keyAt(nextFile)]
  const [from, to] = [publicKeyOf(before), publicKeyOf(after)]
  const known = await readRotations(directory)
  if (!known.some((one) => one.from === from && one.to === to)) {
    const told = { from, to, at: toIso(at) }
    const signed = (key: KeyObject) => (isTrusted ? sign(null, rotationBytes(told), key).toString("base64") : "")
    const rotation: Rotation = { ...told, signatures: { from: signed(before), to: signed(after) } }
    await writeDurably(rotationsFile(directory), `${JSON.stringify(rotation)}\n`, "a")
  }
  await rename(nextFile, file)
  return { from: factsOf(from), to: factsOf(to) }
}

function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64")
}

function rotationsFile(directory: string): string {
  return join(directory, "evidence.rotations.jsonl")
}

async function readRotations(directory: string): Promise<readonly Rotation[]> {
  const file = rotationsFile(directory)
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return ""
    throw error
  })
  return text
    .split("\n")
    .slice(0, -1)
    .map((line, index) => readRotation(line) ?? damaged(file, index + 1))
}

function readRotation(line: string): Rotation | undefined {
  const parsed = parse(line)
  return parsed.ok ? rotationsIn([parsed.value as JsonObject])[0] : undefined
}

function damaged(file: string, line: number): never {
  throw new Fault("storage_unreadable", `Line ${line} of ${file} is no rotation of a key.`, { remedy: "Put the file back from a copy of the keys." })
}

export const verifyEd25519: Verifying["verify"] = ({ bytes, signature, publicKey }) => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" })
    return verify(null, bytes, key, Buffer.from(signature, "base64"))
  } catch {
    return false
  }
}
