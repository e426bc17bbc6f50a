/** Processes die while runs are under way. */
import { setTimeout as delay } from "node:timers/promises"
import { counted, counting } from "../notebooks.ts"
import { isAlive, processesIn } from "../processes.ts"
import { until } from "../stand.ts"
import { type Case, ended, holds, launched, printing, putCells, settled, sure, type Trial } from "../trial.ts"
import { watch } from "../watch.ts"

const SHAPE = { cells: 4, lines: 60, pauseMs: 8 }
const PRINTED = counted(SHAPE)
const RETRY = { maxAttempts: 3, backoffSeconds: 0 }

export const KILLS: readonly Case[] = [
  { name: "the server is killed again and again: no run notices, and who watches sees every event once", run: serverKilled },
  { name: "the worker is killed at random instants: runs are tried again or lost, with all that was told", run: workerKilled },
  { name: "a worker that stands still loses its runs, and writes nothing when it wakes", run: workerStopped },
  {
    name: "the supervisor is killed, and started again: PostgreSQL is taken over, and what was under way goes on or is finished",
    run: supervisorKilled,
  },
  { name: "PostgreSQL is killed under load: every run succeeds, no event is lost", run: postgresKilled },
]

/** Mostly waits, so its test has a file of its own and waits beside others. */
export const LEASE: readonly Case[] = [
  { name: "with the lease as it comes, a dead worker's run is lost within 30 s, by the server alone", run: lostInTime },
]

async function serverKilled({ chance, stand: begin, much }: Trial): Promise<void> {
  const stand = await begin()
  const notebook = await putCells(stand, "server.ipynb", "python3", counting(SHAPE))
  const client = stand.client()
  const ids = await launched(client, 4, { notebook })
  const watches = ids.map((id) => watch(client, id))
  for (let turn = 0; turn < much(2, 12); turn++) {
    await printing(stand, ids)
    await delay(chance.between(0, 600))
    await stand.kill("server")
    await until("it answers again", async () => (await fetch(`${stand.url}/livez`).catch(() => undefined))?.ok)
    if (turn + 1 < much(2, 12)) ids.push(...(await launched(client, 1, { notebook })))
  }
  const states = await ended(stand, ids, 90_000)
  sure(
    states.every((state) => state === "succeeded"),
    `no run was to notice: ${states.join(", ")}`,
  )
  const seen = await Promise.all(watches.map(({ done }) => done))
  holds(await settled(stand, [notebook]), { seen, keyless: ids.length, keys: [], printed: PRINTED })
}

async function workerKilled({ chance, stand: begin, much, tell }: Trial): Promise<void> {
  const stand = await begin()
  const notebook = await putCells(stand, "worker.ipynb", "python3", counting(SHAPE))
  const client = stand.client()
  const all: string[] = []
  const watches: ReturnType<typeof watch>[] = []
  const tally: Record<string, number> = {}
  for (let turn = 0; turn < much(2, 25); turn++) {
    const patient = await launched(client, 2, { notebook, retry: RETRY })
    const once = await launched(client, 2, { notebook })
    const ids = [...patient, ...once]
    watches.push(...ids.map((id) => watch(client, id)))
    if (chance.next() < 0.7) await printing(stand, once)
    await delay(chance.between(0, 1_500))
    const dead = await stand.pidOf("worker")
    const kernels = kernelsOf(stand.home)
    await stand.kill("worker")
    const since = performance.now()
    // What a dead worker had started is gone before its runs are begun again.
    await until("its kernels are gone", () => kernels.every((pid) => !isAlive(pid)), 10_000)
    const states = await ended(stand, ids, 90_000)
    for (const state of states) tally[state] = (tally[state] ?? 0) + 1
    sure(
      states.slice(0, 2).every((state) => state === "succeeded"),
      `those with a policy were to succeed: ${states.join(", ")}`,
    )
    sure(
      states.slice(2).every((state) => state === "lost" || state === "succeeded"),
      `without a policy: lost, or not begun: ${states.join(", ")}`,
    )
    sure((await stand.pidOf("worker")) !== dead, "there is a new worker")
    tell(`worker killed: ended ${states.join(", ")} in ${Math.round(performance.now() - since)} ms`)
    all.push(...ids)
  }
  const seen = await Promise.all(watches.map(({ done }) => done))
  tell(JSON.stringify(tally))
  holds(await settled(stand, [notebook]), { seen, keyless: all.length, keys: [], printed: PRINTED })
}

function kernelsOf(home: string): readonly number[] {
  return processesIn(home).flatMap(({ pid, what }) => (/ipykernel|zygote|local_kernel/.test(what) ? [pid] : []))
}

async function workerStopped({ stand: begin }: Trial): Promise<void> {
  const stand = await begin()
  const notebook = await putCells(stand, "stopped.ipynb", "python3", counting({ ...SHAPE, pauseMs: 30 }))
  const client = stand.client()
  const ids = await launched(client, 2, { notebook })
  const watches = ids.map((id) => watch(client, id))
  await printing(stand, ids)
  const pid = await stand.pidOf("worker")
  process.kill(pid, "SIGSTOP")
  try {
    const states = await ended(stand, ids, 15_000)
    sure(
      states.every((state) => state === "lost"),
      `the server says that they are lost: ${states.join(", ")}`,
    )
  } finally {
    process.kill(pid, "SIGCONT")
  }
  const seen = await Promise.all(watches.map(({ done }) => done))
  await until("it takes runs again", async () => (await ended(stand, await launched(client, 1, { notebook }), 60_000)).includes("succeeded"), 60_000)
  holds(await settled(stand, [notebook]), { seen, printed: PRINTED })
}

async function supervisorKilled({ chance, stand: begin, much, tell }: Trial): Promise<void> {
  const stand = await begin()
  const notebook = await putCells(stand, "supervisor.ipynb", "python3", counting({ ...SHAPE, pauseMs: 15 }))
  const client = stand.client()
  const all: string[] = []
  const watches: ReturnType<typeof watch>[] = []
  for (let turn = 0; turn < much(1, 6); turn++) {
    const ids = await launched(client, 3, { notebook, retry: RETRY })
    watches.push(...ids.map((id) => watch(client, id)))
    all.push(...ids)
    await printing(stand, ids)
    await delay(chance.between(0, 500))
    // All that has a name dies at once, as when somebody's patience is over; PostgreSQL alone is left.
    const parts = [await stand.pidOf("server"), await stand.pidOf("worker")]
    await stand.kill("supervisor")
    if (chance.next() < 0.5 || turn === 0) for (const pid of parts) if (isAlive(pid)) process.kill(pid, "SIGKILL")
    await delay(chance.between(0, 300))
    await stand.up()
    sure(stand.said.includes("taken over"), `PostgreSQL is taken over: ${stand.said}`)
    const states = await ended(stand, all, 90_000)
    tell(`supervisor killed: ${states.slice(-3).join(", ")}`)
    sure(
      states.every((state) => state === "succeeded"),
      `all have a policy: ${states.join(", ")}`,
    )
  }
  const seen = await Promise.all(watches.map(({ done }) => done))
  holds(await settled(stand, [notebook]), { seen, keyless: all.length, keys: [], printed: PRINTED })
}

async function postgresKilled({ chance, stand: begin, much, tell }: Trial): Promise<void> {
  // The lease counts from when PostgreSQL is back: within it the worker must find that out.
  const stand = await begin({ env: { STET_LEASE_SECONDS: "4" } })
  const notebook = await putCells(stand, "postgres.ipynb", "python3", counting({ ...SHAPE, lines: 100, pauseMs: 12 }))
  const client = stand.client()
  const ids = await launched(client, 4, { notebook })
  const watches = ids.map((id) => watch(client, id))
  for (let turn = 0; turn < much(2, 10); turn++) {
    await printing(stand, ids)
    await delay(chance.between(200, 1_000))
    await stand.killPostgres()
    await until("it is back", async () => (await fetch(`${stand.url}/readyz`).catch(() => undefined))?.ok, 60_000)
    tell(`PostgreSQL killed and back: ${turn + 1}`)
  }
  const states = await ended(stand, ids, 120_000)
  sure(
    states.every((state) => state === "succeeded"),
    `no run was to notice: ${states.join(", ")}`,
  )
  const seen = await Promise.all(watches.map(({ done }) => done))
  holds(await settled(stand, [notebook]), { seen, keyless: ids.length, keys: [], printed: counted({ ...SHAPE, lines: 100 }) })
}

async function lostInTime({ stand: begin, tell }: Trial): Promise<void> {
  const stand = await begin({ apart: true, env: { STET_LEASE_SECONDS: "20" } })
  const notebook = await putCells(stand, "thirty.ipynb", "python3", counting({ ...SHAPE, lines: 1000, pauseMs: 50 }))
  const client = stand.client()
  const ids = await launched(client, 2, { notebook })
  const watches = ids.map((id) => watch(client, id))
  await printing(stand, ids)
  await stand.kill("worker")
  const since = performance.now()
  const states = await ended(stand, ids, 40_000)
  const took = performance.now() - since
  tell(`lost after ${(took / 1000).toFixed(1)} s with a lease of 20 s`)
  sure(
    states.every((state) => state === "lost"),
    states.join(", "),
  )
  sure(took < 30_000, `within 30 s, not ${took} ms`)
  const seen = await Promise.all(watches.map(({ done }) => done))
  await stand.startPart("worker")
  holds(await settled(stand, [notebook]), { seen, printed: counted({ ...SHAPE, lines: 1000 }) })
}
