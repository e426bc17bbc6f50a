/** Every change of state has its record: each route that changes something is asked once, with success, and the audit looked at. */
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CONTRACT, type RouteName } from "#api/contract.ts"
import { settled } from "#api/templates.testing.ts"
import { type ApiTest, addressed, apiTest, ipynb, type Said, type Someone } from "#api/testing.ts"
import { accepted } from "#base/outcome.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import { zipOfEntries } from "#library/zip.testing.ts"
import type { NotebookId } from "#people/index.ts"
import { beginSession } from "#people/sql/sessions.ts"
import { type Link, outputsOfExecutions } from "#work/index.ts"
import { type Hosted, hostSessions, linkOf, Watcher } from "#work/session.testing.ts"

/** Routes that are asked with another method than GET and change nothing that anybody else could see, each with its reason. */
const CHANGES_NOTHING: Partial<Record<RouteName, string>> = {
  keepRunAlive: "puts off the moment at which a run that nobody waits for any more is let go: a heartbeat",
  readInbox: "marks one's own notices as read",
  askMcp: "carries what a tool asks for; each tool is a route of its own, or only reads",
  restoreDraft: "changes the live draft as a key that is pressed does; what comes of it has its record when it becomes a version",
}

const NAMES = (Object.keys(CONTRACT) as RouteName[]).filter((name) => (CONTRACT[name].method as string) !== "GET")
const platformOf = { os: "linux", machine: "x86_64", libc: "glibc 2.40" }
const WHAT = { format: 1, kind: "captured", kernel: { name: "python3" }, interpreter: { name: "CPython", version: "3.12.4" }, packages: [] }
/** A machine on which everything asked for can be built, and is at once. */
const MACHINE = {
  sha256: () => "e".repeat(64),
  interpreters: async () => [{ name: "CPython", version: "3.12.4", platform: platformOf }],
  lock: async () => accepted([{ name: "ipykernel", version: "7.0", hashes: ["sha256:0"] }]),
  build: async () => accepted({ jupyterPath: undefined, prefix: undefined }),
  write: async () => undefined,
  label: async () => undefined,
  labels: async () => [],
  capture: async () => WHAT,
  read: async (sha256: string) => ({ sha256, what: WHAT, requirements: [], madeAt: 0 }),
}

let api: ApiTest
let kernels: Kernels
let hosted: Hosted
let link: Link

beforeAll(async () => {
  kernels = localKernels()
  api = await apiTest({ publicResults: true }, (world) => ({
    ...world,
    library: { ...world.library, fetch: async () => ipynb("1") },
    environment: {
      ...world.environment,
      kernels: async () => [{ name: "python3", displayName: "Python 3", language: "python", argv: [], interruptMode: "signal", resourceDir: "" }],
      machine: MACHINE as never,
    },
    shownByExecutions: (ids) => outputsOfExecutions(world.work, ids),
    link: { session: (id) => link.session(id), letGo: (kept) => link.letGo(kept), close: async () => undefined },
  }))
  hosted = await hostSessions(api.platform, { kernels, pool: { keptKernels: { most: 4, mostMs: 600_000 } } })
  link = await linkOf(api.platform.world)
})
afterAll(async () => {
  await link.close()
  await hosted.stop()
  await kernels.close()
  await api.close()
})

type How = { readonly holes?: Readonly<Record<string, string>>; readonly query?: string; readonly json?: unknown; readonly bytes?: Uint8Array }

const asked = new Set<RouteName>()
const unrecorded: string[] = []

async function records(after: number): Promise<readonly { readonly seq: number; readonly action: string }[]> {
  const found = await sql<{ seq: number; action: string }>`
    SELECT seq::int AS seq, action FROM audit_event WHERE seq > ${after} AND outcome = 'done' AND via <> 'system' ORDER BY seq`.execute(
    api.world.people.db,
  )
  return found.rows
}

/** Asks it with success, and looks whether people did something by the audit's word meanwhile. */
async function does(name: RouteName, as: Someone | undefined, { holes = {}, query = "", json, bytes }: How = {}): Promise<Said> {
  const before = (await records(0)).at(-1)?.seq ?? 0
  const said = await api.ask(CONTRACT[name].method, `${addressed(name, holes)}${query}`, { as, json, ...(bytes ? { bytes } : {}) })
  expect(said.status, `${name}: ${said.text}`).toBeLessThan(300)
  asked.add(name)
  if ((await records(before)).length === 0) unrecorded.push(name)
  return said
}

async function people() {
  const root = await api.someone("Root", "administrator")
  const made = await does("createInvite", root, { json: { space: "team", role: "admin" } })
  const joined = { kind: "invite", link: made.json.link, name: "Ada", login: "ada", password: "correct horse battery" }
  await does("useLink", undefined, { json: joined })
  await does("signIn", undefined, { json: { login: "ada", password: "correct horse battery" } })
  const unused = await does("createInvite", root, { json: { space: "team", role: "viewer" } })
  await does("withdrawInvite", root, { holes: { invite: unused.json.id } })
  const vera = await api.someone("Vera", "viewer")
  await does("setPassword", vera, { json: { next: "staple orange river" } })
  const sina = await api.someone("Sina", "viewer")
  await does("allowHost", sina, { holes: { host: "cdn.example.org" } })
  await does("disallowHost", sina, { holes: { host: "cdn.example.org" } })
  await beginSession(api.world.people, api.world.people.db, sina.actor, { address: "127.0.0.1", userAgent: "other" })
  await does("endOtherSessions", sina)
  const { json } = await api.ask("GET", "/api/v1/sessions", { as: sina })
  await does("endSession", sina, { holes: { session: json.items[0].id } })
  await does("signOut", await api.someone("Otto", "viewer"))
  await does("createService", root, { json: { name: "Nightly" } })
  await does("changePerson", root, { holes: { person: vera.actor.id }, json: { name: "Vera V" } })
  const ada = (await api.ask("GET", "/api/v1/people?q=ada", { as: root })).json.items[0]
  await does("makeResetLink", root, { holes: { person: ada.id } })
  const group = { group: (await does("createGroup", root, { json: { name: "Readers" } })).json.id, person: vera.actor.id }
  await does("changeGroup", root, { holes: group, json: { name: "All readers" } })
  await does("addMember", root, { holes: group })
  await does("removeMember", root, { holes: group })
  await does("deleteGroup", root, { holes: group })
  const token = await does("createToken", root, { json: { name: "ci", scopes: ["read"] } })
  await does("revokeToken", root, { holes: { token: token.json.id } })
  return { root, vera }
}

async function spaces(root: Someone, vera: Someone): Promise<void> {
  const { id: space } = (await does("createSpace", root, { json: { name: "other" } })).json
  await does("changeSpace", root, { holes: { space }, json: { title: "Other" } })
  const given = await does("grant", root, { holes: { space }, json: { person: vera.actor.id, role: "viewer" } })
  await does("revokeGrant", root, { holes: { space, grant: given.json.id } })
  await does("setCodeOwners", root, { holes: { space }, json: { codeOwners: [{ person: root.actor.id }] } })
  await does("trashSpace", root, { holes: { space } })
  await does("restoreSpace", root, { holes: { space } })
  await does("askAccess", vera, { json: { space } })
}

async function notebooks(root: Someone, vera: Someone): Promise<void> {
  const made = await does("createNotebook", root, { query: "?space=team&path=a.ipynb", bytes: ipynb("a = 1") })
  const holes = { notebook: made.json.notebook.id as string, version: "1", name: "one" }
  await does("saveContent", root, { holes, bytes: ipynb("a = 2") })
  await does("labelVersion", root, { holes, json: { label: "good" } })
  await does("moveNotebook", root, { holes, json: { path: "folder/b.ipynb" } })
  await does("copyNotebook", root, { holes, json: { path: "c.ipynb" } })
  await does("limitNotebook", root, { holes, json: { maxRunning: 2 } })
  await does("hideCode", root, { holes, json: { isHidden: true } })
  await does("setTags", root, { holes, json: { tags: ["new"] } })
  await does("grantNotebook", root, { holes, json: { person: vera.actor.id, role: "commenter" } })
  const { comment } = { comment: (await does("addComment", root, { holes, json: { text: "Well said." } })).json.id as string }
  for (const json of [{ text: "Well said!" }, { isResolved: true }, { isResolved: false }])
    await does("changeComment", root, { holes: { comment }, json })
  await does("deleteComment", root, { holes: { comment } })
  await does("putTest", root, { holes, json: { expects: {} } })
  await does("removeTest", root, { holes })
  await does("putTestFile", root, { holes, json: { text: "tests:\n  - name: two\n" } })
  await does("setTesting", root, { holes, json: { versions: false } })
  await does("testVersion", root, { holes })
  await does("answerTestRun", root, { holes: { testRun: await waitingRun(holes.notebook) }, json: { answer: "leave" } })
  await does("setOwner", root, { holes, json: { person: (await api.someone("Next", "editor")).actor.id } })
  await does("restoreDraft", root, { holes, json: { version: 1 } })
  await does("saveDraft", root, { holes, json: {} })
  await does("trashNotebook", root, { holes })
  await does("restoreNotebook", root, { holes, json: {} })
  await does("moveFolder", root, { holes: { space: "team" }, json: { folder: "folder", to: "moved" } })
  await does("trashFolder", root, { holes: { space: "team" }, json: { folder: "moved" } })
}

/** A test run as it stands when it would change something outside that nobody has said yes to. */
async function waitingRun(notebook: string): Promise<string> {
  const found = await sql<{ id: string }>`UPDATE test_run SET waits_for = '[]' WHERE notebook_id = ${notebook} RETURNING id`.execute(
    api.world.people.db,
  )
  return found.rows[0]?.id ?? ""
}

async function files(root: Someone): Promise<void> {
  const put = await does("putFile", root, { query: "?space=team&path=a.csv", bytes: new TextEncoder().encode("1,2") })
  await does("moveFile", root, { json: { space: "team", path: "a.csv", to: "b.csv" } })
  await does("trashFile", root, { query: "?space=team&path=b.csv" })
  await does("restoreFile", root, { json: { file: put.json.id } })
  await does("importZip", root, { query: "?space=team&folder=in", bytes: zipOfEntries([{ name: "x.csv", content: "1" }]) })
  await does("importUrl", root, { json: { space: "team", url: "https://notebooks.example/n.ipynb" } })
  await does("buildEnvironment", root, { json: { name: "plots", requirements: ["pandas"] } })
}

const FILE_TAKER = ipynb('# parameters\ndata = "none.csv"  # [file: .csv]\nx = 1', "print(undefined_elsewhere if x > 1 else x)")

async function runs(root: Someone): Promise<void> {
  const editor = await api.someone("Edith", "editor")
  const made = await api.ask("POST", "/api/v1/notebooks?space=team&path=run.ipynb", { as: editor, bytes: FILE_TAKER })
  const notebook: string = made.json.notebook.id
  const sent = await does("sendFile", editor, { holes: { notebook }, query: "?name=d.csv", bytes: new TextEncoder().encode("1") })
  await does("dropUpload", editor, { holes: { upload: sent.json.id } })
  const value = (await does("sendFile", editor, { holes: { notebook }, query: "?name=e.csv", bytes: new TextEncoder().encode("2") })).json.value
  const run: string = (await does("launchRun", editor, { json: { notebook, parameters: { data: value } } })).json.id
  await api.platform.until(run, "succeeded", 60_000)
  const link = await does("publishResult", root, { holes: { run }, json: { withCode: false } })
  await does("withdrawPublicResult", root, { holes: { run, link: link.json.id } })
  await does("copyResult", editor, { holes: { run }, json: { path: "copied.ipynb" } })
  await does("askProof", editor, { holes: { notebook, version: "1" }, json: { parameters: { data: value } } })
  const slow = await api.ask("POST", "/api/v1/notebooks?space=team&path=slow.ipynb", { as: editor, bytes: ipynb("import time", "time.sleep(600)") })
  const sleeping: string = (await api.ask("POST", "/api/v1/runs", { as: editor, json: { notebook: slow.json.notebook.id } })).json.id
  await does("keepRunAlive", editor, { holes: { run: sleeping } })
  await does("cancelRun", editor, { holes: { run: sleeping }, json: { graceSeconds: 0 } })
  await does("subscribe", editor, { json: { notebook, way: "inbox" } })
  const { json } = await api.ask("GET", "/api/v1/subscriptions", { as: editor })
  await does("unsubscribe", editor, { holes: { subscription: json.items[0].id } })
  await does("readInbox", editor, { json: {} })
  await does("askMcp", editor, { json: { jsonrpc: "2.0", id: 1, method: "ping" } })
}

async function failing(as: Someone, path: string, more: object = {}): Promise<{ readonly run: string; readonly notebook: string }> {
  const made = await api.ask("POST", `/api/v1/notebooks?space=team&path=${path}`, { as, bytes: ipynb("open('out.txt', 'w').write('x')", "1 / 0") })
  const notebook: string = made.json.notebook.id
  const run: string = (await api.ask("POST", "/api/v1/runs", { as, json: { notebook, ...more } })).json.id
  await api.platform.until(run, "failed", 60_000)
  return { run, notebook }
}

async function live(): Promise<void> {
  const [edith, eric] = [await api.someone("Ella", "editor"), await api.someone("Eric", "editor")]
  const kept = await failing(edith, "kept.ipynb", { keepKernelSeconds: 300 })
  const holes = { ...kept, person: eric.actor.id }
  await does("allowKernel", edith, { holes })
  await does("forbidKernel", edith, { holes })
  await does("letKernelGo", edith, { holes })
  await does("tellOwner", eric, { holes, json: {} })
  const told = (await api.ask("GET", "/api/v1/inbox", { as: edith })).json.items.find(({ kind }: { kind: string }) => kind === "run_told")
  await does("answerTold", edith, { holes: { notice: told.id }, json: { text: "Mended." } })
  await does("retryRun", edith, { holes })
  const second = await failing(edith, "second.ipynb")
  const opened = await does("openLiveRun", edith, { holes: second, json: { writes: true, cell: "c0" } })
  const copy = opened.json.notebook.id as NotebookId
  const watcher = new Watcher(link.session(copy))
  const [one] = await watcher.run(edith.actor, "open('kept.txt', 'w').write('y')")
  await watcher.until(one!.id, "succeeded", 60_000)
  await does("keepSessionFile", edith, { holes: { notebook: copy }, json: { path: "kept.txt" } })
  await does("returnLive", edith, { holes: { notebook: copy }, json: {} })
  await does("endLiveSession", edith, { holes: { live: opened.json.session } })
  await watcher.untilSession("ended")
  watcher.line.close()
  await does("openLiveVersion", edith, { holes: { notebook: second.notebook, version: "1" }, json: { writes: true, cell: "c0" } })
}

async function templates(root: Someone): Promise<void> {
  const [ada, ben] = [await api.someone("Anna", "editor"), await api.someone("Ben", "editor")]
  const made = await api.ask("POST", "/api/v1/notebooks?space=team&path=t.ipynb", {
    as: ada,
    bytes: ipynb("# parameters\nx = 1", "y = x if x else total"),
  })
  const notebook: string = made.json.notebook.id
  const holes = { notebook, template: "team/t", channel: "prod" }
  const first = await does("propose", ada, { holes, json: { template: "team/t" } })
  await does("withdrawProposal", ada, { holes: { proposal: first.json.id } })
  await does("decideTemplate", root, { holes, json: { runAs: { kind: "owner" } } })
  const proposal: string = (await api.ask("POST", `/api/v1/notebooks/${notebook}/proposals`, { as: ada, json: { template: "team/t" } })).json.id
  const { binding, findings } = await settled(api, `/api/v1/proposals/${proposal}`, ada)
  const finding = { proposal, finding: findings[0].id as string }
  await does("dismissFinding", ada, { holes: finding, json: { text: "It is meant so." } })
  await does("takeUpFinding", ada, { holes: finding })
  await does("reviewProposal", ben, { holes: { proposal }, json: { verdict: "approve", binding } })
  await does("consentToProposal", ada, { holes: { proposal }, json: { binding } })
  await does("promote", ada, { holes: { proposal } })
  await does("pointChannel", ada, { holes, json: { number: 1 } })
  await does("sendTemplateFile", ben, { holes, query: "?name=t.csv", bytes: new TextEncoder().encode("1") })
  const run: string = (await does("runTemplate", ben, { holes, json: {} })).json.id
  await api.platform.until(run, "succeeded", 60_000)
  await does("revokeConsent", ada, { holes })
  await does("handOverTemplate", root, { holes, json: { person: ben.actor.id } })
  await does("handOverAll", root, { holes: { person: ada.actor.id }, json: { to: ben.actor.id } })
}

test("whatever is changed through a route leaves a record", async () => {
  const { root, vera } = await people()
  const still = await api.someone("Still", "viewer")
  await spaces(root, still)
  await notebooks(root, vera)
  await files(root)
  await runs(root)
  await live()
  await templates(root)
  expect(unrecorded.filter((name) => CHANGES_NOTHING[name as RouteName] === undefined)).toEqual([])
  // What is excused must need it.
  expect(Object.keys(CHANGES_NOTHING).filter((name) => !unrecorded.includes(name))).toEqual([])
  expect(NAMES.filter((name) => !asked.has(name))).toEqual([])
}, 180_000)
