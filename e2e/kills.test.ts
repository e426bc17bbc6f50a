/**
 * The server and the worker killed, as by a power cut, while two people write and a cell runs. Two kills here; the whole twenty by
 * `STET_TEST_KILLS=20 npm test -- e2e/kills.test.ts`.
 */
import type { Locator, Page } from "playwright-core"
import { beforeAll, expect, inject, test } from "vitest"
import { childrenOf } from "../faults/processes.ts"
import { onStage, type Someone } from "./testing.ts"

const KILLS = Number(process.env["STET_TEST_KILLS"] ?? 2)
const AWAY = /WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|Failed to load resource|Failed to fetch|net::/u

const stage = onStage()
let ada: Someone
let bea: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Kills")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
  bea = await stage.someone("Bea Quick", { space, role: "editor" })
})

/** What `stet start` looks after, by its program. */
function kill(what: "server" | "worker"): void {
  const found = childrenOf(inject("platform").pid).filter((one) => one.what.includes(`/src/${what}.ts`))
  if (found.length !== 1) throw new Error(`there is not one ${what} but ${found.length}`)
  process.kill(found[0]!.pid, "SIGKILL")
}

const cellAt = (page: Page, at: number): Locator => page.locator("[data-cell]").nth(at)
const outputAt = (page: Page, at: number): Locator => cellAt(page, at).locator("[data-stet-outputs]")

async function opened(who: Someone, notebook: string): Promise<Page> {
  const page = await who.open(`/notebooks/${notebook}`)
  await page.locator("[data-cell] .cm-content").first().waitFor()
  return page
}

/** At the end of a cell, as a person types. */
async function write(page: Page, at: number, text: string): Promise<void> {
  await cellAt(page, at).locator(".cm-content").click()
  await page.keyboard.press("Control+End")
  await page.keyboard.type(text, { delay: 12 })
}

async function sourceAt(page: Page, at: number): Promise<string> {
  return cellAt(page, at)
    .locator(".cm-content")
    .evaluate((content) => {
      const copy = content.cloneNode(true) as HTMLElement
      for (const caret of copy.querySelectorAll(".cm-peer-caret")) caret.remove()
      return [...copy.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n")
    })
}

/** So few that they are shown without being unfolded, over as long as the kills take. */
const LINES = 20
const PAUSE_S = Math.max(1, KILLS * 0.6)

test(
  `the server is killed ${KILLS} times while two people write and a cell runs: nothing typed is lost or doubled, and no line of output either`,
  async () => {
    stage.expectTrouble(AWAY)
    const slow = `import time\nfor line in range(${LINES}):\n    print('line', line, flush=True)\n    time.sleep(${PAUSE_S})`
    const notebook = await stage.notebook(space, "Killed.ipynb", slow, "# hers", "# theirs")
    const [hers, theirs] = [await opened(ada, notebook), await opened(bea, notebook)]
    await cellAt(hers, 0).click({ position: { x: 34, y: 12 } })
    await hers.keyboard.press("Control+Enter")
    await outputAt(hers, 0).getByText("line 0").waitFor({ timeout: 60_000 })
    let [mine, other] = ["# hers", "# theirs"]
    for (let round = 0; round < KILLS; round++) {
      const [before, after] = [` h${round}`, ` away${round}`]
      await write(hers, 1, before)
      await write(theirs, 2, ` t${round}`)
      kill("server")
      await write(hers, 1, after)
      await write(theirs, 2, ` gone${round}`)
      mine += `${before}${after}`
      other += ` t${round} gone${round}`
      for (const page of [hers, theirs]) {
        await expect.poll(() => sourceAt(page, 1), { timeout: 45_000 }).toBe(mine)
        await expect.poll(() => sourceAt(page, 2), { timeout: 45_000 }).toBe(other)
        await page.getByText("The server cannot be reached").waitFor({ state: "detached", timeout: 45_000 })
      }
    }
    const all = Array.from({ length: LINES }, (_, line) => `line ${line}`).join("\n")
    for (const page of [hers, theirs]) {
      await expect.poll(async () => (await outputAt(page, 0).innerText()).trim(), { timeout: LINES * PAUSE_S * 1000 + 20_000 }).toBe(all)
      expect(await page.locator("[data-cell]").count()).toBe(3)
    }
    const back = await opened(ada, notebook)
    expect([await sourceAt(back, 1), await sourceAt(back, 2)]).toEqual([mine, other])
  },
  120_000 + KILLS * 40_000,
)

test("the worker is killed while a cell runs: both are told, what it had printed is there, and one click goes on", async () => {
  stage.expectTrouble(AWAY)
  const notebook = await stage.notebook(space, "Worker killed.ipynb", "import time\nprint('printed before')\ntime.sleep(120)", "print('after')")
  const [hers, theirs] = [await opened(ada, notebook), await opened(bea, notebook)]
  await hers.bringToFront()
  await cellAt(hers, 0).click({ position: { x: 34, y: 12 } })
  await hers.keyboard.press("Control+Enter")
  await outputAt(theirs, 0).getByText("printed before").waitFor({ timeout: 60_000 })
  kill("worker")
  for (const page of [hers, theirs]) {
    await page.getByRole("alert").getByText("The worker that held this session died").waitFor({ timeout: 60_000 })
    await outputAt(page, 0).getByText("printed before").waitFor()
  }
  await theirs.getByRole("alert").getByRole("button", { name: "Restart", exact: true }).click()
  await theirs.getByRole("button", { name: /Kernel: .*idle/u }).waitFor({ timeout: 60_000 })
  await cellAt(theirs, 1).click({ position: { x: 34, y: 12 } })
  await theirs.keyboard.press("Control+Enter")
  for (const page of [hers, theirs]) await outputAt(page, 1).getByText("after").waitFor({ timeout: 30_000 })
}, 180_000)

test("on a screen without a draft one is told within ten seconds that the server is gone, and sees what is new when it is back", async () => {
  stage.expectTrouble(/ERR_INTERNET_DISCONNECTED|Failed to load resource|Failed to fetch|Unable to preload|dynamically imported/u)
  const page = await ada.open("/inbox")
  await ada.context.setOffline(true)
  await page.getByRole("alert").getByText("The server cannot be reached").waitFor({ timeout: 10_000 })
  await stage.notebook(space, "Made meanwhile.ipynb", "1")
  await page.getByRole("link", { name: "Home", exact: true }).click()
  await page.waitForURL(`${stage.url}/`)
  await ada.context.setOffline(false)
  await page.getByText("The server cannot be reached").waitFor({ state: "detached", timeout: 10_000 })
  await page.getByText("Made meanwhile").first().waitFor({ timeout: 15_000 })
})
