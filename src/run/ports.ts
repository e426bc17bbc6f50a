/** What a run needs of the world beside kernels (kernel/ports.ts) and storage (storage.ts). */
import type { StringSpan } from "#base/json.ts"
import type { RunEvent } from "#run/run.ts"

/** Where a record went. `content` is the byte position of a message's content frame; -1 for other records. */
export type Appended = { readonly record: number; readonly content: number }

/** The durable record of one run or session: append-only, in order, what `drive` writes before anyone sees it. */
export interface Journal<Event = RunEvent> {
  /** Where it is, for a person. */
  readonly path: string
  /** Bytes appended so far. */
  readonly sizeBytes: number
  /** Bytes that are safe on disk. */
  readonly durableBytes: number
  /** Takes the event in memory and gives its place; safe on disk at most 50 ms later. */
  append(event: Event): Appended
  /** Calls back each time `durableBytes` has grown, and once with the fault when the disk refuses. */
  onDurable(listener: (fault?: Error) => void): void
  /** Resolves when everything appended is safe on disk. @throws Fault disk_full, storage_unwritable */
  settled(): Promise<void>
  /** The bytes of a span; only after `settled`. */
  read(span: StringSpan): Uint8Array
  /** The event of one record, by its place; only after `settled`. */
  record(place: number): Event
  /** Ends writing; `discard` removes the file. */
  close(options?: { readonly discard?: boolean }): Promise<void>
}

/** Timers as an argument. */
export interface Timers {
  /** Calls back once after `ms`; the function it gives takes that back. */
  after(ms: number, then: () => void): () => void
}

/** Content-addressed bytes that belong to no notebook: what was spilled. */
export interface Blobs {
  /** Stores the bytes and names them by their SHA-256; storing the same bytes again changes nothing. */
  put(bytes: Iterable<Uint8Array>): Promise<{ readonly sha256: string; readonly sizeBytes: number; readonly path: string }>
}

/** A journal that its writer has left, by crash or by ending. */
export interface JournalReading<Event = RunEvent> {
  /** Every whole record, in order, with its place and where it ends. */
  records(): Iterable<{ readonly event: Event; readonly record: number; readonly end: number }>
  /** Bytes after the last whole record: what a crash cut off. Known once `records` is through. */
  cutBytes(): number
  read(span: StringSpan): Uint8Array
  record(place: number): Event
  close(): void
}
