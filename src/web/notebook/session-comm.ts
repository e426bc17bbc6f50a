import { useMemo } from "react"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { useStore } from "#web/notebook/use-store.ts"
import type { SessionComm } from "#web/outputs/session-comm.ts"

/** The line to the widgets, where there is a session. */
export function useSessionComm(): SessionComm | undefined {
  const { notebook } = useDesk()
  const { run: mayRun } = useMay()
  const session = useStore(notebook.state, (state) => state.session?.id)
  return useMemo(() => {
    if (session === undefined) return undefined
    return {
      mayRun,
      send: async ({ commId, data, buffers }) => {
        const answer = await notebook.live.ask({ do: "comm", commId, data: { ...data }, buffers: [...buffers] })
        if (!answer.ok) throw new Error(`${answer.refusal.message} ${answer.refusal.remedy}`.trim())
      },
      listen: notebook.hearComms,
    }
  }, [notebook, session, mayRun])
}
