/** The runs of a filter, read part by part; its newest part is asked again and again while somebody looks. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { api } from "#web/app/api.ts"
import { queryOf, type RunsFilter } from "#web/runs/filter.ts"
import { isUnderWay, type RunView, withNewest } from "#web/runs/pages.ts"

const PART = 100
const BUSY_MS = 2000
const QUIET_MS = 8000

export type RunList = {
  readonly runs: readonly RunView[]
  readonly isPending: boolean
  readonly isLive: boolean
  readonly error: unknown
  readonly hasMore: boolean
  readonly more: () => void
  readonly again: () => void
}

export function useRuns(filter: RunsFilter, me: string): RunList {
  // Of the key, so that "the last hour" is not another question every millisecond.
  const key = ["runs", filter, me] as const
  const ask = (cursor?: string, signal?: AbortSignal) =>
    api.call("listRuns", {
      query: { ...queryOf(filter, { me, now: Date.now() }), limit: PART, ...(cursor ? { cursor } : {}) },
      ...(signal ? { signal } : {}),
    })
  const parts = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    // What is far down is read again when the list is opened again.
    gcTime: 0,
  })
  const newest = useQuery({
    queryKey: [...key, "newest"],
    queryFn: ({ signal }) => ask(undefined, signal),
    enabled: parts.isSuccess && !parts.isPlaceholderData,
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? BUSY_MS : QUIET_MS),
  })
  const known = useMemo(() => parts.data?.pages.flatMap(({ items }) => items) ?? [], [parts.data])
  const { runs, isGap } = useMemo(
    () => (newest.data ? withNewest(known, newest.data.items, newest.data.next !== null) : { runs: known, isGap: false }),
    [known, newest.data],
  )
  return {
    runs,
    isPending: parts.isPending,
    isLive: newest.isSuccess && !newest.isError,
    error: parts.error ?? newest.error,
    hasMore: parts.hasNextPage || isGap,
    more: () => {
      if (isGap) void parts.refetch()
      else if (parts.hasNextPage && !parts.isFetchingNextPage) void parts.fetchNextPage()
    },
    again: () => void parts.refetch(),
  }
}
