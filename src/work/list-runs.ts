/** Runs by what they are, newest first; only those that the actor may see. */
import { type RawBuilder, sql } from "kysely"
import { newId } from "#base/id.ts"
import { write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Db, firstOf, PLANNED_ANEW } from "#database/index.ts"
import { type Actor, fewPlaces, mayList } from "#people/index.ts"
import { keptRuns, knownRuns } from "#work/known-runs.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import type { RunRow, RunState } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { type Beside, SELECT_BESIDE, SELECT_WRITTEN, type Written } from "#work/sql/find-run.ts"
import { foundBy, mentions } from "#work/sql/mentions.ts"
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
  const rows = await pageOf(db, actor, { conditions, filter, most: limit + 1 })
  const items = await Promise.all(rows.slice(0, limit).map((run) => shownTo(db, actor, run)))
  const last = items.at(-1)
  return accepted(rows.length > limit && last ? { items, next: last.id } : { items })
}

type Asked = { readonly conditions: RawBuilder<unknown>; readonly filter: RunFilter; readonly most: number }

/** What many runs are is found among the newest; what few are, by a plan that is made for it. */
async function pageOf(db: Db, actor: Actor, { conditions, filter, most }: Asked): Promise<readonly RunRow[]> {
  const { text } = filter
  const inOrder = sql`ORDER BY r.id DESC LIMIT ${firstOf(most)}`
  const all = text === undefined ? conditions : sql`${conditions} AND ${mentions(text)}`
  const newest = isPlaced(filter) ? undefined : await newestFrom(db, filter)
  if (newest !== undefined || isOnlyPlaced(filter)) {
    const found = await runsOf(db, sql``, sql`WHERE r.id >= ${newest ?? ""} AND ${all} ${inOrder}`)
    if (found.length === most || newest === "" || newest === undefined) return found
  }
  const places = await fewPlaces(db, actor, "read")
  const near = places
    ? sql`(r.space_id = ANY(${places.spaces}::text[]) OR r.notebook_id = ANY(${places.notebooks}::text[])) AND ${conditions}`
    : conditions
  // Their ids before all else of them, which would be gathered for every run that is only sorted.
  const sought =
    text === undefined
      ? sql`r.id IN (SELECT r.id FROM run r WHERE ${near} ${inOrder})`
      : sql`${near} AND ${mentions(text)} AND ${foundBy(text, { conditions: near, limit: most })}`
  return runsOf(db, PLANNED_ANEW, sql`WHERE ${sought} ${inOrder}`)
}

/** Whether an index has them in their order. */
function isPlaced({ space, notebook, orderedBy }: RunFilter): boolean {
  return (space ?? notebook ?? orderedBy) !== undefined
}

function isOnlyPlaced({ states, trigger, labels, text, version, ...rest }: RunFilter): boolean {
  return isPlaced(rest) && [states, trigger, labels, text, version].every((one) => one === undefined)
}

/** So many are looked through before a plan is made: it takes a millisecond or two, as a plan does. */
const NEWEST = 2000
const BELIEVED_MS = 10_000
const NEWEST_KNOWN = new WeakMap<Db, { readonly id: string; readonly until: number }>()

/** The id from which on there are two thousand runs or some more in the list, whatever else is asked of them; "" when there are not so many. */
async function newestFrom(db: Db, { cursor, until }: RunFilter): Promise<string> {
  const before = [cursor, until === undefined ? undefined : firstId(until)].filter((id) => id !== undefined).toSorted()[0]
  const known = before === undefined ? NEWEST_KNOWN.get(db) : undefined
  if (known && known.until > performance.now()) return known.id
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM run WHERE ${before === undefined ? sql`true` : sql`id < ${before}`} ORDER BY id DESC OFFSET ${firstOf(NEWEST)} LIMIT 1`.execute(db)
  const id = rows[0]?.id ?? ""
  if (before === undefined) NEWEST_KNOWN.set(db, { id, until: performance.now() + BELIEVED_MS })
  return id
}

async function runsOf(db: Db, begin: RawBuilder<unknown>, which: RawBuilder<unknown>): Promise<readonly RunRow[]> {
  const { rows: listed } = await sql<Beside & Written>`${begin}${SELECT_BESIDE} ${which}`.execute(db)
  const known = knownRuns(db, listed)
  if (known) return known
  // All of them at once: a row read later than the list could be of a state that was not asked for.
  const { rows } = await sql<RunRow & Written>`${begin}${SELECT_WRITTEN} ${which}`.execute(db)
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
