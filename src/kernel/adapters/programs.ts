import { accessSync, constants } from "node:fs"

/** Whether we may run what is there. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
