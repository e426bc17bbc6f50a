/** What of a run is told to those who may not see its notebook's code: that it runs, how far it is, and what was shown on purpose. */
import { isObject, type JsonObject, own } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import { isShown } from "#notebook/index.ts"
import { type Actor, can } from "#people/index.ts"
import type { AttemptRow, RunRow, RunState } from "#work/row.ts"

const FAILED = "A step of this run did not succeed. The notebook's owner can see which one, and why."

/** Every run that leaves this room goes through here. */
export async function shownTo(db: Db, actor: Actor, run: RunRow): Promise<RunRow> {
  if (!run.codeHidden) return run
  const seesCode = await can(db, actor, "read_hidden_code", { space: run.space, notebook: run.notebook })
  return seesCode ? { ...run, codeHidden: false } : runWithoutCode(run)
}

function runWithoutCode(run: RunRow): RunRow {
  return { ...run, explanation: explained(run), error: null, failedCell: null, openlineage: null, rig: null }
}

export function attemptWithoutCode(attempt: AttemptRow): AttemptRow {
  return { ...attempt, explanation: explained(attempt), error: null, failedCell: null }
}

/** Undefined when nothing of it is told. */
export function eventWithoutCode(type: string, what: JsonObject): JsonObject | undefined {
  switch (type) {
    case "state":
    case "progress":
    case "clear":
      return without(what, ["explanation", "error"])
    case "cell":
      return without(what, ["error"])
    case "output":
    case "update": {
      const output = own(what, "output")
      return isObject(output) && isShown(output) ? what : undefined
    }
    default:
      return undefined
  }
}

/** Before its end a run says what it waits for, which is nothing of the notebook's. */
function explained({ state, explanation }: { readonly state: RunState; readonly explanation: string }): string {
  if (state === "failed" || state === "lost") return FAILED
  return state === "succeeded" ? "" : explanation
}

function without(what: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(what).filter(([name]) => !names.includes(name)))
}
