/** Asking for a version to be promoted: it is pinned, and what proves it begins to run at once. */
import { sql } from "kysely"
import { newId } from "#base/id.ts"
import { type JsonObject, write } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Expects, type Mock, type Repetitions, rigOf, SUCCEEDS } from "#case/index.ts"
import type { Db } from "#database/index.ts"
import { resolveVersion, type TestCase, testCasesOf, type VersionRow, versionBytes } from "#library/index.ts"
import { besideIn, declaredParameters, grammarsOf, read } from "#notebook/index.ts"
import { type Actor, audit, type PersonId } from "#people/index.ts"
import { askForReview, settleProposals } from "#template/ask-review.ts"
import { bindingText } from "#template/binding.ts"
import { toTemplateName } from "#template/name.ts"
import { notebookFor } from "#template/notebook.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { type GivenValues, type RerunValues, rerunValues } from "#template/rerun-values.ts"
import { boundAs, identityOf, type RunAs } from "#template/run-as.ts"
import { type ProposalRow, proposalsWhere } from "#template/sql/proposal-row.ts"
import { keepYes, repetitionsIn } from "#template/standing-yes.ts"
import { accept, type LaunchRefusal, writesAgain } from "#work/index.ts"

/** Values are for its fresh rerun: of the parameters for which the notebook has none of its own, and of no others. */
export type Propose = {
  /** Id or `space/path`. */
  readonly notebook: string
  /** Default: the newest. */
  readonly version?: number | undefined
  /** Of the template, which is made when there is none of this name. */
  readonly template: string
  readonly message: string
  /** The asker knows what its runs change outside, and wants it as often. */
  readonly mayWrite?: boolean | undefined
} & GivenValues

export async function propose(world: TemplateWorld, actor: Actor, asked: Propose): Promise<Outcome<ProposalRow, TemplateRefusal | LaunchRefusal>> {
  const name = toTemplateName(asked.template)
  if (!name.ok) return name
  const notebook = await notebookFor(world, actor, asked.notebook)
  if (!notebook.ok) return notebook
  // Before anybody is asked for a yes; it is asked again when it is stored.
  const owner = await sql<{ notebook: string }>`SELECT notebook_id AS notebook FROM template WHERE name = ${name.value}`.execute(world.db)
  if (owner.rows.some((one) => one.notebook !== notebook.value.id)) return nameTaken(name.value)
  const version = await resolveVersion(world.library, actor, "edit", { notebook: notebook.value.id, version: asked.version ?? "latest" })
  if (!version.ok) return refuse("no_such_notebook", version.refusal.message)
  const cases = await testCasesOf(world.db, notebook.value.id)
  const rerun = await rerunOf(world, version.value, { path: notebook.value.path, cases, given: asked })
  if (!rerun.ok) return rerun
  const { plain, secret } = rerun.value
  const runs = [{ parameters: { ...plain, ...secret }, mocks: [] }, ...cases]
  const repeated = asked.mayWrite ? [] : (await repetitionsIn(world, version.value, runs)).cells
  if (repeated.length > 0) return writesAgain(repeated)
  // The fresh rerun is never repeated without somebody: what its yes covers stays the test cases.
  const repetitions = await repetitionsIn(world, version.value, cases)
  const storing = { world, actor, name: name.value, version: version.value, message: asked.message, cases, rerun: plain, repetitions }
  const stored = await world.db.transaction().execute((tx) => store(tx, storing))
  if (!stored.ok) return stored
  await beginChecks(world, actor, stored.value, secret)
  return accepted(stored.value)
}

type Rerun = { readonly path: string; readonly cases: readonly TestCase[]; readonly given: GivenValues }

/** What cannot be read is proposed all the same, and its rerun says why it does not run. */
async function rerunOf(world: TemplateWorld, version: VersionRow, { path, cases, given }: Rerun): Promise<Outcome<RerunValues, LaunchRefusal>> {
  const reading = read(await versionBytes(world.library, version))
  if (!reading.ok) return accepted({ plain: {}, secret: {} })
  const { notebook } = reading.value
  const declared = declaredParameters(notebook, await grammarsOf(notebook, world.library.loadGrammars))
  return rerunValues({ declared, beside: besideIn(path, version.manifest) }, cases, given)
}

type Storing = {
  readonly world: TemplateWorld
  readonly actor: Actor
  readonly name: string
  readonly version: VersionRow
  readonly message: string
  readonly cases: readonly TestCase[]
  /** The values of its fresh rerun. */
  readonly rerun: JsonObject
  /** What its test cases change outside, to which its author has said yes. */
  readonly repetitions: Repetitions
}

async function store(tx: Db, storing: Storing): Promise<Outcome<ProposalRow, TemplateRefusal>> {
  const { world, actor, name, version, message, cases, rerun } = storing
  const at = world.clock.now()
  const template = await templateIn(tx, { world, actor, name, version, at })
  if (!template.ok) return template
  const id = newId<"Proposal">(at, world.random)
  const { notebook, number, sha256, manifestSha256, parameters, space } = version
  const identity = identityOf(template.value)
  const text = bindingText({ template: template.value.id, versionSha256: sha256, manifestSha256, parameters, runAs: boundAs(identity) })
  const binding = world.sha256(new TextEncoder().encode(text))
  // Another version, or the same one in another name, is a new round: what was proposed before gives way.
  const replaced = await sql<{ id: string }>`UPDATE proposal SET state = 'replaced', closed_at = ${new Date(at)}, closed_by = ${actor.id}
    WHERE template_id = ${template.value.id} AND state = 'open' AND (version <> ${number} OR binding <> ${binding}) RETURNING id`.execute(tx)
  await settleProposals(
    tx,
    replaced.rows.map((one) => one.id),
  )
  const made = await sql`
    INSERT INTO proposal (id, template_id, space_id, notebook_id, version, version_sha256, binding, parameters, message, author_id, state, created_at,
      run_as, run_as_id)
    VALUES (${id}, ${template.value.id}, ${space}, ${notebook}, ${number}, ${sha256}, ${binding}, ${write(parameters)}::json, ${message}, ${actor.id}, 'open', ${new Date(at)},
      ${identity.runAs}, ${identity.id})
    ON CONFLICT (template_id, version) WHERE state = 'open' DO NOTHING`.execute(tx)
  if (made.numAffectedRows !== 1n) return refuse("already_proposed", `Version ${number} is proposed for ${name} already.`)
  for (const [place, check] of checksFor(rerun, cases).entries()) await insertCheck(tx, id, place, check)
  const detail = { proposal: id, template: name, version: number }
  await audit(tx, { actor, action: "proposal.open", thing: `template/${template.value.id}`, space, outcome: "done", detail, at })
  await keepYes(tx, world, { actor, notebook, space, repetitions: storing.repetitions, with: { proposal: id }, at })
  const [row] = await proposalsWhere(tx, sql`q.id = ${id}`)
  if (!row) throw new Error(`the proposal ${id} was stored and is not there`)
  await askForReview(tx, row, at)
  return accepted(row)
}

type Making = Pick<Storing, "world" | "actor" | "name" | "version"> & { readonly at: number }

type Made = { readonly id: string; readonly runAs: RunAs; readonly service: PersonId | null; readonly owner: PersonId }

/** The template of this name, made if there is none; one of another notebook is somebody else's. */
async function templateIn(tx: Db, { world, actor, name, version, at }: Making): Promise<Outcome<Made, TemplateRefusal>> {
  const id = newId<"Template">(at, world.random)
  await sql`
    INSERT INTO template (id, space_id, notebook_id, name, owner_id, created_at, created_by)
    VALUES (${id}, ${version.space}, ${version.notebook}, ${name}, ${actor.id}, ${new Date(at)}, ${actor.id}) ON CONFLICT (name) DO NOTHING`.execute(
    tx,
  )
  const found = await sql<Made & { notebook: string }>`
    SELECT id, notebook_id AS notebook, run_as AS "runAs", run_as_id AS service, owner_id AS owner FROM template WHERE name = ${name} FOR UPDATE`.execute(
    tx,
  )
  const row = found.rows[0]
  if (row?.notebook === version.notebook) return accepted(row)
  return nameTaken(name)
}

function nameTaken(name: string) {
  return refuse("name_taken", `The name ${name} belongs to a template of another notebook: choose another one.`)
}

type NewCheck = {
  readonly kind: "rerun" | "test"
  readonly name: string
  readonly parameters: JsonObject
  readonly expects: Expects
  readonly mocks: readonly Mock[]
}

function checksFor(rerun: JsonObject, cases: readonly TestCase[]): readonly NewCheck[] {
  const tests = cases.map(({ name, parameters, expects, mocks }): NewCheck => ({ kind: "test", name, parameters, expects, mocks }))
  return [{ kind: "rerun", name: "Fresh rerun", parameters: rerun, expects: SUCCEEDS, mocks: [] }, ...tests]
}

async function insertCheck(tx: Db, proposal: string, place: number, { kind, name, parameters, expects, mocks }: NewCheck): Promise<void> {
  await sql`
    INSERT INTO proposal_check (proposal_id, place, kind, name, parameters, expects, mocks)
    VALUES (${proposal}, ${place}, ${kind}, ${name}, ${write(parameters)}::json, ${write(expects as unknown as JsonObject)}::json,
      ${write(mocks as unknown as JsonObject)}::json)`.execute(tx)
}

/** Each is ordered under a key of its own: asked for again after a crash, it is the same run. */
async function beginChecks(world: TemplateWorld, actor: Actor, { id, notebook, version, template }: ProposalRow, secret: JsonObject): Promise<void> {
  const waiting = await sql<{ place: number } & Omit<NewCheck, "name">>`
    SELECT place, kind, parameters, expects, mocks FROM proposal_check WHERE proposal_id = ${id} AND run_id IS NULL AND verdict = 'pending' ORDER BY place`.execute(
    world.db,
  )
  const asked = { notebook, version, trigger: "test", labels: { "stet/proposal": id } } as const
  for (const { place, kind, parameters: plain, expects, mocks } of waiting.rows) {
    const parameters = kind === "rerun" ? { ...plain, ...secret } : plain
    const ordered = await accept(
      world,
      actor,
      // In what it will run in, which its profile may name.
      { ...asked, parameters, rig: rigOf({ expects, mocks }), environment: template.environment || undefined },
      { key: `proposal/${id}/${place}` },
    )
    if (ordered.ok)
      await sql`UPDATE proposal_check SET run_id = ${ordered.value.run.id} WHERE proposal_id = ${id} AND place = ${place}`.execute(world.db)
    else
      await sql`UPDATE proposal_check SET verdict = 'failed', said = ${ordered.refusal.message} WHERE proposal_id = ${id} AND place = ${place}`.execute(
        world.db,
      )
  }
}
