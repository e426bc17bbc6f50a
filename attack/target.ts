/**
 * What is attacked: the whole platform as its people have it, with things worth having in it. PostgreSQL is one that
 * DATABASE_URL names, with a password in the address, and the environment holds what an operator's does.
 */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { notebookBytes } from "../faults/notebooks.ts"
import type { Client } from "../src/api/client.ts"
import { startPostgres } from "../src/database/index.ts"
import { type MailServer, startMail } from "./mail.ts"
import { type Platform, startPlatform } from "./platform.ts"
import { type Wire, wireTo } from "./wire.ts"

/** Headers that make somebody known, and what stands in them. */
export type Credential = Readonly<Record<string, string>>

export type Target = {
  readonly platform: Platform
  /** Where the platform sends its mail. */
  readonly mail: MailServer
  /** Where PostgreSQL has its data. */
  readonly postgres: string
  readonly wire: Wire
  readonly client: Client
  readonly admin: Credential
  /** The administrator by a session's cookie, as a browser sends it. */
  readonly adminCookie: Credential
  /** Somebody who may edit the space `open`, and nothing else. */
  readonly editor: Credential
  /** Somebody who may do everything, but in another space. */
  readonly foreign: Credential
  /** Was good once: a token past its end, and a session that was signed out. */
  readonly expired: readonly (readonly [string, Credential])[]
  /** Ids of the space `vault`, of a notebook in it and its run; all three hold `mark`, which nobody may see who has no right. */
  readonly vault: { readonly space: string; readonly notebook: string; readonly run: string; readonly mark: string }
  /** Everything that is secret, by name: see canaries.ts. */
  readonly secrets: ReadonlyMap<string, string>
  readonly close: () => Promise<void>
}

const random = (bytes = 12) => randomBytes(bytes).toString("hex")

/** As an operator would have set them. */
function environment(): ReadonlyMap<string, string> {
  return new Map([
    ["AWS_ACCESS_KEY_ID", `AKIA${random(8).toUpperCase()}`],
    ["AWS_SECRET_ACCESS_KEY", `c4n4ry/${random()}+s3/${random(4)}`],
    ["AWS_SESSION_TOKEN", `c4n4ry-session-${random()}`],
    ["STET_METRICS_TOKEN", `c4n4ry-metrics-${random()}`],
    ["STET_OIDC_CLIENT_SECRET", `c4n4ry-oidc-${random()}`],
    ["GITHUB_ACCESS_TOKEN", `ghp_c4n4ry${random()}`],
  ])
}

export async function startTarget(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "stet-attack-"))
  const postgres = await startPostgres({ dataDir: join(folder, "postgres"), socketDir: join(folder, "socket") })
  const closing: (() => Promise<void>)[] = [() => postgres.close("immediate"), async () => rmSync(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const step of closing) await step()
  }
  try {
    const password = `c4n4ry-db-${random()}`
    const env = environment()
    const mail = await startMail()
    closing.push(mail.close)
    const at = new URL(postgres.url)
    at.password = password
    const oidc = { STET_OIDC_ISSUER: "https://idp.example", STET_OIDC_CLIENT_ID: "stet" }
    const platform = await startPlatform({ ...Object.fromEntries(env), ...oidc, ...mail.env, DATABASE_URL: at.href })
    closing.unshift(() => platform.database.close(), platform.remove)
    const secrets = new Map([...env, ["the database's password", password], ["the mail server's password", mail.password]])
    return { ...(await furnished(platform, secrets)), mail, postgres: join(folder, "postgres"), secrets, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Furnished = Omit<Target, "close" | "mail" | "postgres" | "secrets">

/** People and things; every secret that comes up on the way is remembered. */
async function furnished(platform: Platform, secrets: Map<string, string>): Promise<Furnished> {
  const { client, port, token } = platform
  const wire = wireTo(port)
  const admin = { authorization: `Bearer ${token}`, "x-stet": "1" }
  secrets.set("the local token", secretPart(token))
  const link = /link=(\S+)/.exec(platform.said())?.[1] ?? ""
  secrets.set("the first sign-in link", secretPart(decodeURIComponent(link)))
  const signedIn = await posted(wire, "/api/v1/sign-in/link", { kind: "sign_in", link: decodeURIComponent(link) })
  const adminCookie = { cookie: signedIn.cookie, "x-stet": "1" }
  secrets.set("the administrator's session", signedIn.cookie.split("=")[1] ?? "")

  const vault = await vaultOf(client)
  await client.call("createSpace", { body: { name: "open" } })
  await client.call("createSpace", { body: { name: "elsewhere" } })
  const editor = await person({ client, wire, secrets }, "editor", { space: "open", role: "editor" })
  const foreign = await person({ client, wire, secrets }, "foreign", { space: "elsewhere", role: "admin" })
  const gone = await person({ client, wire, secrets }, "gone", { space: "vault", role: "admin" })
  await wire.ask({ method: "DELETE", path: "/api/v1/session", headers: { cookie: gone.cookie, "x-stet": "1" } })
  await platform.database.db
    .updateTable("api_token")
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where("id", "=", gone.tokenId)
    .execute()
  return {
    platform,
    wire,
    client,
    admin,
    adminCookie,
    editor: editor.token,
    foreign: foreign.token,
    expired: [
      ["a token past its end", gone.token],
      ["a session that was signed out", { cookie: gone.cookie, "x-stet": "1" }],
    ],
    vault,
  }
}

async function vaultOf(client: Client): Promise<Target["vault"]> {
  const mark = `Zx${random(6)}`
  const space = await client.call("createSpace", { body: { name: "vault", title: `${mark} space` } })
  const bytes = notebookBytes("python3", [`# ${mark} source\nprint("${mark}")`])
  const saved = await client.call("createNotebook", { query: { space: "vault", path: `${mark}.ipynb` }, body: bytes })
  const run = await client.call("launchRun", { body: { notebook: saved.notebook.id, labels: { mark } } })
  return { space: space.id, notebook: saved.notebook.id, run: run.id, mark }
}

type Making = { readonly client: Client; readonly wire: Wire; readonly secrets: Map<string, string> }
type Invited = { readonly space: string; readonly role: "admin" | "editor" }

/** By an invitation, as everybody comes; known by a token of their own. */
async function person({ client, wire, secrets }: Making, login: string, invited: Invited) {
  const invitation = await client.call("createInvite", { body: invited })
  const link = new URL(invitation.link).searchParams.get("link") ?? ""
  const password = `c4n4ry pass of ${login} ${random(4)}`
  const { cookie } = await posted(wire, "/api/v1/sign-in/link", { kind: "invite", link, name: login, login, password })
  const own = await wire.ask({
    method: "POST",
    path: "/api/v1/tokens",
    headers: { cookie, "x-stet": "1", "content-type": "application/json" },
    body: JSON.stringify({ name: "attack", scopes: invited.role === "admin" ? ["read", "run", "edit", "admin"] : ["read", "run", "edit"] }),
  })
  if (own.status !== 201) throw new Error(`no token for ${login}: ${own.status} ${own.text}`)
  const made = JSON.parse(own.text) as { readonly id: string; readonly token: string }
  secrets.set(`the invitation of ${login}`, secretPart(link))
  secrets.set(`the password of ${login}`, password)
  secrets.set(`the session of ${login}`, cookie.split("=")[1] ?? "")
  secrets.set(`the token of ${login}`, secretPart(made.token))
  return { cookie, tokenId: made.id, token: { authorization: `Bearer ${made.token}`, "x-stet": "1" } }
}

async function posted(wire: Wire, path: string, body: unknown): Promise<{ readonly cookie: string }> {
  const said = await wire.ask({ method: "POST", path, headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  if (said.status >= 300) throw new Error(`POST ${path}: ${said.status} ${said.text}`)
  return { cookie: (said.headers["set-cookie"] ?? "").split(";")[0] ?? "" }
}

/** Of a key the part that opens: its id is no secret. */
function secretPart(key: string): string {
  return key.split("_")[2]?.slice(0, 43) ?? ""
}
