import { createServer } from "node:http"

// No script-src and no default-src: the page brings its own policy, and its frames would inherit a second one from here.
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
}

/** @typedef {{ address: string, close: () => Promise<void> }} Served */

/**
 * Serves one page, read-only, to this machine alone: GET / and HEAD / at the first free port from `port` on, or at any
 * free one when it is 0. A request under another host's name (a page elsewhere that had its name point here) is refused.
 *
 * @param {string | Uint8Array} page
 * @param {number} port
 * @returns {Promise<Served>}
 */
export async function servePage(page, port) {
  const body = Buffer.from(page)
  for (let tried = port; tried <= 65_535 && tried < port + 100; tried++) {
    const servers = await listen(body, tried)
    if (servers) return served(servers)
  }
  throw new Error(`No free port from ${port} on.`)
}

/**
 * Both loopback addresses, because a browser takes `localhost` for either: with one of them another program's, people
 * would see that program's page.
 *
 * @param {Buffer} body
 * @param {number} port
 * @returns {Promise<import("node:http").Server[] | undefined>} undefined when the port is taken
 */
async function listen(body, port) {
  const first = await listenAt("127.0.0.1", port, body)
  if (first === "taken" || first === "no such address") return undefined
  const second = await listenAt("::1", portOf(first), body)
  if (second === "no such address") return [first]
  if (second !== "taken") return [first, second]
  first.close()
  return undefined
}

/**
 * @param {string} host
 * @param {number} port
 * @param {Buffer} body
 * @returns {Promise<import("node:http").Server | "taken" | "no such address">}
 */
function listenAt(host, port, body) {
  const server = createServer((request, response) => answer(request, response, { body, port: portOf(server) }))
  return new Promise((resolve, reject) => {
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve("taken")
      else if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") resolve("no such address")
      else reject(error)
    })
    server.listen(port, host, () => resolve(server))
  })
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {{ body: Buffer, port: number }} served
 */
function answer(request, response, { body, port }) {
  const ours = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`)
  const status = !ours.includes(request.headers.host ?? "")
    ? 421
    : request.url !== "/"
      ? 404
      : request.method !== "GET" && request.method !== "HEAD"
        ? 405
        : 200
  const said = status === 200 ? body : Buffer.from(`${status}\n`)
  const type = status === 200 ? {} : { "content-type": "text/plain; charset=utf-8", ...(status === 405 ? { allow: "GET, HEAD" } : {}) }
  response.writeHead(status, { ...HEADERS, ...type, "content-length": said.length })
  response.end(request.method === "HEAD" ? undefined : said)
}

/** @param {import("node:http").Server} server */
function portOf(server) {
  const address = server.address()
  return typeof address === "object" && address ? address.port : 0
}

/**
 * @param {import("node:http").Server[]} servers
 * @returns {Served}
 */
function served(servers) {
  const [first] = servers
  const close = async () => {
    for (const server of servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
  return { address: `http://localhost:${first ? portOf(first) : 0}`, close }
}
