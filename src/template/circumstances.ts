/** What is known of where a proposed version runs: what its fresh rerun's environment can import, and which files come with it. */
import { sql } from "kysely"
import type { JsonObject } from "#base/json.ts"
import { importableOf } from "#environment/index.ts"
import type { VersionRow } from "#library/index.ts"
import { type Circumstances, declaredParameters, hasFileAmong, type Notebook, pathsIn } from "#notebook/index.ts"
import type { TemplateWorld } from "#template/ports.ts"

type Rerun = { readonly path: string; readonly environment: string | null; readonly parameters: JsonObject | null }
type Proposed = { readonly proposal: string; readonly version: VersionRow; readonly notebook: Notebook }

/** Before a worker knows the environment nothing is said of it. */
export async function circumstancesOf({ db }: TemplateWorld, { proposal, version, notebook }: Proposed): Promise<Circumstances> {
  const found = await sql<Rerun>`
    SELECT n.path, coalesce(c.environment, r.environment_sha256) AS environment, c.parameters
    FROM notebook n LEFT JOIN proposal_check c ON c.proposal_id = ${proposal} AND c.kind = 'rerun' LEFT JOIN run r ON r.id = c.run_id
    WHERE n.id = ${version.notebook}`.execute(db)
  const [rerun] = found.rows
  if (!rerun) return {}
  const importable = rerun.environment === null ? undefined : await importableOf(db, rerun.environment)
  const isThere = hasFileAmong(Object.keys(version.manifest), rerun.path.split("/").slice(0, -1).join("/"))
  const replaced = new Set(replacedBy(rerun.parameters ?? {}, notebook))
  return {
    hasFile: (path) => (replaced.has(path) ? undefined : isThere(path)),
    ...(importable ? { modules: importable.modules } : {}),
    ...(importable && importable.version !== "" ? { pythonVersion: importable.version } : {}),
  }
}

/** What stands in the source as the value of a parameter to which the rerun gives another. */
function replacedBy(given: JsonObject, notebook: Notebook): readonly string[] {
  return declaredParameters(notebook).parameters.flatMap((one) => (Object.hasOwn(given, one.name) ? pathsIn(one.default) : []))
}
