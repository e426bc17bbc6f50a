import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import { afterEach, beforeEach, expect, test } from "vitest"
import { SYSTEM } from "#people/actor.ts"
import { openCheckpoints } from "#people/adapters/checkpoints.ts"
import { audit } from "#people/sql/audit.ts"
import { checkpointAudit, verifyAudit } from "#people/sql/audit-read.ts"
import { type TestPeople, testPeople } from "#people/testing.ts"

let world: TestPeople
let folder = ""
const files = () => ({ keyFile: join(folder, "keys", "audit.key"), file: join(folder, "audit", "checkpoints.jsonl") })

beforeEach(async () => {
  world = await testPeople()
  folder = await mkdtemp(join(tmpdir(), "stet-checkpoints-"))
})
afterEach(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

const record = () => audit(world.db, { actor: SYSTEM, action: "a.b", thing: "x/1", outcome: "done", at: world.clock.now() })

test("a head is signed when the chain has moved on, and finds what was cut off or written anew", async () => {
  const checkpoints = await openCheckpoints(files())
  expect(await checkpoints.heads()).toEqual([])
  await checkpointAudit(world, checkpoints)
  for (let i = 0; i < 3; i++) await record()
  const head = await checkpointAudit(world, checkpoints)
  await checkpointAudit(world, checkpoints)
  expect(await checkpoints.heads()).toEqual([head])
  await record()
  await checkpointAudit(world, await openCheckpoints(files()))
  const heads = await checkpoints.heads()
  expect(heads.map(({ seq }) => seq)).toEqual([3, 4])
  expect(await verifyAudit(world, { heads })).toMatchObject({ ok: true, checked: 4 })
  await world.db.transaction().execute(async (tx) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(tx)
    await sql`DELETE FROM audit_event WHERE seq > 2`.execute(tx)
  })
  expect(await verifyAudit(world, { heads })).toMatchObject({ ok: false, badSeq: 3 })
  // The same record at the same time would be the same link of the chain.
  world.later(1)
  await record()
  expect(await verifyAudit(world, { heads })).toMatchObject({ ok: false, badSeq: 3, why: expect.stringMatching(/written anew/) })
})

test("the key is its owner's alone, and a changed or foreign line is named", async () => {
  const checkpoints = await openCheckpoints(files())
  await record()
  await checkpointAudit(world, checkpoints)
  expect((await stat(files().keyFile)).mode & 0o777).toBe(0o600)
  const text = await readFile(files().file, "utf8")
  await writeFile(files().file, text.replace('"seq":1', '"seq":2'))
  await expect(checkpoints.heads()).rejects.toMatchObject({ code: "checkpoints_damaged", message: expect.stringMatching(/^Line 1 /) })
  const other = await openCheckpoints({ ...files(), keyFile: join(folder, "other.key") })
  await writeFile(files().file, text)
  await expect(other.heads()).rejects.toMatchObject({ code: "checkpoints_damaged" })
  expect(await checkpoints.heads()).toHaveLength(1)
})

test("a line that a crash cut off vouches for nothing and is in nobody's way", async () => {
  const checkpoints = await openCheckpoints(files())
  await record()
  await checkpointAudit(world, checkpoints)
  await appendFile(files().file, '{"seq":2,"ha')
  expect(await checkpoints.heads()).toHaveLength(1)
  await record()
  await checkpointAudit(world, checkpoints)
  expect((await checkpoints.heads()).map(({ seq }) => seq)).toEqual([1, 2])
})

test("two processes that start at once have one key", async () => {
  const both = await Promise.all([openCheckpoints(files()), openCheckpoints(files())])
  await both[0]?.keep({ seq: 1, hash: "a" }, 0)
  expect(await both[1]?.heads()).toEqual([{ seq: 1, hash: "a" }])
})
