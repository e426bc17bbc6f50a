import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { type Db, firstOf, PLANNED_ANEW } from "#database/index.ts"
import { fromCursor, ID, LARGE_OR_NONE, TEXT, toCursor, WHOLE } from "#library/cursor.ts"
import type { NotebookRow, Page } from "#library/notebook-row.ts"
import { type LibraryPath, toFolder } from "#library/path.ts"
import type { Catalogued } from "#library/refusal.ts"
import { type FlatNotebook, NOTEBOOK_COLUMNS, NOTEBOOK_TABLES, toNotebook } from "#library/sql/find-notebook.ts"
import { getSpace } from "#library/sql/find-space.ts"
import { type Actor, fewPlaces, inPlaces, mayList, type PersonId } from "#people/index.ts"

const MOST_WORDS = 12

export type NotebookOrder = "path" | "title" | "updated" | "lastRun" | "runsWeek" | "failures"

export type NotebookFilter = {
  /** Id or name. */
  readonly space?: string
  /** With everything below it. */
  readonly folder?: string
  readonly owner?: PersonId
  /** Only those whose owner may not sign in any more. */
  readonly ownerHasLeft?: boolean
  /** Only those on which the actor, or a group of theirs, was given a role beside those of the space. */
  readonly sharedWithMe?: boolean
  /** All of them. */
  readonly tags?: readonly string[]
  readonly language?: string
  /** State of the last run that ended; "never": there was none. */
  readonly lastRun?: string
  /** Milliseconds since 1970. */
  readonly editedSince?: number
  readonly editedBefore?: number
  /** Runs that ended within seven days, and how many of them failed. */
  readonly runsWeekMin?: number
  readonly runsWeekMax?: number
  readonly failuresMin?: number
  readonly failuresMax?: number
  readonly hasParameters?: boolean
  /** Words: each is part of the title or the path, whatever its case. */
  readonly name?: string
  /** Only what is in the trash; default: only what is not. */
  readonly trashed?: boolean
}

export type ListNotebooks = NotebookFilter & {
  /** Default "path". Names go up, times and counts down, unless `reversed`. */
  readonly order?: NotebookOrder
  readonly reversed?: boolean
  /** 1 to 500, default 50. */
  readonly limit?: number
  readonly cursor?: string
}

/** How a key goes into a cursor and comes back: as text, exactly. */
type Kind = { readonly shape: RegExp; out(key: RawBuilder<unknown>): RawBuilder<unknown>; back(text: string): RawBuilder<unknown> }

const text: Kind = { shape: TEXT, out: (key) => key, back: (key) => sql`${key}::text` }
const count: Kind = { shape: WHOLE, out: (key) => sql`(${key})::text`, back: (key) => sql`${key}::integer` }
/** Microseconds since 1970, as PostgreSQL keeps them; "none" for what never was. */
const instant: Kind = {
  shape: LARGE_OR_NONE,
  out: (key) => sql`CASE WHEN isfinite(${key}) THEN ((extract(epoch FROM ${key}) * 1000000)::bigint)::text ELSE 'none' END`,
  back: (key) => (key === "none" ? sql`'-infinity'::timestamptz` : sql`('epoch'::timestamptz + ${key}::bigint * interval '1 microsecond')`),
}

type Sorting = { readonly key: RawBuilder<unknown>; readonly kind: Kind; readonly goesUp: boolean }

// Each key as its index in db/0001.sql or db/0031.sql has it.
const SORTINGS: Record<NotebookOrder, Sorting> = {
  path: { key: sql`n.path_order`, kind: text, goesUp: true },
  title: { key: sql`n.title_order`, kind: text, goesUp: true },
  updated: { key: sql`n.updated_at`, kind: instant, goesUp: false },
  lastRun: { key: sql`coalesce(n.last_run_at, '-infinity'::timestamptz)`, kind: instant, goesUp: false },
  runsWeek: { key: sql`n.runs_week`, kind: count, goesUp: false },
  failures: { key: sql`n.failures_week`, kind: count, goesUp: false },
}

/** Notebooks that the actor may read. Refuses no_such_space, bad_path (of the folder), bad_cursor. */
export async function listNotebooks(db: Db, actor: Actor, asked: ListNotebooks = {}): Promise<Catalogued<Page<NotebookRow>>> {
  const filters = await filtersFor(db, actor, asked)
  if (!filters.ok) return filters
  const places = asked.space === undefined ? await fewPlaces(db, actor, "read") : undefined
  if (places) filters.value.push(inPlaces(places, { space: "n.space_id", notebook: "n.id" }))
  const order = asked.order ?? "path"
  const { key, kind, goesUp } = SORTINGS[order]
  const up = goesUp !== (asked.reversed ?? false)
  const list = `notebooks ${order} ${up}`
  const cursor = asked.cursor === undefined ? undefined : fromCursor(asked.cursor, list, [kind.shape, ID])
  if (cursor && !cursor.ok) return cursor
  if (cursor?.ok) filters.value.push(sql`(${key}, n.id) ${up ? sql`>` : sql`<`} (${kind.back(cursor.value[0] ?? "")}, ${cursor.value[1]})`)
  const limit = Math.min(Math.max(asked.limit ?? 50, 1), 500)
  const way = up ? sql`ASC` : sql`DESC`
  const begin = places || isPicky(asked) ? PLANNED_ANEW : sql``
  const found = await sql<FlatNotebook & { sortKey: string }>`${begin}
    SELECT ${NOTEBOOK_COLUMNS}, ${kind.out(key)} AS "sortKey" FROM ${NOTEBOOK_TABLES}
    WHERE ${sql.join(filters.value, sql` AND `)} ORDER BY ${key} ${way}, n.id ${way} LIMIT ${firstOf(limit + 1)}`.execute(db)
  const items = found.rows.slice(0, limit).map(({ sortKey: _, ...flat }) => toNotebook(flat))
  const last = found.rows[limit - 1]
  return accepted(found.rows.length > limit && last ? { items, next: toCursor(list, last.sortKey, last.id) } : { items })
}

/** What a row must be, of `notebook n` with its space `s` and owner `p`: what was asked for, and readable by the actor. */
async function filtersFor(db: Db, actor: Actor, asked: NotebookFilter): Promise<Catalogued<RawBuilder<unknown>[]>> {
  const filters = [...plainFilters(asked), ...sharedWith(actor, asked), mayList(actor, "read", { space: "n.space_id", notebook: "n.id" })]
  const folder = toFolder(asked.folder ?? "")
  if (!folder.ok) return folder
  if (folder.value !== "") filters.push(below(folder.value))
  if (asked.space === undefined) return accepted(filters)
  const space = await getSpace(db, actor, asked.space)
  return space.ok ? accepted([sql`n.space_id = ${space.value.id}`, ...filters]) : space
}

/** Whether it depends on the very values how many there are: nearly all, or next to none. */
function isPicky({ order, reversed, limit, cursor, space, folder, trashed, ...rest }: ListNotebooks): boolean {
  return Object.values(rest).some((one) => one !== undefined)
}

function sharedWith(actor: Actor, { sharedWithMe }: NotebookFilter): RawBuilder<unknown>[] {
  if (sharedWithMe === undefined) return []
  const mine = sql`(g.person_id = ${actor.id} OR g.group_id IN (SELECT m.group_id FROM group_member m WHERE m.person_id = ${actor.id}))`
  return [sql`n.id ${sharedWithMe ? sql`IN` : sql`NOT IN`} (SELECT g.notebook_id FROM role_grant g WHERE g.notebook_id IS NOT NULL AND ${mine})`]
}

function below(folder: LibraryPath): RawBuilder<unknown> {
  return sql`n.path > ${`${folder}/`} AND n.path < ${`${folder}0`}`
}

function plainFilters(asked: NotebookFilter): RawBuilder<unknown>[] {
  const filters = [asked.trashed ? sql`n.trashed_at IS NOT NULL` : sql`n.trashed_at IS NULL`, sql`s.trashed_at IS NULL`]
  // PostgreSQL keeps no NUL, so nothing is called so, and it takes none in a question either.
  if ([asked.owner, asked.language, asked.lastRun, asked.name, ...(asked.tags ?? [])].some((text) => text?.includes("\0"))) return [sql`false`]
  if (asked.owner !== undefined) filters.push(sql`n.owner_id = ${asked.owner}`)
  if (asked.ownerHasLeft !== undefined)
    filters.push(sql`n.owner_id ${asked.ownerHasLeft ? sql`IN` : sql`NOT IN`} (SELECT id FROM person WHERE disabled_at IS NOT NULL)`)
  if (asked.tags && asked.tags.length > 0) filters.push(sql`n.tags @> ${asked.tags}::text[]`)
  if (asked.language !== undefined) filters.push(sql`n.language = ${asked.language.toLowerCase()}`)
  if (asked.lastRun === "never") filters.push(sql`n.last_run_at IS NULL`)
  else if (asked.lastRun !== undefined) filters.push(sql`n.last_run_state = ${asked.lastRun}`)
  if (asked.editedSince !== undefined) filters.push(sql`n.updated_at >= ${new Date(asked.editedSince)}`)
  if (asked.editedBefore !== undefined) filters.push(sql`n.updated_at < ${new Date(asked.editedBefore)}`)
  if (fitsNothing(asked)) return [sql`false`]
  if (asked.runsWeekMin !== undefined) filters.push(sql`n.runs_week >= ${asked.runsWeekMin}`)
  if (asked.runsWeekMax !== undefined) filters.push(sql`n.runs_week <= ${asked.runsWeekMax}`)
  if (asked.failuresMin !== undefined) filters.push(sql`n.failures_week >= ${asked.failuresMin}`)
  if (asked.failuresMax !== undefined) filters.push(sql`n.failures_week <= ${asked.failuresMax}`)
  if (asked.hasParameters !== undefined) filters.push(sql`n.has_parameters = ${asked.hasParameters}`)
  if (asked.name !== undefined && asked.name !== "") filters.push(...words(asked.name).map(named))
  return filters
}

/**
 * What failed has run: PostgreSQL does not know that these columns go together, expects many where there are none, and would
 * look at every notebook there is.
 */
function fitsNothing({ lastRun, runsWeekMin = 0, runsWeekMax = Number.POSITIVE_INFINITY, failuresMin = 0 }: NotebookFilter): boolean {
  const least = Math.max(runsWeekMin, failuresMin)
  return least > runsWeekMax || (lastRun === "never" && least > 0)
}

function words(text: string): readonly string[] {
  const all = text.split(/\s+/u).filter(Boolean)
  // What is pasted is not a question of a thousand parts.
  return all.length > MOST_WORDS ? [text] : all
}

/** As the index notebook_name has it: both sides are folded by PostgreSQL, so they are folded alike. */
export function named(part: string): RawBuilder<unknown> {
  const pattern = `%${part.replace(/[\\%_]/g, "\\$&")}%`
  return sql`lower(n.title || ' ' || n.path) LIKE lower(${pattern})`
}
