/** An attempt's journal, compressed, in the blob store: for looking into what happened. The result is what counts. */
import { toError } from "#base/fault.ts"
import type { Keep } from "#work/blobs.ts"
import type { Spools, Tell } from "#work/ports.ts"
import type { Kept } from "#work/sql/end.ts"

type Which = { readonly run: string; readonly attempt: number }

/** Undefined when it could not be kept, which is told. */
export async function packJournal(
  spools: Spools,
  { run, attempt }: Which,
  { keep, tell }: { readonly keep: Keep; readonly tell: Tell },
): Promise<Kept["journal"]> {
  try {
    const journalBytes = spools.list().find((spool) => spool.run === run && spool.attempt === attempt)?.sizeBytes ?? 0
    return { ...(await keep(spools.packed(run, attempt))), journalBytes }
  } catch (error) {
    tell(`run ${run}: its journal could not be kept: ${toError(error).message}`, run)
    return undefined
  }
}
