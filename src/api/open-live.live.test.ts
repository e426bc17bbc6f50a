/** Runs and versions opened live, with real kernels: replayed to the failing cell, or taken over as they stand. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { live } from "#api/live/testing.ts"
import { type ApiTest, apiTest, ipynb, type Said, type Someone } from "#api/testing.ts"
import { setSource } from "#draft/index.ts"
import type { Description } from "#environment/index.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import type { NotebookId } from "#people/index.ts"
import { findOrigin, type Link, outputsOfExecutions } from "#work/index.ts"
import { type Hosted, hostSessions, linkOf, UNBUILDABLE, Watcher } from "#work/session.testing.ts"
import { eventually } from "#work/testing.ts"

const PROCESS = new URL("../work/session.process.testing.ts", import.meta.url).pathname

/** What runs of these tests ran in; `gone`: its kernel has changed since. */
const machine = { gone: false, labels: [] as { name: string; sha256: string; at: number }[] }
const WHAT: Description = {
  format: 1,
  kind: "captured",
  kernel: { name: "python3", displayName: "Python 3", language: "python", argv: ["python"], interruptMode: "signal" },
  interpreter: { name: "CPython", version: "3.12.4" },
  platform: { os: "linux", machine: "x86_64", libc: "glibc" },
  packages: [{ name: "numpy", version: "2.1.0" }],
} as unknown as Description

function environmentOf(world: { readonly environment: object }) {
  const now = { ...WHAT, packages: [{ name: "numpy", version: "2.2.1" }] }
  return {
    ...world.environment,
    kernels: async () => [{ name: "python3", displayName: "Python 3", language: "python", argv: [], interruptMode: "signal", resourceDir: "" }],
    machine: {
      read: async (sha256: string) =>
        sha256.startsWith("e")
          ? { sha256, what: WHAT, requirements: [], madeAt: 0 }
          : sha256.startsWith("5")
            ? { sha256, what: { ...now, kind: "locked" }, requirements: [], madeAt: 0 }
            : undefined,
      write: async () => undefined,
      labels: async () => machine.labels,
      capture: async () => (machine.gone ? now : WHAT),
      sha256: () => (machine.gone ? "f" : "e").repeat(64),
    } as never,
  } as never
}

let api: ApiTest
let hosted: Hosted
let link: Link
let kernels: Kernels
let edith: Someone
let eric: Someone

async function opened(): Promise<ApiTest> {
  return apiTest({}, (world) => ({
    ...world,
    environment: environmentOf(world),
    shownByExecutions: (ids) => outputsOfExecutions(world.work, ids),
    link: { session: (id) => link.session(id), letGo: (kept) => link.letGo(kept), close: async () => undefined },
  }))
}

beforeAll(async () => {
  kernels = localKernels()
  api = await opened()
  hosted = await hostSessions(api.platform, { kernels, pool: { keptKernels: { most: 2, mostMs: 600_000 } } })
  link = await linkOf(api.platform.world)
  ;[edith, eric] = await Promise.all([api.someone("Edith", "editor"), api.someone("Eric", "editor")])
})
afterAll(async () => {
  await link.close()
  await hosted.stop()
  await kernels.close()
  await api.close()
})

let count = 0

async function saved(...sources: readonly string[]): Promise<string> {
  const said = await api.ask("POST", `/api/v1/notebooks?space=team&path=reports/live-${++count}.ipynb`, { as: edith, bytes: ipynb(...sources) })
  expect(said.status).toBe(201)
  return said.json.notebook.id
}

async function failed(notebook: string, launch: object = {}, as = edith): Promise<string> {
  const run = (await api.ask("POST", "/api/v1/runs", { as, json: { notebook, ...launch } })).json.id
  expect((await api.platform.until(run, "failed", 60_000)).reason).toBe("cell_raised")
  return run
}

const open = (run: string, json: object = {}, as = edith): Promise<Said> => api.ask("POST", `/api/v1/runs/${run}/live`, { as, json })
const plan = async (run: string, as = edith) => (await api.ask("GET", `/api/v1/runs/${run}/live`, { as })).json

function replayed(notebook: string) {
  return eventually("the replay is over", async () => {
    const origin = (await api.ask("GET", `/api/v1/notebooks/${notebook}/origin`, { as: edith })).json
    return origin.replay.is !== "running" && origin
  })
}

/** What an expression is in the kernel of that notebook. */
async function valueIn(notebook: string, expression: string, as = edith): Promise<string> {
  const watcher = new Watcher(link.session(notebook as NotebookId))
  try {
    const [one] = await watcher.runCells(as.actor, [["looks", `print(${expression})`]])
    await eventually("it is over", async () => ["succeeded", "failed"].includes(watcher.executions.get(one!.id)?.state ?? ""))
    return (await watcher.text(one!.id)).trim()
  } finally {
    watcher.line.close()
  }
}

describe("a failed run is replayed", () => {
  test("to just before the failing cell, with its parameters, its files and its source; what it had shown can still be read", async () => {
    const put = await api.ask("PUT", "/api/v1/files/content?space=team&path=reports/data.csv", { as: edith, bytes: "1,2,3" })
    expect(put.status).toBe(200)
    const notebook = await saved(
      "# parameters\ncount = 1",
      "data = open('data.csv').read()\nprint(data, count)",
      "total = count * 10",
      "1 / 0",
      "after = 1",
    )
    const run = await failed(notebook, { parameters: { count: 4 } })
    await api.ask("PUT", "/api/v1/files/content?space=team&path=reports/data.csv", { as: edith, bytes: "9,9,9" })
    expect(await plan(run)).toMatchObject({ until: { id: "c3", index: 3 }, replays: 3, writes: [], environment: { is: "ready" }, kernel: null })
    const said = await open(run)
    expect([said.status, said.json.isAttached, said.json.replays]).toEqual([201, false, 4])
    const copy = said.json.notebook.id
    expect(said.json.notebook.path).toMatch(/^reports\/live-\d+ live\.ipynb$/)
    expect(await replayed(copy)).toMatchObject({
      run,
      version: 1,
      until: "c3",
      notebook: { id: notebook },
      replay: { is: "done", done: 4, total: 4 },
    })
    expect(await valueIn(copy, "(count, total, data, 'after' in globals())")).toBe("(4, 40, '1,2,3', False)")
    const draft = JSON.parse((await api.ask("GET", `/api/v1/notebooks/${copy}/draft`, { as: edith })).text)
    expect(draft.cells.map(({ source }: { source: string | string[] }) => [source].flat().join(""))).toEqual([
      "# parameters\ncount = 1",
      "# Parameters\ncount = 4\n",
      "data = open('data.csv').read()\nprint(data, count)",
      "total = count * 10",
      "1 / 0",
      "after = 1",
    ])
    expect(draft.cells[4].outputs).toMatchObject([{ output_type: "error", ename: "ZeroDivisionError" }])
    const admin = await api.someone("Admin", "administrator")
    await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: true } })
    const hidden = await open(run)
    expect(hidden.json.notebook.codeHidden).toBe(true)
    const audit = await api.ask("GET", `/api/v1/audit?thing=run/${run}`, { as: admin })
    expect(audit.json.items.map(({ action }: { action: string }) => action)).toContain("run.open_live")
  })

  test("to a cell that is chosen, from any run, and from a version with other parameters", async () => {
    const notebook = await saved("# parameters\ncount = 1", "a = count", "b = 2", "c = 3")
    const run = (await api.ask("POST", "/api/v1/runs", { as: edith, json: { notebook } })).json.id
    await api.platform.until(run, "succeeded", 60_000)
    const whole = (await open(run)).json
    expect(await replayed(whole.notebook.id)).toMatchObject({ until: "", replay: { done: 4 } })
    const third = (await open(run, { cell: "3" })).json
    expect(await replayed(third.notebook.id)).toMatchObject({ until: "c2", replay: { done: 2 } })
    expect(await valueIn(third.notebook.id, "('a' in globals(), 'b' in globals())")).toBe("(True, False)")
    expect((await open(run, { cell: "nowhere" })).json.code).toBe("no_such_cell")
    const from = await api.ask("POST", `/api/v1/notebooks/${notebook}/versions/1/live`, { as: edith, json: { parameters: { count: 7 }, cell: "c3" } })
    expect(await replayed(from.json.notebook.id)).toMatchObject({ run: null, version: 1 })
    expect(await valueIn(from.json.notebook.id, "(a, b, 'c' in globals())")).toBe("(7, 2, False)")
    const wrong = await api.ask("POST", `/api/v1/notebooks/${notebook}/versions/1/live`, { as: edith, json: { parameters: { nobody: 7 } } })
    expect([wrong.status, wrong.json.code]).toEqual([422, "bad_parameters"])
  })

  test("with the file that the run was given, also after a restart, and from a version with a file of one's own", async () => {
    const notebook = await saved('# parameters\ndata = "none.csv"  # [file: .csv]', "import os\ntext = open(data).read()", "1 / 0")
    const send = async (text: string) =>
      (await api.ask("POST", `/api/v1/notebooks/${notebook}/uploads?name=my%20may.csv`, { as: edith, bytes: text })).json.value
    const run = await failed(notebook, { parameters: { data: await send("of the run") } })
    const byEric = (await open(run, {}, eric)).json.notebook.id
    await replayed(byEric)
    expect(await valueIn(byEric, "(data, text, os.access(data, os.W_OK) and os.getuid() != 0)", eric)).toBe(
      "('given/data/my_may.csv', 'of the run', False)",
    )
    const watcher = new Watcher(link.session(byEric as NotebookId))
    try {
      expect((await watcher.line.restart(eric.actor)).ok).toBe(true)
    } finally {
      watcher.line.close()
    }
    expect(await valueIn(byEric, "open('given/data/my_may.csv').read()", eric)).toBe("of the run")
    const live = (parameters: object) =>
      api.ask("POST", `/api/v1/notebooks/${notebook}/versions/1/live`, { as: edith, json: { parameters, cell: "c2" } })
    const from = await live({ data: await send("of one's own") })
    await replayed(from.json.notebook.id)
    expect(await valueIn(from.json.notebook.id, "text")).toBe("of one's own")
    expect((await live({ data: `upload:${"0".repeat(26)}` })).json.errors[0].message).toMatch(/is not there, or not yours/)
    // There is room for so many sessions, and other tests want theirs.
    for (const [id, who] of [
      [byEric, eric],
      [from.json.notebook.id, edith],
    ] as const) {
      const line = link.session(id)
      await line.stop(who.actor)
      line.close()
    }
    expect((await live({})).json.errors[0].message).toMatch(/was given no file, and this version has no "none\.csv"/)
  })

  test("and says where it stops, when a cell before fails this time", async () => {
    const flag = join(api.platform.home, `flag-${++count}`)
    const notebook = await saved(`import os\nassert not os.path.exists(${JSON.stringify(flag)})`, "b = 1", "1 / 0")
    const run = await failed(notebook)
    writeFileSync(flag, "")
    const { json } = await open(run)
    expect((await replayed(json.notebook.id)).replay).toMatchObject({ is: "stopped", at: "c0", done: 0, total: 2, why: "It raised AssertionError." })
    expect(await valueIn(json.notebook.id, "'b' in globals()")).toBe("False")
  })

  test("only after a yes to the cells that write, and to another environment", async () => {
    const notebook = await saved("open('out.txt', 'w').write('x')", "import subprocess\nsubprocess.run(['true'])", "1 / 0", "open('late.txt', 'w')")
    const run = await failed(notebook)
    const asked = await open(run)
    expect([asked.status, asked.json.code]).toEqual([409, "needs_yes"])
    expect(asked.json.facts.writes.map(({ cell, kind }: { cell: string; kind: string }) => [cell, kind])).toEqual([
      ["c0", "file"],
      ["c1", "process"],
    ])
    machine.gone = true
    try {
      const both = await open(run, { writes: true })
      expect(both.json.facts.environment).toMatchObject({ is: "gone", instead: { name: "python3", differences: ["numpy 2.1.0 → 2.2.1"] } })
      const yes = await open(run, { writes: true, otherEnvironment: true })
      expect(yes.status).toBe(201)
      expect((await replayed(yes.json.notebook.id)).replay.is).toBe("done")
    } finally {
      machine.gone = false
    }
    const listed = await api.ask("GET", "/api/v1/notebooks?space=team&limit=200", { as: edith })
    const made = listed.json.items.filter(({ path }: { path: string }) => path.startsWith(`reports/live-${count} live`))
    expect(made).toHaveLength(1)
    // It looks as if it could be had, and somebody tried: then what else there is is listed with what it differs in, and named.
    const spare = "5".repeat(64)
    machine.labels = [
      { name: "spare", sha256: spare, at: 1 },
      { name: "lost", sha256: UNBUILDABLE, at: 2 },
    ]
    const planned = (await api.ask("GET", `/api/v1/runs/${run}/live?withoutEnvironment=true`, { as: edith })).json.environment
    expect((await plan(run)).environment.is).toBe("ready")
    expect(planned).toMatchObject({ is: "gone", why: "It could not be built again here.", instead: null })
    expect(planned.others).toEqual([
      { environment: spare, name: "spare", differences: ["numpy 2.1.0 → 2.2.1"] },
      { environment: UNBUILDABLE, name: "lost", differences: ["numpy 2.1.0 → 2.2.1"] },
    ])
    const without = { writes: true, withoutEnvironment: true }
    const codes = [
      { ...without, otherEnvironment: true },
      { ...without, environment: spare },
      { ...without, environment: "6".repeat(64), otherEnvironment: true },
      { writes: true, environment: spare, otherEnvironment: true },
    ]
    expect(await Promise.all(codes.map(async (json) => (await open(run, json)).json.code))).toEqual([
      "needs_yes",
      "needs_yes",
      "wrong_state",
      "wrong_state",
    ])
    const spared = await open(run, { ...without, environment: spare, otherEnvironment: true })
    expect(spared.status).toBe(201)
    expect((await findOrigin(api.world.library.db, spared.json.notebook.id))?.environment).toBe(spare)
    expect((await replayed(spared.json.notebook.id)).replay).toMatchObject({ is: "done", why: "" })
    // One that cannot be built: the notebook is there all the same, says why, and nothing was run in anything else.
    const lost = await open(run, { ...without, environment: UNBUILDABLE, otherEnvironment: true })
    expect(lost.status).toBe(201)
    const over = await eventually("its session is over", async () => {
      const found = await sql<{ state: string; explanation: string; environment: string }>`
        SELECT state, explanation, environment FROM session WHERE id = ${lost.json.session}`.execute(api.world.library.db)
      return found.rows.find(({ state }) => ["dead", "ended"].includes(state))
    })
    expect(over).toMatchObject({ explanation: expect.stringContaining("A package of it is not there any more."), environment: "" })
    // Opened once more in one that can be had, it stands where that one stood, by its name; one that has had a kernel, or was written in, is left.
    const named = { ...without, environment: spare, otherEnvironment: true }
    expect((await open(run, { ...named, into: notebook })).json.code).toBe("no_origin")
    await api.ask("DELETE", `/api/v1/live-sessions/${spared.json.session}`, { as: edith })
    const found = await open(run, { ...named, into: lost.json.notebook.id })
    expect([found.status, found.json.notebook.path]).toEqual([201, lost.json.notebook.path])
    expect((await replayed(found.json.notebook.id)).replay).toMatchObject({ is: "done", why: "" })
    const standing = async () => {
      const { json } = await api.ask("GET", "/api/v1/notebooks?space=team&limit=200", { as: edith })
      return json.items.map(({ id }: { id: string }) => id)
    }
    expect(await standing()).not.toContain(lost.json.notebook.id)
    await api.ask("DELETE", `/api/v1/live-sessions/${found.json.session}`, { as: edith })
    const beside = await open(run, { ...named, into: found.json.notebook.id })
    expect([beside.status, beside.json.notebook.path === found.json.notebook.path]).toEqual([201, false])
    expect(await standing()).toContain(found.json.notebook.id)
    await api.ask("DELETE", `/api/v1/live-sessions/${beside.json.session}`, { as: edith })
    machine.labels = []
    // There is room for so many of one person.
    for (const id of [spared.json.session, lost.json.session]) await api.ask("DELETE", `/api/v1/live-sessions/${id}`, { as: edith })
  })

  test("with secrets that are given again, read once, and blotted out of what is shown", async () => {
    const notebook = await saved("# parameters\ntoken: str = ''  # secret\ncount = 1", "print(len(token), token)", "1 / 0")
    const run = await failed(notebook, { parameters: { token: "s3cret-canary" } })
    const without = await open(run)
    expect([without.status, without.json.errors[0].path]).toEqual([422, "parameters.token"])
    const { json } = await open(run, { secrets: { token: "s3cret-canary" } })
    expect((await replayed(json.notebook.id)).replay.is).toBe("done")
    const draft = await eventually("what it showed is kept", async () => {
      const said = await api.ask("GET", `/api/v1/notebooks/${json.notebook.id}/draft`, { as: edith })
      return said.text.includes("13 •••") && said
    })
    expect(draft.text).not.toContain("s3cret-canary")
    expect(await valueIn(json.notebook.id, "token == 's3cret' + '-canary'")).toBe("True")
  })
})

describe("a kernel that is kept", () => {
  test("is taken over at once as it stands, by whoever ordered the run", async () => {
    const notebook = await saved("import os\nmark = os.urandom(4).hex()\nprint(mark)", "open('out.txt', 'w').write('x')", "1 / 0")
    const run = await failed(notebook, { keepKernelSeconds: 300 })
    const seen = (await api.ask("GET", `/api/v1/runs/${run}`, { as: edith })).json
    expect(seen.keptKernel.is).toBe("kept")
    expect(Date.parse(seen.keptKernel.until) - Date.now()).toBeGreaterThan(280_000)
    expect((await plan(run)).kernel).toMatchObject({ is: "kept", mayAttach: true })
    const { status, json } = await open(run)
    expect([status, json.isAttached, json.replays]).toEqual([201, true, 0])
    const printed = JSON.parse((await api.ask("GET", `/api/v1/notebooks/${json.notebook.id}/draft`, { as: edith })).text).cells[0].outputs[0].text
    expect(await valueIn(json.notebook.id, "mark")).toBe([printed].flat().join("").trim())
    expect((await api.ask("GET", `/api/v1/runs/${run}`, { as: edith })).json.keptKernel.is).toBe("attached")
    const again = await open(run, { attach: true, writes: true })
    expect([again.status, again.json.code]).toEqual([409, "kernel_gone"])
    expect(again.json.detail).toContain("somebody has taken it over already")
  })

  test("is nobody else's, unless that one says so", async () => {
    const notebook = await saved("mine = 1", "1 / 0")
    const run = await failed(notebook, { keepKernelSeconds: 300 })
    expect((await plan(run, eric)).kernel).toMatchObject({ is: "kept", mayAttach: false })
    const insists = await open(run, { attach: true }, eric)
    expect([insists.status, insists.json.code]).toEqual([403, "not_allowed"])
    expect((await open(run, {}, eric)).json.isAttached).toBe(false)
    const person = `/api/v1/runs/${run}/kernel/people/${eric.actor.id}`
    expect((await api.ask("PUT", person, { as: eric })).status).toBe(403)
    expect((await api.ask("PUT", person, { as: edith })).status).toBe(204)
    const held = async (as: Someone) => (await api.ask("GET", `/api/v1/runs/${run}/kernel`, { as })).json
    expect(await held(edith)).toMatchObject({
      is: "kept",
      of: { name: edith.actor.name },
      mayAllow: true,
      people: [{ person: { id: eric.actor.id } }],
    })
    expect(await held(eric)).toMatchObject({ mayAllow: false, mayAttach: true, takenOver: null })
    expect((await api.ask("DELETE", person, { as: edith })).status).toBe(204)
    expect((await open(run, { attach: true }, eric)).status).toBe(403)
    await api.ask("PUT", person, { as: edith })
    const opened = await open(run, { attach: true }, eric)
    expect(opened.json.isAttached).toBe(true)
    expect(await held(edith)).toMatchObject({ is: "attached", takenOver: { by: { id: eric.actor.id }, notebook: { id: opened.json.notebook.id } } })
    const plain = await failed(notebook)
    expect((await api.ask("GET", `/api/v1/runs/${plain}/kernel`, { as: edith })).json.code).toBe("no_kernel")
  })

  test("has lost its secrets, and gets those that are given again", async () => {
    const sources = ["# parameters\ntoken: str = ''  # secret\ncount = 1", "kept = token\ntoken", "1 / 0"]
    const notebook = await saved(...sources)
    const launch = { parameters: { token: "s3cret-canary", count: 5 }, keepKernelSeconds: 300 }
    const bare = (await open(await failed(notebook, launch))).json
    expect(await valueIn(bare.notebook.id, "('token' in globals(), count, len(Out))")).toBe("(False, 5, 0)")
    const given = (await open(await failed(notebook, launch), { secrets: { token: "another" } })).json
    expect(given.isAttached).toBe(true)
    expect(await valueIn(given.notebook.id, "(token[:3], len(token), count)")).toBe("('ano', 7, 5)")
  })

  test("goes when its time is over, when it is let go, and when it dies; there is room for so many", async () => {
    const notebook = await saved("x = 1", "1 / 0")
    const brief = await failed(notebook, { keepKernelSeconds: 1 })
    const state = async (run: string) => (await api.ask("GET", `/api/v1/runs/${run}`, { as: edith })).json.keptKernel.is
    await eventually("it has expired", async () => (await state(brief)) === "expired")
    const late = await open(brief, { attach: true })
    expect([late.json.code, late.json.detail]).toEqual(["kernel_gone", "The run left no kernel that could be taken over: its time is over."])
    const [one, two, three] = [
      await failed(notebook, { keepKernelSeconds: 300 }),
      await failed(notebook, { keepKernelSeconds: 300 }),
      await failed(notebook, { keepKernelSeconds: 300 }),
    ]
    expect(await Promise.all([one, two, three].map(state))).toEqual(["kept", "kept", "not_kept"])
    expect((await api.ask("DELETE", `/api/v1/runs/${one}/kernel`, { as: edith })).status).toBe(204)
    await eventually("it is let go", async () => (await state(one)) === "let_go")
    const dies = await saved("import threading, os, time\nthreading.Thread(target=lambda: (time.sleep(2), os._exit(3))).start()", "1 / 0")
    const dead = await failed(dies, { keepKernelSeconds: 300 })
    expect(await state(dead)).toBe("kept")
    await eventually("it has died", async () => (await state(dead)) === "died")
    await api.ask("DELETE", `/api/v1/runs/${two}/kernel`, { as: edith })
    expect((await open(dead, { writes: true })).json.isAttached).toBe(false)
  })
})

test("what was mended goes back as the next version, without the parameters of that run, and never over somebody else's", async () => {
  const notebook = await saved("# parameters\ncount = 1", "1 / (count - 4)")
  const run = await failed(notebook, { parameters: { count: 4 } })
  const opening = await open(run)
  expect(opening.json).toMatchObject({ isAttached: false })
  const copy = opening.json.notebook.id
  await replayed(copy)
  const draft = await live(api, edith, copy)
  await draft.synced
  setSource(draft.doc, "c1", "1 / max(count - 4, 1)")
  await draft.settled()
  await draft.close()
  const back = (json: object = {}, as = edith) => api.ask("POST", `/api/v1/notebooks/${copy}/origin/versions`, { as, json })
  const said = await back({ message: "No division by zero" })
  expect([said.status, said.json.version.number, said.json.notebook.id]).toEqual([201, 2, notebook])
  const content = JSON.parse((await api.ask("GET", `/api/v1/notebooks/${notebook}/versions/2/content`, { as: edith })).text)
  expect(content.cells.map(({ source }: { source: string | string[] }) => [source].flat().join(""))).toEqual([
    "# parameters\ncount = 1",
    "1 / max(count - 4, 1)",
  ])
  const theirs = await api.ask("POST", `/api/v1/notebooks?space=team&path=reports/live-${count}.ipynb`, { as: eric, bytes: ipynb("theirs = 1") })
  expect(theirs.json.version.number).toBe(3)
  const late = await back()
  expect([late.status, late.json.code, late.json.facts.theirs.number]).toEqual([409, "edited_meanwhile", 3])
  expect((await back({ onTopOf: 3 })).json.version.number).toBe(4)
  expect((await api.ask("POST", `/api/v1/notebooks/${notebook}/origin/versions`, { as: edith, json: {} })).json.code).toBe("no_origin")
})

test("a console's code takes the right to edit, at that moment", async () => {
  const notebook = await saved("x = 1", "1 / 0")
  const copy = (await open(await failed(notebook))).json.notebook.id
  const rune = await api.someone("Rune", "runner")
  const [mine, theirs] = [await live(api, edith, copy), await live(api, rune, copy)]
  await Promise.all([mine.synced, theirs.synced])
  expect(await mine.ask({ do: "execute", code: "x + 1" })).toMatchObject({ ok: true, value: { cell: "console", by: { name: "Edith" } } })
  await mine.until("execution", ({ execution }) => execution.cell === "console" && execution.state === "succeeded")
  expect(await mine.ask({ do: "query", type: "is_complete_request", content: { code: "if x:" } })).toMatchObject({
    ok: true,
    value: { status: "incomplete" },
  })
  for (const ask of [{ do: "execute", code: "x + 1" } as const, { do: "query", type: "history_request", content: {} } as const])
    expect(await theirs.ask(ask)).toMatchObject({ ok: false, code: "not_allowed" })
  await Promise.all([mine.close(), theirs.close()])
})

test("a kernel that went with its worker is said to be gone, and what can be replayed is", async () => {
  const other = await opened()
  const [mine, before] = [await linkOf(other.platform.world), link]
  link = mine
  const child = spawn(process.execPath, [PROCESS, JSON.stringify({ url: other.platform.url, home: other.platform.home, leaseMs: 2_000 })])
  try {
    await once(child.stdout, "data")
    const anna = await other.someone("Anna", "editor")
    const made = await other.ask("POST", "/api/v1/notebooks?space=team&path=a.ipynb", { as: anna, bytes: ipynb("x = 1", "1 / 0") })
    const run = (await other.ask("POST", "/api/v1/runs", { as: anna, json: { notebook: made.json.notebook.id, keepKernelSeconds: 300 } })).json.id
    await other.platform.until(run, "failed", 60_000)
    child.kill("SIGKILL")
    await once(child, "exit")
    const gone = await other.ask("POST", `/api/v1/runs/${run}/live`, { as: anna, json: { attach: true } })
    expect([gone.status, gone.json.code]).toEqual([409, "kernel_gone"])
    expect(gone.json.detail).toBe("The worker that kept the run's kernel cannot be reached.")
    const next = await hostSessions(other.platform, { kernels, leaseMs: 2_000 })
    try {
      const replay = await other.ask("POST", `/api/v1/runs/${run}/live`, { as: anna, json: {} })
      expect([replay.status, replay.json.isAttached, replay.json.replays]).toEqual([201, false, 1])
    } finally {
      await next.stop()
    }
  } finally {
    child.kill("SIGKILL")
    link = before
    await mine.close()
    await other.close()
  }
})
