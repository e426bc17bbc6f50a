import type { Page } from "playwright-core"
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
  await look(page, "first-steps")
  // The link works once.
  expect(await page.getByRole("link", { name: "Set a password" }).getAttribute("href")).toBe("/settings/profile")

  expect(await page.getByRole("combobox", { name: /are$/ }).inputValue()).toMatch(/^Editor/)
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
  // They find something to begin with.
  await colleague.getByRole("link", { name: "Sales report", exact: true }).waitFor()
  await colleague.getByRole("button", { name: "New notebook" }).waitFor()
  await colleague.getByRole("heading", { name: "Begin here" }).waitFor()
  expect(await colleague.getByRole("link", { name: "Set a password" }).count()).toBe(0)

  await page.getByRole("button", { name: "Put the first steps away" }).click()
  await page.reload()
  await settled(page)
  expect(await page.getByRole("heading", { name: "Begin here" }).count()).toBe(0)

  // With a second editor a promotion there needs an approval.
  const { items } = await stage.admin.call("listGrants", { params: { space: "samples" } })
  const theirs = items.find(({ person }) => person?.name === "Nadia")
  await stage.admin.call("revokeGrant", { params: { space: "samples", grant: theirs?.id ?? "" } })
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

const look = async (page: Page, name: string) =>
  process.env["LOOKS"] && page.screenshot({ path: `${process.env["LOOKS"]}/${name}.png`, fullPage: true })

test("in an empty gallery the examples are proved and promoted, one or all; a form is filled, and a report comes of it", async () => {
  const admin = await stage.administrator()
  const page = await admin.open("/templates")
  const part = page.getByRole("region", { name: "Examples" })
  const one = (title: string) => part.getByRole("listitem").filter({ hasText: title })
  await part.getByText("10 examples are not templates yet").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "examples")

  // Stopped before they have ended: nothing is promoted, and nothing left lying.
  await part.getByRole("button", { name: "Prove and promote them all" }).click()
  await one("Anomaly check")
    .getByText(/\d of \d runs? ended/u)
    .waitFor()
  await look(page, "examples-running")
  await part.getByRole("button", { name: "Stop" }).click()
  await one("Spark SQL").getByText("stopped").waitFor()
  await one("Anomaly check").getByText("stopped").waitFor()
  await part.getByRole("button", { name: "Prove and promote them all" }).waitFor()
  expect(
    (await admin.api.call("listProposals", { query: { state: "open" } })).items.filter(({ template }) => template.name.startsWith("samples/")),
  ).toEqual([])

  await part.getByRole("button", { name: "Prove and promote: Data-quality audit of a file" }).click()
  await page.getByRole("link", { name: "Data-quality audit of a file" }).waitFor({ timeout: 60_000 })
  await part.getByText("9 examples are not templates yet").waitFor({ timeout: 60_000 })
  const { items } = await admin.api.call("listTemplates", { query: { q: "samples/data-quality" } })
  expect(items.map(({ name, latest, isReviewed }) => [name, latest, isReviewed])).toEqual([["samples/data-quality", 1, false]])
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= 390)).toBe(true)
  await look(page, "examples-390")
  await page.emulateMedia({ colorScheme: "dark" })
  await page.setViewportSize({ width: 1280, height: 860 })
  await look(page, "examples-dark")

  await page.getByRole("link", { name: "Data-quality audit of a file" }).click()
  await page.getByRole("button", { name: "Run", exact: true }).click()
  await page.waitForURL(/\/runs\//u)
  await page.getByText("succeeded").first().waitFor({ timeout: 60_000 })
}, 180_000)
