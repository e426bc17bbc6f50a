import { sql } from "kysely"
import type { Json } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { at, type Db } from "#database/index.ts"
import type { Actor } from "#people/actor.ts"
import { type AuditHead, type AuditOutcome, type AuditRecord, type AuditVerdict, faultOf, GENESIS } from "#people/audit.ts"
import type { PersonId, SpaceId } from "#people/ids.ts"
import type { Checkpoints, PeopleWorld } from "#people/ports.ts"
import type { PeopleRefusal } from "#people/refusal.ts"
import { noSuchSpace } from "#people/sql/grants.ts"
import { unlessAdministers, unlessPlatform } from "#people/sql/guard.ts"

const START: AuditHead = { seq: 0, hash: GENESIS }

/** Where the chain stands now. */
export async function auditHead(db: Db): Promise<AuditHead> {
  return (await db.selectFrom("audit_event").select(["seq", "hash"]).orderBy("seq", "desc").limit(1).executeTakeFirst()) ?? START
}

/** Has the chain's head kept and signed, when it has moved on since the last. Every few minutes. Gives the head. */
export async function checkpointAudit(world: Pick<PeopleWorld, "db" | "clock">, checkpoints: Checkpoints): Promise<AuditHead> {
  const head = await auditHead(world.db)
  const last = (await checkpoints.heads()).at(-1)
  if (head.seq > (last?.seq ?? 0)) await checkpoints.keep(head, world.clock.now())
  return head
}

/**
 * Goes through the whole chain and names the first record that is not as it was written. `heads` were kept outside the database:
 * without one, a chain whose end was cut off cannot be told from one that is younger.
 */
export async function verifyAudit(
  world: Pick<PeopleWorld, "db" | "sha256">,
  { heads = [] }: { readonly heads?: readonly AuditHead[] } = {},
): Promise<AuditVerdict> {
  const expected = new Map(heads.map((head) => [head.seq, head.hash]))
  let before = START
  for (;;) {
    const records = await following(world.db, before.seq)
    for (const record of records) {
      const why = faultOf(record, before, world.sha256) ?? disagreement(record, expected)
      if (why !== undefined) return { ok: false, badSeq: before.seq + 1, why, checked: before.seq }
      before = { seq: record.seq, hash: record.hash }
    }
    if (records.length > 0) continue
    const cut = heads.some((head) => head.seq > before.seq)
    return cut
      ? { ok: false, badSeq: before.seq + 1, why: `record ${before.seq + 1} and what followed was cut off`, checked: before.seq }
      : { ok: true, head: before, checked: before.seq }
  }
}

function disagreement(record: AuditRecord, expected: ReadonlyMap<number, string>): string | undefined {
  const hash = expected.get(record.seq)
  return hash === undefined || hash === record.hash
    ? undefined
    : `record ${record.seq} is not the one that was vouched for: the chain was written anew`
}

async function following(db: Db, seq: number): Promise<readonly AuditRecord[]> {
  const found = await sql<AuditRecord>`
    SELECT seq, (extract(epoch FROM at) * 1000000)::bigint::text AS micros, actor_id AS actor, via, action, thing, outcome,
      space_id AS space, detail::text AS detail, previous, hash
    FROM audit_event WHERE seq > ${seq} ORDER BY seq LIMIT 2000`.execute(db)
  return found.rows
}

/** `before`: only records with a lower number, to go on with. At most 200 at once, the newest first. */
export type AuditQuery = {
  readonly space?: SpaceId | undefined
  readonly actor?: PersonId | undefined
  /** Whole ("notebook.move"), or the noun alone ("notebook"). */
  readonly action?: string | undefined
  readonly thing?: string | undefined
  readonly outcome?: AuditOutcome | undefined
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

export type AuditView = {
  readonly seq: number
  readonly at: number
  readonly actor: PersonId | undefined
  /** As the person is called today; undefined when nobody acted or the person is gone. */
  readonly actorName: string | undefined
  readonly via: string
  readonly action: string
  readonly thing: string
  readonly outcome: AuditOutcome
  readonly space: SpaceId | undefined
  readonly detail: Json
  readonly hash: string
}

/** Of a space, for its admins; of everything, for administrators of the platform. */
export async function listAudit(world: PeopleWorld, actor: Actor, query: AuditQuery): Promise<Outcome<readonly AuditView[], PeopleRefusal>> {
  const denied = await mayRead(world, actor, query.space)
  if (denied) return denied
  const rows = await narrowed(world.db, query)
    .leftJoin("person as p", "p.id", "e.actor_id")
    .select(["e.seq", "e.at", "e.actor_id", "p.name", "e.via", "e.action", "e.thing", "e.outcome", "e.space_id", "e.detail", "e.hash"])
    .orderBy("e.seq", "desc")
    .limit(Math.min(query.limit ?? 50, 200))
    .execute()
  return accepted(
    rows.map((row) => ({
      seq: row.seq,
      at: row.at,
      actor: (row.actor_id ?? undefined) as PersonId | undefined,
      actorName: row.name ?? undefined,
      via: row.via,
      action: row.action,
      thing: row.thing,
      outcome: row.outcome as AuditOutcome,
      space: (row.space_id ?? undefined) as SpaceId | undefined,
      detail: row.detail,
      hash: row.hash,
    })),
  )
}

async function mayRead(world: PeopleWorld, actor: Actor, space: SpaceId | undefined) {
  const attempt = { action: "audit.read", thing: space === undefined ? "platform" : `space/${space}`, words: "read the audit" }
  if (space === undefined) return unlessPlatform(world, actor, attempt)
  const denied = await unlessAdministers(world, actor, { space }, attempt)
  return denied === "hidden" ? noSuchSpace() : denied
}

function narrowed(db: Db, { space, actor, action, thing, outcome, sinceMs, untilMs, before }: AuditQuery) {
  let query = db.selectFrom("audit_event as e")
  if (space !== undefined) query = query.where("e.space_id", "=", space)
  if (actor !== undefined) query = query.where("e.actor_id", "=", actor)
  if (action !== undefined)
    query = action.includes(".") ? query.where("e.action", "=", action) : query.where(sql<string>`split_part(e.action, '.', 1)`, "=", action)
  if (thing !== undefined) query = query.where("e.thing", "=", thing)
  if (outcome !== undefined) query = query.where("e.outcome", "=", outcome)
  if (sinceMs !== undefined) query = query.where("e.at", ">=", at(sinceMs))
  if (untilMs !== undefined) query = query.where("e.at", "<", at(untilMs))
  if (before !== undefined) query = query.where("e.seq", "<", before)
  return query
}
