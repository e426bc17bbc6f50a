/**
 * Taking things in from outside: each piece by itself, whole or not at all, and told what became of it. What is wrong with one
 * piece stops no other. What comes in gets nothing from what it says about itself: its owner is who imports it, its id is new.
 */
import { isFault } from "#base/fault.ts"
import { accepted } from "#base/outcome.ts"
import { isCaseFile, notebookFor, readCases } from "#case/index.ts"
import { aboveSource, lackedBy, type TakenNotebook } from "#library/import-lacks.ts"
import type { SpaceRow } from "#library/notebook-row.ts"
import { type ArchiveLimits, type Archives, asUnreadable, decide, type Offered, type Offering } from "#library/offered.ts"
import { type LibraryPath, nameOf, toFolder } from "#library/path.ts"
import type { LibraryWorld } from "#library/ports.ts"
import { type Catalogued, refuse } from "#library/refusal.ts"
import { fileAt } from "#library/sql/find-file.ts"
import { notebookRow } from "#library/sql/find-notebook.ts"
import { spaceFor } from "#library/sql/find-space.ts"
import { putFile } from "#library/sql/put-file.ts"
import { putTestFile, testTexts } from "#library/sql/test-cases.ts"
import { versionByNumber } from "#library/sql/version-row.ts"
import { saveVersion } from "#library/versions-save.ts"
import { read } from "#notebook/index.ts"
import { type Actor, audit, type NotebookId } from "#people/index.ts"

export type Import = {
  /** Id or name. */
  readonly space: string
  /** Where it goes; default "": the space itself. */
  readonly folder?: string
  /** Of the versions that are made. */
  readonly message?: string
  /** What becomes of a piece whose path is taken by other bytes: a new version or new bytes of that (default), or it is skipped. */
  readonly onExisting?: "update" | "skip"
  /** Only tells what would become of each. */
  readonly dryRun?: boolean
}

export type ImportEntry = {
  /** As its source names it. */
  readonly path: string
  readonly outcome: "imported" | "same" | "skipped" | "refused"
  /** Of what was skipped or refused: completes "It was refused: …". */
  readonly reason?: string
  readonly kind?: "notebook" | "file" | "tests"
  /** Where it stands now. */
  readonly at?: string
  readonly notebook?: NotebookId
  readonly version?: number
  /** Files and folders above all that was offered which the notebook names, as it does, and which the space does not have. */
  readonly lacks?: readonly string[]
}

export type ImportReport = { readonly entries: readonly ImportEntry[]; readonly dryRun: boolean }

// A notebook is held in memory as a whole, several times over; a file is passed on as it comes.
const NOTEBOOK_LIMIT = 64 * 1024 * 1024
const FILE_LIMIT = 1024 ** 3
const TESTS_LIMIT = 4 * 1024 * 1024

/** Refuses no_such_space, not_allowed, bad_path (of the folder); everything else is in the report. */
export async function importPieces(
  world: LibraryWorld,
  actor: Actor,
  asked: Import & { readonly pieces: Iterable<Offered> | AsyncIterable<Offered> },
): Promise<Catalogued<ImportReport>> {
  const folder = toFolder(asked.folder ?? "")
  if (!folder.ok) return folder
  const doing = { action: "edit", verb: "space.import", words: "import anything into this space" } as const
  const space = await spaceFor(world, actor, asked.space, doing)
  if (!space.ok) return space
  const into: Into = {
    space: space.value,
    actor,
    onExisting: asked.onExisting ?? "update",
    dryRun: asked.dryRun ?? false,
    message: asked.message ?? "",
    above: [],
  }
  const taken = new Set<string>()
  const told: { readonly at: number; readonly entry: ImportEntry }[] = []
  for await (const { offered, at } of filesFirst(asked.pieces)) {
    const decided = decide(offered, folder.value, taken)
    if (decided.do === "nothing") continue
    const path = shown(offered.path)
    if (decided.do === "skip" || decided.do === "refuse") {
      told.push({ at, entry: { path, outcome: decided.do === "skip" ? "skipped" : "refused", reason: decided.reason } })
      continue
    }
    taken.add(decided.path)
    told.push({ at, entry: { path, kind: decided.do, ...(await takeIn(world, into, { offered, kind: decided.do, path: decided.path })) } })
  }
  const lacked = await lackedBy(world, space.value.id, into.above)
  const entries = told.sort((a, b) => a.at - b.at).map(({ entry }) => withLacks(entry, lacked))
  if (!into.dryRun) await record(world, into, entries)
  return accepted({ entries, dryRun: into.dryRun })
}

/** A version holds the files that its notebook names: they must be there before it; test cases belong to a notebook that is there. `at` is the place in what was offered. */
async function* filesFirst(pieces: Iterable<Offered> | AsyncIterable<Offered>): AsyncGenerator<{ readonly offered: Offered; readonly at: number }> {
  const isLater = ({ path }: Offered) => path.toLowerCase().endsWith(".ipynb")
  const later: { readonly offered: Offered; readonly at: number }[] = []
  const last: { readonly offered: Offered; readonly at: number }[] = []
  let at = 0
  for await (const offered of pieces) {
    const one = { offered, at: at++ }
    if (isCaseFile(offered.path)) last.push(one)
    else if (isLater(offered)) later.push(one)
    else yield one
  }
  yield* later
  yield* last
}

function withLacks(entry: ImportEntry, lacked: ReadonlyMap<string, readonly string[]>): ImportEntry {
  const lacks = entry.kind === "notebook" && entry.at !== undefined ? lacked.get(entry.at) : undefined
  return lacks ? { ...entry, lacks } : entry
}

type Into = {
  readonly space: SpaceRow
  readonly actor: Actor
  readonly onExisting: "update" | "skip"
  readonly dryRun: boolean
  readonly message: string
  /** Of the notebooks so far, where they name something above what was offered. */
  readonly above: { readonly at: string; readonly above: readonly string[] }[]
}
type Piece = { readonly offered: Offered; readonly kind: "notebook" | "file" | "tests"; readonly path: LibraryPath }
type Became = Omit<ImportEntry, "path" | "kind">

function shown(path: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(path.length > 300 ? `${path.slice(0, 300)}…` : path))
}

async function record(world: LibraryWorld, into: Into, entries: readonly ImportEntry[]): Promise<void> {
  const count = (outcome: ImportEntry["outcome"]) => entries.filter((entry) => entry.outcome === outcome).length
  const detail = { imported: count("imported"), same: count("same"), skipped: count("skipped"), refused: count("refused") }
  const { id } = into.space
  await audit(world.db, {
    actor: into.actor,
    action: "space.import",
    thing: `space/${id}`,
    space: id,
    outcome: "done",
    detail,
    at: world.clock.now(),
  })
}

async function takeIn(world: LibraryWorld, into: Into, piece: Piece): Promise<Became> {
  try {
    const there = await digestAt(world, into.space, piece)
    if (there !== undefined && into.onExisting === "skip")
      return { outcome: "skipped", reason: "something stands at its path already", at: piece.path }
    if (into.dryRun) return await tryOut(world, into, { piece, there })
    return await TAKERS[piece.kind](world, into, piece)
  } catch (error) {
    const unreadable = asUnreadable(error)
    if (!unreadable) throw error
    return { outcome: "refused", reason: unreadable.message }
  }
}

/** What stands there already, of the same kind. */
async function digestAt(world: LibraryWorld, space: SpaceRow, { kind, path }: Piece): Promise<string | undefined> {
  if (kind === "tests") return testsAt(world, space, path)
  if (kind === "file") return (await fileAt(world.db, space.id, path))?.sha256
  const notebook = await notebookRow(world.db, `${space.name}/${path}`)
  return notebook && (await versionByNumber(world.db, notebook.id, notebook.latest))?.sha256
}

async function testsAt(world: LibraryWorld, space: SpaceRow, path: LibraryPath): Promise<string | undefined> {
  const notebook = await notebookRow(world.db, `${space.name}/${notebookFor(path)}`)
  const text = notebook && (await testTexts(world.db, [notebook.id])).get(notebook.id)
  return text === undefined ? undefined : world.digest(new TextEncoder().encode(text))
}

async function takeNotebook(world: LibraryWorld, into: Into, { offered, path }: Piece): Promise<Became> {
  const bytes = await whole(offered, NOTEBOOK_LIMIT)
  if (!bytes) return tooLarge(NOTEBOOK_LIMIT)
  const saved = await saveVersion(world, into.actor, { space: into.space.id, path, bytes, source: "import", message: into.message })
  if (!saved.ok) return { outcome: "refused", reason: asReason(saved.refusal.message) }
  noteAbove(into, { from: offered.path, at: path, bytes })
  const { version, created } = saved.value
  return { outcome: created ? "imported" : "same", at: path, notebook: version.notebook, version: version.number }
}

function noteAbove({ above }: Into, notebook: TakenNotebook): void {
  const named = aboveSource(notebook)
  if (named.length > 0) above.push({ at: notebook.at, above: named })
}

/** For the notebook beside which the file stands. */
async function takeTests(world: LibraryWorld, into: Into, { offered, path }: Piece): Promise<Became> {
  const bytes = await whole(offered, TESTS_LIMIT)
  if (!bytes) return tooLarge(TESTS_LIMIT)
  const text = textIn(bytes)
  if (text === undefined) return { outcome: "refused", reason: "it is not UTF-8 text" }
  const notebook = notebookFor(path)
  const put = await putTestFile(world, into.actor, { notebook: `${into.space.name}/${notebook}`, text })
  if (put.ok) return { outcome: put.value.created ? "imported" : "same", at: path }
  if (put.refusal.refused !== "no_such_notebook") return { outcome: "refused", reason: asReason(put.refusal.message.replaceAll("\n", " ")) }
  return { outcome: "refused", reason: `it holds test cases of ${notebook}, and there is no such notebook beside it` }
}

function textIn(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const TAKERS = { notebook: takeNotebook, file: takeFile, tests: takeTests } as const

async function takeFile(world: LibraryWorld, into: Into, { offered, path }: Piece): Promise<Became> {
  const put = await putFile(world, into.actor, { space: into.space.id, path, content: offered.content(), limitBytes: FILE_LIMIT })
  if (!put.ok) return { outcome: "refused", reason: asReason(put.refusal.message) }
  return { outcome: put.value.changed ? "imported" : "same", at: path }
}

/** What would become of it; whether its path is free is only known when it is taken. */
async function tryOut(
  world: LibraryWorld,
  into: Into,
  { piece, there }: { readonly piece: Piece; readonly there: string | undefined },
): Promise<Became> {
  const { offered, kind, path } = piece
  const limit = { notebook: NOTEBOOK_LIMIT, file: FILE_LIMIT, tests: TESTS_LIMIT }[kind]
  const bytes = await whole(offered, limit)
  if (!bytes) return tooLarge(limit)
  if (kind === "notebook") noteAbove(into, { from: offered.path, at: path, bytes })
  if (there === world.digest(bytes)) return { outcome: "same", at: path }
  const reading = kind === "notebook" ? read(bytes) : kind === "tests" ? readCases(textIn(bytes) ?? "", nameOf(path)) : accepted(undefined)
  return reading.ok ? { outcome: "imported", at: path } : { outcome: "refused", reason: asReason(reading.refusal.message) }
}

/** All of it; undefined when it is larger than the limit. */
async function whole(offered: Offered, limitBytes: number): Promise<Uint8Array | undefined> {
  if (offered.sizeBytes > limitBytes) return undefined
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const bytes of offered.content()) {
    size += bytes.length
    if (size > limitBytes) return undefined
    pieces.push(bytes)
  }
  const all = new Uint8Array(size)
  let at = 0
  for (const bytes of pieces) {
    all.set(bytes, at)
    at += bytes.length
  }
  return all
}

function tooLarge(limitBytes: number): Became {
  return { outcome: "refused", reason: `it is larger than ${Math.floor(limitBytes / 1024 ** 2)} MB` }
}

function asReason(message: string): string {
  return message.replace(/\.$/, "")
}

export type ImportArchive = Import & { readonly archive: Uint8Array | { readonly file: string }; readonly limits?: ArchiveLimits }

/** A zip archive. Refuses bad_archive beside what `importPieces` refuses. */
export async function importArchive(
  world: LibraryWorld & { readonly archives: Archives },
  actor: Actor,
  asked: ImportArchive,
): Promise<Catalogued<ImportReport>> {
  const opened = await world.archives.open(asked.archive, asked.limits)
  return opened.ok ? importOffering(world, actor, { ...asked, offering: opened.value }) : opened
}

async function importOffering(world: LibraryWorld, actor: Actor, asked: Import & { readonly offering: Offering }): Promise<Catalogued<ImportReport>> {
  try {
    return await importPieces(world, actor, { ...asked, pieces: asked.offering.pieces })
  } finally {
    await asked.offering.close()
  }
}

/** Port: reads a public web address. @throws Fault storage_unreadable, storage_forbidden */
export type Fetch = (url: string) => Promise<Uint8Array>

export type ImportUrl = Import & {
  readonly url: string
  /** What it is to be called; default: the last part of its address. */
  readonly name?: string
}

/** A notebook, a file or a zip archive from a public address. Refuses bad_address and bad_archive as well. */
export async function importUrl(
  world: LibraryWorld & { readonly archives: Archives; readonly fetch: Fetch },
  actor: Actor,
  asked: ImportUrl,
): Promise<Catalogued<ImportReport>> {
  // Before anything is fetched for somebody who may not even put it here.
  const allowed = await importPieces(world, actor, { ...asked, dryRun: true, pieces: [] })
  if (!allowed.ok) return allowed
  let bytes: Uint8Array
  try {
    bytes = await world.fetch(asked.url)
  } catch (error) {
    if (!isFault(error) || (error.code !== "storage_unreadable" && error.code !== "storage_forbidden")) throw error
    return refuse("bad_address", `${error.message} ${error.remedy}`.trim())
  }
  const path = asked.name ?? nameFrom(asked.url, bytes)
  if (isZip(bytes) && /\.zip$/i.test(path)) return importArchive(world, actor, { ...asked, archive: bytes })
  return importPieces(world, actor, { ...asked, pieces: [{ path, kind: "file", sizeBytes: bytes.length, content: () => once(bytes) }] })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
}

function nameFrom(url: string, bytes: Uint8Array): string {
  const last = /^[a-z]+:\/\/[^/?#]*(?:\/[^?#]*)?\/([^/?#]+)\/?(?:[?#].*)?$/i.exec(url)?.[1] ?? ""
  const name = decoded(last).replace(/[/\\]/g, "_")
  if (name !== "") return name
  return bytes[0] === 0x7b ? "imported.ipynb" : "imported"
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
