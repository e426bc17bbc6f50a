/** Routes of a notebook's draft, for programs; browsers speak over its socket (see live.ts). */
import { z } from "zod"
import { Version } from "#api/contract/library.ts"
import { bytes, json, route } from "#api/contract/route.ts"
import { line, NotebookRef, prose } from "#api/contract/shapes.ts"

const tag = "Library"
const params = z.strictObject({ notebook: NotebookRef })

const DraftSaved = z
  .object({ version: Version, created: z.boolean().meta({ description: "false: the draft's source is that of this version" }) })
  .meta({ id: "DraftSaved" })

export const DRAFT_ROUTES = {
  getDraft: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/draft",
    tag,
    summary: "The draft as it is at this moment, with the outputs that its cells show",
    auth: "read",
    params,
    answers: { 200: { what: "The draft as a notebook", content: bytes(["application/x-ipynb+json"]) } },
    problems: [503],
  }),
  saveDraft: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/draft/versions",
    tag,
    summary: "Save the draft as a version, if its source has changed; a label alone names the version that it is",
    auth: "edit",
    params,
    body: json(z.strictObject({ message: prose(2000).optional(), label: line(100).optional() })),
    answers: { 201: { what: "A new version", content: json(DraftSaved) }, 200: { what: "Nothing has changed", content: json(DraftSaved) } },
    problems: [409, 422, 503],
    repeatable: true,
  }),
  restoreDraft: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/draft/restore",
    tag,
    summary: "Edit the draft so that it says what a version says; what it said before is saved first",
    auth: "edit",
    params,
    body: json(z.strictObject({ version: z.int().min(1).max(2_147_483_647) })),
    answers: { 200: { what: "The version that it says now", content: json(Version) } },
    problems: [409, 422, 503],
    repeatable: true,
  }),
} as const
