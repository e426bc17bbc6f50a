import { expect, test } from "vitest"
import { inaccessible, onStage } from "./testing.ts"

const stage = onStage()

test("a role on one notebook adds to those of the space; it is given, changed, taken back, and given again by Undo", async () => {
  const space = await stage.space("Sharing")
  const id = await stage.notebook(space, "Shared.ipynb", "1")
  const ada = await stage.someone("Ada", { space, role: "admin" })
  const guest = await stage.someone("Guest Gwen")
  const page = await ada.open(`/spaces/${space}`)
  await page.getByRole("button", { name: "Actions for Shared" }).click()
  await page.getByRole("menuitem", { name: "Share" }).click()
  const dialog = page.getByRole("dialog", { name: "Share “Shared”" })
  await dialog.getByText("Nobody has a role on this notebook alone.").waitFor()
  await dialog.getByRole("combobox", { name: "Give a role to" }).fill("Gwen")
  await page.getByRole("option", { name: /Guest Gwen/ }).click()
  await dialog.getByRole("combobox", { name: "Role", exact: true }).click()
  await page.getByRole("option", { name: /^Commenter/ }).click()
  await dialog.getByRole("button", { name: "Give" }).click()
  await dialog.getByRole("combobox", { name: "Role of Guest Gwen" }).waitFor()
  expect(await inaccessible(page)).toEqual([])
  expect((await guest.api.call("getNotebook", { params: { notebook: id } })).title).toBe("Shared")

  await dialog.getByRole("button", { name: "Take the role back from Guest Gwen" }).click()
  await page.getByText("Guest Gwen is no longer a commenter.").waitFor()
  await expect(guest.api.call("getNotebook", { params: { notebook: id } })).rejects.toThrow(/no notebook/i)
  await page.getByRole("button", { name: "Undo" }).click()
  await dialog.getByRole("combobox", { name: "Role of Guest Gwen" }).waitFor()

  const theirs = await guest.open("/?show=shared")
  await theirs.getByRole("link", { name: "Shared", exact: true }).waitFor()

  await dialog.getByRole("button", { name: "Make an invitation link" }).click()
  expect(await dialog.getByRole("textbox", { name: "Invitation link" }).inputValue()).toMatch(/\/join\?link=stetlink_/)
  expect(await dialog.getByRole("textbox", { name: "Link", exact: true }).inputValue()).toBe(`${stage.url}/notebooks/${id}`)
})

test("who may not give roles sees who has them, and the link", async () => {
  const space = await stage.space("Seen")
  await stage.notebook(space, "Open.ipynb", "1")
  await stage.someone("Rita Editor", { space, role: "editor" })
  const vera = await stage.someone("Vera", { space, role: "viewer" })
  const page = await vera.open(`/spaces/${space}`)
  await page.getByRole("button", { name: "Actions for Open" }).click()
  await page.getByRole("menuitem", { name: "Share" }).click()
  const dialog = page.getByRole("dialog", { name: "Share “Open”" })
  await dialog.getByText("Rita Editor").waitFor()
  expect(await dialog.getByRole("button").allInnerTexts()).not.toContain("Give")
  expect(await dialog.getByRole("button", { name: /invitation/ }).count()).toBe(0)
})
