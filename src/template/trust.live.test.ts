/** Whose approval, whose name, how much: what holds whoever asks, in whatever order, and as often as they like. */
import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type JsonObject, own } from "#base/json.ts"
import { hangs, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { moveNotebook, purgeTrash, saveVersion, trashNotebook } from "#library/index.ts"
import { type Actor, handOverAll, type PeopleWorld, type SpaceId, type TokenId } from "#people/index.ts"
import {
  consentToProposal,
  decideTemplate,
  evidenceOf,
  getTemplate,
  handOverTemplate,
  launchTemplate,
  lookAtProposal,
  type ProposalRow,
  pointChannel,
  promote,
  propose,
  reviewProposal,
  revokeConsent,
  setSpaceCodeOwners,
  type TemplateWorld,
} from "#template/index.ts"
import { got, provenBy, refusedAs, templateWorld } from "#template/testing.ts"
import { cancel, getRun, retain } from "#work/index.ts"
import { type Platform, platform } from "#work/testing.ts"

const kernels = scriptedKernels({ hello: stdout("hello\n"), again: stdout("again\n"), slow: [stdout("working\n"), hangs()] })
let at: Platform
let world: TemplateWorld
let ada: Actor
let ben: Actor
let vera: Actor
let sina: Actor

beforeAll(async () => {
  at = await platform()
  world = await templateWorld(at)
  ;[ada, ben, vera, sina] = await Promise.all([
    at.person("Ada", "editor"),
    at.person("Ben", "editor"),
    at.person("Vera", "runner"),
    at.person("Sina", "admin"),
  ])
  await at.worker({ kernels, slots: 8 })
}, 60_000)
afterAll(() => at.close())

let made = 0
/** A notebook, proposed by Ada. */
async function proposed(name: string, ...cells: readonly string[]): Promise<{ readonly notebook: string; readonly proposal: ProposalRow }> {
  const notebook = await at.notebook(`trust ${++made}.ipynb`, "script", ...(cells.length > 0 ? cells : ["hello"]))
  return { notebook, proposal: got(await propose(world, ada, { notebook, template: name, message: "" })) }
}

async function approved(proposal: ProposalRow, by = ben): Promise<void> {
  await provenBy(world, ada, proposal.id)
  got(await reviewProposal(world, by, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
}

async function promoted(proposal: ProposalRow): Promise<number> {
  await approved(proposal)
  return got(await promote(world, ada, proposal.id)).number
}

const agree = (who: Actor, { id, binding }: ProposalRow) => consentToProposal(world, who, { proposal: id, binding })
const run = async (template: string, who = vera) => launchTemplate(world, who, { template })
const why = async (template: string) => {
  const said = await run(template)
  return said.ok ? "accepted" : `${said.refusal.refused}: ${said.refusal.message}`
}
const disabled = (who: Actor, isDisabled: boolean) =>
  sql`UPDATE person SET disabled_at = ${isDisabled ? new Date() : null} WHERE id = ${who.id}`.execute(world.db)
const audited = async (thing: string, action: string) =>
  (
    await sql<{ actor: string; detail: Record<string, unknown>; outcome: string }>`
      SELECT actor_id AS actor, detail, outcome FROM audit_event WHERE thing = ${thing} AND action = ${action} ORDER BY seq`.execute(world.db)
  ).rows

describe("in whose name", () => {
  test("a template that runs as its owner needs the owner's word for exactly that version, and ends with it", async () => {
    const first = await proposed("as/owner")
    got(await decideTemplate(world, sina, { template: "as/owner", runAs: { kind: "owner" } }))
    // What was proposed to run in another name is not what would be promoted.
    await approved(first.proposal)
    expect(refusedAs(await promote(world, ada, first.proposal.id))).toBe("changed_since")
    const proposal = got(await propose(world, ada, { notebook: first.notebook, template: "as/owner", message: "as me" }))
    expect(proposal.binding).not.toBe(first.proposal.binding)
    expect(
      refusedAs(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: first.proposal.binding })),
    ).toBe("changed_since")
    await approved(proposal)
    expect(refusedAs(await promote(world, ada, proposal.id))).toBe("gates_closed")
    const byToken: Actor = { ...ada, via: { kind: "token", token: "0".repeat(26) as TokenId, scopes: ["admin"] } }
    expect([refusedAs(await agree(ben, proposal)), refusedAs(await agree(sina, proposal)), refusedAs(await agree(byToken, proposal))]).toEqual([
      "not_allowed",
      "not_allowed",
      "not_allowed",
    ])
    expect(refusedAs(await agree(ada, { ...proposal, binding: first.proposal.binding }))).toBe("changed_since")
    expect([got(await lookAtProposal(world, ada, proposal.id)).mayConsent, got(await lookAtProposal(world, ben, proposal.id)).mayConsent]).toEqual([
      true,
      false,
    ])
    got(await agree(ada, proposal))
    expect(got(await promote(world, ben, proposal.id)).number).toBe(1)

    const launched = got(await run("as/owner"))
    expect([launched.run.orderedBy, launched.run.ranAs, launched.run.ranAsName]).toEqual([vera.id, ada.id, "Ada"])
    expect(await at.until(launched.run.id, "succeeded")).toMatchObject({ ranAs: ada.id })
    expect((await audited(`run/${launched.run.id}`, "run.launch"))[0]).toMatchObject({ actor: vera.id, detail: { ranAs: ada.id } })
    const evidence = JSON.parse(got(await evidenceOf(world, ada, { template: "as/owner", number: 1 })).evidence)
    expect(evidence.runAs).toMatchObject({ kind: "owner", person: { id: ada.id }, consent: { id: ada.id } })

    expect(refusedAs(await revokeConsent(world, ben, "as/owner"))).toBe("nothing_to_consent")
    got(await revokeConsent(world, ada, "as/owner"))
    expect(await why("as/owner")).toMatch(/^no_consent: .*Ada, who does not agree to that any more/)
    const thing = `template/${proposal.template.id}`
    expect((await audited(thing, "consent.give")).map(({ actor, outcome }) => [actor, outcome])).toContainEqual([ada.id, "done"])
    expect(await audited(thing, "consent.revoke")).toMatchObject([{ actor: ada.id, detail: { people: [ada.id] } }])
    got(await agree(ada, proposal))
    expect(await why("as/owner")).toBe("accepted")
    await disabled(ada, true)
    expect(await why("as/owner")).toMatch(/^no_consent: .*Ada, who has left/)
    expect(got(await getTemplate(world, ben, "as/owner")).owner.hasLeft).toBe(true)
    expect(refusedAs(await handOverTemplate(world, ben, { template: "as/owner", to: ben.id }))).toBe("not_allowed")
    got(await handOverTemplate(world, sina, { template: "as/owner", to: ben.id }))
    await disabled(ada, false)
    expect(await why("as/owner")).toMatch(/^no_consent: .*Ada, who does not own it any more/)
  })

  test("a consent that is taken back cancels what waits under it, and says why; what cannot be foreseen does not begin", async () => {
    const { proposal } = await proposed("as/late")
    got(await decideTemplate(world, sina, { template: "as/late", runAs: { kind: "owner" }, maxRunning: 1 }))
    const { notebook } = proposal
    const again = got(await propose(world, ada, { notebook, template: "as/late", message: "" }))
    got(await agree(ada, again))
    await promoted(again)
    // Nothing is claimed while the claim's lock is held.
    const held = (meanwhile: (id: string) => Promise<unknown>) =>
      world.db.transaction().execute(async (tx) => {
        await sql`SELECT pg_advisory_xact_lock(7838001)`.execute(tx)
        const { id } = got(await launchTemplate(world, vera, { template: "as/late", retry: { maxAttempts: 3 } })).run
        await meanwhile(id)
        return id
      })
    const left = await held(() => disabled(ada, true))
    expect(await at.until(left)).toMatchObject({
      state: "failed",
      reason: "not_permitted",
      attempt: 1,
      explanation: expect.stringMatching(/has left/),
    })
    await disabled(ada, false)
    const late = await held(async (id) => {
      got(await revokeConsent(world, sina, "as/late"))
      expect(await at.run(id)).toMatchObject({
        state: "cancelled",
        reason: "not_permitted",
        attempt: 1,
        explanation: "The run was cancelled before it began. Reason: It runs in the name of Ada, who does not agree to that any more.",
      })
    })
    expect((await audited(`run/${late}`, "run.cancel")).map(({ actor }) => actor)).toEqual([sina.id])
  })

  test("a run that goes on when the consent is taken back goes on to its end", async () => {
    const first = await proposed("as/running", "slow")
    got(await decideTemplate(world, sina, { template: "as/running", runAs: { kind: "owner" }, approvals: 0 }))
    const proposal = got(await propose(world, ada, { notebook: first.notebook, template: "as/running", message: "" }))
    // Its reruns would never end: what is tried here is a run that began.
    await sql`UPDATE proposal_check SET verdict = 'passed' WHERE proposal_id = ${proposal.id}`.execute(world.db)
    got(await agree(ada, proposal))
    got(await promote(world, ada, proposal.id))
    const { id } = got(await run("as/running")).run
    await at.until(id, "running")
    got(await revokeConsent(world, ada, "as/running"))
    expect(await at.run(id)).toMatchObject({ state: "running", desired: "run" })
    const views = await Promise.all([first.proposal.id, proposal.id].map((one) => lookAtProposal(world, ada, one)))
    const stopped = [id, ...views.flatMap((view) => got(view).checks.map((check) => check.run ?? ""))]
    for (const one of stopped) got(await cancel(world, at.admin, { id: one }))
    for (const one of stopped) await at.until(one)
  })

  test("a service account runs by the word of who answers for it, as long as they do", async () => {
    const service = await at.person("Nightly")
    await sql`UPDATE person SET kind = 'service', owner_id = ${ben.id} WHERE id = ${service.id}`.execute(world.db)
    const first = await proposed("as/service")
    expect(refusedAs(await decideTemplate(world, sina, { template: "as/service", runAs: { kind: "service", service: vera.id } }))).toBe("bad_policy")
    got(await decideTemplate(world, sina, { template: "as/service", runAs: { kind: "service", service: service.id } }))
    const proposal = got(await propose(world, ada, { notebook: first.notebook, template: "as/service", message: "" }))
    expect(refusedAs(await agree(ada, proposal))).toBe("not_allowed")
    got(await agree(ben, proposal))
    await promoted(proposal)
    expect(await why("as/service")).toMatch(/^no_consent: .*Nightly, who may not run it/)
    await sql`INSERT INTO role_grant (id, space_id, person_id, role, granted_at) VALUES (${`${"0".repeat(25)}1`}, ${at.space}, ${service.id}, 'runner', now())`.execute(
      world.db,
    )
    expect(got(await run("as/service")).run).toMatchObject({ ranAs: service.id, ranAsName: "Nightly" })
    await sql`UPDATE person SET owner_id = ${sina.id} WHERE id = ${service.id}`.execute(world.db)
    expect(await why("as/service")).toMatch(/Ben, who agreed to that, does not answer for it any more/)
    got(await agree(sina, proposal))
    expect(await why("as/service")).toBe("accepted")
  })
})

describe("the policy", () => {
  test("is for administrators of the space alone: not for editors, who proposes, or who administers one notebook of it", async () => {
    const { notebook } = await proposed("policy/mine")
    const nina = await at.person("Nina", "viewer")
    await sql`INSERT INTO role_grant (id, space_id, notebook_id, person_id, role, granted_at)
      VALUES (${`${"0".repeat(25)}2`}, ${at.space}, ${notebook}, ${nina.id}, 'admin', now())`.execute(world.db)
    const tokenOf = (who: Actor, ...scopes: readonly ("read" | "run" | "edit" | "admin")[]): Actor => ({
      ...who,
      via: { kind: "token", token: "0".repeat(26) as TokenId, scopes },
    })
    const policies = [
      { approvals: 0 },
      { codeOwners: [] },
      { runAs: { kind: "owner" } },
      { profile: { priority: 100 } },
      { maxRunning: null },
    ] as const
    for (const policy of policies)
      for (const who of [ada, ben, vera, nina, tokenOf(sina, "read", "run", "edit")])
        expect([policy, who.name, refusedAs(await decideTemplate(world, who, { template: "policy/mine", ...policy }))]).toEqual([
          policy,
          who.name,
          "not_allowed",
        ])
    expect(refusedAs(await setSpaceCodeOwners(world, ben, { space: "team", owners: [] }))).toBe("not_allowed")
    for (const policy of policies) got(await decideTemplate(world, tokenOf(sina, "admin"), { template: "policy/mine", ...policy }))
  })

  test("code owners of template and space are asked, whoever else approves; who they were stands in the evidence, and the change in the audit", async () => {
    const { proposal } = await proposed("policy/owned")
    const lea = await at.person("Lea", "editor")
    const group = "0".repeat(25).concat("G")
    await sql`INSERT INTO people_group (id, name, created_at) VALUES (${group}, 'Leads', now())`.execute(world.db)
    await sql`INSERT INTO group_member (group_id, person_id, source) VALUES (${group}, ${lea.id}, 'local')`.execute(world.db)
    expect(refusedAs(await decideTemplate(world, sina, { template: "policy/owned", codeOwners: [{ person: "0".repeat(26) }] }))).toBe("bad_policy")
    got(await decideTemplate(world, sina, { template: "policy/owned", codeOwners: [{ person: sina.id }] }))
    got(await setSpaceCodeOwners(world, sina, { space: "team", owners: [{ group }] }))
    try {
      await approved(proposal)
      const gate = async () => got(await lookAtProposal(world, ada, proposal.id)).gates[3]?.said
      expect(await gate()).toBe("It takes the approval of somebody of Leads. It takes the approval of Sina.")
      expect(refusedAs(await promote(world, at.admin, proposal.id))).toBe("gates_closed")
      await approved(proposal, lea)
      expect(await gate()).toBe("It takes the approval of Sina.")
      await approved(proposal, sina)
      // Who may not edit it any more has not approved it.
      await sql`UPDATE role_grant SET role = 'viewer' WHERE person_id = ${lea.id}`.execute(world.db)
      expect(await gate()).toMatch(/Leads, and nobody there can give it/)
      expect(refusedAs(await promote(world, ada, proposal.id))).toBe("gates_closed")
      await sql`UPDATE role_grant SET role = 'editor' WHERE person_id = ${lea.id}`.execute(world.db)
      got(await promote(world, ada, proposal.id))
    } finally {
      got(await setSpaceCodeOwners(world, sina, { space: "team", owners: [] }))
    }
    const evidence = JSON.parse(got(await evidenceOf(world, ada, { template: "policy/owned", number: 1 })).evidence)
    expect(evidence.policy).toMatchObject({
      approvals: 1,
      isDefault: true,
      codeOwners: [
        { name: "Leads", of: "space" },
        { name: "Sina", of: "template" },
      ],
    })
    const detail = { codeOwners: [{ person: sina.id }] }
    expect(await audited(`template/${proposal.template.id}`, "template.decide")).toContainEqual(
      expect.objectContaining({ actor: sina.id, detail, outcome: "done" }),
    )
  })

  test("what runs may use is the template's to say: less than asked, never more, and not in another environment", async () => {
    const { proposal } = await proposed("policy/profile")
    const profile = { timeoutSeconds: 60, priority: 5, memoryBytes: 500_000_000, cpus: 1 }
    got(await decideTemplate(world, sina, { template: "policy/profile", profile }))
    await promoted(proposal)
    const limits = async (more: object) => {
      const { id, priority } = got(await launchTemplate(world, vera, { template: "policy/profile", ...more })).run
      const row = await world.db.selectFrom("run").select("limits").where("id", "=", id).executeTakeFirstOrThrow()
      return [priority, ...["timeoutMs", "memoryBytes", "cpus"].map((name) => own(row.limits as JsonObject, name))]
    }
    expect(await limits({})).toEqual([5, 60_000, 500_000_000, 1])
    expect(await limits({ priority: 100, timeoutSeconds: 3600 })).toEqual([5, 60_000, 500_000_000, 1])
    expect(await limits({ priority: -3, timeoutSeconds: 30 })).toEqual([-3, 30_000, 500_000_000, 1])
    expect(refusedAs(await launchTemplate(world, vera, { template: "policy/profile", environment: "other" }))).toBe("bad_launch")
  })

  test("a template runs as often at once as it may, and the same notebook under another name does not wait for it", async () => {
    const { notebook, proposal } = await proposed("policy/one", "slow")
    got(await decideTemplate(world, sina, { template: "policy/one", maxRunning: 1, approvals: 0 }))
    // Its rerun would never end: what is tried here is the claim.
    await sql`UPDATE proposal_check SET verdict = 'passed' WHERE proposal_id = ${proposal.id}`.execute(world.db)
    got(await promote(world, ada, proposal.id))
    const [first, second] = [got(await run("policy/one")).run.id, got(await run("policy/one")).run.id]
    const other = await at.launch({ notebook }, undefined, ben)
    await at.until(first, "running")
    await at.until(other.id, "running")
    expect((await at.run(second)).state).toBe("queued")
    const stopped = [other.id, first, second, got(await lookAtProposal(world, ada, proposal.id)).checks[0]?.run ?? ""]
    for (const id of stopped) got(await cancel(world, at.admin, { id }))
    for (const id of stopped) await at.until(id)
  })
})

describe("a gate", () => {
  test("lets one of two through who promote at once, and nobody with what was said of another proposal", async () => {
    const { proposal, notebook } = await proposed("gate/twice")
    await approved(proposal)
    const both = await Promise.all([promote(world, ada, proposal.id), promote(world, ben, proposal.id), promote(world, sina, proposal.id)])
    expect(both.map(refusedAs).sort()).toEqual(["accepted", "wrong_state", "wrong_state"])
    expect(refusedAs(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))).toBe(
      "wrong_state",
    )
    const bytes = new TextEncoder().encode(JSON.stringify(notebookWith("again")))
    got(await saveVersion(world.library, ada, { notebook, bytes, source: "api" }))
    const second = got(await propose(world, ada, { notebook, template: "gate/twice", message: "" }))
    await provenBy(world, ada, second.id)
    expect(refusedAs(await reviewProposal(world, ben, { proposal: second.id, verdict: "approve", said: "", binding: proposal.binding }))).toBe(
      "changed_since",
    )
    // A row that somebody put there by hand with the old binding is not an approval of this.
    await sql`INSERT INTO review SELECT ${second.id}, person_id, verdict, said, binding, at FROM review WHERE proposal_id = ${proposal.id}`.execute(
      world.db,
    )
    expect(refusedAs(await promote(world, ada, second.id))).toBe("gates_closed")
    // What is saved after the approval is not what was approved: the pinned version is promoted, and nothing else.
    await approved(second)
    got(await saveVersion(world.library, ada, { notebook, bytes: new TextEncoder().encode(JSON.stringify(notebookWith("slow"))), source: "api" }))
    expect(got(await promote(world, ada, second.id)).number).toBe(2)
    expect(got(await run("gate/twice")).run.version).toBe(2)
  })

  test("is opened by nobody through an account that they answer for: not by what it says, and not by what it proposed", async () => {
    const robot = await at.person("Robot", "editor")
    await sql`UPDATE person SET kind = 'service', owner_id = ${ada.id} WHERE id = ${robot.id}`.execute(world.db)
    const { proposal } = await proposed("gate/robot")
    await provenBy(world, ada, proposal.id)
    const approve = (who: Actor, { id, binding }: ProposalRow) => reviewProposal(world, who, { proposal: id, verdict: "approve", said: "", binding })
    expect(refusedAs(await approve(robot, proposal))).toBe("not_allowed")
    const notebook = await at.notebook("robot.ipynb", "script", "hello")
    const its = got(await propose(world, robot, { notebook, template: "gate/its", message: "" }))
    await provenBy(world, ben, its.id)
    expect(refusedAs(await approve(ada, its))).toBe("own_proposal")
    await sql`INSERT INTO review (proposal_id, person_id, verdict, said, binding, at)
      VALUES (${its.id}, ${ada.id}, 'approve', '', ${its.binding}, now()), (${its.id}, ${robot.id}, 'approve', '', ${its.binding}, now())`.execute(
      world.db,
    )
    expect(refusedAs(await promote(world, ada, its.id))).toBe("gates_closed")
    got(await approve(ben, its))
    got(await promote(world, ada, its.id))
  })

  test("is asked again in the moment of the decision: changes that were asked for meanwhile close it", async () => {
    const { proposal } = await proposed("gate/meanwhile")
    await approved(proposal)
    const promoting = await world.db.transaction().execute(async (tx) => {
      // Whoever promotes has looked already and waits here for the proposal.
      await sql`SELECT FROM proposal WHERE id = ${proposal.id} FOR UPDATE`.execute(tx)
      const waiting = promote(world, ada, proposal.id)
      await new Promise((resolve) => setTimeout(resolve, 500))
      await sql`UPDATE review SET verdict = 'request_changes' WHERE proposal_id = ${proposal.id}`.execute(tx)
      return { waiting }
    })
    expect(refusedAs(await promoting.waiting)).toBe("gates_closed")
  })

  test("went with the notebook when that moved to another space: who may no more see it decides nothing", async () => {
    const { proposal, notebook } = await proposed("gate/moved")
    await provenBy(world, ada, proposal.id)
    const space = "0".repeat(25).concat("S") as SpaceId
    await sql`INSERT INTO space (id, name, title, created_at) VALUES (${space}, 'closed', 'Closed', now())`.execute(world.db)
    got(await moveNotebook(world.library, at.admin, { notebook, space: "closed", path: "Moved.ipynb" }))
    const approve = (who: Actor) => reviewProposal(world, who, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding })
    for (const said of [
      await lookAtProposal(world, ben, proposal.id),
      await approve(ben),
      await promote(world, ben, proposal.id),
      await getTemplate(world, ben, "gate/moved"),
      await decideTemplate(world, sina, { template: "gate/moved", approvals: 0 }),
      await run("gate/moved"),
    ])
      expect(refusedAs(said)).toMatch(/^no_such_(proposal|template)$/)
    got(await approve(at.admin))
  })
})

test("whoever leaves hands over their templates with all else: what ran in their name does so no more", async () => {
  const olga = await at.person("Olga", "editor")
  const notebook = await at.notebook("Olga's.ipynb", "script", "hello")
  got(await propose(world, olga, { notebook, template: "life/olga", message: "" }))
  got(await decideTemplate(world, sina, { template: "life/olga", runAs: { kind: "owner" }, approvals: 0 }))
  const proposal = got(await propose(world, olga, { notebook, template: "life/olga", message: "" }))
  got(await agree(olga, proposal))
  await provenBy(world, ada, proposal.id)
  got(await promote(world, ada, proposal.id))
  expect(await why("life/olga")).toBe("accepted")
  const nils = await at.person("Nils")
  const people = { db: world.db, clock: world.clock, random: world.random } as unknown as PeopleWorld
  expect(got(await handOverAll(people, at.admin, { from: olga.id, to: nils.id }))).toMatchObject({ templates: 1 })
  expect(got(await getTemplate(world, nils, "life/olga")).owner).toMatchObject({ id: nils.id, hasLeft: false })
  expect(await why("life/olga")).toMatch(/^no_consent: .*Olga, who does not own it any more/)
  expect(await audited(`template/${proposal.template.id}`, "consent.revoke")).toMatchObject([{ actor: at.admin.id, detail: { people: [olga.id] } }])
})

test("a name goes back to what was approved before, and on from there; a template outlives its notebook", async () => {
  const { proposal, notebook } = await proposed("life/back")
  await promoted(proposal)
  got(await saveVersion(world.library, ada, { notebook, bytes: new TextEncoder().encode(JSON.stringify(notebookWith("again"))), source: "api" }))
  await promoted(got(await propose(world, ada, { notebook, template: "life/back", message: "" })))
  const latest = async () => got(await run("life/back")).run.version
  expect(await latest()).toBe(2)
  expect(refusedAs(await pointChannel(world, vera, { template: "life/back", channel: "latest-approved", number: 1 }))).toBe("not_allowed")
  expect(refusedAs(await pointChannel(world, ada, { template: "life/back", channel: "latest-approved", number: 3 }))).toBe("no_such_promotion")
  got(await pointChannel(world, ada, { template: "life/back", channel: "latest-approved", number: 1 }))
  expect([await latest(), got(await getTemplate(world, vera, "life/back")).newest]).toEqual([1, 2])
  got(await saveVersion(world.library, ada, { notebook, bytes: new TextEncoder().encode(JSON.stringify(notebookWith("hello"))), source: "api" }))
  expect(await promoted(got(await propose(world, ada, { notebook, template: "life/back", message: "" })))).toBe(3)
  const evidence = async (number: number) => got(await evidenceOf(world, ada, { template: "life/back", number })).evidence
  expect(JSON.parse(await evidence(3)).before).toBe(world.sha256(new TextEncoder().encode(await evidence(2))))

  got(await trashNotebook(world.library, ada, notebook))
  expect(got(await getTemplate(world, vera, "life/back")).notebook.isGone).toBe(true)
  const { run: late } = got(await run("life/back"))
  await at.until(late.id, "succeeded")
  // Also when nothing is left of its runs, and the trash is emptied.
  await sql`DELETE FROM run WHERE notebook_id = ${notebook}`.execute(world.db)
  await sql`UPDATE notebook SET trashed_at = now() - interval '100 days' WHERE id = ${notebook}`.execute(world.db)
  await purgeTrash(world.library, 30)
  expect(got(await run("life/back")).run.version).toBe(3)
})

test("the result that proves a template stays, whatever others have to go for want of room", async () => {
  const { notebook, proposal } = await proposed("life/proof")
  await promoted(proposal)
  const launched = async () => (await at.until((await at.launch({ notebook })).id, "succeeded")).id
  const [middle, newest] = [await launched(), await launched()]
  const proving = await sql<{ id: string }>`SELECT run_id AS id FROM proposal_check WHERE proposal_id = ${proposal.id}`.execute(world.db)
  await retain(at.world, { eventDays: 0, artifactDays: 0, journalDays: 0, resultDays: 0, resultBytes: 1, journalBytes: 1 })
  const kept = await sql<{ id: string; result: boolean; journal: boolean }>`
    SELECT id, result_sha256 IS NOT NULL AS result, journal_sha256 IS NOT NULL AS journal FROM run WHERE notebook_id = ${notebook} ORDER BY id`.execute(
    world.db,
  )
  expect(kept.rows).toEqual([
    { id: proving.rows[0]?.id, result: true, journal: true },
    { id: middle, result: false, journal: false },
    { id: newest, result: true, journal: false },
  ])
})

test("the same request by the same key is one run, whatever was promoted in between", async () => {
  const { proposal, notebook } = await proposed("life/key")
  await promoted(proposal)
  const ordered = () => launchTemplate(world, vera, { template: "life/key", labels: { day: "monday" } }, "monday")
  const first = got(await ordered()).run
  got(await saveVersion(world.library, ada, { notebook, bytes: new TextEncoder().encode(JSON.stringify(notebookWith("again"))), source: "api" }))
  await promoted(got(await propose(world, ada, { notebook, template: "life/key", message: "" })))
  expect(got(await ordered()).run.id).toBe(first.id)
  expect(refusedAs(await launchTemplate(world, vera, { template: "life/key", labels: { day: "tuesday" } }, "monday"))).toBe("key_reused")
  expect(got(await getRun(world, vera, first.id)).version).toBe(1)
})

function notebookWith(source: string) {
  const cells = [{ id: "a", cell_type: "code", metadata: {}, source, outputs: [], execution_count: null }]
  return { cells, metadata: { kernelspec: { name: "script", display_name: "script", language: "script" } }, nbformat: 4, nbformat_minor: 5 }
}
