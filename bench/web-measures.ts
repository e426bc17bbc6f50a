/** What is measured in the page, the same way in both apps. */
import { setTimeout as delay } from "node:timers/promises"
import type { BrowserContext, Page } from "playwright-core"
import type { App } from "./web-apps.ts"
import { frameWork, type TraceEvent } from "./web-trace.ts"

export type Measured = { readonly what: string; readonly value: number; readonly unit: "ms" | "fps"; readonly promise: string }
export type Measure = {
  readonly name: string
  readonly stetOnly?: boolean
  run(app: App, context: BrowserContext): Promise<readonly Measured[]>
}

const PATIENCE_MS = 60_000
/** So long a browser is about its own new window, on the cores that the page is to be opened with. */
const WINDOW_MS = 1000

export const measures: readonly Measure[] = [
  {
    name: "open",
    async run(app, context) {
      const visited = async (notebook: string) => {
        const { page, tookMs } = await opened(app, context, notebook)
        await page.close()
        return tookMs
      }
      const firstMs = await visited("run.ipynb")
      // By the third visit a browser has in its caches all that it keeps: the scripts, and what they compile to.
      for (let visit = 2; visit < 4; visit++) await visited("run.ipynb")
      const tookMs = await visited("open-500.ipynb")
      return [
        { what: "open 3 cells at the very first visit, until what is typed shows", value: firstMs, unit: "ms", promise: "" },
        { what: "open 500 cells with outputs, until what is typed shows", value: tookMs, unit: "ms", promise: "< 1,000 ms" },
      ]
    },
  },
  {
    name: "scroll",
    async run(app, context) {
      await (await opened(app, context, "run.ipynb")).page.close()
      const { page, tookMs } = await opened(app, context, "scroll-10000.ipynb")
      const frames = await scrolled(page, app)
      return [
        { what: "open 10,000 cells, until what is typed shows", value: tookMs, unit: "ms", promise: "≤ 3,000 ms" },
        { what: "scrolling 10,000 cells, frames a second", value: frames.perSecond, unit: "fps", promise: "55" },
        { what: "scrolling 10,000 cells, work of a frame by the trace, p95", value: frames.workP95Ms, unit: "ms", promise: "≤ 16.7 ms" },
        { what: "scrolling 10,000 cells, longest task", value: frames.longestTaskMs, unit: "ms", promise: "" },
      ]
    },
  },
  {
    name: "type",
    async run(app, context) {
      const { page } = await opened(app, context, "type-2000.ipynb")
      const took = await keystrokes(page, "the quick brown fox jumps over the lazy dog ".repeat(3))
      return [{ what: "a keystroke until it is painted, 2,000 cells, p95", value: percentile(took, 0.95), unit: "ms", promise: "≤ 30 ms" }]
    },
  },
  {
    name: "run",
    async run(app, context) {
      const { page } = await opened(app, context, "run.ipynb")
      const took = await runs(page, app, 20)
      return [{ what: "Ctrl+Enter until what was printed is painted, p50", value: percentile(took, 0.5), unit: "ms", promise: "≤ 60 ms + kernel" }]
    },
  },
  {
    name: "flood",
    async run(app, context) {
      const { page } = await opened(app, context, "run.ipynb")
      await runs(page, app, 1)
      const longestTaskMs = await flooded(page, app)
      return [{ what: "while a cell prints 100,000 lines, longest task", value: longestTaskMs, unit: "ms", promise: "≤ 200 ms" }]
    },
  },
  {
    name: "explore",
    stetOnly: true,
    async run(app, context) {
      const { page } = await opened(app, context, "run.ipynb")
      const { listedMs, detailMs } = await explored(page, app)
      return [
        {
          what: "the variables rail of a kernel with a frame of 1 GB, opened until it lists them, p50",
          value: listedMs,
          unit: "ms",
          promise: "< 200 ms",
        },
        { what: "a frame of 1 GB, pressed until its first rows are painted, p50", value: detailMs, unit: "ms", promise: "< 200 ms" },
      ]
    },
  },
  {
    name: "other",
    stetOnly: true,
    async run(app, context) {
      const { page } = await opened(app, context, "run.ipynb")
      const other = (await opened(app, context, "run.ipynb")).page
      const took = await echoed(page, other, app)
      return [{ what: "a keystroke until another browser paints it, p95", value: percentile(took, 0.95), unit: "ms", promise: "≤ 100 ms" }]
    },
  },
]

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}

/** Opens it and types a character into its first cell, which is taken back. */
async function opened(app: App, context: BrowserContext, notebook: string): Promise<{ readonly page: Page; readonly tookMs: number }> {
  const page = await context.newPage()
  await page.addInitScript(WATCH)
  await delay(WINDOW_MS)
  const since = performance.now()
  await page.goto(app.urlOf(notebook), { waitUntil: "commit" })
  // Looked for at every frame: a locator that waits looks ever more rarely, in the end twice a second.
  await page.waitForFunction((place) => document.querySelector(place) !== null, app.places.editor, { timeout: PATIENCE_MS })
  const editor = page.locator(app.places.editor).first()
  await editor.click({ timeout: PATIENCE_MS })
  const mark = "§"
  for (let turn = 0; ; turn++) {
    await page.keyboard.type(mark)
    if (await editor.textContent().then((text) => text?.includes(mark))) break
    if (turn > 200) throw new Error("what was typed does not show")
    await delay(10)
  }
  const tookMs = performance.now() - since
  await page.keyboard.press("Backspace")
  await delay(500)
  return { page, tookMs }
}

type Watched = { keys: number[]; tasks: number[]; whenPainted(then: () => void): void }
declare const watched: Watched

/**
 * Counts long tasks, and for each key the time until the frame after it was painted. What follows a frame is a task that the browser
 * does not put off: one of ordinary urgency waits for one frame more when a key is released meanwhile, and the two keys of a test come
 * within a millisecond of each other.
 */
const WATCH = `
globalThis.watched = {
  keys: [],
  tasks: [],
  whenPainted: (then) => requestAnimationFrame(() => void scheduler.postTask(then, { priority: "user-blocking" })),
}
new PerformanceObserver((list) => { for (const task of list.getEntries()) watched.tasks.push(task.duration) }).observe({ type: "longtask", buffered: true })
addEventListener("keydown", (event) => watched.whenPainted(() => watched.keys.push(performance.now() - event.timeStamp)), true)
`

async function keystrokes(page: Page, text: string): Promise<number[]> {
  await page.evaluate(() => {
    watched.keys = []
  })
  for (const key of text) {
    await page.keyboard.type(key)
    await delay(30)
  }
  return page.evaluate(() => watched.keys)
}

type Scrolled = { readonly perSecond: number; readonly longestTaskMs: number; readonly workP95Ms: number }

async function scrolled(page: Page, app: App): Promise<Scrolled> {
  const box = await page.locator(app.places.cell).first().boundingBox()
  await page.mouse.move((box?.x ?? 400) + 200, 450)
  await page.evaluate(() => {
    watched.tasks = []
    const frames: number[] = []
    Object.assign(globalThis, { frames })
    const turn = (at: number) => {
      frames.push(at)
      requestAnimationFrame(turn)
    }
    requestAnimationFrame(turn)
  })
  const work = await traced(page, async () => {
    for (let step = 0; step < 100; step++) {
      await page.mouse.wheel(0, step % 20 === 19 ? 20_000 : 400)
      await delay(16)
    }
  })
  const told = await page.evaluate(() => {
    const { frames } = globalThis as unknown as { readonly frames: readonly number[] }
    const span = (frames.at(-1) ?? 0) - (frames[0] ?? 0)
    return { perSecond: ((frames.length - 1) * 1000) / span, longestTaskMs: Math.max(0, ...watched.tasks) }
  })
  return { ...told, workP95Ms: percentile(work, 0.95) }
}

const TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline.frame", "blink.user_timing"]

/** What the page's own thread did for each frame that was drawn meanwhile, in ms; from a trace of the browser. */
async function traced(page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  const events: TraceEvent[] = []
  const devtools = await page.context().newCDPSession(page)
  devtools.on("Tracing.dataCollected", ({ value }) => void events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<unknown>((resolve) => devtools.once("Tracing.tracingComplete", resolve))
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: TRACED } })
  await page.evaluate(() => performance.mark("stet scrolling"))
  await work()
  await devtools.send("Tracing.end")
  await complete
  await devtools.detach()
  return frameWork(events, "stet scrolling")
}

/** Runs the first cell so many times; the first, which starts the kernel, is not counted. */
async function runs(page: Page, app: App, count: number): Promise<number[]> {
  const editor = page.locator(app.places.editor).first()
  const took: number[] = []
  for (let turn = 0; turn <= count; turn++) {
    const said = `turn ${turn} of ${Math.random().toString(36).slice(2)}`
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insertText(`print("${said}")`)
    await delay(150)
    await page.evaluate(awaitText, { said, output: app.places.output, patienceMs: PATIENCE_MS })
    await page.keyboard.press("Control+Enter")
    const ms = await page.evaluate(() => awaited.shown)
    if (turn > 0) took.push(ms)
    await delay(100)
  }
  return took
}

type Awaited = { shown: Promise<number> }
declare const awaited: Awaited

/**
 * Begins to measure from the next Ctrl+Enter until an output with this text is there and painted. It is asked for afterwards: on a
 * machine with much to do the key would come before anybody listens.
 */
function awaitText({ said, output, patienceMs }: { readonly said: string; readonly output: string; readonly patienceMs: number }): void {
  const shown = new Promise<number>((resolve, reject) => {
    let since = 0
    addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Enter" && since === 0) since = event.timeStamp
      },
      true,
    )
    const timer = setTimeout(() => reject(new Error("no output came")), patienceMs)
    const look = () => {
      if (since === 0) return
      const isThere = [...document.querySelectorAll(output)].some((one) => one.textContent?.includes(said))
      if (!isThere) return
      observer.disconnect()
      clearTimeout(timer)
      watched.whenPainted(() => resolve(performance.now() - since))
    }
    const observer = new MutationObserver(look)
    observer.observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  shown.catch(() => undefined)
  Object.assign(globalThis, { awaited: { shown } })
}

const LARGE =
  "import numpy as np, pandas as pd\nrng = np.random.default_rng(1)\n" +
  "large = pd.DataFrame({f'c{i}': rng.random(12_500_000) for i in range(10)})\n" +
  "print('it holds', large.memory_usage().sum() // 1_000_000, 'MB')"

async function explored(page: Page, app: App): Promise<{ readonly listedMs: number; readonly detailMs: number }> {
  const editor = page.locator(app.places.editor).first()
  await editor.click()
  await page.keyboard.press("Control+a")
  await page.keyboard.insertText(LARGE)
  await page.evaluate(awaitText, { said: "it holds 1000 MB", output: app.places.output, patienceMs: 120_000 })
  await page.keyboard.press("Control+Enter")
  await page.evaluate(() => awaited.shown)
  const [listed, detail]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < 20; turn++) {
    listed.push(await pressed(page, { button: '[aria-label="Panels"] [aria-label="Variables"]', word: "", shows: "12,500,000 × 10" }))
    detail.push(await pressed(page, { button: 'aside[aria-label="Variables"] li button', word: "large", shows: "50 of 12,500,000 rows" }))
    await page.getByRole("button", { name: "Variables", exact: true }).click()
    await delay(300)
  }
  return { listedMs: percentile(listed, 0.5), detailMs: percentile(detail, 0.5) }
}

type Pressed = { readonly button: string; readonly word: string; readonly shows: string }

/** From a press of the button with that word until the variables show that text, painted. */
function pressed(page: Page, what: Pressed): Promise<number> {
  return page.evaluate(
    ({ button, word, shows }) =>
      new Promise<number>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${shows} did not come`)), 30_000)
        const since = performance.now()
        const look = () => {
          if (!document.querySelector('aside[aria-label="Variables"]')?.textContent?.includes(shows)) return
          observer.disconnect()
          clearTimeout(timer)
          watched.whenPainted(() => resolve(performance.now() - since))
        }
        const observer = new MutationObserver(look)
        observer.observe(document.body, { childList: true, subtree: true, characterData: true })
        const found = [...document.querySelectorAll<HTMLElement>(button)].find((one) => one.textContent?.includes(word))
        found?.click()
      }),
    what,
  )
}

async function flooded(page: Page, app: App): Promise<number> {
  const last = page.locator(app.places.editor).first()
  await last.click()
  await page.keyboard.press("Control+a")
  await page.keyboard.insertText('for i in range(100_000): print("line", i)\nprint("all " + "lines")')
  await delay(300)
  await page.evaluate(() => {
    watched.tasks = []
  })
  await page.evaluate(awaitText, { said: "all lines", output: app.places.output, patienceMs: 120_000 })
  await page.keyboard.press("Control+Enter")
  await page.evaluate(() => awaited.shown)
  await delay(1000)
  return page.evaluate(() => Math.max(0, ...watched.tasks))
}

async function echoed(page: Page, other: Page, app: App): Promise<number[]> {
  const took: number[] = []
  await page.bringToFront()
  for (let turn = 0; turn < 60; turn++) {
    const word = `w${Math.random().toString(36).slice(2, 8)} `
    const seen = other.evaluate(
      ({ editor, text }) =>
        new Promise<number>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error("it did not come")), 10_000)
          const look = () => {
            if (!document.querySelector(editor)?.textContent?.includes(text)) return
            observer.disconnect()
            clearTimeout(timer)
            resolve(performance.timeOrigin + performance.now())
          }
          const observer = new MutationObserver(look)
          observer.observe(document.body, { childList: true, subtree: true, characterData: true })
          look()
        }),
      { editor: app.places.editor, text: word.trim() },
    )
    await page.locator(app.places.editor).first().click()
    await delay(50)
    const since = Date.now()
    await page.keyboard.insertText(word)
    took.push((await seen) - since)
  }
  return took
}
