/** At the right of the cells: what was said about them. */
import { ActionIcon } from "@mantine/core"
import { IconMessage, IconX } from "@tabler/icons-react"
import { useEffect, useRef } from "react"
import { counted } from "#web/app/words.ts"
import { CommentsPanel, useComments } from "#web/comments/comments-panel.tsx"
import { openIn } from "#web/comments/threads.ts"
import css from "#web/notebook/comments-rail.module.css"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"

export function CommentsRail({ info }: { readonly info: NotebookInfo }) {
  const { notebook } = useDesk()
  const isOpen = useStore(notebook.view, (view) => view.comments)
  useLinkedComments(notebook)
  return isOpen ? <Rail info={info} /> : null
}

/** A link to a cell that something was said about opens what was said: it is what the inbox leads to. */
function useLinkedComments(notebook: OpenNotebook): void {
  const { data } = useComments(notebook.id)
  const isDone = useRef(false)
  useEffect(() => {
    if (!data || isDone.current) return
    isDone.current = true
    const linked = new URLSearchParams(globalThis.location.search).get("cell")
    if (linked !== null && data.items.some(({ cell, deletedAt }) => cell === linked && deletedAt === null))
      notebook.view.change((was) => ({ ...was, comments: true }))
  }, [data, notebook])
}

/** The menu from which it is asked gives the focus back when it closes; the text field takes it after that. */
const AFTER_MENU_MS = 80

export function commentOn(notebook: OpenNotebook, cell: string): void {
  notebook.selection.set(at(cell))
  notebook.view.change((was) => ({ ...was, comments: true }))
  setTimeout(() => document.querySelector<HTMLElement>(`aside.${css["rail"]} textarea`)?.focus(), AFTER_MENU_MS)
}

function Rail({ info }: { readonly info: NotebookInfo }) {
  const { notebook, desk, act } = useDesk()
  const may = useMay()
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
      <CommentsPanel notebook={info.id} cells={ids} active={active} mayComment={may.comment} onOpen={open} />
    </aside>
  )
}

/** At a cell that something was said about. */
export function CommentMark({ cell }: { readonly cell: string }) {
  const { notebook } = useDesk()
  const { data } = useComments(notebook.id)
  const count = openIn(data?.items ?? []).get(cell) ?? 0
  if (count === 0) return null
  const open = () => {
    notebook.selection.set(at(cell))
    notebook.view.change((was) => ({ ...was, comments: true }))
  }
  return (
    <button
      type="button"
      className={css["mark"]}
      title={counted(count, "open thread")}
      aria-label={`${counted(count, "open thread")} on this cell`}
      onClick={open}
    >
      <IconMessage size={13} aria-hidden="true" /> {count}
    </button>
  )
}
