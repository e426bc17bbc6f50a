import { mkdirSync } from "node:fs"
import { Fault, toError } from "#base/fault.ts"

/** @throws Fault storage_unwritable when the directory cannot be made */
export function makeJournalFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Fault("storage_unwritable", `The directory ${folder} for journals cannot be made: ${toError(error).message}.`, {
      cause: error,
      remedy: "Set STET_HOME to a directory that you may write.",
    })
  }
}
