/** Everywhere that something can be read afterwards. */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { sql } from "kysely"
import { processesIn } from "../faults/processes.ts"
import { zipArchives } from "../src/library/adapters/zip-reader.ts"
import type { Tier } from "./attack.ts"
import type { Sink } from "./canaries.ts"
import type { Target } from "./target.ts"

const LIMIT = { maxOutputLength: 200_000_000 }

/** Every file below a folder, as it is and unpacked where it is packed. */
export function filesIn(folder: string, called: string): readonly Sink[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
  return names.flatMap((name) => {
    const bytes = contentOf(join(folder, name))
    return bytes
      ? [
          { name: `${called}/${name}`, bytes },
          { name: `${called}: names`, bytes: Buffer.from(name) },
          ...unpacked(bytes).map((plain) => ({ name: `${called}/${name} unpacked`, bytes: plain })),
        ]
      : []
  })
}

function contentOf(path: string): Uint8Array | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path) : undefined
  } catch {
    // Gone meanwhile, or a socket.
    return undefined
  }
}

function unpacked(bytes: Uint8Array): readonly Uint8Array[] {
  const ways = [
    () => zstdDecompressSync(bytes, LIMIT),
    () => gunzipSync(bytes, LIMIT),
    () => brotliDecompressSync(bytes.subarray(1), LIMIT),
    () => brotliDecompressSync(bytes, LIMIT),
  ]
  return ways.flatMap((way) => {
    try {
      return [way()]
    } catch {
      return []
    }
  })
}

/** Answers of the API and pages to the administrator, who may read everything. */
export async function answers(target: Target, runs: readonly string[]): Promise<readonly Sink[]> {
  const { wire, client, admin, adminCookie, secrets, vault } = target
  const metrics = { authorization: `Bearer ${secrets.get("STET_METRICS_TOKEN")}` }
  const ofRuns = runs.flatMap((run) =>
    [
      "",
      "/events",
      "/log?limitBytes=4194304",
      "/outputs",
      "/artifacts",
      "/attempts",
      "/result",
      "/result.html",
      "/cells/0/outputs/0",
      "/cells/1/outputs/0",
    ].map((what) => [`/api/v1/runs/${run}${what}`, admin] as const),
  )
  const notebooks = await Promise.all(runs.map(async (run) => (await client.call("getRun", { params: { run } })).notebook.id))
  const ofNotebooks = notebooks.flatMap((notebook) =>
    ["", "/content", "/draft", "/versions", "/versions/1", "/versions/1/content", "/versions/1/manifest", "/comments", "/usage"].map(
      (what) => [`/api/v1/notebooks/${notebook}${what}`, admin] as const,
    ),
  )
  const pages = [
    "/",
    "/spaces/open",
    "/runs",
    ...runs.map((run) => `/runs/${run}`),
    ...notebooks.map((notebook) => `/notebooks/${notebook}/versions/1/page`),
    "/settings/audit",
    "/search?q=c4n4ry",
    "/sign-in",
    "/nothing",
  ].map((path) => [path, adminCookie] as const)
  const others = [
    "runs?limit=200",
    "search?q=c4n4ry&limit=100",
    "audit?limit=200",
    "health",
    "workers",
    "tokens",
    "sessions",
    "invites",
    "people",
    "groups",
    "environments",
    "spaces",
    "spaces/open/items",
    "spaces/open/items?folder=secrets",
    "inbox",
    "live-sessions",
    "templates",
    "notebooks",
    `notebooks/${vault.notebook}`,
    "session",
    "files?space=open",
  ].map((path) => [`/api/v1/${path}`, admin] as const)
  const open = ["/api/openapi.json", "/api/docs", "/livez", "/readyz", "/robots.txt"].map((path) => [path, {}] as const)
  const sinks: Sink[] = []
  for (const [path, headers] of [...ofRuns, ...ofNotebooks, ...pages, ...others, ...open, ["/metrics", metrics] as const]) {
    const { status, bytes, headers: said } = await wire.ask({ method: "GET", path, headers })
    if (status >= 500 || status === 0) throw new Error(`GET ${path}: ${status}`)
    sinks.push({
      name: `GET ${path.replace(/[0-9A-Z]{26}/g, "{id}")} (${status})`,
      bytes: Buffer.concat([bytes, Buffer.from(JSON.stringify({ ...said, "set-cookie": "" }))]),
    })
  }
  return sinks
}

/** Every row of every table, also of the queue's, and what PostgreSQL says of those who are connected. */
export async function tables({ platform }: Target): Promise<readonly Sink[]> {
  const { db } = platform.database
  const all = await sql<{
    schema: string
    name: string
  }>`SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`.execute(db)
  const sinks: Sink[] = []
  for (const { schema, name } of all.rows) {
    const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.table(`${schema}.${name}`)} t`.execute(db)
    sinks.push({ name: `table ${schema}.${name}`, bytes: Buffer.from(rows.map(({ row }) => row).join("\n")) })
  }
  const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM pg_stat_activity t`.execute(db)
  return [...sinks, { name: "pg_stat_activity", bytes: Buffer.from(rows.map(({ row }) => row).join("\n")) }]
}

/** What every user of this machine sees of our processes; and what stands in the environment of each kernel. */
export function processes({ platform }: Target): readonly Sink[] {
  const ours = processesIn(platform.home)
  const kernels = ours.filter(({ what }) => /ipykernel|zygote|connection_file/.test(what))
  const read = (pid: number, file: string) => contentOfProcess(`/proc/${pid}/${file}`)
  return [
    ...ours.map(({ pid, what }) => ({ name: `arguments of ${what.slice(0, 60)}`, bytes: read(pid, "cmdline") })),
    ...kernels.map(({ pid, what }) => ({ name: `environment of the kernel ${what.slice(0, 60)}`, bytes: read(pid, "environ") })),
    ...(process.getuid?.() === 0
      ? ours.map(({ pid, what }) => ({ name: `environment, as nobody sees it, of ${what.slice(0, 60)}`, bytes: asNobody(pid) }))
      : []),
  ]
}

function contentOfProcess(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch {
    return new Uint8Array()
  }
}

const NOBODY = 65_534

function asNobody(pid: number): Uint8Array {
  return spawnSync("cat", [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`], { uid: NOBODY, gid: NOBODY }).stdout
}

/** What the command line says, well and when it fails. */
export async function commands(target: Target, runs: readonly string[]): Promise<readonly Sink[]> {
  const { platform, secrets } = target
  const password = secrets.get("the database's password") ?? ""
  const nowhere = { STET_HOME: join(platform.home, "none"), DATABASE_URL: `postgres://stet:${password}@127.0.0.1:1/stet` }
  const server = { STET_SERVER: platform.url, STET_TOKEN: platform.token }
  const asked: readonly (readonly [readonly string[], NodeJS.ProcessEnv])[] = [
    [["doctor", "--json"], {}],
    [["doctor"], nowhere],
    [["log", runs[0] ?? ""], server],
    [["log", runs.at(-1) ?? ""], server],
    [["runs"], server],
    [["result", runs[0] ?? "", "--attempt", "99"], server],
    [["runs"], { ...server, STET_SERVER: `http://me:${password}@127.0.0.1:1` }],
    [["start"], { ...nowhere, DATABASE_URL: `postgres://stet:${password}@[bad/stet` }],
  ]
  return Promise.all(
    asked.map(async ([args, env], index) => ({ name: `stet ${args[0]} (${index})`, bytes: Buffer.from((await platform.stet(args, env)).text) })),
  )
}

/** What is taken out of a space, file by file. */
export async function exported({ wire, admin }: Target): Promise<readonly Sink[]> {
  const { status, bytes, headers } = await wire.ask({ method: "GET", path: "/api/v1/export?space=open", headers: admin })
  const opened = await zipArchives.open(bytes)
  if (status !== 200 || !opened.ok) throw new Error(`GET /api/v1/export: ${status}`)
  const sinks: Sink[] = [{ name: "export: what is said of it", bytes: Buffer.from(JSON.stringify(headers)) }]
  for (const { path, content } of opened.value.pieces) {
    const parts: Uint8Array[] = []
    for await (const part of content()) parts.push(part)
    sinks.push({ name: `export/${path}`, bytes: Buffer.concat(parts) }, { name: "export: names", bytes: Buffer.from(path) })
  }
  await opened.value.close()
  return sinks
}

export async function backup({ platform }: Target): Promise<readonly Sink[]> {
  const folder = mkdtempSync(join(tmpdir(), "stet-attack-backup-"))
  try {
    const { code, text } = await platform.stet(["backup", join(folder, "whole")])
    if (code !== 0) throw new Error(`stet backup: ${text}`)
    return [...filesIn(folder, "backup"), { name: "stet backup", bytes: Buffer.from(text) }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Files of the home, of what was uploaded, and (in full) of PostgreSQL, its log of changes included. */
export function places({ platform, postgres }: Target, tier: Tier): readonly Sink[] {
  const uploads = readdirSync(tmpdir()).filter((name) => name.startsWith("stet-upload-"))
  return [
    ...filesIn(platform.home, "home"),
    ...uploads.flatMap((name) => filesIn(join(tmpdir(), name), "uploads")),
    ...(tier === "full" ? filesIn(postgres, "postgres") : []),
    { name: "what stet start says", bytes: Buffer.from(platform.said()) },
  ]
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

/** The kind of a sink: one of many files or answers stands for all of them. */
export function kindOf(name: string): string {
  return relative("", name)
    .split(/[/:( ]/)
    .slice(0, 2)
    .join(" ")
}
