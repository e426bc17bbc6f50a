/** What is opened live: a version, and perhaps the run of it, for those who may edit and run its notebook. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { resolveVersion, type VersionRefusal, type VersionRow, versionBytes } from "#library/index.ts"
import type { Notebook } from "#notebook/index.ts"
import { type Actor, type NotebookId, verdict } from "#people/index.ts"
import { notebookIn } from "#work/bound.ts"
import { permitted } from "#work/permit.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import { isTerminal, type RunRow } from "#work/row.ts"
import { findAttempts } from "#work/sql/find-run.ts"
import type { WorkWorld } from "#work/world.ts"

export type LiveOf = { readonly run: string } | { readonly notebook: string; readonly version: number }

export type LiveRefusal = RunRefusal | VersionRefusal

export type LiveSource = {
  readonly run: RunRow | undefined
  readonly version: VersionRow
  readonly notebook: Notebook
  /** The id of the cell at which the run failed; "" when it did not. */
  readonly failedCell: string
}

/** It takes the right to edit, because its code is copied and a kernel handed over, and the right to run. */
export async function liveSource(world: WorkWorld, actor: Actor, of: LiveOf): Promise<Outcome<LiveSource, LiveRefusal>> {
  const run = "run" in of ? await permitted(world, actor, { id: of.run, action: "edit", as: "run.open_live" }) : accepted(undefined)
  if (!run.ok) return run
  if (run.value && !isTerminal(run.value.state)) return notOver(run.value)
  const asked = "run" in of ? { notebook: run.value!.notebook, version: run.value!.version } : of
  const version = await resolveVersion(world.library, actor, "edit", asked)
  if (!version.ok) return version
  const { space, notebook } = version.value
  if ((await verdict(world.db, actor, "run", { space, notebook: notebook as NotebookId })) !== "allowed")
    return refuse("not_allowed", "You may edit this notebook, but not run it: a token for this needs the scopes run and edit.")
  const document = notebookIn(await versionBytes(world.library, version.value))
  if (!document.ok) return document
  const failedCell = run.value ? await failedCellOf(world, run.value) : ""
  return accepted({ run: run.value, version: version.value, notebook: document.value, failedCell })
}

function notOver(run: RunRow): { readonly ok: false; readonly refusal: RunRefusal } {
  const message = `The run ${run.id} is not over yet: wait for its end, or cancel it.`
  return { ok: false, refusal: { refused: "wrong_state", message, state: run.state } }
}

async function failedCellOf({ db }: WorkWorld, { id, attempt, failedCell }: RunRow): Promise<string> {
  if (failedCell === null) return ""
  const last = (await findAttempts(db, id)).find(({ number }) => number === attempt)
  return last?.cells.find(({ index }) => index === failedCell)?.id ?? ""
}
