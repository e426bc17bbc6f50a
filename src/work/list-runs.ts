/** Runs by what they are, newest first; only those that the actor may see. */
import { type RawBuilder, sql } from "kysely"
import { newId } from "#base/id.ts"
import { write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Db, firstOf, PLANNED_ANEW } from "#database/index.ts"
import { type Actor, fewPlaces, inPlaces, mayList } from "#people/index.ts"
import { keptRuns, knownRuns } from "#work/known-runs.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import type { RunRow, RunState } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { type Beside, SELECT_BESIDE, SELECT_WRITTEN, type Written } from "#work/sql/find-run.ts"
import { foundBy, isIndexed, mentions, tellingPart, WORDS_OF } from "#work/sql/mentions.ts"
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

type ListWorld = Pick<WorkWorld, "db" | "clock">

const USUAL = 50
const MOST = 200
const ID = /^[0-9A-Z]{26}$/

export async function listRuns(world: ListWorld, actor: Actor, filter: RunFilter): Promise<Outcome<RunPage, RunRefusal>> {
  if (filter.cursor !== undefined && !ID.test(filter.cursor))
    return refuse("bad_cursor", "This cursor is none of this list: begin again without one.")
  const limit = Math.min(Math.max(1, filter.limit ?? USUAL), MOST)
  const conditions = sql.join([mayList(actor, "read", { space: "r.space_id", notebook: "r.notebook_id" }), ...conditionsOf(filter)], sql` AND `)
  const { runs, next } = await pageOf(world, actor, { conditions, filter, limit })
  const items = await Promise.all(runs.map((run) => shownTo(world.db, actor, run)))
  return accepted(next === undefined ? { items } : { items, next })
}

type Asked = { readonly conditions: RawBuilder<unknown>; readonly filter: RunFilter; readonly limit: number }

/**
 * What many runs are is found among the newest; what is seldom among those of the few places that one may see, further back; and what few
 * runs are, by a plan that is made for it.
 */
async function pageOf(world: ListWorld, actor: Actor, { conditions, filter, limit }: Asked): Promise<Found> {
  const { db } = world
  const { text } = filter
  const all = text === undefined ? conditions : sql`${conditions} AND ${mentions(text)}`
  const inOrder = sql`ORDER BY r.id DESC LIMIT ${firstOf(limit + 1)}`
  const from = (least: string) => found(db, { begin: sql``, which: sql`WHERE r.id >= ${least} AND ${all} ${inOrder}`, all, limit })
  if (isOnlyPlaced(filter)) return from("")
  const newest = isPlaced(filter) ? undefined : await newestFrom(world, filter, NEWEST)
  let among = 0
  if (newest !== undefined) {
    const page = await from(newest)
    if (page.next !== undefined || newest === "") return page
    among = page.runs.length
  }
  const places = await fewPlaces(db, actor, "read")
  const near = places ? sql`${inPlaces(places, { space: "r.space_id", notebook: "r.notebook_id" })} AND ${conditions}` : conditions
  // Their ids before all else of them, which would be gathered for every run that is only sorted.
  const words = text === undefined ? { of: sql``, are: sql`` } : { of: WORDS_OF, are: sql` AND ${mentions(text)}` }
  const amongThem = (least: string) => sql`r.id IN (SELECT r.id FROM run r ${words.of} WHERE r.id >= ${least} AND ${near}${words.are} ${inOrder})`
  const planned = (which: RawBuilder<unknown>) => found(db, { begin: PLANNED_ANEW, which: sql`WHERE ${which} ${inOrder}`, all, limit })
  // What so few of the newest are fills no page further back either, by and large; a text has indexes, which would be asked all the same.
  const isForetold = text === undefined || !isIndexed(text) || among * (FURTHER / NEWEST) > limit
  if (places && newest !== undefined && isForetold) {
    const further = await newestFrom(world, filter, FURTHER)
    const page = await planned(amongThem(further))
    if (page.next !== undefined || further === "") return page
  }
  if (text === undefined) return planned(amongThem(""))
  const sought = foundBy(text, { conditions: near, places, limit: limit + 1, telling: await tellingPart(db, text) })
  return planned(sql`${near} AND ${mentions(text)} AND ${sought}`)
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
/** Of these only what is in few places is looked at. */
const FURTHER = 40_000
const BELIEVED_MS = 10_000
const NEWEST_KNOWN = new WeakMap<Db, Map<number, { readonly id: string; readonly until: number }>>()

/** The id from which on there are so many runs or some more in the list, whatever else is asked of them; "" when there are not so many. */
async function newestFrom({ db, clock }: ListWorld, { cursor, until }: RunFilter, count: number): Promise<string> {
  const before = [cursor, until === undefined ? undefined : firstId(until)].filter((id) => id !== undefined).toSorted()[0]
  const known = NEWEST_KNOWN.get(db) ?? new Map()
  NEWEST_KNOWN.set(db, known)
  const last = before === undefined ? known.get(count) : undefined
  if (last && last.until > clock.steady()) return last.id
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM run WHERE ${before === undefined ? sql`true` : sql`id < ${before}`} ORDER BY id DESC OFFSET ${firstOf(count)} LIMIT 1`.execute(db)
  const id = rows[0]?.id ?? ""
  if (before === undefined) known.set(count, { id, until: clock.steady() + BELIEVED_MS })
  return id
}

/** A page, and the last run of it if there are more. */
type Found = { readonly runs: readonly RunRow[]; readonly next: string | undefined }
type Sought = {
  readonly begin: RawBuilder<unknown>
  /** Which they are, in their order, one more than the page has. */
  readonly which: RawBuilder<unknown>
  /** What each of them is. */
  readonly all: RawBuilder<unknown>
  readonly limit: number
}

async function found(db: Db, { begin, which, all, limit }: Sought): Promise<Found> {
  const { rows } = await sql<Beside & Written>`${begin}${SELECT_BESIDE} ${which}`.execute(db)
  const listed = rows.slice(0, limit)
  const next = rows.length > limit ? listed.at(-1)?.id : undefined
  const known = knownRuns(db, listed)
  if (known) return { runs: known, next }
  // All of them at once, and looked at once more: what has been written meanwhile may be no more what was asked for.
  const theirs = sql`r.id = ANY(${listed.map(({ id }) => id)}::text[])`
  const read = await sql<RunRow & Written>`${SELECT_WRITTEN} WHERE ${theirs} AND ${all} ORDER BY r.id DESC`.execute(db)
  return { runs: keptRuns(db, read.rows), next }
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
