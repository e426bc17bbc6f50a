/**
 * `node --import ./faults/crash-at.ts src/server.ts`: the process as it is; told `{"crashAt": "order written, not answered"}` by whoever
 * started it, it dies by SIGKILL when it comes to that instant (crash-points.ts). It is loaded before the process's own code and stands
 * around the driver of PostgreSQL and around `rename`: the process knows nothing of it.
 */
import fs from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import pg from "pg"
import { type Asked, CRASH_POINTS, type CrashName, type Instant } from "./crash-points.ts"

let instant: Instant | undefined
aroundNaming()
aroundStatements()
process.on("message", ({ crashAt }: { readonly crashAt?: CrashName }) => {
  if (crashAt === undefined) return
  instant = CRASH_POINTS[crashAt].instant
  process.send?.({ doomed: crashAt })
})

function die(): void {
  process.kill(process.pid, "SIGKILL")
}

function aroundNaming(): void {
  const rename = fs.rename
  fs.rename = async (from, to) => {
    if (instant && "naming" in instant && instant.naming.test(String(to))) die()
    return rename(from, to)
  }
  syncBuiltinESMExports()
}

type Callback = (error: unknown, given?: unknown) => void
type Submitted = Asked & { callback?: Callback }
type Asking = readonly [string | Submitted, ...unknown[]]

function aroundStatements(): void {
  /** Connections in a transaction that has made the statement. */
  const within = new WeakSet<object>()
  const client = pg.Client.prototype as unknown as { query: (this: object, ...asking: Asking) => unknown }
  const query = client.query
  client.query = function (...asking) {
    if (!instant || !("statement" in instant)) return query.apply(this, asking)
    const asked = askedBy(asking)
    if (/^(begin|start transaction|rollback$)/i.test(asked.text)) within.delete(this)
    const isIt = instant.statement(asked)
    if (isIt) within.add(this)
    if (instant.commits ? !/^commit/i.test(asked.text) || !within.has(this) : !isIt) return query.apply(this, asking)
    if (instant.at === "before") die()
    return answered(asking[0], () => query.apply(this, asking))
  }
}

function askedBy([first, values]: Asking): Asked {
  return typeof first === "string" ? { text: first, values: Array.isArray(values) ? values : [] } : { text: first.text, values: first.values ?? [] }
}

/** Dies when it is done, before anybody hears of it. */
function answered(first: string | Submitted, ask: () => unknown): unknown {
  if (typeof first === "string") return (ask() as Promise<unknown>).then(die)
  const { callback } = first
  first.callback = (error, given) => (error ? callback?.(error, given) : die())
  return ask()
}
