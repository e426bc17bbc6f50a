import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type PartEvent, Supervised, waitBefore } from "#supervise.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stet-supervise-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function supervised(program: string): {
  readonly part: Supervised
  readonly events: PartEvent[]
  until(type: PartEvent["type"], count?: number): Promise<void>
} {
  const file = join(folder, "part.mjs")
  writeFileSync(file, program)
  const events: PartEvent[] = []
  const waiting: (() => void)[] = []
  const part = new Supervised({ name: "worker", program: file, flags: [], env: () => process.env, logFile: join(folder, "log") }, (event) => {
    events.push(event)
    for (const wake of waiting) wake()
  })
  const until = (type: PartEvent["type"], count = 1) =>
    new Promise<void>((resolve) => {
      const look = () => events.filter((event) => event.type === type).length >= count && resolve()
      waiting.push(look)
      look()
    })
  return { part, events, until }
}

test("a part that dies is started again, and waits longer each time", async () => {
  const { part, events, until } = supervised("process.send({ ready: {} }); setTimeout(() => process.exit(7), 20)")
  part.start()
  await until("ready", 3)
  const waits = events.flatMap((event) => (event.type === "died" ? [event.againInMs] : []))
  expect(waits.slice(0, 2)).toEqual([200, 400])
  await part.stop("SIGTERM")
  const count = events.length
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(events).toHaveLength(count)
})

test("a part that refuses is not started again", async () => {
  const { part, events, until } = supervised('process.send({ refused: "The port is taken." }, () => process.exit(3))')
  part.start()
  await until("refused")
  expect(events.at(-1)).toEqual({ type: "refused", message: "The port is taken." })
  await part.stop("SIGTERM")
})

test("waits have an end", () => {
  expect([0, 1, 5, 500].map(waitBefore)).toEqual([100, 200, 3200, 10_000])
})
