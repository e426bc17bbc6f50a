import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"

let api: ApiTest
let admin: Someone
let editor: Someone

beforeAll(async () => {
  api = await apiTest()
  admin = await api.someone("Admin", "administrator")
  editor = await api.someone("Edith", "editor")
})
afterAll(() => api.close())

test("a notebook is put in, given back byte for byte, saved again, and protected from being overwritten", async () => {
  const first = ipynb("# parameters\nregion = 'EU'", "print(region)")
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=reports/Sales.ipynb&message=first", { as: editor, bytes: first })
  expect([put.status, put.json.created, put.json.version.number, put.json.notebook.path]).toEqual([201, true, 1, "reports/Sales.ipynb"])
  const again = await api.ask("POST", "/api/v1/notebooks?space=team&path=reports/Sales.ipynb", { as: editor, bytes: first })
  expect([again.status, again.json.created, again.json.version.number]).toEqual([200, false, 1])

  const { id } = put.json.notebook
  for (const ref of [id, encodeURIComponent("team/reports/Sales.ipynb")]) {
    const got = await api.ask("GET", `/api/v1/notebooks/${ref}/content`, { as: editor })
    expect(Buffer.from(got.bytes).equals(Buffer.from(first))).toBe(true)
    expect(got.headers["etag"]).toBe(`"${put.json.version.sha256}"`)
    expect(
      (await api.ask("GET", `/api/v1/notebooks/${ref}/content`, { as: editor, headers: { "if-none-match": got.headers["etag"] ?? "" } })).status,
    ).toBe(304)
    const part = await api.ask("GET", `/api/v1/notebooks/${ref}/content`, { as: editor, headers: { range: "bytes=3-9" } })
    expect([part.status, part.text, part.headers["content-range"]]).toEqual([
      206,
      new TextDecoder().decode(first.subarray(3, 10)),
      `bytes 3-9/${first.length}`,
    ])
  }

  const second = await api.ask("PUT", `/api/v1/notebooks/${id}/content?base=1&message=second`, { as: editor, bytes: ipynb("print(2)") })
  expect([second.status, second.json.version.number]).toEqual([201, 2])
  const late = await api.ask("PUT", `/api/v1/notebooks/${id}/content?base=1`, { as: editor, bytes: ipynb("print(3)") })
  expect([late.status, late.json.code, late.json.facts.theirs.number, late.json.facts.yours.base]).toEqual([409, "edited_meanwhile", 2, 1])
  const lateByDigest = await api.ask("PUT", `/api/v1/notebooks/${id}/content`, {
    as: editor,
    bytes: ipynb("print(3)"),
    headers: { "if-match": `"${put.json.version.sha256}"` },
  })
  expect([lateByDigest.status, lateByDigest.json.code]).toEqual([409, "edited_meanwhile"])

  const versions = await api.ask("GET", `/api/v1/notebooks/${id}/versions`, { as: editor })
  expect(versions.json.items.map((one: { number: number; message: string }) => [one.number, one.message])).toEqual([
    [2, "second"],
    [1, "first"],
  ])
  const diff = await api.ask("GET", `/api/v1/notebooks/${id}/versions/2/diff`, { as: editor })
  expect([diff.status, diff.json.from, diff.json.to]).toEqual([200, 1, 2])
  const schema = await api.ask("GET", `/api/v1/notebooks/${id}/versions/1`, { as: editor })
  expect(schema.json.parameters.properties.region.default).toBe("EU")
})

test("a file is not put over what somebody put meanwhile", async () => {
  const at = "/api/v1/files/content?space=team&path=shared/rates.csv"
  const put = (text: string, more: { readonly base?: string; readonly headers?: Record<string, string> } = {}) =>
    api.ask("PUT", `${at}${more.base === undefined ? "" : `&base=${more.base}`}`, {
      as: editor,
      bytes: new TextEncoder().encode(text),
      headers: more.headers ?? {},
    })
  const first = await put("EUR 1", { headers: { "if-none-match": "*" } })
  expect([first.status, first.headers["etag"]]).toEqual([200, `"${first.json.sha256}"`])
  const read = await api.ask("GET", at, { as: editor })
  expect(read.headers["etag"]).toBe(first.headers["etag"])
  const second = await put("EUR 2", { base: first.json.sha256 })
  expect(second.status).toBe(200)
  for (const how of [{ base: first.json.sha256 }, { headers: { "if-match": `"${first.json.sha256}"` } }]) {
    const late = await put("EUR 3", how)
    expect([late.status, late.json.code, late.json.facts.yours.base]).toEqual([409, "file_changed", first.json.sha256])
    expect(late.json.facts.theirs).toMatchObject({ sha256: second.json.sha256, sizeBytes: 5, author: expect.any(String), at: second.json.updatedAt })
  }
  const again = await put("EUR 3", { headers: { "if-none-match": "*" } })
  expect([again.status, again.json.code, again.json.facts.yours.base]).toEqual([409, "file_changed", null])
  expect((await put("EUR 2", { base: first.json.sha256 })).status).toBe(200)
  expect((await put("x", { headers: { "if-match": "W/nonsense" } })).status).toBe(400)
  await api.ask("DELETE", at, { as: editor })
  const gone = await put("EUR 4", { base: second.json.sha256 })
  expect([gone.status, gone.json.facts.theirs]).toEqual([409, null])
  expect((await api.ask("GET", at, { as: editor })).status).toBe(404)
})

test("what is no notebook is refused by name, and the type of what comes is looked at", async () => {
  const bad = await api.ask("POST", "/api/v1/notebooks?space=team&path=x.ipynb", { as: editor, bytes: '{"cells": ' })
  expect([bad.status, bad.json.code]).toEqual([422, "bad_json"])
  const typed = await api.ask("POST", "/api/v1/notebooks?space=team&path=x.ipynb", {
    as: editor,
    bytes: ipynb("1"),
    headers: { "content-type": "multipart/form-data; boundary=x" },
  })
  expect([typed.status, typed.json.code]).toEqual([415, "wrong_content_type"])
  const packed = await api.ask("POST", "/api/v1/notebooks?space=team&path=x.ipynb", {
    as: editor,
    bytes: ipynb("1"),
    headers: { "content-encoding": "gzip" },
  })
  expect(packed.status).toBe(415)
})

test("every field at fault is named, and unknown ones are refused", async () => {
  const said = await api.ask("POST", "/api/v1/runs", {
    as: editor,
    json: { notebook: "", version: 0, priority: 1e9, colour: "red", labels: { "a b": 1 } },
  })
  expect(said.status).toBe(400)
  expect(said.headers["content-type"]).toBe("application/problem+json; charset=utf-8")
  const paths = said.json.errors.map((one: { path: string }) => one.path)
  expect(paths).toEqual(expect.arrayContaining(["notebook", "version", "priority", "colour", "labels.a b"]))
  const query = await api.ask("GET", "/api/v1/notebooks?limit=0&bogus=1", { as: editor })
  expect(query.json.errors.map((one: { in: string; path: string }) => `${one.in} ${one.path}`).sort()).toEqual(["query bogus", "query limit"])
})

test("the launch contract: created once for a key, told apart from another body, parameters refused by name", async () => {
  await api.ask("POST", "/api/v1/notebooks?space=team&path=launch.ipynb", {
    as: editor,
    bytes: ipynb("# parameters\ndays = 7\nkey = ''", "print(days)"),
  })
  const order = { notebook: "team/launch.ipynb", parameters: { days: 3 }, orchestrator: { kind: "cron", attempt: 1 } }
  const key = { "idempotency-key": "nightly-1" }
  const first = await api.ask("POST", "/api/v1/runs", { as: editor, json: order, headers: key })
  expect([first.status, first.json.state, first.headers["location"]]).toEqual([201, "queued", `/api/v1/runs/${first.json.id}`])
  const again = await api.ask("POST", "/api/v1/runs", { as: editor, json: order, headers: key })
  expect([again.status, again.json.id]).toEqual([200, first.json.id])
  const other = await api.ask("POST", "/api/v1/runs", { as: editor, json: { ...order, parameters: { days: 4 } }, headers: key })
  expect([other.status, other.json.code]).toEqual([409, "key_reused"])
  const rejected = await api.ask("POST", "/api/v1/runs", { as: editor, json: { ...order, onExisting: "reject" }, headers: key })
  expect([rejected.status, rejected.json.code]).toEqual([409, "run_exists"])
  const bad = await api.ask("POST", "/api/v1/runs", { as: editor, json: { notebook: "team/launch.ipynb", parameters: { days: "x", dyas: 1 } } })
  expect([bad.status, bad.json.code]).toEqual([422, "bad_parameters"])
  expect(bad.json.errors.map((one: { path: string }) => one.path).sort()).toEqual(["parameters.days", "parameters.dyas"])

  const cancelled = await api.ask("POST", `/api/v1/runs/${first.json.id}/cancel`, { as: editor, json: { reason: "not needed" } })
  expect([cancelled.status, cancelled.json.state]).toEqual([202, "cancelled"])
  const late = await api.ask("POST", `/api/v1/runs/${first.json.id}/cancel`, { as: editor, json: {} })
  expect(late.status).toBe(200)
  const log = await api.ask("GET", `/api/v1/runs/${first.json.id}/log`, { as: editor })
  expect(log.json).toEqual({ text: "", offset: 0, nextOffset: 0, eof: true })
  const result = await api.ask("GET", `/api/v1/runs/${first.json.id}/result`, { as: editor })
  expect([result.status, result.json.code]).toEqual([404, "no_result"])
})

test("numbers in parameters keep their spelling from the wire into the order", async () => {
  await api.ask("POST", "/api/v1/notebooks?space=team&path=numbers.ipynb", {
    as: editor,
    bytes: ipynb("# parameters\nrate: float = 0.5\nbig: int = 1"),
  })
  const said = await api.ask("POST", "/api/v1/runs", {
    as: editor,
    bytes: '{"notebook":"team/numbers.ipynb","parameters":{"rate":1.0,"big":12345678901234567890}}',
    headers: { "content-type": "application/json" },
  })
  expect(said.status).toBe(201)
  expect(said.text).toMatch(/"rate":1\.0[,}]/)
  expect(said.text).toMatch(/"big":12345678901234567890/)
})

test("a long wait ends when the state changes, not before, and at the latest in time", async () => {
  const run = (await api.ask("POST", "/api/v1/runs", { as: editor, json: { notebook: "team/launch.ipynb" } })).json.id
  const began = performance.now()
  const short = await api.ask("GET", `/api/v1/runs/${run}?waitSeconds=0.3&ifNotState=running`, { as: editor })
  expect([short.status, short.json.state]).toEqual([200, "queued"])
  expect(performance.now() - began).toBeGreaterThan(280)
  const waiting = api.ask("GET", `/api/v1/runs/${run}?waitSeconds=20&ifNotState=running`, { as: editor })
  await new Promise((resolve) => setTimeout(resolve, 100))
  await api.ask("POST", `/api/v1/runs/${run}/cancel`, { as: editor, json: {} })
  const said = await waiting
  expect(said.json.state).toBe("cancelled")
  expect(performance.now() - began).toBeLessThan(8000)
})

test("spaces, grants, tags, moves, trash and search by the API", async () => {
  const space = await api.ask("POST", "/api/v1/spaces", { as: editor, json: { name: "lab", title: "The lab" } })
  expect([space.status, space.json.role]).toEqual([201, "admin"])
  const taken = await api.ask("POST", "/api/v1/spaces", { as: editor, json: { name: "lab" } })
  expect([taken.status, taken.json.code]).toEqual([409, "name_taken"])
  const put = await api.ask("POST", "/api/v1/notebooks?space=lab&path=deep/Whales.ipynb", { as: editor, bytes: ipynb("count_whales()") })
  const { id } = put.json.notebook
  const viewer = await api.someone("Vera")
  expect((await api.ask("GET", `/api/v1/notebooks/${id}`, { as: viewer })).status).toBe(404)
  const granted = await api.ask("POST", `/api/v1/notebooks/${id}/grants`, { as: editor, json: { person: viewer.actor.id, role: "viewer" } })
  expect([granted.status, granted.json.role]).toEqual([201, "viewer"])
  expect((await api.ask("GET", `/api/v1/notebooks/${id}`, { as: viewer })).status).toBe(200)
  expect((await api.ask("PUT", `/api/v1/notebooks/${id}/tags`, { as: viewer, json: { tags: ["x"] } })).status).toBe(403)
  expect((await api.ask("PUT", `/api/v1/notebooks/${id}/tags`, { as: editor, json: { tags: ["sea"] } })).json.tags).toEqual(["sea"])
  const moved = await api.ask("POST", `/api/v1/notebooks/${id}/move`, { as: editor, json: { path: "Whales of the sea.ipynb" } })
  expect(moved.json.path).toBe("Whales of the sea.ipynb")
  const found = await api.ask("GET", "/api/v1/search?q=whales", { as: viewer })
  expect(found.json.items.map((hit: { notebook: { id: string } }) => hit.notebook.id)).toEqual([id])
  expect((await api.ask("POST", `/api/v1/notebooks/${id}/trash`, { as: editor })).json.trashedAt).not.toBeNull()
  expect((await api.ask("POST", `/api/v1/notebooks/${id}/restore`, { as: editor })).json.trashedAt).toBeNull()
  const file = await api.ask("PUT", "/api/v1/files/content?space=lab&path=data/w.csv", {
    as: editor,
    bytes: "a,b\n1,2\n",
    headers: { "content-type": "text/csv" },
  })
  expect([file.status, file.json.sizeBytes]).toEqual([200, 8])
  expect((await api.ask("GET", "/api/v1/files/content?space=lab&path=data/w.csv", { as: editor })).text).toBe("a,b\n1,2\n")
  const items = await api.ask("GET", "/api/v1/spaces/lab/items", { as: editor })
  expect(items.json.items.map((item: { kind: string; path: string }) => `${item.kind} ${item.path}`)).toEqual([
    "folder data",
    "notebook Whales of the sea.ipynb",
  ])
  const zip = await api.ask("GET", "/api/v1/export?space=lab", { as: editor })
  const imported = await api.ask("POST", "/api/v1/import?space=lab&folder=copy", {
    as: editor,
    bytes: zip.bytes,
    headers: { "content-type": "application/zip" },
  })
  expect(
    imported.json.entries
      .filter((one: { outcome: string }) => one.outcome === "imported")
      .map((one: { at: string }) => one.at)
      .sort(),
  ).toEqual(["copy/Whales of the sea.ipynb", "copy/data/w.csv"])
})

test("people, groups, invitations and tokens by the API", async () => {
  const me = await api.ask("GET", "/api/v1/session", { as: admin })
  expect([me.json.person.id, me.json.isAdmin, me.json.via]).toEqual([admin.actor.id, true, "session"])
  const service = await api.ask("POST", "/api/v1/people", { as: admin, json: { name: "Nightly" } })
  expect([service.status, service.json.kind]).toEqual([201, "service"])
  expect((await api.ask("POST", "/api/v1/people", { as: editor, json: { name: "Nightly" } })).status).toBe(403)
  const group = await api.ask("POST", "/api/v1/groups", { as: admin, json: { name: "Analysts" } })
  expect((await api.ask("PUT", `/api/v1/groups/${group.json.id}/members/${editor.actor.id}`, { as: admin })).status).toBe(204)
  expect((await api.ask("GET", `/api/v1/groups/${group.json.id}/members`, { as: admin })).json.items[0].person.name).toBe("Edith")
  const invited = await api.ask("POST", "/api/v1/invites", { as: admin, json: { space: "team", role: "viewer" } })
  expect(invited.json.link).toMatch(/^http:\/\/localhost:7838\/join\?link=stetlink_/)
  const joined = await api.ask("POST", "/api/v1/sign-in/link", {
    json: { kind: "invite", link: invited.json.link, name: "Nina", login: "nina", password: "a long enough phrase" },
  })
  expect([joined.status, joined.json.person.name]).toEqual([200, "Nina"])
  expect(joined.headers["set-cookie"]).toMatch(/^stet-7838=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  expect(
    (
      await api.ask("POST", "/api/v1/sign-in/link", {
        json: { kind: "invite", link: invited.json.link, name: "Nina", login: "nina2", password: "a long enough phrase" },
      })
    ).status,
  ).toBe(410)
  const signedIn = await api.ask("POST", "/api/v1/sign-in", { json: { login: "nina", password: "a long enough phrase" } })
  expect(signedIn.status).toBe(200)
  expect((await api.ask("POST", "/api/v1/sign-in", { json: { login: "nina", password: "wrong" } })).status).toBe(401)
  const token = await api.ask("POST", "/api/v1/tokens", { as: admin, json: { name: "narrow", scopes: ["read"], space: "team" } })
  const narrow = { ...admin, token: token.json.token }
  expect((await api.ask("GET", "/api/v1/notebooks", { as: narrow })).status).toBe(200)
  expect((await api.ask("POST", "/api/v1/notebooks?space=team&path=no.ipynb", { as: narrow, bytes: ipynb("1") })).status).toBe(403)
  expect((await api.ask("DELETE", `/api/v1/tokens/${token.json.id}`, { as: admin })).status).toBe(204)
  expect((await api.ask("GET", "/api/v1/notebooks", { as: narrow })).status).toBe(401)
  const audit = await api.ask("GET", "/api/v1/audit?limit=5", { as: admin })
  expect(audit.json.items[0].action).toBe("token.revoke")
  expect((await api.ask("GET", "/api/v1/audit", { as: editor })).status).toBe(403)
})
