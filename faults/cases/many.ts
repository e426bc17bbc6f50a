/** Many launches at once, and many more than once. */
import { setTimeout as delay } from "node:timers/promises"
import { Unreachable } from "../../src/api/client.ts"
import { inParallel, until } from "../stand.ts"
import { type Case, ended, holds, launched, putCells, settled, sure, type Trial } from "../trial.ts"

export const MANY: readonly Case[] = [
  { name: "launches delivered one to five times each, while everything is killed, are as many runs as keys", run: duplicates },
  { name: "a burst of 200 is accepted, and none is lost", run: burst },
]

const KILLED = ["server", "worker", "server", "postgres"] as const

async function duplicates({ chance, stand: begin, much, tell }: Trial): Promise<void> {
  const stand = await begin({ scripted: true, env: { STET_SLOTS: "8" } })
  const notebook = await putCells(stand, "duplicates.ipynb", "script", ["cell 0", "cell 1"])
  const keys = Array.from({ length: much(300, 10_000) }, (_, index) => `key ${index}`)
  const deliveries = chance.shuffled(keys.flatMap((key) => Array.from({ length: chance.between(1, 5) }, () => key)))
  const client = stand.client()
  const ids = new Map<string, Set<string>>()
  let [delivered, created, unanswered] = [0, 0, 0]
  const deliver = async (key: string) => {
    try {
      const { status, value } = await client.reply("launchRun", {
        body: { notebook, retry: { maxAttempts: 20, backoffSeconds: 0 } },
        idempotencyKey: key,
      })
      if (status === 201) created++
      ids.set(key, (ids.get(key) ?? new Set()).add(value.id))
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      unanswered++
    }
    delivered++
  }
  const killing = async () => {
    for (let turn = 0; turn < much(4, 20); turn++) {
      const from = Math.floor((deliveries.length * (turn + chance.next())) / much(4, 20))
      await until("so many are delivered", () => delivered >= from, 600_000)
      const name = KILLED[turn % KILLED.length] ?? "server"
      if (name === "postgres") await stand.restartPostgres()
      else {
        await stand.kill(name)
        await delay(chance.between(0, 400))
        await stand.startPart(name)
      }
    }
  }
  await Promise.all([inParallel(deliveries, 12, deliver), killing()])
  sure(unanswered === 0, `every delivery was answered in the end, but for ${unanswered}`)
  sure(
    [...ids.values()].every((set) => set.size === 1),
    "two deliveries of one key were given two runs",
  )
  const all = [...ids.values()].flatMap((set) => [...set])
  const states = await ended(stand, all, much(120_000, 1_800_000))
  sure(
    states.every((state) => state === "succeeded"),
    `ended as ${JSON.stringify(Object.groupBy(states, (state) => state))}`,
  )
  tell(`${deliveries.length} deliveries of ${keys.length} keys; ${created} were answered as new`)
  holds(await settled(stand, [notebook]), { keys })
}

async function burst({ stand: begin, tell }: Trial): Promise<void> {
  const stand = await begin({ scripted: true, env: { STET_SLOTS: "8" } })
  const notebook = await putCells(stand, "burst.ipynb", "script", ["cell 0"])
  const client = stand.client()
  const since = performance.now()
  const ids: string[] = []
  await Promise.all(Array.from({ length: 200 }, async () => void ids.push(...(await launched(client, 1, { notebook })))))
  const acceptedMs = performance.now() - since
  const states = await ended(stand, ids, 120_000)
  tell(`accepted in ${Math.round(acceptedMs)} ms, all over in ${Math.round(performance.now() - since)} ms`)
  sure(
    states.every((state) => state === "succeeded"),
    states.join(", "),
  )
  holds(await settled(stand, [notebook]), { keys: [], keyless: 200 })
}
