/** What the system says of the blob directory, as a person reads it. */
import { Fault, isFault, toError } from "#base/fault.ts"

/** A Fault passes as it is; so does an error that is not the system's. */
export function directoryFault(error: unknown, doing: "read" | "write", root: string): Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (isFault(error) || typeof code !== "string") return toError(error)
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Fault("disk_full", `There is no room left in the blob directory ${root}; nothing was stored.`, {
      cause: error,
      retry: "later",
      remedy: "Free some space on its file system, or raise the quota; reading goes on meanwhile.",
    })
  }
  if (code === "EACCES" || code === "EPERM") {
    return new Fault("storage_forbidden", `The blob directory ${root} may not be ${doing === "read" ? "read" : "written"}.`, {
      cause: error,
      remedy: `Give the account that Stet runs as the right to read and write ${root}.`,
    })
  }
  const retry = code === "EMFILE" || code === "ENFILE" ? "later" : "never"
  const cannot = doing === "read" ? "storage_unreadable" : "storage_unwritable"
  return new Fault(cannot, `The blob directory ${root} cannot be ${doing === "read" ? "read" : "written"}: ${toError(error).message}.`, {
    cause: error,
    retry,
    remedy: REMEDIES[code] ?? "Check the file system it is on.",
  })
}

const REMEDIES: { readonly [code: string]: string } = {
  EMFILE: "Raise the limit of open files (ulimit -n).",
  ENFILE: "Raise the system's limit of open files.",
  EROFS: "Mount its file system so that it can be written, or set STET_BLOBS to another place.",
  EIO: "The disk reports errors: check it before anything else is written.",
  ELOOP: "Something in it was replaced by a symbolic link, which is never followed: remove the link.",
}
