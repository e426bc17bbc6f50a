import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import type { Actor } from "#people/index.ts"

/** Times in milliseconds since 1970. */
export type PublicResult = {
  readonly id: string
  readonly run: string
  readonly attempt: number
  readonly withCode: boolean
  readonly madeBy: { readonly id: string; readonly name: string }
  readonly madeAt: number
}

const COLUMNS = sql`p.id, p.run_id AS run, p.attempt, p.with_code AS "withCode", json_build_object('id', m.id, 'name', m.name) AS "madeBy", p.made_at AS "madeAt"`

export type NewPublicResult = Omit<PublicResult, "madeBy"> & { readonly digest: string; readonly by: Actor }

export async function insertPublic(tx: Db, { id, digest, run, attempt, withCode, by, madeAt }: NewPublicResult): Promise<void> {
  await sql`INSERT INTO public_result (id, secret_digest, run_id, attempt, with_code, made_by, made_at)
    VALUES (${id}, ${digest}, ${run}, ${attempt}, ${withCode}, ${by.id}, ${new Date(madeAt)})`.execute(tx)
}

/** Those of a run that were not withdrawn, oldest first. */
export async function publicOfRun(db: Db, run: string): Promise<readonly PublicResult[]> {
  const { rows } = await sql<PublicResult>`SELECT ${COLUMNS} FROM public_result p JOIN person m ON m.id = p.made_by
    WHERE p.run_id = ${run} AND p.withdrawn_at IS NULL ORDER BY p.id`.execute(db)
  return rows
}

/** `codeHidden`: the notebook shows its code only to those who edit it. */
export type OpenPublicResult = PublicResult & { readonly codeHidden: boolean }

/** While the notebook is where it was and nobody has withdrawn the link. */
export async function publicByDigest(db: Db, digest: string): Promise<OpenPublicResult | undefined> {
  const { rows } = await sql<OpenPublicResult>`SELECT ${COLUMNS}, n.code_hidden AS "codeHidden" FROM public_result p JOIN person m ON m.id = p.made_by
    JOIN run r ON r.id = p.run_id JOIN notebook n ON n.id = r.notebook_id JOIN space s ON s.id = n.space_id
    WHERE p.secret_digest = ${digest} AND p.withdrawn_at IS NULL AND n.trashed_at IS NULL AND s.trashed_at IS NULL`.execute(db)
  return rows[0]
}

/** False when there is none, or not any more. */
export async function withdrawPublic(tx: Db, { run, id, at }: { readonly run: string; readonly id: string; readonly at: number }): Promise<boolean> {
  const { numAffectedRows } = await sql`UPDATE public_result SET withdrawn_at = ${new Date(at)}
    WHERE id = ${id} AND run_id = ${run} AND withdrawn_at IS NULL`.execute(tx)
  return (numAffectedRows ?? 0n) > 0n
}
