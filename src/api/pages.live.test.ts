/** The plain pages, as a browser without scripts goes through them. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, COOKIE, ipynb, ORIGIN, type Said, type Someone } from "#api/testing.ts"
import { error, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import { firstRunLink } from "#people/index.ts"

let api: ApiTest
let admin: Someone

beforeAll(async () => {
  api = await apiTest()
  admin = await api.someone("Admin", "administrator")
})
afterAll(() => api.close())

const get = (path: string, as: Someone | "nobody" = admin) =>
  api.ask("GET", path, { as: as === "nobody" ? undefined : as, by: "cookie", headers: { accept: "text/html" } })
/** Sends a form of the page as it stands there, with what was filled in. */
async function submit(page: Said, action: RegExp, filled: Readonly<Record<string, string>> = {}, as: Someone | "nobody" = admin): Promise<Said> {
  const form = [...page.text.matchAll(/<form method="post" action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)].find(([, target]) =>
    action.test(target ?? ""),
  )
  if (!form) throw new Error(`there is no form for ${action} in\n${page.text.slice(page.text.indexOf("<main"), page.text.indexOf("<main") + 3000)}`)
  const inputs = [...(form[2] ?? "").matchAll(/<(?:input|textarea)[^>]*name="([^"]+)"[^>]*?(?:value="([^"]*)")?>/g)].map(([, name, value]) => [
    name,
    unescaped(value ?? ""),
  ])
  const selects = [...(form[2] ?? "").matchAll(/<select[^>]*name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)].map(([, name, options]) => [
    name,
    unescaped(/value="([^"]*)" selected/.exec(options ?? "")?.[1] ?? /value="([^"]*)"/.exec(options ?? "")?.[1] ?? ""),
  ])
  const boxes = [...(form[2] ?? "").matchAll(/type="checkbox" name="([^"]+)"/g)].map(([, name]) => name)
  const values = Object.fromEntries([...inputs, ...selects].filter(([name]) => !boxes.includes(name ?? "")))
  return api.ask("POST", unescaped(form[1] ?? ""), { as: as === "nobody" ? undefined : as, by: "cookie", form: { ...values, ...filled } })
}

function unescaped(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
}

function main(page: Said): string {
  return page.text
    .slice(page.text.indexOf("<main"))
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
}

test("the one-use link of the console signs in once, and only by the button", async () => {
  const fresh = await apiTest()
  try {
    await fresh.platform.database.db
      .updateTable("person")
      .set({ disabled_at: new Date() as never })
      .where("id", "=", fresh.platform.admin.id)
      .execute()
    const link = await firstRunLink(fresh.world.people)
    const path = `/sign-in?link=${link?.code}`
    // Looked at twice, as mail programs do.
    for (let i = 0; i < 2; i++) expect((await fresh.ask("GET", path, {})).text).toContain("It works once")
    const entered = await fresh.ask("POST", "/sign-in?next=%2Fruns", { form: { link: link?.code ?? "" } })
    expect([entered.status, entered.headers["location"]]).toEqual([303, "/runs"])
    expect(entered.headers["set-cookie"]).toMatch(new RegExp(`^${COOKIE}=[0-9A-Za-z]{43}; Path=/; HttpOnly; SameSite=Lax`))
    const cookie = /=([^;]+)/.exec(entered.headers["set-cookie"] ?? "")?.[1] ?? ""
    expect((await fresh.ask("GET", "/", { headers: { cookie: `${COOKIE}=${cookie}` } })).text).toContain("No notebooks here yet")
    const again = await fresh.ask("POST", "/sign-in", { form: { link: link?.code ?? "" } })
    expect([again.status, again.headers["set-cookie"]]).toEqual([422, undefined])
    expect(again.text).toContain("cannot be used")
  } finally {
    await fresh.close()
  }
})

test("who is not signed in is sent there and back, never elsewhere", async () => {
  const asked = await get("/runs?state=failed", "nobody")
  expect([asked.status, asked.headers["location"]]).toEqual([303, "/sign-in?next=%2Fruns%3Fstate%3Dfailed"])
  for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "/sign-out"]) {
    const page = await api.ask("GET", `/sign-in?next=${encodeURIComponent(next)}`, {})
    expect(page.text).not.toContain("evil.example")
    expect(page.text).toContain('action="/sign-in?next=%2F"')
  }
})

test("a form without its token, or with that of another session, changes nothing", async () => {
  const other = await api.someone("Other", "viewer")
  const page = await get("/settings", other)
  const foreign = /name="_form" value="([^"]+)"/.exec(page.text)?.[1] ?? ""
  for (const _form of ["", "x", foreign]) {
    const said = await api.ask("POST", "/settings/tokens", {
      as: admin,
      by: "cookie",
      form: { _form, name: "stolen", "scope-read": "yes", days: "1" },
    })
    expect([said.status, /not from this session/.test(said.text)]).toEqual([403, true])
  }
  expect((await get("/settings")).text).not.toContain("stolen")
})

test("a token is made, shown once, used and revoked", async () => {
  const made = await submit(await get("/settings"), /tokens$/, { name: "nightly <job>", "scope-read": "yes", days: "3" })
  const token = /stet_[0-9A-Z]{26}_[0-9A-Za-z]{49}/.exec(made.text)?.[0] ?? ""
  expect(token).not.toBe("")
  expect((await api.ask("GET", "/api/v1/session", { headers: { authorization: `Bearer ${token}` } })).json.scopes).toEqual(["read"])
  const later = await get("/settings")
  expect(later.text).not.toContain(token)
  expect(later.text).toContain("nightly &lt;job&gt;")
  expect((await submit(later, /\/revoke$/)).status).toBe(303)
  expect((await api.ask("GET", "/api/v1/session", { headers: { authorization: `Bearer ${token}` } })).status).toBe(401)
  const wrong = await submit(await get("/settings"), /tokens$/, { name: "", days: "3" })
  expect([wrong.status, /role="alert"/.test(wrong.text)]).toEqual([422, true])
})

test("somebody is invited, joins, signs out, signs in, and takes a new password", async () => {
  const made = await submit(await get("/people"), /invite$/, { space: api.platform.space, role: "editor" })
  const link = unescaped(/http:\/\/localhost:7838(\/join\?link=stetlink_\w+)/.exec(made.text)?.[1] ?? "")
  const page = await api.ask("GET", link, {})
  expect(main(page)).toContain("Admin invites you to Team as editor")
  const weak = await submit(page, /join$/, { name: "Jo <b>", login: "jo", password: "jo" }, "nobody")
  expect([weak.status, weak.text.includes("Jo &lt;b&gt;")]).toEqual([422, true])
  const joined = await api.ask("POST", "/join", {
    form: { link: link.split("link=")[1] ?? "", name: "Jo <b>", login: "jo", password: "a rather long phrase" },
  })
  expect([joined.status, joined.headers["location"]]).toEqual([303, "/"])
  const jo: Someone = { actor: admin.actor, cookie: /=([^;]+)/.exec(joined.headers["set-cookie"] ?? "")?.[1] ?? "" }
  const home = await get("/", jo)
  expect(home.text).toContain("Jo &lt;b&gt;")
  expect((await get("/people", jo)).status).toBe(403)
  const out = await submit(home, /sign-out/, {}, jo)
  expect(out.headers["location"]).toBe("/sign-in")
  expect((await get("/", jo)).status).toBe(303)
  const bad = await api.ask("POST", "/sign-in", { form: { login: "jo", password: "no" } })
  expect([bad.status, bad.text.includes("do not go together")]).toEqual([422, true])
  const signedIn = await api.ask("POST", "/sign-in?next=%2Fsearch", { form: { login: "jo", password: "a rather long phrase" } })
  expect([signedIn.status, signedIn.headers["location"]]).toEqual([303, "/search"])
  const again: Someone = { actor: admin.actor, cookie: /=([^;]+)/.exec(signedIn.headers["set-cookie"] ?? "")?.[1] ?? "" }
  const changed = await submit(
    await get("/settings", again),
    /password$/,
    { current: "a rather long phrase", next: "another rather long phrase" },
    again,
  )
  expect([changed.status, /^stet-7838=/.test(changed.headers["set-cookie"] ?? "")]).toEqual([303, true])
  expect((await get("/settings", again)).status).toBe(303)
})

test("a notebook is run by its form: every wrong value is named beside its field, and the run's page shows what failed first", async () => {
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=forms/Form.ipynb", {
    as: admin,
    bytes: ipynb("# parameters\ndays: int = 7\nname = 'a \"b\" <c>'\nmode = True", "print(days)"),
  })
  const page = await get(`/notebooks/${put.json.notebook.id}`)
  expect(page.text).toContain('value="a &quot;b&quot; &lt;c&gt;"')
  const wrong = await submit(page, /\/runs$/, { "p.days": "seven" })
  expect(wrong.status).toBe(422)
  expect(wrong.text).toMatch(/id="p-days"[^>]*aria-invalid="true"/)
  expect(wrong.text).toContain("should be an integer")
  const ordered = await submit(page, /\/runs$/, { "p.days": "30" })
  expect(ordered.status).toBe(303)
  const queued = await get(ordered.headers["location"] ?? "")
  expect(main(queued)).toContain("Waiting for a free worker")
  expect(queued.text).toMatch(/<script nonce="[\w-]{24}">/)
  expect(main(queued)).toContain("days 30")
  expect((await submit(queued, /cancel$/)).status).toBe(303)
  expect(main(await get(ordered.headers["location"] ?? ""))).toContain("cancelled")
  const again = await get(`/notebooks/${put.json.notebook.id}?from=${/runs\/(\w+)/.exec(ordered.headers["location"] ?? "")?.[1]}`)
  expect(again.text).toMatch(/name="p\.days"[^>]*value="30"/)
})

test("a failed run, its log, artifacts and result", async () => {
  const kernels = scriptedKernels({ hello: stdout("<b>hello</b>\n"), bad: error("ValueError", "<i>wrong</i>") })
  await api.platform.worker({ kernels })
  const notebook = await api.platform.notebook("forms/bad.ipynb", "script", "hello", "bad")
  const run = await api.platform.until((await api.platform.launch({ notebook, labels: { team: "<x>" } })).id)
  const page = await get(`/runs/${run.id}`)
  expect(page.text.indexOf("ValueError")).toBeLessThan(page.text.indexOf("&lt;b&gt;hello"))
  expect(page.text).toContain("&lt;i&gt;wrong&lt;/i&gt;")
  expect(main(page)).toContain("in cell 2")
  expect(page.text).not.toContain("<script")
  expect((await api.ask("GET", `/api/v1/runs/${run.id}/result.html`, { as: admin, by: "cookie" })).text).toContain("ValueError")
  const retried = await submit(page, /retry$/)
  expect(retried.status).toBe(303)
  await api.platform.until(run.id)
  expect(main(await get(`/runs/${run.id}`))).toContain("Attempts")
  expect((await get("/runs?state=failed")).text).toContain(run.id)
})

test("every page is whole: one main, one heading, labels for all fields, no inline handler, no address of others", async () => {
  const put = await api.ask("POST", "/api/v1/notebooks?space=team&path=whole/Page.ipynb", { as: admin, bytes: ipynb("# parameters\nx = 1") })
  const run = (await api.ask("POST", "/api/v1/runs", { as: admin, json: { notebook: put.json.notebook.id } })).json.id
  for (const path of [
    "/",
    "/search",
    "/search?q=page",
    "/spaces/team",
    "/spaces/team/whole",
    `/notebooks/${put.json.notebook.id}`,
    "/runs",
    `/runs/${run}`,
    "/settings",
    "/people",
    "/health",
    "/api/docs",
    "/nothing-here",
    "/notebooks/none",
  ]) {
    const { text, headers } = await get(path)
    expect([path, text.match(/<main/g)?.length, text.match(/<h1/g)?.length]).toEqual([path, 1, 1])
    const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size, path).toBe(ids.length)
    for (const [, id] of text.matchAll(/<(?:input|select|textarea)(?![^>]*type="(?:hidden|checkbox)")[^>]*\bid="([^"]+)"/g))
      expect(text, `${path} ${id}`).toContain(`for="${id}"`)
    expect(text.match(/\son[a-z]+=|javascript:|style="/g), path).toBeNull()
    expect(text.replaceAll(ORIGIN, "").match(/(?:src|href|action)="(?:https?:)?\/\//g), path).toBeNull()
    const nonce = /nonce-([\w-]+)/.exec(headers["content-security-policy"] ?? "")?.[1]
    for (const [, given] of text.matchAll(/nonce="([^"]+)"/g)) expect(given).toBe(nonce)
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/)
    const opened = [
      ...text.matchAll(/<(\/?)(div|p|table|tbody|thead|tr|td|th|ul|li|form|section|details|dl|main|nav|header|span|fieldset|h[1-3])\b[^>]*>/g),
    ]
    const stack: string[] = []
    for (const [, close, tag = ""] of opened) {
      if (close === "") stack.push(tag)
      else expect(stack.pop(), `${path}: </${tag}>`).toBe(tag)
    }
    expect(stack, path).toEqual([])
  }
})
