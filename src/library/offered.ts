/**
 * What is offered for import, wherever it comes from (an archive, a folder, an address), and what is to be done with each
 * piece: told from its name and what its source says about it, before a byte of it is read.
 */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { isCaseFile } from "#case/index.ts"
import { EXPORT_FACTS, isNotebookPath, type LibraryPath, nameOf, toPath } from "#library/path.ts"

export type Offered = {
  /** Its name there, "/" between folders; not yet known to be a path. */
  readonly path: string
  readonly kind: "file" | "folder" | "link" | "device"
  /** As announced; what comes may be less, never more. */
  readonly sizeBytes: number
  /** Why its source cannot or will not give it, as "it is encrypted". */
  readonly unusable?: string
  /** @throws Unreadable when what comes is not what was announced */
  content(): AsyncIterable<Uint8Array>
}

/** A piece of an import turned out to be damaged while it was read. `message` is what completes "It was refused: …". */
export class Unreadable extends Error {}

export function asUnreadable(error: unknown): Unreadable | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof Unreadable) return each
  return undefined
}

/** Something that holds offered pieces and is closed when they have been dealt with. */
export type Offering = { readonly pieces: readonly Offered[]; close(): Promise<void> }

export type BadArchive = { readonly refused: "bad_archive"; readonly message: string }

export type ArchiveLimits = {
  readonly entries: number
  /** Of all entries together, unpacked. */
  readonly totalBytes: number
  /** How many times larger than packed something may become. */
  readonly ratio: number
}

export const ARCHIVE_LIMITS: ArchiveLimits = { entries: 1000, totalBytes: 1024 ** 3, ratio: 200 }

/** Port. What is refused here refuses the whole archive; what is wrong with one entry is in its `unusable`. */
export interface Archives {
  open(source: Uint8Array | { readonly file: string }, limits?: ArchiveLimits): Promise<Outcome<Offering, BadArchive>>
}

export type Decided =
  | { readonly do: "notebook" | "file" | "tests"; readonly path: LibraryPath }
  | { readonly do: "skip"; readonly reason: string }
  | { readonly do: "refuse"; readonly reason: string }
  /** Folders are made by what is in them. */
  | { readonly do: "nothing" }

// What systems and tools leave lying about: nobody wrote it, and nobody misses it.
const LITTER_FOLDERS = new Set(["__macosx", ".ipynb_checkpoints", "__pycache__", ".git", ".svn", ".hg", ".venv", "node_modules"])
const LITTER_FILES = new Set([".ds_store", "thumbs.db", "desktop.ini"])

/** `into` is the folder it goes to, "" for the space itself; `taken` the paths that pieces before it have. */
export function decide(offered: Offered, into: LibraryPath | "", taken: ReadonlySet<string>): Decided {
  if (offered.kind === "folder") return { do: "nothing" }
  const litter = litterIn(offered.path)
  if (litter !== undefined) return { do: "skip", reason: litter }
  if (offered.kind === "link") return refuse("it is a link, and a link may lead anywhere")
  if (offered.kind === "device") return refuse("it is a device, a pipe or a socket, not a file")
  const path = placed(offered.path, into)
  if (!path.ok) return refuse(path.refusal)
  if (taken.has(path.value)) return refuse("another one of this import has the same path")
  if (offered.unusable !== undefined) return refuse(offered.unusable)
  return { do: isNotebookPath(path.value) ? "notebook" : isCaseFile(path.value) ? "tests" : "file", path: path.value }
}

function refuse(reason: string): Decided {
  return { do: "refuse", reason }
}

function litterIn(path: string): string | undefined {
  const segments = path.split("/")
  const folder = segments.slice(0, -1).find((segment) => LITTER_FOLDERS.has(segment.toLowerCase()))
  if (folder !== undefined) return `what is in ${folder} is made by tools, not by people`
  const name = nameOf(path).toLowerCase()
  if (name === EXPORT_FACTS) return "it is what an export says about itself; ids and owners are not taken over"
  return LITTER_FILES.has(name) ? "it is made by the system that packed this, not by people" : undefined
}

function placed(path: string, into: LibraryPath | ""): Outcome<LibraryPath, string> {
  // Judged by itself first, so that no name can reach out of the folder it is to go to.
  for (const each of into === "" ? [path] : [path, `${into}/${path}`]) {
    const found = toPath(each)
    if (!found.ok) return refused(found.refusal.message.replace(/^.* cannot be a path: /s, "").replace(/\.$/, ""))
    if (each === path && into !== "") continue
    return accepted(found.value)
  }
  throw new Error("there is always a path to judge")
}
