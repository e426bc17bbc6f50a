import type { OpenNotebook } from "#web/notebook/open-notebook.ts"

/** What a command needs of the page around the notebook. */
export type Desk = {
  readonly notebook: OpenNotebook
  /** Scrolls so that the cell can be seen. */
  readonly reveal: (cell: string, how?: "nearest" | "start" | "center") => void
  /** Scrolls by a share of the screen. */
  readonly scroll: (screens: number) => void
  /** Gives the keyboard to the cell itself, out of its editor. */
  readonly focusCell: (cell: string) => void
  readonly say: (what: { readonly text: string; readonly undo?: () => void; readonly kind?: "done" | "failed" }) => void
  readonly clipboard: { readonly write: (text: string) => void; readonly read: () => string }
  readonly print: () => void
}
