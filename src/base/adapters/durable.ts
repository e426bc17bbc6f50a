import { open } from "node:fs/promises"

/**
 * Writes a text that only its owner may read; it is on the disk when this resolves. "a" appends to what is there, "wx" wants nothing to be there.
 * @throws Error of the file system
 */
export async function writeDurably(file: string, text: string, flag: "a" | "wx"): Promise<void> {
  const handle = await open(file, flag, 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
