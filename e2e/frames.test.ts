/** Outputs that act: those that need each other share a frame, wherever one begins to read; of the others a bounded number is alive. */
import type { Frame, Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { onStage, type Someone } from "./testing.ts"

const stage = onStage()
let ada: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Frames")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})

// More than are sent along with an output, as a chart's library is.
const SETS_UP =
  "from IPython.display import HTML, Javascript, display\n" +
  "HTML('<script>/*' + 'x' * 200_000 + '*/ window.drawWord = (place, word) => { document.getElementById(place).textContent = word + \" drawn\" }</script>')"
const FILLS = 'HTML(\'<p id="late">empty</p><script>drawWord("late", "late")</script>\')'
// So many that what stands between the first and the last cells is near neither.
const BETWEEN = Array.from({ length: 40 }, (_, at) => `# cell ${at}\n${"#\n".repeat(20)}print(${at})`)

async function textIn(page: Page, selector: string): Promise<string> {
  for (const frame of page.frames().slice(1)) {
    const found = await frame.locator(selector).allInnerTexts()
    if (found[0] !== undefined) return found[0]
  }
  return ""
}

async function becomes<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  await expect.poll(read, { timeout: 60_000, interval: 100 }).toEqual(wanted)
}

async function ran(notebook: string): Promise<string> {
  const { id } = await ada.api.call("launchRun", { body: { notebook } })
  await becomes(async () => (await ada.api.call("getRun", { params: { run: id } })).state, "succeeded")
  return id
}

const framesOf = (page: Page) => page.locator("iframe[title='Interactive output']")

async function drawn(page: Page): Promise<void> {
  await becomes(() => textIn(page, "#late"), "late drawn")
  expect(await framesOf(page).count()).toBe(1)
  await page.close()
}

const toTheEnd = (page: Page) =>
  expect
    .poll(
      async () => {
        await page.locator("[data-scroller]").evaluate((box) => box.scrollTo(0, box.scrollHeight))
        return textIn(page, "#late")
      },
      { timeout: 60_000 },
    )
    .toBe("late drawn")

test("a script far above has run before one that needs it is looked at: of a run, of a version, and live", async () => {
  const notebook = await stage.notebook(space, "Together.ipynb", ...BETWEEN, SETS_UP, ...BETWEEN, FILLS)
  await drawn(await ada.open(`/runs/${await ran(notebook)}?cell=${2 * BETWEEN.length + 1}`))

  const live = await ada.open(`/notebooks/${notebook}`)
  await live.getByRole("button", { name: "Run all", exact: true }).click()
  await toTheEnd(live)
  // Asked for anew by a page that has seen nothing of it.
  await live.reload()
  await live.locator("[data-cell] .cm-content").first().waitFor()
  await toTheEnd(live)
  await drawn(live)

  const shown = (markup: string) => [{ output_type: "display_data", data: { "text/html": markup }, metadata: {} }]
  const cell = (markup: string) => ({ source: "", metadata: {}, execution_count: null, outputs: shown(markup) })
  const sets = "<script>window.word = 'late drawn'</script>"
  const fills = "<p id='late'>empty</p><script>document.getElementById('late').textContent = window.word</script>"
  const kept = await stage.notebook(space, "Kept.ipynb", ...BETWEEN, cell(sets), ...BETWEEN, cell(fills))
  const version = await ada.open(`/notebooks/${kept}/versions/1`)
  await expect
    .poll(
      async () => {
        await version.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        return textIn(version, "#late")
      },
      { timeout: 60_000 },
    )
    .toBe("late drawn")
  await drawn(version)
})

/** Printing begins, and the browser asks for no paper. */
async function printed(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate("globalThis.printed"), { timeout: 60_000 }).toBe(true)
  await page.emulateMedia({ media: "print" })
}

test("what shares a frame stands on paper where it stands in the notebook, dark screens print dark ink, and tables have all their rows", async () => {
  const table = `import pandas\npandas.set_option('display.max_rows', 90)\npandas.DataFrame({'a': range(80)})`
  const notebook = await stage.notebook(space, "Paper.ipynb", SETS_UP, ...BETWEEN.slice(0, 5), FILLS, table)
  const dark = await stage.someone("Dora Dark", { space, role: "editor" })
  const run = await ran(notebook)
  await dark.context.addInitScript("globalThis.print = () => { globalThis.printed = true }")
  for (const path of [`/runs/${run}?print=1`, `/notebooks/${notebook}`]) {
    const page = await dark.open(path)
    await page.emulateMedia({ colorScheme: "dark" })
    if (path.startsWith("/notebooks")) {
      await page.locator("[data-cell] .cm-content").first().waitFor()
      await page.getByRole("button", { name: "Run all", exact: true }).click()
      await toTheEnd(page)
      await page.getByText("80 rows × 1 column").waitFor()
      await page.getByRole("button", { name: "More about this notebook" }).click()
      await page.getByRole("menuitem", { name: "Print" }).click()
    }
    await printed(page)
    const picture = page.locator("img[data-stet-still]").last()
    expect(decodeURIComponent((await picture.getAttribute("src")) ?? "")).toContain("late drawn")
    const box = await picture.boundingBox()
    expect(box?.height).toBeGreaterThan(10)
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(10)
    expect(await page.locator("[data-stet-layer]").isVisible()).toBe(false)
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(28, 27, 25)")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(await page.getByRole("grid").locator("tbody tr").count()).toBe(80)
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    if (path.startsWith("/runs")) await page.waitForURL((url) => !url.search.includes("print"))
    await page.close()
  }
})

// As charts do that bring scripts of their own: empty at first, then built piece by piece, and wider than a page.
const SLOWLY =
  "from IPython.display import HTML\n" +
  'HTML(\'<div id="slow"></div><script>let left = 8; const piece = () => { const one = document.createElement("p"); one.style.width = "1600px"; one.style.textAlign = "right"; one.textContent = left === 0 ? "stands at last" : "piece " + left; document.getElementById("slow").append(one); if (left-- > 0) setTimeout(piece, 250) }; setTimeout(piece, 250)</script>\')'

const WIDE = "import pandas\npandas.DataFrame({f'column {at}': [1000 + at] * 3 for at in range(14)})"

test("what draws itself slowly is waited for before it is printed, and what is wider than paper is drawn smaller", async () => {
  const run = await ran(await stage.notebook(space, "Slowly.ipynb", SLOWLY, WIDE))
  const pia = await stage.someone("Pia Paper", { space, role: "editor" })
  await pia.context.addInitScript("globalThis.print = () => { globalThis.printed = true }")
  const page = await pia.open(`/runs/${run}?print=1`)
  await printed(page)
  const picture = page.locator("img[data-stet-still]")
  expect(decodeURIComponent((await picture.getAttribute("src")) ?? "")).toContain("stands at last")
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThanOrEqual(1600)
  const [box, place] = [await picture.boundingBox(), await picture.locator("..").boundingBox()]
  expect(box?.width).toBeLessThanOrEqual((place?.width ?? 0) + 1)
  // As wide as A4 is between its margins.
  await page.setViewportSize({ width: 700, height: 900 })
  expect(await page.getByRole("grid").evaluate((table) => table.scrollWidth - (table.parentElement?.clientWidth ?? 0))).toBeLessThanOrEqual(0)
  await page.close()
})

test("no more frames are alive than a few, those far away give way, and come back as they were", async () => {
  const styled = (at: number) =>
    `from IPython.display import HTML\nHTML('<style>p {{ height: 500px }}</style><p>picture ${at}</p>'.replace('{{', '{').replace('}}', '}'))`
  const notebook = await stage.notebook(space, "Many.ipynb", ...Array.from({ length: 30 }, (_, at) => styled(at)))
  const run = await ran(notebook)
  const page = await ada.open(`/runs/${run}`)
  const shown = async (): Promise<readonly string[]> => {
    const texts = await Promise.all(
      page
        .frames()
        .slice(1)
        .map((frame: Frame) =>
          frame
            .locator("body")
            .innerText()
            .catch(() => ""),
        ),
    )
    return texts.map((text) => text.trim())
  }
  await becomes(async () => (await shown()).includes("picture 0"), true)
  for (const at of [10, 20, 29]) {
    await page.locator(`[data-cell='${at}']`).scrollIntoViewIfNeeded()
    await becomes(async () => (await shown()).includes(`picture ${at}`), true)
  }
  await becomes(async () => (await framesOf(page).count()) <= 12, true)
  expect(await shown()).not.toContain("picture 0")
  await page.locator("[data-cell='0']").scrollIntoViewIfNeeded()
  await becomes(async () => (await shown()).includes("picture 0"), true)
  await becomes(async () => (await framesOf(page).count()) <= 12, true)
  // Paper has all of them at once.
  await page.evaluate("dispatchEvent(new Event('beforeprint'))")
  await becomes(async () => (await shown()).filter((text) => text.startsWith("picture")).length, 30)
  await page.evaluate("dispatchEvent(new Event('afterprint'))")
  await becomes(async () => (await framesOf(page).count()) <= 12, true)
  await page.close()
})

test("a remote host is asked only where a person lets it be, for that person alone, and until they take it back", async () => {
  // The policy of a frame says so in the console.
  stage.expectTrouble(/pictures\.example/u)
  const markup = "<p>before</p><img src='https://pictures.example/chart.svg' alt='a chart'>"
  const output = { output_type: "display_data", data: { "text/html": markup }, metadata: {} }
  const notebook = await stage.notebook(space, "Remote.ipynb", { source: "", metadata: {}, execution_count: null, outputs: [output] })
  const vic = await stage.someone("Vic Viewer", { space, role: "viewer" })
  const asked: string[] = []
  for (const [name, { context }] of Object.entries({ ada, vic }))
    await context.route("https://pictures.example/**", (route) => {
      asked.push(name)
      return route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>' })
    })
  const opened = async (who: Someone) => {
    const page = await who.open(`/notebooks/${notebook}/versions/1`)
    await framesOf(page).waitFor()
    return page
  }
  const offer = (page: Page) => page.getByText("Not loaded: files of pictures.example.")
  const hers = await opened(ada)
  await offer(hers).waitFor()
  expect(asked).toEqual([])
  await hers.getByRole("button", { name: "Load from there" }).click()
  await becomes(async () => asked, ["ada"])
  expect(await framesOf(hers).getAttribute("src")).toBe("/frames/output?allow=pictures.example")
  await offer(hers).waitFor({ state: "detached" })
  await hers.reload()
  await becomes(async () => asked, ["ada", "ada"])
  expect(await offer(hers).count()).toBe(0)

  const his = await opened(vic)
  await offer(his).waitFor()
  expect(await framesOf(his).getAttribute("src")).toBe("/frames/output")
  expect(asked).toEqual(["ada", "ada"])

  const settings = await ada.open("/settings")
  const row = settings.getByRole("row").filter({ hasText: "pictures.example" })
  await row.getByRole("button", { name: "Take back" }).click()
  await row.waitFor({ state: "detached" })
  await hers.reload()
  await offer(hers).waitFor()
  expect(await framesOf(hers).getAttribute("src")).toBe("/frames/output")
  expect(asked).toEqual(["ada", "ada"])
  await Promise.all([hers.close(), his.close(), settings.close()])
})
