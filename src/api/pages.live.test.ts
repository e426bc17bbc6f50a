/** What the server draws by itself (the ways in, the documentation), and the app's page, as they go over the line. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, COOKIE, ORIGIN, type Said, type Someone, smallBuild } from "#api/testing.ts"
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
  return api.ask("POST", unescaped(form[1] ?? ""), {
    as: as === "nobody" ? undefined : as,
    by: "cookie",
    form: { ...Object.fromEntries(inputs), ...filled },
  })
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
    expect((await fresh.ask("GET", "/api/v1/session", { headers: { cookie: `${COOKIE}=${cookie}` } })).json.isAdmin).toBe(true)
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
  const page = await get("/api/docs", other)
  const foreign = /name="_form" value="([^"]+)"/.exec(page.text)?.[1] ?? ""
  expect(foreign).not.toBe("")
  for (const _form of ["", "x", foreign]) {
    const said = await api.ask("POST", "/sign-out", { as: admin, by: "cookie", form: { _form } })
    expect([said.status, /not from this session/.test(said.text)]).toEqual([403, true])
  }
  expect((await api.ask("GET", "/api/v1/session", { as: admin, by: "cookie" })).status).toBe(200)
})

test("somebody is invited, joins, signs out, signs in, and takes a new password", async () => {
  const made = await api.ask("POST", "/api/v1/invites", { as: admin, by: "cookie", json: { space: api.platform.space, role: "editor" } })
  const link = made.json.link.slice(ORIGIN.length)
  expect(link).toMatch(/^\/join\?link=stetlink_\w+$/)
  const page = await api.ask("GET", link, {})
  expect(main(page)).toContain("Admin invites you to Team as editor")
  const weak = await submit(page, /join$/, { name: "Jo <b>", login: "jo", password: "jo" }, "nobody")
  expect([weak.status, weak.text.includes("Jo &lt;b&gt;")]).toEqual([422, true])
  const joined = await api.ask("POST", "/join", {
    form: { link: link.split("link=")[1] ?? "", name: "Jo <b>", login: "jo", password: "a rather long phrase" },
  })
  expect([joined.status, joined.headers["location"]]).toEqual([303, "/"])
  const jo: Someone = { actor: admin.actor, cookie: /=([^;]+)/.exec(joined.headers["set-cookie"] ?? "")?.[1] ?? "" }
  const docs = await get("/api/docs", jo)
  expect(docs.text).toContain("Jo &lt;b&gt;")
  const out = await submit(docs, /sign-out/, {}, jo)
  expect(out.headers["location"]).toBe("/sign-in")
  expect((await get("/", jo)).status).toBe(303)
  const bad = await api.ask("POST", "/sign-in", { form: { login: "jo", password: "no" } })
  expect([bad.status, bad.text.includes("do not go together")]).toEqual([422, true])
  const signedIn = await api.ask("POST", "/sign-in?next=%2Fsearch", { form: { login: "jo", password: "a rather long phrase" } })
  expect([signedIn.status, signedIn.headers["location"]]).toEqual([303, "/search"])
})

test("a link for a new password is a page with a form, works once, and ends what was open", async () => {
  const lena = await joined("lena")
  const { id } = (await api.ask("GET", "/api/v1/session", { as: lena, by: "cookie" })).json.person
  const made = await api.ask("POST", `/api/v1/people/${id}/reset`, { as: admin, by: "cookie" })
  const path = made.json.link.slice(ORIGIN.length)
  expect(main(await api.ask("GET", path, {}))).toContain("A new password")
  const set = await submit(await api.ask("GET", path, {}), /reset$/, { password: "another rather long phrase" }, "nobody")
  expect([set.status, /^stet-7838=/.test(set.headers["set-cookie"] ?? "")]).toEqual([303, true])
  expect((await api.ask("GET", "/api/v1/session", { as: lena, by: "cookie" })).status).toBe(401)
  expect((await submit(await api.ask("GET", path, {}), /reset$/, { password: "a third rather long phrase" }, "nobody")).status).toBe(422)
})

test("what waits in the inbox is counted beside its place, for whom it waits", async () => {
  const [keeper, asker] = [await api.someone("Keeper", "administrator"), await api.someone("Asker")]
  const inbox = async (as: Someone) => /<a href="\/inbox">(.*?)<\/a>/u.exec((await get("/api/docs", as)).text)?.[1]?.replaceAll(/<[^>]+>/gu, "")
  expect(await inbox(keeper)).toBe("Inbox")
  expect((await api.ask("POST", "/api/v1/access-requests", { as: asker, by: "cookie", json: { space: "team", text: "please" } })).status).toBe(204)
  expect([await inbox(keeper), await inbox(asker)]).toEqual(["Inbox 1 unread", "Inbox"])
})

test("every page that the server draws is whole: one main, one heading, labels for all fields, no inline handler, no address of others", async () => {
  const invite = (await api.ask("POST", "/api/v1/invites", { as: admin, by: "cookie", json: {} })).json.link.slice(ORIGIN.length)
  const pages = [
    ["/api/docs", admin],
    ["/nothing-here", admin],
    ["/sign-in", "nobody"],
    ["/sign-in?link=x", "nobody"],
    ["/reset?link=x", "nobody"],
    [invite, "nobody"],
    [invite, admin],
    ["/join?link=x", "nobody"],
    // Without a build, the app's addresses say so.
    ["/", admin],
  ] as const
  for (const [path, as] of pages) {
    const { text, headers } = await get(path, as)
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

test("the app's page is the same for every screen but for the parts that it names, has a nonce of its own each time, and is for those who are signed in", async () => {
  const built = await withBuild()
  try {
    const someone = await built.someone("Ann", "viewer")
    const nonces = new Set<string>()
    for (const path of [
      "/",
      "/runs?state=failed",
      "/spaces/team/a%2Fb/c",
      "/notebooks/01ARZ3NDEKTSV4RRFFQ69G5FAV",
      "/settings/tokens",
      "/inbox",
      "/n/team/x.ipynb",
    ]) {
      const { status, text, headers } = await built.ask("GET", path, { as: someone, by: "cookie", headers: { accept: "text/html" } })
      const policy = headers["content-security-policy"] ?? ""
      const nonce = /script-src 'nonce-([\w-]{24})' 'strict-dynamic';/.exec(policy)?.[1] ?? ""
      expect([path, status, nonce.length, headers["cache-control"]]).toEqual([path, 200, 24, "no-store"])
      expect(text.replace(/<link.*?>/gu, "")).toBe(`<head></head><script nonce="${nonce}" src="/assets/a-1.js"></script>`)
      const script = (name: string) => `<link rel="preload" as="script" crossorigin nonce="${nonce}" href="/assets/${name}">`
      const scripts = ["a-1.js", "shared-1.js", ...(path.startsWith("/notebooks/") ? ["notebook-1.js", "editor-1.js"] : [])].map(script)
      const sheets = path.startsWith("/notebooks/") ? ['<link rel="preload" as="style" crossorigin href="/assets/notebook-1.css">'] : []
      const links = [...sheets, ...scripts]
      expect(text.match(/<link.*?>/gu) ?? []).toEqual(links)
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(7)
    const stranger = await built.ask("GET", "/spaces/team/Secret%20plans", {})
    expect([stranger.status, stranger.headers["location"]]).toEqual([303, "/sign-in?next=%2Fspaces%2Fteam%2FSecret%2520plans"])
  } finally {
    await built.close()
  }
})

test("assets are kept for ever, packed where the browser takes it; nothing else is served from there", async () => {
  const built = await withBuild()
  try {
    const ask = (name: string, encoding: string) => built.ask("GET", `/assets/${name}`, { headers: { "accept-encoding": encoding } })
    const plain = await ask("a-1.js", "identity")
    expect([plain.status, plain.text, plain.headers["content-type"]]).toEqual([200, "run()", "text/javascript; charset=utf-8"])
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable")
    expect(plain.headers["content-security-policy"]).toMatch(/^default-src 'none'/)
    expect((await ask("a-1.js", "gzip;q=0.5, BR")).headers["content-encoding"]).toBe("br")
    for (const refused of ["br;q=0", "gzip", ""]) expect((await ask("a-1.js", refused)).headers["content-encoding"]).toBeUndefined()
    for (const name of ["a-2.js", "..%2Fbuilt.json", "a-1.js.br", "secret.txt", "..%5cx.js"])
      expect([name, (await ask(name, "")).status]).toEqual([name, 404])
    expect((await built.ask("GET", "/sign-in", {})).text).toContain("url(/assets/inter-latin-wght-normal-x.woff2)")
  } finally {
    await built.close()
  }
})

/** Somebody with a login and a password, as an invitation makes them. */
async function joined(login: string): Promise<Someone> {
  const { link } = (await api.ask("POST", "/api/v1/invites", { as: admin, by: "cookie", json: {} })).json
  const form = { link: link.split("link=")[1] ?? "", name: login, login, password: "a rather long phrase" }
  const said = await api.ask("POST", "/join", { form })
  return { actor: admin.actor, cookie: /=([^;]+)/.exec(said.headers["set-cookie"] ?? "")?.[1] ?? "" }
}

function withBuild(): Promise<ApiTest> {
  return apiTest({ app: smallBuild() })
}

test("where there is no page a browser is told of the page, and a program of the route", async () => {
  const page = await get("/nothing/of%20the%20kind?x=1")
  expect([page.status, main(page)]).toEqual([404, expect.stringContaining("There is no page here Nothing stands at /nothing/of%20the%20kind.")])
  expect(main(page)).not.toContain("/api/docs")
  const said = await api.ask("GET", "/nothing", { as: admin })
  expect([said.status, said.json.code, said.json.remedy]).toEqual([404, "no_such_route", expect.stringContaining("/api/docs")])
})

test("a method that a route does not have is told, with those that it has", async () => {
  const said = await api.ask("PUT", "/api/v1/spaces/samples", { as: admin })
  expect([said.status, said.json.code, said.headers["allow"]]).toEqual([405, "wrong_method", "GET, PATCH, DELETE"])
  expect(said.json.detail).toBe("/api/v1/spaces/samples takes GET, PATCH, DELETE, not PUT.")
})
