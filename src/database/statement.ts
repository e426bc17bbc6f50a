/**
 * One question with a statement that PostgreSQL keeps prepared, as the driver's connection sends and answers it (its `Submittable`, as
 * its cursors are one). The driver's own way has every answer begin with a description of its columns, and makes ready anew for each how
 * a row is read: for a run of fifty columns that takes longer than reading it. What a statement gives cannot change as long as it is
 * prepared (PostgreSQL refuses it then: "cached plan must not change result type"), so it is described once for each connection.
 */
/// <reference path="./pg-utils.d.ts" />
import type pg from "pg"
import { prepareValue } from "pg/lib/utils.js"
import { typeParsers } from "#database/parsers.ts"

export type Asked = { readonly name: string; readonly text: string; readonly values: readonly unknown[] }
type Row = Readonly<Record<string, unknown>>
export type Given = { readonly command: string; readonly rowCount: number | null; readonly rows: readonly Row[] }

type Reader = (text: string) => unknown
/** What a statement gives. `blank` is a row without values: a copy of it has room for all of them. */
type Columns = { readonly names: readonly string[]; readonly readers: readonly Reader[]; readonly blank: Row }
/** The statements that were prepared on a connection, by their names; undefined: not described yet. */
export type Held = Map<string, Columns | undefined>

type Values = readonly (string | Buffer | null)[]
/** What the driver's connection has of it: each function writes one message. */
type Wire = Pick<pg.Connection, "stream" | "sync"> & {
  /** Which it has heard to be prepared. */
  readonly parsedStatements: Readonly<Record<string, string>>
  parse(message: { readonly name: string; readonly text: string }): void
  bind(message: { readonly statement: string; readonly values: Values }): void
  describe(message: { readonly type: "P"; readonly name: string }): void
  execute(): void
}

type Field = { readonly name: string; readonly dataTypeID: number }
type Told = (error: Error | null, given?: Given) => void

const NOTHING: Columns = { names: [], readers: [], blank: {} }

/** Asks; on a connection that does not hold the statement, has it prepared first. */
export function askPrepared(client: pg.ClientBase, held: Held, asked: Asked): Promise<Given> {
  return new Promise<Given>((resolve, reject) => {
    client.query(questionOf(held, asked, (error, given) => (given ? resolve(given) : reject(error))))
  }).catch((error: Error) => {
    // It was made where the answer was read; what matters is who asked.
    Error.captureStackTrace(error)
    throw error
  })
}

function questionOf(held: Held, { name, text, values: given }: Asked, callback: Told) {
  // Before anything is sent: a value that cannot be written must not leave half a question on the wire.
  const values = given.map((value) => prepareValue(value))
  let columns = held.get(name)
  let failed: Error | undefined
  let [command, rowCount]: [string, number | null] = ["", null]
  const rows: Row[] = []
  return {
    // By these the driver notes what is prepared, and stops its clock; the values are there for whoever stands around it, as its own have them.
    name,
    text,
    values: given,
    callback,
    submit(connection: pg.Connection) {
      held.set(name, columns)
      send(connection as unknown as Wire, { name, text, values, isDescribed: columns !== undefined })
    },
    handleRowDescription({ fields }: { readonly fields: readonly Field[] }) {
      columns = columnsOf(fields)
    },
    handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }) {
      if (failed) return
      try {
        rows.push(rowOf(columns ?? NOTHING, fields))
      } catch (error) {
        // The rest must still be taken off the wire.
        failed = error as Error
      }
    },
    handleCommandComplete({ text: said }: { readonly text: string }) {
      const [verb = "", ...counts] = said.split(" ")
      command = verb
      rowCount = counts.length === 0 ? null : Number(counts.at(-1))
    },
    handleEmptyQuery: () => undefined,
    handleReadyForQuery() {
      held.set(name, columns ?? NOTHING)
      if (failed) this.callback(failed)
      else this.callback(null, { command, rowCount, rows })
    },
    handleError(error: Error) {
      this.callback(error)
    },
  }
}

type Message = { readonly name: string; readonly text: string; readonly values: Values; readonly isDescribed: boolean }

/** All in one piece, where the driver would write each message by itself. */
function send(wire: Wire, { name, text, values, isDescribed }: Message): void {
  wire.stream.cork()
  if (wire.parsedStatements[name] === undefined) wire.parse({ name, text })
  wire.bind({ statement: name, values })
  if (!isDescribed) wire.describe({ type: "P", name: "" })
  wire.execute()
  wire.sync()
  wire.stream.uncork()
}

function columnsOf(fields: readonly Field[]): Columns {
  const names = fields.map(({ name }) => name)
  const readers = fields.map(({ dataTypeID }) => typeParsers.getTypeParser(dataTypeID, "text") as Reader)
  return { names, readers, blank: Object.fromEntries(names.map((name) => [name, null])) }
}

function rowOf({ names, readers, blank }: Columns, fields: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = { ...blank }
  for (let at = 0; at < fields.length; at++) {
    const text = fields[at]
    if (text != null) row[names[at] as string] = (readers[at] as Reader)(text)
  }
  return row
}
