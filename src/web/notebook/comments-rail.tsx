/** At the right of the cells: what was said about them. */
import { ActionIcon } from "@mantine/core"
import { IconMessage, IconX } from "@tabler/icons-react"
import { useApi } from "#web/app/api.ts"
import { isAtLeast } from "#web/app/me.ts"
import { counted } from "#web/app/words.ts"
import { CommentsPanel, useComments } from "#web/comments/comments-panel.tsx"
import css from "#web/notebook/comments-rail.module.css"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"

export function CommentsRail({ info }: { readonly info: NotebookInfo }) {
  const { notebook } = useDesk()
  const isOpen = useStore(notebook.view, (view) => view.comments)
  return isOpen ? <Rail info={info} /> : null
}

function Rail({ info }: { readonly info: NotebookInfo }) {
  const { notebook, desk, act } = useDesk()
  const may = useMay()
  const space = useApi("getSpace", { params: { space: info.space.id } })
  const ids = useStore(notebook.structure, (structure) => structure.ids)
  const active = useStore(notebook.selection, (selection) => selection.active)
  const open = (cell: string) => {
    if (!notebook.structure.get().cells.has(cell)) return
    notebook.selection.set(at(cell))
    desk.reveal(cell, "center")
  }
  return (
    <aside className={css["rail"]} aria-label="Comments">
      <div className={css["head"]}>
        <h2>Comments</h2>
        <ActionIcon size={24} aria-label="Close the comments" onClick={() => act("rail.comments")}>
          <IconX size={14} aria-hidden="true" />
        </ActionIcon>
      </div>
      <CommentsPanel
        notebook={info.id}
        cells={ids}
        active={active}
        mayComment={may.run || may.edit || isAtLeast(space.data?.role ?? null, "commenter")}
        onOpen={open}
      />
    </aside>
  )
}

/** At a cell that something was said about. */
export function CommentMark({ cell }: { readonly cell: string }) {
  const { notebook } = useDesk()
  const { data } = useComments(notebook.id)
  const count = data?.items.filter((one) => one.cell === cell && data.items.find(({ id }) => id === one.thread)?.resolvedAt === null).length ?? 0
  if (count === 0) return null
  const open = () => {
    notebook.selection.set(at(cell))
    notebook.view.change((was) => ({ ...was, comments: true }))
  }
  return (
    <button
      type="button"
      className={css["mark"]}
      title={counted(count, "comment")}
      aria-label={`${counted(count, "comment")} on this cell`}
      onClick={open}
    >
      <IconMessage size={13} aria-hidden="true" /> {count}
    </button>
  )
}
