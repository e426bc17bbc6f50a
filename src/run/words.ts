/** How runs and sessions read what a kernel says, and put into words how one ended. */
import type { Json, JsonObject } from "#base/json.ts"
import type { Exit } from "#kernel/index.ts"
import type { CellError } from "#run/run.ts"

/** `explanation` is for the session, with the remedy; `why` for what it was running. */
export type Death = { readonly explanation: string; readonly why: string }

/** What became of the kernel: "was killed by SIGKILL". */
export function howItEnded(exit: Exit): string {
  if (exit.outOfMemory) return `ran out of memory${memoryOf(exit)} and was killed`
  if (exit.signal) return `was killed by ${exit.signal}`
  return exit.code === null ? "is gone" : `exited with code ${exit.code}`
}

export function howItDied(exit: Exit): Death {
  const how = howItEnded(exit)
  const remedy = exit.outOfMemory ? "Start it again and let it hold less at once." : "Start it again and run the cells that you need."
  return { explanation: `The kernel ${how}; what it had computed is gone. ${remedy}`, why: `The kernel ${how}.` }
}

function memoryOf({ memory }: Exit): string {
  return memory ? ` (it may take ${(memory.limitBytes / 1e9).toFixed(1)} GB)` : ""
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : ""
}

export function count(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null
}

export function errorIn(content: JsonObject): CellError {
  const traceback = content["traceback"]
  return { ename: text(content["ename"]), evalue: text(content["evalue"]), traceback: Array.isArray(traceback) ? traceback.map(String) : [] }
}
