/** What a dump consists of: `tables/<name>.copy.gz` for each table, `manifest.json` and `manifest.sha256`. */
import { Fault } from "#base/fault.ts"
import type { Table } from "#database/catalog/read.ts"
import type { Applied } from "#database/migrate.ts"

export type DumpedTable = {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
  /** Of the lines as COPY gives them, ordered by the primary key: the same for the same rows. */
  readonly sha256: string
  /** Of the file, which is those lines compressed. */
  readonly fileSha256: string
  readonly fileBytes: number
}

export type Manifest = {
  readonly format: 1
  /** ISO 8601. */
  readonly madeAt: string
  readonly migrations: readonly Applied[]
  /** In an order in which each can be filled: what it refers to is there. */
  readonly tables: readonly DumpedTable[]
  readonly sequences: readonly { readonly name: string; readonly value: number; readonly isUsed: boolean }[]
}

/** Takes the files of a dump, one after the other. */
export type DumpSink = { write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> }
/** Gives them back. @throws Fault storage_unreadable for a file that is not there */
export type DumpSource = { read(name: string): AsyncIterable<Uint8Array> }

export const MANIFEST = "manifest.json"
export const MANIFEST_DIGEST = "manifest.sha256"
export const tableFile = (table: string): string => `tables/${table}.copy.gz`

/** Those that are not computed from others. */
export function storedColumns({ columns }: Table): readonly string[] {
  return columns.filter(({ generated }) => generated === "").map(({ name }) => name)
}

/** Reads the rows of a table in the order of its primary key, letters by their bytes whatever the database's language. */
export function copyOutText(table: Table, columns: readonly string[]): string {
  const key = table.constraints.find(({ kind }) => kind === "p")?.definition.match(/\w+(?=[,)])/g) ?? []
  const isText = (name: string) => table.columns.some((column) => column.name === name && column.base === "text")
  const order = key.map((name) => `${quoted(name)}${isText(name) ? ' COLLATE "C"' : ""}`)
  const by = order.length > 0 ? order.join(", ") : `${quoted(table.name)}::text COLLATE "C"`
  return `COPY (SELECT ${columns.map(quoted).join(", ")} FROM ${quoted(table.name)} ORDER BY ${by}) TO STDOUT`
}

export function copyInText({ name, columns }: DumpedTable): string {
  return `COPY ${quoted(name)} (${columns.map(quoted).join(", ")}) FROM STDIN`
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function damaged(what: string, cause?: unknown): Fault {
  return new Fault("backup_damaged", `The backup is damaged: ${what}.`, { cause, remedy: "Use another backup; this one cannot be trusted." })
}

/** @throws Fault backup_damaged, database_mismatch for a later format */
export function parseManifest(text: string): Manifest {
  let manifest: Manifest
  try {
    manifest = JSON.parse(text) as Manifest
  } catch (error) {
    throw damaged(`${MANIFEST} is no JSON`, error)
  }
  if (manifest.format !== 1) {
    throw new Fault("database_mismatch", `The backup has the format ${manifest.format}, which this Stet does not know.`, {
      remedy: "Restore it with the Stet that made it.",
    })
  }
  return manifest
}
