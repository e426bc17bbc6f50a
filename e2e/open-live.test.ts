/** A scheduled run has failed; somebody opens it live, mends the cell, runs the rest, and puts it back as the next version. */
import { spawn } from "node:child_process"
import { readlinkSync, rmSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { operatorsEnv } from "./platform.ts"
import { inaccessible, onStage, type Someone, settled } from "./testing.ts"
import { servedWheels, type Wheels } from "./wheels.ts"

const stage = onStage()
let ada: Someone
let space: string
let wheels: Wheels
let ledgers: Promise<readonly [Built, Built]>

beforeAll(async () => {
  wheels = await servedWheels()
  // They take some while, in which the journeys before can go.
  ledgers = builtLedgers()
  ledgers.catch(() => undefined)
  space = await stage.space("Finance")
  ada = await stage.someone("Ada Lovelace", { space, role: "editor" })
})
afterAll(async () => {
  await ledgers.catch(() => undefined)
  await wheels.close()
})

const look = async (page: Page, name: string) =>
  process.env["LOOKS"] && page.screenshot({ path: `${process.env["LOOKS"]}/${name}.png`, fullPage: true })

const PARAMETERS = { source: "count: int = 1", metadata: { tags: ["parameters"] }, outputs: [], execution_count: null }

async function failed(notebook: string, launch: object = {}): Promise<string> {
  const { id } = await ada.api.call("launchRun", { body: { notebook, ...launch } })
  for (;;) {
    const run = await ada.api.call("getRun", { params: { run: id }, query: { waitSeconds: 20, ifNotState: ["queued", "running"] } })
    if (run.endedAt !== null) {
      expect(run.state).toBe("failed")
      return id
    }
  }
}

const strip = (page: Page) => page.getByRole("status", { name: "Opened live" })

test("a failed run is opened live at its failing cell, mended, run to its end, and saved as the next version and proposed", async () => {
  const notebook = await stage.notebook(
    space,
    "Revenue.ipynb",
    PARAMETERS,
    "total = count * 21\nprint('total', total)",
    "share = total / (count - 2)",
    "print('the share is', share)",
  )
  const run = await failed(notebook, { parameters: { count: 2 } })
  const page = await ada.open(`/runs/${run}`)
  await page.getByRole("button", { name: "Open live" }).click()
  await page.waitForURL(/\/notebooks\/\w{26}$/u)
  await strip(page).getByText("All 3 cells before are run again. Cell 4 is where it failed.").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await page.getByText("ZeroDivisionError").first().waitFor()
  await page.getByText("total 42").waitFor()
  await page.getByRole("button", { name: "Variables" }).click()
  await page
    .getByRole("row", { name: /total.*42/u })
    .or(page.getByText(/^total$/u))
    .first()
    .waitFor()
  await page.getByText("share = total / (count - 2)", { exact: true }).click()
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type("share = total / max(count - 2, 1)")
  await strip(page).getByRole("button", { name: "Run the rest" }).click()
  await page.getByText("the share is 42.0").waitFor()
  await strip(page).getByRole("button", { name: "Save as version 2…" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("What is new").fill("No division by zero")
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Save and propose" }).click()
  await page.getByRole("dialog", { name: "Propose version 2 as a template" }).waitFor()
  const version = await ada.api.call("getVersion", { params: { notebook, version: 2 } })
  expect(version.message).toBe("No division by zero")
  const source = new TextDecoder().decode(await ada.api.call("getVersionContent", { params: { notebook, version: 2 } }))
  expect(source).toContain("max(count - 2, 1)")
  expect(source).not.toContain("injected-parameters")
  await page.close()
})

test("cells that write are listed, and run again only after a yes", async () => {
  const notebook = await stage.notebook(
    space,
    "Export.ipynb",
    "open('out.csv', 'w').write('1')",
    "import subprocess\nsubprocess.run(['true'])",
    "1 / 0",
  )
  const run = await failed(notebook)
  const page = await ada.open(`/runs/${run}`)
  await page.getByRole("button", { name: "Open live" }).click()
  const dialog = page.getByRole("dialog", { name: "Open live" })
  await dialog.getByText("These cells do more than compute, and are run again").waitFor()
  const asked = dialog.getByRole("region", { name: "Cells that write" })
  expect(await asked.getByRole("listitem").allInnerTexts()).toEqual(["Cell 1 writes files: open", "Cell 2 starts a process: subprocess.run"])
  expect(await dialog.getByRole("button", { name: "Open live" }).isDisabled()).toBe(true)
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByLabel("Yes, run them again").check()
  await dialog.getByRole("button", { name: "Open live" }).click()
  await strip(page).getByText("All 2 cells before are run again.").waitFor()
  await settled(page)
  await page.close()
})

test("a kernel that was kept is taken over as it stands", async () => {
  const notebook = await stage.notebook(
    space,
    "Kept.ipynb",
    "import os\nmark = os.urandom(6).hex()\nprint('mark', mark)",
    "open('out.csv', 'w').write('1')",
    "1 / 0",
  )
  const run = await failed(notebook, { keepKernelSeconds: 300 })
  const page = await ada.open(`/runs/${run}`)
  await page.getByText(/Its kernel is kept, and ends/u).waitFor()
  await page.getByRole("button", { name: "Open live" }).click()
  await strip(page).getByText("This is the kernel that the run left. Cell 3 is where it failed.").waitFor()
  const printed = await page.getByText(/^mark \w{12}/u).innerText()
  await page.getByRole("button", { name: "Variables" }).click()
  await page.getByText(printed.slice(5)).last().waitFor()
  await page.close()
})

test("who ordered the run lets somebody else have the kernel that it left, takes that back, lets them again; they take it over", async () => {
  const eric = await stage.someone("Eric Oncall", { space, role: "editor" })
  const notebook = await stage.notebook(space, "Handed over.ipynb", "held = 'as it stands'\nprint(held)", "1 / 0")
  const run = await failed(notebook, { keepKernelSeconds: 300 })
  const theirs = await eric.open(`/runs/${run}`)
  await theirs.getByText("It holds what was read with the rights of Ada Lovelace", { exact: false }).waitFor()
  expect(await theirs.getByRole("button", { name: "Who may have it…" }).count()).toBe(0)

  const page = await ada.open(`/runs/${run}`)
  await page.getByRole("button", { name: "Who may have it…" }).click()
  const dialog = page.getByRole("dialog", { name: "Who may have this kernel" })
  await dialog.getByText("Nobody but you.").waitFor()
  const allow = async () => {
    await dialog.getByRole("combobox", { name: "Let somebody have it" }).fill("Eric")
    await page.getByRole("option", { name: /Eric Oncall/u }).click()
    await dialog.getByRole("button", { name: "Allow" }).click()
    await dialog.getByRole("button", { name: "Take it back from Eric Oncall" }).waitFor()
  }
  await allow()
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Take it back from Eric Oncall" }).click()
  await dialog.getByText("Nobody but you.").waitFor()
  await page.getByRole("button", { name: "Undo" }).click()
  await dialog.getByRole("button", { name: "Take it back from Eric Oncall" }).waitFor()

  await theirs.reload()
  await theirs.getByText("Ada Lovelace lets you have it", { exact: false }).waitFor()
  await theirs.getByRole("button", { name: "Open live" }).click()
  await strip(theirs).getByText("This is the kernel that the run left.", { exact: false }).waitFor()
  await page.reload()
  await page.getByText(/Its kernel was taken over by Eric Oncall/u).waitFor()
  await page.getByRole("link", { name: "Handed over live" }).waitFor()
  await Promise.all([page.close(), theirs.close()])
})

type Built = { readonly name: string; readonly sha256: string }

async function builtLedgers(): Promise<readonly [Built, Built]> {
  const first = await build("1.0", "EDITION = 1\ndef share(total, of):\n    return total / of\n")
  return [first, await build("2.0", "EDITION = 2\ndef share(total, of):\n    return total / of if of else 0.0\n")]
}

/** Named after its version, by an operator: a list that the server takes from anybody names no addresses. */
async function build(version: string, source: string): Promise<Built> {
  const child = spawn(process.execPath, ["src/stet.ts", "env", "build", `ledger-${version}`, "-r", "-", "--json"], {
    env: operatorsEnv(inject("platform").home),
  })
  child.stdin.end(`${await wheels.add("ledger", version, source)}\n`)
  const [made, said] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (made === "") throw new Error(said)
  return JSON.parse(made)
}

/** The packages that it had are gone from this disk, and from where they came. */
function lose(environment: string): void {
  const link = join(inject("platform").home, "environments", environment)
  rmSync(join(link, "..", readlinkSync(link)), { recursive: true })
  rmSync(link)
  wheels.lose("ledger", "1.0")
}

test("where its environment cannot be had any more, the run is opened in another one: what differs is listed first, and needs a yes", async () => {
  const [before, after] = await ledgers
  const notebook = await stage.notebook(
    space,
    "Shares.ipynb",
    "import ledger\nprint('edition', ledger.EDITION)",
    "print('the share is', ledger.share(42, 0))",
    "print('the end')",
  )
  const run = await failed(notebook, { environment: before.name })
  lose(before.sha256)

  const page = await ada.open(`/runs/${run}`)
  await page.getByRole("button", { name: "Open live" }).click()
  await page.waitForURL(/\/notebooks\/\w{26}$/u)
  const first = page.url()
  const another = strip(page).getByRole("button", { name: "Open it in another environment…" })
  await another.waitFor({ timeout: 60_000 })
  await strip(page).getByText("Its environment could not be had, so that no cell was run. Cell 2 is where it failed.").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "other-environment-strip")
  await another.click()
  const dialog = page.getByRole("dialog", { name: "Open live" })
  const asked = dialog.getByRole("region", { name: "Environment" })
  await asked.getByText("It could not be built again here.").waitFor()
  const open = dialog.getByRole("button", { name: "Open live" })
  expect(await open.isDisabled()).toBe(true)
  await asked.getByRole("combobox", { name: "Open it in" }).selectOption({ label: `ledger-2.0 (${after.sha256.slice(0, 8)})` })
  expect(await asked.getByRole("listitem").allInnerTexts()).toEqual(["ledger 1.0 → 2.0"])
  await asked.getByLabel("Yes, open it in that one").check()
  // The one that it takes the place of is gone before its page is.
  stage.expectTrouble(/404 .*\/(origin|content|surroundings)\)/u)
  expect(await inaccessible(page)).toEqual([])
  await look(page, "other-environment-asked")
  await open.click()
  await page.waitForURL((url) => url.href !== first && /\/notebooks\/\w{26}$/u.test(url.pathname))
  await strip(page).getByText("The cell before is run again. Cell 2 is where it failed.").waitFor({ timeout: 60_000 })
  await page.getByText("edition 2").waitFor()
  // It stands where the one without a kernel stood, and there is no other.
  const { items } = await ada.api.call("listNotebooks", { query: { space } })
  expect(items.map(({ path }) => path).filter((path) => path.startsWith("Shares"))).toEqual(["Shares.ipynb", "Shares live.ipynb"])
  await look(page, "other-environment-opened")
  await strip(page).getByRole("button", { name: "Run the rest" }).click()
  await page.getByText("the share is 0.0").waitFor()
  await page.close()
})

test("a notebook goes on in another environment that is chosen beside it", async () => {
  const [, after] = await ledgers
  // What an operator has built at a terminal is told by the worker a moment later.
  const listed = async () => (await ada.api.call("listEnvironments", { query: { limit: 200 } })).items.map(({ name }) => name)
  await expect.poll(listed, { timeout: 60_000, interval: 500 }).toContain(after.name)
  const notebook = await stage.notebook(space, "Editions.ipynb", "import ledger\nprint('edition', ledger.EDITION)")
  const page = await ada.open(`/notebooks/${notebook}`)
  const outputs = page.locator("[data-cell] [data-stet-outputs]").first()
  await page.locator("[data-cell] .cm-content").first().waitFor()
  await page.keyboard.press("Control+Enter")
  await outputs.getByText("No module named 'ledger'").first().waitFor({ timeout: 60_000 })
  await page.getByRole("button", { name: /^Kernel: /u }).click()
  await page.getByRole("menuitem", { name: "Environment…" }).click()
  await page.getByRole("combobox", { name: "Run the session in" }).click()
  await page.getByRole("option", { name: after.name, exact: true }).click()
  await page.getByRole("button", { name: "Start a new session in it" }).click()
  await page.getByText("The session runs in the environment that you chose. Runs of the next version do too.").waitFor({ timeout: 60_000 })
  expect(await inaccessible(page)).toEqual([])
  await page.getByText(`The notebook asks for ${after.name}.`).waitFor()
  await look(page, "environment-kept")
  await page.locator("[data-cell] .cm-content").first().click()
  await page.keyboard.press("Control+Enter")
  await outputs.getByText("edition 2").waitFor({ timeout: 60_000 })

  // It stays with the notebook: the version that is saved from it runs there.
  await page.keyboard.press("Control+s")
  const latest = async () => (await ada.api.call("getNotebook", { params: { notebook } })).latest
  await expect.poll(latest, { timeout: 30_000, interval: 250 }).toBe(2)
  const run = await ada.api.call("launchRun", { body: { notebook } })
  const over = async () => (await ada.api.call("getRun", { params: { run: run.id } })).state
  await expect.poll(over, { timeout: 60_000, interval: 500 }).toBe("succeeded")
  await page.getByRole("button", { name: "Ask for none" }).click()
  await page.getByText("The notebook asks for").waitFor({ state: "detached" })
  await page.close()
})
