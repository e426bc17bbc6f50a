/** From a launch to a queued run: durable when this resolves, and the same key never makes two. */
import { newId } from "#base/id.ts"
import { type JsonObject, write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Db, retrying } from "#database/index.ts"
import { grammarsOf } from "#notebook/index.ts"
import { type Actor, audit } from "#people/index.ts"
import { onKnownKey } from "#work/after.ts"
import { type Bound, bindLaunch, notebookIn, type Values } from "#work/bound.ts"
import { filesGiven, type Given } from "#work/given-files.ts"
import { askedText, type Launch, limitsOf, problemsOf, retryOf, type Trigger } from "#work/launch.ts"
import type { NewRun } from "#work/new-run.ts"
import { permitted } from "#work/permit.ts"
import type { LaunchRefusal, RunRefusal } from "#work/refusal.ts"
import { openAttempt } from "#work/retry.ts"
import type { RunRow } from "#work/row.ts"
import { shownTo } from "#work/shown.ts"
import { type Source, sourceOf } from "#work/source.ts"
import { findByKey, findRun, type Keyed } from "#work/sql/find-run.ts"
import { insertRun, isQueueFull, queueLength } from "#work/sql/insert-run.ts"
import { holdFiles, insertRunFiles } from "#work/sql/uploads.ts"
import { stateEvent } from "#work/state-event.ts"
import type { Ordering, Terms } from "#work/terms.ts"
import type { WorkWorld } from "#work/world.ts"

export type Accepted = { readonly run: RunRow; readonly created: boolean }

const MOST_QUEUED = 20_000
const RETRY_AFTER_SECONDS = 30

/**
 * `created` is false when the key was known and its run is given back. Without a key every launch is a new run.
 * @throws Fault database_unreachable, and what reading the version throws
 */
export async function accept(
  world: WorkWorld,
  actor: Actor,
  launch: Launch,
  { key, terms, asked }: Ordering = {},
): Promise<Outcome<Accepted, LaunchRefusal>> {
  const problems = problemsOf(launch)
  if (problems.length > 0) return refused({ refused: "bad_launch", message: problems.map(({ message }) => message).join(" "), problems })
  const requestDigest = world.seal.digest(asked ?? askedText(launch))
  const known = key === undefined ? undefined : await findByKey(world.db, actor.id, key)
  if (known) return again(world, actor, { known, launch, requestDigest })
  const source = await sourceOf(world, actor, { ...launch, evenTrashed: terms !== undefined })
  if (!source.ok) return source
  const most = world.mostQueued ?? MOST_QUEUED
  const [bound, isFull] = await Promise.all([boundTo(world, source.value, launch), isQueueFull(world.db, most)])
  if (!bound.ok) return bound
  if (isFull) return queueFull(await queueLength(world.db), most)
  const { plain: parameters, files, secret } = bound.value
  const given = await filesGiven(world, actor, { source: source.value, parameters, files })
  if (!given.ok) return given
  return store(world, actor, { launch, source: source.value, given: given.value, secret, key, requestDigest, terms })
}

async function boundTo(world: WorkWorld, source: Source, { rig, ...values }: Values & Pick<Launch, "rig">): Promise<Outcome<Bound, RunRefusal>> {
  const notebook = notebookIn(await source.bytes(), rig)
  return notebook.ok ? bindLaunch(notebook.value, values, await grammarsOf(notebook.value, world.library.loadGrammars)) : notebook
}

function queueFull(waiting: number, most: number): { readonly ok: false; readonly refusal: RunRefusal } {
  const [wait, kept] = [waiting, most].map((runs) => runs.toLocaleString("en-US"))
  const message = `No run more is taken: ${wait} wait already, and this platform keeps ${kept} in line. Try again in ${RETRY_AFTER_SECONDS} s.`
  return refused({ refused: "queue_full", message, retryAfterSeconds: RETRY_AFTER_SECONDS })
}

type Storing = {
  readonly launch: Launch
  readonly source: Source
  readonly given: Given
  readonly secret: Bound["secret"]
  readonly key: string | undefined
  readonly requestDigest: string
  readonly terms: Terms | undefined
}

async function store(world: WorkWorld, actor: Actor, storing: Storing): Promise<Outcome<Accepted, LaunchRefusal>> {
  const run = newRun(world, actor, storing)
  let tries = 0
  // A commit whose answer was lost is tried again and finds itself by its id.
  const stored = await retrying(() => world.db.transaction().execute((tx) => storeIn(tx, { world, actor, run, isAgain: tries++ > 0 })))
  if (stored === "files gone") return filesGone()
  if (stored) return accepted({ run: await shownTo(world.db, actor, stored), created: true })
  const known = storing.key === undefined ? undefined : await findByKey(world.db, actor.id, storing.key)
  if (!known) throw new Error(`the run ${run.id} was stored and is not there`)
  return again(world, actor, { known, launch: storing.launch, requestDigest: storing.requestDigest })
}

type StoringIn = { readonly world: WorkWorld; readonly actor: Actor; readonly run: NewRun; readonly isAgain: boolean }

/** Somebody took them back between two looks. */
function filesGone(): { readonly ok: false; readonly refusal: RunRefusal } {
  const message = "A file that was sent for this run was removed in this moment. Send it again."
  return refused({ refused: "bad_parameters", message, problems: [] })
}

/** Undefined when the key is known. */
async function storeIn(tx: Db, { world, actor, run, isAgain }: StoringIn): Promise<RunRow | "files gone" | undefined> {
  const before = isAgain ? await findRun(tx, run.id) : undefined
  if (before) return before
  if (!(await holdFiles(tx, run.files))) return "files gone"
  const stored = await insertRun(tx, run, stateEvent({ state: "queued", attempt: 1 }, run.at))
  if (!stored) return undefined
  await insertRunFiles(tx, run.id, run.files)
  await world.queue.put(tx, run.id)
  const named = run.as ? { ranAs: run.as.person, consent: run.as.consent } : {}
  const files = run.files.length > 0 ? { files: uploadsOf(run.files) } : {}
  const about = { notebook: run.notebook, version: run.version, trigger: run.trigger, ...(run.template ? { template: run.template } : {}) }
  const detail = { ...about, ...named, ...files }
  await audit(tx, { actor, action: "run.launch", thing: `run/${run.id}`, space: run.space as never, outcome: "done", detail, at: run.at })
  return run.files.length === 0 ? stored : await findRun(tx, run.id)
}

/** Parameter → what it was given: of a list, all of them. */
function uploadsOf(files: NewRun["files"]): JsonObject {
  const given = Map.groupBy(files, ({ parameter }) => parameter)
  return Object.fromEntries([...given].map(([name, all]) => [name, all.length === 1 ? (all[0]?.upload ?? "") : all.map(({ upload }) => upload)]))
}

function newRun(world: WorkWorld, actor: Actor, { launch, source, given, secret, key, requestDigest, terms }: Storing): NewRun {
  const at = world.clock.now()
  const id = newId<"Run">(at, world.random)
  const secretNames = Object.keys(secret)
  return {
    id,
    space: source.space,
    notebook: source.notebook,
    version: source.version,
    versionSha256: source.sha256,
    parameters: given.parameters,
    files: given.files,
    secretNames,
    secrets: secretNames.length > 0 ? world.seal.close(write(secret), id) : undefined,
    labels: launch.labels ?? {},
    orchestrator: launch.orchestrator,
    openlineage: launch.openlineage,
    rig: launch.rig,
    trigger: launch.trigger ?? triggerOf(actor, launch),
    orderedBy: actor.id,
    token: actor.via.kind === "token" ? actor.via.token : undefined,
    key,
    requestDigest,
    priority: launch.priority ?? 0,
    template: terms?.template,
    as: terms?.as,
    limits: { ...limitsOf(launch), ...terms?.resources },
    retry: retryOf(launch),
    environment: launch.environment,
    keepaliveMs: launch.keepaliveSeconds === undefined ? undefined : Math.round(launch.keepaliveSeconds * 1000),
    keepKernelMs: launch.keepKernelSeconds ? Math.round(launch.keepKernelSeconds * 1000) : undefined,
    at,
  }
}

function triggerOf(actor: Actor, launch: Launch): Trigger {
  if (launch.orchestrator) return "orchestrator"
  return actor.via.kind === "token" ? "token" : "person"
}

type Known = { readonly known: Keyed; readonly launch: Launch; readonly requestDigest: string }

/** The key is known: the same request gets its run, another one is told. */
async function again(world: WorkWorld, actor: Actor, { known, launch, requestDigest }: Known): Promise<Outcome<Accepted, LaunchRefusal>> {
  // Whoever has lost the right to run it since is not given it either.
  const mine = await permitted(world, actor, { id: known.run.id, action: "run", as: "run.launch" })
  if (!mine.ok) return mine
  const run = mine.value
  if (known.requestDigest !== requestDigest) {
    const message = `This idempotency key was used for another request (run ${run.id}). Use a new key for a new request.`
    return refused({ refused: "key_reused", message, run: run.id })
  }
  const asked = { onExisting: launch.onExisting ?? "attach", orchestratorAttempt: launch.orchestrator?.attempt ?? 0 }
  const verdict = onKnownKey({ state: run.state, orchestratorAttempt: run.orchestrator?.attempt ?? 0 }, asked)
  if (verdict === "reject") return refused({ refused: "run_exists", message: `The run ${run.id} was ordered with this key already.`, run: run.id })
  if (verdict === "return") return accepted({ run: await shownTo(world.db, actor, run), created: false })
  const opened = await openAttempt(world, actor, { run, launch })
  return opened.ok ? accepted({ run: opened.value, created: false }) : opened
}
