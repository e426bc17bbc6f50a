/** Who: sessions, people, groups, invitations, tokens, grants. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { Cursor, Flag, limit, line, listOf, PersonLink, PlainJson, prose, Sha256, SpaceRef, Time, Ulid } from "#api/contract/shapes.ts"

export const Role = z.enum(["viewer", "commenter", "runner", "editor", "admin"]).meta({ id: "Role" })
export const Scope = z.enum(["read", "run", "edit", "admin"]).meta({ id: "Scope" })

export const Person = z
  .object({
    id: Ulid,
    kind: z.enum(["person", "service"]),
    name: z.string(),
    login: z.string().nullable(),
    email: z.string().nullable(),
    isAdmin: z.boolean(),
    disabledAt: Time.nullable(),
    createdAt: Time,
  })
  .meta({ id: "Person" })

export const Session = z
  .object({
    person: PersonLink,
    isAdmin: z.boolean(),
    via: z.enum(["session", "token"]),
    scopes: z.array(Scope).meta({ description: "what a token may be used for; all for a session" }),
  })
  .meta({ id: "Session" })

export const BrowserSession = z
  .object({ id: Sha256, createdAt: Time, seenAt: Time, expiresAt: Time, userAgent: z.string(), address: z.string(), current: z.boolean() })
  .meta({ id: "BrowserSession" })

export const Group = z.object({ id: Ulid, name: z.string(), createdAt: Time, members: z.array(PersonLink) }).meta({ id: "Group" })

export const Invite = z
  .object({
    id: Ulid,
    kind: z.enum(["sign_in", "invite", "reset"]),
    person: PersonLink.nullable(),
    space: Ulid.nullable(),
    role: Role.nullable(),
    createdAt: Time,
    expiresAt: Time,
    usedAt: Time.nullable(),
  })
  .meta({ id: "Invite" })

export const MadeInvite = Invite.extend({ link: z.string().meta({ description: "works once; shown only now" }) }).meta({ id: "MadeInvite" })

export const Token = z
  .object({
    id: Ulid,
    person: PersonLink,
    name: z.string(),
    scopes: z.array(Scope),
    space: Ulid.nullable(),
    createdAt: Time,
    expiresAt: Time,
    lastUsedAt: Time.nullable(),
    revokedAt: Time.nullable(),
  })
  .meta({ id: "Token" })

export const MadeToken = Token.extend({ token: z.string().meta({ description: "shown only now" }) }).meta({ id: "MadeToken" })

export const Grant = z
  .object({
    id: Ulid,
    space: Ulid,
    notebook: Ulid.nullable().meta({ description: "null: the whole space" }),
    person: PersonLink.nullable(),
    group: z.object({ id: Ulid, name: z.string() }).nullable(),
    role: Role,
    grantedAt: Time,
  })
  .meta({ id: "Grant" })

export const AuditEvent = z
  .object({
    seq: z.int(),
    at: Time,
    actor: z.object({ id: Ulid.nullable(), name: z.string() }),
    via: z.string(),
    action: z.string(),
    thing: z.string(),
    outcome: z.enum(["done", "denied", "failed"]),
    detail: PlainJson,
    space: Ulid.nullable(),
    hash: Sha256,
  })
  .meta({ id: "AuditEvent" })

export const Login = line(200).meta({ description: "what one signs in with" })
export const Password = z.string().min(10, "A password has at least 10 characters.").max(500)
const ONE_OF = "Name either a person or a group, not both."
export const NewGrant = z
  .strictObject({ person: Ulid.optional(), group: Ulid.optional(), role: Role })
  .refine((grant) => (grant.person === undefined) !== (grant.group === undefined), ONE_OF)

const tag = "People"
const paged = z.strictObject({ limit: limit(200, 50), cursor: Cursor.optional() })
const person = z.strictObject({ person: Ulid })
const signedIn = { 200: { what: "Signed in; the session's cookie comes along", content: json(Session) } }

export const SESSION_ROUTES = {
  getSession: route({
    method: "GET",
    path: "/api/v1/session",
    tag,
    summary: "Who is asking",
    auth: "person",
    answers: { 200: { what: "The person and what the credential allows", content: json(Session) } },
  }),
  signOut: route({
    method: "DELETE",
    path: "/api/v1/session",
    tag,
    summary: "Sign out",
    auth: "session",
    answers: { 204: { what: "Signed out everywhere this session was used", content: EMPTY } },
  }),
  signIn: route({
    method: "POST",
    path: "/api/v1/sign-in",
    tag,
    summary: "Sign in with a local account",
    auth: "public",
    body: json(z.strictObject({ login: Login, password: z.string().min(1).max(500) })),
    answers: signedIn,
    problems: [401],
  }),
  useLink: route({
    method: "POST",
    path: "/api/v1/sign-in/link",
    tag,
    summary: "Use a one-use link: sign in, take an invitation, or set a new password",
    auth: "public",
    body: json(
      z.strictObject({ link: z.string().min(1).max(500), name: line(200).optional(), login: Login.optional(), password: Password.optional() }),
    ),
    answers: signedIn,
    problems: [409, 410, 422],
  }),
  setPassword: route({
    method: "PUT",
    path: "/api/v1/session/password",
    tag,
    summary: "Set a new password; every other session of this person ends",
    auth: "session",
    body: json(z.strictObject({ current: z.string().max(500).optional(), password: Password })),
    answers: { 204: { what: "Set", content: EMPTY } },
    problems: [422],
  }),
  listSessions: route({
    method: "GET",
    path: "/api/v1/sessions",
    tag,
    summary: "Where I am signed in",
    auth: "person",
    answers: { 200: { what: "Sessions", content: json(listOf(BrowserSession)) } },
  }),
  endSession: route({
    method: "DELETE",
    path: "/api/v1/sessions/{session}",
    tag,
    summary: "End one of my sessions",
    auth: "person",
    params: z.strictObject({ session: Sha256 }),
    answers: { 204: { what: "Ended", content: EMPTY } },
  }),
} as const

export const PEOPLE_ROUTES = {
  listPeople: route({
    method: "GET",
    path: "/api/v1/people",
    tag,
    summary: "People and service accounts",
    auth: "person",
    query: paged.extend({ q: line(200).optional() }),
    answers: { 200: { what: "By name", content: json(listOf(Person)) } },
  }),
  createPerson: route({
    method: "POST",
    path: "/api/v1/people",
    tag,
    summary: "Make an account: a service account, or a person with a password",
    auth: "administrator",
    body: json(
      z.strictObject({
        kind: z.enum(["person", "service"]),
        name: line(200),
        login: Login.optional(),
        email: z.email().max(300).optional(),
        password: Password.optional(),
        isAdmin: z.boolean().optional(),
      }),
    ),
    answers: { 201: { what: "Made", content: json(Person) } },
    problems: [409, 422],
  }),
  getPerson: route({
    method: "GET",
    path: "/api/v1/people/{person}",
    tag,
    summary: "One person",
    auth: "person",
    params: person,
    answers: { 200: { what: "The person", content: json(Person) } },
  }),
  changePerson: route({
    method: "PATCH",
    path: "/api/v1/people/{person}",
    tag,
    summary: "Rename, make or unmake an administrator, disable or enable",
    auth: "administrator",
    params: person,
    body: json(z.strictObject({ name: line(200).optional(), isAdmin: z.boolean().optional(), disabled: z.boolean().optional() })),
    answers: { 200: { what: "As it is now", content: json(Person) } },
    problems: [409],
  }),
  listGroups: route({
    method: "GET",
    path: "/api/v1/groups",
    tag,
    summary: "Groups and their members",
    auth: "person",
    answers: { 200: { what: "By name", content: json(listOf(Group)) } },
  }),
  createGroup: route({
    method: "POST",
    path: "/api/v1/groups",
    tag,
    summary: "Make a group",
    auth: "administrator",
    body: json(z.strictObject({ name: line(200) })),
    answers: { 201: { what: "Made", content: json(Group) } },
    problems: [409],
  }),
  deleteGroup: route({
    method: "DELETE",
    path: "/api/v1/groups/{group}",
    tag,
    summary: "Delete a group and what was granted to it",
    auth: "administrator",
    params: z.strictObject({ group: Ulid }),
    answers: { 204: { what: "Deleted", content: EMPTY } },
  }),
  addMember: route({
    method: "PUT",
    path: "/api/v1/groups/{group}/members/{person}",
    tag,
    summary: "Put a person into a group",
    auth: "administrator",
    params: z.strictObject({ group: Ulid, person: Ulid }),
    answers: { 204: { what: "A member", content: EMPTY } },
  }),
  removeMember: route({
    method: "DELETE",
    path: "/api/v1/groups/{group}/members/{person}",
    tag,
    summary: "Take a person out of a group",
    auth: "administrator",
    params: z.strictObject({ group: Ulid, person: Ulid }),
    answers: { 204: { what: "No member", content: EMPTY } },
  }),
} as const

export const CREDENTIAL_ROUTES = {
  listInvites: route({
    method: "GET",
    path: "/api/v1/invites",
    tag,
    summary: "One-use links that were made",
    auth: "administrator",
    answers: { 200: { what: "Newest first", content: json(listOf(Invite)) } },
  }),
  createInvite: route({
    method: "POST",
    path: "/api/v1/invites",
    tag,
    summary: "Make a one-use link: an invitation, or a new password or sign-in for a person",
    auth: "person",
    body: json(
      z.strictObject({
        kind: z.enum(["invite", "reset", "sign_in"]).default("invite"),
        person: Ulid.optional(),
        space: SpaceRef.optional(),
        role: Role.optional(),
        days: z.int().min(1).max(30).default(7),
      }),
    ),
    answers: { 201: { what: "The link, shown only now", content: json(MadeInvite) } },
    problems: [422],
  }),
  revokeInvite: route({
    method: "DELETE",
    path: "/api/v1/invites/{invite}",
    tag,
    summary: "Take a link back",
    auth: "administrator",
    params: z.strictObject({ invite: Ulid }),
    answers: { 204: { what: "It works no more", content: EMPTY } },
  }),
  listTokens: route({
    method: "GET",
    path: "/api/v1/tokens",
    tag,
    summary: "My API tokens; all of them for an administrator who asks",
    auth: "person",
    query: z.strictObject({ all: Flag.optional() }),
    answers: { 200: { what: "Newest first", content: json(listOf(Token)) } },
  }),
  createToken: route({
    method: "POST",
    path: "/api/v1/tokens",
    tag,
    summary: "Make an API token for oneself, or for a service account",
    auth: "person",
    body: json(
      z.strictObject({
        name: line(200),
        scopes: z.array(Scope).min(1).max(4),
        person: Ulid.optional(),
        space: SpaceRef.optional(),
        days: z.int().min(1).max(3650).default(90),
      }),
    ),
    answers: { 201: { what: "The token, shown only now", content: json(MadeToken) } },
    problems: [422],
  }),
  revokeToken: route({
    method: "DELETE",
    path: "/api/v1/tokens/{token}",
    tag,
    summary: "Revoke a token",
    auth: "person",
    params: z.strictObject({ token: Ulid }),
    answers: { 204: { what: "It works no more", content: EMPTY } },
  }),
  listAudit: route({
    method: "GET",
    path: "/api/v1/audit",
    tag: "Operation",
    summary: "What was done and what was denied, newest first",
    auth: "person",
    query: paged.extend({ space: SpaceRef.optional(), actor: Ulid.optional(), action: line(100).optional() }),
    answers: { 200: { what: "Audit events", content: json(listOf(AuditEvent)) } },
  }),
  verifyAudit: route({
    method: "GET",
    path: "/api/v1/audit/verify",
    tag: "Operation",
    summary: "Follow the chain of the audit from its first event",
    auth: "administrator",
    answers: {
      200: {
        what: "Whether it is whole",
        content: json(z.object({ ok: z.boolean(), events: z.int(), firstBad: z.int().nullable(), explanation: prose(1000) })),
      },
    },
  }),
} as const
