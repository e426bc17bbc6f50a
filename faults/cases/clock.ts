/**
 * The clock of server and worker is set while runs are under way, an hour forward and two back; PostgreSQL keeps its own, so that they
 * differ as those of two machines may. Needs libfaketime, which the set-up of the tests brings.
 */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { counted, counting } from "../notebooks.ts"
import { type Case, ended, holds, launched, printing, putCells, settled, sure, type Trial } from "../trial.ts"

export const CLOCK: readonly Case[] = [
  { name: "the clock is set forward and back under runs: each ends once, with all that it printed", needs: fakeTime, run: set },
  { name: "the clock is set back and the worker is killed: its run is lost in time", needs: fakeTime, run: killedEarlier },
]

const SHAPE = { cells: 4, lines: 100, pauseMs: 25 }

/** Where the library is that lends processes another clock; undefined when it is not there. */
function fakeTime(): string | undefined {
  const folders = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"]
  return folders.map((folder) => join(folder, "libfaketimeMT.so.1")).find((path) => existsSync(path))
}

/** A clock for every process that is started with its variables. */
class Clock {
  readonly #folder = mkdtempSync(join(tmpdir(), "stet-clock-"))
  readonly #path = join(this.#folder, "offset")

  constructor() {
    this.set(0)
  }

  get env(): Record<string, string> {
    return {
      LD_PRELOAD: fakeTime() ?? "",
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_CACHE_DURATION: "1",
      // What measures durations goes on as it does when a clock is set.
      DONT_FAKE_MONOTONIC: "1",
    }
  }

  set(seconds: number): void {
    // Somebody may read it at this moment.
    writeFileSync(`${this.#path}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}\n`, { mode: 0o644 })
    renameSync(`${this.#path}.new`, this.#path)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function set({ stand: begin, tell }: Trial): Promise<void> {
  const clock = new Clock()
  try {
    const stand = await begin({ env: clock.env })
    const notebook = await putCells(stand, "clock.ipynb", "python3", counting(SHAPE))
    const client = stand.client()
    const ids = await launched(client, 2, { notebook })
    await printing(stand, ids)
    const before = Date.parse((await client.call("launchRun", { body: { notebook } })).createdAt)
    clock.set(3_600)
    await delay(4_000)
    const late = await client.call("launchRun", { body: { notebook } })
    const jumped = Date.parse(late.createdAt) - before
    sure(jumped > 3_500_000, `the platform's clock was set forward: by ${jumped} ms`)
    clock.set(-3_600)
    await delay(2_000)
    const early = await client.call("launchRun", { body: { notebook } })
    sure(Date.parse(early.createdAt) < before, "and back")
    const all = [...ids, late.id, early.id]
    const states = await ended(stand, all, 90_000)
    tell(`${states.join(", ")}; set by ${Math.round(jumped / 1000)} s`)
    sure(
      states.every((state) => state === "succeeded"),
      states.join(", "),
    )
    const attempts = await stand.database.db.selectFrom("attempt").select("number").where("run_id", "in", all).execute()
    sure(attempts.length === all.length, `none was begun again: ${attempts.length} attempts of ${all.length} runs`)
    holds(await settled(stand, [notebook]), { keyless: 5, keys: [], printed: counted(SHAPE) })
  } finally {
    clock.remove()
  }
}

async function killedEarlier({ stand: begin, tell }: Trial): Promise<void> {
  const clock = new Clock()
  try {
    const stand = await begin({ env: clock.env })
    const notebook = await putCells(stand, "earlier.ipynb", "python3", counting({ ...SHAPE, lines: 2_000 }))
    const client = stand.client()
    const ids = await launched(client, 1, { notebook })
    await printing(stand, ids)
    clock.set(-3_600)
    await delay(2_000)
    const since = performance.now()
    await stand.kill("worker")
    const states = await ended(stand, ids, 60_000)
    const took = performance.now() - since
    tell(`${states.join(", ")} after ${Math.round(took)} ms`)
    sure(states[0] === "lost", `it is ${states[0]}`)
    sure(took < 30_000, `in time, not after ${Math.round(took)} ms`)
  } finally {
    clock.remove()
  }
}
