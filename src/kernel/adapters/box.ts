/** Control groups, version 1 or 2: one group for each confined kernel, below our own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { isAlive, processStat } from "#base/adapters/process.ts"
import { type Controller, controllersIn, type Hierarchy, settingsOf } from "#kernel/cgroup.ts"
import type { Confinement } from "#kernel/ports.ts"

/** The control groups of one kernel. */
export type Box = {
  /** Files that a process writes its number into to enter. */
  readonly entries: readonly string[]
  /** The groups' directories. */
  readonly folders: readonly string[]
  readonly counts: ReadonlySet<Controller>
  /** The file that tells how often the system had to kill somebody in it. */
  readonly counters: readonly string[]
  enter(pid: number): void
  memory(): { readonly peakBytes: number; readonly limitBytes: number } | undefined
  /** Kills whoever is in it, and takes it away. */
  remove(): Promise<void>
}

/** Where groups can be made here; empty when nowhere, with the reason. */
export type Ground = { readonly hierarchies: readonly Hierarchy[]; readonly why: string }

export function findGround(): Ground {
  if (process.platform !== "linux") return { hierarchies: [], why: "control groups are a thing of Linux" }
  const found = controllersIn(readText("/proc/self/mounts"), readText("/proc/self/cgroup"), existsSync)
  const usable = found.filter((hierarchy) => (hierarchy.version === 2 ? openUnified(hierarchy) : isWritable(hierarchy.folder)))
  const has = usable.some(({ controllers }) => controllers.includes("memory"))
  return has
    ? { hierarchies: usable, why: "" }
    : { hierarchies: usable, why: found.length === 0 ? "no memory control group is mounted" : "the memory control group may not be written" }
}

/** @throws Error of the file system when a group cannot be made after all */
export function makeBox(ground: Ground, name: string, confine: Confinement): Box | undefined {
  if (ground.hierarchies.length === 0) return undefined
  const made = ground.hierarchies.map((hierarchy) => ({ hierarchy, folder: join(hierarchy.folder, name) }))
  for (const { hierarchy, folder } of made) {
    mkdirSync(folder, { recursive: true })
    for (const { file, value, isOptional } of settingsOf(hierarchy, confine)) write(join(folder, file), value, isOptional)
  }
  const memory = made.find(({ hierarchy }) => hierarchy.controllers.includes("memory"))
  const entries = made.map(({ folder }) => join(folder, "cgroup.procs"))
  return {
    entries,
    folders: made.map(({ folder }) => folder),
    counts: new Set(ground.hierarchies.flatMap(({ controllers }) => controllers)),
    counters: memory ? [join(memory.folder, memory.hierarchy.version === 2 ? "memory.events" : "memory.oom_control")] : [],
    enter: (pid) => {
      for (const entry of entries) writeFileSync(entry, String(pid))
    },
    memory: () => memory && readMemory(memory.hierarchy, memory.folder, confine.memoryBytes ?? 0),
    remove: async () => {
      for (const { folder } of made) await removeGroup(folder)
    },
  }
}

function readMemory({ version }: Hierarchy, folder: string, limitBytes: number) {
  const peak = version === 2 ? "memory.peak" : "memory.max_usage_in_bytes"
  return { peakBytes: Number(readText(join(folder, peak)).trim() || 0), limitBytes }
}

/** A group goes only when it is empty, and a process that was killed takes a moment to leave. */
async function removeGroup(folder: string): Promise<void> {
  for (let i = 0; i < 200 && existsSync(folder); i++) {
    write(join(folder, "cgroup.kill"), "1", true)
    for (const pid of readText(join(folder, "cgroup.procs")).split("\n").filter(Boolean)) kill(Number(pid))
    try {
      return rmdirSync(folder)
    } catch {
      await sleep(10)
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It was quicker.
  }
}

/**
 * Lets groups below ours count, which version 2 allows only when no process is in ours itself: we step down into a
 * group beside them, unless somebody else lives here too.
 */
function openUnified({ folder, controllers }: Hierarchy): boolean {
  const file = join(folder, "cgroup.subtree_control")
  const wanted = controllers.map((name) => `+${name}`).join(" ")
  const isOpen = () => controllers.every((name) => readText(file).trim().split(" ").includes(name))
  if (isOpen()) return isWritable(folder)
  if (tryWrite(file, wanted)) return isOpen() && isWritable(folder)
  const here = readText(join(folder, "cgroup.procs")).split("\n").filter(Boolean).map(Number)
  if (!here.every(isOurs)) return false
  const own = join(folder, "stet-own")
  try {
    mkdirSync(own, { recursive: true })
    for (const pid of here) writeFileSync(join(own, "cgroup.procs"), String(pid))
  } catch {
    return false
  }
  return tryWrite(file, wanted) && isOpen()
}

function isOurs(pid: number): boolean {
  for (let at = pid; at > 1; at = Number(processStat(at)[1] ?? 0)) if (at === process.pid) return true
  return false
}

function isWritable(folder: string): boolean {
  const probe = join(folder, `stet-probe-${process.pid}`)
  try {
    mkdirSync(probe)
    rmdirSync(probe)
    return true
  } catch {
    return false
  }
}

function write(file: string, value: string, isOptional: boolean): void {
  if (!tryWrite(file, value) && !isOptional) throw new Error(`The control group's ${file} does not take ${value}.`)
}

function tryWrite(file: string, value: string): boolean {
  try {
    // Opening must not make a file: in a control group that is an error of its own, elsewhere it would hide that there is none.
    writeFileSync(file, value, { flag: "r+" })
    return true
  } catch {
    return false
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}

/** Takes away groups that an owner left who was killed together with its guard: their names tell whose they were. */
export async function removeAbandoned({ hierarchies }: Ground): Promise<void> {
  for (const { folder } of hierarchies) {
    for (const name of entriesOf(folder)) {
      const owner = /^stet-(\d+)-\d+$/.exec(name)?.[1]
      if (owner !== undefined && !isAlive(Number(owner))) await removeGroup(join(folder, name))
    }
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
