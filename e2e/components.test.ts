/**
 * Every component in every state is free of barriers, by day and in the dark; and so is a notebook as people have it. With
 * STET_TEST_PICTURES=docs/pictures the pictures of the documentation are drawn anew on the way.
 */
import { join } from "node:path"
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
const FOLDER = process.env["STET_TEST_PICTURES"]
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Sales")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

async function picture(page: Page, name: string): Promise<void> {
  if (FOLDER === undefined) return
  await page.waitForTimeout(600)
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
}

test.each(["light", "dark"] as const)("every component in every state, %s", async (colorScheme) => {
  const page = await ada.context.newPage()
  await page.goto(`${stage.url}/components`)
  await page.emulateMedia({ colorScheme })
  await page.getByRole("heading", { name: "Components" }).waitFor()
  // The last number of the table stands right before what says how many rows there are.
  await page.getByText("3 of 60 rows × 2 columns").waitFor()
  const frame = page.frameLocator("[data-stet-layer] iframe").last()
  await page.getByRole("heading", { name: "What acts, in a frame" }).scrollIntoViewIfNeeded()
  await frame.getByText("drawn by a script").waitFor()
  expect(await inaccessible(page)).toEqual([])
  const environment = page.getByRole("region", { name: "Environment", exact: true })
  expect(await environment.getByRole("checkbox").count()).toBe(0)
  await environment.getByRole("combobox", { name: "Open it in" }).selectOption({ label: "data-2027 (5c5c5c5c)" })
  await environment.getByText("pandas 2.1.4 → 2.3.0").waitFor()
  await environment.getByRole("checkbox", { name: "Yes, open it in that one" }).check()
  // A yes is to one environment.
  await environment.getByRole("combobox").selectOption({ label: "python3 (7d7d7d7d)" })
  expect(await environment.getByRole("checkbox").isChecked()).toBe(false)
  await environment.scrollIntoViewIfNeeded()
  await picture(page, `environment-${colorScheme}`)
  await page.getByRole("button", { name: "Say what was not" }).click()
  await page.getByRole("button", { name: "Delete for good" }).click()
  const dialog = page.getByRole("dialog", { name: "Delete for good?" })
  await dialog.getByRole("button", { name: "Delete" }).click()
  await dialog.getByText("The connection to the server is gone", { exact: false }).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.keyboard.press("Escape")
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})

const PARAMETERS = {
  source: 'region = "EU"  # Where the orders come from\nweeks: int = 12',
  metadata: { tags: ["parameters"] },
  outputs: [],
  execution_count: null,
}
const CHART = `import random
from IPython.display import SVG

random.seed(4)
earned = [34 + 3 * week + random.randint(-9, 9) for week in range(weeks)]
bars = "".join(
    f'<rect x="{40 * at}" y="{90 - each}" width="26" height="{each}"/>'
    for at, each in enumerate(earned)
)
namespace = "http://www.w3.org/2000/svg"
SVG(f'<svg xmlns="{namespace}" width="480" height="90" fill="#1f5a99">{bars}</svg>')`

test("a notebook as people have it: parameters, a drawing, a number, and what has changed since", async () => {
  const notebook = await stage.notebook(
    space,
    "reports/What a quarter earned.ipynb",
    { cell_type: "markdown", source: "# What a quarter earned\n\nOrders of one region, week by week. *Thousands of euros*, before tax." },
    PARAMETERS,
    CHART,
    "print(f'{region} earned {sum(earned):,} in {weeks} weeks')\nmax(earned)",
  )
  const page = await ada.open(`/notebooks/${notebook}`)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.locator("[data-cell] .cm-content").first().waitFor()
  await page.getByRole("button", { name: "Run all", exact: true }).click()
  await page.getByText(/EU earned/u).waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: /Kernel: .*idle/u }).waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: "Outline" }).click()
  expect(await inaccessible(page)).toEqual([])
  await picture(page, "notebook")
  await page.emulateMedia({ colorScheme: "dark" })
  expect(await inaccessible(page)).toEqual([])
  await picture(page, "notebook-dark")
  const { id } = await ada.api.call("launchRun", { body: { notebook, parameters: { region: "US", weeks: 8 } } })
  await ada.api.call("getRun", { params: { run: id }, query: { waitSeconds: 60, ifNotState: ["queued", "running"] } })
  await page.emulateMedia({ colorScheme: "light" })
  await page.goto(`${stage.url}/runs/${id}`)
  await settled(page)
  await page.getByText(/US earned/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await picture(page, "run")
})
