/** What the cells before one show, of a notebook that is open: for outputs that need what others have run. */
import type { QueryClient } from "@tanstack/react-query"
import { bringOutputs } from "#web/notebook/find-outputs.ts"
import { shownExecution } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { versionOutputsAsked } from "#web/notebook/version-outputs.ts"
import type { CellShown, Earlier } from "#web/outputs/stage/shown.ts"

/** Cells far away have not been asked for what they show; what does not come in this time is done without. */
const PATIENCE_MS = 10_000

export function earlierOutputs(notebook: OpenNotebook, queries: QueryClient): Earlier {
  return async (cell) => {
    await known(notebook, queries, cell)
    return shownUntil(notebook, queries, cell)
  }
}

type Place = { readonly cell: string; readonly execution: string | undefined; readonly version: number }

function placesUntil({ draft, state }: Pick<OpenNotebook, "draft" | "state">, cell: string): readonly Place[] {
  const cells = draft.cells()
  const at = cells.findIndex(({ id }) => id === cell)
  const now = state.get()
  return cells.slice(0, at + 1).flatMap(({ id, type, shows }) => {
    if (type !== "code") return []
    const execution = shownExecution(now, id, shows)
    return [{ cell: id, execution, version: execution === undefined && shows.startsWith("version:") ? Number(shows.slice("version:".length)) : 0 }]
  })
}

async function known(notebook: OpenNotebook, queries: QueryClient, cell: string): Promise<void> {
  const places = placesUntil(notebook, cell)
  const versions = [...new Set(places.map(({ version }) => version).filter((version) => version > 0))]
  const isKnown = (): boolean => {
    const { outputs } = notebook.state.get()
    return placesUntil(notebook, cell).every(({ execution }) => execution === undefined || (outputs.get(execution)?.next ?? -1) >= 0)
  }
  await Promise.all([
    ...versions.map((version) => queries.prefetchQuery(versionOutputsAsked(notebook.id, version))),
    isKnown() ? undefined : brought(notebook, queries, { cells: new Set(places.map((place) => place.cell)), isKnown }),
  ])
}

type Wanted = { readonly cells: ReadonlySet<string>; readonly isKnown: () => boolean }

function brought(notebook: OpenNotebook, queries: QueryClient, { cells, isKnown }: Wanted): Promise<void> {
  return new Promise((done) => {
    const stopBringing = bringOutputs(notebook, queries, () => undefined, cells)
    const stopWatching = notebook.state.subscribe(() => isKnown() && end())
    const late = setTimeout(() => end(), PATIENCE_MS)
    function end(): void {
      stopBringing()
      stopWatching()
      clearTimeout(late)
      done()
    }
  })
}

function shownUntil(notebook: Pick<OpenNotebook, "id" | "draft" | "state">, queries: QueryClient, cell: string): readonly CellShown[] {
  const { outputs } = notebook.state.get()
  return placesUntil(notebook, cell).flatMap((place) => {
    const shown =
      place.execution === undefined
        ? queries.getQueryData(versionOutputsAsked(notebook.id, place.version).queryKey)?.get(place.cell)?.outputs
        : outputs.get(place.execution)?.outputs
    return shown && shown.length > 0 ? [{ cell: place.cell, outputs: shown }] : []
  })
}
