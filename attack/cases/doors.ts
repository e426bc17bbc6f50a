/** Every route there is, to somebody who may not: by no credential, a wrong one, an ended one, somebody else's; by another host, from another page; as an upgrade. */
import { fileURLToPath } from "node:url"
import { openBuild } from "../../src/api/app/build.ts"
import { SCREENS } from "../../src/api/app/serve.ts"
import { CLOSED } from "../../src/api/live.ts"
import { isPublic, type Registered, registeredRoutes } from "../../src/api/routes.testing.ts"
import type { Attack, Tally } from "../attack.ts"
import type { Credential, Target } from "../target.ts"
import { closingOf, inLanes, type Said, type Sent } from "../wire.ts"

const NOBODY_EVER = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
const UPGRADE = { connection: "upgrade", upgrade: "websocket", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==", "sec-websocket-version": "13" }

/** A route's address with the vault's things in its holes. */
export function filled(url: string, { vault }: Pick<Target, "vault">): string {
  return url
    .replace("/:notebook", `/${vault.notebook}`)
    .replace("/:run", `/${vault.run}`)
    .replace("/:space", `/${vault.space}`)
    .replace(/:\w+/g, NOBODY_EVER)
    .replace("*", `${vault.mark}.ipynb`)
}

const strangers = ({ expired, platform }: Target): readonly (readonly [string, Credential])[] => [
  ["nothing", {}],
  ["a token that never was", { authorization: `Bearer stet_${NOBODY_EVER}_${"0".repeat(49)}` }],
  ["half a token", { authorization: "Bearer stet_" }],
  ["another scheme", { authorization: "Basic YWRtaW46YWRtaW4=" }],
  ["a cookie that never was", { cookie: `stet-${platform.port}=${"a".repeat(43)}` }],
  ...expired,
]

/** Gives a request for every route; those that end a session, or change the asker, come last. */
async function asked(target: Target): Promise<readonly (Registered & { readonly path: string })[]> {
  const routes = await registeredRoutes()
  return routes.map((route) => ({ ...route, path: filled(route.url, target) }))
}

export const WITHOUT_RIGHT: Attack = {
  name: "every route, by HTTP and upgrade, without a right to it",
  async run(target) {
    const holes: string[] = []
    let tried = 0
    const routes = await asked(target)
    const cases = strangers(target).flatMap(([who, headers]) =>
      routes.flatMap((route) => [
        { who, headers, route, more: {} },
        { who, headers, route, more: UPGRADE },
      ]),
    )
    await inLanes(cases, 8, async ({ who, headers, route, more }) => {
      if (isPublic(route)) return
      tried++
      const said = await target.wire.ask({ ...route, headers: { ...headers, ...more, origin: target.platform.url } })
      const isSentToSignIn = said.status === 303 && (said.headers["location"] ?? "").startsWith("/sign-in?next=")
      if (![401, 403, 404].includes(said.status) && !isSentToSignIn && !isShut(said, [CLOSED.notSignedIn]))
        holes.push(`${route.method} ${route.url} with ${who}: ${said.status} ${said.text.slice(0, 80)}`)
      if (said.text.includes(target.vault.mark)) holes.push(`${route.method} ${route.url} with ${who} tells what is in the vault`)
    })
    return { tried, holes }
  },
}

/** A browser sees no status of an upgrade: what is for a WebSocket may say no by closing it, before anything else is said. */
function isShut(said: Said, codes: readonly number[]): boolean {
  return said.status === 101 && codes.includes(closingOf(said.bytes) ?? 0)
}

export const FOREIGN: Attack = {
  name: "every route, by somebody without any right to what it names",
  async run(target) {
    const holes: string[] = []
    let tried = 0
    const isShell = await shellOf(target)
    for (const route of await asked(target)) {
      const names = /:(notebook|run|space)\b/.test(route.url)
      for (const more of [{}, UPGRADE]) {
        tried++
        const said = await target.wire.ask({ ...route, ...bodyOf(route), headers: { ...bodyOf(route).headers, ...target.foreign, ...more } })
        const isKept = [400, 403, 404, 415, 422].includes(said.status) || isShut(said, [CLOSED.mayNot, CLOSED.gone])
        if (names && !isKept && !(await isShell(route, said))) holes.push(`${route.method} ${route.url}: ${said.status} ${said.text.slice(0, 80)}`)
        // There is no identity provider to be sent to.
        const isProvider = route.url === "/sign-in/sso" && said.status === 502
        if ((said.status >= 500 && !isProvider) || said.status === 0)
          holes.push(`${route.method} ${route.url} fails: ${said.status} ${said.text.slice(0, 120)}`)
        // A path that was asked for may come back in the answer.
        if (said.text.replaceAll(route.path, "").replaceAll(`${target.vault.mark}.ipynb`, "").includes(target.vault.mark))
          holes.push(`${route.method} ${route.url} tells somebody without a right what is in the vault`)
      }
    }
    return { tried, holes }
  },
}

/** As it was built, when nobody was there of whom it could know anything; with the names of the parts that each screen is made of. */
const BUILT = openBuild(fileURLToPath(new URL("../../build/web", import.meta.url)))
/** What differs from answer to answer, or from screen to screen, and says nothing of anybody. */
const PASSING = new Set(["date", "x-request-id", "connection", "keep-alive", "content-length"])

/**
 * Whether an answer is the app's page and nothing else. That page stands at the address of every screen, and asks the API for
 * what it shows: each byte of it has to be one that was built, and each header one that the first screen has as well.
 */
async function shellOf({ wire, foreign }: Target): Promise<(route: Registered, said: Said) => Promise<boolean>> {
  const headersOf = ({ headers }: Said) =>
    JSON.stringify(Object.entries(headers).flatMap(([name, value]) => (PASSING.has(name) ? [] : [[name, value.replaceAll(nonceOf(headers), "")]])))
  const first = new Map<string, string>()
  for (const method of ["GET", "HEAD"]) first.set(method, headersOf(await wire.ask({ method, path: "/", headers: foreign })))
  return async ({ method, url }, said) => {
    const nonce = nonceOf(said.headers)
    const text = method === "HEAD" ? "" : await BUILT.page(nonce, SCREENS[url])
    return said.status === 200 && /^[\w-]{24}$/.test(nonce) && said.text === text && headersOf(said) === first.get(method)
  }
}

function nonceOf(headers: Said["headers"]): string {
  return /'nonce-([^']+)'/.exec(headers["content-security-policy"] ?? "")?.[1] ?? ""
}

function bodyOf({ method, url }: Registered): Partial<Sent> {
  if (["GET", "HEAD", "DELETE"].includes(method)) return {}
  const type = url.startsWith("/api/") ? "application/json" : "application/x-www-form-urlencoded"
  return { body: url.startsWith("/api/") ? "{}" : "a=b", headers: { "content-type": type } }
}

const hosts = (port: number) => [
  "evil.example",
  `rebound.example:${port}`,
  `localhost.evil.example:${port}`,
  `localhost:${port}.evil.example`,
  `localhost:${port + 1}`,
  `localhost`,
  `127.0.0.1.nip.io:${port}`,
  `[::ffff:127.0.0.1]:${port}`,
  `localhost.:${port}`,
  `evil.example@localhost:${port}`,
  `2130706433:${port}`,
  " ",
]

export const HOSTS: Attack = {
  name: "every route, under another host's name",
  async run(target, tier) {
    const holes: string[] = []
    let tried = 0
    const names = tier === "full" ? hosts(target.platform.port) : hosts(target.platform.port).slice(0, 3)
    for (const route of await asked(target)) {
      if (/^\/(livez|readyz|metrics)$/.test(route.url)) continue
      await inLanes(names, 4, async (host) => {
        tried++
        const said = await target.wire.ask({ ...route, headers: { ...target.adminCookie, host } })
        // What cannot be a name is refused by the parser already.
        if (said.status !== 421 && said.status !== 400) holes.push(`${route.method} ${route.url} as ${JSON.stringify(host)}: ${said.status}`)
      })
    }
    return { tried, holes }
  },
}

const origins = (port: number): readonly Credential[] => [
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: `http://localhost:${port}.evil.example` },
  { origin: `http://localhost:${port}comedy` },
  { origin: "http://localhost:9999" },
  { origin: `https://localhost:${port}` },
  { origin: `HTTP://LOCALHOST:${port}` },
  { origin: `http://xn--localhost-9xa:${port}` },
  { origin: `http://evil.example@localhost:${port}` },
  { origin: `http://localhost:${port}/` },
  { origin: `http://[::ffff:127.0.0.1]:${port}` },
  { origin: "file://" },
  { origin: "" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
]

export const ORIGINS: Attack = {
  name: "every route that changes something, from another site's page",
  async run(target, tier) {
    const holes: string[] = []
    let tried = 0
    const from = tier === "full" ? origins(target.platform.port) : origins(target.platform.port).slice(0, 4)
    for (const route of await asked(target)) {
      if (["GET", "HEAD", "OPTIONS"].includes(route.method)) continue
      const body = bodyOf(route)
      await inLanes(from, 4, async (headers) => {
        tried++
        const said = await target.wire.ask({ ...route, ...body, headers: { ...body.headers, ...target.adminCookie, ...headers } })
        if (said.status !== 403) holes.push(`${route.method} ${route.url} from ${JSON.stringify(headers)}: ${said.status}`)
      })
    }
    return { tried, holes }
  },
}

/** The one route that is for a WebSocket. */
const LIVE = "/api/v1/notebooks/:notebook/live"

export const UPGRADES: Attack = {
  name: "an upgrade of every route, by those who may use it",
  async run(target, tier) {
    const holes: string[] = []
    let tried = 0
    const protocols = tier === "full" ? ["websocket", "h2c", "WebSocket, h2c", "TLS/1.0", "\tstet"] : ["websocket"]
    const routes = (await asked(target)).filter(({ method, url }) => method === "GET" && !/events$/.test(url))
    const nowhere = { method: "GET", url: "/nothing", path: "/nothing" }
    for (const route of [...routes, nowhere])
      await inLanes(protocols, 4, async (upgrade) => {
        for (const who of [target.admin, target.adminCookie]) {
          tried++
          const said = await target.wire.ask({ ...route, headers: { ...who, ...UPGRADE, upgrade } })
          // A cookie alone opens none: a browser also says from which page.
          if (route.url === LIVE && upgrade === "websocket" && who === target.admin) {
            if (!said.text.includes('"tell":"welcome"'))
              holes.push(`GET ${route.url} is shut to those who may: ${said.status} ${said.text.slice(0, 80)}`)
          } else if (said.status === 101 || said.headers["upgrade"] !== undefined)
            holes.push(`GET ${route.url} changes over to ${upgrade}: ${said.status}`)
          if (said.status === 0) holes.push(`GET ${route.url} is silent on ${upgrade}: ${said.text}`)
        }
      })
    return { ...mustBeServed(holes, tried, await target.wire.ask({ method: "GET", path: "/api/v1/session", headers: target.admin })), tried }
  },
}

/** Nothing that was tried may have shut the door to those who may enter. */
function mustBeServed(holes: readonly string[], tried: number, said: Said): Tally {
  return { tried, holes: said.status === 200 ? holes : [...holes, `afterwards nobody is let in: ${said.status} ${said.text.slice(0, 80)}`] }
}
