/**
 * Which statements PostgreSQL keeps prepared on a connection: those that are asked again and again. It then reads and plans them once
 * for each connection, which is more than half of what a small read costs it.
 */
import { type RawBuilder, sql } from "kysely"

/**
 * A LIMIT that is part of the statement's text. Where it is a parameter, PostgreSQL reckons with a tenth of all rows, finds a plan for
 * any limit too dear, and plans anew every time.
 */
export function firstOf(rows: number): RawBuilder<number> {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new Error(`${rows} is no number of rows`)
  return sql.raw(String(rows))
}

/**
 * Begins a statement that is planned for its very values each time: where what is sought may be nearly everywhere or nearly nowhere,
 * there is no plan for both.
 */
export const PLANNED_ANEW: RawBuilder<unknown> = sql.raw("/* planned anew */ ")

export type Preparing = {
  /** The name under which this statement is prepared; undefined when it is sent as it is. */
  nameOf(text: string, parameters: readonly unknown[]): string | undefined
  /** Whether the error came of a statement that was prepared, and not of what it says. */
  isLost(error: unknown): boolean
}

/** Names that are known at once; the one that was not used for longest makes room for a new one. */
const KNOWN = 256
/** Statements that one connection may have prepared, then it is closed: what has lost its name stays with the connection. */
export const PREPARED_MOST = 512
/** A text that was put together for one question alone is not worth keeping. */
const BEFORE = 3
/** Texts that are counted until they have a name. */
const COUNTED = 4096

/**
 * invalid_sql_statement_name and duplicate_prepared_statement: a pooler between us and the server hands out another connection than the
 * one that was prepared. feature_not_supported: a migration has changed what the statement gives. undefined_function and datatype_mismatch:
 * it may have changed the type of a column that a parameter is compared with.
 */
const UNKNOWN_NAME = /^(26000|42P05)$/
const TYPE_CHANGED = /^(42883|42804)$/
const PLAN_CHANGED = /^cached plan must not change result type/

export function preparing(): Preparing {
  const names = new Map<string, string>()
  const asked = new Map<string, number>()
  let made = 0
  let isOff = false
  const named = (text: string, name: string) => {
    names.delete(text)
    names.set(text, name)
    const [oldest] = names.size > KNOWN ? names.keys() : []
    if (oldest !== undefined) names.delete(oldest)
    return name
  }
  return {
    nameOf(text, parameters) {
      // Without parameters it may hold several statements, or be a command that cannot be prepared.
      if (isOff || parameters.length === 0 || text.startsWith("/* planned anew */")) return undefined
      const known = names.get(text)
      if (known !== undefined) return named(text, known)
      const times = (asked.get(text) ?? 0) + 1
      if (asked.size >= COUNTED) asked.clear()
      asked.set(text, times)
      if (times < BEFORE) return undefined
      asked.delete(text)
      return named(text, `s${made++}`)
    },
    isLost(error) {
      const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
      const state = String(code ?? "")
      if (!UNKNOWN_NAME.test(state)) return TYPE_CHANGED.test(state) || PLAN_CHANGED.test(String(message ?? ""))
      // It would be so again with every statement.
      isOff = true
      return true
    },
  }
}
