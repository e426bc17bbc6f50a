/**
 * Something in the world went wrong: a kernel died, a store is down. Thrown, caught by the driving loop
 * or the command's edge, never used for bad input (that is a refusal) or for a cell that raised (that is data).
 *
 * `message` is one sentence for a person: what happened and why. `remedy` is the one thing to do next.
 */
export class Fault extends Error {
  override readonly name = "Fault"
  readonly code: FaultCode
  readonly retry: "later" | "never"
  readonly remedy: string

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.retry = options.retry ?? "never"
    this.remedy = options.remedy ?? ""
  }
}

export type FaultOptions = {
  readonly cause?: unknown
  readonly retry?: "later" | "never"
  readonly remedy?: string
}

/** Every way the world can fail us; the command line and the API each hold one table from these to exit codes and statuses. */
export type FaultCode =
  | "kernel_start_failed"
  | "kernel_died"
  | "kernel_silent"
  | "worker_gone"
  | "no_such_kernel"
  | "isolation_unavailable"
  | "index_unreachable"
  | "storage_unreadable"
  | "storage_unwritable"
  | "storage_forbidden"
  | "disk_full"
  | "journal_damaged"
  | "blob_missing"
  | "blob_damaged"
  | "version_damaged"
  | "busy"
  | "bad_configuration"
  | "database_unreachable"
  | "database_mismatch"
  | "identity_provider"
  | "checkpoints_damaged"
  | "backup_damaged"

export function isFault(error: unknown): error is Fault {
  return error instanceof Error && error.name === "Fault"
}

/** Any thrown thing as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
