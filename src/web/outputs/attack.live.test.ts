/** What notebooks hold never acts on the app: some six hundred payloads in every form that outputs and markdown have, and the ways out of a frame. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { diagramPayloads } from "#web/outputs/testing/diagram-payloads.ts"
import { escapes, type Payload, payloads } from "#web/outputs/testing/payloads.ts"
import { type OutputsPage, openOutputsPage } from "#web/outputs/testing/testing.ts"

let outputs: OutputsPage
const heard: string[] = []
const canaryServer = createServer((request, response) => {
  heard.push(request.url ?? "")
  response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "text/javascript" }).end("top.stetFired && top.stetFired('loaded')")
})
let canary = ""

beforeAll(async () => {
  await new Promise<void>((done) => canaryServer.listen(0, "127.0.0.1", done))
  canary = `http://localhost:${(canaryServer.address() as AddressInfo).port}`
  outputs = await openOutputsPage()
})
afterAll(async () => {
  await outputs.close()
  canaryServer.closeAllConnections()
  await new Promise((done) => canaryServer.close(done))
})

type Output = Readonly<Record<string, unknown>>
const display = (data: Readonly<Record<string, unknown>>): Output => ({ output_type: "display_data", data, metadata: {} })

/** Every place of a notebook that a text of others may stand in. */
const VIEWS: Readonly<Record<string, (text: string, id: string) => object>> = {
  markdown: (text, id) => ({ id, cell_type: "markdown", source: text, attachments: { [text]: { "image/png": text, "image/svg+xml": text } } }),
  html: (text, id) => cell(id, display({ "text/html": text })),
  written: (text, id) =>
    cell(
      id,
      display({ "text/markdown": text }),
      display({ "text/latex": text }),
      display({ "text/plain": text }),
      display({ "application/json": { [text]: [text] } }),
      display({ [text]: text }),
      { output_type: text, [text]: text },
    ),
  streams: (text, id) =>
    cell(
      id,
      { output_type: "stream", name: text, text },
      {
        output_type: "error",
        ename: text,
        evalue: text,
        traceback: [text, `Cell In[1], line 1\n${text}`, `File /lib/python3.12/site-packages/${text}\n`],
      },
    ),
  pictures: (text, id) =>
    cell(
      id,
      display({
        "image/svg+xml": text.includes("<svg") ? text : `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${text}</svg>`,
        "text/plain": text,
      }),
      display({ "image/png": text, "text/plain": text }),
      { ...display({ "image/png": PIXEL }), metadata: { "image/png": { alt: text, width: text } } },
    ),
}
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

function cell(id: string, ...all: readonly Output[]): object {
  return { id, cell_type: "code", source: "", outputs: all }
}

/** `inFrames`: what was called inside of frames, where it reaches nothing; for HTML it is meant to be, for diagrams not even that. */
type Caught = { readonly fired: string[]; readonly inFrames: string[]; readonly others: string[] }

async function opened(name: string, cells: readonly object[]): Promise<{ readonly page: Page; readonly caught: Caught }> {
  outputs.notebooks.set(name, { nbformat: 4, nbformat_minor: 5, metadata: {}, cells })
  const caught: Caught = { fired: [], inFrames: [], others: [] }
  const prepare = async (page: Page): Promise<void> => {
    // The sentinel stands in every document; only what is called in the app's own counts, and nothing in a frame reaches that one.
    await page.exposeBinding("stetFired", ({ frame }, what: unknown) => {
      ;(frame === page.mainFrame() ? caught.fired : caught.inFrames).push(String(what))
    })
    watch(page, caught)
  }
  const { page } = await outputs.open({ notebook: name, bare: "" }, { prepare })
  return { page, caught }
}

function watch(page: Page, { others }: Caught): void {
  const context: BrowserContext = page.context()
  context.on("page", (other) => other !== page && others.push("a pop-up"))
  page.on("download", () => others.push("a download"))
  page.on("dialog", (dialog) => {
    others.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on("framenavigated", (frame) => {
    const url = frame.url()
    if (frame === page.mainFrame() ? !url.startsWith(outputs.url) : !/^about:|^chrome-error:|\/frames\/output(?:$|\?)/.test(url))
      others.push(`a navigation to ${url}`)
  })
}

/** All that is in the document of the app which only the app could have put there. */
async function complaints(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const element of document.querySelectorAll("main *")) {
      if (
        ["script", "iframe", "object", "embed", "form", "base", "meta", "link", "style", "math", "template"].includes(element.localName) &&
        !element.closest(".katex")
      )
        if (!(element.localName === "form" && element.getAttribute("method") === "dialog")) found.push(`<${element.localName}>`)
      for (const { name, value } of element.attributes) {
        const isOurs =
          !element.closest("[data-stet-content]") ||
          element.closest(".katex") ||
          /^(?:(?:--(?:fore|ground): [^;:]+|height: \d+px); ?)+$/.test(`${value} `)
        if (name === "style" && !isOurs) found.push(`style=${value}`)
        if (name.startsWith("on")) found.push(`${element.localName} ${name}`)
        if (["href", "src", "action", "formaction", "xlink:href"].includes(name) && /^\s*(?:javascript|vbscript|data:text)/i.test(value))
          found.push(`${name}=${value}`)
        if (name === "id" && !value.startsWith("user-") && !/^_?[rR]/.test(value) && element.closest("[data-stet-content]")) found.push(`id=${value}`)
      }
    }
    if (document.querySelectorAll("[data-stet-layer] > iframe:not([sandbox='allow-scripts'])").length > 0)
      found.push("a frame that is not closed off")
    return found
  })
}

async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let y = 0; y <= document.documentElement.scrollHeight; y += 2500) {
      scrollTo(0, y)
      await new Promise((done) => setTimeout(done, 30))
    }
  })
  await page.waitForTimeout(1200)
}

const BATCH = 340

describe("nothing acts on the app", () => {
  test.each(Object.keys(VIEWS))("as %s", async (view) => {
    const all = payloads(canary)
    expect(all.length).toBeGreaterThan(600)
    for (let start = 0; start < all.length; start += BATCH) {
      const batch = all.slice(start, start + BATCH)
      const { page, caught } = await opened(
        `${view}-${start}`,
        batch.map(({ text }, index) => VIEWS[view]!(text, `c${index}`)),
      )
      await settled(page)
      expect(await complaints(page)).toEqual([])
      await clickAll(page)
      expect({ ...caught, inFrames: [] }).toEqual({ fired: [], inFrames: [], others: [] })
      expect(heard).toEqual([])
      expect(new URL(page.url()).origin).toBe(outputs.url)
      await page.context().close()
    }
  })
})

/** Links of the content are clicked where they lead nowhere else: a `javascript:` one would act. */
async function clickAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const link of document.querySelectorAll<HTMLElement>("[data-stet-content] a:not([target])")) link.click()
  })
  await page.waitForTimeout(100)
}

// Each in a frame of its own, as a page that came wrapped in one; ten of them to a view.
const TEN = 10

test("nothing gets out of a frame", { timeout: 600_000 }, async () => {
  const all = escapes(canary, outputs.url)
  expect(all.length).toBeGreaterThanOrEqual(60)
  for (let start = 0; start < all.length; start += TEN) await allHeld(`escapes-${start}`, all.slice(start, start + TEN))
  expect(heard).toEqual([])
})

async function allHeld(name: string, escaping: readonly Payload[]): Promise<void> {
  const wrapped = (text: string): string =>
    `<p>before</p><script>try { ${text} } catch {}</script>`.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
  const cells = escaping.flatMap(({ text }, index) => [
    cell(`e${index}`, display({ "text/html": `<iframe srcdoc="${wrapped(text)}" height="40"></iframe>` })),
    cell(`s${index}`, { output_type: "stream", name: "stdout", text: "still here" }),
  ])
  const { page, caught } = await opened(name, cells)
  await page.waitForTimeout(4000)
  expect({ name, fired: caught.fired, others: caught.others }).toEqual({ name, fired: [], others: [] })
  const shown = await page.locator('[data-cell^="s"]').allInnerTexts()
  expect(shown.map((text) => text.trim())).toEqual(escaping.map(() => "still here"))
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1024)
  // Nothing lies over what stands beside the outputs, once the page has settled.
  const covered = (): Promise<readonly string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('[data-cell^="s"]')].flatMap((beside) => {
        beside.scrollIntoView({ block: "center" })
        const box = beside.getBoundingClientRect()
        return document.elementFromPoint(box.left + 5, box.top + 5)?.localName === "iframe" ? [(beside as HTMLElement).dataset["cell"] ?? ""] : []
      }),
    )
  await expect.poll(covered, { message: name, timeout: 20_000 }).toEqual([])
  expect(await page.locator("iframe").count()).toBeGreaterThan(escaping.length / 3)
  await page.context().close()
}

const DIAGRAM_VIEWS: Readonly<Record<string, (text: string, id: string) => object>> = {
  "an output": (text, id) => cell(id, display({ "text/vnd.mermaid": text, "text/plain": text })),
  "a text cell": (text, id) => ({ id, cell_type: "markdown", source: `Before\n\n\`\`\`mermaid\n${text}\n\`\`\`\n\nafter` }),
  "Markdown of an output": (text, id) => cell(id, display({ "text/markdown": `\`\`\`mermaid\n${text}\n\`\`\`` })),
}
const DIAGRAM_BATCH = 90

describe("no diagram loosens what it is drawn under: nothing is called, not even in its frame, and nobody is asked", () => {
  test.each(Object.keys(DIAGRAM_VIEWS))("as %s", { timeout: 600_000 }, async (view) => {
    const all = diagramPayloads(canary)
    expect(all.length).toBeGreaterThan(160)
    let drawn = 0
    for (let start = 0; start < all.length; start += DIAGRAM_BATCH) {
      const batch = all.slice(start, start + DIAGRAM_BATCH)
      const { page, caught } = await opened(
        `diagrams ${view} ${start}`,
        batch.map(({ text }, index) => DIAGRAM_VIEWS[view]!(text, `d${index}`)),
      )
      await settled(page)
      await page.evaluate("dispatchEvent(new Event('beforeprint'))")
      drawn += await drawnAndPressed(page)
      expect(await complaints(page)).toEqual([])
      expect({ view, start, ...caught }).toEqual({ view, start, fired: [], inFrames: [], others: [] })
      expect(heard).toEqual([])
      expect(await page.locator("iframe").evaluateAll((all) => all.map((one) => one.getAttribute("sandbox")))).toEqual(["allow-scripts"])
      await page.context().close()
    }
    expect(drawn).toBeGreaterThan(all.length / 2)
  })
})

/** Presses all that can be pressed in the frame of diagrams, once no more are coming; gives how many there are. */
async function drawnAndPressed(page: Page): Promise<number> {
  const [, frame] = page.frames()
  const count = async () => (await frame?.locator("svg[id^='diagram']").count()) ?? 0
  let before = -1
  for (let now = await count(); now !== before; now = await count()) {
    before = now
    await page.waitForTimeout(1500)
  }
  await frame?.evaluate(() => {
    for (const one of document.querySelectorAll("svg a, svg .node, svg .clickable, svg .task, svg .actor, svg text, svg foreignObject *"))
      for (const type of ["pointerdown", "mousedown", "mouseover", "click", "dblclick"])
        one.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window }))
  })
  await page.waitForTimeout(300)
  return before
}

test("the canary and the sentinel would notice", async () => {
  const { page, caught } = await opened("plain", [cell("p", display({ "text/html": "<p>x</p><script>stetFired('in a frame')</script>" }))])
  await expect.poll(() => caught.inFrames).toEqual(["in a frame"])
  await page.evaluate(() => (globalThis as unknown as { stetFired: (what: string) => void }).stetFired("planted"))
  await fetch(`${canary}/planted`)
  expect(caught.fired).toEqual(["planted"])
  expect(heard.splice(0)).toEqual(["/planted"])
  await page.evaluate(() => {
    const content = document.createElement("div")
    content.dataset["stetContent"] = ""
    const form = document.createElement("form")
    form.id = "config"
    content.append(form)
    document.querySelector("main")?.append(content)
  })
  expect(await complaints(page)).toEqual(["<form>", "id=config"])
  await page.context().close()
})
