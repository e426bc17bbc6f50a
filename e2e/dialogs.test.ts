/** Whoever opens a dialog by keyboard types at once: the focus is in the first field, and on Close only where nothing is asked. */
import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { ipynb, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

const DECLARED = { source: 'region = "EU"\nyear = 2026', metadata: { tags: ["parameters"] }, outputs: [], execution_count: null }

beforeAll(async () => {
  space = await stage.space("Dialogs")
  ada = await stage.someone("Ada Lovelace", { space, role: "admin" })
})

const hasFocus = (field: Locator) => expect.poll(() => field.evaluate((one) => one === document.activeElement), { timeout: 15_000 }).toBe(true)
const noList = async (page: Page) => expect(await page.getByRole("option").count()).toBe(0)

test("each dialog of a notebook begins where one begins, and no list opens over it", async () => {
  await stage.notebook(space, "Asked.ipynb", "1")
  const page = await ada.open(`/spaces/${space}`)
  const begins: readonly (readonly [string, "combobox" | "textbox", string])[] = [
    ["Share", "combobox", "Give a role to"],
    ["Subscribe to its runs", "combobox", "When"],
    ["Make a copy", "textbox", "File name"],
    ["Rename or move", "textbox", "File name"],
    ["Hand over", "combobox", "New owner"],
  ]
  for (const [item, role, name] of begins) {
    await page.getByRole("button", { name: "Actions for Asked" }).click()
    await page.getByRole("menuitem", { name: item }).click()
    await hasFocus(page.getByRole("dialog").getByRole(role, { name }))
    await noList(page)
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
  }
  await page.getByRole("button", { name: "Actions for Asked" }).click()
  await page.getByRole("menuitem", { name: "Hand over" }).click()
  await hasFocus(page.getByRole("combobox", { name: "New owner" }))
  // What is typed is looked for, and no list stood in the way of it.
  await page.keyboard.type("Ada")
  await page
    .getByRole("option", { name: /Ada Lovelace/u })
    .first()
    .waitFor()
  await page.close()
})

test("whoever may not share begins with the link, which is chosen to be copied", async () => {
  await stage.notebook(space, "Read.ipynb", "1")
  const vera = await stage.someone("Vera", { space, role: "viewer" })
  const page = await vera.open(`/spaces/${space}`)
  await page.getByRole("button", { name: "Actions for Read" }).click()
  await page.getByRole("menuitem", { name: "Share" }).click()
  const link = page.getByRole("dialog").getByRole("textbox", { name: "Link" })
  await hasFocus(link)
  expect(await link.evaluate((one: HTMLInputElement) => one.value.slice(one.selectionStart ?? 0, one.selectionEnd ?? 0))).toMatch(/\/notebooks\//u)
  await page.close()
})

test("a run begins with its first parameter, one without parameters with the button that runs it; a person's own way is not changed", async () => {
  const [given, plain] = [await stage.notebook(space, "Given.ipynb", DECLARED), await stage.notebook(space, "Plain.ipynb", "1")]
  const page = await ada.open(`/notebooks/${given}/versions`)
  await page.getByRole("button", { name: "Run", exact: true }).click()
  const dialog = page.getByRole("dialog")
  await hasFocus(dialog.getByRole("textbox", { name: /region/u }))
  await page.keyboard.press("Shift+Tab")
  await hasFocus(dialog.getByRole("combobox", { name: "Environment" }))
  await noList(page)
  await page.goto(`${stage.url}/notebooks/${plain}/versions`)
  await page.getByRole("button", { name: "Run", exact: true }).click()
  await hasFocus(dialog.getByRole("button", { name: "Run version 1" }))
  await page.close()
})

test("a form that comes once its data has takes the focus from Close, unless the person has gone on", async () => {
  const notebook = await stage.notebook(space, "Late.ipynb", DECLARED)
  const page = await ada.open(`/notebooks/${notebook}/versions`)
  let go = () => {}
  const held = () =>
    new Promise<void>((resolve) => {
      go = resolve
    })
  let waiting = held()
  await page.route(/versions\/1(\?|$)/u, async (route) => {
    await waiting
    await route.continue()
  })
  const dialog = page.getByRole("dialog")
  await page.getByRole("button", { name: "Run", exact: true }).click()
  await hasFocus(dialog.getByRole("button", { name: "Close" }))
  go()
  await hasFocus(dialog.getByRole("textbox", { name: /region/u }))
  await page.reload()
  waiting = Promise.resolve()
  await page.getByRole("button", { name: "Run", exact: true }).waitFor()
  waiting = held()
  await page.getByRole("button", { name: "Run", exact: true }).click()
  await hasFocus(dialog.getByRole("button", { name: "Close" }))
  await page.keyboard.press("Shift")
  go()
  await dialog.getByRole("textbox", { name: /region/u }).waitFor()
  await hasFocus(dialog.getByRole("button", { name: "Close" }))
  await page.close()
})

test("of a long message the version's field and list show the beginning, and say the whole", async () => {
  const message = `Figures of the first quarter, with the corrections that the board asked for: ${"and more of them, ".repeat(6)}until here`
  const notebook = await stage.notebook(space, "Told.ipynb", "1")
  await ada.api.call("saveContent", { params: { notebook }, query: { message }, body: ipynb("2") })
  const page = await ada.open(`/notebooks/${notebook}/versions`)
  await page.getByRole("button", { name: "Run", exact: true }).click()
  const field = page.getByRole("dialog").getByRole("combobox", { name: "Version" })
  await expect.poll(() => field.getAttribute("title"), { timeout: 15_000 }).toBe(`Version 2 (newest) · ${message}`)
  const isCut = (one: Element) => one.scrollWidth > one.clientWidth && getComputedStyle(one).textOverflow === "ellipsis"
  expect(await field.evaluate(isCut)).toBe(true)
  await field.click()
  // A field that has the focus shows where the text ends only when it is left.
  const option = page.getByRole("option", { name: /Figures/u })
  expect(await option.getByText(message).evaluate((one) => one.scrollHeight > one.clientHeight)).toBe(true)
  expect(await option.getByTitle(message).count()).toBe(1)
  expect((await option.boundingBox())?.height).toBeLessThan(60)
  await page.close()
})
