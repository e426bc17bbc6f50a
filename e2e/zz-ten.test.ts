import { mkdirSync, writeFileSync } from "node:fs"
import { test } from "vitest"
import { onStage } from "./testing.ts"
const stage = onStage()
test("ten", async () => {
  stage.expectTrouble(/./u)
  mkdirSync("/tmp/w/shots", { recursive: true })
  const admin = await stage.administrator()
  const page = await admin.open("/templates")
  const part = page.getByRole("region", { name: "Examples" })
  await part.getByText("10 examples are not templates yet").waitFor()
  await page.screenshot({ path: "/tmp/w/shots/ten.png", fullPage: true })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: "/tmp/w/shots/ten-390.png", fullPage: true })
  await page.setViewportSize({ width: 1280, height: 860 })
  await part.getByRole("button", { name: "Prove and promote them all" }).click()
  const began = Date.now()
  for (;;) {
    await page.waitForTimeout(3000)
    const gone = (await part.count()) === 0
    const text = gone ? "all gone" : await part.innerText()
    writeFileSync("/tmp/w/ten.txt", `${Math.round((Date.now() - began) / 1000)} s\n${text}`)
    await page.screenshot({ path: "/tmp/w/shots/ten-now.png", fullPage: true })
    if (gone || (await part.getByRole("button", { name: /^Stop/u }).count()) === 0) break
    if (Date.now() - began > 900_000) break
  }
  const proposals = await admin.api.call("listProposals", { query: {} })
  const details = await Promise.all(proposals.items.map(({ id }) => admin.api.call("getProposal", { params: { proposal: id } })))
  writeFileSync("/tmp/w/ten.json", JSON.stringify(details.map(({ template, state, gates, checks }) => ({ template: template.name, state, gates, checks: checks.map(({ name, verdict, said, run }) => ({ name, verdict, said, run })) })), null, 1))
}, 1_000_000)
