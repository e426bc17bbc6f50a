import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parse } from "yaml"
import { Fault } from "#base/fault.ts"
import { readFolder } from "#library/adapters/folder-reader.ts"
import { writeFolder } from "#library/adapters/folder-writer.ts"
import { zipArchives } from "#library/adapters/zip-reader.ts"
import { zipOf } from "#library/adapters/zip-writer.ts"
import { audited, good, refusal } from "#library/catalog.testing.ts"
import { copyNotebook } from "#library/copy.ts"
import { exportSpace } from "#library/export.ts"
import { type ImportReport, importArchive, importPieces, importUrl } from "#library/import.ts"
import { lackedAlone } from "#library/import-lacks.ts"
import { limitNotebook, setTags } from "#library/sql/describe.ts"
import { getFile, listFiles } from "#library/sql/find-file.ts"
import { getNotebook } from "#library/sql/find-notebook.ts"
import { getSpace } from "#library/sql/find-space.ts"
import { listFolder } from "#library/sql/list-folder.ts"
import { listNotebooks } from "#library/sql/list-notebooks.ts"
import { moveFile } from "#library/sql/move.ts"
import { putFile } from "#library/sql/put-file.ts"
import { putTestCase, testFileOf } from "#library/sql/test-cases.ts"
import { restoreFile, trashFile } from "#library/sql/trash.ts"
import { versionByNumber } from "#library/sql/version-row.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { grant, ipynb, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import { saveVersion } from "#library/versions-save.ts"
import { type ZipEntry, zipOfEntries } from "#library/zip.testing.ts"
import type { Actor } from "#people/index.ts"
import { readHttp } from "#run/adapters/storage/http.ts"

const REPOSITORY = new URL("../..", import.meta.url).pathname

let world: TestWorld & { archives: typeof zipArchives }
let me: Actor
let scratch: string
let count = 0

beforeAll(async () => {
  world = { ...(await testWorld()), archives: zipArchives }
  me = await person(world.db, "importer")
  scratch = mkdtempSync(join(tmpdir(), "stet-exchange-"))
})

afterAll(async () => {
  await world.close()
  rmSync(scratch, { recursive: true, force: true })
})

async function mySpace(): Promise<string> {
  const name = `exchange-${++count}`
  await grant(world.db, me, { space: await space(world.db, name), role: "editor" })
  return name
}

function told({ entries }: ImportReport): readonly string[] {
  return entries.map(({ path, outcome, reason, at, kind }) => `${outcome} ${path}${reason ? `: ${reason}` : ` -> ${kind} ${at}`}`)
}

async function bytesAt(name: string, path: string): Promise<Uint8Array> {
  if (path.endsWith(".ipynb")) {
    const { id, latest } = good(await getNotebook(world.db, me, `${name}/${path}`))
    const version = await versionByNumber(world.db, id, latest)
    if (!version) throw new Error("no version")
    return versionBytes(world, version)
  }
  if (path.endsWith(".stet.yaml")) return Buffer.from(good(await testFileOf(world, me, `${name}/${path.replace(/\.stet\.yaml$/, ".ipynb")}`)))
  return world.blobs.get(good(await getFile(world.db, me, { space: name, path })).sha256)
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const bytes of stream) parts.push(bytes)
  return Buffer.concat(parts)
}

const notebook = (...sources: string[]) => ipynb(...sources)

test("an archive comes in piece by piece, and what is wrong with one stops no other", async () => {
  const name = await mySpace()
  await putFile(world, me, { space: name, path: "in/old.csv", content: Buffer.from("old") })
  const entries: readonly ZipEntry[] = [
    { name: "good.ipynb", content: notebook("x = 1") },
    { name: "broken.ipynb", content: '{"cells": [' },
    { name: "list.ipynb", content: "[1, 2]" },
    { name: "future.ipynb", content: '{"nbformat": 9, "nbformat_minor": 0, "metadata": {}, "cells": []}' },
    { name: "../out.ipynb", content: notebook() },
    { name: "lying.csv", content: "much more than it says", says: { size: 3 } },
    { name: "data/a.csv", content: "1,2" },
    { name: "data/a.csv/b.csv", content: "no folder" },
    { name: "old.csv", content: "new" },
    { name: "link.csv", content: "/etc/passwd", mode: 0o120777 },
    { name: "empty/", mode: 0o040755 },
    { name: "inner.zip", content: zipOfEntries([{ name: "x", content: "x" }]) },
  ]
  const archive = zipOfEntries(entries)
  const dry = good(await importArchive(world, me, { space: name, folder: "in", archive, dryRun: true }))
  expect(good(await listNotebooks(world.db, me, { space: name })).items).toEqual([])
  const report = good(await importArchive(world, me, { space: name, folder: "in", archive, message: "from a zip" }))
  const expected = [
    "imported good.ipynb -> notebook in/good.ipynb",
    expect.stringMatching(/^refused broken\.ipynb: .*line 1/),
    expect.stringMatching(/^refused list\.ipynb: this is not a notebook/),
    expect.stringMatching(/^refused future\.ipynb: the notebook is in nbformat 9\.0/),
    'refused ../out.ipynb: ".." is no name',
    "refused lying.csv: it is larger than the archive says",
    "imported data/a.csv -> file in/data/a.csv",
    'refused data/a.csv/b.csv: "in/data/a.csv" is a file, so it cannot be a folder: choose another path',
    "imported old.csv -> file in/old.csv",
    "refused link.csv: it is a link, and a link may lead anywhere",
    "imported inner.zip -> file in/inner.zip",
  ]
  expect(told(report)).toEqual(expected)
  // That a file stands in the way is known only when it does.
  expect(told(dry)).toEqual(expected.with(7, "imported data/a.csv/b.csv -> file in/data/a.csv/b.csv"))
  expect(Buffer.from(await bytesAt(name, "in/old.csv")).toString()).toBe("new")
  const { owner, latest } = good(await getNotebook(world.db, me, `${name}/in/good.ipynb`))
  expect([owner.id, latest]).toEqual([me.id, 1])
  expect((await audited(world)).at(-1)).toBe("space.import done")

  const again = good(await importArchive(world, me, { space: name, folder: "in", archive }))
  expect(again.entries.filter(({ outcome }) => outcome === "same").map(({ path }) => path)).toEqual([
    "good.ipynb",
    "data/a.csv",
    "old.csv",
    "inner.zip",
  ])
  const changed = zipOfEntries([{ name: "good.ipynb", content: notebook("x = 2") }])
  expect(told(good(await importArchive(world, me, { space: name, folder: "in", archive: changed, onExisting: "skip" })))).toEqual([
    "skipped good.ipynb: something stands at its path already",
  ])
  good(await importArchive(world, me, { space: name, folder: "in", archive: changed }))
  expect(good(await getNotebook(world.db, me, `${name}/in/good.ipynb`)).latest).toBe(2)
})

test("who may not edit a space may not import into it, nor learn that it is there", async () => {
  const name = await mySpace()
  const [reader, stranger] = [await person(world.db, "reader"), await person(world.db, "stranger")]
  const id = good(await listFolder(world.db, me, { space: name })) && name
  await sql`INSERT INTO role_grant SELECT ${"0".repeat(25)} || ${String(count % 10)}, id, NULL, ${reader.id}, NULL, 'viewer', NULL, now() FROM space WHERE name = ${id}`.execute(
    world.db,
  )
  const archive = zipOfEntries([{ name: "a.csv", content: "x" }])
  expect(refusal(await importArchive(world, reader, { space: name, archive }))).toBe("not_allowed")
  expect(refusal(await importArchive(world, stranger, { space: name, archive }))).toBe("no_such_space")
  expect(refusal(await importArchive(world, me, { space: name, folder: "../x", archive }))).toBe("bad_path")
  expect(refusal(await importArchive(world, me, { space: name, archive: Buffer.from("no zip") }))).toBe("bad_archive")
  expect(refusal(await exportSpace(world, stranger, { space: name }))).toBe("no_such_space")
  expect(refusal(await exportSpace(world, reader, { space: name }))).toBe("none")
})

test("what was exported and is imported is the same, byte for byte, and so is its export", async () => {
  const name = await mySpace()
  const folder = await readFolder(join(REPOSITORY, "examples"))
  const report = good(await importPieces(world, me, { space: name, folder: "deep/er", pieces: folder.pieces }))
  expect(report.entries.filter(({ outcome }) => outcome !== "imported")).toEqual([])
  expect(report.entries.length).toBeGreaterThan(15)
  good(await setTags(world, me, { notebook: `${name}/deep/er/sales-report.ipynb`, tags: ["kpi"] }))
  await putFile(world, me, { space: name, path: "deep/😍 é.bin", content: Buffer.from([0, 255, 1]) })

  const exported = good(await exportSpace(world, me, { space: name, folder: "deep" }))
  expect(exported.name).toBe("deep")
  const archive = await whole(zipOf(exported.entries))
  const there = await mySpace()
  const back = good(await importArchive(world, me, { space: there, folder: "deep", archive }))
  expect(back.entries.filter(({ outcome }) => outcome !== "imported").map(({ path }) => path)).toEqual(["stet.yaml"])
  for (const { path } of report.entries) {
    const original = readFileSync(join(REPOSITORY, "examples", path))
    expect(Buffer.compare(original, await bytesAt(there, `deep/er/${path}`)), path).toBe(0)
  }
  expect(Buffer.from(await bytesAt(there, "deep/😍 é.bin"))).toEqual(Buffer.from([0, 255, 1]))

  const place = join(scratch, "exported")
  const written = await writeFolder(place, good(await exportSpace(world, me, { space: there })).entries)
  expect(written.files).toBe(report.entries.length + 2)
  const facts = parse(readFileSync(join(place, "stet.yaml"), "utf8"))
  expect(facts).toMatchObject({ stet: 1, space: there, folder: "" })
  expect(facts.notebooks.find((one: { path: string }) => one.path === "deep/er/sales-report.ipynb")).toMatchObject({
    version: 1,
    owner: "importer",
    tags: [],
  })
  expect(readFileSync(join(place, "deep/er/sales-report.ipynb"))).toEqual(readFileSync(join(REPOSITORY, "examples/sales-report.ipynb")))
  await expect(writeFolder(place, good(await exportSpace(world, me, { space: there })).entries)).rejects.toThrow(/not empty/)
  expect(refusal(await exportSpace(world, me, { space: there, folder: "nothing" }))).toBe("no_such_folder")
})

test("what a notebook names above all that is taken in is told, unless the space has it", async () => {
  const name = await mySpace()
  await putFile(world, me, { space: name, path: "there.csv", content: Buffer.from("1") })
  const entries: readonly ZipEntry[] = [
    {
      name: "top.ipynb",
      content: notebook(
        "open('../data.csv')\nopen('../there.csv')\nprint('..', '../ is above')",
        "import sys\nsys.path.append('..')\nimport helpers",
      ),
    },
    { name: "deep/in.ipynb", content: notebook("open('../beside.csv')\nopen('../../far.csv')") },
    { name: "plain.ipynb", content: notebook("open('beside.csv')") },
    { name: "beside.csv", content: "1" },
  ]
  const asked = { space: name, folder: "in", archive: zipOfEntries(entries) }
  for (const dryRun of [true, false]) {
    const report = good(await importArchive(world, me, { ...asked, dryRun }))
    expect(report.entries.map(({ path, lacks }) => [path, lacks ?? []])).toEqual([
      ["top.ipynb", ["../data.csv"]],
      ["deep/in.ipynb", ["../../far.csv"]],
      ["plain.ipynb", []],
      ["beside.csv", []],
    ])
  }
  const bare = await mySpace()
  const report = good(await importArchive(world, me, { ...asked, space: bare, archive: zipOfEntries(entries.slice(0, 1)) }))
  expect(report.entries[0]?.lacks).toEqual(["../data.csv", "../there.csv", ".."])
  // One that comes alone is looked at in the same way.
  const alone = { at: "in/top.ipynb", bytes: Buffer.from(notebook("open('../data.csv')\nopen('../there.csv')\nopen('beside.csv')")) }
  const spaceId = async (ref: string) => good(await getSpace(world.db, me, ref)).id
  expect(await lackedAlone(world, await spaceId(name), alone)).toEqual(["../data.csv"])
  expect(await lackedAlone(world, await spaceId(bare), alone)).toEqual(["../data.csv", "../there.csv"])
})

test("an archive that Stet makes is one for other programs too", async () => {
  const name = await mySpace()
  for (let i = 0; i < 230; i++) await putFile(world, me, { space: name, path: `many/${i}.txt`, content: Buffer.from(`file ${i}`) })
  const file = join(scratch, "many.zip")
  writeFileSync(file, await whole(zipOf(good(await exportSpace(world, me, { space: name })).entries)))
  const script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()), z.read('many/229.txt').decode())"
  expect(execFileSync("python3", ["-c", script, file], { encoding: "utf8" }).trim()).toBe("None 231 file 229")
}, 60_000)

test("an export of which a blob is damaged breaks off instead of lying", async () => {
  const name = await mySpace()
  const { file } = good(await putFile(world, me, { space: name, path: "a.bin", content: Buffer.from(`precious ${Math.random()}`) }))
  await world.blobs.remove(file.sha256)
  await expect(whole(zipOf(good(await exportSpace(world, me, { space: name })).entries))).rejects.toThrow(Fault)
})

test("a folder is read without following links, and tells what it cannot give", async () => {
  const root = join(scratch, "folder")
  mkdirSync(join(root, "sub"), { recursive: true })
  writeFileSync(join(root, "a.csv"), "1")
  writeFileSync(join(root, "sub/b.ipynb"), notebook("y = 1"))
  symlinkSync("/etc/passwd", join(root, "passwd.csv"))
  symlinkSync("/etc", join(root, "etc"))
  execFileSync("mkfifo", [join(root, "pipe")])
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0x66])]), "x")
  const name = await mySpace()
  const offering = await readFolder(root)
  expect([...told(good(await importPieces(world, me, { space: name, pieces: offering.pieces })))].sort()).toEqual([
    "imported a.csv -> file a.csv",
    "imported sub/b.ipynb -> notebook sub/b.ipynb",
    "refused etc: it is a link, and a link may lead anywhere",
    "refused f\ufffdf: its name is not UTF-8",
    "refused passwd.csv: it is a link, and a link may lead anywhere",
    "refused pipe: it is a device, a pipe or a socket, not a file",
  ])
  // A link put in the place of a file after it was listed.
  const late = await readFolder(root)
  rmSync(join(root, "a.csv"))
  symlinkSync("/etc/passwd", join(root, "a.csv"))
  const [a] = late.pieces.filter(({ path }) => path === "a.csv")
  expect(told(good(await importPieces(world, me, { space: name, pieces: [a!] })))[0]).toMatch(/^refused a\.csv: it cannot be read/)
  await expect(readFolder(root, { most: 3 })).rejects.toThrow(/more than 3 files/)
  await expect(readFolder(join(root, "nowhere"))).rejects.toThrow(Fault)
})

test("an address is read through the guard: what is not public is refused, and nothing is fetched for who may not import", async () => {
  const name = await mySpace()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? "")
    if (request.url?.startsWith("/away")) response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end()
    else if (request.url?.includes(".zip")) response.end(zipOfEntries([{ name: "z.csv", content: "zipped" }]))
    else response.end(Buffer.from(notebook("fetched = 1")))
  })
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const from = (allowPrivateAddresses: boolean) => ({ ...world, fetch: (url: string) => readHttp(url, { env: {}, allowPrivateAddresses }) })
  const guarded = (url: string) => importUrl(from(false), me, { space: name, url })
  for (const url of [
    `${base}/a.ipynb`,
    "http://localhost/x",
    "http://[::ffff:169.254.169.254]/",
    "http://0x7f000001/",
    "file:///etc/passwd",
    "ftp://example.org/x",
    "not an address",
  ]) {
    expect(refusal(await guarded(url)), url).toBe("bad_address")
  }
  expect(asked).toEqual([])
  const open = (url: string, more = {}) => importUrl(from(true), me, { space: name, url, ...more })
  expect(told(good(await open(`${base}/dir/My%20note.ipynb?x=/y`)))).toEqual(["imported My note.ipynb -> notebook My note.ipynb"])
  expect(told(good(await open(`${base}/pack.zip`, { folder: "in" })))).toEqual(["imported z.csv -> file in/z.csv"])
  expect(told(good(await open(`${base}/..%2f..%2fevil.ipynb`)))).toEqual(["imported .._.._evil.ipynb -> notebook .._.._evil.ipynb"])
  expect(told(good(await open(`${base}/`)))).toEqual(["imported imported.ipynb -> notebook imported.ipynb"])
  asked.length = 0
  expect(refusal(await importUrl(from(true), await person(world.db, "outsider"), { space: name, url: `${base}/x.ipynb` }))).toBe("no_such_space")
  expect(asked).toEqual([])
  server.close()
})

test("files: replaced by their bytes, too large ones refused as they come", async () => {
  const name = await mySpace()
  const put = (content: string | AsyncIterable<Uint8Array>, limitBytes = 1000) =>
    putFile(world, me, { space: name, path: "a.csv", content: typeof content === "string" ? Buffer.from(content) : content, limitBytes })
  expect(good(await put("one"))).toMatchObject({ created: true, changed: true })
  expect(good(await put("one"))).toMatchObject({ created: false, changed: false })
  expect(good(await put("two"))).toMatchObject({ created: false, changed: true, file: { sizeBytes: 3 } })
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(300)
  }
  expect(refusal(await put(endless()))).toBe("too_large")
  expect(refusal(await put("x".repeat(1001)))).toBe("too_large")
  expect(refusal(await putFile(world, me, { space: name, path: "a.ipynb", content: Buffer.from("{}") }))).toBe("bad_path")
  expect(refusal(await putFile(world, me, { space: name, path: "a.csv/b", content: Buffer.from("{}") }))).toBe("path_taken")
  const both = await Promise.all(
    ["left", "right"].map((content) => putFile(world, me, { space: name, path: "race.txt", content: Buffer.from(content) })),
  )
  expect(both.map((one) => good(one).created).sort()).toEqual([false, true])
})

test("a file is owned by whoever put it there first", async () => {
  const name = await mySpace()
  const second = await person(world.db, "second")
  await grant(world.db, second, { space: good(await getSpace(world.db, me, name)).id, role: "editor" })
  const put = async (by: Actor, content: string) => good(await putFile(world, by, { space: name, path: "a.csv", content: Buffer.from(content) })).file
  expect((await put(me, "1")).owner).toEqual({ id: me.id, name: "importer", hasLeft: false })
  expect(await put(second, "2")).toMatchObject({ owner: { id: me.id }, updatedBy: second.id })
})

test("files move, go into the trash and come back, also to another space", async () => {
  const [name, there] = [await mySpace(), await mySpace()]
  const { file } = good(await putFile(world, me, { space: name, path: "data/a.csv", content: Buffer.from("1") }))
  good(await putFile(world, me, { space: name, path: "b.csv", content: Buffer.from("2") }))
  expect(refusal(await moveFile(world, me, { space: name, path: "data/a.csv", to: "b.csv" }))).toBe("path_taken")
  expect(refusal(await moveFile(world, me, { space: name, path: "data/a.csv", to: "../b.csv" }))).toBe("bad_path")
  expect(refusal(await moveFile(world, me, { space: name, path: "nothing.csv", to: "c.csv" }))).toBe("no_such_file")
  expect(good(await moveFile(world, me, { space: name, path: "data/a.csv", to: "in/c.csv", toSpace: there }))).toMatchObject({
    id: file.id,
    path: "in/c.csv",
  })
  expect(refusal(await trashFile(world, await person(world.db, "passer-by"), { space: there, path: "in/c.csv" }))).toBe("no_such_space")
  good(await trashFile(world, me, { space: there, path: "in/c.csv" }))
  expect(refusal(await getFile(world.db, me, { space: there, path: "in/c.csv" }))).toBe("no_such_file")
  expect(good(await listFiles(world.db, me, { space: there, trashed: true })).items.map(({ id }) => id)).toEqual([file.id])
  good(await putFile(world, me, { space: there, path: "in/c.csv", content: Buffer.from("other") }))
  expect(refusal(await restoreFile(world, me, { id: file.id }))).toBe("path_taken")
  expect(good(await restoreFile(world, me, { id: file.id, path: "back.csv" })).path).toBe("back.csv")
  expect(refusal(await restoreFile(world, me, { id: file.id }))).toBe("no_such_file")
  expect(Buffer.from(await bytesAt(there, "back.csv")).toString()).toBe("1")
})

test("a notebook's runs at once can be limited by who may edit it", async () => {
  const name = await mySpace()
  good(await saveVersion(world, me, { space: name, path: "l.ipynb", bytes: notebook("x = 0"), source: "api" }))
  expect(good(await limitNotebook(world, me, { notebook: `${name}/l.ipynb`, maxRunning: 2 })).maxRunning).toBe(2)
  expect(refusal(await limitNotebook(world, me, { notebook: `${name}/l.ipynb`, maxRunning: 0 }))).toBe("bad_limit")
  expect(good(await getNotebook(world.db, me, `${name}/l.ipynb`)).maxRunning).toBe(2)
})

test("a copy begins as the other is now, beside it or at a place of its own", async () => {
  const name = await mySpace()
  const bytes = notebook("# Report", "x = 1")
  good(await saveVersion(world, me, { space: name, path: "r.ipynb", bytes: notebook("x = 0"), source: "api" }))
  good(await saveVersion(world, me, { space: name, path: "r.ipynb", bytes, source: "api" }))
  good(await setTags(world, me, { notebook: `${name}/r.ipynb`, tags: ["kpi"] }))
  const copies = [
    good(await copyNotebook(world, me, { notebook: `${name}/r.ipynb` })),
    good(await copyNotebook(world, me, { notebook: `${name}/r.ipynb` })),
  ]
  expect(copies.map(({ path, latest, tags, title }) => [path, latest, tags, title])).toEqual([
    ["r (2).ipynb", 1, ["kpi"], "Report"],
    ["r (3).ipynb", 1, ["kpi"], "Report"],
  ])
  expect(Buffer.from(await bytesAt(name, "r (2).ipynb"))).toEqual(Buffer.from(bytes))
  expect(refusal((await copyNotebook(world, me, { notebook: `${name}/r.ipynb`, path: "r (2).ipynb" })) as never)).toBe("path_taken")
  expect(refusal((await copyNotebook(world, me, { notebook: `${name}/nothing.ipynb` })) as never)).toBe("no_such_notebook")
})

test("test cases come in for the notebook beside them, go out with it, and come in again the same, comments and all", async () => {
  const [name, other] = [await mySpace(), await mySpace()]
  const text = "# What is known of it.\ntests:\n  - name: a\n    parameters: {n: 1}\n    mocks: [{cell: load, source: 'rows = []'}]\n"
  const piece = (path: string, content: string | Uint8Array) => ({ name: path, content })
  const archive = (...entries: ZipEntry[]) => zipOfEntries(entries)
  const first = good(
    await importArchive(world, me, {
      space: name,
      archive: archive(
        piece("in/a.stet.yaml", text),
        piece("in/a.ipynb", notebook("x = 1")),
        piece("alone.stet.yaml", text),
        piece("in/b.ipynb", notebook("y")),
        piece("in/b.stet.yaml", "tests:\n  - nam: x\n"),
        piece("in/c.ipynb", notebook("z")),
        piece("in/c.stet.yaml", Buffer.from([0xff, 0xfe])),
      ),
    }),
  )
  expect(told(first).filter((line) => line.includes("yaml"))).toEqual([
    "imported in/a.stet.yaml -> tests in/a.stet.yaml",
    "refused alone.stet.yaml: it holds test cases of alone.ipynb, and there is no such notebook beside it",
    expect.stringMatching(/^refused in\/b\.stet\.yaml: b\.stet\.yaml:2: there is no "nam" here: did you mean name\?/),
    "refused in/c.stet.yaml: it is not UTF-8 text",
  ])
  const files = new Map<string, string>()
  for await (const { path, content } of good(await exportSpace(world, me, { space: name })).entries)
    files.set(path, (await whole(content())).toString())
  expect(files.get("in/a.stet.yaml")).toBe(text)
  expect([...files.keys()].filter((path) => path.endsWith("stet.yaml"))).toEqual(["in/a.stet.yaml", "stet.yaml"])
  const again = [...files].map(([path, content]) => piece(path, content))
  const second = good(await importArchive(world, me, { space: other, archive: archive(...again) }))
  expect(told(second)).toContain("imported in/a.stet.yaml -> tests in/a.stet.yaml")
  const third = good(await importArchive(world, me, { space: other, archive: archive(...again) }))
  expect(told(third)).toContain("same in/a.stet.yaml -> tests in/a.stet.yaml")
  expect(refusal(await putFile(world, me, { space: name, path: "x.stet.yaml", content: Buffer.from("") }))).toBe("bad_path")

  // Changed in Stet, the file that was put does not say what is so any more.
  good(
    await putTestCase(world, me, {
      notebook: `${name}/in/a.ipynb`,
      name: "b",
      parameters: {},
      expects: { outcome: "succeeds", checks: [] },
      mocks: [],
    }),
  )
  const changed = good(await testFileOf(world, me, `${name}/in/a.ipynb`))
  expect(changed).toMatch(/^stet: 1\ntests:\n {2}- name: a\n/)
  const stranger = await person(world.db, "stranger")
  expect(refusal(await testFileOf(world, stranger, `${name}/in/a.ipynb`))).toBe("no_such_notebook")
})
