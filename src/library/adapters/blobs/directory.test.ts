import { spawn, spawnSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { directoryBlobs } from "#library/adapters/blobs/directory.ts"
import { all, blobsContract, noise, sha256, text } from "#library/adapters/blobs/testing.ts"
import type { Blobs } from "#library/ports.ts"

const dir = mkdtempSync(join(tmpdir(), "stet-blobs-"))
const root = join(dir, "blobs")
const pathOf = (name: string, below = root) => join(below, name.slice(0, 2), name.slice(2, 4), name)
let blobs: Blobs

beforeAll(async () => {
  blobs = await directoryBlobs(root)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

blobsContract(
  "a directory",
  () => ({
    blobs,
    async tamper(name, change) {
      const changed = change(readFileSync(pathOf(name)))
      rmSync(pathOf(name))
      if (changed) writeFileSync(pathOf(name), changed)
    },
    litter: async () => readdirSync(join(root, "incoming")),
  }),
  9_000_000,
)

test("blobs lie two folders deep, readable by their owner alone and writable by nobody", async () => {
  const { sha256: name } = await blobs.put(text("where"))
  expect(statSync(pathOf(name)).mode & 0o777).toBe(0o400)
  expect(statSync(dirname(pathOf(name))).mode & 0o777).toBe(0o700)
})

test("no link below the root is followed, neither as a blob nor as a folder", async () => {
  const outside = join(dir, "outside")
  mkdirSync(outside)
  const bytes = text("a secret of somebody else")
  const name = sha256(bytes)
  writeFileSync(join(outside, name), bytes)

  mkdirSync(dirname(pathOf(name)), { recursive: true })
  symlinkSync(join(outside, name), pathOf(name))
  await expect(blobs.get(name)).rejects.toMatchObject({ code: "storage_unreadable", remedy: expect.stringMatching(/link/) })
  expect(await blobs.has(name)).toBe(false)
  expect((await all(blobs.list())).map((blob) => blob.sha256)).not.toContain(name)

  rmSync(join(root, name.slice(0, 2)), { recursive: true })
  mkdirSync(join(root, name.slice(0, 2)))
  symlinkSync(outside, join(root, name.slice(0, 2), name.slice(2, 4)))
  await expect(blobs.get(name)).rejects.toMatchObject({ code: "storage_unreadable", remedy: expect.stringMatching(/link/) })
  await expect(blobs.put(bytes)).rejects.toMatchObject({ code: "storage_unwritable", remedy: expect.stringMatching(/link/) })
  await expect(blobs.remove(name)).rejects.toMatchObject({ code: "storage_unwritable" })
  expect(existsSync(join(outside, name))).toBe(true)
  rmSync(join(root, name.slice(0, 2)), { recursive: true })
})

test("the root itself may be a link, and what is no blob is not listed", async () => {
  const real = join(dir, "real")
  mkdirSync(real)
  symlinkSync(real, join(dir, "linked"))
  const linked = await directoryBlobs(join(dir, "linked"))
  const { sha256: name } = await linked.put(text("behind a link"))
  const folder = dirname(pathOf(name, real))
  writeFileSync(join(folder, "notes.txt"), "x")
  // A blob under a folder that is not its own would not be found by its name.
  mkdirSync(join(real, "00", "00"), { recursive: true })
  writeFileSync(join(real, "00", "00", "f".repeat(64)), "x")
  expect((await all(linked.list())).map((blob) => blob.sha256)).toEqual([name])
})

test("what writers that died left behind is removed after a day, and not before", async () => {
  const home = join(dir, "stale")
  await directoryBlobs(home)
  writeFileSync(join(home, "incoming", "old"), "x")
  writeFileSync(join(home, "incoming", "new"), "x")
  const past = new Date(Date.now() - 2 * 86_400_000)
  utimesSync(join(home, "incoming", "old"), past, past)
  await directoryBlobs(home)
  expect(readdirSync(join(home, "incoming"))).toEqual(["new"])
})

test("a blob that is put again is young again", async () => {
  const { sha256: name } = await blobs.put(text("old and good"))
  const past = new Date(Date.now() - 9 * 86_400_000)
  utimesSync(pathOf(name), past, past)
  await blobs.put(text("old and good"))
  expect(Date.now() - statSync(pathOf(name)).mtimeMs).toBeLessThan(60_000)
})

test("a directory that was taken away is a fault with a remedy", async () => {
  const home = join(dir, "taken")
  const taken = await directoryBlobs(home)
  renameSync(join(home, "incoming"), join(home, "gone"))
  await expect(taken.put(text("x"))).rejects.toMatchObject({ name: "Fault", code: "storage_unwritable", remedy: expect.stringMatching(/\w/) })
})

test.skipIf(process.getuid?.() === 0)("a directory that may not be written is forbidden", async () => {
  const home = join(dir, "forbidden")
  const shut = await directoryBlobs(home)
  chmodSync(join(home, "incoming"), 0o500)
  await expect(shut.put(text("x"))).rejects.toMatchObject({ code: "storage_forbidden" })
})

// A file system of its own in a mount namespace of its own: the one true way to fill a disk.
const inNamespace = (script: string) => {
  const way = process.getuid?.() === 0 ? ["-m"] : ["-rm"]
  return spawnSync("unshare", [...way, "sh", "-c", script], { encoding: "utf8" })
}
const canMount = inNamespace(`mount -t tmpfs -o size=64k tmpfs ${dir}`).status === 0

test.skipIf(!canMount)("a full disk is told as such, leaves nothing behind, and reading goes on", () => {
  const full = join(dir, "full")
  mkdirSync(full)
  const module = new URL("directory.ts", import.meta.url).href
  const script = `
    const { directoryBlobs } = await import(${JSON.stringify(module)})
    const { readdirSync } = await import("node:fs")
    const blobs = await directoryBlobs(${JSON.stringify(full)})
    const small = await blobs.put(new Uint8Array(1000).fill(7))
    const report = []
    const tooLarge = new Uint8Array(3 << 20).fill(1)
    async function* stream() { for (let i = 0; i < 30; i++) yield tooLarge.subarray(0, 100000) }
    for (const content of [tooLarge, stream()]) await blobs.put(content).catch((e) => report.push([e.code, e.retry, e.remedy !== ""]))
    report.push(readdirSync(${JSON.stringify(join(full, "incoming"))}).length, (await blobs.get(small.sha256)).length)
    report.push((await blobs.put(new Uint8Array(500000).fill(3))).sizeBytes)
    console.log(JSON.stringify(report))`
  const ended = inNamespace(`mount -t tmpfs -o size=2m tmpfs ${full} && ${process.execPath} --input-type=module -e '${script}'`)
  expect(ended.stderr).toBe("")
  expect(JSON.parse(ended.stdout)).toEqual([["disk_full", "later", true], ["disk_full", "later", true], 0, 1000, 500000])
})

test("writers that are killed leave no half blob under a name, and lose none they acknowledged", async () => {
  const home = join(dir, "killed")
  await directoryBlobs(home)
  const module = new URL("directory.ts", import.meta.url).href
  const script = `
    const { directoryBlobs } = await import(${JSON.stringify(module)})
    const blobs = await directoryBlobs(${JSON.stringify(home)})
    for (let i = 0; ; i++) console.log((await blobs.put(new Uint8Array(200000).fill(i % 256).fill(i >> 8, 0, 9).fill(${"SEED"}, 9, 19))).sha256)`
  const acknowledged: string[] = []
  for (let seed = 0; seed < 6; seed++) {
    const writer = spawn(process.execPath, ["--input-type=module", "-e", script.replace("SEED", String(seed))], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    let said = ""
    let isDoomed = false
    writer.stdout.on("data", (bytes) => {
      said += bytes
      if (isDoomed || said.split("\n").length < 5) return
      isDoomed = true
      setTimeout(() => writer.kill("SIGKILL"), seed * 7)
    })
    await new Promise((done) => writer.once("close", done))
    acknowledged.push(...said.split("\n").slice(0, -1))
  }
  expect(acknowledged.length).toBeGreaterThan(10)
  const after = await directoryBlobs(home)
  for (const name of acknowledged) expect((await after.get(name)).length).toBe(200_000)
  for await (const { sha256: name } of after.list()) await after.get(name)
})

test("noise is not all the same", () => {
  expect(new Set(noise(1000)).size).toBeGreaterThan(200)
})
