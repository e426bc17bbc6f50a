import { createHash } from "node:crypto"
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { scratchDirectory } from "#work/adapters/scratch-directory.ts"
import type { WrittenLimits } from "#work/ports.ts"

const root = mkdtempSync(join(tmpdir(), "stet-scratch-"))
chmodSync(root, 0o711)
afterAll(() => rmSync(root, { recursive: true, force: true }))
const scratches = scratchDirectory(join(root, "scratch"))
const LIMITS: WrittenLimits = { files: 100, fileBytes: 1_000_000, totalBytes: 2_000_000 }
let count = 0

async function sealed() {
  const scratch = scratches.make(`1-dir${count++}`)
  await scratch.put("data.csv", Buffer.from("a,b\n"))
  await scratch.put("reports/helpers.py", Buffer.from("x = 1\n"))
  scratch.folder("reports")
  scratch.seal("run.1")
  return scratch
}

function names(scratch: Awaited<ReturnType<typeof sealed>>, limits = LIMITS): string[] {
  return scratch.written(limits).files.map(({ path }) => path)
}

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts).toString()
}

test("what is taken counts every file below, no link, and no further than was asked", async () => {
  const scratch = await sealed()
  const before = await scratch.takenBytes(1e12)
  writeFileSync(join(scratch.path, "large"), Buffer.alloc(3_000_000))
  mkdirSync(join(scratch.root, "tmp/deep"), { recursive: true })
  for (let i = 0; i < 10; i++) writeFileSync(join(scratch.root, `tmp/deep/${i}`), "x")
  symlinkSync("/", join(scratch.path, "world"))
  const taken = (await scratch.takenBytes(1e12)) - before
  expect(taken).toBeGreaterThanOrEqual(3_000_000 + 10 * 4096)
  expect(taken).toBeLessThan(3_300_000)
  expect(await scratch.takenBytes(1)).toBeGreaterThan(1)
})

test("the version's files are there, read-only, and no artifacts", async () => {
  const scratch = await sealed()
  expect(readFileSync(join(scratch.path, "reports/helpers.py"), "utf8")).toBe("x = 1\n")
  expect(names(scratch)).toEqual([])
  expect(scratches.find(scratch.name)?.sealedFor()).toBe("run.1")
})

test("what a run writes, changes or puts back with an old time are its artifacts", async () => {
  const scratch = await sealed()
  writeFileSync(join(scratch.path, "out.txt"), "new")
  mkdirSync(join(scratch.path, "charts/deep"), { recursive: true })
  writeFileSync(join(scratch.path, "charts/deep/a.svg"), "<svg/>")
  chmodSync(join(scratch.path, "data.csv"), 0o644)
  writeFileSync(join(scratch.path, "data.csv"), "c,d\n")
  utimesSync(join(scratch.path, "data.csv"), 0, 0)
  mkdirSync(join(scratch.path, "__pycache__"))
  writeFileSync(join(scratch.path, "__pycache__/helpers.pyc"), "")
  const { files } = scratch.written(LIMITS)
  expect(files.map(({ path }) => path)).toEqual(["charts/deep/a.svg", "data.csv", "out.txt"])
  expect(await text(files[1]!.read())).toBe("c,d\n")
})

test("no link leads to bytes of others", async () => {
  const secret = join(root, "secret")
  writeFileSync(secret, "of others")
  const scratch = await sealed()
  symlinkSync(secret, join(scratch.path, "link"))
  symlinkSync(root, join(scratch.path, "folder"))
  const { files, left } = scratch.written(LIMITS)
  expect(files).toEqual([])
  expect(left.join("\n")).toMatch(/folder is a link.*\n.*link is a link/)
})

test("a file that becomes a link between the look and the reading is not read, nor one behind a folder that does", async () => {
  const scratch = await sealed()
  mkdirSync(join(root, "elsewhere"), { recursive: true })
  writeFileSync(join(root, "elsewhere/b.txt"), "of others")
  mkdirSync(join(scratch.path, "out"))
  writeFileSync(join(scratch.path, "a.txt"), "mine")
  writeFileSync(join(scratch.path, "out/b.txt"), "mine too!")
  const { files } = scratch.written(LIMITS)
  rmSync(join(scratch.path, "a.txt"))
  symlinkSync(join(root, "elsewhere/b.txt"), join(scratch.path, "a.txt"))
  rmSync(join(scratch.path, "out"), { recursive: true })
  symlinkSync(join(root, "elsewhere"), join(scratch.path, "out"))
  for (const file of files) await expect(text(file.read())).rejects.toThrow()
})

test("too many and too large files are left, and it is said which", async () => {
  const scratch = await sealed()
  for (const name of ["a", "b", "c"]) writeFileSync(join(scratch.path, name), name.repeat(10))
  expect(names(scratch, { ...LIMITS, files: 2 })).toEqual(["a", "b"])
  expect(names(scratch, { ...LIMITS, fileBytes: 9 })).toEqual([])
  expect(scratch.written({ ...LIMITS, totalBytes: 25 })).toMatchObject({ left: ["c was not kept: a run may leave 25 bytes in all."] })
})

test("no path leads out of the directory", async () => {
  const scratch = await sealed()
  for (const path of ["../x", "a/../../x", "..", "a/./b"]) await expect(scratch.put(path, Buffer.from("x"))).rejects.toThrow()
  expect(() => scratches.make("../x")).toThrow(/no name/)
  // What a run left in place of a folder is not followed either.
  symlinkSync(root, join(scratch.path, "out"))
  await expect(scratch.put("out/x", Buffer.from("x"))).rejects.toThrow()
  expect(existsSync(join(root, "x"))).toBe(false)
})

test("a secret is private, and a directory that its run has closed can be removed", async () => {
  const scratch = await sealed()
  scratch.secret('{"token": 1}')
  expect(() => scratch.secret("again")).toThrow()
  mkdirSync(join(scratch.path, "closed"))
  writeFileSync(join(scratch.path, "closed/x"), "")
  chmodSync(join(scratch.path, "closed"), 0o000)
  scratch.remove()
  expect(existsSync(scratch.path)).toBe(false)
})

test("what is half made, or half gone, can be cleared", () => {
  const name = `1-half${count++}`
  mkdirSync(join(root, "scratch", name))
  expect(scratches.find(name)).toBeUndefined()
  expect(scratches.names()).toContain(name)
  scratches.clear(name)
  expect(scratches.names()).not.toContain(name)
})

test("hard links count as files of their own", async () => {
  const scratch = await sealed()
  linkSync(join(scratch.path, "data.csv"), join(scratch.path, "again.csv"))
  // Linking changes the original's change time as well: it is kept once more rather than missed.
  expect(names(scratch)).toEqual(["again.csv", "data.csv"])
})

test.runIf(process.getuid?.() === 0)("kernels of other users reach their directory even when the home is closed to them", () => {
  const home = mkdtempSync(join(root, "closed-"))
  chmodSync(home, 0o700)
  const scratch = scratchDirectory(join(home, "scratch")).make("1-reach")
  expect(scratch.path.startsWith("/var/tmp/stet-scratch-")).toBe(true)
  // Another process of the same home finds the same.
  expect(scratchDirectory(join(home, "scratch")).find("1-reach")?.path).toBe(scratch.path)
  scratch.remove()
  scratchDirectory(join(home, "scratch")).close()
  expect(existsSync(join(scratch.root, "../.."))).toBe(false)
})

test.runIf(process.getuid?.() === 0)(
  "what a home that is gone left outside of it is removed at the next start, a day later, and nothing else",
  () => {
    const base = createHash("sha256").update(root).digest("hex")
    const old = new Date(Date.now() - 2 * 86_400_000)
    const leave = (turn: number, home: string | undefined, { inside = "99999999-0", at = old } = {}) => {
      const path = `/var/tmp/stet-scratch-${base.slice(turn, turn + 16)}`
      mkdirSync(join(path, inside, "kernel"), { recursive: true })
      if (home !== undefined) writeFileSync(join(path, ".of-home"), home)
      utimesSync(path, at, at)
      return path
    }
    const gone = join(root, "no-such-home")
    const left = {
      gone: leave(0, gone),
      fresh: leave(1, gone, { at: new Date() }),
      living: leave(2, gone, { inside: `${process.pid}-0` }),
      kept: leave(3, root),
      unknown: leave(4, undefined),
    }
    const home = mkdtempSync(join(root, "closed-"))
    chmodSync(home, 0o700)
    scratchDirectory(join(home, "scratch")).close()
    const there = Object.entries(left).flatMap(([name, path]) => (existsSync(path) ? [name] : []))
    for (const path of Object.values(left)) rmSync(path, { recursive: true, force: true })
    expect(there).toEqual(["fresh", "living", "kept", "unknown"])
  },
)
