/** A result becomes a notebook of its own, to be worked on. */
import { z } from "zod"
import { Notebook } from "#api/contract/library.ts"
import { json, route } from "#api/contract/route.ts"
import { Path, SpaceRef, Ulid } from "#api/contract/shapes.ts"

export const COPY_ROUTES = {
  copyResult: route({
    method: "POST",
    path: "/api/v1/runs/{run}/copy",
    tag: "Runs",
    summary: "Make a notebook that begins as the result of this run, outputs included; without a path beside its notebook, with the next free number",
    auth: "edit",
    params: z.strictObject({ run: Ulid }),
    body: json(z.strictObject({ space: SpaceRef.optional(), path: Path.optional(), attempt: z.int().min(1).max(10_000).optional() }).default({})),
    answers: { 201: { what: "The notebook", content: json(Notebook) } },
    problems: [409, 422],
  }),
} as const
