/** What every case works with: its chance, how much is wanted, stands that are removed afterwards, and the question at the end. */
import type { Client } from "../src/api/client.ts"
import type { Chance } from "./chance.ts"
import { type Facts, readFacts } from "./facts.ts"
import { notebookBytes, put } from "./notebooks.ts"
import { inParallel, Stand, type StandOptions, until } from "./stand.ts"
import { type Expected, violations } from "./violations.ts"

export type Tier = "short" | "full"

export type Trial = {
  readonly chance: Chance
  readonly tier: Tier
  /** A number of the short tier, and of the full one. */
  readonly much: (short: number, full: number) => number
  readonly tell: (line: string) => void
  /** Ended with the trial. */
  readonly stand: (options?: StandOptions) => Promise<Stand>
}

export type Case = {
  readonly name: string
  /** Only root can do it. */
  readonly mounts?: boolean
  /** What must be on this machine, and where it is; undefined when it is not there. */
  readonly needs?: () => string | undefined
  readonly run: (trial: Trial) => Promise<void>
  /** When its stands are gone. */
  readonly afterwards?: () => void
}

export async function tried(one: Case, options: Pick<Trial, "chance" | "tier" | "tell">): Promise<void> {
  const stands: Stand[] = []
  const stand = async (wanted?: StandOptions) => {
    const made = await Stand.start(wanted)
    stands.push(made)
    return made
  }
  try {
    await one.run({ ...options, stand, much: (short, full) => (options.tier === "short" ? short : full) })
  } catch (error) {
    for (const made of stands) options.tell(lastOf(made))
    throw error
  } finally {
    for (const made of stands) await made.remove()
    one.afterwards?.()
  }
}

function lastOf(stand: Stand): string {
  const log = (name: "server" | "worker") => {
    try {
      return stand.log(name).split("\n").slice(-15).join("\n")
    } catch {
      return ""
    }
  }
  return `── said\n${stand.said.split("\n").slice(-15).join("\n")}\n── server\n${log("server")}\n── worker\n${log("worker")}`
}

export type Launching = { readonly notebook: string; readonly retry?: { readonly maxAttempts: number; readonly backoffSeconds: number } }

export async function launched(client: Client, count: number, { notebook, retry }: Launching): Promise<string[]> {
  const ids: string[] = []
  await inParallel(Array.from({ length: count }), 8, async () => {
    ids.push((await client.call("launchRun", { body: { notebook, ...(retry ? { retry } : {}) } })).id)
  })
  return ids
}

/** Until each run is over; gives how each ended, in the order of `ids`. */
export async function ended(stand: Stand, ids: readonly string[], ms: number): Promise<readonly string[]> {
  const { db } = stand.database
  return until(
    `${ids.length} runs end`,
    async () => {
      const rows = await db
        .selectFrom("run")
        .select(["id", "state", "ended_at"])
        .where("id", "in", ids as string[])
        .execute()
        .catch(() => [])
      const states = new Map(rows.map(({ id, state }) => [id, state]))
      return rows.length === ids.length && rows.every(({ ended_at }) => ended_at !== null) && ids.map((id) => states.get(id) ?? "")
    },
    ms,
  )
}

/** Until a run has printed something. */
export async function printing(stand: Stand, ids: readonly string[], ms = 60_000): Promise<void> {
  const { db } = stand.database
  await until(
    `${ids.length} runs print`,
    async () => {
      const rows = await db
        .selectFrom("run")
        .select(["log_bytes", "ended_at"])
        .where("id", "in", ids as string[])
        .execute()
      return rows.every(({ log_bytes, ended_at }) => Number(log_bytes) > 0 || ended_at !== null)
    },
    ms,
  )
}

/** The facts, once nothing is under way any more: what is left over gets a while to go. */
export async function settled(stand: Stand, notebooks: readonly string[]): Promise<Facts> {
  const client = stand.client()
  const read = () => readFacts({ stand, client, notebooks })
  const end = performance.now() + 30_000
  let facts = await read()
  while ((facts.left.length > 0 || lacksResult(facts)) && performance.now() < end) {
    await new Promise((next) => setTimeout(next, 250))
    facts = await read()
  }
  return facts
}

/** A lost run's record is brought to its end by the next worker, a moment later. */
function lacksResult({ runs }: Facts): boolean {
  return runs.some(({ attempts, events }) => {
    const hasShown = (number: number) => events.some(({ type, attempt }) => type === "stream" && attempt === number)
    return attempts.some(({ number, state, sha256 }) => state === "lost" && sha256 === null && hasShown(number))
  })
}

export function holds(facts: Facts, expected: Expected = {}): void {
  const broken = violations(facts, expected)
  if (broken.length > 0) throw new Error(`${broken.length} promises are broken:\n${broken.slice(0, 30).join("\n")}`)
}

export function sure(claim: boolean, what: string): asserts claim {
  if (!claim) throw new Error(what)
}

export async function putCells(stand: Stand, path: string, kernel: "python3" | "script", sources: readonly string[]): Promise<string> {
  return put(stand.client(), path, notebookBytes(kernel, sources))
}
