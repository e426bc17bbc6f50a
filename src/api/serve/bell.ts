/** A bell that remembers: rung while nobody waits, it lets the next one who waits go on at once. */
export type Bell = { ring(): void; wait(ms: number, signal?: AbortSignal): Promise<"rung" | "late" | "gone"> }

export function bell(): Bell {
  let rung = false
  let waiting: ((how: "rung") => void) | undefined
  return {
    ring() {
      if (waiting) waiting("rung")
      else rung = true
    },
    wait(ms, signal) {
      if (signal?.aborted) return Promise.resolve("gone")
      if (rung) {
        rung = false
        return Promise.resolve("rung")
      }
      return new Promise((resolve) => {
        const done = (how: "rung" | "late" | "gone") => {
          clearTimeout(timer)
          signal?.removeEventListener("abort", gone)
          waiting = undefined
          resolve(how)
        }
        const gone = () => done("gone")
        // Infinity: only the bell or the asker's going ends it, and a thousand who wait cost no timer.
        const timer = Number.isFinite(ms) ? setTimeout(() => done("late"), ms) : undefined
        waiting = done
        signal?.addEventListener("abort", gone)
      })
    },
  }
}
