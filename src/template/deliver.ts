/**
 * Brings what subscribers want to hear to them. What is on its way stands in the table that the end of a run writes, in its own
 * transaction; each try is claimed for a while, so that of several who deliver one does, and one that dies is followed by another.
 */
import { type RawBuilder, sql } from "kysely"
import { toError } from "#base/fault.ts"
import type { Json } from "#base/json.ts"
import { toIso } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import type { Actor, PersonId } from "#people/index.ts"
import type { Outbound, TemplateWorld } from "#template/ports.ts"
import { mailOf, type Way } from "#template/sql/subscriptions.ts"
import { bodyOf, signatureHeader, signedText, waitAfter } from "#template/webhook.ts"
import { getRun, type RunRow } from "#work/index.ts"

type DeliverWorld = Pick<TemplateWorld, "db" | "clock" | "seal">

type Due = {
  readonly id: number
  readonly run: string
  readonly tries: number
  readonly subscription: string
  readonly way: Way
  readonly address: string
  readonly secret: Uint8Array | null
  readonly person: PersonId
  readonly personName: string
  readonly isActive: boolean
  readonly template: string | null
}

const AT_ONCE = 20
/** Longer than any try takes. */
const CLAIM_MS = 120_000

/** Everything that is due, at most twenty. @returns how many were tried */
export async function deliverDue(world: DeliverWorld, outbound: Outbound): Promise<number> {
  const due = await claim(world)
  await Promise.all(due.map((one) => deliver(world, outbound, one)))
  return due.length
}

async function claim({ db, clock }: DeliverWorld): Promise<readonly Due[]> {
  const now = clock.now()
  const found = await sql<Due>`
    WITH due AS (SELECT id FROM delivery WHERE next_at <= ${new Date(now)} ORDER BY next_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED),
      taken AS (UPDATE delivery d SET tries = d.tries + 1, next_at = ${new Date(now + CLAIM_MS)} FROM due WHERE d.id = due.id RETURNING d.*)
    SELECT d.id, d.run_id AS run, d.tries, s.id AS subscription, s.way, s.address, s.secret, p.id AS person, p.name AS "personName",
      p.disabled_at IS NULL AS "isActive", t.name AS template
    FROM taken d JOIN subscription s ON s.id = d.subscription_id JOIN person p ON p.id = s.person_id LEFT JOIN template t ON t.id = s.template_id`.execute(
    db,
  )
  return found.rows
}

async function deliver(world: DeliverWorld, outbound: Outbound, due: Due): Promise<void> {
  // As the subscriber may see it now: who lost the right meanwhile is not told.
  const actor: Actor = { id: due.person, name: due.personName, isAdmin: false, via: { kind: "session", session: "" } }
  const run = due.isActive ? await getRun(world, actor, due.run) : undefined
  if (!run?.ok) return over(world.db, due, sql`problem = 'The subscriber may not see this run.'`)
  try {
    await (due.way === "mail" ? mail(world, outbound, due, run.value) : post(world, outbound, due, run.value))
    await world.db.transaction().execute(async (tx) => {
      await over(tx, due, sql`problem = ''`)
      await sql`UPDATE subscription SET problem = '', failed_at = NULL WHERE id = ${due.subscription} AND problem <> ''`.execute(tx)
    })
  } catch (error) {
    await failed(world, due, toError(error).message)
  }
}

async function over(db: Db, { id }: Due, what: RawBuilder<unknown>): Promise<void> {
  await sql`UPDATE delivery SET next_at = NULL, ${what} WHERE id = ${id}`.execute(db)
}

async function failed({ db, clock }: DeliverWorld, { id, tries, subscription }: Due, why: string): Promise<void> {
  const now = clock.now()
  const wait = waitAfter(tries)
  const problem = why.slice(0, 500).toWellFormed().replaceAll("\0", "")
  await db.transaction().execute(async (tx) => {
    await sql`UPDATE delivery SET next_at = ${wait === undefined ? null : new Date(now + wait)}, problem = ${problem} WHERE id = ${id}`.execute(tx)
    await sql`UPDATE subscription SET problem = ${problem}, failed_at = ${new Date(now)} WHERE id = ${subscription}`.execute(tx)
  })
}

async function post({ clock, seal }: DeliverWorld, outbound: Outbound, due: Due, run: RunRow): Promise<void> {
  if (due.secret === null) throw new Error("a webhook has a secret")
  const body = bodyOf({ event: "run.ended", delivery: String(due.id), subscription: due.subscription, run: runFacts(outbound, due, run) })
  const at = clock.now()
  const signature = signatureHeader(at, outbound.hmac(seal.open(due.secret, due.subscription), signedText(at, body)))
  const headers = { "content-type": "application/json", "stet-event": "run.ended", "stet-delivery": String(due.id), "stet-signature": signature }
  const status = await outbound.post(due.address, body, headers)
  if (status < 200 || status > 299) throw new Error(`It answered ${status}.`)
}

function runFacts({ url }: Outbound, { template }: Due, run: RunRow): Json {
  const when = (at: number | null) => (at === null ? null : toIso(at))
  const { id, state, reason, explanation, message, version, parameters, files, labels, notebookPath, spaceName, orderedByName } = run
  return {
    id,
    url: `${url}/runs/${id}`,
    state,
    reason,
    explanation,
    message,
    template: template ?? labels["stet/template"] ?? null,
    notebook: `${spaceName}/${notebookPath}`,
    version,
    parameters,
    // A parameter that is a file names an upload, which tells nobody anything.
    files: files.map(({ parameter, place, name, sha256, sizeBytes }) => ({ parameter, place, name, sha256, sizeBytes })),
    labels,
    orderedBy: orderedByName,
    createdAt: when(run.createdAt),
    startedAt: when(run.startedAt),
    endedAt: when(run.endedAt),
  }
}

async function mail(world: DeliverWorld, outbound: Outbound, due: Due, run: RunRow): Promise<void> {
  const to = await mailOf(world.db, due.person)
  if (to === undefined) throw new Error("There is no mail address in your profile.")
  const what = due.template ?? run.labels["stet/template"] ?? `${run.spaceName}/${run.notebookPath}`
  const lines = [
    `${what} ${run.state}.`,
    ...(run.message === "" ? [] : ["", run.message]),
    "",
    `${outbound.url}/runs/${run.id}`,
    `Ordered by ${run.orderedByName}, version ${run.version}.`,
    "",
    "--",
    `You asked to hear of this. To end it: ${outbound.url}/settings/subscriptions`,
  ]
  await outbound.mail({ to, subject: `${what} ${run.state}`, text: lines.join("\n"), about: `${due.id}.${run.id}` })
}

const KEPT_MS = 30 * 86_400_000

/** What arrived or was given up a month ago. */
export async function sweepDeliveries({ db, clock }: Pick<DeliverWorld, "db" | "clock">): Promise<void> {
  await sql`DELETE FROM delivery WHERE next_at IS NULL AND created_at < ${new Date(clock.now() - KEPT_MS)}`.execute(db)
}
