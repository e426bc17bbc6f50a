/** Routes of files that are sent to be a parameter of runs. */
import { z } from "zod"
import { bytes, EMPTY, json, route } from "#api/contract/route.ts"
import { line, NotebookRef, Sha256, Time, Ulid } from "#api/contract/shapes.ts"
import { TemplateName } from "#api/contract/templates.ts"

const UPLOAD_LIMIT = 2 * 1024 ** 3

export const Upload = z
  .object({
    id: Ulid,
    value: z.string().meta({ description: "what the parameter is given: upload: and the id" }),
    name: z.string(),
    sizeBytes: z.int(),
    sha256: Sha256,
    notebook: Ulid,
    sentAt: Time,
    isTaken: z.boolean().meta({ description: "a run has it, and keeps it; what no run takes goes after seven days" }),
  })
  .meta({ id: "Upload" })

const tag = "Runs"
const query = z.strictObject({ name: line(1000).meta({ description: "the file's name: its ending says what it is" }) })
const upload = z.strictObject({ upload: Ulid })
const answers = {
  201: { what: "Sent", content: json(Upload) },
  200: { what: "You have sent the same before: it is that one", content: json(Upload) },
}

export const UPLOAD_ROUTES = {
  sendFile: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/uploads",
    tag,
    summary: "Send a file for a parameter of this notebook; the launch names it by its value",
    auth: "run",
    params: z.strictObject({ notebook: NotebookRef }),
    query,
    body: bytes(["*/*"], UPLOAD_LIMIT),
    answers,
    problems: [409, 413, 422],
    repeatable: true,
  }),
  sendTemplateFile: route({
    method: "POST",
    path: "/api/v1/templates/{template}/uploads",
    tag,
    summary: "Send a file for a parameter of this template; the launch names it by its value",
    auth: "run",
    params: z.strictObject({ template: TemplateName }),
    query,
    body: bytes(["*/*"], UPLOAD_LIMIT),
    answers,
    problems: [409, 413, 422],
    repeatable: true,
  }),
  getUpload: route({
    method: "GET",
    path: "/api/v1/uploads/{upload}",
    tag,
    summary: "A file that I sent, or that a run has which I may see",
    auth: "person",
    params: upload,
    answers: { 200: { what: "About it", content: json(Upload) } },
  }),
  dropUpload: route({
    method: "DELETE",
    path: "/api/v1/uploads/{upload}",
    tag,
    summary: "Take back a file that I sent and no run has taken",
    auth: "person",
    params: upload,
    answers: { 204: { what: "Gone", content: EMPTY } },
    problems: [409],
  }),
} as const
