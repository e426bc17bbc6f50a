/** A template takes a file: whoever runs it drops their own in, and gets the report of that. */
import { readFileSync } from "node:fs"
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
let tilda: Someone
let rune: Someone
let template: string

const CELLS = [
  { cell_type: "markdown", source: "# Orders in all\n\nAdds up what was ordered." },
  {
    source:
      'from pathlib import Path\nregion = "EU"  # Where\ndata: Path  # [file: .csv, .tsv; max: 2 KB; title: Orders; order: 1] One number a line\nmore = "extra.csv"  # [file: any]',
    metadata: { tags: ["parameters"] },
    outputs: [],
    execution_count: null,
  },
  {
    source:
      "from IPython.display import Markdown, display\ndisplay(Markdown(f'In all **{sum(int(line) for line in open(data))}**, extra {open(more).read()}'))",
    metadata: { tags: ["total"] },
    outputs: [],
    execution_count: null,
  },
]

beforeAll(async () => {
  const space = await stage.space("Orders")
  ;[tilda, rune] = await Promise.all([
    stage.someone("Tilda Teller", { space, role: "editor" }),
    stage.someone("Rune Runner", { space, role: "runner" }),
  ])
  for (const [path, text] of [
    ["extra.csv", "eleven"],
    ["tests/two.csv", "1\n1\n"],
  ] as const)
    await tilda.api.call("putFile", { query: { space, path }, body: new TextEncoder().encode(text) })
  const notebook = await stage.notebook(space, "Orders.ipynb", ...CELLS)
  await tilda.api.call("putTest", {
    params: { notebook, name: "two" },
    body: { parameters: { data: "tests/two.csv" }, expects: { checks: [{ check: "output_contains", cell: "total", text: "**2**" }] }, mocks: [] },
  })
  template = `${space}/orders`
  const { id } = await tilda.api.call("propose", { params: { notebook }, body: { template, message: "First" } })
  for (;;) {
    const { checks, gates } = await tilda.api.call("getProposal", { params: { proposal: id } })
    if (checks.every(({ verdict }) => verdict === "passed")) break
    if (checks.some(({ verdict }) => verdict === "failed")) throw new Error(JSON.stringify([checks, gates]))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const { binding } = await stage.admin.call("getProposal", { params: { proposal: id } })
  await stage.admin.call("reviewProposal", { params: { proposal: id }, body: { verdict: "approve", binding } })
  await tilda.api.call("promote", { params: { proposal: id } })
}, 90_000)

const look = async (page: Page, name: string) =>
  process.env["LOOKS"] && page.screenshot({ path: `${process.env["LOOKS"]}/${name}.png`, fullPage: true })
const csv = (name: string, text: string) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) })
const formOf = (page: Page) => page.getByRole("complementary", { name: "Run it" })
const zoneOf = (page: Page, name = "Orders") => formOf(page).getByRole("group", { name, exact: true })
const pick = (page: Page, file: ReturnType<typeof csv>) => zoneOf(page).locator("input[type=file]").setInputFiles(file)

test("who never saw a notebook gives a file of their own, runs, reads the report, and runs again with the same file", async () => {
  const page = await rune.open(`/templates/${template}`)
  await zoneOf(page, "more").getByText("extra.csv").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-empty")
  await formOf(page).getByRole("button", { name: "Run", exact: true }).click()
  await formOf(page).getByText("Choose a file, or drop one here: it needs one.").waitFor()
  // By keyboard: what is wrong has the focus already.
  const chooser = page.waitForEvent("filechooser")
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("parameter-data")
  await page.keyboard.press("Enter")
  await (await chooser).setFiles(csv("may orders.csv", "20\n22\n"))
  await zoneOf(page).getByText("may orders.csv").waitFor()
  await zoneOf(page).getByText("6 B", { exact: true }).waitFor()
  expect(await formOf(page).getByText("it needs one").count()).toBe(0)
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-chosen")
  // Code sends the file itself.
  const code = page.getByRole("region", { name: "As code" })
  await code.getByText("--data-binary '@may orders.csv'").waitFor()
  await code.getByRole("tab", { name: "Command line" }).click()
  await code.getByText("-p data 'may orders.csv'").waitFor()
  await page.goto(`${stage.url}/templates`)
  await settled(page)
  await page.goto(`${stage.url}/templates/${template}`)
  await zoneOf(page).getByText("may orders.csv").waitFor()
  await formOf(page).getByRole("button", { name: "Run", exact: true }).click()
  await page.waitForURL(/\/runs\//u)
  await page.getByText("In all 42, extra eleven").waitFor({ timeout: 60_000 })
  const about = page.getByRole("complementary", { name: "About this run" }).getByRole("region", { name: "Parameters" })
  await about.getByText("6 B, SHA").waitFor()
  const downloading = page.waitForEvent("download")
  await about.getByRole("link", { name: "may orders.csv" }).click()
  const download = await downloading
  expect([download.suggestedFilename(), readFileSync(await download.path(), "utf8")]).toEqual(["may orders.csv", "20\n22\n"])
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-run")
  const ran = new URL(page.url()).pathname
  await page.getByRole("button", { name: "Run again" }).click()
  await zoneOf(page).getByText("may orders.csv").waitFor()
  // Another who may see the run runs with the same file.
  const hers = await tilda.open(ran)
  await hers.getByRole("button", { name: "Run again" }).click()
  const dialog = hers.getByRole("dialog", { name: /^Run / })
  await dialog.getByText("may orders.csv").waitFor()
  expect(await inaccessible(hers)).toEqual([])
  await look(hers, "file-again")
  await dialog.getByRole("button", { name: /^Run version/u }).click()
  await hers.waitForURL((url) => url.pathname.startsWith("/runs/") && url.pathname !== ran)
  await hers.getByText("In all 42, extra eleven").waitFor({ timeout: 60_000 })
})

test("what cannot be taken is said where it was dropped, on a phone as well, and a way that breaks is tried again", async () => {
  const page = await rune.open(`/templates/${template}`)
  await page.setViewportSize({ width: 390, height: 844 })
  for (const [file, why] of [
    [csv("orders.xlsx", "1"), "orders.xlsx has another ending: choose a file that ends in .csv or .tsv."],
    [csv("empty.csv", ""), "empty.csv is empty: choose a file with something in it."],
    [csv("large.csv", "1\n".repeat(1500)), "large.csv has 2.9 KB, and at most 2.0 KB are taken: choose a smaller file."],
  ] as const) {
    await pick(page, file)
    await formOf(page).getByText(why).waitFor()
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= 390)).toBe(true)
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-wrong-phone")
  stage.expectTrouble(/ERR_FAILED|Failed to load resource/u)
  await page.route("**/uploads?*", (route) => route.abort())
  await pick(page, csv("june.csv", "3\n4\n"))
  await formOf(page).getByText("The connection broke off. Try again.").waitFor()
  await page.unroute("**/uploads?*")
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route("**/uploads?*", async (route) => {
    await held
    await route.continue()
  })
  await zoneOf(page).getByRole("button", { name: "Try again" }).click()
  await zoneOf(page).getByRole("progressbar", { name: "june.csv on its way" }).waitFor()
  await formOf(page).getByRole("textbox", { name: "region" }).fill("US")
  await formOf(page).getByRole("button", { name: "Run", exact: true }).click()
  await formOf(page).getByText("The file is still on its way: run when it is there.").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-sending-phone")
  release()
  await zoneOf(page).getByText("4 B", { exact: true }).waitFor()
  // What was typed meanwhile is still there.
  expect(await formOf(page).getByRole("textbox", { name: "region" }).inputValue()).toBe("US")
  await zoneOf(page).getByRole("button", { name: "Remove june.csv" }).click()
  await zoneOf(page).getByText("Drop a file here").waitFor()
  const drop = async (...files: readonly (readonly [string, string])[]) => {
    const data = await page.evaluateHandle((given) => {
      const transfer = new DataTransfer()
      for (const [name, text] of given) transfer.items.add(new File([text], name, { type: "text/csv" }))
      return transfer
    }, files)
    await zoneOf(page).dispatchEvent("drop", { dataTransfer: data })
  }
  await drop(["a.csv", "1"], ["b.csv", "2"])
  await formOf(page).getByText("Those are 2 files: drop one.").waitFor()
  await drop(["dropped.csv", "50\n"])
  await zoneOf(page).getByText("dropped.csv").waitFor()
  await page.emulateMedia({ colorScheme: "dark" })
  await page.setViewportSize({ width: 1280, height: 860 })
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-chosen-dark")
  // What was removed elsewhere is said, and another one chosen.
  const kept = await page.evaluate((name) => JSON.parse(sessionStorage.getItem(`stet-form template ${name}`) ?? "{}").data as string, template)
  await rune.api.call("dropUpload", { params: { upload: kept.slice("upload:".length) } })
  stage.expectTrouble(/404/u)
  await page.reload()
  await formOf(page).getByText("This file is not kept any more: choose it again.").waitFor()
})

test("a file that the notebook takes and that does not lie beside it is asked for where it is proposed, and proves it", async () => {
  const space = await stage.space("Away")
  const paula = await stage.someone("Paula Proposer", { space, role: "editor" })
  const parameters = 'data = "orders.csv"  # [file: .csv; title: Orders] One number a line'
  const notebook = await stage.notebook(
    space,
    "Sum.ipynb",
    { source: parameters, metadata: { tags: ["parameters"] }, outputs: [], execution_count: null },
    { source: "sum(int(line) for line in open(data))", outputs: [], execution_count: null },
  )
  const page = await paula.open(`/notebooks/${notebook}`)
  await page.getByRole("button", { name: "More about this notebook" }).click()
  await page.getByRole("menuitem", { name: "Propose as template…" }).click()
  const dialog = page.getByRole("dialog", { name: "Propose version 1 as a template" })
  const asked = dialog.getByRole("group", { name: "For the fresh rerun" })
  await asked.getByRole("button", { name: "Choose a file for Orders" }).waitFor()
  await dialog.getByRole("button", { name: "Propose", exact: true }).click()
  await asked.getByText("Choose a file, or drop one here: it needs one.").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "file-asked")
  await asked.locator("input[type=file]").setInputFiles(csv("small.csv", "40\n2\n"))
  await asked.getByText("5 B", { exact: true }).waitFor()
  await dialog.getByRole("button", { name: "Propose", exact: true }).click()
  await page.waitForURL(/\/proposals\//u)
  const gate = page.getByRole("list", { name: "Gates" }).getByRole("listitem").filter({ hasText: "Fresh rerun" })
  await expect.poll(() => gate.getAttribute("data-state"), { timeout: 60_000, interval: 250 }).toBe("passed")
  await look(page, "file-asked-proven")
})

test("a list of files: chosen together, dropped in, put in another order, run, and run again with the same ones", async () => {
  const space = await stage.space("Lists")
  const lina = await stage.someone("Lina Lister", { space, role: "editor" })
  await lina.api.call("putFile", { query: { space, path: "north.csv" }, body: new TextEncoder().encode("5") })
  const parameters = 'data = ["north.csv"]  # [file: .csv; max: 2 KB; title: Orders] One number a file'
  const notebook = await stage.notebook(
    space,
    "All.ipynb",
    { source: parameters, metadata: { tags: ["parameters"] }, outputs: [], execution_count: null },
    {
      source: "from IPython.display import Markdown, display\ndisplay(Markdown('In all ' + ' + '.join(open(path).read() for path in data)))",
      outputs: [],
      execution_count: null,
    },
  )
  const page = await lina.open(`/notebooks/${notebook}`)
  await page.getByRole("button", { name: "More ways to run" }).click()
  await page.getByRole("menuitem", { name: "Run with parameters…" }).click()
  const dialog = page.getByRole("dialog", { name: /^Run / })
  const zone = dialog.getByRole("group", { name: "Orders", exact: true })
  const rows = zone.getByRole("listitem")
  await expect.poll(() => rows.allInnerTexts()).toEqual([expect.stringMatching(/^north\.csv\s+comes with it$/u)])
  expect(await inaccessible(page)).toEqual([])
  await look(page, "files-default")
  const names = () => rows.locator("bdi").allInnerTexts()
  // One's own take the place of those that come with it, in the order in which they were chosen.
  await zone.locator("input[type=file]").setInputFiles([csv("one.csv", "1"), csv("two.csv", "2"), csv("three.txt", "3")])
  await dialog.getByText("three.txt has another ending: choose a file that ends in .csv.").waitFor()
  await expect.poll(names).toEqual(["one.csv", "two.csv"])
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    for (const name of ["four.csv", "five.csv"]) transfer.items.add(new File([name], name, { type: "text/csv" }))
    return transfer
  })
  await zone.dispatchEvent("drop", { dataTransfer: data })
  await expect.poll(names).toEqual(["one.csv", "two.csv", "four.csv", "five.csv"])
  await zone.getByRole("button", { name: "Move file 2 up" }).click()
  await zone.getByRole("button", { name: "Remove file 4" }).click()
  await expect.poll(names).toEqual(["two.csv", "one.csv", "four.csv"])
  expect(await inaccessible(page)).toEqual([])
  await look(page, "files-chosen")
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= 390)).toBe(true)
  await look(page, "files-chosen-phone")
  await page.setViewportSize({ width: 1280, height: 860 })
  await dialog.getByRole("button", { name: /^Run version/u }).click()
  await page.waitForURL(/\/runs\//u)
  await page.getByText("In all 2 + 1 + four.csv").waitFor({ timeout: 60_000 })
  const about = page.getByRole("complementary", { name: "About this run" }).getByRole("region", { name: "Parameters" })
  expect(await about.getByRole("link").allInnerTexts()).toEqual(["two.csv", "one.csv", "four.csv"])
  const downloading = page.waitForEvent("download")
  await about.getByRole("link", { name: "one.csv" }).click()
  expect(readFileSync(await (await downloading).path(), "utf8")).toBe("1")
  await look(page, "files-run")
  await page.getByRole("button", { name: "Run again" }).click()
  await expect
    .poll(() => page.getByRole("dialog", { name: /^Run / }).getByRole("listitem").locator("bdi").allInnerTexts())
    .toEqual(["two.csv", "one.csv", "four.csv"])
})
