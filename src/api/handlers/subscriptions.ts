/** Subscriptions: hearing how runs ended. */
import type { SUBSCRIPTION_ROUTES } from "#api/contract/subscription-routes.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import { type Handlers, passed, sendValue } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import { type SubscriptionRow, subscribe, subscriptionsOf, unsubscribe, type Ways } from "#template/index.ts"

const NONE: Ways = { mail: false, privateAddresses: false }

export const SUBSCRIPTIONS: Handlers<keyof typeof SUBSCRIPTION_ROUTES> = {
  listSubscriptions: async ({ api, actor, query }) => {
    const ways = api.world.ways ?? NONE
    const found = await subscriptionsOf(worldOf(api), actor, query)
    return sendValue<"listSubscriptions">(200, { items: found.map(viewOf), ways: ["inbox", "webhook", ...(ways.mail ? (["mail"] as const) : [])] })
  },
  subscribe: async ({ api, actor, body }) =>
    passed(await subscribe(worldOf(api), actor, api.world.ways ?? NONE, body), ({ row, secret }) => ({
      kind: "json",
      status: 200,
      value: { ...viewOf(row), secret },
    })),
  unsubscribe: async ({ api, actor, params }) => nothing(await unsubscribe(worldOf(api), actor, params.subscription)),
}

function viewOf({ createdAt, failedAt, ...row }: SubscriptionRow) {
  return { ...row, createdAt: toIso(createdAt), failedAt: isoOrNull(failedAt) }
}
