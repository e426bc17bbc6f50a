/**
 * The rows of runs that were listed before. Everybody looks at the newest page again and again, and a run that is over stays as it is:
 * to read its forty columns anew each time costs more than all else of the list. Whether a row was written since is asked each time.
 */
import type { Db } from "#database/index.ts"
import type { RunRow } from "#work/row.ts"
import type { Beside, Written } from "#work/sql/find-run.ts"

/** Of two thousand bytes or so each; the one that was read longest ago makes room. */
const MOST = 2000

type Known = Map<string, { readonly run: RunRow; readonly written: string }>
const KNOWN = new WeakMap<Db, Known>()

/** The runs of a list, if each is known as it stands now. */
export function knownRuns(db: Db, listed: readonly (Beside & Written)[]): readonly RunRow[] | undefined {
  const known = knownOf(db)
  const runs: RunRow[] = []
  for (const { written, ...beside } of listed) {
    const found = known.get(beside.id)
    if (found?.written !== written) return undefined
    runs.push({ ...found.run, ...beside })
  }
  return runs
}

/** Keeps what was read of them, for the next time. */
export function keptRuns(db: Db, read: readonly (RunRow & Written)[]): readonly RunRow[] {
  const known = knownOf(db)
  const runs = read.map(({ written, ...run }) => {
    known.delete(run.id)
    known.set(run.id, { run, written })
    return run
  })
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break
    known.delete(oldest)
  }
  return runs
}

function knownOf(db: Db): Known {
  const known = KNOWN.get(db) ?? new Map()
  KNOWN.set(db, known)
  return known
}
