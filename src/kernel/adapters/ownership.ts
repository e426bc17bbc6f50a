/** Whose a kernel's directories and files are. */
import { chmodSync, chownSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs"
import { dirname, join } from "node:path"

/** Makes HOME and TMPDIR in a scratch directory and gives the directory to a user; without one it stays ours. */
export function handOver(scratch: string, uid: number | undefined): void {
  for (const name of ["home", "tmp"]) mkdirSync(join(scratch, name), { recursive: true, mode: 0o700 })
  chmodSync(scratch, 0o700)
  if (uid === undefined) return
  give(scratch, uid)
  letEnter(dirname(scratch))
}

/** Gives directories, and files that not everybody can read. What is readable stays ours, so that it cannot be changed by mistake. */
function give(path: string, uid: number): void {
  const entry = lstatSync(path)
  if (entry.isSymbolicLink()) return
  if (entry.isDirectory()) for (const name of readdirSync(path)) give(join(path, name), uid)
  if (entry.isDirectory() || (entry.mode & 0o004) === 0) chownSync(path, uid, uid)
}

/** From now on the user, who will be somebody else's, has no way in. */
export function takeBack(scratch: string): void {
  try {
    chownSync(scratch, 0, 0)
    chmodSync(scratch, 0o700)
  } catch {
    // Its owner was quicker and removed it.
  }
}

/** The kernel's folder stays ours, so that nothing in it can be exchanged for a link; the user may pass through it to the sockets. */
export function openTo(uid: number, folder: string, sockets: string): void {
  chmodSync(folder, 0o711)
  chownSync(sockets, uid, uid)
  letEnter(dirname(folder))
}

function letEnter(folder: string): void {
  const { mode } = statSync(folder)
  if ((mode & 0o011) !== 0o011) chmodSync(folder, (mode & 0o7777) | 0o011)
}

export type Reader = { readonly uid: number; readonly zygote: number }

/** The connection file is for the user to read, the output for the zygote to open; neither for others. */
export function furnish(files: { readonly connection: string; readonly output: string }, reader: Reader | undefined): void {
  closeSync(openSync(files.output, "a", 0o600))
  if (!reader) return
  chownSync(files.connection, 0, reader.uid)
  chmodSync(files.connection, 0o440)
  chownSync(files.output, reader.zygote, 0)
}
