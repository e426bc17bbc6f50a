/** Addresses that lead inside, given to the import by address: nothing of this machine or its network may be asked. */
import { createServer, type IncomingMessage } from "node:http"
import { hostname, networkInterfaces } from "node:os"
import type { Attack } from "../attack.ts"
import { inLanes, type Said } from "../wire.ts"

/** Spellings of this machine and of what is never public. */
const HOSTS = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "127.000.000.001",
  "0177.0.0.1",
  "0177.0.0.01",
  "0x7f.0.0.1",
  "0x7f.1",
  "0x7f000001",
  "2130706433",
  "017700000001",
  "00000017700000001",
  "127.0.0.1.",
  "127.255.255.254",
  "0.0.0.0",
  "0",
  "0x0",
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[0:0:0:0:0:ffff:127.0.0.1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::7f00:1]",
  "[2002:7f00:1::]",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "localhost.localdomain",
  "ip6-localhost",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "１２７.0.0.1",
  "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
  "loc%61lhost",
  "127.0.0.1%00.example.org",
  "example.org@127.0.0.1",
  "user:password@127.0.0.1",
  "169.254.169.254",
  "0xa9fea9fe",
  "2852039166",
  "[::ffff:169.254.169.254]",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "metadata.google.internal",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.0.1",
  "100.64.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
]

/** With this machine's own addresses and name. */
function hosts(): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return [...HOSTS, hostname(), ...own.map(({ address, family }) => (family === "IPv6" ? `[${address.split("%")[0]}]` : address))]
}

const ADDRESSES = [
  "file:///etc/passwd",
  "file://localhost/etc/passwd",
  "ftp://127.0.0.1/x",
  "gopher://127.0.0.1:6379/_PING",
  "dict://127.0.0.1:11211/stat",
  "data:application/json,{}",
  "jar:http://127.0.0.1!/x",
  "unix:/var/run/docker.sock",
  "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
  "s3://bucket/x.ipynb",
  "gs://bucket/x.ipynb",
  "javascript:alert(1)",
  "//127.0.0.1/x",
  "/etc/passwd",
  "C:\\boot.ini",
  "blob:http://127.0.0.1/x",
  "http:/\\127.0.0.1/x",
  "http:127.0.0.1/x",
  "",
]

export const INWARD: Attack = {
  name: "an import by an address that leads inside",
  async run(target) {
    const asked: string[] = []
    const inside = await insider((request) => asked.push(`${request.headers.host}${request.url}`))
    const holes: string[] = []
    const reasons = new Map<string, number>()
    let tried = 0
    const ports = [inside.port, target.platform.port]
    const urls = [
      ...ADDRESSES,
      ...hosts().flatMap((host) => ports.flatMap((port) => [`http://${host}:${port}/x.ipynb`, `https://${host}:${port}/x.ipynb`])),
      // Redirects from an address that is itself inside: refused before the first hop.
      ...["http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", `http://localhost:${target.platform.port}/api/v1/session`].map(
        (to) => `http://127.0.0.1:${inside.port}/redirect?to=${encodeURIComponent(to)}`,
      ),
    ]
    try {
      await inLanes(urls, 6, async (url) => {
        tried++
        const body = JSON.stringify({ space: "open", url, name: "inward.ipynb" })
        const said = await target.wire.ask({
          method: "POST",
          path: "/api/v1/import/url",
          headers: { ...target.editor, "content-type": "application/json" },
          body,
        })
        const why = reasonIn(said)
        reasons.set(why, (reasons.get(why) ?? 0) + 1)
        if (/nothing listens|connection|timed out|answered/.test(said.text)) holes.push(`${url} was connected to: ${said.text.slice(0, 200)}`)
        const isTakenIn = /"outcome":"(imported|same)"/.test(said.text)
        if (isTakenIn || said.status >= 500 || said.status === 0 || /bait|root:x|isAdmin/.test(said.text))
          holes.push(`${url}: ${said.status} ${said.text.slice(0, 200)}`)
      })
    } finally {
      await inside.close()
    }
    return {
      tried,
      holes: [...holes, ...asked.map((what) => `the server asked ${what}`)],
      notes: [`${asked.length} requests reached the server inside; refused as ${[...reasons].map(([why, count]) => `${why} ${count}`).join(", ")}`],
    }
  },
}

function reasonIn({ status, text }: Said): string {
  if (text.includes("not an address of the public internet")) return "not public"
  if (/is not known|has no address|looked up/.test(text)) return "a name without an address"
  return /"code":"(\w+)"/.exec(text)?.[1] ?? (text.includes('"refused"') ? "refused in the report" : String(status))
}

async function insider(hear: (request: IncomingMessage) => void): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    hear(request)
    const to = new URL(request.url ?? "/", "http://x").searchParams.get("to")
    if (to) response.writeHead(302, { location: to }).end()
    else response.setHeader("content-type", "application/json").end('{"nbformat":4,"nbformat_minor":5,"metadata":{"bait":1},"cells":[]}')
  })
  // Of both families, where there are both.
  await new Promise<void>((resolve) => {
    server.once("error", () => server.listen(0, "0.0.0.0", resolve))
    server.listen(0, "::", resolve)
  })
  const { port } = server.address() as { readonly port: number }
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return { port, close }
}
