/** People, groups, links, tokens. */
import type { CREDENTIAL_ROUTES, PEOPLE_ROUTES } from "#api/contract/people-routes.ts"
import { auditPage } from "#api/handlers/audit.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { groupOf, inviteOf, personOf, tokenOf } from "#api/handlers/people-views.ts"
import { spaceIdFor } from "#api/handlers/spaces.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Api, type Handlers, passed, sendValue } from "#api/serve/handler.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import {
  type Actor,
  addMember,
  changeGroup,
  changePerson,
  createGroup,
  createService,
  createToken,
  disablePerson,
  enablePerson,
  type GroupId,
  getPerson,
  handOverAll,
  holdings,
  type InviteId,
  invite,
  listGroups,
  listInvites,
  listMembers,
  listPeople,
  listTokens,
  type PersonId,
  removeGroup,
  removeMember,
  resetLink,
  revokeToken,
  type TokenId,
  withdrawInvite,
} from "#people/index.ts"

export const PEOPLE: Handlers<keyof typeof PEOPLE_ROUTES> = {
  listPeople: async ({ api, actor, query }) => {
    const found = await listPeople(api.world.people, actor, { search: query.q, limit: query.limit, after: query.cursor as PersonId | undefined })
    return sendValue<"listPeople">(200, { items: found.map(personOf), next: found.length === query.limit ? (found.at(-1)?.id ?? null) : null })
  },
  createService: async ({ api, actor, body }) => {
    const made = await createService(api.world.people, actor, { name: body.name, owner: body.owner as PersonId | undefined })
    if (!made.ok) return made
    const person = await getPerson(api.world.people, actor, made.value.id)
    return passed(person, (view) => ({ kind: "json", status: 201, value: personOf(view), headers: { location: `/api/v1/people/${view.id}` } }))
  },
  getPerson: async ({ api, actor, params }) => shownPerson(api, actor, params.person as PersonId),
  changePerson: async ({ api, actor, params, body }) => {
    const id = params.person as PersonId
    const changed = await applied(api, actor, id, body)
    return changed.ok ? shownPerson(api, actor, id) : changed
  },
  makeResetLink: async ({ api, actor, params }) =>
    passed(await resetLink(api.world.people, actor, params.person as PersonId), (link) => ({
      kind: "json",
      status: 201,
      value: { id: link.id, link: addressOf(api, "/reset", link.code), expiresAt: toIso(link.expiresAt) },
    })),
  getHoldings: async ({ api, actor, params }) =>
    passed(await holdings(api.world.people, actor, params.person as PersonId), ({ notebooks, services, templates, administers, ...counts }) => ({
      kind: "json",
      status: 200,
      value: { ...counts, notebooks: [...notebooks], services: [...services], templates: [...templates], administers: [...administers] },
    })),
  handOverAll: async ({ api, actor, params, body }) =>
    passed(await handOverAll(api.world.people, actor, { from: params.person as PersonId, to: body.to as PersonId }), (handed) => ({
      kind: "json",
      status: 200,
      value: handed,
    })),
  listGroups: async ({ api, actor }) => sendValue<"listGroups">(200, { items: (await listGroups(api.world.people, actor)).map(groupOf), next: null }),
  createGroup: async ({ api, actor, body }) =>
    passed(await createGroup(api.world.people, actor, body), ({ id }) => ({
      kind: "json",
      status: 201,
      value: { id, name: body.name, claim: body.claim ?? null, members: 0 },
    })),
  changeGroup: async ({ api, actor, params, body }) => nothing(await changeGroup(api.world.people, actor, params.group as GroupId, body)),
  deleteGroup: async ({ api, actor, params }) => nothing(await removeGroup(api.world.people, actor, params.group as GroupId)),
  listMembers: async ({ api, actor, params }) => {
    const members = await listMembers(api.world.people, actor, params.group as GroupId)
    return sendValue<"listMembers">(200, {
      items: members.map(({ person, name, byHand, byClaim }) => ({ person: { id: person, name }, byHand, byClaim })),
      next: null,
    })
  },
  addMember: async ({ api, actor, params }) =>
    nothing(await addMember(api.world.people, actor, { group: params.group as GroupId, person: params.person as PersonId })),
  removeMember: async ({ api, actor, params }) =>
    nothing(await removeMember(api.world.people, actor, { group: params.group as GroupId, person: params.person as PersonId })),
}

export const CREDENTIALS: Handlers<keyof typeof CREDENTIAL_ROUTES> = {
  listInvites: async ({ api, actor, query }) => {
    const space = query.space === undefined ? accepted(undefined) : await spaceIdFor(api, actor, query.space)
    if (!space.ok) return space
    return passed(await listInvites(api.world.people, actor, space.value), (found) => ({
      kind: "json",
      status: 200,
      value: { items: found.map(inviteOf), next: null },
    }))
  },
  createInvite: async ({ api, actor, body }) => {
    const space = body.space === undefined ? accepted(undefined) : await spaceIdFor(api, actor, body.space)
    if (!space.ok) return space
    const made = await invite(api.world.people, actor, { space: space.value, role: body.role, isAdmin: body.isAdmin, days: body.days })
    return passed(made, (link) => ({
      kind: "json",
      status: 201,
      value: { id: link.id, link: addressOf(api, "/join", link.code), expiresAt: toIso(link.expiresAt) },
    }))
  },
  withdrawInvite: async ({ api, actor, params }) => nothing(await withdrawInvite(api.world.people, actor, params.invite as InviteId)),
  listTokens: async ({ api, actor, query }) =>
    sendValue<"listTokens">(200, {
      items: (await listTokens(api.world.people, actor, query.person as PersonId | undefined)).map(tokenOf),
      next: null,
    }),
  createToken: async ({ api, actor, body }) => {
    const space = body.space === undefined ? accepted(undefined) : await spaceIdFor(api, actor, body.space)
    if (!space.ok) return space
    const made = await createToken(api.world.people, actor, {
      name: body.name,
      scopes: body.scopes,
      days: body.days,
      space: space.value,
      for: body.person as PersonId | undefined,
    })
    return passed(made, (minted) => ({
      kind: "json",
      status: 201,
      value: { ...minted, scopes: [...minted.scopes], expiresAt: toIso(minted.expiresAt) },
    }))
  },
  revokeToken: async ({ api, actor, params }) => nothing(await revokeToken(api.world.people, actor, params.token as TokenId)),
  listAudit: auditPage,
}

type Change = {
  readonly name?: string | undefined
  readonly login?: string | undefined
  readonly email?: string | undefined
  readonly isAdmin?: boolean | undefined
  readonly isDisabled?: boolean | undefined
  readonly keepTokens?: boolean | undefined
}

async function applied(api: Api, actor: Actor, id: PersonId, { isDisabled, keepTokens, ...change }: Change): Promise<Outcome<void, AnyRefusal>> {
  const fields = Object.values(change).some((value) => value !== undefined)
  const changed = fields || isDisabled === undefined ? await changePerson(api.world.people, actor, id, change) : accepted(undefined)
  if (!changed.ok || isDisabled === undefined) return changed
  return isDisabled
    ? disablePerson(api.world.people, actor, id, keepTokens === undefined ? {} : { keepTokens })
    : enablePerson(api.world.people, actor, id)
}

async function shownPerson(api: Api, actor: Actor, id: PersonId) {
  return passed(await getPerson(api.world.people, actor, id), (view) => ({ kind: "json" as const, status: 200 as const, value: personOf(view) }))
}

function addressOf(api: Api, path: "/sign-in" | "/join" | "/reset", code: string): string {
  return `${api.url.origin}${path}?link=${code}`
}
