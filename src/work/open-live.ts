/**
 * Opening a run live: a notebook of its own beside the run's, with the version's exact source and the run's parameters; a kernel in the
 * run's environment, with the version's files around it; and everything before the chosen cell run again in it. Or, where the run
 * left its kernel, that kernel as it stands.
 */
import { write as writeJson } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { copyBytes, type Drafts, type NotebookRow, showIn, trashNotebook } from "#library/index.ts"
import { grammarsOf, kernelNameOf, type Notebook, read, write } from "#notebook/index.ts"
import { type Actor, audit } from "#people/index.ts"
import { type Bound, bindLaunch, orderOf, secretsOf, type Values } from "#work/bound.ts"
import { filesGiven, type Given, withPaths } from "#work/given-files.ts"
import { identityName } from "#work/kept-rights.ts"
import { limitsOf } from "#work/launch.ts"
import { inPlaceOf, openedBefore } from "#work/live-again.ts"
import { type LivePlan, type LivePlanning, planLive } from "#work/live-plan.ts"
import type { LiveOf, LiveRefusal } from "#work/live-source.ts"
import { replayPlan } from "#work/replay.ts"
import type { SessionSecrets } from "#work/session-asks.ts"
import type { Adopted, Link, SessionLine } from "#work/session-line.ts"
import { refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import type { SessionView } from "#work/session-view.ts"
import { insertOrigin } from "#work/sql/live-origin.ts"
import { filesOf, type GivenFile, insertLiveFiles } from "#work/sql/uploads.ts"
import type { WorkWorld } from "#work/world.ts"

export type Opening = LivePlanning & { readonly link: Link | undefined; readonly drafts: Drafts }

export type OpenLive = Values & {
  readonly of: LiveOf
  readonly cell?: string | undefined
  /** Yes to the cells that write, which are run again. */
  readonly writes: boolean
  /** Yes to what the notebook gets instead of an environment that is gone. */
  readonly otherEnvironment: boolean
  /** The run's own could not be built, whatever it looks like. */
  readonly withoutEnvironment?: boolean | undefined
  /** Which of the others that the plan lists; undefined: what the notebook asks for itself. */
  readonly environment?: string | undefined
  /** A notebook that the run was opened into before, whose environment could not be had: this one takes its place. */
  readonly into?: string | undefined
  /** false: replayed although the run left its kernel. */
  readonly attach?: boolean | undefined
}

export type OpenedLive = {
  readonly notebook: NotebookRow
  readonly session: SessionView
  readonly isAttached: boolean
  /** How many cells are run again. */
  readonly replays: number
}

type Opened<Value> = Outcome<Value, LiveRefusal | SessionRefusal>

/** @throws Fault worker_gone */
export async function openLive(opening: Opening, actor: Actor, asked: OpenLive): Promise<Opened<OpenedLive>> {
  const plan = await planLive(opening, actor, asked)
  if (!plan.ok) return plan
  if (!opening.link) return refuseSession("not_supported", "No worker is connected to this server, so that nothing can be run.", "Start one.")
  const adopts = adoptedOf(plan.value, asked)
  if (!adopts.ok) return adopts
  const agreed = adopts.value ? accepted(null) : agreedTo(plan.value, asked)
  if (!agreed.ok) return agreed
  const before =
    asked.into !== undefined && "run" in asked.of ? await openedBefore(opening.work, actor, { notebook: asked.into, run: asked.of.run }) : undefined
  if (before && !before.ok) return before
  const made = await documentOf(opening.work, actor, plan.value, { asked, isAttached: adopts.value !== undefined })
  if (!made.ok) return made
  const isAttached = adopts.value !== undefined
  const notebook = await copied(opening, actor, { plan: plan.value, ...made.value, isAttached, other: asked.environment })
  if (!notebook.ok) return notebook
  const line = opening.link.session(notebook.value.id)
  const begun = await begin(opening, actor, { plan: plan.value, made: made.value, notebook: notebook.value, adopts: adopts.value, line }).finally(
    () => line.close(),
  )
  if (begun.ok && before) {
    const replacing = { before: before.value, now: notebook.value, drafts: opening.drafts }
    return accepted({ ...begun.value, notebook: await inPlaceOf(opening.work, actor, replacing) })
  }
  if (begun.ok) return begun
  await trashNotebook(opening.work.library, actor, notebook.value.id)
  // It went away in this moment; nobody insisted on it.
  const mayReplay = begun.refusal.refused === "kernel_gone" && asked.attach === undefined
  return mayReplay ? openLive(opening, actor, { ...asked, attach: false }) : begun
}

/** The kernel that is taken over; undefined: none, everything is replayed. */
function adoptedOf({ source, kernel }: LivePlan, { attach, cell }: OpenLive): Opened<Adopted | undefined> {
  if (attach === false || (attach === undefined && cell !== undefined)) return accepted(undefined)
  const { run } = source
  const isThere = kernel?.is === "kept" && kernel.address
  if (run && isThere && kernel.mayAttach) return accepted({ run: run.id, worker: kernel.worker, host: kernel.host, address: kernel.address ?? "" })
  if (attach === undefined) return accepted(undefined)
  if (run && isThere) {
    const message = `The kernel of this run holds what was read with the rights of ${identityName(run)}, and only they may take it over, or let you.`
    return refused({ refused: "not_allowed", message })
  }
  return refuseSession(
    "kernel_gone",
    `The run left no kernel that could be taken over${goneBecause(kernel?.is)}.`,
    "Replay the run up to its failing cell.",
  )
}

const GONE: { readonly [state: string]: string } = {
  attached: "somebody has taken it over already",
  expired: "its time is over",
  died: "it has died",
  let_go: "it was let go",
  not_kept: "there was no room for it, or it could not be rid of its secrets",
  worker_stopped: "its worker was stopped",
  worker_gone: "its worker is gone",
}

function goneBecause(state: string | undefined): string {
  return state && GONE[state] ? `: ${GONE[state]}` : ""
}

/** What would happen and was not agreed to. */
function agreedTo({ writes, environment }: LivePlan, asked: OpenLive): Opened<null> {
  const { is, why, instead, name, others } = environment
  const isListed = asked.environment === undefined || others.some((other) => other.environment === asked.environment)
  if (!isListed || (asked.environment !== undefined && is !== "gone"))
    return refused({
      refused: "wrong_state",
      message: "This environment is none of those that could be taken in place of the run's own.",
      state: "failed",
    })
  if (is === "gone" && !instead && asked.environment === undefined && others.length === 0)
    return refused({
      refused: "wrong_state",
      message: `The environment of this run cannot be had any more. ${why} The notebook has no other either.`,
      state: "failed",
    })
  if (is === "gone" && !instead && asked.environment === undefined)
    return refused({
      refused: "needs_yes",
      message: `${why} Another environment has to be named.`,
      remedy: "Name one of those listed.",
      facts: { writes, environment },
    })
  const needs = [
    ...(writes.length > 0 && !asked.writes
      ? [
          `${writes.length === 1 ? "a cell that writes is" : `${new Set(writes.map(({ cell }) => cell)).size} cells that write, or may, are`} run again`,
        ]
      : []),
    ...(is === "gone" && !asked.otherEnvironment ? [`the run's environment ${name} cannot be had any more, and another one is taken`] : []),
  ]
  if (needs.length === 0) return accepted(null)
  const message = `This needs a yes: ${needs.join("; ")}.`
  const facts = { writes, environment }
  return refused({ refused: "needs_yes", message, remedy: "Look at what is listed, then send writes and otherEnvironment as true.", facts })
}

type Made = { readonly document: Notebook; readonly secrets: SessionSecrets | undefined; readonly files: readonly GivenFile[] }

/** The version with the run's parameters as they were injected, and what its cells showed then. */
async function documentOf(
  world: WorkWorld,
  actor: Actor,
  { source }: LivePlan,
  { asked, isAttached }: { readonly asked: OpenLive; readonly isAttached: boolean },
): Promise<Opened<Made>> {
  const { run, notebook, version } = source
  const grammars = await grammarsOf(notebook, world.library.loadGrammars)
  const values = { parameters: { ...run?.parameters, ...(run ? {} : asked.parameters) }, parameterTexts: asked.parameterTexts ?? {} }
  const missing = (run?.secretNames ?? []).filter((name) => !Object.hasOwn(values.parameterTexts, name))
  if (missing.length > 0 && !isAttached) return secretsMissing(missing)
  // The injected cell is written as it was; what it would read for those that were not given again is never handed over.
  const texts = { ...Object.fromEntries(missing.map((name) => [name, "-"])), ...values.parameterTexts }
  const bound = bindLaunch(notebook, { parameters: values.parameters, parameterTexts: texts }, grammars)
  if (!bound.ok) return bound
  const given = await filesFor(world, actor, source, bound.value)
  if (!given.ok) return given
  const kernelName = kernelNameOf(notebook)
  const secretFile = secretFileFrom((await placeOf(world, version.notebook)).path)
  const order = orderOf({
    run: run?.id ?? version.notebook,
    notebook,
    input: "",
    parameters: withPaths(given.value.parameters, given.value.files),
    secrets: Object.keys(bound.value.secret).length > 0 ? writeJson(bound.value.secret) : "",
    kernelName,
    limits: limitsOf({ notebook: version.notebook }),
    secretFile,
    grammars,
  })
  if (!order.ok) return order
  const { files } = given.value
  const document = run?.resultSha256
    ? withOutputs(order.value.order.notebook, await world.library.blobs.get(run.resultSha256))
    : order.value.order.notebook
  const secrets = Object.fromEntries(Object.entries(bound.value.secret).filter(([name]) => !missing.includes(name)))
  if (Object.keys(secrets).length === 0) return accepted({ document, secrets: undefined, files })
  const alone = secretsOf({ notebook, secrets, kernelName, secretFile, grammars })
  if (!alone.ok) return alone
  return accepted({ document, files, secrets: isAttached ? alone.value : { ...alone.value, text: order.value.secretText, code: "" } })
}

/** A run's own, where they lay; for a version those that are given now. */
async function filesFor(world: WorkWorld, actor: Actor, { run, version }: LivePlan["source"], bound: Bound): Promise<Opened<Given>> {
  if (run) return accepted({ parameters: bound.plain, files: await filesOf(world.db, { run: run.id }) })
  return filesGiven(world, actor, { source: version, parameters: bound.plain, files: bound.files })
}

function secretsMissing(names: readonly string[]): Opened<never> {
  const problems = names.map((path) => ({ path, message: `The secret ${path} was deleted when the run ended: give it again.` }))
  return refused({ refused: "bad_parameters", message: problems.map(({ message }) => message).join(" "), problems })
}

async function placeOf({ db }: WorkWorld, notebook: string): Promise<{ readonly path: string; readonly codeHidden: boolean }> {
  const { path, code_hidden: codeHidden } = await db
    .selectFrom("notebook")
    .select(["path", "code_hidden"])
    .where("id", "=", notebook)
    .executeTakeFirstOrThrow()
  return { path, codeHidden }
}

/** Where the cell finds the secrets' file from the notebook's folder, wherever the kernel's directory will be: see Scratch. */
function secretFileFrom(path: string): string {
  return `${"../".repeat(path.split("/").length)}secrets`
}

/** What a run showed stays to be read until the cell is run again. */
function withOutputs(notebook: Notebook, result: Uint8Array): Notebook {
  const reading = read(result)
  if (!reading.ok) return notebook
  const shown = new Map(reading.value.notebook.cells.map((cell) => [cell.id, cell]))
  const cells = notebook.cells.map((cell) => {
    const ran = shown.get(cell.id)
    if (cell.cell_type !== "code" || ran?.cell_type !== "code") return cell
    return { ...cell, outputs: ran.outputs ?? [], execution_count: ran.execution_count ?? null }
  })
  return { ...notebook, cells }
}

type Copying = { readonly plan: LivePlan; readonly isAttached: boolean; readonly other: string | undefined } & Pick<Made, "document" | "files">

async function copied({ work }: Opening, actor: Actor, { plan, document, files, isAttached, other }: Copying): Promise<Opened<NotebookRow>> {
  const { run, version } = plan.source
  const { path, codeHidden } = await placeOf(work, version.notebook)
  const from = run ? `the run ${run.id} of ${path}` : path
  const copy = await copyBytes(work.library, actor, {
    from: { space: version.space, path: `${path.replace(/\.ipynb$/u, "")} live.ipynb` },
    bytes: new TextEncoder().encode(write(document)),
    tags: [],
    codeHidden,
    message: `Opened live from ${from}, version ${version.number}`,
  })
  if (!copy.ok) return copy
  const { is, sha256 } = plan.environment
  await insertOrigin(work.db, {
    notebook: copy.value.id,
    run: run?.id ?? null,
    ofNotebook: version.notebook,
    version: version.number,
    cell: plan.replay.until?.id ?? "",
    environment: is === "gone" && !isAttached ? (other ?? null) : sha256,
    isAttached,
    openedBy: actor.id,
    openedAt: work.clock.now(),
  })
  await insertLiveFiles(work.db, copy.value.id, files)
  return copy
}

type Beginning = {
  readonly plan: LivePlan
  readonly made: Made
  readonly notebook: NotebookRow
  readonly adopts: Adopted | undefined
  readonly line: SessionLine
}

async function begin(opening: Opening, actor: Actor, { plan, made, notebook, adopts, line }: Beginning): Promise<Opened<OpenedLive>> {
  const { metadata } = made.document
  const started = await line.start(actor, { metadata, adopts, secrets: made.secrets })
  if (!started.ok) return started
  const replays = adopts ? 0 : await replay(opening, actor, { plan, document: made.document, notebook, line })
  const { work } = opening
  const { run, version } = plan.source
  const thing = run ? `run/${run.id}` : `notebook/${version.notebook}`
  const detail = { notebook: notebook.id, version: version.number, replays, attached: adopts !== undefined }
  await audit(work.db, { actor, action: "run.open_live", thing, space: version.space, outcome: "done", detail, at: work.clock.now() })
  return accepted({ notebook, session: started.value, isAttached: adopts !== undefined, replays })
}

type Replaying = { readonly plan: LivePlan; readonly document: Notebook; readonly notebook: NotebookRow; readonly line: SessionLine }

/** Queued at once; they run one after the other, and stop at the first that raises. */
async function replay({ work, drafts }: Opening, actor: Actor, { plan, document, notebook, line }: Replaying): Promise<number> {
  const planned = replayPlan(document, plan.replay.until?.id ?? "")
  const among = new Set(planned.ok ? planned.value.cells : [])
  const cells = document.cells.filter(({ id }) => among.has(id))
  if (cells.length === 0) return 0
  const meant = cells.map(({ id, source }) => ({ cell: id, source, sourceSha256: work.library.digest(new TextEncoder().encode(source)) }))
  const queued = await line.run(actor, meant, { stopOnError: true, metadata: document.metadata })
  // Its environment could not be had: the notebook says why, and offers another one.
  if (!queued.ok && queued.refusal.refused === "session_dead") return 0
  if (!queued.ok) throw new Error(`a session that has just begun takes no cells: ${queued.refusal.message}`)
  const draft = await drafts.open(notebook.id)
  try {
    await draft.change((doc) => {
      for (const { id, cell } of queued.value) showIn(doc, cell, `execution:${id}`)
    })
  } finally {
    draft.close()
  }
  return cells.length
}
