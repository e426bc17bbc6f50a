/** What a failed query means: try again, wait, or give up. */
import { Fault, isFault } from "#base/fault.ts"

/** SQLSTATEs (PostgreSQL, appendix A) after which the same transaction, begun anew, may well succeed. */
const CONFLICT = /^(40001|40P01|55P03)$/
/** A prepared statement that is not there any more, or not as it was: see prepared.ts. */
const UNPREPARED = /^(26000|42P05)$/
const UNPREPARED_SAID = /^cached plan must not change result type/
/**
 * The server is away, going, coming, or has no room for another connection; or it has given ours up, because we stood still in a
 * transaction (25P03, 25P04) while others may have waited.
 */
const AWAY = /^(57P0[1235]|08\w{3}|53300|25P0[34])$/
const FULL = /^53100$/
/** Where our own server's disk is nearly full it takes no changes: see embedded/room.ts. */
const READ_ONLY = /^25006$/
/** It is there and does not let us in: wrong password, no such database, a certificate that is not trusted. */
const SHUT = /^(28\w{3}|3D000|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+)$/
const SHUT_SAID = /^(The server does not support SSL connections|SASL|password must be a string)/i
const SOCKET = /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND|EAGAIN)$/
/** The driver gives these no code. */
const DRIVER =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Client was closed|Connection ended)/i

export type Trouble = "conflict" | "away" | "full" | "shut" | "other"

/** Which kind of trouble an error of the driver is. A Fault is judged by its cause. */
export function troubleOf(error: unknown): Trouble {
  if (isFault(error)) return error.code === "database_unreachable" && error.retry === "later" ? "away" : error.code === "disk_full" ? "full" : "other"
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const said = String(code ?? "")
  if (CONFLICT.test(said) || UNPREPARED.test(said) || UNPREPARED_SAID.test(String(message ?? ""))) return "conflict"
  if (FULL.test(said) || READ_ONLY.test(said)) return "full"
  if (SHUT.test(said) || SHUT_SAID.test(String(message ?? ""))) return "shut"
  return AWAY.test(said) || SOCKET.test(said) || DRIVER.test(String(message ?? "")) ? "away" : "other"
}

/**
 * Whether the whole transaction may be tried again: it conflicted with another, or the connection was lost. A commit whose
 * answer was lost may have happened, so what is retried must come to the same when done twice (a key, a fence).
 */
export function isRetryable(error: unknown): boolean {
  const trouble = troubleOf(error)
  return trouble === "conflict" || trouble === "away"
}

/** The Fault that stands for a database away or full; any other error as it was. */
export function toFault(error: unknown): unknown {
  if (isFault(error)) return error
  const trouble = troubleOf(error)
  const { message, code } = error as { readonly message?: string; readonly code?: string }
  // Several addresses tried in vain leave an error that says nothing.
  const why = message || code
  if (trouble === "away") {
    return new Fault("database_unreachable", `The database cannot be reached (${why}).`, {
      cause: error,
      retry: "later",
      remedy: "It is tried again by itself; if it stays away, look at the log of PostgreSQL.",
    })
  }
  if (trouble === "full") {
    const what = READ_ONLY.test(String(code)) ? "takes no changes, because its disk is nearly full or it is a standby" : "has no room left"
    return new Fault("disk_full", `The database ${what} (${why}).`, { cause: error, retry: "later", remedy: "Free some space on its disk." })
  }
  if (trouble === "shut") {
    return new Fault("database_unreachable", `The database does not let us in (${why}).`, {
      cause: error,
      remedy: "Check the user, the password, the name of the database and the sslmode in DATABASE_URL.",
    })
  }
  return error
}

export type Patience = {
  /** Attempts in all. Default 5. */
  readonly tries?: number
  /** Of the first pause; each next one is twice as long, up to 5 s, shortened by chance. Default 50. */
  readonly pauseMs?: number
  /** Default Math.random: whether two who collided do so again. */
  readonly chance?: () => number
}

/** Does the work, and again as long as it fails for a passing reason. The last error is thrown. */
export async function retrying<Value>(work: () => Promise<Value>, { tries = 5, pauseMs = 50, chance = Math.random }: Patience = {}): Promise<Value> {
  for (let failed = 1; ; failed++) {
    try {
      return await work()
    } catch (error) {
      if (failed >= tries || !isRetryable(error)) throw error
      const longest = Math.min(pauseMs * 2 ** (failed - 1), 5000)
      await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + chance() / 2)))
    }
  }
}
