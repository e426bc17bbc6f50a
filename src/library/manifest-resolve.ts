/** Names to files of a space. */
import type { Import } from "#library/manifest-mentions.ts"

/** The paths of a space's files and notebooks, and the folders they make. */
export type Paths = {
  has(path: string): boolean
  /** With everything below it; "" is the space. */
  inFolder(folder: string): readonly string[]
}

/** A folder that is named stands for what is in it, unless that is more than this: then a run will tell what of it is opened. */
const MOST_OF_A_FOLDER = 200
const LONGEST_TEXT = 1024

export function pathsOf(all: Iterable<string>): Paths {
  const known = new Set<string>()
  const folders = new Map<string, string[]>()
  for (const path of all) {
    known.add(path)
    // Every folder above it, up to and without the space itself.
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      const folder = path.slice(0, slash)
      const inside = folders.get(folder)
      if (inside) inside.push(path)
      else folders.set(folder, [path])
    }
  }
  folders.set("", [...known])
  return { has: (path) => known.has(path), inFolder: (folder) => folders.get(folder) ?? [] }
}

/** `folder` and `text` as one path of the space; undefined when it leads out of it, or is none. */
export function within(folder: string, text: string): string | undefined {
  if (text.length > LONGEST_TEXT || /^(?:[a-z][a-z0-9+.-]*:|[/~\\])|[\n\0]/i.test(text)) return undefined
  const out = folder === "" ? [] : folder.split("/")
  for (const segment of text.normalize("NFC").split("/")) {
    if (segment === "" || segment === ".") continue
    if (segment !== "..") out.push(segment)
    else if (out.pop() === undefined) return undefined
  }
  return out.join("/")
}

/**
 * The file, the files of the folder, or the files that fit the pattern. A folder above is where other names lead from, and stands for nothing
 * that is in it: see `foldersAbove`.
 */
export function filesNamed(text: string, folder: string, paths: Paths): readonly string[] {
  const path = within(folder, text)
  if (path === undefined || isAbove(path, folder) || path === folder) return []
  if (paths.has(path)) return [path]
  const inside = paths.inFolder(path)
  if (inside.length > 0) return inside.length <= MOST_OF_A_FOLDER ? inside : []
  return /[*?[]/.test(path) ? filesLike(path, paths) : []
}

/** Those that a text of steps upwards names: `..`, `../..`. */
export function foldersAbove(texts: readonly string[], folder: string): readonly string[] {
  const all = texts.flatMap((text) => (text.includes("..") ? (within(folder, text) ?? []) : []))
  return [...new Set(all)].filter((path) => isAbove(path, folder))
}

function isAbove(path: string, folder: string): boolean {
  return path === "" ? folder !== "" : folder.startsWith(`${path}/`)
}

/** What is put behind a folder: `base + "/x.csv"`, `f"{base}/x.csv"`. */
export function behindFolder(text: string): string {
  return text.replace(/^\*?\/+/, "")
}

/** Something of the name itself must be there: a pattern of stars alone says nothing. */
const TELLING = /[^*?[\]/.]/g

function filesLike(pattern: string, paths: Paths): readonly string[] {
  const star = pattern.search(/[*?[]/)
  const folder = pattern.slice(0, Math.max(0, pattern.lastIndexOf("/", star)))
  const rest = pattern.slice(folder === "" ? 0 : folder.length + 1)
  if ((rest.match(TELLING)?.length ?? 0) < 2 || rest.length > 200) return []
  const like = new RegExp(
    `^${rest
      .split(/(\*\*\/|\*+|\?|\[[^\]/]+\])/)
      .map(piece)
      .join("")}$`,
  )
  const found = paths.inFolder(folder).filter((path) => like.test(path.slice(folder === "" ? 0 : folder.length + 1)))
  return found.length <= MOST_OF_A_FOLDER ? found : []
}

function piece(part: string): string {
  if (part === "**/") return "(?:[^/]+/){0,20}"
  if (/^\*+$/.test(part)) return "[^/]*"
  if (part === "?") return "[^/]"
  if (/^\[[^\]]+\]$/.test(part))
    return `[${part
      .slice(1, -1)
      .replace(/^!/, "^")
      .replace(/[\\[\]]/g, "\\$&")}]`
  return part.replace(/[.+^${}()|[\]\\]/g, "\\$&")
}

/** Where modules are looked for: `own` is the folder of the source that imports. */
export type Search = { readonly roots: readonly string[]; readonly own: string }

/** The files of a module and of the packages above it, and of names that are modules themselves. */
export function filesImported({ level, module, names }: Import, { roots, own }: Search, paths: Paths): readonly string[] {
  const parts = module === "" ? [] : module.split(".")
  const from = level === 0 ? roots : above(own, level - 1)
  const wanted = names.length === 0 ? [parts] : [parts, ...names.map((name) => [...parts, name])]
  return from.flatMap((root) => wanted.flatMap((one) => moduleFiles(root, one, paths)))
}

function above(folder: string, levels: number): string[] {
  const path = within(folder, "../".repeat(levels))
  return path === undefined ? [] : [path]
}

/** Found only where each part is: a package's `__init__.py` runs before what is in it. */
function moduleFiles(root: string, parts: readonly string[], paths: Paths): string[] {
  const out: string[] = parts.length === 0 ? initOf(root, paths) : []
  let folder = root
  for (const part of parts) {
    const path = folder === "" ? part : `${folder}/${part}`
    const inits = initOf(path, paths)
    if (inits.length === 0 && paths.has(`${path}.py`)) return [...out, `${path}.py`]
    out.push(...inits)
    folder = path
  }
  return out
}

function initOf(folder: string, paths: Paths): string[] {
  const init = folder === "" ? "__init__.py" : `${folder}/__init__.py`
  return paths.has(init) ? [init] : []
}

/** What `%run` and interpreters take: a file, or one whose ending was left out. */
export function fileRun(text: string, folder: string, paths: Paths): string | undefined {
  const path = within(folder, text)
  return path === undefined || path === "" ? undefined : [path, `${path}.py`, `${path}.ipynb`].find((one) => paths.has(one))
}
