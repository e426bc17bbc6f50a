/**
 * The files that a launch gives: each named by an upload, or by the path of a file that stands beside the notebook. What comes of it is fixed
 * with the order: which bytes, and where they lie for the kernel, under a name that is ours.
 */
import { newId } from "#base/id.ts"
import { isList, type Json, type JsonObject } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { getFile } from "#library/index.ts"
import { fileMisfit, pathBeside, safeFileName, uploadIn, uploadNamed } from "#notebook/index.ts"
import { type Actor, can, type NotebookId, type SpaceId } from "#people/index.ts"
import type { BoundFile } from "#work/bound.ts"
import type { LaunchProblem } from "#work/launch.ts"
import type { RunRefusal } from "#work/refusal.ts"
import type { Source } from "#work/source.ts"
import { type GivenFile, insertUpload, type LaidFile, type UploadRow } from "#work/sql/uploads.ts"
import { getUpload, plainName } from "#work/uploads.ts"
import type { WorkWorld } from "#work/world.ts"

/** Of one parameter. */
const MOST_FILES = 200

export type Given = {
  /** With what is kept in place of a path into the space: the bytes that were there at this moment. */
  readonly parameters: JsonObject
  readonly files: readonly GivenFile[]
}

type Asked = {
  readonly source: Pick<Source, "space" | "notebook" | "manifest">
  readonly parameters: JsonObject
  readonly files: readonly BoundFile[]
}

/** Every file that cannot be had is told at once, under its parameter's name. */
export async function filesGiven(world: WorkWorld, actor: Actor, { source, parameters, files }: Asked): Promise<Outcome<Given, RunRefusal>> {
  if (files.length === 0) return accepted({ parameters, files: [] })
  const tooMany = files.find(({ place }) => place >= MOST_FILES)
  if (tooMany)
    return badFiles([{ path: tooMany.parameter, message: `The parameter ${tooMany.parameter} takes at most ${MOST_FILES} files: give fewer.` }])
  const folder = await folderOf(world, source.notebook)
  const found = await Promise.all(files.map((file) => fileFor(world, actor, { file, source, folder })))
  const problems = found.flatMap((one, at): LaunchProblem[] => (one.ok ? [] : [{ path: files[at]?.parameter ?? "", message: one.refusal }]))
  if (problems.length > 0) return badFiles(problems)
  const uploads = found.flatMap((one, at) => {
    const { parameter = "", place = 0 } = files[at] ?? {}
    return one.ok && one.value ? [{ parameter, place, upload: one.value }] : []
  })
  const named = uploads.map(({ parameter, place, upload }) => ({ parameter, place, text: uploadNamed(upload.id) }))
  return accepted({ parameters: withTexts(parameters, named), files: placed(uploads, Object.keys(source.manifest), folder) })
}

function badFiles(problems: readonly LaunchProblem[]): Outcome<never, RunRefusal> {
  return refused({ refused: "bad_parameters", message: problems.map(({ message }) => message).join(" "), problems })
}

type For = { readonly file: BoundFile; readonly source: Asked["source"]; readonly folder: string }

/** The upload; undefined for a file of the version, which lies there already. */
async function fileFor(world: WorkWorld, actor: Actor, { file, source, folder }: For): Promise<Outcome<UploadRow | undefined, string>> {
  const id = uploadIn(file.value)
  if (id !== undefined) return uploadFor(world, actor, { file, notebook: source.notebook, id })
  const path = pathBeside(folder, file.value)
  // An address, or a place that every worker sees: its author says so, and nobody who runs it.
  if (path === undefined) return file.isDefault ? accepted(undefined) : refused(noPath(file))
  const mayRead = file.isDefault || (await mayReadBeside(world, actor, source))
  if (Object.hasOwn(source.manifest, path)) return mayRead ? accepted(undefined) : refused(noFile(file))
  const there =
    file.isGiven && (await mayReadBeside(world, actor, source)) ? await getFile(world.db, actor, { space: source.space, path }) : undefined
  if (!there?.ok) return refused(file.isGiven ? noFile(file) : noDefault(file))
  return keptNow(world, actor, { file, notebook: source.notebook, ...there.value })
}

type Upload = { readonly file: BoundFile; readonly notebook: string; readonly id: string }

async function uploadFor(world: WorkWorld, actor: Actor, { file: { parameter, type }, notebook, id }: Upload): Promise<Outcome<UploadRow, string>> {
  const upload = await getUpload(world, actor, id)
  // One for another notebook is told as one that is not there.
  if (!upload.ok || upload.value.notebook !== notebook)
    return refused(`The upload ${id} for ${parameter} is not there, or not yours to use here: send the file again.`)
  const wrong = fileMisfit(parameter, type, upload.value)
  return wrong === undefined ? accepted(upload.value) : refused(wrong)
}

/** Who may read the files of the space names any of them; who only runs the notebook takes its default, or sends one. */
async function mayReadBeside({ db }: WorkWorld, actor: Actor, { space, notebook }: Asked["source"]): Promise<boolean> {
  if (await can(db, actor, "read", { space: space as SpaceId })) return true
  return can(db, actor, "edit", { space: space as SpaceId, notebook: notebook as NotebookId })
}

type There = { readonly file: BoundFile; readonly notebook: string; readonly path: string; readonly sha256: string; readonly sizeBytes: number }

/** What is there at this moment is what the run gets, whenever it begins. */
async function keptNow(world: WorkWorld, actor: Actor, { file, notebook, path, sha256, sizeBytes }: There): Promise<Outcome<UploadRow, string>> {
  const name = plainName(path)
  const wrong = fileMisfit(file.parameter, file.type, { name, sizeBytes })
  if (wrong !== undefined) return refused(wrong)
  const at = world.clock.now()
  const id = newId<"Upload">(at, world.random)
  return accepted(await insertUpload(world.db, { id, notebook, person: actor.id, name, sha256, sizeBytes, at }))
}

function noPath({ parameter, value }: BoundFile): string {
  return `The parameter ${parameter} is a file, and ${shown(value)} is no path of one beside the notebook: send the file, and give upload: with its id.`
}

function noFile({ parameter, value }: BoundFile): string {
  return `There is no file ${shown(value)} beside the notebook for ${parameter}, or you may not read it: send the file, and give upload: with its id.`
}

function noDefault({ parameter, value }: BoundFile): string {
  return `The parameter ${parameter} was given no file, and this version has no ${shown(value)}, which it takes then: give one.`
}

function shown(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value)
}

async function folderOf({ db }: WorkWorld, notebook: string): Promise<string> {
  const { path } = await db.selectFrom("notebook").select("path").where("id", "=", notebook).executeTakeFirstOrThrow()
  return path.split("/").slice(0, -1).join("/")
}

type Taken = { readonly parameter: string; readonly place: number; readonly upload: Pick<UploadRow, "id" | "name"> }

/**
 * Where each lies, from the notebook's folder: `given/<parameter>/<name>`, beside nothing that the version brings. Of several that have one
 * name the later ones lie in folders of their own, by their place, so that each keeps its name. Pure.
 */
function placed(uploads: readonly Taken[], manifest: readonly string[], folder: string): readonly GivenFile[] {
  const inFolder = folder === "" ? "" : `${folder}/`
  const isFree = (name: string) => !manifest.some((path) => path === inFolder + name || path.startsWith(`${inFolder}${name}/`))
  let root = "given"
  for (let at = 2; !isFree(root); at++) root = `given-${at}`
  const folders = new Map<string, string>()
  const taken = new Set<string>()
  return uploads.map(({ parameter, place, upload }) => {
    const own = folders.get(parameter) ?? freeName(safeFileName(parameter), new Set(folders.values()))
    folders.set(parameter, own)
    const name = safeFileName(upload.name)
    // No two names that a disk without capitals takes for one.
    const isFirst = !taken.has(`${own}/${name}`.toLowerCase())
    taken.add(`${own}/${name}`.toLowerCase())
    return { parameter, place, upload: upload.id, path: `${root}/${own}/${isFirst ? "" : `${place + 1}/`}${name}` }
  })
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let at = 2; taken.has(free); at++) free = `${name}-${at}`
  return free
}

/** All that lies around a notebook in this folder: path in the space → digest. */
export function filesIn(manifest: Source["manifest"], files: readonly LaidFile[], folder: string): Source["manifest"] {
  const inFolder = folder === "" ? "" : `${folder}/`
  return { ...manifest, ...Object.fromEntries(files.map(({ path, sha256 }) => [inFolder + path, sha256])) }
}

/** What the code is given: the paths in place of what names the bytes. */
export function withPaths(parameters: JsonObject, files: readonly GivenFile[]): JsonObject {
  return withTexts(
    parameters,
    files.map(({ parameter, place, path }) => ({ parameter, place, text: path })),
  )
}

type Placed = { readonly parameter: string; readonly place: number; readonly text: string }

/** Each in place of the value, or of the item of a list, that it stands for. */
function withTexts(parameters: JsonObject, texts: readonly Placed[]): JsonObject {
  const values = new Map<string, Json>(Object.entries(parameters))
  for (const { parameter, place, text } of texts) {
    const value = values.get(parameter)
    values.set(parameter, isList(value) ? value.with(place, text) : text)
  }
  return Object.fromEntries(values)
}
