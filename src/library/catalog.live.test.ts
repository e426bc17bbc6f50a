import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { newId } from "#base/id.ts"
import { allPages, audited, documentOf, good, place, refusal, tryPlace } from "#library/catalog.testing.ts"
import { toCursor } from "#library/cursor.ts"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import type { NotebookRow } from "#library/notebook-row.ts"
import { handOver, setTags } from "#library/sql/describe.ts"
import { getNotebook } from "#library/sql/find-notebook.ts"
import { getSpace, listSpaces } from "#library/sql/find-space.ts"
import { indexVersion } from "#library/sql/index-version.ts"
import { type Item, listFolder } from "#library/sql/list-folder.ts"
import { type ListNotebooks, listNotebooks, type NotebookOrder } from "#library/sql/list-notebooks.ts"
import { moveFolder, moveNotebook } from "#library/sql/move.ts"
import { purgeTrash } from "#library/sql/purge.ts"
import { searchNotebooks } from "#library/sql/search.ts"
import { changeSpace, createSpace, restoreSpace, trashSpace } from "#library/sql/spaces.ts"
import { restoreNotebook, trashFolder, trashNotebook } from "#library/sql/trash.ts"
import { recordRun, recordView, rollUsage, usageDays } from "#library/sql/usage.ts"
import { grant, person, random, space, type TestWorld, testWorld } from "#library/testing.ts"
import { type Actor, type NotebookId, type SpaceId, SYSTEM } from "#people/index.ts"

let world: TestWorld

beforeAll(async () => {
  world = await testWorld()
})

afterAll(async () => {
  await world.close()
})

let count = 0

/** A space of one's own with one who may edit and one who may not see it. */
async function scene(role: "editor" | "admin" | "viewer" = "editor"): Promise<{ me: Actor; stranger: Actor; here: SpaceId; name: string }> {
  const name = `space-${++count}`
  const [me, stranger] = [await person(world.db, `me ${count}`), await person(world.db, `stranger ${count}`)]
  const here = await space(world.db, name)
  await grant(world.db, me, { space: here, role })
  return { me, stranger, here, name }
}

async function pathsIn(here: SpaceId, folder = ""): Promise<readonly string[]> {
  const all = await allPages((cursor) => listNotebooks(world.db, SYSTEM, { space: here, folder, ...(cursor ? { cursor } : {}) }))
  return all.map(({ path }) => path)
}

async function addFile(here: SpaceId, path: string): Promise<string> {
  const id = newId<"File">(Date.now(), random)
  const sha256 = "a".repeat(64)
  await sql`INSERT INTO blob (sha256, size_bytes, created_at) VALUES (${sha256}, 1, now()) ON CONFLICT DO NOTHING`.execute(world.db)
  await sql`INSERT INTO file (id, space_id, path, sha256, size_bytes, created_at, updated_at) VALUES (${id}, ${here}, ${path}, ${sha256}, 1, now(), now())`.execute(
    world.db,
  )
  return id
}

describe("spaces", () => {
  test("whoever makes one administers it, and nobody else sees it", async () => {
    const [maker, other, boss] = [await person(world.db, "maker"), await person(world.db, "other"), await person(world.db, "boss", { isAdmin: true })]
    const made = good(await createSpace(world, maker, { name: "finance", title: "Finance" }))
    expect((await listSpaces(world.db, maker)).map(({ name, role }) => [name, role])).toEqual([["finance", "admin"]])
    expect(await listSpaces(world.db, other)).toEqual([])
    expect((await listSpaces(world.db, boss)).find(({ name }) => name === "finance")).toMatchObject({ role: "admin", title: "Finance" })
    expect(refusal(await getSpace(world.db, other, "finance"))).toBe("no_such_space")
    expect(good(await getSpace(world.db, maker, made.id)).name).toBe("finance")
  })

  test("a name is taken once, and free again when its space is in the trash", async () => {
    const maker = await person(world.db, "maker 2")
    const first = good(await createSpace(world, maker, { name: "lab" }))
    expect(refusal(await createSpace(world, maker, { name: "lab" }))).toBe("name_taken")
    expect(refusal(await createSpace(world, maker, { name: "La b" }))).toBe("bad_name")
    good(await trashSpace(world, maker, "lab"))
    expect(refusal(await getSpace(world.db, maker, "lab"))).toBe("no_such_space")
    const second = good(await createSpace(world, maker, { name: "lab" }))
    expect(refusal(await restoreSpace(world, maker, first.id))).toBe("name_taken")
    good(await changeSpace(world, maker, second.id, { name: "lab-2", maxRunning: 3 }))
    expect(good(await restoreSpace(world, maker, first.id)).name).toBe("lab")
    expect(good(await getSpace(world.db, maker, "lab-2")).maxRunning).toBe(3)
  })

  test("what is in a space goes out of sight with it and comes back with it", async () => {
    const { me, here, name } = await scene("admin")
    const id = await place(world, { space: here, path: "a.ipynb", owner: me })
    good(await trashSpace(world, me, name))
    expect(refusal(await getNotebook(world.db, me, id))).toBe("no_such_notebook")
    expect(good(await listNotebooks(world.db, me)).items).toEqual([])
    expect(refusal(await tryPlace(world, { space: here, path: "b.ipynb", owner: me }))).toBe("no_such_space")
    good(await restoreSpace(world, me, here))
    expect(good(await getNotebook(world.db, me, `${name}/a.ipynb`)).id).toBe(id)
  })

  test("those who may only edit may not change it, and the attempt is recorded", async () => {
    const { me, stranger, name } = await scene("editor")
    expect(refusal(await changeSpace(world, me, name, { title: "Mine" }))).toBe("not_allowed")
    expect(refusal(await trashSpace(world, stranger, name))).toBe("no_such_space")
    expect((await audited(world)).slice(-2)).toEqual(["space.change denied", "space.trash denied"])
  })

  test("a token makes spaces only with the scope for it", async () => {
    const me = await person(world.db, "with token")
    const via = (scopes: readonly ("run" | "admin")[]) => ({ ...me, via: { kind: "token", token: newId<"Token">(0, random), scopes } }) as Actor
    expect(refusal(await createSpace(world, via(["run"]), { name: "by-token" }))).toBe("not_allowed")
    expect(refusal(await createSpace(world, via(["admin"]), { name: "by-token" }))).toBe("none")
  })
})

describe("places", () => {
  test("nothing stands where something else does, or inside of what is no folder", async () => {
    const { me, here } = await scene()
    await place(world, { space: here, path: "a/b.ipynb", owner: me })
    await addFile(here, "data/x.csv")
    const tries = ["a/b.ipynb", "a/b.ipynb/c.ipynb", "data/x.csv/y.ipynb", "a.ipynb", "a/b/c.ipynb", "data/y.ipynb"]
    const refusals = await Promise.all(tries.map((path) => tryPlace(world, { space: here, path, owner: me })))
    expect(refusals.map(refusal)).toEqual(["path_taken", "path_taken", "path_taken", "none", "none", "none"])
    await place(world, { space: here, path: "f.ipynb/g.ipynb", owner: me })
    const folder = await tryPlace(world, { space: here, path: "f.ipynb", owner: me })
    expect(!folder.ok && folder.refusal.message).toBe('"f.ipynb" is a folder: choose another path.')
  })

  test("of many who want one place, one gets it", async () => {
    const { me, here } = await scene()
    const tries = await Promise.all(
      Array.from({ length: 12 }, (_, i) => tryPlace(world, { space: here, path: i % 2 ? "x.ipynb" : "x.ipynb/y.ipynb", owner: me })),
    )
    const placed = await pathsIn(here)
    expect(new Set(tries.map(refusal))).toEqual(new Set(["none", "path_taken"]))
    expect(placed.length).toBe(1)
  })

  test("a title is the first heading, else the file's name, and a name that moves takes its title along", async () => {
    const { me, here } = await scene()
    const named = await place(world, { space: here, path: "q3-sales.ipynb", owner: me, sources: ["x = 1"] })
    const headed = await place(world, { space: here, path: "b.ipynb", owner: me, sources: ["# Churn **report**", "x = 1"] })
    good(await moveNotebook(world, me, { notebook: named, path: "old/q4.ipynb" }))
    good(await moveNotebook(world, me, { notebook: headed, path: "old/c.ipynb" }))
    expect(good(await getNotebook(world.db, me, named)).title).toBe("q4")
    expect(good(await getNotebook(world.db, me, headed)).title).toBe("Churn report")
  })

  test("any text for a path gives a notebook that is there under it, or a refusal", async () => {
    const { me, here, name } = await scene()
    let placed = 0
    for (const text of NAUGHTY_TEXTS) {
      const tried = await tryPlace(world, { space: here, path: `${text}.ipynb`, owner: me, sources: [`# ${text}`, text] })
      if (!tried.ok) {
        expect(["bad_path", "path_taken"]).toContain(tried.refusal.refused)
        continue
      }
      placed++
      expect(good(await getNotebook(world.db, me, `${name}/${text}.ipynb`)).id).toBe(tried.value)
    }
    expect(placed).toBeGreaterThan(40)
    for (const text of NAUGHTY_TEXTS) {
      for (const asked of [await getNotebook(world.db, me, text), await getNotebook(world.db, me, `${name}/${text}`)]) expect(asked.ok).toBe(false)
      for (const asked of [
        { name: text },
        { folder: text },
        { space: text },
        { tags: [text] },
        { language: text },
        { lastRun: text },
        { cursor: text },
      ]) {
        const listed = await listNotebooks(world.db, me, asked)
        if (!listed.ok) expect(["bad_path", "no_such_space", "bad_cursor"]).toContain(listed.refusal.refused)
      }
    }
  })
})

describe("moving", () => {
  test("to another space goes with what belongs to it, and ends the roles given on it alone", async () => {
    const { me, here } = await scene()
    const there = await space(world.db, `there-${count}`)
    const guest = await person(world.db, "guest")
    const id = await place(world, { space: here, path: "a.ipynb", owner: me, sources: ["uniqueword = 1"] })
    await grant(world.db, guest, { space: here, notebook: id, role: "viewer" })
    await run(id, here)
    expect(refusal(await moveNotebook(world, me, { notebook: id, path: "b.ipynb", space: there }))).toBe("no_such_space")
    await grant(world.db, me, { space: there, role: "viewer" })
    expect(refusal(await moveNotebook(world, me, { notebook: id, path: "b.ipynb", space: there }))).toBe("not_allowed")
    await sql`UPDATE role_grant SET role = 'editor' WHERE space_id = ${there}`.execute(world.db)
    expect(good(await getNotebook(world.db, guest, id)).path).toBe("a.ipynb")
    expect(good(await moveNotebook(world, me, { notebook: id, path: "x/b.ipynb", space: there }))).toMatchObject({
      path: "x/b.ipynb",
      space: { id: there },
    })
    expect(refusal(await getNotebook(world.db, guest, id))).toBe("no_such_notebook")
    const spaces = await sql<{ space: string }>`SELECT space_id AS space FROM run WHERE notebook_id = ${id}
      UNION SELECT space_id FROM search_text WHERE notebook_id = ${id}`.execute(world.db)
    expect(spaces.rows).toEqual([{ space: there }])
    // The same attempt twice is one record with a count.
    expect((await audited(world)).slice(-2)).toEqual(["notebook.move denied", "notebook.move done"])
  })

  test("two moves to one place: one wins, and the other stays where it was", async () => {
    const { me, here } = await scene()
    for (let round = 0; round < 5; round++) {
      const ids = await Promise.all([0, 1, 2].map((i) => place(world, { space: here, path: `${round}/${i}.ipynb`, owner: me })))
      const moved = await Promise.all(ids.map((notebook) => moveNotebook(world, me, { notebook, path: `${round}/target.ipynb` })))
      expect(moved.map(refusal).sort()).toEqual(["none", "path_taken", "path_taken"])
      expect((await pathsIn(here, String(round))).length).toBe(3)
    }
  })

  test("two that change places between two spaces do not wait for each other for ever", async () => {
    const { me, here } = await scene()
    const there = await space(world.db, `swap-${count}`)
    await grant(world.db, me, { space: there, role: "editor" })
    const ids = await Promise.all(Array.from({ length: 8 }, (_, i) => place(world, { space: i % 2 ? here : there, path: `${i}.ipynb`, owner: me })))
    const moved = await Promise.all(
      ids.map((notebook, i) => moveNotebook(world, me, { notebook, path: `moved/${i}.ipynb`, space: i % 2 ? there : here })),
    )
    expect(moved.map(refusal)).toEqual(Array(8).fill("none"))
  })

  test("moved while it goes into the trash, it is in one of both states, and its old place is free", async () => {
    const { me, here } = await scene()
    for (let round = 0; round < 5; round++) {
      const id = await place(world, { space: here, path: "contested.ipynb", owner: me })
      const [moved, trashed] = await Promise.all([
        moveNotebook(world, me, { notebook: id, path: `kept-${round}.ipynb` }),
        trashNotebook(world, me, id),
      ])
      const now = good(await getNotebook(world.db, me, id))
      expect(trashed.ok).toBe(true)
      expect(now.trashedAt).not.toBe(null)
      expect(now.path).toBe(moved.ok ? `kept-${round}.ipynb` : "contested.ipynb")
      expect(refusal(await tryPlace(world, { space: here, path: "contested.ipynb", owner: me }))).toBe("none")
      good(await trashNotebook(world, me, good(await listNotebooks(world.db, me, { space: here })).items[0]?.id ?? ""))
    }
  })

  test("a folder goes as a whole, with its files, or not at all", async () => {
    const { me, here, name } = await scene()
    for (const path of ["a/1.ipynb", "a/b/2.ipynb", "a-z/3.ipynb", "c/4.ipynb"]) await place(world, { space: here, path, owner: me })
    await addFile(here, "a/data.csv")
    const move = (folder: string, to: string) => moveFolder(world, me, { space: name, folder, to })
    expect(refusal(await move("a", "c"))).toBe("path_taken")
    expect(refusal(await move("a", "c/4.ipynb"))).toBe("path_taken")
    expect(refusal(await move("a", "a/b/c"))).toBe("bad_path")
    expect(refusal(await move("", "x"))).toBe("bad_path")
    expect(refusal(await move("nowhere", "x"))).toBe("no_such_folder")
    expect(refusal(await move("a", "../x"))).toBe("bad_path")
    expect(refusal(await move("a", "x".repeat(255)))).toBe("none")
    expect(refusal(await move("x".repeat(255), Array(4).fill("y".repeat(252)).join("/")))).toBe("none")
    expect(refusal(await move(Array(4).fill("y".repeat(252)).join("/"), `${Array(4).fill("y".repeat(252)).join("/")}zzzzzzzzz`))).toBe("bad_path")
    expect(good(await move("y".repeat(252), "n"))).toEqual({ notebooks: 2, files: 1 })
    expect(await pathsIn(here)).toEqual([
      "a-z/3.ipynb",
      "c/4.ipynb",
      ...["1.ipynb", "b/2.ipynb"].map((path) => `n/${Array(3).fill("y".repeat(252)).join("/")}/${path}`),
    ])
  })
})

async function run(id: NotebookId, here: SpaceId): Promise<void> {
  await sql`INSERT INTO run (id, space_id, notebook_id, version, version_sha256, trigger, ordered_by, created_at, queued_at, state, ended_at)
    VALUES (${newId<"Run">(Date.now(), random)}, ${here}, ${id}, 1, ${"a".repeat(64)}, 'person', ${SYSTEM.id}, now(), now(), 'succeeded', now())`.execute(
    world.db,
  )
}

describe("the trash", () => {
  test("what is in it is listed apart, keeps its id, and comes back to its place or another", async () => {
    const { me, stranger, here, name } = await scene()
    const id = await place(world, { space: here, path: "a/x.ipynb", owner: me })
    expect(refusal(await trashNotebook(world, stranger, id))).toBe("no_such_notebook")
    good(await trashNotebook(world, me, id))
    expect(refusal(await trashNotebook(world, me, id))).toBe("no_such_notebook")
    expect(refusal(await getNotebook(world.db, me, `${name}/a/x.ipynb`))).toBe("no_such_notebook")
    expect(good(await getNotebook(world.db, me, id)).trashedAt).not.toBe(null)
    expect(await pathsIn(here)).toEqual([])
    expect(good(await listNotebooks(world.db, me, { trashed: true })).items.map((one) => one.id)).toEqual([id])
    await place(world, { space: here, path: "a/x.ipynb", owner: me })
    expect(refusal(await restoreNotebook(world, me, { id }))).toBe("path_taken")
    expect(good(await restoreNotebook(world, me, { id, onTaken: "number" }))).toMatchObject({
      path: "a/x (2).ipynb",
      title: "x (2)",
      trashedAt: null,
    })
    expect(refusal(await restoreNotebook(world, me, { id }))).toBe("no_such_notebook")
  })

  test("is emptied of what nobody's results are of", async () => {
    const { me, here, name } = await scene()
    const ids = await Promise.all(["a/1.ipynb", "a/2.ipynb", "b.ipynb"].map((path) => place(world, { space: here, path, owner: me })))
    await addFile(here, "a/data.csv")
    await run(ids[1]!, here)
    expect(good(await trashFolder(world, me, { space: name, folder: "a" }))).toEqual({ notebooks: 2, files: 1 })
    expect(await purgeTrash(world, 1)).toMatchObject({ notebooks: 0, files: 0 })
    const purged = await purgeTrash(world, 0)
    expect(purged.files).toBe(1)
    expect(purged.heldByRuns).toBeGreaterThanOrEqual(1)
    const left = await Promise.all(ids.map((id) => getNotebook(world.db, me, id)))
    expect(left.map(refusal)).toEqual(["no_such_notebook", "none", "none"])
  })
})

describe("owners and tags", () => {
  test("an owner hands over to those who may edit; others must administer", async () => {
    const { me, stranger, here } = await scene("editor")
    const heir = await person(world.db, "heir")
    const id = await place(world, { space: here, path: "a.ipynb", owner: me })
    const editor = await person(world.db, "editor")
    await grant(world.db, editor, { space: here, role: "editor" })
    expect(refusal(await handOver(world, editor, { notebook: id, to: editor.id }))).toBe("not_allowed")
    expect(refusal(await handOver(world, stranger, { notebook: id, to: stranger.id }))).toBe("no_such_notebook")
    expect(refusal(await handOver(world, me, { notebook: id, to: heir.id }))).toBe("not_allowed")
    await grant(world.db, heir, { space: here, role: "editor" })
    expect(good(await handOver(world, me, { notebook: id, to: heir.id })).owner).toEqual({ id: heir.id, name: "heir", hasLeft: false })
    expect(refusal(await handOver(world, me, { notebook: id, to: me.id }))).toBe("not_allowed")
  })

  test("what somebody who left owned is found, and goes to another", async () => {
    const { me: admin, here } = await scene("admin")
    const leaver = await person(world.db, "leaver")
    await grant(world.db, leaver, { space: here, role: "editor" })
    const left = [
      await place(world, { space: here, path: "1.ipynb", owner: leaver }),
      await place(world, { space: here, path: "2.ipynb", owner: leaver }),
    ]
    await sql`UPDATE person SET disabled_at = now() WHERE id = ${leaver.id}`.execute(world.db)
    expect(good(await listNotebooks(world.db, admin, { ownerHasLeft: true })).items.map(({ owner }) => owner.hasLeft)).toEqual([true, true])
    for (const notebook of left) good(await handOver(world, admin, { notebook, to: admin.id }))
    expect(good(await listNotebooks(world.db, admin, { ownerHasLeft: true })).items).toEqual([])
  })

  test("tags are those given last, and the change is recorded once", async () => {
    const { me, here } = await scene()
    const id = await place(world, { space: here, path: "a.ipynb", owner: me })
    good(await setTags(world, me, { notebook: id, tags: ["Weekly", "kpi"] }))
    good(await setTags(world, me, { notebook: id, tags: ["kpi", "weekly"] }))
    expect(good(await getNotebook(world.db, me, id)).tags).toEqual(["kpi", "weekly"])
    expect((await audited(world)).slice(-2)).not.toEqual(["notebook.tags done", "notebook.tags done"])
    expect(refusal(await setTags(world, me, { notebook: id, tags: ["a b"] }))).toBe("bad_name")
  })
})

describe("usage", () => {
  const DAY = 86_400_000

  test("a week's runs, failures and viewers are on the row, and go as the days pass", async () => {
    const { me, here } = await scene()
    const others = await Promise.all([1, 2].map((i) => person(world.db, `viewer ${i}`)))
    const notebook = await place(world, { space: here, path: "a.ipynb", owner: me })
    const start = Date.UTC(2026, 4, 1, 12)
    const usage = async () => good(await getNotebook(world.db, me, notebook)).usage
    await recordRun(world.db, { notebook, state: "failed", at: start })
    await recordRun(world.db, { notebook, state: "succeeded", at: start + DAY })
    await recordRun(world.db, { notebook, state: "lost", at: start + DAY - 1000 })
    for (const day of [0, 0, 1, 2]) await recordView(world.db, { notebook, person: me.id, at: start + day * DAY })
    await recordView(world.db, { notebook, person: others[0]!.id, at: start + DAY })
    expect(await usage()).toEqual({ lastRunAt: start + DAY, lastRunState: "succeeded", runsWeek: 3, failuresWeek: 2, viewersWeek: 2 })
    for (const [days, runs, failures, viewers] of [
      [2, 3, 2, 2],
      [6, 3, 2, 2],
      [7, 2, 1, 2],
      [8, 0, 0, 1],
      [9, 0, 0, 0],
    ] as const) {
      await rollUsage(world.db, start + days * DAY)
      expect(await usage(), `after ${days} days`).toMatchObject({
        runsWeek: runs,
        failuresWeek: failures,
        viewersWeek: viewers,
        lastRunAt: start + DAY,
      })
    }
    expect(await usageDays(world.db, { notebook, since: start })).toEqual([
      { day: "2026-05-01", runs: 1, failures: 1, viewers: 1 },
      { day: "2026-05-02", runs: 2, failures: 1, viewers: 2 },
      { day: "2026-05-03", runs: 0, failures: 0, viewers: 1 },
    ])
  })

  test("many runs that end at once are all counted", async () => {
    const { me, here } = await scene()
    const notebook = await place(world, { space: here, path: "a.ipynb", owner: me })
    const at = Date.UTC(2026, 5, 1)
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        world.db.transaction().execute((tx) => recordRun(tx, { notebook, state: i % 4 ? "succeeded" : "failed", at: at + i })),
      ),
    )
    expect(good(await getNotebook(world.db, me, notebook)).usage).toMatchObject({ runsWeek: 40, failuresWeek: 10, lastRunAt: at + 39 })
  })
})

describe("lists", () => {
  test("a list is what one may get, in its order, for everybody, every filter and every order", async () => {
    const spaces = await Promise.all([1, 2, 3].map((i) => space(world.db, `list-${i}`)))
    const owners = await Promise.all([1, 2, 3].map((i) => person(world.db, `owner ${i}`)))
    const ids: NotebookId[] = []
    for (let i = 0; i < 90; i++) {
      const path = `${["", "a/", "a/b/", "a-b/", "Z/"][i % 5]}${["sales", "Churn", "100%", "x_y"][i % 4]} ${i}.ipynb`
      const id = await place(world, {
        space: spaces[i % 3]!,
        path,
        owner: owners[i % 3]!,
        sources: i % 2 ? [`# Title ${i % 7}`] : [],
        hasParameters: i % 4 === 0,
      })
      ids.push(id)
      if (i % 3 > 0) await recordRun(world.db, { notebook: id, state: i % 5 ? "succeeded" : "failed", at: Date.UTC(2026, 6, 1) + (i % 11) })
      if (i % 6 === 0) good(await setTags(world, SYSTEM, { notebook: id, tags: i % 12 ? ["weekly"] : ["weekly", "kpi"] }))
      if (i % 8 === 0)
        await indexVersion(world.db, {
          notebook: id,
          document: { ...documentOf(), metadata: { language_info: { name: "R" } } },
          hasParameters: false,
        })
      if (i % 17 === 0) good(await trashNotebook(world, SYSTEM, id))
    }
    await sql`UPDATE person SET disabled_at = now() WHERE id = ${owners[2]!.id}`.execute(world.db)
    const all = (await Promise.all(ids.map((id) => getNotebook(world.db, SYSTEM, id)))).map(good)

    const reader = await person(world.db, "reads one space")
    await grant(world.db, reader, { space: spaces[0]!, role: "viewer" })
    const guest = await person(world.db, "guest of three notebooks")
    for (const i of [1, 2, 50]) await grant(world.db, guest, { space: spaces[i % 3]!, notebook: ids[i]!, role: "viewer" })
    const actors = [SYSTEM, await person(world.db, "administrator", { isAdmin: true }), reader, guest, await person(world.db, "nobody")]
    actors.push({ ...reader, via: { kind: "token", token: newId<"Token">(0, random), scopes: ["read"], space: spaces[1]! } } as Actor)

    const edited = all[40]!.updatedAt
    const filters: readonly [ListNotebooks, (row: NotebookRow) => boolean][] = [
      [{}, () => true],
      [{ space: spaces[0]! }, (row) => row.space.id === spaces[0]],
      [{ folder: "a" }, (row) => row.path.startsWith("a/")],
      [{ space: "list-2", folder: "a/b" }, (row) => row.space.name === "list-2" && row.path.startsWith("a/b/")],
      [{ owner: owners[1]!.id }, (row) => row.owner.id === owners[1]!.id],
      [{ ownerHasLeft: true }, (row) => row.owner.hasLeft],
      [{ ownerHasLeft: false }, (row) => !row.owner.hasLeft],
      [{ tags: ["weekly", "kpi"] }, (row) => row.tags.includes("kpi") && row.tags.includes("weekly")],
      [{ language: "r" }, (row) => row.language === "r"],
      [{ lastRun: "never" }, (row) => row.usage.lastRunAt === null],
      [{ lastRun: "failed" }, (row) => row.usage.lastRunState === "failed"],
      [{ editedSince: edited }, (row) => row.updatedAt >= edited],
      [{ editedBefore: edited }, (row) => row.updatedAt < edited],
      [{ runsWeekMin: 1 }, (row) => row.usage.runsWeek >= 1],
      [{ runsWeekMax: 0, owner: owners[0]!.id }, (row) => row.usage.runsWeek === 0 && row.owner.id === owners[0]!.id],
      [{ failuresMin: 1 }, (row) => row.usage.failuresWeek >= 1],
      [{ failuresMax: 0, runsWeekMin: 1 }, (row) => row.usage.failuresWeek === 0 && row.usage.runsWeek >= 1],
      [{ failuresMin: 1, runsWeekMax: 0 }, (row) => row.usage.failuresWeek >= 1 && row.usage.runsWeek === 0],
      [{ lastRun: "never", runsWeekMin: 1 }, (row) => row.usage.lastRunAt === null && row.usage.runsWeek >= 1],
      [{ hasParameters: true }, (row) => row.hasParameters],
      [{ name: "sALes" }, (row) => `${row.title} ${row.path}`.toLowerCase().includes("sales")],
      [{ name: " 8 sales" }, (row) => ["8", "sales"].every((word) => `${row.title} ${row.path}`.toLowerCase().includes(word))],
      [{ name: "0%" }, (row) => `${row.title} ${row.path}`.includes("0%")],
      [{ name: "x_y" }, (row) => `${row.title} ${row.path}`.includes("x_y")],
      [{ trashed: true }, (row) => row.trashedAt !== null],
    ]
    const keys: Record<NotebookOrder, (row: NotebookRow) => readonly (string | number)[]> = {
      path: (row) => [ordered(row.path), row.id],
      title: (row) => [ordered(row.title), row.id],
      updated: (row) => [-row.updatedAt, reversedId(row)],
      lastRun: (row) => [-(row.usage.lastRunAt ?? 0), reversedId(row)],
      runsWeek: (row) => [-row.usage.runsWeek, reversedId(row)],
      failures: (row) => [-row.usage.failuresWeek, reversedId(row)],
    }
    let compared = 0
    for (const actor of actors) {
      const readable = new Set<string>()
      for (const id of ids) if ((await getNotebook(world.db, actor, id)).ok) readable.add(id)
      for (const [filter, wanted] of filters) {
        if (filter.space !== undefined && !(await getSpace(world.db, actor, filter.space)).ok) {
          expect(refusal(await listNotebooks(world.db, actor, filter))).toBe("no_such_space")
          continue
        }
        const expected = all.filter((row) => readable.has(row.id) && wanted(row) && (filter.trashed ?? false) === (row.trashedAt !== null))
        const orders = filter.space === undefined && filter.folder === undefined ? (Object.keys(keys) as NotebookOrder[]) : (["path"] as const)
        for (const order of orders) {
          const sorted = [...expected].sort((a, b) => compare(keys[order](a), keys[order](b)))
          const listed = await allPages((cursor) => listNotebooks(world.db, actor, { ...filter, order, limit: 17, ...(cursor ? { cursor } : {}) }))
          const mine = listed.filter((row) => ids.includes(row.id))
          expect(
            mine.map(({ path, id }) => `${path} ${id}`),
            `${actor.name} ${JSON.stringify(filter)} ${order}`,
          ).toEqual(sorted.map(({ path, id }) => `${path} ${id}`))
          if (actor !== SYSTEM && !actor.isAdmin) expect(listed.length).toBe(mine.length)
          compared += sorted.length
        }
      }
    }
    expect(compared).toBeGreaterThan(5000)
    const turned = await allPages((cursor) =>
      listNotebooks(world.db, reader, { order: "updated", reversed: true, limit: 7, ...(cursor ? { cursor } : {}) }),
    )
    expect(turned.map(({ updatedAt }) => updatedAt)).toEqual(turned.map(({ updatedAt }) => updatedAt).sort((a, b) => a - b))
  })

  test("a cursor that somebody made up is refused or goes on somewhere, and breaks nothing", async () => {
    const keys = [
      "",
      "abc",
      "-1",
      "0",
      "none",
      "99999999999999999",
      "-99999999999999999",
      "2026-01-01",
      "NaN",
      "\u0000",
      "\ud800",
      "'",
      "x".repeat(3000),
    ]
    for (const order of ["path", "title", "updated", "lastRun", "runsWeek", "failures"] as const) {
      for (const key of keys) {
        for (const id of ["0".repeat(26), "", "x"]) {
          const up = order === "path" || order === "title"
          const listed = await listNotebooks(world.db, SYSTEM, { order, cursor: toCursor(`notebooks ${order} ${up}`, key, id) })
          expect(["none", "bad_cursor"]).toContain(refusal(listed))
        }
      }
    }
    for (const key of keys) {
      expect(["none", "bad_cursor"]).toContain(
        refusal(await searchNotebooks(world.db, SYSTEM, { query: "x", cursor: toCursor("search", key, "0".repeat(26)) })),
      )
    }
  })

  test("pages of 2,000 notebooks neither repeat nor leave out while others come and go", async () => {
    const { me, here, name } = await scene()
    await many(here, me, 2000)
    const before = await pathsIn(here)
    expect(before.length).toBe(2000)
    for (const order of ["path", "updated"] as const) {
      const seen: string[] = []
      let added = 0
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = good(await listNotebooks(world.db, me, { space: name, order, limit: 150, ...(cursor ? { cursor } : {}) }))
        seen.push(...page.items.map(({ path }) => path))
        cursor = page.next
        await place(world, { space: here, path: `${order} new ${added++}.ipynb`, owner: me })
        good(await trashNotebook(world, me, `${name}/${seen[added]}`))
      }
      const kept = seen.filter((path) => !path.includes("new"))
      expect(new Set(seen).size).toBe(seen.length)
      expect(kept.length).toBe(order === "path" ? 2000 : 2000 - 14)
    }
  }, 30_000)
})

async function many(here: SpaceId, owner: Actor, count: number): Promise<void> {
  await sql`INSERT INTO notebook (id, space_id, path, title, owner_id, created_at, updated_at)
    SELECT upper(lpad(to_hex(i), 26, '0')), ${here}, 'f' || i % 7 || '/' || md5(i::text) || '.ipynb', md5(i::text), ${owner.id}, now(), to_timestamp(i / 3)
    FROM generate_series(1, ${count}::int) i`.execute(world.db)
}

const reversedId = (row: NotebookRow) => Array.from(row.id, (char) => String.fromCharCode(200 - char.charCodeAt(0))).join("")

/** As natural_order has it, of plain names. */
const ordered = (name: string) =>
  name
    .toLowerCase()
    .replaceAll("/", "\u0001")
    .replaceAll(".", "\u0002")
    .replaceAll(/\d+/g, (digits) => digits.padStart(18, "0"))

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const i = a.findIndex((one, at) => one !== b[at])
  if (i < 0) return 0
  const [left, right] = [a[i]!, b[i]!]
  return left < right ? -1 : 1
}

describe("folders", () => {
  test("names stand as people order them, in folders and in lists, on whichever page", async () => {
    const { me, here, name } = await scene("viewer")
    const names = [
      "Report 10",
      "report 2",
      "Report 1",
      "Report",
      "report 2 b",
      "Zebra",
      "Ärger",
      "apfel",
      "Report 12345678901234567890123",
      "Report 010",
    ]
    const inOrder = ["apfel", "Ärger", "Report", "Report 1", "report 2", "report 2 b", "Report 010", "Report 10", names[8] ?? "", "Zebra"]
    for (const each of names) await place(world, { space: here, path: `in/${each}.ipynb`, owner: me })
    for (const each of names) await place(world, { space: here, path: `${each}/x.ipynb`, owner: me })
    for (const limit of [1, 3, 100]) {
      const list = (folder: string) =>
        allPages<Item>((cursor) => listFolder(world.db, me, { space: name, folder, limit, ...(cursor ? { cursor } : {}) }))
      const listed = (order: "title" | "path", reversed = false) =>
        allPages((cursor) => listNotebooks(world.db, me, { space: name, folder: "in", order, reversed, limit, ...(cursor ? { cursor } : {}) }))
      expect((await list("in")).map(({ path }) => path)).toEqual(inOrder.map((each) => `in/${each}.ipynb`))
      expect((await list("")).map(({ path }) => path)).toEqual([...inOrder.slice(0, 2), "in", ...inOrder.slice(2)])
      // What is alike but for leading zeros stands as it came.
      const alike = (titles: readonly string[]) => titles.map((each) => each.replace("010", "10"))
      expect(alike((await listed("title")).map(({ title }) => title))).toEqual(alike(inOrder))
      expect(alike((await listed("path", true)).map(({ path }) => path.slice(3, -6)))).toEqual(alike([...inOrder].reverse()))
    }
  })

  test("a folder shows its folders, then what stands in it, page by page", async () => {
    const { me, stranger, here, name } = await scene("viewer")
    const notebooks = [
      "z.ipynb",
      "a.ipynb",
      "a/1.ipynb",
      "a/x/2.ipynb",
      "a/x/y/3.ipynb",
      "a-b/4.ipynb",
      "a.b/5.ipynb",
      "a0/6.ipynb",
      "é/7.ipynb",
      "😍/8.ipynb",
      "a/é.ipynb",
    ]
    for (const path of notebooks) await place(world, { space: here, path, owner: me })
    const files = ["b.csv", "a/data.csv", "only/files/here.csv"]
    for (const path of files) await addFile(here, path)
    const list = (folder: string, limit = 100) =>
      allPages<Item>((cursor) => listFolder(world.db, me, { space: name, folder, limit, ...(cursor ? { cursor } : {}) }))
    const shown = (items: readonly Item[]) => items.map(({ kind, path }) => `${kind} ${path}`)
    expect(shown(await list(""))).toEqual([
      ...["a", "a.b", "a-b", "a0", "é", "only", "😍"].map((path) => `folder ${path}`),
      ...["notebook a.ipynb", "file b.csv", "notebook z.ipynb"],
    ])
    expect(shown(await list("a"))).toEqual(["folder a/x", "notebook a/1.ipynb", "file a/data.csv", "notebook a/é.ipynb"])
    expect(shown(await list("a/x"))).toEqual(["folder a/x/y", "notebook a/x/2.ipynb"])
    expect(shown(await list("only"))).toEqual(["folder only/files"])
    for (const limit of [1, 2, 3, 7]) for (const folder of ["", "a"]) expect(shown(await list(folder, limit))).toEqual(shown(await list(folder)))
    expect(refusal(await listFolder(world.db, me, { space: name, folder: "nothing" }))).toBe("no_such_folder")
    expect(refusal(await listFolder(world.db, me, { space: name, folder: "../a" }))).toBe("bad_path")
    expect(refusal(await listFolder(world.db, stranger, { space: name }))).toBe("no_such_space")
  })
})
