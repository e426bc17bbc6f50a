/** Routes of proofs: versions run from a fresh kernel to see whether they do what they did. */
import { z } from "zod"
import { json, route } from "#api/contract/route.ts"
import { Cursor, givenValues, limit, listOf, NotebookRef, PersonLink, PlainJson, Sha256, Time, Ulid } from "#api/contract/shapes.ts"

const Number1 = z.coerce.number().int().min(1).max(2_147_483_647)

export const Proof = z
  .object({
    id: Ulid,
    notebook: Ulid,
    version: z.int(),
    askedBy: PersonLink,
    askedAt: Time,
    runs: z.array(Ulid).meta({ description: "one, or two where it was asked for twice" }),
    parameters: PlainJson.meta({ description: "with which values it ran, where it was given any; secrets left out" }),
    secretNames: z.array(z.string()),
    files: z.array(z.object({ parameter: z.string(), name: z.string(), sha256: Sha256 })),
    state: z
      .enum(["running", "clean", "differs", "failed", "unclear"])
      .meta({ description: "clean: every run got to its end, and what is stored was shown again" }),
    said: z.string().meta({ description: "why it failed, or why nobody can tell" }),
    endedAt: Time.nullable(),
    environment: Sha256.nullable(),
    cells: z
      .array(
        z.object({
          cell: z.string(),
          number: z.int().meta({ description: "from 1, among all cells" }),
          is: z.enum(["same", "same_but_volatile", "unknown", "missing", "differs", "varies"]),
          why: z.string(),
        }),
      )
      .meta({ description: "of each cell that shows something: how that relates to what the version holds" }),
  })
  .meta({ id: "Proof" })

const tag = "Runs"

export const PROOF_ROUTES = {
  askProof: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/versions/{version}/proofs",
    tag,
    summary: "Run a version from a fresh kernel and compare what it shows with what it holds; twice tells chance from change",
    auth: "run",
    params: z.strictObject({ notebook: NotebookRef, version: Number1 }),
    body: json(
      z.strictObject({
        times: z.union([z.literal(1), z.literal(2)]).default(1),
        ...givenValues("as of a run; needed where the version has no values of its own"),
        mayWrite: z
          .boolean()
          .default(false)
          .meta({ description: "cells that change something outside may do so again; else they are listed and nothing runs" }),
      }),
    ),
    answers: { 201: { what: "It is under way", content: json(Proof) } },
    problems: [409, 422],
  }),
  listProofs: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/proofs",
    tag,
    summary: "How reruns of a notebook's versions came out",
    auth: "read",
    params: z.strictObject({ notebook: NotebookRef }),
    query: z.strictObject({ version: Number1.optional(), limit: limit(100, 20), cursor: Cursor.optional() }),
    answers: { 200: { what: "Newest first", content: json(listOf(Proof)) } },
  }),
}
