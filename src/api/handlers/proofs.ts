/** Proofs: asked for, and how they came out. */
import type { z } from "zod"
import type { PROOF_ROUTES, Proof } from "#api/contract/proof-routes.ts"
import { badCursor } from "#api/handlers/cursor.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { type Handlers, passed } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import { type AskProof, askProof, type ProofRow, proofsOf } from "#work/index.ts"

export const PROOFS: Handlers<keyof typeof PROOF_ROUTES> = {
  askProof: async ({ api, actor, params, body }) => {
    // The contract's schema is stricter in every field; numbers in the parameters kept their spelling.
    const asked = await askProof(api.world.work, actor, { ...params, ...body } as AskProof)
    return passed(asked, (row) => ({ kind: "json", status: 201, value: proofOf(row) }))
  },
  listProofs: async ({ api, actor, params, query }) => {
    const { cursor, limit, version } = query
    if (cursor !== undefined && !/^[0-9A-Z]{26}$/.test(cursor)) return badCursor()
    const found = await proofsOf(api.world.work, actor, { notebook: params.notebook, version, limit, before: cursor })
    return passed(found, (rows) => ({
      kind: "json",
      status: 200,
      value: { items: rows.map(proofOf), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null },
    }))
  },
}

function proofOf({ askedAt, endedAt, space: _space, ...row }: ProofRow): z.output<typeof Proof> {
  const times = { askedAt: toIso(askedAt), endedAt: isoOrNull(endedAt) }
  const { runs, cells, secretNames, files } = row
  return { ...row, runs: [...runs], cells: [...cells], secretNames: [...secretNames], files: [...files], ...times }
}
