/** What the server lets in, and what it says: over every route there is. */
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { bodyFor, NAUGHTY, queryFor } from "#api/bodies.testing.ts"
import { CONTRACT, type Route, type RouteName } from "#api/contract.ts"
import { isPublic, registeredOn } from "#api/routes.testing.ts"
import { type ApiTest, addressed, apiTest, COOKIE, ipynb, ORIGIN, type Someone, smallBuild } from "#api/testing.ts"

let api: ApiTest
let admin: Someone
let editor: Someone
let notebook: string
let run: string

beforeAll(async () => {
  api = await apiTest({ app: smallBuild() })
  admin = await api.someone("Admin", "administrator")
  editor = await api.someone("Edith", "editor")
  notebook = (
    await api.ask("POST", "/api/v1/notebooks?space=team&path=secret/Plans.ipynb", { as: admin, bytes: ipynb("# parameters\nx = 1", "print(x)") })
  ).json.notebook.id
  run = (await api.ask("POST", "/api/v1/runs", { as: admin, json: { notebook } })).json.id
})
afterAll(() => api.close())

const NAMES = Object.keys(CONTRACT) as RouteName[]
const registered = (of: ApiTest = api) => registeredOn(of.server)

function filled(url: string): string {
  return url
    .replace("/:notebook", `/${notebook}`)
    .replace("/:run", `/${run}`)
    .replace("/:space", "/team")
    .replace(/:\w+/g, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    .replace("*", "x")
}

test("the walk sees every route of the contract, and more", () => {
  const urls = new Set(registered().map(({ method, url }) => `${method} ${url}`))
  for (const name of NAMES) expect(urls).toContain(`${CONTRACT[name].method} ${CONTRACT[name].path.replace(/\{(\w+)\}/g, ":$1")}`)
  for (const url of ["/spaces/:space/*", "/n/:space/*", "/templates/*", "/frames/output"]) expect(urls).toContain(`GET ${url}`)
  expect(urls.size).toBeGreaterThan(NAMES.length + 40)
})

describe.each([
  ["nothing", {}],
  ["a token that never was", { authorization: "Bearer stet_01ARZ3NDEKTSV4RRFFQ69G5FAV_0000000000000000000000000000000000000000000000000" }],
  ["half a token", { authorization: "Bearer stet_" }],
  ["another scheme", { authorization: "Basic YWRtaW46YWRtaW4=" }],
  ["a cookie that never was", { cookie: `${COOKIE}=${"a".repeat(43)}` }],
  ["a cookie planted twice", { cookie: `${COOKIE}=${"a".repeat(43)}; ${COOKIE}=${"b".repeat(43)}` }],
])("with %s", (_, headers: Record<string, string>) => {
  test("no route but the public ones answers, by HTTP or upgrade", async () => {
    const { leaks, tried } = await walk(api, headers)
    expect(leaks).toEqual([])
    expect(tried).toBeGreaterThan(200)
  })
})

async function walk(of: ApiTest, headers: Readonly<Record<string, string>>): Promise<{ readonly leaks: readonly string[]; readonly tried: number }> {
  const leaks: string[] = []
  let tried = 0
  for (const { method, url } of registered(of)) {
    if (isPublic({ method, url })) continue
    for (const more of [
      {},
      { connection: "upgrade", upgrade: "websocket", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==", "sec-websocket-version": "13" },
    ]) {
      const said = await of.ask(method, filled(url), { headers: { ...headers, ...more, origin: ORIGIN } })
      tried++
      const isSentToSignIn = said.status === 303 && said.headers["location"]?.startsWith("/sign-in?next=")
      if (![401, 403, 404].includes(said.status) && !isSentToSignIn) leaks.push(`${method} ${url}`)
      if (/Plans|print\(x\)/.test(said.text)) leaks.push(`${method} ${url} tells`)
    }
  }
  return { leaks: [...new Set(leaks)], tried }
}

test("the walk would notice a route that somebody forgot to guard", async () => {
  const leaky = await apiTest({}, undefined, (server) => {
    server.get("/api/v1/debug", async () => ({ all: "open" }))
  })
  try {
    expect((await walk(leaky, {})).leaks).toEqual(["GET /api/v1/debug", "HEAD /api/v1/debug"])
  } finally {
    await leaky.close()
  }
})

test("a token that has ended or was revoked, a session that has ended, a person who is disabled: all of them are nobody", async () => {
  const someone = await api.someone("Gone", "viewer")
  expect((await api.ask("GET", `/api/v1/notebooks/${notebook}`, { as: someone })).status).toBe(200)
  expect((await api.ask("PATCH", `/api/v1/people/${someone.actor.id}`, { as: admin, json: { isDisabled: true } })).status).toBe(200)
  expect((await api.ask("GET", `/api/v1/notebooks/${notebook}`, { as: someone })).status).toBe(401)
  const other = await api.someone("Leaves", "viewer")
  const out = await api.ask("DELETE", "/api/v1/session", { as: other })
  expect([out.status, out.headers["set-cookie"]]).toEqual([204, `${COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`])
  expect((await api.ask("GET", "/api/v1/session", { as: other })).status).toBe(401)
})

const ROLES = ["nobody here", "viewer", "commenter", "runner", "editor", "admin"] as const
const NEEDS: Partial<Record<Route["auth"], number>> = { read: 1, comment: 2, run: 3, edit: 4, administer: 5 }

type Ask = ApiTest["ask"]
type People = Readonly<Record<(typeof ROLES)[number], Someone>>
type Holes = Record<"space" | "notebook" | "run" | "proposal" | "template", string>

let people: People
let own: Holes
let foreign: Holes

async function inhabited(): Promise<void> {
  people = Object.fromEntries(
    await Promise.all(ROLES.map(async (role) => [role, await api.someone(role, role === "nobody here" ? undefined : role)] as const)),
  ) as People
  const space = (await api.ask("POST", "/api/v1/spaces", { as: admin, json: { name: "foreign" } })).json.id
  const other = (await api.ask("POST", "/api/v1/notebooks?space=foreign&path=Other.ipynb", { as: admin, bytes: ipynb("1") })).json.notebook.id
  const otherRun = (await api.ask("POST", "/api/v1/runs", { as: admin, json: { notebook: other } })).json.id
  const proposed = async (of: string, template: string) =>
    (await api.ask("POST", `/api/v1/notebooks/${of}/proposals`, { as: admin, json: { template } })).json.id as string
  own = { space: "team", notebook, run, proposal: await proposed(notebook, "matrix/own"), template: "matrix/own" }
  foreign = { space, notebook: other, run: otherRun, proposal: await proposed(other, "matrix/foreign"), template: "matrix/foreign" }
}

/** Asks every one of these routes as everybody, and gives the cells that answered otherwise than their row of the contract says. */
async function matrix(ask: Ask, names: readonly RouteName[]): Promise<{ readonly wrong: readonly string[]; readonly cells: number }> {
  const wrong: string[] = []
  let cells = 0
  for (const name of names) {
    const route: Route = CONTRACT[name]
    const needs = NEEDS[route.auth]
    if (needs === undefined || ELSEWHERE.has(name)) continue
    for (const [where, holes] of [
      ["own", own],
      ["foreign", foreign],
    ] as const)
      for (const [rank, role] of ROLES.entries()) {
        const said = await ask(
          route.method,
          `${addressed(name, { ...holes, grant: "01ARZ3NDEKTSV4RRFFQ69G5FAV" })}${queryFor(name, where === "own" ? "team" : "foreign")}`,
          { as: people[role], ...bodyFor(name, holes, people["viewer"]) },
        )
        cells++
        const sees = where === "own" && rank > 0
        const may = sees && rank >= needs
        const expected = may ? "let in" : sees ? "denied" : "not there"
        const got =
          said.status === 403
            ? "denied"
            : said.status === 404 &&
                /no_such_(space|notebook|run|grant|template|proposal)|no_such_file/.test(said.json?.code ?? "") &&
                !(may && (/grant|file/.test(said.json.code) || /^(trash|restore)/.test(name)))
              ? "not there"
              : said.status >= 500
                ? `failed ${said.status}`
                : "let in"
        if (got !== expected && !(expected === "denied" && got === "not there" && /no_such_grant/.test(said.json?.code ?? "")))
          wrong.push(`${name} as ${role} on ${where}: ${expected} expected, ${said.status} ${said.json?.code ?? ""}`)
      }
  }
  return { wrong, cells }
}

test("role × object: every route that names a thing answers as its row of the contract says", async () => {
  await inhabited()
  const { wrong, cells } = await matrix(api.ask, NAMES)
  expect(wrong).toEqual([])
  expect(cells).toBeGreaterThan(400)
}, 120_000)

test.each<[RouteName, (typeof ROLES)[number], "own" | "foreign", (typeof ROLES)[number] | "administrator"]>([
  ["labelVersion", "runner", "own", "editor"],
  ["launchRun", "commenter", "own", "runner"],
  ["grantNotebook", "editor", "own", "admin"],
  ["getNotebook", "nobody here", "own", "viewer"],
  ["getNotebook", "admin", "foreign", "administrator"],
  ["setTags", "editor", "own", "viewer"],
])(
  "the matrix would notice a rule that is wrong in one cell: %s of a %s on what is %s, as if it were that of the %s",
  async (name, role, where, as) => {
    const planted: Ask = (method, path, asking) => {
      const isThere = asking?.as === people[role] && path.includes(where === "own" ? notebook : foreign.notebook)
      const isLaunch = name === "launchRun" && asking?.as === people[role] && JSON.stringify(asking.json).includes(notebook)
      return api.ask(method, path, isThere || isLaunch ? { ...asking, as: as === "administrator" ? admin : people[as] } : asking)
    }
    const { wrong, cells } = await matrix(planted, [name])
    expect(cells).toBe(12)
    expect(wrong).toEqual([expect.stringMatching(`^${name} as ${role} on ${where}: `)])
  },
)

// What is destroyed for good, sent elsewhere, or belongs to somebody beside its space is tried with things of its own in its own test.
const ELSEWHERE: ReadonlySet<string> = new Set([
  "trashSpace",
  "restoreSpace",
  "importUrl",
  "getEvents",
  "changeComment",
  "deleteComment",
  "copyResult",
  "allowKernel",
  "forbidKernel",
  "endLiveSession",
  "getTestRun",
  "answerTestRun",
  "getTestCoverage",
])

test("every answer carries the headers, whatever becomes of the request", async () => {
  const poor: string[] = []
  const asked = registered().flatMap(({ method, url }) => [
    [method, filled(url), method === "GET" ? admin : undefined] as const,
    [method, filled(url), undefined] as const,
  ])
  for (const [method, url, as] of [
    ...asked,
    ["GET", "/nothing", admin] as const,
    ["GET", "/%", undefined] as const,
    ["POST", "/api/v1/nothing", admin] as const,
  ]) {
    if (/events$|sign-out|\/disable|\/trash$|\/api\/v1\/session/.test(url)) continue
    const said = await api.ask(method, url, { as, headers: { accept: "text/html,*/*" } })
    const { headers } = said
    const policy = headers["content-security-policy"] ?? ""
    const isHtml = /text\/html/.test(headers["content-type"] ?? "")
    const missing = [
      headers["x-content-type-options"] === "nosniff" ? "" : "nosniff",
      /^(no-referrer|same-origin)$/.test(headers["referrer-policy"] ?? "") ? "" : "referrer",
      headers["cross-origin-resource-policy"] === "same-origin" ? "" : "corp",
      headers["cross-origin-opener-policy"] === "same-origin" ? "" : "coop",
      headers["cache-control"] === undefined ? "cache-control" : "",
      /frame-ancestors '(none|self)'/.test(policy) ? "" : "frame-ancestors",
      isHtml && !/^sandbox|nonce-/.test(policy) ? "a policy for pages" : "",
      // What runs inline runs in a frame of no origin.
      isHtml && /unsafe-inline/.test(policy) && !/(^|; )sandbox allow-scripts(;|$)/.test(policy) ? "no unsafe-inline" : "",
      headers["access-control-allow-origin"] === undefined ? "" : "no cors",
      headers["x-powered-by"] === undefined && headers["server"] === undefined ? "" : "no boasting",
    ].filter((word) => word !== "")
    if (missing.length > 0) poor.push(`${method} ${url} ${said.status}: ${missing.join(", ")}`)
  }
  expect(poor).toEqual([])
})

test("what people made is never shown on this origin: it is for saving, or sandboxed", async () => {
  const html = "<script>fetch('/api/v1/session')</script>"
  await api.ask("PUT", "/api/v1/files/content?space=team&path=evil.html", { as: editor, bytes: html, headers: { "content-type": "text/html" } })
  for (const path of [
    "/api/v1/files/content?space=team&path=evil.html",
    `/api/v1/notebooks/${notebook}/content`,
    `/api/v1/notebooks/${notebook}/versions/1/content`,
  ]) {
    const said = await api.ask("GET", path, { as: editor })
    expect(said.status).toBe(200)
    expect(said.headers["content-type"]).not.toMatch(/html|svg|xml|script/)
    expect(said.headers["content-disposition"]).toMatch(/^attachment; /)
    expect(said.headers["content-security-policy"]).toMatch(/^sandbox;/)
  }
  const page = await api.ask("GET", `/notebooks/${notebook}/versions/1/page`, { as: editor })
  expect(page.status).toBe(200)
  expect(page.headers["content-security-policy"]).toMatch(/^sandbox allow-scripts/)
  expect(page.headers["content-security-policy"]).not.toMatch(/allow-same-origin|script-src|default-src/)
})

test("cross-site requests are refused on every route that changes something", async () => {
  const taken: string[] = []
  for (const { method, url } of registered()) {
    if (["GET", "HEAD", "OPTIONS"].includes(method)) continue
    const body = /^\/api\//.test(url) ? { bytes: "{}" } : { form: { a: "b" } }
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:7838.evil.example" },
      { origin: "http://localhost:9999" },
      { origin: ORIGIN.toUpperCase() },
      { origin: "https://evil.example", "content-type": "text/plain" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ] as Record<string, string>[]) {
      const said = await api.ask(method, filled(url), { as: admin, ...body, headers: { "x-stet": "1", ...headers } })
      if (said.status !== 403 || !/origin/i.test(said.text)) taken.push(`${method} ${url} with ${JSON.stringify(headers)}: ${said.status}`)
    }
    const simple = await api.server.inject({
      method: method as "POST",
      url: filled(url),
      headers: { host: "localhost:7838", cookie: `${COOKIE}=${admin.cookie}`, "content-type": "text/plain" },
      payload: "{}",
    })
    if (![403, 404].includes(simple.statusCode)) taken.push(`${method} ${url} as text/plain: ${simple.statusCode}`)
  }
  expect(taken).toEqual([])
})

test("content is not taken in by other sites as a script, picture or frame", async () => {
  for (const path of [`/api/v1/notebooks/${notebook}/content`, "/api/v1/notebooks", `/notebooks/${notebook}/versions/1/page`])
    for (const dest of ["script", "image", "iframe", "style", "empty"]) {
      const said = await api.ask("GET", path, {
        as: editor,
        headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": dest },
      })
      expect([path, dest, said.status]).toEqual([path, dest, 403])
    }
})

test("another name for this address is refused before anything else", async () => {
  const said = await api.ask("GET", "/", { as: admin, headers: { host: "rebound.example:7838" } })
  expect([said.status]).toEqual([421])
})

const TRAVERSALS = [
  "../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "..%252f..%252fetc%252fpasswd",
  "....//....//etc/passwd",
  "..\\..\\windows\\win.ini",
  "..%5c..%5cwindows%5cwin.ini",
  "%2e%2e/%2e%2e/etc/passwd",
  "/etc/passwd",
  "//etc/passwd",
  "\\\\host\\share\\x",
  "file:///etc/passwd",
  "C:\\boot.ini",
  "a/../../b",
  "./a",
  "a/./b",
  "a//b",
  "a/",
  ".",
  "..",
  "%00",
  "a%00.ipynb",
  "..;/x",
  "..%c0%af..%c0%afetc/passwd",
  "%uff0e%uff0e/etc",
  "․․/etc/passwd",
  "‥/etc",
  "a\u0000b",
  "team/../foreign/Other.ipynb",
  "~/.ssh/id_rsa",
  "$HOME/x",
  "%7e/x",
  "con",
  "nul.ipynb",
  "a".repeat(5000),
]

test("no path leads out: on every route that takes one", async () => {
  const odd: string[] = []
  let tried = 0
  for (const traversal of TRAVERSALS)
    for (const encode of [(text: string) => text, encodeURIComponent] as const) {
      const given = encode(traversal)
      await Promise.all(
        (
          [
            ["GET", `/api/v1/notebooks/${given}`, undefined],
            ["GET", `/api/v1/notebooks/${given}/content`, undefined],
            ["GET", `/api/v1/files/content?space=team&path=${given}`, undefined],
            ["PUT", `/api/v1/files/content?space=team&path=${given}`, "x"],
            ["POST", `/api/v1/notebooks?space=team&path=${given}`, ipynb("1")],
            ["GET", `/api/v1/spaces/${given}`, undefined],
            ["GET", `/api/v1/spaces/team/items?folder=${given}`, undefined],
            ["GET", `/api/v1/runs/${run}/artifacts/content?path=${given}`, undefined],
            ["GET", `/assets/${given}`, undefined],
            ["GET", `/api/v1/runs/${given}`, undefined],
            ["GET", `/api/v1/export?space=team&folder=${given}`, undefined],
          ] as const
        ).map(async ([method, path, body]) => {
          const said = await api.ask(method, path.replace(/[\u0000\ud800-\udfff]/g, "%00"), {
            as: editor,
            ...(body === undefined ? {} : { bytes: body }),
          })
          tried++
          const isRefused = said.status >= 400 && said.status < 500
          // A name that only looks odd is a name; it stays within its space.
          const isKept =
            said.status < 300 &&
            (method !== "GET" || said.text === "x" || /items\?|export|notebooks\/?$|runs\/?$|assets\/\.?\.?$/.test(path)) &&
            !/root:x:0|\[fonts\]/.test(said.text)
          if (!isRefused && !isKept && said.status !== 404) odd.push(`${method} ${path.slice(0, 90)} → ${said.status} ${said.text.slice(0, 80)}`)
          if (/root:x:0/.test(said.text)) odd.push(`${path} leaks`)
        }),
      )
    }
  const names = (await api.ask("GET", "/api/v1/files?space=team&limit=500", { as: editor })).json.items.map((file: { path: string }) => file.path)
  for (const name of names) if (/(^|\/)\.{1,2}(\/|$)|\\|\0|^\//.test(name)) odd.push(`a file is called ${JSON.stringify(name)}`)
  expect(odd).toEqual([])
  expect(tried).toBeGreaterThan(700)
})

test("naughty strings in every query of API and pages: never a failure, and never as markup", async () => {
  const failed: string[] = []
  const queried = [
    "/api/v1/search?q=",
    "/api/v1/notebooks?name=",
    "/api/v1/notebooks?tag=",
    "/api/v1/notebooks?cursor=",
    "/api/v1/runs?label=",
    "/api/v1/runs?cursor=",
    "/api/v1/people?q=",
    "/api/v1/environments?name=",
    "/api/v1/environments?cursor=",
    "/api/v1/audit?cursor=",
    "/search?q=",
    "/runs?state=",
    "/runs?notebook=",
    "/?cursor=",
    "/sign-in?next=",
    "/join?link=",
  ]
  for (const text of NAUGHTY) {
    const looked = queried.map(async (path) => {
      const said = await api.ask("GET", path + encodeURIComponent(text.toWellFormed()).slice(0, 8000), { as: admin })
      if (said.status >= 500) failed.push(`GET ${path}${JSON.stringify(text.slice(0, 40))}: ${said.status}`)
      if (/text\/html/.test(said.headers["content-type"] ?? "") && /<script>alert|onmouseover="alert/.test(said.text))
        failed.push(`GET ${path} shows markup of others`)
    })
    await Promise.all(looked)
  }
  expect(failed).toEqual([])
}, 120_000)

test("any bytes as a body, any query: refused, never failed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...NAMES),
      fc.uint8Array({ maxLength: 60 }),
      fc.option(fc.string({ maxLength: 20 })),
      async (name, bytes, query) => {
        const route: Route = CONTRACT[name]
        if (name === "getEvents" || name === "signOut" || /session|disable|password/i.test(name)) return
        const type: string = route.body?.kind === "json" ? "application/json" : "application/octet-stream"
        const said = await api.ask(
          route.method,
          `${addressed(name)}${query === null ? queryFor(name, "team") : `?${encodeURIComponent(query)}=${encodeURIComponent(query)}`}`,
          {
            as: editor,
            bytes,
            headers: { "content-type": type },
          },
        )
        expect(said.status, `${name} ${said.text}`).toBeLessThan(500)
      },
    ),
    // The full tier of `npm run attack`.
    { numRuns: process.env["STET_TEST_ATTACK"] === "full" ? 3000 : 150 },
  )
})

test("a secret is in no log line and no answer that failed, and an answer that failed holds only its number", async () => {
  const canary = "c4n4ry5ecret"
  const cookie = `${COOKIE}=${canary}${"a".repeat(43 - canary.length)}`
  const broken = await apiTest({}, (world) => ({ ...world, people: { ...world.people, db: undefined as never } }))
  try {
    for (const path of ["/api/v1/notebooks", `/api/v1/search?q=x&token=${canary}`, `/?link=${canary}`]) {
      const said = await broken.ask("GET", path, { headers: { cookie, referer: `http://localhost:7838/sign-in?link=${canary}`, "x-secret": canary } })
      expect(said.status).toBe(500)
      expect(said.text).not.toContain(canary)
      expect(said.text).not.toMatch(/TypeError|at .*\.ts|node_modules/)
    }
    const said = await broken.ask("POST", "/api/v1/sign-in", { json: { login: canary, password: canary } })
    expect(said.status).toBe(500)
    expect(said.text).not.toContain(canary)
    expect(broken.lines.filter((line) => line.includes(said.json.instance) && line.includes('"level":"error"'))).toHaveLength(1)
    expect(broken.lines.join("")).not.toContain(canary)
  } finally {
    await broken.close()
  }
})

test("too many strangers wait, and those who are known do not", async () => {
  const strict = await apiTest({ rates: { actor: { burst: 50, perSecond: 1 }, stranger: { burst: 20, perSecond: 1 } } })
  try {
    const known = await strict.someone("Known", "viewer")
    const bad = { authorization: `Bearer stet_01ARZ3NDEKTSV4RRFFQ69G5FAV_${"0".repeat(49)}` }
    const said = await Promise.all(Array.from({ length: 12 }, () => strict.ask("GET", "/api/v1/session", { headers: bad, address: "10.0.0.9" })))
    expect(said.filter(({ status }) => status === 429).length).toBeGreaterThan(4)
    expect(Number(said.find(({ status }) => status === 429)?.headers["retry-after"])).toBeGreaterThan(0)
    expect((await strict.ask("GET", "/api/v1/session", { as: known, address: "10.0.0.10" })).status).toBe(200)
    const many = await Promise.all(Array.from({ length: 60 }, () => strict.ask("GET", "/api/v1/session", { as: known, address: "10.0.0.10" })))
    expect(many.filter(({ status }) => status === 429).length).toBeGreaterThan(5)
  } finally {
    await strict.close()
  }
})
