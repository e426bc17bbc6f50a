import { expect, test } from "vitest"
import type { Terminal } from "#cli/edge.ts"
import { bar, barReporter } from "#cli/progress-bar.ts"
import { widthOf } from "#cli/width.ts"
import type { Run, Timers } from "#run/index.ts"
import { begin } from "#run/step.ts"
import { notebookOf, orderOf } from "#run/testing.ts"

const order = orderOf(notebookOf("\n# 日本語日本語日本語 and much more than fits\nx", "\x1b[31mred", "z"))
const running: Run = { ...begin(order, 0), status: "running", readyAt: 500, current: 1 }

test("the bar says how far, how long, how fast and in which cell, safely for the terminal", () => {
  expect(bar(running, { columns: 100, now: 1500 })).toBe("━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌ 1/3 · 1.5 s 1.0 cells/s ·  [31mred")
  expect(bar(begin(order, 0), { columns: 100, now: 20 })).toMatch(/ 0\/3 · 20 ms · starting the kernel$/)
  expect(bar({ ...running, ending: "cancelled" }, { columns: 100, now: 20 })).toMatch(/ · stopping; once more ends it at once$/)
})

test("it is never as wide as the terminal, where the line would break", () => {
  for (let columns = 1; columns < 120; columns++)
    for (const current of [0, 1, 3]) expect(widthOf(bar({ ...running, current }, { columns, now: 90_000 }))).toBeLessThan(columns)
})

test("it is drawn at most ten times a second, goes on while nothing happens, and is gone at the end", () => {
  const { timers, pass } = handTurned()
  const written: string[] = []
  const err: Terminal = { write: (text) => void written.push(text), isTerminal: true, columns: 80, colours: false }
  let now = 1000
  const shown = barReporter(err, () => now, timers)
  const event = { type: "cancel_asked", at: 0, by: "a test" } as const
  shown.event(event, running)
  for (let i = 0; i < 20; i++) shown.event(event, { ...running, current: 2 })
  expect(written).toHaveLength(1)
  now += 100
  pass()
  expect(written.at(-1)).toMatch(/2\/3 · 1\.1 s /)
  now += 500
  pass()
  expect(written.at(-1)).toMatch(/2\/3 · 1\.6 s /)
  shown.end(running)
  expect(written.at(-1)).toBe("\r\x1b[2K")
  const before = written.length
  pass()
  expect(written).toHaveLength(before)
})

function handTurned(): { readonly timers: Timers; pass(): void } {
  let waiting: (() => void)[] = []
  return {
    timers: {
      after: (_, then) => {
        waiting.push(then)
        return () => {
          waiting = waiting.filter((one) => one !== then)
        }
      },
    },
    pass: () => {
      const due = waiting
      waiting = []
      for (const then of due) then()
    },
  }
}
