import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { type AddressInfo, connect, createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { TLSSocket } from "node:tls"
import { promisify } from "node:util"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate, openDatabase } from "#database/index.ts"
import { emptyDatabase, MIGRATIONS } from "#database/testing.ts"

// The embedded server never listens on a network, so a door with TLS stands before it, as a database provider has one.
let place: string
let door: Server
let address: string
let plain: Server

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "stet-test-tls-"))
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
  await promisify(execFile)(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem", ...subject],
    { cwd: place },
  )
  const [key, cert] = [await readFile(join(place, "key.pem")), await readFile(join(place, "cert.pem"))]
  const inner = new URL(await emptyDatabase("template0"))
  const socket = `${inner.searchParams.get("host")}/.s.PGSQL.5432`
  door = createServer((client) => {
    client.on("error", () => undefined)
    // SSLRequest, eight bytes; "S" means yes.
    client.once("data", () => {
      client.write("S")
      const secure = new TLSSocket(client, { isServer: true, key, cert })
      const upstream = connect(socket)
      for (const each of [secure, upstream]) each.on("error", () => undefined)
      secure.pipe(upstream).pipe(secure)
    })
  })
  plain = createServer((client) => client.once("data", () => client.write("N")).on("error", () => undefined))
  for (const server of [door, plain]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  address = `postgresql://stet:secret-word@localhost:${(door.address() as AddressInfo).port}${inner.pathname}`
})

afterAll(async () => {
  door.close()
  plain.close()
  await rm(place, { recursive: true })
})

test("a server whose certificate is trusted is spoken to under TLS, migrations too", async () => {
  const url = `${address}?sslmode=verify-full&sslrootcert=${join(place, "cert.pem")}`
  expect((await migrate(url, MIGRATIONS)).applied).toContain("0001.sql")
  const { db, close } = openDatabase({ url, applicationName: "tls" })
  expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(db)).rows).toEqual([{ one: 1 }])
  await close()
})

test.each([
  ["one whose certificate nobody vouches for", () => `${address}?sslmode=verify-full`, /^The database does not let us in \(self-signed certificate/],
  [
    "one that goes by another name",
    () => `${address.replace("@localhost", "@127.0.0.1")}?sslmode=verify-full&sslrootcert=${join(place, "cert.pem")}`,
    /does not match certificate/,
  ],
  [
    "one that has no TLS",
    () => `${address.replace(/:\d+\//, `:${(plain.address() as AddressInfo).port}/`)}?sslmode=verify-full`,
    /does not support SSL/,
  ],
])("%s is not spoken to, and no secret is in what is said", async (_, url, why) => {
  const { db, close } = openDatabase({ url: url(), applicationName: "tls" })
  const error = await sql`SELECT 1`.execute(db).catch((each: unknown) => each)
  expect(error).toMatchObject({
    code: "database_unreachable",
    retry: "never",
    message: expect.stringMatching(why),
    remedy: expect.stringContaining("sslmode"),
  })
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).cause)).not.toContain("secret-word")
  await close()
})

test.each(["mysql://a:secret-word@h/d", "postgresql://a:secret/word@h:x/d", "secret-word", ""])(
  "the address %j is refused without being told",
  async (url) => {
    const refusal = expect.objectContaining({ code: "database_unreachable", retry: "never", message: expect.not.stringContaining("secret") })
    expect(() => openDatabase({ url, applicationName: "x" })).toThrow(refusal)
    await expect(migrate(url, MIGRATIONS)).rejects.toEqual(refusal)
  },
)
