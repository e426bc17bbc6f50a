/**
 * A space, or a folder of it, as plain files: notebooks in their newest version, byte for byte, their test cases, the files beside them,
 * and `stet.yaml`, which says what they were here. Importing what was exported gives the same notebooks and files.
 */
import { sql } from "kysely"
import { stringify } from "yaml"
import { accepted } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { caseFileFor } from "#case/index.ts"
import { EXPORT_FACTS, nameOf, toFolder } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, noSuch } from "#library/refusal.ts"
import { getSpace } from "#library/sql/find-space.ts"
import { testTexts } from "#library/sql/test-cases.ts"
import { versionBytes } from "#library/stored-keep.ts"
import { type Actor, audit, mayList, type NotebookId, type SpaceId } from "#people/index.ts"

export type ExportEntry = {
  /** Within the export, "/" between folders; safe on every system, as paths of the library are. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** @throws Fault blob_missing, blob_damaged, version_damaged */
  content(): AsyncIterable<Uint8Array>
}

/** `name` is what to call it: the space's or the folder's name. */
export type Export = { readonly name: string; readonly entries: AsyncIterable<ExportEntry> }

export type AskedExport = {
  /** Id or name. */
  readonly space: string
  /** Default "": all of it. */
  readonly folder?: string
}

/** Everything in it, to whoever may read the space, but notebooks whose code is hidden from them. Refuses no_such_space, no_such_folder, bad_path. */
export async function exportSpace(world: LibraryWorld, actor: Actor, asked: AskedExport): Promise<Catalogued<Export>> {
  const space = await getSpace(world.db, actor, asked.space)
  if (!space.ok) return space
  if (space.value.trashedAt !== null) return noSuch("space", asked.space)
  const folder = toFolder(asked.folder ?? "")
  if (!folder.ok) return folder
  const { id, name } = space.value
  const within: Within = { actor, space: id, prefix: folder.value === "" ? "" : `${folder.value}/` }
  const [first] = await nextOf(world, within, "", 1)
  if (!first && folder.value !== "") return noSuch("folder", folder.value)
  const at = world.clock.now()
  await audit(world.db, { actor, action: "space.export", thing: `space/${id}`, space: id, outcome: "done", detail: { folder: folder.value }, at })
  const head = { stet: 1, space: name, title: space.value.title, folder: folder.value, exportedAt: toIso(at) }
  return accepted({ name: folder.value === "" ? name : nameOf(folder.value), entries: entriesOf(world, within, { head, at }) })
}

type Within = { readonly actor: Actor; readonly space: SpaceId; readonly prefix: string }

type Row = {
  readonly kind: "notebook" | "file"
  readonly id: string
  readonly path: string
  readonly sha256: string
  readonly number: number | null
  readonly updatedAt: number
  readonly title: string | null
  readonly owner: string | null
  readonly tags: readonly string[] | null
  /** The asker may not see its code, so it stays here. */
  readonly isWithheld: boolean
}

const AT_ONCE = 200

/** Notebooks and files after a path, in one order. */
async function nextOf({ db }: Pick<LibraryWorld, "db">, { actor, space, prefix }: Within, after: string, limit: number): Promise<readonly Row[]> {
  const upto = prefix === "" ? sql`` : sql` AND path > ${prefix} AND path < ${`${prefix.slice(0, -1)}0`}`
  const here = sql`space_id = ${space} AND trashed_at IS NULL AND path > ${after}${upto} ORDER BY path LIMIT ${limit}`
  const seesCode = mayList(actor, "read_hidden_code", { space: "n.space_id", notebook: "n.id" })
  const found = await sql<Row>`
    SELECT 'notebook' AS kind, n.id, n.path, v.sha256, v.number, n.updated_at AS "updatedAt", n.title, p.name AS owner, n.tags,
      n.code_hidden AND NOT ${seesCode} AS "isWithheld"
    FROM (SELECT * FROM notebook WHERE ${here}) n JOIN version v ON v.notebook_id = n.id AND v.number = n.latest JOIN person p ON p.id = n.owner_id
    UNION ALL
    (SELECT 'file', id, path, sha256, NULL, updated_at, NULL, NULL, NULL, false FROM file WHERE ${here})
    ORDER BY path LIMIT ${limit}`.execute(db)
  return found.rows
}

type Facts = { readonly head: Readonly<Record<string, unknown>>; readonly at: number }

async function* entriesOf(world: LibraryWorld, within: Within, { head, at }: Facts): AsyncGenerator<ExportEntry> {
  const notebooks: unknown[] = []
  const files: unknown[] = []
  for (let after = ""; ; ) {
    const rows = await nextOf(world, within, after, AT_ONCE)
    const tests = await testTexts(
      world.db,
      rows.flatMap(({ kind, id, isWithheld }) => (kind === "notebook" && !isWithheld ? [id] : [])),
    )
    for (const row of rows) {
      if (row.isWithheld) continue
      const path = row.path.slice(within.prefix.length)
      const { id, sha256, number, title, owner, tags } = row
      if (row.kind === "notebook") notebooks.push({ path, id, version: number, sha256, title, owner, tags: tags ?? [] })
      else files.push({ path, id, sha256 })
      yield { path, at: row.updatedAt, content: () => contentOf(world, row) }
      const text = tests.get(id)
      if (text !== undefined) yield { path: caseFileFor(path), at: row.updatedAt, content: () => once(new TextEncoder().encode(text)) }
    }
    if (rows.length === 0) break
    after = rows.at(-1)?.path ?? ""
  }
  // Last, because only now it is known what was given out.
  const facts = new TextEncoder().encode(stringify({ ...head, notebooks, files }))
  yield { path: EXPORT_FACTS, at, content: () => once(facts) }
}

async function* contentOf(world: LibraryWorld, row: Row): AsyncGenerator<Uint8Array> {
  if (row.kind === "file" || row.number === null) yield* world.blobs.stream(row.sha256)
  else yield await versionBytes(world, { notebook: row.id as NotebookId, number: row.number, sha256: row.sha256 })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
