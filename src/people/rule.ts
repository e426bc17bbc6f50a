/**
 * Who may do what: the whole rule, as pure functions. `sql/standing.ts` fetches what it needs for one thing,
 * `sql/listed.ts` says the same for lists in SQL; a property test holds the two together.
 */
import type { Actor } from "#people/actor.ts"
import type { NotebookId, SpaceId } from "#people/ids.ts"
import { ACTIONS, type Action, ROLES, type Role, roleAllows, type Scope, type Thing } from "#people/roles.ts"

/** A role that a person has, directly or through a group: in a whole space, or on one notebook of it. */
export type Held = { readonly role: Role; readonly space: SpaceId; readonly notebook?: NotebookId | undefined }

/** Where a person stands at this moment. `isActive` is false for one who is disabled or not there. */
export type Standing = { readonly isActive: boolean; readonly isAdmin: boolean; readonly held: readonly Held[] }

// Not ranked, so that a pipeline's token that may run may not also change what it runs.
const SCOPE_ALLOWS: Record<Scope, readonly Action[]> = {
  read: ["read", "read_hidden_code"],
  run: ["read", "read_hidden_code", "run"],
  edit: ["read", "read_hidden_code", "comment", "edit"],
  admin: ACTIONS,
}

/** Whether the way in which the actor came lets it do this at all: tokens are for some scopes and perhaps one space. */
export function wayAllows(actor: Actor, action: Action): boolean {
  return actor.via.kind !== "token" || actor.via.scopes.some((scope) => SCOPE_ALLOWS[scope].includes(action))
}

/** The one space that the actor is confined to, if it is. */
export function confinedTo(actor: Actor): SpaceId | undefined {
  return actor.via.kind === "token" ? actor.via.space : undefined
}

/** The rule. Administrators of the platform may do everything; a grant on a notebook only adds to what the space gives. */
export function allows(standing: Standing, actor: Actor, action: Action, thing: Thing): boolean {
  if (actor.via.kind === "system") return true
  if (!standing.isActive || !wayAllows(actor, action)) return false
  const only = confinedTo(actor)
  if (only !== undefined && only !== thing.space) return false
  return standing.isAdmin || standing.held.some((held) => covers(held, thing) && roleAllows(held.role, action))
}

function covers(held: Held, thing: Thing): boolean {
  return held.space === thing.space && (held.notebook === undefined || held.notebook === thing.notebook)
}

/** Whether the actor may do what concerns the whole platform: people, groups, settings. */
export function allowsPlatform(standing: Standing, actor: Actor): boolean {
  if (actor.via.kind === "system") return true
  return standing.isActive && standing.isAdmin && wayAllows(actor, "administer") && confinedTo(actor) === undefined
}

/** The highest role on a thing; undefined for none. */
export function highestRole(standing: Standing, thing: Thing): Role | undefined {
  if (standing.isAdmin) return "admin"
  const held = standing.held.filter((each) => covers(each, thing)).map((each) => ROLES.indexOf(each.role))
  return ROLES[Math.max(-1, ...held)]
}
