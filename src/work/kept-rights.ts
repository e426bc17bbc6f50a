/** Who may take over the kernel that a failed run left, and who may let it go. It holds what was read with the rights of the one as whom it ran. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Actor, audit } from "#people/index.ts"
import { permitted } from "#work/permit.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import type { RunRow } from "#work/row.ts"
import type { Link } from "#work/session-line.ts"
import { type Allowed, allowKept, findKept, forbidKept, type KeptRow, peopleOfKept, type TakenOver, takerOfKept } from "#work/sql/kept-kernel.ts"
import type { WorkWorld } from "#work/world.ts"

export type KeptKernel = KeptRow & { readonly mayAttach: boolean; readonly people: readonly Allowed[] }

/** The kernel of the run's last attempt; undefined when none was asked for. */
export async function keptKernelOf({ db }: Pick<WorkWorld, "db">, actor: Actor, run: RunRow): Promise<KeptKernel | undefined> {
  const [kept, people] = await Promise.all([findKept(db, run.id), peopleOfKept(db, run.id)])
  if (!kept || kept.attempt !== run.attempt) return undefined
  return { ...kept, people, mayAttach: identityOf(run) === actor.id || people.some(({ id }) => id === actor.id) }
}

/** `mayAllow`: the asker is the one with whose rights it ran, who lets others have it. */
export type HeldKernel = KeptKernel & {
  readonly of: { readonly id: string; readonly name: string }
  readonly mayAllow: boolean
  readonly takenOver: TakenOver | undefined
}

/** Who holds it or may have it, and until when. */
export async function lookAtKept(world: WorkWorld, actor: Actor, id: string): Promise<Outcome<HeldKernel, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "run", as: "run.look_at_kernel" })
  if (!run.ok) return run
  const kept = await keptKernelOf(world, actor, run.value)
  if (!kept) return refuse("no_kernel", "This run left no kernel: it was not launched to keep one, or its last attempt did not fail in a cell.")
  const of = { id: identityOf(run.value), name: identityName(run.value) }
  return accepted({
    ...kept,
    of,
    mayAllow: of.id === actor.id,
    takenOver: kept.is === "attached" ? await takerOfKept(world.db, id) : undefined,
  })
}

/** With whose rights it ran. */
function identityOf({ ranAs, orderedBy }: RunRow): string {
  return ranAs ?? orderedBy
}

export function identityName({ ranAsName, orderedByName }: RunRow): string {
  return ranAsName ?? orderedByName
}

type Granting = { readonly run: string; readonly person: string }

/** Only the one with whose rights it ran may let others have what its kernel holds. */
export async function allowKeptKernel(world: WorkWorld, actor: Actor, { run: id, person }: Granting): Promise<Outcome<null, RunRefusal>> {
  const run = await ownRun(world, actor, id)
  if (!run.ok) return run
  const at = world.clock.now()
  if (!(await allowKept(world.db, { run: id, person, by: actor.id, at })))
    return refuse("no_such_person", `There is no person ${JSON.stringify(person)}, or they may not sign in any more.`)
  const detail = { person }
  await audit(world.db, { actor, action: "run.allow_kernel", thing: `run/${id}`, space: run.value.space, outcome: "done", detail, at })
  return accepted(null)
}

export async function forbidKeptKernel(world: WorkWorld, actor: Actor, { run: id, person }: Granting): Promise<Outcome<null, RunRefusal>> {
  const run = await ownRun(world, actor, id)
  if (!run.ok) return run
  await forbidKept(world.db, id, person)
  const detail = { person }
  const at = world.clock.now()
  await audit(world.db, { actor, action: "run.forbid_kernel", thing: `run/${id}`, space: run.value.space, outcome: "done", detail, at })
  return accepted(null)
}

async function ownRun(world: WorkWorld, actor: Actor, id: string): Promise<Outcome<RunRow, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "run", as: "run.allow_kernel" })
  if (!run.ok || identityOf(run.value) === actor.id) return run
  const { space } = run.value
  await audit(world.db, { actor, action: "run.allow_kernel", thing: `run/${id}`, space, outcome: "denied", at: world.clock.now() })
  return refuse(
    "not_allowed",
    `The kernel of this run holds what was read with the rights of ${identityName(run.value)}, who alone may let others have it.`,
  )
}

/** Ends it before its time. @throws Fault worker_gone */
export async function letKernelGo(world: WorkWorld, link: Link | undefined, actor: Actor, id: string): Promise<Outcome<null, RunRefusal>> {
  const run = await permitted(world, actor, { id, action: "run", as: "run.let_kernel_go" })
  if (!run.ok) return run
  const kept = await findKept(world.db, id)
  if (kept?.is === "kept" && kept.address && link) await link.letGo({ run: id, worker: kept.worker, host: kept.host, address: kept.address })
  const at = world.clock.now()
  await audit(world.db, { actor, action: "run.let_kernel_go", thing: `run/${id}`, space: run.value.space, outcome: "done", at })
  return accepted(null)
}
