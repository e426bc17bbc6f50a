/** The vocabulary of the live tests of outputs: the page of outputs built as the app is, served with the app's own policy, in Chromium. */
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Browser, chromium, type Page } from "playwright-core"
import { build } from "vite"
import { FRAME_DOCUMENT, framePolicy, hostsOf } from "#api/frames/document.ts"
import { securityHeaders } from "#api/wire/headers.ts"

const HERE = fileURLToPath(new URL(".", import.meta.url))
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url))
const NONCE = "bm9uY2Vmb3J0ZXN0cw"
const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".html": "text/html" }

/** `prepare`: what is done to the page before it is there. */
export type Opening = { readonly width?: number; readonly height?: number; readonly prepare?: (page: Page) => Promise<void> }

export type OutputsPage = {
  readonly url: string
  /** Every address that was asked of this server. */
  readonly asked: string[]
  /** Notebooks by name; those of this folder are there already. */
  readonly notebooks: Map<string, unknown>
  /** A new page; `problems` are what its console and its policy complained of. */
  open(query: Readonly<Record<string, string>>, how?: Opening): Promise<{ readonly page: Page; readonly problems: string[] }>
  close(): Promise<void>
}

/** `scripts`: where the libraries of environments are, as `/api/v1/libraries` would find them. */
export async function openOutputsPage(scripts?: (path: string) => Promise<Uint8Array | undefined>): Promise<OutputsPage> {
  const folder = await mkdtemp(join(tmpdir(), "stet-outputs-"))
  await build({
    configFile: join(ROOT, "vite.config.ts"),
    configLoader: "native",
    root: HERE,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true, manifest: false, rollupOptions: { input: join(HERE, "index.html") } },
  })
  const asked: string[] = []
  const notebooks = new Map<string, unknown>()
  const server = createServer((request, response) => {
    asked.push(request.url ?? "")
    answer({ request, response, folder, notebooks, scripts }).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const browser = await chromium.launch({ executablePath: process.env["STET_TEST_CHROMIUM"] ?? "/usr/bin/chromium" })
  return {
    url,
    asked,
    notebooks,
    open: (query, how = {}) => opened(browser, `${url}/?${new URLSearchParams(query)}`, how),
    async close() {
      await browser.close()
      await closed(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Asked = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly folder: string
  readonly notebooks: Map<string, unknown>
  readonly scripts: ((path: string) => Promise<Uint8Array | undefined>) | undefined
}

async function answer({ request, response, folder, notebooks, scripts }: Asked): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
  const send = (headers: Readonly<Record<string, string>>, body: string | Uint8Array): void => void response.writeHead(200, headers).end(body)
  if (pathname === "/frames/output") {
    const hosts = hostsOf(searchParams.get("allow") ?? undefined)
    if (!hosts) return void response.writeHead(400).end()
    return send(
      { "content-type": "text/html; charset=utf-8", "content-security-policy": framePolicy(hosts), "x-frame-options": "SAMEORIGIN" },
      FRAME_DOCUMENT,
    )
  }
  if (pathname.startsWith("/notebooks/")) {
    const name = decodeURIComponent(pathname.slice("/notebooks/".length))
    const known = notebooks.get(name)
    return send({ "content-type": "application/json" }, known === undefined ? await readFile(join(HERE, `${name}.ipynb`)) : JSON.stringify(known))
  }
  if (pathname === "/api/v1/libraries") {
    const found = await scripts?.(searchParams.get("path") ?? "")
    if (!found) return void response.writeHead(404).end()
    return send({ "content-type": "text/plain; charset=utf-8" }, found)
  }
  if (pathname === "/api/v1/allowed-hosts") return send({ "content-type": "application/json" }, '{"items":[],"next":null}')
  if (pathname.startsWith("/api/v1/allowed-hosts/")) return void response.writeHead(204).end()
  if (pathname.startsWith("/assets/"))
    return send({ "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }, await readFile(join(folder, pathname)))
  if (pathname !== "/")
    return void response
      .writeHead(404, { ...securityHeaders({ kind: "api", https: false }), "content-type": "text/plain" })
      .end("There is nothing here.")
  const page = (await readFile(join(folder, "index.html"), "utf8")).replaceAll("__stet_nonce__", NONCE)
  send({ ...securityHeaders({ kind: "app", https: false, nonce: NONCE }), "content-type": "text/html; charset=utf-8" }, page)
}

async function opened(
  browser: Browser,
  url: string,
  { width = 1024, height = 900, prepare }: Opening,
): Promise<{ readonly page: Page; readonly problems: string[] }> {
  const context = await browser.newContext({ viewport: { width, height } })
  const page = await context.newPage()
  const problems: string[] = []
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
  page.on("pageerror", (error) => problems.push(error.message))
  await prepare?.(page)
  await page.goto(url)
  await page.waitForSelector("main")
  return { page, problems }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((done) => server.close(() => done()))
}
