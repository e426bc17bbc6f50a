/** What a platform at rest says of itself: its database, its log and results as the API gives them, its blobs and its folders. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { sql } from "kysely"
import { ApiProblem, type Client } from "../src/api/client.ts"
import { holderOf } from "../src/database/index.ts"
import { digestOf } from "./notebooks.ts"
import { isAlive, processesIn } from "./processes.ts"
import { inParallel, type Stand } from "./stand.ts"

export type RunFacts = {
  readonly id: string
  readonly key: string | null
  readonly state: string
  readonly attempt: number
  readonly fence: number
  readonly hasEnded: boolean
  readonly seq: number
  readonly log: string
  readonly attempts: readonly AttemptFacts[]
  readonly events: readonly EventFacts[]
}

export type AttemptFacts = {
  readonly number: number
  readonly state: string
  readonly fence: number
  /** As the platform names it, and what its bytes hash to; undefined when they could not be had, with `why`. */
  readonly sha256: string | null
  readonly resultSha256?: string | undefined
  readonly why?: string | undefined
  /** The printed text in the result. */
  readonly shown?: string | undefined
}

/** `text`: what it adds to the log. */
export type EventFacts = { readonly seq: number; readonly attempt: number; readonly type: string; readonly state?: string; readonly text?: string }

/** A digest that is promised, and that of the bytes; undefined when they are not to be had. */
export type Kept = { readonly what: string; readonly promised: string; readonly found: string | undefined; readonly why?: string }

export type Facts = {
  readonly runs: readonly RunFacts[]
  readonly kept: readonly Kept[]
  /** Spools, sessions, sockets, working directories, half-written blobs, processes that nobody needs any more. */
  readonly left: readonly string[]
}

export type Reading = { readonly stand: Stand; readonly client: Client; readonly notebooks: readonly string[] }

export async function readFacts({ stand, client, notebooks }: Reading): Promise<Facts> {
  const { db } = stand.database
  const { rows: runs } = await sql<Omit<RunFacts, "log" | "attempts" | "events">>`
    SELECT id, idempotency_key AS key, state, attempt, fence, ended_at IS NOT NULL AS "hasEnded", seq FROM run
    WHERE notebook_id = ANY(${notebooks}) ORDER BY id`.execute(db)
  const ids = runs.map(({ id }) => id)
  const { rows: attempts } = await sql<AttemptFacts & { readonly run: string }>`
    SELECT run_id AS run, number, state, fence, result_sha256 AS sha256 FROM attempt WHERE run_id = ANY(${ids}) ORDER BY run_id, number`.execute(db)
  const { rows: events } = await sql<EventFacts & { readonly run: string }>`
    SELECT run_id AS run, seq, attempt, type, what->>'state' AS state, what->>'text' AS text FROM run_event WHERE run_id = ANY(${ids})
    ORDER BY run_id, seq`.execute(db)
  const attemptsOf = Map.groupBy(attempts, ({ run }) => run)
  const eventsOf = Map.groupBy(events, ({ run }) => run)
  const whole: RunFacts[] = []
  await inParallel(runs, 4, async (run) => {
    const read = await Promise.all((attemptsOf.get(run.id) ?? []).map((attempt) => withResult(client, run.id, attempt)))
    whole.push({ ...run, log: await wholeLog(client, run.id), attempts: read, events: eventsOf.get(run.id) ?? [] })
  })
  return { runs: whole, kept: [...(await versionsKept(client, notebooks)), ...blobsKept(stand, await blobNames(stand))], left: await leftIn(stand) }
}

async function withResult(client: Client, run: string, attempt: AttemptFacts): Promise<AttemptFacts> {
  if (attempt.sha256 === null) return attempt
  try {
    const bytes = await client.call("getResult", { params: { run }, query: { attempt: attempt.number } })
    return { ...attempt, resultSha256: digestOf(bytes), shown: shownIn(bytes) }
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error
    return { ...attempt, why: error.message }
  }
}

/** The printed text of a result, cell after cell. */
export function shownIn(bytes: Uint8Array): string {
  const { cells } = JSON.parse(new TextDecoder().decode(bytes)) as { cells: { outputs?: { text?: string | string[] }[] }[] }
  return cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ text = [] }) => text)).join("")
}

export async function wholeLog(client: Client, run: string): Promise<string> {
  let text = ""
  for (let offset = 0; ; ) {
    const part = await client.call("getLog", { params: { run }, query: { offset, limitBytes: 4_194_304 } })
    text += part.text
    if (part.nextOffset === offset) return text
    offset = part.nextOffset
  }
}

async function versionsKept(client: Client, notebooks: readonly string[]): Promise<readonly Kept[]> {
  const kept: Kept[] = []
  for (const notebook of notebooks) {
    const { items } = await client.call("listVersions", { params: { notebook }, query: { limit: 200 } })
    for (const { number, sha256 } of items) {
      const what = `version ${number} of ${notebook}`
      try {
        const bytes = await client.call("getVersionContent", { params: { notebook, version: number } })
        kept.push({ what, promised: sha256, found: digestOf(bytes) })
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error
        kept.push({ what, promised: sha256, found: undefined, why: error.message })
      }
    }
  }
  return kept
}

async function blobNames(stand: Stand): Promise<readonly string[]> {
  const { rows } = await sql<{ sha256: string }>`SELECT sha256 FROM blob`.execute(stand.database.db)
  return rows.map(({ sha256 }) => sha256)
}

/** Read past the platform, so that its own check is checked as well. */
function blobsKept(stand: Stand, names: readonly string[]): readonly Kept[] {
  return names.map((sha256) => {
    const what = `blob ${sha256}`
    try {
      return { what, promised: sha256, found: digestOf(readFileSync(blobPath(stand, sha256))) }
    } catch (error) {
      return { what, promised: sha256, found: undefined, why: (error as Error).message }
    }
  })
}

export function blobPath({ home }: Stand, sha256: string): string {
  return join(home, "store", sha256.slice(0, 2), sha256.slice(2, 4), sha256)
}

/** Kernels that wait for a run, and what starts them, belong to a platform that is up. */
const BELONGS = /bin\/stet\.js start|src\/(server|worker)\.ts|scripted-worker\.ts|postgres|zygote\.py|stet-guard|ipykernel|hold_idle|local_kernel/

export async function leftIn(stand: Stand): Promise<readonly string[]> {
  const open = await openSessions(stand)
  const named = (folder: string) => readdirSync(join(stand.home, folder)).map((name) => `${folder}/${name}`)
  // What a writer that was killed left there is removed a day later: nobody can know sooner that it is not being written.
  const incoming = stand.wasKilled ? [] : named("store/incoming")
  const processes = processesIn(stand.home).flatMap(({ pid, what }) => (BELONGS.test(what) ? [] : [`process ${pid}: ${what}`]))
  const spools = named("spool").filter((name) => name !== SESSIONS && !(name.endsWith(".worker") && isHeld(stand, name)))
  const scratches = named("scratch").filter((name) => !isWarm(stand, name))
  return [...spools, ...sessionsLeft(stand, open), ...named("run").filter(isDeadSocket), ...scratches, ...incoming, ...processes]
}

const SESSIONS = "spool/sessions"

type OpenSession = { readonly id: string; readonly worker: string }

async function openSessions(stand: Stand): Promise<readonly OpenSession[]> {
  const { rows } = await sql<OpenSession>`
    SELECT id, worker_id AS worker FROM session WHERE state NOT IN ('lost', 'ended') ORDER BY id`.execute(stand.database.db)
  return rows
}

/** A session is alive with its worker: of all others neither a journal nor the word that they are open may be left. */
function sessionsLeft(stand: Stand, open: readonly OpenSession[]): readonly string[] {
  const { living = [], dead = [] } = Object.groupBy(open, ({ worker }) => (isHeld(stand, `spool/${worker}.worker`) ? "living" : "dead"))
  const journals = new Set(living.map(({ id }) => `${id}.session`))
  const folder = join(stand.home, SESSIONS)
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return [
    ...names.filter((name) => !journals.has(name)).map((name) => `${SESSIONS}/${name}`),
    ...dead.map(({ id, worker }) => `session ${id} of worker ${worker}, which is gone`),
  ]
}

/** A worker that is up says so beside the spools. */
function isHeld({ home }: Stand, name: string): boolean {
  return existsSync(join(home, name)) && holderOf(join(home, name)) !== undefined
}

/** Where a worker was spoken to about its sessions. */
function isDeadSocket(name: string): boolean {
  const pid = /^run\/worker-(\d+)\.sock$/.exec(name)?.[1]
  return pid !== undefined && !isAlive(Number(pid))
}

/** What waits for a run, or has a session in it, is a working directory that is sealed for no run, and its worker lives. */
function isWarm({ home }: Stand, name: string): boolean {
  const worker = Number(/^scratch\/(\d+)-/.exec(name)?.[1])
  return !existsSync(join(home, name, "sealed.json")) && isAlive(worker)
}
