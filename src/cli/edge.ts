/** What the command line is given of the world: chosen once, in stet.ts, so that every command can be tried without it. */
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import { tamed } from "#cli/foreign.ts"
import type { Platform } from "#cli/platform.ts"
import type { Workshop } from "#cli/test/workshop.ts"
import type { Machine } from "#environment/index.ts"
import type { ClientAsked, KeptKernel, Kernels, ServedKernel } from "#kernel/index.ts"
import type { LoadGrammars, MemberQuestion } from "#notebook/index.ts"
import type { Blobs, Journal, JournalReading, redactor, Stage, Storage, Timers } from "#run/index.ts"
import type { Verifying } from "#template/evidence.ts"

export type Edge = {
  readonly env: { readonly [name: string]: string | undefined }
  /** The Stet home directory; made when first needed. */
  readonly home: string
  readonly cwd: string
  readonly pid: number
  readonly version: string
  readonly out: Terminal
  readonly err: Terminal
  /** Standard input is a pipe: not a terminal, a file or the null device. */
  readonly stdinIsPipe: boolean
  /** Standard input, line by line, as it comes. */
  lines(): AsyncIterable<string>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  kernels(): Promise<Kernels>
  /** Makes sure that a Python kernel is found, by preparing the managed environment if there is none. @throws Fault kernel_start_failed */
  preparePython(): Promise<void>
  storage(options: { readonly allowPrivateAddresses: boolean }): Promise<Storage>
  records(): Promise<Records>
  /** The journals of runs that were never saved. */
  journals(): readonly { readonly path: string; readonly sizeBytes: number; readonly inUse: boolean }[]
  removeJournal(path: string): void
  readonly loadGrammars: LoadGrammars
  /** A private place for the secrets of one run, read once by its kernel. */
  secretFile(run: string): SecretFile
  /** Remembers, finds and forgets the kernel that a failed run left behind. */
  keepKernel(run: string, kept: KeptKernel): void
  keptKernel(run: string): KeptKernel | undefined
  forgetKernel(run: string): void
  readonly servers: Servers
  /** A WebSocket, as whoever holds the token. */
  socket(url: string, token: string | undefined): Promise<Socket>
  /** Sockets at which Jupyter clients of this machine and user find a kernel. */
  serveKernel(kernelName: string, hear: (asked: ClientAsked) => void): Promise<ServedKernel>
  isFolder(path: string): boolean
  /** Whether a file or folder is where a notebook at `notebook` would look for `name`. */
  isBeside(notebook: string, name: string): boolean
  /** The text of a file there; undefined where there is none, or none that is a source. */
  readBeside(notebook: string, name: string): string | undefined
  /** What the kernel of this name can import; undefined where it is no Python's, or cannot be asked. */
  importable(kernelName: string): Promise<{ readonly version: string; readonly modules: ReadonlySet<string> } | undefined>
  /** What the modules of that kernel have: it imports them. What cannot be asked is not known. */
  members(kernelName: string, questions: readonly MemberQuestion[]): Promise<(question: MemberQuestion) => boolean | undefined>
  /** A folder of this machine as a zip archive. @throws Fault storage_unreadable */
  zipFolder(path: string): Promise<Uint8Array>
  /** What there is to be tested on this machine, and places to do it. */
  workshop(): Promise<Workshop>
  /** The platform of this home: loaded only by the commands that look after it. */
  platform(): Promise<Platform>
  /** What checks signatures. */
  verifying(): Promise<Verifying>
  /** The environments of this home, and the Pythons and package tools of this machine. */
  environments(): Promise<Machine>
  /** Ends the program now: for whoever was asked twice. */
  exit(code: number): never
  /** Asks whoever sits at the terminal; undefined when nobody does. */
  confirm(question: string): Promise<boolean | undefined>
  /** Calls back on SIGINT, SIGTERM and SIGHUP; gives the function that stops it. */
  onSignal(then: (signal: string) => void): () => void
}

export type Socket = {
  send(text: string): void
  onText(then: (text: string) => void): void
  /** With the code of its closing; 1006 when it never was open. */
  onClose(then: (code: number) => void): void
  close(): void
}

/** Where runs are recorded. */
export type Records = {
  openJournal(path: string): Journal
  readJournal(path: string): JournalReading
  readonly blobs: Blobs
  readonly placed: Stage["placed"]
  readonly withContent: Parameters<typeof redactor>[1]
}

/** What is known of servers that commands may speak to. */
export type Servers = {
  /** The one that `stet start` runs on this home, with the token it leaves for its own user. */
  local(): { readonly url: string; readonly token: string } | undefined
  savedToken(origin: string): string | undefined
  saveToken(origin: string, token: string): void
  /** A file's text, "-" for standard input; undefined when it cannot be read. */
  readTokenFile(path: string): string | undefined
}

export type SecretFile = { readonly path: string; write(text: string): void; remove(): void }

export type Terminal = {
  write(text: string): void
  readonly isTerminal: boolean
  /** Columns; 80 when it is no terminal. */
  readonly columns: number
  /** May colours be used? */
  readonly colours: boolean
  /** Its reader has closed the pipe; what is written goes nowhere. */
  readonly isClosed?: boolean
}

/** The command's answer to the shell. */
export const EXIT = { succeeded: 0, failed: 1, bad: 2, infrastructure: 3, cancelled: 4, later: 75 } as const

/** A refusal or fault on its way to the user: what happened, why, what to do. */
export function complain(edge: Edge, message: string, remedy = ""): void {
  edge.err.write(`stet: ${tamed(message, false)}\n${remedy ? `      ${remedy}\n` : ""}`)
}
