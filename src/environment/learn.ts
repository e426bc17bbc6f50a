/** The platform learns what can be imported in its environments: each is asked once, when a kernel is first to be started in it. */
import { toError } from "#base/fault.ts"
import type { Db } from "#database/index.ts"
import type { Importable } from "#environment/ports.ts"
import { hasImportable, recordImportable } from "#environment/sql/importable.ts"
import type { Resolved } from "#environment/world.ts"

export type Asked = Pick<Resolved, "sha256" | "kernelName" | "launch">

export type LearnerWorld = {
  readonly db: Db
  /** undefined for what is neither Python nor R, or does not answer: it is asked again when it is used again. */
  readonly ask: (asked: Asked) => Promise<Importable | undefined>
  readonly tell: (line: string) => void
}

/** Gives what is told of every environment that is used; nobody waits for what it does. */
export function importableLearner({ db, ask, tell }: LearnerWorld): (asked: Asked) => Promise<void> {
  const asked = new Set<string>()
  const learn = async (one: Asked) => {
    if (await hasImportable(db, one.sha256)) return
    const importable = await ask(one)
    if (importable) await recordImportable(db, one.sha256, importable)
    else asked.delete(one.sha256)
  }
  return async (one) => {
    if (asked.has(one.sha256)) return
    asked.add(one.sha256)
    await learn(one).catch((error: unknown) => {
      asked.delete(one.sha256)
      tell(`what can be imported in ${one.sha256.slice(0, 12)}: ${toError(error).message}`)
    })
  }
}
