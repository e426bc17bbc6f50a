/** What the cells before one show, of a notebook that is looked at: for outputs that need what others have run. */
import { useMemo, useRef } from "react"
import type { CellShown, Earlier } from "#web/outputs/stage/shown.ts"
import { earlierIn, type Viewed } from "#web/run/earlier-outputs.ts"
import { nameOfSource, reader, type Source } from "#web/run/reading/reader.ts"

export type EarlierAsked = Viewed & { readonly source: Source | undefined }

export function useEarlier(asked: EarlierAsked): Earlier {
  const now = useRef(asked)
  now.current = asked
  const { source } = asked
  // biome-ignore lint/correctness/useExhaustiveDependencies: a source is what its name says
  return useMemo(() => {
    const kept = readOnce(source)
    return async (cell) => earlierIn(now.current, await kept(), cell)
  }, [source && nameOfSource(source)])
}

/** All of a notebook is read once, and only when something in it asks. */
function readOnce(source: Source | undefined): () => Promise<readonly CellShown[]> {
  let reading: Promise<readonly CellShown[]> | undefined
  return () => {
    reading ??= source ? reader.markup(source) : Promise.resolve([])
    reading.catch(() => {
      reading = undefined
    })
    return reading
  }
}
