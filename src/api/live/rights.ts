/** What somebody may do here, asked again while they are connected: at once when something changes about them, and now and then anyway. */
import type { FastifyRequest } from "fastify"
import { knownOf } from "#api/serve/context.ts"
import type { Api } from "#api/serve/handler.ts"
import { type NotebookRights, notebookRights } from "#library/index.ts"
import type { Actor, NotebookId } from "#people/index.ts"

export type Standing = "not_signed_in" | "gone" | NotebookRights

export type Rights = {
  /** At most two seconds old. */
  now(): Promise<Standing>
  stop(): void
}

export type Watching = {
  readonly actor: Actor
  readonly notebook: NotebookId
  readonly request: FastifyRequest
  /** Told when what was asked may be different now. */
  readonly changed: (standing: Standing) => void
}

const FRESH_MS = 2000
// A notebook that is moved to another space, or thrown away, is told to nobody.
const ASK_ANYWAY_MS = 3500
// Sessions and tokens also end by themselves.
const CREDENTIAL_MS = 60_000

export function watchRights(api: Api, { actor, notebook, request, changed }: Watching): Rights {
  const { clock, library } = api.world
  const never = Number.NEGATIVE_INFINITY
  let [askedAt, credentialAt] = [never, clock.steady()]
  let standing: Promise<Standing> | undefined
  const ask = async (): Promise<Standing> => {
    if (clock.steady() - credentialAt >= CREDENTIAL_MS) {
      credentialAt = clock.steady()
      if (!(await api.doorkeeper.stillGood(knownOf(request), request))) return "not_signed_in"
    }
    return (await notebookRights(library.db, actor, notebook)) ?? "gone"
  }
  const now = (): Promise<Standing> => {
    if (standing && clock.steady() - askedAt < FRESH_MS) return standing
    askedAt = clock.steady()
    standing = ask()
    standing.then(changed, () => {
      askedAt = never
    })
    return standing
  }
  // What cannot be asked now is asked again in a moment: nobody is sent away because the database is.
  const look = () => void now().catch(() => undefined)
  const stop = api.hub.onPerson(actor.id, () => {
    ;[askedAt, credentialAt] = [never, never]
    look()
  })
  const timer = setInterval(look, ASK_ANYWAY_MS)
  timer.unref()
  return {
    now,
    stop() {
      clearInterval(timer)
      stop()
    },
  }
}
