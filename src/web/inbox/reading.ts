/** What is read is so at once, in every list that shows it and in the count; where the server says no, it is as it was. */
import { type InfiniteData, type QueryKey, useQueryClient } from "@tanstack/react-query"
import type { Answered } from "#api/contract.ts"
import { useForget } from "#web/app/api.ts"

type Inbox = InfiniteData<Answered<"listInbox">>
type Count = Answered<"countInbox">

const LISTS = ["listInbox", "pages"]
const COUNT = ["countInbox"]

/** `ids`: undefined is all there are. Throws what `act` throws; what is asked for anew after it is for the caller to say. */
export function useReading(): (ids: readonly number[] | undefined, act: () => Promise<unknown>) => Promise<void> {
  const queries = useQueryClient()
  const forget = useForget()
  return async (ids, act) => {
    const kept: readonly QueryKey[] = [LISTS, COUNT]
    // An answer that is on its way would bring back what stood there.
    await Promise.all(kept.map((queryKey) => queries.cancelQueries({ queryKey })))
    const before = kept.flatMap((queryKey) => queries.getQueriesData({ queryKey }))
    const unread = unreadAmong(queries.getQueriesData<Inbox>({ queryKey: LISTS }), ids)
    queries.setQueriesData<Inbox>({ queryKey: LISTS }, (inbox) => inbox && asRead(inbox, ids))
    queries.setQueriesData<Count>({ queryKey: COUNT }, (count) => count && { unread: ids ? Math.max(0, count.unread - unread) : 0 })
    try {
      await act()
    } catch (error) {
      for (const [key, data] of before) queries.setQueryData(key, data)
      void forget()
      throw error
    }
  }
}

/** When it was read is the server's to say. */
function asRead(inbox: Inbox, ids: readonly number[] | undefined): Inbox {
  const read = (page: Inbox["pages"][number]) => ({
    ...page,
    items: page.items.map((one) => (one.readAt === null && (ids?.includes(one.id) ?? true) ? { ...one, readAt: one.at } : one)),
  })
  return { ...inbox, pages: inbox.pages.map(read) }
}

/** One notice can stand in several lists. */
function unreadAmong(lists: readonly (readonly [QueryKey, Inbox | undefined])[], ids: readonly number[] | undefined): number {
  const items = lists.flatMap(([, inbox]) => inbox?.pages.flatMap((page) => page.items) ?? [])
  return new Set(items.filter(({ id, readAt }) => readAt === null && ids?.includes(id)).map(({ id }) => id)).size
}
