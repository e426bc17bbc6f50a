import { createHash, randomBytes } from "node:crypto"
import type { Random } from "#base/id.ts"
import type { Db } from "#database/index.ts"
import { argon2Passwords } from "#people/adapters/argon2.ts"
import { DEFAULT_POLICY, type Policy } from "#people/policy.ts"
import type { IdentityProvider, PeopleWorld } from "#people/ports.ts"

export const systemRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) }

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex")
}

export type PeopleOptions = {
  readonly db: Db
  readonly clock: PeopleWorld["clock"]
  readonly random?: Random
  readonly policy?: Partial<Policy>
  readonly provider?: IdentityProvider | undefined
}

/** The world of people as it is on a real machine. */
export function openPeople({ db, clock, random = systemRandom, policy, provider }: PeopleOptions): PeopleWorld {
  return { db, clock, random, sha256, passwords: argon2Passwords(), provider, policy: { ...DEFAULT_POLICY, ...policy } }
}
