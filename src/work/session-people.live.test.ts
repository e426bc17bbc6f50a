/** What becomes of a live session with the people around it: whoever started it may not run any more, and nobody answers. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { putFile } from "#library/index.ts"
import { openPeople } from "#people/adapters/world.ts"
import { type Actor, listAudit, listGrants, listNotices, revokeGrant } from "#people/index.ts"
import { openStage, type Stage } from "#work/session.stage.testing.ts"
import { Watcher } from "#work/session.testing.ts"
import { eventually, type Platform } from "#work/testing.ts"

let stage: Stage
let at: Platform
let ann: Actor
let bob: Actor

beforeAll(async () => {
  stage = await openStage()
  at = stage.at
  ann = await at.person("Ann", "editor")
  bob = await at.person("Bob", "editor")
})
afterEach(() => stage.clear())
afterAll(() => stage.close())

const waiting = async (who: Actor) =>
  (await listNotices(at.database.db, who, { limit: 50, unread: true })).filter(({ kind }) => kind === "input_waiting")

test("a cell that asks while nobody has the notebook open is found in the inbox, and leaves it when it is answered", async () => {
  const { link, notebook, watcher } = await stage.scene()
  const [slow] = await watcher.runCells(ann, [["asks", "import time; time.sleep(1.5)\nname = input('Which year? ')\nprint('it is', name)"]])
  watcher.line.close()
  const [told] = await eventually("she is told", async () => {
    const found = await waiting(ann)
    return found.length > 0 && found
  })
  expect(told).toMatchObject({ said: "Which year?", cell: "asks", notebook: { id: notebook } })
  expect(await waiting(bob)).toEqual([])
  const back = new Watcher(link.session(notebook))
  await eventually("it still asks", async () => back.executions.get(slow!.id)?.input ?? undefined)
  expect((await back.line.input(bob, { execution: slow!.id, value: "2031" })).ok).toBe(true)
  await back.until(slow!.id, "succeeded")
  await eventually("nothing waits any more", async () => (await waiting(ann)).length === 0)
})

test("a question that nobody answers ends by itself, says so, and leaves the inbox", async () => {
  const { link, notebook, watcher } = await stage.scene({ options: { inputMs: 2_000 } })
  const [asks] = await watcher.run(ann, "input('Anybody? ')")
  watcher.line.close()
  await eventually("she is told", async () => (await waiting(ann)).length === 1)
  const back = new Watcher(link.session(notebook))
  const over = await back.until(asks!.id, "cancelled")
  expect(over.explanation).toBe("It asked for input, and nobody answered for 2.0 s.")
  await eventually("nothing waits any more", async () => (await waiting(ann)).length === 0)
})

test("a session whose starter may not run the notebook any more is ended at once, and says whose rights it had", async () => {
  const { watcher } = await stage.scene()
  const cleo = await at.person("Cleo", "runner")
  const [runs] = await watcher.run(cleo, "import time; time.sleep(60)")
  await watcher.until(runs!.id, "running")
  const people = openPeople({ db: at.database.db, clock: at.world.clock })
  // Somebody else's change leaves it alone.
  const ida = await at.person("Ida", "runner")
  const grants = await listGrants(people, at.admin, { space: at.space })
  if (!grants.ok) throw new Error(grants.refusal.message)
  const of = (who: Actor) => grants.value.find(({ name }) => name === who.name)!.id
  expect((await revokeGrant(people, at.admin, of(ida))).ok).toBe(true)
  expect((await revokeGrant(people, at.admin, of(cleo))).ok).toBe(true)
  const ended = await watcher.untilSession("ended", 10_000)
  expect(ended.explanation).toContain("It ran with the rights of Cleo, who may not run this notebook any more")
  await watcher.until(runs!.id, "cancelled")
  const said = await listAudit(people, at.admin, { action: "session.end", limit: 10 })
  expect(said.ok && said.value.map(({ thing }) => thing)).toEqual([`session/${ended.id}`])
  const [again] = await watcher.run(bob, "6 * 7")
  await watcher.until(again!.id, "succeeded")
  expect(watcher.session?.startedBy.name).toBe("Bob")
})

test("what is put beside a notebook while its session lives is there for the next cell; what a cell wrote stays, is taken and is kept at the end", async () => {
  await stage.host()
  const { watcher } = await stage.follower(await at.notebook("sales/report.ipynb", "python3", "1"))
  const put = async (path: string, text: string) => {
    const done = await putFile(at.world.library, ann, { space: at.space, path, content: new TextEncoder().encode(text) })
    if (!done.ok) throw new Error(done.refusal.message)
  }
  await put("sales/first.csv", "1\n")
  await put("elsewhere.csv", "not beside it\n")
  const text = async (source: string) => {
    const [one] = await watcher.run(ann, source)
    await watcher.until(one!.id, "succeeded")
    return (await watcher.text(one!.id)).trim()
  }
  expect(await text("import os; print(open('first.csv').read(), sorted(os.listdir()), os.path.exists('../elsewhere.csv'))")).toBe(
    "1\n ['first.csv'] False",
  )
  await put("sales/second.csv", "2\n")
  await put("sales/deep/third.csv", "3\n")
  await put("sales/first.csv", "one\n")
  expect(await text("print(open('second.csv').read() + open('deep/third.csv').read() + open('first.csv').read())")).toBe("2\n3\none")
  await text("open('second.csv', 'w').write('mine'); os.makedirs('out', exist_ok=True); open('out/chart.svg', 'w').write('<svg/>')")
  await put("sales/second.csv", "theirs\n")
  expect(await text("print(open('second.csv').read())")).toBe("mine")
  const listed = await watcher.line.files(ann)
  expect(listed.ok && listed.value.files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
    ["sales/out/chart.svg", 6],
    ["sales/second.csv", 4],
  ])
  const chart = await watcher.line.takeFile(ann, "sales/out/chart.svg")
  expect(chart.ok && new TextDecoder().decode(await at.world.library.blobs.get(chart.value.sha256))).toBe("<svg/>")
  expect(await watcher.line.takeFile(ann, "sales/first.csv")).toMatchObject({ ok: false, refusal: { refused: "no_such_session_file" } })
  // A kernel that died takes nothing along that was written.
  const [dies] = await watcher.run(ann, "os._exit(1)")
  await watcher.until(dies!.id, "failed")
  await watcher.untilSession("dead")
  await watcher.line.start(ann)
  await watcher.untilSession("idle")
  expect(await text("import os; print(open('second.csv').read(), open('out/chart.svg').read(), open('first.csv').read())")).toBe("mine <svg/> one")
  await watcher.line.stop(ann)
  await watcher.untilSession("ended")
  await eventually("what it wrote is kept", async () => {
    const left = await watcher.line.files(ann)
    return left.ok && !left.value.isLive && left.value.files.length === 2
  })
  const kept = await watcher.line.takeFile(ann, "sales/second.csv")
  expect(kept.ok && new TextDecoder().decode(await at.world.library.blobs.get(kept.value.sha256))).toBe("mine")
})

test("a folder that a cell has swapped for a link is not gone through when files are brought in", async () => {
  await stage.host()
  const { watcher } = await stage.follower(await at.notebook("linked/report.ipynb", "python3", "1"))
  const put = (path: string) => putFile(at.world.library, ann, { space: at.space, path, content: new TextEncoder().encode("x") })
  await put("linked/data/one.csv")
  const run = async (source: string) => {
    const [one] = await watcher.run(ann, source)
    await watcher.until(one!.id, "succeeded")
    return (await watcher.text(one!.id)).trim()
  }
  await run("import os, shutil, tempfile; away = tempfile.mkdtemp(); os.chmod(away, 0o777); shutil.rmtree('data'); os.symlink(away, 'data')")
  await put("linked/data/two.csv")
  await put("linked/three.csv")
  expect(await run("print(os.listdir(away), os.path.exists('three.csv'))")).toBe("[] True")
})
