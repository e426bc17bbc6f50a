/** Who says that a run is lost, tries it again or stops it dies on the way (../crash-points.ts): it ends once, and as it has to. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ENDING_POINTS } from "../crash-points.ts"
import { type Stand, until } from "../stand.ts"
import { type Case, ended, holds, launched, printing, putCells, settled, sure, type Trial } from "../trial.ts"
import { type Watching, watch } from "../watch.ts"
import { PRINTED } from "./crashes.ts"

type Name = keyof typeof ENDING_POINTS

const NAMES = Object.keys(ENDING_POINTS) as Name[]
const STOPPING = NAMES.filter((name) => name.startsWith("cancel"))
const LOSING = NAMES.filter((name) => !STOPPING.includes(name))

export const ENDINGS: readonly Case[] = [
  { name: "who says that a run is lost or tries it again dies at each named instant: it ends once, and as it has to", run: endings(LOSING) },
  { name: "who stops a run dies at each named instant: it ends once, and as it has to", run: endings(STOPPING) },
]

type Done = { keyless: number; readonly notebook: string; readonly watches: Watching[] }

function endings(names: readonly Name[]): Case["run"] {
  return (trial) => endingsAt(names, trial)
}

async function endingsAt(names: readonly Name[], { stand: begin, tell }: Trial): Promise<void> {
  // No lease is over before it is made so.
  const stand = await begin({ scripted: true, mortal: true, workerEnv: { STET_LEASE_SECONDS: "60" } })
  const notebook = await putCells(stand, "endings.ipynb", "script", ["cell 0", "cell 1"])
  const done: Done = { keyless: 0, notebook, watches: [] }
  for (const name of names) {
    const since = performance.now()
    await at(stand, done, name)
    tell(`${name}: held, ${Math.round(performance.now() - since)} ms`)
  }
  const seen = await Promise.all(done.watches.map((watching) => watching.done))
  holds(await settled(stand, [notebook]), { keys: [], keyless: done.keyless, seen, printed: PRINTED })
}

function at(stand: Stand, done: Done, name: Name): Promise<void> {
  switch (name) {
    case "loss not written":
      return lost(stand, done, { name, between: "running", attempts: ["lost"] })
    case "loss written, nobody told":
      return lost(stand, done, { name, between: "lost", attempts: ["lost"] })
    // All of the transaction or nothing of it.
    case "put back into the queue, its job not":
      return lost(stand, done, { name, between: "running", attempts: ["lost", "succeeded"] })
    case "put back into the queue, nobody told":
      return lost(stand, done, { name, between: "queued", attempts: ["lost", "succeeded"] })
    case "retry not written":
      return retried(stand, { name, between: "lost" })
    case "retry written, not answered":
      return retried(stand, { name, between: "queued" })
    case "cancel not written":
      return cancelled(stand, done, { name, between: "run" })
    case "cancel written, not answered":
      return cancelled(stand, done, { name, between: "cancel" })
    case "cancel told, not obeyed":
    case "cancel obeyed, not written":
    case "cancel written, journal not released":
      return stopped(stand, done, name)
  }
}

type Losing = { readonly name: Name; readonly between: string; readonly attempts: readonly string[] }

/** Its worker is dead, and so is who says so. */
async function lost(stand: Stand, done: Done, { name, between, attempts }: Losing): Promise<void> {
  const mayRetry = attempts.length > 1
  const id = await underWay(stand, done.notebook, mayRetry)
  done.keyless++
  done.watches.push(watch(stand.client(), id))
  await stand.kill("worker")
  await stand.doom(name)
  await expire(stand, id)
  await stand.hasDied("server")
  sure((await rowOf(stand, id)).state === between, `${name}: in between it was ${(await rowOf(stand, id)).state}, not ${between}`)
  await stand.startPart("server")
  await until(`${name}: who comes next says so`, async () => (await rowOf(stand, id)).state === (mayRetry ? "queued" : "lost"))
  await stand.startPart("worker")
  await endsWith(stand, id, { name, attempts })
}

/** A retry whose answer never comes is asked for again: it is one attempt. */
async function retried(stand: Stand, { name, between }: { readonly name: Name; readonly between: string }): Promise<void> {
  // Asked to run once more it ends once more: not what is held of all others.
  const notebook = await putCells(stand, `${name}.ipynb`, "script", ["cell 0", "cell 1"])
  const id = await underWay(stand, notebook, false)
  await stand.kill("worker")
  await expire(stand, id)
  await ended(stand, [id], 60_000)
  await stand.doom(name)
  // It is asked once: what it says itself must be known.
  const asking = stand
    .client({ patienceMs: 200 })
    .call("retryRun", { params: { run: id } })
    .then(
      () => "answered",
      () => "not answered",
    )
  await stand.hasDied("server")
  sure((await asking) === "not answered", `${name}: it was answered`)
  sure((await rowOf(stand, id)).state === between, `${name}: in between it was ${(await rowOf(stand, id)).state}, not ${between}`)
  await stand.startPart("server")
  const again = await stand.client().call("retryRun", { params: { run: id } })
  sure(again.attempt === 2, `${name}: asked for again it is attempt ${again.attempt}`)
  await stand.startPart("worker")
  await endsWith(stand, id, { name, attempts: ["lost", "succeeded"] })
  const { db } = stand.database
  const told = await db.selectFrom("run_event").select("what").where("run_id", "=", id).where("type", "=", "state").orderBy("seq").execute()
  const ends = told.map(({ what }) => (what as { state?: string }).state ?? "").filter((state) => state === "lost" || state === "succeeded")
  sure(ends.join() === "lost,succeeded", `${name}: it was told to have ended: ${ends.join(", ")}`)
}

/** The worker lives, and the server dies that was asked: the asking comes again. */
async function cancelled(stand: Stand, done: Done, { name, between }: { readonly name: Name; readonly between: string }): Promise<void> {
  const id = await underWay(stand, done.notebook, false)
  done.keyless++
  done.watches.push(watch(stand.client(), id))
  await stand.doom(name)
  const asking = stand.client().call("cancelRun", { params: { run: id }, body: { reason: "enough" } })
  await stand.hasDied("server")
  sure((await rowOf(stand, id)).desired === between, `${name}: in between it was to ${(await rowOf(stand, id)).desired}, not ${between}`)
  await stand.startPart("server")
  await asking
  await endsWith(stand, id, { name, attempts: ["cancelled"] })
}

/** The worker dies that is to stop it. */
async function stopped(stand: Stand, done: Done, name: Name): Promise<void> {
  const id = await underWay(stand, done.notebook, true)
  done.keyless++
  done.watches.push(watch(stand.client(), id))
  await stand.doom(name)
  await stand.client().call("cancelRun", { params: { run: id }, body: { reason: "enough" } })
  await stand.hasDied("worker")
  // Nothing on disk says that it was stopped: it is over when its lease is, and is not tried again.
  if (name === "cancel told, not obeyed") {
    await expire(stand, id)
    await ended(stand, [id], 60_000)
  }
  await stand.startPart("worker")
  await endsWith(stand, id, { name, attempts: ["cancelled"] })
}

/** A run that has printed something, and then stands still. */
async function underWay(stand: Stand, notebook: string, mayRetry: boolean): Promise<string> {
  const mark = join(stand.home, "still")
  writeFileSync(mark, "")
  const retry = mayRetry ? { retry: { maxAttempts: 2, backoffSeconds: 0 } } : {}
  const [id = ""] = await launched(stand.client(), 1, { notebook, ...retry })
  await printing(stand, [id])
  await until("it stands still", async () => (await rowOf(stand, id)).state === "running")
  rmSync(mark)
  return id
}

async function expire(stand: Stand, id: string): Promise<void> {
  await stand.database.db
    .updateTable("run")
    .set({ lease_until: new Date(0) })
    .where("id", "=", id)
    .execute()
}

async function rowOf(stand: Stand, id: string): Promise<{ readonly state: string; readonly desired: string }> {
  return stand.database.db.selectFrom("run").select(["state", "desired"]).where("id", "=", id).executeTakeFirstOrThrow()
}

async function endsWith(stand: Stand, id: string, { name, attempts }: { readonly name: Name; readonly attempts: readonly string[] }): Promise<void> {
  const [state] = await ended(stand, [id], 60_000)
  sure(state === attempts.at(-1), `${name}: the run is ${state}`)
  const { items } = await stand.client().call("listAttempts", { params: { run: id } })
  const found = items.map((attempt) => attempt.state).join()
  sure(found === attempts.join(), `${name}: its attempts ended ${found}, not ${attempts.join()}`)
}
