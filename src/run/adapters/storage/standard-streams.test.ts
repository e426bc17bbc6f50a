import { execFileSync, spawnSync } from "node:child_process"
import { PassThrough, Readable } from "node:stream"
import { expect, test } from "vitest"
import { standardStreams } from "#run/adapters/storage/standard-streams.ts"

test("standard input is read whole, bytes as they are, and only once", async () => {
  const streams = standardStreams({ input: Readable.from([Buffer.from([0xc3]), Buffer.from([0xa9, 0xff])]), output: new PassThrough() })
  expect([...(await streams.read())]).toEqual([0xc3, 0xa9, 0xff])
  await expect(streams.read()).rejects.toMatchObject({ code: "storage_unreadable", message: expect.stringMatching(/named twice/) })
})

test("standard output gets the bytes in order, and a broken one is told", async () => {
  const output = new PassThrough()
  const sink = standardStreams({ input: Readable.from([]), output }).openWrite()
  await sink.write(Buffer.from("one "))
  await sink.write(Buffer.from("two"))
  await sink.commit()
  expect(String(output.read())).toBe("one two")
  output.destroy()
  await expect(sink.write(Buffer.from("three"))).rejects.toMatchObject({ name: "Fault", code: "storage_unwritable" })
})

const script = (body: string) => `
  const { openStorage } = await import(${JSON.stringify(new URL("../storage.ts", import.meta.url).href)})
  const storage = openStorage()
  ${body}`

test("a real pipe carries 20 MB through both ends without losing any at the end of the process", () => {
  const input = Buffer.alloc(20_000_000, "stet\n")
  const copy = script(`await storage.write("-", await storage.read("-")); process.exit(0)`)
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", copy], { input, maxBuffer: 1e9 })
  expect(output.equals(input)).toBe(true)
})

test("a reader that goes away ends as one clear sentence", () => {
  const flood = script(`
    await storage.write("-", new Uint8Array(5_000_000)).catch(({ code, message }) => console.error(code, message))`)
  const { stderr } = spawnSync("sh", ["-c", `"$0" --input-type=module -e "$1" | head -c 10 > /dev/null`, process.execPath, flood], {
    encoding: "utf8",
  })
  expect(stderr.trim()).toBe("storage_unwritable Standard output cannot be written: whoever was reading it has stopped.")
})
