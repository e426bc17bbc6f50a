/** What runs in that thread. */
import { parentPort, workerData } from "node:worker_threads"
import { type Notebook, read, reproduced } from "#notebook/index.ts"
import type { Comparing } from "#work/ports.ts"

const { stored, first, second, ranAtMs } = workerData as Parameters<Comparing["reproduced"]>[0]
const [before, one, other] = [stored, first, second].map((bytes) => (bytes ? notebookIn(bytes) : undefined))
parentPort?.postMessage(before && one ? reproduced(before, { first: one, second: other }, { ranAtMs }) : undefined)

function notebookIn(bytes: Uint8Array): Notebook | undefined {
  const reading = read(bytes)
  return reading.ok ? reading.value.notebook : undefined
}
