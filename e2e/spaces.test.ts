import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { inaccessible, ipynb, onStage, settled } from "./testing.ts"

const stage = onStage()

test("a space is made, files of every kind are brought in, moved by dragging, thrown away and brought back", async () => {
  const ada = await stage.someone("Ada")
  const page = await ada.open("/spaces")
  await page.getByText("You are in no space yet").waitFor()
  await page.getByRole("button", { name: "New space" }).first().click()
  await page.getByLabel("Title").fill("Sales analytics")
  await page.getByRole("button", { name: "Create" }).click()
  await page.waitForURL(`${stage.url}/spaces/sales-analytics`)
  await page.getByText("This space is empty").waitFor()

  await page.locator("header").getByRole("button", { name: "Upload" }).click()
  await page.locator("input[type=file]").setInputFiles([
    { name: "Weekly.ipynb", mimeType: "application/x-ipynb+json", buffer: Buffer.from(ipynb("print(1)", "open('../prices.csv')")) },
    { name: "regions.csv", mimeType: "text/csv", buffer: Buffer.from('name,note\nEU,"a, b"\nUS,c\n') },
    { name: "Broken.ipynb", mimeType: "application/x-ipynb+json", buffer: Buffer.from("no notebook") },
  ])
  await page.getByText("2 files in, 1 not, of 3").waitFor()
  await page.getByText("Weekly.ipynb names ../prices.csv, above what you sent").waitFor()
  stage.expectTrouble(/status of 4\d\d/)
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("button", { name: "Done" }).click()
  const old = await stage.notebook("sales-analytics", "archive/Old.ipynb", "1")
  await page.goto(`${stage.url}/notebooks/${old}`)
  // A space is called the same wherever it is named.
  const where = page.getByRole("navigation", { name: "Where" })
  await where.getByRole("link", { name: "archive" }).waitFor()
  await where.getByRole("link", { name: "Sales analytics" }).click()
  await page.reload()
  await settled(page)
  expect(await inaccessible(page)).toEqual([])

  const weekly = page.getByRole("row").filter({ hasText: "Weekly" })
  await weekly.dragTo(page.getByRole("row").filter({ hasText: "archive" }))
  await page.getByText("“Weekly” stands at archive/Weekly.ipynb now.").waitFor()
  await weekly.waitFor({ state: "detached" })
  await page.getByRole("button", { name: "Undo" }).click()
  await weekly.waitFor()

  await page.getByRole("button", { name: "regions.csv", exact: true }).click()
  await page.getByRole("cell", { name: "a, b" }).waitFor()
  expect(page.url()).toContain("file=regions.csv")
  expect(await inaccessible(page)).toEqual([])
  await page.keyboard.press("Escape")

  await page.getByRole("button", { name: "Actions for Weekly" }).click()
  await page.getByRole("menuitem", { name: "Move to the trash" }).click()
  await weekly.waitFor({ state: "detached" })
  await page.goto(`${stage.url}/trash?space=sales-analytics`)
  await settled(page)
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("row").filter({ hasText: "Weekly" }).getByRole("button", { name: "Restore" }).click()
  await page.getByText("“Weekly” is back.").waitFor()

  await page.goto(`${stage.url}/spaces/sales-analytics`)
  await page.getByRole("button", { name: "Actions for archive" }).click()
  await page.getByRole("menuitem", { name: "Move to the trash" }).click()
  await page.getByText("The folder archive is in the trash.").waitFor()
  await page.getByRole("button", { name: "Undo" }).click()
  await page.getByRole("row").filter({ hasText: "archive" }).waitFor()
})

test("a viewer is offered nothing that would be refused, and opens and downloads what is there", async () => {
  const space = await stage.space("Read only")
  await stage.notebook(space, "Report.ipynb", "1")
  await stage.admin.call("putFile", { query: { space, path: "notes.txt" }, body: new TextEncoder().encode("plain words") })
  const vera = await stage.someone("Vera", { space, role: "viewer" })
  const page = await vera.open(`/spaces/${space}`)
  expect(await page.getByRole("button", { name: /New notebook|Upload/ }).count()).toBe(0)
  await page.getByRole("button", { name: "Actions for Report" }).click()
  expect(await page.getByRole("menuitem").allInnerTexts()).toEqual([
    "Versions",
    "Runs",
    "Subscribe to its runs",
    "Show in its folder",
    "Share",
    "Copy link",
    "Download .ipynb",
    "Make a copy",
  ])
  const download = page.waitForEvent("download")
  await page.getByRole("menuitem", { name: "Download .ipynb" }).click()
  expect((await download).suggestedFilename()).toBe("Report.ipynb")
  await page.getByRole("button", { name: "notes.txt", exact: true }).click()
  await page.getByText("plain words").waitFor()
  expect(await page.getByRole("button", { name: "Move to the trash" }).count()).toBe(0)
})

test("what is not there and what may not be seen look the same, and asking for access is told to who administers it", async () => {
  const space = await stage.space("Secret")
  const id = await stage.notebook(space, "Plans.ipynb", "1")
  const boss = await stage.someone("Boss", { space, role: "admin" })
  const eve = await stage.someone("Eve")
  stage.expectTrouble(/status of 404/)
  const texts: string[] = []
  for (const path of [`/spaces/${space}`, "/spaces/space-none", `/n/${space}/Plans.ipynb`, "/n/none/Plans.ipynb"]) {
    const page = await eve.open(path)
    await page.getByText("Nothing here that you may see").waitFor()
    expect(await inaccessible(page)).toEqual([])
    await page.getByLabel("What do you need it for?").fill("the quarterly plan")
    await page.getByRole("button", { name: "Ask for access" }).click()
    await page.getByText("You have asked").waitFor()
    texts.push((await page.locator("main").innerText()).trim())
    await page.close()
  }
  expect(new Set(texts).size).toBe(1)

  const page = await boss.open("/inbox")
  await page.getByText("Eve asks for access to").first().waitFor()
  expect(await page.getByText("the quarterly plan").first().count()).toBe(1)
  expect(await page.getByRole("link", { name: /^Inbox/ }).innerText()).toMatch(/[12]/)
  expect(await inaccessible(page)).toEqual([])

  // What the server draws by itself leads to the same, in the same words and order.
  const words = async (one: Page) =>
    (await one.getByRole("navigation", { name: "Main" }).locator("a, button").allInnerTexts()).map((text) => text.trim().split(/\s*\n|\s+\d/u)[0])
  const docs = await boss.open("/api/docs")
  const [plain, inApp] = [await words(docs), await words(page)]
  expect(plain).toEqual(["Search", "Home", "Inbox", "Templates", "Runs", "Spaces", "Settings", "The API"])
  expect(inApp.filter((word) => plain.includes(word))).toEqual(plain.slice(0, -1))
  expect(await docs.getByRole("link", { name: /^Inbox/u }).innerText()).toMatch(/^Inbox\s[12]\sunread$/u)
  expect(await inaccessible(docs)).toEqual([])
  await docs.close()

  await page.getByRole("button", { name: "Mark all as read" }).click()
  await page.getByText("Nothing waits for you").waitFor()

  await boss.api.call("grantNotebook", { params: { notebook: id }, body: { person: eve.id, role: "viewer" } })
  const found = await eve.open("/?show=shared")
  await found.getByRole("link", { name: "Plans", exact: true }).waitFor()
})
