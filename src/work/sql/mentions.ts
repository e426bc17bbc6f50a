/** Runs by a part of what is shown of them: their notebook's path, who ordered them, values, labels, scheduler, error. */
import { type RawBuilder, sql } from "kysely"
import { firstOf } from "#database/index.ts"

/** Of texts with fewer characters the index of three-letter parts knows nothing. */
const LEAST_INDEXED = 3
/** So many of the newest are looked through before the indexes are asked: what many mention is found among them. */
const NEWEST = 2000

/** As the index `run_words` has it. */
const WORDS = sql`(r.parameters::text || ' ' || r.labels::text || ' ' || coalesce(r.orchestrator::text, '')
    || ' ' || coalesce(r.error->>'ename', '') || ' ' || coalesce(r.error->>'evalue', ''))`

/** Errors of a notebook that hides its code are not searched: that they are found would tell what they say. */
export function mentions(text: string): RawBuilder<unknown> {
  const part = partOf(text)
  return sql`(n.path ILIKE ${part} OR p.name ILIKE ${part} OR r.parameters::text ILIKE ${part} OR r.labels::text ILIKE ${part}
    OR r.orchestrator::text ILIKE ${part} OR r.id = ${text} OR (NOT n.code_hidden AND (r.error->>'ename' ILIKE ${part} OR r.error->>'evalue' ILIKE ${part})))`
}

/** Asked one after the other until one of them fills a page; the last is exact. */
export function bounds(text: string, { conditions, limit }: { readonly conditions: RawBuilder<unknown>; readonly limit: number }) {
  return text.length < LEAST_INDEXED ? [sql`true`] : [amongNewest(conditions), indexed(text, { conditions, limit })]
}

function amongNewest(conditions: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`r.id >= (SELECT coalesce(min(id), '') FROM (SELECT r.id FROM run r WHERE ${conditions} ORDER BY r.id DESC LIMIT ${firstOf(NEWEST)}) AS newest)`
}

/**
 * Each way of being mentioned by an index of its own, the newest of each: one question for all of them would have PostgreSQL read every
 * run there is. The words are sought apart from their order, or it would rather walk through all runs in it.
 */
function indexed(text: string, { conditions, limit }: { readonly conditions: RawBuilder<unknown>; readonly limit: number }): RawBuilder<unknown> {
  const [part, most] = [partOf(text), firstOf(limit)]
  const newestOf = (column: "notebook_id" | "ordered_by", found: RawBuilder<unknown>) => sql`
    SELECT newest.id FROM (${found}) AS found CROSS JOIN LATERAL
      (SELECT r.id FROM run r WHERE r.${sql.ref(column)} = found.id AND ${conditions} ORDER BY r.id DESC LIMIT ${most}) AS newest`
  return sql`r.id IN (
    (WITH worded AS MATERIALIZED (
        SELECT r.id FROM run r JOIN notebook n ON n.id = r.notebook_id JOIN person p ON p.id = r.ordered_by
        WHERE ${WORDS} ILIKE ${part} AND ${mentions(text)} AND ${conditions})
      SELECT id FROM worded ORDER BY id DESC LIMIT ${most})
    UNION ALL (${newestOf("notebook_id", sql`SELECT id FROM notebook WHERE path ILIKE ${part}`)})
    UNION ALL (${newestOf("ordered_by", sql`SELECT id FROM person WHERE name ILIKE ${part}`)})
    UNION ALL (SELECT r.id FROM run r WHERE r.id = ${text}))`
}

function partOf(text: string): string {
  return `%${text.replaceAll(/[\\%_]/gu, "\\$&")}%`
}
