import fc from "fast-check"
import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Fault, isFault } from "#base/fault.ts"
import { fromPlain, write } from "#base/json.ts"
import type { Outcome } from "#base/outcome.ts"
import { noise } from "#library/adapters/blobs/testing.ts"
import {
  brokenVersions,
  diffVersions,
  labelVersion,
  listVersions,
  resolveVersion,
  type Save,
  type Saved,
  saveVersion,
  scrubBlobs,
  type VersionRow,
  versionBytes,
} from "#library/index.ts"
import type { Blobs } from "#library/ports.ts"
import { baseOf } from "#library/stored.ts"
import { dice } from "#library/stored-size.testing.ts"
import { grant, ipynb, person, space, type TestWorld, testWorld } from "#library/testing.ts"
import type { VersionRefusal } from "#library/versions-refusal.ts"
import { arbitraryNotebook } from "#notebook/testing.ts"
import type { Actor, SpaceId } from "#people/index.ts"

let world: TestWorld
let home: SpaceId
let editor: Actor
let viewer: Actor
let runner: Actor
let stranger: Actor

beforeAll(async () => {
  world = await testWorld()
  home = await space(world.db, "home")
  ;[editor, viewer, runner, stranger] = (await Promise.all(["editor", "viewer", "runner", "stranger"].map((name) => person(world.db, name)))) as [
    Actor,
    Actor,
    Actor,
    Actor,
  ]
  await grant(world.db, editor, { space: home, role: "editor" })
  await grant(world.db, viewer, { space: home, role: "viewer" })
  await grant(world.db, runner, { space: home, role: "runner" })
})
afterAll(() => world.close())

function good<Value>(outcome: Outcome<Value, VersionRefusal>): Value {
  if (!outcome.ok) throw new Error(`${outcome.refusal.refused}: ${outcome.refusal.message}`)
  return outcome.value
}
const refusalOf = (outcome: Outcome<unknown, VersionRefusal>) => (outcome.ok ? undefined : outcome.refusal)
const save = (asked: Partial<Save> & { bytes: Uint8Array }, actor = editor) => saveVersion(world, actor, { space: "home", source: "api", ...asked })
const at = async (path: string, ...sources: string[]): Promise<Saved> => good(await save({ path, bytes: ipynb(...sources) }))
const bytesOf = async (version: VersionRow) => Buffer.from(await versionBytes(world, version))
const utf8 = (of: string) => new TextEncoder().encode(of)

describe("saving", () => {
  test("makes a notebook and its versions, and gives each back byte for byte", async () => {
    const first = await at("new/a.ipynb", "# Sales", "x = 1")
    expect(first).toMatchObject({
      created: true,
      version: { number: 1, parent: null, author: { id: editor.id, name: "editor" }, source: "api", kernelName: "python3", language: "python" },
    })
    const second = good(await save({ notebook: first.version.notebook, bytes: ipynb("# Sales", "x = 2"), base: 1, message: "two", label: "good" }))
    expect(second).toMatchObject({ created: true, version: { number: 2, parent: 1, message: "two", label: "good" } })
    expect(await bytesOf(first.version)).toEqual(Buffer.from(ipynb("# Sales", "x = 1")))
    expect(await bytesOf(second.version)).toEqual(Buffer.from(ipynb("# Sales", "x = 2")))
    const row = await world.db.selectFrom("notebook").selectAll().where("id", "=", first.version.notebook).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ latest: 2, title: "Sales", language: "python", updated_by: editor.id, owner_id: editor.id })
    expect(row.updated_at).toBe(second.version.createdAt)
  })

  test("of the same bytes is the same version", async () => {
    const first = await at("same.ipynb", "x = 1")
    expect(await at("same.ipynb", "x = 1")).toEqual({ version: first.version, created: false })
    expect(good(await save({ path: "same.ipynb", bytes: ipynb("x = 1"), base: 0 }))).toMatchObject({ created: false })
    const labelled = good(await save({ path: "same.ipynb", bytes: ipynb("x = 1"), label: "kept" }))
    expect(labelled).toMatchObject({ created: false, version: { number: 1, label: "kept" } })
    // An older one's bytes again are a version of their own.
    await at("same.ipynb", "x = 2")
    expect(await at("same.ipynb", "x = 1")).toMatchObject({ created: true, version: { number: 3, sha256: first.version.sha256 } })
  })

  test("over what somebody else saved meanwhile is refused with both sides", async () => {
    const { version } = await at("base.ipynb", "x = 1")
    const theirs = await at("base.ipynb", "x = 2")
    const late = await save({ path: "base.ipynb", bytes: ipynb("x = 3"), base: 1 })
    expect(refusalOf(late)).toEqual({
      refused: "edited_meanwhile",
      message: expect.stringMatching(/Version 2 was saved since version 1/),
      theirs: { number: 2, sha256: theirs.version.sha256, author: editor.id, at: theirs.version.createdAt },
      yours: { base: 1, sha256: world.digest(ipynb("x = 3")) },
    })
    expect(refusalOf(await save({ path: "base.ipynb", bytes: ipynb("x = 3"), base: 0 }))).toMatchObject({ refused: "edited_meanwhile" })
    expect(refusalOf(await save({ path: "base.ipynb", bytes: ipynb("x = 3"), base: 9 }))).toMatchObject({ refused: "no_such_version" })
    expect(good(await save({ path: "base.ipynb", bytes: ipynb("x = 2"), base: 1 }))).toMatchObject({ created: false, version: { number: 2 } })
    expect(good(await save({ path: "base.ipynb", bytes: ipynb("x = 3"), base: 2 }))).toMatchObject({
      created: true,
      version: { number: 3, parent: 2 },
    })
    expect(good(await resolveVersion(world, editor, "read", { notebook: version.notebook }))).toMatchObject({ number: 3 })
  })

  test.each<[string, string, object]>([
    ["no JSON", '{"cells": [}', { refused: "bad_json", line: 1, column: 12 }],
    ["JSON that is no notebook", "{}", { refused: "not_a_notebook", message: expect.stringMatching(/nbformat/) }],
    ["a list", "[1]", { refused: "not_a_notebook" }],
    ["nothing", "", { refused: "bad_json", line: 1 }],
    ["a format of the future", '{"nbformat": 9, "cells": []}', { refused: "unsupported_format" }],
  ])("what is no notebook is refused: %s", async (_case, source, expected) => {
    expect(refusalOf(await save({ path: "bad.ipynb", bytes: utf8(source) }))).toMatchObject(expected)
    expect(refusalOf(await resolveVersion(world, editor, "read", { notebook: "home/bad.ipynb" }))).toMatchObject({ refused: "no_such_notebook" })
  })

  test("needs a place that can be one", async () => {
    await at("taken.ipynb", "x")
    for (const path of ["../out.ipynb", "no-ending", "taken.ipynb/inside.ipynb", ""]) {
      expect(["bad_path", "path_taken"]).toContain(refusalOf(await save({ path, bytes: ipynb("x") }))?.refused)
    }
    expect(refusalOf(await save({ space: "nowhere", path: "a.ipynb", bytes: ipynb("x") }))).toMatchObject({ refused: "no_such_space" })
    expect(refusalOf(await save({ notebook: "home/none.ipynb", bytes: ipynb("x") }))).toMatchObject({ refused: "no_such_notebook" })
  })

  test("keeps what PostgreSQL would not take as it is", async () => {
    const source = '# + tags\nname: str = "a\\u0000b"  # help\\u0000'.replaceAll("\\u0000", "\u0000")
    const cells = [{ cell_type: "code", id: "p", metadata: { tags: ["parameters"] }, source, outputs: [], execution_count: null }]
    const bytes = utf8(JSON.stringify({ cells, metadata: { kernelspec: { name: "py\u0000", display_name: "x" } }, nbformat: 4, nbformat_minor: 5 }))
    const { version } = good(await save({ path: "naughty.ipynb", bytes, message: "nul \0 and half \ud800" }))
    expect(await bytesOf(version)).toEqual(Buffer.from(bytes))
    expect(version.message).toBe("nul \uFFFD and half \uFFFD")
    expect(refusalOf(await save({ path: "naughty.ipynb", bytes: ipynb("y"), label: "a\0" }))).toMatchObject({ refused: "bad_label" })
  })

  test("records the parameters, and that it was done, in one chain", async () => {
    const cells = [
      {
        cell_type: "code",
        id: "p",
        metadata: { tags: ["parameters"] },
        source: "z: int = 3\nn: int = 3\na = 1.0",
        outputs: [],
        execution_count: null,
      },
    ]
    const bytes = utf8(JSON.stringify({ cells, metadata: { kernelspec: { name: "python3", display_name: "x" } }, nbformat: 4, nbformat_minor: 5 }))
    const { version } = good(await save({ path: "parameters.ipynb", bytes, source: "import" }))
    expect(version.parameters).toMatchObject({ properties: { n: { type: "integer", default: 3 } } })
    // In the order in which they are declared, and to the last digit.
    const { properties } = good(await resolveVersion(world, editor, "read", { notebook: version.notebook })).parameters as {
      properties: Record<string, { default: unknown }>
    }
    expect(Object.keys(properties)).toEqual(["z", "n", "a"])
    expect(properties["a"]?.default).toMatchObject({ text: "1.0" })
    const entries = await sql<{
      action: string
      outcome: string
      detail: unknown
    }>`SELECT action, outcome, detail FROM audit_event WHERE thing = ${`notebook/${version.notebook}`}`.execute(world.db)
    expect(entries.rows).toEqual([{ action: "version.save", outcome: "done", detail: { number: 1, sha256: version.sha256, source: "import" } }])
  })
})

describe("who may", () => {
  test("save: editors; of others some may not, and some may not know", async () => {
    const { version } = await at("rights.ipynb", "x = 1")
    const asked = { notebook: version.notebook, bytes: ipynb("x = 2") }
    expect(refusalOf(await save(asked, viewer))).toMatchObject({ refused: "not_allowed" })
    expect(refusalOf(await save(asked, runner))).toMatchObject({ refused: "not_allowed" })
    expect(refusalOf(await save(asked, stranger))).toMatchObject({ refused: "no_such_notebook" })
    expect(refusalOf(await save({ path: "theirs.ipynb", bytes: ipynb("x") }, viewer))).toMatchObject({ refused: "not_allowed" })
    expect(refusalOf(await save({ path: "theirs.ipynb", bytes: ipynb("x") }, stranger))).toMatchObject({ refused: "no_such_space" })
    // What is no notebook is not looked at for those who may not save one.
    expect(refusalOf(await save({ notebook: version.notebook, bytes: utf8("{") }, stranger))).toMatchObject({ refused: "no_such_notebook" })
    const guest = await person(world.db, "guest")
    await grant(world.db, guest, { space: home, notebook: version.notebook, role: "editor" })
    expect(good(await save({ path: "rights.ipynb", bytes: ipynb("x = 3") }, guest))).toMatchObject({ version: { number: 2 } })
    expect(refusalOf(await save({ path: "other.ipynb", bytes: ipynb("x = 3") }, guest))).toMatchObject({ refused: "no_such_space" })
  })

  test("read, run and label", async () => {
    const { version } = await at("reading.ipynb", "x = 1")
    const ref = { notebook: "home/reading.ipynb" }
    expect(good(await resolveVersion(world, viewer, "read", ref))).toMatchObject({ number: 1 })
    expect(refusalOf(await resolveVersion(world, viewer, "run", ref))).toMatchObject({ refused: "not_allowed" })
    expect(good(await resolveVersion(world, runner, "run", ref))).toMatchObject({ number: 1 })
    for (const action of ["read", "run"] as const)
      expect(refusalOf(await resolveVersion(world, stranger, action, ref))).toMatchObject({ refused: "no_such_notebook" })
    expect(refusalOf(await listVersions(world, stranger, ref))).toMatchObject({ refused: "no_such_notebook" })
    expect(refusalOf(await labelVersion(world, runner, { ...ref, label: "mine" }))).toMatchObject({ refused: "not_allowed" })
    expect(refusalOf(await diffVersions(world, stranger, { notebook: version.notebook, from: 1, to: 1 }))).toMatchObject({
      refused: "no_such_notebook",
    })
  })
})

describe("a version", () => {
  test("is found by number, digest or as the newest", async () => {
    const first = await at("found.ipynb", "x = 1")
    const second = await at("found.ipynb", "x = 2")
    const find = (version: number | "latest" | `sha256:${string}`) => resolveVersion(world, editor, "read", { notebook: "home/found.ipynb", version })
    expect(good(await find("latest"))).toEqual(second.version)
    expect(good(await find(1))).toEqual(first.version)
    expect(good(await find(`sha256:${first.version.sha256}`))).toEqual(first.version)
    for (const version of [0, -1, 3, 1.5, 2 ** 40, Number.NaN, "sha256:x", `sha256:${"0".repeat(64)}`, "newest"] as const) {
      expect(refusalOf(await find(version as number))).toMatchObject({ refused: "no_such_version" })
    }
  })

  test("is listed, the newest first, page by page", async () => {
    for (let i = 1; i <= 7; i++) await at("listed.ipynb", `x = ${i}`)
    const seen: number[] = []
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
      const page = good(await listVersions(world, viewer, { notebook: "home/listed.ipynb", limit: 3, ...(cursor ? { cursor } : {}) }))
      seen.push(...page.items.map(({ number }) => number))
      cursor = page.next
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
    expect(refusalOf(await listVersions(world, viewer, { notebook: "home/listed.ipynb", cursor: "nonsense" }))).toMatchObject({
      refused: "bad_cursor",
    })
  })

  test("takes a label and nothing else, whoever writes to the database", async () => {
    const { version } = await at("label.ipynb", "x = 1")
    expect(good(await labelVersion(world, editor, { notebook: version.notebook, version: 1, label: "  released " }))).toEqual({
      ...version,
      label: "released",
    })
    expect(good(await labelVersion(world, editor, { notebook: version.notebook, version: 1, label: null }))).toEqual(version)
    expect(refusalOf(await labelVersion(world, editor, { notebook: version.notebook, label: "a\nb" }))).toMatchObject({ refused: "bad_label" })
    const columns = Object.keys(await world.db.selectFrom("version").selectAll().executeTakeFirstOrThrow()).filter(
      (name) => !["label", "space_id", "schema_edition"].includes(name),
    )
    expect(columns.length).toBeGreaterThan(14)
    for (const column of columns) {
      const value = /^(number|base|parent|size_bytes)$/.test(column)
        ? sql`99`
        : column === "stored"
          ? sql`'x'::bytea`
          : /^(manifest|parameters)$/.test(column)
            ? sql`'{"a": 1}'`
            : column === "created_at"
              ? sql`now()`
              : column === "notebook_id" || column === "author_id"
                ? sql`'00000000000000000000000000'`
                : /sha256/.test(column)
                  ? sql`${"f".repeat(64)}`
                  : column === "source"
                    ? sql`'git'`
                    : sql`'changed'`
      const change = sql`UPDATE version SET ${sql.id(column)} = ${value} WHERE notebook_id = ${version.notebook}`.execute(world.db)
      await expect(change, column).rejects.toThrow(/cannot be changed/)
    }
  })

  test("is compared with another, document and files", async () => {
    await at("compared.ipynb", "x = 1", "y = 1")
    await at("compared.ipynb", "x = 1", "y = 2")
    const told = good(await diffVersions(world, viewer, { notebook: "home/compared.ipynb", from: 1, to: "latest" }))
    expect(told).toMatchObject({ from: { number: 1 }, to: { number: 2 }, diff: { summary: { same: 1, changed: 1 } }, files: [] })
  })
})

describe("what is kept", () => {
  const image = (seed: number, length = 200_000) =>
    Buffer.from(Array.from({ length: length * 0.75 }, (_, i) => (Math.imul(i + seed * 7919, 2_654_435_761) >>> 13) & 255)).toString("base64")
  const withImage = (count: number, png: string, code = "plot()") =>
    utf8(
      JSON.stringify({
        cells: [
          {
            cell_type: "code",
            id: "a",
            metadata: {},
            execution_count: count,
            source: [code],
            outputs: [
              { output_type: "execute_result", execution_count: count, metadata: {}, data: { "image/png": png, "text/plain": ["<Figure>"] } },
            ],
          },
        ],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 5,
      }),
    )

  test("of a large output is one blob, however many versions have it", async () => {
    const png = image(1)
    const before = await countOf("blob")
    const versions = []
    for (let i = 1; i <= 12; i++) versions.push(good(await save({ path: "image.ipynb", bytes: withImage(i, png) })).version)
    good(await save({ path: "image-too.ipynb", bytes: withImage(1, png, "other()") }))
    expect((await countOf("blob")) - before).toBe(1)
    for (const [i, version] of versions.entries()) expect(await bytesOf(version)).toEqual(Buffer.from(withImage(i + 1, png)))
    const [sizes] = (
      await sql<{ stored: number }>`SELECT sum(length(stored))::int AS stored FROM version WHERE notebook_id = ${versions[0]!.notebook}`.execute(
        world.db,
      )
    ).rows
    expect(sizes!.stored).toBeLessThan(2000)
  })

  test("comes back byte for byte: any notebook, any version, whatever its format and form", async () => {
    const odd = [
      '{"nbformat_minor": 0, "worksheets": [{"cells": [{"language": "python", "outputs": [], "input": "1+1", "cell_type": "code", "collapsed": false}]}], "nbformat": 3, "metadata": {"name": ""}}',
      '{"nbformat": 2, "metadata": {"name": "old"}, "worksheets": [{"cells": [{"cell_type": "markdown", "source": "x"}]}]}',
      '\uFEFF{ "cells":[ ],\r\n\t"metadata" : {}, "nbformat":4.0, "nbformat_minor":2 }\r\n\r\n',
      '{"nbformat":4,"nbformat_minor":5,"metadata":{"a":1.0,"a":1e400,"b":NaN,"__proto__":{"x":1}},"cells":[{"cell_type":"raw","id":"a","metadata":{},"source":"\\u00e9\\ud83d\\ude00"}]}',
      `{"nbformat":3,"nbformat_minor":0,"metadata":{},"worksheets":[{"cells":[{"cell_type":"code","input":"","language":"python","outputs":[{"output_type":"stream","stream":"stdout","text":"${"é".repeat(40_000)}"}]}]}]}`,
    ].map(utf8)
    const random = fc.sample(arbitraryNotebook, { numRuns: 25, seed: 5 }).map((notebook) => utf8(write(fromPlain(notebook))))
    const all = [...odd, ...random, ...odd.toReversed()]
    const versions: VersionRow[] = []
    for (const bytes of all) versions.push(good(await save({ path: "odd.ipynb", bytes })).version)
    for (const [i, version] of versions.entries()) expect(Buffer.compare(await bytesOf(version), all[i]!), `version ${version.number}`).toBe(0)
  })

  test("is made anew in at most log2(n) steps", async () => {
    let version!: VersionRow
    for (let i = 1; i <= 40; i++)
      version = (await at("steps.ipynb", ...Array.from({ length: 30 }, (_, j) => `x${j} = ${j === i % 30 ? i : 0}`))).version
    const rows = (
      await sql<{ number: number; base: number | null }>`SELECT number, base FROM version WHERE notebook_id = ${version.notebook}`.execute(world.db)
    ).rows
    for (const { number, base } of rows) if (base !== null) expect(base).toBe(baseOf(number))
    expect(rows.filter(({ base }) => base === null).length).toBeLessThan(4)
  })

  test("and damaged is told, never given out", async () => {
    const png = image(2)
    const first = good(await save({ path: "damage.ipynb", bytes: withImage(1, png) })).version
    const second = good(await save({ path: "damage.ipynb", bytes: withImage(2, png) })).version
    const name = world.digest(utf8(`"${png}"`))
    await world.blobs.remove(name)
    await expect(versionBytes(world, second)).rejects.toMatchObject({
      code: "blob_missing",
      message: expect.stringMatching(/Version 2 of .* an output of it cannot/),
    })
    await world.blobs.put(utf8(`"${png}"`))
    expect(await bytesOf(second)).toEqual(Buffer.from(withImage(2, png)))
    await sql`ALTER TABLE version DISABLE TRIGGER version_stays`.execute(world.db)
    try {
      const length = (
        await sql<{ n: number }>`SELECT length(stored)::int AS n FROM version WHERE notebook_id = ${first.notebook} AND number = 1`.execute(world.db)
      ).rows[0]!.n
      for (let byte = 0; byte < length; byte++) {
        const flip = sql`UPDATE version SET stored = set_byte(stored, ${byte}, get_byte(stored, ${byte}) # 16) WHERE notebook_id = ${first.notebook} AND number = 1`
        await flip.execute(world.db)
        for (const version of [first, second]) {
          const got = await versionBytes(world, version).then(
            // Not every bit of what is packed decides about what was.
            (bytes) => (world.digest(bytes) === version.sha256 ? "version_damaged" : "wrong bytes"),
            (error) => error.code,
          )
          expect(["version_damaged", "blob_missing"]).toContain(got)
        }
        if (byte === 3) expect((await brokenVersions(world)).broken.map(({ notebook }) => notebook)).toEqual([first.notebook, first.notebook])
        await flip.execute(world.db)
      }
    } finally {
      await sql`ALTER TABLE version ENABLE TRIGGER version_stays`.execute(world.db)
    }
    expect((await brokenVersions(world)).broken).toEqual([])
  })
})

describe("many at once", () => {
  test("who save to one notebook get a number each, none is lost, and no row is without its blobs", async () => {
    const png = "A".repeat(70_000)
    const contents = Array.from({ length: 24 }, (_, i) =>
      utf8(
        `{"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,"source":"${i}","outputs":[{"output_type":"stream","name":"stdout","text":"${png}${i % 5}"}]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
      ),
    )
    // Half of them find no notebook there, and one of those makes it.
    const saved = (await Promise.all(contents.map((bytes) => save({ path: "crowd.ipynb", bytes })))).map(good)
    expect(saved.every(({ created }) => created)).toBe(true)
    expect(saved.map(({ version }) => version.number).toSorted((a, b) => a - b)).toEqual(contents.map((_, i) => i + 1))
    expect(new Set(saved.map(({ version }) => version.notebook)).size).toBe(1)
    for (const [i, { version }] of saved.entries()) expect(Buffer.compare(await bytesOf(version), contents[i]!)).toBe(0)
    expect((await scrubBlobs(world)).missing).toEqual([])
  })

  test("over a store that fails by a seed: what was acknowledged is there, and no row is without its blobs", async () => {
    let acknowledged = 0
    let failed = 0
    for (let seed = 1; seed <= 60; seed++) {
      const roll = dice(seed)
      const full = () => new Fault("disk_full", "There is no room left.", { retry: "later" })
      const blobs: Blobs = {
        ...world.blobs,
        async put(content, claim) {
          if (roll(10) < 2) throw full()
          const put = await world.blobs.put(content, async (blob) => {
            await claim?.(blob)
            if (roll(10) < 2) throw full()
          })
          // Done, but nobody was told.
          if (roll(10) < 2) throw full()
          return put
        },
        get: async (sha256) => (roll(20) === 0 ? Promise.reject(full()) : world.blobs.get(sha256)),
      }
      const shaky = { ...world, blobs }
      const contents = Array.from({ length: 4 }, (_, i) =>
        withOutputs(`${seed} ${i}`, [noise(30_000, seed * 8 + i), noise(50_000, seed), noise(60_000, i + 1)]),
      )
      for (const bytes of contents) {
        const before = await latestOf("shaky.ipynb")
        const outcome = await saveVersion(shaky, editor, { space: "home", path: "shaky.ipynb", bytes, source: "api" }).catch((error) => {
          if (!isFault(error)) throw error
          return error
        })
        if (isFault(outcome)) {
          failed++
          expect(await latestOf("shaky.ipynb")).toBe(before)
        } else {
          acknowledged++
          expect(Buffer.compare(await bytesOf(good(outcome).version), bytes)).toBe(0)
        }
      }
    }
    expect(failed).toBeGreaterThan(50)
    expect(acknowledged).toBeGreaterThan(50)
    expect((await scrubBlobs(world)).missing).toEqual([])
    expect((await brokenVersions(world)).broken).toEqual([])
  })

  test("of those who started from the same version one comes through", async () => {
    const { version } = await at("race.ipynb", "x = 0")
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => save({ notebook: version.notebook, bytes: ipynb(`x = ${i + 1}`), base: 1 })),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome.refusal.refused).toBe("edited_meanwhile")
  })

  test("the bytes behind a version never change, whatever happens in whatever order", async () => {
    const command = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant("save" as const),
          notebook: fc.nat({ max: 2 }),
          text: fc.nat({ max: 6 }),
          base: fc.constantFrom("none", "latest", "older"),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("label" as const), notebook: fc.nat({ max: 2 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), notebook: fc.nat({ max: 2 }), version: fc.nat({ max: 12 }) }) },
    )
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 7 }), async (batches) => {
        round++
        const path = (i: number) => `round-${round}/${i}.ipynb`
        const truth = new Map<string, Uint8Array>()
        const accepted: VersionRow[] = []
        for (const batch of batches) {
          await Promise.all(
            batch.map(async (one) => {
              const latest = await resolveVersion(world, editor, "read", { notebook: `home/${path(one.notebook)}` })
              if (one.do === "label" && latest.ok)
                return void good(await labelVersion(world, editor, { notebook: latest.value.notebook, label: `r${round}` }))
              if (one.do === "read") {
                const found = await resolveVersion(world, editor, "read", { notebook: `home/${path(one.notebook)}`, version: one.version })
                if (found.ok) expect(world.digest(await versionBytes(world, found.value))).toBe(found.value.sha256)
                return
              }
              if (one.do !== "save") return
              const bytes = ipynb(...Array.from({ length: 20 }, (_, i) => `x${i} = ${i === one.text ? round : i}`))
              const base = one.base === "none" || !latest.ok ? {} : { base: Math.max(0, latest.value.number - (one.base === "older" ? 1 : 0)) }
              const outcome = await save({ path: path(one.notebook), bytes, ...base })
              if (!outcome.ok) return void expect(outcome.refusal.refused).toBe("edited_meanwhile")
              const { version, created } = outcome.value
              if (created) accepted.push(version)
              // Whoever was told that it is saved finds it under that number for ever.
              expect(version.sha256).toBe(world.digest(bytes))
              truth.set(`${version.notebook} ${version.number}`, bytes)
              if (created && "base" in base) expect(version.parent ?? 0).toBe(base.base)
            }),
          )
        }
        for (const { notebook, number } of accepted) {
          const found = good(await resolveVersion(world, editor, "read", { notebook, version: number }))
          expect(Buffer.compare(await bytesOf(found), truth.get(`${notebook} ${number}`)!)).toBe(0)
        }
        const gaps = await sql`SELECT FROM notebook n WHERE n.latest <> (SELECT count(*) FROM version v WHERE v.notebook_id = n.id)
          OR n.latest <> (SELECT coalesce(max(number), 0) FROM version v WHERE v.notebook_id = n.id)`.execute(world.db)
        expect(gaps.rows).toEqual([])
      }),
      { numRuns: 25 },
    )
    expect((await brokenVersions(world)).broken).toEqual([])
  })
})

function withOutputs(source: string, outputs: readonly Uint8Array[]): Uint8Array {
  const cells = outputs.map((bytes, i) => ({
    cell_type: "code",
    id: `c${i}`,
    metadata: {},
    execution_count: 1,
    source,
    outputs: [{ output_type: "display_data", metadata: {}, data: { "image/png": Buffer.from(bytes).toString("base64") } }],
  }))
  return utf8(JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }))
}

async function latestOf(path: string): Promise<number> {
  const row = await world.db.selectFrom("notebook").select("latest").where("path", "=", path).executeTakeFirst()
  return row?.latest ?? 0
}

async function countOf(table: "blob"): Promise<number> {
  const found = await sql<{ count: number }>`SELECT count(*)::int AS count FROM ${sql.id(table)}`.execute(world.db)
  return found.rows[0]!.count
}
