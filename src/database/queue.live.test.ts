import PgBoss from "pg-boss"
import { expect, test } from "vitest"
import { dumpSchema, QUEUE_SCHEMA, queueInTransaction, queueOnPool } from "#database/index.ts"
import { freshDatabase } from "#database/testing.ts"

test("an order and its run are there together or not at all, and the queue's tables are nobody else's", async () => {
  const database = await freshDatabase()
  const before = await dumpSchema(database.url)
  const boss = new PgBoss({ db: queueOnPool(database), schema: QUEUE_SCHEMA, supervise: false, schedule: false })
  boss.on("error", (error) => {
    throw error
  })
  await boss.start()
  await boss.createQueue("run")
  const worker = { id: "01HZZZZZZZZZZZZZZZZZZZZZZZ", host: "h", pid: 1, slots: 1, started_at: new Date(0), seen_at: new Date(0) }

  const refused = database.db.transaction().execute(async (tx) => {
    await tx.insertInto("worker").values(worker).execute()
    expect(await boss.send("run", { run: "a" }, { db: queueInTransaction(tx) })).toMatch(/^[0-9a-f-]{36}$/)
    throw new Error("no")
  })
  await expect(refused).rejects.toThrow("no")
  expect(await boss.fetch("run")).toEqual([])

  await database.db.transaction().execute(async (tx) => {
    await tx.insertInto("worker").values(worker).execute()
    await boss.send("run", { run: "b" }, { db: queueInTransaction(tx), priority: 3 })
  })
  const [job] = await boss.fetch<{ run: string }>("run", { includeMetadata: true })
  expect(job?.data).toEqual({ run: "b" })
  expect((job as { createdOn?: unknown })?.createdOn).toBeInstanceOf(Date)
  await boss.complete("run", job?.id ?? "")
  expect(await boss.getQueueSize("run")).toBe(0)
  await boss.stop({ graceful: false })

  expect(await dumpSchema(database.url)).toEqual(before)
  await database.close()
})
