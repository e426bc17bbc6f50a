/** What a kernel takes of the disk, looked at now and then: a file has a limit of its own, but nothing counts how many there are. */
import type { Timers } from "#run/index.ts"
import type { Scratch } from "#work/ports.ts"

const EVERY_MS = 2_000

export type DiskWatch = {
  readonly scratch: Pick<Scratch, "takenBytes">
  readonly mostBytes: number
  readonly timers: Timers
}

/** `onFull` is told once. @returns what ends the watch */
export function watchDisk({ scratch, mostBytes, timers }: DiskWatch, onFull: () => void): () => void {
  let isOver = false
  let stopTimer = () => {}
  const look = async () => {
    // What cannot be looked at says nothing: the next look may.
    const taken = await scratch.takenBytes(mostBytes).catch(() => 0)
    if (isOver) return
    if (taken <= mostBytes) return again()
    onFull()
  }
  const again = () => {
    stopTimer = timers.after(EVERY_MS, () => void look())
  }
  again()
  return () => {
    isOver = true
    stopTimer()
  }
}

export function tooMuchWritten(who: "run" | "session", mostBytes: number): string {
  const megabytes = (mostBytes / 1_000_000).toLocaleString("en-US", { maximumFractionDigits: 0 })
  return `The ${who} wrote more than the ${megabytes} MB that it may have in its working directory, home and temporary files.`
}
