/** People write and run a notebook: alone, together, with the server gone, and with nothing but the keyboard. */

import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, ipynb, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let bea: Someone
let space: string
let count = 0

beforeAll(async () => {
  space = await stage.space("Writing")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
  bea = await stage.someone("Bea Quick", { space, role: "editor" })
})

type Cells = readonly (string | object)[]

async function written(...cells: Cells): Promise<string> {
  count++
  return stage.notebook(space, `Written ${count}.ipynb`, ...cells)
}

async function opened(who: Someone, notebook: string): Promise<Page> {
  const page = await who.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

const text = (source: string) => ({ cell_type: "markdown", source })
const cellAt = (page: Page, at: number): Locator => page.locator("[data-cell]").nth(at)
const outputAt = (page: Page, at: number): Locator => cellAt(page, at).locator("[data-stet-outputs]")

/** The cells as they stand, by the text of their editors. */
async function sources(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("[data-cell]")].map((cell) =>
      [...cell.querySelectorAll(".cm-line")]
        .map((line) =>
          [...line.childNodes]
            .filter((node) => !(node as HTMLElement).classList?.contains("cm-peer-caret"))
            .map((node) => node.textContent)
            .join(""),
        )
        .join("\n"),
    ),
  )
}

async function becomes<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  await expect.poll(read, { timeout: 30_000, interval: 100 }).toEqual(wanted)
}

/** The cell is chosen, and nobody types in it. */
async function choose(page: Page, at: number): Promise<void> {
  await cellAt(page, at).click({ position: { x: 34, y: 12 } })
  // A key that comes before the cell has the focus is meant for the one that had it.
  await expect.poll(() => cellAt(page, at).evaluate((cell) => cell.contains(document.activeElement))).toBe(true)
}

async function named(page: Page, at: number): Promise<string> {
  return (await cellAt(page, at).getAttribute("aria-label")) ?? ""
}

test("somebody types a cell, runs it, and sees what it prints, its number and the kernel's state", async () => {
  const page = await opened(ada, await written(""))
  await page.keyboard.press("Enter")
  await page.keyboard.type("x = 41\nprint('hello', x + 1)")
  await page.keyboard.press("Shift+Enter")
  await becomes(async () => (await outputAt(page, 0).allInnerTexts()).join("").trim(), "hello 42")
  await becomes(() => named(page, 0), "Cell 1 of 2, code, ran")
  await page.getByText("[1]").waitFor()
  await page.getByRole("button", { name: /Kernel: Python 3.*idle/u }).waitFor()
  await page.keyboard.type("1 / 0")
  await page.keyboard.press("Control+Enter")
  await becomes(() => named(page, 1), "Cell 2 of 2, code, failed, selected")
  await outputAt(page, 1).getByText("division by zero").first().waitFor()
  expect(await inaccessible(page)).toEqual([])
})

test("two people type in the same cell at once, see each other, and each undoes only what they did", async () => {
  const notebook = await written("a = 1", "b = 2")
  const hers = await opened(ada, notebook)
  const theirs = await opened(bea, notebook)
  await hers.bringToFront()
  await cellAt(hers, 0).locator(".cm-content").click()
  await hers.keyboard.press("End")
  await hers.keyboard.type(" + 100")
  await becomes(() => sources(theirs), ["a = 1 + 100", "b = 2"])
  await theirs.getByRole("button", { name: "Go to the cell of Ada Lovelace" }).waitFor()
  await theirs.bringToFront()
  await cellAt(theirs, 0).locator(".cm-content").click()
  await theirs.keyboard.press("Control+Home")
  await theirs.keyboard.type("# note\n")
  await becomes(() => sources(hers), ["# note\na = 1 + 100", "b = 2"])
  await hers.bringToFront()
  await cellAt(hers, 0).locator(".cm-content").click()
  await hers.keyboard.press("Control+z")
  await becomes(() => sources(hers), ["# note\na = 1", "b = 2"])
  await becomes(() => sources(theirs), ["# note\na = 1", "b = 2"])
})

test("a browser that is closed while a cell runs finds all it printed when it is back", async () => {
  const notebook = await written("import time\nfor i in range(6):\n    print('tick', i, flush=True)\n    time.sleep(0.5)")
  const page = await opened(ada, notebook)
  await page.keyboard.press("Control+Enter")
  await outputAt(page, 0).getByText("tick 0").waitFor({ timeout: 60_000 })
  await page.close()
  const back = await opened(ada, notebook)
  await becomes(async () => (await outputAt(back, 0).allInnerTexts()).join("").trim().split("\n").length, 6)
  await becomes(() => named(back, 0), "Cell 1 of 1, code, ran, selected")
})

test("with the server out of reach one is told within ten seconds, goes on typing, and it is all there when it is back", async () => {
  stage.expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource/u)
  const notebook = await written("a = 1")
  const hers = await opened(ada, notebook)
  const theirs = await opened(bea, notebook)
  await ada.context.setOffline(true)
  await hers.bringToFront()
  await cellAt(hers, 0).locator(".cm-content").click()
  await hers.keyboard.press("End")
  await hers.keyboard.type(" # typed away")
  await hers.getByText("The server cannot be reached").waitFor({ timeout: 10_000 })
  await cellAt(theirs, 0).locator(".cm-content").click()
  await theirs.keyboard.press("Control+Home")
  await theirs.keyboard.type("# typed meanwhile\n")
  await ada.context.setOffline(false)
  await becomes(() => sources(hers), ["# typed meanwhile\na = 1 # typed away"])
  await becomes(() => sources(theirs), ["# typed meanwhile\na = 1 # typed away"])
  await hers.getByText("The server cannot be reached").waitFor({ state: "detached" })
})

test("restart and run all: from the first cell on, with a clean kernel, and not past a cell that fails", async () => {
  const page = await opened(ada, await written("seen = globals().get('seen', 0) + 1\nprint(seen)", "raise ValueError('stop here')", "print('never')"))
  await page.keyboard.press("Control+Enter")
  await outputAt(page, 0).getByText("1").waitFor({ timeout: 60_000 })
  await page.keyboard.press("Control+Enter")
  await outputAt(page, 0).getByText("2").waitFor()
  await page.getByRole("button", { name: "More ways to run" }).click()
  await page.getByRole("menuitem", { name: "Restart the kernel and run all cells" }).click()
  await becomes(() => named(page, 1), "Cell 2 of 3, code, failed")
  expect((await outputAt(page, 0).innerText()).trim()).toBe("1")
  await becomes(async () => (await named(page, 2)).includes("was not run"), true)
})

/** By the list of commands, as one does who does not know the key. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press("P")
  await page.getByLabel("Search the commands").fill(words)
  await page.getByRole("option", { name: words }).first().waitFor()
  await page.keyboard.press("Enter")
  await page.getByRole("dialog").waitFor({ state: "detached" })
}

test("a cell that does not end is interrupted from the keyboard, and what waited behind it does not run", async () => {
  const page = await opened(ada, await written("import time\nprint('begun', flush=True)\ntime.sleep(600)", "print('never')"))
  await choose(page, 0)
  await page.keyboard.press("Shift+Enter")
  await page.keyboard.press("Control+Enter")
  await outputAt(page, 0).getByText("begun").waitFor({ timeout: 60_000 })
  await becomes(() => named(page, 1), "Cell 2 of 2, code, waits its turn, selected")
  await page.keyboard.press("i")
  await page.keyboard.press("i")
  await becomes(() => named(page, 0), "Cell 1 of 2, code, was interrupted")
  await outputAt(page, 0).getByText("KeyboardInterrupt").first().waitFor()
  await page.getByRole("button", { name: /Kernel: Python 3.*idle/u }).waitFor()
  await becomes(async () => (await named(page, 1)).includes("was not run"), true)
  await page.keyboard.press("Control+Enter")
  await outputAt(page, 1).getByText("never").waitFor()
})

test("the cells above one are run without it, and it and those below without them", async () => {
  const page = await opened(ada, await written("print('first')", "print('second')", "print('third')"))
  await choose(page, 1)
  await command(page, "Run all cells above")
  await outputAt(page, 0).getByText("first").waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: /Kernel: Python 3.*idle/u }).waitFor()
  expect([await outputAt(page, 1).count(), await outputAt(page, 2).count()]).toEqual([0, 0])
  await choose(page, 1)
  await command(page, "Run this cell and all below")
  await outputAt(page, 2).getByText("third").waitFor()
  await outputAt(page, 1).getByText("second").waitFor()
  await page.getByText("[1]").waitFor()
  await page.getByText("[3]").waitFor()
})

test("Tab completes what the kernel knows, Shift+Tab explains it, and the variables are listed with their shapes", async () => {
  const page = await opened(
    ada,
    await written(
      'thousands = [[0] * 3] * 4\ncounted_all = counted_some = 1\ndef thoroughly(what: int = 7):\n    """Looks at it from all sides."""',
      "",
    ),
  )
  await page.keyboard.press("Shift+Enter")
  await page.getByText("[1]").waitFor({ timeout: 60_000 })
  await page.keyboard.press("Enter")
  // What all begin with, then the list of them.
  await page.keyboard.type("coun")
  await page.keyboard.press("ArrowLeft")
  await page.keyboard.press("ArrowRight")
  await page.keyboard.press("Tab")
  await becomes(async () => (await sources(page))[1], "counted_")
  await page.getByRole("option", { name: "counted_all" }).waitFor()
  await page.getByRole("option", { name: "counted_some" }).click()
  await becomes(async () => (await sources(page))[1], "counted_some")
  // The only one is put in by the key alone, however quickly it is pressed.
  await page.keyboard.type("\nthoro")
  await page.keyboard.press("Tab")
  await becomes(async () => (await sources(page))[1], "counted_some\nthoroughly")
  await page.keyboard.type(", thoro")
  await page.keyboard.press("ArrowLeft")
  await page.keyboard.press("ArrowRight")
  await page.keyboard.press("Tab")
  await becomes(async () => (await sources(page))[1], "counted_some\nthoroughly, thoroughly")
  expect(await page.getByRole("listbox").count()).toBe(0)
  await page.keyboard.press("Shift+Tab")
  await page.getByText("Looks at it from all sides.", { exact: false }).first().waitFor()
  await page.keyboard.press("Escape")
  await page.keyboard.press("Escape")
  await command(page, "Show the variables")
  const listed = page.getByRole("button", { name: /^thousands/u })
  // A kernel whose machine is busy with others says that it will answer a moment later.
  const again = page.getByRole("button", { name: "Ask again", exact: true })
  await expect
    .poll(
      async () => {
        if (await again.isVisible()) await again.click()
        return listed.isVisible()
      },
      { timeout: 30_000, interval: 200 },
    )
    .toBe(true)
  expect(await listed.innerText()).toMatch(/list/u)
})

test("a cell is made the parameters cell, whose form then writes into it, and undoing takes it back", async () => {
  const page = await opened(ada, await written("top = 5", "print(top)"))
  await choose(page, 0)
  await command(page, "Make parameters cell")
  await page.getByLabel("top").fill("12")
  await page.keyboard.press("Enter")
  await becomes(async () => (await sources(page))[0], "top = 12")
  await choose(page, 1)
  await page.keyboard.press("z")
  await becomes(async () => (await sources(page))[0], "top = 5")
  await page.keyboard.press("z")
  await page.getByLabel("top").waitFor({ state: "detached" })
})

test("a cell asks for a line of text and gets it", async () => {
  const page = await opened(ada, await written("name = input('Your name? ')\nprint('hello', name)"))
  await page.keyboard.press("Control+Enter")
  await page.getByLabel("Your name?").fill("Ada", { timeout: 60_000 })
  await page.keyboard.press("Enter")
  await outputAt(page, 0).getByText("hello Ada").waitFor()
})

test("a kernel that dies says so, and is back with one click", async () => {
  const page = await opened(ada, await written("import os\nos._exit(3)", "print('alive')"))
  await page.keyboard.press("Control+Enter")
  await page.getByRole("alert").getByRole("button", { name: "Restart", exact: true }).click({ timeout: 60_000 })
  await page.getByRole("button", { name: /Kernel: .*idle/u }).waitFor({ timeout: 60_000 })
  await choose(page, 1)
  await page.keyboard.press("Control+Enter")
  await outputAt(page, 1).getByText("alive").waitFor()
})

test("who leaves an editor and moves its cell in the same instant stays outside the editor", async () => {
  const page = await opened(ada, await written("a = 1", "b = 2"))
  await page.keyboard.press("Enter")
  await page.locator(".cm-editor.cm-focused").waitFor()
  await page.evaluate(() => {
    const press = (init: KeyboardEventInit) =>
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true }))
    press({ key: "Escape", code: "Escape" })
    press({ key: "ArrowDown", code: "ArrowDown", altKey: true })
  })
  await becomes(() => sources(page), ["b = 2", "a = 1"])
  await page.keyboard.press("z")
  await becomes(() => sources(page), ["a = 1", "b = 2"])
})

test("cells are split, merged, moved, retyped, copied, deleted and brought back by keyboard alone", async () => {
  const page = await opened(ada, await written("a = 1\nb = 2", "c = 3"))
  await page.keyboard.press("Enter")
  await page.keyboard.press("Control+Home")
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Control+Shift+Minus")
  await becomes(() => sources(page), ["a = 1", "b = 2", "c = 3"])
  await page.keyboard.press("Escape")
  await page.keyboard.press("Alt+ArrowDown")
  await becomes(() => sources(page), ["a = 1", "c = 3", "b = 2"])
  await page.keyboard.press("Shift+ArrowUp")
  await page.keyboard.press("Shift+M")
  await becomes(() => sources(page), ["a = 1", "c = 3\n\nb = 2"])
  await page.keyboard.press("z")
  await becomes(() => sources(page), ["a = 1", "c = 3", "b = 2"])
  await choose(page, 0)
  await page.keyboard.press("Shift+ArrowDown")
  await page.keyboard.press("c")
  await page.keyboard.press("v")
  await becomes(() => sources(page), ["a = 1", "c = 3", "a = 1", "c = 3", "b = 2"])
  await page.keyboard.press("d")
  await page.keyboard.press("d")
  await becomes(() => sources(page), ["a = 1", "c = 3", "b = 2"])
  await page.keyboard.press("z")
  await becomes(() => sources(page), ["a = 1", "c = 3", "a = 1", "c = 3", "b = 2"])
  await choose(page, 0)
  await page.keyboard.press("2")
  await page.getByRole("heading", { name: "a = 1", level: 2 }).waitFor()
})

test("cells go to another notebook over the clipboard", async () => {
  const from = await opened(ada, await written("copied = True", text("# Copied as well")))
  await from.keyboard.press("Shift+ArrowDown")
  await from.keyboard.press("Control+c")
  const to = await opened(ada, await written("here = 1"))
  await to.bringToFront()
  await to.keyboard.press("Control+v")
  await to.getByRole("heading", { name: "Copied as well" }).waitFor()
  await becomes(async () => (await sources(to)).slice(0, 2), ["here = 1", "copied = True"])
})

test("find and replace reaches cells that are not drawn, and all of it is one step of undo", async () => {
  const many = Array.from({ length: 120 }, (_, at) => `total_${at} = total + ${at}`)
  const notebook = await written(...many)
  const page = await opened(ada, notebook)
  await page.keyboard.press("Control+h")
  await page.getByLabel("Find", { exact: true }).fill("total")
  await page.getByLabel("Whole words").click()
  await page.getByText("120", { exact: true }).waitFor()
  await page.getByLabel("Find", { exact: true }).press("Enter")
  await page.getByLabel("Replace with").fill("sum_of_all")
  await page.getByRole("button", { name: "Replace all" }).click()
  await page.getByText("120 cells were changed.").waitFor()
  await becomes(async () => (await sources(page))[0], "total_0 = sum_of_all + 0")
  await page.getByRole("button", { name: "Undo" }).click()
  await becomes(async () => (await sources(page))[0], "total_0 = total + 0")
  await page.getByRole("button", { name: "Close the search" }).click()
  await page.keyboard.press("End")
  await page.locator("[data-cell]").last().getByText("total_119 = total + 119").waitFor()
})

test("what was edited since it ran, and what uses it, is marked", async () => {
  const page = await opened(ada, await written("base = 2", "double = base * 2", "print(double)"))
  await page.getByRole("button", { name: "Run all", exact: true }).click()
  await outputAt(page, 2).getByText("4").waitFor({ timeout: 60_000 })
  await cellAt(page, 0).locator(".cm-content").click()
  await page.keyboard.press("End")
  await page.keyboard.type("1")
  await becomes(() => named(page, 0), "Cell 1 of 3, code, ran, edited since it ran, selected")
  await becomes(() => named(page, 1), "Cell 2 of 3, code, ran, uses base, which has changed since it ran")
  await becomes(() => named(page, 2), "Cell 3 of 3, code, ran, uses double, which has changed since it ran")
})

test("a version is saved with Ctrl+S, named, and the page says what is saved", async () => {
  const page = await opened(ada, await written("a = 1"))
  await page.getByText(/Saved as version 1/u).waitFor()
  await cellAt(page, 0).locator(".cm-content").click()
  await page.keyboard.type("b")
  await page.getByRole("button", { name: "Save a version" }).waitFor()
  // However much stands beside it, the name of the notebook can be read.
  const name = page.locator("nav [aria-current=page]")
  expect(await name.evaluate((one) => [one.textContent, one.scrollWidth <= one.clientWidth])).toEqual([await name.getAttribute("title"), true])
  await page.keyboard.press("Control+s")
  await page.getByText("Saved as version 2.").waitFor()
  await page.getByText(/Saved as version 2,/u).waitFor()
  await page.keyboard.press("Control+Shift+s")
  await page.getByLabel("Name").fill("Before the review")
  await page.getByRole("button", { name: "Save", exact: true }).click()
  await page
    .getByText(/Before the review/u)
    .first()
    .waitFor()
})

test("who may only read sees it all, is told so, and can change nothing", async () => {
  const notebook = await written("a = 1", text("# Read me"))
  const viewer = await stage.someone("Vic Reader", { space, role: "viewer" })
  const page = await viewer.open(`/notebooks/${notebook}`)
  await page.getByText("You may read this notebook.").waitFor()
  await page.locator("[data-cell] .cm-content").first().waitFor()
  expect(await page.locator(".cm-content").first().getAttribute("contenteditable")).toBe("false")
  expect(await page.getByRole("button", { name: "Run all" }).count()).toBe(0)
  await page.keyboard.press("b")
  await page.keyboard.press("d")
  await page.keyboard.press("d")
  expect(await page.locator("[data-cell]").count()).toBe(2)
  expect(await inaccessible(page)).toEqual([])
})

test("whose right to edit is taken away sees it at once, and what they type then changes nothing", async () => {
  const notebook = await written("a = 1")
  const cy = await stage.someone("Cy Leaving", { space, role: "editor" })
  const page = await opened(cy, notebook)
  const others = await opened(ada, notebook)
  await cellAt(page, 0).locator(".cm-content").click()
  await stage.admin.call("grant", { params: { space }, body: { person: cy.id, role: "viewer" } })
  await page.keyboard.type("# too late ")
  await page.getByText("You may read this notebook.").waitFor()
  await becomes(() => sources(page), ["a = 1"])
  await becomes(() => sources(others), ["a = 1"])
})

test("what was typed while the server was away and is not taken when it is back is offered as a copy", async () => {
  stage.expectTrouble(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load resource/u)
  const notebook = await written("a = 1")
  const dee = await stage.someone("Dee Part", { space, role: "editor" })
  const page = await opened(dee, notebook)
  await dee.context.setOffline(true)
  // Before it is said, what is typed may still go through, and is taken.
  await page.getByText("The server cannot be reached").waitFor({ timeout: 10_000 })
  await cellAt(page, 0).locator(".cm-content").click()
  await page.keyboard.press("End")
  await page.keyboard.type(" + hours_of_work")
  await stage.admin.call("grant", { params: { space }, body: { person: dee.id, role: "viewer" } })
  await dee.context.setOffline(false)
  const dialog = page.getByRole("dialog", { name: "An edit was not taken" })
  await dialog.getByText("a = 1 + hours_of_work").waitFor({ timeout: 30_000 })
  await dialog.getByRole("button", { name: "Copy the text" }).click()
  await becomes(() => sources(page), ["a = 1"])
  await page.keyboard.press("Control+f")
  await page.keyboard.press("Control+v")
  await becomes(() => page.getByLabel("Find", { exact: true }).inputValue(), "a = 1 + hours_of_work")
})

test("a page that was open while Stet was updated keeps what is typed, says that it is old, and is whole again when it is loaded anew", async () => {
  const notebook = await written("a = 1")
  const fay = await stage.someone("Fay Early", { space, role: "editor" })
  // Once, it opens its connection as a page of an earlier Stet did: without a word of the rules by which it edits.
  await fay.context.addInitScript(() => {
    if (!location.pathname.startsWith("/notebooks/") || sessionStorage.getItem("was-old")) return
    sessionStorage.setItem("was-old", "yes")
    const Now = globalThis.WebSocket
    globalThis.WebSocket = class extends Now {
      constructor(url: string | URL) {
        super(String(url).replace(/[?]rules=[0-9]+$/u, ""))
      }
    }
  })
  const page = await opened(fay, notebook)
  const others = await opened(ada, notebook)
  await page.getByText("Stet has been updated since this page was opened.").waitFor()
  await cellAt(page, 0).locator(".cm-content").click()
  await page.keyboard.press("End")
  await page.keyboard.type(" + hours_of_work")
  await becomes(() => sources(others), ["a = 1 + hours_of_work"])
  await page.keyboard.press("Home")
  await page.keyboard.press("Control+Shift+Minus")
  const dialog = page.getByRole("dialog", { name: "An edit was not taken" })
  await dialog.getByText("Reload it and do it again").waitFor()
  await becomes(() => sources(others), ["a = 1 + hours_of_work"])
  await dialog.getByRole("button", { name: "Copy the text" }).click()
  await page.getByRole("button", { name: "Reload", exact: true }).click()
  await page.getByText("Stet has been updated since this page was opened.").waitFor({ state: "detached" })
  await becomes(() => sources(page), ["a = 1 + hours_of_work"])
  await cellAt(page, 0).locator(".cm-content").click()
  await page.keyboard.press("End")
  await page.keyboard.press("Control+Shift+Minus")
  for (const each of [page, others]) await becomes(() => sources(each), ["a = 1 + hours_of_work", ""])
})

test("parameters are edited in a form, which writes them into the source", async () => {
  const parameters = { source: 'region = "EU"\ntop: int = 5', outputs: [], execution_count: null, metadata: { tags: ["parameters"] } }
  const page = await opened(ada, await written(parameters))
  await page.getByLabel("top").fill("12")
  await page.keyboard.press("Enter")
  await page.getByLabel("region").fill('U"S')
  await page.keyboard.press("Enter")
  await becomes(() => sources(page), ['region = "U\\"S"\ntop: int = 12'])
  await page.getByLabel("top").fill("many")
  await page.keyboard.press("Enter")
  await page.getByText("This is not a number.").waitFor()
})

test("something is said about a cell, which then says so", async () => {
  const page = await opened(ada, await written("a = 1", "b = 2"))
  await choose(page, 1)
  await page.getByRole("button", { name: "Comments", exact: true }).click()
  const rail = page.getByRole("complementary", { name: "Comments" })
  await rail.getByLabel("Comment on cell 2").fill("Is this in euros?")
  await rail.getByRole("button", { name: "Comment", exact: true }).click()
  await cellAt(page, 1)
    .getByRole("button", { name: /^1 .* on this cell$/u })
    .waitFor()
  expect(await inaccessible(page)).toEqual([])
})

test("every key is on the page behind ?, and a command is given from there", async () => {
  const page = await opened(ada, await written("a = 1", "b = 2"))
  await page.keyboard.press("?")
  const dialog = page.getByRole("dialog", { name: "Keys" })
  await dialog.getByText("Split the cell at the cursor").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.getByLabel("Search the commands").fill("insert above")
  await page.keyboard.press("Enter")
  await becomes(async () => (await sources(page)).length, 3)
})

test("forty cells of every state are free of barriers, in both colours", async () => {
  const cells = Array.from({ length: 40 }, (_, at) => (at % 5 === 0 ? text(`## Part ${at}\n\nSome *prose*.`) : `print(${at})`))
  const page = await opened(ada, await written(...cells))
  await page.getByRole("button", { name: "Run all", exact: true }).click()
  await page.getByRole("button", { name: /Kernel: .*idle/u }).waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: "Outline" }).click()
  expect(await inaccessible(page)).toEqual([])
  await page.emulateMedia({ colorScheme: "dark" })
  expect(await inaccessible(page)).toEqual([])
})

test("ten thousand cells open, scroll and are found from end to end", async () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `value_${at} = ${at}`)
  count++
  const { notebook } = await stage.admin.call("createNotebook", { query: { space, path: `Long ${count}.ipynb` }, body: ipynb(...many) })
  const page = await opened(ada, notebook.id)
  expect(await page.locator("[data-cell]").count()).toBeLessThan(120)
  await page.keyboard.press("End")
  await page.getByText("value_9999 = 9999").waitFor()
  await page.keyboard.press("Home")
  await page.getByText("value_0 = 0").waitFor()
})
