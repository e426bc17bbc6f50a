/** Spaces, who may do what in them, and what stands in them. */
import type { z } from "zod"
import type { Space } from "#api/contract/library.ts"
import type { Grant } from "#api/contract/people.ts"
import type { SPACE_ROUTES } from "#api/contract/space-routes.ts"
import { itemOf, spaceOf } from "#api/handlers/library-views.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { grantOf } from "#api/handlers/people-views.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Api, type Handlers, passed, sendValue } from "#api/serve/handler.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { changeSpace, createSpace, getSpace, listFolder, listSpaces, restoreSpace, type SpaceRow, trashSpace } from "#library/index.ts"
import {
  type Actor,
  type GrantId,
  type GroupId,
  grant,
  listGrants,
  type PersonId,
  type Role,
  revokeGrant,
  type SpaceId,
  type Thing,
} from "#people/index.ts"

export const SPACES: Handlers<keyof typeof SPACE_ROUTES> = {
  listSpaces: async ({ api, actor, query }) => {
    const found = await listSpaces(api.world.library.db, actor, { trashed: query.trashed ?? false })
    return sendValue<"listSpaces">(200, { items: found.map((row) => spaceOf(row, row.role)), next: null })
  },
  createSpace: async ({ api, actor, body }) => {
    const made = await createSpace(api.world.library, actor, { name: body.name, ...(body.title === undefined ? {} : { title: body.title }) })
    return passed(made, (row) => ({ kind: "json", status: 201, value: spaceOf(row, "admin"), headers: { location: `/api/v1/spaces/${row.id}` } }))
  },
  getSpace: async ({ api, actor, params }) => one(api, actor, await getSpace(api.world.library.db, actor, params.space)),
  changeSpace: async ({ api, actor, params, body }) => one(api, actor, await changeSpace(api.world.library, actor, params.space, given(body))),
  trashSpace: async ({ api, actor, params }) => nothing(await trashSpace(api.world.library, actor, params.space)),
  restoreSpace: async ({ api, actor, params }) => one(api, actor, await restoreSpace(api.world.library, actor, params.space)),
  listItems: async ({ api, actor, params, query }) => {
    const found = await listFolder(api.world.library.db, actor, { space: params.space, ...given(query) })
    return passed(found, ({ items, next }) => ({
      kind: "json",
      status: 200,
      value: { items: items.map((item) => itemOf(api, item)), next: next ?? null },
    }))
  },
  listGrants: async ({ api, actor, params }) => {
    const space = await spaceIdFor(api, actor, params.space)
    return space.ok ? grantsOf(api, actor, { space: space.value }) : space
  },
  grant: async ({ api, actor, params, body }) => {
    const space = await spaceIdFor(api, actor, params.space)
    return space.ok ? granted(api, actor, { space: space.value }, body) : space
  },
  revokeGrant: async ({ api, actor, params }) => {
    const space = await spaceIdFor(api, actor, params.space)
    return space.ok ? nothing(await revokeGrant(api.world.people, actor, params.grant as GrantId)) : space
  },
}

/** By id or name; what may not be read is not there. */
export async function spaceIdFor(api: Api, actor: Actor, ref: string): Promise<Outcome<SpaceId, AnyRefusal>> {
  const found = await getSpace(api.world.library.db, actor, ref)
  return found.ok ? accepted(found.value.id) : found
}

export async function grantsOf(api: Api, actor: Actor, thing: Thing) {
  return passed(await listGrants(api.world.people, actor, thing), (found) => ({
    kind: "json" as const,
    status: 200 as const,
    value: { items: found.map(grantOf), next: null },
  }))
}

export type AskedGrant = { readonly person?: string | undefined; readonly group?: string | undefined; readonly role: Role }

export async function granted(api: Api, actor: Actor, thing: Thing, { person, group, role }: AskedGrant) {
  const to = person === undefined ? { group: group as GroupId } : { person: person as PersonId }
  const made = await grant(api.world.people, actor, { thing, to, role })
  if (!made.ok) return made
  const found = await listGrants(api.world.people, actor, thing)
  const view = found.ok ? found.value.find(({ id }) => id === made.value.id) : undefined
  if (!view) throw new Error(`the grant ${made.value.id} was given a moment ago`)
  const value: z.output<typeof Grant> = grantOf(view)
  return accepted({ kind: "json" as const, status: 201 as const, value })
}

async function one(
  api: Api,
  actor: Actor,
  found: Outcome<SpaceRow, AnyRefusal>,
): Promise<Outcome<{ readonly kind: "json"; readonly status: 200; readonly value: z.output<typeof Space> }, AnyRefusal>> {
  if (!found.ok) return found
  const listed = (await listSpaces(api.world.library.db, actor, { trashed: found.value.trashedAt !== null })).find(({ id }) => id === found.value.id)
  return accepted({ kind: "json", status: 200, value: spaceOf(found.value, listed?.role ?? null) })
}

/** Without members that are undefined. */
export function given<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never
}
