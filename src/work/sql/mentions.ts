/** Runs by a part of what is shown of them: their notebook's path, who ordered them, values, labels, scheduler, error. */
import { type RawBuilder, sql } from "kysely"
import { firstOf } from "#database/index.ts"

/** Of texts with fewer characters the index of three-letter parts knows nothing. */
const LEAST_INDEXED = 3

/** As the index `run_words` has it. */
const WORDS = sql`(r.parameters::text || ' ' || r.labels::text || ' ' || coalesce(r.orchestrator::text, '')
    || ' ' || coalesce(r.error->>'ename', '') || ' ' || coalesce(r.error->>'evalue', ''))`

/**
 * In one piece, since most of what it costs is to begin to compare. Errors of a notebook that hides its code are not searched: that they
 * are found would tell what they say.
 */
export function mentions(text: string): RawBuilder<unknown> {
  return sql`(r.id = ${text} OR (n.path || E'\\n' || p.name || E'\\n' || r.parameters::text || E'\\n' || r.labels::text || E'\\n' || coalesce(r.orchestrator::text, '')
    || CASE WHEN n.code_hidden OR r.error IS NULL THEN '' ELSE E'\\n' || coalesce(r.error->>'ename', '') || E'\\n' || coalesce(r.error->>'evalue', '') END) ILIKE ${partOf(text)})`
}

/**
 * Each way of being mentioned by an index of its own, the newest of each: one question for all of them would have PostgreSQL read every
 * run there is. The words are sought apart from their order, or it would rather walk through all runs in it.
 */
export function foundBy(
  text: string,
  { conditions, limit }: { readonly conditions: RawBuilder<unknown>; readonly limit: number },
): RawBuilder<unknown> {
  if (text.length < LEAST_INDEXED) return sql`true`
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
