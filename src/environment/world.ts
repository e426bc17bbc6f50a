/** What the verbs of this room are handed. */
import type { Clock } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import type { Attention, InstalledKernel, Machine, Place } from "#environment/ports.ts"
import type { Notebook } from "#notebook/index.ts"

export type EnvironmentWorld = {
  readonly machine: Machine
  /** The kernels of this machine: `() => kernels.list()`. */
  readonly kernels: () => Promise<readonly InstalledKernel[]>
  readonly clock: Clock
  /** Where the platform mirrors what is on disk; without it (the command line) the disk alone is asked. */
  readonly db?: Db
  /** May packages that a notebook asks for be compiled here? Only where its author could run any code as this user anyway. */
  readonly mayCompile: boolean
}

export type Resolving = Attention & {
  readonly notebook: Pick<Notebook, "metadata" | "cells">
  /** What the launch asks for: a name, `sha256:…`, or the name of an installed kernel; "" or undefined: nothing. */
  readonly asked?: string | undefined
  /** Digest of the space's default environment. */
  readonly spaceDefault?: string | undefined
}

/** The environment that a run uses, ready to start kernels in. */
export type Resolved = {
  readonly sha256: string
  /** The name it was asked for by, else that of its kernel. */
  readonly name: string
  readonly kind: "locked" | "captured"
  /** What to hand to `Kernels.start`. */
  readonly kernelName: string
  readonly launch: Place
}
