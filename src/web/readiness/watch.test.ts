import { expect, onTestFinished, test } from "vitest"
import type { ExecutionView, SessionView } from "#api/live.ts"
import { fillDraft, setSource, sourceDigest } from "#draft/index.ts"
import { python } from "#notebook/analysis/testing.ts"
import { analystFor, type Notebook } from "#notebook/index.ts"
import { foldTells } from "#web/notebook/live-state.ts"
import { openNotebook } from "#web/notebook/open-notebook.ts"
import { handClock, scriptedServer, scriptedWorld } from "#web/notebook/testing.ts"
import type { HeldOutputs } from "#web/notebook/version-outputs.ts"
import { circumstancesIn } from "#web/readiness/around-known.ts"
import type { Looker } from "#web/readiness/looker.ts"
import { watchReadiness } from "#web/readiness/watch.ts"

/** A looker that does its work when it is let. */
function heldLooker() {
  const asked: Notebook[] = []
  const answers: (() => Promise<void>)[] = []
  const look = (notebook: Notebook, { language, around }: Parameters<Looker["look"]>[1]) =>
    new Promise<Awaited<ReturnType<Awaited<ReturnType<typeof analystFor>>["readiness"]>>>((resolve, reject) => {
      asked.push(notebook)
      answers.push(async () =>
        isBroken
          ? reject(new Error("no network"))
          : resolve((await analystFor(notebook)).readiness(notebook, around ? circumstancesIn(around, language) : {})),
      )
    })
  let isBroken = false
  const answer = async () => {
    await answers.shift()?.()
    // What follows an answer follows at once.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const fail = (fails: boolean) => {
    isBroken = fails
  }
  return { asked, answer, fail, looker: { look, close: () => {} } }
}

function watched(notebook: Notebook, held: ReadonlyMap<string, HeldOutputs> = new Map()) {
  const clock = handClock()
  const world = { ...scriptedWorld(scriptedServer(), clock), onFrame: (act: () => void) => act() }
  const open = openNotebook({ id: "n", world, kept: null, me: { id: "me", name: "Me" }, onRefused: () => {}, onRestored: () => {} })
  fillDraft(open.doc, notebook, 1)
  const looker = heldLooker()
  const watch = watchReadiness(open, { after: clock.after, looker: looker.looker, heldBy: () => held })
  onTestFinished(() => {
    watch.close()
    open.close()
  })
  return { open, clock, watch, ...looker, rules: () => watch.look.get()?.findings.map(({ rule }) => rule) }
}

test("what is asked while a look is under way is looked at afterwards, once, and cells that did not change stay the same", async () => {
  const { open, clock, watch, asked, answer, rules } = watched(python("print(x)", "y = 1"))
  clock.pass(300)
  expect(asked).toHaveLength(1)
  setSource(open.doc, "c1", "x = 1\nprint(x)")
  for (let times = 0; times < 3; times++) {
    watch.again()
    clock.pass(300)
  }
  expect(asked).toHaveLength(1)
  await answer()
  expect(rules()).toContain("undefined_name")
  clock.pass(300)
  expect(asked).toHaveLength(2)
  await answer()
  expect(rules()).not.toContain("undefined_name")
  clock.pass(10_000)
  expect(asked).toHaveLength(2)
  const [before, after] = asked
  expect(after?.cells[1]).toBe(before?.cells[1])
  expect(after?.cells[0]).not.toBe(before?.cells[0])
})

test("when it cannot look it says nothing, and tries again", async () => {
  const { clock, watch, asked, answer, fail } = watched(python("print(x)"))
  fail(true)
  clock.pass(300)
  await answer()
  expect(watch.look.get()).toBeNull()
  fail(false)
  clock.pass(5000)
  expect(asked).toHaveLength(2)
  await answer()
  expect(watch.look.get()?.breaks).toHaveLength(1)
})

test("outputs that a version holds are looked at as soon as they are known", async () => {
  const raised = { output_type: "error", ename: "KeyError", evalue: "'a'", traceback: [] }
  const notebook = python({ source: "x = 1", count: 1, outputs: [raised] })
  const { clock, answer, rules } = watched(notebook, new Map([["c1", { outputs: [raised], executionCount: 1 }]]))
  clock.pass(300)
  await answer()
  expect(rules()).toContain("stored_error")
})

test("what its environment lacks is said once that is known, and not of a cell that has just imported it in the session that lives", async () => {
  const { open, clock, watch, answer, rules } = watched(python("import gone"))
  const look = async () => {
    clock.pass(300)
    await answer()
  }
  const environment = { sha256: "", language: "python", version: "3.12", modules: ["json"] }
  await look()
  expect(rules()).not.toContain("missing_import")
  watch.surround({ environment: { ...environment, modules: null }, files: null })
  await look()
  expect(rules()).not.toContain("missing_import")
  const around = { environment, files: null }
  watch.surround(around)
  await look()
  expect(rules()).toContain("missing_import")
  watch.surround(around)
  clock.pass(10_000)
  expect(watch.look.get()?.knows).toEqual({ modules: true, files: false })

  const by = { id: "p", name: "P" }
  const session = { id: "s1", state: "idle", environment: "", language: "python" } as unknown as SessionView
  const ran = {
    id: "e1",
    cell: "c1",
    session: "s1",
    by,
    state: "succeeded",
    sourceSha256: sourceDigest("import gone"),
    startedAt: "2026-01-01T00:00:00Z",
  }
  const tell = (execution: object, live = session) => {
    const tells = [{ tell: "session", session: live } as const, { tell: "execution", execution: execution as ExecutionView } as const]
    open.state.change((state) => foldTells(state, tells))
    watch.again()
  }
  tell({ ...ran, state: "failed" })
  await look()
  expect(rules()).toContain("missing_import")
  tell({ ...ran, id: "e2", sourceSha256: sourceDigest("import other") })
  await look()
  expect(rules()).toContain("missing_import")
  tell({ ...ran, id: "e3" })
  await look()
  expect(rules()).not.toContain("missing_import")
  // Another kernel has imported nothing yet.
  tell({ ...ran, id: "e3" }, { ...session, id: "s2" })
  await look()
  expect(rules()).toContain("missing_import")
})
