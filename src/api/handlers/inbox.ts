/** Comments, and what waits for somebody. */
import type { z } from "zod"
import type { Comment, INBOX_ROUTES, Notice } from "#api/contract/inbox-routes.ts"
import { badCursor } from "#api/handlers/cursor.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import { type Handlers, passed, sendNothing, sendValue } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import { addComment, askAccess, type CommentRow, changeComment, deleteComment, listComments } from "#library/index.ts"
import { countUnread, listNotices, markRead, type NoticeView, type PersonId } from "#people/index.ts"
import { answerTold } from "#template/index.ts"

export const INBOX: Handlers<keyof typeof INBOX_ROUTES> = {
  listInbox: async ({ api, actor, query }) => {
    const before = query.cursor === undefined ? undefined : placeIn(query.cursor)
    if (before === null) return badCursor()
    const found = await listNotices(api.world.people.db, actor, {
      limit: query.limit,
      ...(before === undefined ? {} : { before }),
      ...(query.unread === undefined ? {} : { unread: query.unread }),
    })
    const last = found.length === query.limit ? found.at(-1) : undefined
    return sendValue<"listInbox">(200, { items: found.map(noticeOf), next: last ? `${last.at}.${last.id}` : null })
  },
  countInbox: async ({ api, actor }) => sendValue<"countInbox">(200, { unread: await countUnread(api.world.people.db, actor) }),
  readInbox: async ({ api, actor, body }) =>
    sendValue<"readInbox">(200, { read: await markRead(api.world.people.db, actor, { ids: body.ids, at: api.world.clock.now() }) }),
  answerTold: async ({ api, actor, params, body }) =>
    passed(await answerTold(api.world.work, actor, { notice: params.notice, said: body.text }), (answered) => ({
      kind: "json",
      status: 200,
      value: { answered },
    })),
  listComments: async ({ api, actor, params, query }) =>
    passed(await listComments(api.world.library.db, actor, { ...params, resolved: query.resolved }), (rows) => ({
      kind: "json",
      status: 200,
      value: { items: rows.map(commentOf), next: null },
    })),
  addComment: async ({ api, actor, params, body }) =>
    passed(await addComment(api.world.library, actor, { ...params, ...body, mentions: body.mentions as PersonId[] }), (row) => ({
      kind: "json",
      status: 201,
      value: commentOf(row),
    })),
  changeComment: async ({ api, actor, params, body }) =>
    passed(await changeComment(api.world.library, actor, { ...params, ...body }), (row) => ({ kind: "json", status: 200, value: commentOf(row) })),
  deleteComment: async ({ api, actor, params }) =>
    passed(await deleteComment(api.world.library, actor, params.comment), () => ({ kind: "empty" as const })),
  askAccess: async ({ api, actor, body }) => {
    await askAccess(api.world.library, actor, { notebook: body.notebook, space: body.space, said: body.text })
    return sendNothing()
  },
}

/** Undefined is never in here: null when the cursor was not made by this list. */
function placeIn(cursor: string): { readonly at: number; readonly id: number } | null {
  const found = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor)
  return found ? { at: Number(found[1]), id: Number(found[2]) } : null
}

function noticeOf(row: NoticeView): z.output<typeof Notice> {
  return { ...row, at: toIso(row.at), readAt: isoOrNull(row.readAt) }
}

function commentOf(row: CommentRow): z.output<typeof Comment> {
  const { createdAt, editedAt, resolvedAt, deletedAt, ...rest } = row
  return {
    ...rest,
    createdAt: toIso(createdAt),
    editedAt: isoOrNull(editedAt),
    resolvedAt: isoOrNull(resolvedAt),
    deletedAt: isoOrNull(deletedAt),
  }
}
