/** Results that are shown to people who are not signed in. */
import { notebookOf } from "#api/handlers/results.ts"
import type { Api, Handler } from "#api/serve/handler.ts"
import { passed, sendNothing } from "#api/serve/handler.ts"
import { accepted, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { page } from "#page/index.ts"
import { openResult, type PublicResult, publishedResults, publishResult, withdrawResult } from "#work/index.ts"

const NOT_HERE = refused({
  refused: "not_supported" as const,
  message: "Results are not public on this server: whoever runs it has not allowed it.",
  remedy: "They set STET_PUBLIC_RESULTS=1.",
})

/** Who may do it is asked first: others learn nothing of the server from here. */
export const publish: Handler<"publishResult"> = async ({ api, actor, params, body }) => {
  if (!api.options.publicResults) {
    const may = await publishedResults(api.world.work, actor, params.run)
    return may.ok ? NOT_HERE : may
  }
  return passed(await publishResult(api.world.work, actor, { run: params.run, withCode: body.withCode }), ({ secret, ...made }) => ({
    kind: "json",
    status: 201,
    value: { ...shown(made), url: addressOf(api, secret) },
  }))
}

export const listPublic: Handler<"listPublicResults"> = async ({ api, actor, params }) =>
  passed(await publishedResults(api.world.work, actor, params.run), (items) => ({
    kind: "json",
    status: 200,
    value: { items: items.map(shown), next: null },
  }))

export const withdraw: Handler<"withdrawPublicResult"> = async ({ api, actor, params }) => {
  const done = await withdrawResult(api.world.work, actor, params)
  return done.ok ? sendNothing() : done
}

export const showPublic: Handler<"showPublicResult"> = async ({ api, params }) => {
  const found = api.options.publicResults
    ? await openResult(api.world.work, params.link)
    : refused({ refused: "no_such_run" as const, message: "This link leads nowhere." })
  if (!found.ok) return found
  const { notebookPath } = found.value.run
  const name = notebookPath.slice(notebookPath.lastIndexOf("/") + 1)
  return accepted({ kind: "page", html: page(await notebookOf(api, found.value), { source: name, now: api.world.clock.now() }) })
}

function addressOf({ url }: Api, secret: string): string {
  return new URL(`/public/${secret}`, url).href
}

function shown({ id, attempt, withCode, madeBy, madeAt }: PublicResult) {
  return { id, attempt, withCode, madeBy: { ...madeBy }, madeAt: toIso(madeAt) }
}
