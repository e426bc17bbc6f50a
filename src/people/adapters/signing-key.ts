/** An Ed25519 key in a file that its owner alone reads; made when there is none. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto"
import { link, mkdir, readFile, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { writeDurably } from "#base/adapters/durable.ts"

export async function signingKey(keyFile: string): Promise<KeyObject> {
  const there = await readFile(keyFile, "utf8").catch(absent)
  if (there !== undefined) return createPrivateKey(there)
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
  // Written aside and linked: another process that starts at this moment sees a whole key or none, and both go on with one.
  const aside = `${keyFile}.${randomUUID()}`
  await writeDurably(aside, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "wx")
  try {
    await link(aside, keyFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  } finally {
    await unlink(aside)
  }
  return createPrivateKey(await readFile(keyFile, "utf8"))
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error
}
