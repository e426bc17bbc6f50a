/**
 * A version run from a fresh kernel to see whether it does what it did: once, or twice to tell chance from change. What came of it is
 * judged when somebody looks after its runs have ended, and kept: everybody who may see the version sees that it was proven, and where.
 */
import { newId } from "#base/id.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { getNotebook, resolveVersion, versionBytes } from "#library/index.ts"
import { type Actor, audit, can, SYSTEM } from "#people/index.ts"
import { accept } from "#work/accept.ts"
import type { Values } from "#work/bound.ts"
import { getRun, resultOf } from "#work/reads.ts"
import type { LaunchRefusal } from "#work/refusal.ts"
import { isTerminal, type RunRow } from "#work/row.ts"
import { endProof, insertProof, type Judged, type ProofRow, type ProofsAsked, selectProofs } from "#work/sql/proof.ts"
import type { WorkWorld } from "#work/world.ts"
import { type WritesAgain, writesAgain, writingsIn } from "#work/writes-again.ts"

/** Values are needed where the version has none of its own; both runs get the same. */
export type AskProof = Values & {
  readonly notebook: string
  readonly version: number
  readonly times: 1 | 2
  /** The asker knows that it changes something outside, and wants it again. */
  readonly mayWrite: boolean
}

export type ProofRefusal = LaunchRefusal | WritesAgain

export async function askProof(world: WorkWorld, actor: Actor, asked: AskProof): Promise<Outcome<ProofRow, ProofRefusal>> {
  const version = await resolveVersion(world.library, actor, "run", asked)
  if (!version.ok) return version
  const { notebook, number, space } = version.value
  const writes = asked.mayWrite ? [] : await writingsIn(world.library, version.value)
  if (writes.length > 0) return writesAgain(writes, await seesCode(world, actor, version.value))
  const at = world.clock.now()
  const id = newId<"Proof">(at, world.random)
  const runs: RunRow[] = []
  for (let time = 1; time <= asked.times; time++) {
    const ordered = await accept(
      world,
      actor,
      {
        notebook,
        version: number,
        parameters: asked.parameters,
        parameterTexts: asked.parameterTexts,
        trigger: "test",
        labels: { "stet/proof": `${id}/${time}` },
      },
      { key: `proof/${id}/${time}` },
    )
    if (!ordered.ok) return ordered
    runs.push(ordered.value.run)
  }
  await world.db.transaction().execute(async (tx) => {
    const ids = runs.map((run) => run.id)
    await insertProof(tx, { id, space, notebook, version: number, runs: ids, ...givenIn(runs), askedBy: actor.id, at })
    const detail = { proof: id, version: number, runs: ids, mayWrite: asked.mayWrite }
    await audit(tx, { actor, action: "proof.ask", thing: `notebook/${notebook}`, space, outcome: "done", detail, at })
  })
  const [row] = await selectProofs(world.db, { notebook, version: number, limit: 1 })
  if (row?.id !== id) throw new Error(`the proof ${id} was stored and is not the newest`)
  return accepted(row)
}

/** Both have the same. */
function givenIn([run]: readonly RunRow[]): Pick<ProofRow, "parameters" | "secretNames" | "files"> {
  const files = run?.files.map(({ parameter, name, sha256 }) => ({ parameter, name, sha256 })) ?? []
  return { parameters: run?.parameters ?? {}, secretNames: run?.secretNames ?? [], files }
}

type Place = Pick<ProofRow, "space" | "notebook">

async function seesCode(world: WorkWorld, actor: Actor, { space, notebook }: Place): Promise<boolean> {
  const found = await getNotebook(world.db, actor, notebook)
  if (found.ok && !found.value.codeHidden) return true
  return can(world.db, actor, "read_hidden_code", { space, notebook })
}

/** Of a notebook, or of one version of it; the newest first. */
export async function proofsOf(world: WorkWorld, actor: Actor, asked: ProofsAsked): Promise<Outcome<readonly ProofRow[], LaunchRefusal>> {
  const found = await resolveVersion(world.library, actor, "read", { notebook: asked.notebook, version: asked.version ?? "latest" })
  if (!found.ok) return found
  const { notebook } = found.value
  const rows = await selectProofs(world.db, { ...asked, notebook })
  const judged = await Promise.all(rows.map((row) => (row.state === "running" ? judgedNow(world, row) : row)))
  return accepted((await seesCode(world, actor, found.value)) ? judged : judged.map(withoutCode))
}

/** What cells printed, and what was raised, tells of the code. */
function withoutCode(row: ProofRow): ProofRow {
  const cells = row.cells.map(({ cell, number, is }) => ({ cell, number, is, why: "" }))
  return { ...row, cells, said: row.state === "failed" ? "A step of it did not succeed. The notebook's owner can see which one, and why." : row.said }
}

async function judgedNow(world: WorkWorld, row: ProofRow): Promise<ProofRow> {
  const found = await Promise.all(row.runs.map((run) => getRun(world, SYSTEM, run)))
  const runs = found.flatMap((run) => (run.ok ? [run.value] : []))
  if (runs.some(({ state }) => !isTerminal(state))) return row
  const judged = runs.length < row.runs.length ? unclear("A run of it is no longer there.", runs) : await judgement(world, row, runs)
  const at = world.clock.now()
  await endProof(world.db, row.id, { ...judged, at })
  return { ...row, ...judged, endedAt: at }
}

function unclear(said: string, runs: readonly RunRow[]): Judged {
  return { state: "unclear", said, environment: environmentOf(runs), cells: [] }
}

/** Both had the same, or it is said of neither. */
function environmentOf(runs: readonly RunRow[]): string | null {
  const [first, second] = runs
  return first && (!second || second.environment === first.environment) ? first.environment : null
}

async function judgement(world: WorkWorld, row: ProofRow, runs: readonly RunRow[]): Promise<Judged> {
  const failed = runs.find(({ state }) => state === "failed")
  if (failed) return { state: "failed", said: failureOf(failed), environment: environmentOf(runs), cells: [] }
  const lost = runs.find(({ state }) => state !== "succeeded")
  if (lost) return unclear(`A run of it was ${lost.state}. ${lost.explanation}`.trim(), runs)
  const sides = await sidesOf(world, row)
  if (!sides) return unclear("What it showed is no longer there to be compared.", runs)
  const came = await world.comparing.reproduced({ ...sides, ranAtMs: runs[0]?.startedAt ?? undefined })
  if (!came.ok) return unclear(came.refusal, runs)
  const { isReproduced, cells } = came.value
  return { state: isReproduced ? "clean" : "differs", said: "", environment: environmentOf(runs), cells }
}

function failureOf({ error, explanation, failedCell }: RunRow): string {
  const place = failedCell === null ? "" : `Cell ${failedCell + 1}: `
  return error ? `${place}${error.ename}: ${error.evalue.split("\n")[0]?.slice(0, 500) ?? ""}` : explanation
}

type Sides = { readonly stored: Uint8Array; readonly first: Uint8Array; readonly second: Uint8Array | undefined }

async function sidesOf(world: WorkWorld, { notebook, version, runs }: ProofRow): Promise<Sides | undefined> {
  const found = await resolveVersion(world.library, SYSTEM, "read", { notebook, version })
  const results = await Promise.all(runs.map((id) => resultOf(world, SYSTEM, { id })))
  const kept = results.flatMap((result) => (result.ok ? [result.value.sha256] : []))
  if (!found.ok || kept.length < runs.length) return undefined
  const [stored, first, second] = await Promise.all([
    versionBytes(world.library, found.value),
    world.library.blobs.get(kept[0]!),
    kept[1] === undefined ? undefined : world.library.blobs.get(kept[1]),
  ])
  return { stored, first, second }
}
