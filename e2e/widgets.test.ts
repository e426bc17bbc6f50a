/** People look at the widgets of a running kernel, move them, and find them again when the kernel is gone. */

import type { Frame, Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let vic: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Widgets")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
  vic = await stage.someone("Vic Viewer", { space, role: "viewer" })
})

const SLIDER =
  "import ipywidgets as w\nslider = w.IntSlider(value=7, min=0, max=20, description='Size')\nbox = w.VBox()\nbox.children = [slider]\nbox"
const LOOP =
  "import time\nbar = w.FloatProgress(value=1, max=10, description='Work')\nword = w.Label('begun')\n" +
  "display(w.HBox([bar, word]))\nbar.value = 4\nword.value = 'at work'\nwhile True:\n    time.sleep(0.05)"

async function opened(who: Someone, notebook: string): Promise<Page> {
  const page = await who.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

const cellAt = (page: Page, at: number): Locator => page.locator("[data-cell]").nth(at)

/** The place of all widgets of the page. */
async function widgetsOf(page: Page): Promise<Frame> {
  const frame = await (await page.locator("iframe[title='Interactive output']").first().elementHandle())?.contentFrame()
  if (!frame) throw new Error("the widgets have no frame")
  return frame
}

async function becomes<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  await expect.poll(read, { timeout: 60_000, interval: 100 }).toEqual(wanted)
}

const readouts = (frame: Frame) => frame.locator(".widget-readout").allInnerTexts()

test("widgets of a cell that runs move while it runs, for those who come later too; who may run moves them; without a kernel they are as they were left", async () => {
  // The library of widgets says so of its own schema.
  stage.expectTrouble(/strict mode: use allowUnionTypes/u)
  const notebook = await stage.notebook(space, "Widgets.ipynb", SLIDER, LOOP)
  const hers = await opened(ada, notebook)
  await hers.keyboard.press("Shift+Enter")
  const frame = await widgetsOf(hers)
  await becomes(() => readouts(frame), ["7"])
  await hers.keyboard.press("Control+Enter")
  await becomes(() => frame.locator(".widget-label").allInnerTexts(), ["Size", "Work", "at work"])
  await becomes(() => frame.locator(".progress-bar").evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).style.width)), ["40%"])
  await becomes(async () => (await cellAt(hers, 1).getAttribute("aria-label")) ?? "", "Cell 2 of 2, code, runs, selected")

  const seen = await opened(vic, notebook)
  const his = await widgetsOf(seen)
  await becomes(() => readouts(his), ["7"])
  await becomes(() => his.locator(".progress-bar").evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).style.width)), ["40%"])
  await hers.keyboard.press("i")
  await hers.keyboard.press("i")
  await becomes(async () => / runs,/u.test((await cellAt(hers, 1).getAttribute("aria-label")) ?? ""), false)

  await frame.locator(".noUi-handle").focus()
  await hers.keyboard.press("ArrowRight")
  await becomes(() => readouts(frame), ["8"])
  await becomes(() => readouts(his), ["8"])
  // What one may not move does not take the keyboard.
  await his.locator(".noUi-handle").focus()
  expect(await his.locator(".noUi-handle").evaluate((handle) => handle === document.activeElement)).toBe(false)

  await hers.getByRole("button", { name: /^Kernel: / }).click()
  await hers.getByRole("menuitem", { name: "Stop the session" }).click()
  await hers.getByRole("button", { name: /^Kernel: .*has ended/u }).waitFor()
  await seen.close()
  const later = await opened(vic, notebook)
  // It is written down when the kernel has gone, which is a moment after that is said.
  await becomes(async () => {
    await later.reload()
    const left = await widgetsOf(later)
    await left.locator(".widget-label").getByText("at work").waitFor()
    return readouts(left)
  }, ["8"])
})
