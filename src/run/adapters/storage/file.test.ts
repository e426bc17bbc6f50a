import { execFileSync, spawnSync } from "node:child_process"
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { checkLocal, existsLocal, moveLocal, openWriteLocal, readLocal } from "#run/adapters/storage/file.ts"
import { openStorage } from "#run/adapters/storage.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stet-file-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const storage = openStorage({ env: {} })
const bytes = (text: string) => new TextEncoder().encode(text)
const at = (name: string) => join(dir, name)
const put = (name: string, text: string, mode?: number) => {
  writeFileSync(at(name), text)
  if (mode !== undefined) chmodSync(at(name), mode)
  return at(name)
}

test("what was written is read back, and nothing else is left in the directory", async () => {
  await storage.write(at("a.ipynb"), bytes("{}"))
  expect(new TextDecoder().decode(await storage.read(`file://${at("a.ipynb")}`))).toBe("{}")
  expect(readdirSync(dir)).toEqual(["a.ipynb"])
})

test("until the commit the old file stands as it was; an abort leaves it and nothing beside it", async () => {
  const path = put("a.ipynb", "old")
  const sink = await openWriteLocal(path)
  await sink.write(bytes("new and longer"))
  expect(readFileSync(path, "utf8")).toBe("old")
  await sink.abort()
  await sink.abort()
  expect(readFileSync(path, "utf8")).toBe("old")
  expect(readdirSync(dir)).toEqual(["a.ipynb"])
})

test("a source that breaks half-way changes nothing", async () => {
  const path = put("a.ipynb", "old")
  const broken = async function* () {
    yield bytes("half")
    throw new Error("cut")
  }
  await expect(storage.write(path, broken())).rejects.toThrow("cut")
  expect(readFileSync(path, "utf8")).toBe("old")
  expect(readdirSync(dir)).toEqual(["a.ipynb"])
})

test("the new file keeps the old one's mode, and is readable by nobody else while it grows", async () => {
  const path = put("secret.ipynb", "old", 0o640)
  const sink = await openWriteLocal(path)
  const [temporary = ""] = readdirSync(dir).filter((name) => name.endsWith(".tmp"))
  expect(statSync(at(temporary)).mode & 0o777).toBe(0o600)
  await sink.write(bytes("new"))
  await sink.commit()
  expect(statSync(path).mode & 0o777).toBe(0o640)
})

test("a new file gets what the umask leaves", async () => {
  await storage.write(at("a"), bytes("1"))
  put("b", "1")
  expect(statSync(at("a")).mode).toBe(statSync(at("b")).mode)
})

test("a symbolic link stays and what it points to is replaced, also when that is not there yet", async () => {
  mkdirSync(at("results"))
  put("results/a.ipynb", "old")
  symlinkSync("results/a.ipynb", at("link"))
  symlinkSync("link", at("link to link"))
  symlinkSync("results/new.ipynb", at("dangling"))
  await storage.write(at("link to link"), bytes("new"))
  await storage.write(at("dangling"), bytes("first"))
  expect(lstatSync(at("link")).isSymbolicLink() && lstatSync(at("dangling")).isSymbolicLink()).toBe(true)
  expect(readFileSync(at("results/a.ipynb"), "utf8")).toBe("new")
  expect(readFileSync(at("results/new.ipynb"), "utf8")).toBe("first")
  expect(readdirSync(at("results")).sort()).toEqual(["a.ipynb", "new.ipynb"])
})

test("links that lead in a circle are told as such", async () => {
  symlinkSync("b", at("a"))
  symlinkSync("a", at("b"))
  await expect(checkLocal(at("a"))).rejects.toMatchObject({ code: "storage_unwritable", message: expect.stringMatching(/circle/) })
})

test("another hard link keeps the old content", async () => {
  put("a", "old")
  linkSync(at("a"), at("b"))
  await storage.write(at("a"), bytes("new"))
  expect(readFileSync(at("b"), "utf8")).toBe("old")
})

test("the longest legal name can be written", async () => {
  const name = `${"é".repeat(124)}.ipynb`
  await storage.write(at(name), bytes("1"))
  expect(readdirSync(dir)).toEqual([name])
})

test.each([
  ["no/such/dir/a.ipynb", "storage_unwritable", /directory .*no\/such\/dir does not exist/, /^Make it first: mkdir -p .*no\/such\/dir$/],
  ["it's gone/a.ipynb", "storage_unwritable", /does not exist/, /mkdir -p '.*it'\\''s gone'$/],
  ["file/a.ipynb", "storage_unwritable", /part of its path is a file/, /Check the path/],
  ["folder", "storage_unwritable", /it is a directory/, /Name a file in it/],
  ["x".repeat(300), "storage_unwritable", /name is too long/, /shorter/],
])("%s is refused before anything runs", async (name, code, message, remedy) => {
  put("file", "")
  mkdirSync(at("folder"))
  const refusal = { name: "Fault", code, message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) }
  await expect(checkLocal(at(name))).rejects.toMatchObject(refusal)
  await expect(openWriteLocal(at(name))).rejects.toMatchObject(refusal)
  expect(readdirSync(dir).sort()).toEqual(["file", "folder"])
})

test("reading what is not there or not a file says so", async () => {
  await expect(readLocal(at("none.ipynb"))).rejects.toMatchObject({ code: "storage_unreadable", message: `There is no file ${at("none.ipynb")}.` })
  await expect(readLocal("none.ipynb")).rejects.toMatchObject({ remedy: expect.stringContaining(process.cwd()) })
  await expect(readLocal(dir)).rejects.toMatchObject({ message: expect.stringMatching(/it is a directory/) })
  expect([await existsLocal(at("none")), await existsLocal(put("some", ""))]).toEqual([false, true])
})

test("a check leaves nothing behind and changes nothing", async () => {
  put("a", "old")
  await checkLocal(at("a"))
  await checkLocal(at("new"))
  expect(readdirSync(dir)).toEqual(["a"])
  expect(readFileSync(at("a"), "utf8")).toBe("old")
})

test("a device or pipe is written to, not replaced", async () => {
  await storage.write("/dev/null", bytes("gone"))
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true)
  execFileSync("mkfifo", [at("pipe")])
  const reading = openSync(at("pipe"), "r+")
  await storage.write(at("pipe"), bytes("through"))
  closeSync(reading)
  expect(statSync(at("pipe")).isFIFO()).toBe(true)
})

test("a full device is told as a full disk", async () => {
  await expect(storage.write("/dev/full", bytes("x"))).rejects.toMatchObject({ code: "disk_full", retry: "later" })
})

test("a local file is moved, with the mode that the target had or would have", async () => {
  const before = put("before", "old", 0o644)
  const inode = statSync(put("made", "new", 0o600)).ino
  await storage.write(before, { file: at("made") })
  expect(existsSync(at("made"))).toBe(false)
  expect([readFileSync(before, "utf8"), statSync(before).ino, statSync(before).mode & 0o777]).toEqual(["new", inode, 0o644])

  put("made", "fresh", 0o600)
  expect(await moveLocal(at("made"), at("fresh"))).toBe(true)
  put("usual", "")
  expect(statSync(at("fresh")).mode).toBe(statSync(at("usual")).mode)
  expect(readdirSync(dir).sort()).toEqual(["before", "fresh", "usual"])
})

test("a file that cannot be moved is copied and then removed", async () => {
  put("made", "new")
  await storage.write("/dev/null", { file: at("made") })
  expect(existsSync(at("made"))).toBe(false)
})

test("a move into nowhere keeps the file", async () => {
  put("made", "new")
  await expect(storage.write(at("no/where"), { file: at("made") })).rejects.toMatchObject({ code: "storage_unwritable" })
  expect(readFileSync(at("made"), "utf8")).toBe("new")
})

/** Runs `body` in a process of its own (with `storage` and `dir` at hand) and gives what it returned, or how it failed. */
function elsewhere(body: string, through: readonly string[] = []): unknown {
  const script = `
    const { openStorage } = await import(${JSON.stringify(new URL("../storage.ts", import.meta.url).href)})
    const fs = await import("node:fs")
    const storage = openStorage({ env: {} }), dir = ${JSON.stringify(dir)}
    const attempt = (work) => work.then(() => "done", ({ code, message, remedy }) => ({ code, message, remedy }))
    console.log(JSON.stringify(await (async () => { ${body} })()))`
  const command = [...through, process.execPath, "--input-type=module", "-e", script]
  return JSON.parse(execFileSync(command[0]!, command.slice(1), { encoding: "utf8", cwd: dir, maxBuffer: 1e8 }))
}

test("200 MB go through in bounded memory", () => {
  const { grewMb, size } = elsewhere(`
    const piece = new Uint8Array(1024 * 1024).fill(65)
    const before = process.memoryUsage().rss
    let peak = 0
    await storage.write(dir + "/big", (async function* () {
      for (let i = 0; i < 200; i++) { yield piece; peak = Math.max(peak, process.memoryUsage().rss) }
    })())
    return { grewMb: (peak - before) / 1e6, size: fs.statSync(dir + "/big").size }`) as { grewMb: number; size: number }
  expect(size).toBe(200 * 1024 * 1024)
  expect(grewMb).toBeLessThan(60)
})

test.skipIf(process.getuid?.() !== 0)("without permission nothing is written, and the remedy is named", () => {
  put("locked.ipynb", "old", 0o444)
  put("unreadable.ipynb", "old", 0o600)
  mkdirSync(at("open"), { mode: 0o777 })
  chmodSync(at("open"), 0o777)
  put("open/locked.ipynb", "old", 0o444)
  chmodSync(dir, 0o755)
  const said = elsewhere(`
    process.setgroups([]); process.setgid(65534); process.setuid(65534)
    return [
      await attempt(storage.check(dir + "/locked.ipynb")),
      await attempt(storage.check(dir + "/new.ipynb")),
      await attempt(storage.check(dir + "/open/locked.ipynb")),
      await attempt(storage.check(dir + "/open/new.ipynb")),
      await attempt(storage.read(dir + "/unreadable.ipynb")),
    ]`)
  const unwritable = {
    code: "storage_forbidden",
    message: expect.stringMatching(/^You may not write /),
    remedy: expect.stringMatching(/its directory/),
  }
  expect(said).toEqual([unwritable, unwritable, unwritable, "done", expect.objectContaining({ code: "storage_forbidden" })])
})

const ownMounts = ["unshare", "--user", "--map-root-user", "--mount"]
const mayMount = spawnSync(ownMounts[0]!, [...ownMounts.slice(1), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0

test.skipIf(!mayMount)("a disk that fills up costs neither the old file nor leaves a new one", () => {
  const said = elsewhere(
    `
    fs.writeFileSync(dir + "/a.ipynb", "old")
    const outcome = await attempt(storage.write(dir + "/a.ipynb", new Uint8Array(3_000_000)))
    return { outcome, files: fs.readdirSync(dir), old: fs.readFileSync(dir + "/a.ipynb", "utf8") }`,
    [...ownMounts, "sh", "-c", `mount -t tmpfs -o size=1m tmpfs '${dir}' && exec "$@"`, "sh"],
  )
  expect(said).toEqual({
    outcome: { code: "disk_full", message: expect.stringMatching(/no room left/), remedy: expect.stringMatching(/Free some space/) },
    files: ["a.ipynb"],
    old: "old",
  })
})

test.skipIf(!mayMount)("a read-only file system is refused before anything runs", () => {
  const said = elsewhere(`return [await attempt(storage.check(dir + "/new")), await attempt(storage.check(dir + "/a"))]`, [
    ...ownMounts,
    "sh",
    "-c",
    `mount -t tmpfs tmpfs '${dir}' && touch '${dir}/a' && mount -o remount,ro '${dir}' && exec "$@"`,
    "sh",
  ])
  const refusal = { code: "storage_unwritable", message: expect.stringMatching(/its file system is read-only/), remedy: "Name an output elsewhere." }
  expect(said).toEqual([refusal, refusal])
})

test.skipIf(!mayMount)("a file on another file system is copied over, then removed", () => {
  put("made", "new")
  const said = elsewhere(
    `
    await storage.write(dir + "/disk/a", { file: dir + "/made" })
    return [fs.readFileSync(dir + "/disk/a", "utf8"), fs.existsSync(dir + "/made"), fs.readdirSync(dir + "/disk")]`,
    [...ownMounts, "sh", "-c", `mkdir '${dir}/disk' && mount -t tmpfs tmpfs '${dir}/disk' && exec "$@"`, "sh"],
  )
  expect(said).toEqual(["new", false, ["a"]])
})

test("whoever reads while it is written sees one whole content or the other", async () => {
  const contents = ["a", "b"].map((letter) => letter.repeat(300_000))
  const path = put("a.ipynb", contents[0]!)
  let writing = true
  const writer = (async () => {
    for (let i = 0; i < 30; i++) await storage.write(path, bytes(contents[i % 2]!))
    writing = false
  })()
  while (writing) {
    const seen = Buffer.from(await storage.read(path)).toString()
    expect(contents.includes(seen)).toBe(true)
  }
  await writer
})
