/** Code that is hidden: decided in the share dialog, and then not a word of it reaches who may not see it, on any page. */
import type { Page, Response } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
// In the source, in what is printed, and in the error.
const WORD = "Vq7xSecretMargin"
let hedda: Someone
let rune: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Hidden")
  hedda = await stage.someone("Hedda Keeper", { space, role: "admin" })
  rune = await stage.someone("Rune Runner", { space, role: "runner" })
})

const CELLS = [
  { cell_type: "markdown", source: "# Quarter" },
  { source: "region = 'EU'", metadata: { tags: ["parameters"] }, outputs: [], execution_count: null },
  `from IPython.display import Markdown, display\n${WORD} = 42\nprint('printed ${WORD}')\ndisplay(Markdown(f'Revenue is **{${WORD}}**'))`,
  `if region == 'XX':\n    raise ValueError('${WORD}')`,
] as const

/** Every body that reaches the browser from here on, by its address. */
function bodiesOf(page: Page): () => Promise<readonly (readonly [string, string])[]> {
  const heard: Promise<readonly [string, string]>[] = []
  page.on("response", (response: Response) => {
    heard.push(
      response.body().then(
        (bytes) => [response.url(), bytes.toString("latin1")] as const,
        () => [response.url(), ""] as const,
      ),
    )
  })
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => heard.push(Promise.resolve([socket.url(), payload.toString("latin1")] as const))),
  )
  return () => Promise.all(heard)
}

async function hasNoWord(page: Page, bodies: ReturnType<typeof bodiesOf>): Promise<void> {
  expect(await page.content()).not.toContain(WORD)
  const told = (await bodies()).filter(([url]) => url.startsWith(stage.url) || url.startsWith("ws"))
  expect(told.length).toBeGreaterThan(0)
  expect(told.filter(([, body]) => body.includes(WORD)).map(([url]) => url)).toEqual([])
}

test("hidden in the share dialog; a runner then runs it from its page, reads the report, and never the code", async () => {
  const notebook = await stage.notebook(space, "Quarter.ipynb", ...CELLS)
  const hers = await hedda.open(`/spaces/${space}`)
  await hers.getByRole("button", { name: "Actions for Quarter" }).click()
  await hers.getByRole("menuitem", { name: "Share" }).click()
  const dialog = hers.getByRole("dialog", { name: "Share “Quarter”" })
  await dialog.getByRole("switch", { name: "Hide the code from those who may not edit" }).click()
  await hers.getByText("The code of “Quarter” is hidden from those who may not edit it.").waitFor()
  expect(await inaccessible(hers)).toEqual([])
  expect((await rune.api.call("getNotebook", { params: { notebook } })).codeHidden).toBe(true)

  const theirs = await rune.open("/")
  const bodies = bodiesOf(theirs)
  await theirs.goto(`${stage.url}/notebooks/${notebook}`)
  await theirs.getByText("Its code is shown only to those who edit it.", { exact: false }).waitFor()
  await theirs.getByText("It has not been run yet.").waitFor()
  expect(await inaccessible(theirs)).toEqual([])
  await theirs.getByRole("button", { name: "Run", exact: true }).click()
  await theirs.getByRole("button", { name: "Run version 1" }).click()
  await theirs.waitForURL(/\/runs\//u)
  await theirs.getByText("Revenue is 42").waitFor({ timeout: 60_000 })
  expect(await theirs.getByRole("tab", { name: "Log" }).count()).toBe(0)
  expect(await inaccessible(theirs)).toEqual([])
  await hasNoWord(theirs, bodies)

  await Promise.all([theirs.waitForResponse((answer) => answer.url().includes("/api/v1/search")), theirs.goto(`${stage.url}/search?q=${WORD}`)])
  await settled(theirs)
  const found = (await bodies()).filter(([url]) => url.includes("/api/v1/search"))
  expect(found.length).toBeGreaterThan(0)
  expect(found.map(([, body]) => JSON.parse(body).items)).toEqual(found.map(() => []))
})

test("a hidden run that fails says whom to tell, and shows no traceback; the owner sees it", async () => {
  const notebook = await stage.notebook(space, "Failing quarter.ipynb", ...CELLS)
  await hedda.api.call("hideCode", { params: { notebook }, body: { isHidden: true } })
  const { id } = await rune.api.call("launchRun", { body: { notebook, parameters: { region: "XX" } } })
  const page = await rune.open("/")
  const bodies = bodiesOf(page)
  await page.goto(`${stage.url}/runs/${id}`)
  const happened = page.getByRole("region", { name: "What happened" })
  await happened.getByText("Tell the owner", { exact: false }).waitFor({ timeout: 60_000 })
  await happened.getByText(id).waitFor()
  await settled(page)
  await page.getByText("Revenue is 42").waitFor()
  expect(await page.getByText("ValueError").count()).toBe(0)
  expect(await inaccessible(page)).toEqual([])
  await hasNoWord(page, bodies)
  const hers = await hedda.open(`/runs/${id}`)
  await hers.getByText(`ValueError: ${WORD}`).first().waitFor()
})

test("whose reading is taken away in the middle of it is told at once what is left", async () => {
  const notebook = await stage.notebook(space, "Open so far.ipynb", "margin = 1")
  const page = await rune.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell]").first().waitFor()
  // It may just be asking what stands around the notebook.
  stage.expectTrouble(/403 .*\/surroundings\)/u)
  await hedda.api.call("hideCode", { params: { notebook }, body: { isHidden: true } })
  await page.getByText("Its code is shown only to those who edit it.", { exact: false }).waitFor({ timeout: 20_000 })
  expect(await page.locator("[data-cell]").count()).toBe(0)
})
