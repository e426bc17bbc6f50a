/** What Linux says of processes. Signals go only to processes that were found as ours just before. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"

export type Found = { readonly pid: number; readonly what: string }

export function childrenOf(pid: number): readonly Found[] {
  return pids().flatMap((child) => (parentOf(child) === pid ? [{ pid: child, what: commandOf(child) }] : []))
}

/** Those that live in a folder, were started from it, or were told of it; not we ourselves, and nobody who only has died. */
export function processesIn(folder: string): readonly Found[] {
  return pids().flatMap((pid) => {
    if (pid === process.pid || stateOf(pid) === "Z") return []
    const what = commandOf(pid)
    const known = [what, linkOf(pid, "cwd"), linkOf(pid, "root"), read(`/proc/${pid}/environ`)]
    return known.some((text) => text.includes(folder)) ? [{ pid, what: what || linkOf(pid, "exe") }] : []
  })
}

/** Resident megabytes (10^6 bytes) now. */
export function residentMb(pid: number): number {
  return kilobytes(pid, "VmRSS") * 1.024e-3
}

/** The most that it ever had. */
export function peakMb(pid: number): number {
  return kilobytes(pid, "VmHWM") * 1.024e-3
}

/** Milliseconds of processor time that it and those of its children that have ended took; Linux counts in steps of ten. */
export function cpuMs(pid: number): number {
  return statOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks) * 10, 0)
}

export function isAlive(pid: number): boolean {
  const state = stateOf(pid)
  return state !== "" && state !== "Z"
}

function kilobytes(pid: number, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/status`))?.[1] ?? 0)
}

function pids(): readonly number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()
}

function statOf(pid: number): readonly string[] {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(")") + 2).split(" ")
}

function stateOf(pid: number): string {
  return statOf(pid)[0] ?? ""
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1] ?? -1)
}

function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`)
  } catch {
    return ""
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return ""
  }
}
