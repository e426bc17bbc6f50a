import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { CreateBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { builtS3, type RunningS3, startS3 } from "#run/adapters/storage/s3.testing.ts"
import { clientConfig, PART_BYTES } from "#run/adapters/storage/s3.ts"
import { openStorage } from "#run/adapters/storage.ts"

const { program, goIsMissing, complaint } = await builtS3()

test.skipIf(goIsMissing && !process.env["CI"])("the S3 server to test against is there", () => {
  expect(complaint).toBe("")
  expect(program).toMatch(/versitygw$/)
})

describe.skipIf(program === undefined)("a real S3 server", () => {
  let dir = ""
  let server: RunningS3
  let env: Record<string, string> = {}
  let client: S3Client

  beforeAll(async () => {
    server = await startS3(program ?? "")
    dir = server.folder
    env = { AWS_ENDPOINT_URL: server.endpoint, AWS_ACCESS_KEY_ID: server.user, AWS_SECRET_ACCESS_KEY: server.secret }
    client = new S3Client(clientConfig(env))
    await client.send(new CreateBucketCommand({ Bucket: "results" }))
  }, 60_000)

  afterAll(async () => {
    client?.destroy()
    await server?.close()
  })

  const storage = (more: Record<string, string> = {}) => openStorage({ env: { ...env, ...more } })
  const bytes = (text: string) => new TextEncoder().encode(text)
  const keys = async () => (await client.send(new ListObjectsV2Command({ Bucket: "results" }))).Contents?.map(({ Key }) => Key) ?? []
  const uploadsUnderWay = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: "results" }))).Uploads ?? []

  test("what was written is read back, under any key", async () => {
    for (const key of ["a.ipynb", "dir/b c.ipynb", "ä/日本 +%20&?=.ipynb", "empty"]) {
      await storage().write(`s3://results/${key}`, key === "empty" ? new Uint8Array() : bytes(key))
      const back = await storage().read(`s3://results/${key}`)
      expect(new TextDecoder().decode(back)).toBe(key === "empty" ? "" : key)
      expect(await storage().exists(`s3://results/${key}`)).toBe(true)
    }
    expect(await storage().exists("s3://results/none")).toBe(false)
  })

  test("the second write replaces the first", async () => {
    await storage().write("s3://results/twice", bytes("one"))
    await storage().write("s3://results/twice", bytes("two"))
    expect(new TextDecoder().decode(await storage().read("s3://results/twice"))).toBe("two")
  })

  test("a check leaves no object and no upload behind, and does not touch what is there", async () => {
    await storage().write("s3://results/kept", bytes("old"))
    const before = await keys()
    await storage().check("s3://results/kept")
    await storage().check("s3://results/never-made")
    expect(await keys()).toEqual(before)
    expect(await uploadsUnderWay()).toEqual([])
    expect(new TextDecoder().decode(await storage().read("s3://results/kept"))).toBe("old")
  })

  test.each([PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 7])("%i bytes come back the same", async (size) => {
    const content = Buffer.alloc(size)
    for (let i = 0; i < size; i += 997) content[i] = i % 251
    const pieces = async function* () {
      for (let from = 0; from < size; from += 1_234_567) yield content.subarray(from, from + 1_234_567)
    }
    await storage().write("s3://results/large", pieces())
    expect(content.equals(await storage().read("s3://results/large"))).toBe(true)
  })

  test("200 MB go up in bounded memory", () => {
    const script = `
      const { openStorage } = await import(${JSON.stringify(new URL("../storage.ts", import.meta.url).href)})
      const storage = openStorage()
      await storage.check("s3://results/big")
      const before = process.memoryUsage().rss
      let peak = 0
      const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 10)
      const piece = new Uint8Array(1 << 20).fill(65)
      await storage.write("s3://results/big", (async function* () { for (let i = 0; i < 200; i++) yield piece })())
      clearInterval(timer)
      console.log(Math.round((peak - before) / 1e6))`
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...env },
    })
    expect(stderr).toBe("")
    expect(Number(stdout)).toBeLessThan(120)
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  test("an upload that is given up leaves nothing, not even its parts", async () => {
    const sink = await storage().openWrite("s3://results/abandoned")
    await sink.write(new Uint8Array(PART_BYTES + 1))
    expect(await uploadsUnderWay()).toHaveLength(1)
    await sink.abort()
    await sink.abort()
    expect(await uploadsUnderWay()).toEqual([])
    expect(await storage().exists("s3://results/abandoned")).toBe(false)
  })

  test("a local file is moved up", async () => {
    const file = join(dir, "made.ipynb")
    writeFileSync(file, "{}")
    await storage().write("s3://results/moved.ipynb", { file })
    expect(new TextDecoder().decode(await storage().read("s3://results/moved.ipynb"))).toBe("{}")
    expect(() => readFileSync(file)).toThrow(/ENOENT/)
  })

  test.each([
    ["no such object", "s3://results/none", {}, { code: "storage_unreadable", message: /there is no such object/ }],
    ["no such bucket", "s3://missing/none", {}, { code: "storage_unreadable", message: /there is no bucket missing/ }],
    [
      "a wrong secret",
      "s3://results/a.ipynb",
      { AWS_SECRET_ACCESS_KEY: "x" },
      { code: "storage_forbidden", message: /does not know these credentials/ },
    ],
    [
      "nobody there",
      "s3://results/a.ipynb",
      { AWS_ENDPOINT_URL: "http://127.0.0.1:9" },
      { code: "storage_unreadable", retry: "later", message: /cannot be reached/ },
    ],
  ])("reading with %s is told with a remedy", async (_case, uri, more, { message, ...fault }) => {
    const expected = { name: "Fault", message: expect.stringMatching(message), remedy: expect.stringMatching(/\w/), ...fault }
    await expect(storage(more).read(uri)).rejects.toMatchObject(expected)
  })

  test.each([
    ["no such bucket", "s3://missing/a", {}, { code: "storage_unwritable", message: /there is no bucket missing/ }],
    ["a wrong secret", "s3://results/a", { AWS_SECRET_ACCESS_KEY: "x" }, { code: "storage_forbidden", message: /does not know these credentials/ }],
    ["nobody there", "s3://results/a", { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }, { code: "storage_unwritable", message: /cannot be reached/ }],
  ])("writing with %s is told before anything runs, and again when writing", async (_case, uri, more, { code, message }) => {
    const expected = { code, message: expect.stringMatching(message) }
    await expect(storage(more).check(uri)).rejects.toMatchObject(expected)
    await expect(storage(more).write(uri, bytes("x"))).rejects.toMatchObject(expected)
    await expect(storage(more).write(uri, new Uint8Array(PART_BYTES + 1))).rejects.toMatchObject(expected)
  })

  test("without credentials or region the variables to set are named", async () => {
    const nowhere = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_PROFILE: "", AWS_EC2_METADATA_DISABLED: "true", HOME: dir }
    const script = `
      const { openStorage } = await import(${JSON.stringify(new URL("../storage.ts", import.meta.url).href)})
      await openStorage().read("s3://results/a").catch(({ code, message, remedy }) => console.log(code, message, remedy))`
    const said = (settings: Record<string, string>) =>
      spawnSync(process.execPath, ["--input-type=module", "-e", script], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], ...nowhere, ...settings },
      }).stdout
    expect(said({ AWS_ENDPOINT_URL: env["AWS_ENDPOINT_URL"]! })).toMatch(/^storage_forbidden .*no S3 credentials were found\. Set AWS_ACCESS_KEY_ID/)
    expect(said({ AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" })).toMatch(/no AWS region is set\. Set AWS_REGION/)
  })
})

test("a busy server is asked again, and one that stays busy is told as such", async () => {
  let times = 0
  const busy = createServer((request, response) => {
    request.resume()
    times++
    if (times < 3) response.writeHead(503, { "content-type": "application/xml" }).end("<Error><Code>SlowDown</Code><Message>slow</Message></Error>")
    else response.writeHead(200, { "content-length": "2" }).end("{}")
  })
  await new Promise<void>((done) => busy.listen(0, "127.0.0.1", done))
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${(busy.address() as AddressInfo).port}`, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" }
  try {
    expect(new TextDecoder().decode(await openStorage({ env }).read("s3://any/key"))).toBe("{}")
    expect(times).toBe(3)
    times = Number.NEGATIVE_INFINITY
    await expect(openStorage({ env }).read("s3://any/key")).rejects.toMatchObject({ retry: "later", message: expect.stringMatching(/slow down/) })
  } finally {
    busy.closeAllConnections()
    busy.close()
  }
})

test("an object that arrives cut short is never taken for whole", async () => {
  const cutting = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{")
    setTimeout(() => response.destroy(), 10)
  })
  await new Promise<void>((done) => cutting.listen(0, "127.0.0.1", done))
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" }
  try {
    await expect(openStorage({ env }).read("s3://any/key")).rejects.toMatchObject({ name: "Fault", code: "storage_unreadable", retry: "later" })
  } finally {
    cutting.closeAllConnections()
    cutting.close()
  }
})
