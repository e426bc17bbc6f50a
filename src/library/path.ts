/**
 * Where a notebook or a file stands in its space: `reports/2026/sales.ipynb`.
 *
 * A path is text, never a place on a disk, but it becomes one: in the working directory of a run, in an export, on the
 * machine of whoever unpacks it. So a path is only accepted if it means the same thing, and stays inside, on every system
 * that Stet's notebooks reach. Letter case counts, as it does for `import` and `open` on the machines that run them;
 * Unicode comes as NFC, because two spellings that look the same must not be two files.
 */
import { isWellFormed, toWellFormed } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { isCaseFile } from "#case/index.ts"

/** What `toPath` let through: NFC, no leading or trailing "/", every segment a plain name. */
export type LibraryPath = string & { readonly __text: "LibraryPath" }

export type BadPath = { readonly refused: "bad_path"; readonly message: string; readonly path: string }

const MOST_SEGMENT_BYTES = 255
const MOST_PATH_BYTES = 1024

/** What an export says about itself; a file of that name beside it would be taken for it. */
export const EXPORT_FACTS = "stet.yaml"

export function toPath(text: string): Outcome<LibraryPath, BadPath> {
  const why = complaintAboutText(text)
  if (why !== undefined) return refused(badPath(text, why))
  const path = text.normalize("NFC")
  const said = complaintAboutSize(path) ?? path.split("/").map(complaintAboutSegment).find(isComplaint) ?? complaintAboutDrive(path)
  return said === undefined ? accepted(path as LibraryPath) : refused(badPath(text, said))
}

/** A notebook's: it ends in `.ipynb`, as a file's must not, so that what a path names can be told from the path. */
export function toNotebookPath(text: string): Outcome<LibraryPath, BadPath> {
  const path = toPath(text)
  if (!path.ok || isNotebookPath(path.value)) return path
  return refused(badPath(text, "a notebook's path ends in .ipynb"))
}

export function toFilePath(text: string): Outcome<LibraryPath, BadPath> {
  const path = toPath(text)
  if (!path.ok) return path
  if (isCaseFile(path.value))
    return refused(badPath(text, "what ends in .stet.yaml holds the test cases of the notebook beside it: import it, or put it with stet put"))
  if (!isNotebookPath(path.value)) return path
  return refused(badPath(text, "what ends in .ipynb is a notebook: save it as one, or give the file another ending"))
}

/** As `toPath`; "" is the space itself. One trailing "/" may stand. */
export function toFolder(text: string): Outcome<LibraryPath | "", BadPath> {
  const bare = text.length > 1 && text.endsWith("/") ? text.slice(0, -1) : text
  return bare === "" ? accepted("" as const) : toPath(bare)
}

export function isNotebookPath(path: string): boolean {
  return /[^/]\.ipynb$/i.test(path)
}

/** `a/b/c.ipynb` → `c.ipynb`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1)
}

/** `a/b/c.ipynb` → `a/b`; "" at the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}

/** `a/b/c` → [`a`, `a/b`]: the folders that must not be a notebook or a file. */
export function foldersAbove(path: string): readonly string[] {
  const segments = path.split("/")
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join("/"))
}

/** `a/b/c` inside `a`, put into `x`, is `x/b/c`; `from` and `to` may be "". */
export function rebased(path: string, from: string, to: string): string {
  const rest = from === "" ? path : path.slice(from.length + 1)
  return to === "" ? rest : `${to}/${rest}`
}

/** `sales.ipynb`, 2 → `sales (2).ipynb`: a name nobody has yet, tried in turn. */
export function numbered(path: string, count: number): string {
  const name = nameOf(path)
  const dot = name.lastIndexOf(".")
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""]
  const folder = folderOf(path)
  return `${folder === "" ? "" : `${folder}/`}${stem} (${count})${ending}`
}

/** `space/folder/name`, as people write an address; undefined where it has no path. */
export function splitAddress(address: string): { readonly space: string; readonly path: string } | undefined {
  const slash = address.indexOf("/")
  return slash > 0 && slash < address.length - 1 ? { space: address.slice(0, slash), path: address.slice(slash + 1) } : undefined
}

function badPath(path: string, why: string): BadPath {
  const shown = toWellFormed(path.length > 80 ? `${path.slice(0, 80)}…` : path)
  return { refused: "bad_path", path: shown, message: `${JSON.stringify(shown)} cannot be a path: ${why}.` }
}

const isComplaint = (said: string | undefined): said is string => said !== undefined

function complaintAboutText(text: string): string | undefined {
  if (text === "") return "it is empty"
  // Before anything that takes time with the length: a path of megabytes is refused at the cost of looking at its length.
  if (text.length > MOST_PATH_BYTES) return `it is longer than ${MOST_PATH_BYTES} bytes`
  if (!isWellFormed(text)) return "it holds half of a character (a lone surrogate)"
  return undefined
}

function complaintAboutSize(path: string): string | undefined {
  if (bytesIn(path) > MOST_PATH_BYTES) return `it is longer than ${MOST_PATH_BYTES} bytes`
  if (path.startsWith("/")) return 'it starts with "/", and paths begin at their space'
  if (path.endsWith("/")) return 'it ends with "/", and a notebook or a file has a name'
  return undefined
}

function complaintAboutDrive(path: string): string | undefined {
  return /^[A-Za-z]:/.test(path) ? "it starts with the letter of a drive" : undefined
}

// Controls and separators break lists and logs; the characters that reverse the direction of text make a name look like
// another one ("fdp.exe" as "exe.pdf").
const UNSEEN = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/u
// Names that Windows takes for devices, whatever ending they have.
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i

function complaintAboutSegment(segment: string): string | undefined {
  if (segment === "") return 'two "/" follow each other'
  if (segment === "." || segment === "..") return `"${segment}" is no name`
  if (bytesIn(segment) > MOST_SEGMENT_BYTES) return `one of its names is longer than ${MOST_SEGMENT_BYTES} bytes`
  const unseen = UNSEEN.exec(segment)?.[0]
  if (unseen !== undefined) return `it holds the invisible character U+${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
  if (segment.includes("\\")) return 'it holds "\\": folders are separated by "/"'
  if (/^\s|\s$/.test(segment)) return "one of its names begins or ends with a space"
  if (segment.endsWith(".")) return 'one of its names ends with ".", which some systems drop'
  if (DEVICE.test(segment)) return `${JSON.stringify(segment)} is the name of a device on Windows`
  return complaintAboutReserved(segment)
}

function complaintAboutReserved(segment: string): string | undefined {
  const name = segment.toLowerCase()
  if (name === ".git") return '".git" is kept for Git itself'
  if (name === EXPORT_FACTS) return `"${EXPORT_FACTS}" is kept for what an export says about itself`
  return undefined
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length
}
