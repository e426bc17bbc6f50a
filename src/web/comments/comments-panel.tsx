/** What was said about a notebook and its cells: read beside them, answered, settled. */
import { Button } from "@mantine/core"
import { IconCheck, IconMessagePlus } from "@tabler/icons-react"
import { useState } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import css from "#web/comments/comments.module.css"
import { Composer } from "#web/comments/composer.tsx"
import { OneThread } from "#web/comments/one-thread.tsx"
import { threadsOf } from "#web/comments/threads.ts"

/** Others answer while one reads. */
const EVERY_MS = 10_000

export function useComments(notebook: string) {
  return useApi("listComments", { params: { notebook } }, { everyMs: EVERY_MS })
}

type Props = {
  readonly notebook: string
  /** In their order. */
  readonly cells: readonly string[]
  readonly active: string
  readonly mayComment: boolean
  readonly onOpen: (cell: string) => void
}

export function CommentsPanel({ notebook, cells, active, mayComment, onOpen }: Props) {
  const found = useComments(notebook)
  const forget = useForget()
  const [showsResolved, setShowsResolved] = useState(false)
  const comments = found.data?.items ?? []
  const threads = threadsOf(
    comments.filter((one) => showsResolved || comments.find(({ id }) => id === one.thread)?.resolvedAt === null),
    cells,
  )
  const resolved = comments.filter((one) => one.thread === one.id && one.resolvedAt !== null).length
  const begin = (text: string, mentions: readonly string[]) =>
    api.call("addComment", { params: { notebook }, body: { text, cell: active, mentions: [...mentions] } }).then(forget)
  return (
    <div className={css["comments"]}>
      {mayComment && <Composer key={active} label={`Comment on cell ${cells.indexOf(active) + 1}`} word="Comment" isSmall onSend={begin} />}
      {found.error && !found.data ? <Problem error={found.error} retry={found.refetch} /> : null}
      {found.isPending && <SkeletonRows rows={3} />}
      {found.data && threads.length === 0 && <Nothing mayComment={mayComment} isFiltered={resolved > 0} />}
      <ol className={css["threads"]} aria-label="Threads">
        {threads.map((thread) => (
          <OneThread
            key={thread.root.id}
            thread={thread}
            place={thread.cell === "" ? undefined : cells.indexOf(thread.cell) + 1}
            isHere={thread.cell !== "" && thread.cell === active}
            mayComment={mayComment}
            onOpen={() => thread.cell !== "" && onOpen(thread.cell)}
          />
        ))}
      </ol>
      {resolved > 0 && (
        <Button variant="subtle" leftSection={<IconCheck size={14} aria-hidden="true" />} onClick={() => setShowsResolved(!showsResolved)}>
          {showsResolved ? "Hide what is settled" : `Show what is settled (${resolved})`}
        </Button>
      )}
    </div>
  )
}

function Nothing({ mayComment, isFiltered }: { readonly mayComment: boolean; readonly isFiltered: boolean }) {
  return (
    <p className={css["nothing"]}>
      <IconMessagePlus size={18} stroke={1.6} aria-hidden="true" />
      {isFiltered
        ? "Everything that was said is settled."
        : mayComment
          ? "Nobody has said anything yet. Choose a cell and write about it; who is named finds it in their inbox."
          : "Nobody has said anything yet."}
    </p>
  )
}
