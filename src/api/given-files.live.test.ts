/** Parameters that are files: sent, named by a launch, laid beside the notebook, and kept as long as the run; by whom, and by whom not. */
import { createHash } from "node:crypto"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { promoteAgain, settled } from "#api/templates.testing.ts"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { sweepOrphans } from "#library/index.ts"
import { sweepUploads } from "#work/index.ts"

let api: ApiTest
let ada: Someone
let ben: Someone
let rune: Someone
let rita: Someone
let outsider: Someone
let notebook: string
const kernels = localKernels()
const NAME = "sales/sum"
const AT = `/api/v1/templates/${encodeURIComponent(NAME)}`
const DAY_MS = 86_400_000

const SUM = ipynb(
  '# parameters\nfrom pathlib import Path\ndata: Path = "orders.csv"  # [file: .csv; max: 2 KB; title: Orders] One number a line',
  [
    "import os, stat",
    "print('got', data, '=', sum(int(line) for line in open(data)), oct(os.stat(data).st_mode & 0o777))",
    "open('sum.txt', 'w').write('done')",
  ].join("\n"),
)

beforeAll(async () => {
  api = await apiTest()
  ;[ada, ben, rune, rita, outsider] = await Promise.all([
    api.someone("Ada", "editor"),
    api.someone("Ben", "editor"),
    api.someone("Rune", "runner"),
    api.someone("Rita", "runner"),
    api.someone("Olaf"),
  ])
  await api.platform.worker({ kernels, kernelName: "python3" })
  for (const [path, bytes] of [
    ["in/orders.csv", "1\n2\n"],
    ["in/tests/hundred.csv", "100\n"],
    ["in/tests/bad.txt", "x"],
  ] as const)
    await api.ask("PUT", `/api/v1/files/content?space=team&path=${path}`, { as: ada, bytes })
  notebook = (await api.ask("POST", "/api/v1/notebooks?space=team&path=in/Sum.ipynb", { as: ada, bytes: SUM })).json.notebook.id
  const test = { parameters: { data: "tests/hundred.csv" }, expects: { checks: [{ check: "output_contains", cell: "c1", text: "= 100 " }] } }
  const put = await api.ask("PUT", `/api/v1/notebooks/${notebook}/tests/hundred`, { as: ada, json: test })
  if (put.status >= 300) throw new Error(put.text)
  await promoteAgain(api, { notebook, name: NAME, by: ada, approvedBy: ben })
}, 120_000)
afterAll(async () => {
  await api.close()
  await kernels.close()
})

const send = (as: Someone, name: string, bytes: string | Uint8Array, to = AT) =>
  api.ask("POST", `${to}/uploads?name=${encodeURIComponent(name)}`, { as, bytes })
const run = (as: Someone, data: unknown, more: Record<string, string> = {}) =>
  api.ask("POST", `${AT}/runs`, { as, json: { parameters: data === undefined ? {} : { data } }, headers: more })

/** What the code printed. */
async function printed(id: string): Promise<string> {
  await api.platform.until(id, "succeeded", 60_000)
  return (await api.ask("GET", `/api/v1/runs/${id}/log`, { as: ada })).json.text
}

test("who runs a template sends a file, and its code reads exactly that, read-only, under a name of the platform's", async () => {
  const sent = await send(rune, "My orders (May).csv", "10\n20\n")
  const sha256 = createHash("sha256").update("10\n20\n").digest("hex")
  expect([sent.status, sent.json]).toEqual([
    201,
    {
      id: sent.json.id,
      value: `upload:${sent.json.id}`,
      name: "My orders (May).csv",
      sizeBytes: 6,
      sha256,
      notebook,
      sentAt: expect.any(String),
      isTaken: false,
    },
  ])
  const ordered = await run(rune, sent.json.value)
  expect([ordered.status, ordered.json.parameters]).toEqual([201, { data: sent.json.value }])
  const file = {
    parameter: "data",
    place: 0,
    name: "My orders (May).csv",
    sha256,
    sizeBytes: 6,
    url: expect.stringContaining("/files/content?parameter=data"),
  }
  expect(ordered.json.files).toEqual([file])
  expect(await printed(ordered.json.id)).toBe("got given/data/My_orders_May_.csv = 30 0o444\n")
  // What was given is nothing that the run wrote.
  const left = (await api.ask("GET", `/api/v1/runs/${ordered.json.id}/artifacts`, { as: rune })).json.items
  expect(left.map(({ path }: { path: string }) => path)).toEqual(["in/sum.txt"])
  const got = await api.ask("GET", `/api/v1/runs/${ordered.json.id}/files/content?parameter=data`, { as: rita })
  expect([got.status, got.text, got.headers["content-disposition"]]).toEqual([200, "10\n20\n", expect.stringMatching(/^attachment; .*orders/)])
  expect((await api.ask("GET", `/api/v1/runs/${ordered.json.id}/files/content?parameter=other`, { as: rita })).json.code).toBe("no_such_run_file")
  expect((await api.ask("GET", `/api/v1/runs/${ordered.json.id}`, { as: rita })).json.files).toEqual([file])
  // Another who may see the run runs with the same bytes.
  const again = await run(rita, ordered.json.parameters.data)
  expect(await printed(again.json.id)).toBe("got given/data/My_orders_May_.csv = 30 0o444\n")
  expect((await api.ask("GET", `/api/v1/uploads/${sent.json.id}`, { as: rita })).json).toMatchObject({ isTaken: true, name: file.name })
}, 90_000)

test("without a file it takes the one beside the notebook as it was promoted, and the editor's own by its path, as it is at that moment", async () => {
  const plain = await run(rune, undefined)
  expect([await printed(plain.json.id), plain.json.files]).toEqual(["got orders.csv = 3 0o444\n", []])
  const named = await run(ada, "tests/hundred.csv")
  expect(named.json.parameters.data).toMatch(/^upload:/)
  await api.ask("PUT", "/api/v1/files/content?space=team&path=in/tests/hundred.csv", { as: ada, bytes: "7\n" })
  expect(await printed(named.json.id)).toBe("got given/data/hundred.csv = 100 0o444\n")
  const rerun = await run(ada, named.json.parameters.data)
  expect(await printed(rerun.json.id)).toBe("got given/data/hundred.csv = 100 0o444\n")
}, 90_000)

test("a default that does not come with the version is asked for: by its schema, its proposal and its runs; what is given for the rerun proves it", async () => {
  const made = await api.ask("POST", "/api/v1/notebooks?space=team&path=apart/Sum.ipynb", { as: ada, bytes: SUM })
  const own = `/api/v1/notebooks/${made.json.notebook.id}`
  const { properties, required } = (await api.ask("GET", `${own}/versions/1`, { as: ada })).json.parameters
  expect([required, properties.data.default, properties.data.format]).toEqual([["data"], undefined, "x-stet-file"])
  const template = "sales/apart"
  const refused = await api.ask("POST", `${own}/proposals`, { as: ada, json: { template } })
  expect([refused.status, refused.json.errors]).toMatchObject([
    422,
    [
      {
        path: "parameters.data",
        message: expect.stringMatching(/^The file "orders\.csv", which the notebook takes for data, does not come with this version\./),
      },
    ],
  ])
  const { value } = (await send(ada, "here.csv", "40\n", own)).json
  const proposed = await api.ask("POST", `${own}/proposals`, { as: ada, json: { template, parameters: { data: value } } })
  const { checks } = await settled(api, `/api/v1/proposals/${proposed.json.id}`, ada)
  expect(checks).toMatchObject([{ kind: "rerun", verdict: "passed", parameters: { data: value } }])
  expect(await printed(checks[0].run)).toBe("got given/data/here.csv = 40 0o444\n")
  const without = await api.ask("POST", "/api/v1/runs", { as: ada, json: { notebook: made.json.notebook.id, version: 1 } })
  expect([without.status, without.json.errors[0].message]).toEqual([
    422,
    expect.stringMatching(/^The parameter data was given no file, and this version has no "orders\.csv"/),
  ])
  // Put there since: who may read it names it for this version, and the next one brings it.
  await api.ask("PUT", "/api/v1/files/content?space=team&path=apart/orders.csv", { as: ada, bytes: "2\n" })
  const named = await api.ask("POST", "/api/v1/runs", {
    as: ada,
    json: { notebook: made.json.notebook.id, version: 1, parameters: { data: "orders.csv" } },
  })
  expect(await printed(named.json.id)).toBe("got given/data/orders.csv = 2 0o444\n")
  const newest = await api.ask("POST", "/api/v1/runs", { as: ada, json: { notebook: made.json.notebook.id } })
  expect([newest.json.version, await printed(newest.json.id)]).toEqual([2, "got orders.csv = 2 0o444\n"])
  expect((await api.ask("GET", `${own}/versions/2`, { as: ada })).json.parameters).toMatchObject({
    required: [],
    properties: { data: { default: "orders.csv" } },
  })
}, 90_000)

test("a list of files: sent one by one, laid down under their names, given to the code in their order, each to be had again", async () => {
  const source = ipynb(
    '# parameters\ndata = ["orders.csv", "tests/hundred.csv"]  # [file: .csv; max: 2 KB; title: Orders]',
    "print([(path, open(path).read().split()[0]) for path in data])",
  )
  const made = (await api.ask("POST", "/api/v1/notebooks?space=team&path=in/Many.ipynb", { as: ada, bytes: source })).json.notebook.id
  const to = `/api/v1/notebooks/${made}`
  const order = (data: unknown) => api.ask("POST", "/api/v1/runs", { as: rune, json: { notebook: made, ...(data ? { parameters: { data } } : {}) } })
  expect(await printed((await order(undefined)).json.id)).toBe("[('orders.csv', '1'), ('tests/hundred.csv', '7')]\n")
  const [z, a, other] = await Promise.all([send(rune, "z.csv", "20\n", to), send(rune, "a.csv", "30\n", to), send(rune, "A.csv", "40\n", to)])
  const data = [z, a, other, z].map(({ json }) => json.value)
  const { json } = await order(data)
  expect([json.parameters, json.files.map(({ place, name }: { place: number; name: string }) => [place, name])]).toEqual([
    { data },
    [
      [0, "z.csv"],
      [1, "a.csv"],
      [2, "A.csv"],
      [3, "z.csv"],
    ],
  ])
  const lies = "[('given/data/z.csv', '20'), ('given/data/a.csv', '30'), ('given/data/3/A.csv', '40'), ('given/data/4/z.csv', '20')]\n"
  expect(await printed(json.id)).toBe(lies)
  expect((await api.ask("GET", new URL(json.files[2].url).pathname + new URL(json.files[2].url).search, { as: rune })).text).toBe("40\n")
  // Together with files of the version, which lie where they lay.
  const hers = await api.ask("POST", "/api/v1/runs", {
    as: ada,
    json: { notebook: made, parameters: { data: ["orders.csv", json.parameters.data[1]] } },
  })
  expect(await printed(hers.json.id)).toBe("[('orders.csv', '1'), ('given/data/a.csv', '30')]\n")
  const wrong = await order([z.json.value, `upload:${"0".repeat(26)}`, "../x.csv"])
  expect(wrong.json.errors.map(({ path }: { path: string }) => path)).toEqual(["parameters.data", "parameters.data"])
  expect((await order(new Array(201).fill(z.json.value))).json.errors[0].message).toBe("The parameter data takes at most 200 files: give fewer.")
  const { rows } = await sql<{
    detail: { files: unknown }
  }>`SELECT detail FROM audit_event WHERE thing = ${`run/${json.id}`} AND action = 'run.launch'`.execute(api.world.work.db)
  expect(rows[0]?.detail.files).toEqual({ data: [z, a, other, z].map(({ json }) => json.id) })
}, 90_000)

test("nobody names what others sent before a run took it, nor what is for another notebook, nor bytes by their digest", async () => {
  const sent = await send(rune, "own.csv", "5\n")
  const other = (await api.ask("POST", "/api/v1/notebooks?space=team&path=Other.ipynb", { as: ada, bytes: SUM })).json.notebook.id
  const elsewhere = await send(rune, "own.csv", "5\n", `/api/v1/notebooks/${other}`)
  expect(elsewhere.json.id).not.toBe(sent.json.id)
  const foreign = [sent.json.value, elsewhere.json.value, `upload:${"0".repeat(26)}`].map((value) => run(rita, value))
  for (const said of await Promise.all([...foreign, run(rune, elsewhere.json.value)]))
    expect([said.status, said.json.code, said.json.errors]).toEqual([
      422,
      "bad_parameters",
      [
        {
          in: "body",
          path: "parameters.data",
          message: expect.stringMatching(/^The upload \w+ for data is not there, or not yours to use here: send the file again\.$/),
        },
      ],
    ])
  for (const value of [sent.json.sha256, `sha256:${sent.json.sha256}`, `upload:${sent.json.sha256}`, `blob:${sent.json.sha256}.csv`])
    expect([value, (await run(rune, value)).status]).toEqual([value, 422])
  expect((await api.ask("GET", `/api/v1/uploads/${sent.json.id}`, { as: rita })).json.code).toBe("no_such_upload")
  expect((await api.ask("DELETE", `/api/v1/uploads/${sent.json.id}`, { as: rita })).json.code).toBe("no_such_upload")
  // Who may not run it sends nothing, and who is let out reads not even what they sent.
  expect((await send(outsider, "a.csv", "1")).status).toBe(404)
  expect((await send(await api.someone("Vera", "viewer"), "a.csv", "1")).status).toBe(403)
  const taken = await run(rune, sent.json.value)
  expect((await api.ask("GET", `/api/v1/uploads/${sent.json.id}`, { as: outsider })).status).toBe(404)
  expect((await api.ask("GET", `/api/v1/runs/${taken.json.id}/files/content?parameter=data`, { as: outsider })).status).toBe(404)
  expect((await api.ask("DELETE", `/api/v1/uploads/${sent.json.id}`, { as: rune })).json.code).toBe("upload_taken")
}, 60_000)

test("paths lead to files beside the notebook and nowhere else, and only for those who may read these", async () => {
  const alone = await api.someone("Alone")
  await api.ask("POST", `/api/v1/notebooks/${notebook}/grants`, {
    as: await api.someone("Admin", "administrator"),
    json: { person: alone.actor.id, role: "runner" },
  })
  for (const path of [
    "../../../etc/passwd.csv",
    "/etc/passwd.csv",
    "..\\x.csv",
    "C:\\x.csv",
    "file:///etc/x.csv",
    "http://x/y.csv",
    "~/x.csv",
    "none.csv",
    "in/../../x.csv",
  ]) {
    const said = await run(ada, path)
    expect([path, said.status, said.json.errors?.[0]?.message]).toEqual([
      path,
      422,
      expect.stringMatching(/^(There is no file|The parameter data is a file, and) .+: send the file, and give upload: with its id\.$/),
    ])
  }
  expect((await run(alone, "tests/hundred.csv")).json.errors[0].message).toMatch(/^There is no file "tests\/hundred\.csv" beside the notebook/)
  // Their own default they may run with, and their own file.
  expect((await run(alone, "orders.csv")).status).toBe(201)
  expect((await run(alone, (await send(alone, "mine.csv", "4\n")).json.value)).status).toBe(201)
}, 60_000)

test("a file that does not fit is refused with what fits: its ending, its size, nothing in it, no name", async () => {
  const ending = await run(rune, (await send(rune, "notes.txt", "1\n")).json.value)
  expect(ending.json.errors[0].message).toBe(
    'The parameter data takes a file (.csv, at most 2 KB), and "notes.txt" has another ending: give a file that ends in .csv.',
  )
  const large = await run(rune, (await send(rune, "large.csv", "1\n".repeat(3000))).json.value)
  expect(large.json.errors[0].message).toBe('The file "large.csv" for data has 5.9 KB, and at most 2 KB are taken: give a smaller one.')
  const empty = await send(rune, "empty.csv", "")
  expect([empty.status, empty.json.code, empty.json.detail]).toEqual([
    422,
    "empty_file",
    'The file "empty.csv" is empty: send one with something in it.',
  ])
  expect((await api.ask("POST", `${AT}/uploads`, { as: rune, bytes: "1" })).json.errors).toEqual([
    { in: "query", path: "name", message: "This is needed." },
  ])
  expect((await run(rune, 3)).json.errors[0].message).toBe("The parameter data should be a file (.csv, at most 2 KB), but got 3.")
  expect((await run(rune, "x.txt")).json.errors[0].message).toContain("should be a file")
  const huge = await api.server.inject({
    method: "POST",
    url: `${AT}/uploads?name=a.csv`,
    headers: { host: "localhost:7838", cookie: `stet-7838=${rune.cookie}`, "x-stet": "1", "content-length": String(3 * 1024 ** 3) },
  })
  expect([huge.statusCode, huge.json().code]).toEqual([413, "too_large"])
})

test("no name leads out of the working directory, hides its ending, or is taken for a command", async () => {
  const names: readonly (readonly [string, string, string])[] = [
    ["../../../../etc/cron.d/x.csv", "x.csv", "x.csv"],
    ["..\\..\\x2.csv", "x2.csv", "x2.csv"],
    ["a\u202evsc.csv", "a vsc.csv", "a_vsc.csv"],
    ["$(touch pwned);'\"`id`.csv", "$(touch pwned);'\"`id`.csv", "touch_pwned_id_.csv"],
    ["-rf .csv", "-rf .csv", "rf_.csv"],
    [".hidden.csv", ".hidden.csv", "hidden.csv"],
    ["売上\u{1f4b0}.csv", "売上\u{1f4b0}.csv", "売上_.csv"],
    [`${"n".repeat(400)}.csv`, `${"n".repeat(160)}…${"n".repeat(35)}.csv`, `${"n".repeat(80)}.csv`],
  ]
  const ran = await Promise.all(
    names.map(async ([name], at) => {
      const sent = await send(rune, name, `${at}\n`)
      return { called: sent.json.name, id: (await run(rune, sent.json.value)).json.id }
    }),
  )
  for (const [at, { called, id }] of ran.entries())
    expect([called, await printed(id)]).toEqual([names[at]?.[1], `got given/data/${names[at]?.[2]} = ${at} 0o444\n`])
}, 120_000)

test("the same file sent again is the same upload, so that an order with a key is the same order", async () => {
  const first = await send(rune, "key.csv", "8\n")
  const one = await run(rune, first.json.value, { "idempotency-key": "monday" })
  const second = await send(rune, "key.csv", "8\n")
  expect([second.status, second.json.id]).toEqual([200, first.json.id])
  const two = await run(rune, second.json.value, { "idempotency-key": "monday" })
  expect([two.status, two.json.id]).toEqual([200, one.json.id])
  const other = await send(rune, "key.csv", "9\n")
  expect((await run(rune, other.json.value, { "idempotency-key": "monday" })).json.code).toBe("key_reused")
  const told = await api.ask("GET", `/api/v1/audit?thing=upload/${first.json.id}`, { as: await api.someone("Root", "administrator") })
  expect(told.json.items.map(({ action }: { action: string }) => action)).toEqual(["upload.send"])
})

test("what no run took goes after seven days or when its sender takes it back; what one took stays with it", async () => {
  const { world } = api
  const [left, dropped, taken] = [
    await send(rune, "left.csv", "11\n"),
    await send(rune, "dropped.csv", "12\n"),
    await send(rune, "taken.csv", "13\n"),
  ]
  const { id } = (await run(rune, taken.json.value)).json
  await printed(id)
  expect((await api.ask("DELETE", `/api/v1/uploads/${dropped.json.id}`, { as: rune })).status).toBe(204)
  expect((await run(rune, dropped.json.value)).status).toBe(422)
  const later = (days: number) => ({ ...world.work, clock: { ...world.clock, now: () => world.clock.now() + days * DAY_MS } })
  await sweepUploads(later(6))
  expect((await api.ask("GET", `/api/v1/uploads/${left.json.id}`, { as: rune })).status).toBe(200)
  expect(await sweepUploads(later(8))).toBeGreaterThanOrEqual(1)
  expect((await api.ask("GET", `/api/v1/uploads/${left.json.id}`, { as: rune })).status).toBe(404)
  await sweepOrphans({ ...world.library, clock: later(8).clock })
  expect([await world.library.blobs.has(left.json.sha256), await world.library.blobs.has(taken.json.sha256)]).toEqual([false, true])
  const again = await run(rune, taken.json.value)
  expect(await printed(again.json.id)).toContain("= 13 ")
}, 60_000)

test("one has so much waiting and no more", async () => {
  const { id } = rita.actor
  await sql`INSERT INTO upload (id, notebook_id, person_id, name, sha256, size_bytes, sent_at)
    SELECT '01' || lpad(n::text, 24, '0'), ${notebook}, ${id}, n || '.csv', (SELECT sha256 FROM upload LIMIT 1), 1, now() FROM generate_series(1, 500) n`.execute(
    api.world.work.db,
  )
  const said = await send(rita, "more.csv", "1\n")
  expect([said.status, said.json.code, said.json.remedy]).toEqual([409, "uploads_full", expect.stringContaining("after 7 days")])
  await sql`DELETE FROM upload WHERE person_id = ${id} AND name ~ '^[0-9]+[.]csv$'`.execute(api.world.work.db)
  expect((await send(rita, "more.csv", "1\n")).status).toBe(201)
})

test("an attempt that is opened again gets the same file", async () => {
  const sent = await send(rune, "bad.csv", "one\n")
  const { id } = (await run(rune, sent.json.value)).json
  await api.platform.until(id, "failed", 60_000)
  expect((await api.ask("POST", `/api/v1/runs/${id}/retry`, { as: rune })).status).toBe(202)
  const ended = await api.platform.until(id, "failed", 60_000)
  expect([ended.attempt, ended.files.map(({ name }) => name), ended.error?.evalue]).toEqual([2, ["bad.csv"], expect.stringContaining("'one\\n'")])
}, 90_000)

test("where code is hidden a run still shows what it was given", async () => {
  const admin = await api.someone("Chief", "administrator")
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: true } })
  try {
    const sent = await send(rune, "hidden.csv", "21\n")
    const ordered = await run(rune, sent.json.value)
    await api.platform.until(ordered.json.id, "succeeded", 60_000)
    const seen = await api.ask("GET", `/api/v1/runs/${ordered.json.id}`, { as: rune })
    expect([seen.json.codeHidden, seen.json.files[0].name]).toEqual([true, "hidden.csv"])
    expect((await api.ask("GET", `/api/v1/runs/${ordered.json.id}/files/content?parameter=data`, { as: rune })).text).toBe("21\n")
  } finally {
    await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden: false } })
  }
}, 60_000)
