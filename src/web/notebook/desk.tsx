/** What every part of the page reaches for: the open notebook, and how commands are given. */
import { createContext, useContext } from "react"
import type { Command } from "#web/notebook/bindings.ts"
import type { Complete } from "#web/notebook/completion.ts"
import type { Desk } from "#web/notebook/desk-type.ts"
import type { Hydration } from "#web/notebook/hydration.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import type { Store } from "#web/notebook/store.ts"
import { useStore } from "#web/notebook/use-store.ts"

export type DeskContextValue = {
  readonly notebook: OpenNotebook
  readonly desk: Desk
  readonly act: (command: Command) => void
  readonly onKey: (event: KeyboardEvent) => boolean
  readonly hydration: Hydration
  readonly complete: Complete
  /** Cells whose source, or what it depends on, is another than when they ran: why, in words. */
  readonly stale: Store<ReadonlyMap<string, string>>
  /** Height changes of rows are told to this. */
  readonly observeRow: (element: HTMLElement, cell: string) => () => void
}

const Context = createContext<DeskContextValue | null>(null)
export const DeskProvider = Context.Provider

export function useDesk(): DeskContextValue {
  const value = useContext(Context)
  if (!value) throw new Error("useDesk is for what is shown inside an open notebook")
  return value
}

export function useMay(): { readonly edit: boolean; readonly run: boolean; readonly comment: boolean } {
  const { notebook } = useDesk()
  const edit = useStore(notebook.state, (state) => state.you?.mayEdit ?? false)
  const run = useStore(notebook.state, (state) => state.you?.mayRun ?? false)
  const comment = useStore(notebook.state, (state) => state.you?.mayComment ?? false)
  return { edit, run, comment }
}
