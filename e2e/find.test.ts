import { expect, test } from "vitest"
import { inaccessible, onStage } from "./testing.ts"

const stage = onStage()

test("Ctrl+K finds notebooks, spaces, people and actions by the keyboard alone", async () => {
  const space = await stage.space("Kelp forest")
  await stage.notebook(space, "Otters.ipynb", "1")
  const ada = await stage.someone("Ada Marine", { space, role: "editor" })
  const page = await ada.open("/runs")
  const find = async (text: string) => {
    await page.keyboard.press("Control+K")
    await page.getByRole("combobox", { name: /^Find notebooks/ }).fill(text)
  }
  const chosen = () => page.getByRole("listbox", { name: "Choices" }).locator("[aria-selected=true]")
  await find("kelp")
  await page.getByRole("option", { name: /Kelp forest/ }).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await expect.poll(() => chosen().innerText()).toContain("Kelp forest")
  await page.keyboard.press("Enter")
  await page.waitForURL(`${stage.url}/spaces/${space}`)

  await find("marine")
  await page.getByRole("option", { name: /Ada Marine/ }).waitFor()
  await expect.poll(() => chosen().innerText()).toContain("Ada Marine")
  await page.keyboard.press("Enter")
  await page.waitForURL(`${stage.url}/?owner=${ada.id}`)

  await find("tokens")
  await expect.poll(() => chosen().innerText()).toContain("API tokens")
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "API tokens" }).waitFor()

  await find("new note")
  await expect.poll(() => chosen().innerText()).toContain("New notebook")
  await page.keyboard.press("Enter")
  await page.getByRole("dialog", { name: "New notebook" }).waitFor()
  await page.keyboard.press("Escape")

  await find("otters")
  await page
    .getByRole("option", { name: /Otters/ })
    .first()
    .waitFor()
  await page.keyboard.press("ArrowDown")
  await expect.poll(() => chosen().innerText()).toContain("Search all notebooks")
  await page.keyboard.press("ArrowUp")
  await expect.poll(() => chosen().innerText()).toContain("Otters")
  await page.keyboard.press("Enter")
  await page.waitForURL(/\/notebooks\/[0-9A-Z]{26}/)
})

test("of two with one long name the palette says in which space each is, on a phone as well", async () => {
  const [first, second] = [await stage.space("Twins"), await stage.space("Twins")]
  const name = "Zwilling with a name that goes on and on ".repeat(4).trim()
  const ada = await stage.someone("Ada Twins", { space: first, role: "editor" })
  await stage.admin.call("grant", { params: { space: second }, body: { person: ada.id, role: "editor" } })
  for (const space of [first, second]) await stage.notebook(space, `${name}.ipynb`, "1")
  const page = await ada.open("/runs")
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    await page.keyboard.press("Control+K")
    await page.getByRole("combobox", { name: /^Find notebooks/ }).fill("zwilling")
    const found = page.getByRole("option", { name: /^Zwilling/ })
    await expect.poll(() => found.count()).toBe(2)
    const told = () =>
      found.locator("bdi:last-of-type").evaluateAll((all) =>
        all.map((place) => {
          const text = place.firstChild as Text
          const space = document.createRange()
          space.setStart(text, 0)
          space.setEnd(text, text.data.indexOf("/"))
          return [text.data.slice(0, text.data.indexOf("/")), space.getBoundingClientRect().right < place.getBoundingClientRect().right - 8]
        }),
      )
    await expect.poll(async () => Object.fromEntries(await told())).toEqual({ [first]: true, [second]: true })
    await page.keyboard.press("Escape")
  }
})

test("what is typed before the palette is there goes into it, and not to the cells", async () => {
  const space = await stage.space("Haste")
  const id = await stage.notebook(space, "Hasty.ipynb", "1", "2")
  const ada = await stage.someone("Ada Haste", { space, role: "editor" })
  const page = await ada.open(`/notebooks/${id}`)
  const cells = page.locator("[data-cell]")
  await page.getByText("2", { exact: true }).first().waitFor()
  const before = await cells.count()
  await page.route(/palette[^/]*\.js$/u, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700))
    await route.continue()
  })
  await page.locator("main").press("Escape")
  await page.keyboard.press("Control+K")
  // In a notebook, dd deletes a cell and p opens the list of commands.
  await page.keyboard.type("ddp kelp")
  const field = page.getByRole("combobox", { name: /^Find notebooks/ })
  await field.waitFor()
  await expect.poll(() => field.inputValue()).toBe("ddp kelp")
  await page.keyboard.type(" x")
  expect(await field.inputValue()).toBe("ddp kelp x")
  await page.keyboard.press("Escape")
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0)
  expect(await cells.count()).toBe(before)
})

test("a search shows the words where they stand, in text, code and outputs", async () => {
  const space = await stage.space("Search")
  const output = { output_type: "stream", name: "stdout", text: "the zanzibar result\n" }
  await stage.notebook(
    space,
    "Deep.ipynb",
    { cell_type: "markdown", source: "About zanzibar and <b>tags</b>." },
    { source: "zanzibar = 1", outputs: [output], execution_count: 1 },
  )
  const ada = await stage.someone("Ada", { space, role: "viewer" })
  const page = await ada.open("/search")
  await page.getByRole("searchbox", { name: "Search" }).fill(`zanzibar in:${space}`)
  await page.keyboard.press("Enter")
  const hit = page.getByRole("listitem").filter({ hasText: "Deep" })
  await hit.waitFor()
  expect(await hit.locator("mark").allInnerTexts()).toContain("zanzibar")
  expect(await hit.locator("mark").count()).toBeGreaterThanOrEqual(3)
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("searchbox", { name: "Search" }).fill("zanzibarr")
  await page.keyboard.press("Enter")
  await page.getByText("Nothing holds all of this").waitFor()
})
