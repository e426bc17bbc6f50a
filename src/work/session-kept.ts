/** What executions showed, from the database: without any worker, and long after their session. Rights are the caller's to check. */
import { isList, isObject, type JsonObject, parse } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Output } from "#notebook/index.ts"
import type { SessionFileList } from "#work/session-files.ts"
import { type StoredOutput, shown, whole } from "#work/session-outputs.ts"
import { noSuchFile, type SessionRefusal } from "#work/session-refusal.ts"
import type { CommTold, ExecutionView, OutputsSnapshot } from "#work/session-view.ts"
import { type ExecutionRow, readStored, selectExecutions, selectLast, viewOfExecution } from "#work/sql/session-executions.ts"
import { type LeftFile, leftFiles } from "#work/sql/session-files.ts"
import { widgetsOf } from "#work/sql/session-row.ts"
import type { WorkWorld } from "#work/world.ts"

type Reading = Pick<WorkWorld, "db" | "library">

/** Nothing more will be told of an execution that comes from here. */
const NO_MORE = 1_000_000_000

/** Of each cell the last execution that is kept. */
export async function lastExecutions({ db }: Pick<Reading, "db">, notebook: string): Promise<readonly ExecutionView[]> {
  return (await selectLast(db, notebook)).map(viewOfExecution)
}

export async function snapshotKept(world: Reading, notebook: string, execution: string): Promise<OutputsSnapshot | undefined> {
  const [row] = await selectExecutions(world.db, notebook, [execution])
  if (!row) return undefined
  const outputs = (await storedIn(world, row)).map((stored) => shown(stored, { notebook, execution }))
  return { execution: viewOfExecution(row), next: NO_MORE, outputs, overflowBytes: row.overflowBytes }
}

export type KeptOutputs = { readonly outputs: readonly Output[]; readonly executionCount: number | null; readonly sourceSha256: string }

/** By execution, whole and to the last digit: for a version that is saved. Those that are not kept are missing. */
export async function outputsOfExecutions(world: Reading, ids: readonly string[]): Promise<ReadonlyMap<string, KeptOutputs>> {
  const rows = await selectExecutions(world.db, undefined, ids)
  const kept = new Map<string, KeptOutputs>()
  for (const row of rows) {
    const outputs: Output[] = []
    for (const stored of await storedIn(world, row)) outputs.push(await whole(stored, (sha256) => textOf(world, sha256)))
    kept.set(row.id, { outputs, executionCount: row.executionCount, sourceSha256: row.sourceSha256 })
  }
  return kept
}

/** What the last session's widgets were like: the value of a notebook's `metadata.widgets`. Rights are the caller's to check. */
export async function savedWidgets(world: Reading, notebook: string): Promise<JsonObject | undefined> {
  const sha256 = await widgetsOf(world.db, notebook)
  const read = sha256 === undefined ? undefined : parse(await world.library.blobs.get(sha256))
  return read?.ok && isObject(read.value) ? read.value : undefined
}

const WIDGET_STATE = "application/vnd.jupyter.widget-state+json"

/** The same, each as the message that would open it: for those who look while there is no kernel. */
export async function widgetsKept(world: Reading, notebook: string): Promise<readonly CommTold[]> {
  const saved = (await savedWidgets(world, notebook))?.[WIDGET_STATE]
  const models = isObject(saved) ? saved["state"] : undefined
  if (!isObject(models)) return []
  return Object.entries(models).flatMap(([id, model]) => (isObject(model) && isObject(model["state"]) ? [openingOf(id, model)] : []))
}

function openingOf(id: string, model: JsonObject): CommTold {
  const buffers = (isList(model["buffers"]) ? model["buffers"] : []).filter(isObject)
  const data = { state: model["state"], buffer_paths: buffers.map(({ path }) => path) }
  const content = { comm_id: id, target_name: "jupyter.widget", data }
  return { tell: "comm", type: "comm_open", content, buffers: buffers.map((buffer) => String(buffer["data"] ?? "")) }
}

/** What cells of the last session wrote, and was kept when it ended. */
export async function filesLeft(db: Reading["db"], notebook: string): Promise<Outcome<SessionFileList, SessionRefusal>> {
  const files = (await leftFiles(db, notebook)).map(({ path, sizeBytes, changedAt }) => ({ path, sizeBytes, changedAt }))
  return accepted({ isLive: false, files, left: [] })
}

export async function fileLeft(db: Reading["db"], notebook: string, path: string): Promise<Outcome<LeftFile, SessionRefusal>> {
  const file = (await leftFiles(db, notebook)).find((one) => one.path === path)
  return file ? accepted(file) : noSuchFile(path)
}

async function storedIn(world: Reading, { outputs, outputsSha256 }: ExecutionRow): Promise<readonly StoredOutput[]> {
  if (outputsSha256 === null) return readStored(outputs)
  const read = parse(await world.library.blobs.get(outputsSha256))
  if (!read.ok) throw new Error(`the outputs ${outputsSha256} cannot be read: ${read.refusal.message}`)
  return readStored(read.value)
}

async function textOf({ library }: Reading, sha256: string): Promise<string> {
  return new TextDecoder().decode(await library.blobs.get(sha256))
}
