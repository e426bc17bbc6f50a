/**
 * Whom a proposal would break: those who ran the template lately with parameters that what is proposed does not take. Each of their runs is
 * bound again, as a launch would bind it, to what the proposed version declares.
 */
import { sql } from "kysely"
import { equal, type JsonObject, own } from "#base/json.ts"
import { resolveVersion, versionBytes } from "#library/index.ts"
import {
  besideIn,
  bind,
  type Declared,
  declaredBeside,
  declaredParameters,
  fileMisfit,
  filePlaceOf,
  grammarsOf,
  pathsIn,
  read,
  uploadIn,
} from "#notebook/index.ts"
import { SYSTEM } from "#people/index.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { ProposalRow } from "#template/sql/proposal-row.ts"
import { CALLED_BY, type Caller } from "#template/sql/usage.ts"

export type Broken = Pick<Caller, "id" | "name" | "by" | "scheduler"> & {
  /** The newest of the runs that would not bind. */
  readonly run: string
  readonly at: number
  readonly runs: number
  /** A sentence for each thing that does not fit, each once. */
  readonly problems: readonly string[]
}

type Called = Pick<Caller, "id" | "name" | "by" | "scheduler"> & {
  readonly run: string
  readonly at: number
  readonly runs: number
  readonly parameters: JsonObject
  readonly secretNames: readonly string[]
  /** What parameters that are files were given. */
  readonly files: readonly { readonly parameter: string; readonly name: string; readonly sizeBytes: number }[]
}

const DAY_MS = 86_400_000
const DAYS = 30
/** Different callings: who, how, with what. */
const MOST = 500

/** The newest calling first. Nobody, before there was a first promotion. */
export async function brokenBy(world: TemplateWorld, proposal: ProposalRow): Promise<readonly Broken[]> {
  if (proposal.state !== "open" || proposal.template.latest === 0) return []
  const called = await callings(world, proposal.template.id)
  if (called.length === 0) return []
  const { notebook, version } = proposal
  const found = await resolveVersion(world.library, SYSTEM, "read", { notebook, version, evenTrashed: true })
  const reading = found.ok ? read(await versionBytes(world.library, found.value)) : undefined
  if (!reading?.ok) return []
  const manifest = found.ok ? found.value.manifest : {}
  const document = reading.value.notebook
  const declared = declaredParameters(document, await grammarsOf(document, world.library.loadGrammars))
  return brokenOf(declaredBeside(declared, besideIn(await pathOf(world, notebook), manifest)), called, Object.keys(manifest))
}

async function pathOf({ db }: TemplateWorld, notebook: string): Promise<string> {
  return (await db.selectFrom("notebook").select("path").where("id", "=", notebook).executeTakeFirstOrThrow()).path
}

async function callings({ db, clock }: TemplateWorld, template: string): Promise<readonly Called[]> {
  const since = new Date(clock.now() - DAYS * DAY_MS)
  const found = await sql<Called>`
    SELECT p.id, p.name, c.by, c.scheduler, c.run, c.at, c.runs, r.parameters, r.secret_names AS "secretNames",
      coalesce((SELECT json_agg(json_build_object('parameter', f.parameter, 'name', u.name, 'sizeBytes', u.size_bytes))
        FROM run_file f JOIN upload u ON u.id = f.upload_id WHERE f.run_id = r.id), '[]'::json) AS files
    FROM (
      SELECT ordered_by, ${CALLED_BY}, max(id) AS run, max(created_at) AS at, count(*)::int AS runs FROM run
      WHERE template_id = ${template} AND created_at > ${since} AND trigger <> 'test'
      GROUP BY ordered_by, 2, 3, parameters::text, secret_names ORDER BY max(id) DESC LIMIT ${MOST}) c
      JOIN run r ON r.id = c.run JOIN person p ON p.id = c.ordered_by
    ORDER BY c.run DESC`.execute(db)
  return found.rows
}

/** Pure: each caller once, with everything that does not fit of what they gave. `beside`: the paths of the files that come with what is proposed. */
export function brokenOf(declared: Declared, called: readonly Called[], beside: readonly string[] = []): readonly Broken[] {
  const callers = new Map<string, Broken>()
  for (const { parameters, secretNames, files, ...one } of called) {
    const problems = [...problemsWith(declared, parameters, secretNames), ...filesWrong(declared, { parameters, files }, beside)]
    if (problems.length === 0) continue
    const key = `${one.id} ${one.by} ${one.scheduler}`
    const before = callers.get(key)
    callers.set(
      key,
      before ? { ...before, runs: before.runs + one.runs, problems: [...new Set([...before.problems, ...problems])] } : { ...one, problems },
    )
  }
  return [...callers.values()]
}

/** What secrets held is not known any more: only whether they are still asked for. */
function problemsWith(declared: Declared, parameters: JsonObject, secretNames: readonly string[]): readonly string[] {
  const names = new Set(declared.parameters.map(({ name }) => name))
  const bound = bind(
    declared,
    Object.entries(parameters).map(([name, value]) => ({ name, value })),
  )
  const wrong = bound.ok ? [] : bound.refusal.filter(({ problem, name }) => problem !== "missing" || !secretNames.includes(name))
  const gone = secretNames.filter((name) => !names.has(name)).map((name) => `The parameter ${name}, a secret, is unknown.`)
  return [...wrong.map(({ message }) => message), ...gone]
}

/** What became another kind, or takes other files; what became a file takes no text that names none. */
function filesWrong(declared: Declared, { parameters, files }: Pick<Called, "parameters" | "files">, beside: readonly string[]): readonly string[] {
  return declared.parameters.flatMap(({ name, type: declaredType, default: fallback }) => {
    const taken = filePlaceOf(declaredType)
    const given = files.filter(({ parameter }) => parameter === name)
    const value = own(parameters, name)
    if (!taken) return given.length > 0 ? [`The parameter ${name} is no file any more, and was given one.`] : []
    const misfits = given.flatMap((file) => fileMisfit(name, taken.type, file) ?? [])
    if (value === undefined || equal(value, fallback ?? null)) return misfits
    const isThere = (text: string) => beside.some((path) => `/${path}`.endsWith(`/${text.replace(/^\.\//, "")}`))
    const none = pathsIn(value).filter((text) => uploadIn(text) === undefined && !isThere(text))
    return [...misfits, ...none.map((text) => `The parameter ${name} is a file now, and ${JSON.stringify(text.slice(0, 80))} is none.`)]
  })
}
