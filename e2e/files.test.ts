/** Files beside a notebook: uploaded there, read by its cells, written by them, looked at, taken along and saved into the space. */
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Files")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

const READS = "rows = open('prices.csv').read().splitlines()\nprint(len(rows), 'rows')\nopen('summary.csv', 'w').write('rows\\n%d\\n' % len(rows))"

test("a file is uploaded beside a notebook whose kernel runs already, a cell reads it and writes another, which is saved into the space", async () => {
  const notebook = await stage.notebook(space, "reports/Prices.ipynb", "print('ready')", READS)
  const page = await ada.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  await page.keyboard.press("Shift+Enter")
  await page.locator("[data-stet-outputs]").first().getByText("ready").waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: "Files", exact: true }).click()
  const panel = page.getByRole("complementary", { name: "Files" })
  await panel.getByLabel("Files to upload").setInputFiles({ name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from("price\n1\n2\n3\n") })
  await page.getByText("prices.csv is beside the notebook: cells open it by that name.").waitFor()
  await panel.getByRole("button", { name: "prices.csv", exact: true }).click()
  const sheet = page.getByRole("dialog", { name: "prices.csv" })
  await sheet.getByRole("columnheader", { name: "price" }).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.keyboard.press("Escape")
  await page
    .locator("[data-cell]")
    .nth(1)
    .click({ position: { x: 34, y: 12 } })
  await page.keyboard.press("Control+Enter")
  await page.locator("[data-stet-outputs]").getByText("4 rows").waitFor()

  const written = panel.getByRole("region", { name: "Written by cells" })
  await written.getByRole("button", { name: /^summary\.csv/u }).waitFor()
  expect(await written.getByRole("listitem").count()).toBe(1)
  expect(await inaccessible(page)).toEqual([])
  const [download] = await Promise.all([page.waitForEvent("download"), written.getByRole("link", { name: "Download summary.csv" }).click()])
  expect(download.suggestedFilename()).toBe("summary.csv")
  await written.getByRole("button", { name: "Save summary.csv into the space" }).click()
  await page.getByText(`summary.csv is saved in ${space}.`).waitFor()
  const saved = await ada.api.call("getFile", { query: { space, path: "reports/summary.csv" } })
  expect(new TextDecoder().decode(saved)).toBe("rows\n4\n")
  await written.waitFor({ state: "detached" })
})

test("a file beside a notebook is dropped in, empty as it is looked at, renamed, and thrown away and back", async () => {
  const notebook = await stage.notebook(space, "kept/Kept.ipynb", "print('ready')")
  const page = await ada.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  await page.getByRole("button", { name: "Files", exact: true }).click()
  const panel = page.getByRole("complementary", { name: "Files" })
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([""], 'Größe "a" #1 100%.txt'))
    transfer.items.add(new File(["rows"], "second.txt"))
    return transfer
  })
  await panel.getByRole("heading", { name: "Files" }).dispatchEvent("drop", { dataTransfer: dropped })
  await page.getByText("2 files are beside the notebook.").waitFor()
  await panel.getByRole("button", { name: 'Größe "a" #1 100%.txt', exact: true }).click()
  await page.getByRole("dialog").getByText("The file is empty.").waitFor()
  await page.keyboard.press("Escape")
  const act = async (file: string, what: string) => {
    await panel.getByRole("button", { name: `Actions for ${file}` }).click()
    await page.getByRole("menuitem", { name: what }).click()
  }
  await act("second.txt", "Rename or move")
  await page.getByLabel("Path in this space").fill("kept/third.txt")
  await page.keyboard.press("Enter")
  await panel.getByRole("button", { name: "third.txt", exact: true }).waitFor()
  await act("third.txt", "Move to the trash")
  await panel.getByRole("button", { name: "third.txt", exact: true }).waitFor({ state: "detached" })
  expect(await inaccessible(page)).toEqual([])
  await page.getByText("third.txt is in the trash.").locator("..").getByRole("button", { name: "Undo" }).click()
  await panel.getByRole("button", { name: "third.txt", exact: true }).waitFor()
  await page.close()
})
