import { hash, parseOptions, verify } from "@node-rs/argon2"
import { Fault } from "#base/fault.ts"
import type { Passwords } from "#people/ports.ts"

/**
 * argon2id as OWASP's Password Storage Cheat Sheet gives it first: 19 MiB, two passes, one lane. The library's `Algorithm` is a
 * const enum, which cannot be named where each file is compiled by itself: 2 is Argon2id.
 */
export const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

/** Computed at once, and waiting for it, at most. Each takes 19 MiB and a core for some 20 ms: a flood must not take the machine. */
const AT_ONCE = 2
const WAITING = 100

export function argon2Passwords(parameters: typeof PARAMETERS | Record<keyof typeof PARAMETERS, number> = PARAMETERS): Passwords {
  const inTurn = bounded(AT_ONCE, WAITING)
  let decoy: Promise<string> | undefined
  return {
    hash: (password) => inTurn(() => hash(password, parameters)),
    async verify(stored, password) {
      // The hash of nothing anybody knows, so that a login that nobody has takes as long as a wrong password.
      decoy ??= hash(crypto.getRandomValues(new Uint8Array(32)), parameters)
      const against = stored ?? (await decoy)
      const matches = await inTurn(() => verify(against, password))
      return matches && stored !== undefined
    },
    isCurrent(stored) {
      try {
        const had = parseOptions(stored)
        return (Object.keys(parameters) as (keyof typeof PARAMETERS)[]).every((name) => Number(had[name]) === parameters[name]) && had.version === 1
      } catch {
        return false
      }
    },
  }
}

function bounded(atOnce: number, waiting: number) {
  let running = 0
  const queue: (() => void)[] = []
  return async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (running >= atOnce) {
      if (queue.length >= waiting)
        throw new Fault("busy", "Too many people sign in at this moment.", { retry: "later", remedy: "Try again in a few seconds." })
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
}
