/** A proposal whose gates are open becomes what the template's name stands for. */
import { sql } from "kysely"
import { Fault } from "#base/fault.ts"
import { write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import { resolveVersion, type VersionRow } from "#library/index.ts"
import { type Actor, audit, SYSTEM } from "#people/index.ts"
import { settleProposals, tellAuthor } from "#template/ask-review.ts"
import { bindingText } from "#template/binding.ts"
import { proseOf } from "#template/describe.ts"
import { type Evidence, evidenceText, type PolicyFact, type RunAsFact, type Signed, signedBytes } from "#template/evidence.ts"
import { type Gate, gatesOf, isReviewed, mayPromote, neededOf } from "#template/gates.ts"
import { type ProposalView, type Stand, standOf, viewOf } from "#template/look.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { openProposal } from "#template/review.ts"
import type { Rotation } from "#template/rotation.ts"
import { boundAs, identityOf } from "#template/run-as.ts"
import { type WeighedFinding, weighed } from "#template/sql/dismissals.ts"
import { type ProposalRow, proposalsWhere, proposedAs, type StoredCheck, weaknessesOf } from "#template/sql/proposal-row.ts"
import { getTemplate } from "#template/sql/templates.ts"

/** @returns the promotion's number */
export async function promote(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<{ readonly number: number }, TemplateRefusal>> {
  const found = await openProposal(world, actor, id)
  if (!found.ok) return found
  const view = await viewOf(world, found.value)
  if (!mayPromote(view.gates)) return gatesClosed(view.gates)
  const version = await resolveVersion(world.library, SYSTEM, "read", { notebook: found.value.notebook, version: found.value.version })
  if (!version.ok) return refuse("no_such_notebook", version.refusal.message)
  const description = await proseOf(world, version.value)
  return world.db.transaction().execute((tx) => promoteIn(tx, { world, actor, view, version: version.value, description }))
}

function gatesClosed(gates: readonly Gate[]): Outcome<never, TemplateRefusal> {
  const closed = gates.filter(({ state }) => state !== "passed")
  return refused({ refused: "gates_closed", message: `It cannot be promoted yet. ${closed.map(({ said }) => said).join(" ")}`, gates: [...gates] })
}

/** Whether what would be promoted, and in whose name it would run, is what approvals were about. */
function isStill(world: TemplateWorld, { binding, template }: ProposalRow, { sha256, manifestSha256, parameters }: VersionRow): boolean {
  const runAs = boundAs(identityOf(template))
  const text = bindingText({ template: template.id, versionSha256: sha256, manifestSha256, parameters, runAs })
  return world.sha256(new TextEncoder().encode(text)) === binding
}

type Promoting = {
  readonly world: TemplateWorld
  readonly actor: Actor
  readonly view: ProposalView
  readonly version: VersionRow
  readonly description: string
}

/** Under the locks of template and proposal everything is asked again: nobody decides about it at the same time. */
async function promoteIn(
  tx: Db,
  { world, actor, view, version, description }: Promoting,
): Promise<Outcome<{ readonly number: number }, TemplateRefusal>> {
  const at = world.clock.now()
  await sql`SELECT FROM template WHERE id = ${view.proposal.template.id} FOR UPDATE`.execute(tx)
  const open = await sql`SELECT FROM proposal WHERE id = ${view.proposal.id} AND state = 'open' FOR UPDATE`.execute(tx)
  const [proposal] = await proposalsWhere(tx, sql`q.id = ${view.proposal.id}`)
  if (open.rows.length === 0 || !proposal) return refuse("wrong_state", "Somebody else was faster: this proposal is decided already.")
  if (!isStill(world, proposal, version)) return refuse("changed_since", "What was approved is not what would be promoted: propose it again.")
  const before = await standOf(tx, proposal, view.findings)
  const gates = gatesOf(before)
  if (!mayPromote(gates)) return gatesClosed(gates)
  const last = await newestPromotion(tx, proposal.template.id)
  const number = (last?.number ?? 0) + 1
  const prior = last ? world.sha256(new TextEncoder().encode(last.evidence)) : ""
  const text = evidenceText(await evidenceFor(tx, { actor, version, number, at, prior, proposal, before, findings: view.findings }))
  const signed = await world.signer.sign(signedBytes(text))
  await sql`UPDATE proposal SET state = 'promoted', closed_at = ${new Date(at)}, closed_by = ${actor.id} WHERE id = ${proposal.id}`.execute(tx)
  await settleProposals(tx, [proposal.id])
  await tellAuthor(tx, actor, proposal, { kind: "promoted", said: "", at })
  await sql`
    INSERT INTO promotion (template_id, number, proposal_id, notebook_id, version, version_sha256, parameters, evidence, signature, key_id, is_reviewed, at, by_id,
      run_as, run_as_id, description)
    VALUES (${proposal.template.id}, ${number}, ${proposal.id}, ${proposal.notebook}, ${proposal.version}, ${proposal.versionSha256},
      ${write(proposal.parameters)}::json, ${text}, ${signed.signature}, ${signed.key.keyId}, ${isReviewed(before)}, ${new Date(at)}, ${actor.id},
      ${proposal.runAs}, ${proposal.runAsId}, ${description})`.execute(tx)
  await sql`UPDATE template SET latest = ${number}, deprecated_at = NULL, deprecation = '', successor_id = NULL WHERE id = ${proposal.template.id}`.execute(
    tx,
  )
  const detail = { proposal: proposal.id, number, version: proposal.version, isReviewed: isReviewed(before), runAs: boundAs(proposedAs(proposal)) }
  const thing = `template/${proposal.template.id}`
  await audit(tx, { actor, action: "template.promote", thing, space: proposal.space, outcome: "done", detail, at })
  return accepted({ number })
}

/** The newest of all, which after going back is not the one that the name stands for. */
async function newestPromotion(tx: Db, template: string): Promise<{ readonly number: number; readonly evidence: string } | undefined> {
  const found = await sql<{ number: number; evidence: string }>`
    SELECT number, evidence FROM promotion WHERE template_id = ${template} ORDER BY number DESC LIMIT 1`.execute(tx)
  return found.rows[0]
}

type Recording = {
  readonly actor: Actor
  readonly version: VersionRow
  readonly number: number
  readonly at: number
  readonly prior: string
  readonly proposal: ProposalRow
  readonly before: Stand
  readonly findings: ProposalView["findings"]
}

async function evidenceFor(tx: Db, { actor, version, number, at, prior, proposal, before, findings }: Recording): Promise<Evidence> {
  const { checks, reviews } = before
  const place = await sql<{ path: string; space: string }>`
    SELECT n.path, s.name AS space FROM notebook n JOIN space s ON s.id = n.space_id WHERE n.id = ${proposal.notebook}`.execute(tx)
  return {
    stet: 1,
    template: proposal.template.name,
    number,
    notebook: { id: proposal.notebook, space: place.rows[0]?.space ?? "", path: place.rows[0]?.path ?? "" },
    version: { number: version.number, sha256: version.sha256, manifestSha256: version.manifestSha256 },
    parameters: version.parameters,
    proposal: { id: proposal.id, author: proposal.author, message: proposal.message, createdAt: toIso(proposal.createdAt) },
    checks: checks.map(checkFact),
    findings: (await weighed(tx, proposal.id, findings)).map(findingFact),
    reviews: reviews.map(({ person, verdict, said, at: when }) => ({ person, verdict, said, at: toIso(when) })),
    isReviewed: isReviewed(before),
    runAs: runAsFact(before, proposal),
    policy: policyFact(before),
    promotedBy: { id: actor.id, name: actor.name },
    promotedAt: toIso(at),
    before: prior,
  }
}

function checkFact(check: StoredCheck): Evidence["checks"][number] {
  const { kind, name, parameters, files, expects, mocks, run, environment, resultSha256, shown } = check
  const weaknesses = weaknessesOf(check)
  return {
    kind,
    name,
    parameters,
    ...(files.length > 0 ? { files } : {}),
    expects: expects as never,
    mocks: mocks as never,
    ...(weaknesses.length > 0 ? { weaknesses } : {}),
    run: run ?? "",
    environment: environment ?? "",
    resultSha256: resultSha256 ?? "",
    ...(shown ? { shown: shown as never } : {}),
  }
}

function findingFact({ rule, kind, cell, line, why, letStand }: WeighedFinding): Evidence["findings"][number] {
  const { said, by, at } = letStand ?? {}
  const told =
    said === undefined ? {} : { letStand: { said, ...(by && typeof at === "number" ? { by: { id: by.id, name: by.name }, at: toIso(at) } : {}) } }
  return { rule, kind, cell, line, why, ...told }
}

function runAsFact({ inTheNameOf }: Stand, { runAs }: ProposalRow): RunAsFact {
  if (!inTheNameOf) return { kind: "invoker" }
  const { person, consent } = inTheNameOf
  const agreed = consent && { id: consent.givenBy.id, name: consent.givenBy.name, at: toIso(consent.givenAt) }
  return { kind: runAs, person: { id: person.id, name: person.name }, ...(agreed ? { consent: agreed } : {}) }
}

function policyFact(before: Stand): PolicyFact {
  return {
    approvals: neededOf(before),
    isDefault: before.approvals === null,
    otherEditors: before.otherEditors,
    codeOwners: before.codeOwners.map(({ kind, id, name, of }) => ({ kind, id, name, of })),
  }
}

/** The record of one promotion as it was signed. It names what is in the code, so it takes seeing that. */
export async function evidenceOf(
  world: TemplateWorld,
  actor: Actor,
  { template, number }: { readonly template: string; readonly number: number },
): Promise<Outcome<Signed, TemplateRefusal>> {
  const found = await getTemplate(world, actor, template)
  if (!found.ok) return found
  const { notebook, name } = found.value
  const sees = await resolveVersion(world.library, actor, "read_code", { notebook: notebook.id, evenTrashed: true })
  if (!sees.ok && notebook.codeHidden) return refuse("not_allowed", "The evidence tells of the code, which is shown only to those who edit it.")
  const rows = await sql<Omit<Signed, "publicKey">>`
    SELECT evidence, signature, key_id AS "keyId" FROM promotion WHERE template_id = ${found.value.id} AND number = ${number}`.execute(world.db)
  const row = rows.rows[0]
  if (!row) return refuse("no_such_promotion", `${name} has no promotion ${number}.`)
  const rotations = await world.signer.rotations()
  return accepted({ ...row, publicKey: await keyOf(world, row.keyId, rotations), rotations })
}

/** The public half of a key that signed once. */
async function keyOf({ signer, sha256 }: TemplateWorld, keyId: string, rotations: readonly Rotation[]): Promise<string> {
  const current = await signer.current()
  const known = [current.publicKey, ...rotations.map(({ from }) => from)]
  const found = known.find((spki) => sha256(Uint8Array.from(atob(spki), (char) => char.charCodeAt(0))).startsWith(keyId))
  if (found !== undefined) return found
  throw new Fault("storage_unreadable", `The public half of the signing key ${keyId} is not here.`, {
    remedy: "Put evidence.rotations.jsonl back beside the keys, from a copy of them.",
  })
}
