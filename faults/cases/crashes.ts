/** Server and worker die at instants that have a name (../crash-points.ts): at each of them one thing is done and the next is not. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ApiProblem, type Client, Unreachable } from "../../src/api/client.ts"
import { WORKING_POINTS } from "../crash-points.ts"
import { digestOf, notebookBytes } from "../notebooks.ts"
import type { Stand } from "../stand.ts"
import { type Case, ended, holds, launched, putCells, settled, sure, type Trial } from "../trial.ts"
import { type Watching, watch } from "../watch.ts"

export const CRASHES: readonly Case[] = [
  { name: "server and worker die at each named instant: what was answered is there, and each run ends once", run: crashes },
]

type CrashName = keyof typeof WORKING_POINTS

/** As faults/scripted-worker.ts prints it. */
export const PRINTED = ["cell 0", "cell 1"].flatMap((code) => Array.from({ length: 5 }, (_, line) => `${code} ${line}\n`)).join("")

/** What was said of all that was done, for the question at the end. */
type Done = { keyless: number; readonly keys: string[]; readonly notebooks: string[]; readonly watches: Watching[] }

async function crashes({ stand: begin, tell }: Trial): Promise<void> {
  // No lease is over before somebody has looked at what is left.
  const stand = await begin({ scripted: true, mortal: true, workerEnv: { STET_LEASE_SECONDS: "60" } })
  const notebook = await putCells(stand, "crashes.ipynb", "script", ["cell 0", "cell 1"])
  const done: Done = { keyless: 0, keys: [], notebooks: [notebook], watches: [] }
  for (const name of Object.keys(WORKING_POINTS) as CrashName[]) {
    const since = performance.now()
    await at(stand, done, name)
    tell(`${name}: held, ${Math.round(performance.now() - since)} ms`)
  }
  const seen = await Promise.all(done.watches.map((watching) => watching.done))
  holds(await settled(stand, done.notebooks), { ...done, seen, printed: PRINTED })
}

function at(stand: Stand, done: Done, name: CrashName): Promise<void> {
  switch (name) {
    case "order not written":
      return ordered(stand, done, { name, answer: 201 })
    case "order written, not answered":
      return ordered(stand, done, { name, answer: 200 })
    case "blob of a version without its name":
    case "blob of a version written, its row not":
      return saved(stand, done, { name, versions: 1 })
    case "version written, not answered":
      return saved(stand, done, { name, versions: 2 })
    // Nobody knew of it but the worker that is gone: as if nothing had been.
    case "job taken, lease not written":
      return worked(stand, done, { name, attempts: ["succeeded"] })
    case "lease written, nothing begun":
      return worked(stand, done, { name, attempts: ["lost", "succeeded"] })
    case "output recorded, not told":
    case "output told":
      // It must not be over before anything of it is told.
      return worked(stand, done, { name, attempts: ["lost", "succeeded"], still: true })
    // The journal says that the run has ended, so it has.
    case "blob of a result without its name":
    case "blob of a result written, the end not":
    case "end written, journal not released":
      return worked(stand, done, { name, attempts: ["succeeded"] })
  }
}

/** An order whose answer never comes is sent again under its key: it is one run. */
async function ordered(stand: Stand, done: Done, { name, answer }: { readonly name: CrashName; readonly answer: number }): Promise<void> {
  const [notebook = ""] = done.notebooks
  await stand.doom(name)
  const client = stand.client()
  const key = `key of "${name}"`
  const launching = client.reply("launchRun", { body: { notebook }, idempotencyKey: key })
  await stand.hasDied("server")
  await stand.startPart("server")
  const { status, value } = await launching
  sure(status === answer, `${name}: it was answered with ${status}, not ${answer}`)
  done.keys.push(key)
  done.watches.push(watch(client, value.id))
  const states = await ended(stand, [value.id], 60_000)
  sure(states[0] === "succeeded", `${name}: the run is ${states[0]}`)
}

/** A version whose answer never comes is there, whole, or it is not; saved again it is there, once. */
async function saved(stand: Stand, done: Done, { name, versions }: { readonly name: CrashName; readonly versions: number }): Promise<void> {
  const path = `${name}.ipynb`
  const notebook = await putCells(stand, path, "script", ["cell 0", "cell 1"])
  done.notebooks.push(notebook)
  const client = stand.client()
  const bytes = withOutput(name)
  const save = (by: Client) => by.call("createNotebook", { query: { space: "faults", path, base: 1 }, body: bytes })
  await stand.doom(name)
  // It is asked once: what it says itself must be known.
  const saving = save(stand.client({ patienceMs: 200 })).then(
    () => "answered",
    (error: unknown) => (error instanceof Unreachable || error instanceof ApiProblem ? "not answered" : Promise.reject(error)),
  )
  await stand.hasDied("server")
  sure((await saving) === "not answered", `${name}: it was answered`)
  await stand.startPart("server")
  sure((await digests(client, notebook)).length === versions, `${name}: there are ${await digests(client, notebook)}`)
  await save(client)
  const kept = await digests(client, notebook)
  sure(kept.length === 2 && kept[0] === digestOf(bytes), `${name}: saved again, there are ${kept}`)
}

/** One so long that it is a blob of its own. */
function withOutput(name: string): Uint8Array {
  const notebook = JSON.parse(new TextDecoder().decode(notebookBytes("script", ["cell 0"]))) as { cells: { outputs: unknown[] }[] }
  notebook.cells[0]?.outputs.push({ output_type: "stream", name: "stdout", text: `${name}\n`.repeat(5_000) })
  return new TextEncoder().encode(JSON.stringify(notebook))
}

async function digests(client: Client, notebook: string): Promise<readonly string[]> {
  const { items } = await client.call("listVersions", { params: { notebook } })
  return items.map(({ sha256 }) => sha256)
}

type Working = { readonly name: CrashName; readonly attempts: readonly string[]; readonly still?: boolean }

/** A run with a policy of two attempts ends well, however far its first worker came; and each attempt is told of as it went. */
async function worked(stand: Stand, done: Done, { name, attempts, still }: Working): Promise<void> {
  const [notebook = ""] = done.notebooks
  const client = stand.client()
  await stand.doom(name)
  const mark = join(stand.home, "still")
  if (still) writeFileSync(mark, "")
  const [id = ""] = await launched(client, 1, { notebook, retry: { maxAttempts: 2, backoffSeconds: 0 } })
  done.keyless++
  done.watches.push(watch(client, id))
  await stand.hasDied("worker")
  rmSync(mark, { force: true })
  // There is no journal: only the end of the lease tells. It is over now.
  if (name === "lease written, nothing begun")
    await stand.database.db
      .updateTable("run")
      .set({ lease_until: new Date(0) })
      .where("id", "=", id)
      .execute()
  await stand.startPart("worker")
  const states = await ended(stand, [id], 60_000)
  sure(states[0] === "succeeded", `${name}: the run is ${states[0]}`)
  const { items } = await client.call("listAttempts", { params: { run: id } })
  const found = items.map(({ state }) => state)
  sure(found.join() === attempts.join(), `${name}: its attempts ended ${found.join(", ")}, not ${attempts.join(", ")}`)
}
