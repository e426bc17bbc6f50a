/** Notebooks compared in a thread of its own, which is ended when it takes too long or too much memory. */
import { createHash } from "node:crypto"
import { Worker } from "node:worker_threads"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Reproduced } from "#notebook/index.ts"
import type { Comparing } from "#work/ports.ts"

const MOST_BYTES = 100_000_000
const MOST_MS = 30_000
const MOST_MEMORY_MB = 1024

export function threadComparing(mostMs = MOST_MS): Comparing {
  /** Asked for again while it is compared, it is the same comparison: whoever waits asks every second. */
  const running = new Map<string, Promise<Outcome<Reproduced, string>>>()
  return {
    reproduced: async (sides) => {
      const size = sides.stored.length + sides.first.length + (sides.second?.length ?? 0)
      if (size > MOST_BYTES) return refused("What is stored and what it showed is too large to be compared here.")
      const key = [sides.stored, sides.first, sides.second].map((bytes) => (bytes ? digestOf(bytes) : "")).join(" ")
      const found = running.get(key) ?? compare(sides, mostMs).finally(() => running.delete(key))
      running.set(key, found)
      return found
    },
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

function compare(sides: Parameters<Comparing["reproduced"]>[0], mostMs: number): Promise<Outcome<Reproduced, string>> {
  return new Promise((resolve) => {
    const thread = new Worker(new URL("./comparing-thread.ts", import.meta.url), {
      workerData: sides,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
    })
    const end = (outcome: Outcome<Reproduced, string>) => {
      clearTimeout(late)
      resolve(outcome)
      void thread.terminate()
    }
    const late = setTimeout(() => end(refused("It took too long to compare what is stored with what it showed.")), mostMs)
    thread.once("message", (told: Reproduced | undefined) => end(told ? accepted(told) : refused("What it showed cannot be read as a notebook.")))
    thread.once("error", () => end(refused("It takes more to compare what is stored with what it showed than is given to it here.")))
  })
}
