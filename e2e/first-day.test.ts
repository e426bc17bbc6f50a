import { expect, inject, test } from "vitest"
import { inaccessible, onStage, settled } from "./testing.ts"

const stage = onStage()

test("the console's link signs the administrator in; the first steps invite a colleague, who joins without a mail server", async () => {
  const context = await stage.stranger()
  const page = await context.newPage()
  await page.goto(`${stage.url}${inject("platform").link}`)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("heading", { name: "Begin here" }).waitFor()
  await settled(page)
  expect(await page.getByText("This server answers on this machine alone").count()).toBe(1)
  expect(await inaccessible(page)).toEqual([])

  await page.getByRole("button", { name: "Make an invitation link" }).click()
  const link = await page.getByRole("textbox", { name: "Invitation link" }).inputValue()
  await page.getByRole("button", { name: "Copy", exact: true }).click()
  await page.getByRole("button", { name: "Copied", exact: true }).waitFor()

  const colleague = await (await stage.stranger()).newPage()
  await colleague.goto(link)
  await colleague.getByLabel("Your name").fill("Nadia")
  await colleague.getByLabel("Login").fill("nadia")
  await colleague.getByLabel("Password").fill("a rather long phrase")
  await colleague.getByRole("button", { name: "Join" }).click()
  await colleague.getByRole("heading", { name: "Notebooks", exact: true, level: 1 }).waitFor()
  expect(await colleague.getByRole("button", { name: "Account of Nadia" }).count()).toBe(1)

  await page.getByRole("button", { name: "Put the first steps away" }).click()
  await page.reload()
  await settled(page)
  expect(await page.getByRole("heading", { name: "Begin here" }).count()).toBe(0)
})

test("the sign-in page takes one back to where one was going", async () => {
  const context = await stage.stranger()
  const page = await context.newPage()
  await page.goto(`${stage.url}/search?q=sales`)
  await page.waitForURL(/\/sign-in\?next=/)
  expect(await inaccessible(page)).toEqual([])
  await page.getByLabel("Login").fill("nadia")
  await page.getByLabel("Password").fill("a rather long phrase")
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.waitForURL(`${stage.url}/search?q=sales`)
  await page.getByRole("button", { name: "Account of Nadia" }).click()
  await page.getByRole("menuitem", { name: "Sign out" }).click()
  await page.waitForURL(/\/sign-in$/)
})
