import { expect, test } from "vitest"
import { connect } from "#api/client.ts"
import { inaccessible, onStage, settled } from "./testing.ts"

const stage = onStage()

test("a token is shown once, works within its scopes, and is revoked", async () => {
  const ada = await stage.someone("Ada", { space: await stage.space("Tokens"), role: "runner" })
  const page = await ada.open("/settings/tokens")
  await page.getByLabel("Name").fill("nightly <job>")
  await page.getByRole("button", { name: "Make token" }).click()
  const token = await page.getByRole("textbox", { name: "The new token" }).inputValue()
  expect(await inaccessible(page)).toEqual([])
  const program = connect({ url: stage.url, token, tries: 1 })
  expect((await program.call("getSession", {})).scopes).toEqual(["read", "run"])
  await page.reload()
  await settled(page)
  expect(await page.content()).not.toContain(token)
  await page.getByRole("row").filter({ hasText: "nightly <job>" }).getByRole("button", { name: "Revoke" }).click()
  const dialog = page.getByRole("dialog", { name: "Revoke this token" })
  await dialog.waitFor()
  expect(await inaccessible(page)).toEqual([])
  await dialog.getByRole("button", { name: "Revoke" }).click()
  await page.getByRole("row").filter({ hasText: "nightly <job>" }).getByText("revoked").waitFor()
  await expect(program.call("getSession", {})).rejects.toThrow()
})

test("a profile is changed, a password set, and other sessions end by it", async () => {
  const ada = await stage.someone("Ada")
  const page = await ada.open("/settings")
  await page.getByLabel("Name").fill("Ada L.")
  await page.getByRole("button", { name: "Save" }).click()
  await page.getByText("Saved.").waitFor()
  await page.getByRole("button", { name: "Account of Ada L." }).waitFor()
  stage.expectTrouble(/status of 4\d\d/)
  await page.getByLabel("Current password").fill("not it")
  await page.getByLabel("New password").fill("quite another phrase")
  await page.getByRole("button", { name: "Set password" }).click()
  await page.getByRole("alert").waitFor()
  expect(page.url()).toContain("/settings")
  expect(await inaccessible(page)).toEqual([])
  await page.getByLabel("Current password").fill("a rather long phrase")
  await page.getByRole("button", { name: "Set password" }).click()
  await page.getByText("The new password holds from now on.").waitFor()
  await page.reload()
  await page.getByRole("heading", { name: "Profile" }).waitFor()
})

test("an administrator makes a group, lets somebody go, reads the audit and the health; nobody else is shown these", async () => {
  const space = await stage.space("People")
  const boss = await stage.administrator()
  const leaver = await stage.someone("Leo Leaver", { space, role: "editor" })
  await leaver.api.call("copyNotebook", { params: { notebook: await stage.notebook(space, "Base.ipynb", "1") }, body: { path: "Leos.ipynb" } })
  const page = await boss.open("/settings/groups")
  await page.getByRole("button", { name: "New group" }).first().click()
  await page.getByRole("dialog").getByLabel("Name").fill("Analysts")
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click()
  await page.getByRole("row").filter({ hasText: "Analysts" }).getByRole("button", { name: "Members" }).click()
  await page.getByRole("combobox", { name: "Add somebody" }).fill("Leo")
  await page.getByRole("option", { name: /Leo Leaver/ }).click()
  await page.getByRole("row").filter({ hasText: "Leo Leaver" }).getByText("by hand").waitFor()
  expect(await inaccessible(page)).toEqual([])

  await page.goto(`${stage.url}/settings/people`)
  await page.getByRole("textbox", { name: "Find somebody" }).fill("Leo Leaver")
  // The rows move under a menu that is opened before the list is the shorter one.
  await expect.poll(() => page.getByRole("table", { name: "People" }).getByRole("row").count()).toBe(2)
  await page.getByRole("button", { name: "Actions for Leo Leaver" }).click()
  expect(await inaccessible(page)).toEqual([])
  await page.getByRole("menuitem", { name: "Hand over and end the account" }).click()
  await page.getByText(/Leo Leaver owns 1 notebook/).waitFor()
  await page.getByRole("combobox", { name: "Hand it over to" }).fill("Root")
  await page
    .getByRole("option", { name: /Root Admin/ })
    .first()
    .click()
  await page.getByRole("button", { name: "Hand over and end the account" }).click()
  await page.getByText("Leo Leaver may not sign in any more.", { exact: false }).waitFor()

  await page.goto(`${stage.url}/settings/audit?action=person`)
  await page.getByRole("row").filter({ hasText: "person." }).first().waitFor()
  expect(await page.getByRole("row").filter({ hasText: "notebook." }).count()).toBe(0)
  expect(await inaccessible(page)).toEqual([])
  for (const part of ["health", "environments"]) {
    await page.goto(`${stage.url}/settings/${part}`)
    await page.getByRole("table").first().waitFor()
    await settled(page)
    expect(await inaccessible(page)).toEqual([])
  }

  const other = await stage.someone("Ola")
  const theirs = await other.open("/settings/people")
  expect(await theirs.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts()).toEqual([
    "Profile",
    "API tokens",
    "Subscriptions",
    "People",
    "Groups",
    "Environments",
  ])
  stage.expectTrouble(/status of 403/)
  await theirs.goto(`${stage.url}/settings/audit`)
  await theirs.getByRole("alert").waitFor()
  expect(await inaccessible(theirs)).toEqual([])
})
