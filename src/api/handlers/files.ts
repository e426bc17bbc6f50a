/** Files beside notebooks; import and export. */
import type { FILE_ROUTES } from "#api/contract/space-routes.ts"
import { fileOf } from "#api/handlers/library-views.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { blobSource } from "#api/handlers/results.ts"
import { given } from "#api/handlers/spaces.ts"
import { exported, imported, importedUrl } from "#api/handlers/transfer.ts"
import { type Handlers, passed } from "#api/serve/handler.ts"
import { getFile, listFiles, moveFile, moveFolder, putFile, restoreFile, trashFile, trashFolder } from "#library/index.ts"

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
  putFile: async ({ api, actor, query, body }) =>
    passed(await putFile(api.world.library, actor, { ...query, content: body }), ({ file }) => ({ kind: "json", status: 200, value: fileOf(file) })),
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
