/** What stands in the way of running a notebook again is found while somebody types, mended from the panel, and proved by a run. */
import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string
let count = 0

beforeAll(async () => {
  space = await stage.space("Ready")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

async function opened(who: Someone, ...cells: readonly string[]): Promise<Page> {
  count++
  const page = await who.open(`/notebooks/${await stage.notebook(space, `Ready ${count}.ipynb`, ...cells)}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

const panel = (page: Page): Locator => page.getByRole("complementary", { name: "Readiness" })
const tab = (page: Page): Locator => page.getByRole("toolbar", { name: "Panels" }).getByRole("button", { name: /^Readiness/u })
const sources = (page: Page): Promise<readonly string[]> => page.locator("[data-cell] .cm-content").allInnerTexts()

async function becomes<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  await expect.poll(read, { timeout: 30_000, interval: 100 }).toEqual(wanted)
}

test("a name that is defined further down is found as it is typed; the fix moves its cell, and Undo brings both back", async () => {
  const page = await opened(ada, "", "rate = 0.2", "total = 3")
  await tab(page).click()
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
  await page.locator("[data-cell] .cm-content").first().click()
  await page.keyboard.type("print(total)")
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
  await tab(page)
    .and(page.getByRole("button", { name: "Readiness, 1 breaks a rerun" }))
    .waitFor()
  expect(await page.locator(".cm-breaks").allInnerTexts()).toEqual(["total"])
  await page.getByRole("button", { name: /^Breaks a rerun: total is defined only in cell 3/u }).waitFor()
  expect(await inaccessible(page)).toEqual([])

  await panel(page).getByRole("button", { name: "Move cell 3 above cell 1" }).click()
  await panel(page).getByText("Cell 3 moves above cell 1").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await panel(page).getByRole("button", { name: "Apply" }).click()
  await becomes(() => sources(page), ["total = 3", "print(total)", "rate = 0.2"])
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
  expect(await page.locator(".cm-breaks").count()).toBe(0)

  await page.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Undo" }).click()
  await becomes(() => sources(page), ["print(total)", "rate = 0.2", "total = 3"])
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
})

test("what is no problem here is let stand with a reason, which the notebook keeps, and is taken up again", async () => {
  const page = await opened(ada, "print(missing)")
  await tab(page).click()
  const group = (name: string) => panel(page).getByRole("region", { name })
  await group("Breaks a rerun").getByRole("button", { name: "Not a problem here…" }).click()
  await page.getByRole("textbox", { name: "Why is it no problem here?" }).fill("The launcher sets it.")
  expect(await inaccessible(page)).toEqual([])
  await page.keyboard.press("Enter")
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
  await group("Let stand").getByText("The launcher sets it.").waitFor()
  expect(await page.locator(".cm-breaks").count()).toBe(0)
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Undo" }).click()
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
  await group("Breaks a rerun").getByRole("button", { name: "Not a problem here…" }).click()
  await page.getByRole("textbox", { name: "Why is it no problem here?" }).fill("It is said elsewhere.")
  await group("Breaks a rerun").getByRole("button", { name: "Let it stand" }).click()
  await group("Let stand").getByRole("button", { name: "Take it up again" }).click()
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
})

test("a finding leads to its place: the cell is in sight and what is meant is selected", async () => {
  const page = await opened(ada, ...Array.from({ length: 40 }, (_, at) => `value_${at} = ${at}`), "a = 1\nprint(value_1, missing)")
  await tab(page).click()
  await panel(page)
    .getByRole("button", { name: /Cell 41, line 2/u })
    .click()
  const cell = page.locator('[data-cell="cell-40"]')
  await cell.locator(".cm-editor.cm-focused").waitFor()
  await becomes(() => page.evaluate(() => globalThis.getSelection()?.toString() ?? ""), "missing")
  // What is typed now stands in its place.
  await page.keyboard.type("a")
  await becomes(() => cell.locator(".cm-content").innerText(), "a = 1\nprint(value_1, a)")
  await panel(page).getByText("Nothing was found that breaks a rerun.").waitFor()
})

test("a run from a fresh kernel proves it: what it would write is asked first, and how it ended stands in the panel", async () => {
  const page = await opened(ada, "from pathlib import Path", "Path('out.txt').write_text('x')", "1 / 0")
  await tab(page).click()
  await panel(page).getByRole("button", { name: "Run it afresh" }).click()
  const dialog = page.getByRole("dialog", { name: "Run it afresh?" })
  await dialog.getByText(/^Cell 2 writes files/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Run it all the same" }).click()
  const proof = panel(page).getByRole("region", { name: "Proof" })
  await proof.getByRole("status").getByText("failed", { exact: true }).waitFor({ timeout: 60_000 })
  await proof.getByText("Version 1 does not rerun.").waitFor()
  await proof.getByText(/^Cell 3: ZeroDivisionError: division by zero$/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await proof.getByRole("link", { name: "Open the run" }).click()
  await page.waitForURL(/\/runs\//u)
})

test("what the notebook has no value of its own for is asked for, with what it writes, and stands in the proof", async () => {
  const declared = {
    cell_type: "code",
    source: "region: str  # which one\nof: int = 2",
    metadata: { tags: ["parameters"] },
    outputs: [],
    execution_count: null,
  }
  const id = await stage.notebook(space, "Asked.ipynb", declared, "print(region, of)", "open('out.txt', 'w').write(region)")
  const page = await ada.open(`/notebooks/${id}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  await tab(page).click()
  await panel(page).getByRole("button", { name: "Run it afresh" }).click()
  const dialog = page.getByRole("dialog", { name: "Run it afresh?" })
  await dialog.getByText(/^Cell 3 writes files/u).waitFor()
  expect(await dialog.getByRole("textbox").count()).toBe(1)
  await dialog.getByRole("button", { name: "Run it all the same" }).click()
  await dialog.getByText("Give a value: the notebook has none of its own for region.").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("textbox", { name: /^region/u }).fill("EU")
  await dialog.getByRole("button", { name: "Run it all the same" }).click()
  const proof = panel(page).getByRole("region", { name: "Proof" })
  await proof.getByText("Version 1 ran from a fresh kernel to its end. It holds no outputs to compare with.").waitFor({ timeout: 60_000 })
  await becomes(() => proof.locator("dl").innerText(), "region\nEU")
  expect(await inaccessible(page)).toEqual([])

  // The same is asked where it is proposed, as long as no test case says it.
  await page.getByRole("button", { name: "More about this notebook" }).click()
  await page.getByRole("menuitem", { name: "Propose as template…" }).click()
  const propose = page.getByRole("dialog", { name: "Propose version 1 as a template" })
  await propose.getByRole("button", { name: "Propose", exact: true }).click()
  await propose.getByText("Give a value: the notebook has none of its own for region.").waitFor()
  await propose.getByRole("textbox", { name: /^region/u }).fill("US")
  await propose.getByRole("button", { name: "Propose", exact: true }).click()
  await page.waitForURL(/\/proposals\//u)
  await page.getByRole("region", { name: "Runs that prove it" }).getByText("region = US").waitFor()
  expect(await inaccessible(page)).toEqual([])
})

const printed = (source: string, text: string) => ({
  cell_type: "code",
  source,
  outputs: [{ output_type: "stream", name: "stdout", text }],
  execution_count: 1,
})

test("run twice, what has changed is told from what is chance, cell by cell, and everybody sees it", async () => {
  const id = await stage.notebook(
    space,
    "Proven.ipynb",
    printed("print('same')", "same\n"),
    printed("import random\nprint(random.random())", "0.5\n"),
    printed("print(2)", "1\n"),
  )
  const page = await ada.open(`/notebooks/${id}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  await tab(page).click()
  await panel(page).getByLabel("Twice, to tell chance from change").check()
  await panel(page).getByRole("button", { name: "Run it afresh" }).click()
  const proof = panel(page).getByRole("region", { name: "Proof" })
  await proof
    .getByText("Version 1 ran twice from a fresh kernel. 1 cell shows something else, 1 comes out otherwise each time.")
    .waitFor({ timeout: 60_000 })
  const apart = proof.getByRole("list", { name: "Not shown again" }).getByRole("button")
  expect(await apart.allInnerTexts()).toEqual([
    expect.stringMatching(/^Cell 2, otherwise each time\n/u),
    expect.stringMatching(/^Cell 3, something else\nLine 1 of the standard output was “1” and is “2”\.$/u),
  ])
  expect(await inaccessible(page)).toEqual([])
  await apart.last().click()
  await page.locator('[data-cell="cell-2"][data-active], [data-cell="cell-2"]:focus-within').first().waitFor()

  const vera = await stage.someone("Vera Rubin", { space, role: "viewer" })
  const seen = await vera.open(`/notebooks/${id}`)
  await tab(seen).click()
  await panel(seen)
    .getByRole("region", { name: "Proof" })
    .getByText(/^Asked for by Ada Lovelace, of version 1 in /u)
    .waitFor()
  expect(await panel(seen).getByRole("button", { name: "Run it afresh" }).count()).toBe(0)
  await seen.goto(new URL(`/notebooks/${id}/versions/1`, seen.url()).href)
  await seen.getByText(/^tried by Ada Lovelace, .* in python3, CPython/u).waitFor()
})

const LENDS = "import sys, types\nsys.modules['stet_lent'] = types.ModuleType('stet_lent')"

test("the margin knows which files lie beside the notebook and what its environment has, and that a cell which just ran has what it imports", async () => {
  const page = await opened(ada, LENDS, "import stet_lent", "import stet_gone", "rows = open('prices.csv').read()")
  await tab(page).click()
  const breaks = panel(page).getByRole("region", { name: "Breaks a rerun" }).getByRole("listitem")
  const file = breaks.filter({ hasText: "There is no file prices.csv where the notebook runs." })
  await file.waitFor()
  await page.getByRole("button", { name: /^Breaks a rerun: There is no file prices\.csv/u }).waitFor()
  await tab(page).click()
  await page.getByRole("button", { name: "Files", exact: true }).click()
  const files = page.getByRole("complementary", { name: "Files" })
  await files.getByLabel("Files to upload").setInputFiles({ name: "prices.csv", mimeType: "text/csv", buffer: Buffer.from("price\n1\n") })
  await page.getByText("prices.csv is beside the notebook: cells open it by that name.").waitFor()
  await tab(page).click()
  await file.waitFor({ state: "detached" })

  // What the environment has is known from its first use on.
  await page.locator("[data-cell] .cm-content").first().click()
  await page.keyboard.press("Shift+Enter")
  const missing = (name: string) => breaks.filter({ hasText: `The environment has no ${name}.` })
  await missing("stet_lent").waitFor({ timeout: 60_000 })
  await missing("stet_gone").waitFor()
  await panel(page).getByText("Not known before it runs: whether services are there, and what the data says.").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.keyboard.press("Shift+Enter")
  await missing("stet_lent").waitFor({ state: "detached" })
  expect(await missing("stet_gone").count()).toBe(1)
  await panel(page).getByText("1 finding breaks a rerun.").waitFor()
})

test("what is around is asked for again when the notebook asks for another kernel, without any session", async () => {
  const page = await opened(ada, "import stet_gone")
  const asked = () => page.waitForResponse((one) => one.url().endsWith("/surroundings") && one.status() < 400)
  const first = asked()
  await page.reload()
  await first
  await page.getByRole("button", { name: "Environment", exact: true }).click()
  for (const name of [/^Bash/u, /^(?:R|Deno)/u]) {
    const again = asked()
    await page.getByRole("combobox", { name: "Kernel of the notebook" }).click()
    await page.getByRole("option", { name }).first().click()
    await again
  }
})
