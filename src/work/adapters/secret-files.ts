/** Files of secrets: 0600 in a directory of their own each, so that a kernel under another user can remove its file. */
import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { SecretFiles } from "#work/ports.ts"

export function secretFiles(root: string): SecretFiles {
  return {
    path: (run, attempt) => join(root, `${run}.${attempt}`, "secrets"),
    write: (path, text, owner) => {
      mkdirSync(root, { recursive: true, mode: 0o711 })
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(path, text, { mode: 0o600 })
      if (!owner) return
      chownSync(path, owner.uid, owner.gid)
      chownSync(dirname(path), owner.uid, owner.gid)
    },
    remove: (path) => rmSync(dirname(path), { recursive: true, force: true }),
  }
}
