/** What everybody who comes from Jupyter does without thinking, with two thousand cells as with two. */
import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, ipynb, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Basics")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

const printed = (source: string, text: string) => ({ source, outputs: [{ output_type: "stream", name: "stdout", text }], execution_count: 1 })
const text = (source: string) => ({ cell_type: "markdown", source })
const cellAt = (page: Page, at: number): Locator => page.locator("[data-cell]").nth(at)

async function opened(notebook: string): Promise<Page> {
  const page = await ada.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

async function choose(page: Page, at: number): Promise<void> {
  await cellAt(page, at).click({ position: { x: 34, y: 12 } })
}

async function pastePicture(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas")
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"))
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([blob as Blob], "pasted.png", { type: "image/png" }))
    const target = document.activeElement ?? document.body
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))
  })
}

/** SCREENS.md, by what `?` calls them. */
const KEYS: readonly (readonly [string, string])[] = [
  ["Enter", "Edit the cell"],
  ["Escape", "Leave the editor"],
  ["A", "Insert a cell above"],
  ["B", "Insert a cell below"],
  ["X", "Cut the selected cells"],
  ["C", "Copy the selected cells"],
  ["V", "Paste cells below"],
  ["D, D", "Delete the selected cells"],
  ["Z", "Undo"],
  ["M", "Make it markdown"],
  ["Y", "Make it code"],
  ["R", "Make it raw"],
  ["Shift+Enter", "Run the cell and go to the next"],
  ["Ctrl+Enter", "Run the cell and stay"],
  ["Alt+Enter", "Run the cell and insert one below"],
  ["Shift+M", "Merge the selected cells, or with the one below"],
  ["Ctrl+Shift+-", "Split the cell at the cursor"],
  ["I, I", "Interrupt the kernel"],
  ["0, 0", "Restart the kernel"],
  ["J", "Go to the cell below"],
  ["K", "Go to the cell above"],
  ["Tab", "Complete, or indent"],
  ["Shift+Tab", "Explain what is at the cursor"],
  ["Ctrl+/", "Comment the lines out, or in"],
  ["Ctrl+S", "Save a version"],
  ["Ctrl+Shift+C", "Search commands"],
]

test("every key that Jupyter has stands behind ?, beside what it does", async () => {
  const page = await opened(await stage.notebook(space, "Keys.ipynb", "a = 1"))
  await page.keyboard.press("?")
  const dialog = page.getByRole("dialog", { name: "Keys" })
  await dialog.getByRole("option").first().waitFor()
  const shown = await dialog
    .getByRole("option")
    .evaluateAll((options) =>
      options.map((option) => [option.firstElementChild?.textContent, [...option.querySelectorAll("kbd")].map((key) => key.textContent)] as const),
    )
  const missing = KEYS.filter(([key, words]) => !shown.some(([said, keys]) => said === words && keys.includes(key)))
  expect(missing).toEqual([])
  expect(await inaccessible(page)).toEqual([])
  await page.keyboard.press("Escape")
  await page.keyboard.press("Enter")
  await page.keyboard.press("Control+/")
  await expect.poll(() => cellAt(page, 0).locator(".cm-line").first().innerText()).toBe("# a = 1")
})

test("outputs are searched as well, those of two thousand cells, drawn or not, and marked where they stand", async () => {
  const cells = Array.from({ length: 2000 }, (_, at) => printed(`step(${at})`, at === 1777 ? "the needle is here\n" : `result of ${at}\n`))
  const page = await opened((await stage.admin.call("createNotebook", { query: { space, path: "Long.ipynb" }, body: ipynb(...cells) })).notebook.id)
  await page.keyboard.press("Control+f")
  await page.getByRole("button", { name: "In outputs as well" }).click()
  await page.getByLabel("Find", { exact: true }).fill("needle")
  await page.getByRole("search").getByText("1", { exact: true }).waitFor()
  await page.getByLabel("Find", { exact: true }).press("Enter")
  await page.getByText("the needle is here").waitFor()
  await page.getByText("1 of 1", { exact: true }).waitFor()
  await expect.poll(() => page.evaluate(() => [...(CSS.highlights.get("stet-found-current") ?? [])].map(String))).toEqual(["needle"])
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("button", { name: "Close the search" }).click()
  expect(await page.evaluate(() => CSS.highlights.get("stet-found")?.size)).toBe(0)
})

test("what cells print in a session is searched as well, though nobody has scrolled there yet", async () => {
  const many = Array.from({ length: 80 }, (_, at) => `print('needle' if ${at} == 70 else ${at})`)
  const notebook = await stage.notebook(space, "Printed.ipynb", ...many)
  const first = await opened(notebook)
  await first.getByRole("button", { name: "Run all", exact: true }).click()
  // What is printed makes the page longer; the last number comes when all is done.
  const last = async () => {
    await first.locator("[data-scroller]").evaluate((element) => element.scrollTo(0, element.scrollHeight))
    return first.getByText("[80]", { exact: true }).count()
  }
  await expect.poll(last, { timeout: 60_000 }).toBe(1)
  const page = await opened(notebook)
  await page.keyboard.press("Control+f")
  await page.getByRole("button", { name: "In outputs as well" }).click()
  await page.getByLabel("Find", { exact: true }).fill("^needle$")
  await page.getByRole("button", { name: "Regular expression" }).click()
  await page.getByRole("search").getByText("1", { exact: true }).waitFor()
})

test("a picture is pasted into a text cell, and beside a cell that holds code", async () => {
  const page = await opened(await stage.notebook(space, "Pictures.ipynb", "a = 1", text("Before")))
  await choose(page, 1)
  await page.keyboard.press("Enter")
  await cellAt(page, 1).locator(".cm-content").waitFor()
  await page.keyboard.press("Control+End")
  await pastePicture(page)
  await expect.poll(() => cellAt(page, 1).locator(".cm-content").innerText()).toContain("![image.png](attachment:image.png)")
  await page.keyboard.press("Shift+Enter")
  await cellAt(page, 1).locator("img").waitFor()
  await choose(page, 0)
  await pastePicture(page)
  // Running the last cell has made one below it.
  await expect.poll(() => page.locator("[data-cell]").count()).toBe(4)
  await cellAt(page, 1).locator("img").waitFor()
  await page.keyboard.press("z")
  await expect.poll(() => page.locator("[data-cell]").count()).toBe(3)
  await expect.poll(() => cellAt(page, 1).innerText()).toContain("Before")
  // And the server takes that: nothing comes back.
  await page.waitForTimeout(400)
  expect(await page.locator("[data-cell]").count()).toBe(3)
})

test("outputs are cleared by one command, for everybody, and are back by one click", async () => {
  const notebook = await stage.notebook(space, "Cleared.ipynb", printed("1", "the first\n"), printed("2", "the second\n"))
  const page = await opened(notebook)
  await page.getByText("the second").waitFor()
  await page.getByRole("button", { name: "More about this notebook" }).click()
  await page.getByRole("menuitem", { name: "Clear all outputs" }).click()
  await page.getByText("The outputs of 2 cells are cleared.").waitFor()
  await page.getByText("the second").waitFor({ state: "detached" })
  await page.getByRole("button", { name: "Undo" }).click()
  await page.getByText("the second").waitFor()
  await page.getByText("the first").waitFor()
})

test("a cell that is cut and pasted in its notebook is moved, with what it shows; pasted once more it is a copy", async () => {
  const notebook = await stage.notebook(space, "Moved.ipynb", printed("print('salaries')", "salaries\n"), "quiet = 1")
  const page = await opened(notebook)
  await page.getByText("salaries", { exact: true }).waitFor()
  const [id] = await page.locator("[data-cell]").evaluateAll((cells) => cells.map((cell) => cell.getAttribute("data-cell")))
  await choose(page, 0)
  await page.keyboard.press("x")
  await page.getByText("salaries", { exact: true }).waitFor({ state: "detached" })
  await choose(page, 0)
  await page.keyboard.press("v")
  await page.getByText("salaries", { exact: true }).waitFor()
  const ids = () => page.locator("[data-cell]").evaluateAll((cells) => cells.map((cell) => cell.getAttribute("data-cell")))
  await expect.poll(async () => (await ids()).at(1)).toBe(id)
  expect(await page.getByText("Pasted without outputs.").count()).toBe(0)
  const kept = async () => {
    const draft = JSON.parse(new TextDecoder().decode(await ada.api.call("getDraft", { params: { notebook } })))
    return draft.cells.map((cell: { id: string; outputs: unknown[] }) => cell.outputs.length)
  }
  await expect.poll(kept).toEqual([0, 1])
  await page.keyboard.press("v")
  await page.getByText("Pasted without outputs. Run the cells to have them here.").waitFor()
  expect((await ids()).length).toBe(3)
})

test("cells that are pasted into another notebook come without what they showed, and that is said", async () => {
  const [from, into] = [
    await stage.notebook(space, "From.ipynb", printed("print('salaries')", "salaries\n"), "quiet = 1"),
    await stage.notebook(space, "Into.ipynb", "1"),
  ]
  const page = await opened(from)
  await page.getByText("salaries", { exact: true }).waitFor()
  await choose(page, 0)
  await page.keyboard.press("c")
  const there = await opened(into)
  await choose(there, 0)
  await there.keyboard.press("v")
  await there.getByText("Pasted without outputs. Run the cells to have them here.").waitFor()
  await cellAt(there, 1).getByText("print('salaries')").waitFor()
  const draft = JSON.parse(new TextDecoder().decode(await ada.api.call("getDraft", { params: { notebook: into } })))
  expect(draft.cells.map((cell: { outputs: unknown[]; metadata: unknown }) => [cell.outputs, cell.metadata])).toEqual([
    [[], {}],
    [[], {}],
  ])
  await choose(page, 1)
  await page.keyboard.press("c")
  await there.reload()
  await there.locator("[data-cell] .cm-content").first().waitFor()
  await choose(there, 1)
  await there.keyboard.press("v")
  await cellAt(there, 2).getByText("quiet = 1").waitFor()
  expect(await there.getByText(/^Pasted without/u).count()).toBe(0)
  await Promise.all([page.close(), there.close()])
})

test("cells are tagged, collapsed and shown again, and that is in the document", async () => {
  const notebook = await stage.notebook(space, "Collapsed.ipynb", printed("secret = 1", "seen\n"))
  const page = await opened(notebook)
  await page.keyboard.press("Shift+C")
  await page.getByRole("button", { name: /^secret = 1/u }).waitFor()
  await page.keyboard.press("o")
  await page.getByRole("button", { name: "Output is hidden" }).waitFor()
  await page.keyboard.press("t")
  const dialog = page.getByRole("dialog", { name: "Tags of the cell" })
  await dialog.locator("input").first().focus()
  await page.keyboard.type("draft")
  await page.keyboard.press("Enter")
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Done" }).click()
  await cellAt(page, 0).getByText("draft", { exact: true }).waitFor()
  await page.keyboard.press("Control+s")
  await expect
    .poll(async () => JSON.parse(new TextDecoder().decode(await ada.api.call("getContent", { params: { notebook } }))).cells[0].metadata)
    .toEqual({ jupyter: { source_hidden: true, outputs_hidden: true }, tags: ["draft"] })
  await page.keyboard.press("Shift+C")
  await cellAt(page, 0).locator(".cm-content").waitFor()
})

test("whoever types goes along when a colleague merges the cell, and gives no commands when a colleague deletes it", async () => {
  const notebook = await stage.notebook(space, "Typed_on.ipynb", "first = 1", "second = 2", "third = 3")
  const bea = await stage.someone("Bea Quick", { space, role: "editor" })
  const hers = await bea.open(`/notebooks/${notebook}`)
  await hers.locator("[data-cell] .cm-content").first().waitFor()
  const page = await opened(notebook)
  await cellAt(hers, 1).locator(".cm-content").click()
  await hers.keyboard.press("Control+End")
  await hers.keyboard.type("2 # twoards")
  await hers.keyboard.press("Enter")
  await hers.keyboard.type("# tw")
  // Longer than a list of words takes to stand there, and to take a key.
  await hers.waitForTimeout(500)
  await hers.keyboard.press("Enter")
  const sources = async () =>
    (JSON.parse(new TextDecoder().decode(await ada.api.call("getDraft", { params: { notebook } }))).cells as { source: string | string[] }[]).map(
      ({ source }) => [source].flat().join(""),
    )
  await expect.poll(sources).toEqual(["first = 1", "second = 22 # twoards\n# tw\n", "third = 3"])
  await choose(page, 0)
  await page.keyboard.press("Shift+M")
  await expect.poll(() => hers.locator("[data-cell]").count()).toBe(2)
  await hers.keyboard.type("more = 1")
  await expect.poll(sources).toEqual(["first = 1\n\nsecond = 22 # twoards\n# tw\nmore = 1", "third = 3"])
  await page.keyboard.press("d")
  await page.keyboard.press("d")
  await expect.poll(() => hers.locator("[data-cell]").count()).toBe(1)
  await hers.keyboard.type("by it")
  await hers.waitForTimeout(300)
  expect(await sources()).toEqual(["third = 3"])
  await Promise.all([page.close(), hers.close()])
})

test("a notebook, a version of it and the result of a run each become a notebook of one's own", async () => {
  const notebook = await stage.notebook(space, "Original.ipynb", "print('original')")
  const page = await opened(notebook)
  await page.getByRole("button", { name: "More about this notebook" }).click()
  await page.getByRole("menuitem", { name: "Make a copy" }).click()
  const dialog = page.getByRole("dialog", { name: "Make a copy" })
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Make a copy" }).click()
  await page.waitForURL((url) => url.pathname.startsWith("/notebooks/") && !url.pathname.includes(notebook))
  await page.getByText("print('original')").first().waitFor()
  await page.goto(`${stage.url}/notebooks/${notebook}/versions/1`)
  await page.getByRole("button", { name: "More", exact: true }).click()
  await page.getByRole("menuitem", { name: "Make a copy" }).click()
  await page.getByText(/^Copied to Original/u).waitFor()
  const { items } = await ada.api.call("listNotebooks", { query: { space, name: "Original" } })
  expect(items.length).toBe(3)
})

test("a long notebook is printed whole", async () => {
  const page = await opened(await stage.notebook(space, "Paper.ipynb", ...Array.from({ length: 120 }, (_, at) => `on_paper_${at} = ${at}`)))
  await page.evaluate(() => globalThis.dispatchEvent(new Event("beforeprint")))
  await page.emulateMedia({ media: "print" })
  await page.getByText("on_paper_119 = 119").waitFor()
  expect(await page.locator("[data-cell]").count()).toBe(120)
  expect(await page.getByRole("navigation", { name: "Main" }).isVisible()).toBe(false)
  expect(await page.getByRole("button", { name: "Run all" }).isVisible()).toBe(false)
})

test("at 400 % zoom a notebook, its versions and a run are read without scrolling sideways", async () => {
  const name = `A_title_without_a_blank_${"and_without_an_end".repeat(4)}.ipynb`
  const notebook = await stage.notebook(space, name, text("# Heading\n\nSome prose that is read."), "print('x' * 400)")
  const { id } = await ada.api.call("launchRun", { body: { notebook } })
  await ada.api.call("getRun", { params: { run: id }, query: { waitSeconds: 60, ifNotState: ["queued", "running"] } })
  const page = await opened(notebook)
  await page.setViewportSize({ width: 320, height: 640 })
  for (const path of [`/notebooks/${notebook}`, `/notebooks/${notebook}/versions`, `/notebooks/${notebook}/versions/1`, `/runs/${id}`]) {
    await page.goto(`${stage.url}${path}`)
    await page.locator("main").waitFor()
    await page.waitForTimeout(500)
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320])
    expect([path, await inaccessible(page)]).toEqual([path, []])
  }
})
