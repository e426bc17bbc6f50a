/** The run that one is compared with: the last that succeeded before it, unless another is meant. null: there is none. */
import { useQuery } from "@tanstack/react-query"
import { api } from "#web/app/api.ts"
import type { RunView } from "#web/runs/pages.ts"

export function useEarlier(run: RunView, against?: string) {
  return useQuery({ queryKey: ["good before", run.id, against], queryFn: () => earlierOf(run, against), staleTime: 60_000 })
}

async function earlierOf(run: RunView, against: string | undefined): Promise<RunView | null> {
  if (against !== undefined) return api.call("getRun", { params: { run: against } })
  const { items } = await api.call("listRuns", { query: { notebook: run.notebook.id, state: "succeeded", until: run.createdAt, limit: 1 } })
  return items[0] ?? null
}
