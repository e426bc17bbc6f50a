import { sql } from "kysely"
import type { Db } from "#database/index.ts"
import { type Finding, findingId, mayDismiss } from "#notebook/index.ts"

type Letting = { readonly proposal: string; readonly finding: string; readonly person: string; readonly said: string; readonly at: number }

export async function letStand(tx: Db, { proposal, finding, person, said, at }: Letting): Promise<boolean> {
  await sql`
    INSERT INTO finding_dismissal (proposal_id, finding, person_id, said, at) VALUES (${proposal}, ${finding}, ${person}, ${said}, ${new Date(at)})
    ON CONFLICT (proposal_id, finding) DO UPDATE SET person_id = EXCLUDED.person_id, said = EXCLUDED.said, at = EXCLUDED.at`.execute(tx)
  return true
}

export async function takeUp(tx: Db, proposal: string, finding: string): Promise<boolean> {
  const gone = await sql`DELETE FROM finding_dismissal WHERE proposal_id = ${proposal} AND finding = ${finding}`.execute(tx)
  return gone.numAffectedRows === 1n
}

/** A finding with what was said of it: by somebody at this proposal, or (`by` is null) by the notebook itself. */
export type WeighedFinding = Finding & { readonly letStand: LetStand | null }
export type LetStand = { readonly said: string; readonly by: { readonly id: string; readonly name: string } | null; readonly at: number | null }

export async function weighed(db: Db, proposal: string, findings: readonly Finding[]): Promise<readonly WeighedFinding[]> {
  const found = await sql<{ finding: string; said: string; by: { readonly id: string; readonly name: string }; at: number }>`
    SELECT d.finding, d.said, json_build_object('id', p.id, 'name', p.name) AS by, d.at
    FROM finding_dismissal d JOIN person p ON p.id = d.person_id WHERE d.proposal_id = ${proposal}`.execute(db)
  const said = new Map(found.rows.map(({ finding, ...rest }) => [finding, rest]))
  return findings.map((finding) => {
    const here = mayDismiss(finding) ? said.get(findingId(finding)) : undefined
    const inNotebook = finding.dismissed === undefined ? null : { said: finding.dismissed, by: null, at: null }
    return { ...finding, letStand: here ?? inNotebook }
  })
}
