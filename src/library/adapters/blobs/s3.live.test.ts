import { readdirSync } from "node:fs"
import { join } from "node:path"
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { s3Blobs } from "#library/adapters/blobs/s3.ts"
import { all, blobsContract, inPieces, noise, sha256, text } from "#library/adapters/blobs/testing.ts"
import { builtS3, type RunningS3, startS3 } from "#run/adapters/storage/s3.testing.ts"

const built = await builtS3()

test.skipIf(built.goIsMissing && !process.env["CI"])("the S3 server to test against is there", () => {
  expect(built.program).toMatch(/versitygw$/)
})

describe.skipIf(built.program === undefined)("a real S3 server", () => {
  const bucket = "blobs"
  const partBytes = 5 * 1024 * 1024
  let server: RunningS3
  let dir: string
  let client: S3Client
  let config: S3ClientConfig
  let blobs: ReturnType<typeof s3Blobs>

  beforeAll(async () => {
    server = await startS3(built.program ?? "")
    dir = server.folder
    config = {
      endpoint: server.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: server.user, secretAccessKey: server.secret },
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    }
    client = new S3Client(config)
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    blobs = s3Blobs({ bucket, prefix: "kept/", config, spool: join(dir, "spool"), partBytes })
  }, 60_000)

  afterAll(async () => {
    client?.destroy()
    await blobs?.close()
    await server?.close()
  })

  const keyOf = (name: string) => ({ Bucket: bucket, Key: `kept/${name.slice(0, 2)}/${name}` })
  const uploadsUnderWay = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.map(({ Key }) => Key ?? "") ?? []

  blobsContract(
    "S3",
    () => ({
      blobs,
      async tamper(name, change) {
        const { Body } = await client.send(new GetObjectCommand(keyOf(name)))
        const changed = change(await Body!.transformToByteArray())
        await client.send(changed ? new PutObjectCommand({ ...keyOf(name), Body: changed }) : new DeleteObjectCommand(keyOf(name)))
      },
      async litter() {
        return [...(await uploadsUnderWay()), ...readdirSync(dir).flatMap((name) => (name === "spool" ? readdirSync(join(dir, name)) : []))]
      },
    }),
    3 * partBytes + 12_345,
  )

  test.each([partBytes - 1, partBytes, partBytes + 1, 2 * partBytes])("%i bytes come back, sent in as many parts as they need", async (size) => {
    const bytes = noise(size, size)
    await blobs.put(size % 2 ? bytes : inPieces(bytes, 1_000_000))
    expect(Buffer.compare(await blobs.get(sha256(bytes)), bytes)).toBe(0)
    expect(await uploadsUnderWay()).toEqual([])
  })

  test("the server itself refuses to write over a blob, and bytes that are not what they are called", async () => {
    const { sha256: name } = await blobs.put(text("once"))
    const again = client.send(new PutObjectCommand({ ...keyOf(name), Body: text("other"), IfNoneMatch: "*" }))
    await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } })
    const wrong = client.send(
      new PutObjectCommand({ Bucket: bucket, Key: "wrong", Body: text("other"), ChecksumSHA256: Buffer.from(name, "hex").toString("base64") }),
    )
    await expect(wrong).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } })
  })

  test("a list of more than one page is whole and in order; other prefixes are another store's", async () => {
    const many = s3Blobs({ bucket, prefix: "many/", config, spool: join(dir, "spool") })
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let i = lane; i < 1010; i += 20) await many.put(text(`page ${i}`))
      }),
    )
    const names = (await all(many.list())).map((blob) => blob.sha256)
    expect(names).toEqual(Array.from({ length: 1010 }, (_, i) => sha256(text(`page ${i}`))).toSorted())
    await many.close()
  })

  test.each<[string, Partial<S3ClientConfig>, string, object]>([
    ["no such bucket", {}, "missing", { code: "storage_unwritable", message: /there is no bucket missing/ }],
    ["a wrong secret", { credentials: { accessKeyId: "stet", secretAccessKey: "x" } }, bucket, { code: "storage_forbidden", message: /credentials/ }],
    ["nobody there", { endpoint: "http://127.0.0.1:9" }, bucket, { code: "storage_unwritable", retry: "later" }],
  ])("%s is told with a remedy", async (_case, more, name, { message, ...fault }: { message?: RegExp }) => {
    const store = s3Blobs({ bucket: name, prefix: "", config: { ...config, ...more }, spool: join(dir, "spool"), patience: { tries: 2, pauseMs: 1 } })
    const expected = { name: "Fault", remedy: expect.stringMatching(/\w/), ...(message ? { message: expect.stringMatching(message) } : {}), ...fault }
    await expect(store.put(text("x"))).rejects.toMatchObject(expected)
    await expect(store.put(inPieces(noise(17 << 20), 1 << 20))).rejects.toMatchObject(expected)
    await store.close()
  })
})
