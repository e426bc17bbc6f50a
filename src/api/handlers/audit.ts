/** The audit, read. */
import { badCursor } from "#api/handlers/cursor.ts"
import { spaceIdFor } from "#api/handlers/spaces.ts"
import type { Handler } from "#api/serve/handler.ts"
import { accepted } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { listAudit, type PersonId } from "#people/index.ts"

export const auditPage: Handler<"listAudit"> = async ({ api, actor, query }) => {
  const space = query.space === undefined ? accepted(undefined) : await spaceIdFor(api, actor, query.space)
  if (!space.ok) return space
  const before = query.cursor === undefined ? undefined : Number(query.cursor)
  if (before !== undefined && !Number.isSafeInteger(before)) return badCursor()
  const { person, action, thing, outcome, since, until, limit } = query
  const found = await listAudit(api.world.people, actor, {
    space: space.value,
    actor: person as PersonId | undefined,
    action,
    thing,
    outcome,
    sinceMs: since === undefined ? undefined : Date.parse(since),
    untilMs: until === undefined ? undefined : Date.parse(until),
    before,
    limit,
  })
  if (!found.ok) return found
  const items = found.value.map((event) => ({
    seq: event.seq,
    at: toIso(event.at),
    actor: { id: event.actor ?? null, name: event.actorName ?? "" },
    via: event.via,
    action: event.action,
    thing: event.thing,
    outcome: event.outcome,
    detail: event.detail,
    space: event.space ?? null,
    hash: event.hash,
  }))
  const last = items.at(-1)
  return accepted({ kind: "json", status: 200, value: { items, next: items.length === query.limit && last ? String(last.seq) : null } })
}
