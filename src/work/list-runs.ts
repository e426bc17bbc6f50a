/** Runs by what they are, newest first; only those that the actor may see. */
import { type RawBuilder, sql } from "kysely"
import { newId } from "#base/id.ts"
import { write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Db, firstOf } from "#database/index.ts"
import { type Actor, mayList } from "#people/index.ts"
import { keptRuns, knownRuns } from "#work/known-runs.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import type { RunRow, RunState } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { type Beside, SELECT_BESIDE, SELECT_WRITTEN, type Written } from "#work/sql/find-run.ts"
import { bounds, mentions } from "#work/sql/mentions.ts"
import type { WorkWorld } from "#work/world.ts"

export type RunFilter = {
  readonly states?: readonly RunState[] | undefined
  readonly space?: string | undefined
  readonly notebook?: string | undefined
  readonly version?: number | undefined
  readonly orderedBy?: string | undefined
  readonly trigger?: string | undefined
  /** All of them. */
  readonly labels?: { readonly [name: string]: string } | undefined
  /** Ordered at or after, and before: milliseconds since 1970. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Part of what is shown of a run: its notebook, person, values, labels, scheduler, error. */
  readonly text?: string | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

export type RunPage = { readonly items: readonly RunRow[]; readonly next?: string }

const USUAL = 50
const MOST = 200
const ID = /^[0-9A-Z]{26}$/

export async function listRuns({ db }: Pick<WorkWorld, "db">, actor: Actor, filter: RunFilter): Promise<Outcome<RunPage, RunRefusal>> {
  if (filter.cursor !== undefined && !ID.test(filter.cursor))
    return refuse("bad_cursor", "This cursor is none of this list: begin again without one.")
  const limit = Math.min(Math.max(1, filter.limit ?? USUAL), MOST)
  const conditions = sql.join([mayList(actor, "read", { space: "r.space_id", notebook: "r.notebook_id" }), ...conditionsOf(filter)], sql` AND `)
  const rows = await pageOf(db, { conditions, text: filter.text, most: limit + 1 })
  const items = await Promise.all(rows.slice(0, limit).map((run) => shownTo(db, actor, run)))
  const last = items.at(-1)
  return accepted(rows.length > limit && last ? { items, next: last.id } : { items })
}

type Asked = { readonly conditions: RawBuilder<unknown>; readonly text: string | undefined; readonly most: number }

async function pageOf(db: Db, { conditions, text, most }: Asked): Promise<readonly RunRow[]> {
  const inOrder = sql`ORDER BY r.id DESC LIMIT ${firstOf(most)}`
  if (text === undefined) return runsOf(db, sql`WHERE ${conditions} ${inOrder}`)
  let found: readonly RunRow[] = []
  for (const bound of bounds(text, { conditions, limit: most })) {
    found = await runsOf(db, sql`WHERE ${bound} AND ${conditions} AND ${mentions(text)} ${inOrder}`)
    if (found.length === most) break
  }
  return found
}

async function runsOf(db: Db, which: RawBuilder<unknown>): Promise<readonly RunRow[]> {
  const { rows: listed } = await sql<Beside & Written>`${SELECT_BESIDE} ${which}`.execute(db)
  const known = knownRuns(db, listed)
  if (known) return known
  // All of them at once: a row read later than the list could be of a state that was not asked for.
  const { rows } = await sql<RunRow & Written>`${SELECT_WRITTEN} ${which}`.execute(db)
  return keptRuns(db, rows)
}

function conditionsOf(filter: RunFilter): RawBuilder<unknown>[] {
  const { states, space, notebook, version, orderedBy, trigger, labels, since, until, cursor } = filter
  const conditions: (RawBuilder<unknown> | undefined)[] = [
    states && states.length > 0 ? sql`r.state = ANY(${states}::text[])` : undefined,
    space === undefined ? undefined : sql`r.space_id = ${space}`,
    notebook === undefined ? undefined : sql`r.notebook_id = ${notebook}`,
    version === undefined ? undefined : sql`r.version = ${version}`,
    orderedBy === undefined ? undefined : sql`r.ordered_by = ${orderedBy}`,
    trigger === undefined ? undefined : sql`r.trigger = ${trigger}`,
    labels && Object.keys(labels).length > 0 ? sql`r.labels <> '{}' AND r.labels @> ${write(labels)}::jsonb` : undefined,
    // Ids sort by when they were made, so that the order and the bounds are one index.
    since === undefined ? undefined : sql`r.id >= ${firstId(since)}`,
    until === undefined ? undefined : sql`r.id < ${firstId(until)}`,
    cursor === undefined ? undefined : sql`r.id < ${cursor}`,
  ]
  return conditions.filter((one) => one !== undefined)
}

function firstId(at: number): string {
  return newId(Math.max(0, Math.floor(at)), { bytes: (count) => new Uint8Array(count) })
}
