/** Whose approval the templates of a space take: said in its settings, read on the page of a proposal by those who wait and those who are asked. */
import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { inaccessible, onStage, settled } from "./testing.ts"

const stage = onStage()

const asked = (page: Page, who: string) => page.getByRole("list", { name: "Whose approval it takes" }).getByRole("listitem").filter({ hasText: who })

test("an administrator names code owners in the settings of the space; the proposal says who has to approve, why, and how far that is", async () => {
  const space = await stage.space("Owned")
  const sina = await stage.someone("Sina Ledger", { space, role: "admin" })
  const tilda = await stage.someone("Tilda Teller", { space, role: "editor" })
  const lea = await stage.someone("Lea Lead", { space, role: "editor" })
  const group = await stage.admin.call("createGroup", { body: { name: "Ledger leads" } })
  await stage.admin.call("addMember", { params: { group: group.id, person: lea.id } })
  const page = await sina.open(`/spaces/${space}`)
  const openSettings = async () => {
    await page.getByRole("button", { name: "More" }).click()
    await page.getByRole("menuitem", { name: /Settings/u }).click()
    return page.getByRole("dialog", { name: "Settings of the space" })
  }
  const dialog = await openSettings()
  for (const name of ["Ledger leads (group)", "Sina Ledger"]) {
    await dialog.getByRole("combobox", { name: "Code owners" }).fill("Ledger")
    await page.getByRole("option", { name }).click()
  }
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Save" }).click()
  await dialog.waitFor({ state: "detached" })
  const again = await openSettings()
  await again.getByRole("list", { name: "Code owners" }).getByText("any one of the group").waitFor()
  expect(await again.getByRole("list", { name: "Code owners" }).getByRole("listitem").count()).toBe(2)
  await again.getByRole("button", { name: "Cancel" }).click()

  const notebook = await stage.notebook(space, "Ledger.ipynb", "print(1)")
  await tilda.api.call("propose", { params: { notebook }, body: { template: `${space}/ledger`, version: 1, message: "" } })
  const hers = await lea.open("/inbox")
  expect(await inaccessible(hers)).toEqual([])
  await hers.getByRole("link", { name: "Tilda Teller asks for your approval of a proposal of Ledger" }).click()
  await asked(hers, "Ledger leads").getByText("code owner of every template in its space").waitFor()
  await asked(hers, "Ledger leads").getByText("waiting for you").waitFor()
  await asked(hers, "Sina Ledger").getByText("waiting", { exact: true }).waitFor()
  await asked(hers, "Somebody who may edit it").getByText("as usual, one beside its author").waitFor()
  await hers.getByText("Your approval is asked for: you are of Ledger leads.").waitFor()
  await hers.getByRole("button", { name: "Approve" }).click()
  await asked(hers, "Ledger leads").getByText("approved by Lea Lead").waitFor()
  await asked(hers, "Somebody who may edit it").getByText("approved by Lea Lead").waitFor()
  expect(await inaccessible(hers)).toEqual([])
  await hers.setViewportSize({ width: 390, height: 844 })
  await settled(hers)
  expect(await hers.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  const list = hers.getByRole("list", { name: "Gates" }).getByRole("listitem").filter({ hasText: "Approvals" })
  await list.getByText("It takes the approval of Sina Ledger.").waitFor()
  await hers.goto(`${stage.url}/inbox`)
  await hers.getByText("Nothing waits for you").waitFor()
  const author = await tilda.open("/inbox")
  await author.getByRole("link", { name: "Lea Lead approved your proposal of Ledger" }).waitFor()
})

test("who may edit it from now on finds a proposal that waits in the inbox; when a code owner is named, it waits for them alone", async () => {
  const space = await stage.space("Anew")
  const otto = await stage.someone("Otto Author", { space, role: "editor" })
  const nora = await stage.someone("Nora Newcomer", { space, role: "viewer" })
  const carl = await stage.someone("Carl Keeper", { space, role: "editor" })
  const notebook = await stage.notebook(space, "Plan.ipynb", "print(1)")
  await otto.api.call("propose", { params: { notebook }, body: { template: `${space}/plan`, version: 1, message: "" } })
  const waits = "Otto Author asks for your approval of a proposal of Plan"
  const [hers, his] = [await nora.open("/inbox"), await carl.open("/inbox")]
  await his.getByRole("link", { name: waits }).waitFor()
  await hers.getByText("Nothing waits for you").waitFor()

  await stage.admin.call("grant", { params: { space }, body: { person: nora.id, role: "editor" } })
  const link = (page: Page) => page.getByRole("link", { name: waits })
  const becomes = (page: Page, there: boolean) =>
    expect
      .poll(
        async () => {
          await page.reload()
          await page.getByRole("heading", { name: "Inbox" }).waitFor()
          await settled(page)
          return (await link(page).count()) > 0
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(there)
  await becomes(hers, true)

  await stage.admin.call("setCodeOwners", { params: { space }, body: { codeOwners: [{ person: carl.id }] } })
  await becomes(hers, false)
  await becomes(his, true)
})
