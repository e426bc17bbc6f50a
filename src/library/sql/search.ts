/**
 * Search, at a bounded cost. The index gives whatever holds all the words, but how well each fits is only known by reading it,
 * and a word like "import" is in nearly every notebook. So:
 *
 * - what is rare (at most FEW notebooks hold all the words) is found whole, and put in order;
 * - what is common is looked for among the RECENT notebooks that were edited last: more than enough of those hold it.
 *
 * In both cases notebooks whose title or path holds the words as they stand, as parts of other words too, are looked at as well.
 */
import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { fromCursor, toCursor } from "#library/cursor.ts"
import type { NotebookRow, Page } from "#library/notebook-row.ts"
import type { Catalogued } from "#library/refusal.ts"
import { type Filter, type SearchQuery, type Term, toSearchQuery, toTsquery } from "#library/search-query.ts"
import { type SearchField, type Snippet, snippetOf } from "#library/snippet.ts"
import { type FlatNotebook, NOTEBOOK_COLUMNS, NOTEBOOK_TABLES, toNotebook } from "#library/sql/find-notebook.ts"
import { named } from "#library/sql/list-notebooks.ts"
import { narrowed } from "#library/sql/narrowed.ts"
import { type Actor, mayList } from "#people/index.ts"

export type Search = {
  /** As typed: see search-query.ts. */
  readonly query: string
  /** 1 to 100, default 20. */
  readonly limit?: number
  readonly cursor?: string
}

export type Hit = { readonly notebook: NotebookRow; readonly snippets: readonly Snippet[] }

/** `isPartial`: the words are common, and only recently edited notebooks were searched. */
export type SearchPage = Page<Hit> & { readonly isPartial: boolean }

const FEW = 1500
const RECENT = 1500
const MOST_NAMED = 300
const SHORTEST_NAMED = 3
// A title or path that holds the words stands before whatever mentions them.
const NAMED_SCORE = 10_000_000

/** Notebooks that the actor may read, best first. Refuses bad_query, bad_cursor. */
export async function searchNotebooks(db: Db, actor: Actor, asked: Search): Promise<Catalogued<SearchPage>> {
  const query = toSearchQuery(asked.query)
  if (!query.ok) return query
  const cursor = asked.cursor === undefined ? undefined : fromCursor(asked.cursor, "search", 2)
  if (cursor && !cursor.ok) return cursor
  const limit = Math.min(Math.max(asked.limit ?? 20, 1), 100)
  const plan = await planFor(db, actor, query.value)
  const after = cursor?.ok ? sql`AND (score, id) < (${cursor.value[0]}::bigint, ${cursor.value[1]})` : sql``
  const found = await sql<FlatNotebook & { score: number }>`
    WITH candidate AS MATERIALIZED (${plan.candidates}),
    hit AS (SELECT ${NOTEBOOK_COLUMNS}, ${plan.score} AS score
      FROM candidate c JOIN search_text t ON t.notebook_id = c.id JOIN ${NOTEBOOK_TABLES} ON n.id = c.id
      WHERE ${plan.wanted} AND ${sql.join(plan.filters, sql` AND `)})
    SELECT * FROM hit WHERE true ${after} ORDER BY score DESC, id DESC LIMIT ${limit + 1}`.execute(db)
  const rows = found.rows.slice(0, limit)
  const last = found.rows[limit - 1]
  const items = await withSnippets(
    db,
    rows.map(({ score: _, ...flat }) => toNotebook(flat)),
    query.value.all,
  )
  const next = found.rows.length > limit && last ? { next: toCursor("search", String(last.score), last.id) } : {}
  return accepted({ items, isPartial: plan.isPartial, ...next })
}

type Plan = {
  readonly candidates: RawBuilder<unknown>
  readonly wanted: RawBuilder<unknown>
  readonly score: RawBuilder<unknown>
  readonly filters: readonly RawBuilder<unknown>[]
  readonly isPartial: boolean
}

async function planFor(db: Db, actor: Actor, query: SearchQuery): Promise<Plan> {
  const readable = mayList(actor, "read", { space: "n.space_id", notebook: "n.id" })
  const filters = [
    sql`n.trashed_at IS NULL`,
    sql`s.trashed_at IS NULL`,
    readable,
    ...(await narrowed(db, actor)),
    ...query.filters.map((one) => filterOf(actor, one)),
  ]
  const recent = sql`(SELECT n.id FROM ${NOTEBOOK_TABLES} WHERE ${sql.join(filters, sql` AND `)} ORDER BY n.updated_at DESC, n.id DESC LIMIT ${RECENT})`
  const exact = toTsquery(query, "exact")
  if (query.all.length === 0) {
    const wanted = exact === "" ? sql`true` : sql`t.words @@ ${exact}::tsquery`
    return { candidates: recent, wanted, score: sql`floor(extract(epoch FROM n.updated_at))::bigint`, filters, isPartial: false }
  }
  const indexed = sql`SELECT t.notebook_id AS id FROM search_text t WHERE t.words @@ ${toTsquery(query, "loose")}::tsquery
    AND ${mayList(actor, "read", { space: "t.space_id", notebook: "t.notebook_id" })}`
  const isCommon = await isMoreThan(db, indexed, FEW)
  const names = namedBy(query.all)
  const none = toTsquery({ all: [], none: query.none }, "exact")
  const inName = names === undefined ? sql`false` : none === "" ? names : sql`(${names} AND t.words @@ ${none}::tsquery)`
  const byName = names === undefined ? sql`` : sql` UNION (SELECT n.id FROM notebook n WHERE n.trashed_at IS NULL AND ${names} LIMIT ${MOST_NAMED})`
  return {
    candidates: sql`${isCommon ? recent : sql`(${indexed} LIMIT ${FEW})`}${byName}`,
    wanted: sql`(t.words @@ ${exact}::tsquery OR ${inName})`,
    score: sql`(round(ts_rank(t.words, ${exact}::tsquery) * 1000000)::bigint + CASE WHEN ${inName} THEN ${NAMED_SCORE}::bigint ELSE 0 END)`,
    filters,
    isPartial: isCommon,
  }
}

async function isMoreThan(db: Db, rows: RawBuilder<unknown>, count: number): Promise<boolean> {
  const counted = await sql<{ count: number }>`SELECT count(*)::int AS count FROM (${rows} LIMIT ${count + 1}) AS found`.execute(db)
  return (counted.rows[0]?.count ?? 0) > count
}

/** Undefined where a term is too short to be looked up as a part of names. */
function namedBy(terms: readonly Term[]): RawBuilder<unknown> | undefined {
  if (terms.some(({ text }) => text.length < SHORTEST_NAMED)) return undefined
  return sql`(${sql.join(
    terms.map(({ text }) => named(text)),
    sql` AND `,
  )})`
}

function filterOf(actor: Actor, { name, value, not }: Filter): RawBuilder<unknown> {
  const is = sql`(${conditionOf(actor, name, value)})`
  return not ? sql`NOT ${is}` : is
}

function conditionOf(actor: Actor, name: Filter["name"], value: string): RawBuilder<unknown> {
  if (name === "tag") return sql`n.tags @> ARRAY[${value.toLowerCase().normalize("NFC")}]::text[]`
  if (name === "lang") return sql`n.language = ${value.toLowerCase()}`
  if (name === "owner")
    return value === "me" ? sql`n.owner_id = ${actor.id}` : sql`n.owner_id IN (SELECT id FROM person WHERE login = ${value.toLowerCase()})`
  const [space = "", ...rest] = value.replace(/\/+$/, "").split("/")
  const folder = rest.join("/").normalize("NFC")
  const inSpace = sql`n.space_id IN (SELECT id FROM space WHERE name = ${space} AND trashed_at IS NULL)`
  return folder === "" ? inSpace : sql`${inSpace} AND n.path > ${`${folder}/`} AND n.path < ${`${folder}0`}`
}

type Texts = { readonly id: string; readonly prose: string; readonly code: string; readonly outputs: string }

// What stands further down is found, but not shown.
const SHOWN_FROM = 32_768

async function withSnippets(db: Db, notebooks: readonly NotebookRow[], terms: readonly Term[]): Promise<readonly Hit[]> {
  if (terms.length === 0 || notebooks.length === 0) return notebooks.map((notebook) => ({ notebook, snippets: [] }))
  const found = await sql<Texts>`SELECT notebook_id AS id, left(prose, ${SHOWN_FROM}::int) AS prose, left(code, ${SHOWN_FROM}::int) AS code,
    left(outputs, ${SHOWN_FROM}::int) AS outputs FROM search_text WHERE notebook_id = ANY(${notebooks.map(({ id }) => id)}::text[])`.execute(db)
  const texts = new Map(found.rows.map((row) => [row.id, row]))
  return notebooks.map((notebook) => ({ notebook, snippets: snippetsOf(notebook, texts.get(notebook.id), terms) }))
}

function snippetsOf(notebook: NotebookRow, texts: Texts | undefined, terms: readonly Term[]): readonly Snippet[] {
  const fields: readonly (readonly [SearchField, string])[] = [
    ["title", notebook.title],
    ["path", notebook.path],
    ["prose", texts?.prose ?? ""],
    ["code", texts?.code ?? ""],
    ["outputs", texts?.outputs ?? ""],
  ]
  return fields.flatMap(([where, text]) => snippetOf(where, text, terms) ?? [])
}
