import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { openStorage } from "#run/adapters/storage.ts"

test("a URI that cannot be used is refused with the ones that can, for reading and for writing", async () => {
  const storage = openStorage({ env: {} })
  const said = { message: '"gs://bucket/a" cannot be used: Stet cannot reach gs:// yet (it knows paths, -, http://, https:// and s3://).' }
  await expect(storage.read("gs://bucket/a")).rejects.toMatchObject({ code: "storage_unreadable", ...said })
  await expect(storage.check("gs://bucket/a")).rejects.toMatchObject({ code: "storage_unwritable", ...said })
  await expect(storage.openWrite("gs://bucket/a")).rejects.toMatchObject({ code: "storage_unwritable", ...said })
  await expect(storage.write("", new Uint8Array())).rejects.toMatchObject({ message: '"" cannot be used: it is empty.' })
})

test("standard output can always be written and holds nothing to replace", async () => {
  const storage = openStorage({ env: {} })
  await storage.check("-")
  expect(await storage.exists("-")).toBe(false)
})

test("the S3 SDK is not loaded before the first s3:// address", () => {
  const script = `
    const { registerHooks } = await import("node:module")
    registerHooks({ resolve: (name, context, next) => { if (name.startsWith("@aws-sdk")) console.log(name); return next(name, context) } })
    const { openStorage } = await import(${JSON.stringify(new URL("./storage.ts", import.meta.url).href)})
    const storage = openStorage({ env: {} })
    await storage.check("/dev/null")
    console.log("before")
    await storage.read("s3://bucket/key").catch(() => undefined)`
  const loaded = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).trim().split("\n")
  expect(loaded.slice(0, 2)).toEqual(["before", "@aws-sdk/client-s3"])
})
