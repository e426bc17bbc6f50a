/** The journal as a local file: appended in memory, written and synced in groups by one loop. */
import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync, writev, writevSync } from "node:fs"
import { promisify } from "node:util"
import { Fault, toError } from "#base/fault.ts"
import type { StringSpan } from "#base/json.ts"
import { decode, encode, type JournalEvent, MAGIC, readPrefix } from "#run/adapters/journal-format.ts"
import type { Appended, Journal, JournalReading } from "#run/ports.ts"
import type { RunEvent } from "#run/run.ts"
import type { SessionEvent } from "#run/session.ts"

const sync = promisify(fdatasync)
const gather = promisify(writev)
/** After a quiet time the first record is synced at once; in a storm one sync serves all that came within this time. */
const GROUP_MS = 20
/** In a session somebody waits for what a cell shows. */
const SESSION_GROUP_MS = 4
const CHUNKS_A_WRITE = 512
const SMALL_BYTES = 65_536

/** @throws Fault storage_unwritable, disk_full when the file cannot be made */
export function openJournal(path: string): Journal {
  return new JournalFile<RunEvent>(path, GROUP_MS)
}

/** @throws Fault storage_unwritable, disk_full when the file cannot be made */
export function openSessionJournal(path: string): Journal<SessionEvent> {
  return new JournalFile<SessionEvent>(path, SESSION_GROUP_MS)
}

class JournalFile<Event extends JournalEvent> implements Journal<Event> {
  readonly path: string
  sizeBytes = 0
  durableBytes = 0
  readonly #fd: number
  readonly #groupMs: number
  #waiting: Uint8Array[] = []
  #writing: Promise<void> | undefined
  #fault: Error | undefined
  #listener: (fault?: Error) => void = () => {}

  constructor(path: string, groupMs: number) {
    this.path = path
    this.#groupMs = groupMs
    try {
      this.#fd = openSync(path, "wx+", 0o600)
    } catch (error) {
      throw refusal(path, error)
    }
    this.#push([MAGIC], MAGIC.length)
  }

  append(event: Event): Appended {
    const record = this.sizeBytes
    const { chunks, sizeBytes, contentOffset } = encode(event)
    if (this.#fault && event.type === "storage_failed") this.#lastWord(chunks)
    this.#push(chunks, sizeBytes)
    return { record, content: contentOffset < 0 ? -1 : record + contentOffset }
  }

  onDurable(listener: (fault?: Error) => void): void {
    this.#listener = listener
  }

  async settled(): Promise<void> {
    while (this.#writing) await this.#writing
    if (this.#fault) throw this.#fault
  }

  read(span: StringSpan): Uint8Array {
    return readExactly(this.#fd, span.length, span.start)
  }

  record(place: number): Event {
    return recordAt(this.#fd, place) as Event
  }

  async close(options: { readonly discard?: boolean } = {}): Promise<void> {
    while (this.#writing) await this.#writing
    closeSync(this.#fd)
    if (options.discard) unlinkSync(this.path)
  }

  #push(chunks: readonly Uint8Array[], sizeBytes: number): void {
    if (this.#fault) return
    this.#waiting.push(...chunks)
    this.sizeBytes += sizeBytes
    this.#writing ??= this.#drain()
  }

  /** Instead of the record that was cut short: why the journal ends. A full disk often has room for it again. */
  #lastWord(chunks: readonly Uint8Array[]): void {
    try {
      const end = endOfWhole(this.#fd, this.durableBytes)
      ftruncateSync(this.#fd, end)
      writeSync(this.#fd, Buffer.concat(chunks), 0, undefined, end)
    } catch {
      // Then the journal ends without a reason, as after a crash.
    }
  }

  async #drain(): Promise<void> {
    // One turn later, so that what arrives together is written together.
    await new Promise<void>((next) => setImmediate(next))
    try {
      while (this.#waiting.length > 0) {
        const began = performance.now()
        await this.#writeGroup()
        const left = this.#groupMs - (performance.now() - began)
        if (this.#waiting.length > 0 && left > 1) await new Promise<void>((next) => setTimeout(next, left))
      }
    } catch (error) {
      this.#fault = refusal(this.path, error)
      this.#waiting = []
      this.#listener(this.#fault)
    } finally {
      this.#writing = undefined
    }
  }

  async #writeGroup(): Promise<void> {
    const group = this.#waiting
    const upTo = this.sizeBytes
    this.#waiting = []
    for (let start = 0; start < group.length; start += CHUNKS_A_WRITE) await this.#writeAll(joined(group.slice(start, start + CHUNKS_A_WRITE)))
    await sync(this.#fd)
    this.durableBytes = upTo
    this.#listener()
  }

  async #writeAll(chunks: Uint8Array[]): Promise<void> {
    let left = chunks
    while (left.length > 0) {
      const isSmall = left.reduce((sum, chunk) => sum + chunk.length, 0) < SMALL_BYTES
      // A few bytes are in the system's hands sooner than a thread could be asked: killed now, we have told of the cell that was sent.
      const { bytesWritten } = isSmall ? { bytesWritten: writevSync(this.#fd, left) } : await gather(this.#fd, left)
      left = after(left, bytesWritten)
    }
  }
}

/** Small chunks in one buffer: a call of writev with hundreds of tiny pieces costs more than copying them. */
function joined(chunks: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = []
  let small: Uint8Array[] = []
  const flush = () => {
    if (small.length > 0) out.push(Buffer.concat(small))
    small = []
  }
  for (const chunk of chunks) {
    if (chunk.length < SMALL_BYTES) small.push(chunk)
    else {
      flush()
      out.push(chunk)
    }
  }
  flush()
  return out
}

function after(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  let left = written
  const rest: Uint8Array[] = []
  for (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length
    else {
      rest.push(chunk.subarray(left))
      left = 0
    }
  }
  return rest
}

function refusal(path: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Fault("disk_full", `The disk is full: the journal ${path} could not be written.`, {
      cause: error,
      remedy: "Free some space, or set STET_HOME to a place with more.",
    })
  }
  if (code === "EEXIST")
    return new Fault("storage_unwritable", `The journal ${path} cannot be written: there is a file already, and a journal replaces none.`, {
      cause: error,
      remedy: "Name another file, or remove that one.",
    })
  return new Fault("storage_unwritable", `The journal ${path} cannot be written: ${toError(error).message}.`, {
    cause: error,
    remedy: "Name a directory that is there and that you may write (STET_HOME, --journal).",
  })
}

function readExactly(fd: number, length: number, position: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done)
    if (count === 0) throw new Fault("journal_damaged", "The journal ends before the bytes that were asked of it.")
    done += count
  }
  return bytes
}

function recordAt(fd: number, place: number): JournalEvent {
  const { length, sum } = readPrefix(readExactly(fd, 8, place))
  const event = decode(readExactly(fd, length, place + 8), sum, place)
  if (!event) throw new Fault("journal_damaged", `The journal's record at byte ${place} fails its checksum.`)
  return event
}

/** Where the last whole record ends, from a place on at which one begins. */
function endOfWhole(fd: number, from: number): number {
  const size = fstatSync(fd).size
  for (let place = from; ; ) {
    if (place + 8 > size) return place
    const { length, sum } = readPrefix(readExactly(fd, 8, place))
    if (place + 8 + length > size || !decode(readExactly(fd, length, place + 8), sum, place)) return place
    place += 8 + length
  }
}

/** Opens a journal that its writer has left. @throws Fault journal_damaged when it is not a journal, storage_unreadable */
export function readJournal(path: string): JournalReading {
  return readRecords<RunEvent>(path)
}

/** The same of a session. */
export function readSessionJournal(path: string): JournalReading<SessionEvent> {
  return readRecords<SessionEvent>(path)
}

function readRecords<Event extends JournalEvent>(path: string): JournalReading<Event> {
  let fd: number
  try {
    fd = openSync(path, "r")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new Fault("storage_unreadable", `The journal ${path} cannot be read: there is no such file.`, {
        cause: error,
        remedy: "List the journals there are with: stet recover",
      })
    throw new Fault("storage_unreadable", `The journal ${path} cannot be read: ${toError(error).message}.`, { cause: error })
  }
  const size = fstatSync(fd).size
  // Killed before its first bytes were written, a writer leaves an empty journal, or the beginning of one.
  const head = Math.min(size, MAGIC.length)
  if (!readExactly(fd, head, 0).equals(MAGIC.subarray(0, head))) {
    closeSync(fd)
    throw new Fault("journal_damaged", `${path} is not a journal of Stet.`)
  }
  let place = MAGIC.length
  return {
    *records() {
      for (place = MAGIC.length; place + 8 <= size; ) {
        const { length, sum } = readPrefix(readExactly(fd, 8, place))
        if (place + 8 + length > size) return
        const event = decode(readExactly(fd, length, place + 8), sum, place)
        if (!event) return
        const end = place + 8 + length
        yield { event: event as Event, record: place, end }
        place = end
      }
    },
    cutBytes: () => Math.max(0, size - place),
    read: (span) => readExactly(fd, span.length, span.start),
    record: (at) => recordAt(fd, at) as Event,
    close: () => closeSync(fd),
  }
}
