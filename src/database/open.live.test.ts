import { expect, test } from "vitest"
import { parse } from "#base/json.ts"
import { at, toJsonb } from "#database/index.ts"
import { freshDatabase } from "#database/testing.ts"

const ID = "01HZZZZZZZZZZZZZZZZZZZZZZZ"

test("a row comes back as it was written: instants in milliseconds, counts as numbers, JSON to the last digit", async () => {
  const { db, close } = await freshDatabase()
  const facts = parse('{"a": 1.0, "b": [1, "x"], "big": 9007199254740993}')
  if (!facts.ok) throw new Error("unreadable")
  await db
    .insertInto("worker")
    .values({ id: ID, host: "h", pid: 1, slots: 2, started_at: new Date(1_700_000_000_123), seen_at: new Date(5), facts: toJsonb(facts.value) })
    .execute()
  const row = await db.selectFrom("worker").selectAll().where("seen_at", "<", at(6)).executeTakeFirstOrThrow()
  expect(row).toMatchObject({ started_at: 1_700_000_000_123, seen_at: 5, facts: facts.value, draining: false })
  await close()
})
