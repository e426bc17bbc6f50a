/** Follows a run while it goes on; what it tells is taken in batches, so that a cell that prints without pause does not hold the page. */
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import type { StreamedEvent } from "#api/client.ts"
import { api } from "#web/app/api.ts"
import { heard, type LiveRun, NOTHING_YET } from "#web/run/live.ts"

const BATCH_MS = 100

export type Following = { readonly live: LiveRun; readonly isBroken: boolean }

/** `isFollowed`: false for a run that is over. Its events come from the first on, so that what was shown before is shown. */
export function useLiveRun(run: string, isFollowed: boolean): Following {
  const [following, setFollowing] = useState<Following>({ live: NOTHING_YET, isBroken: false })
  const queries = useQueryClient()
  useEffect(() => {
    if (!isFollowed) return
    const stop = new AbortController()
    let live = NOTHING_YET
    let waiting: StreamedEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = () => {
      timer = undefined
      live = heard(live, waiting)
      waiting = []
      setFollowing({ live, isBroken: false })
    }
    const follow = async () => {
      for await (const event of api.events(run, { signal: stop.signal })) {
        waiting.push(event)
        timer ??= setTimeout(take, BATCH_MS)
      }
      if (stop.signal.aborted) return
      clearTimeout(timer)
      take()
      // It has ended: everything about it stands still from here on, and is asked once more.
      await queries.invalidateQueries()
    }
    follow().catch(() => {
      if (!stop.signal.aborted) setFollowing({ live, isBroken: true })
    })
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [run, isFollowed, queries])
  return following
}
