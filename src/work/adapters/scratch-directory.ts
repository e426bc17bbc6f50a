/**
 * Working directories for kernels: `<root>/<name>/kernel` is the kernel's alone and `files` in it holds the version;
 * `<root>/<name>/sealed.json` says what was there before it began, so that what it wrote is known even after the worker died.
 *
 * What a run has written is not to be trusted: no link is followed, and each file is opened without following one and
 * proved to lie where it was found, because the directory may belong to code that swaps a folder for a link meanwhile.
 */
import { createHash } from "node:crypto"
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { Fault, toError } from "#base/fault.ts"
import { thisHost } from "#work/adapters/host.ts"
import { markOf, putLive } from "#work/adapters/scratch-live.ts"
import { takenBelow } from "#work/adapters/taken.ts"
import type { Scratch, Scratches, Written, WrittenLimits } from "#work/ports.ts"

const NAME = /^[0-9A-Za-z][0-9A-Za-z.-]{0,80}$/
/** What tools leave behind beside the notebook: of no use to anybody. */
const LEFTOVERS = new Set(["__pycache__", ".ipynb_checkpoints", ".ipython", ".cache", ".config", ".local", ".matplotlib"])
const LEFT_TOLD = 10
/** Of a file that is being put, until it has its name. */
const PUTTING = ".stet-put-"

/**
 * Below `asked`, or, for a superuser whose home nobody else may enter (kernels run as other users then), below a directory
 * of our own in /var/tmp that is named after it.
 * @throws Fault storage_unwritable, disk_full
 */
export function scratchDirectory(asked: string): Scratches {
  const root = process.getuid?.() === 0 && !mayPass(dirname(asked)) ? aside(asked) : asked
  inScratch(root, () => mkdirSync(root, { recursive: true, mode: 0o711 }))
  const at = (name: string) => {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a working directory`)
    return join(root, name)
  }
  return {
    make: (name) => {
      const folder = at(name)
      inScratch(folder, () => {
        rmSync(folder, { recursive: true, force: true })
        // Another worker of this home may have taken the root away when it left.
        mkdirSync(folder, { recursive: true, mode: 0o711 })
        mkdirSync(join(folder, "kernel", "files"), { recursive: true, mode: 0o700 })
      })
      return new Directory(folder, name)
    },
    find: (name) =>
      lstatSync(join(at(name), "kernel", "files"), { throwIfNoEntry: false })?.isDirectory() ? new Directory(at(name), name) : undefined,
    names: () => (statSync(root, { throwIfNoEntry: false }) ? readdirSync(root).filter((name) => NAME.test(name)) : []),
    clear: (name) => removeFolder(at(name)),
    close: () => {
      try {
        if (root !== asked && readdirSync(root).every((name) => name === NOTE)) rmSync(root, { recursive: true })
      } catch {
        // Another worker's directories are in it.
      }
    },
  }
}

/** Whether everybody may go through a directory and all above it. */
function mayPass(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && (stat.mode & 0o001) === 0) return false
  return dirname(path) === path || mayPass(dirname(path))
}

/** Says beside the working directories whose they are. */
const NOTE = ".of-home"
const ASIDE = "/var/tmp"
const LEFT_MS = 86_400_000

/**
 * Working directories of homes that are not there any more: nobody else would find them. Only our own, a day after anything was made in
 * them (a home may lie on a disk that is not mounted yet), and none whose worker lives.
 */
function sweepAside(): void {
  for (const name of readdirSync(ASIDE).filter((each) => /^stet-scratch-[0-9a-f]{16}$/.test(each))) {
    const path = join(ASIDE, name)
    try {
      const stat = lstatSync(path)
      if (!stat.isDirectory() || stat.uid !== process.getuid?.() || Date.now() - stat.mtimeMs < LEFT_MS) continue
      const home = readFileSync(join(path, NOTE), "utf8")
      if (existsSync(home) || readdirSync(path).some((each) => isOfLiving(each))) continue
      openUp(path)
      rmSync(path, { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // Another start was quicker, or it says not whose it is.
    }
  }
}

/** Working directories are named after the worker's process first. */
function isOfLiving(name: string): boolean {
  const pid = Number(/^(\d+)-/.exec(name)?.[1])
  return Number.isInteger(pid) && thisHost().isAlive(pid)
}

/** In a directory that all may write into, a name may have been taken by somebody else: that is noticed, and not used. */
function aside(asked: string): string {
  const path = join("/var/tmp", `stet-scratch-${createHash("sha256").update(asked).digest("hex").slice(0, 16)}`)
  inScratch(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o711 })
    const stat = lstatSync(path)
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw new Error("somebody else has made it")
    chmodSync(path, 0o711)
    writeFileSync(join(path, NOTE), dirname(asked), { mode: 0o600 })
  })
  sweepAside()
  return path
}

class Directory implements Scratch {
  readonly name: string
  readonly root: string
  readonly path: string
  readonly secretPath: string
  readonly #folder: string
  #owner: number | undefined

  constructor(folder: string, name: string) {
    this.name = name
    this.#folder = realpathSync(folder)
    this.root = join(this.#folder, "kernel")
    this.path = join(this.root, "files")
    this.secretPath = join(this.root, "secrets")
  }

  ownedBy(uid: number): void {
    this.#owner = uid === process.getuid?.() ? undefined : uid
  }

  secret(text: string): void {
    inScratch(this.secretPath, () => {
      writeFileSync(this.secretPath, text, { mode: 0o600, flag: "wx" })
      this.#own(this.secretPath, 0o600)
    })
  }

  #own(path: string, mode: number): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner, this.#owner)
    chmodSync(path, mode)
  }

  folder(path: string): string {
    let whole = this.path
    for (const part of path.split("/").filter(Boolean)) {
      if (part === "." || part === ".." || part.includes("\0")) throw new Error(`the path ${JSON.stringify(path)} leads out of its directory`)
      whole = join(whole, part)
      if (lstatSync(whole, { throwIfNoEntry: false })?.isDirectory()) continue
      inScratch(whole, () => mkdirSync(whole, { mode: 0o700 }))
      this.#own(whole, 0o700)
    }
    return whole
  }

  async put(path: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    const name = path.split("/").at(-1) ?? ""
    const folder = this.folder(path.split("/").slice(0, -1).join("/"))
    if (name === "" || name === "." || name === "..") throw new Error(`${JSON.stringify(path)} names no file`)
    const whole = join(folder, name)
    const fd = inScratch(whole, () => openSync(whole, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600))
    try {
      if (bytes instanceof Uint8Array) writeAll(fd, bytes, whole)
      else for await (const piece of bytes) writeAll(fd, piece, whole)
    } finally {
      closeSync(fd)
    }
    // It stays ours, where the kernel is another user: then it cannot even make it writable.
    chmodSync(whole, 0o444)
  }

  async putLive(path: string, bytes: AsyncIterable<Uint8Array>, over?: string): Promise<string | undefined> {
    if (path.split("/").some((part) => part === "" || part === "." || part === ".." || part.includes("\0")))
      throw new Error(`the path ${JSON.stringify(path)} leads out of its directory`)
    return putLive({ root: this.path, path, owner: this.#owner, bytes, over })
  }

  seal(forWhom: string): void {
    const sealed: Sealed = { forWhom, before: Object.fromEntries(found(this.path, "", []).map(({ path, mark }) => [path, mark])) }
    inScratch(this.#folder, () => writeFileSync(join(this.#folder, "sealed.json"), JSON.stringify(sealed), { mode: 0o600 }))
  }

  sealedFor(): string | undefined {
    return this.#sealed()?.forWhom
  }

  takenBytes(enough: number): Promise<number> {
    return takenBelow(this.root, enough)
  }

  written(limits: WrittenLimits): Written {
    // Without a seal nothing ran in it.
    return this.writtenSince(new Map(Object.entries(this.#sealed()?.before ?? {})), limits)
  }

  writtenSince(known: ReadonlyMap<string, string>, limits: WrittenLimits): Written {
    const left: string[] = []
    const files: Written["files"][number][] = []
    let total = 0
    for (const { path, mark, sizeBytes, changedAt } of found(this.path, "", left)) {
      if (known.get(path) === mark) continue
      const why = whyLeft({ path, sizeBytes }, { count: files.length, total }, limits)
      if (why) left.push(why)
      else {
        total += sizeBytes
        files.push({ path, sizeBytes, mark, changedAt, read: () => bytesOf(this.path, path, sizeBytes) })
      }
    }
    return { files, left: left.length > LEFT_TOLD ? [...left.slice(0, LEFT_TOLD), `${left.length - LEFT_TOLD} more files were not kept.`] : left }
  }

  remove(): void {
    removeFolder(this.#folder)
  }

  #sealed(): Sealed | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, "sealed.json"), "utf8")) as Sealed
    } catch {
      return undefined
    }
  }
}

/** `before`: path → what the file was then. */
type Sealed = { readonly forWhom: string; readonly before: { readonly [path: string]: string } }

type Found = { readonly path: string; readonly mark: string; readonly sizeBytes: number; readonly changedAt: number }

/** Every ordinary file, in order of paths; what is none is said in `left`. */
function found(root: string, folder: string, left: string[]): Found[] {
  let names: string[]
  try {
    names = readdirSync(join(root, folder)).sort()
  } catch (error) {
    left.push(`The folder ${folder} could not be read: ${toError(error).message}.`)
    return []
  }
  return names.flatMap((name) => {
    const path = folder === "" ? name : `${folder}/${name}`
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false })
    if (!stat || LEFTOVERS.has(name) || name.startsWith(PUTTING)) return []
    if (stat.isDirectory()) return found(root, path, left)
    if (!stat.isFile()) {
      left.push(`${path} is a link or no ordinary file, so it was not kept.`)
      return []
    }
    // The change time tells of a write even when the modification time was put back.
    return [{ path, mark: markOf(stat), sizeBytes: stat.size, changedAt: Math.round(stat.mtimeMs) }]
  })
}

function whyLeft(
  file: { readonly path: string; readonly sizeBytes: number },
  so: { readonly count: number; readonly total: number },
  limits: WrittenLimits,
): string | undefined {
  const { path, sizeBytes } = file
  if (!path.isWellFormed() || path.includes("\uFFFD")) return `${JSON.stringify(path)} was not kept: its name is not text.`
  if (so.count >= limits.files) return `${path} was not kept: a run may leave ${limits.files} files.`
  if (sizeBytes > limits.fileBytes)
    return `${path} was not kept: with ${sizeBytes} bytes it is larger than the ${limits.fileBytes} that one file may have.`
  if (so.total + sizeBytes > limits.totalBytes) return `${path} was not kept: a run may leave ${limits.totalBytes} bytes in all.`
  return undefined
}

/** No more bytes than were counted, should it still grow. */
async function* bytesOf(root: string, path: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const whole = join(root, path)
  const fd = openSync(whole, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!fstatSync(fd).isFile() || !liesAt(fd, whole)) throw new Error(`${path} is not where it was found`)
    if (sizeBytes > 0) yield* createReadStream("", { fd, autoClose: false, start: 0, end: sizeBytes - 1, highWaterMark: 1024 * 1024 })
  } finally {
    closeSync(fd)
  }
}

/** Whether the open file is really the one at that path, and no folder above it is a link. */
function liesAt(fd: number, whole: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === whole
  } catch {
    // Where there is no /proc: by the path that is there now.
    return realpathSync(whole) === join(realpathSync(dirname(whole)), whole.slice(dirname(whole).length + 1))
  }
}

function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // A directory that its run made unwritable: whoever runs as another user than the kernel cannot go in.
    openUp(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function openUp(folder: string): void {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return
  chmodSync(folder, 0o700)
  for (const name of readdirSync(folder)) openUp(join(folder, name))
}

function writeAll(fd: number, bytes: Uint8Array, path: string): void {
  inScratch(path, () => {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
  })
}

function inScratch<Value>(path: string, act: () => Value): Value {
  try {
    return act()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isFull = code === "ENOSPC" || code === "EDQUOT"
    throw new Fault(isFull ? "disk_full" : "storage_unwritable", `The working directory ${path} could not be written: ${toError(error).message}.`, {
      cause: error,
      retry: isFull ? "later" : "never",
      remedy: isFull ? "Free some space, or set STET_HOME to a place with more." : "Set STET_HOME to a directory that you may write.",
    })
  }
}
