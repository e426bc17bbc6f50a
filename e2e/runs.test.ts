/** Somebody runs a notebook, watches it, finds out why it failed, and compares it with the time when it went well. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Sales")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

const PARAMETERS = {
  source: 'region = "EU"  # Where the orders come from\nyear: int = 2026\nrate: float = 1.0\ncustomers: list[str] = ["Acme", "Globex"]',
  metadata: { tags: ["parameters"] },
  outputs: [],
  execution_count: null,
}
const REPORT = [
  "# The orders\n",
  "print(f'{region} {year} {rate!r} {customers}')",
  "share = {'EU': 1, 'US': 2}[region]\nprint('share', share)",
] as const

async function report(name: string): Promise<string> {
  const [title, orders, share] = REPORT
  return stage.notebook(space, name, { cell_type: "markdown", source: title, metadata: {} }, PARAMETERS, orders, share)
}

/** Launches by the API and waits until it is over. */
async function ran(notebook: string, parameters: Record<string, unknown> = {}): Promise<string> {
  const { id } = await ada.api.call("launchRun", { body: { notebook, parameters } })
  for (;;) {
    const run = await ada.api.call("getRun", { params: { run: id }, query: { waitSeconds: 20, ifNotState: ["queued", "running"] } })
    if (run.endedAt !== null) return id
  }
}

const main = (page: Page) => page.locator("main")

test("a version is run with values of one's own; what does not fit is said before anything runs", async () => {
  const notebook = await report("Form.ipynb")
  const page = await ada.open(`/notebooks/${notebook}/versions`)
  await page.getByRole("button", { name: "Run", exact: true }).click()
  const dialog = page.getByRole("dialog")
  const field = (name: string) => dialog.getByRole("textbox", { name })
  await field("region").fill("US")
  await field("year").fill("20.5")
  await field("rate").fill("much")
  await dialog.getByRole("button", { name: "Run version 1" }).click()
  await dialog.getByText("2 values do not fit: year, rate.").waitFor()
  expect(await dialog.getByText('"20.5" is not a whole number, such as 42.').count()).toBe(1)
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("parameter-year")
  expect(await inaccessible(page)).toEqual([])
  await field("year").fill("2025")
  await field("rate").fill("1.10")
  await field("customers").fill("Acme\nVehement Capital")
  // Left by a slip, it comes back as it was, and says so.
  await page.keyboard.press("Escape")
  await dialog.waitFor({ state: "detached" })
  await page.getByRole("button", { name: "Run", exact: true }).click()
  await dialog.getByText("What you typed here before is still there.").waitFor()
  expect(await field("year").inputValue()).toBe("2025")
  await dialog.getByRole("tab", { name: "As code" }).click()
  await dialog.getByText("-p region US", { exact: false }).waitFor()
  await dialog.getByRole("tab", { name: "Form" }).click()
  await dialog.getByRole("button", { name: "Run version 1" }).click()
  await page.waitForURL(/\/runs\/\w{26}$/u)
  await main(page).getByText("US 2025 1.1 ['Acme', 'Vehement Capital']").waitFor()
  await main(page).getByText("succeeded").first().waitFor()
  // The page is headed by what the notebook is called, and the file's name stands in the path above.
  expect(await page.getByRole("heading", { level: 1 }).first().innerText()).toBe("The orders")
  const run = page.url().slice(-26)
  const told = await ada.api.call("getRun", { params: { run } })
  expect(told.parameters).toEqual({ region: "US", year: 2025, rate: 1.1, customers: ["Acme", "Vehement Capital"] })
  await page.close()
})

test("what only the server can tell to be wrong is said at its field as well", async () => {
  const notebook = await stage.notebook(space, "Limits.ipynb", { ...PARAMETERS, source: 'limits: dict[str, int] = {"a": 1}' })
  const page = await ada.open(`/notebooks/${notebook}/versions`)
  await page.getByRole("button", { name: "Run", exact: true }).click()
  const dialog = page.getByRole("dialog")
  const field = dialog.getByRole("textbox", { name: "limits" })
  await field.fill('{"a": "many"}')
  stage.expectTrouble(/422/)
  await dialog.getByRole("button", { name: "Run version 1" }).click()
  await dialog.getByText("One value does not fit: limits.").waitFor()
  expect(await dialog.locator("#parameter-limits-error").innerText()).toMatch(/integer/u)
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("parameter-limits")
  await page.close()
})

test("a failed run says what happened, why, and what to do, before anything is scrolled", async () => {
  const notebook = await report("Fails.ipynb")
  const good = await ran(notebook, { region: "US" })
  const failed = await ran(notebook, { region: "APAC", customers: ["A long name of a customer, ".repeat(30)] })
  const page = await ada.open(`/runs/${failed}`)
  const happened = page.getByRole("region", { name: "What happened" })
  await happened.getByText("raised KeyError").waitFor()
  for (const seen of ["KeyError", "APAC"]) {
    const box = await happened.getByText(seen).last().boundingBox()
    expect((box?.y ?? 9999) + (box?.height ?? 0), seen).toBeLessThan(860)
  }
  // On a phone the traceback is longer than the screen; what it comes to must not be at its foot.
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(async () => (await happened.getByText("'APAC'", { exact: true }).first().boundingBox())?.y ?? 9999).toBeLessThan(420)
  await page.setViewportSize({ width: 1280, height: 860 })
  await settled(page)
  expect(await inaccessible(page)).toEqual([])
  await happened.getByRole("button", { name: /Show cell \d+, which is In \[\d+\], in the notebook/u }).click()
  await page.waitForURL(/cell=\d+/u)
  const cell = main(page).getByRole("region", { name: /Cell \d+, failed/u })
  await expect.poll(async () => (await cell.boundingBox())?.y ?? 9999, { timeout: 15_000 }).toBeLessThan(860)
  await happened.getByRole("button", { name: "Compare with the last good run" }).click()
  await page.getByRole("link", { name: /the run of/u }).waitFor()
  expect(await page.getByRole("link", { name: /the run of/u }).getAttribute("href")).toBe(`/runs/${good}`)
  const row = main(page).getByRole("row", { name: /region/u })
  expect(await row.innerText()).toMatch(/US\s+APAC/u)
  await main(page).getByText("The same version, 1.").waitFor()
  await main(page).getByRole("button", { name: "Show the output that changed" }).first().click()
  await main(page).getByText("Line 1 of the standard output was").waitFor()
  await main(page).getByRole("button", { name: "Show the output that changed" }).first().click()
  await main(page).getByRole("heading", { name: "Before" }).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.close()
})

test("a run is watched while it goes on, and stopped", async () => {
  const notebook = await stage.notebook(
    space,
    "Slow.ipynb",
    "import time\nfor i in range(400):\n    print('batch', i, flush=True)\n    time.sleep(0.2)",
    "print('never')",
  )
  const { id } = await ada.api.call("launchRun", { body: { notebook } })
  const page = await ada.open(`/runs/${id}`)
  await main(page).getByText("batch 3", { exact: false }).first().waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("button", { name: "Log" }).click()
  await main(page).getByText("batch 5", { exact: false }).first().waitFor()
  await page.getByRole("button", { name: "Cancel run" }).click()
  await main(page).getByText("cancelled").first().waitFor()
  await page.getByRole("button", { name: "Result" }).click()
  await main(page).getByText("cancelled here").waitFor()
  await main(page).getByText("not run").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.close()
})

test("the list of runs is filtered by its address, lives, and is gone through by keyboard", async () => {
  const notebook = await report("Listed.ipynb")
  const failed = await ran(notebook, { region: "Atlantis" })
  const page = await ada.open(`/runs?notebook=${notebook}`)
  const rows = page.getByRole("table", { name: "Runs" }).locator("tbody tr")
  await expect.poll(() => rows.count(), { timeout: 15_000 }).toBe(1)
  await page.getByRole("button", { name: "succeeded" }).click()
  await page.waitForURL(/state=succeeded/u)
  await page.getByText("No run is like this").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.goto(`${stage.url}/runs?notebook=${notebook}&q=atlantis`)
  await expect.poll(() => rows.count(), { timeout: 15_000 }).toBe(1)
  await page.goto(`${stage.url}/runs?space=${space}`)
  await rows.first().waitFor()
  const second = await ran(notebook, { region: "EU" })
  await page
    .getByRole("link", { name: /^succeeded, Listed/u })
    .first()
    .waitFor()
  expect(await rows.first().getByRole("link").getAttribute("href")).toBe(`/runs/${second}`)
  expect(await inaccessible(page)).toEqual([])
  await rows.first().getByRole("link").focus()
  await page.keyboard.press("j")
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("href")), { timeout: 15_000 }).toBe(`/runs/${failed}`)
  await page.keyboard.press("Enter")
  await page.waitForURL(new RegExp(failed, "u"))
  await page.close()
})

test("a result of many cells is drawn where one reads, printed whole, and read on a phone", async () => {
  const many = Array.from({ length: 300 }, (_, at) => `x = ${at}\nprint('line ' * 3, x)`)
  const run = await ran(await stage.notebook(space, "Many.ipynb", ...many))
  const page = await ada.open(`/runs/${run}?cell=250`)
  await main(page).getByText("line line line  250").waitFor()
  expect(await main(page).locator("[data-cell]").count()).toBeLessThan(80)
  const forty = await ran(await stage.notebook(space, "Forty.ipynb", ...many.slice(0, 40)))
  await page.goto(`${stage.url}/runs/${forty}`)
  await main(page).getByText("line line line  39").waitFor()
  expect(await main(page).locator("[data-cell]").count()).toBe(40)
  expect(await inaccessible(page)).toEqual([])
  // Paper is as narrow as a phone, and still tells what the run was asked.
  await page.emulateMedia({ media: "print" })
  await page.setViewportSize({ width: 718, height: 1000 })
  await page.waitForTimeout(300)
  expect(await page.getByRole("complementary", { name: "About this run" }).isVisible()).toBe(true)
  await page.emulateMedia({ media: null })
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  expect(await inaccessible(page)).toEqual([])
  await page.goto(`${stage.url}/runs/${run}?print=1`)
  await main(page).getByText("line line line  299").waitFor()
  await page.emulateMedia({ media: "print" })
  expect(await main(page).locator("[data-cell]").count()).toBe(300)
  expect(await page.getByRole("navigation", { name: "Main" }).isVisible()).toBe(false)
  await page.close()
})

test("a result becomes a notebook to work on", async () => {
  const run = await ran(await report("Kept.ipynb"))
  const page = await ada.open(`/runs/${run}`)
  await page.getByRole("button", { name: "More" }).click()
  await page.getByRole("menuitem", { name: "Make a copy as a notebook" }).click()
  await page.getByText("Copied to Kept result.ipynb.").waitFor()
  const { items } = await ada.api.call("listNotebooks", { query: { space, name: "Kept result" } })
  expect(items.map(({ path }) => path)).toEqual(["Kept result.ipynb"])
  await page.close()
})
