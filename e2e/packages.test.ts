/** A cell wants a package that is not there: what leads from the error to a session that has it. The package is a real one. */
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Packages")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

test("a missing package is listed from below its error, with whatever else is imported, and the next session has it", async () => {
  const id = await stage.notebook(space, "Counted.ipynb", "import humanize, json\nhumanize.intcomma(1234567)")
  const page = await ada.open(`/notebooks/${id}`)
  await page.getByRole("button", { name: "Run all", exact: true }).click()
  await page.getByText("There is no humanize in the environment of this session, nor beside the notebook.").waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: "Packages of this notebook…" }).click()
  const list = page.getByRole("textbox", { name: "Packages of this notebook" })
  await page.getByRole("button", { name: "Add what is imported: humanize" }).click()
  expect(await list.inputValue()).toBe("humanize")
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("button", { name: "Use them in a new session" }).click()
  await page.getByText("A session starts.").waitFor()
  await page.getByText("A session starts.").waitFor({ state: "hidden", timeout: 120_000 })
  await page.getByRole("button", { name: "Run all", exact: true }).click()
  await page.getByText("'1,234,567'").waitFor({ timeout: 60_000 })
  expect(await page.getByRole("button", { name: /Add what is imported/ }).count()).toBe(0)

  // It goes with the notebook.
  await expect.poll(async () => (await ada.api.call("getNotebook", { params: { notebook: id } })).latest, { timeout: 20_000 }).toBe(2)

  // Whoever looks for it among others knows it by what is in it.
  const anew = await ada.open(`/notebooks/${id}?rail=environment`)
  await anew.getByRole("combobox", { name: "Run the session in" }).click()
  await anew.getByRole("option", { name: "humanize (python3)" }).first().waitFor()
}, 300_000)

test("a run that wanted for a package names it, says which cell that was in both ways of counting, and leads to the list of packages", async () => {
  const id = await stage.notebook(space, "Wanting.ipynb", { cell_type: "markdown", source: "# Wanting" }, "a = 1", "import no_such_package_here")
  const { id: run } = await ada.api.call("launchRun", { body: { notebook: id } })
  await expect.poll(async () => (await ada.api.call("getRun", { params: { run } })).state, { timeout: 60_000 }).toBe("failed")
  const page = await ada.open(`/runs/${run}`)
  const happened = page.getByRole("region", { name: "What happened" })
  await happened.getByText("There is no no_such_package_here in the environment of this run, nor beside the notebook.").waitFor()
  await happened.getByRole("button", { name: "Show cell 3, which is In [2], in the notebook" }).waitFor()
  await page.getByText("cell 3 · failed").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await happened.getByRole("link", { name: "packages of this notebook" }).click()
  await page.getByRole("textbox", { name: "Packages of this notebook" }).waitFor()

  const reader = await stage.someone("Vic Viewer", { space, role: "viewer" })
  const theirs = await reader.open(`/runs/${run}`)
  await theirs.getByText("Who edits the notebook adds it to its packages.").waitFor()
})

test("what a cell lists counts from the next session on, before it is in any version", async () => {
  const id = await stage.notebook(space, "In a block.ipynb", "", "import humanize\nhumanize.intcomma(7654321)")
  const page = await ada.open(`/notebooks/${id}`)
  await page.locator("article").first().locator(".cm-content").click()
  await page.keyboard.insertText('# /// script\n# dependencies = ["humanize"]\n# ///')
  await page.keyboard.press("Shift+Enter")
  await page.keyboard.press("Shift+Enter")
  await page.getByText("'7,654,321'").waitFor({ timeout: 120_000 })
  await page.getByRole("button", { name: "Environment", exact: true }).click()
  await page.getByText(/The cell with .* lists them/).waitFor()
}, 300_000)
