import { mkdtemp, rm } from "node:fs/promises"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import { expect, test } from "vitest"
import { openListener } from "#database/listen.ts"
import { freshDatabase } from "#database/testing.ts"

test("a connection that falls silent without being closed is given up, and what was missed is looked for", async () => {
  const { db, url, close } = await freshDatabase()
  const place = await mkdtemp(join(tmpdir(), "stet-test-silent-"))
  const upstreamPath = `${new URL(url).searchParams.get("host")}/.s.PGSQL.5432`
  const open: Socket[] = []
  const between = createServer((client) => {
    const upstream = connect(upstreamPath)
    for (const each of [client, upstream]) open.push(each.on("error", () => undefined))
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => between.listen(`${place}/.s.PGSQL.5432`, resolve))
  const listener = openListener({ connectionString: url.replace(/host=.*/, `host=${encodeURIComponent(place)}`) }, { everyMs: 50, answerMs: 200 })
  const heard: (string | undefined)[] = []
  await listener.listen("news", (payload) => heard.push(payload))
  const say = (payload: string) => sql`SELECT pg_notify('news', ${payload})`.execute(db)
  const until = async (count: number) => {
    for (const end = performance.now() + 10_000; heard.length < count && performance.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 5))
    return heard.splice(0)
  }
  await say("1")
  expect(await until(1)).toEqual(["1"])
  // Both ends stay open and nothing passes any more.
  for (const each of open.splice(0)) each.unpipe().pause()
  await say("2")
  expect(await until(1)).toEqual([undefined])
  await say("3")
  expect(await until(1)).toEqual(["3"])
  await listener.close()
  between.close()
  for (const each of open) each.destroy()
  await close()
  await rm(place, { recursive: true })
})
