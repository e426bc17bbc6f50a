/** What environments need of the world: interpreters, a package tool, a shelf on disk. Adapter: `adapters/machine.ts`. */
import type { Outcome } from "#base/outcome.ts"
import type { Description, Package } from "#environment/description.ts"
import type { EnvironmentRefusal } from "#environment/refusal.ts"

/** An installed kernelspec; what `Kernels.list()` of the kernel room gives. */
export type InstalledKernel = {
  readonly name: string
  readonly displayName: string
  readonly language: string
  readonly argv: readonly string[]
  readonly interruptMode: "signal" | "message"
  readonly resourceDir: string
  readonly env?: { readonly [name: string]: string }
}

/** A Python that environments can be built on. */
export type Interpreter = {
  /** Absolute path. */
  readonly python: string
  /** "CPython", "PyPy". */
  readonly name: string
  /** "3.12.4". */
  readonly version: string
  readonly platform: Description["platform"]
}

/** What is written down of every environment, one JSON file each. */
export type Manifest = {
  readonly sha256: string
  readonly what: Description
  /** The list as it was asked for; empty for captured ones. */
  readonly requirements: readonly string[]
  /** Milliseconds since 1970. */
  readonly madeAt: number
}

/** A name people gave, and the environment it means now. */
export type Label = { readonly name: string; readonly sha256: string; readonly at: number }

/** An AbortSignal, as far as it is looked at. */
export type Cancellation = {
  readonly aborted: boolean
  addEventListener(type: "abort", listener: () => void): void
  removeEventListener(type: "abort", listener: () => void): void
}

export type Attention = {
  /** Gets one line for each step that takes time. */
  readonly tell?: (line: string) => void
  readonly cancellation?: Cancellation
}

/** How a kernel of an environment is started. */
export type Place = {
  /** `<prefix>/share/jupyter`, to be searched before all else (first in JUPYTER_PATH); undefined for kernels of the machine. */
  readonly jupyterPath: string | undefined
  /** The environment's own directory, readable by every user of the machine; undefined for kernels of the machine. */
  readonly prefix: string | undefined
}

/** What source may import in an environment of Python, or load in one of R. */
export type Importable = {
  /** Of Python, "3.12"; "" for R. */
  readonly version: string
  /** Top-level modules, those of the standard library included; in R the packages. */
  readonly modules: ReadonlySet<string>
}

export interface Machine {
  sha256(text: string): string
  /** Pythons, the likeliest first. */
  interpreters(): Promise<readonly Interpreter[]>
  /**
   * Describes an installed kernel; asks its interpreter only when something has changed since the last time. Runs no
   * notebook code.
   * @throws Fault kernel_start_failed when the interpreter cannot be asked
   */
  capture(kernel: InstalledKernel): Promise<Description>
  /** Finds versions and hashes for a list. @throws Fault index_unreachable, disk_full, storage_unwritable */
  lock(wanted: Wanted, attention: Attention): Promise<Outcome<readonly Package[], EnvironmentRefusal>>
  /**
   * The built directory of a locked environment, made now unless it is there and unchanged; only one process makes it.
   * @throws Fault index_unreachable, disk_full, storage_unwritable
   */
  build(manifest: Manifest, options: BuildOptions): Promise<Outcome<Place, EnvironmentRefusal>>
  /** The directory of a built environment, or undefined when it is not there or has been changed. */
  placeOf(sha256: string): Promise<Place | undefined>
  /** Notes that it is about to be used, if it is built here. */
  used(sha256: string): Promise<void>
  /** What is built here. */
  built(): Promise<readonly BuiltHere[]>
  /** Takes one off the disk unless it was used since; it can be built again from its manifest, which stays. False when it stays. */
  remove(sha256: string, unusedSince: number): Promise<boolean>
  /** Where a built environment lies, or would. */
  folderOf(sha256: string): string
  /** Reads every file of a built environment: the first ones, at most ten, that are not what their package brought. */
  damaged(sha256: string): Promise<readonly string[]>
  read(sha256: string): Promise<Manifest | undefined>
  write(manifest: Manifest): Promise<void>
  manifests(): Promise<readonly Manifest[]>
  labels(): Promise<readonly Label[]>
  label(label: Label): Promise<void>
  /** What a list of requirements was locked to the last time it was asked for, so that a run need not resolve it again. */
  recall(requestSha256: string): Promise<string | undefined>
  remember(requestSha256: string, sha256: string): Promise<void>
}

/** `usedAt`: when a kernel was last to be started in it, or when it was built; milliseconds since 1970. */
export type BuiltHere = { readonly sha256: string; readonly usedAt: number }

export type Wanted = {
  readonly interpreter: Interpreter
  readonly requirements: readonly string[]
  /** false: only packages that come ready to install, so that no code of theirs runs while they are installed. */
  readonly mayCompile: boolean
  /** The directory that relative paths in the list start from. */
  readonly folder?: string | undefined
}

export type BuildOptions = Attention & { readonly interpreter: Interpreter; readonly mayCompile: boolean }
