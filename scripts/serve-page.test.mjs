import { request } from "node:http"
import { createServer } from "node:net"
import { afterEach, expect, test } from "vitest"
import { servePage } from "./serve-page.mjs"

/** @type {Array<() => Promise<unknown>>} */
const closers = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** @param {number} [port] */
async function serving(port = 0) {
  const served = await servePage("<p>é</p>", port)
  closers.push(served.close)
  return served
}

/**
 * @param {string} address
 * @param {{ method?: string, path?: string, headers?: Record<string, string>, host?: string }} [options]
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, text: string }>}
 */
function ask(address, { method = "GET", path = "/", headers = {}, host = "127.0.0.1" } = {}) {
  const { port } = new URL(address)
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers: { host: `localhost:${port}`, ...headers } }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (more) => {
        text += more
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on("error", reject)
    sent.end()
  })
}

test("the page is served at the address that was told, never cached, never framed, its type never guessed", async () => {
  const { address } = await serving()
  expect(address).toMatch(/^http:\/\/localhost:\d+$/)
  const { status, headers, text } = await ask(address)
  expect([status, text]).toEqual([200, "<p>é</p>"])
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
  })
})

test("a policy of the server's own would stop the page's frames, which inherit it", async () => {
  const { headers } = await ask((await serving()).address)
  expect(headers["content-security-policy"]).not.toMatch(/script-src|default-src/)
})

test("nothing else is there, and nothing can be written", async () => {
  const { address } = await serving()
  expect((await ask(address, { path: "/etc/passwd" })).status).toBe(404)
  expect((await ask(address, { path: "//" })).status).toBe(404)
  expect((await ask(address, { method: "POST" })).status).toBe(405)
  expect(await ask(address, { method: "HEAD" })).toMatchObject({ status: 200, text: "" })
})

test("a name that was made to point here is refused", async () => {
  const { address } = await serving()
  expect((await ask(address, { headers: { host: "evil.example" } })).status).toBe(421)
  expect((await ask(address, { headers: { host: "localhost:1" } })).status).toBe(421)
})

test("a taken port gives way to the next free one, on whichever loopback address it is taken", async () => {
  const first = await serving()
  const port = Number(new URL(first.address).port)
  expect(Number(new URL((await serving(port)).address).port)).toBeGreaterThan(port)

  const six = createServer().listen(0, "::1")
  const bound = await new Promise((resolve) => six.once("listening", () => resolve(true)).once("error", () => resolve(false)))
  if (!bound) return
  closers.push(() => new Promise((resolve) => six.close(resolve)))
  const { port: taken } = /** @type {import("node:net").AddressInfo} */ (six.address())
  expect(Number(new URL((await serving(taken)).address).port)).not.toBe(taken)
})
