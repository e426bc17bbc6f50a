/** A notebook becomes something that others run by its name: proposed, proved, approved by somebody else, promoted, run. */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { inaccessible, ipynb, onStage, type Someone, settled } from "./testing.ts"

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
      "from IPython.display import Markdown, display\nclass UserMessage(Exception): pass\nif region not in ('EU', 'US'): raise UserMessage(f'There are no figures for {region}.')\nearned = {'EU': 42, 'US': 84}[region] * weeks\ndisplay(Markdown(f'**{region}** earned **{earned}** in {weeks} weeks'))",
    metadata: { tags: ["total"] },
    outputs: [],
    execution_count: null,
  },
] as const

const BUSY = { type: "about:blank", title: "Not now", status: 409, detail: "Not now.", instance: "", code: "wrong_state", errors: [], remedy: "" }

/** Shows what it earned in every kind that is compared. */
const KINDS = {
  source: `import struct, time, zlib
from IPython.display import HTML, Image
print('took', time.perf_counter(), 's')
print('total', earned)
rows = [('Bern', earned), ('Graz', 7), ('Köln', 9)][: 3 if earned < 43 else 2]
display(HTML('<table><thead><tr><th>city</th><th>sum</th></tr></thead>' + ''.join(f'<tr><td>{a}</td><td>{b}</td></tr>' for a, b in rows) + '</table>'))
display({'application/json': {'earned': earned, 'weeks': weeks}}, raw=True)
piece = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
row = b'\\0' + bytes([2 * earned, 60, 120]) * 120
display(Image(b'\\x89PNG\\r\\n\\x1a\\n' + piece(b'IHDR', struct.pack('>IIBBBBB', 120, 40, 8, 2, 0, 0, 0)) + piece(b'IDAT', zlib.compress(row * 40)) + piece(b'IEND', b'')))`,
  outputs: [],
  execution_count: null,
} as const

const look = async (page: Page, name: string) =>
  process.env["LOOKS"] && page.screenshot({ path: `${process.env["LOOKS"]}/${name}.png`, fullPage: true })
const gate = (page: Page, word: string) =>
  page
    .getByRole("list", { name: "Gates" })
    .getByRole("listitem")
    .filter({ has: page.getByText(word, { exact: true }) })
const stands = (page: Page, word: string) => expect.poll(() => gate(page, word).getAttribute("data-state"), { timeout: 60_000, interval: 250 })

test("tests of a new version wait for a yes where they would change something outside: found in the inbox, said with one press", async () => {
  const notebook = await stage.notebook(space, "Sends.ipynb", "import os\nos.system('touch sent')")
  await tilda.api.call("putTest", { params: { notebook, name: "sends" }, body: { expects: {} } })
  await stage.admin.call("setOwner", { params: { notebook }, body: { person: tilda.id } })
  await tilda.api.call("setTesting", { params: { notebook }, body: { versions: true } })
  const stateOf = async () => (await tilda.api.call("listTestRuns", { params: { notebook } })).items[0]?.state
  await expect.poll(stateOf, { timeout: 30_000, interval: 250 }).toBe("waiting")
  const hers = await tilda.open("/inbox")
  await hers.getByRole("link", { name: /Test cases of Sends wait for your yes/u }).click()
  const tests = hers.getByRole("region", { name: "Tests", exact: true })
  await tests.getByText("Cell 1 runs a command (os.system)").waitFor()
  expect(await inaccessible(hers)).toEqual([])
  await look(hers, "tests-waiting")
  await hers.setViewportSize({ width: 390, height: 860 })
  await look(hers, "tests-waiting-390")
  await tests.getByRole("button", { name: "Let them run", exact: true }).click()
  await tests.getByText("all passed").waitFor({ timeout: 60_000 })
  expect(await tests.getByRole("button", { name: "Let them run", exact: true }).count()).toBe(0)
  await hers.goto(`${stage.url}/inbox`)
  await hers.getByText("Nothing waits for you").waitFor()
})

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
  // What the notebook has stands there to be changed; a case that is not added is not lost by proposing.
  expect(await adding.getByRole("textbox", { name: /^Parameters/u }).inputValue()).toMatch(/^\{ "region": "\w+", .*"weeks": \d+ \}$/u)
  await dialog.getByText("What is being written is not among the test cases yet.").waitFor()
  expect(await dialog.getByRole("button", { name: "Propose", exact: true }).isDisabled()).toBe(true)
  await adding.getByRole("textbox", { name: /^Parameters/u }).fill('{"region": "US", "weeks": 2}')
  await adding.getByRole("textbox", { name: /tag or id/u }).fill("total")
  await adding.getByRole("textbox", { name: "must show" }).fill("168")
  expect(await inaccessible(hers)).toEqual([])
  // Enter adds the case, and sends nothing else.
  await adding.getByRole("textbox", { name: "must show" }).press("Enter")
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

  await gallery.keyboard.press("Control+K")
  await gallery.getByRole("combobox", { name: /^Find notebooks/u }).fill(name)
  await gallery.getByRole("group", { name: "Templates" }).getByRole("option", { name }).click()
  await gallery.waitForURL(`${stage.url}/templates/${name}`)
  await settled(gallery)
  await gallery.getByRole("region", { name: "Runs" }).getByText("Rune Runner").waitFor()
  // The page is made of what was declared, proved and run; what was typed is still there.
  await gallery.getByRole("region", { name: "What it takes" }).getByText("How many weeks back").waitFor()
  await gallery.getByRole("region", { name: "Example" }).getByText("US earned 168 in 2 weeks").waitFor()
  await gallery.getByRole("region", { name: "Usage" }).getByText("Rune Runner").waitFor()
  const code = gallery.getByRole("region", { name: "As code" })
  await code.getByRole("tab", { name: "Airflow" }).click()
  await code.getByText('"region": "US"').waitFor()
  expect(await inaccessible(gallery)).toEqual([])
  const again = gallery.getByRole("complementary", { name: "Run it" })
  expect(await again.getByRole("textbox", { name: "weeks" }).inputValue()).toBe("3")

  await again.getByRole("textbox", { name: "region" }).fill("Mars")
  await again.getByRole("button", { name: "Run", exact: true }).click()
  await gallery.waitForURL(/\/runs\//u)
  const happened = gallery.getByRole("region", { name: "What happened" })
  await happened.getByText("There are no figures for Mars.").waitFor({ timeout: 60_000 })
  await happened.getByText(new URL(gallery.url()).pathname.split("/").at(-1) ?? "").waitFor()
  expect(await gallery.getByText(/Traceback|UserMessage/u).count()).toBe(0)
  await happened.getByRole("textbox", { name: "What you want to say" }).fill("I wanted the red planet.")
  await happened.getByRole("button", { name: "Tell the owner" }).click()
  await happened.getByText("Tilda Teller will find it in the inbox.").waitFor()
  expect(await inaccessible(gallery)).toEqual([])
  const inbox = await tilda.open("/inbox")
  await inbox.getByText("I wanted the red planet.").waitFor()
  await inbox.getByRole("button", { name: "Answer", exact: true }).click()
  await inbox.getByRole("textbox", { name: /^Answer to/u }).fill("Mars comes in May.")
  expect(await inaccessible(inbox)).toEqual([])
  // Nothing of it reaches the server yet: it is said to be read already.
  const told = inbox.getByRole("listitem").filter({ hasText: "I wanted the red planet." })
  let letGo = () => {}
  await inbox.route(/\/answer$/u, async (route) => {
    await new Promise<void>((resolve) => {
      letGo = resolve
    })
    await route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify(BUSY) })
  })
  await inbox.getByRole("button", { name: "Send" }).click()
  await told.getByRole("button", { name: "Mark as read" }).waitFor({ state: "detached" })
  stage.expectTrouble(/409/u)
  letGo()
  await told.getByRole("button", { name: "Mark as read" }).waitFor()
  expect(await told.getByRole("textbox").inputValue()).toBe("Mars comes in May.")
  await inbox.unroute(/\/answer$/u)
  await inbox.getByRole("button", { name: "Send" }).click()
  await inbox.getByText(/has your answer: Mars comes in May\./u).waitFor()
  await gallery.goto(`${stage.url}/inbox`)
  await gallery.getByRole("link", { name: /Tilda Teller answers you about a run of/u }).waitFor()
  await gallery.getByText("Mars comes in May.").waitFor()
  // Without a mouse, one after the other: the focus goes on, and does not fall to the page.
  await gallery.getByRole("button", { name: "Mark as read" }).first().press("Enter")
  for (let left = await gallery.getByRole("button", { name: "Mark as read" }).count(); left > 0; left--) await gallery.keyboard.press("Enter")
  await gallery.getByText("Nothing waits for you").waitFor()
  expect(await gallery.evaluate(() => document.activeElement?.id)).toBe("main")
  await inbox.getByRole("link", { name: /tells you of a run/u }).click()
  // Who writes it sees what broke.
  await inbox.getByText("UserMessage").first().waitFor()

  await gallery.goto(`${stage.url}/templates/${name}`)
  await gallery.getByRole("button", { name: "Subscribe" }).click()
  const hearing = gallery.getByRole("dialog", { name: /^Hear of runs/u })
  await hearing.getByRole("button", { name: "Subscribe", exact: true }).click()
  await hearing.getByText("Failures, in the inbox").waitFor()
  expect(await inaccessible(gallery)).toEqual([])
  await gallery.goto(`${stage.url}/settings/subscriptions`)
  await gallery.getByRole("link", { name }).waitFor()
  expect(await inaccessible(gallery)).toEqual([])
  await gallery.getByRole("button", { name: "Unsubscribe" }).click()
  await gallery.getByText("You hear of nothing yet").waitFor()
})

test("a finding of a proposal is let stand by who reviews it, with a reason, and taken up again", async () => {
  const notebook = await stage.notebook(space, "Findings.ipynb", "import random\nprint(random.random())")
  const { id } = await tilda.api.call("propose", { params: { notebook }, body: { template: `${space}/findings`, version: 1, message: "" } })
  const page = await boris.open(`/proposals/${id}`)
  await page.getByText(/findings? in its source/u).click()
  const first = page.getByRole("listitem").filter({ hasText: "sets a seed" })
  await first.getByRole("button", { name: "Let it stand…" }).click()
  await first.getByRole("textbox", { name: "Why may it stand?" }).fill("Chance is what is wanted.")
  expect(await inaccessible(page)).toEqual([])
  await first.getByRole("button", { name: "Let it stand", exact: true }).click()
  await first.getByText("Chance is what is wanted.").waitFor()
  await first.getByText("Boris Second").waitFor()
  await page.getByText(/1 let stand$/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await first.getByRole("button", { name: "Take it up again" }).click()
  await first.getByRole("button", { name: "Let it stand…" }).waitFor()
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

test("on a phone a reviewer reads what changed and approves; who may not edit sees no buttons; going back is one click", async () => {
  const notebook = await stage.notebook(space, "Phone.ipynb", ...CELLS, KINDS)
  const template = `${space}/phone`
  const proposed = (version: number) => tilda.api.call("propose", { params: { notebook }, body: { template, version, message: "" } })
  const first = await proposed(1)
  const { binding } = await provenOf(first.id)
  await boris.api.call("reviewProposal", { params: { proposal: first.id }, body: { verdict: "approve", text: "", binding } })
  await boris.api.call("promote", { params: { proposal: first.id } })
  // It was saved with what an earlier state of it had shown.
  const stored = [{ output_type: "display_data", data: { "text/markdown": "**EU** earned **40** in 1 weeks" }, metadata: {} }]
  const changedCells = [
    CELLS[0],
    CELLS[1],
    { ...CELLS[2], source: CELLS[2].source.replace("'EU': 42", "'EU': 43"), outputs: stored, execution_count: 1 },
    { ...KINDS, source: KINDS.source.replace("2 * earned", "5 * earned") },
  ]
  await tilda.api.call("saveContent", { params: { notebook }, query: { message: "Europe earned one more." }, body: ipynb(...changedCells) })
  const second = await proposed(2)
  await provenOf(second.id)

  const theirs = await boris.open(`/proposals/${second.id}`)
  await theirs.setViewportSize({ width: 390, height: 844 })
  const changed = theirs.getByRole("region", { name: "What changed" })
  await changed.getByText("'EU': 43").first().waitFor()
  await changed.getByRole("link", { name: "Compare its run with that of version 1" }).waitFor()
  // What the two reruns showed, by kind, beside one another on the page itself.
  const outputs = changed.getByRole("region", { name: "Outputs of cell 3" })
  await outputs.locator("del, ins").filter({ hasText: "earned **43**" }).waitFor()
  expect(await outputs.locator("del").filter({ hasText: "earned **42**" }).count()).toBe(1)
  const kinds = changed.getByRole("region", { name: "Outputs of cell 4" })
  await kinds.getByText("total 43", { exact: true }).waitFor()
  expect(await kinds.locator("i").first().innerText()).toMatch(/^[\d.]+ s$/u)
  expect(await kinds.getByRole("region", { name: "Rows that differ" }).innerText()).toMatch(/Bern\s+42\s+43[\s\S]*Köln\s+9/u)
  expect(await kinds.getByRole("row", { name: /earned/u }).innerText()).toMatch(/42\s+43/u)
  await expect.poll(() => kinds.locator("img").count()).toBe(2)
  await theirs.getByRole("region", { name: "Shown again" }).getByText("From a fresh kernel 1 cell of 1 showed something else").waitFor()
  await theirs.getByRole("region", { name: "Comments on cells" }).waitFor()
  const approve = theirs.getByRole("button", { name: "Approve" })
  await approve.scrollIntoViewIfNeeded()
  expect(await theirs.evaluate(() => document.documentElement.scrollWidth <= 390)).toBe(true)
  expect(await inaccessible(theirs)).toEqual([])
  await look(theirs, "review-phone")
  if (process.env["LOOKS"]) {
    await theirs.emulateMedia({ colorScheme: "dark" })
    await look(theirs, "review-phone-dark")
    await theirs.emulateMedia({ colorScheme: "light" })
    await theirs.setViewportSize({ width: 1280, height: 900 })
    await look(theirs, "review")
    await theirs.emulateMedia({ colorScheme: "dark" })
    await look(theirs, "review-dark")
    await theirs.emulateMedia({ colorScheme: "light" })
    await theirs.setViewportSize({ width: 390, height: 844 })
  }
  await theirs.getByRole("textbox", { name: "What you have to say" }).fill("Say which year it is.")
  await theirs.getByRole("button", { name: "Ask for changes", exact: true }).click()
  await stands(theirs, "Approvals").toBe("failed")
  await theirs.getByText("Say which year it is.").first().waitFor()
  expect(await theirs.getByRole("button", { name: "Promote", exact: true }).isDisabled()).toBe(true)
  expect(await theirs.evaluate(() => document.documentElement.scrollWidth <= 390)).toBe(true)
  expect(await inaccessible(theirs)).toEqual([])
  await look(theirs, "review-phone-changes")
  const hers = await tilda.open("/inbox")
  await hers.setViewportSize({ width: 390, height: 844 })
  const told = hers.getByRole("listitem").filter({ hasText: "Say which year it is." })
  await told.getByRole("link", { name: /Boris Second asks for changes in your proposal/u }).click()
  await hers.waitForURL(new RegExp(`/proposals/${second.id}$`, "u"))

  await theirs.getByRole("textbox", { name: "What you have to say" }).fill("One line, as said.")
  await approve.click()
  await stands(theirs, "Approvals").toBe("passed")

  const reader = await rune.open(`/proposals/${second.id}`)
  await reader.getByText("One line, as said.").waitFor()
  expect(await reader.getByRole("region", { name: "Decide" }).count()).toBe(0)

  await theirs.getByRole("button", { name: "Promote" }).click()
  await theirs.waitForURL(new RegExp(`/templates/${template}$`, "u"))
  const log = theirs.getByRole("region", { name: "Change log", exact: true })
  await log.getByText("Europe earned one more.", { exact: true }).waitFor()
  await log.getByText("made by Tilda Teller").first().waitFor()
  await look(theirs, "change-log-390")
  await theirs.getByRole("button", { name: "Go back to this" }).click()
  await theirs.getByText("It went back to version 1.").waitFor()
  expect((await rune.api.call("getTemplate", { params: { template } })).version).toBe(1)
  await theirs.getByRole("button", { name: "Go on to this" }).click()
  await theirs.getByText("It went back to version 1.").waitFor({ state: "detached" })
  expect(await inaccessible(theirs)).toEqual([])
})

async function provenOf(proposal: string) {
  for (;;) {
    const view = await tilda.api.call("getProposal", { params: { proposal } })
    if (view.checks.every(({ verdict }) => verdict !== "pending")) return view
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

test("an administrator changes the policy; the owner agrees that it runs in their name, and takes that back; it is handed over and deprecated", async () => {
  const sina = await stage.someone("Sina Space", { space, role: "admin" })
  const notebook = await stage.notebook(space, "Named.ipynb", ...CELLS)
  const template = `${space}/named`
  await tilda.api.call("propose", { params: { notebook }, body: { template, version: 1, message: "" } })
  const hers = await sina.open(`/templates/${template}`)
  await hers.getByRole("button", { name: "Change the policy…" }).click()
  const dialog = hers.getByRole("dialog", { name: `Policy of ${template}` })
  await dialog.getByRole("textbox", { name: "Approvals" }).fill("0")
  await dialog.getByRole("textbox", { name: "Longest, seconds" }).fill("600")
  await dialog
    .getByRole("combobox", { name: "Runs in the name of" })
    .or(dialog.getByRole("textbox", { name: "Runs in the name of" }))
    .first()
    .click()
  await hers.getByRole("option", { name: /its owner, Tilda/u }).click()
  expect(await inaccessible(hers)).toEqual([])
  await look(hers, "template-policy")
  await dialog.getByRole("button", { name: "Save" }).click()
  const policy = hers.getByRole("region", { name: "Policy" })
  await policy.getByText("600 s at most").waitFor()

  const { id } = await tilda.api.call("propose", { params: { notebook }, body: { template, version: 1, message: "as me" } })
  await provenOf(id)
  const mine = await tilda.open(`/proposals/${id}`)
  await stands(mine, "Consent").toBe("pending")
  await mine.getByRole("button", { name: "Agree", exact: true }).click()
  await stands(mine, "Consent").toBe("passed")
  await mine.getByRole("button", { name: "Promote" }).click()
  await mine.waitForURL(new RegExp(`/templates/${template}$`, "u"))
  const { id: run } = await rune.api.call("runTemplate", { params: { template }, body: {} })
  const seen = await rune.open(`/runs/${run}`)
  await seen.getByText("in the name of Tilda Teller").waitFor()
  await mine.getByRole("button", { name: "Take the consent back" }).click()
  await mine.getByRole("alert").getByText("who does not agree to that any more").waitFor()
  await expect(rune.api.call("runTemplate", { params: { template }, body: {} })).rejects.toThrow()

  await hers.getByRole("button", { name: "Hand over…" }).click()
  const handing = hers.getByRole("dialog", { name: `Hand over ${template}` })
  await handing
    .getByRole("combobox", { name: "To" })
    .or(handing.getByRole("textbox", { name: "To" }))
    .first()
    .fill("Boris")
  await hers.getByRole("option", { name: /Boris Second/u }).click()
  await handing.getByRole("button", { name: "Hand over", exact: true }).click()
  await hers.getByText("Owned by").getByText("Boris Second").waitFor()
  await hers.getByRole("button", { name: "Deprecate…" }).click()
  const ending = hers.getByRole("dialog", { name: `Deprecate ${template}` })
  await ending.getByRole("textbox", { name: "Why, and what to do instead" }).fill("Take the one for phones.")
  await ending
    .getByRole("combobox", { name: "Successor" })
    .or(ending.getByRole("textbox", { name: "Successor" }))
    .first()
    .click()
  await hers.getByRole("option", { name: `${space}/phone` }).click()
  await ending.getByRole("button", { name: "Deprecate", exact: true }).click()
  await hers.getByText("Do not use this any more.").waitFor()
  await hers.getByRole("link", { name: `Use ${space}/phone` }).waitFor()
  await look(hers, "template-deprecated")
  expect(await inaccessible(hers)).toEqual([])
})

test("who a new version would break is listed on its page, with what they gave; its test cases run again where it was promoted", async () => {
  const notebook = await stage.notebook(space, "Called.ipynb", ...CELLS)
  const template = `${space}/called`
  const expects = { outcome: "succeeds", checks: [{ check: "output_contains", cell: "total", text: "84" }] } as const
  const mocks = [{ cell: "total", source: "print(84)" }]
  await tilda.api.call("putTest", { params: { notebook, name: "mocked" }, body: { parameters: {}, expects: expects as never, mocks } })
  const proposed = (version: number) => tilda.api.call("propose", { params: { notebook }, body: { template, version, message: "" } })
  const first = await proposed(1)
  const { binding } = await provenOf(first.id)
  await boris.api.call("reviewProposal", { params: { proposal: first.id }, body: { verdict: "approve", text: "", binding } })
  await boris.api.call("promote", { params: { proposal: first.id } })
  const called = await rune.api.call("runTemplate", { params: { template }, body: { parameters: { region: "US", weeks: 2 } } })
  const renamed = { ...CELLS[1], source: CELLS[1].source.replace("weeks: int", "week_count: int") }
  const total = { ...CELLS[2], source: CELLS[2].source.replaceAll("weeks", "week_count") }
  await tilda.api.call("saveContent", { params: { notebook }, body: ipynb(CELLS[0], renamed, total) })
  const second = await proposed(2)

  const page = await boris.open(`/proposals/${second.id}`)
  const broken = page.getByRole("region", { name: "Callers it breaks" })
  await broken.getByRole("heading", { name: "It breaks one caller" }).waitFor()
  await broken.getByText("Rune Runner").waitFor()
  await broken.getByText(/^There is no parameter weeks|parameter weeks is unknown/u).waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "review-breaks")
  await broken
    .getByRole("link")
    .filter({ hasText: /ago|now/u })
    .click()
  await page.waitForURL(`${stage.url}/runs/${called.id}`)

  const tests = page.getByRole("region", { name: "Tests" })
  await page.goto(`${stage.url}/templates/${template}`)
  await tests.getByText(/which it was promoted in$/u).waitFor()
  await tests.getByRole("button", { name: "Run its test cases" }).click()
  await tests.getByText(/^all passed, .*, in .*, which it was promoted in$/u).waitFor({ timeout: 60_000 })
  await tests.getByText("They reach 1 of 2 cells").click()
  await expect
    .poll(() => tests.getByRole("list", { name: "Cells" }).getByRole("listitem").allInnerTexts())
    .toEqual([expect.stringMatching(/^1 test case\s*Cell 2 “parameters”/u), expect.stringMatching(/^replaced\s*Cell 3 “total”/u)])
  expect(await inaccessible(page)).toEqual([])
  await look(page, "template-tests")
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= 390)).toBe(true)
  await look(page, "template-tests-390")
})

test("test cases are edited as a file, run on a version when asked, and what they came to stands with it", async () => {
  const notebook = await stage.notebook(space, "Tested.ipynb", ...CELLS)
  const page = await tilda.open(`/notebooks/${notebook}`)
  await page.getByRole("button", { name: "More about this notebook" }).click()
  await page.getByRole("menuitem", { name: "Propose as template…" }).click()
  const tests = page.getByRole("dialog").getByRole("group", { name: "Test cases" })
  await tests.getByRole("button", { name: "Edit them as a file" }).click()
  const file = tests.getByRole("textbox", { name: "Test cases" })
  stage.expectTrouble(/422/u)
  await file.fill("tests:\n  - nam: one\n")
  await tests.getByRole("button", { name: "Save" }).click()
  await tests.getByText('Tested.stet.yaml:2: there is no "nam" here: did you mean name?').waitFor()
  await file.fill(
    `tests:
  - name: one week
    checks: [{check: output_contains, cell: total, text: "**42**"}]
  - name: replaced
    mocks: [{cell: total, source: "print(43)"}]
    checks: [{check: expression, expression: region, equals: US}]
`,
  )
  expect(await inaccessible(page)).toEqual([])
  await look(page, "tests-file")
  await tests.getByRole("button", { name: "Save" }).click()
  await tests.getByText("without “total”").waitFor()
  const every = tests.getByRole("switch", { name: "Run them on every new version" })
  expect(await every.isChecked()).toBe(false)
  await every.click()
  await expect.poll(() => every.isChecked()).toBe(true)

  await page.goto(new URL(`/notebooks/${notebook}/versions/1`, page.url()).href)
  const outcome = page.getByRole("region", { name: "Tests" })
  // They may run by themselves already, because the version is newer than the wish.
  await outcome.getByText(/1 of 2 failed/u).waitFor({ timeout: 60_000 })
  await outcome.getByText('region was to be "US", and is "EU".').waitFor()
  await page.getByText("tests failed").first().waitFor()
  await outcome.getByRole("button", { name: "Run them again" }).click()
  await outcome.getByText(/still to end/u).waitFor()
  await outcome.getByText(/1 of 2 failed/u).waitFor({ timeout: 60_000 })
  expect(await inaccessible(page)).toEqual([])
  await look(page, "tests-version")
  await page.setViewportSize({ width: 390, height: 844 })
  await settled(page)
  await look(page, "tests-version-390")
})

test("what it changes outside is listed where its test cases run and where it is proposed, and nothing runs before a yes", async () => {
  const runs = { source: "import subprocess\nsubprocess.run(['true'])", outputs: [], execution_count: null } as const
  const notebook = await stage.notebook(space, "Outside.ipynb", ...CELLS, runs)
  const page = await tilda.open(`/notebooks/${notebook}`)
  const dialog = page.getByRole("dialog", { name: "Propose version 1 as a template" })
  const propose = async () => {
    await page.getByRole("button", { name: "More about this notebook" }).click()
    await page.getByRole("menuitem", { name: "Propose as template…" }).click()
    await dialog.getByRole("textbox", { name: "Name" }).fill(`${space}/outside`)
  }
  await propose()
  const tests = dialog.getByRole("group", { name: "Test cases" })
  await tests.getByRole("button", { name: "Edit them as a file" }).click()
  await tests.getByRole("textbox", { name: "Test cases" }).fill("tests:\n  - name: as it is\n")
  await tests.getByRole("button", { name: "Save" }).click()
  await tests.getByText("as it is").waitFor()
  stage.expectTrouble(/409/u)
  await dialog.getByRole("button", { name: "Propose", exact: true }).click()
  await dialog.getByText("Cell 4 runs a command (subprocess.run)").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "propose-writes")
  await dialog.getByRole("button", { name: "Cancel" }).click()

  await page.goto(new URL(`/notebooks/${notebook}/versions/1`, page.url()).href)
  const outcome = page.getByRole("region", { name: "Tests" })
  await outcome.getByRole("button", { name: "Run its test case" }).click()
  await outcome.getByText("Cell 4 runs a command (subprocess.run)").waitFor()
  expect(await inaccessible(page)).toEqual([])
  await look(page, "tests-writes")
  await outcome.getByRole("button", { name: "Run them all the same" }).click()
  await outcome.getByText(/all passed/u).waitFor({ timeout: 60_000 })

  await page.goto(new URL(`/notebooks/${notebook}`, page.url()).href)
  await propose()
  await dialog.getByRole("button", { name: "Propose", exact: true }).click()
  await dialog.getByRole("button", { name: "Propose all the same" }).click()
  await page.waitForURL(/\/proposals\//u)
  await stands(page, "Fresh rerun").toBe("passed")
})
