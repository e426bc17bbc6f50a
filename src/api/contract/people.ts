/** Who: shapes of people, groups, invitations, tokens, grants. */
import { z } from "zod"
import { line, PersonLink, PlainJson, Sha256, Time, Ulid } from "#api/contract/shapes.ts"

export const Role = z.enum(["viewer", "commenter", "runner", "editor", "admin"]).meta({ id: "Role" })
export const Scope = z.enum(["read", "run", "edit", "admin"]).meta({ id: "Scope" })

export const Person = z
  .object({
    id: Ulid,
    kind: z.enum(["person", "service"]),
    name: z.string(),
    login: z.string().nullable(),
    email: z.string().nullable().meta({ description: "for administrators and the person" }),
    isAdmin: z.boolean(),
    isDisabled: z.boolean(),
    owner: Ulid.nullable().meta({ description: "who answers for a service account" }),
    createdAt: Time,
    hasPassword: z.boolean().nullable().meta({ description: "for administrators and the person" }),
    hasSingleSignOn: z.boolean().nullable().meta({ description: "has come by the organisation's own sign-in; for administrators and the person" }),
  })
  .meta({ id: "Person" })

export const Session = z
  .object({
    person: PersonLink,
    isAdmin: z.boolean(),
    via: z.enum(["session", "token"]),
    scopes: z.array(Scope).meta({ description: "what a token may be used for; all for a session" }),
    publicResults: z.boolean().meta({ description: "whether links to results may be made that anybody can open" }),
  })
  .meta({ id: "Session" })

export const BrowserSession = z
  .object({ id: Sha256, createdAt: Time, seenAt: Time, expiresAt: Time, userAgent: z.string(), address: z.string(), isThis: z.boolean() })
  .meta({ id: "BrowserSession" })

export const AllowedHost = z.object({ host: z.string(), allowedAt: Time }).meta({ id: "AllowedHost" })

export const Group = z
  .object({
    id: Ulid,
    name: z.string(),
    claim: z.string().nullable().meta({ description: "the group's name at the identity provider: whoever has it there is a member" }),
    members: z.int(),
  })
  .meta({ id: "Group" })

export const Member = z.object({ person: PersonLink, byHand: z.boolean(), byClaim: z.boolean() }).meta({ id: "Member" })

export const Invite = z
  .object({
    id: Ulid,
    space: Ulid.nullable(),
    role: Role.nullable(),
    isAdmin: z.boolean(),
    createdBy: Ulid.nullable(),
    createdAt: Time,
    expiresAt: Time,
  })
  .meta({ id: "Invite" })

export const MadeLink = z
  .object({ id: Ulid, link: z.string().meta({ description: "an address that works once; shown only now" }), expiresAt: Time })
  .meta({ id: "MadeLink" })

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

export const MadeToken = z
  .object({ id: Ulid, token: z.string().meta({ description: "shown only now" }), scopes: z.array(Scope), expiresAt: Time })
  .meta({ id: "MadeToken" })

export const Grant = z
  .object({
    id: Ulid,
    space: Ulid,
    notebook: Ulid.nullable().meta({ description: "null: the whole space" }),
    person: PersonLink.nullable(),
    group: PersonLink.nullable(),
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
export const Password = z.string().min(1).max(1000)

export const NewGrant = z
  .strictObject({ person: Ulid.optional(), group: Ulid.optional(), role: Role })
  .refine((grant) => (grant.person === undefined) !== (grant.group === undefined), "Name either a person or a group, not both.")
