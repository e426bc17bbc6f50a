/** Where the operator allows it, a result is read by people who are not signed in, until the link is taken back. */
import { expect, test } from "vitest"
import { inaccessible, onStage } from "./testing.ts"

const stage = onStage()

test("whoever administers a space makes a link; a signed-out browser reads the report, no code where that is hidden, and nothing when it is withdrawn", async () => {
  const space = await stage.space("Public")
  const pia = await stage.someone("Pia Publisher", { space, role: "admin" })
  const erna = await stage.someone("Erna Editor", { space, role: "editor" })
  const notebook = await stage.notebook(
    space,
    "Quarter.ipynb",
    { cell_type: "markdown", source: "# What the quarter earned" },
    "from IPython.display import Markdown\nhidden_word = 40\nMarkdown(f'It earned **{hidden_word + 2}** million')",
  )
  const { id } = await pia.api.call("launchRun", { body: { notebook } })
  await pia.api.call("getRun", { params: { run: id }, query: { waitSeconds: 60, ifNotState: ["queued", "running"] } })

  const theirs = await erna.open(`/runs/${id}`)
  await theirs.getByRole("button", { name: "More", exact: true }).click()
  await theirs.getByRole("menuitem", { name: "Copy link" }).waitFor()
  expect(await theirs.getByRole("menuitem", { name: "Public link…" }).count()).toBe(0)

  const page = await pia.open(`/runs/${id}`)
  await page.getByRole("button", { name: "More", exact: true }).click()
  await page.getByRole("menuitem", { name: "Public link…" }).click()
  const dialog = page.getByRole("dialog", { name: "Public link to this result" })
  await dialog.getByRole("switch", { name: "Show the code as well" }).click()
  await dialog.getByRole("button", { name: "Make a link" }).click()
  const url = await dialog.getByRole("textbox", { name: "Public link" }).inputValue()
  await dialog.getByText("with the code", { exact: false }).waitFor()
  expect(await inaccessible(page)).toEqual([])

  const stranger = await (await stage.stranger({ width: 390 })).newPage()
  const read = async () => (await stranger.goto(url))?.status()
  expect(await read()).toBe(200)
  await stranger.getByRole("heading", { name: "What the quarter earned" }).first().waitFor()
  await stranger.getByText("It earned 42 million").waitFor()
  expect(await stranger.content()).toContain("hidden_word")
  expect(await stranger.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  // To whoever is not signed in the run itself is not there.
  await stranger.goto(`${stage.url}/runs/${id}`)
  await stranger.waitForURL(/sign-in/u)

  await pia.api.call("hideCode", { params: { notebook }, body: { isHidden: true } })
  expect(await read()).toBe(200)
  await stranger.getByText("It earned 42 million").waitFor()
  expect(await stranger.content()).not.toContain("hidden_word")
  await page.reload()
  await page.getByRole("button", { name: "More", exact: true }).click()
  await page.getByRole("menuitem", { name: "Public link…" }).click()
  await dialog.getByText("The notebook hides its code, and so does every link", { exact: false }).waitFor()
  expect(await dialog.getByRole("switch").count()).toBe(0)

  await dialog.getByRole("list", { name: "Links that lead here" }).getByRole("button", { name: "Withdraw" }).click()
  const asking = page.getByRole("dialog", { name: "Withdraw this link?" })
  await asking.getByRole("button", { name: "Withdraw" }).click()
  await dialog.getByRole("list", { name: "Links that lead here" }).waitFor({ state: "detached" })
  stage.expectTrouble(/status of 404/u)
  expect(await read()).toBe(404)
  expect(await stranger.content()).not.toContain("earned 42")
})

test("outputs that need each other find each other in the report as well: one frame with an origin of its own lies over their places", async () => {
  const space = await stage.space("Charts")
  const pia = await stage.someone("Pia Charts", { space, role: "admin" })
  const notebook = await stage.notebook(
    space,
    "Charts.ipynb",
    "from IPython.display import HTML, Javascript, display\n" +
      "HTML(\"<script>define('drawing', () => ({ draw: (place, word) => { document.getElementById(place).textContent = word } }))</script>\")",
    { cell_type: "markdown", source: "Words between them.\n\n".repeat(30) },
    "display(HTML(\"<p id='first' style='height:90px'>empty</p>\"), Javascript(\"require(['drawing'], ({ draw }) => draw('first', 'first drawn'))\"))",
    { cell_type: "markdown", source: "More words.\n\n".repeat(60) },
    "HTML(\"<p id='last'>empty</p><script>require(['drawing'], (it) => it.draw('last', document.getElementById('first').textContent + ', so is last'))</script>\")",
    "HTML(\"<p id='told'></p><script>let reach = 'nothing of the page'; try { reach = parent.document.title } catch {} told.textContent = origin + ' sees ' + reach</script>\")",
    "HTML('<style>p { color: rgb(1, 2, 3) }</style><p>stands alone</p>')",
  )
  const { id } = await pia.api.call("launchRun", { body: { notebook } })
  await pia.api.call("getRun", { params: { run: id }, query: { waitSeconds: 60, ifNotState: ["queued", "running"] } })
  const { url } = await pia.api.call("publishResult", { params: { run: id }, body: { withCode: false } })
  for (const width of [1200, 390]) {
    const stranger = await (await stage.stranger({ width })).newPage()
    await stranger.goto(url)
    await stranger.getByText("Words between them.").first().waitFor()
    const frames = stranger.locator("iframe")
    await frames.nth(1).waitFor()
    expect(await frames.evaluateAll((all) => all.map((one) => one.getAttribute("sandbox")))).toEqual(["allow-scripts", "allow-scripts"])
    const shared = stranger.frameLocator("iframe.together")
    await shared.locator("#last").getByText("first drawn, so is last").waitFor()
    await shared.locator("#told").getByText("null sees nothing of the page").waitFor()
    // Each lies over the place that the text keeps for it, from its own words on.
    const places = await stranger.locator("div.together").count()
    const at = async (id: string, place: number) => {
      const [there, kept] = [await shared.locator(id).boundingBox(), await stranger.locator("div.together").nth(place).boundingBox()]
      return [(there?.x ?? 0) - (kept?.x ?? 0), (there?.y ?? 0) >= (kept?.y ?? 0), (there?.y ?? 0) < (kept?.y ?? 0) + (kept?.height ?? 0)]
    }
    expect(places).toBe(5)
    await expect.poll(() => at("#first", 1)).toEqual([8, true, true])
    await expect.poll(() => at("#last", 3)).toEqual([8, true, true])
    expect(await stranger.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await stranger.close()
  }
})
