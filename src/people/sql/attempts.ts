import type { Db } from "#database/index.ts"
import { type AttemptKind, type Counted, NEVER_TRIED, takeTurn } from "#people/attempts.ts"
import type { PeopleWorld } from "#people/ports.ts"

/** What one attempt to sign in is counted for. */
export type AttemptKeys = { readonly [Kind in AttemptKind]: string }

export function attemptKeys(world: PeopleWorld, login: string, address: string): AttemptKeys {
  const key = (kind: AttemptKind, text: string) => world.sha256(`${kind}\n${text}`)
  return {
    login_and_address: key("login_and_address", `${login}\n${address}`),
    login: key("login", login),
    address: key("address", address),
  }
}

/** Counts one more attempt, before the password is looked at. Gives how long to wait when it is not to be looked at, else 0. */
export async function takeAttempt(world: PeopleWorld, keys: AttemptKeys): Promise<number> {
  const now = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    const before = await locked(tx, keys)
    const turns = kinds(keys).map(([kind, key]) => ({ key, turn: takeTurn(kind, before.get(key) ?? NEVER_TRIED, now) }))
    const wait = Math.max(0, ...turns.map(({ turn }) => ("waitMs" in turn ? turn.waitMs : 0)))
    if (wait > 0) return wait
    for (const { key, turn } of turns) if ("next" in turn) await write(tx, key, turn.next)
    return 0
  })
}

/** The attempt was right: the login's count is over, the address has one failure less. */
export async function forgive(tx: Db, keys: AttemptKeys): Promise<void> {
  await tx.deleteFrom("sign_in_attempt").where("key", "in", [keys.login, keys.login_and_address]).execute()
  await tx
    .updateTable("sign_in_attempt")
    .set((eb) => ({ failures: eb.fn<number>("greatest", [eb.lit(0), eb("failures", "-", 1)]), blocked_until: new Date(0) }))
    .where("key", "=", keys.address)
    .execute()
}

function kinds(keys: AttemptKeys) {
  return Object.entries(keys) as [AttemptKind, string][]
}

async function locked(tx: Db, keys: AttemptKeys): Promise<ReadonlyMap<string, Counted>> {
  // In the order of the keys, here and in the lock: two attempts never wait for each other in a circle.
  const all = Object.values(keys).sort()
  const never = { failures: 0, last_at: new Date(0), blocked_until: new Date(0) }
  await tx
    .insertInto("sign_in_attempt")
    .values(all.map((key) => ({ key, ...never })))
    .onConflict((on) => on.doNothing())
    .execute()
  const rows = await tx.selectFrom("sign_in_attempt").selectAll().where("key", "in", all).orderBy("key").forUpdate().execute()
  return new Map(rows.map((row) => [row.key, { failures: row.failures, lastAt: row.last_at, blockedUntil: row.blocked_until }]))
}

async function write(tx: Db, key: string, next: Counted): Promise<void> {
  await tx
    .updateTable("sign_in_attempt")
    .set({ failures: next.failures, last_at: new Date(next.lastAt), blocked_until: new Date(next.blockedUntil) })
    .where("key", "=", key)
    .execute()
}
