/** What people look like from outside. Pure. */
import type { z } from "zod"
import type { BrowserSession, Grant, Group, Invite, Person, Session, Token } from "#api/contract/people.ts"
import { toIso } from "#base/time.ts"
import {
  type Actor,
  type GrantView,
  type GroupView,
  type InviteView,
  type PersonView,
  SCOPES,
  type SessionView,
  type TokenView,
} from "#people/index.ts"

type Shown<S extends z.ZodType> = z.output<S>

export function isoOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : toIso(ms)
}

export function sessionOf(actor: Actor, { publicResults = false }: { readonly publicResults?: boolean }): Shown<typeof Session> {
  const { via } = actor
  return {
    person: { id: actor.id, name: actor.name },
    isAdmin: actor.isAdmin,
    via: via.kind === "token" ? "token" : "session",
    scopes: via.kind === "token" ? [...via.scopes] : [...SCOPES],
    publicResults,
  }
}

export function personOf(view: PersonView): Shown<typeof Person> {
  return {
    id: view.id,
    kind: view.kind,
    name: view.name,
    login: view.login ?? null,
    email: view.email ?? null,
    isAdmin: view.isAdmin,
    isDisabled: view.isDisabled,
    owner: view.owner ?? null,
    createdAt: toIso(view.createdAt),
    hasPassword: view.hasPassword ?? null,
    hasSingleSignOn: view.hasSingleSignOn ?? null,
  }
}

export function browserSessionOf(view: SessionView): Shown<typeof BrowserSession> {
  return { ...view, createdAt: toIso(view.createdAt), seenAt: toIso(view.seenAt), expiresAt: toIso(view.expiresAt) }
}

export function groupOf({ id, name, claim, members }: GroupView): Shown<typeof Group> {
  return { id, name, claim: claim ?? null, members }
}

export function inviteOf(view: InviteView): Shown<typeof Invite> {
  return {
    id: view.id,
    space: view.space ?? null,
    role: view.role ?? null,
    isAdmin: view.isAdmin,
    createdBy: view.createdBy ?? null,
    createdAt: toIso(view.createdAt),
    expiresAt: toIso(view.expiresAt),
  }
}

export function tokenOf(view: TokenView): Shown<typeof Token> {
  return {
    id: view.id,
    person: { id: view.person, name: view.personName },
    name: view.name,
    scopes: [...view.scopes],
    space: view.space ?? null,
    createdAt: toIso(view.createdAt),
    expiresAt: toIso(view.expiresAt),
    lastUsedAt: isoOrNull(view.lastUsedAt),
    revokedAt: isoOrNull(view.revokedAt),
  }
}

export function grantOf(view: GrantView): Shown<typeof Grant> {
  const { to, name } = view
  return {
    id: view.id,
    space: view.space,
    notebook: view.notebook ?? null,
    person: "person" in to ? { id: to.person, name } : null,
    group: "group" in to ? { id: to.group, name } : null,
    role: view.role,
    grantedAt: toIso(view.grantedAt),
  }
}
