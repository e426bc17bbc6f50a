/**
 * Results for people who are not signed in. Whoever administers the space makes a link to one result; the server keeps a digest of its
 * secret alone, so that nobody reads the link from the database. Whether there are such links at all is the operator's to say.
 */
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Actor, audit, SYSTEM } from "#people/index.ts"
import { permitted } from "#work/permit.ts"
import { type ResultRef, resultOf } from "#work/reads.ts"
import { type RunRefusal, refuse } from "#work/refusal.ts"
import type { RunRow } from "#work/row.ts"
import { insertPublic, type PublicResult, publicByDigest, publicOfRun, withdrawPublic } from "#work/sql/public-results.ts"
import type { WorkWorld } from "#work/world.ts"

type Publishing = Pick<WorkWorld, "db" | "clock" | "random" | "seal">

const SECRET_BYTES = 24
const SECRET = /^[\w-]{32}$/

/** `secret`: the last part of its address, told this once. */
export async function publishResult(
  world: Publishing,
  actor: Actor,
  { run: id, withCode }: { readonly run: string; readonly withCode: boolean },
): Promise<Outcome<PublicResult & { readonly secret: string }, RunRefusal>> {
  const run = await administered(world, actor, id)
  if (!run.ok) return run
  const result = await resultOf(world, actor, { id })
  if (!result.ok) return result
  const secret = Buffer.from(world.random.bytes(SECRET_BYTES)).toString("base64url")
  const madeAt = world.clock.now()
  const made = { id: newId(madeAt, world.random), run: id, attempt: result.value.attempt, withCode, madeAt }
  await world.db.transaction().execute(async (tx) => {
    await insertPublic(tx, { ...made, digest: world.seal.digest(secret), by: actor })
    const detail = { link: made.id, withCode }
    await audit(tx, { actor, action: "result.publish", thing: `run/${id}`, space: run.value.space, outcome: "done", detail, at: madeAt })
  })
  return accepted({ ...made, madeBy: { id: actor.id, name: actor.name }, secret })
}

export async function publishedResults(world: Publishing, actor: Actor, id: string): Promise<Outcome<readonly PublicResult[], RunRefusal>> {
  const run = await administered(world, actor, id)
  return run.ok ? accepted(await publicOfRun(world.db, id)) : run
}

export async function withdrawResult(
  world: Publishing,
  actor: Actor,
  { run: id, link }: { readonly run: string; readonly link: string },
): Promise<Outcome<null, RunRefusal>> {
  const run = await administered(world, actor, id)
  if (!run.ok) return run
  const at = world.clock.now()
  const isDone = await world.db.transaction().execute(async (tx) => {
    if (!(await withdrawPublic(tx, { run: id, id: link, at }))) return false
    await audit(tx, { actor, action: "result.withdraw", thing: `run/${id}`, space: run.value.space, outcome: "done", detail: { link }, at })
    return true
  })
  return isDone ? accepted(null) : refuse("no_result", "There is no such link, or it was withdrawn before.")
}

/** The result that a link leads to, as strangers are shown it. */
export async function openResult(world: Publishing, secret: string): Promise<Outcome<ResultRef, RunRefusal>> {
  const found = SECRET.test(secret) ? await publicByDigest(world.db, world.seal.digest(secret)) : undefined
  const gone = refuse("no_such_run", "This link leads nowhere: it is not complete, or it was withdrawn.")
  if (!found) return gone
  const result = await resultOf(world, SYSTEM, { id: found.run, attempt: found.attempt })
  if (!result.ok) return gone
  // Stet itself, which reads it here, sees everything.
  return accepted({ ...result.value, run: { ...result.value.run, codeHidden: found.codeHidden || !found.withCode } })
}

async function administered(world: Publishing, actor: Actor, id: string): Promise<Outcome<RunRow, RunRefusal>> {
  return permitted(world, actor, { id, action: "administer", as: "result.publish" })
}
