/** Two people talk about a cell: one names the other, who finds it in the inbox, answers, and settles it. */
import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let clara: Someone
let dora: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Talk")
  clara = await stage.someone("Clara Voss", { space, role: "editor" })
  dora = await stage.someone("Dora Quist", { space, role: "commenter" })
})

const cellAt = (page: Page, at: number): Locator => page.locator("[data-cell]").nth(at)
const panel = (page: Page) => page.getByRole("complementary", { name: "Comments" })

test("a cell is commented on from its menu, who is named finds it in the inbox, answers there, and it is settled", async () => {
  const notebook = await stage.notebook(space, "Talked about.ipynb", "a = 1", "rate = 0.19\nprint(rate)", "c = 3")
  const hers = await clara.open(`/notebooks/${notebook}`)
  await cellAt(hers, 1).click({ position: { x: 34, y: 12 } })
  await cellAt(hers, 1).getByRole("button", { name: "More about this cell" }).click()
  await hers.getByRole("menuitem", { name: "Comment", exact: true }).click()
  const field = panel(hers).getByRole("combobox", { name: "Comment on cell 2" })
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true)
  await hers.keyboard.type("Is this still the rate, @Dora Q")
  await hers.getByRole("option", { name: "Dora Quist" }).waitFor()
  await hers.keyboard.press("Enter")
  await hers.keyboard.type("?")
  expect(await field.inputValue()).toBe("Is this still the rate, @Dora Quist ?")
  await hers.keyboard.press("Control+Enter")
  await panel(hers).getByText("Is this still the rate").waitFor()
  await hers.getByRole("button", { name: "Comments, 1 open thread" }).waitFor()
  await cellAt(hers, 1).getByRole("button", { name: "1 open thread on this cell" }).waitFor()
  expect(await inaccessible(hers)).toEqual([])

  const theirs = await dora.open("/inbox")
  await theirs.getByRole("link", { name: /Clara Voss mentions you in Talked about/u }).click()
  await theirs.waitForURL(/\?cell=cell-1$/u)
  await panel(theirs).getByText("Is this still the rate").waitFor()
  await expect.poll(() => cellAt(theirs, 1).getAttribute("aria-label")).toContain("selected")
  await panel(theirs).getByRole("combobox", { name: "Answer" }).fill("Until the end of the year.")
  await panel(theirs).getByRole("button", { name: "Answer", exact: true }).click()
  expect(await inaccessible(theirs)).toEqual([])

  await panel(hers).getByText("Until the end of the year.").waitFor({ timeout: 30_000 })
  await panel(hers).getByRole("button", { name: "Settle" }).click()
  await panel(hers).getByText("Everything that was said is settled.").waitFor()
  await hers.getByRole("button", { name: "Comments", exact: true }).waitFor()
  // The name of who else is there stands at the edge of what is left for the cells: nothing is moved aside for it.
  await hers.getByText("Dora Quist", { exact: true }).last().waitFor()
  const aside = await hers.locator("[data-scroller]").evaluate((scroller) => {
    scroller.scrollLeft = 100
    return scroller.scrollLeft
  })
  expect(aside).toBe(0)
  await panel(hers).getByRole("button", { name: "Show what is settled (1)" }).click()
  await panel(hers).getByText("settled by Clara Voss").waitFor()
  expect(await inaccessible(hers)).toEqual([])
  const said = await dora.api.call("listComments", { params: { notebook } })
  expect(said.items.map(({ text, resolvedBy }) => [text, resolvedBy?.name])).toEqual([
    ["Is this still the rate, @Dora Quist ?", "Clara Voss"],
    ["Until the end of the year.", undefined],
  ])
})

test("who may only read sees what was said and has nowhere to write", async () => {
  const notebook = await stage.notebook(space, "Read only.ipynb", "a = 1")
  await clara.api.call("addComment", { params: { notebook }, body: { text: "Keep this.", cell: "cell-0", mentions: [] } })
  const vera = await stage.someone("Vera Viewer", { space, role: "viewer" })
  const page = await vera.open(`/notebooks/${notebook}?cell=cell-0`)
  await panel(page).getByText("Keep this.").waitFor()
  expect(await panel(page).getByRole("combobox").count()).toBe(0)
  expect(await panel(page).getByRole("button", { name: "Settle" }).count()).toBe(0)
  await cellAt(page, 0).getByRole("button", { name: "More about this cell" }).click()
  await page.getByRole("menuitem", { name: "Copy link to this cell" }).waitFor()
  expect(await page.getByRole("menuitem", { name: "Comment", exact: true }).count()).toBe(0)
})
