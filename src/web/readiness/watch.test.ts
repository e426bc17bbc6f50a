import { expect, onTestFinished, test } from "vitest"
import { fillDraft, setSource } from "#draft/index.ts"
import { python } from "#notebook/analysis/testing.ts"
import { analystFor, type Notebook } from "#notebook/index.ts"
import { openNotebook } from "#web/notebook/open-notebook.ts"
import { handClock, scriptedServer, scriptedWorld } from "#web/notebook/testing.ts"
import type { HeldOutputs } from "#web/notebook/version-outputs.ts"
import { watchReadiness } from "#web/readiness/watch.ts"

/** A looker that does its work when it is let. */
function heldLooker() {
  const asked: Notebook[] = []
  const answers: (() => Promise<void>)[] = []
  const look = (notebook: Notebook) =>
    new Promise<Awaited<ReturnType<Awaited<ReturnType<typeof analystFor>>["readiness"]>>>((resolve, reject) => {
      asked.push(notebook)
      answers.push(async () => (isBroken ? reject(new Error("no network")) : resolve((await analystFor(notebook)).readiness(notebook))))
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
  const open = openNotebook({ id: "n", world, kept: null, me: { id: "me", name: "Me" }, onRefused: () => {} })
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
