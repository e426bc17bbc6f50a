/** Routes of comments, and of what waits for somebody. */
import { z } from "zod"
import { EMPTY, json, route } from "#api/contract/route.ts"
import { Cursor, Flag, limit, listOf, NotebookRef, PersonLink, prose, SpaceRef, Time, Ulid } from "#api/contract/shapes.ts"

export const Comment = z
  .object({
    id: Ulid,
    notebook: Ulid,
    thread: Ulid.meta({ description: "the first comment of its thread; its own id for that one" }),
    cell: z.string().meta({ description: "id of the cell; empty: about the notebook" }),
    author: PersonLink,
    text: z.string().meta({ description: "Markdown; empty when it was deleted" }),
    createdAt: Time,
    editedAt: Time.nullable(),
    resolvedAt: Time.nullable(),
    resolvedBy: PersonLink.nullable(),
    deletedAt: Time.nullable(),
  })
  .meta({ id: "Comment" })

export const Notice = z
  .object({
    id: z.int(),
    kind: z.enum([
      "mention",
      "reply",
      "run_failed",
      "run_told",
      "run_ended",
      "tests_failed",
      "tests_waiting",
      "input_waiting",
      "access_asked",
      "access_given",
      "review_asked",
      "changes_asked",
      "approved",
      "promoted",
    ]),
    space: z.object({ id: Ulid, name: z.string() }).nullable(),
    notebook: z.object({ id: Ulid, path: z.string(), title: z.string() }).nullable(),
    run: Ulid.nullable(),
    proposal: Ulid.nullable().meta({ description: "that waits for my approval, or of mine that was decided about; whose checks fail" }),
    version: z.int().nullable().meta({ description: "whose tests wait for a yes" }),
    cell: z.string().meta({ description: "id of the cell that it is about; empty: none" }),
    comment: z.object({ id: Ulid, cell: z.string(), text: z.string().meta({ description: "its first 300 characters" }) }).nullable(),
    by: PersonLink.nullable(),
    said: z.string().meta({ description: "what somebody said with it; of a run that failed, why, unless its code is hidden" }),
    at: Time,
    readAt: Time.nullable(),
  })
  .meta({ id: "Notice" })

const Text = prose(20_000).refine((text) => text.trim() !== "", "A comment says something.")
const comment = z.strictObject({ comment: Ulid })
const nothing = (what: string) => ({ 204: { what, content: EMPTY } })

export const INBOX_ROUTES = {
  listInbox: route({
    method: "GET",
    path: "/api/v1/inbox",
    tag: "Inbox",
    summary: "What waits for me: mentions, answers, proposals to review, failed runs, cells that ask for input, requests for access",
    auth: "person",
    query: z.strictObject({ unread: Flag.optional(), limit: limit(200, 50), cursor: Cursor.optional() }),
    answers: { 200: { what: "Newest first", content: json(listOf(Notice)) } },
  }),
  countInbox: route({
    method: "GET",
    path: "/api/v1/inbox/count",
    tag: "Inbox",
    summary: "How much of it I have not read, counted to a thousand",
    auth: "person",
    answers: { 200: { what: "The number", content: json(z.object({ unread: z.int() })) } },
  }),
  readInbox: route({
    method: "POST",
    path: "/api/v1/inbox/read",
    tag: "Inbox",
    summary: "I have read these, or all of it",
    auth: "person",
    body: json(z.strictObject({ ids: z.array(z.int().min(1)).max(1000).optional() })),
    answers: { 200: { what: "How many were unread", content: json(z.object({ read: z.int() })) } },
    repeatable: true,
  }),
  answerTold: route({
    method: "POST",
    path: "/api/v1/inbox/{notice}/answer",
    tag: "Inbox",
    summary: "Answer who told me of a run that did not succeed: they find it in their inbox, with the run",
    auth: "person",
    params: z.strictObject({ notice: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    body: json(z.strictObject({ text: prose(1000).refine((text) => text.trim() !== "", "An answer says something.") })),
    answers: { 200: { what: "Who was answered", content: json(z.object({ answered: PersonLink })) } },
    problems: [404, 409],
    repeatable: true,
  }),
  listComments: route({
    method: "GET",
    path: "/api/v1/notebooks/{notebook}/comments",
    tag: "Comments",
    summary: "The comments of a notebook: threads in the order they were begun, each followed by its answers",
    auth: "read",
    params: z.strictObject({ notebook: NotebookRef }),
    query: z.strictObject({ resolved: Flag.optional() }),
    answers: { 200: { what: "At most 5,000", content: json(listOf(Comment)) } },
  }),
  addComment: route({
    method: "POST",
    path: "/api/v1/notebooks/{notebook}/comments",
    tag: "Comments",
    summary: "Comment on a notebook or one of its cells, or answer; who is mentioned and may read it finds it in their inbox",
    auth: "comment",
    params: z.strictObject({ notebook: NotebookRef }),
    body: json(
      z.strictObject({
        text: Text,
        thread: Ulid.optional(),
        cell: prose(64).optional(),
        mentions: z.array(Ulid).max(50).default([]),
      }),
    ),
    answers: { 201: { what: "The comment", content: json(Comment) } },
  }),
  changeComment: route({
    method: "PATCH",
    path: "/api/v1/comments/{comment}",
    tag: "Comments",
    summary: "Say it otherwise, or settle its thread",
    auth: "comment",
    params: comment,
    body: json(z.strictObject({ text: Text.optional(), isResolved: z.boolean().optional() })),
    answers: { 200: { what: "As it is now", content: json(Comment) } },
    repeatable: true,
  }),
  deleteComment: route({
    method: "DELETE",
    path: "/api/v1/comments/{comment}",
    tag: "Comments",
    summary: "Take back a comment",
    auth: "comment",
    params: comment,
    answers: nothing("What it said is gone"),
  }),
  askAccess: route({
    method: "POST",
    path: "/api/v1/access-requests",
    tag: "Inbox",
    summary: "Ask those who administer a space for access to it, or to a notebook. The answer is the same whether there is such a thing or not",
    auth: "session",
    body: json(
      z
        .strictObject({ notebook: NotebookRef.optional(), space: SpaceRef.optional(), text: prose(1000).default("") })
        .refine(({ notebook, space }) => (notebook === undefined) !== (space === undefined), "Name a notebook or a space."),
    ),
    answers: nothing("Whoever administers it, if it is there, has been told"),
    repeatable: true,
  }),
} as const
