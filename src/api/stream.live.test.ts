/** Events over real sockets: in order, from any place on, for slow readers, and no longer than one may. */
import { connect as connectSocket, type Socket } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { connect } from "#api/client.ts"
import { type ApiTest, apiTest, COOKIE, ipynb, type Someone } from "#api/testing.ts"
import { hangs, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { appendEvents } from "#work/sql/events.ts"
import { eventually } from "#work/testing.ts"

const kernels = scriptedKernels({
  hello: stdout("hello\n"),
  slow: [stdout("working\n"), hangs()],
  wide: Array.from({ length: 200 }, (_, i) => stdout(`${i} ${"x".repeat(50_000)}\n`)),
})

let api: ApiTest
let admin: Someone
let port = 0
let url = ""

beforeAll(async () => {
  api = await apiTest({ hosts: "any", heartbeatMs: 200, stallMs: 1500, trustMs: 2000 })
  admin = await api.someone("Admin", "administrator")
  await api.server.listen({ port: 0, host: "127.0.0.1" })
  port = (api.server.server.address() as { port: number }).port
  url = `http://127.0.0.1:${port}`
  await api.platform.worker({ kernels })
})
afterAll(() => api.close())

async function launch(...cells: readonly string[]): Promise<string> {
  const notebook = await api.platform.notebook(`stream/${cells.length}-${Math.random()}.ipynb`, "script", ...cells)
  return (await api.platform.launch({ notebook })).id
}

async function client(who: Someone = admin) {
  const { token = "" } = await api.withToken(who, "read", "run", ...(who === admin ? ["edit", "admin"] : []))
  return connect({ url, token })
}

test("a client sees every event of a run, once, in order, and goes on from any of them", async () => {
  const stet = await client()
  const run = await launch("hello", "hello", "hello")
  const seen: { seq: number; type: string }[] = []
  for await (const event of stet.events(run)) seen.push(event)
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, i) => i + 1))
  expect(seen.filter(({ type }) => type === "stream")).toHaveLength(3)
  expect(seen.at(-1)).toMatchObject({ type: "state", what: { state: "succeeded" } })
  const rest: number[] = []
  for await (const { seq } of stet.events(run, { after: 4 })) rest.push(seq)
  expect(rest).toEqual(seen.slice(4).map(({ seq }) => seq))
  const log = await stet.call("getLog", { params: { run } })
  expect(log).toEqual({ text: "hello\nhello\nhello\n", offset: 0, nextOffset: 18, eof: true })
  expect(await stet.call("getLog", { params: { run }, query: { offset: 6 } })).toMatchObject({ text: "hello\nhello\n", nextOffset: 18 })
  const result = JSON.parse(new TextDecoder().decode(await stet.call("getResult", { params: { run } })))
  expect(result.cells).toHaveLength(3)
  const output = await stet.reply("getOutput", { params: { run, cell: 1, output: 0 } })
  expect([new TextDecoder().decode(output.value), output.headers.get("content-type")]).toEqual(["hello\n", "text/plain"])
  const page = await stet.reply("getResultPage", { params: { run } })
  expect(page.headers.get("content-security-policy")).toMatch(/^sandbox allow-scripts/)
  expect(new TextDecoder().decode(page.value)).toContain("hello")
})

test("a connection that breaks is made again by the client, and nothing is lost or doubled", async () => {
  const { token = "" } = await api.withToken(admin, "read")
  const run = await launch("hello", "hello", "hello", "hello")
  await api.platform.until(run)
  let connections = 0
  const breaking: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (++connections > 3 || !response.body) return response
    // Cut off in the middle of a message.
    let left = 300
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (left <= 0) return controller.error(new Error("cut"))
        controller.enqueue(chunk.subarray(0, left))
        left -= chunk.length
      },
    })
    return new Response(response.body.pipeThrough(cut), response)
  }
  const stet = connect({ url, token, fetch: breaking, sleep: async () => undefined, tries: 10 })
  const seen: number[] = []
  for await (const { seq } of stet.events(run)) seen.push(seq)
  expect(seen).toEqual(seen.map((_, i) => i + 1))
  expect(connections).toBeGreaterThan(2)
})

/** A reader that may stop reading: what fetch hides. */
function raw(
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly socket: Socket; readonly text: () => string; readonly ids: readonly number[]; readonly isOpen: () => boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, "127.0.0.1")
    let text = ""
    let open = true
    const ids: number[] = []
    // Only the end is kept: what the readers of a test hold must not look like what the server holds.
    socket.on("data", (chunk) => {
      const all = text + chunk
      for (const [, id] of chunk.toString("latin1").matchAll(/(?:^|\n)id: (\d+)\n/g)) ids.push(Number(id))
      text = all.length > 20_000 ? Buffer.from(all.slice(-10_000)).toString() : all
    })
    socket.on("close", () => (open = false))
    socket.on("error", () => (open = false))
    socket.once("error", reject)
    socket.once("connect", () => {
      const lines = Object.entries({ host: `127.0.0.1:${port}`, cookie: `${COOKIE}=${admin.cookie}`, ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      )
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
      resolve({ socket, text: () => text, ids, isOpen: () => open })
    })
  })
}

test("one who stops reading is let go and takes no memory; the others see everything", async () => {
  const run = await launch("slow")
  await api.platform.until(run, "running")
  const stuck = await Promise.all(Array.from({ length: 20 }, () => raw(`/api/v1/runs/${run}/events`)))
  const healthy = await raw(`/api/v1/runs/${run}/events`)
  await eventually("all are listening", async () => stuck.every(({ text }) => text().includes("event: state")))
  for (const { socket } of stuck) socket.pause()
  const before = process.memoryUsage.rss()
  const pieces = 400
  for (let i = 0; i < pieces; i += 20)
    await appendEvents(api.world.work.db, {
      run,
      attempt: 1,
      rows: Array.from({ length: 20 }, (_, j) => ({
        at: Date.now(),
        type: "stream",
        what: JSON.stringify({ cell: 0, name: "stdout", text: `piece ${i + j} ${"y".repeat(50_000)}` }),
        logBytes: 0,
        journalEnd: 0,
      })) as never,
    })
  await eventually("the healthy one has all of it", async () => (healthy.ids.at(-1) ?? 0) >= pieces)
  const numbers = healthy.ids
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i))
  // 20 readers × 20 MB that they did not take.
  expect((process.memoryUsage.rss() - before) / 1e6).toBeLessThan(200)
  await eventually(
    "those that took nothing were let go",
    async () => {
      const open = await new Promise<number>((resolve, reject) =>
        api.server.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      )
      return open <= 3
    },
    20_000,
  )
  expect(healthy.isOpen()).toBe(true)
  // One of those that were let go comes back, with the number of the last event that it has: what follows is all there, once.
  const last = stuck[0]?.ids.at(-1) ?? 0
  const again = await raw(`/api/v1/runs/${run}/events`, { "last-event-id": String(last) })
  await eventually("it has the rest", async () => again.ids.at(-1) === healthy.ids.at(-1))
  expect(last).toBeLessThan(healthy.ids.at(-1) ?? 0)
  expect(again.ids).toEqual(again.ids.map((_, i) => last + 1 + i))
  again.socket.destroy()
  healthy.socket.destroy()
  for (const { socket } of stuck) socket.destroy()
  await api.ask("POST", `/api/v1/runs/${run}/cancel`, { as: admin, json: {}, headers: { host: "localhost:7838" } })
}, 60_000)

test("whoever may not see a run any more stops seeing it at once: disabled, signed out, revoked, role taken away", async () => {
  const run = await launch("slow")
  await api.platform.until(run, "running")
  const watchers = await Promise.all(["disabled", "signed out", "role"].map(async (name) => ({ name, who: await api.someone(name, "viewer") })))
  const streams = await Promise.all(
    watchers.map(async ({ name, who }) => ({ name, who, stream: await raw(`/api/v1/runs/${run}/events`, { cookie: `${COOKIE}=${who.cookie}` }) })),
  )
  const tokened = await api.someone("token", "viewer")
  const { token = "" } = await api.withToken(tokened, "read")
  const byToken = await raw(`/api/v1/runs/${run}/events`, { cookie: "a=b", authorization: `Bearer ${token}` })
  await eventually("all of them are listening", async () =>
    [...streams.map(({ stream }) => stream), byToken].every(({ text }) => text().includes("event: state")),
  )
  const began = performance.now()
  const [disabled, out, role] = watchers.map(({ who }) => who)
  await api.ask("PATCH", `/api/v1/people/${disabled?.actor.id}`, { as: admin, json: { isDisabled: true } })
  await api.ask("DELETE", "/api/v1/session", { as: out as Someone })
  const grants = await api.ask("GET", "/api/v1/spaces/team/grants", { as: admin })
  const held = grants.json.items.find((one: { person: { id: string } | null }) => one.person?.id === role?.actor.id)
  expect((await api.ask("DELETE", `/api/v1/spaces/team/grants/${held.id}`, { as: admin })).status).toBe(204)
  const tokens = await api.ask("GET", "/api/v1/tokens", { as: tokened })
  await api.ask("DELETE", `/api/v1/tokens/${tokens.json.items[0].id}`, { as: tokened })
  await eventually(
    "all of them are closed",
    async () => [...streams.map(({ stream }) => stream), byToken].every(({ text }) => text().includes("event: revoked")),
    5000,
  )
  expect(performance.now() - began).toBeLessThan(5000)
  await api.ask("POST", `/api/v1/runs/${run}/cancel`, { as: admin, json: {} })
})

test("silent streams are kept alive by a comment, and a thousand of them are cheap", async () => {
  const run = await launch("slow")
  await api.platform.until(run, "running")
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const streams: Awaited<ReturnType<typeof raw>>[] = []
  for (let i = 0; i < 1000; i += 50) streams.push(...(await Promise.all(Array.from({ length: 50 }, () => raw(`/api/v1/runs/${run}/events`)))))
  await eventually("all have begun", async () => streams.every(({ text }) => text().includes("event: state")), 60_000)
  const grown = (process.memoryUsage.rss() - before) / 1e6
  const comments = (text: string) => text.split("\n").filter((line) => line === ":").length
  await eventually("they hear a heartbeat", async () => comments(streams[0]?.text() ?? "") > 2)
  const began = performance.now()
  await api.ask("POST", `/api/v1/runs/${run}/cancel`, { as: admin, json: {} })
  await eventually("all have ended", async () => streams.every(({ text }) => text().includes("event: end")), 60_000)
  console.log(
    `1,000 streams (client sockets included): ${grown.toFixed(0)} MB more; all told of the end in ${(performance.now() - began).toFixed(0)} ms`,
  )
  expect(grown).toBeLessThan(400)
  for (const { socket } of streams) socket.destroy()
}, 120_000)

test("the client tells what went wrong: refused with every field, unreachable, elsewhere, not Stet", async () => {
  const stet = await client()
  await expect(stet.call("launchRun", { body: { notebook: "" } })).rejects.toMatchObject({
    name: "ApiProblem",
    status: 400,
    problem: { errors: [{ path: "notebook" }] },
  })
  await expect(connect({ url: "http://127.0.0.1:1", sleep: async () => undefined }).call("getSession", {})).rejects.toMatchObject({
    name: "Unreachable",
  })
  const answering = (response: () => Response) => connect({ url, fetch: async () => response(), sleep: async () => undefined })
  await expect(
    answering(() => new Response("<html>", { status: 200, headers: { "content-type": "text/html" } })).call("getSession", {}),
  ).rejects.toMatchObject({ name: "Unreachable" })
  const elsewhere = new Response(null, { status: 302, headers: { location: "https://evil.example" } })
  Object.defineProperty(elsewhere, "url", { value: url })
  await expect(answering(() => elsewhere).call("getSession", {})).rejects.toThrow(/sends elsewhere/)
})

test("what may be repeated is repeated: a launch under one key, reads, never an act that would count twice", async () => {
  const sent: string[] = []
  const flaky: typeof fetch = async (_, init) => {
    sent.push(`${init?.method} ${new Headers(init?.headers).get("idempotency-key") ?? ""}`)
    return new Response(null, { status: 503, headers: { "retry-after": "1" } })
  }
  const waits: number[] = []
  const stet = connect({ url, fetch: flaky, sleep: async (ms) => void waits.push(ms), tries: 3 })
  await expect(stet.call("launchRun", { body: { notebook: "a/b" } })).rejects.toThrow()
  expect(sent).toHaveLength(3)
  expect(new Set(sent).size).toBe(1)
  expect(sent[0]).toMatch(/^POST \S{8,}/)
  expect(waits).toEqual([1000, 1000])
  sent.length = 0
  await expect(stet.call("createToken", { body: { name: "x", scopes: ["read"] } })).rejects.toThrow()
  expect(sent).toHaveLength(1)
  sent.length = 0
  await expect(stet.call("getSession", {})).rejects.toThrow()
  expect(sent).toHaveLength(3)
})

test("a large body is refused while it comes, and the connection says so", async () => {
  const stet = await client()
  const tooLarge = new Blob([ipynb("1"), new Uint8Array(65 * 1024 * 1024)])
  await expect(stet.call("createNotebook", { query: { space: "team", path: "big.ipynb" }, body: tooLarge })).rejects.toMatchObject({ status: 413 })
  expect((await stet.call("getSession", {})).person.name).toBe("Admin")
})

test("an address that is too long, and what is no request, are told as problems", async () => {
  const long = await fetch(`${url}/api/v1/runs?text=${"a".repeat(20_000)}`)
  expect([long.status, long.headers.get("content-type"), ((await long.json()) as { readonly code: string }).code]).toEqual([
    431,
    "application/problem+json; charset=utf-8",
    "head_too_large",
  ])
  const told = await new Promise<string>((resolve, reject) => {
    let said = ""
    const socket = connectSocket(port, "127.0.0.1", () => socket.write("no request\r\n\r\n"))
    socket.setEncoding("utf8").on("data", (text: string) => (said += text))
    socket.on("end", () => resolve(said)).on("error", reject)
  })
  expect(told).toMatch(/^HTTP\/1\.1 400 .*"code":"bad_request"/su)
})
