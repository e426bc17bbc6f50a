/** A day's work without a mouse: nothing holds the focus, nothing hides it, and nothing is changed by going past. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("No mouse")
  ada = await stage.someone("Ada Lovelace", { space, role: "admin" })
})

type Focus = { readonly name: string; readonly isSeen: boolean; readonly editing: string | null }

/** What has the focus, and whether anybody sees that: by a line around it, or as the cell in which one types or that is chosen. */
const focusOf = (page: Page): Promise<Focus> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
    const isLined = outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0 && !/, 0\)$|transparent/u.test(outlineColor)
    const cell = element.closest("[data-cell]")
    const isPage = element === document.body || element.id === "main"
    const named = element.getAttribute("aria-label") ?? (element as HTMLInputElement).labels?.[0]?.innerText ?? element.innerText
    return {
      name: isPage ? "the page" : named.trim(),
      isSeen: isLined || isPage || cell?.getAttribute("data-active") === "true",
      editing: element.classList.contains("cm-content") ? (cell?.getAttribute("data-cell") ?? null) : null,
    }
  })

/** Presses Tab until this has the focus. Gives what had it on the way. */
async function tabTo(page: Page, name: RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<readonly string[]> {
  const passed: string[] = []
  for (let steps = 0; steps < 80; steps++) {
    await page.keyboard.press(key)
    const focus = await focusOf(page)
    expect(focus.isSeen, `${focus.name} shows that it has the focus`).toBe(true)
    if (name.test(focus.name)) return passed
    passed.push(focus.name)
  }
  throw new Error(`${key} never came to ${name}, but to: ${passed.join(" · ")}`)
}

const press = async (page: Page, ...keys: readonly string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}

test("from signing in to signing out, a notebook is found, run, named, compared, shared and handed over without a mouse", async () => {
  const notebook = await stage.notebook(
    space,
    "Keys alone.ipynb",
    { cell_type: "markdown", source: "# Keys alone" },
    "price = 3",
    "print(price * 14)",
  )
  const ben = await stage.someone("Ben Without Mouse")
  const { login } = await ada.api.call("getPerson", { params: { person: ada.id } })
  const page = await (await stage.stranger()).newPage()
  await page.goto(`${stage.url}/`)
  await page.waitForURL(/\/sign-in/u)

  // One types at once.
  await page.keyboard.type(login ?? "")
  await press(page, "Tab")
  await page.keyboard.type("a rather long phrase")
  await press(page, "Enter")
  await page.getByRole("heading", { name: "Notebooks", level: 1 }).waitFor()
  await settled(page)
  // The screen that one is on shows the focus as the others do.
  await tabTo(page, /^Home$/u)
  await press(page, "Control+k")
  await page.keyboard.type("Keys alone")
  await page
    .getByRole("option", { name: /Keys alone/u })
    .first()
    .waitFor()
  await press(page, "Enter")
  await page.waitForURL(`**/notebooks/${notebook}`)
  const cells = page.locator("[data-cell]")
  await cells.nth(2).locator(".cm-content").waitFor()

  await press(page, "j", "Enter", "Control+a")
  await page.keyboard.type("price = 4")
  await press(page, "Shift+Enter", "Control+Enter")
  await cells.nth(2).getByText("56", { exact: true }).waitFor({ timeout: 60_000 })
  await press(page, "Control+Shift+s")
  await page.getByRole("dialog", { name: "Save a version" }).waitFor()
  await page.keyboard.type("Four a piece")
  await press(page, "Enter")
  await page.getByRole("dialog", { name: "Save a version" }).waitFor({ state: "detached" })

  await tabTo(page, /^Versions$/u, "Shift+Tab")
  await press(page, "Enter")
  await page.getByRole("heading", { name: "Version 2" }).waitFor()
  await tabTo(page, /^What changed since version 1$/u)
  await press(page, "Enter")
  await page.getByText("Cell 2, changed").waitFor()

  await page.goBack()
  await cells.nth(2).locator(".cm-content").waitFor()
  await tabTo(page, /^Share$/u, "Shift+Tab")
  await press(page, "Enter")
  const share = page.getByRole("dialog", { name: "Share “Keys alone”" })
  await share.getByRole("combobox", { name: "Give a role to" }).waitFor()
  await expect.poll(() => focusOf(page)).toMatchObject({ name: "Give a role to" })
  await page.keyboard.type("Ben Without")
  await page.getByRole("option", { name: /^Ben Without Mouse/u }).waitFor()
  await press(page, "ArrowDown", "Enter")
  await tabTo(page, /^Role$/u)
  await press(page, "ArrowDown")
  const editor = page.getByRole("option", { name: /^Editor/u })
  await editor.waitFor()
  while ((await editor.getAttribute("data-combobox-selected")) === null) await press(page, "ArrowDown")
  await press(page, "Enter")
  expect(await share.getByRole("combobox", { name: "Role", exact: true }).inputValue()).toMatch(/^Editor/u)
  await tabTo(page, /^Give$/u)
  await press(page, "Enter")
  await share.getByRole("combobox", { name: "Role of Ben Without Mouse" }).waitFor()
  // For the next one.
  expect((await focusOf(page)).name).toBe("Give a role to")
  await press(page, "Escape", "Escape")
  await share.waitFor({ state: "detached" })

  await page.goto(`${stage.url}/`)
  await page.getByRole("link", { name: "Keys alone", exact: true }).waitFor()
  await tabTo(page, /^Actions for Keys alone$/u)
  await press(page, "Enter")
  await page.getByRole("menuitem", { name: "Hand over" }).waitFor()
  while (!/^Hand over/u.test((await focusOf(page)).name)) await press(page, "ArrowDown")
  await press(page, "Enter")
  await expect.poll(() => focusOf(page)).toMatchObject({ name: "New owner" })
  await page.keyboard.type("Ben Without")
  await page.getByRole("option", { name: /^Ben Without Mouse/u }).waitFor()
  await press(page, "ArrowDown", "Enter")
  await tabTo(page, /^Hand over$/u)
  await press(page, "Enter")
  await page.getByText("“Keys alone” is owned by Ben Without Mouse now.").waitFor()
  expect((await stage.admin.call("getNotebook", { params: { notebook } })).owner.id).toBe(ben.id)

  await tabTo(page, /Account of/u, "Shift+Tab")
  await press(page, "Enter")
  await page.getByRole("menuitem", { name: "Sign out" }).waitFor()
  while (!/^Sign out/u.test((await focusOf(page)).name)) await press(page, "ArrowDown")
  await press(page, "Enter")
  await page.waitForURL(/\/sign-in$/u)
}, 120_000)

test("Tab goes past the editors of a notebook and writes nothing; whoever goes into one to type indents with it", async () => {
  const sources = ["first = 1", "", "third = 3"]
  const page = await ada.open(`/notebooks/${await stage.notebook(space, "Going past.ipynb", ...sources)}`)
  const cells = page.locator("[data-cell]")
  await cells.nth(2).locator(".cm-content").waitFor()
  const texts = () => cells.locator(".cm-content").allInnerTexts()
  const before = await texts()
  const passed = await tabTo(page, /^Text$/u)
  expect(passed.filter((name) => name.startsWith("Source of Cell"))).toHaveLength(3)
  // What can be done with a cell is one step further.
  expect(passed).toContain("More about this cell")
  expect(passed.at(-1)).toBe("Code")
  await tabTo(page, /^Home$/u)
  expect(await texts()).toEqual(before)
  // The same way back: from the row of a cell its keys are commands again.
  await tabTo(page, /^Cell 2 of 3/u, "Shift+Tab")
  expect(await texts()).toEqual(before)
  await press(page, "b")
  await expect.poll(() => cells.count()).toBe(4)
  await press(page, "z")
  await expect.poll(() => cells.count()).toBe(3)

  // By Tab into the first, and a key other than Tab: now it is an editor like any other.
  await tabTo(page, /^Source of Cell 1 of 3/u, "Shift+Tab")
  await press(page, "Home", "Tab")
  expect((await texts())[0]).toBe("    first = 1")
  await press(page, "Escape")
  await tabTo(page, /^Text$/u)

  const reader = await stage.someone("Rhea Reader", { space, role: "viewer" })
  const read = await reader.open(new URL(page.url()).pathname)
  await read.locator("[data-cell] .cm-content").nth(2).waitFor()
  await read.locator("[data-cell] .cm-content").nth(1).click()
  await tabTo(read, /^Home$/u)
  expect((await read.locator("[data-cell] .cm-content").allInnerTexts())[1]).toBe(before[1])
})
