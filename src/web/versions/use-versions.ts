/** The versions of a notebook, part by part, and the runs of the time that they span. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { api } from "#web/app/api.ts"
import type { RunView, VersionView } from "#web/versions/timeline.ts"

const PART = 100
const RUNS = 200

export type VersionList = {
  readonly versions: readonly VersionView[]
  readonly runs: readonly RunView[]
  /** There are more runs in this time than are shown. */
  readonly hasMoreRuns: boolean
  readonly isPending: boolean
  readonly error: unknown
  readonly hasMore: boolean
  readonly isReading: boolean
  readonly more: () => void
  readonly again: () => void
}

export function useVersions(notebook: string): VersionList {
  const parts = useInfiniteQuery({
    queryKey: ["versions", notebook],
    queryFn: ({ pageParam, signal }) =>
      api.call("listVersions", { params: { notebook }, query: { limit: PART, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })
  const versions = parts.data?.pages.flatMap(({ items }) => items) ?? []
  const since = versions.at(-1)?.createdAt
  const runs = useQuery({
    queryKey: ["runs between versions", notebook, since],
    queryFn: ({ signal }) => api.call("listRuns", { query: { notebook, limit: RUNS, ...(since ? { since } : {}) }, signal }),
    enabled: since !== undefined,
  })
  return {
    versions,
    runs: runs.data?.items ?? [],
    hasMoreRuns: runs.data?.next != null,
    isPending: parts.isPending,
    error: parts.error,
    hasMore: parts.hasNextPage,
    isReading: parts.isFetchingNextPage,
    more: () => void parts.fetchNextPage(),
    again: () => void parts.refetch(),
  }
}
