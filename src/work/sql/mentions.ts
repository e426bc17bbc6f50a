/** Runs by a part of what is shown of them: their notebook's path, who ordered them, values, labels, scheduler, error. */
import { type RawBuilder, sql } from "kysely"
import { type Db, firstOf, guessOf } from "#database/index.ts"
import { inPlaces, type Places } from "#people/index.ts"

/** Of texts with fewer characters the index of three-letter parts knows nothing. */
const LEAST_INDEXED = 3

export function isIndexed(text: string): boolean {
  return text.length >= LEAST_INDEXED
}

/** As the index `run_words` has it. */
const WORDS = sql`(r.parameters::text || ' ' || r.labels::text || ' ' || coalesce(r.orchestrator::text, '')
    || ' ' || coalesce(r.error->>'ename', '') || ' ' || coalesce(r.error->>'evalue', ''))`

/** What is told of a `run r` by its notebook and by who ordered it. */
export const WORDS_OF: RawBuilder<unknown> = sql`JOIN notebook n ON n.id = r.notebook_id JOIN person p ON p.id = r.ordered_by`

/**
 * In one piece, since most of what it costs is to begin to compare. Errors of a notebook that hides its code are not searched: that they
 * are found would tell what they say.
 */
export function mentions(text: string): RawBuilder<unknown> {
  return sql`(r.id = ${text} OR (n.path || E'\\n' || p.name || E'\\n' || r.parameters::text || E'\\n' || r.labels::text || E'\\n' || coalesce(r.orchestrator::text, '')
    || CASE WHEN n.code_hidden OR r.error IS NULL THEN '' ELSE E'\\n' || coalesce(r.error->>'ename', '') || E'\\n' || coalesce(r.error->>'evalue', '') END) ILIKE ${partOf(text)})`
}

/** So many runs that one would rather not look each up, in numbers that PostgreSQL guesses. */
const COMMON = 10_000
const JUDGED = 5

/**
 * The part of the text by which runs are looked up; all of it where none of its words is in very many. An index of three-letter parts goes
 * through every run that has a common word, for each part of that word.
 */
export async function tellingPart(db: Db, text: string): Promise<string> {
  const words = [...new Set(text.match(/[\p{L}\p{N}]{3,}/gu) ?? [])]
  const common: string[] = []
  if (words.length < 2) return text
  for (const word of words.slice(0, JUDGED)) {
    const guess = await guessOf(db, sql`SELECT FROM run r WHERE ${WORDS} ILIKE ${partOf(word)}`)
    if (guess > COMMON) common.push(word)
  }
  if (common.length === 0) return text
  const parts = text.split(new RegExp(common.join("|"), "u")).filter((part) => /[\p{L}\p{N}]{3}/u.test(part))
  return parts.sort((a, b) => b.length - a.length)[0]?.trim() ?? text
}

type Finding = {
  readonly conditions: RawBuilder<unknown>
  /** Where whoever asks may see runs, if that is in few places; `conditions` say so too. */
  readonly places: Places | undefined
  readonly limit: number
  /** Of the text: by what the index is asked. */
  readonly telling: string
}

/**
 * Each way of being mentioned by an index of its own, the newest of each: one question for all of them would have PostgreSQL read every
 * run there is. The words are sought apart from their order, or it would rather walk through all runs in it; so is what few may see of what somebody has run.
 */
export function foundBy(text: string, { conditions, places, limit, telling }: Finding): RawBuilder<unknown> {
  if (!isIndexed(text)) return sql`true`
  const [part, most] = [partOf(text), firstOf(limit)]
  const inOrder = sql`ORDER BY r.id DESC LIMIT ${most}`
  const newestOf = (column: "notebook_id" | "ordered_by", found: RawBuilder<unknown>) => sql`
    SELECT newest.id FROM (${found}) AS found CROSS JOIN LATERAL
      (SELECT r.id FROM run r WHERE r.${sql.ref(column)} = found.id AND ${conditions} ${inOrder}) AS newest`
  const people = sql`SELECT id FROM person WHERE name ILIKE ${part}`
  // Who may see little sees little of what somebody has run: that is found where the two meet.
  const theirs = sql`WITH met AS MATERIALIZED (SELECT r.id FROM run r WHERE r.ordered_by = ANY(ARRAY(${people})) AND ${conditions})
    SELECT id FROM met ORDER BY id DESC LIMIT ${most}`
  const near = places ? sql`AND ${inPlaces(places, { space: "n.space_id", notebook: "n.id" })}` : sql``
  return sql`r.id IN (
    (WITH worded AS MATERIALIZED (
        SELECT r.id FROM run r ${WORDS_OF}
        WHERE ${WORDS} ILIKE ${partOf(telling)} AND ${mentions(text)} AND ${conditions})
      SELECT id FROM worded ORDER BY id DESC LIMIT ${most})
    UNION ALL (${newestOf("notebook_id", sql`SELECT n.id FROM notebook n WHERE n.path ILIKE ${part} ${near}`)})
    UNION ALL (${places ? theirs : newestOf("ordered_by", people)})
    UNION ALL (SELECT r.id FROM run r WHERE r.id = ${text}))`
}

function partOf(text: string): string {
  return `%${text.replaceAll(/[\\%_]/gu, "\\$&")}%`
}
