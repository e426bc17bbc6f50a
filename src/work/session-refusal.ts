/** Why something of a live session is not done. */

export type SessionRefused =
  | "not_allowed"
  | "no_such_notebook"
  | "no_session"
  | "no_such_execution"
  | "no_such_variable"
  | "no_such_session_file"
  | "no_room"
  | "session_dead"
  | "not_supported"
  | "kernel_busy"
  /** The kernel that a run had left. */
  | "kernel_gone"
  | "wrong_state"

/** `remedy`: what to do about it, in a sentence. */
export type SessionRefusal = { readonly refused: SessionRefused; readonly message: string; readonly remedy: string }

export function refuseSession(refused: SessionRefused, message: string, remedy = ""): { readonly ok: false; readonly refusal: SessionRefusal } {
  return { ok: false, refusal: { refused, message, remedy } }
}

export function noSuchFile(path: string): { readonly ok: false; readonly refusal: SessionRefusal } {
  return refuseSession("no_such_session_file", `The session has no file ${JSON.stringify(path)}, or not any more.`)
}
