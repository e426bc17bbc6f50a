/** Who runs what is ordered. */
import { type Handler, sendValue } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import { listWorkers } from "#work/index.ts"

export const workersPage: Handler<"listWorkers"> = async ({ api }) => {
  const workers = await listWorkers(api.world.work.db)
  const items = workers.map(({ id, host, isolation, slots, startedAt, seenAt, draining, running, facts }) => ({
    id,
    host,
    isolation,
    slots,
    startedAt: toIso(startedAt),
    seenAt: toIso(seenAt),
    draining,
    running,
    facts,
  }))
  return sendValue<"listWorkers">(200, { items, next: null })
}
