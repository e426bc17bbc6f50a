/** Live sessions with real kernels, over the real link: what people do, and what breaks under them. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { sql } from "kysely"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { newId } from "#base/id.ts"
import { accepted } from "#base/outcome.ts"
import type { Actor } from "#people/index.ts"
import { openSessionJournal, readSessionJournal } from "#run/adapters/journal-file.ts"
import { systemTimers } from "#run/adapters/system.ts"
import type { Execution, Journal, SessionEvent } from "#run/index.ts"
import { sessionSpools } from "#work/adapters/session-spools.ts"
import { keepIn } from "#work/blobs.ts"
import type { Wire } from "#work/link-wire.ts"
import type { Preparing } from "#work/prepare.ts"
import { openStage, type Stage } from "#work/session.stage.testing.ts"
import { linkOf, Watcher } from "#work/session.testing.ts"
import { SessionKeeper } from "#work/session-keep.ts"
import { outputsOfExecutions, savedWidgets, snapshotKept } from "#work/session-kept.ts"
import { OutputStore } from "#work/session-outputs.ts"
import { eventually, type Platform, random } from "#work/testing.ts"

const PROCESS = new URL("./session.process.testing.ts", import.meta.url).pathname

let stage: Stage
let at: Platform
let ann: Actor
let bob: Actor
let eve: Actor

beforeAll(async () => {
  stage = await openStage()
  at = stage.at
  ann = await at.person("Ann", "editor")
  bob = await at.person("Bob", "runner")
  eve = await at.person("Eve", "viewer")
})
afterEach(() => stage.clear())
afterAll(() => stage.close())

test("a line that ended while it looked takes nothing from the one that comes after it", async () => {
  const { link, watcher, notebook } = await stage.scene()
  const [first] = await watcher.run(ann, "1")
  await watcher.until(first!.id, "succeeded")
  watcher.line.close()
  for (let round = 0; round < 15; round++) {
    // It is looked which session there is, just when nobody wants to know any more.
    const leaving = link.session(notebook)
    leaving.close()
    const next = new Watcher(link.session(notebook))
    const [one] = await next.run(ann, String(round))
    await next.until(one!.id, "succeeded", 5_000)
    next.line.close()
  }
})

/** Journals that are not safe on disk while they are held, so that nothing is told of what they hold. */
function heldSpools() {
  let isHeld = false
  const hear = new Set<() => void>()
  const held = (journal: Journal<SessionEvent>): Journal<SessionEvent> =>
    new Proxy(journal, {
      get(target, name) {
        if (name === "durableBytes") return isHeld ? 0 : target.durableBytes
        if (name === "onDurable")
          return (listener: (fault?: Error) => void) => {
            hear.add(listener)
            target.onDurable((fault) => (isHeld ? undefined : listener(fault)))
          }
        const value = Reflect.get(target, name, target)
        return typeof value === "function" ? value.bind(target) : value
      },
    })
  const spools = sessionSpools(join(at.home, "held"), { open: (path) => held(openSessionJournal(path)), read: readSessionJournal })
  const hold = () => {
    isHeld = true
  }
  const release = () => {
    isHeld = false
    for (const listener of hear) listener()
  }
  return { spools, hold, release }
}

describe("cells", () => {
  test("that are run just as their session ends run in the next one", async () => {
    const { spools, hold, release } = heldSpools()
    const { hosted, watcher } = await stage.scene({ options: { spools } })
    const [first] = await watcher.run(ann, "1")
    await watcher.until(first!.id, "succeeded")
    const ended = watcher.session!.id
    hold()
    await hosted.host.ask(ended, { do: "stop", by: { id: ann.id, name: "Ann" } })
    const [one] = await watcher.run(ann, "print('hello')")
    release()
    expect(one?.session).not.toBe(ended)
  })

  test("of which nobody was told yet, because they are not safe on disk, are asked of their worker, and not taken for unknown", async () => {
    const { spools, hold, release } = heldSpools()
    const { watcher } = await stage.scene({ options: { spools } })
    const [first] = await watcher.run(ann, "1")
    await watcher.until(first!.id, "succeeded")
    hold()
    const [one] = await watcher.run(ann, "print('hello')")
    const asked = watcher.line.outputs(one!.id)
    await delay(300)
    expect(watcher.executions.has(one!.id)).toBe(false)
    release()
    expect(await asked).toMatchObject({ ok: true, value: { execution: { id: one!.id } } })
    await watcher.until(one!.id, "succeeded")
    expect(await watcher.text(one!.id)).toBe("hello\n")
  })

  test("are kept with what they showed as soon as they are kept as over", async () => {
    const { watcher, notebook } = await stage.scene()
    const [ran] = await watcher.run(ann, "print('hello')")
    await watcher.until(ran!.id, "succeeded")
    const execution = {
      ...ran!,
      id: newId(Date.now(), random),
      state: "succeeded",
      source: "",
      queuedAt: 1,
      busyAt: 1,
      endedAt: 2,
    } as unknown as Execution
    const output = { output_type: "stream", name: "stdout", text: "hello" }
    const keeper = new SessionKeeper({
      db: at.database.db,
      keep: keepIn(at.world.library),
      timers: systemTimers,
      session: watcher.session!.id,
      notebook,
      store: new OutputStore({ keep: keepIn(at.world.library), name: async () => {}, read: () => new Uint8Array() }),
      executionOf: () => execution,
      outputsOf: async () => ({ next: 1, outputs: [output], overflowBytes: 0 }),
      tell: () => {},
    })
    // What was told of was that it began; by the time it is written down it is over.
    keeper.note(execution.id, false)
    await keeper.flush()
    expect(await snapshotKept(at.world, notebook, execution.id)).toMatchObject({ execution: { state: "succeeded" }, outputs: [output] })
    await keeper.close()
  })

  test("wait for a kernel whose start meets a database that is away for a moment", async () => {
    const away = Object.assign(new Error("terminating connection due to administrator command"), { code: "57P01" })
    let failures = 2
    const resolve = async () => {
      if (failures-- > 0) throw away
      return accepted({
        sha256: "e".repeat(64),
        name: "test",
        kind: "captured" as const,
        kernelName: "python3",
        launch: { jupyterPath: undefined, prefix: undefined },
      })
    }
    const { watcher } = await stage.scene({ options: { preparing: { resolve, kernels: () => stage.kernels } as unknown as Preparing } })
    const [one] = await watcher.run(ann, "print('hello')")
    await watcher.until(one!.id, "succeeded")
    expect(failures).toBeLessThan(0)
  })

  test("that are asked for again, because the answer was lost, run once, also when they are over by then", async () => {
    const { hosted, watcher } = await stage.scene()
    const [first] = await watcher.run(ann, "n = globals().get('n', 0) + 1\nprint(n)")
    await watcher.until(first!.id, "succeeded")
    const { id, cell, sourceSha256, by } = first!
    const again = { id, cell, source: "n = globals().get('n', 0) + 1\nprint(n)", sourceSha256, by, stopOnError: true }
    expect(await hosted.host.ask(watcher.session!.id, { do: "run", executions: [again] })).toMatchObject({
      ok: true,
      value: [{ id, state: "succeeded" }],
    })
    const [count] = await watcher.run(ann, "print(n)")
    await watcher.until(count!.id, "succeeded")
    expect(await watcher.text(count!.id)).toBe("1\n")
  })

  test("run one after another, show what they show, and are kept", async () => {
    const { watcher } = await stage.scene()
    const [first, second] = await watcher.run(ann, "print('hello')\n1 + 1", "x = 5\nx * 2")
    await watcher.until(second!.id, "succeeded")
    expect(await watcher.outputs(first!.id)).toEqual([
      { output_type: "stream", name: "stdout", text: "hello\n" },
      { output_type: "execute_result", execution_count: 1, data: { "text/plain": "2" }, metadata: {} },
    ])
    expect(watcher.executions.get(first!.id)).toMatchObject({ executionCount: 1, by: { id: ann.id, name: "Ann" }, state: "succeeded" })
    await watcher.untilSession("idle")
    expect(watcher.session).toMatchObject({ kernelName: "python3", language: "python", startedBy: { name: "Ann" } })
    expect(watcher.session?.endsAt).toBeDefined()
    const kept = await outputsOfExecutions(at.world, [first!.id, second!.id])
    expect(kept.get(first!.id)?.outputs).toEqual(await watcher.outputs(first!.id))
    expect(kept.get(second!.id)).toMatchObject({ executionCount: 2 })
  })

  test("that raise stop what their person has waiting, and nobody else's", async () => {
    const { watcher } = await stage.scene()
    const [slow, bad, behind] = await watcher.run(ann, "import time; time.sleep(.5)", "1/0", "print('not me')")
    const [other] = await watcher.runCells(bob, [["cell-9", "print('me')"]])
    await watcher.until(other!.id, "succeeded")
    expect(watcher.executions.get(slow!.id)?.state).toBe("succeeded")
    expect(watcher.executions.get(bad!.id)).toMatchObject({ state: "failed", explanation: "It raised ZeroDivisionError." })
    expect(watcher.executions.get(behind!.id)).toMatchObject({ state: "not_run", explanation: "A cell before it raised an error." })
    expect((await watcher.outputs(bad!.id))[0]).toMatchObject({ output_type: "error", ename: "ZeroDivisionError" })
    const ran = await watcher.runCells(
      ann,
      [
        ["cell-1", "1/0"],
        ["cell-2", "2"],
      ],
      false,
    )
    await watcher.until(ran[1]!.id, "succeeded")
    expect(watcher.executions.get(ran[0]!.id)?.state).toBe("failed")
  })

  test("are interrupted, taken out of the queue, and ended by a restart", async () => {
    const { watcher } = await stage.scene()
    const [running, waiting] = await watcher.run(ann, "import time\nfor i in range(600): time.sleep(.1)", "2")
    const [third] = await watcher.runCells(bob, [["cell-3", "3"]])
    await watcher.until(running!.id, "running")
    expect((await watcher.line.unqueue(ann, [third!.id])).ok).toBe(true)
    expect(await watcher.until(third!.id, "not_run")).toMatchObject({ explanation: "It was taken out of the queue." })
    expect((await watcher.line.interrupt(ann)).ok).toBe(true)
    expect(await watcher.until(running!.id, "cancelled")).toMatchObject({ explanation: "It was interrupted." })
    expect(await watcher.until(waiting!.id, "not_run")).toMatchObject({ executionCount: null })
    const [value] = await watcher.run(ann, "held = 7\nwhile True: pass")
    await watcher.until(value!.id, "running")
    expect((await watcher.line.restart(ann)).ok).toBe(true)
    const [after] = await watcher.run(ann, "'held' in globals()")
    await watcher.until(after!.id, "succeeded")
    expect(watcher.executions.get(value!.id)).toMatchObject({ state: "cancelled", explanation: "The kernel was restarted." })
    expect((await watcher.outputs(after!.id))[0]).toMatchObject({ data: { "text/plain": "False" }, execution_count: 1 })
  })

  test("ask for a line, and are interrupted when nobody answers", async () => {
    const { watcher } = await stage.scene({ options: { inputMs: 700 } })
    const [asking] = await watcher.run(ann, "name = input('Who? ')\nprint('hello', name)")
    const asked = await eventually("it asks", async () => watcher.executions.get(asking!.id)?.input ?? undefined)
    expect(asked).toEqual({ prompt: "Who? ", password: false })
    expect((await watcher.line.input(bob, { execution: asking!.id, value: "Zoë" })).ok).toBe(true)
    await watcher.until(asking!.id, "succeeded")
    expect(await watcher.text(asking!.id)).toContain("hello Zoë")
    expect(watcher.executions.get(asking!.id)?.input).toBeNull()
    const again = await watcher.line.input(bob, { execution: asking!.id, value: "late" })
    expect(again).toMatchObject({ ok: false, refusal: { refused: "wrong_state" } })
    const [alone] = await watcher.run(ann, "import getpass; getpass.getpass('Secret: ')")
    await eventually("it asks", async () => watcher.executions.get(alone!.id)?.input?.password)
    expect(await watcher.until(alone!.id, "cancelled")).toMatchObject({ explanation: "It asked for input, and nobody answered for 700 ms." })
  })

  test("of one show what another one updates, and output that comes late is theirs", async () => {
    const { watcher } = await stage.scene()
    const [shows, late, updates] = await watcher.run(
      ann,
      "from IPython.display import display\nh = display('first', display_id=True)\nprint('below')",
      "import asyncio\nasync def late():\n  await asyncio.sleep(.6)\n  print('from the task')\ntask = asyncio.ensure_future(late())\nprint('now')",
      "h.update('second')",
    )
    await watcher.until(updates!.id, "succeeded")
    await eventually("the display is updated", async () => JSON.stringify(await watcher.outputs(shows!.id)).includes("second"))
    expect(await watcher.outputs(shows!.id)).toMatchObject([{ output_type: "display_data", data: { "text/plain": "'second'" } }, { text: "below\n" }])
    await eventually("the task's line is there", async () => (await watcher.text(late!.id)) === "now\nfrom the task\n")
    expect(await watcher.outputs(updates!.id)).toEqual([])
    expect(watcher.asked).toBe(0)
    await eventually("it is kept as well", async () =>
      JSON.stringify((await outputsOfExecutions(at.world, [shows!.id])).get(shows!.id)).includes("second"),
    )
  })

  test("that print 100,000 lines are told in few pieces, each line once", async () => {
    const { watcher } = await stage.scene()
    const [prints] = await watcher.run(ann, "for i in range(100_000): print(i)")
    await watcher.until(prints!.id, "succeeded", 30_000)
    const text = await watcher.text(prints!.id)
    expect(text).toBe(`${Array.from({ length: 100_000 }, (_, line) => line).join("\n")}\n`)
    const tells = watcher.told.filter(({ tell }) => tell === "outputs")
    expect(tells.length).toBeLessThan(150)
    const [bars] = await watcher.run(ann, "for i in range(20_000): print(f'\\r{i}', end='')\nprint()")
    await watcher.until(bars!.id, "succeeded", 30_000)
    expect(await watcher.text(bars!.id)).toBe("19999\n")
  })

  test("whose strings are long have them elsewhere, and whole in what is saved", async () => {
    const { watcher, notebook } = await stage.scene()
    const [long] = await watcher.run(ann, "from IPython.display import display, HTML\ndisplay(HTML('é' * 300_000))\ndisplay(HTML('<b>' * 700_000))")
    await watcher.until(long!.id, "succeeded")
    const outputs = await watcher.outputs(long!.id)
    const external = outputs.map((output) => (output["metadata"] as { stet: { external: { [type: string]: string } } }).stet.external["text/html"]!)
    expect(outputs[0]!["data"]).toEqual({ "text/plain": "<IPython.core.display.HTML object>" })
    expect(external[0]).toMatch(new RegExp(`^/api/v1/notebooks/${notebook}/executions/${long!.id}/data/[0-9a-f]{64}$`))
    const kept = (await outputsOfExecutions(at.world, [long!.id])).get(long!.id)!
    expect(kept.outputs.map((output) => (output["data"] as { "text/html": string })["text/html"].length)).toEqual([300_000, 2_100_000])
    const [much] = await watcher.run(ann, "print('x' * 30_000_000)")
    expect(await watcher.until(much!.id, "succeeded")).toMatchObject({
      explanation: expect.stringMatching(/20\.\d MB more that it said are not shown/),
    })
  })
})

describe("what breaks", () => {
  test("a kernel that is killed is said to be dead, and one call starts it again", async () => {
    const { watcher } = await stage.scene()
    const [kills, behind] = await watcher.run(
      ann,
      "import os, signal, time\nprint('last words', flush=True)\ntime.sleep(.3)\nos.kill(os.getpid(), signal.SIGKILL)",
      "2",
    )
    const dead = await watcher.untilSession("dead")
    expect(dead.explanation).toBe("The kernel was killed by SIGKILL; what it had computed is gone. Start it again and run the cells that you need.")
    expect(watcher.executions.get(kills!.id)).toMatchObject({ state: "failed", explanation: "The kernel was killed by SIGKILL." })
    expect(watcher.executions.get(behind!.id)?.state).toBe("not_run")
    expect(await watcher.text(kills!.id)).toBe("last words\n")
    const refused = await watcher.line.run(ann, [{ cell: "a", source: "1", sourceSha256: "0".repeat(64) }], { stopOnError: true })
    expect(refused).toMatchObject({ ok: false, refusal: { refused: "session_dead" } })
    expect((await watcher.line.start(ann)).ok).toBe(true)
    await watcher.untilSession("idle")
    const [after] = await watcher.run(ann, "3")
    await watcher.until(after!.id, "succeeded")
  })

  test("a server that goes in the middle of a cell misses nothing when it is back, and another one sees the same", async () => {
    const { watcher, link, notebook } = await stage.scene()
    const other = await stage.follower(notebook)
    const [counts] = await watcher.run(ann, "import time\nfor i in range(40):\n  print(i, flush=True); time.sleep(.05)")
    await watcher.until(counts!.id, "running")
    await eventually("some was told", async () => (await watcher.text(counts!.id)).includes("5\n"))
    await link.close()
    const back = await stage.follower(notebook)
    await back.watcher.until(counts!.id, "succeeded")
    const whole = `${Array.from({ length: 40 }, (_, line) => line).join("\n")}\n`
    await eventually("all is there", async () => (await back.watcher.text(counts!.id)) === whole)
    expect(await other.watcher.text(counts!.id)).toBe(whole)
    expect(other.watcher.asked).toBe(0)
    const now = await back.watcher.line.current()
    expect(now.session?.state).toBe("idle")
    expect(now.executions.map(({ id }) => id)).toEqual([counts!.id])
  })

  test("a connection that is cut again and again in the middle of a cell loses nothing and tells nothing twice", async () => {
    const { notebook } = await stage.scene()
    const wires: Wire[] = []
    const link = await linkOf(at.world, 1_500, wires)
    stage.behind(() => link.close())
    const watcher = new Watcher(link.session(notebook))
    const [counts] = await watcher.run(ann, "import time\nfor i in range(60):\n  print(i, flush=True); time.sleep(.05)")
    for (let cut = 0; cut < 4; cut++) {
      await new Promise((next) => setTimeout(next, 500))
      wires.at(-1)!.close()
    }
    await watcher.until(counts!.id, "succeeded")
    await eventually(
      "all is there, once",
      async () => (await watcher.text(counts!.id)) === `${Array.from({ length: 60 }, (_, line) => line).join("\n")}\n`,
    )
    expect(wires.length).toBeGreaterThan(4)
    wires.at(-1)!.close()
    const [after] = await watcher.run(ann, "'asked over a new connection'")
    await watcher.until(after!.id, "succeeded")
  })

  test("a worker that is killed takes its sessions with it: they are lost, what was shown is kept, and one call starts anew", async () => {
    const spec = { url: at.url, home: at.home, leaseMs: 1_500 }
    const child = spawn(process.execPath, [PROCESS, JSON.stringify(spec)], { stdio: ["ignore", "pipe", "inherit"] })
    stage.behind(() => child.kill("SIGKILL"))
    await once(child.stdout, "data")
    const { watcher } = await stage.follower(await stage.notebook())
    const [prints, waits] = await watcher.run(ann, "import time\nfor i in range(100):\n  print(i, flush=True); time.sleep(.1)", "2")
    await eventually("some was told", async () => (await watcher.text(prints!.id)).includes("4\n"))
    const seen = await watcher.text(prints!.id)
    child.kill("SIGKILL")
    const killedAt = Date.now()
    await watcher.untilSession("lost")
    expect(Date.now() - killedAt).toBeLessThan(4_000)
    expect(watcher.session?.explanation).toContain("Start it again")
    await watcher.until(prints!.id, "lost")
    await watcher.until(waits!.id, "not_run")
    await stage.host({ leaseMs: 1_500 })
    const kept = await eventually("what was shown is kept", async () => {
      const text = String((await outputsOfExecutions(at.world, [prints!.id])).get(prints!.id)?.outputs[0]?.["text"] ?? "")
      return text.startsWith(seen) && text
    })
    const snapshot = await watcher.line.outputs(prints!.id)
    expect(snapshot).toMatchObject({ ok: true, value: { execution: { state: "lost" }, outputs: [{ text: kept }] } })
    const [after] = await watcher.run(ann, "4")
    await watcher.until(after!.id, "succeeded")
    // The cell that was run again shows the new one, the other one what the lost session left.
    const { executions } = await watcher.line.current()
    expect(new Map(executions.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [waits!.id, "not_run"],
        [after!.id, "succeeded"],
      ]),
    )
  })

  test("a session in which nothing happens is ended, one that is busy is not", async () => {
    const { watcher } = await stage.scene({ options: { idleMs: 600 } })
    const [long] = await watcher.run(ann, "import time; time.sleep(1.5)")
    await watcher.until(long!.id, "succeeded")
    const ended = await watcher.untilSession("ended")
    expect(ended.explanation).toBe("Nothing happened in it for 600 ms, so it was ended. Run a cell to start it again.")
    const [again] = await watcher.run(ann, "5")
    await watcher.until(again!.id, "succeeded")
    expect((await watcher.line.stop(bob)).ok).toBe(true)
    expect((await watcher.untilSession("ended")).explanation).toBe("Bob ended it.")
  })

  test("a session that fills its share of the disk is ended, and says so", async () => {
    const { watcher } = await stage.scene({ options: { mostDiskBytes: 20_000_000 } })
    await watcher.run(ann, "import time\nfor i in range(10_000):\n    open(f'part{i}', 'wb').write(bytes(1_000_000))\n    time.sleep(0.05)")
    const ended = await watcher.untilSession("ended")
    expect(ended.explanation).toBe(
      "The session wrote more than the 20 MB that it may have in its working directory, home and temporary files. Start it again, and write less.",
    )
    // What it wrote is put away first.
    const again = await eventually("there is room for the next", () => watcher.run(ann, "5").catch(() => undefined))
    await watcher.until(again[0]!.id, "succeeded")
  })

  test("nobody runs without the right to, and what may not be seen is not there", async () => {
    const { watcher } = await stage.scene()
    const stranger = await at.person("Mallory")
    expect(await watcher.line.start(eve)).toMatchObject({ ok: false, refusal: { refused: "not_allowed" } })
    expect(await watcher.line.variables(eve)).toMatchObject({ ok: false, refusal: { refused: "not_allowed" } })
    expect(await watcher.line.start(stranger)).toMatchObject({ ok: false, refusal: { refused: "no_such_notebook" } })
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM session WHERE started_by = ANY(${[eve.id, stranger.id]})`.execute(
      at.database.db,
    )
    expect(rows[0]?.n).toBe(0)
  })
})

describe("beside executing", () => {
  test("names are completed and explained, with cursors in code units", async () => {
    const { watcher } = await stage.scene()
    const [defines] = await watcher.run(ann, "def hypotenuse(a, b):\n  'The long side.'\n  return (a*a + b*b) ** .5")
    await watcher.until(defines!.id, "succeeded")
    const code = "s = '😀'; hypo"
    expect(await watcher.line.complete(ann, { code, cursor: code.length })).toMatchObject({
      ok: true,
      value: { start: code.length - 4, end: code.length, matches: [{ text: "hypotenuse", type: "function" }] },
    })
    const inspected = await watcher.line.inspect(ann, { code: "hypotenuse(", cursor: 10, detail: 0 })
    expect(inspected).toMatchObject({ ok: true, value: { found: true } })
    expect(JSON.stringify(inspected)).toContain("The long side.")
  })

  test("variables are told while a cell runs, without calling anything of theirs", async () => {
    const { watcher } = await stage.scene()
    const source = `
import numpy as np, pandas as pd
from typing import Literal
def twice(n): return 2 * n
class Bad:
    def __repr__(self): raise SystemError("called")
    def __len__(self): raise SystemError("called")
    @property
    def shape(self): raise SystemError("called")
    def __getattr__(self, name): raise SystemError("called")
bad = Bad()
n, s, items = 3, "text", [1, "two", bad]
a = np.arange(12.0).reshape(3, 4)
df = pd.DataFrame({"city": ["Bern", "Kyoto"], "n": [1, 2]})
_hidden = 1
`
    const [sets, busy] = await watcher.run(ann, source, "import time; time.sleep(8)")
    await watcher.until(sets!.id, "succeeded")
    await watcher.until(busy!.id, "running")
    const said = await watcher.line.variables(ann)
    if (!said.ok) throw new Error(said.refusal.message)
    expect(watcher.session).toMatchObject({ state: "busy", features: expect.arrayContaining(["subshells", "variables"]) })
    const byName = new Map(said.value.variables.map((one) => [one.name, one]))
    expect([...byName.keys()]).toEqual(["bad", "n", "s", "items", "a", "df", "Literal", "twice", "Bad"])
    expect(byName.get("bad")).toEqual({ name: "bad", type: "Bad", shape: "", sizeBytes: null, preview: "" })
    expect(byName.get("items")).toMatchObject({ shape: "3 items", preview: "[1, 'two', <Bad>]" })
    expect(byName.get("a")).toMatchObject({ type: "ndarray", shape: "3 × 4", sizeBytes: 96 })
    expect(byName.get("df")).toMatchObject({ type: "DataFrame", shape: "2 × 2", preview: "city, n" })
    expect(await watcher.line.variable(ann, "df")).toMatchObject({
      ok: true,
      value: {
        table: {
          columns: [{ name: "city" }, { name: "n" }],
          rows: [
            ["Bern", "1"],
            ["Kyoto", "2"],
          ],
          totalRows: 2,
        },
      },
    })
    expect(await watcher.line.variable(ann, "gone")).toMatchObject({ ok: false, refusal: { refused: "no_such_variable" } })
    expect(watcher.executions.get(busy!.id)?.state).toBe("running")
    await watcher.line.interrupt(ann)
    await watcher.until(busy!.id, "cancelled")
    const [after] = await watcher.run(ann, "[name for name in globals() if 'stet' in name], len(Out)")
    await watcher.until(after!.id, "succeeded")
    expect((await watcher.outputs(after!.id))[0]).toMatchObject({ execution_count: 3, data: { "text/plain": "([], 0)" } })
  })

  test("a widget is moved, and who comes later finds it where it is", async () => {
    const { watcher, notebook } = await stage.scene()
    const [shows] = await watcher.run(
      ann,
      "import ipywidgets as w\nslider = w.IntSlider(value=3)\nslider.observe(lambda c: print('moved to', c['new']), 'value')\nslider",
    )
    await watcher.until(shows!.id, "succeeded")
    const [output] = await watcher.outputs(shows!.id)
    const { model_id: commId } = (output!["data"] as { [type: string]: { model_id: string } })["application/vnd.jupyter.widget-view+json"]!
    const opened = watcher.told.findIndex((told) => told.tell === "comm" && told.content["comm_id"] === commId)
    expect(opened).toBeGreaterThan(-1)
    expect(opened).toBeLessThan(watcher.told.findIndex(({ tell }) => tell === "outputs"))
    expect(await watcher.line.comm(eve, { commId, data: {}, buffers: [] })).toMatchObject({ ok: false })
    const moved = await watcher.line.comm(bob, { commId, data: { method: "update", state: { value: 9 }, buffer_paths: [] }, buffers: [] })
    expect(moved.ok).toBe(true)
    await eventually("the kernel says so", async () => JSON.stringify(watcher.told.filter(({ tell }) => tell === "comm")).includes('"value":9'))
    const [reads] = await watcher.runCells(ann, [["other", "slider.value"]])
    await watcher.until(reads!.id, "succeeded")
    expect((await watcher.outputs(reads!.id))[0]).toMatchObject({ data: { "text/plain": "9" } })
    await eventually("its state is kept for whoever shows the notebook without a kernel", async () =>
      JSON.stringify((await savedWidgets(at.world, notebook)) ?? {}).includes('"value":9'),
    )
    const later = await stage.follower(notebook)
    const widgets = await later.watcher.line.widgets()
    const widget = widgets.find(({ content }) => content["comm_id"] === commId)
    expect(widget).toMatchObject({
      type: "comm_open",
      content: { target_name: "jupyter.widget", data: { state: { value: 9, _model_name: "IntSliderModel" } } },
    })
  })
})

describe("other languages", () => {
  test("bash runs, is interrupted, and says that its variables cannot be looked at", async () => {
    const { watcher } = await stage.scene({ kernelName: "bash" })
    const [first, slow] = await watcher.run(ann, "echo one; echo two", "sleep 60")
    await watcher.until(first!.id, "succeeded")
    expect(await watcher.text(first!.id)).toBe("one\ntwo\n")
    expect(await watcher.line.variables(ann)).toMatchObject({ ok: false, refusal: { refused: "not_supported" } })
    await watcher.until(slow!.id, "running")
    await watcher.line.interrupt(ann)
    // Told to be running as soon as the kernel has it, which may be before it has begun with it.
    await watcher.until(slow!.id, "cancelled")
    const [after] = await watcher.run(ann, "echo still here")
    await watcher.until(after!.id, "succeeded")
  })

  test("R shows its variables and what is in a table", async () => {
    const { watcher } = await stage.scene({ kernelName: "ir" })
    const [sets] = await watcher.run(
      ann,
      'x <- 1:5; df <- data.frame(city = c("Bern", "K\u00f6ln"), n = c(1.5, 2)); f <- function(a) a; makeActiveBinding("trap", function() stop("called"), globalenv())',
    )
    await watcher.until(sets!.id, "succeeded", 30_000)
    const said = await watcher.line.variables(ann)
    if (!said.ok) throw new Error(said.refusal.message)
    expect(said.value.variables.map(({ name, type, shape, preview }) => [name, type, shape, preview])).toEqual([
      ["df", "data.frame", "2 × 2", "city, n"],
      ["x", "integer", "5 items", "1, 2, 3, 4, 5"],
      ["f", "function", "", "function"],
    ])
    expect(await watcher.line.variable(ann, "df")).toMatchObject({
      ok: true,
      value: {
        table: {
          columns: [
            { name: "city", type: "character" },
            { name: "n", type: "numeric" },
          ],
          rows: [
            ["Bern", "1.5"],
            ["Köln", "2.0"],
          ],
          totalRows: 2,
        },
      },
    })
    const [reads] = await watcher.run(ann, "y <- readline('name? '); cat('got', y)")
    await eventually("it asks", async () => watcher.executions.get(reads!.id)?.input ?? undefined)
    await watcher.line.input(ann, { execution: reads!.id, value: "R" })
    await watcher.until(reads!.id, "succeeded")
    expect(await watcher.text(reads!.id)).toContain("got R")
  })
})
