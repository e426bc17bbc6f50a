/**
 * The vocabulary of the journeys: people who sign in to the one platform, spaces of their own for every file of journeys, and a
 * browser that notices what nobody looks for: an error in the console, a breach of the page's policy, a request that leaves the machine.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest"
import { type Client, connect } from "#api/client.ts"

export type Role = "viewer" | "commenter" | "runner" | "editor" | "admin"

export type Someone = {
  readonly id: string
  readonly name: string
  /** Asks the API as this person, by the cookie of their browser. */
  readonly api: Client
  readonly context: BrowserContext
  /** A new tab at this address, once the app has drawn its screen. */
  open(path: string): Promise<Page>
}

export type Stage = {
  readonly url: string
  /** The administrator, by a token. */
  readonly admin: Client
  /** Somebody new, with a role in the space when one is given. */
  someone(name: string, place?: { readonly space: string; readonly role: Role }): Promise<Someone>
  /** An administrator in a browser. */
  administrator(): Promise<Someone>
  /** A new, empty space; gives its name. */
  space(title?: string): Promise<string>
  /** Puts a notebook in; gives its id. */
  notebook(space: string, path: string, ...cells: readonly (string | object)[]): Promise<string>
  /** What goes wrong in this test from here on that should: a pattern of messages. */
  expectTrouble(pattern: RegExp): void
  /** Nobody's browser: a fresh context without a session. */
  stranger(options?: { readonly width?: number; readonly dark?: boolean }): Promise<BrowserContext>
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const PASSWORD = "a rather long phrase"
let browser: Promise<Browser> | undefined
let count = 0

/** What a failed journey left: that a step timed out says nothing of why. */
async function shownOn(page: Page): Promise<string> {
  const text = await page
    .locator("body")
    .innerText({ timeout: 2000 })
    .catch((error: Error) => error.message)
  const focused = await page.evaluate("document.activeElement?.outerHTML.slice(0, 200)").catch(() => "")
  return `\nOn ${page.url()} there stands, with the focus on ${focused}:\n${text.replace(/\n\s*\n+/gu, "\n").slice(0, 2500)}\n`
}

/** For the journeys of one file; call it at the top. Fails a test in which anything went wrong that it did not expect. */
export function onStage(): Stage {
  const { url, home, chromium: executablePath } = inject("platform")
  const contexts: BrowserContext[] = []
  const trouble: string[] = []
  let expected: RegExp[] = []
  beforeAll(async () => {
    browser ??= chromium.launch({ executablePath })
    await browser
  })
  afterEach(async ({ task }) => {
    if (task.result?.errors?.length) for (const page of contexts.flatMap((context) => context.pages())) process.stderr.write(await shownOn(page))
    const found = trouble.filter((one) => !expected.some((pattern) => pattern.test(one)))
    trouble.length = 0
    expected = []
    expect(found, "what nobody should have to see in the console").toEqual([])
  })
  afterAll(async () => {
    await Promise.all(contexts.map((context) => context.close()))
  })
  const admin = connect({ url, token: readFileSync(join(home, "run", "token"), "utf8").trim() })
  const fresh = async (cookie?: string, { width = 1280, dark = false }: { readonly width?: number; readonly dark?: boolean } = {}) => {
    const context = await (await (browser as Promise<Browser>)).newContext({
      viewport: { width, height: 860 },
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
    })
    contexts.push(context)
    context.setDefaultTimeout(20_000)
    watch(context, url, trouble)
    if (cookie !== undefined) await context.addCookies([{ ...cookieOf(cookie), url }])
    return context
  }
  const person = async (cookie: string): Promise<Someone> => {
    const context = await fresh(cookie)
    const api = connect({ url, fetch: (input, init) => fetch(input, withCookie(init, cookie)) })
    const session = await api.call("getSession", {})
    return { id: session.person.id, name: session.person.name, api, context, open: (path) => opened(context, `${url}${path}`) }
  }
  return {
    url,
    admin,
    stranger: (options) => fresh(undefined, options),
    expectTrouble: (pattern) => void expected.push(pattern),
    async someone(name, place) {
      const made = await admin.call("createInvite", { body: place ?? {} })
      return person(await joined(url, made.link, name))
    },
    async administrator() {
      const made = await admin.call("createInvite", { body: { isAdmin: true } })
      return person(await joined(url, made.link, "Root Admin"))
    },
    async space(title = "Space") {
      count++
      const name = `space-${count}`
      await admin.call("createSpace", { body: { name, title: `${title} ${count}` } })
      return name
    },
    async notebook(space, path, ...cells) {
      const saved = await admin.call("createNotebook", { query: { space, path }, body: ipynb(...cells) })
      return saved.notebook.id
    },
  }
}

/** Everything that a person would find broken, if they looked. */
function watch(context: BrowserContext, url: string, trouble: string[]): void {
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(`${message.type()}: ${message.text()}${placeOf(message.location().url)}`)
  })
  context.on("weberror", (error) => trouble.push(`thrown: ${error.error()}`))
  context.on("request", (request) => {
    const isOurs =
      request.url().startsWith(`${url}/`) || /^(data|blob|about):/.test(request.url()) || request.url().startsWith(url.replace("http", "ws"))
    if (!isOurs) trouble.push(`leaves the machine: ${request.url()}`)
  })
}

async function opened(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await page.locator("main").waitFor()
  await settled(page)
  return page
}

/** Nothing on the page says that it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('[role=status][aria-label="Loading"]').first().waitFor({ state: "detached" })
}

/** What axe finds wrong with the page as it is now, by WCAG 2.2 AA; nothing, as it should be. */
export async function inaccessible(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
    const { axe } = globalThis as unknown as { readonly axe: typeof import("axe-core") }
    // Axe trips over an element that leaves the page while it looks: such a look does not count.
    let changes = 0
    const observer = new MutationObserver(() => changes++)
    observer.observe(document, { childList: true, subtree: true })
    const look = async (left: number): Promise<import("axe-core").Result[]> => {
      const before = changes
      try {
        return (await axe.run(document, { runOnly: { type: "tag", values: tags } })).violations
      } catch (error) {
        await new Promise((later) => setTimeout(later, 300))
        if (left === 0 || changes === before) throw error
        return look(left - 1)
      }
    }
    const violations = await look(5)
    observer.disconnect()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${(node.failureSummary ?? "").slice(0, 240)}`),
    )
  })
}

/** A notebook as bytes: texts are code cells, objects are cells as they are. */
export function ipynb(...cells: readonly (string | object)[]): Uint8Array {
  const written = cells.map((cell, at) => ({
    cell_type: "code",
    id: `cell-${at}`,
    metadata: {},
    ...(typeof cell === "string" ? { source: cell, outputs: [], execution_count: null } : cell),
  }))
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" }, language_info: { name: "python" } }
  return new TextEncoder().encode(JSON.stringify({ cells: written, metadata, nbformat: 4, nbformat_minor: 5 }))
}

async function joined(url: string, link: string, name: string): Promise<string> {
  count++
  return enter(url, "/join", { link: linkIn(link), name, login: `person-${count}`, password: PASSWORD })
}

function linkIn(address: string): string {
  return new URL(address).searchParams.get("link") ?? ""
}

/** Sends one of the server's own forms and gives the session's cookie. */
async function enter(url: string, path: string, form: Readonly<Record<string, string>>): Promise<string> {
  const said = await fetch(`${url}${path}`, { method: "POST", body: new URLSearchParams(form), headers: { origin: url }, redirect: "manual" })
  const [cookie = ""] = said.headers.getSetCookie()
  if (said.status !== 303) throw new Error(`${path} answered ${said.status}: ${await said.text()}`)
  return cookie.split(";")[0] ?? ""
}

function cookieOf(cookie: string): { readonly name: string; readonly value: string } {
  const at = cookie.indexOf("=")
  return { name: cookie.slice(0, at), value: cookie.slice(at + 1) }
}

/** A browser says that a thing could not be loaded, and not in the same words which one. */
function placeOf(url: string): string {
  return url === "" ? "" : ` (${new URL(url).pathname})`
}

function withCookie(init: RequestInit | undefined, cookie: string): RequestInit {
  const headers = new Headers(init?.headers)
  headers.set("cookie", cookie)
  return { ...init, headers }
}
