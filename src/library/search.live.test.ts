import fc from "fast-check"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { isWellFormed, toWellFormed } from "#base/json.ts"
import { allPages, documentOf, good, place, refusal } from "#library/catalog.testing.ts"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { setTags } from "#library/sql/describe.ts"
import { getNotebook } from "#library/sql/find-notebook.ts"
import { indexVersion } from "#library/sql/index-version.ts"
import { moveNotebook } from "#library/sql/move.ts"
import { type Hit, searchNotebooks } from "#library/sql/search.ts"
import { trashNotebook } from "#library/sql/trash.ts"
import { grant, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import type { Actor, NotebookId, SpaceId } from "#people/index.ts"

let world: TestWorld
let me: Actor
let other: Actor
let sales: SpaceId
let lab: SpaceId
const ids: { [path: string]: NotebookId } = {}

beforeAll(async () => {
  world = await testWorld()
  ;[me, other] = [await person(world.db, "Ann"), await person(world.db, "Ben")]
  await sql`UPDATE person SET login = lower(name) WHERE name IN ('Ann', 'Ben')`.execute(world.db)
  ;[sales, lab] = [await space(world.db, "sales"), await space(world.db, "lab")]
  await grant(world.db, me, { space: sales, role: "editor" })
  await grant(world.db, me, { space: lab, role: "editor" })
  await grant(world.db, other, { space: lab, role: "viewer" })
  const notebooks: readonly (readonly [SpaceId, string, Actor, ...string[]])[] = [
    [sales, "reports/q3.ipynb", me, "# Churn report", "import pandas as pd\ndf = pd.read_csv('churn_by_region.csv')\nloadSalesData(df)"],
    [sales, "reports/churn-model.ipynb", me, "model = fit(customers)"],
    [
      sales,
      "weekly.ipynb",
      other,
      "# Weekly numbers of the whole company",
      "# mentions churn once, far down in a long text about many other things",
      "x = 1",
    ],
    [lab, "売上.ipynb", other, "# 売上データの分析", "print('売上')"],
    [lab, "genes.ipynb", other, "# Gene expression", "import pandas as pd\nresult = analyse(gene_table)"],
    [lab, "old/draft.ipynb", me, "# Gene draft", "draft = True"],
  ]
  for (const [here, path, owner, ...sources] of notebooks) ids[path] = await place(world, { space: here, path, owner, sources })
  good(await setTags(world, me, { notebook: ids["reports/q3.ipynb"]!, tags: ["kpi"] }))
})

afterAll(async () => {
  await world.close()
})

async function hits(query: string, actor = me): Promise<readonly Hit[]> {
  return good(await searchNotebooks(world.db, actor, { query })).items
}

async function found(query: string, actor = me): Promise<readonly string[]> {
  return (await hits(query, actor)).map(({ notebook }) => notebook.path)
}

test.each([
  ["churn", ["reports/churn-model.ipynb", "reports/q3.ipynb", "weekly.ipynb"]],
  ["CHURN report", ["reports/q3.ipynb", "reports/churn-model.ipynb"]],
  ['"churn report"', ["reports/q3.ipynb"]],
  ['"report churn"', []],
  ["pandas", ["genes.ipynb", "reports/q3.ipynb"]],
  ["pandas -churn", ["genes.ipynb"]],
  ['pandas -"read csv"', ["genes.ipynb", "reports/q3.ipynb"]],
  ["read_csv", ["reports/q3.ipynb"]],
  ["pd.read_csv", ["reports/q3.ipynb"]],
  ["csv", ["reports/q3.ipynb"]],
  ["sales data", ["reports/q3.ipynb"]],
  ["region", ["reports/q3.ipynb"]],
  ["custom", ["reports/churn-model.ipynb"]],
  ["売上", ["売上.ipynb"]],
  ["売上データ", ["売上.ipynb"]],
  ["上売", []],
  ["hurn-mo", ["reports/churn-model.ipynb"]],
  ["in:sales churn", ["reports/churn-model.ipynb", "reports/q3.ipynb", "weekly.ipynb"]],
  ["in:sales/reports churn", ["reports/churn-model.ipynb", "reports/q3.ipynb"]],
  ["-in:sales/reports churn", ["weekly.ipynb"]],
  ["in:lab", ["old/draft.ipynb", "genes.ipynb", "売上.ipynb"]],
  ["owner:me gene", ["old/draft.ipynb"]],
  ["owner:BEN gene", ["genes.ipynb"]],
  ["-owner:me gene", ["genes.ipynb"]],
  ["tag:KPI", ["reports/q3.ipynb"]],
  ["-tag:kpi churn", ["reports/churn-model.ipynb", "weekly.ipynb"]],
  ["lang:python gene -draft", ["genes.ipynb"]],
  ["lang:r gene", []],
  ["in:nowhere gene", []],
  ["zzz", []],
])("%s finds %j", async (query, expected) => {
  expect([...(await found(query))].sort()).toEqual([...expected].sort())
})

test("what is called so stands before what mentions it", async () => {
  expect((await found("churn")).at(-1)).toBe("weekly.ipynb")
  expect((await found("gene"))[0]).toMatch(/genes|draft/)
})

test("what was found is shown in its place, as text and ranges", async () => {
  const [hit] = await hits("read_csv churn")
  const shown = hit?.snippets.map(({ where, text, ranges }) => [where, ranges.map(([from, to]) => text.slice(from, to))])
  expect(shown).toEqual([
    ["title", ["Churn"]],
    ["prose", ["Churn"]],
    ["code", ["read_csv", "churn_by_region"]],
  ])
})

test("one finds only what one may read, also by a grant on one notebook and through a token", async () => {
  expect(await found("churn", other)).toEqual([])
  expect((await found("gene", other)).length).toBe(2)
  await grant(world.db, other, { space: sales, notebook: ids["weekly.ipynb"]!, role: "viewer" })
  expect(await found("churn", other)).toEqual(["weekly.ipynb"])
  const token = { ...me, via: { kind: "token", token: "0".repeat(26), scopes: ["read"], space: lab } } as unknown as Actor
  expect(await found("pandas", token)).toEqual(["genes.ipynb"])
  expect(await found("pandas", await person(world.db, "nobody"))).toEqual([])
})

test("the index follows what is saved, moved, and put into the trash", async () => {
  const id = await place(world, { space: sales, path: "zebra.ipynb", owner: me, sources: ["stripes = 2"] })
  expect([await found("zebra"), await found("stripes")]).toEqual([["zebra.ipynb"], ["zebra.ipynb"]])
  await world.db.transaction().execute((tx) => indexVersion(tx, { notebook: id, document: documentOf("spots = 3"), hasParameters: false }))
  expect([await found("stripes"), await found("spots")]).toEqual([[], ["zebra.ipynb"]])
  good(await moveNotebook(world, me, { notebook: id, path: "okapi/herd.ipynb" }))
  expect([await found("zebra"), await found("okapi spots"), await found("herd")]).toEqual([[], ["okapi/herd.ipynb"], ["okapi/herd.ipynb"]])
  good(await trashNotebook(world, me, id))
  expect([await found("spots"), await found("herd")]).toEqual([[], []])
})

test("common words are looked for among what was edited last, page by page", async () => {
  const here = await space(world.db, "many")
  await grant(world.db, me, { space: here, role: "viewer" })
  await sql`INSERT INTO notebook (id, space_id, path, title, owner_id, created_at, updated_at)
    SELECT upper(lpad(to_hex(i), 26, '0')), ${here}, i || '.ipynb', 'n' || i, ${me.id}, now(), to_timestamp(1800000000 + i) FROM generate_series(1, 6000) i`.execute(
    world.db,
  )
  await sql`INSERT INTO search_text (notebook_id, space_id, prose, code, outputs, words)
    SELECT id, space_id, '', 'ubiquitous', '', ('''ubiquitous'':1C ''/' || space_id || ''':1A')::tsvector FROM notebook WHERE space_id = ${here}`.execute(
    world.db,
  )
  const page = good(await searchNotebooks(world.db, me, { query: "ubiquitous", limit: 100 }))
  expect(page.isPartial).toBe(true)
  const all = await allPages((cursor) => searchNotebooks(world.db, me, { query: "ubiquitous", limit: 100, ...(cursor ? { cursor } : {}) }))
  expect(all.length).toBe(200)
  expect(new Set(all.map(({ notebook }) => notebook.id)).size).toBe(200)
  expect(Math.min(...all.map(({ notebook }) => Number(notebook.title.slice(1))))).toBe(5801)
  expect(good(await searchNotebooks(world.db, me, { query: "churn" })).isPartial).toBe(false)
  const rare = await allPages((cursor) => searchNotebooks(world.db, me, { query: "churn", limit: 1, ...(cursor ? { cursor } : {}) }))
  expect(rare.map(({ notebook }) => notebook.path)).toEqual(await found("churn"))
  await sql`DELETE FROM notebook WHERE space_id = ${here}`.execute(world.db)
})

test("whatever is typed is answered, and whatever a notebook says is indexed and found by its words", async () => {
  for (const text of NAUGHTY_TEXTS) {
    const answer = await searchNotebooks(world.db, me, { query: text })
    if (!answer.ok) expect(answer.refusal.refused, text).toBe("bad_query")
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 80 }), fc.string({ unit: "binary", maxLength: 30 }), async (text, typed) => {
      await world.db.transaction().execute((tx) =>
        indexVersion(tx, {
          notebook: ids["weekly.ipynb"]!,
          document: documentOf(`# ${toWellFormed(text)}`, toWellFormed(text)),
          hasParameters: false,
        }),
      )
      expect(["none", "bad_query"]).toContain(refusal(await searchNotebooks(world.db, me, { query: typed })))
    }),
    { numRuns: 60 },
  )
  let looked = 0
  // Half a character is in no file, so in no notebook.
  for (const text of NAUGHTY_TEXTS.filter(isWellFormed)) {
    await world.db
      .transaction()
      .execute((tx) => indexVersion(tx, { notebook: ids["weekly.ipynb"]!, document: documentOf(text), hasParameters: false }))
    const answer = await searchNotebooks(world.db, me, { query: `"${text.replaceAll('"', " ").slice(0, 400)}"` })
    if (!answer.ok) continue
    looked++
    expect(
      answer.value.items.map(({ notebook }) => notebook.path),
      text,
    ).toContain("weekly.ipynb")
  }
  expect(looked).toBeGreaterThan(45)
})

test("a notebook of more words than an index entry can hold is indexed as far as it goes", async () => {
  const words = Array.from({ length: 200_000 }, (_, i) => `w${i.toString(36)}é`)
  const id = await place(world, { space: sales, path: "huge.ipynb", owner: me, sources: [words.join(" "), "x".repeat(2_000_000), "tail = 1"] })
  expect(await found("w1é")).toEqual(["huge.ipynb"])
  const size = await sql<{ bytes: number }>`SELECT octet_length(words::text) AS bytes FROM search_text WHERE notebook_id = ${id}`.execute(world.db)
  expect(size.rows[0]?.bytes).toBeGreaterThan(500_000)
  expect(good(await getNotebook(world.db, me, id)).title).toBe("huge")
})
