/** Files that are sent to be a parameter of runs. */
import type { z } from "zod"
import type { UPLOAD_ROUTES, Upload } from "#api/contract/upload-routes.ts"
import { nothing } from "#api/handlers/nothing.ts"
import { worldOf } from "#api/handlers/template-world.ts"
import type { AnyRefusal } from "#api/problem.ts"
import { type Handlers, passed } from "#api/serve/handler.ts"
import type { Outcome } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import { uploadNamed } from "#notebook/index.ts"
import { sendTemplateFile } from "#template/index.ts"
import { dropUpload, getUpload, type Sent, sendFile, type UploadRow } from "#work/index.ts"

export const UPLOADS: Handlers<keyof typeof UPLOAD_ROUTES> = {
  sendFile: async ({ api, actor, params, query, body }) =>
    sent(await sendFile(api.world.work, actor, { notebook: params.notebook, name: query.name, content: body })),
  sendTemplateFile: async ({ api, actor, params, query, body }) =>
    sent(await sendTemplateFile(worldOf(api), actor, { template: params.template, name: query.name, content: body })),
  getUpload: async ({ api, actor, params }) =>
    passed(await getUpload(api.world.work, actor, params.upload), (row) => ({ kind: "json", status: 200, value: uploadOf(row) })),
  dropUpload: async ({ api, actor, params }) => nothing(await dropUpload(api.world.work, actor, params.upload)),
}

function sent(outcome: Outcome<Sent, AnyRefusal>) {
  return passed(outcome, ({ upload, isNew }) => ({
    kind: "json" as const,
    status: isNew ? (201 as const) : (200 as const),
    value: uploadOf(upload),
    headers: { location: `/api/v1/uploads/${upload.id}` },
  }))
}

function uploadOf({ id, name, sizeBytes, sha256, notebook, sentAt, isTaken }: UploadRow): z.output<typeof Upload> {
  return { id, value: uploadNamed(id), name, sizeBytes, sha256, notebook, sentAt: toIso(sentAt), isTaken }
}
