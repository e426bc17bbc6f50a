import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { page as pageOf } from "#page/index.ts"
import { inaccessible, ipynb, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
const LONG = `A title that somebody wrote without ever coming to an end ${"and_without_a_blank".repeat(6)}`
let space: string
let ada: Someone

beforeAll(async () => {
  space = await stage.space("Looks")
  ada = await stage.someone("Wolfeschlegelsteinhausenbergerdorff the Elder of Somewhere", { space, role: "admin" })
  await stage.notebook(space, `${LONG.slice(0, 150)}.ipynb`, { cell_type: "markdown", source: `# ${LONG}` })
  await stage.notebook(space, "تقرير المبيعات.ipynb", { cell_type: "markdown", source: "# تقرير المبيعات للربع الأول" })
  await stage.admin.call("putFile", { query: { space, path: "data/long_column.csv" }, body: new TextEncoder().encode(`${"column,".repeat(40)}\n`) })
})

const screens = () => [
  "/",
  "/inbox",
  "/templates",
  "/spaces",
  `/spaces/${space}`,
  "/trash",
  "/search?q=title",
  "/runs",
  "/settings/profile",
  "/settings/tokens",
  "/settings/people",
]

/** What makes the page wider than its window; nothing when it is not. */
function overflow(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1)
    return wide.slice(0, 6).map((one) => `${one.tagName} ${one.className}: ${(one.textContent ?? "").slice(0, 40)}`)
  })
}

test("at 400 % zoom, which is 320 pixels, nothing scrolls sideways, whatever the names", async () => {
  const page = await ada.open("/")
  await page.setViewportSize({ width: 320, height: 700 })
  const wide: string[] = []
  for (const path of screens()) {
    await page.goto(`${stage.url}${path}`)
    await page.locator("main").waitFor()
    await settled(page)
    wide.push(...(await overflow(page)).map((one) => `${path} ${one}`))
  }
  expect(wide).toEqual([])
  await page.goto(`${stage.url}/`)
  await page.getByRole("button", { name: "Menu" }).click()
  await page.getByRole("dialog").getByRole("link", { name: "Runs" }).click()
  await page.waitForURL(/\/runs$/)
})

test("at 320 pixels a notebook takes the whole width, dialogs and comparisons stay in the window, and of every name enough is there to be read", async () => {
  const id = await stage.notebook(space, "narrow.ipynb", "print(1)", `total = ${"compute_something(1, 2) + ".repeat(8)}1`)
  await stage.admin.call("createNotebook", { query: { space, path: "narrow.ipynb" }, body: ipynb("print(2)") })
  const page = await ada.open(`/notebooks/${id}`)
  await page.setViewportSize({ width: 320, height: 700 })
  const cell = page.locator("article").first()
  await cell.waitFor()
  expect((await cell.boundingBox())?.width).toBeGreaterThan(280)
  const crumb = page.getByRole("navigation", { name: "Where" }).getByRole("link").first()
  expect((await crumb.boundingBox())?.width).toBeGreaterThanOrEqual(40)

  await page.goto(`${stage.url}/notebooks/${id}/versions/2`)
  await page.getByRole("button", { name: /^What changed since/ }).click()
  await page.getByText("Cell 1, changed").waitFor()
  expect(await overflow(page)).toEqual([])

  await page.goto(`${stage.url}/spaces/${space}`)
  await page.getByRole("button", { name: "More", exact: true }).click()
  await page.getByRole("menuitem", { name: "Share" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByRole("button", { name: "Give" }).waitFor()
  const inside = await dialog.evaluate((one) =>
    [...one.querySelectorAll("form, input, p, li")].filter((part) => part.getBoundingClientRect().right > 320),
  )
  expect(inside).toHaveLength(0)
})

test("the names of those who are at a cell end within the window, however long and however wide it is", async () => {
  const id = await stage.notebook(space, "named.ipynb", "one = 1", "two = 2")
  const names = ["Wolfeschlegelsteinhausenbergerdorff Hubert Blaine the Elder", "María del Carmen Fernández-Villaverde y Gutiérrez de los Ríos", "Jo"]
  const theirs = []
  for (const name of names) {
    const one = await (await stage.someone(name, { space, role: "editor" })).open(`/notebooks/${id}`)
    await one.locator("[data-cell] .cm-content").first().click()
    await one.keyboard.press("End")
    theirs.push(one)
  }
  const page = await ada.open(`/notebooks/${id}`)
  const flags = page.locator("[data-cell]").first().locator("bdi")
  await expect.poll(async () => (await flags.allInnerTexts()).toSorted(), { timeout: 15_000 }).toEqual(names.toSorted())
  const line = page.locator("[data-cell] .cm-line").first()
  for (const width of [320, 390, 700, 1280, 1481, 1700]) {
    await page.setViewportSize({ width, height: 700 })
    const [from, until] = await page
      .locator("[data-scroller]")
      .evaluate((room) => [room.getBoundingClientRect().left, room.getBoundingClientRect().left + room.clientWidth])
    for (const { left, right } of await flags.evaluateAll((all) => all.map((flag) => flag.parentElement?.getBoundingClientRect() ?? new DOMRect())))
      expect([width, left >= (from ?? 0), right <= (until ?? 0), right - left >= 28]).toEqual([width, true, true, true])
    // Nor does the one beside a cursor give the editor something to scroll to.
    expect(
      await page
        .locator(".cm-scroller")
        .first()
        .evaluate((one) => one.scrollWidth - one.clientWidth),
    ).toBe(0)
    await line.hover()
    expect((await line.locator(".cm-peer-name").first().boundingBox())?.width).toBeLessThanOrEqual(180)
    await page.mouse.move(0, 0)
  }
  await Promise.all([page, ...theirs].map((one) => one.close()))
})

const COLOURS = "\u001b[38;5;28;01mdark green\u001b[0m \u001b[38;5;18mnavy\u001b[0m \u001b[38;5;226myellow\u001b[0m\n"

test("a colour that was chosen for white paper is legible in the dark, and one for a dark screen by day, also on a page that stands alone", async () => {
  const outputs = [{ output_type: "stream", name: "stdout", text: COLOURS }] as const
  const alone = await (await stage.stranger()).newPage()
  const cells = [{ id: "one", cell_type: "code", metadata: {}, source: "f()", execution_count: 1, outputs }] as const
  await alone.setContent(pageOf({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }))
  for (const colorScheme of ["light", "dark"] as const) {
    await alone.emulateMedia({ colorScheme })
    expect([colorScheme, await inaccessible(alone)]).toEqual([colorScheme, []])
  }
  const id = await stage.notebook(space, "colours.ipynb", { source: "f()", execution_count: 1, outputs })
  const page = await ada.open(`/notebooks/${id}`)
  await page.emulateMedia({ colorScheme: "dark" })
  await page.getByText("dark green").waitFor()
  expect(await inaccessible(page)).toEqual([])
})

test("in the dark every screen is as legible as by day", async () => {
  const page = await ada.open("/")
  await page.emulateMedia({ colorScheme: "dark" })
  for (const path of screens()) {
    await page.goto(`${stage.url}${path}`)
    await page.locator("main").waitFor()
    await settled(page)
    expect([path, await inaccessible(page)]).toEqual([path, []])
  }
})

test("colours are chosen and stay chosen; the navigation folds and stays folded", async () => {
  const page = await ada.open("/")
  await page.getByRole("button", { name: /^Account of/ }).click()
  await page.getByRole("menuitem", { name: "Dark" }).click()
  await page.getByRole("button", { name: "Fold the navigation away" }).click()
  await page.reload()
  await settled(page)
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(22, 23, 26)")
  expect(await page.getByRole("button", { name: "Show the navigation" }).count()).toBe(1)
  expect(await inaccessible(page)).toEqual([])
})

test("the keyboard alone goes from the address bar to a notebook, and always shows where it is", async () => {
  const page = await ada.open(`/spaces/${space}`)
  await page.keyboard.press("Tab")
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content")
  await page.keyboard.press("Enter")
  const seen: string[] = []
  for (let at = 0; at < 12; at++) {
    await page.keyboard.press("Tab")
    const { name, outline } = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement
      return { name: focused.getAttribute("aria-label") ?? focused.innerText, outline: getComputedStyle(focused).outlineStyle }
    })
    expect([name, outline]).not.toEqual([name, "none"])
    seen.push(name)
    if (name.includes("data")) break
  }
  expect(seen.some((name) => name.includes("data"))).toBe(true)
  await page.keyboard.press("Enter")
  await page.waitForURL(/\/data$/)
})
