/** Routes of a notebook's draft, for programs; browsers speak over its socket (see live.ts). */
import { z } from "zod"
import { Version } from "#api/contract/library.ts"
import { bytes, EMPTY, json, route } from "#api/contract/route.ts"
import { line, NotebookRef, prose, Sha256 } from "#api/contract/shapes.ts"

const tag = "Library"
const params = z.strictObject({ notebook: NotebookRef })

const DraftSaved = z
  .object({ version: Version, created: z.boolean().meta({ description: "false: the draft's source is that of this version" }) })
  .meta({ id: "DraftSaved" })

const DraftCompared = z
  .object({ isSame: z.boolean().meta({ description: "the draft's source is that of the version; outputs are not looked at" }) })
  .meta({ id: "DraftCompared" })

const Surroundings = z
  .object({
    environment: z
      .object({
        sha256: Sha256,
        language: z.string().meta({ description: "of its kernel" }),
        version: z.string().meta({ description: 'of its Python, "3.12"; "" where it is not known' }),
        modules: z.array(z.string()).nullable().meta({ description: "what can be imported there; null: no worker has asked yet" }),
      })
      .nullable()
      .meta({ description: "of the session that lives, otherwise what the draft would get; null: not known" }),
    files: z
      .object({
        folder: z.string().meta({ description: "the notebook's own" }),
        below: z.string().meta({ description: 'every file in this folder and below it is listed; "" is the space' }),
        paths: z.array(z.string()).meta({ description: "in the space" }),
      })
      .nullable()
      .meta({ description: "null: too many to be listed" }),
  })
  .meta({ id: "Surroundings" })

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
  compareDraft: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/draft/compared",
    tag,
    summary: "Whether the draft says what a version says, so that to restore it would change nothing; takes the right to see its code",
    auth: "read",
    params,
    query: z.strictObject({ version: z.coerce.number().int().min(1).max(2_147_483_647) }),
    answers: { 200: { what: "As it is at this moment", content: json(DraftCompared) } },
    problems: [422, 503],
  }),
  getSurroundings: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/surroundings",
    tag,
    summary: "What the draft could import where it would run, and the files beside it; takes the right to see its code",
    auth: "read",
    params,
    headers: z.object({ "if-none-match": z.string().max(1000).optional() }),
    answers: { 200: { what: "As far as it is known", content: json(Surroundings) }, 304: { what: "Unchanged", content: EMPTY } },
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
