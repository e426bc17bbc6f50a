/** A notebook becomes something that others run by its name: proposed, proved, approved by somebody else, promoted, run. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, onStage, type Someone, settled } from "./testing.ts"

const stage = onStage()
let tilda: Someone
let boris: Someone
let rune: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Finance")
  tilda = await stage.someone("Tilda Teller", { space, role: "editor" })
  boris = await stage.someone("Boris Second", { space, role: "editor" })
  rune = await stage.someone("Rune Runner", { space, role: "runner" })
})

const CELLS = [
  { cell_type: "markdown", source: "# Weekly revenue\n\nWhat a region earned in a week, for the Monday meeting." },
  {
    source: 'region = "EU"  # Where it was earned\nweeks: int = 1  # How many weeks back',
    metadata: { tags: ["parameters"] },
    outputs: [],
    execution_count: null,
  },
  {
    source:
      "from IPython.display import Markdown, display\nearned = {'EU': 42, 'US': 84}[region] * weeks\ndisplay(Markdown(f'**{region}** earned **{earned}** in {weeks} weeks'))",
    metadata: { tags: ["total"] },
    outputs: [],
    execution_count: null,
  },
] as const

const gate = (page: Page, word: string) => page.getByRole("list", { name: "Gates" }).getByRole("listitem").filter({ hasText: word })
const stands = (page: Page, word: string) => expect.poll(() => gate(page, word).getAttribute("data-state"), { timeout: 60_000, interval: 250 })

test("proposed from the notebook's menu, proved by its tests, approved by a second person, promoted, and run by who never saw a notebook", async () => {
  const notebook = await stage.notebook(space, "Weekly revenue.ipynb", ...CELLS)
  const hers = await tilda.open(`/notebooks/${notebook}`)
  await hers.getByRole("button", { name: "More about this notebook" }).click()
  await hers.getByRole("menuitem", { name: "Propose as template…" }).click()
  const dialog = hers.getByRole("dialog", { name: /^Propose version 1/u })
  const name = await dialog.getByRole("textbox", { name: "Name" }).inputValue()
  expect(name).toBe(`${space}/weekly-revenue`)
  await dialog.getByRole("textbox", { name: "What is new" }).fill("The first one, for the Monday meeting.")
  await dialog.getByRole("button", { name: "Add a test case" }).click()
  const adding = dialog.getByRole("group", { name: "Test cases" })
  await adding.getByRole("textbox", { name: "Name" }).fill("two weeks in the US")
  await adding.getByRole("textbox", { name: /^Parameters/u }).fill('{"region": "US", "weeks": 2}')
  await adding.getByRole("textbox", { name: /tag or id/u }).fill("total")
  await adding.getByRole("textbox", { name: "must show" }).fill("168")
  expect(await inaccessible(hers)).toEqual([])
  await adding.getByRole("button", { name: "Add", exact: true }).click()
  await dialog.getByText('region = "US", weeks = 2 → succeeds, one check').waitFor()
  await dialog.getByRole("button", { name: "Propose", exact: true }).click()

  await hers.waitForURL(/\/proposals\//u)
  await stands(hers, "Fresh rerun").toBe("passed")
  await stands(hers, "Test cases").toBe("passed")
  await stands(hers, "Approvals").toBe("pending")
  expect(await hers.getByRole("button", { name: "Approve" }).count()).toBe(0)
  expect(await hers.getByRole("button", { name: "Promote" }).isDisabled()).toBe(true)
  expect(await inaccessible(hers)).toEqual([])

  const theirs = await boris.open("/templates")
  await theirs
    .getByRole("region", { name: "Open proposals" })
    .getByRole("link", { name: new RegExp(name, "u") })
    .click()
  await theirs.getByRole("textbox", { name: "What you have to say" }).fill("The numbers are those of the ledger.")
  await theirs.getByRole("button", { name: "Approve" }).click()
  await stands(theirs, "Approvals").toBe("passed")
  await theirs.getByText("The numbers are those of the ledger.").first().waitFor()
  await theirs.getByRole("button", { name: "Promote" }).click()
  await theirs.waitForURL(new RegExp(`/templates/${name}$`, "u"))
  await theirs.getByText("promoted by").waitFor()

  const gallery = await rune.open("/templates?q=weekly")
  expect(await inaccessible(gallery)).toEqual([])
  await gallery.getByRole("link", { name: "Weekly revenue" }).click()
  const form = gallery.getByRole("complementary", { name: "Run it" })
  await form.getByRole("textbox", { name: "weeks" }).fill("half")
  await form.getByRole("button", { name: "Run", exact: true }).click()
  await form.getByText('"half" is not a whole number', { exact: false }).waitFor()
  expect(await inaccessible(gallery)).toEqual([])
  await form.getByRole("textbox", { name: "region" }).fill("US")
  await form.getByRole("textbox", { name: "weeks" }).fill("3")
  await form.getByRole("button", { name: "Run", exact: true }).click()
  await gallery.waitForURL(/\/runs\//u)
  await gallery.getByText("US earned 252 in 3 weeks").waitFor({ timeout: 60_000 })

  await gallery.goto(`${stage.url}/templates/${name}`)
  await settled(gallery)
  await gallery.getByRole("region", { name: "Runs" }).getByText("Rune Runner").waitFor()
})

test("a test case that fails keeps it from being promoted, whoever approves, and says which one", async () => {
  const notebook = await stage.notebook(space, "Wrong sum.ipynb", ...CELLS)
  const expects = { outcome: "succeeds", checks: [{ check: "output_contains", cell: "total", text: "43" }] } as const
  await tilda.api.call("putTest", { params: { notebook, name: "the EU" }, body: { parameters: {}, expects: expects as never } })
  const { id } = await tilda.api.call("propose", { params: { notebook }, body: { template: `${space}/wrong-sum`, version: 1, message: "" } })
  const page = await boris.open(`/proposals/${id}`)
  await stands(page, "Test cases").toBe("failed")
  await page.getByRole("button", { name: "Approve" }).click()
  await stands(page, "Approvals").toBe("passed")
  expect(await page.getByRole("button", { name: "Promote" }).isDisabled()).toBe(true)
  await page
    .getByRole("region", { name: "Runs that prove it" })
    .getByRole("link", { name: /the EU/u })
    .waitFor()
  expect(await inaccessible(page)).toEqual([])
  const nobody = await rune.open("/templates?q=wrong-sum")
  await expect(rune.api.call("runTemplate", { params: { template: `${space}/wrong-sum` }, body: {} })).rejects.toThrow()
  expect(await nobody.getByRole("button", { name: "Run", exact: true }).count()).toBe(0)
})
