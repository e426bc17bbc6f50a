/**
 * Signed heads of the audit chain in a file beside the database: one JSON object a line, appended and fsynced,
 *
 *     {"seq":1204,"hash":"9f…","at":"2026-01-05T12:00:00.000Z","signature":"<Ed25519 over seq, hash and at, base64>"}
 *
 * The signed text is "stet audit checkpoint", seq, hash and at, each on a line of its own. Copied to another machine, the file
 * proves that nothing before its last line was changed or cut off; `openssl pkeyutl -verify` can check it without Stet.
 */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { mkdir, open, readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { writeDurably } from "#base/adapters/durable.ts"
import { Fault } from "#base/fault.ts"
import { toIso } from "#base/time.ts"
import { signingKey } from "#people/adapters/signing-key.ts"
import type { AuditHead } from "#people/audit.ts"
import type { Checkpoints } from "#people/ports.ts"

export type CheckpointFiles = { readonly keyFile: string; readonly file: string }

type Line = AuditHead & { readonly at: string; readonly signature: string }

/** Makes the key when there is none: readable by its owner alone. */
export async function openCheckpoints({ keyFile, file }: CheckpointFiles): Promise<Checkpoints> {
  const key = await signingKey(keyFile)
  const publicKey = createPublicKey(key)
  return {
    async keep({ seq, hash }, atMs) {
      const at = toIso(atMs)
      const signature = sign(null, signedText({ seq, hash, at }), key).toString("base64")
      await append(file, `${JSON.stringify({ seq, hash, at, signature })}\n`)
    },
    async heads() {
      const text = await readFile(file, "utf8").catch(whenMissing(""))
      const lines = text.split("\n")
      // What follows the last line end was cut off by a crash before it was safe: it vouches for nothing.
      lines.pop()
      return lines.map((line, i) => readLine(line, publicKey) ?? damaged(file, i + 1))
    },
  }
}

function signedText({ seq, hash, at }: Omit<Line, "signature">): Buffer {
  return Buffer.from(`stet audit checkpoint\n${seq}\n${hash}\n${at}\n`)
}

function readLine(text: string, key: KeyObject): AuditHead | undefined {
  try {
    const { seq, hash, at, signature } = JSON.parse(text) as Line
    return verify(null, signedText({ seq, hash, at }), key, Buffer.from(signature, "base64")) ? { seq, hash } : undefined
  } catch {
    return undefined
  }
}

function damaged(file: string, line: number): never {
  throw new Fault("checkpoints_damaged", `Line ${line} of ${file} is not what was signed.`, {
    remedy: "Compare it with the copy on another machine; if that is whole, put it back, and find out who wrote to the file.",
  })
}

async function append(file: string, line: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // A line that a crash cut off is removed first, so that it cannot swallow this one.
    const text = await readFile(file, "utf8").catch(whenMissing(""))
    const torn = text !== "" && !text.endsWith("\n")
    if (torn) await truncateTo(file, Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1)))
    await writeDurably(file, line, "a")
  } catch (error) {
    throw new Fault("storage_unwritable", `The audit's checkpoints cannot be written to ${file}.`, {
      cause: error,
      retry: "later",
      remedy: "Look at the disk and its rights.",
    })
  }
}

async function truncateTo(file: string, length: number): Promise<void> {
  const handle = await open(file, "r+")
  await handle.truncate(length).finally(() => handle.close())
}

function whenMissing<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === "ENOENT") return value
    throw error
  }
}
