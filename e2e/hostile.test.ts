/**
 * Texts of others on the app's own screens: titles, tags, labels, messages, comments, names, parameters, what runs print and raise, files.
 * Each is a payload that would call home if a screen took it for more than text; hundreds of them a screen. In full (`npm run attack`)
 * every payload goes to every place.
 */
import type { Page } from "playwright-core"
import { beforeAll, expect, test } from "vitest"
import { payloads } from "../src/web/outputs/testing/payloads.ts"
import { ipynb, onStage, type Someone } from "./testing.ts"

const stage = onStage()
const ALL = payloads("http://127.0.0.1:9").map(({ text }) => text)
/** Ways into a text that is put into a page as text: an attribute left, an element closed, an address, a template. */
const ROUNDS = process.env["STET_TEST_ATTACK"] === "full" ? 10 : 1

let ada: Someone
let eve: Someone
let space: string

beforeAll(async () => {
  space = await stage.space("Hostile")
  ada = await stage.administrator()
  eve = await stage.someone("Eve", { space, role: "admin" })
})

/** The next ones, round and round; every call gets others. */
function dealer(round: number): (count: number, most?: number) => readonly string[] {
  let at = Math.floor((round * ALL.length) / ROUNDS)
  return (count, most = 2000) =>
    Array.from({ length: count }, () => {
      for (;;) {
        const text = ALL[at++ % ALL.length] as string
        if (text.length <= most && !/[\0-\x1f]/u.test(text)) return text
      }
    })
}

type Planted = {
  readonly notebooks: readonly string[]
  readonly talked: string
  readonly run: string
  readonly count: number
  readonly folder: string
}

/** What is not taken is no way in; most is. */
async function plant(round: number): Promise<Planted> {
  const deal = dealer(round)
  let count = 0
  const taken = async (work: Promise<unknown>): Promise<boolean> => {
    const ok = await work.then(
      () => true,
      () => false,
    )
    if (ok) count++
    return ok
  }
  const folder = `round ${round}`
  const notebooks: string[] = []
  for (const [at, title] of deal(40, 500).entries()) {
    const body = ipynb({ cell_type: "markdown", source: `# ${title}` }, deal(1, 500)[0] as string)
    const { notebook } = await eve.api.call("createNotebook", {
      query: { space, path: `${folder}/n${at}.ipynb`, message: deal(1, 500)[0] ?? "" },
      body,
    })
    notebooks.push(notebook.id)
    count += 3
    await taken(eve.api.call("setTags", { params: { notebook: notebook.id }, body: { tags: [...deal(2, 60)] } }))
    await taken(eve.api.call("labelVersion", { params: { notebook: notebook.id, version: 1 }, body: { label: deal(1, 100)[0] ?? "" } }))
  }
  const talked = notebooks[0] as string
  for (const text of deal(120))
    await taken(eve.api.call("addComment", { params: { notebook: talked }, body: { text, mentions: [ada.id], cell: "cell-0" } }))
  for (const [at, title] of deal(12, 100).entries()) await taken(stage.admin.call("createSpace", { body: { name: `hostile-${round}-${at}`, title } }))
  for (const name of deal(12, 100)) await taken(stage.admin.call("createGroup", { body: { name } }))
  for (const name of deal(12, 100)) await taken(ada.api.call("createToken", { body: { name, scopes: ["read"], days: 1 } }))
  for (const text of deal(6)) await taken(eve.api.call("askAccess", { body: { notebook: talked, text } }))
  // What a path may hold of it is little.
  for (const name of deal(40, 120).map((text) => text.replaceAll(/[<>:"|?*/\\]/gu, "'")))
    await taken(eve.api.call("putFile", { query: { space, path: `${folder}/${name}.csv` }, body: new TextEncoder().encode(deal(4).join("\n")) }))
  const run = await ranWith(deal, folder)
  return { notebooks, talked, run, count: count + 150, folder }
}

/** A run that is given payloads, prints payloads, shows and raises payloads. */
async function ranWith(deal: ReturnType<typeof dealer>, folder: string): Promise<string> {
  const parameters = Object.fromEntries(deal(30, 400).map((text, at) => [`p${at}`, text]))
  const declared = Object.keys(parameters)
    .map((name, at) => `${name}: str = ""  # ${deal(1, 200)[0]?.replaceAll("\n", " ")} ${at}`)
    .join("\n")
  const say = JSON.stringify(deal(60))
  const body = ipynb(
    { cell_type: "markdown", source: `# ${deal(1, 300)[0]}\n\n${deal(10).join("\n\n")}` },
    { source: declared, metadata: { tags: ["parameters"] }, outputs: [], execution_count: null },
    `import json\nsaid = json.loads(${JSON.stringify(say)})\nfor each in said: print(each)`,
    `raise type(said[0], (Exception,), {})(said[1] + said[2])`,
  )
  const { notebook } = await eve.api.call("createNotebook", { query: { space, path: `${folder}/run.ipynb` }, body })
  const labels = Object.fromEntries(deal(8, 200).map((text, at) => [`label${at}`, text]))
  const { id } = await eve.api.call("launchRun", { body: { notebook: notebook.id, parameters, labels } })
  await eve.api.call("getRun", { params: { run: id }, query: { waitSeconds: 60, ifNotState: ["queued", "running"] } })
  return id
}

type Caught = string[]

/** What of an attack would be seen. */
async function guarded(who: Someone): Promise<{ readonly page: Page; readonly caught: Caught }> {
  const caught: Caught = []
  const page = await who.context.newPage()
  await page.exposeBinding("stetFired", ({ frame }, what: unknown) => void (frame === page.mainFrame() && caught.push(`fired ${String(what)}`)))
  page.on("dialog", (dialog) => {
    caught.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on("popup", (other) => caught.push(`a pop-up of ${other.url()}`))
  page.on("framenavigated", (frame) => {
    const url = frame.url()
    const isOurs =
      frame === page.mainFrame() ? url.startsWith(`${stage.url}/`) || url === "about:blank" : /^about:|\/frames\/output(?:$|\?)/u.test(url)
    if (!isOurs) caught.push(`a navigation to ${url}`)
  })
  return { page, caught }
}

/** Everything in the page that only a text taken for markup can have put there. */
function foreign(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const element of document.querySelectorAll("body *")) {
      const isFrame = element.localName === "iframe" && element.getAttribute("sandbox") === "allow-scripts" && element.closest("[data-stet-layer]")
      if (["script", "iframe", "object", "embed", "base", "meta", "link", "video", "audio", "frame"].includes(element.localName) && !isFrame)
        if (!(element.localName === "script" && element.hasAttribute("nonce")))
          found.push(`<${element.localName}> ${element.outerHTML.slice(0, 120)}`)
      for (const { name, value } of element.attributes) {
        if (/^on/u.test(name)) found.push(`${element.localName} ${name}=${value.slice(0, 80)}`)
        if (["href", "src", "action", "formaction", "xlink:href"].includes(name) && /^[\s\0-\x1f]*(?:javascript|vbscript|data:text)/iu.test(value))
          found.push(`${element.localName} ${name}=${value.slice(0, 80)}`)
      }
    }
    // Names of the page's own that elements could have taken.
    const taken = ["stet", "api", "config", "root", "stetRuntime"].filter(
      (name) => (globalThis as Record<string, unknown>)[name] instanceof Element && name !== "root",
    )
    return [...found, ...taken.map((name) => `${name} is an element`)]
  })
}

function screens({ notebooks, talked, run, folder }: Planted): readonly string[] {
  const inFolder = `/spaces/${space}/${encodeURIComponent(folder)}`
  return [
    "/",
    "/inbox?show=all",
    "/spaces",
    inFolder,
    `/search?q=${encodeURIComponent("onerror")}`,
    `/search?q=${encodeURIComponent('"><img src=x onerror="stetFired(1)">')}`,
    "/runs",
    `/runs/${run}`,
    `/runs/${run}?view=log`,
    `/notebooks/${talked}`,
    `/notebooks/${notebooks[1]}/versions`,
    `/notebooks/${notebooks[2]}/versions/1`,
    "/settings/people",
    "/settings/groups",
    "/settings/tokens",
    "/settings/audit",
    "/templates",
  ]
}

test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
  "round %i: whatever people write, no screen takes it for more than text",
  async (round) => {
    // What is cleaned is parsed first, in a document of its own, and the policy says so.
    stage.expectTrouble(/violates the following Content Security Policy/u)
    const planted = await plant(round)
    expect(planted.count).toBeGreaterThan(450)
    const { page, caught } = await guarded(ada)
    const wrong: string[] = []
    for (const path of screens(planted)) {
      await page.goto(`${stage.url}${path}`)
      await page.locator("main").waitFor()
      await page.locator('[role=status][aria-label="Loading"]').first().waitFor({ state: "detached" })
      await page.waitForTimeout(250)
      wrong.push(...(await foreign(page)).map((what) => `${path}: ${what}`))
    }
    // What is shown only when one asks for it.
    await page.goto(`${stage.url}/notebooks/${planted.talked}`)
    await page.locator("[data-cell]").first().waitFor()
    for (const panel of ["Outline", "Files", "Readiness"]) {
      await page.getByRole("button", { name: new RegExp(`^${panel}`, "u") }).click()
      await page.waitForTimeout(300)
      wrong.push(...(await foreign(page)).map((what) => `${panel}: ${what}`))
    }
    await page.getByRole("button", { name: /^Comments/u }).click()
    await page.getByRole("complementary", { name: "Comments" }).waitFor()
    await page.waitForTimeout(500)
    wrong.push(...(await foreign(page)).map((what) => `Comments: ${what}`))
    await page.getByRole("button", { name: "Share", exact: true }).click()
    await page.getByRole("dialog").waitFor()
    wrong.push(...(await foreign(page)).map((what) => `Share: ${what}`))
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await page.getByRole("combobox", { name: /^Find notebooks/u }).fill("img")
    await page.waitForTimeout(800)
    wrong.push(...(await foreign(page)).map((what) => `Palette: ${what}`))
    await page.goto(`${stage.url}/runs/${planted.run}`)
    await page.getByRole("button", { name: "Run again" }).click()
    await page.getByRole("dialog").waitFor()
    await page.waitForTimeout(300)
    wrong.push(...(await foreign(page)).map((what) => `Run dialog: ${what}`))
    await page.goto(`${stage.url}/spaces/${space}/${encodeURIComponent(planted.folder)}`)
    const file = page.getByRole("button", { name: /\.csv$/u }).or(page.getByRole("link", { name: /\.csv$/u }))
    await file.first().click()
    await page.getByRole("dialog").waitFor()
    await page.waitForTimeout(500)
    wrong.push(...(await foreign(page)).map((what) => `File: ${what}`))
    await page.close()
    expect(wrong).toEqual([])
    expect(caught).toEqual([])
  },
  180_000,
)

test("a payload that is markup is noticed", async () => {
  const { page, caught } = await guarded(ada)
  await page.goto(`${stage.url}/spaces`)
  await page.locator("main").waitFor()
  stage.expectTrouble(/./u)
  await page.evaluate(() => {
    const main = document.querySelector("main") as HTMLElement
    const link = document.createElement("a")
    link.setAttribute("href", "javascript:stetFired(2)")
    main.append(document.createElement("video"), link, document.createElement("object"))
    ;(globalThis as unknown as { stetFired: (what: number) => void }).stetFired(3)
  })
  expect((await foreign(page)).length).toBe(3)
  await expect.poll(() => caught).toEqual(["fired 3"])
})
