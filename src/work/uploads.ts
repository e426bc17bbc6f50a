/**
 * Files that people send to be a parameter of runs. They are kept as blobs and named by an id, never by their digest: nobody reads what others
 * sent by guessing. An upload is for one notebook, for whoever sent it and for whoever may see a run that took it.
 */
import { newId } from "#base/id.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type BlobContent, keepBlob, resolveVersion, type VersionRefusal } from "#library/index.ts"
import { fileSize } from "#notebook/index.ts"
import { type Actor, audit, type NotebookId, type SpaceId, verdict } from "#people/index.ts"
import { deleteOldUploads, deleteUpload, findUpload, holdUploads, insertUpload, type UploadRow, waitingUploads } from "#work/sql/uploads.ts"
import type { WorkWorld } from "#work/world.ts"

export type UploadRefusal =
  | { readonly refused: "no_such_upload"; readonly message: string }
  | { readonly refused: "empty_file"; readonly message: string }
  | { readonly refused: "uploads_full"; readonly message: string; readonly remedy: string }
  /** A run has it, and keeps it. */
  | { readonly refused: "upload_taken"; readonly message: string }

/** Of what a person sent and no run took yet. */
const MOST_WAITING = { files: 500, bytes: 20 * 1024 ** 3 }
const DAYS_WAITING = 7
const DAY_MS = 86_400_000

export type SendFile = {
  /** Id or `space/path`. */
  readonly notebook: string
  /** As the sender calls it: only its last part counts. */
  readonly name: string
  readonly content: BlobContent
  /** By the name of a template: it runs though its notebook is in the trash. */
  readonly evenTrashed?: boolean
}

export type Sent = { readonly upload: UploadRow; readonly isNew: boolean }

/** For those who may run the notebook; they are asked before a byte is taken. */
export async function sendFile(world: WorkWorld, actor: Actor, asked: SendFile): Promise<Outcome<Sent, UploadRefusal | VersionRefusal>> {
  const version = await resolveVersion(world.library, actor, "run", { notebook: asked.notebook, evenTrashed: asked.evenTrashed ?? false })
  if (!version.ok) return version
  const full = await whyFull(world, actor.id)
  if (full) return full
  const blob = await keepBlob(world.library, asked.content)
  const name = plainName(asked.name)
  if (blob.sizeBytes === 0)
    return refused({ refused: "empty_file", message: `The file ${JSON.stringify(name)} is empty: send one with something in it.` })
  const at = world.clock.now()
  const { notebook, space } = version.value
  return world.db.transaction().execute(async (tx) => {
    await holdUploads(tx, actor.id)
    const fullNow = await whyFull({ ...world, db: tx }, actor.id)
    if (fullNow) return fullNow
    const id = newId<"Upload">(at, world.random)
    const upload = await insertUpload(tx, { id, notebook, person: actor.id, name, ...blob, at })
    const isNew = upload.id === id
    const detail = { notebook, name, sha256: blob.sha256, sizeBytes: blob.sizeBytes }
    if (isNew) await audit(tx, { actor, action: "upload.send", thing: `upload/${id}`, space, outcome: "done", detail, at })
    return accepted({ upload, isNew })
  })
}

async function whyFull({ db, mostUploads }: Pick<WorkWorld, "db" | "mostUploads">, person: string) {
  const most = { ...MOST_WAITING, ...mostUploads }
  const waiting = await waitingUploads(db, person)
  if (waiting.files < most.files && waiting.bytes < most.bytes) return undefined
  const message = `You have sent ${waiting.files} files (${fileSize(waiting.bytes)}) that no run has taken yet: that is as much as is kept.`
  return refused({
    refused: "uploads_full" as const,
    message,
    remedy: `Run with them, or remove some; what is not taken goes after ${DAYS_WAITING} days.`,
  })
}

const LONGEST_NAME = 200

/** What people read: the last part of a path, without characters that turn or hide what stands beside them. */
export function plainName(name: string): string {
  const last = name.toWellFormed().normalize("NFC").split(/[/\\]/).at(-1) ?? ""
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]+/gu, " ").trim()
  if (plain === "" || plain === "." || plain === "..") return "file"
  const letters = [...plain]
  // Its ending says what it is, so a long name loses its middle.
  return letters.length <= LONGEST_NAME ? plain : `${letters.slice(0, LONGEST_NAME - 40).join("")}…${letters.slice(-39).join("")}`
}

/** One that the actor sent, or that a run has which they may see. */
export async function getUpload(world: Pick<WorkWorld, "db">, actor: Actor, id: string): Promise<Outcome<UploadRow, UploadRefusal>> {
  const upload = /^[0-9A-Z]{26}$/.test(id) ? await findUpload(world.db, id) : undefined
  return upload && (await mayUse(world, actor, upload)) ? accepted(upload) : noSuchUpload(id)
}

async function mayUse({ db }: Pick<WorkWorld, "db">, actor: Actor, { notebook, person, isTaken }: UploadRow): Promise<boolean> {
  if (person !== actor.id && !isTaken) return false
  const { space_id: space } = await db.selectFrom("notebook").select("space_id").where("id", "=", notebook).executeTakeFirstOrThrow()
  // Also of one's own: who was let out of the notebook since has no more to do with what was sent for it.
  return (await verdict(db, actor, "read", { space: space as SpaceId, notebook: notebook as NotebookId })) === "allowed"
}

function noSuchUpload(id: string): { readonly ok: false; readonly refusal: UploadRefusal } {
  return refused({ refused: "no_such_upload", message: `There is no upload ${JSON.stringify(id.slice(0, 60))}, or you may not see it.` })
}

/** Takes back what one sent, as long as no run has it. */
export async function dropUpload(world: WorkWorld, actor: Actor, id: string): Promise<Outcome<null, UploadRefusal>> {
  const found = await getUpload(world, actor, id)
  if (!found.ok) return found
  const { notebook, person, name } = found.value
  if (person !== actor.id) return taken(id)
  const at = world.clock.now()
  return world.db.transaction().execute(async (tx) => {
    if (!(await deleteUpload(tx, id))) return taken(id)
    await audit(tx, { actor, action: "upload.drop", thing: `upload/${id}`, outcome: "done", detail: { notebook, name }, at })
    return accepted(null)
  })
}

function taken(id: string): { readonly ok: false; readonly refusal: UploadRefusal } {
  return refused({ refused: "upload_taken", message: `A run has the upload ${id} and keeps it as long as it is kept itself.` })
}

const AT_ONCE = 500

/** What no run took in time. Gives how many went; their bytes are swept by the library. */
export async function sweepUploads({ db, clock }: Pick<WorkWorld, "db" | "clock">): Promise<number> {
  for (let total = 0; ; ) {
    const gone = await deleteOldUploads(db, { before: clock.now() - DAYS_WAITING * DAY_MS, limit: AT_ONCE })
    total += gone
    if (gone < AT_ONCE) return total
  }
}
