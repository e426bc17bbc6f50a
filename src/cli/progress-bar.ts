/** One line on a terminal that is redrawn: how far, which cell, how long, how fast. */
import { toHuman } from "#base/time.ts"
import type { Terminal } from "#cli/edge.ts"
import { firstLine, type Reporter } from "#cli/progress.ts"
import { fitted, widthOf } from "#cli/width.ts"
import type { Run, Timers } from "#run/index.ts"

const REDRAW_MS = 100
/** While nothing happens the time still goes on. */
const TICK_MS = 500
const WIDTH = 20
/** Below this the bar itself would leave no room for the rest. */
const NARROW = 60

export type Bar = Reporter & {
  /** Takes the line away until it is drawn again. */
  readonly clear: () => void
}

export function barReporter(err: Terminal, now: () => number, timers: Timers): Bar {
  let run: Run | undefined
  let drawnAt = 0
  let shown = false
  let stopTimer: (() => void) | undefined
  const clear = () => {
    if (shown) err.write("\r\x1b[2K")
    shown = false
  }
  const draw = () => {
    stopTimer?.()
    stopTimer = timers.after(TICK_MS, draw)
    if (!run || run.endedAt > 0) return
    drawnAt = now()
    err.write(`\r\x1b[2K${bar(run, { columns: err.columns, now: drawnAt })}`)
    shown = true
  }
  const end = () => {
    stopTimer?.()
    clear()
  }
  return {
    event: (_, next) => {
      run = next
      const wait = REDRAW_MS - (now() - drawnAt)
      if (wait <= 0) return draw()
      stopTimer?.()
      stopTimer = timers.after(wait, draw)
    },
    end,
    abandon: end,
    clear,
  }
}

/** The bar as text, never wider than the terminal. */
export function bar(run: Run, view: { readonly columns: number; readonly now: number }): string {
  const total = run.order.plan.length
  const done = Math.min(run.current, total)
  const rate = run.readyAt > 0 && done > 0 ? ` ${((done * 1000) / Math.max(1, view.now - run.readyAt)).toFixed(1)} cells/s` : ""
  const filled = total === 0 ? WIDTH : Math.round((WIDTH * done) / total)
  const line = view.columns < NARROW ? "" : `${"━".repeat(filled)}${"╌".repeat(WIDTH - filled)} `
  const facts = `${line}${done}/${total} · ${toHuman(Math.max(0, view.now - run.beganAt))}${view.columns < NARROW ? "" : rate} · `
  return fitted(facts + fitted(whatNow(run, done), Math.max(0, view.columns - 1 - widthOf(facts))), view.columns - 1)
}

function whatNow(run: Run, done: number): string {
  if (run.ending === "cancelled") return "stopping; once more ends it at once"
  if (run.status === "queued") return "starting the kernel"
  return done < run.order.plan.length ? firstLine(run, run.order.plan[done]!) : "saving"
}
