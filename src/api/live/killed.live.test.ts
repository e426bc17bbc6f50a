import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import * as Y from "yjs"
import { connect, type LiveClient } from "#api/live/testing.ts"
import { ipynb } from "#api/testing.ts"
import { type FreshDatabase, freshDatabase } from "#database/testing.ts"
import { insertCell, openDraft } from "#draft/index.ts"
import { chanceOf } from "#draft/testing.ts"
import { grant, person, space } from "#library/testing.ts"
import { openPeople } from "#people/adapters/world.ts"
import { createToken } from "#people/index.ts"
import { systemClock } from "#run/adapters/system.ts"

/** The whole twenty with STET_TEST_KILLS=20. */
const KILLS = Number(process.env["STET_TEST_KILLS"] ?? 2)
const SERVER = fileURLToPath(new URL("../../server.ts", import.meta.url))

let database: FreshDatabase
let home: string
let port: number
let token: string
let server: ChildProcess | undefined

beforeAll(async () => {
  database = await freshDatabase()
  home = await mkdtemp(join(tmpdir(), "stet-killed-"))
  port = await freePort()
  const ada = await person(database.db, "Ada", { isAdmin: true })
  await grant(database.db, ada, { space: await space(database.db, "lab"), role: "admin" })
  const minted = await createToken(openPeople({ db: database.db, clock: systemClock }), ada, {
    name: "test",
    scopes: ["read", "run", "edit"],
    days: 1,
  })
  if (!minted.ok) throw new Error(minted.refusal.message)
  token = minted.value.token
})
afterAll(async () => {
  server?.kill("SIGKILL")
  await database.close()
  await rm(home, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === "object" && address ? address.port : 0
}

async function start(): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: home, STET_HOME: home, STET_PORT: String(port), DATABASE_URL: database.url }
  const child = spawn(process.execPath, [SERVER], { env, stdio: ["ignore", "ignore", "inherit"] })
  server = child
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const said = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined)
    if (said?.ok) return
    await delay(100)
  }
  throw new Error("the server did not come up")
}

async function kill(): Promise<void> {
  const child = server as ChildProcess
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGKILL")
  await gone
}

/** As a page does it: again and again until the draft is to be had. */
async function reach(notebook: string, doc = new Y.Doc()): Promise<LiveClient> {
  const url = `ws://127.0.0.1:${port}/api/v1/notebooks/${notebook}/live`
  for (let tries = 0; tries < 200; tries++) {
    const client = connect({ url, doc, headers: { authorization: `Bearer ${token}` } })
    if (
      await client.synced.then(
        () => true,
        () => false,
      )
    )
      return client
    await delay(100)
  }
  throw new Error("the draft did not come back")
}

const said = (doc: Y.Doc) =>
  openDraft(doc)
    .cells()
    .map(({ text }) => text)
    .join("\n")
const times = (text: string, token: string) => text.split(token).length - 1

test(`what was acknowledged is there after the server was killed ${KILLS} times in the middle, and all come together`, {
  timeout: 30_000 + KILLS * 30_000,
}, async () => {
  await start()
  const made = await fetch(`http://127.0.0.1:${port}/api/v1/notebooks?space=lab&path=n.ipynb`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
    body: Buffer.from(ipynb("start")),
  })
  const { notebook } = (await made.json()) as { notebook: { id: string } }
  const chance = chanceOf(11)
  const docs = [new Y.Doc(), new Y.Doc()]
  const typed: string[] = []
  for (let round = 0; round < KILLS; round++) {
    const clients = await Promise.all(docs.map((doc) => reach(notebook.id, doc)))
    await Promise.all(clients.map((client) => client.settled()))
    const before = clients.map(() => [] as string[])
    const until = performance.now() + 150 + chance(400)
    while (performance.now() < until) {
      for (const [i, { doc, draft }] of clients.entries()) {
        const mark = `<${round}.${i}.${typed.length}>`
        const cells = draft.cells()
        const cell = cells[chance(cells.length)]
        if (!cell || chance(10) === 0) insertCell(doc, { at: 0, type: "code" })
        else {
          cell.source.insert(cell.source.length, mark)
          typed.push(mark)
          before[i]?.push(mark)
        }
      }
      await delay(5)
    }
    await kill()
    const acknowledged = clients.map((client, i) => before[i]?.slice(0, Math.max(0, (before[i]?.length ?? 0) - client.unkept)) ?? [])
    await Promise.all(clients.map((client) => client.closed))
    await start()
    // Somebody who knows nothing of it looks before those come back who have it all.
    const fresh = await reach(notebook.id)
    for (const mark of acknowledged.flat()) expect(times(said(fresh.doc), mark), `${mark} in round ${round}`).toBe(1)
    await fresh.close()
  }
  const clients = await Promise.all(docs.map((doc) => reach(notebook.id, doc)))
  await Promise.all(clients.map((client) => client.settled()))
  const last = await reach(notebook.id)
  for (const { doc } of clients) await expect.poll(() => said(doc), { timeout: 10_000 }).toBe(said(last.doc))
  for (const mark of typed) expect(times(said(last.doc), mark), mark).toBe(1)
  expect(typed.length).toBeGreaterThan(KILLS * 5)
  await Promise.all([...clients, last].map((client) => client.close()))
})
