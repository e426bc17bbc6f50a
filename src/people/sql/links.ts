/** One-use links: made, read, used up. What each is for stands in its own file. */
import { newId } from "#base/id.ts"
import { at, type Db } from "#database/index.ts"
import type { InviteId, PersonId, SpaceId } from "#people/ids.ts"
import type { PeopleWorld } from "#people/ports.ts"
import { refuse } from "#people/refusal.ts"
import type { Role } from "#people/roles.ts"
import { newSecret, printKey, readKey, sameText } from "#people/secrets.ts"

export type LinkKind = "sign_in" | "invite" | "reset"

/** `code` goes into an address that is given to one person; it is not kept. */
export type Link = { readonly id: InviteId; readonly code: string; readonly expiresAt: number }

export type LinkSpec = {
  readonly kind: LinkKind
  readonly person?: PersonId
  readonly space?: SpaceId | undefined
  readonly role?: Role | undefined
  readonly isAdmin?: boolean | undefined
  readonly createdBy: PersonId
  readonly lastsMs: number
}

export type LinkRow = {
  readonly id: InviteId
  readonly person: PersonId | undefined
  readonly space: SpaceId | undefined
  readonly role: Role | undefined
  readonly isAdmin: boolean
  readonly createdBy: PersonId | undefined
  readonly expiresAt: number
}

export async function makeLink(world: PeopleWorld, tx: Db, spec: LinkSpec): Promise<Link> {
  const now = world.clock.now()
  const id = newId<"Invite">(now, world.random)
  const secret = newSecret(world.random)
  const expiresAt = now + spec.lastsMs
  await tx
    .insertInto("invite")
    .values({
      id,
      secret: world.sha256(secret),
      kind: spec.kind,
      person_id: spec.person ?? null,
      space_id: spec.space ?? null,
      role: spec.role ?? null,
      is_admin: spec.isAdmin ?? false,
      created_by: spec.createdBy,
      created_at: new Date(now),
      expires_at: new Date(expiresAt),
    })
    .execute()
  return { id, code: printKey("stetlink", id, secret), expiresAt }
}

/** The link that a code stands for, while it may be used; locked, so that of two who use it at once one is refused. */
export async function openLink(world: PeopleWorld, tx: Db, kind: LinkKind, code: string): Promise<LinkRow | undefined> {
  const key = readKey<"Invite">("stetlink", code.trim())
  if (!key) return undefined
  const row = await tx
    .selectFrom("invite")
    .selectAll()
    .where("id", "=", key.id)
    .where("kind", "=", kind)
    .where("used_at", "is", null)
    .where("expires_at", ">", at(world.clock.now()))
    .forUpdate()
    .executeTakeFirst()
  if (!row || !sameText(row.secret, world.sha256(key.secret))) return undefined
  return {
    id: row.id as InviteId,
    person: (row.person_id ?? undefined) as PersonId | undefined,
    space: (row.space_id ?? undefined) as SpaceId | undefined,
    role: (row.role ?? undefined) as Role | undefined,
    isAdmin: row.is_admin,
    createdBy: (row.created_by ?? undefined) as PersonId | undefined,
    expiresAt: row.expires_at,
  }
}

export async function useUp(world: PeopleWorld, tx: Db, id: InviteId): Promise<void> {
  await tx
    .updateTable("invite")
    .set({ used_at: new Date(world.clock.now()) })
    .where("id", "=", id)
    .execute()
}

/** Links of these kinds that were made for somebody and not used: they are of no use any more. */
export async function voidLinks(tx: Db, person: PersonId, kinds: readonly LinkKind[]): Promise<void> {
  await tx.deleteFrom("invite").where("person_id", "=", person).where("kind", "in", kinds).where("used_at", "is", null).execute()
}

/** One answer for a code that is wrong, used, expired or withdrawn. */
export function badLink() {
  return refuse(
    "bad_link",
    "This link cannot be used: it is for one use and a limited time, or it was withdrawn. Ask whoever gave it to you for a new one.",
  )
}
