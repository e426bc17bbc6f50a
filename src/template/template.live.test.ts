import { createHash } from "node:crypto"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { localKernels } from "#kernel/adapters/local.ts"
import { hideCode, putTestCase, putTestFile, readSchemasAnew, resolveVersion, saveVersion, versionBytes } from "#library/index.ts"
import { signingKey } from "#people/adapters/signing-key.ts"
import type { Actor } from "#people/index.ts"
import { signerIn, verifyEd25519 } from "#template/adapters/signer.ts"
import {
  decideTemplate,
  evidenceOf,
  getTemplate,
  getTesting,
  launchTemplate,
  listProposals,
  listTemplates,
  listTestRuns,
  lookAtProposal,
  lookAtTestRun,
  pointChannel,
  promote,
  promotionsOf,
  propose,
  reviewProposal,
  setTesting,
  type TemplateWorld,
  testNewVersions,
  testVersion,
  verifyEvidence,
  withdrawProposal,
} from "#template/index.ts"
import { promotionAt } from "#template/sql/templates.ts"
import { getRun } from "#work/index.ts"
import { type Platform, platform } from "#work/testing.ts"

let at: Platform
let world: TemplateWorld
let ada: Actor
let ben: Actor
let vera: Actor
const kernels = localKernels()
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

beforeAll(async () => {
  at = await platform()
  world = { ...at.world, signer: signerIn(join(at.home, "keys"), signingKey), sha256 }
  ;[ada, ben, vera] = await Promise.all([at.person("Ada", "editor"), at.person("Ben", "editor"), at.person("Vera", "runner")])
  await at.worker({ kernels, kernelName: "python3" })
}, 60_000)
afterAll(async () => {
  await at.close()
  await kernels.close()
})

/** The value, or the code of the refusal. */
function got<Value>(
  outcome:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly refusal: { readonly refused: string; readonly message: string } },
): Value {
  if (!outcome.ok) throw new Error(`${outcome.refusal.refused}: ${outcome.refusal.message}`)
  return outcome.value
}

function refusedAs(outcome: { readonly ok: boolean; readonly refusal?: { readonly refused: string } }): string {
  return outcome.ok ? "accepted" : (outcome.refusal?.refused ?? "")
}

function bytesOf(factor: number, more = ""): Uint8Array {
  const record =
    "from IPython.display import display\ndisplay({'application/scrapbook.scrap.json+json': {'name': 'revenue', 'data': revenue}, 'text/plain': 'x'}, raw=True)"
  const cells = [
    { id: "p", cell_type: "code", metadata: { tags: ["parameters"] }, source: "region = 'EU'\ncount = 1", outputs: [], execution_count: null },
    {
      id: "r",
      cell_type: "code",
      metadata: { tags: ["total"] },
      source: `revenue = ${factor} * count\n${more}\nprint('revenue of', region, revenue)`,
      outputs: [],
      execution_count: null,
    },
    { id: "s", cell_type: "code", metadata: {}, source: record, outputs: [], execution_count: null },
  ]
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }
  return new TextEncoder().encode(JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }))
}

async function notebook(path: string): Promise<string> {
  return got(await saveVersion(world.library, ada, { space: at.space, path, bytes: bytesOf(42), source: "api" })).version.notebook
}

/** Waits until nothing of it runs any more. */
async function proven(id: string) {
  for (let turn = 0; turn < 600; turn++) {
    const view = got(await lookAtProposal(world, ada, id))
    if (view.checks.every(({ verdict }) => verdict !== "pending")) return view
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("its checks do not end")
}

test("a version is proposed, proven by runs, approved by somebody else, promoted, run by name, and its evidence checked elsewhere", async () => {
  const id = await notebook("Weekly.ipynb")
  got(
    await putTestCase(world.library, ada, {
      notebook: id,
      name: "three",
      parameters: { count: 3 },
      mocks: [],
      expects: {
        outcome: "succeeds",
        checks: [
          { check: "result_equals", name: "revenue", value: 126 },
          { check: "output_contains", cell: "total", text: "EU 126" },
        ],
      },
    }),
  )
  const proposal = got(await propose(world, ada, { notebook: id, template: "finance/weekly-revenue", message: "First" }))
  expect(refusedAs(await propose(world, ada, { notebook: id, template: "finance/weekly-revenue", message: "again" }))).toBe("already_proposed")
  expect(refusedAs(await launchTemplate(world, vera, { template: "finance/weekly-revenue" }))).toBe("no_such_promotion")

  const view = await proven(proposal.id)
  expect(view.checks.map(({ kind, name, verdict, said }) => [kind, name, verdict, said])).toEqual([
    ["rerun", "Fresh rerun", "passed", ""],
    ["test", "three", "passed", ""],
  ])
  expect(view.gates.map(({ gate, state }) => `${gate} ${state}`)).toEqual(["rerun passed", "tests passed", "secrets passed", "approvals pending"])
  expect(refusedAs(await promote(world, ada, proposal.id))).toBe("gates_closed")
  const approve = (who: Actor, binding = proposal.binding) =>
    reviewProposal(world, who, { proposal: proposal.id, verdict: "approve", said: "", binding })
  expect(refusedAs(await approve(ada))).toBe("own_proposal")
  expect(refusedAs(await approve(vera))).toBe("not_allowed")
  expect(refusedAs(await approve(ben, "0".repeat(64)))).toBe("changed_since")
  got(await approve(ben))
  expect(got(await promote(world, ada, proposal.id))).toEqual({ number: 1 })
  expect(refusedAs(await promote(world, ada, proposal.id))).toBe("wrong_state")

  const launched = got(await launchTemplate(world, vera, { template: "finance/weekly-revenue", parameters: { count: 2 } }))
  expect([launched.promotion, launched.run.version, launched.run.labels]).toEqual([
    1,
    1,
    { "stet/template": "finance/weekly-revenue", "stet/promotion": "1" },
  ])
  await at.until(launched.run.id, "succeeded", 60_000)
  expect((await listTemplates(world, vera)).map(({ name, latest, isReviewed }) => [name, latest, isReviewed])).toEqual([
    ["finance/weekly-revenue", 1, true],
  ])
  expect(await listTemplates(world, vera, { after: "finance/weekly-revenue" })).toEqual([])
  // Pages go on as names are ordered, not as their bytes are.
  expect((await listTemplates(world, vera, { after: "Finance/Apples 10" })).length).toBe(1)
  expect(await listTemplates(world, vera, { after: "Finance/Zebras" })).toEqual([])

  const signed = got(await evidenceOf(world, ada, { template: "finance/weekly-revenue", number: 1 }))
  const bytes = await versionBytes(world.library, got(await resolveVersion(world.library, ada, "read", { notebook: id, version: 1 })))
  const checked = (given: { fingerprint: string; notebook?: Uint8Array }, change = signed) =>
    verifyEvidence(change, given, { sha256, verify: verifyEd25519 })
  const { fingerprint } = await world.signer.current()
  const evidence = got(checked({ fingerprint, notebook: bytes }))
  expect([evidence.reviews.map(({ person, verdict }) => `${person.name} ${verdict}`), evidence.checks.length, evidence.before]).toEqual([
    ["Ben approve"],
    2,
    "",
  ])
  expect(refusedAs(checked({ fingerprint, notebook: bytesOf(43) }))).toBe("bad_evidence")
}, 120_000)

test("what a fresh rerun shows is held against what the version holds: it stands on the proposal and in the evidence, and in nobody's way", async () => {
  const stored = (text: string) => {
    const notebook = JSON.parse(new TextDecoder().decode(bytesOf(42)))
    Object.assign(notebook.cells[1], { execution_count: 1, outputs: [{ output_type: "stream", name: "stdout", text: [text] }] })
    return new TextEncoder().encode(JSON.stringify(notebook))
  }
  const shownBy = async (path: string, bytes: Uint8Array, template: string) => {
    const saved = got(await saveVersion(world.library, ada, { space: at.space, path, bytes, source: "api" }))
    const proposal = got(await propose(world, ada, { notebook: saved.version.notebook, template, message: "" }))
    return { proposal, view: await proven(proposal.id) }
  }
  const again = await shownBy("Again.ipynb", stored("revenue of EU 42\n"), "shown/again")
  expect(again.view.checks[0]?.shown).toMatchObject({ is: "again", compared: 1, cells: [] })
  const nothing = await shownBy("Nothing.ipynb", bytesOf(42), "shown/nothing")
  expect(nothing.view.checks[0]?.shown).toMatchObject({ is: "unclear", said: expect.stringContaining("holds no outputs") })
  const { proposal, view } = await shownBy("Otherwise.ipynb", stored("revenue of EU 7\n"), "shown/otherwise")
  const [cell] = view.checks[0]?.shown?.cells ?? []
  expect([view.checks[0]?.verdict, view.checks[0]?.shown?.is, cell?.cell, cell?.is]).toEqual(["passed", "otherwise", "r", "differs"])
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))
  const { evidence } = got(await evidenceOf(world, ada, { template: "shown/otherwise", number: 1 }))
  expect(JSON.parse(evidence).checks[0].shown).toMatchObject({ is: "otherwise", cells: [{ cell: "r", why: expect.stringContaining("EU 42") }] })
}, 120_000)

test("a test whose line was changed closes the gate; a new version is a new round, and the approval before counts no more", async () => {
  const id = await notebook("Monthly.ipynb")
  got(
    await putTestCase(world.library, ada, {
      notebook: id,
      name: "one",
      parameters: {},
      mocks: [],
      expects: { outcome: "succeeds", checks: [{ check: "result_between", name: "revenue", min: 42, max: 42 }] },
    }),
  )
  const first = got(await propose(world, ada, { notebook: id, template: "finance/monthly", message: "" }))
  got(await reviewProposal(world, ben, { proposal: first.id, verdict: "approve", said: "fine", binding: first.binding }))
  got(await saveVersion(world.library, ada, { notebook: id, bytes: bytesOf(41), source: "api" }))
  const second = got(await propose(world, ada, { notebook: id, template: "finance/monthly", message: "planted" }))
  expect(refusedAs(await promote(world, ada, first.id))).toBe("wrong_state")
  const view = await proven(second.id)
  expect(view.gates.map(({ state }) => state)).toEqual(["passed", "failed", "passed", "pending"])
  expect(view.gates[1]?.said).toBe("one: revenue was to be from 42 to 42, and is 41.")
  got(await reviewProposal(world, ben, { proposal: second.id, verdict: "approve", said: "", binding: second.binding }))
  // Nobody passes a gate by, an administrator neither.
  expect(refusedAs(await promote(world, at.admin, second.id))).toBe("gates_closed")
  got(await withdrawProposal(world, ada, second.id))
  expect((await listProposals(world, ada, { template: "finance/monthly", limit: 10 })).map(({ state }) => state)).toEqual(["withdrawn", "replaced"])
}, 120_000)

test("what is proposed keeps the schema that it is approved with until it is decided; a form then has it as it is read now, the record as it was", async () => {
  const id = await notebook("Older.ipynb")
  const now = got(await resolveVersion(world.library, ada, "read", { notebook: id })).parameters
  const old = { type: "object", properties: { region: { type: "string" } } }
  await world.db.transaction().execute(async (tx) => {
    await sql`ALTER TABLE version DISABLE TRIGGER version_stays`.execute(tx)
    await sql`UPDATE version SET parameters = ${JSON.stringify(old)}::json, schema_edition = 0 WHERE notebook_id = ${id}`.execute(tx)
    await sql`ALTER TABLE version ENABLE TRIGGER version_stays`.execute(tx)
  })
  const proposal = got(await propose(world, ada, { notebook: id, template: "finance/older", message: "" }))
  expect(await readSchemasAnew(world.library)).toEqual({ read: 0, changed: 0, unreadable: 0 })
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  await proven(proposal.id)
  got(await promote(world, ada, proposal.id))
  expect(await readSchemasAnew(world.library)).toEqual({ read: 1, changed: 1, unreadable: 0 })
  const template = got(await getTemplate(world, ada, "finance/older"))
  expect([template.parameters, got(await promotionAt(world, template, "latest-approved")).parameters]).toEqual([now, now])
  expect(got(await promotionsOf(world, ada, "finance/older")).map(({ parameters }) => parameters)).toEqual([old])
}, 60_000)

test("channels name only what was promoted, also back again; the newest is what runs without one; a deprecated one says what to use", async () => {
  const id = await notebook("Daily.ipynb")
  got(
    await decideTemplate(world, at.admin, {
      template: got(await propose(world, ada, { notebook: id, template: "finance/daily", message: "" })).template.name,
      approvals: 0,
    }),
  )
  const promoted = async () => {
    const [open] = await listProposals(world, ada, { template: "finance/daily", state: "open", limit: 1 })
    await proven(open?.id ?? "")
    return got(await promote(world, ada, open?.id ?? "")).number
  }
  expect(await promoted()).toBe(1)
  got(await pointChannel(world, ada, { template: "finance/daily", channel: "prod", number: 1 }))
  got(await saveVersion(world.library, ada, { notebook: id, bytes: bytesOf(50), source: "api" }))
  got(await propose(world, ada, { notebook: id, template: "finance/daily", message: "fifty" }))
  expect(await promoted()).toBe(2)
  const runs = async (template: string) => {
    const launched = await launchTemplate(world, vera, { template })
    return launched.ok ? [launched.value.promotion, launched.value.run.version] : launched.refusal.refused
  }
  expect([
    await runs("finance/daily"),
    await runs("finance/daily@prod"),
    await runs("finance/daily@2"),
    await runs("finance/daily@latest-approved"),
  ]).toEqual([
    [2, 2],
    [1, 1],
    [2, 2],
    [2, 2],
  ])
  got(await saveVersion(world.library, ada, { notebook: id, bytes: bytesOf(60), source: "api" }))
  expect([await runs("finance/daily@3"), await runs("finance/daily@test"), await runs("nothing/here")]).toEqual([
    "no_such_promotion",
    "no_such_promotion",
    "no_such_template",
  ])
  expect(refusedAs(await pointChannel(world, ada, { template: "finance/daily", channel: "prod", number: 3 }))).toBe("no_such_promotion")
  expect(refusedAs(await pointChannel(world, vera, { template: "finance/daily", channel: "prod", number: 2 }))).toBe("not_allowed")
  expect(refusedAs(await pointChannel(world, ada, { template: "finance/daily", channel: "12", number: 2 }))).toBe("bad_name")
  const log = got(await promotionsOf(world, vera, "finance/daily"))
  expect(log.map(({ number, message, channels, isReviewed }) => [number, message, channels, isReviewed])).toEqual([
    [2, "fifty", [], false],
    [1, "", ["prod"], false],
  ])
  const gone = got(
    await decideTemplate(world, ada, { template: "finance/daily", deprecation: "Use the weekly one.", successor: "finance/weekly-revenue" }),
  )
  expect([gone.deprecation, gone.successor]).toEqual(["Use the weekly one.", "finance/weekly-revenue"])
  await expect(sql`UPDATE promotion SET version = 1`.execute(world.db)).rejects.toThrow(/never changed/)
}, 180_000)

test("a name belongs to one notebook; who may not see the code sees no proposal, and runs it all the same", async () => {
  const other = await notebook("Other.ipynb")
  expect(refusedAs(await propose(world, ada, { notebook: other, template: "finance/daily", message: "" }))).toBe("name_taken")
  expect(refusedAs(await propose(world, ada, { notebook: other, template: "Finance Daily", message: "" }))).toBe("bad_name")
  expect(refusedAs(await propose(world, vera, { notebook: other, template: "finance/other", message: "" }))).toBe("not_allowed")
  const proposal = got(await propose(world, ada, { notebook: other, template: "finance/other", message: "" }))
  expect(refusedAs(await lookAtProposal(world, vera, proposal.id))).toBe("accepted")
  got(await hideCode(world.library, at.admin, { notebook: other, isHidden: true }))
  expect(refusedAs(await lookAtProposal(world, vera, proposal.id))).toBe("no_such_proposal")
  await proven(proposal.id)
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))
  const { run } = got(await launchTemplate(world, vera, { template: "finance/other" }))
  expect([run.codeHidden, got(await getRun(world, vera, run.id)).error]).toEqual([true, null])
  expect(refusedAs(await evidenceOf(world, vera, { template: "finance/other", number: 1 }))).toBe("not_allowed")
}, 120_000)

/** The state of a test run when nothing of it runs any more, and what each case came to. */
async function tested(id: string) {
  for (let turn = 0; turn < 600; turn++) {
    const view = got(await lookAtTestRun(world, ada, id))
    if (view.state !== "pending") return view
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("its cases do not end")
}

const FILE = `# Kept as it is.
tests:
  - name: doubled
    parameters: {count: 2}
    mocks: [{cell: total, source: "revenue = 1000 * count"}]
    checks:
      - {check: result_equals, name: revenue, value: 2000}
      - {check: expression, expression: count * 2, equals: 4}
  - name: as before
    checks: [{check: snapshot, cell: total}]
`

test("tests run on request with their mocks; what was replaced stands in the proposal and in the evidence", async () => {
  const id = await notebook("Mocked.ipynb")
  expect(refusedAs(await testVersion(world, ada, { notebook: id }))).toBe("no_such_test")
  got(await putTestFile(world.library, ada, { notebook: id, text: FILE }))
  expect(refusedAs(await testVersion(world, vera, { notebook: id }))).toBe("not_allowed")
  const begun = got(await testVersion(world, ada, { notebook: id }))
  const { cases, ...rest } = await tested(begun.id)
  expect(cases.map(({ name, verdict, said, mocks }) => [name, verdict, said, mocks.map(({ cell }) => cell)])).toEqual([
    // Nothing was run before, and the notebook itself shows nothing.
    ["as before", "failed", "What cell 2 shows cannot be compared: No output is stored to compare with.", []],
    ["doubled", "passed", "", ["total"]],
  ])
  expect([rest.state, rest.version, rest.because]).toEqual(["failed", 1, "asked"])
  const run = got(await getRun(world, ada, cases[1]?.run ?? ""))
  expect([run.trigger, run.rig?.mocks]).toEqual(["test", [{ cell: "total", source: "revenue = 1000 * count" }]])

  got(await putTestFile(world.library, ada, { notebook: id, text: FILE.slice(0, FILE.indexOf("  - name: as before")) }))
  const proposal = got(await propose(world, ada, { notebook: id, template: "finance/mocked", message: "" }))
  const view = await proven(proposal.id)
  expect(view.checks.map(({ name, verdict, mocks }) => [name, verdict, mocks.length])).toEqual([
    ["Fresh rerun", "passed", 0],
    ["doubled", "passed", 1],
  ])
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))
  const { evidence } = got(await evidenceOf(world, ada, { template: "finance/mocked", number: 1 }))
  expect(JSON.parse(evidence).checks[1].mocks).toEqual([{ cell: "total", source: "revenue = 1000 * count" }])
}, 120_000)

test("every new version of what a template stands for is tested, others when asked; snapshots are of what was approved", async () => {
  const id = await notebook("Watched.ipynb")
  got(
    await putTestFile(world.library, ada, {
      notebook: id,
      text: "tests: [{name: as before, checks: [{check: output_contains, cell: total, text: '42'}]}]",
    }),
  )
  await testNewVersions(world)
  expect([got(await getTesting(world, ada, id)), got(await listTestRuns(world, ada, { notebook: id, limit: 9 }))]).toEqual([
    { versions: null, isOn: false },
    [],
  ])
  const proposal = got(await propose(world, ada, { notebook: id, template: "finance/watched", message: "" }))
  await proven(proposal.id)
  got(await reviewProposal(world, ben, { proposal: proposal.id, verdict: "approve", said: "", binding: proposal.binding }))
  got(await promote(world, ada, proposal.id))

  got(await putTestFile(world.library, ada, { notebook: id, text: "tests: [{name: as before, checks: [{check: snapshot, cell: total}]}]" }))
  const newest = async () => {
    await Promise.all([testNewVersions(world), testNewVersions(world)])
    const [run] = got(await listTestRuns(world, ada, { notebook: id, limit: 1 }))
    return tested(run?.id ?? "")
  }
  expect(await newest()).toMatchObject({ version: 1, because: "version", state: "passed" })
  got(await saveVersion(world.library, ben, { notebook: id, bytes: bytesOf(43), source: "api" }))
  const second = await newest()
  expect(second).toMatchObject({ version: 2, state: "failed", askedBy: { name: "Ben" }, cases: [{ verdict: "failed" }] })
  expect(second.cases[0]?.said).toMatch(/^Cell \d does not show what it showed: /)
  expect(got(await listTestRuns(world, ada, { notebook: id, version: 2, limit: 9 }))).toHaveLength(1)

  expect(got(await setTesting(world, ada, { notebook: id, versions: false }))).toEqual({ versions: false, isOn: false })
  got(await saveVersion(world.library, ben, { notebook: id, bytes: bytesOf(44), source: "api" }))
  await testNewVersions(world)
  expect(got(await listTestRuns(world, ada, { notebook: id, limit: 9 }))).toHaveLength(2)
  expect(refusedAs(await setTesting(world, vera, { notebook: id, versions: true }))).toBe("not_allowed")
  got(await hideCode(world.library, at.admin, { notebook: id, isHidden: true }))
  expect(refusedAs(await listTestRuns(world, vera, { notebook: id, limit: 9 }))).toBe("not_allowed")
  expect(refusedAs(await lookAtTestRun(world, vera, second.id))).toBe("no_such_test")
}, 120_000)
