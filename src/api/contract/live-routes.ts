/** Routes of live sessions: which there are, and what is too long for their socket. What is said in one goes over that (api/live.ts). */
import { z } from "zod"
import { byteAnswers, Conditional } from "#api/contract/byte-answers.ts"
import { File } from "#api/contract/library.ts"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { listOf, Path, PersonLink, Sha256, Time, Ulid } from "#api/contract/shapes.ts"

const tag = "Live sessions"

const LiveSession = z
  .object({
    id: Ulid,
    notebook: z.object({ id: Ulid, path: z.string(), space: z.object({ id: Ulid, name: z.string() }) }),
    state: z.enum(["starting", "idle", "busy", "restarting", "dead"]),
    explanation: z.string().meta({ description: "says more about a kernel that died" }),
    kernelName: z.string(),
    displayName: z.string(),
    environment: z.string(),
    startedBy: PersonLink.meta({ description: "whose rights it runs with" }),
    startedAt: Time,
    endsAt: Time.nullable().meta({ description: "when it is ended if nothing happens; null while it is busy" }),
  })
  .meta({ id: "LiveSession" })

const SessionFiles = z
  .object({
    isLive: z.boolean().meta({ description: "whether there is a session; otherwise these were left by the last one" }),
    files: z.array(z.object({ path: z.string(), sizeBytes: z.int(), changedAt: Time })),
    left: z.array(z.string()).meta({ description: "why some are not among them, a sentence each" }),
  })
  .meta({ id: "SessionFiles" })

export const LIVE_ROUTES = {
  listLiveSessions: route({
    method: "GET",
    path: "/api/v1/live-sessions",
    tag,
    summary: "Sessions of notebooks that I may read, newest first, at most a thousand",
    auth: "person",
    answers: { 200: { what: "Those that live", content: json(listOf(LiveSession)) } },
  }),
  endLiveSession: route({
    method: "DELETE",
    path: "/api/v1/live-sessions/{live}",
    tag,
    summary: "End a session and its kernel; takes the right to run its notebook",
    auth: "run",
    params: z.strictObject({ live: Ulid }),
    answers: { 204: { what: "It ends", content: EMPTY } },
    problems: [503],
  }),
  listSessionFiles: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/session-files",
    tag,
    summary: "What cells wrote beside the notebook: in the session that lives, otherwise what the last one left. Takes the right to run it",
    auth: "run",
    params: z.strictObject({ notebook: Ulid }),
    answers: { 200: { what: "By path", content: json(SessionFiles) } },
    problems: [503],
  }),
  getSessionFile: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/session-files/content",
    tag,
    summary: "The bytes of one of them as they are now",
    auth: "run",
    params: z.strictObject({ notebook: Ulid }),
    query: z.strictObject({ path: Path }),
    headers: Conditional,
    answers: byteAnswers("application/octet-stream"),
    problems: [416, 503],
  }),
  keepSessionFile: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/session-files/keep",
    tag,
    summary: "Put one of them into the notebook's space, at the same path: a file there is replaced, unless `base` says which one it was",
    auth: "edit",
    params: z.strictObject({ notebook: Ulid }),
    body: json(z.strictObject({ path: Path, base: Sha256.nullable().optional() })),
    answers: { 200: { what: "The file in the space", content: json(File) } },
    problems: [409, 413, 422, 503],
    repeatable: true,
  }),
  getExecutionData: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/executions/{execution}/data/{sha256}",
    tag,
    summary: "A long string of an output, as its metadata names it; what is base64 in a notebook comes as the bytes it stands for",
    auth: "read",
    params: z.strictObject({ notebook: Ulid, execution: Ulid, sha256: Sha256 }),
    headers: Conditional,
    answers: byteAnswers("*/*"),
    problems: [416],
  }),
} as const
