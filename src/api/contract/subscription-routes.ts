/** Routes of subscriptions: hearing how runs ended. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { line, NotebookRef, Time, Ulid } from "#api/contract/shapes.ts"

const Hears = z.enum(["all", "failures"]).meta({ description: "every run that ends, or those that fail or are lost" })
const Way = z.enum(["inbox", "webhook", "mail"])

const Subscription = z
  .object({
    id: Ulid,
    template: z.string().nullable(),
    notebook: z.object({ id: Ulid, title: z.string() }).nullable(),
    hears: Hears,
    way: Way,
    address: z.string().meta({ description: "of a webhook" }),
    createdAt: Time,
    problem: z.string().meta({ description: "why the last delivery did not arrive; empty when it did" }),
    failedAt: Time.nullable(),
  })
  .meta({ id: "Subscription" })

const tag = "Subscriptions"

export const SUBSCRIPTION_ROUTES = {
  listSubscriptions: route({
    method: "GET",
    path: "/api/v1/subscriptions",
    tag,
    summary: "What I want to hear of, and the ways in which this platform can tell me",
    auth: "person",
    query: z.strictObject({ template: line(120).optional(), notebook: Ulid.optional() }),
    answers: { 200: { what: "Subscriptions", content: json(z.object({ items: z.array(Subscription), ways: z.array(Way) })) } },
  }),
  subscribe: route({
    method: "POST",
    path: "/api/v1/subscriptions",
    tag,
    summary: "Hear how the runs of a template or notebook end. By a token nobody subscribes: what it began would outlive it",
    auth: "session",
    body: json(
      z.strictObject({
        template: line(120).optional(),
        notebook: NotebookRef.optional(),
        hears: Hears.default("failures"),
        way: Way,
        address: z.string().max(2000).optional().meta({ description: "of a webhook: https" }),
      }),
    ),
    answers: {
      200: {
        what: "The subscription",
        content: json(
          Subscription.extend({
            secret: z.string().meta({ description: "what a webhook is signed with, shown this once; empty for the other ways" }),
          }),
        ),
      },
    },
    problems: [422],
  }),
  unsubscribe: route({
    method: "DELETE",
    path: "/api/v1/subscriptions/{subscription}",
    tag,
    summary: "Hear no more of it",
    auth: "person",
    params: z.strictObject({ subscription: Ulid }),
    answers: { 204: { what: "It has ended", content: EMPTY } },
  }),
} as const
