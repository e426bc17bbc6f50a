import { readFile } from "node:fs/promises"
import pg from "pg"
import { expect, test } from "vitest"
import { dumpSchema } from "#database/index.ts"
import { dropDatabase, emptyDatabase, MIGRATIONS } from "#database/testing.ts"

test("db/schema.sql and tables.ts are what the migrations give", async () => {
  const { schema, types } = await dumpSchema(await emptyDatabase("stet"))
  expect(schema).toBe(await readFile(`${MIGRATIONS}/schema.sql`, "utf8"))
  expect(types).toBe(await readFile(new URL("tables.ts", import.meta.url), "utf8"))
})

test("the text of a schema, read as SQL, gives the same schema again", async () => {
  const { schema } = await dumpSchema(await emptyDatabase("stet"))
  const copy = await emptyDatabase("template0")
  const client = new pg.Client({ connectionString: copy })
  await client.connect()
  await client.query(schema)
  await client.end()
  expect((await dumpSchema(copy)).schema).toBe(schema)
  await dropDatabase(copy)
})

test("whatever a schema may hold is told: defaults, checks, computed and counted columns, views, triggers, sequences", async () => {
  const url = await emptyDatabase("template0")
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`
    CREATE DOMAIN short AS text COLLATE "C" CHECK (length(VALUE) < 9);
    CREATE SEQUENCE counter AS bigint START 7;
    CREATE TABLE thing (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL DEFAULT 'a' CHECK (kind IN ('a', 'b')),
      code short,
      size integer,
      twice integer GENERATED ALWAYS AS (size * 2) STORED,
      made timestamptz NOT NULL DEFAULT now(),
      gone timestamptz,
      more jsonb NOT NULL,
      maybe jsonb,
      words text[] NOT NULL,
      bytes bytea
    );
    CREATE INDEX thing_code ON thing (code) WHERE code IS NOT NULL;
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER never BEFORE DELETE ON thing FOR EACH ROW EXECUTE FUNCTION nothing();
    CREATE VIEW small AS SELECT id FROM thing WHERE size < 3;
  `)
  await client.end()
  const { schema, types } = await dumpSchema(url)
  expect(schema).toContain(`CREATE DOMAIN short AS text COLLATE "C" CHECK ((length(VALUE) < 9));`)
  expect(schema).toContain("CREATE SEQUENCE counter AS bigint START 7 INCREMENT 1;")
  expect(schema).toContain(`CREATE TABLE thing (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text DEFAULT 'a'::text NOT NULL,
  code short,
  size integer,
  twice integer GENERATED ALWAYS AS ((size * 2)) STORED,
  made timestamp with time zone DEFAULT now() NOT NULL,
  gone timestamp with time zone,
  more jsonb NOT NULL,
  maybe jsonb,
  words text[] NOT NULL,
  bytes bytea,
  CONSTRAINT thing_pkey PRIMARY KEY (id),
  CONSTRAINT thing_kind_check CHECK ((kind = ANY (ARRAY['a'::text, 'b'::text])))
);
CREATE INDEX thing_code ON thing USING btree (code) WHERE (code IS NOT NULL);
CREATE TRIGGER never BEFORE DELETE ON thing FOR EACH ROW EXECUTE FUNCTION nothing();`)
  expect(schema).toContain("CREATE VIEW small AS\n")
  expect(types).toContain(`type ThingTable = {
  id: Generated<number>
  kind: Generated<"a" | "b">
  code: string | null
  size: number | null
  twice: Computed<number | null>
  made: Generated<Timestamp>
  gone: MaybeTimestamp
  more: Jsonb
  maybe: MaybeJsonb
  words: string[]
  bytes: Uint8Array | null
}`)
  await dropDatabase(url)
})
