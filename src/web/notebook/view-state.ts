/** How one person looks at a notebook: nothing of it is in the document. */
export type Rail = "outline" | "variables" | "files" | "environment" | "readiness"
export type Dialog =
  | { readonly open: "keys" | "palette" | "saveNamed" | "run" | "restart" | "copy" | "propose" | "subscribe" }
  /** `person`: who asked for it. */
  | { readonly open: "share"; readonly person?: string }
  | { readonly open: "tags" | "parameters"; readonly cell: string }

export type ViewState = {
  readonly rail: Rail | null
  /** What was said, at the right. */
  readonly comments: boolean
  readonly dialog: Dialog | null
  readonly find: "find" | "replace" | null
  /** Line numbers everywhere. */
  readonly lines: boolean
  /** Cells whose line numbers are the other way round. */
  readonly otherLines: ReadonlySet<string>
  /** What somebody who may not edit has collapsed or opened for themselves. */
  readonly own: ReadonlyMap<string, { readonly hidesCode?: boolean; readonly hidesOutput?: boolean; readonly scrolls?: boolean }>
  /** Drawn whole, for print. */
  readonly isPrinting: boolean
}

export function plainView(): ViewState {
  return { rail: null, comments: false, dialog: null, find: null, lines: false, otherLines: new Set(), own: new Map(), isPrinting: false }
}

export function withLines(view: ViewState, cell: string): ViewState {
  const otherLines = new Set(view.otherLines)
  if (!otherLines.delete(cell)) otherLines.add(cell)
  return { ...view, otherLines }
}

export function showsLines(view: ViewState, cell: string): boolean {
  return view.lines !== view.otherLines.has(cell)
}
