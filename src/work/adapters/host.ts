/** This machine as it is. */
import { readFileSync } from "node:fs"
import { freemem, hostname } from "node:os"
import { isAlive } from "#base/adapters/process.ts"
import type { Host } from "#work/ports.ts"

export function thisHost(): Host {
  return {
    name: hostname(),
    pid: process.pid,
    isAlive,
    availableBytes,
  }
}

/** Within a container the machine's own figure would promise what is not there. */
function availableBytes(): number {
  const machine = Number(/^MemAvailable:\s+(\d+) kB/m.exec(read("/proc/meminfo"))?.[1] ?? Number.NaN) * 1024
  const limit = Number(read("/sys/fs/cgroup/memory.max").trim() || Number.NaN)
  const used = Number(read("/sys/fs/cgroup/memory.current").trim() || Number.NaN)
  return Math.min(Number.isFinite(machine) ? machine : freemem(), Number.isFinite(limit - used) ? limit - used : Number.POSITIVE_INFINITY)
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
