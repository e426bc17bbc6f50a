/** What stages are told of the outputs of a view. */
import type { LiveOutput } from "#api/live.ts"
import type { Show } from "#web/outputs/frame/messages.ts"

/** What a cell shows, as whoever holds the notebook knows it. */
export type CellShown = { readonly cell: string; readonly outputs: readonly LiveOutput[] }

/** The cells up to and with the one of that id, in the order of the notebook, and what they show. */
export type Earlier = (cell: string) => Promise<readonly CellShown[]>

/** An output that a frame may show, whether its place is in the document or not. */
export type Early = { readonly id: string; readonly cell: string; readonly show: Show }
