import { useEffect } from "react"
import css from "#web/notebook/cell.module.css"
import { CodeCell, useText } from "#web/notebook/code-cell.tsx"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { at } from "#web/notebook/selection.ts"
import type { CellShape } from "#web/notebook/structure.ts"
import { Markdown } from "#web/outputs/markdown.tsx"

type Props = { readonly cell: CellShape; readonly label: string; readonly isEditing: boolean }

/** Set text; its source while somebody types in it. */
export function MarkdownCell({ cell, label, isEditing }: Props) {
  const { notebook, act } = useDesk()
  const may = useMay()
  const text = useText(cell, (source) => source)
  useEffect(() => {
    if (isEditing && !may.edit) notebook.selection.change((was) => (was.active === cell.id ? at(cell.id) : was))
  }, [isEditing, may.edit, notebook, cell.id])
  if (isEditing && may.edit) return <CodeCell cell={cell} label={label} isEditing />
  return (
    // Enter does the same for who has no mouse: it is the notebook's key.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      className={css["prose"]}
      onDoubleClick={() => {
        notebook.selection.set(at(cell.id))
        act("edit.enter")
      }}
    >
      {text.trim() === "" ? (
        <p className={css["hint"]}>Empty text. Press Enter to write.</p>
      ) : (
        <Markdown source={text} attachments={cell.attachments} />
      )}
    </div>
  )
}
