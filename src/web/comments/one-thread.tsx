/** One thread: what was said first, the answers, and what one may do with it. */
import { ActionIcon, Button, Menu } from "@mantine/core"
import { IconCheck, IconDots } from "@tabler/icons-react"
import { useState } from "react"
import { api, useForget } from "#web/app/api.ts"
import { useMe } from "#web/app/me.ts"
import { Disc } from "#web/app/person.tsx"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/comments/comments.module.css"
import { Composer } from "#web/comments/composer.tsx"
import type { Comment, Thread } from "#web/comments/threads.ts"
import { Markdown } from "#web/outputs/markdown.tsx"

type Props = {
  readonly thread: Thread
  /** The number of its cell. */
  readonly place: number | undefined
  readonly isHere: boolean
  readonly mayComment: boolean
  readonly onOpen: () => void
}

export function OneThread({ thread, place, isHere, mayComment, onOpen }: Props) {
  const { root, answers, isOrphan } = thread
  const forget = useForget()
  const isSettled = root.resolvedAt !== null
  const settle = async (isResolved: boolean) => {
    await api.call("changeComment", { params: { comment: root.id }, body: { isResolved } }).then(forget, toastError)
    if (isResolved) toast({ text: "The thread is settled.", undo: () => settle(false) })
  }
  const answer = (text: string, mentions: readonly string[]) =>
    api.call("addComment", { params: { notebook: root.notebook }, body: { text, thread: root.id, mentions: [...mentions] } }).then(forget)
  return (
    <li className={css["thread"]} data-here={isHere || undefined} data-settled={isSettled || undefined}>
      <div className={css["head"]}>
        {place === undefined ? (
          <span className={css["about"]}>{isOrphan ? "About a cell that is gone" : "About the notebook"}</span>
        ) : (
          <button type="button" className={css["about"]} onClick={onOpen}>
            Cell {place}
          </button>
        )}
        {isSettled && <span className={css["settled"]}>settled by {root.resolvedBy?.name ?? "somebody"}</span>}
        {mayComment && root.deletedAt === null && (
          <ActionIcon
            size={24}
            aria-label={isSettled ? "Open again" : "Settle"}
            title={isSettled ? "Open again" : "Settle"}
            onClick={() => settle(!isSettled)}
          >
            <IconCheck size={15} aria-hidden="true" />
          </ActionIcon>
        )}
      </div>
      {[root, ...answers].map((one) => (
        <OneComment key={one.id} comment={one} mayComment={mayComment} />
      ))}
      {mayComment && root.deletedAt === null && !isSettled && <Composer label="Answer" word="Answer" isSmall onSend={answer} />}
    </li>
  )
}

function OneComment({ comment, mayComment }: { readonly comment: Comment; readonly mayComment: boolean }) {
  const { person, isAdmin } = useMe()
  const [isEditing, setEditing] = useState(false)
  const forget = useForget()
  const isMine = comment.author.id === person.id
  const change = (text: string) =>
    api.call("changeComment", { params: { comment: comment.id }, body: { text } }).then(() => {
      setEditing(false)
      return forget()
    })
  const remove = () => api.call("deleteComment", { params: { comment: comment.id } }).then(forget, toastError)
  if (comment.deletedAt !== null) return <p className={css["gone"]}>This comment was taken back.</p>
  return (
    <div className={css["comment"]}>
      <Disc person={comment.author} />
      <div className={css["said"]}>
        <p className={css["who"]}>
          <b dir="auto">{comment.author.name}</b> <Time at={comment.createdAt} />
          {comment.editedAt !== null && <span title="Changed since"> · changed</span>}
          {mayComment && (isMine || isAdmin) && !isEditing && <Doings isMine={isMine} onEdit={() => setEditing(true)} onRemove={remove} />}
        </p>
        {isEditing ? (
          <Composer label="Comment" word="Save" text={comment.text} onSend={change} onCancel={() => setEditing(false)} />
        ) : (
          <Markdown source={comment.text} />
        )}
      </div>
    </div>
  )
}

type DoingsProps = { readonly isMine: boolean; readonly onEdit: () => void; readonly onRemove: () => void }

/** Taking back cannot be undone, so it takes two presses. */
function Doings({ isMine, onEdit, onRemove }: DoingsProps) {
  const [isSure, setSure] = useState(false)
  return (
    <Menu width={200} returnFocus onClose={() => setSure(false)} closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon size={22} className={css["doings"]} aria-label="More about this comment">
          <IconDots size={14} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {isMine && (
          <Menu.Item closeMenuOnClick onClick={onEdit}>
            Edit
          </Menu.Item>
        )}
        {isSure ? (
          <Button fullWidth color="red" onClick={onRemove}>
            Take it back for good
          </Button>
        ) : (
          <Menu.Item onClick={() => setSure(true)}>Take back…</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
