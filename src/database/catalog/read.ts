/** What stands in a database, read from PostgreSQL's catalogs (there is no pg_dump beside the embedded server). */
import type pg from "pg"

export type Column = {
  readonly name: string
  /** As it is declared: `text`, `ulid`, `timestamp with time zone`, `text[]`. */
  readonly type: string
  /** What a domain stands on; else the type itself. */
  readonly base: string
  readonly collation: string
  readonly isRequired: boolean
  /** Expression, empty when there is none. */
  readonly byDefault: string
  readonly identity: "" | "a" | "d"
  readonly generated: "" | "s" | "v"
}

export type Constraint = { readonly name: string; readonly kind: "p" | "u" | "c" | "f" | "x"; readonly definition: string }

export type Table = {
  readonly name: string
  readonly columns: readonly Column[]
  readonly constraints: readonly Constraint[]
  /** CREATE INDEX …, of those that no constraint made. */
  readonly indexes: readonly string[]
  readonly triggers: readonly string[]
}

export type Catalog = {
  readonly extensions: readonly string[]
  readonly domains: readonly { readonly name: string; readonly base: string; readonly collation: string; readonly checks: readonly string[] }[]
  readonly functions: readonly string[]
  readonly sequences: readonly string[]
  readonly tables: readonly Table[]
  readonly views: readonly { readonly name: string; readonly definition: string }[]
}

type Asking = Pick<pg.ClientBase, "query">

/** Everything of the schema `public` but Stet's own record of migrations and what extensions brought. */
export async function readCatalog(client: Asking): Promise<Catalog> {
  const ask = async <Row>(sql: string): Promise<readonly Row[]> => (await client.query(sql)).rows as readonly Row[]
  const names = async (sql: string) => (await ask<{ text: string }>(sql)).map(({ text }) => text)
  // Names are printed in full unless their schema is searched.
  await client.query("SET search_path TO public, pg_catalog")
  const tables = await ask<Omit<Table, "indexes" | "triggers">>(TABLES)
  const indexes = await ask<{ table: string; text: string }>(INDEXES)
  const triggers = await ask<{ table: string; text: string }>(TRIGGERS)
  const of = (list: readonly { table: string; text: string }[], table: string) => list.filter((each) => each.table === table).map(({ text }) => text)
  return {
    extensions: await names("SELECT extname AS text FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"),
    domains: await ask(DOMAINS),
    functions: await names(FUNCTIONS),
    sequences: await names(SEQUENCES),
    tables: tables.map((table) => ({ ...table, indexes: of(indexes, table.name), triggers: of(triggers, table.name) })),
    views: await ask(VIEWS),
  }
}

/** No member of an extension, and in our schema. */
const ours = (oid: string, catalog: string, namespace: string) =>
  `${namespace} = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = ${oid} AND e.classid = '${catalog}'::regclass AND e.deptype = 'e')`

const collation = (of: string, type: string) =>
  `COALESCE((SELECT quote_ident(c.collname) FROM pg_collation c, pg_type u WHERE c.oid = ${of} AND u.oid = ${type} AND ${of} <> u.typcollation), '')`

const COLUMNS = `
  SELECT json_agg(json_build_object(
    'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'base', format_type(COALESCE(NULLIF(t.typbasetype, 0), t.oid), NULL),
    'collation', ${collation("a.attcollation", "a.atttypid")},
    'isRequired', a.attnotnull, 'byDefault', COALESCE(pg_get_expr(d.adbin, d.adrelid), ''),
    'identity', a.attidentity, 'generated', a.attgenerated) ORDER BY a.attnum)
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped`

// Since version 18 NOT NULL is a constraint too ("n"); the column says it already.
const CONSTRAINTS = `
  SELECT COALESCE(json_agg(json_build_object('name', c.conname, 'kind', c.contype, 'definition', pg_get_constraintdef(c.oid))
    ORDER BY position(c.contype::text IN 'pucxf'), c.conname COLLATE "C"), '[]')
  FROM pg_constraint c WHERE c.conrelid = r.oid AND c.contype IN ('p', 'u', 'c', 'f', 'x')`

const TABLES = `
  SELECT r.relname AS name, (${COLUMNS}) AS columns, (${CONSTRAINTS}) AS constraints
  FROM pg_class r WHERE r.relkind IN ('r', 'p') AND ${ours("r.oid", "pg_class", "r.relnamespace")} AND r.relname <> 'migration'
  ORDER BY r.relname COLLATE "C"`

const INDEXES = `
  SELECT t.relname AS table, pg_get_indexdef(i.indexrelid) AS text
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
  WHERE t.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
  ORDER BY n.relname COLLATE "C"`

const TRIGGERS = `
  SELECT t.relname AS table, pg_get_triggerdef(g.oid) AS text
  FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
  WHERE NOT g.tgisinternal AND t.relnamespace = 'public'::regnamespace ORDER BY g.tgname COLLATE "C"`

const DOMAINS = `
  SELECT t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS base, ${collation("t.typcollation", "t.typbasetype")} AS collation,
    (SELECT COALESCE(json_agg(pg_get_constraintdef(c.oid) ORDER BY c.conname COLLATE "C"), '[]') FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c') AS checks
  FROM pg_type t WHERE t.typtype = 'd' AND ${ours("t.oid", "pg_type", "t.typnamespace")} ORDER BY t.typname COLLATE "C"`

const FUNCTIONS = `
  SELECT pg_get_functiondef(p.oid) AS text FROM pg_proc p
  WHERE p.prokind IN ('f', 'p') AND ${ours("p.oid", "pg_proc", "p.pronamespace")} ORDER BY p.proname COLLATE "C", p.oid::regprocedure::text COLLATE "C"`

// Those of identity columns belong to the column.
const SEQUENCES = `
  SELECT format('CREATE SEQUENCE %I AS %s START %s INCREMENT %s', c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement) AS text
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
  WHERE ${ours("c.oid", "pg_class", "c.relnamespace")} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
  ORDER BY c.relname COLLATE "C"`

const VIEWS = `
  SELECT r.relname AS name, pg_get_viewdef(r.oid) AS definition
  FROM pg_class r WHERE r.relkind = 'v' AND ${ours("r.oid", "pg_class", "r.relnamespace")} ORDER BY r.relname COLLATE "C"`
