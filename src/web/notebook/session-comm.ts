import { useMemo } from "react"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { useStore } from "#web/notebook/use-store.ts"
import type { SessionComm } from "#web/outputs/session-comm.ts"

const OVER: ReadonlySet<string> = new Set(["dead", "lost", "ended"])

/** The line to the widgets. Without a kernel they are as the last session left them, and what is moved stays with the reader. */
export function useSessionComm(): SessionComm {
  const { notebook } = useDesk()
  const { run } = useMay()
  const isLive = useStore(notebook.state, ({ session }) => session !== null && !OVER.has(session.state))
  return useMemo(
    () => ({
      mayRun: isLive && run,
      isFixed: isLive && !run,
      opened: notebook.widgets.opened,
      send: async ({ commId, data, buffers }) => {
        const answer = await notebook.live.ask({ do: "comm", commId, data: { ...data }, buffers: [...buffers] })
        if (!answer.ok) throw new Error(`${answer.refusal.message} ${answer.refusal.remedy}`.trim())
      },
      listen: notebook.hearComms,
    }),
    [notebook, isLive, run],
  )
}
