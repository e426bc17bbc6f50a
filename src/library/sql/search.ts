/**
 * Search, at a bounded cost. The index gives whatever holds all the words, but in which order they stand and how well each
 * notebook fits is only known by reading it, and a word like "import" is in nearly every notebook. So:
 *
 * - what at most FEW notebooks hold is found whole; of those, the CHECKED that were edited last are looked at for phrases;
 * - what more hold is looked for among the RECENT that were edited last, of which enough hold it;
 * - of what is left, the RANKED that were edited last are put in order by how well they fit.
 *
 * In both cases notebooks whose title or path holds the words as they stand, as parts of other words too, are looked at as well.
 */
import { type RawBuilder, sql } from "kysely"
import { accepted } from "#base/outcome.ts"
import { type Db, firstOf, guessOf, PLANNED_ANEW } from "#database/index.ts"
import { fromCursor, ID, LARGE, toCursor } from "#library/cursor.ts"
import type { NotebookRow, Page } from "#library/notebook-row.ts"
import type { Catalogued } from "#library/refusal.ts"
import { spaceWord } from "#library/search-document.ts"
import { type Filter, type SearchQuery, type Term, toSearchQuery, toTsquery, toTsqueryWithin } from "#library/search-query.ts"
import { type SearchField, type Snippet, snippetOf } from "#library/snippet.ts"
import { type FlatNotebook, NOTEBOOK_COLUMNS, NOTEBOOK_TABLES, toNotebook } from "#library/sql/find-notebook.ts"
import { named } from "#library/sql/list-notebooks.ts"
import { type Actor, fewPlaces, inPlaces, mayList, type Places } from "#people/index.ts"

export type Search = {
  /** As typed: see search-query.ts. */
  readonly query: string
  /** 1 to 100, default 20. */
  readonly limit?: number
  readonly cursor?: string
}

export type Hit = { readonly notebook: NotebookRow; readonly snippets: readonly Snippet[] }

/** `isPartial`: there is more than can be put in order, and of it what was edited last was taken. */
export type SearchPage = Page<Hit> & { readonly isPartial: boolean }

const FEW = 3000
const RECENT = 600
const CHECKED = 600
const RANKED = 200
const MOST_NAMED = 200
const SHORTEST_NAMED = 3
// A title or path that holds the words stands before whatever mentions them.
const NAMED_SCORE = 10_000_000

/** Notebooks that the actor may read, best first. Refuses bad_query, bad_cursor. */
export async function searchNotebooks(db: Db, actor: Actor, asked: Search): Promise<Catalogued<SearchPage>> {
  const query = toSearchQuery(asked.query)
  if (!query.ok) return query
  const cursor = asked.cursor === undefined ? undefined : fromCursor(asked.cursor, "search", [LARGE, ID])
  if (cursor && !cursor.ok) return cursor
  const limit = Math.min(Math.max(asked.limit ?? 20, 1), 100)
  const after = cursor?.ok ? sql`WHERE (score, id) < (${cursor.value[0]}::bigint, ${cursor.value[1]})` : sql``
  const { plan, found } = await db.transaction().execute(async (tx) => {
    // It takes reading a word's rows for as cheap as any others', and would rather go through all texts there are.
    await sql`SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`.execute(tx)
    const plan = await planFor(tx, actor, query.value)
    const found = await sql<FlatNotebook & { score: number; total: number }>`${PLANNED_ANEW}
      WITH candidate AS MATERIALIZED (${plan.candidates}),
      match AS MATERIALIZED (SELECT n.id FROM candidate c JOIN notebook n ON n.id = c.id JOIN search_text t ON t.notebook_id = c.id
        WHERE ${plan.wanted} ORDER BY ${plan.first} DESC, n.updated_at DESC, n.id DESC LIMIT ${RANKED}),
      hit AS MATERIALIZED (SELECT n.id, ${plan.score} AS score FROM match m JOIN notebook n ON n.id = m.id JOIN search_text t ON t.notebook_id = m.id),
      page AS MATERIALIZED (SELECT * FROM hit ${after} ORDER BY score DESC, id DESC LIMIT ${limit + 1})
      SELECT ${NOTEBOOK_COLUMNS}, page.score, (SELECT count(*)::int FROM match) AS total
      FROM page JOIN ${NOTEBOOK_TABLES} ON n.id = page.id ORDER BY page.score DESC, n.id DESC`.execute(tx)
    return { plan, found }
  })
  const rows = found.rows.slice(0, limit)
  const last = found.rows[limit - 1]
  const items = await withSnippets(
    db,
    rows.map(({ score: _, total: __, ...flat }) => toNotebook(flat)),
    query.value.all,
  )
  const next = found.rows.length > limit && last ? { next: toCursor("search", String(last.score), last.id) } : {}
  return accepted({ items, isPartial: plan.isPartial || found.rows[0]?.total === RANKED, ...next })
}

type Plan = {
  /** Ids of what the actor may read and what may be what is searched for, found by what costs little. */
  readonly candidates: RawBuilder<unknown>
  /** What their words must be besides. */
  readonly wanted: RawBuilder<unknown>
  readonly score: RawBuilder<unknown>
  /** Of those that are to be ranked: which come first. */
  readonly first: RawBuilder<unknown>
  readonly isPartial: boolean
}

async function planFor(db: Db, actor: Actor, query: SearchQuery): Promise<Plan> {
  const places = await fewPlaces(db, actor, "read")
  const asked = await Promise.all(query.filters.map((one) => filterOf(db, actor, one)))
  const plain = sql.join([sql`n.trashed_at IS NULL`, sql`s.trashed_at IS NULL`, ...asked], sql` AND `)
  const readable = sql.join([plain, mayList(actor, "read", N), ...(places ? [inPlaces(places, N)] : [])], sql` AND `)
  const newest = (most: number) => sql`ORDER BY n.updated_at DESC, n.id DESC LIMIT ${most}`
  const recent = sql`(SELECT n.id FROM ${NOTEBOOK_TABLES} WHERE ${readable} ${newest(RECENT)})`
  const exact = toTsquery(query, "exact")
  const any = sql`(n.id IS NOT NULL)`
  if (query.all.length === 0) {
    const wanted = exact === "" ? any : sql`t.words @@ ${exact}::tsquery`
    return { candidates: recent, wanted, score: sql`floor(extract(epoch FROM n.updated_at))::bigint`, first: any, isPartial: false }
  }
  const loose = toTsquery(query, "loose")
  const holding = holdingFor(actor, places, loose)
  const isKnownCommon = (await guessOf(db, holding)) > 4 * FEW
  const held = isKnownCommon ? [] : await idsOf(db, holding, FEW + 1)
  const isCommon = isKnownCommon || held.length > FEW
  const few = sql`(SELECT n.id FROM ${NOTEBOOK_TABLES} WHERE n.id = ANY(${held}::text[]) AND ${plain} ${newest(CHECKED)})`
  const names = namedBy(query.all)
  const named = names === undefined ? sql`` : sql` UNION (SELECT n.id FROM ${NOTEBOOK_TABLES} WHERE ${names} AND ${readable} LIMIT ${MOST_NAMED})`
  return {
    candidates: sql`${isCommon ? recent : few}${named}`,
    ...byWords(query, { names, exact, isChecked: loose === exact && !isCommon }),
    first: names ?? any,
    isPartial: isCommon || held.length > CHECKED,
  }
}

/** Ids of what the actor may read that holds the words, in whatever order they stand. */
function holdingFor(actor: Actor, places: Places | undefined, loose: string): RawBuilder<unknown> {
  const readable = mayList(actor, "read", { space: "t.space_id", notebook: "t.notebook_id" })
  const from = sql`SELECT t.notebook_id AS id FROM search_text t WHERE ${readable}`
  if (!places) return sql`${from} AND t.words @@ ${loose}::tsquery`
  // One who reaches no space is asked for a space that there is not.
  const inSpaces = toTsqueryWithin(loose, (places.spaces.length > 0 ? places.spaces : [""]).map(spaceWord))
  if (places.notebooks.length === 0) return sql`${from} AND t.words @@ ${inSpaces}::tsquery`
  return sql`(${from} AND t.words @@ ${inSpaces}::tsquery) UNION (${from} AND t.words @@ ${loose}::tsquery AND t.notebook_id = ANY(${places.notebooks}::text[]))`
}

const N = { space: "n.space_id", notebook: "n.id" } as const

type Checking = { readonly names: RawBuilder<unknown> | undefined; readonly exact: string; readonly isChecked: boolean }

/** `isChecked`: the index has said already that all candidates hold the words. */
function byWords({ none }: SearchQuery, { names, exact, isChecked }: Checking): Pick<Plan, "wanted" | "score"> {
  const unwanted = toTsquery({ all: [], none }, "exact")
  const inName = names === undefined ? sql`false` : unwanted === "" ? names : sql`(${names} AND t.words @@ ${unwanted}::tsquery)`
  return {
    wanted: isChecked ? sql`true` : sql`(t.words @@ ${exact}::tsquery OR ${inName})`,
    score: sql`(round(ts_rank(t.words, ${exact}::tsquery) * 1000000)::bigint + CASE WHEN ${inName} THEN ${NAMED_SCORE}::bigint ELSE 0 END)`,
  }
}

async function idsOf(db: Db, rows: RawBuilder<unknown>, most: number): Promise<readonly string[]> {
  const found = await sql<{
    ids: readonly string[]
  }>`${PLANNED_ANEW}SELECT ARRAY(SELECT r.id::text FROM (${rows}) AS r LIMIT ${firstOf(most)}) AS ids`.execute(db)
  return found.rows[0]?.ids ?? []
}

/** Undefined where a term is too short to be looked up as a part of names. */
function namedBy(terms: readonly Term[]): RawBuilder<unknown> | undefined {
  if (terms.some(({ text }) => text.length < SHORTEST_NAMED)) return undefined
  return sql`(${sql.join(
    terms.map(({ text }) => named(text)),
    sql` AND `,
  )})`
}

async function filterOf(db: Db, actor: Actor, { name, value, not }: Filter): Promise<RawBuilder<unknown>> {
  const is = sql`(${await conditionOf(db, actor, name, value)})`
  return not ? sql`NOT ${is}` : is
}

async function conditionOf(db: Db, actor: Actor, name: Filter["name"], value: string): Promise<RawBuilder<unknown>> {
  if (name === "tag") return sql`n.tags @> ARRAY[${value.toLowerCase().normalize("NFC")}]::text[]`
  if (name === "lang") return sql`n.language = ${value.toLowerCase()}`
  if (name === "owner")
    return value === "me" ? sql`n.owner_id = ${actor.id}` : sql`n.owner_id IN (SELECT id FROM person WHERE login = ${value.toLowerCase()})`
  const [space = "", ...rest] = value.replace(/\/+$/, "").split("/")
  const folder = rest.join("/").normalize("NFC")
  // Which one it is must be known where it is planned: a space may hold a third of all notebooks, or a handful.
  const { rows } = await sql<{ id: string }>`SELECT id FROM space WHERE name = ${space} AND trashed_at IS NULL`.execute(db)
  const inSpace = sql`n.space_id = ANY(${rows.map(({ id }) => id)}::text[])`
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
