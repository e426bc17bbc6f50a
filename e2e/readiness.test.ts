/** What stands in the way of running a notebook again is found while somebody types, mended from the panel, and proved by a run. */
import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string
let count = 0

beforeAll(async () => {
  space = await stage.space("Ready")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

async function opened(who: Someone, ...cells: readonly string[]): Promise<Page> {
  count++
  const page = await who.open(`/notebooks/${await stage.notebook(space, `Ready ${count}.ipynb`, ...cells)}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

const panel = (page: Page): Locator => page.getByRole("complementary", { name: "Readiness" })
const tab = (page: Page): Locator => page.getByRole("toolbar", { name: "Panels" }).getByRole("button", { name: /^Readiness/u })
const sources = (page: Page): Promise<readonly string[]> => page.locator("[data-cell] .cm-content").allInnerTexts()

async function becomes<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  await expect.poll(read, { timeout: 30_000, interval: 100 }).toEqual(wanted)
}

test("a name that is defined further down is found as it is typed; the fix moves its cell, and Undo brings both back", async () => {
  const page = await opened(ada, "", "rate = 0.2", "total = 3")
  await tab(page).click()
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
  await page.locator("[data-cell] .cm-content").first().click()
  await page.keyboard.type("print(total)")
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
  await tab(page)
    .and(page.getByRole("button", { name: "Readiness, 1 breaks a rerun" }))
    .waitFor()
  expect(await page.locator(".cm-breaks").allInnerTexts()).toEqual(["total"])
  await page.getByRole("button", { name: /^Breaks a rerun: total is defined only in cell 3/u }).waitFor()
  expect(await inaccessible(page)).toEqual([])

  await panel(page).getByRole("button", { name: "Move cell 3 above cell 1" }).click()
  await panel(page).getByText("Cell 3 moves above cell 1").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await panel(page).getByRole("button", { name: "Apply" }).click()
  await becomes(() => sources(page), ["total = 3", "print(total)", "rate = 0.2"])
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
  expect(await page.locator(".cm-breaks").count()).toBe(0)

  await page.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Undo" }).click()
  await becomes(() => sources(page), ["print(total)", "rate = 0.2", "total = 3"])
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
})

test("a finding leads to its place: the cell is in sight and what is meant is selected", async () => {
  const page = await opened(ada, ...Array.from({ length: 40 }, (_, at) => `value_${at} = ${at}`), "a = 1\nprint(value_1, missing)")
  await tab(page).click()
  await panel(page)
    .getByRole("button", { name: /Cell 41, line 2/u })
    .click()
  const cell = page.locator('[data-cell="cell-40"]')
  await cell.locator(".cm-editor.cm-focused").waitFor()
  await becomes(() => page.evaluate(() => globalThis.getSelection()?.toString() ?? ""), "missing")
  // What is typed now stands in its place.
  await page.keyboard.type("a")
  await becomes(() => cell.locator(".cm-content").innerText(), "a = 1\nprint(value_1, a)")
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
})

test("a run from a fresh kernel proves it: what it would write is asked first, and how it ended stands in the panel", async () => {
  const page = await opened(ada, "from pathlib import Path", "Path('out.txt').write_text('x')", "1 / 0")
  await tab(page).click()
  await panel(page).getByRole("button", { name: "Run it afresh" }).click()
  const dialog = page.getByRole("dialog", { name: "Run it afresh?" })
  await dialog.getByText(/^Cell 2 writes files/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Run it all the same" }).click()
  const outcome = panel(page).getByRole("region", { name: "Proof" }).getByRole("status")
  await outcome.getByText("failed", { exact: true }).waitFor({ timeout: 60_000 })
  await outcome.getByText(/^Cell 3: ZeroDivisionError: division by zero$/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await outcome.getByRole("link", { name: "Open the run" }).click()
  await page.waitForURL(/\/runs\//u)
})
