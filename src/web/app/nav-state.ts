/** What the frame knows of itself: whether the navigation is open (on a phone) or folded away (on a desk). */
import { createContext, useContext } from "react"

export type Shell = {
  readonly openMenu: () => void
  readonly openPalette: () => void
  readonly isFolded: boolean
  readonly fold: (folded: boolean) => void
}

export const ShellContext = createContext<Shell>({ openMenu: () => undefined, openPalette: () => undefined, isFolded: false, fold: () => undefined })

export function useShell(): Shell {
  return useContext(ShellContext)
}
