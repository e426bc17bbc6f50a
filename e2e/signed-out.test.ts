/** A session ends while somebody is at work: nothing that they typed is lost, nobody else reads it, and they go on where they were. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let space: string

beforeAll(async () => {
  space = await stage.space("Signed out")
})

/** As by "End" beside it, in the settings of another browser. */
async function endSessions(person: Someone): Promise<void> {
  const { items } = await person.api.call("listSessions", {})
  for (const { id } of items) await person.api.call("endSession", { params: { session: id } })
  stage.expectTrouble(/status of 401|not_signed_in/u)
}

const loginOf = async (person: Someone): Promise<string> => (await person.api.call("getPerson", { params: { person: person.id } })).login ?? ""
const cover = (page: Page) => page.getByRole("dialog", { name: "You are signed out" })

/** Signs in in the window beside, which goes by itself. */
async function signInBeside(page: Page, login: string): Promise<void> {
  const beside = page.waitForEvent("popup")
  await cover(page)
    .getByRole("button", { name: /^Sign in as/u })
    .click()
  const window = await beside
  await window.getByLabel("Login").fill(login)
  await window.getByLabel("Password").fill("a rather long phrase")
  const gone = window.waitForEvent("close")
  await window.getByRole("button", { name: "Sign in" }).click()
  await gone
}

test("in a notebook what was typed when the session ended is there once one is signed in again, and one types on", async () => {
  const ada = await stage.someone("Ada Away", { space, role: "editor" })
  const login = await loginOf(ada)
  const notebook = await stage.notebook(space, "Away.ipynb", "first = 1")
  const page = await ada.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").click()
  await page.keyboard.press("End")
  await page.keyboard.type("\nsecond = 2\nthird = 3")
  await endSessions(ada)
  await cover(page).waitFor()
  // Who types on presses nothing.
  await page.keyboard.type("on and on ")
  await page.keyboard.press("Enter")
  expect(ada.context.pages()).toHaveLength(1)
  expect(await inaccessible(page)).toEqual([])
  // Nothing is to be seen of the page, nor reached by keyboard.
  const hidden = await page.evaluate(() => document.elementFromPoint(600, 200)?.closest("[role=dialog]") !== null)
  expect(hidden).toBe(true)
  await page.keyboard.press("Tab")
  await page.keyboard.press("Escape")
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Sign in as/u)

  await signInBeside(page, login)
  await cover(page).waitFor({ state: "detached" })
  await page.locator("[data-cell] .cm-content").click()
  await page.keyboard.press("Control+End")
  await page.keyboard.type("\nfourth = 4")
  await page.keyboard.press("Control+s")
  await page.getByText("Saved as version 2.").waitFor()
  const reader = await stage.administrator()
  const theirs = await reader.open(`/notebooks/${notebook}`)
  await theirs.locator("[data-cell] .cm-content").filter({ hasText: "fourth = 4" }).waitFor()
  // Beside the last one stands whose cursor it is.
  const lines = (await theirs.locator("[data-cell] .cm-line").allInnerTexts()).map((line) => line.split("\n")[0])
  expect(lines).toEqual(["first = 1", "second = 2", "third = 3", "fourth = 4"])
}, 90_000)

test("a form keeps what was typed; sent again after signing in, it is taken", async () => {
  const bea = await stage.someone("Bea Away", { space, role: "admin" })
  const login = await loginOf(bea)
  const page = await bea.open("/settings/profile")
  await page.getByLabel("Name", { exact: true }).fill("Bea Back")
  await endSessions(bea)
  await page.getByRole("button", { name: "Save", exact: true }).click()
  await cover(page).waitFor()
  // Everything that the screen shows is asked for anew when one looks at it again, and refused.
  await page.evaluate(() => globalThis.dispatchEvent(new Event("visibilitychange")))
  await signInBeside(page, login)
  await cover(page).waitFor({ state: "detached" })
  expect(new URL(page.url()).pathname).toBe("/settings/profile")
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Bea Back")
  await page.getByRole("button", { name: "Save", exact: true }).click()
  await page.getByRole("button", { name: "Account of Bea Back" }).waitFor()
})

test("whoever signs in as somebody else sees nothing of what was typed", async () => {
  const cora = await stage.someone("Cora Away", { space, role: "editor" })
  const dov = await stage.someone("Dov Other", { space, role: "editor" })
  const page = await cora.open("/settings/profile")
  await page.getByLabel("Name", { exact: true }).fill("Nobody's business")
  await endSessions(cora)
  await page.getByRole("button", { name: "Save", exact: true }).click()
  await cover(page).waitFor()
  await signInBeside(page, await loginOf(dov))
  await page.getByRole("button", { name: "Account of Dov Other" }).waitFor()
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Dov Other")
})
