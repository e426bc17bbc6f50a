/** What is found in the open notebook, for everything on the page that shows some of it. */
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react"
import { useDesk } from "#web/notebook/desk.tsx"
import { browserIdle } from "#web/notebook/hydration.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import type { Store } from "#web/notebook/store.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { versionOutputsAsked } from "#web/notebook/version-outputs.ts"
import { aroundAsked, sessionIn, wishIn } from "#web/readiness/around.ts"
import type { Look } from "#web/readiness/look.ts"
import { openLooker } from "#web/readiness/looker.ts"
import { watchReadiness } from "#web/readiness/watch.ts"

export type ReadinessValue = { readonly look: Store<Look | null> }

const Context = createContext<ReadinessValue | null>(null)

export function ReadinessProvider({ children }: { readonly children: ReactNode }) {
  const { notebook } = useDesk()
  const queries = useQueryClient()
  const watch = useMemo(() => {
    const heldBy = (version: number) => queries.getQueryData(versionOutputsAsked(notebook.id, version).queryKey)
    return watchReadiness(notebook, { after: browserIdle.after, looker: openLooker(), heldBy })
  }, [notebook, queries])
  useEffect(() => {
    const stop = queries.getQueryCache().subscribe(({ type, query }) => {
      if (type === "updated" && query.queryKey[0] === "version-outputs" && query.state.status === "success") watch.again()
    })
    return () => {
      stop()
      watch.close()
    }
  }, [watch, queries])
  const session = useStore(notebook.state, sessionIn)
  const wish = useConfirmedWish(notebook)
  // What the source alone tells comes first.
  const isLookedAt = useStore(watch.look, (found) => found !== null)
  const { data: around = null } = useQuery({ ...aroundAsked(notebook.id, { session, wish }), enabled: isLookedAt })
  useEffect(() => watch.surround(around), [watch, around])
  const value = useMemo(() => ({ look: watch.look }), [watch])
  return <Context.Provider value={value}>{children}</Context.Provider>
}

/** Asked for as soon as the server has it: it answers from its own copy of the draft. */
function useConfirmedWish({ structure, live }: OpenNotebook): string {
  const wish = useStore(structure, wishIn)
  const isConfirmed = useStore(live.line, ({ unconfirmed }) => !unconfirmed)
  const [confirmed, confirm] = useState(wish)
  useEffect(() => {
    if (isConfirmed) confirm(wish)
  }, [wish, isConfirmed])
  return confirmed
}

export function useReadiness(): ReadinessValue {
  const value = useContext(Context)
  if (!value) throw new Error("useReadiness is for what is shown inside an open notebook")
  return value
}

/** How many findings break a rerun. */
export function useBreaks(): number {
  const { look } = useReadiness()
  return useStore(look, (found) => found?.breaks.length ?? 0)
}
