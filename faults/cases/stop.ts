/** The platform is asked to end while runs are under way. */
import { counted, counting } from "../notebooks.ts"
import { processesIn } from "../processes.ts"
import { until } from "../stand.ts"
import { type Case, ended, holds, launched, printing, putCells, settled, sure, type Trial } from "../trial.ts"

export const STOP: readonly Case[] = [
  { name: "Ctrl-C lets runs end and says which; what is queued is run after the next start", run: drained },
  { name: "a second Ctrl-C stops at once; what it stopped has all that was printed", run: stopped },
]

const SHAPE = { cells: 3, lines: 60, pauseMs: 15 }

async function drained({ stand: begin, tell }: Trial): Promise<void> {
  const stand = await begin({ env: { STET_SLOTS: "2" } })
  const notebook = await putCells(stand, "drained.ipynb", "python3", counting(SHAPE))
  const client = stand.client()
  const live = await launched(client, 2, { notebook })
  await printing(stand, live)
  const queued = await launched(client, 2, { notebook })
  const code = await stand.interrupted()
  tell(stand.said.split("\n").slice(-4).join(" "))
  sure(code === 0, `it ends with 0, not ${code}: ${stand.said}`)
  sure(
    live.every((id) => stand.said.includes(id)),
    "it says which runs it waits for",
  )
  await until("all of it is gone", () => processesIn(stand.home).length === 0, 10_000)
  await stand.reopened()
  const states = await ended(stand, [...live, ...queued], 90_000)
  sure(
    states.every((state) => state === "succeeded"),
    states.join(", "),
  )
  const attempts = await stand.database.db.selectFrom("attempt").select("number").where("run_id", "in", live).execute()
  sure(attempts.length === live.length, "those under way were not begun again")
  holds(await settled(stand, [notebook]), { keyless: 4, keys: [], printed: counted(SHAPE) })
}

async function stopped({ stand: begin, tell }: Trial): Promise<void> {
  const stand = await begin()
  const shape = { ...SHAPE, lines: 1_000, pauseMs: 50 }
  const notebook = await putCells(stand, "stopped.ipynb", "python3", counting(shape))
  const client = stand.client()
  const ids = await launched(client, 2, { notebook })
  await printing(stand, ids)
  const since = performance.now()
  const ending = stand.interrupted()
  await until("it says what it waits for", () => ids.every((id) => stand.said.includes(id)), 10_000)
  void stand.interrupted()
  const code = await ending
  const took = performance.now() - since
  tell(`ended with ${code} after ${Math.round(took)} ms: ${stand.said.split("\n").slice(-3).join(" ")}`)
  sure(stand.said.includes("Stopping at once"), stand.said)
  sure(took < 20_000, "at once")
  await until("all of it is gone", () => processesIn(stand.home).length === 0, 10_000)
  await stand.reopened()
  const states = await ended(stand, ids, 30_000)
  tell(states.join(", "))
  sure(
    states.every((state) => state === "cancelled" || state === "lost" || state === "failed"),
    states.join(", "),
  )
  holds(await settled(stand, [notebook]), { keyless: 2, keys: [], printed: counted(shape) })
}
