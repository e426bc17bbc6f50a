/** Archives in and out. */
import { createWriteStream } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { given } from "#api/handlers/spaces.ts"
import { type Api, type Handler, passed } from "#api/serve/handler.ts"
import { exportSpace, type ImportReport, importArchive, importPieces, importUrl } from "#library/index.ts"

export const imported: Handler<"importZip"> = async ({ api, actor, query, body }) => {
  // Before a byte of it is taken from somebody who may not even put it here.
  const allowed = await importPieces(api.world.library, actor, { ...given(query), dryRun: true, pieces: [] })
  if (!allowed.ok) return allowed
  const held = await hold(api, body as unknown as AsyncIterable<Uint8Array>)
  try {
    return passed(await importArchive(api.world.library, actor, { ...given(query), archive: { file: held.file } }), (report) => ({
      kind: "json",
      status: 200,
      value: reportOf(report),
    }))
  } finally {
    await held.drop()
  }
}

export const importedUrl: Handler<"importUrl"> = async ({ api, actor, body }) =>
  passed(await importUrl(api.world.library, actor, given(body)), (report) => ({ kind: "json", status: 200, value: reportOf(report) }))

export const exported: Handler<"exportZip"> = async ({ api, actor, query }) =>
  passed(await exportSpace(api.world.library, actor, query), ({ name, entries }) => ({
    kind: "pieces",
    pieces: api.world.zip(entries),
    mediaType: "application/zip",
    fileName: `${name}.zip`,
  }))

function reportOf({ entries, dryRun }: ImportReport) {
  return { entries: entries.map(({ lacks, ...entry }) => given({ ...entry, lacks: lacks && [...lacks] })), dryRun }
}

/** An archive's table of contents stands at its end, so all of it must be there before it can be read. Its name is ours, never the sender's. */
async function hold({ options }: Api, bytes: AsyncIterable<Uint8Array>) {
  const folder = await mkdtemp(join(options.uploadFolder ?? tmpdir(), "stet-upload-"))
  const file = join(folder, "archive.zip")
  const drop = () => rm(folder, { recursive: true, force: true })
  try {
    await pipeline(Readable.from(bytes), createWriteStream(file, { mode: 0o600 }))
  } catch (error) {
    await drop()
    throw error
  }
  return { file, drop }
}
