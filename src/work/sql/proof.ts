import { sql } from "kysely"
import type { Json, JsonObject } from "#base/json.ts"
import { write } from "#base/json.ts"
import type { Db } from "#database/index.ts"
import type { ReproducedCell } from "#notebook/index.ts"
import type { NotebookId, SpaceId } from "#people/index.ts"
import type { RunFile } from "#work/row.ts"

/** `clean`: every run got to its end, and what is stored was shown again; `unclear`: nobody can tell. */
export type ProofState = "running" | "clean" | "differs" | "failed" | "unclear"

export type ProofRow = {
  readonly id: string
  readonly space: SpaceId
  readonly notebook: NotebookId
  readonly version: number
  readonly askedBy: { readonly id: string; readonly name: string }
  readonly askedAt: number
  /** One, or two where it was asked for twice. */
  readonly runs: readonly string[]
  /** What was given; secrets only by name. */
  readonly parameters: JsonObject
  readonly secretNames: readonly string[]
  /** Of the parameters that are files and were given one. */
  readonly files: readonly Pick<RunFile, "parameter" | "name" | "sha256">[]
  readonly state: ProofState
  readonly said: string
  readonly endedAt: number | null
  readonly environment: string | null
  readonly cells: readonly ReproducedCell[]
}

export type NewProof = Pick<ProofRow, "id" | "space" | "notebook" | "version" | "runs" | "parameters" | "secretNames" | "files"> & {
  readonly askedBy: string
  readonly at: number
}

export async function insertProof(tx: Db, { id, space, notebook, version, runs, askedBy, at, ...given }: NewProof): Promise<void> {
  const files = write(given.files as unknown as Json)
  await sql`
    INSERT INTO proof (id, space_id, notebook_id, version, asked_by, asked_at, first_run, second_run, parameters, secret_names, files)
    VALUES (${id}, ${space}, ${notebook}, ${version}, ${askedBy}, ${new Date(at)}, ${runs[0]}, ${runs[1] ?? null},
      ${write(given.parameters)}::json, ${given.secretNames}::text[], ${files}::json)`.execute(tx)
}

export type ProofsAsked = {
  readonly notebook: string
  readonly version?: number | undefined
  readonly limit: number
  readonly before?: string | undefined
}

/** The newest first. */
export async function selectProofs(db: Db, { notebook, version, limit, before }: ProofsAsked): Promise<readonly ProofRow[]> {
  const found = await sql<ProofRow>`
    SELECT q.id, q.space_id AS space, q.notebook_id AS notebook, q.version, json_build_object('id', a.id, 'name', a.name) AS "askedBy", q.asked_at AS "askedAt",
      array_remove(ARRAY[q.first_run, q.second_run]::text[], NULL) AS runs, q.parameters, q.secret_names AS "secretNames", q.files,
      q.state, q.said, q.ended_at AS "endedAt", q.environment, q.cells
    FROM proof q JOIN person a ON a.id = q.asked_by
    WHERE q.notebook_id = ${notebook} AND (${version ?? null}::int IS NULL OR q.version = ${version ?? null}) AND (${before ?? null}::text IS NULL OR q.id < ${before ?? null})
    ORDER BY q.id DESC LIMIT ${limit}`.execute(db)
  return found.rows
}

export type Judged = Pick<ProofRow, "state" | "said" | "environment" | "cells">

/** Once: two who look at the same time write the same. */
export async function endProof(db: Db, id: string, { state, said, environment, cells, at }: Judged & { readonly at: number }): Promise<void> {
  await sql`
    UPDATE proof SET state = ${state}, said = ${said}, environment = ${environment}, cells = ${write(cells as unknown as readonly JsonObject[])}::json, ended_at = ${new Date(at)}
    WHERE id = ${id} AND state = 'running'`.execute(db)
}
