/** The notebook as far as a dead run got, from its journal alone. */
import type { Dialect } from "#run/dialect.ts"
import { type Fold, refold, type Watch } from "#run/fold.ts"
import type { Blobs, JournalReading } from "#run/ports.ts"
import { Projection } from "#run/project.ts"
import { isOver, type Run } from "#run/run.ts"
import { save } from "#run/save.ts"
import { spill } from "#run/spill.ts"
import type { Sink } from "#run/storage.ts"

export type Recovered = { readonly run: Run; readonly cutBytes: number; readonly sizeBytes: number }

export type Recovery = {
  readonly dialect: Dialect
  readonly blobs: Blobs
  readonly open: (run: Run) => Promise<Sink>
  /** Told of every event again, as while the run happened. */
  readonly watch?: Watch
}

/** Writes the notebook that a journal holds; a run without an end is marked `lost`. Undefined when the journal holds no order. */
export async function recover(journal: JournalReading, how: Recovery): Promise<Recovered | undefined> {
  const fold = refolded(journal, how.watch)
  if (!fold) return undefined
  const projection = new Projection(fold, { dialect: how.dialect, read: (span) => journal.read(span), token: `stet-span-${fold.run.order.id}-` })
  await spillAll(fold, projection, { journal, blobs: how.blobs })
  const sizeBytes = await save(projection.pieces(), (span) => journal.read(span), await how.open(fold.run))
  return { run: fold.run, cutBytes: journal.cutBytes(), sizeBytes }
}

/** Undefined when not even the order was written. */
function refolded(journal: JournalReading, watch: Watch | undefined): Fold | undefined {
  let [lastAt, lastEnd] = [0, 0]
  const fold = refold(journal.records(), (event, run, end) => {
    lastAt = event.at
    lastEnd = end
    watch?.(event, run, end)
  })
  if (!fold || isOver(fold.run)) return fold
  const died = { type: "owner_died", at: lastAt } as const
  fold.absorb(died, -1)
  watch?.(died, fold.run, lastEnd)
  return fold
}

async function spillAll(fold: Fold, projection: Projection, { journal, blobs }: { journal: JournalReading; blobs: Blobs }): Promise<void> {
  for (const cell of fold.run.order.plan) {
    const over = fold.outputs.overflow(cell)
    const place = over && (await spill(over, journal, blobs))
    if (place) projection.spilled(cell, place)
  }
}
