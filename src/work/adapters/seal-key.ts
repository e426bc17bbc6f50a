/** AES-256-GCM with a key in a private file: `nonce (12) · tag (16) · ciphertext`. Another file of the same directory holds the key of digests. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto"
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault, toError } from "#base/fault.ts"
import type { Seal } from "#work/ports.ts"

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * The key is made when there is none. Every server and worker of one platform must have the same file.
 * @throws Fault storage_unwritable, storage_unreadable
 */
export function sealKey(folder: string): Seal {
  const key = keyIn(folder, "parameters.key")
  const digestKey = createHmac("sha256", key).update("stet request digest").digest()
  return {
    close: (plain, about) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about))
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open: (sealed, about) => {
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8")
      } catch (error) {
        throw new Fault("storage_unreadable", "The secret parameters of this run cannot be opened: they were sealed with another key.", {
          cause: error,
          remedy: `Give every server and worker the same ${join(folder, "parameters.key")}, and order the run again.`,
        })
      }
    },
    digest: (text) => createHmac("sha256", digestKey).update(text).digest("hex"),
  }
}

/** Written aside and linked: two processes that start at once end with one key. */
function keyIn(folder: string, name: string): Buffer {
  const path = join(folder, name)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!statSync(path, { throwIfNoEntry: false })) {
      const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`
      writeFileSync(aside, randomBytes(KEY_BYTES).toString("hex"), { mode: 0o600, flush: true })
      try {
        linkSync(aside, path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
      } finally {
        rmSync(aside, { force: true })
      }
    }
    const key = Buffer.from(readFileSync(path, "utf8").trim(), "hex")
    if (key.length === KEY_BYTES) return key
  } catch (error) {
    throw new Fault("storage_unwritable", `The key file ${path} cannot be made or read: ${toError(error).message}.`, {
      cause: error,
      remedy: "Set STET_HOME to a directory that you may write.",
    })
  }
  throw new Fault("storage_unreadable", `${path} does not hold a key of ${KEY_BYTES} bytes in hexadecimal.`, {
    remedy: "Put the right file back from a backup; without it secrets of queued runs are lost.",
  })
}
