import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { zipArchives } from "#library/adapters/zip-reader.ts"
import { decide, type Offered } from "#library/offered.ts"
import { type ZipEntry, zipOfEntries } from "#library/zip.testing.ts"

async function pieces(entries: readonly ZipEntry[]): Promise<readonly Offered[]> {
  const opened = await zipArchives.open(zipOfEntries(entries))
  if (!opened.ok) throw new Error(opened.refusal.message)
  return opened.value.pieces
}

async function text(offered: Offered): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const bytes of offered.content()) parts.push(bytes)
  return Buffer.concat(parts).toString()
}

/** What becomes of each entry, by name alone. */
async function fates(...entries: readonly ZipEntry[]): Promise<readonly string[]> {
  const taken = new Set<string>()
  return (await pieces(entries)).map((offered) => {
    const decided = decide(offered, "", taken)
    if ("path" in decided) taken.add(decided.path)
    return "reason" in decided ? `${decided.do}: ${decided.reason}` : "path" in decided ? `${decided.do} ${decided.path}` : decided.do
  })
}

test("what an archive holds is told apart, and comes out as it went in", async () => {
  const offered = await pieces([
    { name: "a/", mode: 0o040755 },
    { name: "a/x.ipynb", content: "{}" },
    { name: "stored.csv", content: "1,2", method: 0 },
  ])
  expect(offered.map(({ path, kind, sizeBytes }) => [path, kind, sizeBytes])).toEqual([
    ["a/", "folder", 0],
    ["a/x.ipynb", "file", 2],
    ["stored.csv", "file", 3],
  ])
  expect(await Promise.all(offered.slice(1).map(text))).toEqual(["{}", "1,2"])
})

test.each([
  ["../evil.sh", 'refuse: ".." is no name'],
  ["a/../../evil", 'refuse: ".." is no name'],
  ["/etc/cron.d/x", 'refuse: it starts with "/", and paths begin at their space'],
  ["..\\..\\evil.bat", 'refuse: it holds "\\": folders are separated by "/"'],
  ["C:/windows/x", "refuse: it starts with the letter of a drive"],
  ["\\\\server\\share", 'refuse: it holds "\\": folders are separated by "/"'],
  ["a\0.ipynb", "refuse: it holds the invisible character U+0000"],
  ["con.ipynb", 'refuse: "con.ipynb" is the name of a device on Windows'],
  ["x".repeat(300), "refuse: one of its names is longer than 255 bytes"],
  ["a//b", 'refuse: two "/" follow each other'],
  ["__MACOSX/._a.ipynb", "skip: what is in __MACOSX is made by tools, not by people"],
  ["src/.ipynb_checkpoints/a.ipynb", "skip: what is in .ipynb_checkpoints is made by tools, not by people"],
  [".DS_Store", "skip: it is made by the system that packed this, not by people"],
  ["stet.yaml", "skip: it is what an export says about itself; ids and owners are not taken over"],
  ["inner.zip", "file inner.zip"],
  ["a.ipynb/b.csv", "file a.ipynb/b.csv"],
])("an entry named %j: %s", async (name, fate) => {
  expect(await fates({ name, content: "x" })).toEqual([fate])
})

test("links, devices, secrets, unknown packings and second copies are refused, each with its reason", async () => {
  expect(
    await fates(
      { name: "link", content: "/etc/passwd", mode: 0o120777 },
      { name: "device", mode: 0o020666 },
      { name: "pipe", mode: 0o010644 },
      { name: "socket", mode: 0o140644 },
      { name: "secret.csv", content: "x", flags: 0x801 },
      { name: "lzma.csv", content: "x", method: 14 },
      { name: "e\u0301.csv", content: "1" },
      { name: "\u00e9.csv", content: "2" },
      { name: Buffer.from("caf\xff\xfe.csv", "latin1"), content: "x" },
      { name: "fine.csv", content: "x" },
    ),
  ).toEqual([
    "refuse: it is a link, and a link may lead anywhere",
    "refuse: it is a device, a pipe or a socket, not a file",
    "refuse: it is a device, a pipe or a socket, not a file",
    "refuse: it is a device, a pipe or a socket, not a file",
    "refuse: it is encrypted: pack it without a password",
    "refuse: it is packed by method 14, and Stet unpacks only deflate",
    "file \u00e9.csv",
    "refuse: another one of this import has the same path",
    "refuse: its name is damaged",
    "file fine.csv",
  ])
})

test("an entry that would become much more than it is, is refused before it is unpacked", async () => {
  const zeros = Buffer.alloc(20 * 1024 * 1024)
  expect(await fates({ name: "bomb", content: zeros }, { name: "noise", content: randomBytes(200_000) })).toEqual([
    "refuse: it would become more than 200 times its packed size",
    "file noise",
  ])
  expect(await fates({ name: "lines.csv", content: "a,b,c\n".repeat(100_000) })).toEqual(["file lines.csv"])
})

test("an archive that is a bomb as a whole is refused as a whole", async () => {
  const kernel = Buffer.from(Array.from({ length: 5 * 1024 * 1024 }, (_, i) => (i % 31 === 0 ? i >> 5 : 65)))
  const overlapping = Array.from(
    { length: 400 },
    (_, i): ZipEntry => ({ name: `f${i}`, content: i === 0 ? kernel : "", ...(i > 0 && { sharedWith: 0 }), says: { size: kernel.length } }),
  )
  const manyFiles = Array.from({ length: 1001 }, (_, i): ZipEntry => ({ name: `f${i}` }))
  const refusals = await Promise.all(
    [
      zipOfEntries(overlapping),
      zipOfEntries(manyFiles),
      zipOfEntries([{ name: "a", says: { size: 0xfffffff0 } }]),
      zipOfEntries([{ name: "a", flags: 0x841 }]),
    ].map((bytes) => zipArchives.open(bytes)),
  )
  expect(refusals.map((one) => !one.ok && one.refusal.message)).toEqual([
    "What the archive holds is larger than 1024 MB: split it.",
    "The archive holds 1001 entries, more than the 1000 that are taken in at once: split it.",
    "What the archive holds is larger than 1024 MB: split it.",
    "The archive is encrypted: pack it without a password.",
  ])
  const within = await zipArchives.open(zipOfEntries(overlapping.slice(0, 100)), { entries: 1000, totalBytes: 1024 ** 3, ratio: 200 })
  expect(!within.ok && within.refusal.message).toMatch(/^The archive would become more than 200 times its size/)
})

test("an entry that is not what the archive says breaks off as it is read", async () => {
  const content = "x".repeat(5000)
  const offered = await pieces([
    { name: "more", content, says: { size: 100 } },
    { name: "less", content, says: { size: 6000 } },
    { name: "other", content, says: { crc: 1 } },
    { name: "garbled", content, says: { packed: 5 } },
    { name: "good", content },
  ])
  const said = await Promise.all(
    offered.map((one) =>
      text(one).then(
        () => "fine",
        (error: Error) => error.message,
      ),
    ),
  )
  expect(said).toEqual([
    "it is larger than the archive says",
    "it is smaller than the archive says",
    "it is damaged: its checksum is another one",
    "it is damaged: it cannot be unpacked",
    "fine",
  ])
})

test("a bomb that lies about its size is unpacked no further than it says", async () => {
  const [bomb] = await pieces([{ name: "bomb", content: Buffer.alloc(200 * 1024 * 1024), says: { size: 1000 } }])
  const before = process.memoryUsage().rss
  await expect(text(bomb!)).rejects.toThrow("it is larger than the archive says")
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024)
})

test("what is no archive, or a damaged one, is refused in a sentence, wherever it is damaged", async () => {
  const good = zipOfEntries([
    { name: "a", content: "hello" },
    { name: "b", content: "world" },
  ])
  const damaged = [new Uint8Array(), Buffer.from("PK"), Buffer.from("not a zip"), good.subarray(0, good.length - 5), good.subarray(20)]
  for (let at = 0; at < good.length; at++)
    damaged.push(Buffer.concat([good.subarray(0, at), Buffer.from([(good[at] ?? 0) ^ 0xff]), good.subarray(at + 1)]))
  let refused = 0
  for (const bytes of damaged) {
    const opened = await zipArchives.open(bytes)
    if (!opened.ok) {
      refused++
      expect(opened.refusal.message).toMatch(/^[^\n]+\.$/)
      continue
    }
    for (const piece of opened.value.pieces) await text(piece).catch((error: Error) => expect(error.message).toMatch(/^it is /))
  }
  expect(refused).toBeGreaterThan(10)
})
