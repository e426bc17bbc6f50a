/** The vocabulary of the API's tests: a whole platform with a server before it, people who ask it, and what they get. */
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliCompressSync } from "node:zlib"
import type { FastifyInstance, InjectOptions } from "fastify"
import { CONTRACT, type RouteName } from "#api/contract.ts"
import { logTo } from "#api/log.ts"
import { buildServer } from "#api/server.ts"
import type { ApiOptions, ApiWorld } from "#api/world.ts"
import { Fault } from "#base/fault.ts"
import { zipArchives } from "#library/adapters/zip-reader.ts"
import { zipOf } from "#library/adapters/zip-writer.ts"
import { argon2Passwords } from "#people/adapters/argon2.ts"
import { signingKey } from "#people/adapters/signing-key.ts"
import { openPeople } from "#people/adapters/world.ts"
import type { Actor, Role } from "#people/index.ts"
import { createToken } from "#people/index.ts"
import { beginSession } from "#people/sql/sessions.ts"
import { signerIn } from "#template/adapters/signer.ts"
import { type Platform, platform } from "#work/testing.ts"

export const ORIGIN = "http://localhost:7838"
export const COOKIE = "stet-7838"

export type Someone = { readonly actor: Actor; readonly cookie: string; readonly token?: string }

export type Asking = {
  readonly as?: Someone | undefined
  /** How the person is known: by a token where there is one, else by the session's cookie and the header of our own client. */
  readonly by?: "cookie" | "token"
  readonly json?: unknown
  readonly bytes?: Uint8Array | string
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly address?: string
}

export type Said = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly bytes: Uint8Array
  /** Whatever it was. */
  readonly json: ReturnType<typeof JSON.parse>
}

export type ApiTest = {
  readonly platform: Platform
  readonly world: ApiWorld
  readonly server: FastifyInstance
  /** Lines of the log, as they were written. */
  readonly lines: readonly string[]
  someone(name: string, role?: Role | "administrator"): Promise<Someone>
  /** The same person by a token with these scopes. */
  withToken(who: Someone, ...scopes: readonly string[]): Promise<Someone>
  ask(method: string, path: string, asking?: Asking): Promise<Said>
  close(): Promise<void>
}

// Signing in is tried, not measured: the least that argon2 computes.
const QUICK = { algorithm: 2, memoryCost: 64, timeCost: 1, parallelism: 1, outputLen: 32 } as const

export async function apiTest(
  options: Partial<ApiOptions> = {},
  change: (world: ApiWorld) => ApiWorld = (world) => world,
  /** Adds what should not be there, to see that it is found. */
  plant: (server: FastifyInstance) => void = () => undefined,
): Promise<ApiTest> {
  const home = await platform()
  const lines: string[] = []
  const people = { ...openPeople({ db: home.world.db, clock: home.world.clock }), passwords: argon2Passwords(QUICK) }
  const world: ApiWorld = change({
    people,
    library: {
      ...home.library,
      archives: zipArchives,
      fetch: async (url) => {
        throw new Fault("storage_forbidden", `${url} may not be read from here.`)
      },
    },
    zip: zipOf,
    environment: { machine: undefined as never, kernels: async () => [], clock: home.world.clock, db: home.world.db, mayCompile: false },
    work: home.world,
    signer: signerIn(join(home.home, "keys"), signingKey),
    listen: home.world.listen,
    clock: home.world.clock,
    random: home.world.random,
    sha256: (data) => createHash("sha256").update(data).digest("hex"),
    log: logTo((line) => lines.push(line), Date.now),
    ready: async () => [{ name: "database", ok: true, message: "" }],
    health: async () => ({ ok: true, version: "test", checks: [] }),
  })
  const rates = { actor: { burst: 1e6, perSecond: 1e6 }, stranger: { burst: 1e6, perSecond: 1e6 } }
  const server = await buildServer(world, { url: ORIGIN, version: "test", uploadFolder: join(home.home), rates, ...options })
  plant(server)
  await server.ready()
  return {
    platform: home,
    world,
    server,
    lines,
    someone: (name, role) => someone(world, home, name, role),
    async withToken(who, ...scopes) {
      const made = await createToken(world.people, who.actor, { name: "test", scopes, days: 1 })
      if (!made.ok) throw new Error(made.refusal.message)
      return { ...who, token: made.value.token }
    },
    ask: (method, path, asking) => ask(server, method, path, asking),
    async close() {
      await server.close()
      await home.close()
    },
  }
}

/** A build of the web app that is small enough to be written down here; gives the folder, which lies with the system's own passing things. */
export function smallBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), "stet-build-"))
  const write = (name: string, what: string | Uint8Array) => writeFileSync(join(folder, name), what)
  mkdirSync(join(folder, "assets"))
  write("index.html", '<head></head><script nonce="__stet_nonce__" src="/assets/a-1.js"></script>')
  mkdirSync(join(folder, ".vite"))
  write(
    ".vite/manifest.json",
    JSON.stringify({
      "index.html": { file: "assets/a-1.js", imports: ["_shared"] },
      _shared: { file: "assets/shared-1.js" },
      _editor: { file: "assets/editor-1.js", imports: ["_shared", "notebook/notebook-page.tsx"] },
      "notebook/notebook-page.tsx": { file: "assets/notebook-1.js", imports: ["_shared", "_editor"], css: ["assets/notebook-1.css"] },
    }),
  )
  write("built.json", "{}")
  write("assets/a-1.js", "run()")
  write("assets/a-1.js.br", brotliCompressSync("run()"))
  write("assets/secret.txt", "no")
  write("assets/inter-latin-wght-normal-x.woff2", "font")
  return folder
}

async function someone(world: ApiWorld, home: Platform, name: string, role?: Role | "administrator"): Promise<Someone> {
  const actor = role === "administrator" ? home.admin : await home.person(name, role)
  const began = await world.people.db
    .transaction()
    .execute((tx) => beginSession(world.people, tx, actor, { address: "127.0.0.1", userAgent: "test" }))
  return { actor: began.actor, cookie: began.value }
}

async function ask(
  server: FastifyInstance,
  method: string,
  path: string,
  { as, by = as?.token === undefined ? "cookie" : "token", json, bytes, form, headers = {}, address }: Asking = {},
): Promise<Said> {
  const credential = !as
    ? {}
    : by === "token"
      ? { authorization: `Bearer ${as.token}` }
      : { cookie: `${COOKIE}=${as.cookie}`, ...(form ? {} : { "x-stet": "1" }) }
  const type =
    json !== undefined
      ? { "content-type": "application/json" }
      : form
        ? { "content-type": "application/x-www-form-urlencoded", origin: ORIGIN }
        : bytes !== undefined
          ? { "content-type": "application/octet-stream" }
          : {}
  const payload =
    json !== undefined
      ? JSON.stringify(json)
      : form
        ? new URLSearchParams(form).toString()
        : bytes === undefined
          ? undefined
          : typeof bytes === "string"
            ? bytes
            : Buffer.from(bytes)
  const response = await server.inject({
    method: method as NonNullable<InjectOptions["method"]> & "GET",
    url: path,
    headers: { host: "localhost:7838", ...credential, ...type, ...headers },
    ...(payload === undefined ? {} : { payload }),
    ...(address === undefined ? {} : { remoteAddress: address }),
  })
  const text = response.body
  const isJson = /json/.test(String(response.headers["content-type"] ?? "")) && !/ipynb/.test(String(response.headers["content-type"]))
  return {
    status: response.statusCode,
    headers: response.headers as Record<string, string>,
    text,
    bytes: response.rawPayload,
    json: isJson && text !== "" ? JSON.parse(text) : undefined,
  }
}

/** Every route of the contract with something in each of its holes. */
export function addressed(name: RouteName, holes: Readonly<Record<string, string>> = {}): string {
  return CONTRACT[name].path.replace(/\{(\w+)\}/g, (_, hole: string) => encodeURIComponent(holes[hole] ?? PLACEHOLDERS[hole] ?? "1"))
}

const NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  person: NOWHERE,
  group: NOWHERE,
  invite: NOWHERE,
  token: NOWHERE,
  grant: NOWHERE,
  notebook: NOWHERE,
  run: NOWHERE,
  comment: NOWHERE,
  proposal: NOWHERE,
  template: "nothing/here",
  channel: "prod",
  number: "1",
  name: "one",
  live: NOWHERE,
  execution: NOWHERE,
  sha256: "0".repeat(64),
  space: "nowhere",
  session: "0".repeat(64),
  environment: "none",
  version: "1",
  cell: "0",
  output: "0",
  link: NOWHERE,
  upload: NOWHERE,
}

/** The bytes of a small notebook with these code cells. */
export function ipynb(...sources: readonly string[]): Uint8Array {
  const cells = sources.map((source, i) => ({
    id: `c${i}`,
    cell_type: "code",
    metadata: source.startsWith("# parameters") ? { tags: ["parameters"] } : {},
    source,
    outputs: [],
    execution_count: null,
  }))
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }
  return new TextEncoder().encode(`${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, undefined, 1)}\n`)
}
