/** Paths that lead elsewhere, on every route that takes one. */
import { randomBytes } from "node:crypto"
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { notebookBytes } from "../../faults/notebooks.ts"
import type { Attack, Tier } from "../attack.ts"
import type { Target } from "../target.ts"
import { inLanes, type Said } from "../wire.ts"

const DOTS = [
  "..",
  "%2e%2e",
  "%252e%252e",
  ".%2e",
  "%c0%ae%c0%ae",
  "%uff0e%uff0e",
  "․․",
  "‥",
  "．．",
  "...",
  "....",
  "..;",
  "..%00",
  ". .",
  "..\u200b",
]
const SLASHES = ["/", "\\", "%2f", "%5c", "%252f", "%255c", "%c0%af", "%c1%9c", "//", "/./", "∕", "／", "⧸", "\\/"]
const TARGETS = ["etc/passwd", "run/token", "keys/seal.key", "proc/self/environ"]
const DEPTHS = [1, 2, 3, 6, 12]
const OTHERS = [
  "/etc/passwd",
  "//etc/passwd",
  "///etc/passwd",
  "/proc/self/environ",
  "/dev/zero",
  "file:///etc/passwd",
  "file://localhost/etc/passwd",
  "\\\\host\\share\\x",
  "\\\\?\\C:\\boot.ini",
  "C:\\boot.ini",
  "c:/boot.ini",
  "~/.ssh/id_rsa",
  "~root/.bashrc",
  "$HOME/x",
  "%HOME%/x",
  "a/../../b",
  "a/..",
  "./a",
  "a/./b",
  "a//b",
  "a/",
  ".",
  "..",
  "",
  "%00",
  "a%00.ipynb",
  "a\u0000b",
  "con",
  "NUL.ipynb",
  "a:b",
  "a::$DATA",
  ".git/config",
  ".env",
  "a\nb",
  "a\rb",
  "\u202e/etc/passwd",
  "a".repeat(5000),
  `${"a/".repeat(3000)}b`,
  "%",
  "%zz",
  "%2",
  "\ud800",
]

/** Spellings of the dots with spellings of the slash, five depths, four places: in full every third of all; and the odd ones. */
function traversals(tier: Tier): readonly string[] {
  const made = DOTS.flatMap((dots) =>
    SLASHES.flatMap((slash) => DEPTHS.flatMap((depth) => TARGETS.map((to) => `${`${dots}${slash}`.repeat(depth)}${to.replaceAll("/", slash)}`))),
  )
  // A prime step keeps a little of each kind.
  const step = tier === "full" ? 3 : 199
  return [...OTHERS, ...made.filter((_, index) => index % step === 0)]
}

type Shot = {
  readonly method: string
  readonly path: string
  readonly body?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
}

const octets = { "content-type": "application/octet-stream" }
const json = { "content-type": "application/json" }

/** Every route that takes a path, in its address, its query or its body. */
function shots(given: string, text: string, { run, own }: { readonly run: string; readonly own: string }): readonly Shot[] {
  return [
    { method: "GET", path: `/api/v1/notebooks/${given}` },
    { method: "GET", path: `/api/v1/notebooks/${given}/content` },
    { method: "GET", path: `/api/v1/notebooks?space=open&folder=${given}` },
    { method: "GET", path: `/api/v1/files/content?space=open&path=${given}` },
    { method: "PUT", path: `/api/v1/files/content?space=open&path=${given}`, body: "x", headers: octets },
    { method: "DELETE", path: `/api/v1/files/content?space=open&path=${given}` },
    { method: "POST", path: `/api/v1/notebooks?space=open&path=${given}`, body: notebookBytes("python3", ["1"]), headers: octets },
    { method: "POST", path: `/api/v1/notebooks/${own}/move`, body: JSON.stringify({ path: text }), headers: json },
    { method: "GET", path: `/api/v1/spaces/${given}` },
    { method: "GET", path: `/api/v1/spaces/open/items?folder=${given}` },
    { method: "GET", path: `/api/v1/export?space=open&folder=${given}` },
    { method: "POST", path: `/api/v1/import?space=open&folder=${given}`, body: "no archive", headers: octets },
    {
      method: "POST",
      path: "/api/v1/import/url",
      body: JSON.stringify({ space: "open", url: "https://host.invalid/x", name: text.slice(0, 300), folder: text }),
      headers: json,
    },
    { method: "GET", path: `/api/v1/runs/${run}/artifacts/content?path=${given}` },
    { method: "GET", path: `/api/v1/runs/${run}/files/content?parameter=${given}` },
    { method: "GET", path: `/api/v1/uploads/${given}` },
    { method: "POST", path: `/api/v1/notebooks/${own}/uploads?name=${given}`, body: "x", headers: octets },
    { method: "GET", path: `/api/v1/runs/${given}/result` },
    { method: "POST", path: "/api/v1/runs", body: JSON.stringify({ notebook: `open/${text}`, environment: text.slice(0, 200) }), headers: json },
    { method: "GET", path: `/spaces/open/${given}` },
    { method: "GET", path: `/${given}` },
  ]
}

export const PATHS: Attack = {
  name: "paths that lead out, on every route that takes one",
  async run(target, tier) {
    const bait = `b4it${randomBytes(8).toString("hex")}`
    const beside = `${target.platform.home}-evil`
    writeFileSync(beside, bait)
    const secrets = [bait, target.platform.token, "root:x:0", "[fonts]"]
    const before = outside(target)
    const holes: string[] = []
    let tried = 0
    const own = await ownThings(target)
    try {
      await inLanes([...traversals(tier), `../${beside.split("/").pop()}`, beside], 6, async (text) => {
        for (const given of new Set([escaped(text), encodeURIComponent(text.toWellFormed())])) {
          for (const shot of shots(given, text.toWellFormed(), own)) {
            tried++
            const said = await target.wire.ask({ ...shot, headers: { ...target.editor, ...shot.headers } })
            const what = `${shot.method} ${shot.path.slice(0, 120)} ${typeof shot.body === "string" ? shot.body.slice(0, 60) : ""}`
            for (const hole of holesIn(said, secrets)) holes.push(`${what}: ${hole}`)
          }
        }
      })
      for (const name of await namesIn(target))
        if (/(^|\/)\.{1,2}(\/|$)|[\\\0]|^\/|\/$|\/\//.test(name)) holes.push(`something is called ${JSON.stringify(name)}`)
      const after = outside(target).filter((name) => !before.includes(name))
      if (after.length > 0) holes.push(`files appeared where nothing is written: ${after.join(", ")}`)
      if (existsSync("/etc/passwd.ipynb")) holes.push("a file was written beside /etc/passwd")
      return { tried, holes }
    } finally {
      rmSync(beside, { force: true })
    }
  },
}

/** What an address cannot hold at all is escaped; everything else goes as it is. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\x21-\x7e]/g, (unit) => encodeURIComponent(unit.toWellFormed()))
    .replace(/[#?]/g, encodeURIComponent)
}

function holesIn(said: Said, secrets: readonly string[]): readonly string[] {
  const told = secrets.filter((secret) => said.text.includes(secret)).map((secret) => `tells ${secret.slice(0, 6)}…`)
  const failed = said.status >= 500 ? [`fails with ${said.status}: ${said.text.slice(0, 160)}`] : []
  // 0: a request that was cut off; whoever sends thousands of characters may be.
  return [...told, ...failed, ...(said.status === 0 ? [`no answer: ${said.text}`] : [])]
}

async function ownThings({ client }: Target): Promise<{ readonly run: string; readonly own: string }> {
  const saved = await client.call("createNotebook", {
    query: { space: "open", path: "paths.ipynb" },
    body: notebookBytes("python3", ["open('a.txt', 'w').write('x')"]),
  })
  const run = await client.call("launchRun", { body: { notebook: saved.notebook.id } })
  return { run: run.id, own: saved.notebook.id }
}

async function namesIn({ platform }: Target): Promise<readonly string[]> {
  const { db } = platform.database
  const rows = [...(await db.selectFrom("file").select("path").execute()), ...(await db.selectFrom("notebook").select("path").execute())]
  return rows.map(({ path }) => path)
}

/** Folders in which a request has nothing to leave. */
/** Folders that Stet itself may make in its home meanwhile, and what it calls what is in them. */
const MADE_MEANWHILE: Readonly<Record<string, RegExp | undefined>> = {
  audit: /^[\w.-]+$/u,
  environments: /^[0-9a-f]{12,64}(-[0-9a-f]{8})?(\.\w+)?$/u,
}

function outside({ platform }: Target): readonly string[] {
  const inHome = readdirSync(platform.home).flatMap((name) => {
    const usual = MADE_MEANWHILE[name]
    if (!usual) return [`home/${name}`]
    return readdirSync(join(platform.home, name)).flatMap((inner) => (usual.test(inner) ? [] : [`home/${name}/${inner}`]))
  })
  const keys = ["keys", "run"].flatMap((folder) => readdirSync(join(platform.home, folder)).map((name) => `${folder}/${name}`))
  return [...inHome, ...keys, ...readdirSync(tmpdir()).filter((name) => /passwd|token|seal/.test(name))]
}
