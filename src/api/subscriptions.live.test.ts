/** Hearing how runs ended: in the inbox, by a signed webhook, by mail; never what one may not see, and never into one's own network. */
import { createHmac } from "node:crypto"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { sql } from "kysely"
import { SMTPServer } from "smtp-server"
import { afterAll, beforeAll, expect, test } from "vitest"
import { promoted } from "#api/templates.testing.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { isPublic } from "#run/adapters/storage/addresses.ts"
import { type OutboundOptions, outbound } from "#template/adapters/outbound.ts"
import { deliverDue } from "#template/index.ts"

const NAME = "finance/heard"
const WORD = "Hq4SecretMargin"

let api: ApiTest
let ada: Someone
let rune: Someone
let vera: Someone
let admin: Someone
let notebook: string
let receiver: Server
let hook: string
let smtp: SMTPServer
let mailUrl: string
const kernels = localKernels()
const received: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = []
const letters: string[] = []
let answers: number[] = []

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => (body += text))
    request.on("end", () => {
      received.push({ headers: request.headers, body })
      response.writeHead(answers.shift() ?? 204, { location: "http://169.254.169.254/" }).end()
    })
  }).listen(0, "127.0.0.1")
  await once(receiver, "listening")
  hook = `http://127.0.0.1:${(receiver.address() as { port: number }).port}/hook`
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      let text = ""
      stream.setEncoding("utf8")
      stream.on("data", (part: string) => (text += part))
      stream.on("end", () => {
        letters.push(text)
        done()
      })
    },
  })
  smtp.listen(0, "127.0.0.1")
  await once(smtp.server, "listening")
  mailUrl = `smtp://127.0.0.1:${(smtp.server.address() as { port: number }).port}`
  api = await apiTest({}, (world) => ({ ...world, ways: { mail: true, privateAddresses: true } }))
  const [editor, second, runner, viewer, boss] = await Promise.all([
    api.someone("Ada", "editor"),
    api.someone("Ben", "editor"),
    api.someone("Rune", "runner"),
    api.someone("Vera", "viewer"),
    api.someone("Admin", "administrator"),
  ])
  ;[ada, rune, vera, admin] = [editor, runner, viewer, boss]
  await api.platform.worker({ kernels, kernelName: "python3" })
  const source = `if how == 'badly': raise ValueError('${WORD}')\nprint('done')`
  await api.ask("PUT", "/api/v1/files/content?space=team&path=none.csv", { as: ada, bytes: new TextEncoder().encode("a\n") })
  notebook = await promoted(api, {
    name: NAME,
    path: "Heard.ipynb",
    bytes: ipynb("# parameters\nhow = 'well'\ndata = 'none.csv'  # [file: .csv]", source),
    by: ada,
    approvedBy: second,
  })
}, 120_000)
afterAll(async () => {
  await api.close()
  await kernels.close()
  receiver.close()
  await new Promise<void>((resolve) => smtp.close(() => resolve()))
})

const subscribed = (as: Someone, json: object) => api.ask("POST", "/api/v1/subscriptions", { as, json })

async function ran(how: "well" | "badly", more: object = {}): Promise<string> {
  const { id } = (await api.ask("POST", `/api/v1/templates/${encodeURIComponent(NAME)}/runs`, { as: rune, json: { parameters: { how, ...more } } }))
    .json
  await api.platform.until(id, how === "well" ? "succeeded" : "failed", 60_000)
  return id
}

function delivered(more: Partial<OutboundOptions> = {}): Promise<number> {
  const options = { url: "https://stet.example", isPublic, allowPrivateAddresses: true, smtp: { url: mailUrl, from: "stet@stet.example" }, ...more }
  return deliverDue({ db: api.platform.world.db, clock: api.world.clock, seal: api.platform.world.seal }, outbound(options))
}

const dueNow = () => sql`UPDATE delivery SET next_at = now() - interval '1 second' WHERE next_at IS NOT NULL`.execute(api.platform.world.db)

test("a webhook is signed, says what the subscriber may see, and is tried again until it arrives", async () => {
  const made = await subscribed(vera, { template: NAME, way: "webhook", hears: "all", address: hook })
  expect([made.status, made.json.secret]).toEqual([200, expect.stringMatching(/^stet_hook_[0-9a-f]{48}$/)])
  expect((await api.ask("GET", "/api/v1/subscriptions", { as: vera })).text).not.toContain("stet_hook_")
  const bytes = new TextEncoder().encode("a,b\n")
  const sent = await api.ask("POST", `/api/v1/templates/${encodeURIComponent(NAME)}/uploads?name=may.csv`, { as: rune, bytes })
  const run = await ran("well", { data: sent.json.value })
  answers = [500, 302]
  for (const problem of ["It answered 500.", "It answered 302."]) {
    expect(await delivered()).toBe(1)
    const [mine] = (await api.ask("GET", "/api/v1/subscriptions", { as: vera })).json.items
    expect([mine.problem, mine.failedAt === null]).toEqual([problem, false])
    // It waits before it tries again.
    expect(await delivered()).toBe(0)
    await dueNow()
  }
  expect(await delivered()).toBe(1)
  expect((await api.ask("GET", "/api/v1/subscriptions", { as: vera })).json.items[0].problem).toBe("")
  expect(received.length).toBe(3)
  const last = received.at(-1)
  const body = JSON.parse(last?.body ?? "")
  expect(body).toMatchObject({ event: "run.ended", run: { id: run, url: `https://stet.example/runs/${run}`, state: "succeeded", template: NAME } })
  expect([body.run.parameters.data, body.run.files]).toEqual([
    sent.json.value,
    [{ parameter: "data", place: 0, name: "may.csv", sha256: sent.json.sha256, sizeBytes: 4 }],
  ])
  const [, at, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(last?.headers["stet-signature"])) ?? []
  expect(hex).toBe(createHmac("sha256", made.json.secret).update(`${at}.${last?.body}`).digest("hex"))
  expect(new Set(received.map(({ headers }) => headers["stet-delivery"])).size).toBe(1)
  await dueNow()
  expect(await delivered()).toBe(0)
}, 90_000)

test("it hears failures only where that was asked, no test runs, and no word of hidden code; who lost the right hears nothing", async () => {
  const [first] = (await api.ask("GET", "/api/v1/subscriptions", { as: vera })).json.items
  const again = await subscribed(vera, { template: NAME, way: "webhook", hears: "failures", address: hook })
  expect([again.json.id, again.json.hears]).toEqual([first.id, "failures"])
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: true } })
  received.length = 0
  await ran("well")
  expect(await delivered()).toBe(0)
  await ran("badly")
  expect(await delivered()).toBe(1)
  expect(JSON.parse(received[0]?.body ?? "").run.state).toBe("failed")
  expect(received[0]?.body).not.toContain(WORD)
  await ran("badly")
  const { db } = api.platform.world
  await sql`DELETE FROM role_grant WHERE person_id = ${vera.actor.id}`.execute(db)
  received.length = 0
  expect([await delivered(), received.length]).toEqual([1, 0])
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: false } })
}, 90_000)

test("mail goes to one's own address, by a real SMTP server, and to nobody who has none", async () => {
  const none = await subscribed(rune, { notebook, way: "mail", hears: "all" })
  expect([none.status, none.json.errors?.[0]?.path ?? none.json.detail]).toEqual([422, expect.stringMatching(/no mail address/)])
  await sql`UPDATE person SET email = 'rune@example.org' WHERE id = ${rune.actor.id}`.execute(api.platform.world.db)
  const made = await subscribed(rune, { notebook, way: "mail", hears: "all" })
  expect(made.status).toBe(200)
  const of = async (query: string) => (await api.ask("GET", `/api/v1/subscriptions?${query}`, { as: rune })).json.items
  expect(await of(`notebook=${notebook}`)).toMatchObject([{ id: made.json.id, template: null, notebook: { id: notebook, title: "Heard" } }])
  expect([await of(`notebook=${made.json.id}`), await of(`template=${encodeURIComponent(NAME)}`)]).toEqual([[], []])
  const run = await ran("well")
  expect(await delivered()).toBe(1)
  expect(letters.length).toBe(1)
  for (const part of ["To: rune@example.org", "From: stet@stet.example", `https://stet.example/runs/${run}`, "succeeded", "/settings/subscriptions"])
    expect(letters[0]?.replaceAll("=\r\n", "")).toContain(part)
  await ran("well")
  await delivered({ smtp: { url: "smtp://127.0.0.1:1", from: "stet@stet.example" } })
  expect((await api.ask("GET", "/api/v1/subscriptions", { as: rune })).json.items[0].problem).toMatch(/mail server 127\.0\.0\.1:1 did not take it/)
}, 90_000)

test("the inbox hears what was asked, once; who ordered a run that failed is not told of it twice", async () => {
  expect((await subscribed(ada, { template: NAME, way: "inbox", hears: "all" })).status).toBe(200)
  expect((await subscribed(rune, { template: NAME, way: "inbox", hears: "all" })).status).toBe(200)
  const run = await ran("badly")
  const heard = async (who: Someone) =>
    (await api.ask("GET", "/api/v1/inbox", { as: who })).json.items
      .filter((one: { run: string }) => one.run === run)
      .map(({ kind }: { kind: string }) => kind)
  expect([await heard(ada), await heard(rune)]).toEqual([["run_ended"], ["run_failed"]])
}, 60_000)

test("a webhook leads nowhere inside, whatever its name stands for and wherever it is sent on to", async () => {
  const closed = { allowPrivateAddresses: false }
  await sql`DELETE FROM subscription`.execute(api.platform.world.db)
  for (const [address, stands] of [
    [hook, undefined],
    ["https://metadata.example/", "169.254.169.254"],
    ["https://half.example/", "10.0.0.8"],
    ["http://[::1]:1/", undefined],
    ["https://mapped.example/", "::ffff:127.0.0.1"],
  ] as const) {
    await subscribed(ada, { template: NAME, way: "webhook", hears: "all", address })
    await ran("well")
    received.length = 0
    const resolve = async () => [
      { address: "93.184.216.34", family: 4 },
      { address: stands ?? "127.0.0.1", family: (stands ?? "").includes(":") ? 6 : 4 },
    ]
    await delivered({ ...closed, ...(stands === undefined ? {} : { resolve }) })
    const [mine] = (await api.ask("GET", "/api/v1/subscriptions", { as: ada })).json.items
    expect([address, mine.problem, received.length]).toEqual([address, expect.stringMatching(/not an address of the public internet/), 0])
    await sql`DELETE FROM subscription`.execute(api.platform.world.db)
  }
  for (const address of ["ftp://a.example/", "https://user:word@a.example/", "javascript:alert(1)", "nonsense", ""])
    expect([address, (await subscribed(ada, { template: NAME, way: "webhook", address })).status]).toEqual([address, 422])
}, 90_000)

test("one subscribes to what one may see, in a browser, and ends only one's own; both are recorded", async () => {
  const stranger = await api.someone("Sam")
  expect((await subscribed(stranger, { template: NAME, way: "inbox" })).status).toBe(404)
  expect((await subscribed(stranger, { notebook, way: "inbox" })).status).toBe(404)
  const token = await api.withToken(ada, "read", "run", "edit")
  expect((await subscribed(token, { template: NAME, way: "inbox" })).json.code).toBe("needs_session")
  const mine = await subscribed(ada, { template: NAME, way: "inbox" })
  expect((await api.ask("DELETE", `/api/v1/subscriptions/${mine.json.id}`, { as: rune })).status).toBe(404)
  expect((await api.ask("DELETE", `/api/v1/subscriptions/${mine.json.id}`, { as: ada })).status).toBe(204)
  const { items } = (await api.ask("GET", "/api/v1/audit?limit=50", { as: admin })).json
  const actions = items.map(({ action }: { action: string }) => action)
  expect([actions.includes("subscription.create"), actions.includes("subscription.remove")]).toEqual([true, true])
})
