/** Outputs that a saved version holds, for cells that have not run since. Fetched once for all cells. */
import { queryOptions, useQuery } from "@tanstack/react-query"
import { useCallback } from "react"
import type { LiveOutput } from "#api/live.ts"

export type HeldOutputs = { readonly outputs: readonly LiveOutput[]; readonly executionCount: number | null }
type ByCell = ReadonlyMap<string, HeldOutputs>

export function versionOutputsAsked(notebook: string, version: number) {
  return queryOptions({
    queryKey: ["version-outputs", notebook, version],
    queryFn: async ({ signal }): Promise<ByCell> => {
      const response = await fetch(`/api/v1/notebooks/${encodeURIComponent(notebook)}/versions/${version}/content`, { signal })
      if (!response.ok) throw new Error(`The outputs of version ${version} could not be read.`)
      return readOutputs(await response.json())
    },
    staleTime: Number.POSITIVE_INFINITY,
    // A version's outputs may be large, and they are in the page's own structures already where they are shown.
    gcTime: 60_000,
    structuralSharing: false,
  })
}

export function useVersionOutputs(notebook: string, shows: string, cell: string): HeldOutputs | undefined {
  const version = shows.startsWith("version:") ? Number(shows.slice("version:".length)) : 0
  const select = useCallback((found: ByCell) => found.get(cell), [cell])
  const { data } = useQuery({ ...versionOutputsAsked(notebook, version), enabled: version > 0, select })
  return version > 0 ? data : undefined
}

export function readOutputs(document: unknown): ByCell {
  const cells = (document as { readonly cells?: unknown } | null)?.cells
  if (!Array.isArray(cells)) return new Map()
  return new Map(cells.flatMap((cell, at) => heldBy(cell, at)))
}

type Stored = { readonly id?: unknown; readonly outputs?: unknown; readonly execution_count?: unknown }

function heldBy(cell: Stored, at: number): readonly (readonly [string, HeldOutputs])[] {
  if (!Array.isArray(cell.outputs)) return []
  const outputs = cell.outputs as readonly LiveOutput[]
  const executionCount = typeof cell.execution_count === "number" ? cell.execution_count : null
  return [[typeof cell.id === "string" ? cell.id : String(at), { outputs, executionCount }]]
}
