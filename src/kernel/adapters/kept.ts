import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isAlive, processStat } from "#base/adapters/process.ts"
import { Fault } from "#base/fault.ts"
import { type Connection, readConnection } from "#kernel/adapters/connection.ts"
import { takeFromKeeper } from "#kernel/adapters/guard.ts"
import type { KeptKernel, KernelSpec } from "#kernel/ports.ts"

/** What stands beside a kept kernel's connection file: what its next owner cannot know otherwise. */
export type KeptNote = {
  readonly interruptMode: KernelSpec["interruptMode"]
  readonly isUnbounded: boolean
  readonly isIdleEarly: boolean
  readonly cwd: string
  /** When the process began, in the operating system's own count: tells it from a later one with the same number. */
  readonly birth: string
}

export function writeNote(connectionFile: string, pid: number, note: Omit<KeptNote, "birth">): void {
  writeFileSync(noteFile(connectionFile), JSON.stringify({ ...note, birth: birthOf(pid) }), { mode: 0o600 })
}

/** Takes a kept kernel over from its keeper. @throws Fault kernel_died when it is gone, or somebody else has it */
export function takeKept(kept: KeptKernel): { readonly connection: Connection; readonly note: KeptNote } {
  const connection = readConnection(kept.connectionFile)
  const note = readNote(kept.connectionFile)
  const folder = dirname(kept.connectionFile)
  if (!isAlive(kept.pid) || birthOf(kept.pid) !== note.birth) {
    rmSync(folder, { recursive: true, force: true })
    throw gone("its process has ended")
  }
  if (!takeFromKeeper(folder)) throw gone("its time was up, or somebody else is using it")
  return { connection, note }
}

function readNote(connectionFile: string): KeptNote {
  try {
    return JSON.parse(readFileSync(noteFile(connectionFile), "utf8")) as KeptNote
  } catch (cause) {
    throw gone("it was not kept by Stet", cause)
  }
}

function noteFile(connectionFile: string): string {
  return join(dirname(connectionFile), "kept.json")
}

// Field 22 of /proc/<pid>/stat counts clock ticks since the machine started.
function birthOf(pid: number): string {
  return processStat(pid)[19] ?? ""
}

function gone(why: string, cause?: unknown): Fault {
  return new Fault("kernel_died", `The kept kernel cannot be used any more: ${why}.`, { cause, remedy: "Start a fresh kernel." })
}
