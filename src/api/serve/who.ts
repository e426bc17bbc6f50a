/** Who asks: a session's cookie or a token, looked up, and believed for at most as long as a revocation may take. */
import type { FastifyRequest } from "fastify"
import { cookieValue } from "#api/guard/cookie.ts"
import { headerOf, type Known } from "#api/serve/context.ts"
import type { Hub } from "#api/serve/hub.ts"
import type { ApiWorld } from "#api/world.ts"
import { type Actor, sessionActor, tokenActor } from "#people/index.ts"

export type Doorkeeper = {
  /** Whoever shows a credential that is not good is nobody; `bad` tells it from showing none. */
  whoAsks(request: FastifyRequest): Promise<Known & { readonly bad: boolean }>
  /** The same credential asked again, past all caches: for what stays open. */
  stillGood(known: Known, request: FastifyRequest): Promise<boolean>
  forget(): void
}

type Remembered = { readonly actor: Actor; readonly until: number }

export function doorkeeper(
  world: ApiWorld,
  { hub, cookie, trustMs }: { readonly hub: Hub; readonly cookie: string; readonly trustMs: number },
): Doorkeeper {
  const remembered = new Map<string, Remembered>()
  hub.onAnybody((person) => {
    for (const [key, { actor }] of remembered) if (person === undefined || actor.id === person) remembered.delete(key)
  })
  const lookUp = (by: "cookie" | "token", value: string) => (by === "token" ? tokenActor(world.people, value) : sessionActor(world.people, value))
  const find = async (by: "cookie" | "token", value: string): Promise<Actor | undefined> => {
    const key = world.sha256(`${by} ${value}`)
    const known = remembered.get(key)
    if (known && known.until > world.clock.steady()) return known.actor
    const actor = await lookUp(by, value)
    remembered.delete(key)
    if (actor) remembered.set(key, { actor, until: world.clock.steady() + trustMs })
    if (remembered.size > 5000)
      for (const oldest of remembered.keys())
        if (remembered.size > 4000) remembered.delete(oldest)
        else break
    return actor
  }
  return {
    async whoAsks(request) {
      const shown = shownBy(request, cookie)
      if (shown.by === "nothing") return { actor: undefined, by: "nothing", cookie: undefined, bad: shown.bad }
      const actor = await find(shown.by, shown.value)
      return { actor, by: shown.by, cookie: shown.by === "cookie" ? shown.value : undefined, bad: actor === undefined }
    },
    async stillGood(known, request) {
      const shown = shownBy(request, cookie)
      if (shown.by === "nothing") return false
      const actor = await lookUp(shown.by, shown.value)
      return actor !== undefined && actor.id === known.actor?.id
    },
    forget: () => remembered.clear(),
  }
}

type Shown = { readonly by: "nothing"; readonly bad: boolean } | { readonly by: "cookie" | "token"; readonly value: string }

/** A token outweighs a cookie: programs send it on purpose. */
function shownBy(request: FastifyRequest, cookie: string): Shown {
  const authorization = headerOf(request, "authorization")
  if (authorization !== undefined) {
    const token = /^bearer +([\x21-\x7e]{1,300})$/iu.exec(authorization.trim())?.[1]
    return token === undefined ? { by: "nothing", bad: true } : { by: "token", value: token }
  }
  const value = cookieValue(headerOf(request, "cookie"), cookie)
  return value === undefined ? { by: "nothing", bad: false } : { by: "cookie", value }
}
