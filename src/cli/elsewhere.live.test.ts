/** A platform as an organisation has it: what it keeps lies in S3, and it is reached under TLS. Used from a terminal, in order. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Desk, desk, until } from "#cli/testing.ts"
import { builtS3, type RunningS3, startS3 } from "#run/adapters/storage/s3.testing.ts"
import { clientConfig } from "#run/adapters/storage/s3.ts"

const built = await builtS3()

test.skipIf(built.goIsMissing && !process.env["CI"])("the S3 server to test against is there", () => {
  expect(built.program).toMatch(/versitygw$/)
})

describe.skipIf(built.program === undefined)("over S3 and TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "stet-elsewhere-"))
  let s3: RunningS3
  let bucket: S3Client
  let it: Desk
  let platform: ReturnType<Desk["start"]>
  let url = ""
  let said = ""

  beforeAll(async () => {
    s3 = await startS3(built.program ?? "")
    const aws = { AWS_ENDPOINT_URL: s3.endpoint, AWS_ACCESS_KEY_ID: s3.user, AWS_SECRET_ACCESS_KEY: s3.secret }
    bucket = new S3Client(clientConfig(aws))
    await bucket.send(new CreateBucketCommand({ Bucket: "stet" }))
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    const files = ["-keyout", "key.pem", "-out", "cert.pem"]
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], { cwd: folder, stdio: "ignore" })
    const tls = { STET_TLS_CERT: join(folder, "cert.pem"), STET_TLS_KEY: join(folder, "key.pem"), NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") }
    it = desk({ STET_PORT: "0", STET_BLOBS: "s3://stet/platform", ...aws, ...tls })
    await started()
  }, 180_000)

  afterAll(async () => {
    await stopped()
    it.clear()
    bucket.destroy()
    await s3.close()
    rmSync(folder, { recursive: true })
  })

  async function started(): Promise<void> {
    said = ""
    platform = it.start("start", "--no-open")
    platform.stdout?.on("data", (bytes) => {
      said += bytes
    })
    url = await until(() => said.includes("Ctrl-C ends it") && /https:\/\/localhost:\d+/.exec(said)?.[0], 120_000)
  }

  async function stopped(): Promise<void> {
    platform.kill("SIGINT")
    await platform.said
  }

  const keys = async () => (await bucket.send(new ListObjectsV2Command({ Bucket: "stet" }))).Contents?.map(({ Key }) => Key ?? "") ?? []

  test("a notebook goes in and comes back byte for byte; a run leaves its large output, its file and its result there", async () => {
    const write = "open('made.csv', 'w').write('a,b\\n1,2\\n')"
    const path = it.notebook("large.ipynb", "print('x' * 200_000)", write, "print('the end')")
    expect(await it.stet("put", path, "samples/large.ipynb")).toMatchObject({ code: 0 })
    expect((await it.stet("get", "samples/large.ipynb@1")).out).toBe(readFileSync(path, "utf8"))
    const before = (await keys()).length
    const run = await it.stet("run", "--server", url, "samples/large.ipynb@1", "result.ipynb", "-q")
    expect([run.code, run.err]).toEqual([0, ""])
    expect(readFileSync(join(it.folder, "result.ipynb"), "utf8")).toContain("x".repeat(200_000))
    const after = await keys()
    expect(after.length).toBeGreaterThanOrEqual(before + 3)
    expect(after.every((key) => /^platform\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(key))).toBe(true)
    // Nothing that is kept lies on this machine.
    expect(readdirSync(it.home).filter((name) => name === "store")).toEqual([])
  })

  test("without TLS nobody answers there; under it browsers are told to stay", async () => {
    await expect(fetch(url.replace("https:", "http:"))).rejects.toThrow()
    const code = /https:\/\/localhost:\d+\/\S+/.exec(said)?.[0] ?? ""
    const script = `const { headers } = await fetch(process.argv[1], { redirect: "manual", method: "GET" }); console.log(headers.get("strict-transport-security"))`
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") }
    expect(execFileSync(process.execPath, ["--input-type=module", "-e", script, code], { env }).toString().trim()).toMatch(/^max-age=\d+/)
  })

  test("after a restart everything is there; the doctor and the scrub look at every byte; a backup is restored beside it", async () => {
    await stopped()
    await started()
    expect((await it.stet("get", "samples/large.ipynb@1")).out).toContain("the end")
    const health = JSON.parse((await it.stet("doctor", "--deep", "--json")).out) as { readonly checks: readonly { readonly state: string }[] }
    expect(health.checks.filter(({ state }) => state === "failed")).toEqual([])
    expect((await it.stet("scrub")).code).toBe(0)
    expect(await it.stet("backup", "backup")).toMatchObject({ code: 0 })
    expect((await it.stet("restore", "--verify", "backup")).out).toContain("Verified")
  })
})
