import { useEffect, useRef } from "react"
import type { DeskContextValue } from "#web/notebook/desk.tsx"
import { at } from "#web/notebook/selection.ts"

/** Where one begins: at the cell that the address names, otherwise at the first. */
export function useFirstCell({ notebook, desk }: DeskContextValue, isSynced: boolean): void {
  const isDone = useRef(false)
  useEffect(() => {
    if (!isSynced || isDone.current) return
    isDone.current = true
    const { ids, cells } = notebook.structure.get()
    const named = new URLSearchParams(globalThis.location.search).get("cell")
    // Whoever comes from a request for access comes to share, once.
    const person = new URLSearchParams(globalThis.location.search).get("share")
    // Whoever comes from a run that wanted for a package, to list it; from a proposal, to say something about a cell.
    const rail = new URLSearchParams(globalThis.location.search).get("rail")
    if (rail === "environment") notebook.view.change((view) => ({ ...view, rail }))
    if (rail === "comments") notebook.view.change((view) => ({ ...view, comments: true }))
    if (person !== null) {
      notebook.view.change((view) => ({ ...view, dialog: { open: "share", person } }))
      globalThis.history.replaceState(globalThis.history.state, "", globalThis.location.pathname)
    }
    const first = named !== null && cells.has(named) ? named : ids[0]
    if (first === undefined || notebook.selection.get().active !== "") return
    notebook.selection.set(at(first))
    if (first === named) desk.reveal(first, "center")
    desk.focusCell(first)
  }, [isSynced, notebook, desk])
}
