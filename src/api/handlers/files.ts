/** Files beside notebooks; import and export. */
import type { FILE_ROUTES } from "#api/contract/space-routes.ts"
import { fileOf } from "#api/handlers/library-views.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { blobSource } from "#api/handlers/results.ts"
import { given } from "#api/handlers/spaces.ts"
import { exported, imported, importedUrl } from "#api/handlers/transfer.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Handlers, passed } from "#api/serve/handler.ts"
import { etagOf } from "#api/wire/ranges.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { type CatalogRefusal, getFile, listFiles, moveFile, moveFolder, putFile, restoreFile, trashFile, trashFolder } from "#library/index.ts"

export const FILES: Handlers<keyof typeof FILE_ROUTES> = {
  listFiles: async ({ api, actor, query }) =>
    passed(await listFiles(api.world.library.db, actor, given(query)), ({ items, next }) => ({
      kind: "json",
      status: 200,
      value: { items: items.map(fileOf), next: next ?? null },
    })),
  getFile: async ({ api, actor, query }) =>
    passed(await getFile(api.world.library.db, actor, query), (file) => ({
      kind: "bytes",
      source: blobSource(api, { sha256: file.sha256, sizeBytes: file.sizeBytes, mediaType: "application/octet-stream", fileName: file.path }),
    })),
  putFile: async ({ api, actor, request, query: { base, ...query }, body }) => {
    const asked = base === undefined ? baseOf(request.headers) : accepted(base)
    if (!asked.ok) return asked
    const put = await putFile(api.world.library, actor, { ...query, content: body, base: asked.value })
    if (!put.ok) return refused(withBothSides(put.refusal))
    const { file } = put.value
    return accepted({ kind: "json", status: 200, value: fileOf(file), headers: { etag: etagOf(file.sha256) } })
  },
  trashFile: async ({ api, actor, query }) => nothing(await trashFile(api.world.library, actor, query)),
  restoreFile: async ({ api, actor, body: { file: id, ...rest } }) =>
    passed(await restoreFile(api.world.library, actor, { id, ...given(rest) }), (file) => ({
      kind: "json",
      status: 200,
      value: fileOf(file),
    })),
  moveFile: async ({ api, actor, body }) =>
    passed(await moveFile(api.world.library, actor, given(body)), (file) => ({ kind: "json", status: 200, value: fileOf(file) })),
  moveFolder: async ({ api, actor, params, body }) =>
    passed(await moveFolder(api.world.library, actor, { space: params.space, ...given(body) }), (moved) => ({
      kind: "json",
      status: 200,
      value: moved,
    })),
  trashFolder: async ({ api, actor, params, body }) =>
    passed(await trashFolder(api.world.library, actor, { space: params.space, folder: body.folder }), (moved) => ({
      kind: "json",
      status: 200,
      value: moved,
    })),
  importZip: imported,
  importUrl: importedUrl,
  exportZip: exported,
}

type Conditions = { readonly "if-match"?: string | undefined; readonly "if-none-match"?: string | undefined }

/** Which file was changed, by its digest; null: none may be there; undefined: whichever is there. */
function baseOf(headers: Conditions): Outcome<string | null | undefined, AnyRefusal> {
  if (headers["if-none-match"] !== undefined) return accepted(null)
  const ifMatch = headers["if-match"]?.trim()
  if (ifMatch === undefined) return accepted(undefined)
  const sha256 = /^"([0-9a-f]{64})"$/u.exec(ifMatch)?.[1]
  if (sha256 !== undefined) return accepted(sha256)
  const errors = [{ in: "header" as const, path: "if-match", message: 'Give "…" with the digest of the file that was changed, as ETag had it.' }]
  return refused({ refused: "bad_request", message: "If-Match must be one strong ETag.", errors })
}

export function withBothSides(refusal: CatalogRefusal): AnyRefusal {
  if (refusal.refused !== "file_changed") return refusal
  const { theirs, yours, message } = refusal
  return { refused: "file_changed", message, facts: { theirs: theirs && { ...theirs, at: toIso(theirs.at) }, yours } }
}
