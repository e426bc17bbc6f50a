/** Bodies, archives and headers that are too much: refused, at no one else's cost. */
import { randomBytes } from "node:crypto"
import { gzipSync } from "node:zlib"
import { notebookBytes } from "../../faults/notebooks.ts"
import { peakMb, residentMb } from "../../faults/processes.ts"
import { registeredRoutes } from "../../src/api/routes.testing.ts"
import { type ZipEntry, zipOfEntries } from "../../src/library/zip.testing.ts"
import type { Attack, Tier } from "../attack.ts"
import type { Target } from "../target.ts"
import { inLanes, type Said } from "../wire.ts"
import { filled } from "./doors.ts"

const MB = 1_000_000

/** What an innocent client sees meanwhile: the slowest answer and the 99th of a hundred, in milliseconds. */
export async function beside<Value>(
  target: Target,
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly p99: number; readonly asked: number; readonly failed: number }> {
  const took: number[] = []
  let failed = 0
  let isOver = false
  const innocent = async () => {
    while (!isOver) {
      const since = performance.now()
      const said = await target.wire.ask({ method: "GET", path: "/api/v1/notebooks?limit=20", headers: target.admin })
      if (said.status !== 200) failed++
      took.push(performance.now() - since)
      await new Promise((next) => setTimeout(next, 20))
    }
  }
  const others = innocent()
  const value = await work().finally(() => {
    isOver = true
  })
  await others
  took.sort((a, b) => a - b)
  return { value, p99: Math.round(took[Math.floor(took.length * 0.99)] ?? 0), asked: took.length, failed }
}

/** Memory and other people's patience, for an attack on either. */
async function costing(target: Target, work: () => Promise<{ readonly tried: number; readonly holes: readonly string[] }>) {
  const server = await target.platform.pidOf("server")
  const before = residentMb(server)
  const { value, p99, asked, failed } = await beside(target, work)
  const holes = [...value.holes]
  const rise = Math.round(peakMb(server) - before)
  if ((await target.platform.pidOf("server")) !== server) holes.push("the server died of it")
  if (rise > 300) holes.push(`the server's memory rose by ${rise} MB`)
  if (failed > 0) holes.push(`${failed} of ${asked} requests of an innocent client failed meanwhile`)
  return {
    tried: value.tried,
    holes,
    notes: [`an innocent client meanwhile: ${asked} answers, p99 ${p99} ms; server's peak ${rise} MB above before`],
  }
}

function bombs(tier: Tier): readonly (readonly [string, string | Uint8Array])[] {
  const many = tier === "full" ? 1_000_000 : 100_000
  const deep = (open: string, close: string, by: number) => open.repeat(by) + close.repeat(by)
  return [
    ["lists in lists", deep("[", "]", many)],
    ["lists without an end", "[".repeat(many)],
    ["objects in objects", `${'{"a":'.repeat(many / 5)}1${"}".repeat(many / 5)}`],
    ["many keys", `{${Array.from({ length: many / 10 }, (_, index) => `"k${index}":1`).join(",")}}`],
    ["the same key many times", `{${'"name":"x",'.repeat(many / 10)}"name":"x"}`],
    ["a long number", `{"name":${"9".repeat(many)}}`],
    ["a large exponent", '{"name":1e999999999,"limit":-1e999999999}'],
    ["a long text", JSON.stringify({ name: "x".repeat(many * 4) })],
    ["escapes", `{"name":"${"\\u0041".repeat(many / 10)}"}`],
    ["__proto__", '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"name":"x"}'],
    ["__proto__ within", '{"parameters":{"__proto__":{"isAdmin":true}},"labels":{"__proto__":"x","constructor":"y"},"notebook":"open/x"}'],
    ["toString and the like", '{"toString":null,"valueOf":null,"hasOwnProperty":1,"then":1,"toJSON":1,"length":1e9}'],
    ["lone surrogates", '{"name":"\\ud800","title":"\\udfff\\ud800"}'],
    ["no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ["UTF-16", Buffer.from('\ufeff{"name":"x"}', "utf16le")],
    ["a byte order mark", '\ufeff{"name":"x"}'],
    ["NUL", '{"name":"a\\u0000b\u0000"}'],
    ["comments", '{/* x */"name":"x",}'],
    ["nothing", ""],
    ["not an object", "[]"],
    ["null", "null"],
    ["a number", "1"],
    ["NaN", '{"name":NaN}'],
    ["random", randomBytes(10_000)],
    ["5 MB of blanks", " ".repeat(5 * MB)],
  ]
}

export const JSON_BOMBS: Attack = {
  name: "JSON bombs and __proto__, into every route that takes JSON or a notebook",
  run: (target, tier) =>
    costing(target, async () => {
      const holes: string[] = []
      let tried = 0
      const routes = (await registeredRoutes()).filter(
        ({ method, url }) => ["POST", "PUT", "PATCH"].includes(method) && !/session|disable|password|\/trash$|sign-out/.test(url),
      )
      const all = bombs(tier).flatMap(([what, body]) => routes.map((route) => ({ what, body, route })))
      // A prime step meets every bomb and every route.
      const shots = tier === "full" ? all : all.filter((_, index) => index % 5 === 0)
      await inLanes(shots, 4, async ({ what, body, route }) => {
        tried++
        const type = route.url.startsWith("/api/")
          ? /import$|content$|notebooks$/.test(route.url)
            ? "application/octet-stream"
            : "application/json"
          : "application/x-www-form-urlencoded"
        const query = /\/import$|files\/content$|\/notebooks$/.test(route.url) ? `?space=open&path=bombs/x.ipynb` : ""
        const headers = {
          ...(route.url.startsWith("/api/") ? target.editor : { ...target.adminCookie, origin: target.platform.url }),
          "content-type": type,
        }
        const said = await target.wire.ask({ method: route.method, path: filled(route.url, target) + query, headers, body })
        // Who is refused while a large body still comes may find the connection closed.
        const isCut = said.status === 0 && body.length > MB && /EPIPE|ECONNRESET/.test(said.text)
        if (said.status >= 500 || (said.status === 0 && !isCut))
          holes.push(`${what} to ${route.method} ${route.url}: ${said.status} ${said.text.slice(0, 160)}`)
      })
      const session = await target.wire.ask({ method: "GET", path: "/api/v1/session", headers: target.foreign })
      if (!session.text.includes('"isAdmin":false')) holes.push(`__proto__ made somebody an administrator: ${session.text.slice(0, 100)}`)
      return { tried, holes }
    }),
}

/** Each with how many bytes it would become, or what it must not become. */
function archives(tier: Tier): readonly (readonly [string, Uint8Array])[] {
  const zeros = (size: number) => new Uint8Array(size)
  const much = tier === "full" ? 200 * MB : 20 * MB
  const named = (name: string, more: Partial<ZipEntry> = {}) => zipOfEntries([{ name, content: "x", ...more }])
  const inner = zipOfEntries([{ name: "zeros.bin", content: zeros(10 * MB) }])
  const kernel = zeros(5 * MB)
  return [
    ["one entry of zeros", zipOfEntries([{ name: "zeros.bin", content: zeros(much) }])],
    ["one notebook of blanks", zipOfEntries([{ name: "blanks.ipynb", content: " ".repeat(much) }])],
    ["archives in archives", zipOfEntries(Array.from({ length: 16 }, (_, index) => ({ name: `${index}.zip`, content: inner })))],
    [
      "entries that share their bytes",
      zipOfEntries([
        { name: "0.bin", content: kernel },
        ...Array.from({ length: 900 }, (_, index) => ({ name: `${index + 1}.bin`, content: kernel.subarray(0, 1), sharedWith: 0 })),
      ]),
    ],
    ["too many entries", zipOfEntries(Array.from({ length: 65_000 }, (_, index) => ({ name: `${index}.txt`, content: "", method: 0 })))],
    ["a size that lies", zipOfEntries([{ name: "lie.bin", content: zeros(much), says: { size: 10 } }])],
    ["a size beyond all", zipOfEntries([{ name: "lie.bin", content: "x", says: { size: 0xffff_fffe, packed: 0xffff_fffe } }])],
    ["a link", named("link", { content: "/etc/passwd", mode: 0o120777 })],
    ["a device", named("device", { mode: 0o020666 })],
    ["a pipe", named("pipe", { mode: 0o010666 })],
    ["a table that says 4 GB", withTail(named("x.txt"), (tail) => tail.writeUInt32LE(0xffff_fff0, 12))],
    ["a table that begins nowhere", withTail(named("x.txt"), (tail) => tail.writeUInt32LE(0xfff_fff0, 16))],
    ["a count that lies", withTail(named("x.txt"), (tail) => tail.writeUInt16LE(0xffff, 10))],
    ["half an archive", named("x.txt").subarray(0, 30)],
    ["no archive", randomBytes(100_000)],
    ["nothing", new Uint8Array()],
    ...SLIPS.map((name) => [`an entry called ${JSON.stringify(name.slice(0, 40))}`, named(name)] as const),
  ]
}

const SLIPS = [
  "../evil.txt",
  "../../../../../../../../tmp/stet-evil.txt",
  "..\\..\\evil.txt",
  "/tmp/stet-evil.txt",
  "//tmp/stet-evil.txt",
  "C:\\evil.txt",
  "a/../../evil.txt",
  "a/./../../evil.txt",
  "./../evil.txt",
  "..",
  ".",
  "",
  "a\u0000.txt",
  "a//b.txt",
  "__proto__",
  "__proto__/x.txt",
  "constructor.ipynb",
  ".git/hooks/post-checkout",
  ".ssh/authorized_keys",
  "con.txt",
  "a\nb.txt",
  `${"d/".repeat(5000)}x.txt`,
  "x".repeat(60_000),
  "\u202egpj.exe",
]

function withTail(bytes: Uint8Array, change: (tail: Buffer) => void): Uint8Array {
  const copy = Buffer.from(bytes)
  change(copy.subarray(copy.length - 22))
  return copy
}

export const ARCHIVES: Attack = {
  name: "zip bombs and slips, through the import",
  run: (target, tier) =>
    costing(target, async () => {
      const holes: string[] = []
      let tried = 0
      for (const [what, body] of archives(tier)) {
        tried++
        const headers = { ...target.editor, "content-type": "application/zip" }
        const said = await target.wire.ask({ method: "POST", path: "/api/v1/import?space=open&folder=zip", headers, body, timeoutMs: 120_000 })
        if (said.status >= 500 || said.status === 0) holes.push(`${what}: ${said.status} ${said.text.slice(0, 160)}`)
        for (const at of importedOf(said))
          if (!/^zip\/[^\\\0/][^\\\0]*$/.test(at) || /(^|\/)\.\.?(\/|$)/.test(at)) holes.push(`${what} became ${JSON.stringify(at)}`)
        if (/link|device|pipe|lies|share|zeros|blanks|too many/.test(what) && importedOf(said).length > 2)
          holes.push(`${what} was taken in: ${said.text.slice(0, 200)}`)
      }
      return { tried, holes }
    }),
}

function importedOf({ status, text }: Said): readonly string[] {
  if (status !== 200) return []
  const { entries } = JSON.parse(text) as { readonly entries: readonly { readonly outcome: string; readonly at?: string }[] }
  return entries.flatMap(({ outcome, at }) => (outcome === "imported" && at !== undefined ? [at] : []))
}

type Wrong = { readonly what: string; readonly bytes: Uint8Array | string }

function malformed({ platform, admin }: Target): readonly Wrong[] {
  const host = `Host: localhost:${platform.port}\r\n`
  const who = `Authorization: ${admin["authorization"]}\r\nX-Stet: 1\r\n`
  const get = `GET /api/v1/session HTTP/1.1\r\n${host}${who}`
  const post = `POST /api/v1/spaces HTTP/1.1\r\n${host}${who}Content-Type: application/json\r\n`
  return [
    { what: "a header of 20 KB", bytes: `${get}X-A: ${"a".repeat(20_000)}\r\n\r\n` },
    { what: "3,000 headers", bytes: `${get}${Array.from({ length: 3000 }, (_, index) => `X-${index}: 1\r\n`).join("")}\r\n` },
    { what: "an address of 20 KB", bytes: `GET /${"a".repeat(20_000)} HTTP/1.1\r\n${host}\r\n` },
    { what: "a cookie of 15 KB", bytes: `GET / HTTP/1.1\r\n${host}Cookie: ${"a=b; ".repeat(3000)}\r\n\r\n` },
    { what: "two lengths", bytes: `${post}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}GET /livez HTTP/1.1\r\n${host}\r\n` },
    {
      what: "a length and chunks",
      bytes: `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n${host}\r\n`,
    },
    { what: "chunks of another name", bytes: `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n${host}\r\n` },
    { what: "a bent chunk", bytes: `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n` },
    { what: "a negative length", bytes: `${post}Content-Length: -1\r\n\r\n` },
    { what: "a length in hex", bytes: `${post}Content-Length: 0x10\r\n\r\n` },
    { what: "bare line feeds", bytes: get.replaceAll("\r\n", "\n").concat("\n") },
    { what: "a folded header", bytes: `${get}X-A: b\r\n c\r\n\r\n` },
    { what: "a header without a name", bytes: `${get}: x\r\n\r\n` },
    { what: "a blank before the colon", bytes: `${get}Content-Length : 5\r\n\r\n` },
    { what: "NUL in a header", bytes: `${get}X-A: \0\r\n\r\n` },
    { what: "two hosts", bytes: `${get}Host: evil.example\r\n\r\n` },
    { what: "an empty host: no host", bytes: `GET /api/v1/session HTTP/1.1\r\nHost:\r\n${who}\r\n` },
    { what: "no host", bytes: `GET /api/v1/session HTTP/1.1\r\n${who}\r\n` },
    { what: "HTTP/1.0", bytes: `GET /api/v1/session HTTP/1.0\r\n${who}\r\n` },
    { what: "HTTP/0.9", bytes: "GET /api/v1/session\r\n" },
    { what: "HTTP/2 at once", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
    { what: "a proxy's request", bytes: `GET http://evil.example/ HTTP/1.1\r\n${host}\r\n` },
    { what: "a tunnel", bytes: `CONNECT 127.0.0.1:5432 HTTP/1.1\r\n${host}\r\n` },
    { what: "no path", bytes: `OPTIONS * HTTP/1.1\r\n${host}\r\n` },
    { what: "an unknown method", bytes: `STET / HTTP/1.1\r\n${host}\r\n` },
    { what: "TRACE", bytes: `TRACE / HTTP/1.1\r\n${host}${who}\r\n` },
    { what: "TLS", bytes: Buffer.from("16030100050100000100", "hex") },
    { what: "noise", bytes: randomBytes(4000) },
    { what: "nothing", bytes: "\r\n\r\n\r\n\r\n" },
    { what: "lines smuggled in the address", bytes: `GET /livez HTTP/1.1 \r\nX: y HTTP/1.1\r\n${host}\r\n` },
  ]
}

export const WIRE_BREAKS: Attack = {
  name: "requests that are no HTTP, or two at once, or too large",
  run: (target) =>
    costing(target, async () => {
      const holes: string[] = []
      const wrong = malformed(target)
      await inLanes(wrong, 10, async ({ what, bytes }) => {
        const said = await target.wire.raw(bytes, 1500)
        if (/^HTTP\/1\.1 5\d\d/m.test(said)) holes.push(`${what}: ${said.slice(0, 100)}`)
        if (/two lengths|chunk|length/.test(what) && (said.match(/^HTTP\/1\.1 /gm) ?? []).length > 1 && said.includes('"ok"'))
          holes.push(`${what}: a second request was smuggled in: ${said.slice(0, 300)}`)
        if (/two hosts|no host|HTTP\/1.0|HTTP\/0.9/.test(what) && said.includes('"isAdmin"')) holes.push(`${what} is answered`)
        if (/TRACE/.test(what) && said.includes("stet_")) holes.push("TRACE gives the token back")
      })
      return { tried: wrong.length, holes }
    }),
}

export const TOO_LARGE: Attack = {
  name: "bodies that are too large, said to be, packed, or without an end",
  run: (target, tier) =>
    costing(target, async () => {
      const holes: string[] = []
      let tried = 0
      const at = "/api/v1/notebooks?space=open&path=large.ipynb"
      const headers = { ...target.editor, "content-type": "application/octet-stream" }
      const refusedAs = async (what: string, sending: Promise<Said>, statuses: readonly number[]) => {
        tried++
        const said = await sending
        if (!statuses.includes(said.status)) holes.push(`${what}: ${said.status} ${said.text.slice(0, 160)}`)
      }
      const huge = new Uint8Array((tier === "full" ? 66 : 65) * 1024 * 1024)
      // A connection may be cut while the rest is still sent: 0.
      await refusedAs("a notebook beyond the limit", target.wire.ask({ method: "POST", path: at, headers, body: huge }), [413, 0])
      await refusedAs(
        "JSON beyond the limit",
        target.wire.ask({ method: "POST", path: "/api/v1/runs", headers: { ...target.editor, "content-type": "application/json" }, body: huge }),
        [413, 0],
      )
      await refusedAs(
        "a packed body",
        target.wire.ask({
          method: "POST",
          path: at,
          headers: { ...headers, "content-encoding": "gzip" },
          body: gzipSync(notebookBytes("python3", ["1"])),
        }),
        [415, 400],
      )
      await refusedAs(
        "a sign-in beyond the limit, by a stranger",
        target.wire.ask({ method: "POST", path: "/api/v1/sign-in", headers: { "content-type": "application/json" }, body: huge }),
        [413, 0, 400],
      )
      await refusedAs(
        "a form beyond the limit, by a stranger",
        target.wire.ask({
          method: "POST",
          path: "/sign-in",
          headers: { "content-type": "application/x-www-form-urlencoded", origin: target.platform.url },
          body: huge,
        }),
        [413, 0, 400],
      )
      const said = await target.wire.raw(endless(target), tier === "full" ? 20_000 : 3000)
      tried++
      if (/^HTTP\/1\.1 2/m.test(said)) holes.push(`a body that says it has 10^15 bytes: ${said.slice(0, 100)}`)
      return { tried, holes }
    }),
}

function endless({ platform, editor }: Target): string {
  const lines = [
    "POST /api/v1/notebooks?space=open&path=endless.ipynb HTTP/1.1",
    `Host: localhost:${platform.port}`,
    `Authorization: ${editor["authorization"]}`,
  ]
  return `${[...lines, "Content-Type: application/octet-stream", "Content-Length: 1000000000000000"].join("\r\n")}\r\n\r\n{}`
}
