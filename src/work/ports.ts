/** What runs need of the world beside the database, kernels and blobs. Adapters: `adapters/`. */
import type { Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import type { Reproduced } from "#notebook/index.ts"
import type { Journal, JournalReading, SessionEvent } from "#run/index.ts"

/** A line for the log of this process; `run` is the id of the one that it is about. */
export type Tell = (line: string, run?: string) => void

/**
 * What wakes workers in time. It decides nothing: the `run` rows say what is to be done, and a job that is lost or comes
 * twice changes nothing. One job a run at most.
 */
export interface Queue {
  /** In the caller's transaction. `notBefore` in milliseconds since 1970. */
  put(tx: Db, run: string, notBefore?: number): Promise<void>
  /** Runs whose jobs are due; each comes again in a minute unless it is removed. */
  due(limit: number): Promise<readonly string[]>
  /** Those runs need nobody any more. */
  remove(tx: Db, runs: readonly string[]): Promise<void>
  /** Of these runs, the ones that have no job. */
  missing(db: Db, runs: readonly string[]): Promise<readonly string[]>
  close(): Promise<void>
}

/** Secrets of parameters at rest, sealed with a key that is not in the database. */
export interface Seal {
  /** `about` must be the same to open it again. */
  close(plain: string, about: string): Uint8Array
  /** @throws Fault secret_unreadable when the key is another one or the bytes were changed */
  open(sealed: Uint8Array, about: string): string
  /** A keyed digest, 64 hex characters: says whether two texts are the same and nothing else of them. */
  digest(text: string): string
}

/** Compares what a notebook holds with what its reruns showed, aside: pictures and long texts take seconds, for which nobody else waits. */
export interface Comparing {
  /** All as files of notebooks. Refused, in a sentence, when it is too much to be compared. */
  reproduced(sides: {
    readonly stored: Uint8Array
    readonly first: Uint8Array
    readonly second: Uint8Array | undefined
    readonly ranAtMs: number | undefined
  }): Promise<Outcome<Reproduced, string>>
}

/** The journals of runs under way, or of runs whose end was not stored yet. */
export interface Spools {
  /** @throws Fault disk_full, storage_unwritable */
  open(run: string, attempt: number): Journal
  /** @throws Fault journal_damaged, storage_unreadable */
  read(run: string, attempt: number): JournalReading
  list(): readonly Spool[]
  sizeBytes(): number
  /** Its bytes, compressed (zstd). */
  packed(run: string, attempt: number): AsyncIterable<Uint8Array>
  remove(run: string, attempt: number): void
  /** Out of the way, for somebody to look at: it cannot be read. */
  setAside(run: string, attempt: number): void
  /** From now until it is called back or we are dead, this worker looks after spools here. */
  enter(worker: string): Promise<() => void>
  /** Whether that worker looks after its own; undefined when nothing here says so. What the database knows may be older. */
  lives(worker: string): boolean | undefined
  /** Nothing here says any more that workers which died were here, once no journal is left that they may have written. */
  forgetDead(): void
}

export type Spool = { readonly run: string; readonly attempt: number; readonly sizeBytes: number; readonly changedAt: number }

/** The journals of sessions that live, or whose worker died. */
export interface SessionSpools {
  /** @throws Fault disk_full, storage_unwritable */
  open(session: string): Journal<SessionEvent>
  /** @throws Fault journal_damaged, storage_unreadable */
  read(session: string): JournalReading<SessionEvent>
  list(): readonly { readonly session: string; readonly changedAt: number }[]
  remove(session: string): void
  /** Out of the way: it cannot be read. */
  setAside(session: string): void
}

/** Working directories: one for each kernel, made before it starts, gone with it. */
export interface Scratches {
  /** An empty directory. */
  make(name: string): Scratch
  /** One that is there already: of a run whose worker died. */
  find(name: string): Scratch | undefined
  names(): readonly string[]
  /** Nothing of that name is left, though its worker died before it was whole, or while it went. */
  clear(name: string): void
  /** Leaves nothing outside of Stet's home, if nothing is in it. */
  close(): void
}

export interface Scratch {
  readonly name: string
  /** Absolute: what is the kernel's alone, its home and temporary directory among it. */
  readonly root: string
  /** Absolute: where the version's files are. */
  readonly path: string
  /** The user that the kernel runs as: from now on what is made is its own. */
  ownedBy(uid: number): void
  /** Absolute path of a folder in it, made when it is not there. @throws Error for a path that leads out */
  folder(path: string): string
  /** One file of the version, read-only. */
  put(path: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void>
  /**
   * A file that the kernel may change, also while code runs. `over`: the mark of what is there, which it takes the place of; undefined:
   * nothing may be there. Gives its mark; undefined when something else is there, which stays.
   */
  putLive(path: string, bytes: AsyncIterable<Uint8Array>, over?: string): Promise<string | undefined>
  /** Where `secret` will write. */
  readonly secretPath: string
  /** A private file that the kernel reads once and removes. */
  secret(text: string): void
  /** From now on, what is new or changed was written by the run. Kept beside the directory, so that it is known after a crash. */
  seal(forWhom: string): void
  /** For whom it was sealed; undefined when nothing ran in it. */
  sealedFor(): string | undefined
  /** What all of it takes of the disk, counted until it is more than `enough`: bytes. */
  takenBytes(enough: number): Promise<number>
  /** What the run wrote: ordinary files only, no link is followed, in order of their paths. */
  written(limits: WrittenLimits): Written
  /** What is in it now: as `written`, with `known` for what it had before: path → mark. */
  writtenSince(known: ReadonlyMap<string, string>, limits: WrittenLimits): Written
  remove(): void
}

export type WrittenLimits = { readonly files: number; readonly fileBytes: number; readonly totalBytes: number }

export type WrittenFile = {
  readonly path: string
  readonly sizeBytes: number
  /** Another one when it was written. */
  readonly mark: string
  readonly changedAt: number
  read(): AsyncIterable<Uint8Array>
}

export type Written = {
  readonly files: readonly WrittenFile[]
  /** Why some were left: one sentence each, at most ten. */
  readonly left: readonly string[]
}

/** This machine, as far as a worker looks at it. */
export interface Host {
  readonly name: string
  readonly pid: number
  isAlive(pid: number): boolean
  /** Bytes that can still be used without swapping. */
  availableBytes(): number
}
