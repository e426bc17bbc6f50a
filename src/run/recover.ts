/** The notebook as far as a dead run got, from its journal alone. */
import type { Dialect } from "#run/dialect.ts"
import { type Fold, refold } from "#run/fold.ts"
import type { Blobs, JournalReading } from "#run/ports.ts"
import { Projection } from "#run/project.ts"
import { isOver, type Run } from "#run/run.ts"
import { save } from "#run/save.ts"
import { spill } from "#run/spill.ts"
import type { Sink } from "#run/storage.ts"

export type Recovered = { readonly run: Run; readonly cutBytes: number; readonly sizeBytes: number }

export type Recovery = { readonly dialect: Dialect; readonly blobs: Blobs; readonly open: (run: Run) => Promise<Sink> }

/** Writes the notebook that a journal holds; a run without an end is marked `lost`. Undefined when the journal holds no order. */
export async function recover(journal: JournalReading, how: Recovery): Promise<Recovered | undefined> {
  let lastAt = 0
  const fold = refold(
    (function* () {
      for (const one of journal.records()) {
        lastAt = one.event.at
        yield one
      }
    })(),
  )
  if (!fold) return undefined
  if (!isOver(fold.run)) fold.absorb({ type: "owner_died", at: lastAt }, -1)
  const projection = new Projection(fold, { dialect: how.dialect, read: (span) => journal.read(span), token: `stet-span-${fold.run.order.id}-` })
  await spillAll(fold, projection, { journal, blobs: how.blobs })
  const sizeBytes = await save(projection.pieces(), (span) => journal.read(span), await how.open(fold.run))
  return { run: fold.run, cutBytes: journal.cutBytes(), sizeBytes }
}

async function spillAll(fold: Fold, projection: Projection, { journal, blobs }: { journal: JournalReading; blobs: Blobs }): Promise<void> {
  for (const cell of fold.run.order.plan) {
    const over = fold.outputs.overflow(cell)
    const place = over && (await spill(over, journal, blobs))
    if (place) projection.spilled(cell, place)
  }
}
