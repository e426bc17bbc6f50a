/** Environments, workers, health. */
import type { z } from "zod"
import type { PLATFORM_ROUTES } from "#api/contract/run-routes.ts"
import type { Environment } from "#api/contract/runs.ts"
import { badCursor } from "#api/handlers/cursor.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { workersPage } from "#api/handlers/workers.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Handlers, sendValue } from "#api/serve/handler.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { type KnownEnvironment, knownEnvironment, knownEnvironments, makeNamed } from "#environment/index.ts"
import { audit } from "#people/index.ts"

export const PLATFORM: Handlers<keyof typeof PLATFORM_ROUTES> = {
  listEnvironments: async ({ api, query }) => {
    const after = query.cursor === undefined ? accepted(undefined) : cursorOf(query.cursor)
    if (!after.ok) return after
    const found = await knownEnvironments(api.world.people.db, { limit: query.limit, name: query.name, after: after.value })
    const last = found.at(-1)?.manifest
    return sendValue<"listEnvironments">(200, {
      items: found.map(environmentOf),
      next: found.length === query.limit && last ? `${last.madeAt}-${last.sha256}` : null,
    })
  },
  getEnvironment: async ({ api, params }) => {
    const found = await knownEnvironment(api.world.people.db, params.environment)
    return found ? sendValue<"getEnvironment">(200, environmentOf(found)) : noSuchEnvironment(params.environment)
  },
  buildEnvironment: async ({ api, actor, body, gone }) => {
    const built = await makeNamed(api.world.environment, {
      name: body.name,
      requirements: body.requirements,
      python: body.python ?? "",
      cancellation: gone,
      recorded: (tx, { name, sha256, at }) =>
        audit(tx, { actor, action: "environment.build", thing: `environment/${sha256}`, outcome: "done", detail: { name }, at }),
    })
    if (!built.ok) return built
    const found = await knownEnvironment(api.world.people.db, body.name)
    return found ? sendValue<"buildEnvironment">(201, environmentOf(found)) : noSuchEnvironment(body.name)
  },
  listKernels: async ({ api }) => {
    const items = (await api.world.environment.kernels()).map(({ name, displayName, language }) => ({ name, displayName, language }))
    return sendValue<"listKernels">(200, { items: items.sort((a, b) => (a.name < b.name ? -1 : 1)), next: null })
  },
  listWorkers: workersPage,
  getHealth: async ({ api }) => sendValue<"getHealth">(200, await api.world.health()),
}

function environmentOf({ manifest, name, lastUsedAt }: KnownEnvironment): z.output<typeof Environment> {
  return {
    sha256: manifest.sha256,
    name,
    kind: manifest.what.kind,
    what: manifest.what,
    requirements: [...manifest.requirements],
    createdAt: toIso(manifest.madeAt),
    lastUsedAt: isoOrNull(lastUsedAt),
  }
}

function cursorOf(cursor: string): Outcome<{ readonly madeAt: number; readonly sha256: string }, AnyRefusal> {
  const [, madeAt = "", sha256 = ""] = /^(\d{1,15})-([0-9a-f]{64})$/u.exec(cursor) ?? []
  return sha256 === "" ? badCursor() : accepted({ madeAt: Number(madeAt), sha256 })
}

function noSuchEnvironment(named: string): { readonly ok: false; readonly refusal: AnyRefusal } {
  return refused({
    refused: "no_such_environment",
    message: `There is no environment ${JSON.stringify(named.slice(0, 100))}.`,
    remedy: "See which there are at /api/v1/environments.",
  })
}
