import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { type HttpOptions, readHttp } from "#run/adapters/storage/http.ts"
import { openStorage } from "#run/adapters/storage.ts"

const NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
const inside: HttpOptions = { env: {}, allowPrivateAddresses: true }

type Answer = (request: IncomingMessage, response: ServerResponse) => void
let answer: Answer
let asked: IncomingMessage[] = []
let connections = 0
let server: Server
let base = ""
let port = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  server.on("connection", () => connections++)
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  port = (server.address() as AddressInfo).port
  base = `http://127.0.0.1:${port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
afterEach(() => {
  asked = []
  connections = 0
})

const giving = (body: string | Buffer, headers: Record<string, string> = {}): Answer => {
  return (_request, response) => response.writeHead(200, headers).end(body)
}
const sending = (status: number, headers: Record<string, string> = {}): Answer => {
  return (_request, response) => response.writeHead(status, headers).end("{}")
}
const text = async (reading: Promise<Uint8Array>) => Buffer.from(await reading).toString()
/** Every name stands for these addresses. */
const named = (...addresses: string[]): Pick<HttpOptions, "resolve"> => ({
  resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
})

test("a file is read, plain or compressed", async () => {
  answer = giving(NOTEBOOK)
  expect(await text(readHttp(`${base}/a.ipynb`, inside))).toBe(NOTEBOOK)
  answer = giving(gzipSync(NOTEBOOK), { "content-encoding": "gzip" })
  expect(await text(openStorage({ env: {}, allowPrivateAddresses: true }).read(`${base}/a.ipynb`))).toBe(NOTEBOOK)
})

test("this machine and private networks are refused without a connection, however the host is spelled", async () => {
  const spellings = `127.0.0.1 localhost localhost. LOCALHOST 127.1 127.0.1 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 2130706433 0 0.0.0.0
    %31%32%37.0.0.1 １２７.0.0.1 ①②⑦.0.0.1 127。0。0。1 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1]`
  for (const host of spellings.split(/\s+/)) {
    // Some resolvers do not know "localhost.", which is as good.
    const codes = host === "localhost." ? /storage_(forbidden|unreadable)/ : /storage_forbidden/
    await expect(readHttp(`http://${host}:${port}/`, { env: {} }), host).rejects.toMatchObject({ code: expect.stringMatching(codes) })
  }
  for (const host of ["169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "0xa9fea9fe", "2852039166"]) {
    await expect(readHttp(`http://${host}/latest/meta-data/`, { env: {} }), host).rejects.toMatchObject({
      code: "storage_forbidden",
      remedy: expect.stringMatching(/allow private addresses/),
    })
  }
  expect(connections).toBe(0)
})

test("a name that is half inside is refused, and so is one that means something else when asked again", async () => {
  await expect(readHttp(`http://x.example:${port}/`, { env: {}, ...named("8.8.8.8", "127.0.0.1") })).rejects.toMatchObject({
    code: "storage_forbidden",
  })
  let times = 0
  const rebinding: HttpOptions = {
    env: {},
    silenceMs: 300,
    resolve: async () => [{ address: times++ === 0 ? "8.8.8.8" : "127.0.0.1", family: 4 }],
  }
  await expect(readHttp(`http://x.example:${port}/`, rebinding)).rejects.toMatchObject({ code: "storage_unreadable" })
  expect([times, connections]).toEqual([1, 0])
})

test("the socket goes to the address that was checked, under the name that was asked for", async () => {
  answer = giving(NOTEBOOK)
  await readHttp(`http://notebooks.example:${port}/a.ipynb`, { ...inside, ...named("127.0.0.1") })
  expect(asked[0]?.headers.host).toBe(`notebooks.example:${port}`)
})

test("redirects are followed, at most five, and each one is checked again", async () => {
  answer = (request, response) => {
    const hop = Number(request.url?.slice(1))
    if (hop === 0) response.end(NOTEBOOK)
    else response.writeHead([301, 302, 303, 307, 308][hop % 5]!, { location: `/${hop - 1}` }).end()
  }
  expect(await text(readHttp(`${base}/5`, inside))).toBe(NOTEBOOK)
  await expect(readHttp(`${base}/6`, inside)).rejects.toMatchObject({ message: expect.stringMatching(/more than 5 times/) })

  for (const location of ["ftp://example.org/a", "file:///etc/passwd", "javascript:alert(1)"]) {
    answer = sending(302, { location })
    await expect(readHttp(`${base}/`, inside), location).rejects.toMatchObject({ message: expect.stringMatching(/does not follow/) })
  }
})

const ownNetwork = [
  "unshare",
  "--user",
  "--map-root-user",
  "--net",
  "sh",
  "-c",
  'ip link set lo up && ip addr add 8.8.8.8/32 dev lo && exec "$@"',
  "sh",
]
const mayMakeNetwork = spawnSync(ownNetwork[0]!, [...ownNetwork.slice(1), "true"]).status === 0

test.skipIf(!mayMakeNetwork)("a public server is read, but cannot send us inside", () => {
  // A network of its own, where this machine has a public address too.
  const script = `
    const { createServer } = await import("node:http")
    const { readHttp } = await import(${JSON.stringify(new URL("./http.ts", import.meta.url).href)})
    const asked = []
    const listening = (host) => new Promise((done) => {
      const server = createServer((request, response) => {
        asked.push(host + request.url)
        if (request.url === "/inside") response.writeHead(302, { location: "http://127.0.0.1:8080/secret" }).end()
        else if (request.url === "/by-name") response.writeHead(302, { location: "//inner.example:8080/secret" }).end()
        else response.end("{}")
      }).listen(8080, host, () => done(server))
    })
    const servers = [await listening("8.8.8.8"), await listening("127.0.0.1")]
    const resolve = async (host) => [{ address: host === "inner.example" ? "127.0.0.1" : "8.8.8.8", family: 4 }]
    const attempt = (path) => readHttp("http://public.example:8080" + path, { env: {}, resolve: (host) => host === "127.0.0.1" ? [{ address: host, family: 4 }] : resolve(host) })
      .then(() => "read", (error) => error.code)
    console.log(JSON.stringify({ said: [await attempt("/a"), await attempt("/inside"), await attempt("/by-name")], asked }))
    for (const server of servers) server.close()`
  const command = [...ownNetwork, process.execPath, "--input-type=module", "-e", script]
  expect(JSON.parse(execFileSync(command[0]!, command.slice(1), { encoding: "utf8" }))).toEqual({
    said: ["read", "storage_forbidden", "storage_forbidden"],
    asked: ["8.8.8.8/a", "8.8.8.8/inside", "8.8.8.8/by-name"],
  })
})

test("a password in the address goes to that origin only, and is in no message", async () => {
  const other = createServer((request, response) => {
    asked.push(request)
    response.writeHead(404).end()
  })
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done))
  answer = (request, response) => {
    if (request.url?.startsWith("/start")) response.writeHead(302, { location: "/same" }).end()
    else response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/else` }).end()
  }
  const failure = await readHttp(`http://me:s%C3%A9cret@127.0.0.1:${port}/start?sig=s3cr3t`, inside).catch((error) => error)
  other.close()
  const basic = `Basic ${Buffer.from("me:sécret").toString("base64")}`
  expect(asked.map((request) => [request.url, request.headers.authorization])).toEqual([
    ["/start?sig=s3cr3t", basic],
    ["/same", basic],
    ["/else", undefined],
  ])
  expect(failure.message).toBe(`http://127.0.0.1:${port}/start answered 404 Not Found: there is nothing at that address.`)
})

test.each([
  [401, "storage_forbidden", "never"],
  [403, "storage_forbidden", "never"],
  [404, "storage_unreadable", "never"],
  [418, "storage_unreadable", "never"],
  [429, "storage_unreadable", "later"],
  [500, "storage_unreadable", "later"],
  [503, "storage_unreadable", "later"],
  [204, "storage_unreadable", "never"],
])("status %i is named", async (status, code, retry) => {
  answer = sending(status)
  await expect(readHttp(base, inside)).rejects.toMatchObject({ code, retry, message: expect.stringContaining(`answered ${status}`) })
})

test.each(["<!DOCTYPE html><html>", "\uFEFF\n <!-- hi -->\n<HTML lang=en>", "<html>"])("a web page is not taken for a file: %j", async (page) => {
  answer = giving(page)
  await expect(readHttp(base, inside)).rejects.toMatchObject({
    message: expect.stringMatching(/is a web page/),
    remedy: expect.stringMatching(/raw/),
  })
})

test("what is too large is refused, announced or not, compressed or not", async () => {
  const small = { ...inside, maxBytes: 1024 * 1024 }
  answer = giving("", { "content-length": "9000000000" })
  await expect(readHttp(base, small)).rejects.toMatchObject({ message: expect.stringMatching(/larger than 1 MB/) })
  answer = (_request, response) => {
    const flood = () => {
      while (response.write("x".repeat(65536)));
      response.once("drain", flood)
    }
    flood()
  }
  await expect(readHttp(base, small)).rejects.toMatchObject({ message: expect.stringMatching(/larger than 1 MB/) })
  answer = giving(gzipSync(Buffer.alloc(50_000_000)), { "content-encoding": "gzip" })
  await expect(readHttp(base, small)).rejects.toMatchObject({ message: expect.stringMatching(/larger than 1 MB/) })
})

test("silence, a trickle without end, a cut connection and a damaged body are each told", async () => {
  answer = () => undefined
  await expect(readHttp(base, { ...inside, silenceMs: 50 })).rejects.toMatchObject({
    retry: "later",
    message: expect.stringMatching(/silent for 0.05 s/),
  })
  answer = (_request, response) => response.write("{")
  await expect(readHttp(base, { ...inside, silenceMs: 50 })).rejects.toMatchObject({ message: expect.stringMatching(/silent/) })
  answer = (_request, response) => {
    const timer = setInterval(() => response.write(" "), 10)
    response.on("close", () => clearInterval(timer))
  }
  await expect(readHttp(base, { ...inside, totalMs: 150 })).rejects.toMatchObject({
    retry: "later",
    message: expect.stringMatching(/longer than 0.15 s/),
  })
  answer = (_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{")
    setTimeout(() => response.destroy(), 20)
  }
  await expect(readHttp(base, inside)).rejects.toMatchObject({ name: "Fault", code: "storage_unreadable", retry: "later" })
  answer = giving("not gzip", { "content-encoding": "gzip" })
  await expect(readHttp(base, inside)).rejects.toMatchObject({ name: "Fault", code: "storage_unreadable" })
  answer = giving("?", { "content-encoding": "br" })
  await expect(readHttp(base, inside)).rejects.toMatchObject({ message: expect.stringMatching(/encoding br/) })
})

test("nobody there, no such name, no such address", async () => {
  const closed = createServer()
  await new Promise<void>((done) => closed.listen(0, "127.0.0.1", done))
  const gone = (closed.address() as AddressInfo).port
  await new Promise((done) => closed.close(done))
  await expect(readHttp(`http://127.0.0.1:${gone}/`, inside)).rejects.toMatchObject({
    retry: "later",
    message: expect.stringMatching(/nothing listens/),
  })
  const unknown = async () => {
    throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" })
  }
  await expect(readHttp("http://no.such.example/", { env: {}, resolve: unknown })).rejects.toMatchObject({
    message: expect.stringMatching(/not known/),
  })
  await expect(readHttp("http://no.such.example/", { env: {}, ...named() })).rejects.toMatchObject({ message: expect.stringMatching(/no address/) })
  await expect(readHttp("http://", inside)).rejects.toMatchObject({ message: expect.stringMatching(/not a valid web address/) })
})

test("web addresses are not written", async () => {
  const storage = openStorage({ env: {} })
  const refusal = { code: "storage_unwritable", message: expect.stringMatching(/only reads web addresses/) }
  await expect(storage.check("https://example.org/a")).rejects.toMatchObject(refusal)
  await expect(storage.write("https://example.org/a", new Uint8Array())).rejects.toMatchObject(refusal)
  expect(await storage.exists("https://example.org/a")).toBe(false)
})

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

test.skipIf(!hasOpenssl)("over TLS the certificate is checked against the name, though the socket goes to a pinned address", async () => {
  const dir = mkdtempSync(join(tmpdir(), "stet-tls-"))
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")]
  const names = "subjectAltName=DNS:notebooks.example"
  execFileSync("openssl", `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -addext ${names} -keyout ${key} -out ${cert}`.split(" "), {
    stdio: "pipe",
  })
  const ca = readFileSync(cert, "utf8")
  const secure = createTlsServer({ key: readFileSync(key), cert: ca }, (_request, response) => response.end(NOTEBOOK))
  await new Promise<void>((done) => secure.listen(0, "127.0.0.1", done))
  const at = `:${(secure.address() as AddressInfo).port}/a.ipynb`
  try {
    const pinned = { ...inside, ...named("127.0.0.1") }
    expect(await text(readHttp(`https://notebooks.example${at}`, { ...pinned, ca }))).toBe(NOTEBOOK)
    await expect(readHttp(`https://other.example${at}`, { ...pinned, ca })).rejects.toMatchObject({
      message: expect.stringMatching(/for another name/),
    })
    await expect(readHttp(`https://notebooks.example${at}`, pinned)).rejects.toMatchObject({ message: expect.stringMatching(/signed by itself/) })
  } finally {
    secure.close()
    rmSync(dir, { recursive: true })
  }
})

test("no connection is left open after a read", async () => {
  answer = giving(NOTEBOOK)
  await readHttp(base, inside)
  await expect.poll(() => new Promise((done) => server.getConnections((_error, count) => done(count)))).toBe(0)
  connect(port, "127.0.0.1").destroy()
})
