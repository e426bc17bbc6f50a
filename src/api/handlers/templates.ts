/** Templates: found, decided about, run by name. */
import type { z } from "zod"
import type { TEMPLATE_ROUTES } from "#api/contract/template-routes.ts"
import type { Promotion, Template } from "#api/contract/templates.ts"
import { badCursor } from "#api/handlers/cursor.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { runOf } from "#api/handlers/run-views.ts"
import { given } from "#api/handlers/spaces.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { headerOf } from "#api/serve/context.ts"
import { type Api, type Handlers, passed, sendValue } from "#api/serve/handler.ts"
import { templateOpenApi } from "#api/template-openapi.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { type Actor, can } from "#people/index.ts"
import {
  decideTemplate,
  describe,
  environmentsOf,
  evidenceOf,
  getPromoted,
  getTemplate,
  handOverTemplate,
  type LaunchTemplate,
  launchTemplate,
  listTemplates,
  mayRevokeConsent,
  type OwnerView,
  type PromotionRow,
  pointChannel,
  promotionsOf,
  revokeConsent,
  setSpaceCodeOwners,
  spaceCodeOwners,
  type TemplateRow,
  templateCodeOwners,
  type Usage,
  usageOf,
  whyNotNow,
} from "#template/index.ts"

export const TEMPLATES: Handlers<keyof typeof TEMPLATE_ROUTES> = {
  listTemplates: async ({ api, actor, query }) => {
    const { cursor: after, ...rest } = query
    if (after?.includes("\0")) return badCursor()
    const found = await listTemplates(worldOf(api), actor, { ...rest, after })
    const last = found.length === query.limit && query.order === "name" ? found.at(-1) : undefined
    return sendValue<"listTemplates">(200, { items: found.map(templateOf), next: last?.name ?? null })
  },
  getTemplate: async ({ api, actor, params }) => {
    const found = await getTemplate(worldOf(api), actor, params.template)
    if (!found.ok) return found
    return accepted({ kind: "json", status: 200, value: await wholeOf(api, actor, found.value) })
  },
  getTemplateUsage: async ({ api, actor, params }) =>
    passed(await usageOf(worldOf(api), actor, params.template), (usage) => ({ kind: "json", status: 200, value: usageView(usage) })),
  getTemplateOpenApi: async ({ api, actor, params }) => {
    const found = await getPromoted(worldOf(api), actor, params.template)
    if (!found.ok) return found
    const { row, promotion } = found.value
    const description = await describe(worldOf(api), { notebook: row.notebook, ...promotion })
    const { parameters, version } = promotion
    const document = templateOpenApi({ url: api.url.origin, template: params.template, title: row.title, description, version, parameters })
    return sendValue<"getTemplateOpenApi">(200, document)
  },
  decideTemplate: async ({ api, actor, params, body }) => one(await decideTemplate(worldOf(api), actor, { ...params, ...body })),
  handOverTemplate: async ({ api, actor, params, body }) => one(await handOverTemplate(worldOf(api), actor, { ...params, to: body.person })),
  revokeConsent: async ({ api, actor, params }) => one(await revokeConsent(worldOf(api), actor, params.template)),
  listCodeOwners: async ({ api, actor, params }) => owners(await spaceCodeOwners(worldOf(api), actor, params.space)),
  setCodeOwners: async ({ api, actor, params, body }) =>
    owners(await setSpaceCodeOwners(worldOf(api), actor, { ...params, owners: body.codeOwners })),
  listPromotions: async ({ api, actor, params }) =>
    passed(await promotionsOf(worldOf(api), actor, params.template), (rows) => ({
      kind: "json",
      status: 200,
      value: { items: rows.map(promotionOf), next: null },
    })),
  getEvidence: async ({ api, actor, params }) =>
    passed(await evidenceOf(worldOf(api), actor, params), (value) => ({
      kind: "json",
      status: 200,
      value: { ...value, rotations: [...(value.rotations ?? [])] },
    })),
  pointChannel: async ({ api, actor, params, body }) => nothing(await pointChannel(worldOf(api), actor, { ...params, ...body })),
  runTemplate: async ({ api, actor, request, params, body }) => {
    // The contract's schema is stricter than Launch in every field; numbers in the parameters kept their spelling.
    const launch = { ...given(body), template: params.template } as LaunchTemplate
    const launched = await launchTemplate(worldOf(api), actor, launch, headerOf(request, "idempotency-key"))
    return passed(launched, ({ run, created }) => ({
      kind: "json",
      status: created ? 201 : 200,
      value: runOf(api, run),
      headers: { location: `/api/v1/runs/${run.id}` },
    }))
  },
  getSigningKey: async ({ api }) => {
    const [{ keyId, fingerprint, publicKey }, rotations] = await Promise.all([api.world.signer.current(), api.world.signer.rotations()])
    return sendValue<"getSigningKey">(200, { keyId, fingerprint, publicKey, rotations: [...rotations] })
  },
}

function one(found: Outcome<TemplateRow, AnyRefusal>) {
  return found.ok ? accepted({ kind: "json" as const, status: 200 as const, value: templateOf(found.value) }) : found
}

function owners(found: Outcome<readonly OwnerView[], AnyRefusal>) {
  return passed(found, (rows) => ({ kind: "json" as const, status: 200 as const, value: { items: [...rows], next: null } }))
}

async function wholeOf(api: Api, actor: Actor, row: TemplateRow) {
  const world = worldOf(api)
  const thing = { space: row.space.id, notebook: row.notebook.id }
  const [description, codeOwners, mayEdit, mayAdminister, mayRevoke, inTheWay, environments] = await Promise.all([
    describe(world, row),
    templateCodeOwners(world, row),
    can(world.db, actor, "edit", thing),
    can(world.db, actor, "administer", { space: row.space.id }),
    mayRevokeConsent(world, actor, row),
    whyNotNow(world, row),
    environmentsOf(world, row),
  ])
  const about = { description, codeOwners, mayEdit, mayAdminister, mayRevoke, standsInTheWay: inTheWay ?? "" }
  // Test cases tell of the code.
  const tested =
    environments.tested && (mayEdit || !row.notebook.codeHidden) ? { ...environments.tested, since: toIso(environments.tested.since) } : null
  return { ...templateOf(row), ...about, environments: { ...environments, tested, names: { ...environments.names } } }
}

function templateOf(row: TemplateRow): z.output<typeof Template> {
  return {
    ...row,
    profile: { ...row.profile },
    description: row.description ?? "",
    promotedAt: isoOrNull(row.promotedAt),
    createdAt: toIso(row.createdAt),
    deprecatedAt: isoOrNull(row.deprecatedAt),
  }
}

function usageView({ typicalMs, slowMs, lastAt, callers, proofs, example, ...rest }: Usage) {
  return {
    ...rest,
    lastAt: isoOrNull(lastAt),
    typicalSeconds: typicalMs === null ? null : typicalMs / 1000,
    slowSeconds: slowMs === null ? null : slowMs / 1000,
    callers: callers.map(({ id, name, lastAt: at, ...caller }) => ({ ...caller, person: { id, name }, lastAt: toIso(at) })),
    example: example && { ...example, files: [...example.files] },
    proofs: proofs.map((proof) => ({ ...proof, files: [...proof.files] })),
  }
}

function promotionOf(row: PromotionRow): z.output<typeof Promotion> {
  const versions = row.versions.map((one) => ({ ...one, createdAt: toIso(one.createdAt) }))
  return { ...row, at: toIso(row.at), channels: [...row.channels], versions }
}
