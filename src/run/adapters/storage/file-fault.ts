/** The one table from what the system says of a local file to what a person reads. */
import { existsSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { Fault, type FaultCode, isFault, toError } from "#base/fault.ts"

type Doing = "read" | "write"
type Said = { readonly code: FaultCode; readonly message: string; readonly remedy: string; readonly retry?: "later" }

/** Is there simply nothing at that path (as against something that may not be looked at)? */
export function isAbsent(error: unknown): boolean {
  return codeOf(error) === "ENOENT"
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code ?? "")
}

/** A Fault passes as it is. */
export function fileFault(error: unknown, doing: Doing, path: string): Fault {
  if (isFault(error)) return error
  const { code, message, ...options } = (SAID[codeOf(error)] ?? somethingElse)(path, doing, error)
  return new Fault(code, message, { ...options, cause: error })
}

const cannot = (doing: Doing): FaultCode => (doing === "read" ? "storage_unreadable" : "storage_unwritable")

function somethingElse(path: string, doing: Doing, error: unknown): Said {
  return { code: cannot(doing), message: `${path} cannot be ${doing === "read" ? "read" : "written"}: ${toError(error).message}.`, remedy: "" }
}

function absent(path: string, doing: Doing): Said {
  if (doing === "read") {
    const from = path.startsWith("/") ? "" : ` Relative paths start at ${process.cwd()}.`
    return { code: "storage_unreadable", message: `There is no file ${path}.`, remedy: `Check the path.${from}` }
  }
  const directory = dirname(resolve(path))
  if (existsSync(directory)) return plain("its file system takes no new file there", "Name an output elsewhere.")(path, doing)
  return {
    code: "storage_unwritable",
    message: `${path} cannot be written, because the directory ${directory} does not exist.`,
    remedy: `Make it first: mkdir -p ${shellWord(directory)}`,
  }
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function forbidden(path: string, doing: Doing): Said {
  const directory = dirname(resolve(path))
  return doing === "read"
    ? { code: "storage_forbidden", message: `You may not read ${path}.`, remedy: "Ask its owner for permission, or copy it to a place you can read." }
    : {
        code: "storage_forbidden",
        message: `You may not write ${path}.`,
        remedy: `Name another output, or get permission to write the file and its directory ${directory} (a result is put in place by renaming).`,
      }
}

function full(path: string): Said {
  return {
    code: "disk_full",
    message: `There is no room left to write ${path}; what was there before is unchanged.`,
    remedy: "Free some space (or raise the quota) on that file system, or name an output elsewhere.",
    retry: "later",
  }
}

function tooManyOpen(path: string, doing: Doing): Said {
  return {
    code: cannot(doing),
    message: `${path} cannot be opened, because too many files are open.`,
    remedy: "Raise the limit (ulimit -n).",
    retry: "later",
  }
}

function plain(why: string, remedy: string): (path: string, doing: Doing) => Said {
  return (path, doing) => ({ code: cannot(doing), message: `${path} cannot be ${doing === "read" ? "read" : "written"}: ${why}.`, remedy })
}

const SAID: { readonly [code: string]: (path: string, doing: Doing, error: unknown) => Said } = {
  ENOENT: absent,
  EACCES: forbidden,
  EPERM: forbidden,
  ENOSPC: full,
  EDQUOT: full,
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
  EISDIR: plain("it is a directory", "Name a file in it."),
  ENOTDIR: plain("a part of its path is a file, not a directory", "Check the path."),
  EROFS: plain("its file system is read-only", "Name an output elsewhere."),
  EFBIG: plain("the file would be larger than is allowed here", "Raise the limit (ulimit -f), or name an output on another file system."),
  ERR_FS_FILE_TOO_LARGE: plain("it is larger than 2 GiB", "Stet reads notebooks of up to 2 GiB."),
  ENAMETOOLONG: plain("its name is too long", "Choose a shorter one."),
  ELOOP: plain("its symbolic links lead in a circle", "Mend the links."),
  EPIPE: plain("whoever was reading it has stopped", "Keep the reading end open until the command ends."),
  EBUSY: plain("it is in use (a mount point cannot be replaced)", "Mount its directory instead of the file, or name another output."),
}
