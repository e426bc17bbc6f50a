/** Agents: templates as tools, spoken with by the protocol's own client, over a socket. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import { afterAll, beforeAll, expect, test } from "vitest"
import { promoteAgain, promoted } from "#api/templates.testing.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"

const BIN = new URL("../../bin/stet.js", import.meta.url).pathname
const WORD = "Kx3SecretMargin"

let api: ApiTest
let ada: Someone
let ben: Someone
let rune: Someone
let address: string
const kernels = localKernels()
const open: Client[] = []

const REVENUE = ipynb(
  '# parameters\nregion: str = "EU"  # Where it was earned\nrate = 1.0\ndays: int',
  [
    "from IPython.display import Markdown, display",
    "display(Markdown(f'**{region}** earned {rate * days}'))",
    "scrap = {'name': 'revenue', 'data': rate * days, 'encoder': 'json', 'version': 1}",
    "display({'application/scrapbook.scrap.json+json': scrap}, raw=True)",
    "print('printed on the way')",
  ].join("\n"),
)

beforeAll(async () => {
  api = await apiTest({ hosts: "any" })
  await api.server.listen({ port: 0, host: "127.0.0.1" })
  address = `http://127.0.0.1:${(api.server.server.address() as { port: number }).port}`
  const known = async (name: string, role: "editor" | "runner", ...scopes: string[]) =>
    api.withToken(await api.someone(name, role), "read", "run", ...scopes)
  ;[ada, ben, rune] = await Promise.all([known("Ada", "editor", "edit"), known("Ben", "editor", "edit"), known("Rune", "runner")])
  await api.platform.worker({ kernels, kernelName: "python3" })
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=Revenue.ipynb", { as: ada, bytes: REVENUE })
  await api.ask("PUT", `/api/v1/notebooks/${put.json.notebook.id}/tests/week`, { as: ada, json: { parameters: { days: 7 }, expects: {} } })
  await promoteAgain(api, { notebook: put.json.notebook.id, name: "finance/revenue", by: ada, approvedBy: ben })
}, 120_000)
afterAll(async () => {
  await Promise.all(open.map((client) => client.close()))
  await api.close()
  await kernels.close()
})

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: "test", version: "1" })
  await client.connect(transport)
  open.push(client)
  return client
}

const agent = (who: Someone) =>
  connected(
    new StreamableHTTPClientTransport(new URL(`${address}/mcp`), { requestInit: { headers: { authorization: `Bearer ${who.token}` } } }) as Transport,
  )

const called = async (client: Client, name: string, given: object = {}) => {
  const came = await client.callTool({ name, arguments: given as Record<string, unknown> })
  const content = came["content"] as { type: string; text?: string }[]
  const facts = came["structuredContent"] as Record<string, never> | undefined
  return { isError: came["isError"] === true, facts, text: content.map(({ text }) => text ?? "").join("\n") }
}

test("an agent finds a template, reads what it takes, runs it by a tool of its own, and gets its report", async () => {
  const client = await agent(rune)
  expect([client.getServerVersion()?.name, client.getServerCapabilities()]).toEqual(["stet", { tools: { listChanged: false } }])
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual([
    "list_templates",
    "describe_template",
    "get_run",
    "run_template",
    "cancel_run",
    "run_finance__revenue",
  ])
  const own = tools.at(-1)
  expect(own?.inputSchema).toMatchObject({
    type: "object",
    required: ["days"],
    additionalProperties: false,
    properties: {
      region: { type: "string", default: "EU", description: "Where it was earned" },
      rate: { type: "number" },
      days: { type: "integer" },
    },
  })
  expect((await called(client, "list_templates", { query: "reven" })).facts?.["templates"]).toMatchObject([{ name: "finance/revenue" }])
  expect((await called(client, "describe_template", { template: "finance/revenue" })).facts).toMatchObject({ version: 1, owner: "Ada" })

  const ran = await called(client, "run_finance__revenue", { days: 3, rate: 2.0 })
  expect(ran.isError).toBe(false)
  expect(ran.facts).toMatchObject({ state: "succeeded", outputs: { revenue: 6 }, parameters: { days: 3 } })
  expect(ran.text).toContain("**EU** earned 6")
  expect(ran.text).not.toContain("printed on the way")
  const row = (await api.ask("GET", `/api/v1/runs/${ran.facts?.["run"]}`, { as: ada })).json
  expect([row.trigger, row.orderedBy.name, row.labels]).toEqual([
    "token",
    "Rune",
    { "stet/template": "finance/revenue", "stet/promotion": "1", "stet/client": "mcp" },
  ])
  const admin = await api.someone("Admin", "administrator")
  const audit = (await api.ask("GET", "/api/v1/audit?action=run.launch&limit=1", { as: admin })).json.items[0]
  expect([audit.thing, audit.via, audit.outcome]).toEqual([`run/${row.id}`, expect.stringContaining("token"), "done"])
}, 60_000)

test("an agent gives a small file within the call, as text or base64, and larger ones by what names them", async () => {
  const source = '# parameters\ndata = "orders.csv"  # [file: .csv; max: 2 KB] One number a line'
  const show = "from IPython.display import Markdown, display\ndisplay(Markdown(f'in all {sum(int(line) for line in open(data))}'))"
  await api.ask("PUT", "/api/v1/files/content?space=team&path=orders.csv", { as: ada, bytes: "1\n" })
  const { id } = (await api.ask("POST", "/api/v1/notebooks?space=team&path=Orders.ipynb", { as: ada, bytes: ipynb(source, show) })).json.notebook
  await promoteAgain(api, { notebook: id, name: "sales/orders", by: ada, approvedBy: ben })
  const client = await agent(rune)
  const tool = (await client.listTools()).tools.find(({ name }) => name === "run_sales__orders")
  expect(tool?.inputSchema.properties?.["data"]).toMatchObject({
    description: "One number a line",
    default: "orders.csv",
    anyOf: [
      { type: "object", required: ["name"] },
      { type: "string", format: "x-stet-file", "x-stet-accept": [".csv"] },
    ],
  })
  const byText = await called(client, "run_sales__orders", { data: { name: "may.csv", text: "10\n20\n" } })
  expect(byText.text).toContain("in all 30")
  expect(byText.facts?.["given"]).toMatchObject([{ parameter: "data", name: "may.csv", sizeBytes: 6 }])
  const base64 = Buffer.from("5\n").toString("base64")
  const byBytes = await called(client, "run_template", { template: "sales/orders", parameters: { data: { name: "../june.csv", base64 } } })
  expect([byBytes.facts?.["given"], byBytes.text]).toMatchObject([[{ name: "june.csv" }], expect.stringContaining("in all 5")])
  const sent = await api.ask("POST", "/api/v1/templates/sales%2Forders/uploads?name=july.csv", { as: rune, bytes: "7\n" })
  expect((await called(client, "run_sales__orders", { data: sent.json.value })).text).toContain("in all 7")
  for (const [data, why] of [
    [{ text: "1" }, /parameters\.data: The file for data has no name/],
    [{ name: "a.csv" }, /text or as base64, one of the two/],
    [{ name: "a.csv", text: "1", base64: "MQ==" }, /one of the two/],
    [{ name: "a.csv", base64: "not base64!" }, /is no base64/],
    [{ name: "a.csv", text: "" }, /empty_file/],
    [{ name: "a.csv", text: "1".repeat(1024 ** 2 + 1) }, /larger than 1024 KB: send it by POST/],
    [{ name: "a.txt", text: "1" }, /another ending/],
    [{ name: "a.csv", text: "1\n".repeat(2000) }, /at most 2 KB are taken/],
  ] as const)
    expect([data, await called(client, "run_sales__orders", { data })]).toMatchObject([data, { isError: true, text: expect.stringMatching(why) }])
}, 90_000)

test("an agent gives a list of files, within the call and by what names them", async () => {
  const source = "# parameters\ndata: list[str] = []  # [file: .csv; max: 2 KB] One number a line"
  const show = "from IPython.display import Markdown, display\ndisplay(Markdown('in all ' + ' + '.join(open(path).read().strip() for path in data)))"
  const { id } = (await api.ask("POST", "/api/v1/notebooks?space=team&path=Lists.ipynb", { as: ada, bytes: ipynb(source, show) })).json.notebook
  await promoteAgain(api, { notebook: id, name: "sales/lists", by: ada, approvedBy: ben })
  const client = await agent(rune)
  const tool = (await client.listTools()).tools.find(({ name }) => name === "run_sales__lists")
  expect(tool?.inputSchema.properties?.["data"]).toMatchObject({ type: "array", items: { anyOf: [{ type: "object" }, { format: "x-stet-file" }] } })
  const sent = await api.ask("POST", "/api/v1/templates/sales%2Flists/uploads?name=july.csv", { as: rune, bytes: "7\n" })
  const data = [{ name: "z.csv", text: "3\n" }, sent.json.value, { name: "a.csv", base64: Buffer.from("5\n").toString("base64") }]
  const ran = await called(client, "run_sales__lists", { data })
  expect([ran.text, ran.facts?.["given"]]).toMatchObject([
    expect.stringContaining("in all 3 + 7 + 5"),
    [
      { parameter: "data", place: 0, name: "z.csv" },
      { place: 1, name: "july.csv" },
      { place: 2, name: "a.csv" },
    ],
  ])
  const wrong = await called(client, "run_sales__lists", { data: [{ name: "a.txt", text: "1" }] })
  expect([wrong.isError, wrong.text]).toEqual([true, expect.stringMatching(/another ending/)])
  const document = await api.ask("GET", "/api/v1/templates/sales%2Flists/openapi.json", { as: rune })
  expect(Object.keys(document.json.paths)).toContain("/api/v1/templates/sales%2Flists/uploads")
}, 90_000)

test("a key never runs twice, a wait that is over says where to look, and a run can be stopped", async () => {
  const client = await agent(rune)
  const first = await called(client, "run_template", { template: "finance/revenue", parameters: { days: 1 }, key: "monday", wait_seconds: 0 })
  const again = await called(client, "run_template", { template: "finance/revenue", parameters: { days: 1 }, key: "monday" })
  expect(again.facts?.["run"]).toBe(first.facts?.["run"])
  expect(again.facts?.["state"]).toBe("succeeded")
  expect((await called(client, "get_run", { run: first.facts?.["run"] })).facts).toMatchObject({ state: "succeeded", outputs: { revenue: 1 } })
  expect((await called(client, "cancel_run", { run: first.facts?.["run"] })).facts).toMatchObject({ state: "succeeded" })
}, 60_000)

test("what does not fit is told by name, and what is not there is no tool", async () => {
  const client = await agent(rune)
  const wrong = await called(client, "run_finance__revenue", { days: "many", rgion: "US" })
  expect(wrong.isError).toBe(true)
  expect(wrong.text).toMatch(/bad_parameters[\s\S]*parameters\.days: The parameter days should be an integer[\s\S]*did you mean region/)
  const elsewhere = await called(client, "describe_template", { template: "finance/nothing" })
  expect([elsewhere.isError, elsewhere.text]).toEqual([true, expect.stringMatching(/no_such_template/)])
  expect(await called(client, "run_finance__nothing")).toMatchObject({ isError: true, text: expect.stringContaining("no_such_template") })
  await expect(client.callTool({ name: "rm_rf", arguments: {} })).rejects.toThrow(/no tool/)
})

test("who may not run it is offered no tool for it, and is refused all the same; to strangers it is not there", async () => {
  const [reading, viewer, stranger] = await Promise.all([
    api.withToken(rune, "read"),
    api.withToken(await api.someone("Vera", "viewer"), "read"),
    api.withToken(await api.someone("Sam"), "read"),
  ])
  const [byRead, byViewer, byStranger] = await Promise.all([agent(reading), agent(viewer), agent(stranger)])
  const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name)
  for (const client of [byRead, byViewer, byStranger]) expect(await names(client)).toEqual(["list_templates", "describe_template", "get_run"])
  for (const client of [byRead, byViewer])
    expect((await called(client, "run_template", { template: "finance/revenue", parameters: { days: 1 } })).text).toMatch(/^not_allowed/)
  expect((await called(byStranger, "list_templates")).facts).toEqual({ templates: [] })
  for (const tool of ["describe_template", "run_template"])
    expect((await called(byStranger, tool, { template: "finance/revenue" })).text).toMatch(/^no_such_template/)
})

test("where code is hidden an agent of those who run it gets the report, and not a word of the code", async () => {
  const source = `from IPython.display import Markdown, display\n${WORD} = 1\ndisplay(Markdown('Shown **on purpose**'))\nif fails: raise ValueError('${WORD}')\nprint('${WORD}')`
  const notebook = await promoted(api, {
    name: "finance/hidden",
    path: "Hidden.ipynb",
    bytes: ipynb("# parameters\nfails: bool = False", source),
    by: ada,
    approvedBy: ben,
  })
  const admin = await api.someone("Admin", "administrator")
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: true } })
  const [runner, editor] = await Promise.all([agent(rune), agent(ada)])
  const good = await called(runner, "run_finance__hidden", {})
  expect([good.facts?.["state"], good.text.includes("Shown **on purpose**")]).toEqual(["succeeded", true])
  const bad = await called(runner, "run_finance__hidden", { fails: true })
  expect([bad.facts?.["state"], bad.isError]).toEqual(["failed", true])
  const looked = await called(runner, "get_run", { run: bad.facts?.["run"] })
  const told = [good, bad, looked, await called(runner, "describe_template", { template: "finance/hidden" }), await runner.listTools()]
  expect(JSON.stringify(told)).not.toContain(WORD)
  expect(JSON.stringify(await called(editor, "get_run", { run: bad.facts?.["run"] }))).toContain(WORD)
}, 90_000)

test("the address itself: a token is needed, nothing is streamed, and what is not the protocol is refused", async () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${address}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${rune.token}`, ...headers },
      body: JSON.stringify(body),
    })
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" }
  expect((await post(ping, { authorization: "" })).status).toBe(401)
  expect((await fetch(`${address}/mcp`)).status).toBe(401)
  for (const method of ["GET", "DELETE"]) {
    const said = await fetch(`${address}/mcp`, { method, headers: { authorization: `Bearer ${rune.token}` } })
    expect([said.status, said.headers.get("allow")]).toEqual([405, "POST"])
  }
  expect((await post(ping, { origin: "https://evil.example" })).status).toBe(403)
  expect((await post(ping, { "mcp-protocol-version": "1999-01-01" })).status).toBe(400)
  expect((await post([ping])).status).toBe(400)
  expect((await post({ jsonrpc: "1.0", id: 1, method: "ping" })).status).toBe(400)
  const notified = await post({ jsonrpc: "2.0", method: "notifications/initialized" })
  expect([notified.status, await notified.text()]).toEqual([202, ""])
  expect(await (await post(ping)).json()).toEqual({ jsonrpc: "2.0", id: 1, result: {} })
  expect(await (await post({ ...ping, method: "prompts/list" })).json()).toMatchObject({ id: 1, error: { code: -32601 } })
  const old = await (await post({ ...ping, method: "initialize", params: { protocolVersion: "2024-11-05" } })).json()
  expect(old).toMatchObject({ result: { protocolVersion: "2025-11-25" } })
})

test("stet mcp passes an agent's lines on: by standard input and output it is the same server", async () => {
  const env = { ...(process.env as Record<string, string>), STET_SERVER: address, STET_TOKEN: rune.token ?? "", STET_HOME: api.platform.home }
  const client = await connected(new StdioClientTransport({ command: process.execPath, args: [BIN, "mcp"], env }))
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toContain("run_finance__revenue")
  const ran = await called(client, "run_finance__revenue", { days: 16, rate: 1.5 })
  expect(ran.facts).toMatchObject({ state: "succeeded", outputs: { revenue: 24 } })
}, 60_000)
