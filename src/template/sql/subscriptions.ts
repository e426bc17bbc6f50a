/** Who wants to hear how runs ended. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { getNotebook } from "#library/index.ts"
import { type Actor, audit, type NotebookId, type SpaceId } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { getTemplate } from "#template/sql/templates.ts"
import { webhookProblem } from "#template/webhook.ts"

export type Hears = "all" | "failures"
export type Way = "inbox" | "webhook" | "mail"

/** Times in milliseconds since 1970. */
export type SubscriptionRow = {
  readonly id: string
  /** Its name; null when it is to a notebook. */
  readonly template: string | null
  readonly notebook: { readonly id: NotebookId; readonly title: string } | null
  readonly hears: Hears
  readonly way: Way
  readonly address: string
  readonly createdAt: number
  /** Why the last delivery did not arrive; "" when it did. */
  readonly problem: string
  readonly failedAt: number | null
}

export type Subscribe = {
  /** One of the two. */
  readonly template?: string | undefined
  readonly notebook?: string | undefined
  readonly hears: Hears
  readonly way: Way
  readonly address?: string | undefined
}

/** `secret`: what a webhook is signed with, shown this once; "" for the other ways. */
export type Subscribed = { readonly row: SubscriptionRow; readonly secret: string }

/** What can be done about it on this platform. */
export type Ways = { readonly mail: boolean; readonly privateAddresses: boolean }

const COLUMNS = sql`s.id, t.name AS template, CASE WHEN n.id IS NOT NULL THEN json_build_object('id', n.id, 'title', n.title) END AS notebook,
  s.hears, s.way, s.address, s.created_at AS "createdAt", s.problem, s.failed_at AS "failedAt"`
const TABLES = sql`subscription s LEFT JOIN template t ON t.id = s.template_id LEFT JOIN notebook n ON n.id = s.notebook_id`
const MOST = 200

/** `only`: those to one template, by its name, or to one notebook, by its id. */
export async function subscriptionsOf(
  { db }: Pick<TemplateWorld, "db">,
  actor: Actor,
  only: { readonly template?: string | undefined; readonly notebook?: string | undefined } = {},
): Promise<readonly SubscriptionRow[]> {
  const template = only.template ?? null
  const notebook = only.notebook ?? null
  const found = await sql<SubscriptionRow>`
    SELECT ${COLUMNS} FROM ${TABLES} WHERE s.person_id = ${actor.id} AND (${template}::text IS NULL OR t.name = ${template})
      AND (${notebook}::text IS NULL OR s.notebook_id = ${notebook})
    ORDER BY s.id LIMIT ${MOST}`.execute(db)
  return found.rows
}

/** Asked for again, it is the one that there is, with what it hears as it was said last, and a new secret. */
export async function subscribe(world: TemplateWorld, actor: Actor, ways: Ways, asked: Subscribe): Promise<Outcome<Subscribed, TemplateRefusal>> {
  const bad = await problemOf(world, actor, ways, asked)
  if (bad !== undefined) return refuse("bad_subscription", bad)
  const thing = await thingOf(world, actor, asked)
  if (!thing.ok) return thing
  const at = world.clock.now()
  const { template, notebook, space } = thing.value
  const address = asked.way === "webhook" ? (asked.address ?? "") : ""
  const secret = asked.way === "webhook" ? secretOf(world.random.bytes(SECRET_BYTES)) : ""
  return world.db.transaction().execute(async (tx) => {
    const id = (await known(tx, { person: actor.id, template, notebook, way: asked.way, address })) ?? newId<"Subscription">(at, world.random)
    const sealed = secret === "" ? null : world.seal.close(secret, id)
    await sql`
      INSERT INTO subscription (id, person_id, template_id, notebook_id, hears, way, address, secret, created_at)
      VALUES (${id}, ${actor.id}, ${template}, ${notebook}, ${asked.hears}, ${asked.way}, ${address}, ${sealed}, ${new Date(at)})
      ON CONFLICT (id) DO UPDATE SET hears = EXCLUDED.hears, secret = EXCLUDED.secret, problem = '', failed_at = NULL`.execute(tx)
    const detail = { subscription: id, hears: asked.hears, way: asked.way, ...(address === "" ? {} : { address: new URL(address).origin }) }
    const about = template === null ? `notebook/${notebook}` : `template/${template}`
    await audit(tx, { actor, action: "subscription.create", thing: about, space, outcome: "done", detail, at })
    const made = await sql<SubscriptionRow>`SELECT ${COLUMNS} FROM ${TABLES} WHERE s.id = ${id}`.execute(tx)
    if (!made.rows[0]) throw new Error(`the subscription ${id} was stored and is not there`)
    return accepted({ row: made.rows[0], secret })
  })
}

async function problemOf(
  { db }: TemplateWorld,
  actor: Actor,
  ways: Ways,
  { template, notebook, way, address }: Subscribe,
): Promise<string | undefined> {
  if ((template === undefined) === (notebook === undefined)) return "Name a template or a notebook."
  if (way === "webhook") return webhookProblem(address ?? "", ways.privateAddresses)
  if (address !== undefined && address !== "") return "Only a webhook has an address: mail goes to your own."
  if (way === "mail" && !ways.mail) return "This platform sends no mail: an administrator sets STET_SMTP_URL for that."
  if (way === "mail" && !(await mailOf(db, actor.id))) return "There is no mail address in your profile: give one under Settings."
  const count = await sql<{ count: number }>`SELECT count(*)::int AS count FROM subscription WHERE person_id = ${actor.id}`.execute(db)
  return (count.rows[0]?.count ?? 0) >= MOST ? `You have ${MOST} subscriptions: end some of them.` : undefined
}

/** Of one who may sign in. */
export async function mailOf(db: Db, person: string): Promise<string | undefined> {
  const found = await sql<{ email: string | null }>`SELECT email FROM person WHERE id = ${person} AND disabled_at IS NULL`.execute(db)
  return found.rows[0]?.email ?? undefined
}

type Thing = { readonly template: string | null; readonly notebook: string | null; readonly space: SpaceId }

async function thingOf(world: TemplateWorld, actor: Actor, { template, notebook }: Subscribe): Promise<Outcome<Thing, TemplateRefusal>> {
  if (template !== undefined) {
    const found = await getTemplate(world, actor, template)
    return found.ok ? accepted({ template: found.value.id, notebook: null, space: found.value.space.id }) : found
  }
  const found = await getNotebook(world.db, actor, notebook ?? "")
  return found.ok
    ? accepted({ template: null, notebook: found.value.id, space: found.value.space.id })
    : refuse("no_such_notebook", "There is no such notebook, or you may not see it.")
}

type Same = {
  readonly person: string
  readonly template: string | null
  readonly notebook: string | null
  readonly way: Way
  readonly address: string
}

async function known(tx: Db, { person, template, notebook, way, address }: Same): Promise<string | undefined> {
  const found = await sql<{ id: string }>`
    SELECT id FROM subscription WHERE person_id = ${person} AND template_id IS NOT DISTINCT FROM ${template}
      AND notebook_id IS NOT DISTINCT FROM ${notebook} AND way = ${way} AND address = ${address} FOR UPDATE`.execute(tx)
  return found.rows[0]?.id
}

const SECRET_BYTES = 24

function secretOf(bytes: Uint8Array): string {
  return `stet_hook_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`
}

export async function unsubscribe(
  world: Pick<TemplateWorld, "db" | "clock">,
  actor: Actor,
  id: string,
): Promise<Outcome<undefined, TemplateRefusal>> {
  return world.db.transaction().execute(async (tx) => {
    const done = await sql<{ thing: string }>`
      DELETE FROM subscription WHERE id = ${id} AND person_id = ${actor.id}
      RETURNING coalesce('template/' || template_id, 'notebook/' || notebook_id) AS thing`.execute(tx)
    const thing = done.rows[0]?.thing
    if (thing === undefined) return refuse("no_such_subscription", "You have no such subscription.")
    await audit(tx, { actor, action: "subscription.remove", thing, outcome: "done", detail: { subscription: id }, at: world.clock.now() })
    return accepted(undefined)
  })
}
