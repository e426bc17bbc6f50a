/** A proposal whose gates are open becomes what the template's name stands for. */
import { sql } from "kysely"
import { write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import type { Db } from "#database/index.ts"
import { resolveVersion, type VersionRow } from "#library/index.ts"
import { type Actor, audit, SYSTEM } from "#people/index.ts"
import { bindingText } from "#template/binding.ts"
import { type Evidence, evidenceText, type Signed, signedBytes } from "#template/evidence.ts"
import { isReviewed, mayPromote } from "#template/gates.ts"
import { type ProposalView, viewOf } from "#template/look.ts"
import type { TemplateWorld } from "#template/ports.ts"
import { refuse, type TemplateRefusal } from "#template/refusal.ts"
import { openProposal } from "#template/review.ts"
import { getTemplate } from "#template/sql/templates.ts"

/** @returns the promotion's number */
export async function promote(world: TemplateWorld, actor: Actor, id: string): Promise<Outcome<{ readonly number: number }, TemplateRefusal>> {
  const found = await openProposal(world, actor, id)
  if (!found.ok) return found
  const view = await viewOf(world, found.value)
  if (!mayPromote(view.gates)) {
    const closed = view.gates.filter(({ state }) => state !== "passed")
    return refused({
      refused: "gates_closed",
      message: `It cannot be promoted yet. ${closed.map(({ said }) => said).join(" ")}`,
      gates: [...view.gates],
    })
  }
  const version = await resolveVersion(world.library, SYSTEM, "read", { notebook: found.value.notebook, version: found.value.version })
  if (!version.ok) return refuse("no_such_notebook", version.refusal.message)
  if (!isStill(world, view, version.value)) return refuse("changed_since", "What was approved is not what would be promoted: propose it again.")
  return world.db.transaction().execute((tx) => promoteIn(tx, { world, actor, view, version: version.value }))
}

function isStill(world: TemplateWorld, { proposal }: ProposalView, version: VersionRow): boolean {
  const { sha256, manifestSha256, parameters } = version
  const text = bindingText({ template: proposal.template.id, versionSha256: sha256, manifestSha256, parameters, runAs: "invoker" })
  return world.sha256(new TextEncoder().encode(text)) === proposal.binding
}

type Promoting = { readonly world: TemplateWorld; readonly actor: Actor; readonly view: ProposalView; readonly version: VersionRow }

async function promoteIn(tx: Db, promoting: Promoting): Promise<Outcome<{ readonly number: number }, TemplateRefusal>> {
  const { world, actor, view } = promoting
  const { proposal, before } = view
  const at = world.clock.now()
  const locked = await sql<{ latest: number; evidence: string | null }>`
    SELECT t.latest, (SELECT m.evidence FROM promotion m WHERE m.template_id = t.id AND m.number = t.latest) AS evidence
    FROM template t WHERE t.id = ${proposal.template.id} FOR UPDATE OF t`.execute(tx)
  const closed = await sql`
    UPDATE proposal SET state = 'promoted', closed_at = ${new Date(at)}, closed_by = ${actor.id} WHERE id = ${proposal.id} AND state = 'open'`.execute(
    tx,
  )
  if (closed.numAffectedRows !== 1n) return refuse("wrong_state", "Somebody else was faster: this proposal is decided already.")
  const row = locked.rows[0]
  const number = (row?.latest ?? 0) + 1
  const prior = row?.evidence ? world.sha256(new TextEncoder().encode(row.evidence)) : ""
  const text = evidenceText(await evidenceFor(tx, { ...promoting, number, at, prior }))
  await sql`
    INSERT INTO promotion (template_id, number, proposal_id, notebook_id, version, version_sha256, parameters, evidence, signature, key_id, is_reviewed, at, by_id)
    VALUES (${proposal.template.id}, ${number}, ${proposal.id}, ${proposal.notebook}, ${proposal.version}, ${proposal.versionSha256},
      ${write(proposal.parameters)}::json, ${text}, ${world.signer.sign(signedBytes(text))}, ${world.signer.keyId}, ${isReviewed(before)}, ${new Date(at)}, ${actor.id})`.execute(
    tx,
  )
  await sql`UPDATE template SET latest = ${number}, deprecated_at = NULL, deprecation = '' WHERE id = ${proposal.template.id}`.execute(tx)
  const detail = { proposal: proposal.id, number, version: proposal.version, isReviewed: isReviewed(before) }
  await audit(tx, {
    actor,
    action: "template.promote",
    thing: `template/${proposal.template.id}`,
    space: proposal.space,
    outcome: "done",
    detail,
    at,
  })
  return accepted({ number })
}

type Recording = Promoting & { readonly number: number; readonly at: number; readonly prior: string }

async function evidenceFor(tx: Db, { actor, view, version, number, at, prior }: Recording): Promise<Evidence> {
  const { proposal, checks, reviews, findings, before } = view
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
    checks: checks.map(({ kind, name, parameters, expects, run, environment, resultSha256 }) => ({
      kind,
      name,
      parameters,
      expects: expects as never,
      run: run ?? "",
      environment: environment ?? "",
      resultSha256: resultSha256 ?? "",
    })),
    findings: findings.map(({ rule, kind, cell, line, why }) => ({ rule, kind, cell, line, why })),
    reviews: reviews.map(({ person, verdict, said, at: when }) => ({ person, verdict, said, at: toIso(when) })),
    isReviewed: isReviewed(before),
    promotedBy: { id: actor.id, name: actor.name },
    promotedAt: toIso(at),
    before: prior,
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
  const sees = await resolveVersion(world.library, actor, "read_code", { notebook: notebook.id })
  if (!sees.ok && notebook.codeHidden) return refuse("not_allowed", "The evidence tells of the code, which is shown only to those who edit it.")
  const rows = await sql<Signed>`
    SELECT evidence, signature, key_id AS "keyId" FROM promotion WHERE template_id = ${found.value.id} AND number = ${number}`.execute(world.db)
  const row = rows.rows[0]
  return row ? accepted({ ...row, publicKey: world.signer.publicKey }) : refuse("no_such_promotion", `${name} has no promotion ${number}.`)
}
