/** What saving and finding versions can refuse, beside what the catalog refuses. */
import type { Outcome } from "#base/outcome.ts"
import type { CatalogRefusal } from "#library/refusal.ts"
import type { ReadRefusal } from "#notebook/index.ts"
import type { PersonId } from "#people/index.ts"

/** Somebody else saved since. Both sides are told: what is there now, and what one started from and wanted to save. */
export type EditedMeanwhile = {
  readonly refused: "edited_meanwhile"
  readonly message: string
  readonly theirs: { readonly number: number; readonly sha256: string; readonly author: PersonId | null; readonly at: number }
  readonly yours: { readonly base: number; readonly sha256: string }
}

export type VersionRefusal =
  | CatalogRefusal
  /** It is not a notebook; of what is no JSON, line and column say where. */
  | ReadRefusal
  | EditedMeanwhile
  | { readonly refused: "no_such_version"; readonly message: string }
  | { readonly refused: "bad_label"; readonly message: string }

export type Versioned<Value> = Outcome<Value, VersionRefusal>

export function noSuchVersion(asked: number | string): { readonly ok: false; readonly refusal: VersionRefusal } {
  const shown = typeof asked === "number" ? String(asked) : asked.slice(0, 100)
  return { ok: false, refusal: { refused: "no_such_version", message: `The notebook has no version ${shown}: see the list of its versions.` } }
}

export function editedMeanwhile(theirs: EditedMeanwhile["theirs"], yours: EditedMeanwhile["yours"]): EditedMeanwhile {
  const message = `Version ${theirs.number} was saved since version ${yours.base}, which you started from: look at what changed, then save on top of it.`
  return { refused: "edited_meanwhile", message, theirs, yours }
}
