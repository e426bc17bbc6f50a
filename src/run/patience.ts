/** How long a kernel is waited for while it has a cell, in ms. */

/** A reply without idle, or idle without a reply, is believed after this long: some kernels forget one of them. */
export const QUIET_MS = 10_000

/** The same for a cell that was interrupted: an interrupt at a bad moment makes ipykernel forget its reply. */
export const QUIET_AT_END_MS = 1000

/** From the word that it has the source, a kernel needs a moment until a signal meets the code, and not what leads up to it. */
export const INTO_CODE_MS = 100
