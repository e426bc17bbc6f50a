import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault } from "#base/fault.ts"
import { LAUNCHER, type Plan, planStart, zygoteKey } from "#kernel/adapters/commands.ts"
import { type Connection, makeConnection, makeKernelFolder, readConnection, removeKernelFolder } from "#kernel/adapters/connection.ts"
import { type Guard, openGuard, openKeeper, takeFromKeeper } from "#kernel/adapters/guard.ts"
import { type Launched, LocalKernel, type Origin } from "#kernel/adapters/local_kernel.ts"
import { isAlive, launch, type Running, watch } from "#kernel/adapters/process.ts"
import { type FoundSpec, findSpecs } from "#kernel/adapters/specs.ts"
import { openZygote, type Zygote } from "#kernel/adapters/zygote.ts"
import { meantName, nearestFirst } from "#kernel/kernelspec.ts"
import type { Kernel, Kernels, KernelSpec, KeptKernel, Launch } from "#kernel/ports.ts"

export type LocalOptions = {
  /** Where folders for sockets are made; default $XDG_RUNTIME_DIR, else the system's temporary folder. */
  readonly runtimeDir?: string
  /** Environment to search in and to start kernels with; default our own. */
  readonly env?: NodeJS.ProcessEnv
  /** Interpreter of the Python environment that Stet manages; its kernels are searched too, after all others. */
  readonly managedPython?: string
}

export interface LocalKernelsDoor extends Kernels {
  /** One sentence for every kernelspec that `list` passes over because it cannot be started. */
  problems(): Promise<readonly string[]>
}

const START_TIMEOUT_MS = 60_000

/** Kernels that run as processes on this machine. */
export function localKernels(options: LocalOptions = {}): LocalKernelsDoor {
  return new LocalKernels(options)
}
