/** Somebody looks at what a notebook was, what changed in it, and brings an older version back. */
import { beforeAll, expect, test } from "vitest"
import { inaccessible, ipynb, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("History")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

async function history(name: string): Promise<string> {
  const notebook = await stage.notebook(space, name, "a = 'EU'\nb = 2", "print('two')", "print('three')", "unchanged = True")
  const save = (message: string, ...cells: readonly (string | object)[]) =>
    ada.api.call("saveContent", { params: { notebook }, query: { message }, body: ipynb(...cells) })
  await save("Say where", "a = 'US'\nb = 2", "print('two')", "print('three')", "unchanged = True")
  const cell = (id: string, source: string) => ({ id, source, outputs: [], execution_count: null })
  await save(
    "Three before two",
    cell("cell-0", "a = 'US'\nb = 2"),
    cell("cell-2", "print('three')"),
    cell("cell-1", "print('two')"),
    cell("cell-3", "unchanged = True"),
    cell("cell-9", "added = 1"),
  )
  return notebook
}

test("versions stand by day with who saved them and why, and two are compared word by word", async () => {
  const notebook = await history("Compare.ipynb")
  const page = await ada.open(`/notebooks/${notebook}/versions`)
  const list = page.getByRole("navigation", { name: "Versions by day" })
  await list.getByText("Three before two").waitFor()
  expect(await list.getByRole("heading").allInnerTexts()).toEqual(["Today"])
  await page.getByRole("main").getByText("added = 1").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await list.getByRole("link", { name: /Say where/u }).click()
  await page.waitForURL(/versions\/2$/u)
  await page.getByRole("button", { name: "What changed since version 1" }).click()
  await page.waitForURL(/against=1/u)
  await page.getByText("1 cell changed").waitFor()
  expect(await page.locator("td del").allInnerTexts()).toEqual(["EU"])
  expect(await page.locator("td ins").allInnerTexts()).toEqual(["US"])
  expect(await inaccessible(page)).toEqual([])
  await page.goto(`${stage.url}/notebooks/${notebook}/versions/3?against=2`)
  await page.getByText("1 cell added").waitFor()
  expect(await page.getByText(/1 cell moved/u).count()).toBe(1)
  await page.getByRole("region", { name: /Cell \d+ → \d+, moved/u }).waitFor()
  await page.getByRole("region", { name: "Cell 5, added" }).waitFor()
  await page.close()
})

test("a version is named, its link copied, restored and the restoring undone", async () => {
  const notebook = await history("Restore.ipynb")
  const page = await ada.open(`/notebooks/${notebook}/versions/1`)
  await page.getByRole("button", { name: "Name this version" }).click()
  await page.getByLabel("Name of this version").fill("As it began")
  await page.keyboard.press("Enter")
  await page.getByRole("navigation", { name: "Versions by day" }).getByText("As it began").waitFor()
  await page.getByRole("button", { name: "More" }).click()
  await page.getByRole("menuitem", { name: "Copy link to this version" }).click()
  await page.getByText("Link to version 1 copied.").waitFor()
  // The page itself may not read the clipboard; a person pastes.
  await page.getByRole("button", { name: "Rename" }).click()
  await page.getByLabel("Name of this version").press("ControlOrMeta+V")
  expect(await page.getByLabel("Name of this version").inputValue()).toContain(`${stage.url}/notebooks/${notebook}/versions/1`)
  await page.keyboard.press("Escape")
  await page.getByRole("button", { name: "Restore" }).click()
  await page.getByText("Version 1 is back as version 4.").waitFor()
  await page.waitForURL(/versions\/4$/u)
  const content = async () => new TextDecoder().decode(await ada.api.call("getContent", { params: { notebook } }))
  expect(await content()).toContain("a = 'EU'")
  await page.getByRole("button", { name: "Undo" }).click()
  await expect.poll(content, { timeout: 15_000 }).toContain("added = 1")
  await settled(page)
  await page.close()
})

test("undoing a restore brings back what a colleague had typed and nobody had saved, and the colleague is told", async () => {
  const notebook = await history("Typed.ipynb")
  const bea = await stage.someone("Bea Quick", { space, role: "editor" })
  const desk = await bea.open(`/notebooks/${notebook}`)
  const first = desk.locator("[data-cell] .cm-content").first()
  await first.click()
  await desk.keyboard.press("Control+End")
  await desk.keyboard.type("  # not saved yet")
  await desk.getByRole("button", { name: "Save a version" }).waitFor()
  const page = await ada.open(`/notebooks/${notebook}/versions/1`)
  await page.getByRole("button", { name: "Restore" }).click()
  await page.getByText("Version 1 is back as version 5.").waitFor()
  await desk.getByText("Ada Lovelace restored version 1. What stood here until then is version 4.").waitFor()
  await page.getByRole("button", { name: "Undo" }).click()
  await page.getByText("Undone: version 4 is back as version 6.").waitFor()
  await page.waitForURL(/versions\/6$/u)
  await expect.poll(() => first.innerText()).toContain("# not saved yet")
  await settled(page)
  await Promise.all([page.close(), desk.close()])
})

test("restoring is offered where it changes something, and where not it says why", async () => {
  const notebook = await history("Offered.ipynb")
  const page = await ada.open(`/notebooks/${notebook}/versions`)
  await page.getByRole("button", { name: "Run", exact: true }).waitFor()
  const restore = page.getByRole("button", { name: "Restore" })
  await page.waitForLoadState("networkidle")
  expect(await restore.count()).toBe(0)
  const desk = await ada.open(`/notebooks/${notebook}`)
  await desk.locator("[data-cell] .cm-content").first().click()
  await desk.keyboard.press("Control+End")
  await desk.keyboard.type("  # not saved yet")
  await desk.getByRole("button", { name: "Save a version" }).waitFor()
  // The newest version is behind the draft, and the way back to it.
  await page.reload()
  await restore.click()
  await page.getByText("Version 3 is back as version 5.").waitFor()
  await page.waitForURL(/versions\/5$/u)
  await restore.waitFor({ state: "detached" })
  expect(await desk.locator("[data-cell] .cm-content").first().innerText()).not.toContain("# not saved yet")
  // Version 3 is older, and what the draft says.
  await page.goto(`${stage.url}/notebooks/${notebook}/versions/3`)
  await page.getByRole("button", { name: "Restore", disabled: true }).focus()
  await page.getByRole("tooltip", { name: "The draft says this already." }).waitFor()
  expect(await restore.getAttribute("aria-description")).toBe("The draft says this already.")
  await page.keyboard.press("Enter")
  expect(await inaccessible(page)).toEqual([])
  expect((await ada.api.call("getNotebook", { params: { notebook } })).latest).toBe(5)
  await Promise.all([page.close(), desk.close()])
})

test("of a long cell that did not change the first lines stand there, and the rest is a key away", async () => {
  const lines = Array.from({ length: 30 }, (_, at) => `step_${at + 1} = ${at + 1}`)
  const notebook = await stage.notebook(space, "Long.ipynb", lines.join("\n"), "a = 1")
  await ada.api.call("saveContent", { params: { notebook }, body: ipynb(lines.join("\n"), "a = 2") })
  const page = await ada.open(`/notebooks/${notebook}/versions/2?against=1`)
  await page.getByRole("button", { name: "Show 1 unchanged cell" }).press("Enter")
  const cell = page.getByRole("region", { name: "Cell 1, unchanged" })
  expect((await cell.locator("pre").innerText()).split("\n")).toEqual(lines.slice(0, 5))
  await page.keyboard.press("Tab")
  await page.keyboard.press("Enter")
  expect((await cell.locator("pre").innerText()).split("\n")).toEqual(lines)
  const fold = cell.getByRole("button", { name: "Show the first 5 lines alone", expanded: true })
  expect(await fold.evaluate((button) => button === document.activeElement)).toBe(true)
  await page.keyboard.press("Enter")
  await cell.getByRole("button", { name: "Show all 30 lines", expanded: false }).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.close()
})

test("whoever may only read sees versions, and is offered nothing that they may not do", async () => {
  const notebook = await history("Read.ipynb")
  const vera = await stage.someone("Vera", { space, role: "viewer" })
  const page = await vera.open(`/notebooks/${notebook}/versions/1`)
  await page.getByRole("main").getByText("unchanged = True").waitFor()
  for (const name of ["Restore", "Run", "Name this version"]) expect(await page.getByRole("button", { name, exact: true }).count(), name).toBe(0)
  await page.close()
})
